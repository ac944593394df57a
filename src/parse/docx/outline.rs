//! What must be known of a part before its text is read: sections, how many rows its tables have, which
//! boxes grow with their text, which fields have an end, what is drawn beside the text.

use crate::domain::limits::DOCX_SHAPES_KEPT_MAX;
use crate::parse::drawing::colour::plain;
use crate::parse::drawing::fill::Fill;
use crate::parse::drawing::place::{EMU_PER_POINT, EMU_PER_TWIP, units};
use crate::parse::drawing::theme::Palette;
use crate::parse::xml::{Element, Step, Tag, Xml};

use super::properties::is_on;

/// Letter paper with margins of an inch, which is what counts where a file says nothing.
const USUAL_PAGE: [f64; 2] = [12_240.0 * EMU_PER_TWIP, 15_840.0 * EMU_PER_TWIP];
const USUAL_MARGIN: f64 = 1_440.0 * EMU_PER_TWIP;
/// Smaller shapes are no ground for text: rules, bullets, icons.
const GROUND_EMU_MIN: f64 = 16.0 * EMU_PER_POINT;

/// A part at one glance.
#[derive(Debug, Default)]
pub(super) struct Outline {
    /// Rows of each table, in the order in which tables begin.
    pub(super) rows: Vec<usize>,
    /// Whether each shape grows with its text.
    pub(super) grows: Vec<bool>,
    /// Whether each field has an end.
    pub(super) ended: Vec<bool>,
    pub(super) sections: Vec<Section>,
    /// Filled shapes beside the text, by the number of the paragraph that they hang on.
    pub(super) shapes: Vec<(usize, Fill)>,
}

/// A section's page.
#[derive(Debug, Clone)]
pub(super) struct Section {
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) top: f64,
    pub(super) has_columns: bool,
    /// It has a first page of its own.
    pub(super) has_first: bool,
    /// Headers and footers: element, type, relation.
    pub(super) margins: Vec<(String, String, String)>,
}

impl Default for Section {
    fn default() -> Self {
        let [width, height] = USUAL_PAGE;
        let (left, right, top) = (USUAL_MARGIN, USUAL_MARGIN, USUAL_MARGIN);
        let (has_columns, has_first, margins) = (false, false, Vec::new());
        Self { width, height, left, right, top, has_columns, has_first, margins }
    }
}

impl Section {
    fn of(element: &Element) -> Self {
        let mut found = Self::default();
        let length = |child: &Element, name| Some(units(child.attr(name)?)? * EMU_PER_TWIP);
        let sized = |child: &Element, name| length(child, name).filter(|size| *size > 0.0);
        for child in &element.children {
            match child.name.as_str() {
                "pgSz" => {
                    found.width = sized(child, "w").unwrap_or(found.width);
                    found.height = sized(child, "h").unwrap_or(found.height);
                }
                "pgMar" => {
                    found.left = length(child, "left").unwrap_or(found.left);
                    found.right = length(child, "right").unwrap_or(found.right);
                    found.top = length(child, "top").unwrap_or(found.top).abs();
                }
                "cols" => {
                    found.has_columns = child.attr("num").is_some_and(|number| number != "1");
                }
                "titlePg" => found.has_first = is_on(child),
                "headerReference" | "footerReference" => {
                    let text = |name| child.attr(name).unwrap_or_default().to_owned();
                    found.margins.push((child.name.clone(), text("type"), text("id")));
                }
                _ => {}
            }
        }
        found
    }
}

/// The state of the walk.
struct Scan<'p> {
    outline: Outline,
    palette: &'p Palette<'p>,
    depth: usize,
    /// Depth and number of open tables, and of open shapes.
    tables: Vec<(usize, usize)>,
    boxes: Vec<(usize, usize)>,
    /// Numbers of open fields.
    fields: Vec<usize>,
    paragraphs: usize,
    /// Depth of the drawing that floats.
    floating: Option<usize>,
}

impl Outline {
    pub(super) fn of(text: &str, palette: &Palette<'_>) -> Self {
        let mut scan = Scan {
            outline: Self::default(),
            palette,
            depth: 0,
            tables: Vec::new(),
            boxes: Vec::new(),
            fields: Vec::new(),
            paragraphs: 0,
            floating: None,
        };
        let mut xml = Xml::new(text);
        while let Some(step) = xml.step() {
            match step {
                Step::Open(tag) => scan.open(&tag, &mut xml),
                Step::Close => scan.close(),
                Step::Text(_) | Step::Comment(_) | Step::Declarations(_) => {}
            }
        }
        scan.outline
    }

    /// The section of this number; the last one holds to the end.
    pub(super) fn section(&self, number: usize) -> Section {
        self.sections.get(number).or(self.sections.last()).cloned().unwrap_or_default()
    }
}

