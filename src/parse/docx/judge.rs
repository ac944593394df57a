//! What a person sees of a run: all levels of its properties together against its ground and place.
//!
//! Let through on purpose: text in a table whose columns are too narrow for a letter; shadows and glows
//! that make white letters seen.

use super::outline::{Outline, Section};
use super::properties::{Ink, ParagraphFormat, RunFormat, Shade};
use crate::domain::document::{Doubt, Hiding, Visibility};
use crate::domain::limits::DOCX_SHAPES_COMPARED_MAX;
use crate::parse::drawing::fill::{Fill, sight};
use crate::parse::drawing::place::EMU_PER_TWIP;
use crate::parse::html::color::{BLACK, Rgba, WHITE};

/// Smaller letters are dust: footnotes are 5 points and more. In points.
const SIZE_MIN: f32 = 1.5;
/// How much narrower than high letters may be set.
const NARROW_MAX: f32 = 4.0;
/// Letters of a text that says nothing of its size, in half points.
const USUAL_SIZE: f32 = 20.0;
/// Letters are half as wide as high; closer together by this they lie on each other.
const ADVANCE: f32 = 0.5;
/// A line lower than this part of its letters cuts them away.
const LINE_MIN: f32 = 0.2;
/// Text may be raised or lowered by this before it leaves the page, in half points.
const RAISED_MAX: f32 = 1_000.0;
/// Paragraphs before and after a shape that may lie over it: those of a page or so.
const PARAGRAPHS_NEAR: usize = 40;

/// Where a run stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ground {
    /// What is under its paragraph.
    pub(super) fill: Fill,
    /// It is the page itself, on which shapes may lie that are not measured.
    pub(super) is_page: bool,
}

/// The hiding that a paragraph's own properties make.
pub(super) fn paragraph(
    format: &ParagraphFormat,
    section: &Section,
    in_table: bool,
) -> Option<Hiding> {
    let frame = format.frame.is_some_and(|frame| {
        let from = |at: Option<f32>| at.map_or(0.0, |at| f64::from(at) * EMU_PER_TWIP);
        let (x, y) = (from(frame.x), from(frame.y));
        let width = frame.width.map_or(section.width, |width| f64::from(width) * EMU_PER_TWIP);
        let base = if frame.from_page_across { 0.0 } else { section.left };
        let down = if frame.from_page_down { 0.0 } else { section.top };
        let is_across = base + x + width <= 0.0 || base + x >= section.width;
        is_across || down + y >= section.height || (frame.from_page_down && y <= -section.height)
    });
    let is_thin = format.frame.and_then(|frame| frame.height).is_some_and(|height| height < 40.0);
    if is_thin {
        return Some(Hiding::Clipped);
    }
    let indent = |twips: Option<f32>| f64::from(twips.unwrap_or(0.0)) * EMU_PER_TWIP;
    let first = indent(format.first).min(0.0);
    let left = section.left + indent(format.left) + first;
    let right = section.width - section.right - indent(format.right);
    let is_beside = !in_table && !section.has_columns && (left >= section.width || right <= 0.0);
    (frame || is_beside).then_some(Hiding::OffPage)
}

/// What a person gets of a run.
pub(super) fn run(
    format: &RunFormat,
    paragraph: &ParagraphFormat,
    ground: Ground,
    beneath: &dyn Fn() -> Vec<Fill>,
) -> Visibility {
    if format.vanish == Some(true) {
        return Visibility::Hidden(Hiding::NotDisplayed);
    }
    let is_complex = format.is_complex == Some(true);
    let size = if is_complex { format.complex_size.or(format.size) } else { format.size };
    let points = size.unwrap_or(USUAL_SIZE) / 2.0;
    let width = points * format.scale.unwrap_or(100.0) / 100.0;
    let spacing = format.spacing.unwrap_or(0.0) / 20.0;
    if points.min(width * NARROW_MAX) < SIZE_MIN || -spacing >= width * ADVANCE {
        return Visibility::Hidden(Hiding::TooSmall);
    }
    let line = paragraph.exact_line.flatten().map(|twips| twips / 20.0);
    if line.is_some_and(|line| line < points * LINE_MIN) {
        return Visibility::Hidden(Hiding::Clipped);
    }
    let raised = format.raised.unwrap_or(0.0).abs();
    if line.is_some_and(|line| raised / 2.0 >= line + points) {
        return Visibility::Hidden(Hiding::Clipped);
    }
    if raised >= RAISED_MAX {
        return Visibility::Hidden(Hiding::OffPage);
    }
    painted(format, paragraph, ground, beneath)
}

fn painted(
    format: &RunFormat,
    paragraph: &ParagraphFormat,
    ground: Ground,
    beneath: &dyn Fn() -> Vec<Fill>,
) -> Visibility {
    let shaded = |shade: Option<Shade>| match shade {
        Some(Shade::Plain(colour)) => Some(colour),
        Some(Shade::Clear) | None => None,
    };
    let own = format.highlight.flatten().or_else(|| shaded(format.shade));
    let own = own.or_else(|| shaded(paragraph.shade));
    let under = own.map_or(ground.fill, Fill::Plain);
    let edge = match format.edge {
        Some(Fill::Plain(colour)) => sight(colour, under, WHITE),
        Some(Fill::Between(..) | Fill::Picture) => Visibility::Shown,
        Some(Fill::Nothing) | None => Visibility::Hidden(Hiding::Transparent),
    };
    let inks: [Option<Rgba>; 2] = match (format.fill, format.ink) {
        _ if edge.is_shown() => return Visibility::Shown,
        (Some(Fill::Nothing), _) => return Visibility::Hidden(Hiding::Transparent),
        (Some(Fill::Plain(colour)), _) => [Some(colour), None],
        (Some(Fill::Between(dark, light)), _) => [Some(dark), Some(light)],
        (None, Some(Ink::Plain(colour))) => [Some(colour), None],
        // A highlighter is drawn over whatever the colour was chosen by.
        (None, Some(Ink::Auto) | None) if format.highlight.flatten().is_some() => {
            [Some(BLACK), None]
        }
        (Some(Fill::Picture), _) | (None, Some(Ink::Auto) | None) => return Visibility::Shown,
    };
    let seen_on = |under: Fill| {
        let all = inks.into_iter().flatten().map(|ink| sight(ink, under, WHITE));
        all.max_by_key(|found| (found.is_shown(), matches!(found, Visibility::Undetermined(_))))
            .unwrap_or(Visibility::Shown)
    };
    let found = seen_on(under);
    if found != Visibility::Hidden(Hiding::LowContrast) || own.is_some() || !ground.is_page {
        return found;
    }
    // White letters may stand on a dark shape whose place depends on the layout.
    let is_rescued = beneath().into_iter().any(|shape| seen_on(shape) != found);
    if is_rescued { Visibility::Undetermined(Doubt::OverImage) } else { found }
}

/// Shapes that may lie under the paragraph of this number.
pub(super) fn near(outline: &Outline, paragraph: usize) -> Vec<Fill> {
    let from = paragraph.saturating_sub(PARAGRAPHS_NEAR);
    let to = paragraph.saturating_add(PARAGRAPHS_NEAR);
    let first = outline.shapes.partition_point(|(at, _)| *at < from);
    let shapes = outline.shapes.get(first..).unwrap_or_default().iter();
    let near = shapes.take_while(|(at, _)| *at <= to).take(DOCX_SHAPES_COMPARED_MAX);
    near.map(|(_, fill)| *fill).collect()
}
