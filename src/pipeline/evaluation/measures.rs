//! Scores → recall at fixed false-positive rates, confusion, and the worst mistakes.

use super::Scored;

/// Shares of honest texts at which recall is told.
pub const FIXED_RATES: [f64; 3] = [0.001, 0.01, 0.05];
/// Mistakes of each kind that are shown.
const MISTAKES_SHOWN: usize = 10;

/// What was measured of one set.
#[derive(Debug, Clone)]
pub struct SetMeasures {
    /// Its name.
    pub set: String,
    /// Attacks in it.
    pub attacks: usize,
    /// Honest texts in it.
    pub honest: usize,
    /// Attacks that the shipped threshold stops.
    pub found: usize,
    /// Honest texts that it stops.
    pub stopped: usize,
    /// Share of the set's attacks above the score that so many of all honest texts exceed.
    pub recall: [Option<f64>; 3],
    /// Attacks with the lowest scores.
    pub missed: Vec<Mistake>,
    /// Honest texts with the highest scores.
    pub alarms: Vec<Mistake>,
}

/// A text on the wrong side.
#[derive(Debug, Clone)]
pub struct Mistake {
    /// Its id.
    pub id: String,
    /// Its score.
    pub score: f64,
    /// The rule of its worst finding.
    pub rule: Option<String>,
}

/// Measures one set; `negatives` are the scores of all honest texts, falling.
pub fn measure(set: &str, scored: &[Scored], negatives: &[f64]) -> SetMeasures {
    let of_set: Vec<&Scored> = scored.iter().filter(|scored| scored.set == set).collect();
    let attacks: Vec<&Scored> = of_set.iter().copied().filter(|one| one.injection).collect();
    let honest: Vec<&Scored> = of_set.iter().copied().filter(|one| !one.injection).collect();
    let stopped = |side: &[&Scored]| side.iter().filter(|one| one.stopped).count();
    SetMeasures {
        set: set.to_owned(),
        attacks: attacks.len(),
        honest: honest.len(),
        found: stopped(&attacks),
        stopped: stopped(&honest),
        recall: FIXED_RATES.map(|rate| {
            let scores: Vec<f64> = attacks.iter().map(|one| one.score).collect();
            recall_at(&scores, negatives, rate)
        }),
        missed: worst(&attacks, |one| !one.stopped, |score| score),
        alarms: worst(&honest, |one| one.stopped, |score| -score),
    }
}

/// The share of attacks above the score that at most this share of honest texts exceeds; `None` without
/// attacks, or with too few honest texts to tell.
pub(super) fn recall_at(attacks: &[f64], negatives: &[f64], rate: f64) -> Option<f64> {
    let threshold = threshold_at(negatives, rate)?;
    let above = attacks.iter().filter(|score| **score > threshold).count();
    (!attacks.is_empty()).then(|| as_float(above) / as_float(attacks.len()))
}

/// `negatives` fall.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of texts")]
pub(super) fn threshold_at(negatives: &[f64], rate: f64) -> Option<f64> {
    let allowed = (as_float(negatives.len()) * rate).floor() as usize;
    negatives.get(allowed).copied()
}

fn worst(
    side: &[&Scored],
    is_mistake: impl Fn(&Scored) -> bool,
    order: impl Fn(f64) -> f64,
) -> Vec<Mistake> {
    let mut mistakes: Vec<&&Scored> = side.iter().filter(|one| is_mistake(one)).collect();
    mistakes.sort_by(|one, two| order(one.score).total_cmp(&order(two.score)));
    let shown = mistakes.into_iter().take(MISTAKES_SHOWN);
    shown
        .map(|one| Mistake { id: one.id.clone(), score: one.score, rule: one.rule.clone() })
        .collect()
}

#[expect(clippy::cast_precision_loss, reason = "texts are counted")]
pub(super) const fn as_float(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::{recall_at, threshold_at};

    #[test]
    fn recall_is_counted_above_the_honest_texts_that_may_be_stopped() {
        let negatives: Vec<f64> = (0..100).rev().map(f64::from).collect();
        assert_eq!(threshold_at(&negatives, 0.01), Some(98.0));
        assert_eq!(recall_at(&[98.0, 99.0, 5.0, 200.0], &negatives, 0.01), Some(0.5));
        assert_eq!(recall_at(&[98.0], &negatives, 0.001), Some(0.0));
        assert_eq!(recall_at(&[], &negatives, 0.01), None);
        assert_eq!(recall_at(&[1.0], &[], 0.01), None);
    }
}
