//! Tables: sheets with their columns, rows and cells, and tables in text.
//!
//! Let through on purpose: what is repeated is told once, at its first place; a sheet may say that a cell is
//! repeated a million times.

use std::rc::Rc;

use super::conditions::Conditional;
use super::cover::Covers;
use super::flow::Target;
use super::seen::SIZE_MAX_UNREAD;
use super::style::Data;
use super::walk::{AWAY, Attrs, Context, MACHINE_ONLY, NOT_DISPLAYED, Walk};
use crate::domain::document::{BlockKind, Doubt, Hiding, Joint, NoticeKind, Visibility};
use crate::domain::limits::SHEET_COLUMNS_MAX;
use crate::parse::grid::Place;
use crate::parse::xlsx::{Known, Other};

/// Rows and columns smaller than this, in points, show nothing of what is in them.
const EXTENT_MIN: f32 = 3.0;
/// Words and characters of a text without digits that a format may show in place of a number.
const LITERAL_WORDS_MAX: usize = 2;
const LITERAL_CHARS_MAX: usize = 24;
/// Words of a text that a number, date or time is written with.
const VALUE_WORDS_MAX: usize = 6;

/// Letters are at least so wide, as a part of their size.
const LETTER_WIDTH: f32 = 0.4;

/// Groups of columns that a spanned cell is looked for in.
const SPAN_COLUMNS_MAX: usize = 256;

/// A table that is open.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// It is a sheet of a spreadsheet.
    pub(super) is_sheet: bool,
    is_protected: bool,
    /// Columns: one past the last, whether hidden, and the style of their cells.
    columns: Vec<(u32, bool, Option<String>)>,
    next: Place,
    row_style: Option<String>,
    row_repeated: u32,
    pub(super) covers: Covers,
    /// Texts for the formulas behind them.
    known: Known,
    /// The cell that is open.
    cell: Cell,
}

#[derive(Debug, Default)]
struct Cell {
    /// What it says its value is.
    value: Option<String>,
    text: Option<String>,
    formula: Option<String>,
    /// Width of its room in points, where letters shrink to fit in.
    room: Option<f32>,
    seen: Option<Visibility>,
    data: Option<Data>,
    paragraphs: usize,
    /// Conditions that would hide its text.
    doubts: Vec<Rc<Conditional>>,
}

