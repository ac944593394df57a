//! `alnage retrieve`: what this user may read about a question, with citations.

use serde_json::json;

use crate::domain::filter::Filter;
use crate::pipeline::ask::Ask;
use crate::pipeline::error::GuardError;
use crate::pipeline::passage::Passage;
use crate::pipeline::retrieve::Question;

use super::args::{Format, RetrieveArguments};
use super::error::{CliError, Outcome};
use super::screen::{Screen, excerpt, short_uri};
use super::workspace::Workspace;

/// Characters shown of one passage.
const PASSAGE_CHARS: usize = 600;

/// Runs the command.
pub(super) async fn run(
    workspace: &Workspace,
    arguments: &RetrieveArguments,
    screen: &mut Screen,
) -> Result<Outcome, CliError> {
    let collection = workspace.collection(&arguments.collection).await?;
    let tenant = workspace.tenant(arguments.tenant.as_ref());
    let caller = workspace.view_as(&tenant, &arguments.user).await?;
    let filter =
        arguments.filter.as_ref().map(|filter| Filter::parse(filter, "filter")).transpose();
    let question = Question {
        view_as: true,
        purpose: arguments.purpose.as_ref(),
        ask: Ask::Text { text: &arguments.question, mode: arguments.mode },
        filter: filter.map_err(GuardError::from)?,
        ..Question::text(&caller, &collection, &arguments.question, arguments.k)
    };
    let passages = workspace.guard.retrieve(&question).await?;
    match arguments.format {
        Format::Text => print(screen, &passages, PASSAGE_CHARS)?,
        Format::Json => screen.json(&json!({ "passages": passages }))?,
    }
    Ok(Outcome::Done)
}

/// Passages with their citations.
pub(super) fn print(
    screen: &mut Screen,
    passages: &[Passage],
    chars: usize,
) -> Result<(), CliError> {
    if passages.is_empty() {
        screen.line("nothing that this user may read answers this")?;
    }
    for (index, passage) in passages.iter().enumerate() {
        let citation = &passage.citation;
        let title = citation.title.as_deref().map(|title| excerpt(title, 80)).unwrap_or_default();
        let separator = if title.is_empty() { "" } else { " — " };
        let uri = short_uri(&citation.uri);
        let place = excerpt(&citation.place, 80);
        screen.line(format!("[{}] {title}{separator}{uri}, {place}", index + 1))?;
        screen.wrapped("    ", &excerpt(&passage.text, chars))?;
    }
    Ok(())
}