impl Scan<'_> {
    fn open(&mut self, tag: &Tag<'_>, xml: &mut Xml<'_>) {
        let outline = &mut self.outline;
        self.depth = self.depth.saturating_add(1);
        match tag.name() {
            "tbl" => {
                self.tables.push((self.depth, outline.rows.len()));
                outline.rows.push(0);
            }
            "tr" => {
                let innermost = self.tables.last().map(|(_, number)| *number);
                let rows = innermost.and_then(|number| outline.rows.get_mut(number));
                rows.into_iter().for_each(|rows| *rows = rows.saturating_add(1));
            }
            "wsp" => {
                self.boxes.push((self.depth, outline.grows.len()));
                outline.grows.push(false);
            }
            "spAutoFit" => {
                let innermost = self.boxes.last().map(|(_, number)| *number);
                let grows = innermost.and_then(|number| outline.grows.get_mut(number));
                grows.into_iter().for_each(|grows| *grows = true);
            }
            "fldChar" => self.field(tag),
            "p" => self.paragraphs = self.paragraphs.saturating_add(1),
            "anchor" => {
                self.floating.get_or_insert(self.depth);
            }
            "pic" if self.floating.is_some() => self.shape(Fill::Picture),
            "spPr" if self.floating.is_some() => {
                let element = Element::below(tag, xml);
                self.depth = self.depth.saturating_sub(1);
                self.drawn(&element);
            }
            "shape" | "rect" | "roundrect" | "oval" => self.old_shape(tag),
            "sectPr" => {
                let section = Section::of(&Element::below(tag, xml));
                self.depth = self.depth.saturating_sub(1);
                outline.sections.push(section);
            }
            _ => {}
        }
    }

    fn close(&mut self) {
        let depth = self.depth;
        self.tables.pop_if(|(at, _)| *at == depth);
        self.boxes.pop_if(|(at, _)| *at == depth);
        self.floating = self.floating.filter(|at| *at != depth);
        self.depth = depth.saturating_sub(1);
    }

    fn field(&mut self, tag: &Tag<'_>) {
        match tag.attr("fldCharType").as_deref() {
            Some("begin") => {
                self.fields.push(self.outline.ended.len());
                self.outline.ended.push(false);
            }
            Some("end") => {
                let number = self.fields.pop();
                let ended = number.and_then(|number| self.outline.ended.get_mut(number));
                ended.into_iter().for_each(|ended| *ended = true);
            }
            _ => {}
        }
    }

    fn drawn(&mut self, element: &Element) {
        let extent = element.child("xfrm").and_then(|transform| transform.child("ext"));
        let size = |name| extent.and_then(|extent| units(extent.attr(name)?));
        let is_small = |size: Option<f64>| size.is_some_and(|size| size < GROUND_EMU_MIN);
        // Without a fill of its own it has that of its style.
        let fill = Fill::inside(element, self.palette, None).unwrap_or(Fill::Picture);
        if !is_small(size("cx")) && !is_small(size("cy")) {
            self.shape(fill);
        }
    }

    fn old_shape(&mut self, tag: &Tag<'_>) {
        let is_filled = !matches!(tag.attr("filled").as_deref(), Some("f" | "false" | "0"));
        let colour = tag.attr("fillcolor").and_then(|colour| plain(&colour));
        if let Some(colour) = colour.filter(|_| is_filled) {
            self.shape(Fill::Plain(colour));
        }
    }

    fn shape(&mut self, fill: Fill) {
        if fill != Fill::Nothing && self.outline.shapes.len() < DOCX_SHAPES_KEPT_MAX {
            self.outline.shapes.push((self.paragraphs, fill));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::drawing::theme::{ColourMap, Theme};

    fn outline(inside: &str) -> Outline {
        let (theme, map) = (Theme::default(), ColourMap::default());
        Outline::of(&format!("<w:d>{inside}</w:d>"), &Palette { theme: &theme, map: &map })
    }

    #[test]
    fn rows_are_those_of_their_own_table() {
        let inner = "<w:tbl><w:tr/><w:tr/><w:tr/></w:tbl>";
        let text = format!(
            "<w:tbl><w:tr><w:tc>{inner}</w:tc></w:tr><w:tr/></w:tbl><w:tbl><w:tr/></w:tbl>"
        );
        assert_eq!(outline(&text).rows, [2, 3, 1]);
    }

    #[test]
    fn a_field_without_end_is_known() {
        let begin = "<w:fldChar w:fldCharType='begin'/>";
        let end = "<w:fldChar w:fldCharType='end'/>";
        assert_eq!(outline(&format!("{begin}{begin}{end}")).ended, [false, true]);
    }

    #[test]
    fn a_section_has_its_page_and_headers() {
        let found = outline(
            "<w:sectPr><w:pgSz w:w='1000' w:h='2000'/><w:titlePg/>\
             <w:headerReference w:type='first' r:id='r1'/></w:sectPr>",
        );
        let section = found.section(7);
        assert_eq!((section.width, section.has_first), (635_000.0, true));
        assert_eq!(section.margins[0].2, "r1");
    }
}
