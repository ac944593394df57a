//! The store as a cache of the ledger: what is to lie in it, what it must forget, and whether it is
//! being made anew.

use sqlx::{AssertSqlSafe, query};
use uuid::Uuid;

use super::error::{damaged, failed, missing};
use super::rows::{Fields, batches, placeholders};
use super::{SqliteLedger, chunks, documents};
use crate::domain::id::{ClassId, CollectionId, DocumentId, PointId, RevisionId};
use crate::domain::stamp::Place;
use crate::pipeline::ledger::{LedgerError, Placing, RevisionState};

pub(super) async fn pending(ledger: &SqliteLedger) -> Result<Vec<RevisionId>, LedgerError> {
    let rows = query("SELECT id FROM revision WHERE state = 'pending' ORDER BY arrival")
        .fetch_all(&ledger.readers)
        .await
        .map_err(failed)?;
    rows.iter().map(|row| Fields(row).id("id", RevisionId::new)).collect()
}

/// A pending revision's points lie as it was staged, whatever access was set since: the commit sees
/// to that.
pub(super) async fn placing(
    ledger: &SqliteLedger,
    revision: RevisionId,
) -> Result<Placing, LedgerError> {
    let gone = || missing(format!("revision {revision}, pending or serving,"));
    let mut tx = ledger.read().await?;
    let row = query(
        "SELECT document, collection, state, class, generation, wrapped_key, \
         placed_key FROM revision \
         WHERE id = $1",
    )
    .bind(revision.bytes().as_slice())
    .fetch_optional(&mut *tx)
    .await
    .map_err(failed)?
    .ok_or_else(gone)?;
    let fields = Fields(&row);
    let document = documents::find(&mut tx, fields.id("document", DocumentId::new)?)
        .await?
        .ok_or_else(|| damaged(format!("document of revision {revision}")))?;
    let (class, generation) = match fields.state()? {
        RevisionState::Pending => (fields.id("class", ClassId::new)?, fields.number("generation")?),
        RevisionState::Serving => (document.class, document.generation),
        RevisionState::Superseded
        | RevisionState::Held
        | RevisionState::Rejected
        | RevisionState::Purged
        | RevisionState::Removed => return Err(gone()),
    };
    let collection = fields.id("collection", CollectionId::new)?;
    let records = chunks::load(&mut tx, ledger, revision, fields.bytes("wrapped_key")?).await?;
    let place = Place { collection, tenant: document.tenant, class, generation };
    let as_sealed = || records.first().map(|record| record.key.clone());
    let placed_key = fields.text_if("placed_key")?.or_else(as_sealed);
    Ok(Placing { document: document.id, revision, place, records, placed_key })
}

pub(super) async fn points_to_drop(
    ledger: &SqliteLedger,
) -> Result<Vec<(CollectionId, PointId)>, LedgerError> {
    let rows = query("SELECT collection, point FROM dropped_point ORDER BY collection, point")
        .fetch_all(&ledger.readers)
        .await
        .map_err(failed)?;
    rows.iter()
        .map(|row| {
            let fields = Fields(row);
            Ok((fields.id("collection", CollectionId::new)?, fields.id("point", PointId::new)?))
        })
        .collect()
}

pub(super) async fn points_dropped(
    ledger: &SqliteLedger,
    points: &[PointId],
) -> Result<(), LedgerError> {
    let mut tx = ledger.write().await?;
    for batch in batches(points) {
        let names = placeholders(1, batch.len());
        let sql = format!("DELETE FROM dropped_point WHERE point IN ({names})");
        let mut query = query(AssertSqlSafe(sql));
        for point in &batch {
            query = query.bind(point.bytes().as_slice());
        }
        query.execute(&mut *tx).await.map_err(failed)?;
    }
    tx.commit().await.map_err(failed)
}

pub(super) async fn set_rebuilding(
    ledger: &SqliteLedger,
    collection: CollectionId,
    on: bool,
) -> Result<(), LedgerError> {
    let mut tx = ledger.write().await?;
    // The files that it begins with hold nothing yet; what is erased from then on may get into them.
    let done = query(
        "UPDATE collection SET rebuilding = $2, \
         erased_from = CASE WHEN $2 = 1 THEN NULL ELSE erased_from END WHERE id = $1",
    )
    .bind(collection.bytes().as_slice())
    .bind(i64::from(on))
    .execute(&mut *tx)
    .await
    .map_err(failed)?;
    if done.rows_affected() == 0 {
        return Err(missing(format!("collection {collection}")));
    }
    tx.commit().await.map_err(failed)
}

pub(super) async fn rebuilding(ledger: &SqliteLedger) -> Result<Vec<CollectionId>, LedgerError> {
    let rows = query("SELECT id FROM collection WHERE rebuilding = 1 ORDER BY id")
        .fetch_all(&ledger.readers)
        .await
        .map_err(failed)?;
    rows.iter().map(|row| Fields(row).id("id", CollectionId::new)).collect()
}

pub(super) async fn serving(
    ledger: &SqliteLedger,
    collection: CollectionId,
    after: Option<RevisionId>,
    limit: usize,
) -> Result<Vec<RevisionId>, LedgerError> {
    let rows = query(
        "SELECT id FROM revision WHERE state = 'serving' AND collection = $1 AND id > $2 \
         ORDER BY id LIMIT $3",
    )
    .bind(collection.bytes().as_slice())
    .bind(start(after.map(RevisionId::uuid)))
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .fetch_all(&ledger.readers)
    .await
    .map_err(failed)?;
    rows.iter().map(|row| Fields(row).id("id", RevisionId::new)).collect()
}

pub(super) async fn served_points(
    ledger: &SqliteLedger,
    collection: CollectionId,
    after: Option<PointId>,
    limit: usize,
) -> Result<Vec<PointId>, LedgerError> {
    let rows = query(
        "SELECT c.point FROM chunk c JOIN revision r ON r.id = c.revision \
         WHERE r.state = 'serving' AND c.collection = $1 AND c.point > $2 \
         ORDER BY c.point LIMIT $3",
    )
    .bind(collection.bytes().as_slice())
    .bind(start(after.map(PointId::uuid)))
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .fetch_all(&ledger.readers)
    .await
    .map_err(failed)?;
    rows.iter().map(|row| Fields(row).id("point", PointId::new)).collect()
}

/// Before the first id: the empty string of bytes sorts before all others.
fn start(after: Option<Uuid>) -> Vec<u8> {
    after.map(|id| id.as_bytes().to_vec()).unwrap_or_default()
}
