//! Styles of cells: letters, ground, number format.

use std::rc::Rc;

use super::colours::Palette;
use super::conditions::is_true;
use super::number::{NumberFormat, built_in};
use crate::domain::document::{Doubt, Hiding, Visibility};
use crate::parse::html::color::{BLACK, Rgba, WHITE, is_lost};
use crate::parse::xml::Element;

/// Letters of this size or less, in points, cannot be read. Sheets allow 1 to 409.
pub(super) const SIZE_MIN: f32 = 1.6;

/// How letters look.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Font {
    /// `None`: automatic, which is black.
    pub(super) ink: Option<Rgba>,
    /// In points.
    pub(super) size: Option<f32>,
}

impl Font {
    pub(super) fn read(element: &Element, palette: &Palette) -> Self {
        let size = element.child("sz").and_then(|size| size.attr("val")?.parse().ok());
        let ink = element.child("color").and_then(|colour| palette.colour(colour));
        Self { ink, size }
    }
}

/// What is under letters: colours any of which may be; none without a fill.
pub(super) type Ground = Vec<Rgba>;

/// What a format that depends on conditions changes.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Change {
    pub(super) ink: Option<Rgba>,
    pub(super) ground: Option<Ground>,
    pub(super) format: Option<NumberFormat>,
}

impl Change {
    pub(super) fn read(dxf: &Element, palette: &Palette) -> Self {
        let colour = dxf.child("font").and_then(|font| font.child("color"));
        let format = dxf.child("numFmt").and_then(|format| format.attr("formatCode"));
        Self {
            ink: colour.and_then(|colour| palette.colour(colour)),
            ground: dxf.child("fill").map(|fill| ground(fill, palette, true)),
            format: format.map(NumberFormat::read),
        }
    }

    pub(super) const fn is_nothing(&self) -> bool {
        self.ink.is_none() && self.ground.is_none() && self.format.is_none()
    }
}

/// A style of cells.
#[derive(Debug, Clone, Default)]
pub(super) struct Style {
    pub(super) font: Font,
    pub(super) ground: Ground,
    /// Letters become smaller until the text fits into its cell.
    pub(super) shrinks: bool,
    /// Place in `Styles::formats`.
    format: usize,
    /// What becomes of plain text in it.
    pub(super) seen: Option<Visibility>,
}

/// Every style of a file.
#[derive(Debug)]
pub(super) struct Styles {
    cells: Vec<Rc<Style>>,
    formats: Vec<NumberFormat>,
    /// Shared by the rules that name them.
    pub(super) changes: Vec<Rc<Change>>,
    /// Table styles of the file's own: whether their header, or all of it, has a fill.
    pub(super) tables: Vec<(String, bool)>,
    pub(super) palette: Palette,
}

impl Styles {
    pub(super) fn read(root: Option<&Element>, theme: Option<&Element>) -> Self {
        let child = |name: &'static str| root.and_then(|root| root.child(name));
        let palette = Palette::read(theme, child("colors"));
        let fonts: Vec<Font> = all(child("fonts")).map(|font| Font::read(font, &palette)).collect();
        let fills: Vec<Ground> =
            all(child("fills")).map(|fill| ground(fill, &palette, false)).collect();
        let mut formats = Formats::new(child("numFmts"));
        let style = |xf: &Element| {
            let id =
                |name: &str| xf.attr(name).and_then(|id| id.parse::<usize>().ok()).unwrap_or(0);
            let font = fonts.get(id("fontId")).copied().unwrap_or_default();
            let ground = fills.get(id("fillId")).cloned().unwrap_or_default();
            let seen = Some(legibility(font, &ground));
            let says = |name: &str| {
                xf.child("alignment").and_then(|it| it.attr(name)).is_some_and(is_true)
            };
            let shrinks = says("shrinkToFit") && !says("wrapText");
            Rc::new(Style { font, ground, shrinks, format: formats.place(id("numFmtId")), seen })
        };
        let cells = all(child("cellXfs")).map(style).collect();
        let changes: Vec<Rc<Change>> =
            all(child("dxfs")).map(|dxf| Rc::new(Change::read(dxf, &palette))).collect();
        let tables = table_styles(child("tableStyles"), &changes);
        Self { cells, formats: formats.known, changes, tables, palette }
    }

    /// The style of this number; the first where there is none.
    pub(super) fn cell(&self, number: usize) -> Option<&Rc<Style>> {
        self.cells.get(number).or_else(|| self.cells.first())
    }

    /// `None` when values show as they are.
    pub(super) fn format(&self, style: &Style) -> Option<&NumberFormat> {
        self.formats.get(style.format).filter(|format| !format.is_plain())
    }
}

fn all(list: Option<&Element>) -> impl Iterator<Item = &Element> {
    list.into_iter().flat_map(|list| &list.children)
}

/// Number formats by their ids, each read once.
struct Formats {
    codes: Vec<(usize, String)>,
    ids: std::collections::BTreeMap<usize, usize>,
    known: Vec<NumberFormat>,
}

