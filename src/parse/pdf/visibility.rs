//! What a person gets of a glyph: its colour against what is under it, its size, place and cover.
//!
//! A glyph is looked at in three points, one above the other; two of them decide, so that neither an
//! underline nor a strike-through hides text. Let through on purpose: dots painted into just these
//! points; images whose pixels are not read, under text that contrasts with the paper beneath.

use super::canvas::{Backdrop, Cover, Filling, Index};
use super::colour::{Colour, Rgb, WHITE, contrast, distance, over};
use super::content::Drawn;
use super::geometry::{Point, length, placed};
use super::glyphs::{Glyph, Style, UNPAINTED};
use super::masks::SoftMask;
use super::page::Page;
use super::state::{Blend, Masks};
use crate::domain::document::{Alternate, Doubt, Hiding, Visibility};

/// Smaller letters are dust: the smallest print on packages is about 3 points, footnotes are 5.
const SIZE_POINTS_MIN: f32 = 1.5;
/// How much narrower than high letters may be set; condensed faces stop at a half.
const NARROW_MAX: f32 = 4.0;
/// WCAG asks for 4.5 and calls 3 the least for large print; `#ddd` on white is 1.36, and people
/// still see it. Below this they do not, on an ordinary screen.
const CONTRAST_MIN: f32 = 1.15;
/// Colours of equal luminance that differ this much in one channel are still told apart: red on blue.
const HUE_DISTANCE_MIN: f32 = 0.5;
/// Paler print is not seen; watermarks have 0.15 and more.
const ALPHA_MIN: f32 = 0.1;
/// Images over this part of the page make it a scan.
const SCAN_SHARE_MIN: f32 = 0.25;
/// Heights in the letter, as parts of its size: near the foot, in the middle, near the top of an `x`.
const SAMPLE_HEIGHTS: [f32; 3] = [0.12, 0.3, 0.48];
/// Further points over pictures: parts of the letter's width and of its size.
const BESIDE: [[f32; 2]; 6] =
    [[0.1, 0.1], [0.9, 0.1], [0.1, 0.5], [0.9, 0.5], [0.3, 0.7], [0.7, 0.3]];
/// So many of them decide.
const SAMPLES_NEEDED: usize = 2;

/// Judges all glyphs of a page, in order.
pub(super) fn judge(page: &Page<'_>, drawn: &Drawn, tests_left: &mut usize) -> Vec<Visibility> {
    let scanned = drawn.canvas.scan_area >= SCAN_SHARE_MIN * page.shown.area();
    let masks = drawn.masks.iter().map(SoftMask::index).collect();
    let index = drawn.canvas.index();
    let mut judge = Judge { page, drawn, index, masks, scanned, tests_left };
    let mut found: Vec<Visibility> = Vec::with_capacity(drawn.glyphs.len());
    for glyph in &drawn.glyphs {
        let last = found.last().copied();
        found.push(match (glyph.text.is_space(), last) {
            // A space has no ink; it goes with the letters before it.
            (true, Some(last)) => last,
            _ => judge.glyph(glyph),
        });
    }
    found
}

struct Judge<'p> {
    page: &'p Page<'p>,
    drawn: &'p Drawn,
    index: Index<'p>,
    /// Sheets of the soft masks.
    masks: Vec<Index<'p>>,
    scanned: bool,
    tests_left: &'p mut usize,
}

/// What one point of a glyph shows.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Sample {
    Seen,
    Unseen,
    Doubtful(Doubt),
}

