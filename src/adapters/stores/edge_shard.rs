//! One collection on disk: one shard of the engine, its maintenance, and its search.
//!
//! Writes are done one after another; searches go on beside them. Facts of the engine's version that
//! shape this file: `load` does not replay the write-ahead log, which thus only costs room; `flush`
//! panics when an update runs beside it; nothing is ever cleaned up unasked.
//!
//! Lets through on purpose: at the edge of an answer, of more than `STORE_TIES_MAX` points with one score,
//! those that the engine happens to hold on to, which differs with how its segments lie. The same where a
//! question's weights have both signs and cancel: then the engine's rounding is larger than
//! `STORE_SCORE_ROUNDING`, and what it drops is not missed.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};

use qdrant_edge::{
    CreateIndex, EdgeShard, FieldIndexOperations, KeywordIndexParams, NamedQuery, OperationError,
    PayloadFieldSchema, PayloadSchemaParams, PointId as EdgeId, PointInsertOperations,
    PointOperations, PointStructPersisted, QueryEnum, ScrollRequest, SearchParams, SearchRequest,
    UpdateOperation, WithPayloadInterface, WithVector,
};
use walkdir::WalkDir;

use super::edge_points::{
    class_path, config, engine_id, filter, hit, next_id, no_graph, optimizers, point_id,
    query_vector, shapes,
};
use super::{Shapes, engine, is_of_class, query_fits};
use crate::domain::id::{CollectionId, PointId};
use crate::domain::limits::{
    REFILL_ROUNDS_MAX, STORE_SCORE_ROUNDING, STORE_TIES_MAX, STORE_WAL_BYTES_MAX,
    STORE_WRITES_BEFORE_CLEARING, UPSERT_BATCH_POINTS,
};
use crate::domain::retrieval::{Hit, Query, ScopedQuery};
use crate::pipeline::ports::StoreError;

/// An open collection.
#[derive(Debug)]
pub(super) struct Shard {
    collection: CollectionId,
    dir: PathBuf,
    shapes: Shapes,
    segment_kib: usize,
    /// `None` after `close`. Taken for writing only to reopen or close it.
    engine: RwLock<Option<EdgeShard>>,
    /// Points written since the engine last looked what to clear or pack. Held for the length of every
    /// write; poisoned when the engine panicked in one, after which nothing is written until it is opened
    /// anew.
    writes: Mutex<usize>,
}

impl Shard {
    /// Makes a collection's directory, complete and flushed.
    pub(super) fn make(dir: &Path, wanted: &Shapes) -> Result<(), StoreError> {
        fs::create_dir(dir).map_err(|fault| at(dir, &fault))?;
        let shard = EdgeShard::new(dir, config(wanted)).map_err(failed)?;
        let index = CreateIndex {
            field_name: class_path().parse().map_err(|()| engine("class field is no path"))?,
            field_schema: Some(PayloadFieldSchema::FieldParams(PayloadSchemaParams::Keyword(
                KeywordIndexParams::default(),
            ))),
        };
        let operation = FieldIndexOperations::CreateIndex(index);
        shard.update(UpdateOperation::FieldIndexOperation(operation)).map_err(failed)?;
        shard.flush();
        drop(shard);
        sync_tree(dir)
    }

    /// Opens a collection's directory. Of as many KiB of vectors is a segment that is full.
    pub(super) fn open(
        collection: CollectionId,
        dir: PathBuf,
        segment_kib: usize,
    ) -> Result<Self, StoreError> {
        let shard = load(&dir, segment_kib)?;
        let shapes = shapes(&shard.config()).ok_or(StoreError::OtherVectors { collection })?;
        let engine = RwLock::new(Some(shard));
        // The first flush looks: many short runs may have written much together.
        let writes = Mutex::new(STORE_WRITES_BEFORE_CLEARING);
        Ok(Self { collection, dir, shapes, segment_kib, engine, writes })
    }

    pub(super) const fn shapes(&self) -> &Shapes {
        &self.shapes
    }

