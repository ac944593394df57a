//! What a sheet says around its cells: columns, merged areas, conditions, and text that hangs on it. It stands
//! before and behind the cells, so that a sheet is gone through twice.

use super::areas::{Area, Areas};
use super::axis::Axis;
use super::conditions::{self, Rules, is_true};
use super::headings;
use super::styles::Styles;
use crate::domain::document::{Alternate, Hiding, Visibility};
use crate::domain::limits::{SHEET_ATTACHED_MAX, SHEET_COLUMNS_MAX, SHEET_RULES_MAX};
use crate::parse::drawing::place::EMU_PER_POINT;
use crate::parse::xml::{Element, Step, Tag, Xml};

/// Columns narrower than this, in characters, show none of what is in them: three pixels.
const WIDTH_MIN: f32 = 0.4;
/// Rows lower than this, in points, show none.
const HEIGHT_MIN: f32 = 3.0;
/// Width of a column of which nothing is said, in characters, with its margins.
const WIDTH_USUAL: f32 = 9.14;
/// Height of a row of which nothing is said, in points.
const HEIGHT_USUAL: f32 = 15.0;
/// Width of a character of the usual letters: seven pixels, in EMU.
const CHARACTER: f64 = 66_675.0;

/// Words of the format in elements of a sheet, such as names of areas, are not longer.
const WORD_BYTES_MAX: usize = 40;

/// Text that hangs on a place in the sheet.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Attached {
    pub(super) cell: String,
    pub(super) text: String,
    pub(super) visibility: Visibility,
}

/// All of it.
#[derive(Debug, Default)]
pub(super) struct Around {
    columns: Vec<Column>,
    /// Columns of which nothing is said.
    usual: Column,
    /// For each column: how many before it are shown, and how wide they are.
    before: Vec<(usize, f32)>,
    pub(super) row_height: Option<f32>,
    /// Where its columns and rows lie.
    pub(super) across: Axis,
    pub(super) down: Axis,
    pub(super) merged: Areas<()>,
    pub(super) rules: Rules,
    pub(super) attached: Vec<Attached>,
    /// More hangs on it than is kept.
    pub(super) has_more: bool,
    pub(super) shows_formulas: bool,
    pub(super) hides_zeros: bool,
}

#[derive(Debug, Clone, Copy)]
struct Column {
    is_hidden: bool,
    width: f32,
}

impl Default for Column {
    fn default() -> Self {
        Self { is_hidden: false, width: WIDTH_USUAL }
    }
}

impl Around {
    pub(super) fn read(text: &str, styles: &Styles) -> Self {
        let mut around = Self::default();
        let (mut merged, mut rules) = (Vec::new(), Vec::new());
        let mut xml = Xml::new(text);
        let mut columns = 0_usize;
        while let Some(step) = xml.step() {
            let tag = match step {
                Step::Open(tag) => tag,
                Step::Text(text) => {
                    around.stray(&text);
                    continue;
                }
                // Comments are told with the rows.
                Step::Close | Step::Comment(_) | Step::Declarations(_) => continue,
            };
            match tag.name() {
                "sheetData" => around.rows(&mut xml),
                "col" if columns < SHEET_COLUMNS_MAX => {
                    columns += 1;
                    around.column(&tag);
                }
                "sheetFormatPr" => around.format(&tag),
                "sheetView" => {
                    around.shows_formulas |=
                        tag.attr("showFormulas").is_some_and(|it| is_true(&it));
                    around.hides_zeros |= tag.attr("showZeros").is_some_and(|it| !is_true(&it));
                }
                "mergeCell" if merged.len() >= SHEET_RULES_MAX => around.has_more = true,
                "mergeCell" => {
                    merged.extend(tag.attr("ref").and_then(|area| Some((Area::read(&area)?, ()))));
                }
                "conditionalFormatting" => {
                    let element = Element::below(&tag, &mut xml);
                    conditions::read(&element, styles, &mut rules);
                    element.untold().for_each(|text| around.stray(text));
                }
                "dataValidation" => {
                    let element = Element::below(&tag, &mut xml);
                    around.validation(&element);
                    element.untold().for_each(|text| around.stray(text));
                }
                "hyperlink" => around.link(&tag),
                "headerFooter" => {
                    let element = Element::below(&tag, &mut xml);
                    around.attached.extend(headings::read(&element));
                    element.untold().for_each(|text| around.stray(text));
                }
                "protectedRange" | "scenario" | "inputCells" | "sheetPr" | "customProperty"
                | "webPublishItem" | "control" | "oleObject" => {
                    around.names(&tag);
                }
                _ => {}
            }
        }
        around.has_more |= rules.len() >= SHEET_RULES_MAX;
        around.sum();
        around.merged = Areas::new(merged);
        around.rules = Areas::new(rules);
        around
    }

