//! `alnage ingest`: the pipeline over files and folders.

use std::collections::BTreeSet;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::adapters::sources::folder::{self, Found, LeftOut, Listing};
use crate::domain::access::AccessList;
use crate::domain::finding::draw_safely;
use crate::domain::limits::{BATCH_BYTES_MAX, COMMIT_BATCH_DOCUMENTS};
use crate::domain::source::Source;
use crate::pipeline::receipt::{Intake, Item, Receipt};

use super::args::{Format, IngestArguments};
use super::error::{CliError, Outcome};
use super::receipts::{self, Tally};
use super::screen::{Screen, meant, short_uri};
use super::workspace::{Workspace, operator};

/// Everything that came of taking files in.
#[derive(Debug, Default)]
pub(super) struct Taken {
    /// Of every file that was judged, in order.
    pub(super) receipts: Vec<Receipt>,
    /// Files that were not taken in, and why.
    pub(super) left_out: Vec<LeftOut>,
}

impl Taken {
    /// The counts.
    pub(super) fn tally(&self) -> Tally {
        let mut tally = Tally { left_out: self.left_out.len(), ..Tally::default() };
        self.receipts.iter().for_each(|receipt| tally.add(receipt));
        tally
    }
}

/// Runs the command.
pub(super) async fn run(
    workspace: &Workspace,
    arguments: IngestArguments,
    screen: &mut Screen,
) -> Result<Outcome, CliError> {
    let source = workspace.source(&arguments.source).await?;
    let collection = workspace.collection(&arguments.collection).await?;
    let mut listing = Listing::default();
    let arguments = IngestArguments {
        paths: arguments.paths.iter().map(|path| meant(path)).collect(),
        ..arguments
    };
    for path in &arguments.paths {
        let more = folder::list(path);
        listing.found.extend(more.found);
        listing.left_out.extend(more.left_out);
    }
    listing.found.sort_by(|one, two| one.path.cmp(&two.path));
    listing.found.dedup();
    let present: BTreeSet<String> = listing.found.iter().map(|found| found.uri.clone()).collect();
    let access = (!arguments.readers.is_silent()).then(|| arguments.readers.over(&source.readers));
    let intake = Intake { source: source.clone(), collection, actor: operator() };
    let taken = take_in(workspace, &intake, listing, &|_| access.clone()).await?;
    let removed = if arguments.prune {
        prune(workspace, &arguments, &source, &present, &taken).await?
    } else {
        Vec::new()
    };
    match arguments.format {
        Format::Text => print(screen, &taken, &removed)?,
        Format::Json => print_json(screen, &taken, &removed)?,
    }
    Ok(taken.tally().outcome())
}

/// Takes every found file in, batch by batch, showing progress on a terminal.
pub(super) async fn take_in(
    workspace: &Workspace,
    intake: &Intake,
    listing: Listing,
    access: &(dyn Fn(&Path) -> Option<AccessList> + Sync),
) -> Result<Taken, CliError> {
    let progress = progress(listing.found.len());
    let mut taken = Taken { receipts: Vec::new(), left_out: listing.left_out };
    for batch in batches(listing.found) {
        let mut items = Vec::with_capacity(batch.len());
        let mut paths = Vec::with_capacity(batch.len());
        for found in batch {
            progress.set_message(short_uri(&found.uri));
            match folder::read(&found) {
                Ok(raw) => {
                    items.push(Item::file(raw, access(&found.path)));
                    paths.push(found.path);
                }
                Err(left_out) => taken.left_out.push(left_out),
            }
        }
        let report = workspace.guard.ingest(intake, items).await?;
        for (path, answer) in paths.into_iter().zip(report.answers) {
            match answer {
                Ok(receipt) => taken.receipts.push(receipt),
                Err(error) => {
                    let why = CliError::from(error).explained();
                    let why = why.trim_start_matches("error: ").to_owned();
                    taken.left_out.push(LeftOut { path, why });
                }
            }
            progress.inc(1);
        }
        if let Some(error) = report.waiting {
            return Err(error.into());
        }
    }
    progress.finish_and_clear();
    Ok(taken)
}

/// A bar on a terminal's standard error, nothing elsewhere.
pub(super) fn progress(total: usize) -> ProgressBar {
    let target = match std::io::stderr().is_terminal() {
        true => ProgressDrawTarget::stderr(),
        false => ProgressDrawTarget::hidden(),
    };
    let bar = ProgressBar::with_draw_target(Some(total as u64), target);
    match ProgressStyle::with_template("{bar:30} {pos}/{len}  {elapsed}  {wide_msg}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Batches within the bounds on documents and bytes.
fn batches(found: Vec<Found>) -> Vec<Vec<Found>> {
    let mut batches: Vec<Vec<Found>> = Vec::new();
    let mut bytes = 0_u64;
    for file in found {
        bytes = bytes.saturating_add(file.bytes);
        match batches.last_mut() {
            Some(batch) if batch.len() < COMMIT_BATCH_DOCUMENTS && bytes <= BATCH_BYTES_MAX => {
                batch.push(file);
            }
            Some(_) | None => {
                bytes = file.bytes;
                batches.push(vec![file]);
            }
        }
    }
    batches
}

/// What could not be listed or read counts as present: a folder that cannot be opened today has not
/// left the source.
async fn prune(
    workspace: &Workspace,
    arguments: &IngestArguments,
    source: &Source,
    present: &BTreeSet<String>,
    taken: &Taken,
) -> Result<Vec<String>, CliError> {
    let under = |path: &PathBuf| {
        let path = path.canonicalize().unwrap_or_else(|_| path.clone());
        folder::uri_of(&path)
    };
    let roots: Vec<String> = arguments.paths.iter().map(under).collect();
    let unread: Vec<String> =
        taken.left_out.iter().map(|left_out| folder::uri_of(&left_out.path)).collect();
    let lies_in = |uri: &str, folder: &String| {
        uri.strip_prefix(folder.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || folder.ends_with('/'))
    };
    let covered = |uri: &str| {
        roots.iter().any(|root| lies_in(uri, root))
            && !unread.iter().any(|folder| lies_in(uri, folder))
    };
    Ok(workspace.guard.prune(source, covered, present, arguments.force, &operator()).await?)
}

/// Everything that a person should know, the summary last.
pub(super) fn print(
    screen: &mut Screen,
    taken: &Taken,
    removed: &[String],
) -> Result<(), CliError> {
    for receipt in &taken.receipts {
        receipts::print_receipt(screen, receipt)?;
    }
    for left_out in &taken.left_out {
        let path = draw_safely(&left_out.path.display().to_string());
        screen.line(format!("\nleft out  {path}"))?;
        screen.wrapped("    ", &draw_safely(&left_out.why))?;
    }
    for uri in removed {
        screen.line(format!("\nremoved  {}", short_uri(uri)))?;
    }
    screen.line("")?;
    taken.tally().print(screen)?;
    Ok(())
}

fn print_json(screen: &mut Screen, taken: &Taken, removed: &[String]) -> Result<(), CliError> {
    for receipt in &taken.receipts {
        screen.json(&receipts::json(receipt))?;
    }
    for left_out in &taken.left_out {
        screen.json(&receipts::left_out_json(left_out))?;
    }
    for uri in removed {
        screen
            .json(&serde_json::json!({ "path": short_uri(uri), "uri": uri, "state": "removed" }))?;
    }
    Ok(())
}
