//! Boxes: where drawings of both kinds stand, and what they are filled with.

use super::outline::Section;
use crate::domain::document::Hiding;
use crate::parse::drawing::colour::plain;
use crate::parse::drawing::fill::Fill;
use crate::parse::drawing::place::{Area, EMU_PER_POINT, Group, length, units};
use crate::parse::html::color::{BLACK, WHITE};
use crate::parse::xml::{Element, Tag};

/// Boxes flatter than this hold no line of letters.
const FLAT_EMU: f64 = 3.0 * EMU_PER_POINT;

/// Where the corner of a drawing may be: it may depend on where its text is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Corner {
    left: [f64; 2],
    top: [f64; 2],
}

/// A drawing's place (`wp:anchor`), as it is read.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Anchor {
    across: Option<[f64; 2]>,
    down: Option<[f64; 2]>,
    extent: Option<[f64; 2]>,
}

/// What limits where a drawing may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds<'s> {
    pub(super) section: &'s Section,
    pub(super) in_table: bool,
}

impl Anchor {
    /// `wp:positionH`, `wp:positionV`, `wp:extent`.
    pub(super) fn take(&mut self, element: &Element, bounds: Bounds<'_>) {
        let offset = || units(element.child("posOffset")?.text.as_str());
        let from = element.attr("relativeFrom").unwrap_or_default();
        match element.name.as_str() {
            "positionH" => {
                let base = across(from, bounds);
                self.across = offset().map(|offset| base.map(|base| base + offset));
            }
            "positionV" => {
                let base = down(from, bounds.section);
                self.down = offset().map(|offset| base.map(|base| base + offset));
            }
            "extent" => {
                let size = |name| units(element.attr(name)?);
                self.extent = size("cx").zip(size("cy")).map(|(width, height)| [width, height]);
            }
            _ => {}
        }
    }

    /// Where its corner is, if it floats at a distance from something.
    pub(super) fn corner(&self) -> Option<Corner> {
        let is_placed = self.across.is_some() || self.down.is_some();
        let (left, top) = (self.across.unwrap_or_default(), self.down.unwrap_or_default());
        is_placed.then_some(Corner { left, top })
    }

    pub(super) fn size(&self) -> Option<[f64; 2]> {
        self.extent
    }

    /// Where its left edge is, at least and at most, if it is at a distance from something.
    pub(super) fn across(&self) -> Option<[f64; 2]> {
        self.across
    }
}

fn across(from: &str, bounds: Bounds<'_>) -> [f64; 2] {
    let section = bounds.section;
    match from {
        "page" | "leftMargin" => [0.0, 0.0],
        "margin" => [section.left, section.left],
        "rightMargin" => [section.width - section.right, section.width - section.right],
        "column" if !section.has_columns && !bounds.in_table => [section.left, section.left],
        _ => [0.0, section.width],
    }
}

fn down(from: &str, section: &Section) -> [f64; 2] {
    match from {
        "page" | "topMargin" => [0.0, 0.0],
        "margin" => [section.top, section.top],
        _ => [0.0, section.height],
    }
}

/// How the place and size of a box hide its text.
pub(super) fn hiding(
    corner: Option<Corner>,
    area: Area,
    grows: bool,
    section: &Section,
) -> Option<Hiding> {
    if !grows && (area.height.abs() < FLAT_EMU || area.width.abs() < FLAT_EMU) {
        return Some(Hiding::Clipped);
    }
    let corner = corner?;
    let placed = |at: usize| {
        let [left, top] =
            [corner.left, corner.top].map(|ends| ends.get(at).copied().unwrap_or(0.0));
        Area { left: area.left + left, top: area.top + top, ..area }
    };
    // Off the page wherever the text is: its furthest right is left of it, or the other way round.
    let (least, most) = (placed(0), placed(1));
    let (width, height) = (section.width, section.height);
    let is_off = most.left + most.width <= 0.0
        || most.top + most.height <= 0.0
        || least.left >= width
        || least.top >= height;
    is_off.then_some(Hiding::OffPage)
}

