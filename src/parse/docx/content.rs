//! Elements around text: fields, controls, alternatives, tables, notes.

use super::judge::Ground;
use super::properties::{Shade, is_on};
use super::story::{Scope, Story, combined};
use super::tables::{Gone, Table};
use crate::domain::document::{Alternate, Hiding, Visibility};
use crate::parse::drawing::fill::Fill;
use crate::parse::xml::{Element, Step, Tag, Xml};

const FOR_PROGRAMS: Visibility = Visibility::Hidden(Hiding::MachineOnly);
const UNSEEN: Visibility = Visibility::Hidden(Hiding::NotDisplayed);

impl Story<'_> {
    pub(super) fn field_mark(&mut self, tag: &Tag<'_>, xml: &mut Xml<'_>, scope: &Scope) {
        let kind = tag.attr("fldCharType").unwrap_or_default();
        self.fields.mark(&kind, &self.outline.ended);
        let data = Element::below(tag, xml);
        let form = combined(scope.outer, Visibility::Alternate(Alternate::FormField));
        for element in data.each().skip(1) {
            if matches!(element.name.as_str(), "default" | "helpText" | "statusText" | "listEntry")
            {
                let text = element.attr("val").unwrap_or_default();
                if text.bytes().any(|byte| !byte.is_ascii_digit()) {
                    self.attach(text, form);
                }
            } else if matches!(element.name.as_str(), "entryMacro" | "exitMacro") {
                self.attach(element.attr("val").unwrap_or_default(), FOR_PROGRAMS);
            }
        }
        self.untold(&data);
    }

    /// `w:sdt`. Its prompt is shown until somebody fills it in.
    pub(super) fn control(&mut self, xml: &mut Xml<'_>, scope: &Scope) {
        let mut inner = *scope;
        while let Some(step) = xml.step() {
            match step {
                Step::Open(tag) if tag.name() == "sdtPr" => {
                    let properties = Element::below(&tag, xml);
                    self.control_values(&properties, scope);
                    self.untold(&properties);
                    if properties.child("showingPlcHdr").is_some_and(is_on) {
                        inner = scope.within(Visibility::Alternate(Alternate::FormField));
                    }
                }
                Step::Open(tag) if tag.name() == "sdtEndPr" => self.pass_over(xml),
                Step::Open(tag) => self.open(&tag, xml, &inner),
                Step::Close => return,
                other => self.aside(other),
            }
        }
    }

    fn control_values(&mut self, properties: &Element, scope: &Scope) {
        let form = combined(scope.outer, Visibility::Alternate(Alternate::FormField));
        for element in properties.each() {
            let value = |name| element.attr(name).unwrap_or_default();
            match element.name.as_str() {
                "alias" | "tag" => self.attach(value("val"), FOR_PROGRAMS),
                "listItem" => self.attach(value("displayText"), form),
                _ => {}
            }
        }
    }

    /// `mc:AlternateContent`: what present programs take is shown; the rest is the same for others.
    pub(super) fn alternatives(&mut self, xml: &mut Xml<'_>, scope: &Scope) {
        let mut is_taken = false;
        while let Some(step) = xml.step() {
            match step {
                Step::Open(tag) => {
                    let takes = match tag.name() {
                        "Choice" => xml.is_understood(&tag),
                        _ => true,
                    };
                    let other = Visibility::Alternate(Alternate::OtherMedium);
                    let is_shown = takes && !is_taken;
                    is_taken |= takes;
                    let inner = if is_shown { *scope } else { scope.within(other) };
                    self.children(xml, &inner);
                }
                Step::Close => return,
                other => self.aside(other),
            }
        }
    }

    pub(super) fn table(&mut self, xml: &mut Xml<'_>, scope: &Scope) {
        let rows = self.outline.rows.get(self.tables_begun).copied().unwrap_or(0);
        self.tables_begun = self.tables_begun.saturating_add(1);
        self.tables.push(Table::new(rows));
        while let Some(step) = xml.step() {
            match step {
                Step::Open(tag) if matches!(tag.name(), "tblPr" | "tblGrid") => {
                    let element = Element::below(&tag, xml);
                    let palette = self.shared.palette();
                    if let Some(table) = self.tables.last_mut() {
                        if element.name == "tblPr" {
                            table.properties(&element, &palette);
                        } else {
                            table.grid(&element);
                        }
                    }
                    for name in ["tblCaption", "tblDescription"] {
                        let text = element.child(name).and_then(|child| child.attr("val"));
                        let seen = Visibility::Alternate(Alternate::AltText);
                        self.attach(text.unwrap_or_default(), combined(scope.outer, seen));
                    }
                    self.untold(&element);
                }
                Step::Open(tag) => self.open(&tag, xml, scope),
                Step::Close => break,
                other => self.aside(other),
            }
        }
        self.tables.pop();
    }

    pub(super) fn row(&mut self, xml: &mut Xml<'_>, scope: &Scope) {
        let mut inner = *scope;
        self.tables.last_mut().into_iter().for_each(Table::begin_row);
        while let Some(step) = xml.step() {
            match step {
                Step::Open(tag) if tag.name() == "trPr" => {
                    let element = Element::below(&tag, xml);
                    let table = self.tables.last_mut();
                    let gone = table.and_then(|table| table.row_properties(&element));
                    inner = scope.hidden(gone.map(Gone::hiding));
                    self.untold(&element);
                }
                Step::Open(tag) => self.open(&tag, xml, &inner),
                Step::Close => return,
                other => self.aside(other),
            }
        }
    }

    pub(super) fn cell(&mut self, xml: &mut Xml<'_>, scope: &Scope) {
        self.tables.last_mut().into_iter().for_each(Table::begin_cell);
        let mut inner = self.cell_scope(scope, None);
        while let Some(step) = xml.step() {
            match step {
                Step::Open(tag) if tag.name() == "tcPr" => {
                    let element = Element::below(&tag, xml);
                    let palette = self.shared.palette();
                    let table = self.tables.last_mut();
                    let (shade, gone) = table
                        .map_or((None, None), |table| table.cell_properties(&element, &palette));
                    inner = self.cell_scope(scope, shade).hidden(gone.map(Gone::hiding));
                    self.untold(&element);
                }
                Step::Open(tag) => self.open(&tag, xml, &inner),
                Step::Close => return,
                other => self.aside(other),
            }
        }
    }

    fn cell_scope(&self, scope: &Scope, own: Option<Shade>) -> Scope {
        let table = self.tables.last();
        let table = table.map_or_else(Default::default, |it| it.condition(&self.shared.styles));
        let ground = match own.or(table.shade) {
            Some(Shade::Plain(colour)) => Ground { fill: Fill::Plain(colour), is_page: false },
            Some(Shade::Clear) | None => scope.ground,
        };
        Scope { in_cell: true, table, ground, ..*scope }
    }

    /// An entry of the parts with notes and comments.
    pub(super) fn note(&mut self, tag: &Tag<'_>, xml: &mut Xml<'_>, scope: &Scope) {
        self.author(tag);
        let kind = match tag.name() {
            "footnote" => "footnote",
            "endnote" => "endnote",
            _ => {
                self.children(xml, &scope.within(Visibility::Alternate(Alternate::Notes)));
                return;
            }
        };
        let id = tag.attr("id").unwrap_or_default();
        let has_notes = self.found.noted.contains(kind);
        let seen = match tag.attr("type").as_deref() {
            // The line between text and notes is displayed where there are any.
            Some("separator") if has_notes => Visibility::Shown,
            // The others are where a note goes on on the next page, which most never do.
            Some("continuationSeparator" | "continuationNotice") if has_notes => {
                Visibility::Alternate(Alternate::OtherMedium)
            }
            Some("separator" | "continuationSeparator" | "continuationNotice") => UNSEEN,
            _ => self.found.notes.get(&(kind, id)).copied().unwrap_or(UNSEEN),
        };
        self.children(xml, &scope.within(seen));
    }

    pub(super) fn note_mark(&mut self, tag: &Tag<'_>, xml: &mut Xml<'_>, scope: &Scope) {
        self.pass_over(xml);
        let kind = if tag.name() == "footnoteReference" { "footnote" } else { "endnote" };
        let seen = match self.seen(scope) {
            // The mark's own colour or size does not hide the note.
            Visibility::Hidden(
                hiding @ (Hiding::NotDisplayed | Hiding::Deleted | Hiding::MachineOnly),
            ) => Visibility::Hidden(hiding),
            _ => scope.outer.unwrap_or(Visibility::Shown),
        };
        if seen.is_shown() {
            self.found.noted.insert(kind);
        }
        let known =
            self.found.notes.entry((kind, tag.attr("id").unwrap_or_default())).or_insert(seen);
        if seen.is_shown() {
            *known = seen;
        }
    }
}

impl Gone {
    const fn hiding(self) -> Hiding {
        match self {
            Self::Deleted => Hiding::Deleted,
            Self::Thin => Hiding::Clipped,
            Self::Merged => Hiding::NotDisplayed,
        }
    }
}
