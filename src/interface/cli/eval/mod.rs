//! `alnage eval`: how well labelled texts are told apart.

mod folds;
mod plot;
mod report;

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use crate::interface::cli::args::{EvalArguments, Part};
use crate::interface::cli::error::{CliError, Outcome};
use crate::interface::cli::scan;
use crate::interface::cli::screen::Screen;
use crate::interface::cli::train::labelled;
use crate::interface::cli::workspace::shown;
use crate::pipeline::evaluation::{self, Row, Without, scanner, score};
use crate::pipeline::rules::Detectors;

use report::Report;

/// Runs the command.
pub(super) fn run(arguments: &EvalArguments, screen: &mut Screen) -> Result<Outcome, CliError> {
    let detectors = Detectors::shipped();
    let policy = Arc::new(scan::policy(&arguments.policy, &detectors)?);
    let without = arguments.without.map(|part| match part {
        Part::Rules => Without::Rules,
        Part::Model => Without::Model,
        Part::Views => Without::Views,
    });
    let mut scanner = scanner(policy, arguments.tier, without);
    let rows = labelled(&arguments.files)?;
    if arguments.leave_one_out {
        return folds::run(arguments, &scanner, &rows, screen);
    }
    if let Some(file) = &arguments.model {
        scanner = {
            let bytes = std::fs::read(file).map_err(CliError::io(format!("`{}`", shown(file))))?;
            evaluation::with_model(&scanner, &bytes)?
        };
    }
    let start = Instant::now();
    let scored = score(&scanner, &rows);
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
    let spent = start.elapsed().as_secs_f64() * as_float(cores);
    let bytes = rows.iter().map(|row: &Row| row.text.len()).sum();
    let report = Report::of(&scored, spent, bytes);
    report.print(screen)?;
    if let Some(file) = &arguments.json {
        write(file, report.json().to_string().as_bytes())?;
    }
    if let Some(file) = &arguments.plot {
        write(file, plot::svg(&scored).as_bytes())?;
    }
    Ok(Outcome::Done)
}

fn write(file: &Path, bytes: &[u8]) -> Result<(), CliError> {
    std::fs::write(file, bytes).map_err(CliError::io(format!("`{}`", shown(file))))
}

#[expect(clippy::cast_precision_loss, reason = "texts, bytes and cores are counted")]
const fn as_float(count: usize) -> f64 {
    count as f64
}

/// A share in per cent.
fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "-".to_owned(), |share| format!("{:.1} %", share * 100.0))
}
