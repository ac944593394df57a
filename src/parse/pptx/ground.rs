//! What is painted under and over a text on a slide.
//!
//! Shapes are rectangles here; the place of the text in its shape is reckoned from its length and size.
//! Let through on purpose: shapes that cover text and are moved by the show; pictures, whose pixels are
//! not read.

use super::letters::Align;
use super::sheet::{Body, Kind, Shape};
use crate::domain::limits::PPTX_GROUNDS_MAX;
use crate::parse::drawing::fill::Fill;
use crate::parse::drawing::place::{Area, EMU_PER_POINT};

/// Width of a letter and height of a line, as parts of the letters' size.
const ADVANCE: f64 = 0.5;
const LINE: f64 = 1.2;
/// So much of a text must be over or under a shape to count as all of it, and as some of it.
const WHOLE: f64 = 0.95;
const SOME: f64 = 0.3;

/// A shape that paints.
#[derive(Debug, Clone, Copy)]
pub(super) struct Painted {
    pub(super) area: Area,
    pub(super) fill: Fill,
    /// Nothing of what is under its area shines through, so far as is known.
    pub(super) cover: Cover,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cover {
    No,
    /// A picture, which may have holes.
    Maybe,
    Yes,
}

/// What a shape paints, if it paints.
pub(super) fn painted(
    shape: &Shape,
    area: Option<Area>,
    fill: Fill,
    is_opaque: bool,
) -> Option<Painted> {
    let area = area.filter(|_| !shape.is_hidden && !shape.is_fallback)?;
    let (fill, cover) = match shape.kind {
        Kind::Picture if is_opaque => (Fill::Picture, Cover::Yes),
        Kind::Picture => (Fill::Picture, Cover::Maybe),
        Kind::Shape | Kind::Cell if fill == Fill::Nothing => return None,
        Kind::Shape if shape.is_upright && fill.is_opaque() => (fill, Cover::Yes),
        Kind::Cell if fill.is_opaque() => (fill, Cover::Yes),
        Kind::Shape | Kind::Cell => (fill, Cover::No),
        Kind::Frame if shape.graphic.is_some() => (Fill::Picture, Cover::No),
        Kind::Frame => return None,
    };
    let cover = if shape.is_animated { Cover::No } else { cover };
    Some(Painted { area, fill, cover })
}

/// Where the text of a body is in its shape, roughly. `size`: of its letters in points.
pub(super) fn text_area(body: &Body, area: Area, size: f64, align: Align, anchor: &str) -> Area {
    if body.is_turned {
        return area;
    }
    let [left, top] = body.inset;
    let width = (area.width - 2.0 * left).max(EMU_PER_POINT);
    let letter = size * EMU_PER_POINT;
    let (mut lines, mut widest) = (0.0, 0.0_f64);
    for paragraph in &body.paragraphs {
        let texts = paragraph.runs.iter().map(|run| run.text.as_str());
        let letters = texts.map(|text| text.chars().count()).sum::<usize>();
        let length = letters as f64 * letter * ADVANCE;
        lines += (length / width).ceil().max(1.0);
        widest = widest.max(length.min(width));
    }
    let height = lines * letter * LINE;
    let from_left = match align {
        Align::Left => left,
        Align::Middle => (area.width - widest) / 2.0,
        Align::Right => area.width - left - widest,
    };
    let from_top = match anchor {
        "ctr" => (area.height - height) / 2.0,
        "b" => area.height - top - height,
        _ => top,
    };
    Area::new(area.left + from_left, area.top + from_top, widest.max(1.0), height.max(1.0))
}

/// The fills that may be under a text, with what is painted before it.
pub(super) fn beneath(below: &[Painted], page: Fill, text: &Area) -> Vec<Fill> {
    let mut grounds = vec![page];
    for shape in below {
        let share = shape.area.shared(text) / text.size().max(1.0);
        if share < SOME {
            continue;
        }
        let mut over: Vec<Fill> = grounds.iter().map(|ground| shape.fill.over(*ground)).collect();
        over.dedup();
        if share >= WHOLE {
            grounds = over;
        } else if grounds.len() < PPTX_GROUNDS_MAX {
            grounds.extend(over);
        }
    }
    grounds
}

/// Whether what is painted later hides a text.
pub(super) fn covered(above: &[Painted], text: &Area) -> Cover {
    let whole = |shape: &&Painted| shape.area.shared(text) / text.size().max(1.0) >= WHOLE;
    let covers = above.iter().filter(whole).map(|shape| shape.cover);
    covers.fold(Cover::No, |worst, cover| match (worst, cover) {
        (Cover::Yes, _) | (_, Cover::Yes) => Cover::Yes,
        (Cover::Maybe, _) | (_, Cover::Maybe) => Cover::Maybe,
        (Cover::No, Cover::No) => Cover::No,
    })
}
