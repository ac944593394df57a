//! Goes through a part of OpenDocument: each element says what its text is, how it looks, and where it goes.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;

use super::conditions::Listed;
use super::flow::{Flow, Target};
use super::seen::{Ground, seen};
use super::sheet::Table;
use super::slide::{Rectangle, Slide, SlideMaker};
use super::style::{Style, Styles};
use super::words::is_definition;
use crate::domain::document::{
    Alternate, BlockKind, Doubt, Format, Hiding, Joint, NoticeKind, Visibility,
};
use crate::parse::formulas::Formulas;
use crate::parse::xml::{Step, Tag, Xml};

pub(super) const MACHINE_ONLY: Visibility = Visibility::Hidden(Hiding::MachineOnly);
pub(super) const NOT_DISPLAYED: Visibility = Visibility::Hidden(Hiding::NotDisplayed);
pub(super) const AWAY: Visibility = Visibility::Hidden(Hiding::HiddenPart);
pub(super) const TOOLTIP: Visibility = Visibility::Alternate(Alternate::Tooltip);
pub(super) const NOTES: Visibility = Visibility::Alternate(Alternate::Notes);

/// Attributes of an element by local name.
#[derive(Debug)]
pub(super) struct Attrs(Vec<Attr>);

/// An attribute, and whether its words are told.
#[derive(Debug)]
struct Attr {
    name: String,
    value: String,
    told: Cell<bool>,
}

impl Attrs {
    fn of(tag: &Tag<'_>) -> Self {
        let attr = |(name, value): (&str, String)| Attr {
            name: name.to_owned(),
            value,
            told: Cell::new(false),
        };
        Self(tag.attrs().map(attr).collect())
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|attr| attr.name == name).map(|attr| attr.value.as_str())
    }

    pub(super) fn number(&self, name: &str) -> Option<u32> {
        self.get(name)?.parse().ok()
    }

    /// The same, where its words are told from here on.
    pub(super) fn say(&self, name: &str) -> Option<&str> {
        let attr = self.0.iter().find(|attr| attr.name == name)?;
        attr.told.set(true);
        Some(&attr.value)
    }

    /// Those whose words nobody has told.
    pub(super) fn untold(&self) -> impl Iterator<Item = (&str, &str)> {
        let untold = self.0.iter().filter(|attr| !attr.told.get());
        untold.map(|attr| (attr.name.as_str(), attr.value.as_str()))
    }
}

/// What holds for text at a place in the tree.
#[derive(Debug, Clone)]
pub(super) struct Context {
    pub(super) letters: Rc<Style>,
    pub(super) indent: Option<f32>,
    pub(super) ground: Ground,
    /// What everything here is, whatever its look.
    pub(super) seen: Option<Visibility>,
    pub(super) target: Target,
    pub(super) shape: Option<usize>,
    /// What text outside paragraphs is.
    pub(super) loose: Visibility,
    /// Directly in a shape, where a title describes it.
    in_shape: bool,
    /// In a paragraph, and not in something that only hangs on it.
    pub(super) inline: bool,
    /// Inside a sheet, a drawing, a chart.
    pub(super) in_sheet: bool,
    pub(super) in_drawing: bool,
    pub(super) in_chart: bool,
    pub(super) in_master: bool,
}

/// What has to be done where an element ends.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum End {
    Nothing,
    Paragraph,
    Cell,
    Row,
    Table,
    Slide,
    /// Text outside paragraphs is complete here.
    Loose,
    /// A field that shows this text, whatever the file keeps in it.
    Field(String),
}

pub(super) struct Frame {
    context: Context,
    pub(super) end: End,
}

/// Tells of a picture by its name whether it has no holes.
type IsOpaque<'w> = Box<dyn FnMut(&str) -> bool + 'w>;

