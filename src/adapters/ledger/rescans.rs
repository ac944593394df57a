//! What newer rules have said of chunks.

use std::collections::BTreeMap;

use sqlx::query;
use uuid::Uuid;

use super::SqliteLedger;
use super::error::failed;
use super::rows::{Fields, select_in};
use crate::domain::digest::Digest;
use crate::domain::id::ChunkId;
use crate::pipeline::ledger::LedgerError;

pub(super) async fn rescans(
    ledger: &SqliteLedger,
    judged_by: &Digest,
    chunks: &[ChunkId],
) -> Result<BTreeMap<ChunkId, bool>, LedgerError> {
    let ids: Vec<Uuid> = chunks.iter().map(|chunk| chunk.uuid()).collect();
    let mut conn = ledger.readers.acquire().await.map_err(failed)?;
    let sql = "SELECT chunk, judged_by, admits FROM rescan WHERE chunk IN";
    let mut said = BTreeMap::new();
    for row in select_in(&mut conn, sql, &ids).await? {
        let fields = Fields(&row);
        if fields.digest("judged_by")? == *judged_by {
            said.insert(fields.id("chunk", ChunkId::new)?, fields.number("admits")? != 0);
        }
    }
    Ok(said)
}

pub(super) async fn keep(
    ledger: &SqliteLedger,
    judged_by: &Digest,
    said: &BTreeMap<ChunkId, bool>,
) -> Result<(), LedgerError> {
    let mut tx = ledger.write().await?;
    for (chunk, admits) in said {
        query(
            "INSERT INTO rescan (chunk, judged_by, admits) VALUES ($1, $2, $3) ON CONFLICT (chunk) \
         DO UPDATE SET judged_by = excluded.judged_by, admits = excluded.admits",
        )
        .bind(chunk.bytes().as_slice())
        .bind(judged_by.0.as_slice())
        .bind(i64::from(*admits))
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
    }
    tx.commit().await.map_err(failed)
}
