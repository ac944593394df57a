//! Tables on slides: each cell as a shape with its ground.

use std::collections::BTreeMap;

use super::sheet::{Kind, Shape, body};
use crate::parse::drawing::colour;
use crate::parse::drawing::fill::{Fill, kept};
use crate::parse::drawing::place::{Area, units};
use crate::parse::drawing::theme::Palette;
use crate::parse::html::color::{BLACK, Rgba, WHITE};
use crate::parse::xml::Element;

/// `ppt/tableStyles.xml`. Programs write only the styles there that they do not bring along.
#[derive(Debug, Default)]
pub(super) struct Styles(BTreeMap<String, BTreeMap<&'static str, Part>>);

/// What a style says of some of a table's cells.
#[derive(Debug, Default)]
struct Part {
    /// `fill`, `fillRef`.
    fill: Option<Element>,
    reference: Option<Element>,
    text: Option<Element>,
}

/// The names of cells that a style may speak of; the later before the earlier.
const CONDITIONS: [&str; 9] = [
    "wholeTbl", "band1H", "band2H", "band1V", "band2V", "lastCol", "firstCol", "lastRow",
    "firstRow",
];

/// Styles that everybody brings along and that paint nothing.
const PLAIN: [&str; 2] =
    ["{2D5ABB26-0587-4C30-8999-92F81FD0307C}", "{5940675A-B579-460E-94D1-54222C63F5DA}"];

impl Styles {
    pub(super) fn read(text: &str) -> Self {
        let root = Element::root(text).unwrap_or_default();
        let styles = root
            .children
            .into_iter()
            .filter_map(|style| Some((style.attr("styleId")?.to_owned(), parts(&style))));
        Self(styles.collect())
    }
}

/// The parts of a style; the first of a name holds.
fn parts(style: &Element) -> BTreeMap<&'static str, Part> {
    let mut parts = BTreeMap::new();
    for element in &style.children {
        let Some(name) = CONDITIONS.iter().find(|name| **name == element.name) else { continue };
        let cell = element.child("tcStyle");
        let inner = |name| cell.and_then(|cell| cell.child(name)).map(kept_around);
        parts.entry(*name).or_insert_with(|| Part {
            fill: inner("fill"),
            reference: inner("fillRef"),
            text: element.child("tcTxStyle").map(kept_around),
        });
    }
    parts
}

/// An element around a fill or colour, as it is kept.
fn kept_around(element: &Element) -> Element {
    let found = kept(element);
    if found.name == element.name {
        return found;
    }
    Element::around(&element.name, vec![found])
}

impl Part {
    fn ground(&self, palette: &Palette<'_>) -> Option<Fill> {
        let own = self.fill.as_ref().and_then(|fill| Fill::inside(fill, palette, None));
        own.or_else(|| Fill::referred(self.reference.as_ref()?, palette))
    }
}

/// What a table's style paints and writes under each name, in the colours of its slide.
#[derive(Debug, Default)]
struct Look<'n>(BTreeMap<&'n str, (Option<Fill>, Option<Rgba>)>);

impl Look<'_> {
    fn of(parts: &BTreeMap<&'static str, Part>, palette: &Palette<'_>) -> Self {
        let look = |(name, part): (&&'static str, &Part)| {
            let text = part.text.as_ref();
            let ink = text.and_then(|text| colour::inside(text, palette, None));
            (*name, (part.ground(palette), ink))
        };
        Self(parts.iter().map(look).collect())
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
    let id = properties.child("tableStyleId").map(|id| id.text.trim()).unwrap_or_default();
    let look = styles.0.get(id).map(|parts| Look::of(parts, palette));
    let usual = brought_along(id, palette);
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
            let style = look.as_ref().map_or((usual, None), |look| place.styled(look));
            found.extend(of_cell(cell, style, area, frame, palette));
            left += width;
        }
        top += height;
    }
    found
}

