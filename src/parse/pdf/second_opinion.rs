//! A second opinion where geometry cannot decide: text over pictures, unusual blends. The page is drawn
//! twice, with its text and without; where the two differ to the eye, text is seen.
//!
//! It is asked only about blocks that are `Undetermined` for what lies under them, and answers only when
//! it is sure: no answer where other text overlaps (whose ink could be taken for theirs), in turned or
//! scaled pages, or past its bounds. Let through on purpose: nothing is read from the picture; whether the
//! ink has the shape of the letters is not asked.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::Pdf;
use hayro::vello_cpu::Pixmap;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings};
use lopdf::content::Content;
use lopdf::{Document, Object};

use super::colour::{Rgb, contrast, distance};
use super::page::Page;
use crate::domain::document::{Block, Doubt, Hiding, Location, Visibility};
use crate::domain::limits::{
    SECOND_OPINION_BYTES_MAX, SECOND_OPINION_PAGES_MAX, SECOND_OPINION_PIXELS_MAX,
};

/// Pixels for each point: letters of 6 points are then 12 pixels high.
const SCALE: f32 = 2.0;
/// The same as in `visibility`: what stands out less is not seen.
const CONTRAST_MIN: f32 = 1.15;
/// See `visibility`.
const HUE_DISTANCE_MIN: f32 = 0.5;
/// From this share of its ink on that stands out, text is seen; edges of letters are always pale.
const SEEN_SHARE: f64 = 0.4;
/// Comparisons of blocks with each other on one page; past it nothing is asked.
const COMPARISONS_MAX: usize = 4_000_000;
/// Up to this share it is not.
const UNSEEN_SHARE: f64 = 0.1;

/// Draws pages of one file, as far as its bounds allow.
pub(super) struct Eye<'f> {
    file: &'f Document,
    copies: Option<Option<(Pdf, Pdf)>>,
    pages_left: usize,
}

impl<'f> Eye<'f> {
    pub(super) const fn new(file: &'f Document) -> Self {
        Self { file, copies: None, pages_left: SECOND_OPINION_PAGES_MAX }
    }

    /// Confirms or refutes what is undetermined among the blocks that a page's content draws.
    pub(super) fn look(&mut self, page: &Page<'_>, blocks: &mut [(Block, f32)]) {
        if self.pages_left == 0 || page.unit != 1.0 {
            return;
        }
        let doubtful = Visibility::Undetermined(Doubt::OverImage);
        let mut asked: Vec<usize> = blocks
            .iter()
            .enumerate()
            .filter(|(_, (one, _))| one.visibility == doubtful)
            .map(|(at, _)| at)
            .collect();
        if asked.len().saturating_mul(blocks.len()) > COMPARISONS_MAX {
            return;
        }
        asked.retain(|at| stands_alone(blocks, *at));
        if asked.is_empty() {
            return;
        }
        self.pages_left -= 1;
        let file = self.file;
        let copies = self
            .copies
            .get_or_insert_with(|| catch_unwind(AssertUnwindSafe(|| copies(file))).ok().flatten());
        let Some((with, without)) = copies else { return };
        let index = usize::try_from(page.number).unwrap_or(usize::MAX).saturating_sub(1);
        let drawn = catch_unwind(AssertUnwindSafe(|| {
            Some((Picture::of(with, index)?, Picture::of(without, index)?))
        }));
        let Ok(Some((with, without))) = drawn else { return };
        for at in asked {
            let Some((block, _)) = blocks.get_mut(at) else { continue };
            let Location::Page { area, .. } = block.location else { continue };
            if let Some(visibility) = with.compared(&without, area) {
                block.visibility = visibility;
            }
        }
    }
}

/// Whether no other text lies in the place of this block.
fn stands_alone(blocks: &[(Block, f32)], at: usize) -> bool {
    let place = |(block, _): &(Block, f32)| match block.location {
        Location::Page { area, .. } => Some(area),
        _ => None,
    };
    let Some(area) = blocks.get(at).and_then(place) else { return false };
    let mut others = blocks.iter().enumerate().filter(|(other, _)| *other != at);
    !others.any(|(_, block)| place(block).is_some_and(|other| overlap(area, other)))
}

fn overlap([left, bottom, right, top]: [f32; 4], other: [f32; 4]) -> bool {
    left < other[2] && other[0] < right && bottom < other[3] && other[1] < top
}

/// The file as it is, and the same without its text.
fn copies(file: &Document) -> Option<(Pdf, Pdf)> {
    let mut copy = file.clone();
    let mut with = Vec::new();
    copy.save_to(&mut with).ok().filter(|()| with.len() <= SECOND_OPINION_BYTES_MAX)?;
    for page in copy.get_pages().into_values().collect::<Vec<_>>() {
        let content = without_text(&copy.get_page_content(page))?;
        copy.change_page_content(page, content).ok()?;
    }
    for object in copy.objects.values_mut() {
        let Object::Stream(stream) = object else { continue };
        if stream.dict.get(b"Subtype").and_then(Object::as_name).is_ok_and(|kind| kind == b"Form") {
            let content = stream.decompressed_content().unwrap_or_else(|_| stream.content.clone());
            stream.set_plain_content(without_text(&content)?);
        }
    }
    let mut without = Vec::new();
    copy.save_to(&mut without).ok()?;
    Some((Pdf::new(Arc::new(with)).ok()?, Pdf::new(Arc::new(without)).ok()?))
}