pub(super) struct Walk<'w> {
    pub(super) flow: Flow<'w>,
    pub(super) styles: &'w mut Styles,
    pub(super) format: Format,
    pub(super) formulas: &'w mut Formulas,
    pub(super) frames: Vec<Frame>,
    pub(super) tables: Vec<Table>,
    pub(super) slide: Option<Slide>,
    /// Masters whose pages there are, where that is known.
    masters_used: Option<BTreeSet<String>>,
    /// Masters of slides that are shown.
    pub(super) masters_shown: BTreeSet<String>,
    /// Whether the first paragraph or table of the text names a master, once it has come.
    begins_with_master: Option<bool>,
    /// Conditions of lists that speak of the row that is open.
    pub(super) row_conditions: (Option<u32>, Vec<usize>),
    /// What everything is where the part itself is not shown.
    pub(super) outer: Option<Visibility>,
    /// Conditions of the lists behind sheets.
    pub(super) conditions: Vec<Listed>,
    /// Comparisons of shapes and cells that are left.
    pub(super) tests: usize,
    /// Whether a picture of the package has no holes.
    pub(super) is_opaque: Option<IsOpaque<'w>>,
    /// Paragraphs that a picture seems to lie over, and how many have begun.
    pub(super) under: BTreeSet<usize>,
    begun: usize,
    /// Cells of the part have formulas.
    pub(super) has_formulas: bool,
    /// The frame on a sheet whose picture is still to come.
    pub(super) frame: Option<Rectangle>,
}

impl<'w> Walk<'w> {
    pub(super) fn new(
        flow: Flow<'w>,
        styles: &'w mut Styles,
        format: Format,
        formulas: &'w mut Formulas,
    ) -> Self {
        Self {
            flow,
            styles,
            format,
            formulas,
            frames: Vec::new(),
            tables: Vec::new(),
            slide: None,
            outer: None,
            conditions: Vec::new(),
            row_conditions: (None, Vec::new()),
            masters_used: None,
            masters_shown: BTreeSet::new(),
            begins_with_master: None,
            tests: crate::domain::limits::SHEET_AREA_TESTS_MAX,
            is_opaque: None,
            under: BTreeSet::new(),
            begun: 0,
            has_formulas: false,
            frame: None,
        }
    }