fn of_cell(
    cell: &Element,
    (by_style, ink): (Option<Fill>, Option<Rgba>),
    area: Option<Area>,
    frame: &Shape,
    palette: &Palette<'_>,
) -> Option<Shape> {
    let text = cell.child("txBody")?;
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

/// Styles that are not in the file paint light or dark; their text is seen on both.
fn brought_along(id: &str, palette: &Palette<'_>) -> Option<Fill> {
    if id.is_empty() || PLAIN.contains(&id) {
        return None;
    }
    let accent = palette.named("accent1").unwrap_or(BLACK);
    Some(Fill::Between(accent, WHITE))
}

impl Place<'_> {
    /// What the table's style paints here, and in which colour it writes.
    fn styled(&self, look: &Look<'_>) -> (Option<Fill>, Option<Rgba>) {
        let (mut fill, mut ink) = (None, None);
        for (own, letters) in self.conditions().into_iter().filter_map(|name| look.0.get(name)) {
            fill = own.or(fill);
            ink = letters.or(ink);
        }
        (fill, ink)
    }

    fn conditions(&self) -> Vec<&'static str> {
        let on = |name| matches!(self.properties.attr(name), Some("1" | "true" | "on"));
        let is_even = |at: usize, apart: bool| at.saturating_sub(usize::from(apart)) % 2 == 0;
        let (first_row, first_column) = (on("firstRow"), on("firstCol"));
        let top = first_row && self.row == 0;
        let bottom = on("lastRow") && self.is_last_row;
        let across = on("bandRow") && !top && !bottom;
        let down = on("bandCol");
        let holds = [
            true,
            across && is_even(self.row, first_row),
            across && !is_even(self.row, first_row),
            down && is_even(self.column, first_column),
            down && !is_even(self.column, first_column),
            on("lastCol") && self.is_last_column,
            first_column && self.column == 0,
            bottom,
            top,
        ];
        let all = CONDITIONS.into_iter().zip(holds);
        all.filter(|(_, holds)| *holds).map(|(name, _)| name).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::drawing::theme::{ColourMap, Theme};

    #[test]
    fn cells_look_at_what_was_worked_out_once_of_their_style() {
        let part = |name: &str, digits: &str, more: usize| {
            let more = "<a:x/>".repeat(more);
            format!(
                "<a:{name}><a:tcTxStyle><a:srgbClr val='FFFFFF'/></a:tcTxStyle><a:tcStyle><a:fill><a:solidFill>\
                 <a:srgbClr val='{digits}'>{more}</a:srgbClr></a:solidFill></a:fill></a:tcStyle></a:{name}>"
            )
        };
        let (whole, first) = (part("wholeTbl", "FFFFFF", 300_000), part("firstRow", "000000", 0));
        let again = part("firstRow", "FFFFFF", 0);
        let styles = Styles::read(&format!(
            "<a:tblStyleLst><a:tblStyle styleId='s'>{whole}{first}{again}</a:tblStyle></a:tblStyleLst>"
        ));
        let kept = |part: &Part| part.fill.iter().flat_map(Element::each).count();
        assert!(styles.0["s"].values().map(kept).sum::<usize>() < 10);
        let row = "<a:tr h='9'><a:tc><a:txBody/></a:tc></a:tr>";
        let table = format!(
            "<a:tbl><a:tblPr firstRow='1'><a:tableStyleId>s</a:tableStyleId></a:tblPr>{row}{row}</a:tbl>"
        );
        let (theme, map) = (Theme::default(), ColourMap::default());
        let palette = Palette { theme: &theme, map: &map };
        let table = Element::root(&table).unwrap();
        let cells = cells(&table, &Shape::default(), &palette, &styles);
        let fills: Vec<_> = cells.iter().map(|cell| (cell.fill, cell.ink)).collect();
        let dark = (Some(Fill::Plain(BLACK)), Some(WHITE));
        assert_eq!(fills, [dark, (Some(Fill::Picture), Some(WHITE))]);
    }
}
