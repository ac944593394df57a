//! Signed roots, and which stamp keys what is served carries: as sealed (`chunk.seal_key`) and as placed
//! (`revision.placed_key`, where that is another).

use sqlx::query;
use sqlx::sqlite::SqliteConnection;
use tokio::task::spawn_blocking;
use uuid::Uuid;

use super::blobs::DataKey;
use super::error::{broken, conflict, damaged, failed, missing};
use super::rows::{Fields, stored};
use super::{SqliteLedger, chunks};
use crate::domain::id::RevisionId;
use crate::domain::root::SignedRoot;
use crate::domain::signing::Signature;
use crate::domain::source::Name;
use crate::domain::stamp::ChunkRecord;
use crate::pipeline::ledger::{LedgerError, RevisionState};

/// Keeps a revision's root with the chunks that it was signed for.
pub(super) async fn insert(
    conn: &mut SqliteConnection,
    revision: RevisionId,
    root: &SignedRoot,
) -> Result<(), LedgerError> {
    query("INSERT INTO root (revision, statement, signature, signer) VALUES ($1, $2, $3, $4)")
        .bind(revision.bytes().as_slice())
        .bind(root.statement.as_slice())
        .bind(root.signature.0.as_slice())
        .bind(root.signer.0.as_slice())
        .execute(conn)
        .await
        .map_err(failed)?;
    Ok(())
}

/// The root goes when its leaves go.
pub(super) async fn forget(
    conn: &mut SqliteConnection,
    revision: RevisionId,
) -> Result<(), LedgerError> {
    query("DELETE FROM root WHERE revision = $1")
        .bind(revision.bytes().as_slice())
        .execute(conn)
        .await
        .map_err(failed)?;
    Ok(())
}

pub(super) async fn root(
    ledger: &SqliteLedger,
    revision: RevisionId,
) -> Result<Option<SignedRoot>, LedgerError> {
    let row = query("SELECT statement, signature, signer FROM root WHERE revision = $1")
        .bind(revision.bytes().as_slice())
        .fetch_optional(&ledger.readers)
        .await
        .map_err(failed)?;
    let Some(row) = row else { return Ok(None) };
    let fields = Fields(&row);
    let signature = fields.bytes("signature")?;
    Ok(Some(SignedRoot {
        statement: fields.bytes("statement")?,
        signature: Signature(signature.try_into().map_err(|_| damaged("column signature"))?),
        signer: fields.digest("signer")?,
    }))
}

pub(super) async fn add_root(
    ledger: &SqliteLedger,
    revision: RevisionId,
    root: &SignedRoot,
) -> Result<(), LedgerError> {
    let mut tx = ledger.write().await?;
    live(&mut tx, revision).await?;
    insert(&mut tx, revision, root).await?;
    tx.commit().await.map_err(failed)
}

pub(super) async fn revision_of(
    ledger: &SqliteLedger,
    id: Uuid,
) -> Result<Option<RevisionId>, LedgerError> {
    let row = query("SELECT revision FROM chunk WHERE point = $1 OR chunk = $1")
        .bind(id.as_bytes().as_slice())
        .fetch_optional(&ledger.readers)
        .await
        .map_err(failed)?;
    row.map(|row| Fields(&row).id("revision", RevisionId::new)).transpose()
}

pub(super) async fn carried(ledger: &SqliteLedger, key: &Name) -> Result<u64, LedgerError> {
    let row = query(
        "SELECT (SELECT COUNT(*) FROM chunk c JOIN revision r ON r.id = c.revision \
         WHERE c.seal_key = $1 AND r.state IN ('pending', 'serving')) \
         + (SELECT COUNT(*) FROM revision r JOIN chunk c ON c.revision = r.id \
         WHERE r.placed_key = $1 AND r.state IN ('pending', 'serving') AND c.seal_key <> $1) \
         AS carried",
    )
    .bind(key.as_str())
    .fetch_one(&ledger.readers)
    .await
    .map_err(failed)?;
    Fields(&row).number("carried")
}

