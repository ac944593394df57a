//! From the scores of its units to the risk of a document: a second linear model over a few measures.
//!
//! One odd sentence makes an attack, so the worst unit counts most; but a question is odd in a table and
//! at home in an exam, so it counts against the rest of its document. Long documents hold odder
//! sentences by chance, which the length makes up for: the false-positive rate is per document.

/// What is measured of a document.
pub(super) const MEASURES: usize = 18;

/// Scores of one unit: how much it reads like an attack, and how much like a request to an assistant.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct UnitScore {
    pub attack: f32,
    pub request: f32,
    /// Bytes of the unit.
    pub bytes: f32,
}

/// Beyond these a score says no more.
const SCORE_MIN: f32 = -6.0;
const SCORE_MAX: f32 = 8.0;
/// Two neighbours together weigh a little more than their mean: an order may take two sentences.
const PAIR_WEIGHT: f32 = 0.6;
/// A document of so few units is a bare text: it has no rest to stand out from.
const BARE_UNITS_MAX: usize = 2;

/// Where the worst unit is; 0 in an empty document.
pub(super) fn worst(units: &[UnitScore]) -> usize {
    let sum = |at: &usize| units.get(*at).map_or(f32::MIN, |unit| unit.attack + unit.request * 0.3);
    (0..units.len()).max_by(|one, other| sum(one).total_cmp(&sum(other))).unwrap_or(0)
}

/// The measures of a document.
pub(super) fn measures(units: &[UnitScore]) -> [f32; MEASURES] {
    let attack = Side::of(units, |unit| unit.attack);
    let request = Side::of(units, |unit| unit.request);
    let bytes: f32 = units.iter().map(|unit| unit.bytes).sum();
    let bare = if units.len() <= BARE_UNITS_MAX { 1.0 } else { 0.0 };
    [
        attack.worst,
        request.worst,
        attack.rest,
        request.rest,
        attack.worst - attack.rest,
        request.worst - request.rest,
        attack.second,
        request.second,
        attack.count.ln_1p(),
        request.count / as_float(units.len().max(1)),
        (bytes / 100.0).ln_1p(),
        bare,
        bare * attack.worst,
        bare * request.worst,
        attack.worst.max(0.0) * request.worst.max(0.0) * 0.3,
        (request.rest + 2.0).max(0.0) * request.worst.max(0.0) * 0.3,
        held(attack.top.map_or(SCORE_MIN, |top| units.get(top).map_or(SCORE_MIN, |u| u.request))),
        held(request.top.map_or(SCORE_MIN, |top| units.get(top).map_or(SCORE_MIN, |u| u.attack))),
    ]
}

/// The units under one of the two scores.
struct Side {
    /// Of the worst unit, or of the worst two neighbours.
    worst: f32,
    /// Of the second worst unit.
    second: f32,
    /// The mean of the units that are not near the worst, by length.
    rest: f32,
    /// How many are above 0.
    count: f32,
    /// Where the worst is.
    top: Option<usize>,
}

impl Side {
    fn of(units: &[UnitScore], score: impl Fn(&UnitScore) -> f32) -> Self {
        let scores: Vec<f32> = units.iter().map(&score).collect();
        let pairs = scores.windows(2).map(|pair| pair.iter().sum::<f32>() * PAIR_WEIGHT);
        let worst = scores.iter().copied().chain(pairs).fold(SCORE_MIN, f32::max);
        let top = (0..scores.len()).max_by(|one, other| {
            let at = |index: &usize| scores.get(*index).copied().unwrap_or(SCORE_MIN);
            at(one).total_cmp(&at(other))
        });
        let second = scores.iter().enumerate().filter(|(at, _)| Some(*at) != top);
        let second = second.map(|(_, score)| *score).fold(SCORE_MIN, f32::max);
        Self {
            worst: held(worst),
            second: held(if scores.len() > 1 { second } else { -3.0 }),
            rest: rest(units, &scores, top.unwrap_or(0)),
            count: as_float(scores.iter().filter(|score| **score > 0.0).count()),
            top,
        }
    }
}

/// The mean of what is not next to the worst; in a bare text that of the worst itself.
fn rest(units: &[UnitScore], scores: &[f32], top: usize) -> f32 {
    let reach = usize::from(units.len() > 3);
    let (mut sum, mut weight) = (0.0, 0.0);
    for (at, (unit, score)) in units.iter().zip(scores).enumerate() {
        if at.abs_diff(top) > reach {
            sum += held(*score) * unit.bytes;
            weight += unit.bytes;
        }
    }
    if weight > 0.0 { sum / weight } else { held(scores.get(top).copied().unwrap_or(SCORE_MIN)) }
}

const fn held(score: f32) -> f32 {
    score.clamp(SCORE_MIN, SCORE_MAX)
}

#[expect(clippy::cast_precision_loss, reason = "units are counted, not measured")]
const fn as_float(count: usize) -> f32 {
    count as f32
}

#[cfg(test)]
mod tests {
    use super::{MEASURES, UnitScore, measures, worst};

    fn unit(attack: f32, request: f32) -> UnitScore {
        UnitScore { attack, request, bytes: 80.0 }
    }

    #[test]
    fn a_unit_stands_out_from_the_rest_of_its_document() {
        let mut units = vec![unit(-3.0, -4.0); 9];
        units[4] = unit(2.0, 3.0);
        assert_eq!(worst(&units), 4);
        let measured = measures(&units);
        assert!((measured[4] - 5.0).abs() < 0.01 && (measured[5] - 7.0).abs() < 0.01);
        let exam = measures(&[unit(2.0, 3.0); 9]);
        assert!(exam[5] < measured[5]);
    }

    #[test]
    fn an_empty_document_and_wild_scores_have_measures() {
        assert!(measures(&[]).iter().all(|measure| measure.is_finite()));
        let wild = [unit(f32::MAX, f32::MIN), unit(0.0, 0.0)];
        assert!(measures(&wild).iter().all(|measure| measure.is_finite()));
        assert_eq!(measures(&wild).len(), MEASURES);
    }
}
