//! Tables: what a cell's place in its table means for its ground and its text (17.4, 17.7.6).

use super::properties::{Shade, number, shade};
use super::styles::{Condition, Styles, WHOLE_TABLE};
use crate::parse::drawing::theme::Palette;
use crate::parse::xml::Element;

/// Rows of an exact height below this show nothing of their text, in twentieths of a point.
const ROW_MIN: f32 = 60.0;

/// A table that is being read.
#[derive(Debug, Default)]
pub(super) struct Table {
    style: Option<String>,
    shade: Option<Shade>,
    look: Look,
    rows: usize,
    columns: usize,
    /// From 1 while a row is read.
    row: usize,
    column: usize,
    span: usize,
}

/// Which conditions of its style a table uses.
#[derive(Debug, Clone, Copy, Default)]
struct Look {
    first_row: bool,
    last_row: bool,
    first_column: bool,
    last_column: bool,
    row_bands: bool,
    column_bands: bool,
}

/// How a row or cell itself hides what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gone {
    Deleted,
    /// A row without height.
    Thin,
    /// The cell goes on from the one before, whose text is shown instead.
    Merged,
}

impl Table {
    pub(super) fn new(rows: usize) -> Self {
        Self { rows, ..Self::default() }
    }

    /// `w:tblPr`.
    pub(super) fn properties(&mut self, element: &Element, palette: &Palette<'_>) {
        let style = element.child("tblStyle").and_then(|style| style.attr("val"));
        self.style = style.map(str::to_owned);
        self.shade = element.child("shd").and_then(|shd| shade(shd, palette));
        self.look = element.child("tblLook").map_or_else(Look::default, Look::of);
    }

    /// `w:tblGrid`.
    pub(super) fn grid(&mut self, element: &Element) {
        self.columns = element.all("gridCol").count();
    }

    pub(super) fn begin_row(&mut self) {
        self.row = self.row.saturating_add(1);
        self.column = 0;
        self.span = 0;
    }

    /// `w:trPr`.
    pub(super) fn row_properties(&mut self, element: &Element) -> Option<Gone> {
        let before = element.child("gridBefore").and_then(|before| before.attr("val"));
        self.column = before.and_then(|before| before.parse().ok()).unwrap_or(0);
        let height = element.child("trHeight").filter(|it| it.attr("hRule") == Some("exact"));
        let height = height.and_then(|height| number(height.attr("val")?));
        if element.child("del").is_some() {
            Some(Gone::Deleted)
        } else {
            height.is_some_and(|height| height < ROW_MIN).then_some(Gone::Thin)
        }
    }

    pub(super) fn begin_cell(&mut self) {
        self.column = self.column.saturating_add(self.span);
        self.span = 1;
    }

    /// `w:tcPr`: its own shading, and how it hides its text.
    pub(super) fn cell_properties(
        &mut self,
        element: &Element,
        palette: &Palette<'_>,
    ) -> (Option<Shade>, Option<Gone>) {
        let span = element.child("gridSpan").and_then(|span| span.attr("val")?.parse().ok());
        self.span = span.unwrap_or(1);
        let goes_on =
            |name| element.child(name).is_some_and(|merge| merge.attr("val") != Some("restart"));
        let gone = if element.child("cellDel").is_some() {
            Some(Gone::Deleted)
        } else {
            (goes_on("vMerge") || goes_on("hMerge")).then_some(Gone::Merged)
        };
        (element.child("shd").and_then(|shd| shade(shd, palette)), gone)
    }

    /// What the table and its style say of the present cell.
    pub(super) fn condition(&self, styles: &Styles) -> Condition {
        let mut found = styles.table(self.style.as_deref(), &self.conditions());
        let whole = styles.table(self.style.as_deref(), &[WHOLE_TABLE]).shade;
        if found.shade == whole {
            found.shade = self.shade.or(found.shade);
        }
        found
    }

    /// Names of the conditions that hold, the weakest first. Rows come after columns, as the styles that
    /// programs bring along need it.
    fn conditions(&self) -> Vec<&'static str> {
        let look = self.look;
        let (row, column) = (self.row.saturating_sub(1), self.column);
        let is_last_column = self.columns > 0 && column.saturating_add(self.span) >= self.columns;
        let top = look.first_row && row == 0;
        let bottom = look.last_row && self.row >= self.rows && !top;
        let left = look.first_column && column == 0;
        let right = look.last_column && is_last_column && !left;
        let band = |at: usize, is_first_apart: bool, names: [&'static str; 2]| {
            let even = at.saturating_sub(usize::from(is_first_apart)) % 2 == 0;
            if even { names[0] } else { names[1] }
        };
        let bands_down = look.column_bands && !left && !right;
        let bands_across = look.row_bands && !top && !bottom;
        let all = [
            (true, WHOLE_TABLE),
            (bands_down, band(column, look.first_column, ["band1Vert", "band2Vert"])),
            (bands_across, band(row, look.first_row, ["band1Horz", "band2Horz"])),
            (left, "firstCol"),
            (right, "lastCol"),
            (top, "firstRow"),
            (bottom, "lastRow"),
            (top && left, "nwCell"),
            (top && right, "neCell"),
            (bottom && left, "swCell"),
            (bottom && right, "seCell"),
        ];
        all.into_iter().filter(|(holds, _)| *holds).map(|(_, name)| name).collect()
    }
}

impl Look {
    fn of(element: &Element) -> Self {
        let bits = element.attr("val").and_then(|bits| u32::from_str_radix(bits, 16).ok());
        let says = |name: &str, bit: u32| match element.attr(name) {
            Some(value) => matches!(value, "1" | "true" | "on"),
            None => bits.unwrap_or(0) & bit != 0,
        };
        Self {
            first_row: says("firstRow", 0x20),
            last_row: says("lastRow", 0x40),
            first_column: says("firstColumn", 0x80),
            last_column: says("lastColumn", 0x100),
            row_bands: !says("noHBand", 0x200),
            column_bands: !says("noVBand", 0x400),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(look: &str) -> Table {
        let element = Element::root(&format!("<w:tblPr><w:tblLook {look}/></w:tblPr>")).unwrap();
        let (theme, map) = Default::default();
        let mut table = Table::new(3);
        table.properties(&element, &Palette { theme: &theme, map: &map });
        table.grid(&Element::root("<g><gridCol/><gridCol/></g>").unwrap());
        table
    }

    #[test]
    fn places_in_a_table_have_conditions() {
        let mut table = table("w:val='04A0' w:firstRow='1' w:noVBand='1'");
        table.begin_row();
        table.begin_cell();
        assert_eq!(table.conditions(), [WHOLE_TABLE, "firstCol", "firstRow", "nwCell"]);
        table.begin_cell();
        assert_eq!(table.conditions(), [WHOLE_TABLE, "firstRow"]);
        table.begin_row();
        table.begin_cell();
        table.begin_cell();
        assert_eq!(table.conditions(), [WHOLE_TABLE, "band1Horz"]);
    }

    #[test]
    fn the_last_row_and_column_are_known() {
        let mut table = table("w:lastRow='1' w:lastColumn='1' w:noHBand='1' w:noVBand='1'");
        for _ in 0..3 {
            table.begin_row();
        }
        table.begin_cell();
        table.begin_cell();
        assert_eq!(table.conditions(), [WHOLE_TABLE, "lastCol", "lastRow", "seCell"]);
    }
}
