//! `alnage calibrate`: what a policy does to the owner's own documents, and a milder profile under which
//! fewer of them are held.
//!
//! What is proposed is scanned once more: the documents that were held, under the proposed profile.

mod report;
mod work;

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

use futures_util::StreamExt as _;
use futures_util::stream;

use crate::adapters::reader_process::ReaderPool;
use crate::config::calibrated::{self, Milder};
use crate::config::policy::{self, SHIPPED};
use crate::domain::policy::{Policy, Verdict};
use crate::domain::source::Name;
use crate::pipeline::calibrate::{Calibration, Proposal, Step};
use crate::pipeline::guard::Detection;
use crate::pipeline::reading::Options;
use crate::pipeline::rules::{self, Detectors};
use crate::pipeline::scan::Scanner;

use super::args::CalibrateArguments;
use super::complain;
use super::error::{CliError, Outcome};
use super::ingest::progress;
use super::packs;
use super::scan;
use super::screen::Screen;
use super::workspace::{read_text, shown, write_new};
use report::Report;
use work::Work;

/// Documents in work for each reader process.
const SCANS_PER_READER: usize = 2;

/// Runs the command.
pub(super) async fn run(
    arguments: CalibrateArguments,
    screen: &mut Screen,
) -> Result<Outcome, CliError> {
    let detectors = packs::of(&arguments.rules)?;
    let given = profile(&arguments.policy)?;
    let policy = Arc::new(scan::policy(&arguments.policy, &detectors)?);
    let id = match arguments.write.as_deref() {
        Some(file) => id_of(file)?,
        None => policy.id.clone(),
    };
    let (work, left_out) = work::list(&arguments.paths)?;
    left_out.iter().for_each(|told| complain(&format!("left out: {told}")));
    let processes = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let reader = Arc::new(ReaderPool::start(processes, Options::default())?);
    let scanner = Scanner {
        reader,
        policy: Arc::clone(&policy),
        detection: Detection::On(detectors.clone()),
        tier: arguments.tier,
        judges: Arc::default(),
    };
    let mut calibration = Calibration::new(&policy, arguments.tier);
    let mut held = Vec::new();
    let unread = each(&scanner, work, |work, path, scanned| {
        calibration.add(path, scanned);
        if scanned.verdict >= Verdict::Quarantine {
            held.push(work.clone());
        }
    })
    .await?;
    held.dedup_by_key(|work| work.path().to_owned());
    let documents = calibration.documents();
    let held_max = share(documents, arguments.rate);
    let proposal = calibration.propose(held_max);
    let text = proposed(&given, &policy, &id, &arguments, &proposal, documents);
    let milder = Arc::new(read_back(&text, &detectors)?);
    let still = still_held(&scanner, milder, held).await?;
    let report =
        Report { calibration: &calibration, proposal: &proposal, still, held_max, text: &text };
    report.print(arguments.format, screen)?;
    if let Some(file) = &arguments.write {
        write_new(file, &text)?;
    }
    let is_whole = left_out.is_empty() && unread == 0;
    Ok(if is_whole { Outcome::Done } else { Outcome::Incomplete })
}

/// Scans everything; answers how much could not be read from the disk.
async fn each(
    scanner: &Scanner,
    work: Vec<Work>,
    mut take: impl FnMut(&Work, &str, &crate::pipeline::scan::Scanned),
) -> Result<usize, CliError> {
    let bar = progress(work.len() as u64);
    let readers = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let mut answers = stream::iter(work)
        .map(|work| work.scanned(scanner))
        .buffered(readers.saturating_mul(SCANS_PER_READER));
    let mut unread = 0;
    while let Some(answer) = answers.next().await {
        bar.inc(1);
        match answer? {
            (work, Ok(scanned)) => {
                for (path, scanned) in work.apart(scanned) {
                    take(&work, &path, &scanned);
                }
            }
            (_, Err(told)) => {
                unread += 1;
                complain(&format!("left out: {told}"));
            }
        }
    }
    bar.finish_and_clear();
    Ok(unread)
}

/// How many of those that were held the proposed profile holds.
async fn still_held(
    scanner: &Scanner,
    policy: Arc<Policy>,
    held: Vec<Work>,
) -> Result<usize, CliError> {
    let scanner = Scanner { policy, ..scanner.clone() };
    let mut still = 0;
    each(&scanner, held, |_, _, scanned| {
        still += usize::from(scanned.format.is_some() && scanned.verdict >= Verdict::Quarantine);
    })
    .await?;
    Ok(still)
}

/// The text of a shipped profile, else of a file; checked by `scan::policy`.
fn profile(said: &str) -> Result<String, CliError> {
    match SHIPPED.iter().find(|(name, _)| *name == said) {
        Some((_, text)) => Ok((*text).to_owned()),
        None if Path::new(said).is_file() => read_text(Path::new(said)),
        None => Ok(String::new()),
    }
}

/// A profile is found by its file's name.
fn id_of(file: &Path) -> Result<String, CliError> {
    let stem = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let is_toml = file.extension().is_some_and(|ending| ending == "toml");
    let name: Option<Name> = stem.parse().ok().filter(|_| is_toml);
    let text = || format!("`{}` must be named like a profile: `my-profile.toml`", shown(file));
    Ok(name.ok_or_else(|| CliError::Usage(text()))?.to_string())
}

fn proposed(
    given: &str,
    policy: &Policy,
    id: &str,
    arguments: &CalibrateArguments,
    proposal: &Proposal,
    documents: usize,
) -> String {
    let milder = |step: &Step| Milder {
        rule: step.rule.clone(),
        verdict: step.verdict,
        comment: format!("documents that it held: {} of {documents}", step.documents),
    };
    let steps: Vec<Milder> = proposal.steps.iter().map(milder).collect();
    calibrated::text(given, policy, id, arguments.tier, &steps)
}

/// What is written is read as a workspace would.
fn read_back(text: &str, detectors: &Detectors) -> Result<Policy, CliError> {
    let ids = rules::ids(detectors);
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    Ok(policy::parse("the proposed profile", text, &ids)?)
}

/// This many per cent, rounded down.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a share of at most a hundred per cent of what was counted"
)]
fn share(documents: usize, percent: f64) -> usize {
    (documents as f64 * percent.clamp(0.0, 100.0) / 100.0).floor() as usize
}