    /// Lets go of the directory, whatever happened before.
    pub(super) fn close(&self) {
        let _writes = self.writes.lock().unwrap_or_else(PoisonError::into_inner);
        *self.engine.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    pub(super) fn upsert(&self, points: Vec<PointStructPersisted>) -> Result<(), StoreError> {
        let mut points = points.into_iter().peekable();
        while points.peek().is_some() {
            let batch: Vec<_> = points.by_ref().take(UPSERT_BATCH_POINTS).collect();
            let count = batch.len();
            let batch = PointInsertOperations::PointsList(batch);
            self.write(count, PointOperations::UpsertPoints(batch))?;
        }
        Ok(())
    }

    pub(super) fn delete(&self, points: &[PointId]) -> Result<(), StoreError> {
        if points.is_empty() {
            return Ok(());
        }
        let ids = points.iter().copied().map(engine_id).collect();
        self.write(points.len(), PointOperations::DeletePoints { ids })
    }

    fn write(&self, count: usize, operation: PointOperations) -> Result<(), StoreError> {
        let mut writes = self.writes()?;
        let guard = self.engine()?;
        self.opened(&guard)?.update(UpdateOperation::PointOperation(operation)).map_err(failed)?;
        *writes = writes.saturating_add(count);
        Ok(())
    }

    /// When it is time, clears dead points away and packs a segment that is full, then brings everything to
    /// the disk: file contents by the engine, names of files by us.
    pub(super) fn flush(&self) -> Result<(), StoreError> {
        let mut writes = self.writes()?;
        {
            let guard = self.engine()?;
            let shard = self.opened(&guard)?;
            if *writes >= STORE_WRITES_BEFORE_CLEARING {
                shard.optimize().map_err(failed)?;
                *writes = 0;
            }
            shard.flush();
        }
        sync_tree(&self.dir)?;
        if spent_wal(&self.dir)?.iter().map(|(_, _, bytes)| bytes).sum::<u64>()
            > STORE_WAL_BYTES_MAX
        {
            self.reopen()?;
        }
        Ok(())
    }

    fn reopen(&self) -> Result<(), StoreError> {
        let mut shard = self.engine.write().map_err(|_| broken())?;
        *shard = None;
        *shard = Some(load(&self.dir, self.segment_kib)?);
        Ok(())
    }

    /// Asks for ids first, with room for ties, and fetches payloads only of those that may go out. The
    /// engine's filter also takes a list of classes for its members, so each payload is looked at.
    ///
    /// The engine adds up a score in an order that depends on which words came first in a segment and on
    /// how many of its points have each: on documents of others. Scores that go out are computed anew, and
    /// what its rounding may have put behind the last is fetched as well.
    pub(super) fn search(
        &self,
        query: &ScopedQuery,
        limit: usize,
        except: &[PointId],
    ) -> Result<Vec<Hit>, StoreError> {
        query_fits(&self.shapes, query.query())?;
        let guard = self.engine()?;
        let shard = self.opened(&guard)?;
        let mut except = except.to_vec();
        let mut hits: Vec<Hit> = Vec::new();
        for _ in 0..REFILL_ROUNDS_MAX {
            let asked = limit.saturating_sub(hits.len()).saturating_add(STORE_TIES_MAX);
            let found = ranked(shard, query, asked, &except)?;
            let (mut rest, mut least) = (found.as_slice(), f32::INFINITY);
            while let Some((now, later)) = rest.split_at_checked(rest.len().min(limit - hits.len()))
                && !now.is_empty()
            {
                (rest, least) = (later, now.last().map_or(least, |(_, score)| *score));
                hits.extend(self.fetch(shard, query, now)?);
            }
            let close = least - STORE_SCORE_ROUNDING * least.abs().max(1.0);
            let (close, _) = rest.split_at(rest.partition_point(|(_, score)| *score >= close));
            let better = self.better(shard, query, close, &hits)?;
            hits.extend(self.fetch(shard, query, &better)?);
            if hits.len() >= limit || found.len() < asked {
                break;
            }
            except.extend(found.iter().map(|(id, _)| point_id(*id)));
        }
        hits.sort_by(Hit::best_first);
        hits.truncate(limit);
        Ok(hits)
    }

    /// Ranked points of the query's classes with payloads, vectors and scores of their own.
    fn fetch(
        &self,
        shard: &EdgeShard,
        query: &ScopedQuery,
        ranked: &[(EdgeId, f32)],
    ) -> Result<Vec<Hit>, StoreError> {
        let found = self.scored(shard, query, ranked, true)?.into_iter();
        Ok(found.filter(|hit| is_of_class(&hit.payload, query.classes())).collect())
    }

    /// Those of some ranked points that are better than the last of these hits.
    fn better(
        &self,
        shard: &EdgeShard,
        query: &ScopedQuery,
        close: &[(EdgeId, f32)],
        hits: &[Hit],
    ) -> Result<Vec<(EdgeId, f32)>, StoreError> {
        let Some(last) = hits.iter().max_by(|one, two| one.best_first(two)) else {
            return Ok(Vec::new());
        };
        let scored = self.scored(shard, query, close, false)?.into_iter();
        let better = scored.filter(|hit| hit.best_first(last).is_lt());
        Ok(better.map(|hit| (engine_id(hit.point), hit.score)).collect())
    }

    /// Points with their own scores. One that was deleted since is left out; one whose vector is not what
    /// was found goes on to the re-check, which says so.
    fn scored(
        &self,
        shard: &EdgeShard,
        query: &ScopedQuery,
        ranked: &[(EdgeId, f32)],
        whole: bool,
    ) -> Result<Vec<Hit>, StoreError> {
        if ranked.is_empty() {
            return Ok(Vec::new());
        }
        let Query { using, vector, .. } = query.query();
        let ids: Vec<EdgeId> = ranked.iter().map(|(id, _)| *id).collect();
        let vectors = match whole {
            true => WithVector::Bool(true),
            false => WithVector::Selector(vec![using.clone()]),
        };
        let payload = WithPayloadInterface::Bool(whole);
        let records = shard.retrieve(&ids, Some(payload), Some(vectors)).map_err(failed)?;
        let scored = records.into_iter().map(|record| {
            let mut hit = hit(self.collection, record.id, record.payload, record.vector);
            let own = hit.vectors.get(using).and_then(|found| vector.similarity(found));
            hit.score = own.unwrap_or_default();
            hit
        });
        Ok(scored.collect())
    }

    pub(super) fn scroll(
        &self,
        after: Option<PointId>,
        limit: usize,
    ) -> Result<Vec<Hit>, StoreError> {
        let offset = match after.map(next_id) {
            Some(None) => return Ok(Vec::new()),
            Some(Some(next)) => Some(engine_id(next)),
            None => None,
        };
        if limit == 0 {
            return Ok(Vec::new());
        }
        let request = ScrollRequest {
            offset,
            limit: Some(limit),
            filter: None,
            with_payload: Some(WithPayloadInterface::Bool(true)),
            with_vector: WithVector::Bool(true),
            order_by: None,
        };
        let guard = self.engine()?;
        let (records, _) = self.opened(&guard)?.scroll(request).map_err(failed)?;
        let made = records
            .into_iter()
            .map(|record| hit(self.collection, record.id, record.payload, record.vector));
        Ok(made.collect())
    }

    fn writes(&self) -> Result<MutexGuard<'_, usize>, StoreError> {
        self.writes.lock().map_err(|_| broken())
    }

