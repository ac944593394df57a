//! Pictures that float in front of the text (`wp:wrapNone`), and the paragraphs that may lie under them.
//!
//! Let through on purpose: pictures whose height counts from the page or from a line, shapes, and old pictures of
//! VML; text in tables and boxes.

use std::collections::BTreeSet;

use super::boxes::{Anchor, Bounds};
use super::outline::{Outline, Section};
use super::properties::ParagraphFormat;
use super::styles::Styles;
use crate::domain::limits::FRONT_PICTURES_MAX;
use crate::parse::drawing::front::{Flowing, Front, Letters, under};
use crate::parse::drawing::place::{EMU_PER_POINT, units};
use crate::parse::drawing::theme::{ColourMap, Palette, Theme};
use crate::parse::xml::{Element, Step, Tag, Xml};

/// Size of letters of which nothing is said, in points.
const SIZE_USUAL: f32 = 10.0;
const TWIPS_PER_POINT: f32 = 20.0;

/// The walk through a part.
struct Walk<'s> {
    styles: &'s Styles,
    outline: &'s Outline,
    depth: usize,
    /// Paragraphs that have begun, of any kind.
    begun: usize,
    sections_ended: usize,
    section: Section,
    paragraphs: Vec<Flowing>,
    pictures: Vec<(Front, String)>,
    open: Option<Open>,
    /// Depth of what does not flow: a table, a box.
    away: Option<usize>,
    drawing: Option<Drawing>,
    /// What comes next is at no known distance from what was before.
    is_apart: bool,
    in_text: bool,
}

/// The paragraph that is open, if it flows.
struct Open {
    depth: usize,
    number: usize,
    format: ParagraphFormat,
    sizes: [f32; 2],
    letters: Letters,
    /// How high it is is not known.
    is_apart: bool,
}

/// A drawing that floats.
#[derive(Default)]
struct Drawing {
    depth: usize,
    in_front: bool,
    down: Option<f64>,
    anchor: Anchor,
    picture: Option<String>,
    /// It is no plain picture.
    is_other: bool,
}

/// Numbers of the paragraphs of a part, from 1, that a picture in front lies over by every estimate.
pub(super) fn covered(
    text: &str,
    outline: &Outline,
    styles: &Styles,
    is_opaque: &mut dyn FnMut(&str) -> bool,
) -> BTreeSet<usize> {
    if !text.contains("wrapNone") {
        return BTreeSet::new();
    }
    let mut walk = Walk {
        styles,
        outline,
        depth: 0,
        begun: 0,
        sections_ended: 0,
        section: outline.section(0),
        paragraphs: Vec::new(),
        pictures: Vec::new(),
        open: None,
        away: None,
        drawing: None,
        is_apart: true,
        in_text: false,
    };
    let mut xml = Xml::new(text);
    while let Some(step) = xml.step() {
        match step {
            Step::Open(tag) => walk.open(&tag, &mut xml),
            Step::Close => walk.close(),
            Step::Text(text) => walk.text(&text),
            Step::Comment(_) | Step::Declarations(_) => {}
        }
    }
    let pictures = walk.pictures.into_iter().filter(|(_, id)| is_opaque(id));
    let pictures: Vec<Front> = pictures.map(|(picture, _)| picture).collect();
    under(&walk.paragraphs, &pictures)
}

