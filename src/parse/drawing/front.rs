//! Pictures that stand in front of running text: which paragraphs lie under them.
//!
//! No layout is made. How high a paragraph is lies between two estimates, and one counts as under a picture only
//! where it is by both.

use std::collections::BTreeSet;

use crate::domain::limits::{FRONT_PARAGRAPHS_MAX, FRONT_PICTURES_MAX};

/// Width of a letter as a part of its size: of narrow ones, of wide ones, and where scripts fill a square.
const NARROW: f64 = 0.42;
const WIDE: f64 = 0.55;
const SQUARE: f64 = 1.0;
/// From this character on, letters fill a square.
const SQUARE_FROM: char = '\u{2e80}';
/// Height of a line as a part of the letters' size, by font.
const LINE: [f64; 2] = [1.1, 1.25];
/// A picture may begin this far inside a text and still cover it, in points.
const SLACK: f64 = 2.0;

/// A paragraph that flows, all in points.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(in crate::parse) struct Flowing {
    /// As its reader counts.
    pub(in crate::parse) number: usize,
    pub(in crate::parse) before: f64,
    pub(in crate::parse) after: f64,
    /// Height of its lines, at least and at most.
    pub(in crate::parse) lines: [f64; 2],
    /// How far its text reaches from the left edge of the column, at most.
    pub(in crate::parse) reach: f64,
    pub(in crate::parse) has_text: bool,
    /// What comes before it is at no known distance: a page begins, or a table is between.
    pub(in crate::parse) is_apart: bool,
}

/// A picture without holes in front of the text, all in points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::parse) struct Front {
    /// The paragraph that it hangs on, by its place in the list.
    pub(in crate::parse) at: usize,
    /// From the top of that paragraph.
    pub(in crate::parse) top: f64,
    pub(in crate::parse) bottom: f64,
    /// From the left edge of the column.
    pub(in crate::parse) left: f64,
    pub(in crate::parse) right: f64,
}

/// The letters of a paragraph.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::parse) struct Letters {
    /// Widths in letters' sizes, at least and at most.
    widths: [f64; 2],
    breaks: usize,
}

impl Letters {
    pub(in crate::parse) fn push(&mut self, text: &str) {
        for ch in text.chars() {
            let is_square = ch >= SQUARE_FROM;
            let [narrow, wide] = if is_square { [SQUARE; 2] } else { [NARROW, WIDE] };
            self.widths = [self.widths[0] + narrow, self.widths[1] + wide];
        }
    }

    pub(in crate::parse) const fn line_break(&mut self) {
        self.breaks = self.breaks.saturating_add(1);
    }

    /// Lays them out in a column: height of the lines, reach, and whether there are any.
    pub(in crate::parse) fn laid(&self, sizes: [f64; 2], column: f64, factor: f64) -> Flowing {
        let [narrow, wide] = self.widths;
        let [small, large] = sizes;
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        let breaks = self.breaks as f64;
        let lines = |width: f64| (width / column.max(1.0)).ceil().max(1.0);
        let least = lines(narrow * small).max(breaks + 1.0) * small * LINE[0] * factor;
        let most = (lines(wide * large) + breaks) * large * LINE[1] * factor;
        Flowing {
            lines: [least, most],
            reach: (wide * large).min(column),
            has_text: wide > 0.0,
            ..Flowing::default()
        }
    }
}

impl Front {
    /// Whether it lies over the text of a paragraph whose top is between two distances from its own.
    fn covers(&self, paragraph: &Flowing, least: f64, most: f64) -> bool {
        paragraph.has_text
            && self.left <= SLACK
            && paragraph.reach <= self.right + SLACK
            && self.top <= least + paragraph.before + SLACK
            && most + paragraph.before + paragraph.lines[1] <= self.bottom + SLACK
    }
}