impl Judge<'_> {
    fn glyph(&mut self, glyph: &Glyph) -> Visibility {
        let style = usize::try_from(glyph.style).ok().and_then(|i| self.drawn.styles.get(i));
        let Some(style) = style else { return Visibility::Undetermined(Doubt::Broken) };
        let points = samples(glyph);
        let hidden = self
            .placed_away(glyph, style, points)
            .or_else(|| self.unpainted(glyph, style, points))
            .or_else(|| self.covered(glyph, points));
        if let Some(visibility) = hidden {
            return visibility;
        }
        if *self.tests_left == 0 || self.index.overran {
            return Visibility::Undetermined(Doubt::Broken);
        }
        let through = match self.through_masks(style.masks, points) {
            Some(through) if style.blend != Blend::Other => through,
            _ => return Visibility::Undetermined(Doubt::UnknownStyle),
        };
        let mut inks = inks(style);
        inks.iter_mut().for_each(|(_, alpha)| *alpha *= through);
        if inks.iter().all(|(_, alpha)| *alpha < ALPHA_MIN) {
            return Visibility::Hidden(Hiding::Transparent);
        }
        match self.coloured(glyph, style, &inks, points) {
            Sample::Unseen => Visibility::Hidden(Hiding::LowContrast),
            Sample::Doubtful(doubt) => Visibility::Undetermined(doubt),
            Sample::Seen if !glyph.known => Visibility::Undetermined(Doubt::UnknownFont),
            Sample::Seen => Visibility::Shown,
        }
    }

    /// Where the glyph is, and how large.
    fn placed_away(
        &self,
        glyph: &Glyph,
        style: &Style,
        [_, middle, _]: [Point; 3],
    ) -> Option<Visibility> {
        let size = length(glyph.up).min(length(glyph.right) * NARROW_MAX) * self.page.unit;
        if style.veil.is_some() {
            style.veil
        } else if style.broken {
            Some(Visibility::Undetermined(Doubt::Broken))
        } else if !self.page.shown.contains(middle) {
            Some(Visibility::Hidden(Hiding::OffPage))
        } else if size.is_nan() || size < SIZE_POINTS_MIN {
            Some(Visibility::Hidden(Hiding::TooSmall))
        } else if !style.clip.bounds.contains(middle) {
            Some(Visibility::Hidden(Hiding::Clipped))
        } else {
            None
        }
    }

    /// Whether it is painted at all.
    fn unpainted(
        &mut self,
        glyph: &Glyph,
        style: &Style,
        [_, middle, _]: [Point; 3],
    ) -> Option<Visibility> {
        // A letter without an outline is as good as not painted.
        match if glyph.blank { UNPAINTED } else { style.mode } {
            UNPAINTED if self.scanned && self.index.has_scan(middle, self.tests_left) => {
                Some(Visibility::Alternate(Alternate::OcrLayer))
            }
            7 if self.drawn.clips_used.contains(&style.text_clip) => {
                Some(Visibility::Undetermined(Doubt::UnknownColour))
            }
            UNPAINTED | 7 => Some(Visibility::Hidden(Hiding::NotPainted)),
            _ => {
                let inks = inks(style);
                if inks.iter().all(|(colour, _)| *colour == Colour::Nothing) {
                    Some(Visibility::Hidden(Hiding::NotPainted))
                } else if inks.iter().all(|(_, alpha)| *alpha < ALPHA_MIN) {
                    Some(Visibility::Hidden(Hiding::Transparent))
                } else {
                    None
                }
            }
        }
    }

    /// Whether something is painted over it.
    fn covered(&mut self, glyph: &Glyph, points: [Point; 3]) -> Option<Visibility> {
        if glyph.moment == self.drawn.canvas.moment() {
            return None;
        }
        let mut covers = Vec::with_capacity(points.len());
        for point in points {
            covers.extend(self.index.cover(point, glyph.moment, self.tests_left));
        }
        if covers.len() < SAMPLES_NEEDED {
            return None;
        }
        // Text under a scan of the page is its OCR layer, painted first.
        let scan = self.scanned && covers.iter().all(|cover| *cover == Cover::Scan);
        Some(if scan {
            Visibility::Alternate(Alternate::OcrLayer)
        } else {
            Visibility::Hidden(Hiding::Covered)
        })
    }

    /// How much of the ink the soft masks let through, at the point where it is most.
    fn through_masks(&mut self, masks: Masks, points: [Point; 3]) -> Option<f32> {
        if masks.is_none() {
            return Some(1.0);
        }
        let mut most = 0.0_f32;
        for point in points {
            let mut through = if masks.many { None } else { Some(1.0) };
            for number in [masks.own, masks.group].into_iter().filter(|number| *number > 0) {
                let index = usize::try_from(number).unwrap_or(usize::MAX) - 1;
                let mask = self.drawn.masks.get(index).zip(self.masks.get(index));
                let here = mask.and_then(|(mask, sheet)| mask.at(sheet, point, self.tests_left));
                through = through.zip(here).map(|(one, other)| one * other);
            }
            most = most.max(through?);
        }
        Some(most)
    }

    /// Whether its colour stands out.
    fn coloured(
        &mut self,
        glyph: &Glyph,
        style: &Style,
        inks: &[(Colour, f32)],
        points: [Point; 3],
    ) -> Sample {
        if inks.iter().any(|(colour, _)| *colour == Colour::Unknown) {
            return Sample::Doubtful(Doubt::UnknownColour);
        }
        let mut found = [Sample::Seen; 3];
        let mut pictured = false;
        for (sample, point) in found.iter_mut().zip(points) {
            let backdrop = self.index.backdrop(point, glyph.moment, self.tests_left);
            *sample = stands_out(inks, style.blend, backdrop);
            pictured |= backdrop.pictured;
        }
        let unseen = found.iter().filter(|sample| **sample == Sample::Unseen).count();
        let seen = found.iter().filter(|sample| **sample == Sample::Seen).count();
        if unseen >= SAMPLES_NEEDED {
            let seen_beside = pictured && self.seen_beside(glyph, style, inks);
            return if seen_beside { Sample::Seen } else { Sample::Unseen };
        }
        if seen >= SAMPLES_NEEDED {
            return Sample::Seen;
        }
        let doubt = found.into_iter().find(|sample| matches!(sample, Sample::Doubtful(_)));
        doubt.unwrap_or(Sample::Unseen)
    }

    /// A picture changes from point to point: a letter is seen where any part of it is.
    fn seen_beside(&mut self, glyph: &Glyph, style: &Style, inks: &[(Colour, f32)]) -> bool {
        let ([x0, y0], [x1, y1]) = (glyph.origin, glyph.end);
        let [ux, uy] = glyph.up;
        BESIDE.iter().any(|[along, up]| {
            let x = x0 + (x1 - x0) * along + ux * up;
            let y = y0 + (y1 - y0) * along + uy * up;
            let backdrop = self.index.backdrop(placed([x, y]), glyph.moment, self.tests_left);
            stands_out(inks, style.blend, backdrop) != Sample::Unseen
        })
    }
}