impl Walk<'_> {
    fn open(&mut self, tag: &Tag<'_>, xml: &mut Xml<'_>) {
        // An element that is read whole has no end of its own here.
        let whole = |xml: &mut Xml<'_>| Element::below(tag, xml);
        match (tag.name(), &mut self.drawing) {
            ("pPr", _) => self.properties(&whole(xml)),
            ("rPr", _) => self.letters(&whole(xml)),
            ("sectPr", _) => {
                xml.skip();
                self.end_section();
            }
            ("positionH" | "positionV" | "extent", Some(drawing)) => {
                let element = whole(xml);
                let bounds = Bounds { section: &self.section, in_table: false };
                drawing.anchor.take(&element, bounds);
                if element.name == "positionV" && element.attr("relativeFrom") == Some("paragraph")
                {
                    drawing.down =
                        element.child("posOffset").and_then(|offset| units(&offset.text));
                }
            }
            ("blipFill", Some(drawing)) => drawing.fill(&whole(xml)),
            ("prstGeom", Some(drawing)) => {
                drawing.is_other |= tag.attr("prst").is_some_and(|form| form != "rect");
                xml.skip();
            }
            _ => {
                self.depth = self.depth.saturating_add(1);
                self.step_in(tag);
            }
        }
    }

    fn step_in(&mut self, tag: &Tag<'_>) {
        match tag.name() {
            "p" => self.paragraph(),
            "tbl" | "AlternateContent" | "pict" | "txbxContent" => {
                if tag.name() == "tbl" && self.away.is_none() {
                    self.apart();
                }
                self.away.get_or_insert(self.depth);
            }
            "anchor" if self.drawing.is_none() && self.open.is_some() => {
                let behind = tag.attr("behindDoc");
                let in_front = matches!(behind.as_deref(), None | Some("0" | "false" | "off"));
                let depth = self.depth;
                self.drawing = Some(Drawing { depth, in_front, ..Drawing::default() });
            }
            "wrapSquare" | "wrapTight" | "wrapThrough" | "wrapTopAndBottom" | "wsp" | "wgp"
            | "grpSp" => {
                self.drawing.iter_mut().for_each(|drawing| drawing.is_other = true);
            }
            "docPr" | "cNvPr"
                if matches!(tag.attr("hidden").as_deref(), Some("1" | "true" | "on")) =>
            {
                self.drawing.iter_mut().for_each(|drawing| drawing.is_other = true);
            }
            "xfrm" if tag.attr("rot").is_some_and(|turn| turn != "0") => {
                self.drawing.iter_mut().for_each(|drawing| drawing.is_other = true);
            }
            // A picture in the line is as high as it is; a page begins.
            "inline" | "object" | "lastRenderedPageBreak" => self.apart(),
            "br" | "cr" => {
                if tag.attr("type").is_some_and(|kind| kind != "textWrapping") {
                    self.apart();
                }
                self.open.iter_mut().for_each(|open| open.letters.line_break());
            }
            "t" => self.in_text = true,
            _ => {}
        }
    }

    /// Nothing is known of the distance between what was before and what comes.
    fn apart(&mut self) {
        self.is_apart = true;
        self.open.iter_mut().for_each(|open| open.is_apart = true);
    }

    fn paragraph(&mut self) {
        self.begun = self.begun.saturating_add(1);
        if self.away.is_some() || self.open.is_some() || self.drawing.is_some() {
            return;
        }
        let (depth, number, letters) = (self.depth, self.begun, Letters::default());
        let (format, sizes) = (ParagraphFormat::default(), [0.0; 2]);
        let mut open = Open { depth, number, format, sizes, letters, is_apart: false };
        open.follow(self.styles, None, ParagraphFormat::default());
        self.open = Some(open);
    }

    fn properties(&mut self, element: &Element) {
        let (theme, map) = (Theme::default(), ColourMap::default());
        let direct = ParagraphFormat::read(element, &Palette { theme: &theme, map: &map });
        let id = element.child("pStyle").and_then(|style| style.attr("val"));
        if let Some(open) = self.open.as_mut().filter(|open| open.depth == self.depth) {
            open.follow(self.styles, id, direct);
            self.is_apart |= element.child("pageBreakBefore").is_some();
        }
        if element.child("sectPr").is_some() {
            self.end_section();
        }
    }

    fn letters(&mut self, element: &Element) {
        let size = element.child("sz").and_then(|size| size.attr("val")?.parse::<f32>().ok());
        if let Some((open, size)) = self.open.as_mut().zip(size) {
            let [small, large] = open.sizes;
            open.sizes = [small.min(size / 2.0), large.max(size / 2.0)];
        }
    }

    fn end_section(&mut self) {
        self.sections_ended = self.sections_ended.saturating_add(1);
        self.section = self.outline.section(self.sections_ended);
        self.apart();
    }

    fn text(&mut self, text: &str) {
        if self.in_text
            && self.away.is_none()
            && self.drawing.is_none()
            && let Some(open) = &mut self.open
        {
            open.letters.push(text);
        }
    }

    fn close(&mut self) {
        let depth = self.depth;
        self.depth = depth.saturating_sub(1);
        self.away = self.away.filter(|at| *at != depth);
        self.in_text = false;
        if let Some(drawing) = self.drawing.take_if(|drawing| drawing.depth == depth) {
            let at = self.paragraphs.len();
            if let Some(found) = drawing.front(at, self.section.left / EMU_PER_POINT)
                && self.pictures.len() < FRONT_PICTURES_MAX
                && !self.section.has_columns
            {
                self.pictures.push(found);
            }
        }
        if let Some(open) = self.open.take_if(|open| open.depth == depth) {
            let section = &self.section;
            let column = (section.width - section.left - section.right) / EMU_PER_POINT;
            let is_apart = std::mem::replace(&mut self.is_apart, open.is_apart);
            self.paragraphs.push(Flowing { is_apart, ..open.flowing(column) });
        }
    }
}