    fn engine(&self) -> Result<RwLockReadGuard<'_, Option<EdgeShard>>, StoreError> {
        self.engine.read().map_err(|_| broken())
    }

    fn opened<'a>(&self, shard: &'a Option<EdgeShard>) -> Result<&'a EdgeShard, StoreError> {
        shard.as_ref().ok_or(StoreError::Missing { collection: self.collection })
    }
}

/// The best ids, best first, ties by rising id.
fn ranked(
    shard: &EdgeShard,
    query: &ScopedQuery,
    limit: usize,
    except: &[PointId],
) -> Result<Vec<(EdgeId, f32)>, StoreError> {
    let nearest = NamedQuery {
        query: query_vector(&query.query().vector),
        using: Some(query.query().using.clone()),
    };
    let request = SearchRequest {
        query: QueryEnum::Nearest(nearest),
        filter: Some(filter(query, except)?),
        params: Some(SearchParams { exact: true, ..SearchParams::default() }),
        limit,
        offset: 0,
        with_payload: Some(WithPayloadInterface::Bool(false)),
        with_vector: Some(WithVector::Bool(false)),
        score_threshold: None,
    };
    let found = shard.search(request).map_err(failed)?;
    let mut found: Vec<(EdgeId, f32)> =
        found.into_iter().map(|point| (point.id, point.score)).collect();
    found.sort_by(|one, two| two.1.total_cmp(&one.1).then_with(|| one.0.cmp(&two.0)));
    Ok(found)
}

