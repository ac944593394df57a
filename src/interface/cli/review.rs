//! `alnage review`: a person decides on what is held.

use std::path::Path;

use serde_json::json;

use crate::config::ignores::Day;
use crate::domain::document::Document;
use crate::domain::finding::Severity;
use crate::pipeline::allow::AllowWanted;
use crate::pipeline::ledger::{Contents, HeldRevision, LedgerError};
use crate::pipeline::receipt::Intake;
use crate::pipeline::review::{Decider, Released};

use super::args::{Format, ReviewCommand};
use super::error::{CliError, Outcome};
use super::receipts::print_finding;
use super::screen::{Screen, excerpt, meant, short_id, short_uri};
use super::workspace::{Workspace, operator};

/// Characters of a document's shown text that `show` prints.
const TEXT_CHARS: usize = 1_500;

/// Runs a command.
pub(super) async fn run(
    workspace: &Workspace,
    command: ReviewCommand,
    screen: &mut Screen,
) -> Result<Outcome, CliError> {
    let guard = &workspace.guard;
    match command {
        ReviewCommand::List { format } => list(workspace, format, screen).await?,
        ReviewCommand::Show { id } => show(workspace, &guard.held(&id).await?, screen).await?,
        ReviewCommand::Release { id, reason, second_key, allow, expires } => {
            let held = guard.held(&id).await?;
            let second = second(workspace, second_key.as_deref())?;
            let decider = Decider { actor: operator(), second, reason };
            let allow = allow
                .map(|scope| AllowWanted { kind: scope.kind(), expires_at: expires.map(Day::end) });
            let Released { chunks, is_served } = release(workspace, &held, allow, &decider).await?;
            let what =
                if is_served { "are served" } else { "are served when the store takes them" };
            screen.line(format!("released  {}: {chunks} chunks {what}", short_uri(&held.uri)))?;
        }
        ReviewCommand::Purge { id, reason } => {
            let held = guard.held(&id).await?;
            guard.purge(&held, &Decider { actor: operator(), second: None, reason }).await?;
            let uri = short_uri(&held.uri);
            screen.line(format!("purged  {uri}: bytes, text and evidence are destroyed"))?;
        }
    }
    Ok(Outcome::Done)
}

/// Whose key was shown besides the operator's own.
pub(super) fn second(
    workspace: &Workspace,
    key: Option<&Path>,
) -> Result<Option<String>, CliError> {
    match key {
        Some(path) if workspace.keys.is_second(&meant(path))? => {
            Ok(Some("second-review key".to_owned()))
        }
        Some(path) => {
            let text = format!("`{}` is not the second reviewer's key", path.display());
            Err(CliError::Usage(text))
        }
        None => Ok(None),
    }
}

async fn release(
    workspace: &Workspace,
    held: &HeldRevision,
    allow: Option<AllowWanted>,
    decider: &Decider,
) -> Result<Released, CliError> {
    let sources = workspace.guard.ledger.sources().await?;
    let collections = workspace.guard.ledger.collections().await?;
    let missing =
        |what: &str| LedgerError::NotFound { what: format!("the {what} of this revision") };
    let source =
        sources.iter().find(|source| source.id == held.source).ok_or_else(|| missing("source"))?;
    let collection = collections
        .iter()
        .find(|collection| collection.id == held.collection)
        .ok_or_else(|| missing("collection"))?;
    let intake =
        Intake { source: source.clone(), collection: collection.clone(), actor: operator() };
    Ok(workspace.guard.release_allowing(held, &intake, allow, decider).await?)
}

async fn list(workspace: &Workspace, format: Format, screen: &mut Screen) -> Result<(), CliError> {
    let held = workspace.guard.ledger.held().await?;
    if format == Format::Json {
        for one in &held {
            screen.json(&json!({
                "revision": one.head.revision,
                "document": one.document,
                "uri": one.uri,
                "source": one.source_name,
                "severity": one.severity,
                "reasons": one.head.reasons,
                "at": one.head.at.to_string(),
                "outdated": one.outdated,
            }))?;
        }
        return Ok(());
    }
    let row = |one: &HeldRevision| {
        let rules: Vec<&str> = one.head.reasons.iter().map(|reason| reason.rule.as_str()).collect();
        vec![
            short_id(one.head.revision),
            one.severity.map_or("", Severity::name).to_owned(),
            rules.join(", "),
            short_uri(&one.uri),
            one.head.at.to_string(),
        ]
    };
    Ok(screen
        .table(&["id", "severity", "rules", "document", "held"], held.iter().map(row).collect())?)
}

async fn show(
    workspace: &Workspace,
    held: &HeldRevision,
    screen: &mut Screen,
) -> Result<(), CliError> {
    let contents = workspace.guard.ledger.contents(held.head.revision).await?;
    screen.line(format!("revision   {}", held.head.revision))?;
    screen.line(format!("document   {}", short_uri(&held.uri)))?;
    screen.line(format!("source     {}", held.source_name))?;
    screen.line(format!("held       {}", held.head.at))?;
    screen.line(format!("sha-256    {}", held.file_digest))?;
    if held.outdated {
        screen
            .line("outdated   a newer revision of this document exists; it cannot be released")?;
    }
    if held.severity >= Some(Severity::Critical) {
        screen.line("release    needs the second reviewer's key (--second-key)")?;
    }
    screen.line("")?;
    for finding in &contents.findings {
        let place = contents
            .document
            .as_ref()
            .map_or_else(|| "whole file".to_owned(), |document| finding.place(document));
        print_finding(screen, finding, &place)?;
    }
    let Contents { document: Some(document), .. } = contents else {
        return Ok(screen.line("\nThe file could not be read, so it has no text.")?);
    };
    print_text(screen, &document)
}

/// What a person sees of the document, and what a person does not, apart.
fn print_text(screen: &mut Screen, document: &Document) -> Result<(), CliError> {
    use crate::domain::document::{Reading, ReadingKind};
    let readings = [
        (ReadingKind::Shown, "What a person sees of it:"),
        (ReadingKind::Unseen, "What an extractor gets besides:"),
        (ReadingKind::Metadata, "What describes it:"),
    ];
    for (kind, heading) in readings {
        let reading = Reading::of(document, kind);
        if !reading.text.trim().is_empty() {
            screen.line(format!("\n{heading}"))?;
            screen.wrapped("    ", &excerpt(&reading.text, TEXT_CHARS))?;
        }
    }
    Ok(())
}
