//! Tables on slides: each cell as a shape with its ground.

use std::collections::BTreeMap;

use super::sheet::{Kind, Shape, body};
use crate::parse::drawing::colour;
use crate::parse::drawing::fill::Fill;
use crate::parse::drawing::place::{Area, units};
use crate::parse::drawing::theme::Palette;
use crate::parse::html::color::{BLACK, Rgba, WHITE};
use crate::parse::xml::Element;

/// `ppt/tableStyles.xml`. Programs write only the styles there that they do not bring along.
#[derive(Debug, Default)]
pub(super) struct Styles(BTreeMap<String, Element>);

/// Styles that everybody brings along and that paint nothing.
const PLAIN: [&str; 2] =
    ["{2D5ABB26-0587-4C30-8999-92F81FD0307C}", "{5940675A-B579-460E-94D1-54222C63F5DA}"];

impl Styles {
    pub(super) fn read(text: &str) -> Self {
        let root = Element::root(text).unwrap_or_default();
        let styles = root.children.into_iter().filter_map(|style| {
            let id = style.attr("styleId")?.to_owned();
            Some((id, style))
        });
        Self(styles.collect())
    }
}

/// Where a cell is, and which conditions of its style the table uses.
struct Place<'t> {
    properties: &'t Element,
    row: usize,
    column: usize,
    is_last_row: bool,
    is_last_column: bool,
}

/// The cells of a table, whose frame this is.
pub(super) fn cells(
    table: &Element,
    frame: &Shape,
    palette: &Palette<'_>,
    styles: &Styles,
) -> Vec<Shape> {
    let none = Element::default();
    let properties = table.child("tblPr").unwrap_or(&none);
    let widths: Vec<f64> = table
        .child("tblGrid")
        .into_iter()
        .flat_map(|grid| grid.all("gridCol"))
        .map(|column| column.attr("w").and_then(units).unwrap_or(0.0))
        .collect();
    let rows = table.all("tr").count();
    let mut found = Vec::new();
    let mut top = frame.area.map_or(0.0, |area| area.top);
    for (row, element) in table.all("tr").enumerate() {
        let height = element.attr("h").and_then(units).unwrap_or(0.0);
        let mut left = frame.area.map_or(0.0, |area| area.left);
        for (column, cell) in element.all("tc").enumerate() {
            let width = widths.get(column).copied().unwrap_or(0.0);
            let place = Place {
                properties,
                row,
                column,
                is_last_row: row.saturating_add(1) == rows,
                is_last_column: column.saturating_add(1) == widths.len(),
            };
            let area = frame.area.map(|_| Area::new(left, top, width, height));
            found.extend(of_cell(cell, &place, area, frame, palette, styles));
            left += width;
        }
        top += height;
    }
    found
}

fn of_cell(
    cell: &Element,
    place: &Place<'_>,
    area: Option<Area>,
    frame: &Shape,
    palette: &Palette<'_>,
    styles: &Styles,
) -> Option<Shape> {
    let text = cell.child("txBody")?;
    let (by_style, ink) = place.styled(palette, styles);
    let own = cell.child("tcPr").and_then(|properties| Fill::inside(properties, palette, None));
    let is_merged =
        ["hMerge", "vMerge"].iter().any(|name| matches!(cell.attr(name), Some("1" | "true")));
    let mut shape = Shape {
        kind: Kind::Cell,
        area,
        is_hidden: frame.is_hidden || is_merged,
        is_fallback: frame.is_fallback,
        fill: own.or(by_style),
        ink,
        body: Some(Box::new(body(text, palette))),
        is_animated: frame.is_animated,
        ..Shape::default()
    };
    shape.take_text_links(text);
    Some(shape)
}

impl Place<'_> {
    /// What the table's style paints here, and in which colour it writes.
    fn styled(&self, palette: &Palette<'_>, styles: &Styles) -> (Option<Fill>, Option<Rgba>) {
        let id = self.properties.child("tableStyleId").map(|id| id.text.trim()).unwrap_or_default();
        let Some(style) = styles.0.get(id) else {
            return (self.brought_along(id, palette), None);
        };
        let (mut fill, mut ink) = (None, None);
        for part in self.conditions().into_iter().filter_map(|name| style.child(name)) {
            let cell = part.child("tcStyle");
            let own = cell.and_then(|cell| Fill::inside(cell.child("fill")?, palette, None));
            let referred = || Fill::referred(cell?.child("fillRef")?, palette);
            fill = own.or_else(referred).or(fill);
            let text = part.child("tcTxStyle");
            ink = text.and_then(|text| colour::inside(text, palette, None)).or(ink);
        }
        (fill, ink)
    }

    /// Styles that are not in the file paint light or dark; their text is seen on both.
    fn brought_along(&self, id: &str, palette: &Palette<'_>) -> Option<Fill> {
        if id.is_empty() || PLAIN.contains(&id) {
            return None;
        }
        let accent = palette.named("accent1").unwrap_or(BLACK);
        Some(Fill::Between(accent, WHITE))
    }

    fn conditions(&self) -> Vec<&'static str> {
        let on = |name| matches!(self.properties.attr(name), Some("1" | "true" | "on"));
        let is_even = |at: usize, apart: bool| at.saturating_sub(usize::from(apart)) % 2 == 0;
        let (first_row, first_column) = (on("firstRow"), on("firstCol"));
        let top = first_row && self.row == 0;
        let bottom = on("lastRow") && self.is_last_row;
        let across = on("bandRow") && !top && !bottom;
        let down = on("bandCol");
        let all = [
            (true, "wholeTbl"),
            (across && is_even(self.row, first_row), "band1H"),
            (across && !is_even(self.row, first_row), "band2H"),
            (down && is_even(self.column, first_column), "band1V"),
            (down && !is_even(self.column, first_column), "band2V"),
            (on("lastCol") && self.is_last_column, "lastCol"),
            (first_column && self.column == 0, "firstCol"),
            (bottom, "lastRow"),
            (top, "firstRow"),
        ];
        all.into_iter().filter(|(holds, _)| *holds).map(|(_, name)| name).collect()
    }
}