pub(super) async fn carriers(
    ledger: &SqliteLedger,
    key: Option<&Name>,
    signing: &Name,
    after: Option<RevisionId>,
    limit: usize,
) -> Result<Vec<RevisionId>, LedgerError> {
    let rows = query(
        "SELECT r.id FROM revision r \
         WHERE r.state IN ('pending', 'serving') AND r.id > $1 AND EXISTS (\
         SELECT 1 FROM chunk c WHERE c.revision = r.id AND c.seal_key IS NOT NULL \
         AND (c.seal_key <> $2 OR COALESCE(r.placed_key, c.seal_key) <> $2) \
         AND ($3 IS NULL OR c.seal_key = $3 OR r.placed_key = $3)) \
         ORDER BY r.id LIMIT $4",
    )
    .bind(after.map(|id| id.bytes().to_vec()).unwrap_or_default())
    .bind(signing.as_str())
    .bind(key.map(Name::as_str))
    .bind(stored(limit as u64)?)
    .fetch_all(&ledger.readers)
    .await
    .map_err(failed)?;
    rows.iter().map(|row| Fields(row).id("id", RevisionId::new)).collect()
}

/// The points still carry the old seal until `placed` says otherwise, and the same transaction notes it.
pub(super) async fn reseal(
    ledger: &SqliteLedger,
    revision: RevisionId,
    records: &[ChunkRecord],
) -> Result<(), LedgerError> {
    let mut tx = ledger.read().await?;
    let wrapped = live(&mut tx, revision).await?;
    drop(tx);
    let (keys, resealed) = (ledger.keys.clone(), records.to_vec());
    let work = move || {
        let key = DataKey::unwrap(revision, &wrapped, &keys)?;
        chunks::seal(&resealed, &key)
    };
    let sealed = spawn_blocking(work).await.map_err(broken)??;
    let mut tx = ledger.write().await?;
    live(&mut tx, revision).await?;
    query(
        "UPDATE revision SET placed_key = (SELECT seal_key FROM chunk WHERE revision = $1 LIMIT 1) \
         WHERE id = $1 AND placed_key IS NULL",
    )
    .bind(revision.bytes().as_slice())
    .execute(&mut *tx)
    .await
    .map_err(failed)?;
    chunks::replace(&mut tx, revision, sealed).await?;
    tx.commit().await.map_err(failed)
}

pub(super) async fn placed(
    ledger: &SqliteLedger,
    revisions: &[RevisionId],
    key: &Name,
) -> Result<(), LedgerError> {
    let mut tx = ledger.write().await?;
    for revision in revisions {
        query("UPDATE revision SET placed_key = $2 WHERE id = $1")
            .bind(revision.bytes().as_slice())
            .bind(key.as_str())
            .execute(&mut *tx)
            .await
            .map_err(failed)?;
    }
    tx.commit().await.map_err(failed)
}

pub(super) async fn kept(
    ledger: &SqliteLedger,
    after: Option<RevisionId>,
    limit: usize,
) -> Result<Vec<(RevisionId, RevisionState)>, LedgerError> {
    let rows = query(
        "SELECT id, state FROM revision WHERE wrapped_key IS NOT NULL AND id > $1 ORDER BY id LIMIT $2",
    )
    .bind(after.map(|id| id.bytes().to_vec()).unwrap_or_default())
    .bind(stored(limit as u64)?)
    .fetch_all(&ledger.readers)
    .await
    .map_err(failed)?;
    rows.iter()
        .map(|row| {
            let fields = Fields(row);
            Ok((fields.id("id", RevisionId::new)?, fields.state()?))
        })
        .collect()
}

/// The wrapped key of a revision whose chunks are kept; `Conflict` when it ended.
async fn live(conn: &mut SqliteConnection, revision: RevisionId) -> Result<Vec<u8>, LedgerError> {
    let row = query("SELECT state, wrapped_key FROM revision WHERE id = $1")
        .bind(revision.bytes().as_slice())
        .fetch_optional(conn)
        .await
        .map_err(failed)?
        .ok_or_else(|| missing(format!("revision {revision}")))?;
    let fields = Fields(&row);
    match fields.state()? {
        RevisionState::Pending | RevisionState::Serving => fields.bytes("wrapped_key"),
        RevisionState::Superseded
        | RevisionState::Held
        | RevisionState::Rejected
        | RevisionState::Purged
        | RevisionState::Removed => Err(conflict(format!("revision {revision}"))),
    }
}
