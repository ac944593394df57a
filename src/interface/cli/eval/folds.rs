//! `alnage eval --leave-one-out`: a table of sources that a model had not seen.

use serde_json::{Value, json};

use super::{as_float, percent, write};
use crate::domain::finding::draw_safely;
use crate::interface::cli::args::EvalArguments;
use crate::interface::cli::error::{CliError, Outcome};
use crate::interface::cli::screen::Screen;
use crate::interface::cli::train::{NO_CONCEPTS, labelled};
use crate::pipeline::evaluation::{FIXED_RATES, Fold, Row, Sets, leave_one_out, shipped_concepts};
use crate::pipeline::scan::Scanner;

pub(super) fn run(
    arguments: &EvalArguments,
    scanner: &Scanner,
    rows: &[Row],
    screen: &mut Screen,
) -> Result<Outcome, CliError> {
    let measured = labelled(&arguments.measure_only)?;
    let learnt = labelled(&arguments.train_only)?;
    let sets = Sets { both: rows, measured: &measured, learnt: &learnt };
    let concepts = shipped_concepts().ok_or_else(|| CliError::Usage(NO_CONCEPTS.to_owned()))?;
    let folds = leave_one_out(scanner, sets, &concepts, |fold| {
        screen.aside(format!("{}: measured", draw_safely(&fold.source)));
    });
    let head = [
        "source left out",
        "attacks",
        "honest",
        "at 0.1 % FP",
        "at 1 % FP",
        "at 5 % FP",
        "baseline at 1 %",
        "found",
        "false alarms",
    ];
    let rows = folds.iter().map(|fold| {
        let [low, one, five] = fold.recall.map(percent);
        vec![
            draw_safely(&fold.source),
            fold.attacks.to_string(),
            fold.honest.to_string(),
            low,
            one,
            five,
            percent(fold.baseline[1]),
            percent(Some(as_float(fold.found) / as_float(fold.attacks.max(1)))),
            worst_alarms(fold),
        ]
    });
    screen.table(&head, rows.collect())?;
    for (at, rate) in FIXED_RATES.iter().enumerate() {
        let mean = |of: fn(&Fold) -> [Option<f64>; 3]| {
            let recalls: Vec<f64> =
                folds.iter().filter_map(|fold| of(fold).get(at).copied().flatten()).collect();
            (!recalls.is_empty()).then(|| recalls.iter().sum::<f64>() / as_float(recalls.len()))
        };
        screen.line(format!(
            "macro recall at {} % false positives: {}, baseline {}",
            rate * 100.0,
            percent(mean(|fold| fold.recall)),
            percent(mean(|fold| fold.baseline)),
        ))?;
    }
    if let Some(file) = &arguments.json {
        let folds: Vec<Value> = folds.iter().map(json).collect();
        write(file, json!({"folds": folds}).to_string().as_bytes())?;
    }
    Ok(Outcome::Done)
}

/// The sets with the largest share of false alarms.
fn worst_alarms(fold: &Fold) -> String {
    let rate =
        |(_, stopped, all): &(String, usize, usize)| as_float(*stopped) / as_float((*all).max(1));
    let mut sets: Vec<&(String, usize, usize)> = fold.stopped.iter().collect();
    sets.sort_by(|one, two| rate(two).total_cmp(&rate(one)));
    let of = |set: &&(String, usize, usize)| format!("{} {}/{}", draw_safely(&set.0), set.1, set.2);
    sets.iter().take(2).map(of).collect::<Vec<String>>().join(", ")
}

fn json(fold: &Fold) -> Value {
    let alarms = fold.stopped.iter();
    let alarms =
        alarms.map(|(set, stopped, all)| json!({"set": set, "stopped": stopped, "of": all}));
    json!({
        "source": fold.source,
        "attacks": fold.attacks,
        "honest": fold.honest,
        "false_positive_rates": FIXED_RATES,
        "recall": fold.recall,
        "baseline": fold.baseline,
        "found_at_threshold": fold.found,
        "false_alarms": alarms.collect::<Vec<Value>>(),
    })
}
