//! Whether text behind a scan is what recognition left there: letters that do not lie over each
//! other, over something dark or light in the image where its pixels are known.
//!
//! What is not plausible is not called a text layer, and not vouched for. Let through on purpose:
//! words that differ from those in the image; scans whose pixels are not read.

use std::collections::BTreeSet;

use super::colour::Rgb;
use super::content::Drawn;
use super::geometry::{Point, Rect};
use super::lexer::whole_number;
use super::page::Page;
use crate::domain::document::{Alternate, Doubt, Visibility};

const LAYER: Visibility = Visibility::Alternate(Alternate::OcrLayer);
const DOUBTFUL: Visibility = Visibility::Undetermined(Doubt::OverImage);
/// Squares by which crowding is measured, along each side of the page.
const SQUARES: f32 = 128.0;
/// Letters that touch one square, on average: neighbours share theirs with two or three, small print
/// with more; recognition doubles some lines, but it does not stack pages.
const CROWDED_MIN: usize = 12;
/// Squares below which crowding says nothing.
const SQUARES_MIN: usize = 12;
/// A letter of more squares is no running text.
const LETTER_SQUARES_MAX: usize = 256;
/// Difference of brightness that is ink on paper, or print on colour.
const INK_MIN: f32 = 0.12;
/// Words without ink in a row that no recognition would give.
const BLANK_WORDS_MAX: usize = 8;
/// Points of a word that are looked at.
const COLUMNS: u8 = 12;
const ROWS: u8 = 5;

/// Takes back what was called a text layer and does not look like one.
pub(super) fn check(page: &Page<'_>, drawn: &Drawn, visibilities: &mut [Visibility]) {
    let words = words(drawn, visibilities);
    if words.is_empty() {
        return;
    }
    let mut doubtful: Vec<&Word> = Vec::new();
    if is_crowded(page, drawn, &words) {
        doubtful.extend(&words);
    } else {
        let is_blank = |word: &&Word| has_ink(drawn, word.area) == Some(false);
        let blank = words.iter().filter(is_blank).count();
        if blank * 2 > words.len() {
            doubtful.extend(&words);
        } else if blank > BLANK_WORDS_MAX {
            let runs = words.chunk_by(|one, next| is_blank(&one) == is_blank(&next));
            let long =
                |run: &&[Word]| run.len() > BLANK_WORDS_MAX && run.iter().all(|w| is_blank(&w));
            doubtful.extend(runs.filter(long).flatten());
        }
    }
    for word in doubtful {
        for visibility in visibilities.get_mut(word.glyphs.clone()).unwrap_or_default() {
            if *visibility == LAYER {
                *visibility = DOUBTFUL;
            }
        }
    }
}

/// Letters between spaces.
struct Word {
    glyphs: std::ops::Range<usize>,
    area: Rect,
}

fn words(drawn: &Drawn, visibilities: &[Visibility]) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut goes_on = false;
    for (index, (glyph, visibility)) in drawn.glyphs.iter().zip(visibilities).enumerate() {
        let is_letter = *visibility == LAYER && !glyph.text.is_space();
        match words.last_mut().filter(|_| goes_on && is_letter) {
            Some(word) => {
                word.glyphs.end = index + 1;
                word.area.join(glyph.area());
            }
            None if is_letter => {
                words.push(Word { glyphs: index..index + 1, area: glyph.area() });
            }
            None => {}
        }
        goes_on = is_letter;
    }
    words
}

/// Whether letters lie over letters: the squares that they touch, counted for each letter, against the
/// squares that are touched at all. Huge letters are not counted.
fn is_crowded(page: &Page<'_>, drawn: &Drawn, words: &[Word]) -> bool {
    let mut touched: BTreeSet<[usize; 2]> = BTreeSet::new();
    let mut together = 0_usize;
    let glyphs = words.iter().flat_map(|word| drawn.glyphs.get(word.glyphs.clone()));
    for glyph in glyphs.flatten() {
        let area = glyph.area().meet(page.shown);
        let place = |value: f32, start: f32, size: f32| {
            whole_number(((value - start) / size * SQUARES).floor())
        };
        let (width, height) = (page.shown.width(), page.shown.height());
        let columns =
            place(area.left, page.shown.left, width).zip(place(area.right, page.shown.left, width));
        let rows = place(area.bottom, page.shown.bottom, height).zip(place(
            area.top,
            page.shown.bottom,
            height,
        ));
        let (Some((left, right)), Some((bottom, top))) = (columns, rows) else { continue };
        let count = (right.saturating_sub(left) + 1) * (top.saturating_sub(bottom) + 1);
        if count <= LETTER_SQUARES_MAX {
            together += count;
            let squares = (left..=right).flat_map(|x| (bottom..=top).map(move |y| [x, y]));
            touched.extend(squares);
        }
    }
    touched.len() >= SQUARES_MIN && together > CROWDED_MIN * touched.len()
}

/// Whether the image under a word has something drawn there; `None` where its pixels are not known.
fn has_ink(drawn: &Drawn, area: Rect) -> Option<bool> {
    let middle = [(area.left + area.right) / 2.0, (area.bottom + area.top) / 2.0];
    let picture = drawn
        .canvas
        .pictures()
        .iter()
        .rev()
        .find(|picture| picture.area.contains(middle) && picture.pixels.is_some())?;
    let (mut darkest, mut brightest) = (1.0_f32, 0.0_f32);
    for column in 0..=COLUMNS {
        for row in 0..=ROWS {
            let part = |step: u8, of: u8| f32::from(step) / f32::from(of);
            let point: Point = [
                area.left + area.width() * part(column, COLUMNS),
                area.bottom + area.height() * part(row, ROWS),
            ];
            let light = brightness(picture.at(point)?);
            darkest = darkest.min(light);
            brightest = brightest.max(light);
        }
    }
    Some(brightest - darkest >= INK_MIN)
}

fn brightness([red, green, blue]: Rgb) -> f32 {
    0.3 * red + 0.59 * green + 0.11 * blue
}