fn load(dir: &Path, segment_kib: usize) -> Result<EdgeShard, StoreError> {
    // What a clearing that was killed had built so far.
    match fs::remove_dir_all(dir.join("temp_segments")) {
        Err(fault) if fault.kind() != io::ErrorKind::NotFound => return Err(at(dir, &fault)),
        Ok(()) | Err(_) => {}
    }
    trim_wal(dir)?;
    for _ in 0..LOCKED_TRIES_MAX {
        match EdgeShard::load(dir, None).map_err(failed) {
            Err(fault) if fault.to_string().contains("WouldBlock") => {
                std::thread::sleep(LOCKED_PAUSE);
            }
            loaded => return tuned(loaded?, segment_kib),
        }
    }
    tuned(EdgeShard::load(dir, None).map_err(failed)?, segment_kib)
}

/// How segments grow is said at every opening: also to a collection that was made when we said otherwise.
fn tuned(shard: EdgeShard, segment_kib: usize) -> Result<EdgeShard, StoreError> {
    let (optimizers, graph) = (optimizers(segment_kib), no_graph());
    if shard.config().optimizers != optimizers {
        shard.set_optimizers_config(optimizers).map_err(failed)?;
    }
    if shard.config().hnsw_config != graph {
        shard.set_hnsw_config(graph).map_err(failed)?;
    }
    Ok(shard)
}

/// A child of this process that is just being started still has the lock of a log that was closed a moment
/// ago; it lets go of it when its program begins.
const LOCKED_TRIES_MAX: usize = 20;
const LOCKED_PAUSE: std::time::Duration = std::time::Duration::from_millis(50);

/// Removes spent files of the write-ahead log. Only the newest stays: its name and length tell the
/// engine how operations are numbered on, and a number that was used before would be passed over.
fn trim_wal(dir: &Path) -> Result<(), StoreError> {
    let mut spent = spent_wal(dir)?;
    spent.sort_unstable_by_key(|(first, _, _)| *first);
    spent.pop();
    for (_, path, _) in spent {
        fs::remove_file(&path).map_err(|fault| at(&path, &fault))?;
    }
    Ok(())
}

/// Closed files of the write-ahead log: number of the first operation, path, bytes.
fn spent_wal(dir: &Path) -> Result<Vec<(u64, PathBuf, u64)>, StoreError> {
    let wal = dir.join("wal");
    let fault = |fault: io::Error| at(&wal, &fault);
    let mut spent = Vec::new();
    for entry in fs::read_dir(&wal).map_err(fault)? {
        let entry = entry.map_err(fault)?;
        let name = entry.file_name();
        let first = name.to_str().and_then(|name| name.strip_prefix("closed-")?.parse().ok());
        if let Some(first) = first {
            spent.push((first, entry.path(), entry.metadata().map_err(fault)?.len()));
        }
    }
    Ok(spent)
}

/// Syncs every file and folder below. The engine syncs what it has written into files, but not the
/// folders in which it made them, and a file whose name is lost is lost. The engine's log makes its next
/// file in the background and renames it: a name that is gone when its turn comes held nothing that was
/// written before.
pub(super) fn sync_tree(dir: &Path) -> Result<(), StoreError> {
    for entry in WalkDir::new(dir) {
        let entry = match entry {
            Ok(entry) => entry,
            Err(fault) if fault.depth() > 0 && is_gone(fault.io_error()) => continue,
            Err(fault) => return Err(engine(fault.to_string())),
        };
        match File::open(entry.path()).and_then(|file| file.sync_all()) {
            Err(fault) if entry.depth() == 0 || !is_gone(Some(&fault)) => {
                return Err(at(entry.path(), &fault));
            }
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}

fn is_gone(fault: Option<&io::Error>) -> bool {
    fault.is_some_and(|fault| fault.kind() == io::ErrorKind::NotFound)
}

pub(super) fn at(path: &Path, fault: &io::Error) -> StoreError {
    engine(format!("`{}`: {fault}", path.display()))
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` takes")]
fn failed(fault: OperationError) -> StoreError {
    engine(fault.to_string())
}

/// A panic of the engine left a lock behind.
fn broken() -> StoreError {
    engine("an earlier operation broke off; open the store anew")
}
