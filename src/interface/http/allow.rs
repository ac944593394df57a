//! `/v1/allow-entries`: findings that do not count in a source, for reviewers of that source.
//!
//! What is critical takes two people: it is allowed with a release, which asks for both.

use axum::Json as Answer;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::allowed::{Allowed, Reviews};
use super::body::{Id, Json};
use super::model::{last_day, parse};
use super::problem::{Problem, Refusals};
use super::quarantine::ReasonGiven;
use crate::domain::allow::{AllowEntry, AllowScope};
use crate::domain::finding::Severity;
use crate::domain::id::{AllowId, RevisionId, SourceId};
use crate::domain::source::Source;
use crate::domain::time::Timestamp;
use crate::pipeline::allow::{AllowKind, AllowWanted, AllowedRule};
use crate::pipeline::review::Decider;

/// An allow entry.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AllowBody {
    /// Its id.
    id: String,
    /// In documents of this source.
    source: String,
    /// Findings of this rule.
    rule: String,
    /// `content`: one text; `rule-source`: whatever the rule finds.
    scope: &'static str,
    /// Up to this severity.
    severity: &'static str,
    /// Why.
    reason: String,
    /// Who.
    actor: String,
    /// Who agreed.
    second: Option<String>,
    /// RFC 3339.
    created_at: String,
    /// From when on it counts again.
    expires_at: Option<String>,
    /// Since when it counts again.
    ended_at: Option<String>,
    /// Who ended it.
    ended_by: Option<String>,
    /// Whether it speaks now.
    in_force: bool,
}

/// Allow entries.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AllowList {
    entries: Vec<AllowBody>,
}

/// What a release allows besides.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AllowGiven {
    /// `content`: the very texts that were found; `rule-source`: whatever these rules find in the source.
    scope: String,
    /// The last day on which they do not count, as `2027-01-31`; they never count again when not said.
    expires: Option<String>,
}

impl AllowGiven {
    /// The same for the pipeline; `field` names it in a mistake.
    pub(super) fn wanted(&self, field: &str) -> Result<AllowWanted, Problem> {
        let kind = AllowKind::ALL.into_iter().find(|kind| kind.name() == self.scope);
        let scope = || Problem::field(format!("{field}.scope"), "use content or rule-source");
        let expires_at = last_day(self.expires.as_deref(), &format!("{field}.expires"))?;
        Ok(AllowWanted { kind: kind.ok_or_else(scope)?, expires_at })
    }
}

/// An entry to be made: on a rule in a source, or on the texts that were found in a revision.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AllowNew {
    /// Whatever this rule finds; with `revision`, only what it found there.
    rule: Option<String>,
    /// In documents of this source.
    source: Option<String>,
    /// The very texts that call for more than admission in this revision.
    revision: Option<String>,
    /// Up to this severity, with `source`: `low`, `medium`, `high` (when not said).
    severity: Option<String>,
    /// In the reviewer's words; kept for ever.
    #[schema(min_length = 1, max_length = 2000)]
    reason: String,
    /// The last day, as `2027-01-31`.
    expires: Option<String>,
}

/// Every entry of the sources that the key reaches, in force or not, newest first.
#[utoipa::path(get, path = "/v1/allow-entries", tag = "quarantine",
    responses((status = 200, body = AllowList), Refusals))]
pub(super) async fn list(allowed: Allowed<Reviews>) -> Result<Answer<AllowList>, Problem> {
    let sources = allowed.sources().await?;
    let entries = entries(&allowed, &sources).await?;
    let now = allowed.present.guard.clock.now();
    let body = |entry: &AllowEntry| body(entry, &sources, now);
    Ok(Answer(AllowList { entries: entries.iter().map(body).collect() }))
}

/// Make entries. What is critical is allowed with a release by two people.
#[utoipa::path(post, path = "/v1/allow-entries", tag = "quarantine", request_body = AllowNew,
    responses((status = 201, body = AllowList), Refusals))]
