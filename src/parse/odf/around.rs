//! Elements outside paragraphs: lists, sections, notes, headers, scripts.

use std::rc::Rc;

use super::fields::holds;
use super::flow::Target;
use super::style::Style;
use super::walk::{Attrs, Context, End, MACHINE_ONLY, NOT_DISPLAYED, NOTES, TOOLTIP, Walk, place};
use crate::domain::document::{Alternate, BlockKind, Format, Hiding, Visibility};

impl Walk<'_> {
    /// Elements outside paragraphs.
    pub(super) fn around(&mut self, name: &str, attrs: &Attrs, context: &mut Context) -> End {
        match name {
            "list-item" | "list-header" => {
                if let Target::Page(kind) = &mut context.target {
                    *kind = BlockKind::ListItem;
                }
            }
            "section" | "index-body" | "table-of-content" => self.section(attrs, context),
            "text-box" => {
                context.indent = None;
            }
            "spreadsheet" => context.in_sheet = true,
            "drawing" | "presentation" => context.in_drawing = true,
            "chart" => (context.in_drawing, context.in_chart) = (true, true),
            "tracked-changes" => context.seen = Some(Visibility::Hidden(Hiding::Deleted)),
            "change-info" | "meta" => {
                context.seen = Some(Visibility::Metadata);
                context.target = Target::Beside(None);
                context.loose = Visibility::Metadata;
            }
            "creator" | "date" | "creator-initials" | "date-string" => {
                context.seen = Some(Visibility::Metadata);
                return End::Loose;
            }
            "annotation" => self.annotation(context),
            "notes" => {
                context.seen = Some(if context.in_master { MACHINE_ONLY } else { NOTES });
                context.target = Target::Beside(None);
            }
            "header" | "footer" | "header-left" | "footer-left" | "header-first"
            | "footer-first"
                if context.in_master =>
            {
                let outside = (self.format == Format::Ods)
                    .then_some(Visibility::Alternate(Alternate::OtherMedium));
                let off = (attrs.get("display") == Some("false")).then_some(NOT_DISPLAYED);
                context.seen = context.seen.or(off).or(outside);
            }
            "content-validation" => context.seen = Some(TOOLTIP),
            "help-message" | "error-message" => {
                context.target = Target::Beside(None);
                self.beside(attrs, "title", TOOLTIP);
            }
            "user-field-decl" | "variable-decl" | "dde-connection-decl" => {
                self.beside(attrs, "string-value", MACHINE_ONLY);
            }
            "header-decl" | "footer-decl" | "date-time-decl" => {
                context.loose = Visibility::Shown;
                return End::Loose;
            }
            "script" | "scripts" => {
                if name == "script" {
                    self.active();
                }
                context.loose = MACHINE_ONLY;
                return End::Loose;
            }
            "event-listener" => self.active(),
            "forms" | "form" => {
                context.loose = Visibility::Alternate(Alternate::FormField);
            }
            "par" | "seq" | "iterate" => {
                if let Some(slide) = &mut self.slide {
                    slide.is_animated = true;
                }
            }
            "math" => {
                context.loose = Visibility::Alternate(Alternate::AltText);
                return End::Loose;
            }
            name if name.ends_with("-source") || name.ends_with("-template") => {
                context.seen = Some(MACHINE_ONLY);
                return End::Loose;
            }
            _ if self.frames.last().is_some_and(|frame| frame.end == End::Loose) => {
                // What an element of loose text holds belongs to it.
                return End::Nothing;
            }
            name if !holds_paragraphs(name) => {
                // Programs pass over elements that they do not know, with all in them.
                context.seen = context.seen.or(Some(NOT_DISPLAYED));
            }
            _ => {}
        }
        End::Nothing
    }

    fn section(&mut self, attrs: &Attrs, context: &mut Context) {
        let style = self.styles.get("section", attrs.get("style-name").unwrap_or_default());
        context.ground = context.ground.under(style.fill);
        let is_hidden = match attrs.get("display") {
            Some("none") => true,
            // One that cannot be worked out here was so when the file was kept.
            Some("condition") => holds(attrs).unwrap_or(attrs.get("is-hidden") != Some("false")),
            _ => false,
        };
        if is_hidden {
            context.seen = context.seen.or(Some(NOT_DISPLAYED));
        }
    }

    pub(super) fn annotation(&mut self, context: &mut Context) {
        let place = place(context);
        context.inline = false;
        context.target = Target::Beside(place);
        context.seen = Some(NOTES);
        context.loose = NOTES;
        context.letters = Rc::new(Style::default());
    }
}

/// Elements that programs look into for paragraphs.
fn holds_paragraphs(name: &str) -> bool {
    const NAMES: [&str; 62] = [
        "document-content",
        "document-styles",
        "document",
        "document-meta",
        "body",
        "text",
        "master-styles",
        "list",
        "numbered-paragraph",
        "index-title",
        "illustration-index",
        "table-index",
        "object-index",
        "user-index",
        "alphabetical-index",
        "bibliography",
        "table-header-rows",
        "table-header-columns",
        "table-rows",
        "table-columns",
        "shapes",
        "object",
        "object-ole",
        "image",
        "thumbnail",
        "note",
        "page-thumbnail",
        "region-left",
        "region-center",
        "region-right",
        "plot-area",
        "subtitle",
        "legend",
        "axis",
        "series",
        "data-point",
        "data-label",
        "title",
        "footer",
        "header",
        "header-left",
        "footer-left",
        "header-first",
        "footer-first",
        "content-validations",
        "changed-region",
        "deletion",
        "insertion",
        "format-change",
        "cell-content-change",
        "cell-content-deletion",
        "previous",
        "change-track-table-cell",
        "page-sequence",
        "soft-page-break",
        "layer-set",
        "scene",
        "plugin",
        "applet",
        "floating-frame",
        "table-template",
        "sheet",
    ];
    NAMES.contains(&name)
}
