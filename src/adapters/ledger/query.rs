//! What a query asks: the epoch, the classes that guard something, and what is true of chunks now.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sqlx::query;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use uuid::Uuid;

use super::error::{damaged, failed};
use super::rows::{Fields, select_in, stored};
use super::{SqliteLedger, classes};
use crate::domain::access::AccessClass;
use crate::domain::digest::Digest;
use crate::domain::id::{ChunkId, ClassId, CollectionId, DocumentId, PointId, RevisionId};
use crate::domain::policy::Verdict;
use crate::domain::retrieval::{ChunkState, Liveness};
use crate::domain::source::Tenant;
use crate::domain::time::Timestamp;
use crate::domain::verdict::Basis;
use crate::pipeline::ledger::{LedgerError, RevisionState};

pub(super) async fn epoch(ledger: &SqliteLedger) -> Result<u64, LedgerError> {
    let lease = &ledger.lease;
    if let Some(epoch) = lease.held() {
        return Ok(epoch);
    }
    let _turn = lease.turn().await;
    if let Some(epoch) = lease.held() {
        return Ok(epoch);
    }
    let begun = lease.begin();
    let epoch = read_epoch(&mut *ledger.readers.acquire().await.map_err(failed)?).await?;
    lease.confirm(begun, epoch);
    Ok(epoch)
}

async fn read_epoch(conn: &mut SqliteConnection) -> Result<u64, LedgerError> {
    let row = query("SELECT epoch FROM ledger")
        .fetch_optional(conn)
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
) -> Result<(Vec<AccessClass>, u64), LedgerError> {
    let mut tx = ledger.read().await?;
    let epoch = read_epoch(&mut tx).await?;
    let rows = query(
        "SELECT c.id, c.tenant, c.digest, c.list FROM access_class c WHERE c.tenant = $1 AND (\
         EXISTS (SELECT 1 FROM document d WHERE d.class = c.id AND d.serving IS NOT NULL) \
         OR EXISTS (SELECT 1 FROM placement_move m WHERE m.from_class = c.id)) ORDER BY c.id",
    )
    .bind(tenant.as_str())
    .fetch_all(&mut *tx)
    .await
    .map_err(failed)?;
    Ok((rows.iter().map(classes::read).collect::<Result<_, _>>()?, epoch))
}

pub(super) async fn classes_since(
    ledger: &SqliteLedger,
    tenant: &Tenant,
    epoch: u64,
) -> Result<(Vec<AccessClass>, u64), LedgerError> {
    let mut tx = ledger.read().await?;
    let now = read_epoch(&mut tx).await?;
    let sql = "SELECT id, tenant, digest, list FROM access_class \
               WHERE tenant = $1 AND used > $2 ORDER BY used, id";
    let rows = query(sql)
        .bind(tenant.as_str())
        .bind(stored(epoch)?)
        .fetch_all(&mut *tx)
        .await
        .map_err(failed)?;
    Ok((rows.iter().map(classes::read).collect::<Result<_, _>>()?, now))
}

/// Short questions instead of one long join: many hits are of few revisions, and hardly any of one
/// whose points wait to be dropped. They need no common transaction: how revisions stand is one
/// statement's answer and is what counts; rows of chunks and classes never change in what is read
/// of them, and a point that is dropped in between has ended.
pub(super) async fn states(
    ledger: &SqliteLedger,
    collection: CollectionId,
    points: &[PointId],
) -> Result<BTreeMap<PointId, ChunkState>, LedgerError> {
    let mut conn = ledger.readers.acquire().await.map_err(failed)?;
    let chunks = chunks(&mut conn, collection, points).await?;
    let revisions: BTreeSet<RevisionId> = chunks.iter().map(|chunk| chunk.revision).collect();
    let revisions = standings(&mut conn, &revisions).await?;
    let is_over = |chunk: &&ChunkRow| {
        revisions.get(&chunk.revision).is_some_and(|standing| standing.liveness == Liveness::Ended)
    };
    let over: Vec<Uuid> = chunks.iter().filter(is_over).map(|chunk| chunk.point.uuid()).collect();
    let dropped = dropped(&mut conn, &over).await?;
    let ids = revisions.values().map(|standing| standing.class).collect();
    let classes = classes::by_id(&mut conn, &ids).await?;
    drop(conn);
    let classes: BTreeMap<ClassId, Arc<AccessClass>> =
        classes.into_iter().map(|(id, class)| (id, Arc::new(class))).collect();
    let states = chunks.into_iter().map(|chunk| {
        let standing = revisions
            .get(&chunk.revision)
            .ok_or_else(|| damaged(format!("revision {}", chunk.revision)))?;
        let class = classes
            .get(&standing.class)
            .ok_or_else(|| damaged(format!("access class {}", standing.class)))?;
        let point = chunk.point;
        Ok((point, state(&chunk, standing, class, dropped.contains(&point))))
    });
    states.collect()
}

