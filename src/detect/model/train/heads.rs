//! The two tables of the model: `attack` tells attacking passages from everything honest, `request` tells
//! what is said to an assistant, honest or not, from what stands in documents.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;

use super::logistic::{Learned, Plan, Sample, learn};
use super::units::{Cut, CutUnit, Cuts, Unit};
use crate::detect::model::document::UnitScore;
use crate::detect::model::features::{Features, INDEX_BITS};

/// Passes over all samples; more fit the data and carry over less.
const PASSES: usize = 3;
const RATE: f32 = 0.15;
const DECAY: f32 = 1e-2;
/// A feature that stands in fewer different units says nothing yet.
const UNITS_OF_FEATURE_MIN: u16 = 3;
/// How much more or less than another a set may count for its size.
const SET_WEIGHT_MIN: f32 = 0.3;
const SET_WEIGHT_MAX: f32 = 6.0;
/// Attacks count half as much as everything honest together.
const POSITIVE_SHARE: f32 = 0.5;
const POSITIVE_WEIGHT_MIN: f32 = 0.3;
const POSITIVE_WEIGHT_MAX: f32 = 10.0;
const SEED: u64 = 11;

/// Both tables, as they were learnt.
#[derive(Debug, Clone)]
pub(super) struct Heads {
    pub attack: Learned,
    pub request: Learned,
}

/// A unit with what it is for each head, and the set that it comes from.
struct Entry {
    unit: usize,
    attack: bool,
    request: bool,
    set: usize,
}

impl Heads {
    /// Learns from the units of these rows that `learns` lets.
    pub(super) fn learn(
        cuts: &Cuts,
        rows: &[usize],
        learns: impl Fn(usize, usize) -> bool,
    ) -> Self {
        let (entries, weights) = entries(cuts, rows, learns);
        let kept = frequent(cuts, &entries);
        let learn_one = |is: fn(&Entry) -> bool| {
            let balance = balance(&entries, &weights, is);
            let samples: Vec<Sample<'_>> = entries
                .iter()
                .zip(&kept)
                .filter_map(|(entry, kept)| {
                    let features = &cuts.units.get(entry.unit)?.features;
                    let positive = is(entry);
                    let weight = weights.get(entry.set)? * if positive { balance } else { 1.0 };
                    let words = (kept.0.as_slice(), features.word_value());
                    let letters = (kept.1.as_slice(), features.letter_value());
                    let concepts = (kept.2.as_slice(), features.concept_value());
                    Some(Sample { groups: [words, letters, concepts], positive, weight })
                })
                .collect();
            let dimensions = 1 << INDEX_BITS;
            let plan = Plan { dimensions, passes: PASSES, rate: RATE, decay: DECAY };
            learn(&samples, plan, SEED)
        };
        let learn_one = &learn_one;
        thread::scope(|scope| {
            let attack = scope.spawn(move || learn_one(|entry| entry.attack));
            let request = learn_one(|entry| entry.request);
            let attack = attack.join().unwrap_or_else(|_| learn_one(|entry| entry.attack));
            Self { attack, request }
        })
    }

    /// The scores of a row's units.
    pub(super) fn scores(&self, cuts: &Cuts, cut: &Cut) -> Vec<UnitScore> {
        cut.units.iter().map(|unit| self.score(cuts, unit)).collect()
    }

    #[expect(clippy::cast_precision_loss, reason = "a unit has some hundred bytes")]
    fn score(&self, cuts: &Cuts, unit: &CutUnit) -> UnitScore {
        let Some(known) = cuts.units.get(unit.unit) else { return UnitScore::default() };
        let features = &known.features;
        let of = |learned: &Learned| {
            let sum = |indices: &[u32]| {
                indices.iter().filter_map(|at| learned.weights.get(*at as usize)).sum::<f32>()
            };
            learned.bias
                + sum(&features.words) * features.word_value()
                + sum(&features.letters) * features.letter_value()
                + sum(&features.concepts) * features.concept_value()
        };
        UnitScore { attack: of(&self.attack), request: of(&self.request), bytes: unit.bytes as f32 }
    }
}

/// Each different unit once for what it is, and the weight of each set: small sets count for more.
fn entries(
    cuts: &Cuts,
    rows: &[usize],
    learns: impl Fn(usize, usize) -> bool,
) -> (Vec<Entry>, Vec<f32>) {
    let mut sets: BTreeMap<(&str, bool, bool), usize> = BTreeMap::new();
    let mut counts: Vec<f32> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut entries = Vec::new();
    for at in rows {
        let Some(cut) = cuts.rows.get(*at) else { continue };
        for (place, unit) in cut.units.iter().enumerate() {
            if !learns(*at, place) {
                continue;
            }
            let (attack, request) = (unit.attacks, unit.attacks || cut.is_prompt());
            if !seen.insert((unit.unit, attack, request)) {
                continue;
            }
            let known = sets.len();
            let set = *sets.entry((&cut.row.set, attack, request)).or_insert(known);
            counts.resize(sets.len(), 0.0);
            if let Some(count) = counts.get_mut(set) {
                *count += 1.0;
            }
            entries.push(Entry { unit: unit.unit, attack, request, set });
        }
    }
    let total: f32 = counts.iter().sum();
    let even = total / counts.iter().map(|_| 1.0).sum::<f32>().max(1.0);
    let weigh = |count: &f32| (even / count).sqrt().clamp(SET_WEIGHT_MIN, SET_WEIGHT_MAX);
    (entries, counts.iter().map(weigh).collect())
}

/// How much each positive counts so that together they have their share.
fn balance(entries: &[Entry], weights: &[f32], is: fn(&Entry) -> bool) -> f32 {
    let weigh = |positive: bool| -> f32 {
        let of = entries.iter().filter(|entry| is(entry) == positive);
        of.filter_map(|entry| weights.get(entry.set)).sum()
    };
    let ratio = weigh(false) / weigh(true).max(1.0) * POSITIVE_SHARE;
    ratio.clamp(POSITIVE_WEIGHT_MIN, POSITIVE_WEIGHT_MAX)
}

/// Words, letters and concepts of a unit that stand in enough others.
type Kept = (Vec<u32>, Vec<u32>, Vec<u32>);

fn frequent(cuts: &Cuts, entries: &[Entry]) -> Vec<Kept> {
    let mut counts = vec![0_u16; 1 << INDEX_BITS];
    let mut counted = BTreeSet::new();
    for entry in entries.iter().filter(|entry| counted.insert(entry.unit)) {
        let Some(unit) = cuts.units.get(entry.unit) else { continue };
        let Features { words, letters, concepts, .. } = &unit.features;
        for feature in words.iter().chain(letters).chain(concepts) {
            if let Some(count) = counts.get_mut(*feature as usize) {
                *count = count.saturating_add(1);
            }
        }
    }
    let enough = |feature: &u32| {
        counts.get(*feature as usize).is_some_and(|count| *count >= UNITS_OF_FEATURE_MIN)
    };
    let kept = |features: &[u32]| features.iter().copied().filter(enough).collect();
    let of = |entry: &Entry| match cuts.units.get(entry.unit) {
        Some(Unit { features }) => {
            (kept(&features.words), kept(&features.letters), kept(&features.concepts))
        }
        None => Kept::default(),
    };
    entries.iter().map(of).collect()
}