/// A content without the operators that show text; `None` where it cannot be read to its end.
fn without_text(content: &[u8]) -> Option<Vec<u8>> {
    let mut content = Content::decode(content).ok()?;
    content.operations.retain(|step| !matches!(step.operator.as_str(), "Tj" | "TJ" | "'" | "\""));
    content.encode().ok()
}

/// A page that was drawn.
struct Picture {
    pixels: Pixmap,
    scale: f32,
    height: f32,
}

impl Picture {
    fn of(file: &Pdf, index: usize) -> Option<Self> {
        let page = file.pages().get(index)?;
        let (width, height) = page.render_dimensions();
        let is_upright = (width, height) == page.base_dimensions();
        let pixels = width * height;
        if !is_upright || !pixels.is_finite() || pixels < 1.0 {
            return None;
        }
        let scale = SCALE.min((SECOND_OPINION_PIXELS_MAX / pixels).sqrt());
        let settings = PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE };
        let pixels = hayro::render(
            page,
            &RenderCache::new(),
            &InterpreterSettings::default(),
            &RenderSettings::default(),
            &settings,
        );
        Some(Self { pixels, scale, height })
    }

    /// What a person sees of text in this area, given the same page without any.
    fn compared(&self, without: &Self, [left, bottom, right, top]: [f32; 4]) -> Option<Visibility> {
        let across = self.range(left, right, self.pixels.width())?;
        let down = self.range(self.height - top, self.height - bottom, self.pixels.height())?;
        let (mut ink, mut seen) = (0_u32, 0_u32);
        for y in down {
            for x in across.clone() {
                let (one, other) = (self.at(x, y)?, without.at(x, y)?);
                if one != other {
                    ink += 1;
                    let stands_out = contrast(one, other) >= CONTRAST_MIN
                        || distance(one, other) >= HUE_DISTANCE_MIN;
                    seen += u32::from(stands_out);
                }
            }
        }
        // Without any ink the text may be unpainted, or the picture under it be one that is not drawn.
        if ink == 0 {
            return None;
        }
        let share = f64::from(seen) / f64::from(ink);
        if share >= SEEN_SHARE {
            Some(Visibility::Shown)
        } else {
            (share <= UNSEEN_SHARE).then_some(Visibility::Hidden(Hiding::LowContrast))
        }
    }

    /// Pixels between two lengths in points.
    fn range(&self, from: f32, to: f32, bound: u16) -> Option<std::ops::Range<u16>> {
        let pixel = |at: f32| (at * self.scale).clamp(0.0, f32::from(bound));
        let (from, to) = (pixel(from).floor(), pixel(to).ceil());
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and the bound"
        )]
        (from < to).then_some(from as u16..to as u16)
    }

    fn at(&self, x: u16, y: u16) -> Option<Rgb> {
        let row = usize::from(y) * usize::from(self.pixels.width());
        let start = (row + usize::from(x)) * 4;
        let bytes = self.pixels.data_as_u8_slice().get(start..start + 3)?;
        let [red, green, blue] = bytes.try_into().ok()?;
        let part = |value: u8| f32::from(value) / 255.0;
        Some([part(red), part(green), part(blue)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::Options;
    use crate::parse::pdf::parse_with;

    /// Visibilities of the block that holds these words, with a second opinion and without. The picture
    /// says how its samples are to be taken, so that its pixels are not read without drawing it.
    fn judged(file: &[u8], words: &str) -> [Visibility; 2] {
        let mut altered = Document::load_mem(file).unwrap();
        for object in altered.objects.values_mut() {
            if let Object::Stream(stream) = object
                && stream
                    .dict
                    .get(b"Subtype")
                    .is_ok_and(|kind| kind.as_name().is_ok_and(|kind| kind == b"Image"))
            {
                let usual = [0, 1, 0, 1, 0, 1].map(Object::Integer).to_vec();
                stream.dict.set("Decode", usual);
            }
        }
        let mut file = Vec::new();
        altered.save_to(&mut file).unwrap();
        [true, false].map(|second_opinion| {
            let opened = parse_with(&file, Options { second_opinion }).unwrap();
            let blocks = opened.document.blocks;
            let block = blocks.into_iter().find(|block| block.text.contains(words));
            block.expect("the words are there").visibility
        })
    }

    #[test]
    fn white_text_is_seen_on_a_dark_photograph_and_not_on_snow() {
        let snow = include_bytes!("../../../corpora/documents/pdf/white-over-photograph.pdf");
        let [with, without] = judged(snow, "la caution");
        assert_eq!(with, Visibility::Hidden(Hiding::LowContrast));
        assert_eq!(without, Visibility::Undetermined(Doubt::OverImage));
        let dark = include_bytes!("../../../corpora/documents/pdf/white-over-photograph.twin.pdf");
        let [with, without] = judged(dark, "au bord de la");
        assert_eq!(with, Visibility::Shown);
        assert_eq!(without, Visibility::Undetermined(Doubt::OverImage));
    }
}
