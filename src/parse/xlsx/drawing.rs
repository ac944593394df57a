//! Drawings on a sheet: text in shapes, descriptions, and what they cover.
//!
//! Let through on purpose: a shape whose fill or letters are not plain colours counts as shown; only upright
//! rectangles that are filled and pictures without holes cover cells, not charts, and rows whose height the
//! file leaves to the program count as usual ones.

use super::areas::Area;
use super::axis::Axis;
use super::colours::{Palette, hex, tinted};
use crate::domain::document::{Alternate, Block, BlockKind, Hiding, Joint, Location, Visibility};
use crate::parse::Builder;
use crate::parse::drawing::place::units;
use crate::parse::grid::Place;
use crate::parse::html::color::{BLACK, Rgba, WHITE, is_lost};
use crate::parse::xml::Element;

/// Letters of this size or less, in hundredths of a point, cannot be read.
const SIZE_MAX_UNREAD: f32 = 150.0;
/// A shape may begin this far inside a cell and still cover it: two pixels, in EMU.
const INSET_MAX: i64 = 20_000;
/// Opacity below which a colour is none.
const ALPHA_MIN: f32 = 0.1;

/// Writes a drawing's text.
pub(super) struct Drawing<'d> {
    pub(super) builder: &'d mut Builder,
    pub(super) palette: &'d Palette,
    pub(super) part: &'d str,
    pub(super) outer: Option<Visibility>,
    pub(super) paragraph: u32,
    /// Relations to charts and diagrams, in order.
    pub(super) inner: Vec<String>,
}

/// The area of cells that an anchor of a drawing covers wholly.
pub(super) fn covered(
    anchor: &Element,
    axes: [&Axis; 2],
    is_opaque: impl FnMut(&str) -> bool,
) -> Option<Area> {
    if !is_cover(anchor, is_opaque) {
        return None;
    }
    let area = match anchor.child("to") {
        Some(to) => between(anchor.child("from")?, to),
        None => reached(anchor, axes),
    }?;
    (area.first.row <= area.last.row && area.first.column <= area.last.column).then_some(area)
}

fn number(corner: &Element, name: &str) -> i64 {
    corner.child(name).and_then(|inner| inner.text.trim().parse::<i64>().ok()).unwrap_or(0)
}

/// From one cell to another.
fn between(from: &Element, to: &Element) -> Option<Area> {
    let first = |index: &str, offset: &str| {
        let is_inside = i64::from(number(from, offset) > INSET_MAX);
        u32::try_from(number(from, index).saturating_add(is_inside)).ok()
    };
    let last = |index: &str| u32::try_from(number(to, index).checked_sub(1)?).ok();
    Some(Area {
        first: Place { row: first("row", "rowOff")?, column: first("col", "colOff")? },
        last: Place { row: last("row")?, column: last("col")? },
    })
}

/// From a cell or a point as far as its size.
fn reached(anchor: &Element, [across, down]: [&Axis; 2]) -> Option<Area> {
    let length = |of: &Element, name: &str| of.attr(name).and_then(units);
    let size = anchor.child("ext")?;
    let (width, height) = length(size, "cx").zip(length(size, "cy"))?;
    let corner = |axis: &Axis, from: &Element, index: &str, offset: &str| {
        let offset = i32::try_from(number(from, offset)).ok()?;
        Some(axis.start(u32::try_from(number(from, index)).ok()?) + f64::from(offset))
    };
    let (left, top) = match (anchor.child("from"), anchor.child("pos")) {
        (Some(from), _) => {
            (corner(across, from, "col", "colOff")?, corner(down, from, "row", "rowOff")?)
        }
        (None, Some(at)) => length(at, "x").zip(length(at, "y"))?,
        (None, None) => return None,
    };
    let (columns, rows) = across.within(left, left + width).zip(down.within(top, top + height))?;
    Some(Area {
        first: Place { row: rows.0, column: columns.0 },
        last: Place { row: rows.1, column: columns.1 },
    })
}

