//! The cells of a sheet: what each shows, and what it holds besides.

use super::areas::{Areas, Tests};
use super::around::Around;
use super::cell::{Cell, Content};
use super::conditions::{self, is_true};
use super::formula::{Formula, Known, Value, is_plain};
use super::number::{Display, general};
use super::strings::{RichText, Shared, Strings};
use super::styles::{Font, SIZE_MIN, Style, Styles, legibility};
use crate::domain::document::{Doubt, Hiding, NoticeKind, Visibility};
use crate::domain::limits::TEXT_BLOCK_BYTES_MAX;
use crate::parse::Builder;
use crate::parse::formulas::Formulas;
use crate::parse::grid::{Grid, Place};
use crate::parse::html::color::Rgba;
use crate::parse::remains::has_letters;
use crate::parse::xml::{Step, Xml};

/// Characters that fit into a column for each unit of its width, at least.
const CHARS_PER_WIDTH: f32 = 0.9;

/// Points of a unit of a column's width: seven pixels.
const POINTS_PER_WIDTH: f32 = 5.25;
/// Letters are at least so wide, as a part of their size.
const LETTER_WIDTH: f32 = 0.4;

const MACHINE_ONLY: Visibility = Visibility::Hidden(Hiding::MachineOnly);

/// What a file's sheets share.
#[derive(Debug)]
pub(super) struct Book {
    pub(super) styles: Styles,
    pub(super) strings: Strings,
    pub(super) from_1904: bool,
    pub(super) formulas: Formulas,
    pub(super) tests: Tests,
}

/// A sheet while its cells are read.
pub(super) struct Sheet<'s> {
    pub(super) builder: &'s mut Builder,
    pub(super) grid: &'s mut Grid,
    pub(super) book: &'s mut Book,
    pub(super) around: &'s mut Around,
    /// Tables, and whether they may fill a cell that has no fill of its own.
    pub(super) tables: Areas<()>,
    /// Cells wholly under something opaque.
    pub(super) covered: Areas<()>,
    /// Values for the formulas behind them.
    pub(super) known: Known,
    pub(super) name: &'s str,
    /// What everything is where the sheet itself is not shown.
    pub(super) outer: Option<Visibility>,
}

/// A value with the text that it shows.
enum Shows<'a> {
    Text(&'a str),
    Rich(&'a RichText),
}

impl Shows<'_> {
    fn chars(&self) -> usize {
        match self {
            Shows::Text(text) => text.chars().count(),
            Shows::Rich(rich) => rich.runs.iter().map(|(text, _)| text.chars().count()).sum(),
        }
    }
}

