//! `alnage document`: how long a document is kept.

use clap::Subcommand;
use serde_json::json;

use crate::config::ignores::Day;
use crate::domain::finding::draw_safely;
use crate::domain::retention::Retention;
use crate::domain::source::Name;
use crate::pipeline::ledger::DocumentHead;

use super::admin::find;
use super::args::Format;
use super::error::{CliError, Outcome};
use super::screen::{Screen, short_uri};
use super::workspace::{Workspace, operator};

/// Commands on documents.
#[derive(Debug, Subcommand)]
pub(super) enum DocumentCommand {
    /// Where a document stands, when it expires, and what holds it.
    Show {
        /// Its id, URI or path.
        document: String,
        /// How to print.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Take a document out of the index and destroy what was kept of it; what is quarantined stays in review.
    Remove {
        /// Its id, URI or path.
        document: String,
    },
    /// Destroy everything that was ever kept of a document, the quarantined too, and forget its name.
    Erase {
        /// Its id, URI or path.
        document: String,
    },
    /// Set the day on which a document is read last; after it everything that was kept of it is destroyed.
    Expire {
        /// Its id, URI or path.
        document: String,
        /// As 2027-01-31, in UTC; a day that has passed is at once.
        #[arg(long, value_name = "DATE", required_unless_present = "never")]
        expires: Option<Day>,
        /// It does not expire.
        #[arg(long, conflicts_with = "expires")]
        never: bool,
    },
    /// Hold a document for a matter of law: until that is lifted, nothing of it is destroyed.
    Hold {
        /// Its id, URI or path.
        document: String,
        /// Which matter; one document may be held for several.
        #[arg(long)]
        matter: Name,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// Lift a hold: what was removed or has expired meanwhile is destroyed now.
    Lift {
        /// Its id, URI or path.
        document: String,
        /// Which matter.
        #[arg(long)]
        matter: Name,
    },
}

/// Runs the command.
pub(super) async fn run(
    workspace: &Workspace,
    command: DocumentCommand,
    screen: &mut Screen,
) -> Result<Outcome, CliError> {
    let guard = &workspace.guard;
    match command {
        DocumentCommand::Show { document, format } => {
            let head = find(workspace, &document).await?;
            let retention = guard.keeping.retention(head.document).await?;
            match format {
                Format::Json => screen.json(&as_json(&head, &retention))?,
                Format::Text => print(screen, &head, &retention)?,
            }
        }
        DocumentCommand::Remove { document } => {
            let head = find(workspace, &document).await?;
            guard.delete(&head, &operator()).await?;
            screen.line(format!("removed  {}", short_uri(&head.uri)))?;
            if !guard.keeping.on_hold(&[head.document]).await?.is_empty() {
                screen.line("it is kept, and nobody gets it, until its legal hold is lifted")?;
            }
        }
        DocumentCommand::Erase { document } => {
            let head = find(workspace, &document).await?;
            guard.erase(&head, &operator()).await?;
            screen.line(format!("erased  {}", short_uri(&head.uri)))?;
            screen.line(
                "`alnage store rebuild` makes the store's files anew, so that none holds its words",
            )?;
        }
        DocumentCommand::Expire { document, expires, never: _ } => {
            let head = find(workspace, &document).await?;
            guard.set_expiry(&head, expires.map(Day::end), &operator()).await?;
            let when = match expires {
                Some(day) => format!("is read on {day} for the last time"),
                None => "does not expire".to_owned(),
            };
            screen.line(format!("{}  {when}", short_uri(&head.uri)))?;
        }
        DocumentCommand::Hold { document, matter, reason } => {
            let head = find(workspace, &document).await?;
            let held = format!("{} is held for `{matter}`", short_uri(&head.uri));
            guard.place_hold(&head, (matter, reason), &operator()).await?;
            screen.line(held)?;
        }
        DocumentCommand::Lift { document, matter } => {
            let head = find(workspace, &document).await?;
            guard.lift_hold(&head, &matter, &operator()).await?;
            screen.line(format!("{} is held for `{matter}` no more", short_uri(&head.uri)))?;
        }
    }
    Ok(Outcome::Done)
}

fn as_json(head: &DocumentHead, retention: &Retention) -> serde_json::Value {
    json!({
        "document": head.document, "uri": head.uri, "serving": head.serving,
        "state": head.latest.as_ref().map(|latest| latest.state),
        "expires_at": retention.expires_at.map(|at| at.to_string()),
        "erased_at": retention.erased_at.map(|at| at.to_string()),
        "holds": retention.holds.iter().map(|hold| json!({
            "matter": hold.matter, "reason": hold.reason, "actor": hold.actor,
            "placed_at": hold.placed_at.to_string(),
        })).collect::<Vec<_>>(),
    })
}

fn print(screen: &mut Screen, head: &DocumentHead, retention: &Retention) -> Result<(), CliError> {
    screen.line(format!("document  {}  [{}]", short_uri(&head.uri), head.document))?;
    let state = head.latest.as_ref().map_or("unknown", |latest| latest.state.name());
    let serves = if head.serving.is_some() { "served" } else { "nothing is served" };
    screen.line(format!("newest    {state}; {serves}"))?;
    if let Some(at) = retention.erased_at {
        screen.line(format!("erased    {at}"))?;
    }
    let expires = retention.expires_at.map_or_else(|| "never".to_owned(), |at| at.to_string());
    screen.line(format!("expires   {expires}"))?;
    for hold in &retention.holds {
        let (reason, actor) = (draw_safely(&hold.reason), draw_safely(&hold.actor));
        screen
            .line(format!("held for  {}: {reason} ({actor}, {})", hold.matter, hold.placed_at))?;
    }
    Ok(())
}