impl Walk<'_> {
    pub(super) fn begin_table(&mut self, attrs: &Attrs, context: &mut Context) {
        let style = self.styles.get("table", attrs.get("style-name").unwrap_or_default());
        self.begins(&style, context);
        let is_sheet = context.in_sheet && self.tables.is_empty() && !self.flow.in_paragraph();
        context.ground = context.ground.under(style.fill);
        if context.in_chart {
            // What a chart remembers of the cells that it draws.
            context.seen = Some(MACHINE_ONLY);
        }
        if style.is_away == Some(true) {
            context.seen = context.seen.or(Some(AWAY));
        }
        let name = attrs.get("name").unwrap_or_default();
        if is_sheet {
            self.flow.heading(name, context.seen.unwrap_or(Visibility::Shown));
            name.clone_into(&mut self.flow.sheet);
            self.flow.grid.begin(name);
            self.row_conditions = (None, Vec::new());
        } else {
            self.flow.part(Joint::Paragraph);
        }
        let is_protected = attrs.get("protected") == Some("true");
        let known = Known::new(is_sheet && self.has_formulas);
        self.tables.push(Table { is_sheet, is_protected, known, ..Table::default() });
    }

    pub(super) fn end_table(&mut self) {
        let table = self.tables.pop();
        if table.is_some_and(|table| table.is_sheet) {
            self.flow.grid.end(self.flow.builder);
        }
        self.flow.part(Joint::Paragraph);
    }

    pub(super) fn group(&mut self, name: &str, attrs: &Attrs, context: &mut Context) {
        if attrs.get("display") != Some("false") {
            return;
        }
        if name == "table-row-group" {
            context.seen = context.seen.or(Some(AWAY));
        } else {
            // Its columns come as elements inside, which take it from here.
            context.seen = context.seen.or(Some(AWAY));
        }
    }

    pub(super) fn column(&mut self, attrs: &Attrs, context: &Context) {
        let style = self.styles.get("table-column", attrs.get("style-name").unwrap_or_default());
        let in_group = self.context().seen == Some(AWAY);
        let Some(table) = self.tables.last_mut() else { return };
        let outer = context.seen == Some(AWAY) && in_group;
        let is_away = outer || is_away(attrs) || is_flat(style.extent);
        let count = attrs.number("number-columns-repeated").unwrap_or(1).max(1);
        let start = table.columns.last().map_or(0, |(end, ..)| *end);
        let cells = attrs.get("default-cell-style-name").map(str::to_owned);
        if table.columns.len() < SHEET_COLUMNS_MAX {
            table.columns.push((start.saturating_add(count), is_away, cells));
            table.covers.column(count, if is_away { Some(0.0) } else { style.extent });
        }
    }

    pub(super) fn begin_row(&mut self, attrs: &Attrs, context: &mut Context) {
        let style = self.styles.get("table-row", attrs.get("style-name").unwrap_or_default());
        context.ground = context.ground.under(style.fill);
        let Some(table) = self.tables.last_mut() else { return };
        let is_away = is_away(attrs) || is_flat(style.extent);
        if is_away {
            context.seen = context.seen.or(Some(AWAY));
        }
        self.tests = self.tests.saturating_sub(table.covers.count());
        if self.tests == 0 && table.covers.count() > 0 {
            table.covers.clear();
            let detail = "more conditions and shapes in a part than are compared";
            self.flow.builder.notice_once(NoticeKind::LimitReached, detail);
        }
        table.covers.begin_row(if is_away { Some(0.0) } else { style.extent });
        table.row_style = attrs.get("default-cell-style-name").map(str::to_owned);
        table.row_repeated = attrs.number("number-rows-repeated").unwrap_or(1).max(1);
        table.next.column = 0;
    }

    pub(super) fn end_row(&mut self) {
        if let Some(table) = self.tables.last_mut() {
            table.covers.end_row(table.row_repeated);
            table.next.row = table.next.row.saturating_add(table.row_repeated);
            table.next.column = 0;
        }
    }

    pub(super) fn begin_cell(&mut self, is_covered: bool, attrs: &Attrs, context: &mut Context) {
        let Some(table) = self.tables.last_mut() else { return };
        let at = table.next;
        let count = attrs.number("number-columns-repeated").unwrap_or(1).max(1);
        table.next.column = at.column.saturating_add(count);
        let index = table.columns.partition_point(|(end, ..)| *end <= at.column);
        let column = table.columns.get(index);
        let is_away = column.is_some_and(|(_, is_away, _)| *is_away)
            && !spans_shown(table, at.column, attrs.number("number-columns-spanned").unwrap_or(1));
        let style = attrs.get("style-name").map(str::to_owned);
        let style = style.or_else(|| table.row_style.clone());
        let style = style.or_else(|| column.and_then(|(.., style)| style.clone()));
        let (is_sheet, is_protected) = (table.is_sheet, table.is_protected);
        let style = self.styles.get("table-cell", style.as_deref().unwrap_or("Default"));
        context.ground = context.ground.under(style.fill);
        let is_masked = is_protected && style.is_masked == Some(true);
        let hidden = if is_away {
            Some(AWAY)
        } else if is_covered || is_masked {
            Some(NOT_DISPLAYED)
        } else {
            None
        };
        context.seen = context.seen.or(hidden);
        let data = self.styles.data(&style);
        let mut doubts = Vec::new();
        if is_sheet {
            context.letters = Rc::clone(&style);
            context.indent = None;
            if context.seen.is_none() {
                doubts = self.conditional(at, attrs, &style, context);
            }
            context.target = Target::Cell(at);
        } else if let Target::Page(kind) = &mut context.target {
            *kind = BlockKind::Cell;
        }
        if let Some(formula) = attrs.say("formula") {
            let formula = formula.split_once(":=").map_or(formula, |(_, formula)| formula);
            let sheet = self.flow.sheet.clone();
            self.formulas.push(&sheet, at, formula);
            if crate::parse::formulas::starts_programs(formula) || formula.contains("DDE(") {
                let detail = "a formula calls another program";
                self.flow.builder.notice_once(NoticeKind::ActiveContent, detail);
            }
        }
        let value = match attrs.get("value-type") {
            Some("float" | "percentage" | "currency") => {
                let number = attrs.get("value").and_then(|value| value.parse().ok());
                number.map(crate::parse::xlsx::plain_number)
            }
            Some("date") => attrs.get("date-value").map(|date| date.replace('T', " ")),
            Some("time") => attrs.get("time-value").map(str::to_owned),
            Some("boolean") => attrs.get("boolean-value").map(str::to_uppercase),
            _ => None,
        };
        // Elsewhere it is told as a word for programs.
        let is_asked = is_sheet && value.is_none();
        let text = is_asked.then(|| attrs.say("string-value")).flatten().map(str::to_owned);
        let seen = context.seen;
        let shrinks = is_sheet && style.shrinks == Some(true);
        if let Some(table) = self.tables.last_mut() {
            let span = attrs.number("number-columns-spanned").unwrap_or(1).max(1);
            let room = shrinks.then(|| table.covers.width(at.column, span));
            let formula = attrs.get("formula").map(plain);
            table.cell = Cell { value, text, formula, room, seen, data, paragraphs: 0, doubts };
        }
    }

    /// A paragraph begins in a cell.
    pub(super) fn paragraph_in_cell(&mut self) {
        if let Some(table) = self.tables.last_mut() {
            table.cell.paragraphs = table.cell.paragraphs.saturating_add(1);
        }
    }

    pub(super) fn end_cell(&mut self, context: &Context) {
        let Target::Cell(at) = context.target else { return };
        let mut runs = std::mem::take(&mut self.flow.cell);
        let Some(table) = self.tables.last_mut() else { return };
        let cell = std::mem::take(&mut table.cell);
        let written: String = runs.iter().map(|(text, _)| text.as_str()).collect();
        self.tests = self.tests.saturating_sub(table.covers.count());
        let length = written.chars().count();
        let mut shown = cell.seen.unwrap_or(Visibility::Shown);
        if self.tests > 0 && shown.is_shown() && table.covers.hold(at, length) {
            shown = Visibility::Hidden(Hiding::Covered);
            hide(&mut runs, shown);
        }
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        let narrowest = length as f32 * LETTER_WIDTH * SIZE_MAX_UNREAD;
        if shown.is_shown() && cell.room.is_some_and(|room| room < narrowest) {
            shown = Visibility::Hidden(Hiding::TooSmall);
            hide(&mut runs, shown);
        }
        self.doubted(&cell.doubts, at, &written, &mut runs);
        let table = self.tables.last_mut();
        let other = table.and_then(|table| table.instead(at, &cell, &written));
        let more = cell.kept(&written, &mut runs, shown);
        runs.extend(more);
        if let Some(other) = other {
            let builder = &mut *self.flow.builder;
            let detail = "a cell keeps another value than its formula gives";
            builder.notice_once(NoticeKind::Malformed, detail);
            // A program shows what is kept until it works the formula out.
            hide(&mut runs, Visibility::Undetermined(Doubt::UnknownStyle));
            let other = other.text().filter(|_| shown.is_shown());
            runs.extend(other.map(|text| (text, shown)));
        }
        for (text, seen) in runs {
            self.flow.grid.text(self.flow.builder, at, &text, seen);
        }
    }
}

