//! The embedded default: Qdrant's engine in this process, on disk, no server.
//!
//! The store is one folder; each collection is a folder in it, named by its id, which appears and
//! disappears by one rename. One process at a time: the folder is locked while the store is open.
//!
//! Lets through on purpose: writes that were not flushed may be lost when the process is killed, and a
//! point that was given other vectors without a flush may come back as a mixture of both, whose stamp
//! does not hold. The ledger commits after a flush, and what it did not commit is done again.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::edge_points::stored;
use super::edge_shard::{Shard, at};
use super::{engine, fits, shapes_fit};
use crate::domain::id::{CollectionId, PointId};
use crate::domain::limits::STORE_SEGMENT_KIB;
use crate::domain::retrieval::{Hit, ScopedQuery};
use crate::domain::source::Collection;
use crate::domain::stamp::StampedChunk;
use crate::pipeline::ports::{StoreError, VectorStore};

/// Name of the file whose lock says that the store is open.
const LOCK_FILE: &str = ".lock";
/// A collection that is being made; without its last rename it never was.
const MAKING: &str = ".making-";
/// A collection that was destroyed and is being removed.
const LEAVING: &str = ".leaving-";

/// Collections in one folder.
#[derive(Debug, Clone)]
pub struct EdgeStore {
    folder: Arc<Folder>,
}

#[derive(Debug)]
struct Folder {
    dir: PathBuf,
    /// KiB of vectors of one kind in a segment that is full.
    segment_kib: usize,
    /// Open collections.
    shards: Mutex<BTreeMap<CollectionId, Arc<Shard>>>,
    /// Given back by the operating system when the store is dropped or its process dies; after the
    /// shards above, which are closed first.
    _lock: File,
}

impl EdgeStore {
    /// Opens the store in this folder, makes the folder if need be, and removes what a crash left
    /// half made or half removed. Blocks.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        Self::open_with(dir, STORE_SEGMENT_KIB)
    }

    /// The same with segments that are full at another size, in KiB of vectors of one kind.
    pub fn open_with(dir: &Path, segment_kib: usize) -> Result<Self, StoreError> {
        let fault = |fault| at(dir, &fault);
        fs::create_dir_all(dir).map_err(fault)?;
        let lock = File::create(dir.join(LOCK_FILE)).map_err(fault)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let dir = dir.display();
                return Err(engine(format!("`{dir}` is in use by another process")));
            }
            Err(TryLockError::Error(error)) => return Err(fault(error)),
        }
        for entry in fs::read_dir(dir).map_err(fault)? {
            let entry = entry.map_err(fault)?;
            let name = entry.file_name();
            let is_leftover = |name: &str| name.starts_with(MAKING) || name.starts_with(LEAVING);
            if name.to_str().is_some_and(is_leftover) {
                fs::remove_dir_all(entry.path()).map_err(fault)?;
            }
        }
        let shards = Mutex::default();
        let dir = dir.to_owned();
        Ok(Self { folder: Arc::new(Folder { dir, segment_kib, shards, _lock: lock }) })
    }

    /// Runs one step where it may block. A panic of the engine ends the step, not the process.
    async fn blocking<T: Send + 'static>(
        &self,
        step: impl FnOnce(&Folder) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let folder = Arc::clone(&self.folder);
        tokio::task::spawn_blocking(move || step(&folder))
            .await
            .map_err(|_| engine("the engine broke off"))?
    }
}

impl Folder {
    fn shards(&self) -> MutexGuard<'_, BTreeMap<CollectionId, Arc<Shard>>> {
        self.shards.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn path(&self, prefix: &str, collection: CollectionId) -> PathBuf {
        self.dir.join(format!("{prefix}{collection}"))
    }

