//! Labelled texts → a model. Deterministic: the same lines give the same bytes.
//!
//! Long attacks hold harmless sentences too, so a first round says which units of an attack speak for
//! it, and only those are learnt (multiple-instance learning, Andrews et al. 2003). The weights of the
//! document's measures are learnt from scores of units that their heads had not seen.

mod alternatives;
mod baseline;
mod compose;
mod corpus;
mod heads;
mod lexicon;
mod logistic;
mod random;
mod units;

pub use baseline::Baseline;
pub use corpus::{Form, Row, RowError, rows};

use std::collections::{BTreeMap, BTreeSet};

pub use compose::compose;
use heads::Heads;
pub use lexicon::{LexiconError, lexicon};
use logistic::{Learned, fit};
use units::{Cut, Cuts};

use super::concepts::Concepts;
use super::document::{MEASURES, measures};
use super::tokens::hash_of;
use super::weights::{Marks, TABLE, Weights};

/// Rows of one set and label that are learnt from; the rest repeats them.
const ROWS_PER_SET_MAX: usize = 1_500;
/// Parts in which rows are held back to score them by heads that have not seen them.
const FOLDS: u64 = 3;
/// Units of one attack that are learnt from.
const UNITS_PER_ATTACK_MAX: usize = 12;
/// A set of fewer honest rows cannot say where one in a hundred lies.
const ROWS_FOR_RATE_MIN: usize = 100;
/// Honest rows count more than attacks, since most documents are honest.
const HONEST_WEIGHT: f32 = 3.0;
/// A set counts as if it had at least so many rows.
const SET_ROWS_MIN: f32 = 40.0;

/// Share of honest documents above each mark.
const GREY_RATE: f32 = 0.03;
const THRESHOLD_RATE: f32 = 0.005;
const CERTAIN_RATE: f32 = 0.001;
/// Of our own honest lines, many of them twins of attacks. Folds of one writer look easier than the twins of
/// another: at this rate about one twin in a hundred of the open half of the matrix is held.
const OWN_RATE: f32 = 0.0006;

/// Learns a model from rows, and from what words mean.
pub fn train(rows: Vec<Row>, concepts: &Concepts) -> Weights {
    let cuts = Cuts::of(compose(bounded(rows)), concepts);
    let all: Vec<usize> = (0..cuts.rows.len()).collect();
    let quiet = quiet_units(&cuts, &all);
    let speaks = |row: usize, unit: usize| !quiet.contains(&(row, unit));
    let mut held_back = Vec::new();
    for fold in 0..FOLDS {
        let (out, into): (Vec<usize>, Vec<usize>) =
            all.iter().partition(|at| cuts.rows.get(**at).is_some_and(|cut| part(cut) == fold));
        let heads = Heads::learn(&cuts, &into, speaks);
        held_back.extend(
            out.iter()
                .filter_map(|at| cuts.rows.get(*at))
                .map(|cut| (measures(&heads.scores(&cuts, cut)), cut)),
        );
    }
    let (document, bias) = fit(&weighed(&held_back));
    let mut weights = quantised(&Heads::learn(&cuts, &all, speaks), concepts);
    (weights.measures, weights.bias) = (document, bias);
    weights.marks = marks(&weights, &held_back);
    weights
}

/// At most so many rows of each set and label, chosen by their digest.
fn bounded(rows: Vec<Row>) -> Vec<Row> {
    let mut sets: BTreeMap<(String, bool), Vec<Row>> = BTreeMap::new();
    for row in rows {
        sets.entry((row.set.clone(), row.injection)).or_default().push(row);
    }
    let bound = |mut rows: Vec<Row>| {
        rows.sort_by_key(|row| hash_of(row.text.as_bytes()));
        rows.truncate(ROWS_PER_SET_MAX);
        rows
    };
    sets.into_values().flat_map(bound).collect()
}

/// Rows with one passage, and honest rows of one carrier, are in one part.
fn part(cut: &Cut) -> u64 {
    let key = if cut.row.injection { cut.row.passage } else { cut.row.carrier };
    (key >> 8) % FOLDS
}

/// Units of attacks that do not speak for them, by heads that have not seen them.
fn quiet_units(cuts: &Cuts, all: &[usize]) -> BTreeSet<(usize, usize)> {
    let half = |at: usize| cuts.rows.get(at).map_or(0, |cut| (cut.row.passage >> 12) % 2);
    let mut quiet = BTreeSet::new();
    for fold in 0..2 {
        let (out, into): (Vec<usize>, Vec<usize>) = all.iter().partition(|at| half(**at) == fold);
        let heads = Heads::learn(cuts, &into, |_, _| true);
        for at in out {
            let Some(cut) = cuts.rows.get(at).filter(|cut| cut.row.injection) else { continue };
            let scores = heads.scores(cuts, cut);
            let attacking = cut.units.iter().zip(&scores).enumerate();
            let mut attacking: Vec<(usize, f32)> = attacking
                .filter(|(_, (unit, _))| unit.attacks)
                .map(|(place, (_, score))| (place, score.attack))
                .collect();
            attacking.sort_by(|one, other| other.1.total_cmp(&one.1));
            let rest = attacking.iter().enumerate().skip(1);
            let silent = rest.filter(|(rank, (_, s))| *s < 0.0 || *rank >= UNITS_PER_ATTACK_MAX);
            quiet.extend(silent.map(|(_, (place, _))| (at, *place)));
        }
    }
    quiet
}

