//! `alnage inspect`: a document as it is read, with what is hidden marked and why.

mod html;
mod json;
mod text;

use std::num::NonZeroUsize;
use std::sync::Arc;

use tokio::task::spawn_blocking;

use super::args::{InspectArguments, InspectFormat};
use super::error::{CliError, Outcome};
use super::packs;
use super::scan::{policy, targets};
use super::screen::Screen;
use super::workspace::shown;
use crate::adapters::reader_process::ReaderPool;
use crate::domain::document::{Block, Document, Joint};
use crate::domain::finding::draw_safely;
use crate::domain::policy::Verdict;
use crate::pipeline::error::GuardError;
use crate::pipeline::guard::Detection;
use crate::pipeline::reading::Options;
use crate::pipeline::scan::{Scanned, Scanner};

/// Runs the command. The exit code is that of the worst verdict.
pub(super) async fn run(
    arguments: InspectArguments,
    screen: &mut Screen,
) -> Result<Outcome, CliError> {
    let detectors = packs::of(&arguments.rules)?;
    let policy = Arc::new(policy(&arguments.policy, &detectors)?);
    let target = one(&arguments)?;
    let path = target.path.clone();
    let read = spawn_blocking(move || target.read()).await;
    let read = read.map_err(|error| GuardError::Task(error.to_string()))?;
    let raw = read.map_err(|left_out| {
        CliError::Usage(format!("{}: {}", shown(&left_out.path), draw_safely(&left_out.why)))
    })?;
    let reader = Arc::new(ReaderPool::start(NonZeroUsize::MIN, Options::default())?);
    let (detection, judges) = (Detection::On(detectors), Arc::default());
    let scanner = Scanner { reader, policy, detection, tier: arguments.tier, judges };
    let scanned = scanner.inspect(raw).await?;
    match arguments.format {
        InspectFormat::Text => text::print(&path, &scanned, screen)?,
        InspectFormat::Json => screen.line(json::line(&path, &scanned))?,
        InspectFormat::Html => screen.line(html::page(&path, &scanned))?,
    }
    let worst = scanned.all().iter().map(|scanned| scanned.verdict).max();
    Ok(match worst.unwrap_or(Verdict::Admit) {
        Verdict::Admit => Outcome::Done,
        Verdict::Redact => Outcome::Redacted,
        Verdict::Quarantine => Outcome::Held,
        Verdict::Reject => Outcome::Rejected,
    })
}

/// The one file that is meant.
fn one(arguments: &InspectArguments) -> Result<targets::Target, CliError> {
    let listed = targets::list(std::slice::from_ref(&arguments.path))?;
    if let Some(left_out) = listed.left_out.first() {
        let (path, why) = (shown(&left_out.path), draw_safely(&left_out.why));
        return Err(CliError::Usage(format!("{path}: {why}")));
    }
    let count = listed.targets.len();
    match listed.targets.into_iter().next() {
        Some(target) if count == 1 => Ok(target),
        _ => {
            let path = shown(&arguments.path);
            Err(CliError::Usage(format!("`{path}` is not one file; `alnage scan` takes folders")))
        }
    }
}

/// A file and those inside it, each with its path.
fn each<'s>(path: &str, scanned: &'s Scanned) -> Vec<(String, &'s Scanned)> {
    let named = |one: &'s Scanned| {
        let name = one.uri.get(scanned.uri.len()..).unwrap_or_default();
        (draw_safely(&format!("{path}{name}")), one)
    };
    scanned.all().into_iter().map(named).collect()
}

/// Blocks that stand in one line or cell, with their numbers.
fn lines(document: &Document) -> Vec<Vec<(usize, &Block)>> {
    let mut lines: Vec<Vec<(usize, &Block)>> = Vec::new();
    for (number, block) in document.blocks.iter().enumerate() {
        match lines.last_mut().filter(|_| block.joint == Joint::Inline) {
            Some(line) => line.push((number, block)),
            None => lines.push(vec![(number, block)]),
        }
    }
    lines
}

/// "as seen", "hidden: outside the page", "alternate: alt text".
fn said(block: &Block) -> String {
    let (name, clause) = (block.visibility.name(), block.visibility.clause());
    if name == clause { clause } else { format!("{name}: {clause}") }
}