/// Whether nothing shines through what the anchor holds.
fn is_cover(anchor: &Element, mut is_opaque: impl FnMut(&str) -> bool) -> bool {
    anchor.children.iter().any(|child| match child.name.as_str() {
        // Nothing is under what is not seen itself.
        _ if child.children.iter().any(|it| it.name.starts_with("nv") && is_hidden(it)) => false,
        "sp" => is_plain_rectangle(child),
        "pic" => picture(child).is_some_and(&mut is_opaque),
        _ => false,
    })
}

/// The picture of an upright frame that shows it as it is.
fn picture(frame: &Element) -> Option<&str> {
    let form = frame.child("spPr");
    let geometry = form.and_then(|form| form.child("prstGeom")?.attr("prst"));
    let turn = form.and_then(|form| form.child("xfrm")?.attr("rot"));
    let is_upright = turn.is_none_or(|turn| turn == "0");
    if !is_upright || geometry.is_some_and(|geometry| geometry != "rect") {
        return None;
    }
    let fill = frame.child("blipFill")?;
    let inset = fill.child("stretch").and_then(|stretch| stretch.child("fillRect"));
    let blip = fill.child("blip")?;
    // Effects may let something through; programs note their own settings beside, and what stands for the picture.
    let is_changed = blip.children.iter().any(|child| child.name != "extLst")
        || blip.each().any(|inner| inner.name == "svgBlip")
        || inset.is_some_and(|inset| !inset.attrs.is_empty());
    blip.attr("embed").filter(|_| !is_changed)
}

/// Whether what is said about an object hides it.
fn is_hidden(about: &Element) -> bool {
    let own = about.child("cNvPr").and_then(|own| own.attr("hidden"));
    own.is_some_and(super::conditions::is_true)
}

fn is_plain_rectangle(shape: &Element) -> bool {
    let Some(form) = shape.child("spPr") else { return false };
    let is_rectangle = form.child("prstGeom").and_then(|form| form.attr("prst")) == Some("rect");
    let turn = form.child("xfrm").and_then(|place| place.attr("rot"));
    let lets_through = |fill: &Element| fill.each().any(|inner| inner.name.starts_with("alpha"));
    let own = ["solidFill", "gradFill"].iter().find_map(|name| form.child(name));
    let other =
        ["noFill", "blipFill", "pattFill", "grpFill"].iter().any(|name| form.child(name).is_some());
    let style = shape.child("style").and_then(|style| style.child("fillRef"));
    // The fill of the style is that of the theme, which has no holes.
    let by_style = !other && style.and_then(|style| style.attr("idx")).is_some_and(|it| it != "0");
    let is_filled = match own {
        Some(fill) => !fill.children.is_empty() && !lets_through(fill),
        None => by_style && !style.is_some_and(lets_through),
    };
    is_rectangle && is_filled && turn.is_none_or(|turn| turn == "0")
}