impl Table {
    /// What the formula of a cell gives, where that is not the text that is kept of it. Other texts are noted.
    fn instead(&mut self, at: Place, cell: &Cell, written: &str) -> Option<Other> {
        if !self.is_sheet || cell.value.is_some() {
            return None;
        }
        let kept = cell.text.as_deref().unwrap_or(written);
        let formula = cell.formula.as_deref();
        let other = formula.and_then(|formula| self.known.instead_of(formula, at, kept));
        if other.is_none() && !kept.is_empty() {
            self.known.push_text(at, kept);
        }
        other
    }
}

/// A formula as XLSX writes it, outside of its literals.
fn plain(formula: &str) -> String {
    let formula = formula.split_once(":=").map_or(formula, |(_, formula)| formula);
    let part = |(index, part): (usize, &str)| match index % 2 {
        0 => part.replace("[.", "").replace(":.", ":").replace(']', "").replace(';', ","),
        _ => part.to_owned(),
    };
    formula.split('"').enumerate().map(part).collect::<Vec<_>>().join("\"")
}

impl Cell {
    /// What the cell holds besides its text. Programs show the value by its format, and not what was written
    /// beside it for programs that know no formats.
    fn kept(
        self,
        written: &str,
        runs: &mut [(String, Visibility)],
        shown: Visibility,
    ) -> Option<(String, Visibility)> {
        let otherwise = Visibility::Hidden(Hiding::DrawnOtherwise);
        let is_empty = written.trim().is_empty();
        if let Some(value) = self.value {
            return match is_empty {
                true if self.paragraphs > 0 && self.data.is_some() => Some((value, NOT_DISPLAYED)),
                true => Some((value, shown)),
                false if may_show_value(written) => None,
                false => {
                    hide(runs, otherwise);
                    Some((value, shown))
                }
            };
        }
        let text = self.text?;
        let is_error = text.is_empty() && written.starts_with(['#', 'E']) && !written.contains(' ');
        if is_error || folded(&text) == folded(written) {
            return None;
        }
        let by_format = self.data.is_some_and(|data| data.is_textual);
        let shows = self.data.is_none_or(|data| data.shows);
        match (is_empty, by_format) {
            (true, true) if self.paragraphs > 0 && !shows => Some((text, NOT_DISPLAYED)),
            (true, _) => Some((text, shown)),
            (false, true) if may_show_text(written, &text, shows) => Some((text, otherwise)),
            (false, _) => {
                hide(runs, otherwise);
                Some((text, shown))
            }
        }
    }
}