impl Open {
    fn follow(&mut self, styles: &Styles, id: Option<&str>, direct: ParagraphFormat) {
        let (defaults, style) = (styles.defaults(), styles.paragraph(id));
        let mut format = defaults.paragraph;
        format.take(&style.format.paragraph);
        format.take(&direct);
        let size =
            style.format.run.size.or(defaults.run.size).map_or(SIZE_USUAL, |size| size / 2.0);
        (self.format, self.sizes) = (format, [size, size]);
    }

    fn flowing(&self, column: f64) -> Flowing {
        let twips =
            |length: Option<f32>| f64::from(length.unwrap_or(0.0).max(0.0) / TWIPS_PER_POINT);
        let factor = f64::from(self.format.line_factor.unwrap_or(1.0).clamp(0.1, 20.0));
        let sizes = self.sizes.map(|size| f64::from(size.max(1.0)));
        let laid = self.letters.laid(sizes, column, factor);
        let lines = match self.format.exact_line.flatten() {
            Some(exact) => {
                let exact = f64::from(exact / TWIPS_PER_POINT);
                let usual = [sizes[0] * 1.1 * factor, sizes[1] * 1.25 * factor];
                [laid.lines[0] / usual[0] * exact, laid.lines[1] / usual[1] * exact]
            }
            None => laid.lines,
        };
        let (before, after) = (twips(self.format.before), twips(self.format.after));
        Flowing { number: self.number, before, after, lines, ..laid }
    }
}

impl Drawing {
    /// The picture, unless an effect may let something through.
    fn fill(&mut self, fill: &Element) {
        let Some(blip) = fill.child("blip") else { return };
        self.is_other |= blip.children.iter().any(|child| child.name != "extLst")
            || blip.each().any(|inner| inner.name == "svgBlip")
            || self.picture.is_some();
        self.picture = blip.attr("embed").map(str::to_owned);
    }

    /// Where it lies, and the relation of its picture.
    fn front(self, at: usize, column: f64) -> Option<(Front, String)> {
        let [width, height] = self.anchor.size()?.map(|length| length / EMU_PER_POINT);
        let [least, most] = self.anchor.across()?.map(|left| left / EMU_PER_POINT - column);
        let top = self.down? / EMU_PER_POINT;
        let is_front = self.in_front && !self.is_other;
        let front = Front { at, top, bottom: top + height, left: most, right: least + width };
        self.picture.filter(|_| is_front).map(|picture| (front, picture))
    }
}