impl Drawing<'_> {
    /// Reads all anchors.
    pub(super) fn read(&mut self, root: &Element) {
        for anchor in &root.children {
            let no_extent = anchor.child("ext").is_some_and(|extent| {
                extent.attr("cx") == Some("0") || extent.attr("cy") == Some("0")
            });
            let no_room = anchor.child("from").is_some()
                && anchor.child("from").map(|corner| &corner.children)
                    == anchor.child("to").map(|corner| &corner.children);
            let outer = self.outer;
            if no_extent || no_room {
                self.outer = outer.or(Some(Visibility::Hidden(Hiding::TooSmall)));
            }
            self.objects(anchor);
            self.outer = outer;
        }
    }

    /// Depth is that of the part, which its reader bounds.
    fn objects(&mut self, parent: &Element) {
        for child in &parent.children {
            let outer = self.outer;
            match child.name.as_str() {
                "sp" | "cxnSp" | "pic" | "graphicFrame" => self.object(child),
                "AlternateContent" => {
                    for (branch, is_taken) in child.branches() {
                        let other = Visibility::Hidden(Hiding::MachineOnly);
                        self.outer = if is_taken { outer } else { outer.or(Some(other)) };
                        self.objects(branch);
                    }
                }
                "grpSp" => {
                    if child.child("nvGrpSpPr").is_some_and(is_hidden) {
                        self.outer = outer.or(Some(Visibility::Hidden(Hiding::Invisible)));
                    }
                    self.objects(child);
                }
                "relSizeAnchor" | "absSizeAnchor" => self.objects(child),
                "nvGrpSpPr" => self.described(child),
                _ => {}
            }
            self.outer = outer;
        }
    }

    fn object(&mut self, object: &Element) {
        let about = object.children.iter().find(|child| child.name.starts_with("nv"));
        if let Some(about) = about {
            if is_hidden(about) {
                self.outer = self.outer.or(Some(Visibility::Hidden(Hiding::Invisible)));
            }
            self.described(about);
        }
        let ground = self.ground(object);
        let letters = object.child("style").and_then(|style| style.child("fontRef"));
        let letters = letters.and_then(|font| font.children.first());
        let letters = letters.map_or(Some((BLACK, 1.0)), |colour| self.colour(colour));
        if let Some(body) = object.child("txBody") {
            for paragraph in body.all("p") {
                self.paragraph(paragraph, ground, letters);
            }
        }
        // Programs read one body; others are told as what nobody has taken.
        let inner = object.each().filter(|inner| matches!(inner.name.as_str(), "chart" | "relIds"));
        let ids = inner.filter_map(|inner| inner.attr("id").or_else(|| inner.attr("dm")));
        self.inner.extend(ids.map(str::to_owned));
    }

    fn described(&mut self, about: &Element) {
        let Some(own) = about.child("cNvPr") else { return };
        let alternative = Visibility::Alternate(Alternate::AltText);
        for name in ["title", "descr"] {
            self.block(own.attr(name).unwrap_or_default(), alternative);
        }
        let name = own.attr("name").filter(|name| name.split_whitespace().count() > 3);
        self.block(name.unwrap_or_default(), Visibility::Hidden(Hiding::MachineOnly));
    }

    /// What is under a shape's letters; `None` when that is no plain colour.
    fn ground(&self, object: &Element) -> Option<Rgba> {
        let form = object.child("spPr");
        let child = |name: &'static str| form.and_then(|form| form.child(name));
        if let Some(fill) = child("solidFill") {
            let (colour, alpha) = self.colour(fill.children.first()?)?;
            return (alpha > 0.99).then_some(colour);
        }
        if child("gradFill").or(child("blipFill")).or(child("pattFill")).is_some() {
            return None;
        }
        let style = object.child("style").and_then(|style| style.child("fillRef"));
        match style.filter(|style| style.attr("idx") != Some("0") && child("noFill").is_none()) {
            Some(style) => self.colour(style.children.first()?).map(|(colour, _)| colour),
            None => Some(WHITE),
        }
    }

    /// A colour with its opacity; `None` when it is not plain.
    fn colour(&self, element: &Element) -> Option<(Rgba, f32)> {
        let value = element.attr("val");
        let base = match element.name.as_str() {
            "srgbClr" => hex(value?)?,
            "sysClr" => hex(element.attr("lastClr")?)?,
            "schemeClr" => self.palette.scheme(value?)?,
            "prstClr" if value == Some("white") => WHITE,
            "prstClr" if value == Some("black") => BLACK,
            _ => return None,
        };
        let (mut colour, mut alpha) = (base, 1.0);
        for change in &element.children {
            let share = change.attr("val").and_then(|value| value.parse::<f32>().ok())? / 100_000.0;
            match change.name.as_str() {
                "alpha" => alpha = share,
                "lumMod" => colour = tinted(colour, share - 1.0),
                "lumOff" => {
                    let high = colour.red.max(colour.green).max(colour.blue);
                    let low = colour.red.min(colour.green).min(colour.blue);
                    let light = (high + low) / 510.0;
                    colour = tinted(colour, if light < 1.0 { share / (1.0 - light) } else { 0.0 });
                }
                _ => return None,
            }
        }
        Some((colour, alpha))
    }

    fn paragraph(&mut self, paragraph: &Element, ground: Option<Rgba>, usual: Option<(Rgba, f32)>) {
        let mut runs: Vec<(String, Visibility)> = Vec::new();
        for run in &paragraph.children {
            let text = match run.name.as_str() {
                "r" | "fld" => run.all("t").map(Element::all_text).collect(),
                "br" => "\n".to_owned(),
                _ => continue,
            };
            let seen = self.outer.unwrap_or_else(|| self.seen(run.child("rPr"), ground, usual));
            match runs.last_mut() {
                Some((open, known)) if *known == seen => open.push_str(&text),
                _ => runs.push((text, seen)),
            }
        }
        let mut joints = [Joint::Line; 2];
        for (text, seen) in runs {
            let joint = joints.get_mut(usize::from(seen.is_shown())).map(|joint| *joint);
            self.joined(&text, seen, joint.unwrap_or(Joint::Line));
            joints = [Joint::Inline, if seen.is_shown() { Joint::Inline } else { joints[1] }];
        }
    }

    fn seen(
        &self,
        letters: Option<&Element>,
        ground: Option<Rgba>,
        usual: Option<(Rgba, f32)>,
    ) -> Visibility {
        let size = letters.and_then(|letters| letters.attr("sz")?.parse::<f32>().ok());
        if size.is_some_and(|size| size <= SIZE_MAX_UNREAD) {
            return Visibility::Hidden(Hiding::TooSmall);
        }
        let fill = letters.and_then(|letters| letters.child("solidFill"));
        let ink = match fill.and_then(|fill| fill.children.first()) {
            Some(colour) => self.colour(colour),
            None if letters.is_some_and(|letters| letters.child("noFill").is_some()) => {
                return Visibility::Hidden(Hiding::NotPainted);
            }
            None => usual,
        };
        match (ink, ground) {
            (Some((_, alpha)), _) if alpha < ALPHA_MIN => Visibility::Hidden(Hiding::Transparent),
            (Some((ink, _)), Some(ground)) if is_lost(ink, ground) => {
                Visibility::Hidden(Hiding::LowContrast)
            }
            _ => Visibility::Shown,
        }
    }

    /// Reads a chart: titles and labels are shown; what it remembers of cells is for programs.
    pub(super) fn chart(&mut self, root: &Element) {
        let ground = self.ground(root);
        self.chart_part(root, ground, false);
    }

    fn chart_part(&mut self, parent: &Element, ground: Option<Rgba>, remembered: bool) {
        for child in &parent.children {
            match child.name.as_str() {
                "p" => self.paragraph(child, ground, None),
                "v" if parent.name == "tx" || parent.name == "pt" => {
                    let machine = remembered.then_some(Visibility::Hidden(Hiding::MachineOnly));
                    let has_words = child.text.contains(char::is_alphabetic);
                    let seen = self.outer.or(machine).unwrap_or(Visibility::Shown);
                    let text = child.said();
                    self.block(if has_words { text } else { "" }, seen);
                }
                name => {
                    let remembers = remembered || name.ends_with("Cache") || name == "lvl";
                    self.chart_part(child, ground, remembers);
                }
            }
        }
    }

    fn block(&mut self, text: &str, visibility: Visibility) {
        self.joined(text.trim(), visibility, Joint::Line);
    }

    fn joined(&mut self, text: &str, visibility: Visibility, joint: Joint) {
        self.paragraph = self.paragraph.saturating_add(1);
        let location = Location::Part { part: self.part.to_owned(), paragraph: self.paragraph };
        let kind = if visibility.is_shown() { BlockKind::Paragraph } else { BlockKind::Attached };
        self.builder.block(Block { text: text.to_owned(), kind, joint, visibility, location });
    }
}
