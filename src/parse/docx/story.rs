//! One part with text, from its first element to its last: body, header, notes, comments.

use std::collections::{BTreeMap, BTreeSet};

use super::boxes::{Bounds, Corner};
use super::fields::Fields;
use super::judge::{self, Ground};
use super::outline::{Outline, Section};
use super::properties::{ParagraphFormat, RunFormat};
use super::styles::{Condition, Styles};
use super::tables::Table;
use crate::domain::document::{Alternate, BlockKind, Doubt, Hiding, Visibility};
use crate::parse::Builder;
use crate::parse::drawing::fill::Fill;
use crate::parse::drawing::place::Group;
use crate::parse::drawing::theme::{ColourMap, Palette, Theme};
use crate::parse::html::color::{Rgba, WHITE};
use crate::parse::ooxml::{self, Relation};
use crate::parse::paragraphs::Paragraphs;
use crate::parse::xml::{Element, Step, Tag, Xml};

/// What all parts of a file share.
#[derive(Debug, Default)]
pub(super) struct Shared {
    pub(super) styles: Styles,
    pub(super) theme: Theme,
    pub(super) map: ColourMap,
    /// The colour of pages, where it is displayed.
    pub(super) page: Option<Rgba>,
    /// Shapes in headers, which lie under every page.
    pub(super) margin_shapes: Vec<Fill>,
    /// What a header's page looks like.
    pub(super) section: Option<Section>,
}

impl Shared {
    pub(super) const fn palette(&self) -> Palette<'_> {
        Palette { theme: &self.theme, map: &self.map }
    }
}

/// What a part refers to.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Notes by kind (`footnote`) and id, and what is seen of the reference to them.
    pub(super) notes: BTreeMap<(&'static str, String), Visibility>,
    /// Kinds of notes of which one is shown.
    pub(super) noted: std::collections::BTreeSet<&'static str>,
    /// Charts, diagrams and files that stand for text, by the relation's target.
    pub(super) graphics: Vec<(String, Visibility)>,
    pub(super) chunks: BTreeSet<String>,
    pub(super) authors: BTreeSet<String>,
}

/// Reads one part.
pub(super) struct Story<'d> {
    pub(super) shared: &'d Shared,
    pub(super) builder: &'d mut Builder,
    pub(super) paragraphs: &'d mut Paragraphs,
    pub(super) found: &'d mut Found,
    pub(super) outline: Outline,
    pub(super) relations: BTreeMap<String, Relation>,
    pub(super) fields: Fields,
    pub(super) tables: Vec<Table>,
    pub(super) tables_begun: usize,
    pub(super) boxes_begun: usize,
    pub(super) section: Section,
    pub(super) sections_ended: usize,
    /// Paragraphs that a picture seems to lie over, and how many have begun.
    pub(super) covered: BTreeSet<usize>,
    pub(super) begun: usize,
}

/// What holds where the walk is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scope {
    /// What hides or qualifies everything here.
    pub(super) outer: Option<Visibility>,
    pub(super) ground: Ground,
    pub(super) in_cell: bool,
    /// What the table's style says of this cell.
    pub(super) table: Condition,
    pub(super) paragraph: ParagraphFormat,
    pub(super) away: Option<Hiding>,
    /// A picture seems to lie over it.
    pub(super) is_under: bool,
    pub(super) run: RunFormat,
    /// What is seen of a run here.
    pub(super) own: Visibility,
    /// The drawing around: its corner, its size, its groups.
    pub(super) corner: Option<Corner>,
    pub(super) size: Option<[f64; 2]>,
    pub(super) group: Option<Group>,
    pub(super) in_old_group: bool,
}

impl Scope {
    pub(super) fn new(page: Option<Rgba>, outer: Option<Visibility>) -> Self {
        Self {
            outer,
            ground: Ground { fill: Fill::Plain(page.unwrap_or(WHITE)), is_page: true },
            in_cell: false,
            table: Condition::default(),
            paragraph: ParagraphFormat::default(),
            away: None,
            is_under: false,
            run: RunFormat::default(),
            own: Visibility::Shown,
            corner: None,
            size: None,
            group: None,
            in_old_group: false,
        }
    }

    /// The same inside something that is seen like this.
    pub(super) fn within(&self, outer: Visibility) -> Self {
        Self { outer: Some(combined(self.outer, outer)), ..*self }
    }

