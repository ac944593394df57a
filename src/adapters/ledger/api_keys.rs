//! Keys of applications.

use std::collections::BTreeSet;

use sqlx::query;
use sqlx::sqlite::SqliteRow;

use super::SqliteLedger;
use super::error::{damaged, failed, missing};
use super::rows::{Fields, json};
use crate::domain::access::Label;
use crate::domain::api_key::{ApiKey, Behalf};
use crate::domain::id::ApiKeyId;
use crate::domain::source::Name;
use crate::domain::time::Timestamp;
use crate::pipeline::ledger::{KeyEnd, LedgerError};

/// All columns of a key, under this condition.
macro_rules! select_keys {
    ($condition:literal) => {
        concat!(
            "SELECT id, app, tenant, roles, sources, collections, principals, clearance, behalf, \
             secret, created_at, expires_at, revoked_at, tokens_from, scores FROM api_key ",
            $condition
        )
    };
}

pub(super) async fn create(ledger: &SqliteLedger, key: &ApiKey) -> Result<(), LedgerError> {
    let names = |names: &Option<BTreeSet<Name>>| names.as_ref().map(json).transpose();
    let mut tx = ledger.write().await?;
    query(
        "INSERT INTO api_key (id, app, tenant, roles, sources, collections, principals, clearance, \
         behalf, secret, created_at, expires_at, revoked_at, tokens_from, scores) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
    )
    .bind(key.id.bytes().as_slice())
    .bind(key.app.as_str())
    .bind(key.tenant.as_str())
    .bind(json(&key.roles)?)
    .bind(names(&key.sources)?)
    .bind(names(&key.collections)?)
    .bind(json(&key.principals)?)
    .bind(key.clearance.name())
    .bind(key.behalf.name())
    .bind(key.secret.0.as_slice())
    .bind(key.created_at.0)
    .bind(key.expires_at.map(|at| at.0))
    .bind(key.revoked_at.map(|at| at.0))
    .bind(key.tokens_from.map(|at| at.0))
    .bind(i64::from(key.scores))
    .execute(&mut *tx)
    .await
    .map_err(failed)?;
    tx.commit().await.map_err(failed)
}

pub(super) async fn all(ledger: &SqliteLedger) -> Result<Vec<ApiKey>, LedgerError> {
    let rows = query(select_keys!("ORDER BY app, created_at, id"))
        .fetch_all(&ledger.readers)
        .await
        .map_err(failed)?;
    rows.iter().map(read).collect()
}

pub(super) async fn find(
    ledger: &SqliteLedger,
    id: ApiKeyId,
) -> Result<Option<ApiKey>, LedgerError> {
    let row = query(select_keys!("WHERE id = $1"))
        .bind(id.bytes().as_slice())
        .fetch_optional(&ledger.readers)
        .await
        .map_err(failed)?;
    row.as_ref().map(read).transpose()
}

/// An end only ever comes nearer.
pub(super) async fn end(
    ledger: &SqliteLedger,
    id: ApiKeyId,
    end: KeyEnd,
) -> Result<(), LedgerError> {
    let (revoked, expires) = match end {
        KeyEnd::Revoked(at) => (Some(at.0), None),
        KeyEnd::Expires(at) => (None, Some(at.0)),
    };
    let mut tx = ledger.write().await?;
    let done = query(
        "UPDATE api_key SET revoked_at = COALESCE(revoked_at, $2), \
         expires_at = CASE WHEN $3 IS NULL THEN expires_at \
         WHEN expires_at IS NULL OR expires_at > $3 THEN $3 ELSE expires_at END WHERE id = $1",
    )
    .bind(id.bytes().as_slice())
    .bind(revoked)
    .bind(expires)
    .execute(&mut *tx)
    .await
    .map_err(failed)?;
    if done.rows_affected() == 0 {
        return Err(missing(format!("key {id}")));
    }
    if revoked.is_some() {
        // Its application's first words, which wait for a second, may have been a thief's.
        query(
            "DELETE FROM approval WHERE actor = (SELECT 'app:' || app FROM api_key WHERE id = $1)",
        )
        .bind(id.bytes().as_slice())
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
    }
    tx.commit().await.map_err(failed)
}

fn read(row: &SqliteRow) -> Result<ApiKey, LedgerError> {
    let fields = Fields(row);
    let names = |column: &str| {
        let Some(text) = fields.text_if(column)? else { return Ok(None) };
        serde_json::from_str(&text).map(Some).map_err(|_| damaged(format!("column {column}")))
    };
    let moment = |column: &str| {
        Ok(fields.number_if(column)?.and_then(|at| i64::try_from(at).ok()).map(Timestamp))
    };
    Ok(ApiKey {
        id: fields.id("id", ApiKeyId::new)?,
        app: fields.parsed("app")?,
        tenant: fields.parsed("tenant")?,
        roles: fields.json("roles")?,
        sources: names("sources")?,
        collections: names("collections")?,
        principals: fields.json("principals")?,
        clearance: fields.named("clearance", &Label::ALL, Label::name)?,
        behalf: fields.named("behalf", &Behalf::ALL, Behalf::name)?,
        secret: fields.digest("secret")?,
        created_at: fields.moment("created_at")?,
        expires_at: moment("expires_at")?,
        revoked_at: moment("revoked_at")?,
        tokens_from: moment("tokens_from")?,
        scores: fields.number("scores")? != 0,
    })
}