    /// The collection, opened at its first use.
    fn shard(&self, collection: CollectionId) -> Result<Arc<Shard>, StoreError> {
        let mut shards = self.shards();
        if let Some(shard) = shards.get(&collection) {
            return Ok(Arc::clone(shard));
        }
        let dir = self.path("", collection);
        if !dir.is_dir() {
            return Err(StoreError::Missing { collection });
        }
        let shard = Arc::new(Shard::open(collection, dir, self.segment_kib)?);
        shards.insert(collection, Arc::clone(&shard));
        Ok(shard)
    }

    fn create(&self, collection: &Collection) -> Result<(), StoreError> {
        shapes_fit(&collection.vectors)?;
        let shard = match self.shard(collection.id) {
            Err(StoreError::Missing { .. }) => {
                self.make(collection)?;
                self.shard(collection.id)?
            }
            found => found?,
        };
        if *shard.shapes() == collection.vectors {
            Ok(())
        } else {
            Err(StoreError::OtherVectors { collection: collection.id })
        }
    }

    fn make(&self, collection: &Collection) -> Result<(), StoreError> {
        let _shards = self.shards();
        let place = self.path("", collection.id);
        if place.is_dir() {
            return Ok(());
        }
        fs::create_dir_all(&self.dir).map_err(|fault| at(&self.dir, &fault))?;
        let making = self.path(MAKING, collection.id);
        if making.is_dir() {
            fs::remove_dir_all(&making).map_err(|fault| at(&making, &fault))?;
        }
        Shard::make(&making, &collection.vectors)?;
        self.rename(&making, &place)
    }

    fn destroy(&self, collection: CollectionId) -> Result<(), StoreError> {
        let mut shards = self.shards();
        if let Some(shard) = shards.remove(&collection) {
            // The engine flushes when it is closed, and panics where it cannot: there is nothing to save.
            drop(catch_unwind(AssertUnwindSafe(|| shard.close())));
        }
        let place = self.path("", collection);
        if !place.is_dir() {
            return Ok(());
        }
        let leaving = self.path(LEAVING, collection);
        self.rename(&place, &leaving)?;
        fs::remove_dir_all(&leaving).map_err(|fault| at(&leaving, &fault))
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<(), StoreError> {
        fs::rename(from, to)
            .and_then(|()| File::open(&self.dir)?.sync_all())
            .map_err(|fault| at(to, &fault))
    }
}

#[async_trait]
impl VectorStore for EdgeStore {
    async fn create(&self, collection: &Collection) -> Result<(), StoreError> {
        let collection = collection.clone();
        self.blocking(move |folder| folder.create(&collection)).await
    }

    async fn destroy(&self, collection: CollectionId) -> Result<(), StoreError> {
        self.blocking(move |folder| folder.destroy(collection)).await
    }

    async fn upsert(
        &self,
        collection: CollectionId,
        chunks: &[StampedChunk],
    ) -> Result<(), StoreError> {
        let chunks = chunks.to_vec();
        self.blocking(move |folder| {
            let shard = folder.shard(collection)?;
            chunks.iter().try_for_each(|chunk| fits(collection, shard.shapes(), chunk))?;
            shard.upsert(chunks.iter().map(stored).collect())
        })
        .await
    }

    async fn delete(&self, collection: CollectionId, points: &[PointId]) -> Result<(), StoreError> {
        let points = points.to_vec();
        self.blocking(move |folder| folder.shard(collection)?.delete(&points)).await
    }

    async fn flush(&self, collection: CollectionId) -> Result<(), StoreError> {
        self.blocking(move |folder| folder.shard(collection)?.flush()).await
    }

    async fn search(
        &self,
        query: &ScopedQuery,
        limit: usize,
        except: &[PointId],
    ) -> Result<Vec<Hit>, StoreError> {
        let (query, except) = (query.clone(), except.to_vec());
        let collection = query.query().collection;
        self.blocking(move |folder| folder.shard(collection)?.search(&query, limit, &except)).await
    }

    async fn scroll(
        &self,
        collection: CollectionId,
        after: Option<PointId>,
        limit: usize,
    ) -> Result<Vec<Hit>, StoreError> {
        self.blocking(move |folder| folder.shard(collection)?.scroll(after, limit)).await
    }
}
