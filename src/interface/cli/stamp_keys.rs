//! `alnage stamp-key`, `reseal`, `sweep`.

use serde_json::json;

use crate::domain::source::Name;
use crate::pipeline::stamp_keys::StampKeyView;
use crate::pipeline::sweep::Swept;

use super::args::{Format, StampKeyCommand};
use super::error::{CliError, Outcome};
use super::proofs::print_or_write;
use super::screen::Screen;
use super::workspace::{Workspace, operator};

/// `alnage stamp-key`.
pub(super) async fn run(
    workspace: &Workspace,
    command: StampKeyCommand,
    screen: &mut Screen,
) -> Result<Outcome, CliError> {
    let guard = &workspace.guard;
    match command {
        StampKeyCommand::List { format } => {
            let keys = guard.stamp_keys().await?;
            match format {
                Format::Json => {
                    for key in keys {
                        screen.json(&json!(key))?;
                    }
                }
                Format::Text => {
                    let head = ["key", "status", "signs", "ends", "carried by chunks"];
                    screen.table(&head, keys.iter().map(row).collect())?;
                }
            }
            for warning in guard.warnings().await? {
                tracing::warn!(code = warning.code, "{}", warning.text);
            }
        }
        StampKeyCommand::Rotate { ends } => {
            let new = guard.rotate_stamp_key(ends, &operator()).await?;
            screen.line(format!("`{new}` signs from now on"))?;
            return reseal(workspace, None, screen).await;
        }
        StampKeyCommand::End { id } => {
            guard.end_stamp_key(&id, &operator()).await?;
            screen.line(format!("`{id}` ended"))?;
        }
        StampKeyCommand::Revoke { id } => {
            let successor = guard.revoke_stamp_key(&id, &operator()).await?;
            screen.line(format!("`{id}` is revoked; what it signed is withheld from now on"))?;
            if let Some(successor) = successor {
                screen.line(format!("`{successor}` signs from now on"))?;
            }
            screen.line("`alnage reseal` restores it from the ledger")?;
        }
        StampKeyCommand::Public { out } => {
            let pem = guard.public_key().to_pem();
            let pem = pem.ok_or_else(|| CliError::Usage("the key has no PEM form".to_owned()))?;
            return print_or_write(out.as_deref(), &pem, screen);
        }
    }
    Ok(Outcome::Done)
}

fn row(key: &StampKeyView) -> Vec<String> {
    vec![
        key.id.to_string(),
        key.status.to_owned(),
        if key.signs { "yes" } else { "" }.to_owned(),
        key.ends.clone().unwrap_or_default(),
        key.carried.to_string(),
    ]
}

/// `alnage reseal`.
pub(super) async fn reseal(
    workspace: &Workspace,
    key: Option<&Name>,
    screen: &mut Screen,
) -> Result<Outcome, CliError> {
    let resealed = workspace.guard.reseal(key).await?;
    let (chunks, revisions) = (resealed.chunks, resealed.revisions);
    screen.line(format!("{chunks} chunks of {revisions} revisions are sealed anew"))?;
    for (revision, reason) in &resealed.left {
        screen.line(format!("    {revision}  {reason}"))?;
    }
    if resealed.left.is_empty() {
        return Ok(Outcome::Done);
    }
    screen.line("These could not be; take their documents in again")?;
    Ok(Outcome::Incomplete)
}

/// `alnage sweep`.
pub(super) async fn sweep(
    workspace: &Workspace,
    repair: bool,
    format: Format,
    screen: &mut Screen,
) -> Result<Outcome, CliError> {
    let swept = workspace.guard.sweep(repair).await?;
    match format {
        Format::Json => screen.json(&json!(swept))?,
        Format::Text => print(&swept, screen)?,
    }
    Ok(if swept.is_sound() { Outcome::Done } else { Outcome::Incomplete })
}

fn print(swept: &Swept, screen: &mut Screen) -> Result<(), CliError> {
    for (name, found) in &swept.collections {
        let (intact, faults) = (found.intact, found.faults.len());
        screen.line(format!("{name}: {intact} points as sealed, {faults} not"))?;
        for (point, reason) in &found.faults {
            screen.line(format!("    {point}  {reason}"))?;
        }
    }
    let (intact, faults) = (swept.intact, swept.faults.len());
    screen.line(format!("ledger: {intact} revisions as kept, {faults} not"))?;
    for (revision, reason) in &swept.faults {
        screen.line(format!("    {revision}  {reason}"))?;
    }
    match &swept.repaired {
        Some(done) => {
            let (deleted, placed) = (done.deleted, done.placed);
            screen.line(format!("{deleted} points deleted, {placed} written anew"))?;
            if done.signed > 0 {
                screen.line(format!("{} roots signed", done.signed))?;
            }
            if done.left > 0 {
                screen.line(format!(
                    "{} points wait for `alnage reseal` or a new ingest",
                    done.left
                ))?;
            }
        }
        None if !swept.is_sound() => {
            screen.line("`alnage sweep --repair` puts right what the ledger knows better")?;
        }
        None => {}
    }
    Ok(())
}