/// Paragraphs that a picture lies over.
pub(in crate::parse) fn under(paragraphs: &[Flowing], pictures: &[Front]) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    for picture in pictures.iter().take(FRONT_PICTURES_MAX) {
        let (before, from) = paragraphs.split_at_checked(picture.at).unwrap_or((paragraphs, &[]));
        let (mut least, mut most) = (0.0, 0.0);
        for (index, paragraph) in from.iter().take(FRONT_PARAGRAPHS_MAX).enumerate() {
            if index > 0 && paragraph.is_apart || least > picture.bottom {
                break;
            }
            if picture.covers(paragraph, least, most) {
                found.insert(paragraph.number);
            }
            // Some programs add both distances between paragraphs, others take the larger one.
            least += paragraph.lines[0] + paragraph.before.max(paragraph.after);
            most += paragraph.before + paragraph.lines[1] + paragraph.after;
        }
        let (mut least, mut most) = (0.0, 0.0);
        let mut is_apart = from.first().is_none_or(|paragraph| paragraph.is_apart);
        for paragraph in before.iter().rev().take(FRONT_PARAGRAPHS_MAX) {
            if is_apart || -least < picture.top {
                break;
            }
            let nearest = -least - paragraph.after;
            least += paragraph.lines[0] + paragraph.before.max(paragraph.after);
            most += paragraph.before + paragraph.lines[1] + paragraph.after;
            // Its end is at most so far down, and its top at most so far up.
            let is_over = picture.top <= -most + paragraph.before + SLACK
                && nearest.min(0.0) <= picture.bottom + SLACK;
            let across = picture.left <= SLACK && paragraph.reach <= picture.right + SLACK;
            if is_over && across && paragraph.has_text {
                found.insert(paragraph.number);
            }
            is_apart = paragraph.is_apart;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paragraphs() -> Vec<Flowing> {
        let line = Flowing {
            lines: [12.0, 15.0],
            after: 10.0,
            reach: 300.0,
            has_text: true,
            ..Flowing::default()
        };
        (0..6).map(|number| Flowing { number, is_apart: number == 5, ..line }).collect()
    }

    fn covered(at: usize, top: f64, bottom: f64, left: f64, right: f64) -> Vec<usize> {
        let picture = Front { at, top, bottom, left, right };
        under(&paragraphs(), &[picture]).into_iter().collect()
    }

    #[test]
    fn paragraphs_under_a_picture_are_those_that_are_so_by_both_estimates() {
        assert_eq!(covered(2, 0.0, 20.0, 0.0, 400.0), [2]);
        assert_eq!(covered(2, 0.0, 40.0, 0.0, 400.0), [2, 3]);
        assert_eq!(covered(2, 0.0, 12.0, 0.0, 400.0), [0_usize; 0], "by one estimate only");
        assert_eq!(covered(2, 5.0, 20.0, 0.0, 400.0), [0_usize; 0]);
        assert_eq!(covered(2, -26.0, 20.0, 0.0, 400.0), [1, 2]);
        assert_eq!(covered(2, -26.0, -3.0, 0.0, 400.0), [1]);
        assert_eq!(covered(2, -20.0, 20.0, 0.0, 400.0), [2]);
        assert_eq!(covered(2, 0.0, 900.0, 0.0, 400.0), [2, 3, 4], "another page");
        assert_eq!(covered(9, 0.0, 900.0, 0.0, 400.0), [0_usize; 0]);
    }

    #[test]
    fn a_picture_beside_the_text_covers_nothing() {
        assert_eq!(covered(2, 0.0, 40.0, 200.0, 400.0), [0_usize; 0]);
        assert_eq!(covered(2, 0.0, 40.0, 0.0, 200.0), [0_usize; 0]);
    }

    #[test]
    fn letters_make_lines() {
        let mut letters = Letters::default();
        letters.push(&"letters and ".repeat(10));
        let laid = letters.laid([10.0, 10.0], 300.0, 1.0);
        assert_eq!(laid.lines, [2.0 * 11.0, 3.0 * 12.5]);
        assert_eq!((laid.reach, laid.has_text), (300.0, true));
        let mut squares = Letters::default();
        squares.push(&"字".repeat(40));
        squares.line_break();
        assert_eq!(squares.laid([10.0, 10.0], 300.0, 1.0).lines, [2.0 * 11.0, 3.0 * 12.5]);
        assert!(!Letters::default().laid([10.0, 10.0], 300.0, 1.0).has_text);
    }
}
