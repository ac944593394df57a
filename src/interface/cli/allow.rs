//! `alnage allow`: findings that do not count in a source.

use serde_json::json;

use crate::config::ignores::Day;
use crate::domain::allow::{AllowEntry, AllowScope};
use crate::domain::finding::draw_safely;
use crate::domain::id::SourceId;
use crate::domain::source::Source;
use crate::pipeline::allow::{AllowKind, AllowWanted, AllowedRule};
use crate::pipeline::ledger::LedgerError;
use crate::pipeline::review::Decider;

use super::args::{AllowCommand, Format, NewAllowArguments};
use super::error::{CliError, Outcome};
use super::review::second;
use super::screen::{Screen, short_id};
use super::workspace::{Workspace, operator};

/// Runs the command.
pub(super) async fn run(
    workspace: &Workspace,
    command: AllowCommand,
    screen: &mut Screen,
) -> Result<Outcome, CliError> {
    match command {
        AllowCommand::List { source, format } => {
            let mut sources = workspace.guard.ledger.sources().await?;
            if let Some(name) = source {
                sources = vec![workspace.source(&name).await?];
            }
            list(workspace, &sources, format, screen).await?;
        }
        AllowCommand::Add(arguments) => {
            for entry in add(workspace, arguments).await? {
                let (id, rule) = (short_id(entry.id), &entry.rule);
                let what = scope(&entry);
                screen
                    .line(format!("entry {id}  {rule}: {what} does not count {}", end(&entry)))?;
            }
        }
        AllowCommand::End { id, reason } => {
            let entry = find(workspace, &id).await?;
            workspace.guard.end_allow(entry.id, &operator(), &reason).await?;
            let id = short_id(entry.id);
            screen.line(format!("entry {id} is ended; {} counts again", entry.rule))?;
        }
    }
    Ok(Outcome::Done)
}

async fn add(
    workspace: &Workspace,
    arguments: NewAllowArguments,
) -> Result<Vec<AllowEntry>, CliError> {
    let guard = &workspace.guard;
    let second = second(workspace, arguments.second_key.as_deref())?;
    let decider = Decider { actor: operator(), second, reason: arguments.reason };
    let expires_at = arguments.expires.map(Day::end);
    let Some(prefix) = arguments.revision else {
        let (Some(rule), Some(name)) = (arguments.rule, arguments.source) else {
            return Err(CliError::Usage("name a rule and a source, or a revision".to_owned()));
        };
        let severity = arguments.severity.severity();
        let allowed = AllowedRule { rule, severity, expires_at };
        let source = workspace.source(&name).await?;
        return Ok(vec![guard.allow_rule(&source, allowed, &decider).await?]);
    };
    let missing = || LedgerError::NotFound { what: format!("revision `{}`", draw_safely(&prefix)) };
    let (revision, of) = match prefix.parse() {
        Ok(id) => {
            let recorded = guard.ledger.revision(id).await?.ok_or_else(missing)?;
            (id, recorded.source)
        }
        Err(_) => {
            let held = guard.held(&prefix).await?;
            (held.head.revision, held.source)
        }
    };
    let sources = guard.ledger.sources().await?;
    let source = sources.iter().find(|source| source.id == of).ok_or_else(missing)?;
    let wanted = AllowWanted { kind: AllowKind::Content, expires_at };
    Ok(guard.allow_found(revision, source, arguments.rule.as_deref(), wanted, &decider).await?)
}

async fn list(
    workspace: &Workspace,
    sources: &[Source],
    format: Format,
    screen: &mut Screen,
) -> Result<(), CliError> {
    let ids: Vec<SourceId> = sources.iter().map(|source| source.id).collect();
    let entries = workspace.guard.ledger.allow_entries(&ids).await?;
    let now = workspace.guard.clock.now();
    let name = |entry: &AllowEntry| {
        let source = sources.iter().find(|source| source.id == entry.source);
        source.map_or_else(String::new, |source| source.name.to_string())
    };
    if format == Format::Json {
        for entry in &entries {
            let ended = entry.ended.as_ref();
            screen.json(&json!({
                "id": entry.id, "source": name(entry), "rule": entry.rule, "scope": kind(entry).name(),
                "severity": entry.severity, "reason": entry.reason, "actor": entry.actor,
                "second": entry.second, "created_at": entry.created_at.to_string(),
                "expires_at": entry.expires_at.map(|at| at.to_string()),
                "ended_at": ended.map(|end| end.at.to_string()),
                "ended_by": ended.map(|end| &end.actor), "ended_why": ended.map(|end| &end.reason),
                "in_force": entry.is_in_force(now),
            }))?;
        }
        return Ok(());
    }
    let row = |entry: &AllowEntry| {
        vec![
            short_id(entry.id),
            name(entry),
            draw_safely(&entry.rule),
            scope(entry).to_owned(),
            entry.severity.name().to_owned(),
            end(entry),
            draw_safely(&entry.actor),
            draw_safely(&entry.reason),
        ]
    };
    let head = ["entry", "source", "rule", "what", "up to", "until", "who", "why"];
    Ok(screen.table(&head, entries.iter().map(row).collect())?)
}

fn kind(entry: &AllowEntry) -> AllowKind {
    match entry.scope {
        AllowScope::Content(_) => AllowKind::Content,
        AllowScope::Rule => AllowKind::RuleSource,
    }
}

fn scope(entry: &AllowEntry) -> &'static str {
    match entry.scope {
        AllowScope::Content(_) => "one text",
        AllowScope::Rule => "whatever it finds",
    }
}

fn end(entry: &AllowEntry) -> String {
    match (&entry.ended, entry.expires_at) {
        (Some(end), _) => format!("ended {}", end.at),
        (None, Some(at)) => format!("until {at}"),
        (None, None) => "for ever".to_owned(),
    }
}

/// The entry whose id begins with these digits.
async fn find(workspace: &Workspace, given: &str) -> Result<AllowEntry, CliError> {
    let sources = workspace.guard.ledger.sources().await?;
    let ids: Vec<SourceId> = sources.iter().map(|source| source.id).collect();
    let digits: String = given.trim().chars().filter(|ch| *ch != '-').collect();
    let begins = |entry: &AllowEntry| {
        !digits.is_empty() && entry.id.uuid().simple().to_string().starts_with(&digits)
    };
    let mut found = workspace.guard.ledger.allow_entries(&ids).await?.into_iter().filter(begins);
    match (found.next(), found.next()) {
        (Some(entry), None) => Ok(entry),
        (Some(_), Some(_)) => Err(LedgerError::Ambiguous { given: draw_safely(given) }.into()),
        (None, _) => {
            let what = format!("allow entry `{}`", draw_safely(given));
            Err(LedgerError::NotFound { what }.into())
        }
    }
}
