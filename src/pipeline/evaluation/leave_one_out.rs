//! Leave one source out: a model learns from all other sources and is measured on this one, as it will
//! meet texts of authors that it has never seen. Beside it, on the same rows: TF-IDF and a logistic
//! regression.
//!
//! Honest texts are split by their carriers: half are learnt from, half say where the false-positive
//! rates lie; those of the source that is left out are never learnt from.

use crate::detect::Detectors;
use crate::detect::model::Concepts;
use crate::detect::model::train::{Baseline, Form, Row, compose, train};
use crate::pipeline::guard::Detection;
use crate::pipeline::lines::on_all_cores;
use crate::pipeline::scan::Scanner;

use super::measures::{FIXED_RATES, recall_at};
use super::{Scored, score};

/// One source left out.
#[derive(Debug, Clone)]
pub struct Fold {
    /// The source.
    pub source: String,
    /// Attacks of it.
    pub attacks: usize,
    /// Honest texts that nobody learnt from.
    pub honest: usize,
    /// Recall at `FIXED_RATES` of rules and model together.
    pub recall: [Option<f64>; 3],
    /// The same of the baseline.
    pub baseline: [Option<f64>; 3],
    /// Honest texts above the model's own threshold, by set: stopped, of all.
    pub stopped: Vec<(String, usize, usize)>,
    /// Attacks that the model's own threshold stops.
    pub found: usize,
}

/// What takes part, and how.
#[derive(Debug, Clone, Copy)]
pub struct Sets<'a> {
    /// Learnt from and measured.
    pub both: &'a [Row],
    /// Measured alone.
    pub measured: &'a [Row],
    /// Learnt from alone.
    pub learnt: &'a [Row],
}

/// A fold for each source that has attacks.
pub fn leave_one_out(
    scanner: &Scanner,
    sets: Sets<'_>,
    concepts: &Concepts,
    mut told: impl FnMut(&Fold),
) -> Vec<Fold> {
    let all = || sets.both.iter().chain(sets.measured);
    let mut sources: Vec<&str> =
        all().filter(|row| row.injection).map(|row| row.source.as_str()).collect();
    sources.sort_unstable();
    sources.dedup();
    let mut folds = Vec::new();
    for source in sources {
        let fold = fold(scanner, sets, concepts, source);
        told(&fold);
        folds.push(fold);
    }
    folds
}

fn fold(scanner: &Scanner, sets: Sets<'_>, concepts: &Concepts, source: &str) -> Fold {
    let learns = |row: &&Row| {
        row.source != source && (is_learnt_half(row) || (row.injection && row.form == Form::Prompt))
    };
    let learnt: Vec<Row> = sets.both.iter().filter(learns).chain(sets.learnt).cloned().collect();
    let of_source = |row: &&Row| row.injection && row.source == source;
    let held_back =
        sets.both.iter().filter(|row| of_source(row) || !(row.injection || learns(row)));
    let others = sets.measured.iter().filter(|row| of_source(row) || !row.injection);
    let measured: Vec<Row> = held_back.chain(others).cloned().collect();
    let detectors = Detectors::shipped().with_model(train(learnt.clone(), concepts));
    let scanner = Scanner { detection: Detection::On(detectors), ..scanner.clone() };
    let scored = score(&scanner, &measured);
    let baseline = Baseline::train(&compose(learnt));
    let base = on_all_cores(&measured, |row| f64::from(baseline.score(&row.text)));
    let ours: Vec<f64> = scored.iter().map(|one| one.score).collect();
    Fold {
        source: source.to_owned(),
        attacks: measured.iter().filter(|row| row.injection).count(),
        honest: measured.iter().filter(|row| !row.injection).count(),
        recall: recall(&measured, &ours),
        baseline: recall(&measured, &base),
        stopped: stopped(&scored),
        found: scored.iter().filter(|one| one.injection && one.stopped).count(),
    }
}

fn is_learnt_half(row: &Row) -> bool {
    row.carrier.is_multiple_of(2)
}

fn recall(rows: &[Row], scores: &[f64]) -> [Option<f64>; 3] {
    let side = |injection: bool| {
        let of = rows.iter().zip(scores).filter(move |(row, _)| row.injection == injection);
        of.map(|(_, score)| *score).collect::<Vec<f64>>()
    };
    let mut negatives = side(false);
    negatives.sort_by(|one, two| two.total_cmp(one));
    let attacks = side(true);
    FIXED_RATES.map(|rate| recall_at(&attacks, &negatives, rate))
}

fn stopped(scored: &[Scored]) -> Vec<(String, usize, usize)> {
    let mut sets: Vec<(String, usize, usize)> = Vec::new();
    for one in scored.iter().filter(|one| !one.injection) {
        let at = sets.iter().position(|(set, ..)| *set == one.set).unwrap_or_else(|| {
            sets.push((one.set.clone(), 0, 0));
            sets.len() - 1
        });
        if let Some((_, stopped, all)) = sets.get_mut(at) {
            *stopped += usize::from(one.stopped);
            *all += 1;
        }
    }
    sets
}
