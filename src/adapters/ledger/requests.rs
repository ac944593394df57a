//! Requests that must not be done twice, and decisions that take two people.

use sqlx::query;

use super::SqliteLedger;
use super::error::{conflict, failed, missing};
use super::rows::Fields;
use crate::domain::digest::Digest;
use crate::domain::id::RevisionId;
use crate::domain::limits::IDEMPOTENCY_MS;
use crate::domain::time::Timestamp;
use crate::pipeline::ledger::{Answered, Approval, LedgerError, RevisionState};

pub(super) async fn answered(
    ledger: &SqliteLedger,
    key: &Digest,
) -> Result<Option<Answered>, LedgerError> {
    let row = query("SELECT request, revision FROM idempotent WHERE key = $1")
        .bind(key.0.as_slice())
        .fetch_optional(&ledger.readers)
        .await
        .map_err(failed)?;
    let answered = row.as_ref().map(|row| {
        let fields = Fields(row);
        let revision = fields.id("revision", RevisionId::new)?;
        Ok(Answered { request: fields.digest("request")?, revision })
    });
    answered.transpose()
}

pub(super) async fn keep_answer(
    ledger: &SqliteLedger,
    key: &Digest,
    answered: &Answered,
    at: Timestamp,
) -> Result<(), LedgerError> {
    let mut tx = ledger.write().await?;
    query(
        "INSERT INTO idempotent (key, request, revision, at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT DO NOTHING",
    )
    .bind(key.0.as_slice())
    .bind(answered.request.0.as_slice())
    .bind(answered.revision.bytes().as_slice())
    .bind(at.0)
    .execute(&mut *tx)
    .await
    .map_err(failed)?;
    tx.commit().await.map_err(failed)
}

/// Keeps the first word on a held revision, and answers it: the caller sees whether it was his own.
pub(super) async fn approve(
    ledger: &SqliteLedger,
    approval: &Approval,
) -> Result<Approval, LedgerError> {
    let mut tx = ledger.write().await?;
    let held = query("SELECT state FROM revision WHERE id = $1")
        .bind(approval.revision.bytes().as_slice())
        .fetch_optional(&mut *tx)
        .await
        .map_err(failed)?
        .ok_or_else(|| missing(format!("revision {}", approval.revision)))?;
    if Fields(&held).state()? != RevisionState::Held {
        return Err(conflict(format!("revision {}", approval.revision)));
    }
    query(
        "INSERT INTO approval (revision, action, actor, reason, at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT DO NOTHING",
    )
    .bind(approval.revision.bytes().as_slice())
    .bind(&approval.action)
    .bind(&approval.actor)
    .bind(&approval.reason)
    .bind(approval.at.0)
    .execute(&mut *tx)
    .await
    .map_err(failed)?;
    let first = query("SELECT actor, reason, at FROM approval WHERE revision = $1 AND action = $2")
        .bind(approval.revision.bytes().as_slice())
        .bind(&approval.action)
        .fetch_one(&mut *tx)
        .await
        .map_err(failed)?;
    let fields = Fields(&first);
    let first = Approval {
        actor: fields.text("actor")?,
        reason: fields.text("reason")?,
        at: fields.moment("at")?,
        ..approval.clone()
    };
    tx.commit().await.map_err(failed)?;
    Ok(first)
}

pub(super) async fn tidy(ledger: &SqliteLedger, now: Timestamp) -> Result<(), LedgerError> {
    let mut tx = ledger.write().await?;
    query("DELETE FROM idempotent WHERE at < $1")
        .bind(now.0.saturating_sub(IDEMPOTENCY_MS))
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
    tx.commit().await.map_err(failed)?;
    ledger.wipe_if_due().await
}