impl Sheet<'_> {
    /// Reads every row; says why it ended early, and gives the rest.
    pub(super) fn rows<'t>(&mut self, text: &'t str) -> Option<(&'static str, &'t str)> {
        let mut xml = Xml::new(text);
        let mut next = 0_u32;
        // Text outside of the rows is told with what is around them.
        let mut in_rows = false;
        while let Some(step) = xml.step() {
            match step {
                Step::Open(tag) if tag.name() == "row" => {
                    let row = tag.attr("r").and_then(|row| row.parse::<u32>().ok());
                    let row = row.and_then(|row| row.checked_sub(1)).unwrap_or(next);
                    next = row.saturating_add(1);
                    let is_hidden = self.around.hides_row(&tag);
                    self.row(row, is_hidden, &mut xml);
                }
                Step::Text(text) if in_rows => self.stray(&text),
                Step::Open(tag) if !in_rows && tag.name() == "sheetData" => in_rows = true,
                Step::Open(_) if in_rows => self.stray(&xml.inner_text()),
                Step::Open(_) => {}
                // What is in the list ends elsewhere: this is its own end, or behind it.
                Step::Close => in_rows = false,
                Step::Comment(comment) => self.comment(comment),
                Step::Text(_) | Step::Declarations(_) => {}
            }
            if self.builder.is_full() {
                return None;
            }
        }
        xml.fault()
    }

    fn comment(&mut self, text: &str) {
        let seen = Visibility::Hidden(Hiding::Comment);
        self.builder.block(crate::parse::ooxml::value(text, self.name, seen));
    }

    /// Text where the format has none.
    fn stray(&mut self, text: &str) {
        if has_letters(text) {
            self.builder.block(crate::parse::ooxml::value(text, self.name, MACHINE_ONLY));
        }
    }

    fn row(&mut self, row: u32, is_hidden: bool, xml: &mut Xml<'_>) {
        let mut next = 0_u32;
        while let Some(step) = xml.step() {
            match step {
                Step::Open(tag) if tag.name() == "c" => {
                    let name = tag.attr("r").and_then(|name| Place::of_name(&name));
                    let at = name.unwrap_or(Place { row, column: next });
                    next = at.column.saturating_add(1);
                    let cell = Cell::read(&tag, xml, &self.book.styles.palette);
                    self.cell(at, is_hidden, &cell);
                }
                Step::Open(_) => self.stray(&xml.inner_text()),
                Step::Text(text) => self.stray(&text),
                Step::Close => return,
                Step::Comment(comment) => self.comment(comment),
                Step::Declarations(_) => {}
            }
        }
    }

    fn cell(&mut self, at: Place, row_hidden: bool, cell: &Cell) {
        let place_seen = self.place_seen(at, row_hidden);
        if let Some(formula) = &cell.formula {
            self.formula(at, formula, place_seen);
        }
        for text in &cell.beside {
            self.put(at, text, MACHINE_ONLY);
        }
        match &cell.content {
            Content::Nothing => self.uncached(at, cell, place_seen),
            Content::Shared(number) => self.shared(at, *number, cell, place_seen),
            Content::Rich(rich) => {
                self.put(at, &rich.stray, MACHINE_ONLY);
                let value = Value::Text(rich.text());
                self.show(at, &Shows::Rich(rich), &value, cell, place_seen);
            }
            Content::Plain(text) => self.plain(at, text, cell, place_seen),
        }
    }

    fn shared(&mut self, at: Place, number: usize, cell: &Cell, place_seen: Option<Visibility>) {
        // The strings are put back below: they are only read meanwhile.
        let mut strings = std::mem::take(&mut self.book.strings);
        match strings.used(number) {
            Some(Shared::Plain(text)) => {
                let value = self.text_value(text, cell);
                self.show(at, &Shows::Text(text), &value, cell, place_seen);
            }
            Some(Shared::Rich(rich)) => {
                self.put(at, &rich.stray, MACHINE_ONLY);
                let value = Value::Text(rich.text());
                self.show(at, &Shows::Rich(rich), &value, cell, place_seen);
            }
            None => {}
        }
        self.book.strings = strings;
    }

    /// The text as a value, where anything asks for it.
    fn text_value(&self, text: &str, cell: &Cell) -> Value {
        let is_asked =
            !self.around.rules.is_empty() || cell.formula.is_some() || self.known.is_asked;
        if is_asked { Value::Text(text.to_owned()) } else { Value::Unknown }
    }

    fn plain(&mut self, at: Place, text: &str, cell: &Cell, place_seen: Option<Visibility>) {
        let value = match cell.kind.as_str() {
            "b" => Value::Truth(is_true(text.trim())),
            "e" => Value::Error,
            "str" | "d" | "inlineStr" => self.text_value(text, cell),
            _ => match text.trim().parse::<f64>() {
                Ok(number) => Value::Number(number),
                Err(_) => {
                    self.put(at, text, Visibility::Undetermined(Doubt::Broken));
                    return;
                }
            },
        };
        let shown = match &value {
            Value::Truth(true) => "TRUE",
            Value::Truth(false) => "FALSE",
            _ => text,
        };
        self.show(at, &Shows::Text(shown), &value, cell, place_seen);
    }

    /// A formula without a value: programs work it out on opening.
    fn uncached(&mut self, at: Place, cell: &Cell, place_seen: Option<Visibility>) {
        let Some(formula) = cell.formula.as_deref() else { return };
        let value = worked_out(formula, at);
        if let Some(text) = text_of(&value) {
            self.show(at, &Shows::Text(&text), &value, cell, place_seen);
        }
    }

    fn formula(&mut self, at: Place, formula: &str, place_seen: Option<Visibility>) {
        if self.around.shows_formulas {
            let seen = place_seen.unwrap_or(Visibility::Shown);
            self.put(at, &format!("={formula}"), seen);
        } else {
            self.book.formulas.push(self.name, at, formula);
        }
        if crate::parse::formulas::starts_programs(formula) {
            self.builder.notice_once(NoticeKind::ActiveContent, "a formula calls another program");
        }
    }

    /// What hides a cell whatever it holds.
    fn place_seen(&mut self, at: Place, row_hidden: bool) -> Option<Visibility> {
        if self.outer.is_some() {
            return self.outer;
        }
        let hidden = Visibility::Hidden(Hiding::HiddenPart);
        let column_hidden = self.around.hides_column(at.column);
        let area = self.around.merged.at(at, &mut self.book.tests).next().map(|(area, ())| *area);
        let Some(area) = area else {
            return (row_hidden || column_hidden).then_some(hidden);
        };
        if area.first != at {
            return Some(Visibility::Hidden(Hiding::NotDisplayed));
        }
        if self.around.hides_columns(area.first.column, area.last.column) {
            return Some(hidden);
        }
        match (row_hidden, area.first.row == area.last.row) {
            (false, _) => None,
            (true, true) => Some(hidden),
            // It is seen if a later row is.
            (true, false) => Some(Visibility::Undetermined(Doubt::UnknownStyle)),
        }
    }

    /// Shows a value by its format, after what its formula says of it.
    fn show(
        &mut self,
        at: Place,
        shows: &Shows<'_>,
        value: &Value,
        cell: &Cell,
        place_seen: Option<Visibility>,
    ) {
        if self.around.shows_formulas && cell.formula.is_some() {
            let hidden = Visibility::Hidden(Hiding::NotDisplayed);
            self.runs(at, shows, |_| place_seen.unwrap_or(hidden));
            return;
        }
        let formula = cell.formula.as_deref();
        if let Some(other) = formula.and_then(|formula| self.known.instead(formula, at, value)) {
            let kept = match (other.kept, place_seen) {
                (Visibility::Undetermined(_), Some(seen)) => seen,
                (kept, _) => kept,
            };
            self.runs(at, shows, |_| kept);
            // Programs that work nothing out keep a zero, and say nothing with it.
            if *value != Value::Number(0.0) {
                self.builder.notice_once(
                    NoticeKind::Malformed,
                    "a cell keeps another value than its formula gives",
                );
            }
            let text = other.text().unwrap_or_default();
            self.formatted(at, &Shows::Text(&text), &other.value, cell, place_seen);
            return;
        }
        self.known.push(at, value);
        self.formatted(at, shows, value, cell, place_seen);
    }

    fn formatted(
        &mut self,
        at: Place,
        shows: &Shows<'_>,
        value: &Value,
        cell: &Cell,
        place_seen: Option<Visibility>,
    ) {
        let style = self.book.styles.cell(cell.style).cloned().unwrap_or_default();
        let (display, ink) = self.display(shows, value, &style);
        let seen = |sheet: &mut Self, font: Option<Font>| {
            place_seen.unwrap_or_else(|| sheet.style_seen(at, shows, value, &style, font, ink))
        };
        match display {
            None => {
                let own = seen(self, None);
                if let Shows::Rich(rich) = shows {
                    let fonts = rich.runs.iter().map(|(_, font)| *font);
                    let all: Vec<Visibility> = fonts
                        .map(|font| if font.is_some() { seen(self, font) } else { own })
                        .collect();
                    self.runs(at, shows, |index| all.get(index).copied().unwrap_or(own));
                } else {
                    self.runs(at, shows, |_| own);
                }
            }
            Some(Display::Value(text)) => {
                let seen = seen(self, None);
                self.put(at, &text, seen);
            }
            Some(Display::Nothing) => {
                let hidden = Visibility::Hidden(Hiding::NotDisplayed);
                self.runs(at, shows, |_| place_seen.unwrap_or(hidden));
            }
            Some(Display::Instead(text)) => {
                let instead = seen(self, None);
                let hidden = Visibility::Hidden(Hiding::DrawnOtherwise);
                self.runs(at, shows, |_| place_seen.unwrap_or(hidden));
                self.put(at, &text, instead);
            }
        }
    }

    /// What the format makes of a value; `None`: the text as it is.
    fn display(
        &self,
        shows: &Shows<'_>,
        value: &Value,
        style: &Style,
    ) -> (Option<Display>, Option<Rgba>) {
        let format = self.book.styles.format(style);
        if let Value::Number(number) = value {
            if self.around.hides_zeros && *number == 0.0 {
                return (Some(Display::Nothing), None);
            }
            let (display, ink) = match format {
                Some(format) => format.number(*number, self.book.from_1904),
                None => (Display::Value(unformatted(shows, *number)), None),
            };
            return (Some(display), ink);
        }
        let (Some(format), Value::Text(_) | Value::Unknown) = (format, value) else {
            return (None, None);
        };
        match shows {
            Shows::Text(text) => match format.text(text) {
                (Display::Value(shown), ink) if shown == *text => (None, ink),
                (display, ink) => (Some(display), ink),
            },
            // The runs keep their letters unless the format shows something else.
            Shows::Rich(rich) => match format.text(&rich.text()) {
                (Display::Value(_), ink) => (None, ink),
                (display, ink) => (Some(display), ink),
            },
        }
    }

    /// What the look of a run does: letters, ground, conditions, what lies above.
    fn style_seen(
        &mut self,
        at: Place,
        shows: &Shows<'_>,
        value: &Value,
        style: &Style,
        font: Option<Font>,
        ink: Option<Rgba>,
    ) -> Visibility {
        let own = font.unwrap_or(style.font);
        let letters = Font { ink: ink.or(own.ink), ..own };
        let mut seen = match (font, ink, style.seen) {
            (None, None, Some(seen)) => seen,
            _ => legibility(letters, &style.ground),
        };
        if !self.around.rules.is_empty() {
            let rules = &mut self.around.rules;
            if let Some(look) = conditions::look(rules, at, value, style, &mut self.book.tests) {
                seen = look.seen(letters, &style.ground, font.is_none());
            }
        }
        if seen == Visibility::Hidden(Hiding::LowContrast)
            && style.ground.is_empty()
            && self.tables.at(at, &mut self.book.tests).next().is_some()
        {
            // The style of the table fills it.
            seen = Visibility::Shown;
        }
        if seen.is_shown() && style.shrinks && self.is_shrunk_away(at, shows) {
            seen = Visibility::Hidden(Hiding::TooSmall);
        }
        if seen.is_shown() && !self.covered.is_empty() && self.is_covered(at, shows) {
            seen = Visibility::Hidden(Hiding::Covered);
        }
        seen
    }

    /// Whether letters that shrink until they fit become too small to read. Their size does not matter, since it is
    /// the room that says how small they become.
    fn is_shrunk_away(&mut self, at: Place, shows: &Shows<'_>) -> bool {
        let merged = self.around.merged.at(at, &mut self.book.tests).next();
        let last = merged.map_or(at.column, |(area, ())| area.last.column);
        let room = self.around.width(at.column, last) * POINTS_PER_WIDTH;
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        let chars = shows.chars() as f32;
        chars * LETTER_WIDTH * SIZE_MIN > room
    }

    /// Whether a cover holds the cell and the columns that its text may run over.
    fn is_covered(&mut self, at: Place, shows: &Shows<'_>) -> bool {
        let chars = shows.chars();
        let around = &*self.around;
        self.covered.at(at, &mut self.book.tests).any(|(area, ())| {
            let width = around.width(at.column, area.last.column);
            #[expect(clippy::cast_precision_loss, reason = "an estimate")]
            let needed = chars as f32 * CHARS_PER_WIDTH;
            needed <= width || area.last.row > at.row.saturating_add(1)
        })
    }

    fn runs(&mut self, at: Place, shows: &Shows<'_>, seen: impl Fn(usize) -> Visibility) {
        match shows {
            Shows::Text(text) => self.put(at, text, seen(0)),
            Shows::Rich(rich) => {
                for (index, (text, _)) in rich.runs.iter().enumerate() {
                    self.put(at, text, seen(index));
                }
                if !rich.phonetic.is_empty() {
                    self.book.formulas.phonetic(self.name, at, &rich.phonetic);
                }
            }
        }
    }

    fn put(&mut self, at: Place, text: &str, seen: Visibility) {
        let mut rest = text;
        while rest.len() > TEXT_BLOCK_BYTES_MAX {
            let cut = (1..=TEXT_BLOCK_BYTES_MAX).rev().find(|cut| rest.is_char_boundary(*cut));
            let (head, tail) =
                rest.split_at_checked(cut.unwrap_or(rest.len())).unwrap_or((rest, ""));
            self.grid.text(self.builder, at, head, seen);
            rest = tail;
        }
        self.grid.text(self.builder, at, rest, seen);
    }
}

/// Short numbers stand as they are; long ones lose what no sheet shows.
fn unformatted(shows: &Shows<'_>, number: f64) -> String {
    match shows {
        Shows::Text(text) if text.len() <= 15 && text.bytes().all(|byte| byte.is_ascii_digit()) => {
            (*text).to_owned()
        }
        _ => general(number),
    }
}

fn worked_out(formula: &str, at: Place) -> Value {
    if is_plain(formula) {
        Formula::read(formula, at).value(at, &Value::Unknown)
    } else {
        Value::Unknown
    }
}

pub(super) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.clone()),
        Value::Number(number) => Some(general(*number)),
        Value::Truth(true) => Some("TRUE".to_owned()),
        Value::Truth(false) => Some("FALSE".to_owned()),
        Value::Error | Value::Blank | Value::Unknown => None,
    }
}