    fn column(&mut self, tag: &Tag<'_>) {
        let number = |name: &str| tag.attr(name).and_then(|text| text.parse::<usize>().ok());
        let Some((first, last)) = number("min").zip(number("max")) else { return };
        let width = tag.attr("width").and_then(|text| text.parse().ok()).unwrap_or(WIDTH_USUAL);
        let is_hidden = tag.attr("hidden").is_some_and(|hidden| is_true(&hidden));
        let column = Column { is_hidden: is_hidden || width < WIDTH_MIN, width };
        let last = last.min(SHEET_COLUMNS_MAX);
        let first = first.max(1);
        if last < first {
            return;
        }
        if self.columns.len() < last {
            self.columns.resize(last, self.usual);
        }
        if let Some(slots) = self.columns.get_mut(first - 1..last) {
            slots.fill(column);
        }
    }

    fn format(&mut self, tag: &Tag<'_>) {
        self.row_height = tag.attr("defaultRowHeight").and_then(|text| text.parse().ok());
        let width = tag.attr("defaultColWidth").and_then(|text| text.parse::<f32>().ok());
        self.usual.width = width.filter(|width| *width >= WIDTH_MIN).unwrap_or(WIDTH_USUAL);
    }

    /// The heights of rows that say theirs.
    fn rows(&mut self, xml: &mut Xml<'_>) {
        let usual = self.row_height.unwrap_or(HEIGHT_USUAL);
        self.down = Axis::new(f64::from(usual) * EMU_PER_POINT);
        let mut next = 0_u32;
        while let Some(step) = xml.step() {
            match step {
                Step::Open(tag) if tag.name() == "row" => {
                    let row = tag.attr("r").and_then(|row| row.parse::<u32>().ok());
                    let row = row.and_then(|row| row.checked_sub(1)).unwrap_or(next);
                    next = row.saturating_add(1);
                    let height = tag.attr("ht").and_then(|height| height.parse::<f32>().ok());
                    let height = if self.hides_row(&tag) { Some(0.0) } else { height };
                    if let Some(height) = height.filter(|height| *height != usual) {
                        self.down.push(row, f64::from(height) * EMU_PER_POINT);
                    }
                    xml.skip();
                }
                Step::Open(_) => xml.skip(),
                Step::Close => return,
                _ => {}
            }
        }
    }

    fn at(&self, column: u32) -> Column {
        let index = usize::try_from(column).unwrap_or(usize::MAX);
        self.columns.get(index).copied().unwrap_or(self.usual)
    }

    pub(super) fn hides_column(&self, column: u32) -> bool {
        self.at(column).is_hidden
    }

    fn sum(&mut self) {
        let mut sum = (0_usize, 0.0_f32);
        self.before.push(sum);
        for column in &self.columns {
            if !column.is_hidden {
                sum = (sum.0 + 1, sum.1 + column.width);
            }
            self.before.push(sum);
        }
        self.across = Axis::new(f64::from(self.usual.width) * CHARACTER);
        for (index, column) in (0_u32..).zip(&self.columns) {
            let width = if column.is_hidden { 0.0 } else { column.width };
            self.across.push(index, f64::from(width) * CHARACTER);
        }
    }

    /// Shown columns before this one and their width.
    fn before(&self, column: u32) -> (usize, f32) {
        let column = usize::try_from(column).unwrap_or(usize::MAX).min(SHEET_COLUMNS_MAX);
        let known = column.min(self.before.len().saturating_sub(1));
        let (shown, width) = self.before.get(known).copied().unwrap_or_default();
        let beyond = column - known;
        #[expect(clippy::cast_precision_loss, reason = "SHEET_COLUMNS_MAX at most")]
        let more = beyond as f32 * self.usual.width;
        (shown + beyond, width + more)
    }

