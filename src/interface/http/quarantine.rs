//! `/v1/quarantine`: what is held, with its evidence, and what a person decides on it.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::allow::{AllowGiven, reaches_all_collections};
use super::allowed::{Allowed, Reviews};
use super::body::{Id, Json, Parameters};
use super::model::{FindingBody, Page, ReasonBody};
use super::problem::{Problem, Refusals};
use super::receipts::findings_of;
use super::service::Service;
use crate::domain::document::{Reading, ReadingKind};
use crate::domain::finding::{Severity, draw_safely};
use crate::domain::id::RevisionId;
use crate::domain::limits::REVIEW_TEXT_CHARS_MAX;
use crate::domain::source::{Collection, Source};
use crate::pipeline::allow::AllowWanted;
use crate::pipeline::decide::{Decided, Decision};
use crate::pipeline::ledger::HeldRevision;
use crate::pipeline::receipt::Intake;
use crate::pipeline::review::{Decider, Released};

/// A held revision.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HeldBody {
    /// The revision.
    id: String,
    /// Its document.
    document: String,
    /// Its source.
    source: String,
    /// Its path or URI in its source.
    uri: String,
    /// Worst severity found.
    severity: Option<&'static str>,
    /// What called for the verdict.
    reasons: Vec<ReasonBody>,
    /// SHA-256 of the file.
    file_sha256: String,
    /// When it was held, RFC 3339.
    at: String,
    /// Its document has a newer revision: it cannot be released any more.
    outdated: bool,
    /// It takes two people to release it.
    needs_second: bool,
}

impl From<&HeldRevision> for HeldBody {
    fn from(held: &HeldRevision) -> Self {
        Self {
            id: held.head.revision.to_string(),
            document: held.document.to_string(),
            source: held.source_name.to_string(),
            uri: held.uri.clone(),
            severity: held.severity.map(Severity::name),
            reasons: held.head.reasons.iter().map(ReasonBody::from).collect(),
            file_sha256: held.file_digest.to_string(),
            at: held.head.at.to_string(),
            outdated: held.outdated,
            needs_second: held.severity >= Some(Severity::Critical),
        }
    }
}

/// A page of what is held, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HeldPage {
    held: Vec<HeldBody>,
    /// Where the next page begins; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// A held revision with its evidence and its text.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EvidenceBody {
    #[serde(flatten)]
    held: HeldBody,
    findings: Vec<FindingBody>,
    /// What a person sees of it, drawn safely and cut; absent when the file could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    shown: Option<String>,
    /// What an extractor gets besides.
    #[serde(skip_serializing_if = "Option::is_none")]
    unseen: Option<String>,
    /// What describes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<String>,
}

/// Why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReasonGiven {
    /// In the reviewer's words; kept for ever.
    #[schema(min_length = 1, max_length = 2000)]
    pub(super) reason: String,
}

/// Why a held revision is served, and whether what was found in it counts from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReleaseGiven {
    /// In the reviewer's words; kept for ever.
    #[schema(min_length = 1, max_length = 2000)]
    reason: String,
    /// Allow entries to be made with the release.
    #[serde(default)]
    allow: Option<AllowGiven>,
}

/// What was decided.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RulingBody {
    /// The revision.
    id: String,
    /// `released`, `released-redacted`, `purged`; `awaiting-second`: somebody else must agree;
    /// `awaiting-store`: it is released, and served when the store takes it.
    state: &'static str,
    /// Chunks that are served.
    chunks: usize,
}

/// What is held of the sources that the key reaches, newest first.
#[utoipa::path(get, path = "/v1/quarantine", tag = "quarantine", params(Page),
    responses((status = 200, body = HeldPage), Refusals))]
pub(super) async fn list(
    allowed: Allowed<Reviews>,
    State(service): State<Service>,
    Parameters(page): Parameters<Page>,
) -> Result<Answer<HeldPage>, Problem> {
    let _place = service.gates.evidence.enter().await?;
    let (limit, key) = (page.limit()?, allowed.app.key().id);
    let cursors = &service.cursors;
    let after = page.cursor.map(|text| cursors.read("quarantine", key, &text)).transpose()?;
    let all = reached(&allowed).await?;
    let begin = after.map_or(Some(0), |after| {
        all.iter().position(|held| held.head.revision.uuid() == after).map(|last| last + 1)
    });
    let gone = || Problem::field("cursor", "what it stood at is decided; begin anew");
    let rest = all.get(begin.ok_or_else(gone)?..).unwrap_or_default();
    let shown = rest.get(..limit.min(rest.len())).unwrap_or_default();
    let next = shown.last().filter(|_| rest.len() > shown.len());
    let next = next.map(|last| cursors.after("quarantine", key, last.head.revision.uuid()));
    Ok(Answer(HeldPage { held: shown.iter().map(HeldBody::from).collect(), next }))
}

/// The evidence.
#[utoipa::path(get, path = "/v1/quarantine/{id}", tag = "quarantine",
    params(("id" = String, Path, description = "the held revision")),
    responses((status = 200, body = EvidenceBody), Refusals))]