fn samples(glyph: &Glyph) -> [Point; 3] {
    let ([x0, y0], [x1, y1]) = (glyph.origin, glyph.end);
    let [ux, uy] = glyph.up;
    SAMPLE_HEIGHTS
        .map(|height| placed([(x0 + x1) / 2.0 + height * ux, (y0 + y1) / 2.0 + height * uy]))
}

/// The colours that a render mode paints letters with.
fn inks(style: &Style) -> Vec<(Colour, f32)> {
    let fill = (style.fill, style.fill_alpha);
    let stroke = (style.stroke, style.stroke_alpha);
    match style.mode {
        1 | 5 => vec![stroke],
        2 | 6 => vec![fill, stroke],
        _ => vec![fill],
    }
}

fn stands_out(inks: &[(Colour, f32)], blend: Blend, backdrop: Backdrop) -> Sample {
    let below = backdrop.colour;
    let seen = inks.iter().any(|(colour, alpha)| match colour {
        Colour::Rgb(rgb) => differs(over(blend.mixed(*rgb, below), *alpha, below), below),
        Colour::Nothing | Colour::Unknown => false,
    });
    // Viewers disagree about modes that have bare paper under them.
    let plain = inks.iter().any(|(colour, alpha)| {
        matches!(colour, Colour::Rgb(rgb) if differs(over(*rgb, *alpha, below), below))
    });
    let is_agreed = matches!(blend, Blend::Normal | Blend::Multiply | Blend::Darken);
    if !is_agreed && below == WHITE && seen != plain {
        return Sample::Doubtful(Doubt::UnknownStyle);
    }
    match (seen, backdrop.over) {
        (true, _) => Sample::Seen,
        (false, None) => Sample::Unseen,
        (false, Some(Filling::Image)) => Sample::Doubtful(Doubt::OverImage),
        (false, Some(_)) => Sample::Doubtful(Doubt::UnknownColour),
    }
}

/// Whether a result is told apart from its ground.
fn differs(result: Rgb, below: Rgb) -> bool {
    contrast(result, below) >= CONTRAST_MIN || distance(result, below) >= HUE_DISTANCE_MIN
}