impl Formats {
    fn new(list: Option<&Element>) -> Self {
        let code = |element: &Element| {
            let id = element.attr("numFmtId")?.parse().ok()?;
            Some((id, element.attr("formatCode")?.to_owned()))
        };
        let mut codes: Vec<(usize, String)> = all(list).filter_map(code).collect();
        codes.sort_by_key(|(id, _)| *id);
        Self { codes, ids: std::collections::BTreeMap::new(), known: Vec::new() }
    }

    fn place(&mut self, id: usize) -> usize {
        if let Some(place) = self.ids.get(&id) {
            return *place;
        }
        let own = self.codes.binary_search_by_key(&id, |(id, _)| *id).ok();
        let own = own.and_then(|index| self.codes.get(index)).map(|(_, code)| code.as_str());
        let code = own.unwrap_or_else(|| built_in(u32::try_from(id).unwrap_or(0)));
        self.known.push(NumberFormat::read(code));
        let place = self.known.len() - 1;
        self.ids.insert(id, place);
        place
    }
}

/// The colours of a fill. Solid fills of changes name their colour as that of the background.
fn ground(fill: &Element, palette: &Palette, in_change: bool) -> Ground {
    if let Some(gradient) = fill.child("gradientFill") {
        let stops = gradient.all("stop").filter_map(|stop| stop.child("color"));
        return stops.filter_map(|colour| palette.colour(colour)).take(8).collect();
    }
    let Some(pattern) = fill.child("patternFill") else { return Vec::new() };
    let colour = |name: &str| pattern.child(name).and_then(|colour| palette.colour(colour));
    match pattern.attr("patternType") {
        None if in_change => colour("bgColor").into_iter().collect(),
        None | Some("none") => Vec::new(),
        Some("solid") if in_change => {
            colour("bgColor").or_else(|| colour("fgColor")).into_iter().collect()
        }
        Some("solid") => colour("fgColor").into_iter().collect(),
        Some(_) => vec![colour("fgColor").unwrap_or(BLACK), colour("bgColor").unwrap_or(WHITE)],
    }
}

/// Whether a table style fills its header, so that white letters can be read there.
fn table_styles(list: Option<&Element>, changes: &[Rc<Change>]) -> Vec<(String, bool)> {
    let fills = |part: &Element| {
        let is_whole = matches!(part.attr("type"), Some("headerRow" | "wholeTable"));
        let id = part.attr("dxfId").and_then(|id| id.parse::<usize>().ok());
        let change = id.and_then(|id| changes.get(id));
        is_whole && change.is_some_and(|change| change.ground.is_some())
    };
    let style = |style: &Element| {
        Some((style.attr("name")?.to_owned(), style.all("tableStyleElement").any(fills)))
    };
    all(list).filter_map(style).collect()
}

/// Whether letters can be read on a ground.
pub(super) fn legibility(font: Font, ground: &[Rgba]) -> Visibility {
    if font.size.is_some_and(|size| size < SIZE_MIN) {
        return Visibility::Hidden(Hiding::TooSmall);
    }
    let ink = font.ink.unwrap_or(BLACK);
    let is_lost = if ground.is_empty() {
        is_lost(ink, WHITE)
    } else {
        ground.iter().all(|ground| is_lost(ink, *ground))
    };
    match (is_lost, font.ink) {
        (false, _) => Visibility::Shown,
        (true, Some(_)) => Visibility::Hidden(Hiding::LowContrast),
        // Some programs take white for automatic letters on a dark ground, others black.
        (true, None) => Visibility::Undetermined(Doubt::UnknownColour),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STYLES: &str = "<styleSheet>
        <numFmts><numFmt numFmtId='164' formatCode=';;;'/></numFmts>
        <fonts><font><sz val='11'/></font><font><color theme='0'/></font><font><sz val='1'/></font></fonts>
        <fills><fill><patternFill patternType='none'/></fill><fill><patternFill patternType='solid'>
        <fgColor rgb='FF1F4E78'/></patternFill></fill></fills>
        <cellXfs><xf/><xf fontId='1'/><xf fontId='1' fillId='1'/><xf fontId='2'/><xf numFmtId='164'/></cellXfs>
        <dxfs><dxf><font><color rgb='FFFFFFFF'/></font><fill><patternFill><bgColor rgb='FF000000'/>
        </patternFill></fill></dxf></dxfs>
        </styleSheet>";

    #[test]
    fn white_letters_are_lost_without_a_fill_and_read_on_a_dark_one() {
        let styles = Styles::read(Element::root(STYLES).as_ref(), None);
        let seen = |number| styles.cell(number).unwrap().seen.unwrap();
        assert_eq!(seen(0), Visibility::Shown);
        assert_eq!(seen(1), Visibility::Hidden(Hiding::LowContrast));
        assert_eq!(seen(2), Visibility::Shown);
        assert_eq!(seen(3), Visibility::Hidden(Hiding::TooSmall));
        assert!(styles.format(styles.cell(4).unwrap()).is_some());
        assert!(styles.format(styles.cell(0).unwrap()).is_none());
        assert_eq!(styles.changes[0].ground, Some(vec![BLACK]));
    }
}