pub(super) async fn show(
    allowed: Allowed<Reviews>,
    State(service): State<Service>,
    Id(id): Id<RevisionId>,
) -> Result<Answer<EvidenceBody>, Problem> {
    let _place = service.gates.evidence.enter().await?;
    let held = one(&allowed, id).await?;
    let contents = allowed.present.guard.ledger.contents(id).await?;
    let text = |kind| {
        let document = contents.document.as_ref()?;
        let drawn = draw_safely(&Reading::of(document, kind).text);
        let cut: String = drawn.chars().take(REVIEW_TEXT_CHARS_MAX).collect();
        (!cut.is_empty()).then_some(cut)
    };
    Ok(Answer(EvidenceBody {
        held: HeldBody::from(&held),
        findings: findings_of(&contents),
        shown: text(ReadingKind::Shown),
        unseen: text(ReadingKind::Unseen),
        metadata: text(ReadingKind::Metadata),
    }))
}

/// Serve it: what a person sees of it; hidden text stays out.
///
/// Where a finding is critical the first call answers 202, and a call with the key of another application
/// releases it.
#[utoipa::path(post, path = "/v1/quarantine/{id}/release", tag = "quarantine",
    params(("id" = String, Path, description = "the held revision")), request_body = ReleaseGiven,
    responses((status = 200, body = RulingBody), (status = 202, body = RulingBody), Refusals))]
pub(super) async fn release(
    allowed: Allowed<Reviews>,
    Id(id): Id<RevisionId>,
    Json(given, _room): Json<ReleaseGiven>,
) -> Result<(StatusCode, Answer<RulingBody>), Problem> {
    if given.allow.is_some() {
        reaches_all_collections(&allowed)?;
    }
    let allow = given.allow.map(|allow| allow.wanted("allow")).transpose()?;
    decide(&allowed, id, (Decision::Release, allow), given.reason).await
}

/// Serve it without the spans of what was found; what is left is scanned again and must be clean.
#[utoipa::path(post, path = "/v1/quarantine/{id}/redact", tag = "quarantine",
    params(("id" = String, Path, description = "the held revision")), request_body = ReasonGiven,
    responses((status = 200, body = RulingBody), (status = 202, body = RulingBody), Refusals))]
pub(super) async fn redact(
    allowed: Allowed<Reviews>,
    Id(id): Id<RevisionId>,
    Json(given, _room): Json<ReasonGiven>,
) -> Result<(StatusCode, Answer<RulingBody>), Problem> {
    decide(&allowed, id, (Decision::ReleaseRedacted, None), given.reason).await
}

/// Destroy it: bytes, text, findings and evidence.
#[utoipa::path(post, path = "/v1/quarantine/{id}/purge", tag = "quarantine",
    params(("id" = String, Path, description = "the held revision")), request_body = ReasonGiven,
    responses((status = 200, body = RulingBody), Refusals))]
pub(super) async fn purge(
    allowed: Allowed<Reviews>,
    Id(id): Id<RevisionId>,
    Json(given, _room): Json<ReasonGiven>,
) -> Result<(StatusCode, Answer<RulingBody>), Problem> {
    decide(&allowed, id, (Decision::Purge, None), given.reason).await
}

async fn decide(
    allowed: &Allowed<Reviews>,
    id: RevisionId,
    (decision, allow): (Decision, Option<AllowWanted>),
    reason: String,
) -> Result<(StatusCode, Answer<RulingBody>), Problem> {
    let held = one(allowed, id).await?;
    let missing = |what: &str| Problem::not_found(what);
    let sources = allowed.sources().await?;
    let source = sources.into_iter().find(|source| source.id == held.source);
    let collections = allowed.present.guard.ledger.collections().await?;
    let collection = collections.into_iter().find(|one| one.id == held.collection);
    let intake = Intake {
        source: source.ok_or_else(|| missing("source"))?,
        collection: collection.ok_or_else(|| missing("collection"))?,
        actor: allowed.app.actor(),
    };
    let decider = Decider { actor: allowed.app.actor(), second: None, reason };
    let guard = &allowed.present.guard;
    let decided = guard.decide(&held, &intake, (decision, allow), &decider).await?;
    let (status, state, chunks) = match decided {
        Decided::AwaitsSecond => (StatusCode::ACCEPTED, "awaiting-second", 0),
        Decided::Purged => (StatusCode::OK, decision.done(), 0),
        Decided::Released(Released { chunks, is_served: true }) => {
            (StatusCode::OK, decision.done(), chunks)
        }
        Decided::Released(Released { chunks, is_served: false }) => {
            (StatusCode::ACCEPTED, "awaiting-store", chunks)
        }
    };
    Ok((status, Answer(RulingBody { id: id.to_string(), state, chunks })))
}

/// What is held of the sources, for the collections, that the key reaches.
async fn reached(allowed: &Allowed<Reviews>) -> Result<Vec<HeldRevision>, Problem> {
    let (sources, collections) = (allowed.sources().await?, allowed.collections().await?);
    let mut held = allowed.present.guard.ledger.held().await?;
    held.retain(|held| is_reached(held, &sources, &collections));
    Ok(held)
}

fn is_reached(held: &HeldRevision, sources: &[Source], collections: &[Collection]) -> bool {
    sources.iter().any(|source| source.id == held.source)
        && collections.iter().any(|collection| collection.id == held.collection)
}

async fn one(allowed: &Allowed<Reviews>, id: RevisionId) -> Result<HeldRevision, Problem> {
    let missing = || Problem::not_found("held revision");
    let held = allowed.present.guard.ledger.held_by_prefix(&id.to_string()).await?;
    let held = held.ok_or_else(missing)?;
    let (sources, collections) = (allowed.sources().await?, allowed.collections().await?);
    if is_reached(&held, &sources, &collections) { Ok(held) } else { Err(missing()) }
}