/// A drawing's own area, before it is placed: that of the whole drawing, or of a shape in its group.
pub(super) fn area_of(
    transform: Option<&Element>,
    group: Option<Group>,
    whole: Option<[f64; 2]>,
) -> Option<Area> {
    match group {
        Some(group) => transform.and_then(Area::of).map(|area| group.placed(area)),
        None => whole.map(|[width, height]| Area::new(0.0, 0.0, width, height)),
    }
}

/// A shape of VML.
#[derive(Debug, Clone, Copy)]
pub(super) struct OldShape {
    pub(super) fill: Fill,
    pub(super) hiding: Option<Hiding>,
}

impl OldShape {
    pub(super) fn read(tag: &Tag<'_>, bounds: Bounds<'_>, in_group: bool) -> Self {
        let style = tag.attr("style").unwrap_or_default().to_ascii_lowercase();
        let says = |name: &str| {
            let pairs = style.split(';').filter_map(|pair| pair.split_once(':'));
            pairs.filter(|(key, _)| key.trim() == name).map(|(_, value)| value.trim()).next_back()
        };
        let is_filled = !matches!(tag.attr("filled").as_deref(), Some("f" | "false" | "0"));
        let colour = tag.attr("fillcolor").map_or(Some(WHITE), |colour| plain(&colour));
        let fill =
            if is_filled { colour.map_or(Fill::Picture, Fill::Plain) } else { Fill::Nothing };
        let measured = |name| says(name).and_then(length);
        let hiding = if says("visibility") == Some("hidden") {
            Some(Hiding::Invisible)
        } else if in_group || says("position") != Some("absolute") {
            None
        } else {
            let across_from = says("mso-position-horizontal-relative").unwrap_or("column");
            let down_from = says("mso-position-vertical-relative").unwrap_or("paragraph");
            let left = measured("margin-left").or_else(|| measured("left")).unwrap_or(0.0);
            let top = measured("margin-top").or_else(|| measured("top")).unwrap_or(0.0);
            let corner = Corner {
                left: across(spelt(across_from), bounds).map(|base| base + left),
                top: down(spelt(down_from), bounds.section).map(|base| base + top),
            };
            // Without a size of its own it may reach anywhere.
            let size = |name| measured(name).unwrap_or(f64::from(f32::MAX));
            hiding(
                Some(corner),
                Area::new(0.0, 0.0, size("width"), size("height")),
                false,
                bounds.section,
            )
        };
        Self { fill, hiding }
    }

    /// `v:fill` inside the shape.
    pub(super) fn take_fill(&mut self, tag: &Tag<'_>) {
        match tag.attr("type").as_deref() {
            None | Some("solid") => {}
            Some(_) => self.fill = Fill::Picture,
        }
        let opacity = tag.attr("opacity").and_then(|opacity| opacity_of(&opacity));
        if let (Some(opacity), Fill::Plain(colour)) = (opacity, &mut self.fill) {
            colour.alpha = opacity;
        }
    }

    /// The colour of letters that are drawn as the shape itself.
    pub(super) fn letters(&self) -> Fill {
        match self.fill {
            Fill::Nothing => Fill::Plain(BLACK),
            other => other,
        }
    }
}

/// `.5`, `50%`, `32768f`.
fn opacity_of(text: &str) -> Option<f32> {
    let (number, whole) = match text.strip_suffix('f') {
        Some(number) => (number, 65_536.0),
        None => text.strip_suffix('%').map_or((text, 1.0), |number| (number, 100.0)),
    };
    let share = number.trim().parse::<f32>().ok()? / whole;
    share.is_finite().then(|| share.clamp(0.0, 1.0))
}

/// VML's words for what a place counts from.
fn spelt(from: &str) -> &str {
    match from {
        "left-margin-area" => "leftMargin",
        "right-margin-area" => "rightMargin",
        "top-margin-area" => "topMargin",
        other => other,
    }
}