    pub(super) fn hidden(&self, hiding: Option<Hiding>) -> Self {
        hiding.map_or(*self, |hiding| self.within(Visibility::Hidden(hiding)))
    }
}

/// What is seen of something inside something else: hidden wins, then what stands for something else.
pub(super) fn combined(outer: Option<Visibility>, own: Visibility) -> Visibility {
    match (outer, own) {
        (None, own) => own,
        (_, own @ Visibility::Hidden(_)) => own,
        (Some(outer), Visibility::Shown) => outer,
        (Some(outer @ Visibility::Hidden(_)), _) => outer,
        (Some(_), own) => own,
    }
}

impl Story<'_> {
    /// Reads the whole part.
    pub(super) fn read(&mut self, text: &str, outer: Option<Visibility>) {
        let mut xml = Xml::new(text);
        let scope = Scope::new(self.shared.page, outer);
        self.children(&mut xml, &scope);
        if let Some((_, rest)) = xml.fault() {
            ooxml::broken(self.builder, self.paragraphs, rest);
        }
    }

    /// Everything up to the end of the element that was opened last.
    pub(super) fn children(&mut self, xml: &mut Xml<'_>, scope: &Scope) {
        while let Some(step) = xml.step() {
            match step {
                Step::Open(tag) => self.open(&tag, xml, scope),
                Step::Close => return,
                other => self.aside(other),
            }
        }
    }

    /// What stands between elements.
    pub(super) fn aside(&mut self, step: Step<'_>) {
        match step {
            Step::Text(text) => self.stray(&text),
            Step::Comment(text) => self.attach(text, Visibility::Hidden(Hiding::Comment)),
            Step::Declarations(text) => self.attach(text, Visibility::Hidden(Hiding::MachineOnly)),
            Step::Open(_) | Step::Close => {}
        }
    }

    /// Text where the format has none: programs pass over it. Numbers are places and sizes.
    pub(super) fn stray(&mut self, text: &str) {
        if text.bytes().any(|byte| byte.is_ascii_alphabetic() || !byte.is_ascii()) {
            let visibility = Visibility::Hidden(Hiding::MachineOnly);
            self.paragraphs.text(self.builder, text, visibility);
        }
    }

    /// Text inside properties, where programs look for none; a field's data is one long word.
    pub(super) fn untold(&mut self, element: &Element) {
        for text in element.untold() {
            if text.contains(char::is_whitespace) || element.name != "fldChar" {
                self.stray(text);
            }
        }
    }

    /// Passes over the element that was just opened; text in it is kept.
    pub(super) fn pass_over(&mut self, xml: &mut Xml<'_>) {
        let text = xml.inner_text();
        self.stray(text.trim());
    }

    pub(super) fn attach(&mut self, text: &str, visibility: Visibility) {
        self.paragraphs.attach(self.builder, text, visibility);
    }

    pub(super) fn open(&mut self, tag: &Tag<'_>, xml: &mut Xml<'_>, scope: &Scope) {
        match tag.name() {
            "p" => self.paragraph(xml, scope),
            "r" => self.run(xml, scope),
            "t" => self.text(xml, self.seen(scope)),
            "delText" => self.text(xml, scope.within(Visibility::Hidden(Hiding::Deleted)).now()),
            "instrText" | "delInstrText" => {
                self.text(xml, Visibility::Hidden(Hiding::MachineOnly));
            }
            "tab" | "ptab" => self.sign("\t", xml, scope),
            "br" | "cr" => self.sign("\n", xml, scope),
            "noBreakHyphen" => self.sign("-", xml, scope),
            "sym" => self.sign(&symbol(tag), xml, scope),
            "fldChar" => self.field_mark(tag, xml, scope),
            "fldSimple" => {
                let instruction = tag.attr("instr").unwrap_or_default();
                self.attach(&instruction, Visibility::Hidden(Hiding::MachineOnly));
                self.children(xml, scope);
            }
            "del" | "moveFrom" => {
                self.author(tag);
                self.children(xml, &scope.within(Visibility::Hidden(Hiding::Deleted)));
            }
            "ins" | "moveTo" => {
                self.author(tag);
                self.children(xml, scope);
            }
            "hyperlink" => self.link(tag, xml, scope),
            "sdt" => self.control(xml, scope),
            "AlternateContent" => self.alternatives(xml, scope),
            "tbl" => self.table(xml, scope),
            "tr" => self.row(xml, scope),
            "tc" => self.cell(xml, scope),
            "footnote" | "endnote" | "comment" => self.note(tag, xml, scope),
            "footnoteReference" | "endnoteReference" => self.note_mark(tag, xml, scope),
            "altChunk" => {
                self.found.chunks.extend(self.target(tag, "id"));
                self.children(xml, scope);
            }
            "sectPr" => {
                self.pass_over(xml);
                self.end_section();
            }
            "rPr" | "pPr" | "tblPr" | "tblGrid" | "trPr" | "tcPr" | "sdtPr" | "background" => {
                self.pass_over(xml);
            }
            _ => self.drawn(tag, xml, scope),
        }
    }

    /// What is seen of text here.
    pub(super) fn seen(&self, scope: &Scope) -> Visibility {
        if self.fields.in_instruction() {
            return Visibility::Hidden(Hiding::MachineOnly);
        }
        match scope.now() {
            Visibility::Shown if self.fields.is_broken() => Visibility::Undetermined(Doubt::Broken),
            seen => seen,
        }
    }

    /// The text of an element that has nothing else; blanks at its ends count where it says so.
    fn text(&mut self, xml: &mut Xml<'_>, visibility: Visibility) {
        let mut open = 1_usize;
        while let Some(step) = xml.step() {
            match step {
                Step::Open(_) => open = open.saturating_add(1),
                Step::Close => open = open.saturating_sub(1),
                Step::Text(text) => {
                    let text = text.replace(['\n', '\r'], " ");
                    self.paragraphs.text(self.builder, &text, visibility);
                }
                Step::Comment(text) => self.attach(text, Visibility::Hidden(Hiding::Comment)),
                Step::Declarations(_) => {}
            }
            if open == 0 {
                return;
            }
        }
    }

    fn sign(&mut self, text: &str, xml: &mut Xml<'_>, scope: &Scope) {
        self.paragraphs.text(self.builder, text, self.seen(scope));
        self.pass_over(xml);
    }

    fn paragraph(&mut self, xml: &mut Xml<'_>, outer: &Scope) {
        self.paragraphs.begin(BlockKind::Paragraph);
        self.begun = self.begun.saturating_add(1);
        let outer = &Scope { is_under: self.covered.contains(&self.begun), ..*outer };
        let mut end_seen = true;
        let mut ends_section = false;
        let mut scope = self.paragraph_scope(None, outer);
        while let Some(step) = xml.step() {
            match step {
                Step::Open(tag) if tag.name() == "pPr" => {
                    let element = Element::below(&tag, xml);
                    scope = self.paragraph_scope(Some(&element), outer);
                    ends_section |= element.child("sectPr").is_some();
                    end_seen = self.end_is_seen(&element, &scope);
                    self.untold(&element);
                }
                Step::Open(tag) => self.open(&tag, xml, &scope),
                Step::Close => break,
                other => self.aside(other),
            }
        }
        self.paragraphs.end(self.builder, end_seen);
        if ends_section {
            self.end_section();
        }
    }

    fn paragraph_scope(&mut self, element: Option<&Element>, outer: &Scope) -> Scope {
        let palette = self.shared.palette();
        let direct = element.map_or_else(ParagraphFormat::default, |element| {
            ParagraphFormat::read(element, &palette)
        });
        let id = element.and_then(|it| it.child("pStyle")).and_then(|style| style.attr("val"));
        let style = self.shared.styles.paragraph(id);
        let defaults = self.shared.styles.defaults();
        let mut paragraph = defaults.paragraph;
        for level in [&outer.table.format.paragraph, &style.format.paragraph, &direct] {
            paragraph.take(level);
        }
        let mut run = defaults.run;
        run.take_style(&outer.table.format.run);
        run.take_style(&style.format.run);
        let kind = match (paragraph.outline, style.kind) {
            (Some(level @ 0..=8), _) => BlockKind::Heading(level.saturating_add(1).min(6)),
            (None, Some(kind)) => kind,
            (_, Some(kind @ (BlockKind::Quote | BlockKind::Code))) => kind,
            _ if outer.in_cell => BlockKind::Cell,
            _ if paragraph.in_list == Some(true) => BlockKind::ListItem,
            _ => BlockKind::Paragraph,
        };
        self.paragraphs.kind(kind);
        let away = judge::paragraph(&paragraph, &self.section, outer.in_cell);
        let mut scope = Scope { paragraph, run, away, ..*outer };
        scope.own = self.judged(&scope, &run);
        scope
    }

    /// Whether the end of a paragraph makes a new line: it does not when it is hidden or deleted.
    fn end_is_seen(&self, element: &Element, scope: &Scope) -> bool {
        let Some(mark) = element.child("rPr") else { return scope.run.vanish != Some(true) };
        let mut run = scope.run;
        run.take(&RunFormat::read(mark, &self.shared.palette()));
        run.vanish != Some(true) && mark.child("del").is_none() && mark.child("moveFrom").is_none()
    }

    fn run(&mut self, xml: &mut Xml<'_>, outer: &Scope) {
        let mut scope = *outer;
        while let Some(step) = xml.step() {
            match step {
                Step::Open(tag) if tag.name() == "rPr" && tag.prefix() != "m" => {
                    let element = Element::below(&tag, xml);
                    scope.run = self.run_format(&element, &outer.run);
                    scope.own = self.judged(&scope, &scope.run);
                    self.untold(&element);
                }
                Step::Open(tag) => self.open(&tag, xml, &scope),
                Step::Close => return,
                other => self.aside(other),
            }
        }
    }

    fn run_format(&self, element: &Element, base: &RunFormat) -> RunFormat {
        let mut run = *base;
        if let Some(id) = element.child("rStyle").and_then(|style| style.attr("val")) {
            run.take_style(&self.shared.styles.of(id).format.run);
        }
        if self.shared.styles.defaults().run.vanish == Some(true) {
            run.vanish = Some(true);
        }
        run.take(&RunFormat::read(element, &self.shared.palette()));
        run
    }

    fn judged(&self, scope: &Scope, run: &RunFormat) -> Visibility {
        let number = self.paragraphs.number();
        let beneath = || {
            let mut shapes = judge::near(&self.outline, number);
            shapes.extend(&self.shared.margin_shapes);
            shapes
        };
        let found = judge::run(run, &scope.paragraph, scope.ground, &beneath);
        match scope.away {
            Some(hiding) if found.is_shown() => Visibility::Hidden(hiding),
            None if found.is_shown() && scope.is_under => {
                Visibility::Undetermined(Doubt::OverImage)
            }
            _ => found,
        }
    }

    fn end_section(&mut self) {
        self.sections_ended = self.sections_ended.saturating_add(1);
        if !self.outline.sections.is_empty() {
            self.section = self.outline.section(self.sections_ended);
        }
    }

    pub(super) const fn bounds(&self, scope: &Scope) -> Bounds<'_> {
        Bounds { section: &self.section, in_table: scope.in_cell }
    }

    /// What a relation that a tag names leads to.
    pub(super) fn target(&self, tag: &Tag<'_>, attribute: &str) -> Option<String> {
        let id = tag.attr(attribute)?;
        self.relations.get(&id).map(|relation| relation.target.clone())
    }

    /// Who changed or commented on something.
    pub(super) fn author(&mut self, tag: &Tag<'_>) {
        if let Some(author) = tag.attr("author") {
            self.found.authors.insert(author);
        }
    }

    fn link(&mut self, tag: &Tag<'_>, xml: &mut Xml<'_>, scope: &Scope) {
        let tooltip = Visibility::Alternate(Alternate::Tooltip);
        let address = self.target(tag, "id");
        for text in [address, tag.attr("tooltip")].into_iter().flatten() {
            self.attach(&text, combined(scope.outer, tooltip));
        }
        self.children(xml, scope);
    }
}

impl Scope {
    /// What is seen of a run here, fields aside.
    fn now(&self) -> Visibility {
        combined(self.outer, self.own)
    }
}

/// `w:sym`: fonts of symbols have their signs from U+F000; in other fonts these are plain letters.
fn symbol(tag: &Tag<'_>) -> String {
    let code = tag.attr("char").and_then(|code| u32::from_str_radix(&code, 16).ok());
    let font = tag.attr("font").unwrap_or_default().to_ascii_lowercase();
    let of_signs = ["symbol", "dings", "mt extra", "marlett", "icons"];
    let is_sign = of_signs.iter().any(|name| font.contains(name));
    let code = match code {
        Some(code @ 0xF020..=0xF0FF) if !is_sign => Some(code - 0xF000),
        other => other,
    };
    code.and_then(char::from_u32).map_or_else(String::new, String::from)
}
