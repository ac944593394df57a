//! Elements inside a paragraph: spans, blanks, notes, fields.

use std::rc::Rc;

use super::fields::{holds, plain};
use super::flow::Target;
use super::style::Style;
use super::walk::{Attrs, Context, End, MACHINE_ONLY, NOT_DISPLAYED, TOOLTIP, Walk};
use crate::domain::document::{Alternate, BlockKind, Visibility};
use crate::domain::limits::ODF_BLANKS_MAX;

impl Walk<'_> {
    /// Elements inside a paragraph.
    pub(super) fn inline(&mut self, name: &str, attrs: &Attrs, context: &mut Context) -> End {
        let seen = Self::verdict(context);
        match name {
            "span" => {
                let style = self.styles.get("text", attrs.get("style-name").unwrap_or_default());
                context.letters = Rc::new(style.within(&context.letters));
            }
            "a" => self.link(attrs),
            "s" => {
                let count = attrs.number("c").unwrap_or(1);
                let count = usize::try_from(count).unwrap_or(1).min(ODF_BLANKS_MAX);
                self.flow.exactly(&" ".repeat(count), seen);
            }
            "tab" => self.flow.exactly("\t", seen),
            "line-break" => self.flow.exactly("\n", seen),
            "note-body" => {
                context.inline = false;
                context.target = Target::Page(BlockKind::Paragraph);
                context.letters = Rc::new(Style::default());
            }
            "annotation" => self.annotation(context),
            "ruby-text" => {
                context.seen = context.seen.or(Some(Visibility::Alternate(Alternate::ScreenReader)))
            }
            "hidden-text" => {
                let text = attrs.say("string-value").unwrap_or_default().to_owned();
                let is_hidden = holds(attrs).unwrap_or(attrs.get("is-hidden") == Some("true"));
                let hidden = context.seen.unwrap_or(NOT_DISPLAYED);
                self.flow.exactly(&text, if is_hidden { hidden } else { seen });
                self.flow.begin_field();
                return End::Field(text);
            }
            "hidden-paragraph" => {
                if holds(attrs).unwrap_or(attrs.get("is-hidden") == Some("true")) {
                    self.flow.hide(NOT_DISPLAYED);
                }
            }
            "conditional-text" => {
                if let Some(truth) = holds(attrs) {
                    let text = |name: &str| attrs.say(name).unwrap_or_default().to_owned();
                    let (yes, no) = (text("string-value-if-true"), text("string-value-if-false"));
                    let (shown, hidden) = if truth { (yes, no) } else { (no, yes) };
                    self.flow.exactly(&hidden, context.seen.unwrap_or(NOT_DISPLAYED));
                    self.flow.exactly(&shown, seen);
                    self.flow.begin_field();
                    return End::Field(shown);
                }
                self.beside(attrs, "string-value-if-true", NOT_DISPLAYED);
                self.beside(attrs, "string-value-if-false", NOT_DISPLAYED);
            }
            "expression" => {
                let formula = attrs.say("formula").map(plain).unwrap_or_default();
                self.flow.beside(&formula, MACHINE_ONLY, None);
                if let Some(text) = crate::parse::xlsx::plain_text(&formula) {
                    self.flow.exactly(&text, seen);
                    self.flow.begin_field();
                    return End::Field(text);
                }
                self.beside(attrs, "string-value", MACHINE_ONLY);
            }
            "drop-down" => self.beside(attrs, "name", TOOLTIP),
            "label" => self.beside(attrs, "value", Visibility::Alternate(Alternate::FormField)),
            "script" => {
                context.seen = Some(MACHINE_ONLY);
                self.active();
            }
            "event-listener" => self.active(),
            "text-input" | "placeholder" | "execute-macro" => {
                self.beside(attrs, "description", TOOLTIP);
            }
            _ if attrs.get("display") == Some("none") => {
                context.seen = context.seen.or(Some(NOT_DISPLAYED));
                self.beside(attrs, "string-value", NOT_DISPLAYED);
            }
            _ => {
                for name in ["string-value", "key1", "key2", "content"] {
                    self.beside(attrs, name, MACHINE_ONLY);
                }
            }
        }
        End::Nothing
    }
}
