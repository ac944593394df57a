//! What a query asks: the epoch, the classes that guard something, and what is true of chunks now.

use std::collections::BTreeMap;

use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, query};

use super::error::{damaged, failed};
use super::rows::{Fields, batches, placeholders};
use super::{SqliteLedger, classes};
use crate::domain::access::AccessClass;
use crate::domain::id::{ChunkId, ClassId, CollectionId, DocumentId, PointId, RevisionId};
use crate::domain::retrieval::{ChunkState, Liveness};
use crate::domain::source::Tenant;
use crate::pipeline::ledger::{LedgerError, RevisionState};

pub(super) async fn epoch(ledger: &SqliteLedger) -> Result<u64, LedgerError> {
    let row = query("SELECT epoch FROM ledger")
        .fetch_optional(&ledger.readers)
        .await
        .map_err(failed)?
        .ok_or_else(|| damaged("first row"))?;
    Fields(&row).number("epoch")
}

/// Within the transaction that changes access or what is served.
pub(super) async fn advance_epoch(conn: &mut SqliteConnection) -> Result<(), LedgerError> {
    query("UPDATE ledger SET epoch = epoch + 1").execute(conn).await.map_err(failed)?;
    Ok(())
}

/// One probe of an index for each class of the tenant, however many documents there are.
pub(super) async fn classes(
    ledger: &SqliteLedger,
    tenant: &Tenant,
) -> Result<Vec<AccessClass>, LedgerError> {
    let rows = query(
        "SELECT c.id, c.tenant, c.digest, c.list FROM access_class c WHERE c.tenant = $1 AND (\
         EXISTS (SELECT 1 FROM document d WHERE d.class = c.id AND d.serving IS NOT NULL) \
         OR EXISTS (SELECT 1 FROM placement_move m WHERE m.from_class = c.id)) ORDER BY c.id",
    )
    .bind(tenant.as_str())
    .fetch_all(&ledger.readers)
    .await
    .map_err(failed)?;
    rows.iter().map(classes::read).collect()
}

pub(super) async fn states(
    ledger: &SqliteLedger,
    collection: CollectionId,
    points: &[PointId],
) -> Result<BTreeMap<PointId, ChunkState>, LedgerError> {
    let mut tx = ledger.read().await?;
    let mut rows = Vec::with_capacity(points.len());
    for batch in batches(points) {
        let sql = states_sql(batch.len());
        let mut query = query(AssertSqlSafe(sql)).bind(collection.bytes().as_slice());
        for point in &batch {
            query = query.bind(point.bytes().as_slice());
        }
        rows.extend(query.fetch_all(&mut *tx).await.map_err(failed)?);
    }
    let ids = rows.iter().map(|row| Ok(placement(row)?.0)).collect::<Result<_, LedgerError>>()?;
    let classes = classes::by_id(&mut tx, &ids).await?;
    rows.iter().map(|row| state(row, &classes)).collect()
}

/// The oldest move of a document is where its points still lie.
fn states_sql(points: usize) -> String {
    let names = placeholders(2, points);
    format!(
        "SELECT c.point, c.chunk, c.origin, r.id AS revision, r.document, r.state, r.verdict, \
         r.basis, r.ruling, r.class AS staged_class, r.generation AS staged_generation, \
         d.class, d.generation, d.serving, \
         EXISTS (SELECT 1 FROM dropped_point q WHERE q.point = c.point) AS dropped, \
         m.from_class, m.from_generation \
         FROM chunk c JOIN revision r ON r.id = c.revision JOIN document d ON d.id = r.document \
         LEFT JOIN placement_move m ON m.document = d.id AND m.to_generation = \
         (SELECT MIN(n.to_generation) FROM placement_move n WHERE n.document = d.id) \
         WHERE c.collection = $1 AND c.point IN ({names})"
    )
}

/// Where the points of this row's revision are to lie.
fn placement(row: &SqliteRow) -> Result<(ClassId, u64), LedgerError> {
    let fields = Fields(row);
    if fields.state()? == RevisionState::Pending {
        return Ok((fields.id("staged_class", ClassId::new)?, fields.number("staged_generation")?));
    }
    Ok((fields.id("class", ClassId::new)?, fields.number("generation")?))
}

fn state(
    row: &SqliteRow,
    classes: &BTreeMap<ClassId, AccessClass>,
) -> Result<(PointId, ChunkState), LedgerError> {
    let fields = Fields(row);
    let revision = fields.id("revision", RevisionId::new)?;
    let (class, generation) = placement(row)?;
    let class = classes.get(&class).ok_or_else(|| damaged(format!("access class {class}")))?;
    let liveness = liveness(fields, revision)?;
    let basis = fields.basis()?.ok_or_else(|| damaged(format!("basis of revision {revision}")))?;
    let state = ChunkState {
        chunk: fields.id("chunk", ChunkId::new)?,
        document: fields.id("document", DocumentId::new)?,
        revision,
        origin: fields.digest("origin")?,
        liveness,
        class: class.clone(),
        generation,
        moving_from: moving_from(fields)?.filter(|_| liveness == Liveness::Serving),
        basis,
        verdict: fields.verdict()?,
    };
    Ok((fields.id("point", PointId::new)?, state))
}

fn liveness(fields: Fields<'_>, revision: RevisionId) -> Result<Liveness, LedgerError> {
    let state = fields.state()?;
    let is_served = fields.id_if("serving", RevisionId::new)? == Some(revision);
    if is_served != (state == RevisionState::Serving) {
        return Err(damaged(format!("state of revision {revision}")));
    }
    Ok(match state {
        RevisionState::Serving => Liveness::Serving,
        RevisionState::Pending => Liveness::InTransit,
        RevisionState::Superseded
        | RevisionState::Held
        | RevisionState::Rejected
        | RevisionState::Purged
        | RevisionState::Removed => {
            if fields.flag("dropped")? {
                Liveness::InTransit
            } else {
                Liveness::Ended
            }
        }
    })
}

fn moving_from(fields: Fields<'_>) -> Result<Option<(ClassId, u64)>, LedgerError> {
    let class = fields.id_if("from_class", ClassId::new)?;
    Ok(class.zip(fields.number_if("from_generation")?))
}
