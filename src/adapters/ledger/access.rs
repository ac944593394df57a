//! Who may read what a document serves, and the moves of its points that follow.
//!
//! A change counts from its transaction on; the points are moved after it. Until `moved`, the
//! placement that was replaced stays noted, so that a point which still lies there is withheld from
//! those who lost it and reaches those who kept it. Several changes in a row note one placement each:
//! the points lie in the oldest until somebody says that they were moved further.

use sqlx::query;
use sqlx::sqlite::SqliteConnection;

use super::error::failed;
use super::rows::{DocumentRow, Fields, stored};
use super::{SqliteLedger, classes, documents, query as reading};
use crate::domain::access::{AccessClass, AccessList};
use crate::domain::id::{ClassId, DocumentId};
use crate::domain::source::Tenant;
use crate::domain::time::Timestamp;
use crate::pipeline::ledger::LedgerError;

pub(super) async fn class(
    ledger: &SqliteLedger,
    tenant: &Tenant,
    list: &AccessList,
    fresh: ClassId,
) -> Result<AccessClass, LedgerError> {
    // Nearly always it is there, and nothing has to be written.
    let mut tx = ledger.read().await?;
    if let Some(class) = classes::find(&mut tx, tenant, list).await? {
        return Ok(class);
    }
    drop(tx);
    let mut tx = ledger.write().await?;
    let class = classes::find_or_make(&mut tx, tenant, list, fresh).await?;
    tx.commit().await.map_err(failed)?;
    Ok(class)
}

/// The decision is on the document: revisions of it that wait for their points or for a reviewer go by
/// it as well, whatever they asked for when they came.
pub(super) async fn set_access(
    ledger: &SqliteLedger,
    document: DocumentId,
    class: &AccessClass,
    at: Timestamp,
) -> Result<(), LedgerError> {
    let mut tx = ledger.write().await?;
    let document = documents::get(&mut tx, document).await?;
    classes::check(&mut tx, class, &document.tenant).await?;
    let generation = document.next_generation();
    place(&mut tx, &document, class.id, generation, at).await?;
    query("UPDATE revision SET target = $2 WHERE document = $1 AND state IN ('pending', 'held')")
        .bind(document.id.bytes().as_slice())
        .bind(class.id.bytes().as_slice())
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
    reading::advance_epoch(&mut tx).await?;
    tx.commit().await.map_err(failed)
}

/// Sets a document's class and takes this generation; where points lie, notes that they are to move.
pub(super) async fn place(
    conn: &mut SqliteConnection,
    document: &DocumentRow,
    class: ClassId,
    generation: u64,
    at: Timestamp,
) -> Result<(), LedgerError> {
    take_generation(conn, document.id, generation).await?;
    if document.serving.is_some() {
        query(
            "INSERT INTO placement_move (document, to_generation, from_class, from_generation) \
             VALUES ($1, $2, $3, $4)",
        )
        .bind(document.id.bytes().as_slice())
        .bind(stored(generation)?)
        .bind(document.class.bytes().as_slice())
        .bind(stored(document.generation)?)
        .execute(&mut *conn)
        .await
        .map_err(failed)?;
    }
    set_placement(conn, document.id, class, generation, at).await
}

/// Notes that a generation is taken.
pub(super) async fn take_generation(
    conn: &mut SqliteConnection,
    document: DocumentId,
    generation: u64,
) -> Result<(), LedgerError> {
    query("UPDATE document SET last_generation = $2 WHERE id = $1")
        .bind(document.bytes().as_slice())
        .bind(stored(generation)?)
        .execute(conn)
        .await
        .map_err(failed)?;
    Ok(())
}

/// Sets where the points of what a document serves lie.
pub(super) async fn set_placement(
    conn: &mut SqliteConnection,
    document: DocumentId,
    class: ClassId,
    generation: u64,
    at: Timestamp,
) -> Result<(), LedgerError> {
    query("UPDATE document SET class = $2, generation = $3, changed_at = $4 WHERE id = $1")
        .bind(document.bytes().as_slice())
        .bind(class.bytes().as_slice())
        .bind(stored(generation)?)
        .bind(at.0)
        .execute(&mut *conn)
        .await
        .map_err(failed)?;
    // This transaction advances the epoch, before or after this.
    query("UPDATE access_class SET used = (SELECT epoch + 1 FROM ledger) WHERE id = $1")
        .bind(class.bytes().as_slice())
        .execute(conn)
        .await
        .map_err(failed)?;
    Ok(())
}

pub(super) async fn moves(ledger: &SqliteLedger) -> Result<Vec<DocumentId>, LedgerError> {
    let rows = query("SELECT DISTINCT document FROM placement_move ORDER BY document")
        .fetch_all(&ledger.readers)
        .await
        .map_err(failed)?;
    rows.iter().map(|row| Fields(row).id("document", DocumentId::new)).collect()
}

pub(super) async fn moved(
    ledger: &SqliteLedger,
    document: DocumentId,
    generation: u64,
) -> Result<(), LedgerError> {
    let mut tx = ledger.write().await?;
    query("DELETE FROM placement_move WHERE document = $1 AND to_generation <= $2")
        .bind(document.bytes().as_slice())
        .bind(stored(generation)?)
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
    tx.commit().await.map_err(failed)
}

/// The points that were to move are no longer served.
pub(super) async fn forget_moves(
    conn: &mut SqliteConnection,
    document: DocumentId,
) -> Result<(), LedgerError> {
    query("DELETE FROM placement_move WHERE document = $1")
        .bind(document.bytes().as_slice())
        .execute(conn)
        .await
        .map_err(failed)?;
    Ok(())
}