fn state(
    chunk: &ChunkRow,
    standing: &Standing,
    class: &Arc<AccessClass>,
    is_dropped: bool,
) -> ChunkState {
    ChunkState {
        chunk: chunk.chunk,
        document: standing.document,
        revision: chunk.revision,
        origin: chunk.origin,
        liveness: if is_dropped { Liveness::InTransit } else { standing.liveness },
        class: Arc::clone(class),
        generation: standing.generation,
        moving_from: standing.moving_from,
        basis: standing.basis,
        verdict: standing.verdict,
        expires_at: standing.expires_at,
    }
}

/// What is true of a chunk whatever happens to its revision.
struct ChunkRow {
    point: PointId,
    chunk: ChunkId,
    revision: RevisionId,
    origin: Digest,
}

/// Looked up by point, and those of another collection left out here: one index less to search.
async fn chunks(
    conn: &mut SqliteConnection,
    collection: CollectionId,
    points: &[PointId],
) -> Result<Vec<ChunkRow>, LedgerError> {
    let points: BTreeSet<Uuid> = points.iter().map(|point| point.uuid()).collect();
    let points: Vec<Uuid> = points.into_iter().collect();
    let sql = "SELECT point, chunk, revision, collection, origin FROM chunk WHERE point IN";
    let mut chunks = Vec::with_capacity(points.len());
    for row in select_in(conn, sql, &points).await? {
        let fields = Fields(&row);
        if fields.id("collection", CollectionId::new)? == collection {
            chunks.push(ChunkRow {
                point: fields.id("point", PointId::new)?,
                chunk: fields.id("chunk", ChunkId::new)?,
                revision: fields.id("revision", RevisionId::new)?,
                origin: fields.digest("origin")?,
            });
        }
    }
    Ok(chunks)
}

/// How a revision stands now.
struct Standing {
    document: DocumentId,
    liveness: Liveness,
    class: ClassId,
    generation: u64,
    moving_from: Option<(ClassId, u64)>,
    basis: Basis,
    verdict: Verdict,
    expires_at: Option<Timestamp>,
}

/// The oldest move of a document is where its points still lie.
async fn standings(
    conn: &mut SqliteConnection,
    revisions: &BTreeSet<RevisionId>,
) -> Result<BTreeMap<RevisionId, Standing>, LedgerError> {
    let revisions: Vec<Uuid> = revisions.iter().map(|revision| revision.uuid()).collect();
    let sql = "SELECT r.id, r.document, r.state, r.verdict, r.basis, r.ruling, \
         r.class AS staged_class, r.generation AS staged_generation, \
         d.class, d.generation, d.serving, m.from_class, m.from_generation, \
         COALESCE(o.expires_at, d.expires_at) AS expires_at \
         FROM revision r JOIN document d ON d.id = r.document \
         LEFT JOIN document o ON o.source = d.source AND o.uri = d.container \
         LEFT JOIN placement_move m ON m.document = d.id AND m.to_generation = \
         (SELECT MIN(n.to_generation) FROM placement_move n WHERE n.document = d.id) \
         WHERE r.id IN";
    let rows = select_in(conn, sql, &revisions).await?;
    rows.iter().map(standing).collect()
}

fn standing(row: &SqliteRow) -> Result<(RevisionId, Standing), LedgerError> {
    let fields = Fields(row);
    let revision = fields.id("id", RevisionId::new)?;
    let state = fields.state()?;
    let is_served = fields.id_if("serving", RevisionId::new)? == Some(revision);
    if is_served != (state == RevisionState::Serving) {
        return Err(damaged(format!("state of revision {revision}")));
    }
    let (liveness, class, generation) = match state {
        RevisionState::Serving => (Liveness::Serving, "class", "generation"),
        RevisionState::Pending => (Liveness::InTransit, "staged_class", "staged_generation"),
        RevisionState::Superseded
        | RevisionState::Held
        | RevisionState::Rejected
        | RevisionState::Purged
        | RevisionState::Removed => (Liveness::Ended, "class", "generation"),
    };
    let from = fields.id_if("from_class", ClassId::new)?.zip(fields.number_if("from_generation")?);
    let standing = Standing {
        document: fields.id("document", DocumentId::new)?,
        liveness,
        class: fields.id(class, ClassId::new)?,
        generation: fields.number(generation)?,
        moving_from: from.filter(|_| is_served),
        basis: fields.basis()?.ok_or_else(|| damaged(format!("basis of revision {revision}")))?,
        verdict: fields.verdict()?,
        expires_at: fields.moment_if("expires_at")?,
    };
    Ok((revision, standing))
}

/// Those of these points that the store was not yet said to have forgotten.
async fn dropped(
    conn: &mut SqliteConnection,
    points: &[Uuid],
) -> Result<BTreeSet<PointId>, LedgerError> {
    let sql = "SELECT point FROM dropped_point WHERE point IN";
    let rows = select_in(conn, sql, points).await?;
    rows.iter().map(|row| Fields(row).id("point", PointId::new)).collect()
}