/// Whether a format may have made this of a number, date or time.
fn may_show_value(written: &str) -> bool {
    let words = written.split_whitespace().count();
    if written.contains(|ch: char| ch.is_numeric()) {
        return words <= VALUE_WORDS_MAX;
    }
    words <= LITERAL_WORDS_MAX && written.chars().count() <= LITERAL_CHARS_MAX
}

/// Whether a format may have made this of a text.
fn may_show_text(written: &str, text: &str, shows: bool) -> bool {
    if shows { written.contains(text.trim()) } else { true }
}

fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

pub(super) fn hide(runs: &mut [(String, Visibility)], hidden: Visibility) {
    for (_, seen) in runs.iter_mut().filter(|(_, seen)| seen.is_shown()) {
        *seen = hidden;
    }
}

/// Whether a cell that spans several columns is seen in one of them.
fn spans_shown(table: &Table, first: u32, count: u32) -> bool {
    let last = first.saturating_add(count.max(1));
    let index = table.columns.partition_point(|(end, ..)| *end <= first);
    let mut start = first;
    for (end, is_away, _) in table.columns.iter().skip(index).take(SPAN_COLUMNS_MAX) {
        if start >= last {
            return false;
        }
        if !is_away {
            return true;
        }
        start = *end;
    }
    start < last
}

fn is_away(attrs: &Attrs) -> bool {
    matches!(attrs.get("visibility"), Some("collapse" | "filter"))
}

fn is_flat(extent: Option<f32>) -> bool {
    extent.is_some_and(|extent| extent < EXTENT_MIN)
}