pub(super) async fn add(
    allowed: Allowed<Reviews>,
    Json(new, _room): Json<AllowNew>,
) -> Result<(StatusCode, Answer<AllowList>), Problem> {
    reaches_all_collections(&allowed)?;
    let guard = &allowed.present.guard;
    let expires_at = last_day(new.expires.as_deref(), "expires")?;
    let decider = Decider { actor: allowed.app.actor(), second: None, reason: new.reason };
    let sources = allowed.sources().await?;
    let made = match (new.revision, new.source, new.rule) {
        (Some(id), None, rule) => {
            let missing = || Problem::not_found("revision");
            let id: RevisionId = parse(&id, "revision")?;
            let recorded = guard.ledger.revision(id).await?.ok_or_else(missing)?;
            let source = sources.iter().find(|source| source.id == recorded.source);
            let wanted = AllowWanted { kind: AllowKind::Content, expires_at };
            let source = source.ok_or_else(missing)?;
            guard.allow_found(id, source, rule.as_deref(), wanted, &decider).await?
        }
        (None, Some(name), Some(rule)) => {
            let source = allowed.source(&parse(&name, "source")?).await?;
            let said = new.severity.as_deref().unwrap_or(Severity::High.name());
            let severity = Severity::ALL.into_iter().find(|one| one.name() == said);
            let severity =
                severity.ok_or_else(|| Problem::field("severity", "low, medium or high"))?;
            let rule = AllowedRule { rule, severity, expires_at };
            vec![guard.allow_rule(&source, rule, &decider).await?]
        }
        _ => return Err(Problem::field("rule", "give rule and source, or a revision")),
    };
    let now = guard.clock.now();
    let entries = made.iter().map(|entry| body(entry, &sources, now)).collect();
    Ok((StatusCode::CREATED, Answer(AllowList { entries })))
}

/// End an entry: what it covered counts from the next ingest on.
#[utoipa::path(post, path = "/v1/allow-entries/{id}/end", tag = "quarantine",
    params(("id" = String, Path, description = "the entry")), request_body = ReasonGiven,
    responses((status = 204), Refusals))]
pub(super) async fn end(
    allowed: Allowed<Reviews>,
    Id(id): Id<AllowId>,
    Json(given, _room): Json<ReasonGiven>,
) -> Result<StatusCode, Problem> {
    let sources = allowed.sources().await?;
    if !entries(&allowed, &sources).await?.iter().any(|entry| entry.id == id) {
        return Err(Problem::not_found("allow entry"));
    }
    allowed.present.guard.end_allow(id, &allowed.app.actor(), &given.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn entries(
    allowed: &Allowed<Reviews>,
    sources: &[Source],
) -> Result<Vec<AllowEntry>, Problem> {
    let ids: Vec<SourceId> = sources.iter().map(|source| source.id).collect();
    Ok(allowed.present.guard.ledger.allow_entries(&ids).await?)
}

/// An entry counts in every collection that documents of its source go to.
pub(super) fn reaches_all_collections(allowed: &Allowed<Reviews>) -> Result<(), Problem> {
    let detail = "an allow entry counts in every collection, and this key reaches only some";
    let refused = || Problem::forbidden("reach-refused", detail);
    allowed.app.key().collections.is_none().then_some(()).ok_or_else(refused)
}

fn body(entry: &AllowEntry, sources: &[Source], now: Timestamp) -> AllowBody {
    let source = sources.iter().find(|source| source.id == entry.source);
    let kind = match entry.scope {
        AllowScope::Content(_) => AllowKind::Content,
        AllowScope::Rule => AllowKind::RuleSource,
    };
    AllowBody {
        id: entry.id.to_string(),
        source: source.map_or_else(String::new, |source| source.name.to_string()),
        rule: entry.rule.clone(),
        scope: kind.name(),
        severity: entry.severity.name(),
        reason: entry.reason.clone(),
        actor: entry.actor.clone(),
        second: entry.second.clone(),
        created_at: entry.created_at.to_string(),
        expires_at: entry.expires_at.map(|at| at.to_string()),
        ended_at: entry.ended.as_ref().map(|end| end.at.to_string()),
        ended_by: entry.ended.as_ref().map(|end| end.actor.clone()),
        in_force: entry.is_in_force(now),
    }
}