    /// Whether every column from one to another is hidden.
    pub(super) fn hides_columns(&self, first: u32, last: u32) -> bool {
        self.before(first).0 == self.before(last.saturating_add(1)).0
    }

    /// In characters.
    pub(super) fn width(&self, first: u32, last: u32) -> f32 {
        self.before(last.saturating_add(1)).1 - self.before(first).1
    }

    /// Whether a row shows nothing of its cells.
    pub(super) fn hides_row(&self, tag: &Tag<'_>) -> bool {
        let (mut height, mut hidden) = (None, None);
        for (name, value) in tag.attrs() {
            match name {
                "ht" => height = value.parse::<f32>().ok(),
                "hidden" => hidden = Some(is_true(&value)),
                _ => {}
            }
        }
        // `zeroHeight` hides the rows that the file does not name; these are empty.
        let height = height.or(self.row_height);
        hidden.unwrap_or(false) || height.is_some_and(|height| height < HEIGHT_MIN)
    }

    /// Prompts and messages, and lists to choose from.
    fn validation(&mut self, element: &Element) {
        let inner = element.child("sqref").map(|inner| inner.text.as_str());
        let cell = element.attr("sqref").or(inner).unwrap_or_default();
        let cell = cell.split(' ').next().unwrap_or_default();
        for name in ["promptTitle", "prompt", "errorTitle", "error"] {
            if let Some(text) = element.attr(name) {
                self.attach(cell, text, Visibility::Alternate(Alternate::Tooltip));
            }
        }
        for formula in element.children.iter().filter(|child| child.name.starts_with("formula")) {
            let text = formula.all_text();
            let list = text.trim().strip_prefix('"').and_then(|text| text.strip_suffix('"'));
            match list {
                Some(list) => {
                    self.attach(cell, list, Visibility::Alternate(Alternate::FormField));
                }
                None => self.attach(cell, &text, Visibility::Hidden(Hiding::MachineOnly)),
            }
        }
    }

    fn link(&mut self, tag: &Tag<'_>) {
        let cell = tag.attr("ref").unwrap_or_default();
        for (name, visibility) in [
            ("tooltip", Visibility::Alternate(Alternate::Tooltip)),
            ("location", Visibility::Hidden(Hiding::MachineOnly)),
            // What the cell showed when the link was made.
            ("display", Visibility::Hidden(Hiding::MachineOnly)),
        ] {
            if let Some(text) = tag.attr(name) {
                self.attach(&cell, &text, visibility);
            }
        }
    }

    /// Words in attributes that only programs read.
    fn names(&mut self, tag: &Tag<'_>) {
        for (name, value) in tag.attrs() {
            let is_text = matches!(
                name,
                "name" | "comment" | "title" | "val" | "codeName" | "user" | "altText" | "descr"
            );
            if is_text && value.contains(' ') {
                self.attach("", &value, Visibility::Hidden(Hiding::MachineOnly));
            }
        }
    }

    /// Text where nothing reads any. A short word is a place, a formula or a number of the format.
    fn stray(&mut self, text: &str) {
        let text = text.trim();
        let is_word =
            text.len() <= WORD_BYTES_MAX && text.is_ascii() && !text.contains(char::is_whitespace);
        if !is_word && crate::parse::remains::has_letters(text) {
            self.attach("", text, Visibility::Hidden(Hiding::MachineOnly));
        }
    }

    fn attach(&mut self, cell: &str, text: &str, visibility: Visibility) {
        if self.attached.len() >= SHEET_ATTACHED_MAX {
            self.has_more = true;
            return;
        }
        let (cell, text) = (cell.to_owned(), super::strings::unescaped(text));
        self.attached.push(Attached { cell, text, visibility });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merged_areas_past_the_bound_are_told() {
        for (count, has_more) in [(SHEET_RULES_MAX, false), (SHEET_RULES_MAX + 1, true)] {
            let text = format!("<s>{}</s>", "<mergeCell ref='A1:B2'/>".repeat(count));
            let styles = Styles::read(None, None);
            assert_eq!(Around::read(&text, &styles).has_more, has_more);
        }
    }
}
