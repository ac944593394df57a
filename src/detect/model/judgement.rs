//! What the model says of a text: its risk, and the unit that speaks most for it.

use std::borrow::Cow;
use std::ops::Range;

use super::document::{UnitScore, measures, worst};
use super::features::Features;
use super::units::units;
use super::weights::{Marks, Weights};

/// What the model says of a folded text.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::detect) struct Judgement {
    /// Log-odds that the text holds an instruction that does not belong.
    pub risk: f32,
    /// The unit that speaks most for it.
    pub worst: Range<usize>,
    /// Between which marks the risk lies.
    pub level: Level,
    /// Where between them, from 0 to 1.
    pub within: f32,
}

/// How much a risk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::detect) enum Level {
    /// Ordinary.
    Clear,
    /// Worth a second look; not held.
    Grey,
    /// Held.
    Held,
    /// Held even where only a part of a document is seen.
    Certain,
}

impl Weights {
    /// Judges a folded text by what `language` says of each unit: all of it, a part, or `None` where it is
    /// no language. Linear in its length.
    pub(in crate::detect) fn judge<'t>(
        &self,
        text: &'t str,
        language: impl Fn(&Range<usize>) -> Option<Cow<'t, str>>,
    ) -> Judgement {
        let mut features = Features::default();
        let mut ranges = Vec::new();
        let mut scores: Vec<UnitScore> = Vec::new();
        for range in units(text) {
            let Some(unit) = language(&range) else { continue };
            features.of(&unit, &self.concepts);
            scores.push(self.score(&features, unit.len()));
            ranges.push(range);
        }
        let risk = self.risk(&scores);
        let worst = ranges.get(worst(&scores)).cloned().unwrap_or(0..text.len());
        let worst = trimmed(text, worst);
        Judgement { risk, worst, level: self.marks.level(risk), within: self.marks.within(risk) }
    }

    pub(super) fn score(&self, features: &Features, bytes: usize) -> UnitScore {
        let groups = [
            (self.sum(&features.words), features.word_value()),
            (self.sum(&features.letters), features.letter_value()),
            (self.sum(&features.concepts), features.concept_value()),
        ];
        let head = |head: fn(&[f32; 2]) -> f32, scale: f32, bias: f32| {
            bias + scale * groups.iter().map(|(sums, value)| head(sums) * value).sum::<f32>()
        };
        let [attack, request] = self.biases;
        UnitScore {
            attack: head(|[attack, _]| *attack, self.scales[0], attack),
            request: head(|[_, request]| *request, self.scales[1], request),
            bytes: as_float(bytes),
        }
    }

    fn sum(&self, features: &[u32]) -> [f32; 2] {
        let (mut attack, mut request) = (0_i32, 0_i32);
        for feature in features {
            if let Some([a, r]) = self.table.get(*feature as usize) {
                attack += i32::from(*a);
                request += i32::from(*r);
            }
        }
        [whole(attack), whole(request)]
    }

    pub(super) fn risk(&self, units: &[UnitScore]) -> f32 {
        let weighed = measures(units).into_iter().zip(&self.measures);
        self.bias + weighed.map(|(measure, weight)| measure * weight).sum::<f32>()
    }
}

/// The range without the white space at its ends, so that what others find there too is one passage.
fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let part = text.get(range.clone()).unwrap_or_default();
    let start = range.end - part.trim_start().len();
    start..start + part.trim().len()
}

impl Marks {
    pub(super) fn level(&self, risk: f32) -> Level {
        if risk >= self.certain {
            Level::Certain
        } else if risk >= self.threshold {
            Level::Held
        } else if risk >= self.grey {
            Level::Grey
        } else {
            Level::Clear
        }
    }

    /// Where a risk stands within its level, from 0 to 1.
    pub(super) fn within(&self, risk: f32) -> f32 {
        /// Log-odds above `certain` at which nothing more is to be said.
        const REACH: f32 = 6.0;
        let (from, to) = match self.level(risk) {
            Level::Clear => (self.grey - REACH, self.grey),
            Level::Grey => (self.grey, self.threshold),
            Level::Held => (self.threshold, self.certain),
            Level::Certain => (self.certain, self.certain + REACH),
        };
        ((risk - from) / (to - from).max(f32::EPSILON)).clamp(0.0, 1.0)
    }
}

#[expect(clippy::cast_precision_loss, reason = "sums of some thousand bytes")]
const fn whole(sum: i32) -> f32 {
    sum as f32
}

#[expect(clippy::cast_precision_loss, reason = "a unit has some hundred bytes")]
const fn as_float(bytes: usize) -> f32 {
    bytes as f32
}
