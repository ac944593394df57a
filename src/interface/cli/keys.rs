//! `alnage key`: keys of applications.

use std::collections::BTreeSet;

use serde_json::json;

use crate::domain::api_key::{ApiKey, Token};
use crate::domain::limits::MS_PER_DAY;
use crate::domain::source::Name;
use crate::domain::time::Timestamp;
use crate::pipeline::applications::NewKey;
use crate::pipeline::ledger::LedgerError;

use super::args::{Format, KeyCommand, NewKeyArguments};
use super::error::{CliError, Outcome};
use super::screen::{Screen, short_id};
use super::workspace::{Workspace, operator};

/// Runs the command.
pub(super) async fn run(
    workspace: &Workspace,
    command: KeyCommand,
    screen: &mut Screen,
) -> Result<Outcome, CliError> {
    let guard = &workspace.guard;
    match command {
        KeyCommand::Create(arguments) => {
            let new = wanted(workspace, arguments);
            print_new(screen, &guard.create_key(new, &operator()).await?)?;
        }
        KeyCommand::List { format } => list(screen, &guard.ledger.keys().await?, format)?,
        KeyCommand::Revoke { key } => {
            let key = find(workspace, &key).await?;
            guard.revoke_key(key.id, &operator()).await?;
            screen.line(format!("key {} of `{}` is nobody's now", short_id(key.id), key.app))?;
        }
        KeyCommand::Rotate { key, hours } => {
            let key = find(workspace, &key).await?;
            let grace_ms = i64::from(hours) * MS_PER_DAY / 24;
            let made = guard.rotate_key(key.id, grace_ms, &operator()).await?;
            print_new(screen, &made)?;
            screen.line(format!("key {} ends in {hours} hours", short_id(key.id)))?;
        }
        KeyCommand::EndTokens { key } => {
            let key = find(workspace, &key).await?;
            guard.end_tokens_beside(key.id, &operator()).await?;
            let id = short_id(key.id);
            screen.line(format!("no token beside key {id} counts that was issued by now"))?;
        }
    }
    Ok(Outcome::Done)
}

fn wanted(workspace: &Workspace, arguments: NewKeyArguments) -> NewKey {
    let some = |names: Vec<Name>| {
        let names: BTreeSet<Name> = names.into_iter().collect();
        (!names.is_empty()).then_some(names)
    };
    let end = |days: u32| {
        let now = workspace.guard.clock.now();
        Timestamp(now.0.saturating_add(i64::from(days) * MS_PER_DAY))
    };
    NewKey {
        app: arguments.app,
        tenant: workspace.tenant(arguments.tenant.as_ref()),
        roles: arguments.role.into_iter().collect(),
        sources: some(arguments.source),
        collections: some(arguments.collection),
        principals: arguments.principal.into_iter().collect(),
        clearance: arguments.clearance,
        behalf: arguments.behalf,
        expires_at: arguments.days.map(end),
        scores: !arguments.no_scores,
    }
}

/// The one time that a token is shown.
fn print_new(screen: &mut Screen, (key, token): &(ApiKey, Token)) -> Result<(), CliError> {
    screen.line(token.reveal())?;
    let id = short_id(key.id);
    screen.line(format!("key {id} of `{}`; it is shown this once: keep it now", key.app))?;
    Ok(())
}

fn list(screen: &mut Screen, keys: &[ApiKey], format: Format) -> Result<(), CliError> {
    let roles = |key: &ApiKey| key.roles.iter().map(|role| role.name()).collect::<Vec<_>>();
    let moment = |at: Option<Timestamp>| at.map(|at| at.to_string());
    if format == Format::Json {
        for key in keys {
            screen.json(&json!({
                "id": key.id, "app": key.app, "tenant": key.tenant, "roles": roles(key),
                "sources": key.sources, "collections": key.collections,
                "principals": key.principals, "clearance": key.clearance, "behalf": key.behalf,
                "created_at": key.created_at.to_string(), "expires_at": moment(key.expires_at),
                "revoked_at": moment(key.revoked_at), "tokens_from": moment(key.tokens_from),
                "scores": key.scores,
            }))?;
        }
        return Ok(());
    }
    let names = |names: &Option<BTreeSet<Name>>| match names {
        None => "all".to_owned(),
        Some(names) => names.iter().map(Name::as_str).collect::<Vec<_>>().join(", "),
    };
    let row = |key: &ApiKey| {
        let ends = match (key.revoked_at, key.expires_at) {
            (Some(at), _) => format!("revoked {at}"),
            (None, Some(at)) => at.to_string(),
            (None, None) => "never".to_owned(),
        };
        vec![
            short_id(key.id),
            key.app.to_string(),
            key.tenant.to_string(),
            roles(key).join(", "),
            names(&key.sources),
            names(&key.collections),
            key.behalf.name().to_owned(),
            ends,
        ]
    };
    let head = ["key", "app", "tenant", "roles", "sources", "collections", "behalf", "ends"];
    Ok(screen.table(&head, keys.iter().map(row).collect())?)
}

/// The key whose id begins with these digits.
async fn find(workspace: &Workspace, given: &str) -> Result<ApiKey, CliError> {
    let keys = workspace.guard.ledger.keys().await?;
    let shown = crate::domain::finding::draw_safely(given);
    let fits = |key: &&ApiKey| key.id.to_string().starts_with(given);
    let mut fitting = keys.iter().filter(fits);
    match (fitting.next(), fitting.next()) {
        (Some(key), None) if !given.is_empty() => Ok(key.clone()),
        (Some(_), _) => Err(LedgerError::Ambiguous { given: shown }.into()),
        (None, _) => Err(LedgerError::NotFound { what: format!("key `{shown}`") }.into()),
    }
}