/// Each set counts the same within its label and its kind, and our own lines as much as the texts of
/// others: many small files must not drown what others write.
fn weighed(held_back: &[([f32; MEASURES], &Cut)]) -> Vec<([f32; MEASURES], bool, f32)> {
    let kind = |cut: &Cut| (cut.row.injection, cut.row.is_own());
    let mut counts: BTreeMap<(&str, bool), f32> = BTreeMap::new();
    let mut sets: BTreeMap<(bool, bool), BTreeSet<&str>> = BTreeMap::new();
    for (_, cut) in held_back {
        *counts.entry((&cut.row.set, cut.row.injection)).or_default() += 1.0;
        sets.entry(kind(cut)).or_default().insert(&cut.row.set);
    }
    let weigh = |cut: &Cut| {
        let count = counts.get(&(cut.row.set.as_str(), cut.row.injection)).copied().unwrap_or(1.0);
        let side: f32 = sets.get(&kind(cut)).map_or(1.0, |sets| sets.iter().map(|_| 1.0).sum());
        let share = if cut.row.injection { 1.0 } else { HONEST_WEIGHT };
        500.0 * share / side / count.max(SET_ROWS_MIN)
    };
    held_back.iter().map(|(row, cut)| (*row, cut.row.injection, weigh(cut))).collect()
}

/// Tables in bytes: the largest weight of each becomes 127 steps.
fn quantised(heads: &Heads, concepts: &Concepts) -> Weights {
    const STEPS: f32 = 127.0;
    let largest = |learned: &Learned| {
        learned.weights.iter().fold(f32::EPSILON, |most, weight| most.max(weight.abs()))
    };
    let scales = [largest(&heads.attack) / STEPS, largest(&heads.request) / STEPS];
    #[expect(clippy::cast_possible_truncation, reason = "between -127 and 127 by the scale")]
    let step = |weight: f32, scale: f32| (weight / scale).round() as i8;
    let pairs = heads.attack.weights.iter().zip(&heads.request.weights);
    let table: Vec<[i8; 2]> =
        pairs.map(|(a, r)| [step(*a, scales[0]), step(*r, scales[1])]).collect();
    debug_assert_eq!(table.len(), TABLE);
    Weights {
        table,
        scales,
        biases: [heads.attack.bias, heads.request.bias],
        measures: [0.0; MEASURES],
        bias: 0.0,
        marks: Marks { grey: 0.0, threshold: 0.0, certain: 0.0 },
        concepts: concepts.clone(),
    }
}

/// The risks above which so many honest documents of every large set of others lie, at most, and so many
/// of our own lines, which are harder than documents are.
fn marks(weights: &Weights, held_back: &[([f32; MEASURES], &Cut)]) -> Marks {
    let mut sets: BTreeMap<&str, Vec<f32>> = BTreeMap::new();
    let mut own = Vec::new();
    for (measures, cut) in held_back.iter().filter(|(_, cut)| !cut.row.injection) {
        let products = measures.iter().zip(&weights.measures).map(|(a, b)| a * b);
        let risks = if cut.row.is_own() { &mut own } else { sets.entry(&cut.row.set).or_default() };
        risks.push(weights.bias + products.sum::<f32>());
    }
    let mut pooled: Vec<f32> = sets.values().flatten().copied().collect();
    let over = |rate: f32| {
        let large = sets.values().filter(|risks| risks.len() >= ROWS_FOR_RATE_MIN);
        large.map(|risks| above(&mut risks.clone(), rate)).fold(f32::MIN, f32::max)
    };
    let others = over(THRESHOLD_RATE).max(above(&mut pooled, THRESHOLD_RATE));
    let threshold = if own.is_empty() { others } else { others.max(above(&mut own, OWN_RATE)) };
    let grey = above(&mut pooled, GREY_RATE).min(threshold);
    let certain = above(&mut pooled, CERTAIN_RATE).max(threshold + 1.0);
    Marks { grey, threshold, certain }
}

/// The risk that this share of them exceeds.
fn above(risks: &mut [f32], rate: f32) -> f32 {
    risks.sort_by(|one, other| other.total_cmp(one));
    #[expect(clippy::cast_precision_loss, reason = "rows are counted, not measured")]
    let count = risks.len() as f32;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
    let at = (count * rate) as usize;
    risks.get(at).copied().unwrap_or(0.0)
}