    /// Reads a part; says why it ended early, and gives the rest.
    pub(super) fn read<'t>(&mut self, text: &'t str) -> Option<(&'static str, &'t str)> {
        self.has_formulas = text.contains("formula=");
        let mut xml = Xml::new(text);
        while let Some(step) = xml.step() {
            match step {
                Step::Open(tag) => {
                    let attrs = Attrs::of(&tag);
                    if tag.name() == "enhanced-geometry" {
                        self.form(&attrs);
                    }
                    if is_definition(tag.name()) {
                        self.definitions(&tag, &mut xml);
                    } else {
                        self.open(tag.name(), tag.prefix(), &attrs);
                    }
                }
                Step::Close => self.close(),
                Step::Text(text) => self.text(&text),
                Step::Comment(comment) => {
                    self.flow.beside(comment, Visibility::Hidden(Hiding::Comment), None);
                }
                Step::Declarations(text) => self.flow.beside(text, MACHINE_ONLY, None),
            }
            if self.flow.builder.is_full() {
                return None;
            }
        }
        while !self.frames.is_empty() {
            self.close();
        }
        self.flow.grid.end(self.flow.builder);
        xml.fault()
    }

    pub(super) fn context(&self) -> Context {
        self.frames.last().map_or_else(
            || Context {
                letters: Rc::new(Style::default()),
                indent: None,
                ground: Ground::PAGE,
                seen: self.outer,
                target: Target::Page(BlockKind::Paragraph),
                shape: None,
                loose: MACHINE_ONLY,
                in_shape: false,
                inline: false,
                in_sheet: false,
                in_drawing: self.format == Format::Odp,
                in_chart: false,
                in_master: false,
            },
            |frame| frame.context.clone(),
        )
    }

    pub(super) fn verdict(context: &Context) -> Visibility {
        context.seen.unwrap_or_else(|| seen(&context.letters, context.indent, context.ground))
    }

    fn text(&mut self, text: &str) {
        let Some(frame) = self.frames.last() else { return };
        if frame.context.inline {
            let seen = Self::verdict(&frame.context);
            self.flow.text(text, seen);
            return;
        }
        self.flow.loose(text);
        if !self.frames.iter().rev().take(2).any(|frame| frame.end == End::Loose) {
            let (seen, place) = (frame.context.loose, place(&frame.context));
            self.flow.end_loose(seen, place);
        }
    }

    fn open(&mut self, name: &str, prefix: &str, attrs: &Attrs) {
        let mut context = self.context();
        let was_in_shape = std::mem::replace(&mut context.in_shape, false);
        let end = match name {
            "p" | "h" => self.paragraph(name, attrs, &mut context),
            "table" | "table-column" | "table-row" | "table-cell" | "covered-table-cell"
            | "table-row-group" | "table-column-group" => self.tabular(name, attrs, &mut context),
            "page" if prefix != "text" => {
                self.begin_slide(attrs, &mut context);
                End::Slide
            }
            "master-page" | "handout-master" => {
                context.in_master = true;
                if name == "handout-master" {
                    context.seen = Some(MACHINE_ONLY);
                } else if !self.is_used(attrs) {
                    context.seen = context.seen.or(Some(NOT_DISPLAYED));
                }
                if self.format == Format::Odp {
                    self.begin_slide(attrs, &mut context);
                    End::Slide
                } else {
                    End::Nothing
                }
            }
            "frame" | "custom-shape" | "rect" | "ellipse" | "circle" | "path" | "polygon"
            | "polyline" | "regular-polygon" | "line" | "connector" | "caption" | "measure"
            | "control" => {
                context.in_shape = true;
                context.inline = false;
                let anchor = place(&context);
                if matches!(context.target, Target::Cell(_)) {
                    context.target = Target::Page(BlockKind::Paragraph);
                }
                self.shape(name, attrs, &mut context);
                self.frame = None;
                if !was_in_shape {
                    self.over_cells(name, attrs, anchor, &context);
                }
                self.flow.part(Joint::Paragraph);
                End::Nothing
            }
            "image" => {
                self.picture(attrs, context.shape);
                self.link(attrs);
                End::Nothing
            }
            "g" | "a" if prefix == "draw" => {
                context.in_shape = true;
                context.seen = context.seen.or(super::slide::displayed(attrs));
                self.link(attrs);
                End::Nothing
            }
            "title" | "desc" if was_in_shape || prefix == "svg" => {
                context.loose = Visibility::Alternate(Alternate::AltText);
                End::Loose
            }
            _ if context.inline => self.inline(name, attrs, &mut context),
            _ => self.around(name, attrs, &mut context),
        };
        self.words(name, attrs, &context);
        self.frames.push(Frame { context, end });
    }

    fn paragraph(&mut self, name: &str, attrs: &Attrs, context: &mut Context) -> End {
        self.begun = self.begun.saturating_add(1);
        if context.inline {
            // A paragraph in a paragraph: programs drop it.
            context.seen = context.seen.or(Some(NOT_DISPLAYED));
            return End::Nothing;
        }
        if matches!(context.target, Target::Cell(_)) {
            self.paragraph_in_cell();
        }
        let style = attrs.get("style-name").unwrap_or("Standard");
        let style = self.styles.get("paragraph", style);
        self.begins(&style, context);
        let is_loose =
            context.in_drawing || (context.in_sheet && attrs.get("style-name").is_none());
        context.letters = match is_loose {
            true => Rc::new(style.own_letters().within(&context.letters)),
            false => Rc::clone(&style),
        };
        context.indent = style.indent;
        context.ground = context.ground.under(style.fill);
        if name == "h"
            && let Target::Page(kind) = &mut context.target
        {
            let level = attrs.number("outline-level").unwrap_or(1).clamp(1, 6);
            *kind = BlockKind::Heading(u8::try_from(level).unwrap_or(6));
        }
        if let Target::Page(kind) = context.target {
            let is_tight = matches!(kind, BlockKind::ListItem | BlockKind::Cell)
                || context.in_drawing
                || context.shape.is_some();
            self.flow.part(if is_tight { Joint::Line } else { Joint::Paragraph });
        }
        context.inline = true;
        self.flow.begin(context.target, context.shape);
        if self.under.contains(&self.begun) {
            self.flow.doubt(Visibility::Undetermined(Doubt::OverImage));
        }
        End::Paragraph
    }

    /// Takes what the text has named: the pages of others are not displayed.
    pub(super) fn has_pages_of(&mut self, named: Option<BTreeSet<String>>) {
        self.masters_used = named.map(|named| self.styles.masters_used(named));
    }

    /// Masters that slides, paragraphs or tables of the part name, and the one that programs begin with where
    /// none is named.
    pub(super) fn masters_named(&mut self) -> BTreeSet<String> {
        let mut named = std::mem::take(&mut self.masters_shown);
        named.extend(self.styles.masters_named());
        let usual: &[&str] = match self.format {
            Format::Ods => &["Default", "Standard"],
            Format::Odt if self.begins_with_master != Some(true) => &["Standard"],
            _ => &[],
        };
        named.extend(usual.iter().map(|name| (*name).to_owned()));
        named
    }

    /// Whether there are pages of this master.
    fn is_used(&self, attrs: &Attrs) -> bool {
        let name = attrs.get("name").unwrap_or_default();
        self.masters_used.as_ref().is_none_or(|used| used.contains(name))
    }

    /// Something of the text begins that may name a master.
    pub(super) fn begins(&mut self, style: &Style, context: &Context) {
        let is_seen = context.seen.is_none() && !context.in_master;
        if is_seen && matches!(context.target, Target::Page(_)) {
            self.begins_with_master.get_or_insert(style.master.is_some());
        }
    }

    pub(super) fn active(&mut self) {
        let builder = &mut *self.flow.builder;
        builder.notice_once(NoticeKind::ActiveContent, "it has scripts or runs macros on events");
    }

    pub(super) fn link(&mut self, attrs: &Attrs) {
        self.beside(attrs, "title", TOOLTIP);
        if attrs.get("href").is_some_and(|href| href.contains(':')) {
            self.beside(attrs, "href", MACHINE_ONLY);
        }
    }

    pub(super) fn beside(&mut self, attrs: &Attrs, name: &str, seen: Visibility) {
        if let Some(text) = attrs.say(name) {
            let context = self.frames.last().map(|frame| &frame.context);
            let seen = context
                .and_then(|context| context.seen.filter(|_| seen == TOOLTIP))
                .unwrap_or(seen);
            let place = context.and_then(place);
            self.flow.beside(text, seen, place);
        }
    }

    fn tabular(&mut self, name: &str, attrs: &Attrs, context: &mut Context) -> End {
        match name {
            "table" => {
                self.begin_table(attrs, context);
                End::Table
            }
            "table-column" => {
                self.column(attrs, context);
                End::Nothing
            }
            "table-row" => {
                self.begin_row(attrs, context);
                End::Row
            }
            "table-row-group" | "table-column-group" => {
                self.group(name, attrs, context);
                End::Nothing
            }
            name => {
                self.begin_cell(name == "covered-table-cell", attrs, context);
                End::Cell
            }
        }
    }

    fn close(&mut self) {
        let Some(frame) = self.frames.pop() else { return };
        match frame.end {
            End::Nothing => {}
            End::Paragraph => self.flow.end(),
            End::Cell => self.end_cell(&frame.context),
            End::Row => self.end_row(),
            End::Table => self.end_table(),
            End::Slide => self.end_slide(),
            End::Field(shown) => self.flow.end_field(&shown, MACHINE_ONLY),
            End::Loose => {
                let seen = frame.context.seen.unwrap_or(frame.context.loose);
                self.flow.end_loose(seen, place(&frame.context));
            }
        }
    }

    /// Whether the part is a master's page, whose placeholders are for its makers.
    pub(super) const fn is_master(context: &Context) -> bool {
        context.in_master
    }
}

/// The cell that a context is in.
pub(super) fn place(context: &Context) -> Option<crate::parse::grid::Place> {
    match context.target {
        Target::Cell(place) => Some(place),
        Target::Beside(place) => place,
        Target::Page(_) => None,
    }
}
