//! `/v1/receipts`: what became of everything that was brought.

use axum::Json as Answer;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::allowed::{Allowed, Looks};
use super::body::{Id, Parameters};
use super::model::{FindingBody, Page, ReceiptBody};
use super::problem::{Problem, Refusals};
use super::service::Service;
use crate::domain::id::RevisionId;
use crate::pipeline::ledger::{Contents, LedgerError};

/// A page of receipts, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReceiptPage {
    receipts: Vec<ReceiptBody>,
    /// Where the next page begins; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Receipts of the sources that the key reaches, newest first.
#[utoipa::path(get, path = "/v1/receipts", tag = "documents", params(Page),
    responses((status = 200, body = ReceiptPage), Refusals))]
pub(super) async fn list(
    allowed: Allowed<Looks>,
    State(service): State<Service>,
    Parameters(page): Parameters<Page>,
) -> Result<Answer<ReceiptPage>, Problem> {
    let (limit, key) = (page.limit()?, allowed.app.key().id);
    let before =
        page.cursor.map(|text| service.cursors.read("receipts", key, &text)).transpose()?;
    let ids: Vec<_> = allowed.sources().await?.iter().map(|source| source.id).collect();
    let ledger = &allowed.present.guard.ledger;
    let revisions = ledger.revisions(&ids, before.map(RevisionId::new), limit).await?;
    let next = revisions.last().filter(|_| revisions.len() == limit);
    let next = next.map(|last| service.cursors.after("receipts", key, last.head.revision.uuid()));
    Ok(Answer(ReceiptPage { receipts: revisions.iter().map(ReceiptBody::from).collect(), next }))
}

/// What became of one revision, with everything that was found in it.
#[utoipa::path(get, path = "/v1/receipts/{id}", tag = "documents",
    params(("id" = String, Path, description = "the receipt")),
    responses((status = 200, body = ReceiptBody), Refusals))]
pub(super) async fn show(
    allowed: Allowed<Looks>,
    State(service): State<Service>,
    Id(id): Id<RevisionId>,
) -> Result<Answer<ReceiptBody>, Problem> {
    let _place = service.gates.evidence.enter().await?;
    let missing = || Problem::not_found("receipt");
    let ledger = &allowed.present.guard.ledger;
    let recorded = ledger.revision(id).await?.ok_or_else(missing)?;
    if !allowed.sources().await?.iter().any(|source| source.id == recorded.source) {
        return Err(missing());
    }
    let findings = match ledger.contents(id).await {
        Ok(contents) => findings_of(&contents),
        // Rejected, purged or removed: nothing is kept but the receipt.
        Err(LedgerError::NotFound { .. }) => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    Ok(Answer(ReceiptBody { findings, ..ReceiptBody::from(&recorded) }))
}

/// Findings with their places.
pub(super) fn findings_of(contents: &Contents) -> Vec<FindingBody> {
    let body = |finding: &crate::domain::finding::Finding| {
        let document = contents.document.as_ref();
        let place = document.map_or_else(|| "whole file".to_owned(), |one| finding.place(one));
        FindingBody::of(finding, &place)
    };
    contents.findings.iter().map(body).collect()
}
