//! The ledger in one SQLite file.
//!
//! One file here per story of the port; queries are plain SQL with numbered parameters, so that a
//! second database can tell the same stories. Writing transactions are serialised (`BEGIN
//! IMMEDIATE`, one connection) and durable when they return (write-ahead log, `synchronous = FULL`);
//! readers see one committed state each.
//!
//! What a document serves, who may read it and where its points lie is decided by a few columns:
//! `document.class` and `generation` (where the points of what it serves are to lie, now),
//! `placement_move` (where they may still lie), `revision.class` and `generation` (where a pending
//! revision's points lie) and `revision.target` (who reads them once they serve). A change of access
//! that comes between `stage` and `commit` sets `target`; the commit then goes by it and notes a
//! move.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use async_trait::async_trait;
use sqlx::{Sqlite, SqliteConnection, Transaction};
use uuid::Uuid;

use crate::domain::access::{AccessClass, AccessList};
use crate::domain::allow::{AllowEnd, AllowEntry};
use crate::domain::api_key::ApiKey;
use crate::domain::digest::Digest;
use crate::domain::id::{
    AllowId, ApiKeyId, ChunkId, ClassId, CollectionId, DocumentId, PointId, RevisionId, SourceId,
};
use crate::domain::retrieval::ChunkState;
use crate::domain::root::SignedRoot;
use crate::domain::source::{Collection, Name, Source, Tenant};
use crate::domain::stamp::ChunkRecord;
use crate::domain::time::Timestamp;
use crate::pipeline::ledger::{
    Answered, Approval, Contents, DocumentHead, HeldRevision, KeyEnd, Ledger, LedgerError,
    NewRevision, Placing, Recorded, RevisionState, Ruling, Served, Similar,
};

mod access;
mod admin;
mod allow;
mod api_keys;
mod blobs;
mod chunks;
mod classes;
mod contents;
mod documents;
mod error;
mod ingest;
mod lease;
mod listing;
mod migrations;
mod open;
mod people;
mod proofs;
mod quarantine;
mod query;
mod removal;
mod requests;
mod rescans;
mod retention;
mod rows;
mod store;

/// A transaction; it rolls back when it is dropped.
type Tx = Transaction<'static, Sqlite>;

/// A transaction that writes.
#[derive(Debug)]
struct Write {
    tx: Tx,
    /// After the transaction, which is over when this is dropped.
    open: lease::Open,
}

impl Write {
    async fn commit(self) -> Result<(), sqlx::Error> {
        let Self { tx, open } = self;
        let committed = tx.commit().await;
        drop(open);
        committed
    }
}

impl Deref for Write {
    type Target = SqliteConnection;
    fn deref(&self) -> &SqliteConnection {
        &self.tx
    }
}

impl DerefMut for Write {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.tx
    }
}

/// The ledger in a SQLite file. Clones share their connections.
#[derive(Debug, Clone)]
pub struct SqliteLedger {
    writer: open::Pool,
    readers: open::Pool,
    keys: blobs::Keys,
    /// Until when the epoch that was read holds.
    lease: Arc<lease::Lease>,
    /// Whether something was deleted whose traces are still in the log.
    wipe_due: Arc<AtomicBool>,
}

#[async_trait]
impl Ledger for SqliteLedger {
    async fn create_source(&self, source: &Source, at: Timestamp) -> Result<(), LedgerError> {
        admin::create_source(self, source, at).await
    }
    async fn sources(&self) -> Result<Vec<Source>, LedgerError> {
        admin::sources(self).await
    }
    async fn create_collection(
        &self,
        collection: &Collection,
        at: Timestamp,
    ) -> Result<(), LedgerError> {
        admin::create_collection(self, collection, at).await
    }
    async fn collections(&self) -> Result<Vec<Collection>, LedgerError> {
        admin::collections(self).await
    }

    async fn head(&self, source: SourceId, uri: &str) -> Result<Option<DocumentHead>, LedgerError> {
        documents::head(self, source, uri).await
    }
    async fn class(
        &self,
        tenant: &Tenant,
        list: &AccessList,
        fresh: ClassId,
    ) -> Result<AccessClass, LedgerError> {
        access::class(self, tenant, list, fresh).await
    }
    async fn similar(
        &self,
        tenant: &Tenant,
        keys: &[u64],
        except: Option<DocumentId>,
        limit: usize,
    ) -> Result<Vec<Similar>, LedgerError> {
        documents::similar(self, tenant, keys, except, limit).await
    }
    async fn stage(&self, revision: &NewRevision) -> Result<(), LedgerError> {
        ingest::stage(self, revision).await
    }
    async fn commit(&self, revisions: &[RevisionId], at: Timestamp) -> Result<(), LedgerError> {
        ingest::commit(self, revisions, at).await
    }
    async fn pending(&self) -> Result<Vec<RevisionId>, LedgerError> {
        store::pending(self).await
    }
    async fn placing(&self, revision: RevisionId) -> Result<Placing, LedgerError> {
        store::placing(self, revision).await
    }
    async fn points_to_drop(&self) -> Result<Vec<(CollectionId, PointId)>, LedgerError> {
        store::points_to_drop(self).await
    }
    async fn points_dropped(&self, points: &[PointId]) -> Result<(), LedgerError> {
        store::points_dropped(self, points).await
    }

    async fn epoch(&self) -> Result<u64, LedgerError> {
        query::epoch(self).await
    }
    async fn classes(&self, tenant: &Tenant) -> Result<(Vec<AccessClass>, u64), LedgerError> {
        query::classes(self, tenant).await
    }
    async fn classes_since(
        &self,
        tenant: &Tenant,
        epoch: u64,
    ) -> Result<(Vec<AccessClass>, u64), LedgerError> {
        query::classes_since(self, tenant, epoch).await
    }
    async fn states(
        &self,
        collection: CollectionId,
        points: &[PointId],
    ) -> Result<BTreeMap<PointId, ChunkState>, LedgerError> {
        query::states(self, collection, points).await
    }

    async fn held(&self) -> Result<Vec<HeldRevision>, LedgerError> {
        quarantine::held(self).await
    }
    async fn held_by_prefix(&self, prefix: &str) -> Result<Option<HeldRevision>, LedgerError> {
        quarantine::held_by_prefix(self, prefix).await
    }
    async fn contents(&self, revision: RevisionId) -> Result<Contents, LedgerError> {
        contents::load(self, revision).await
    }
    async fn release(
        &self,
        ruling: &Ruling,
        chunks: &[ChunkRecord],
        root: &SignedRoot,
        generation: u64,
    ) -> Result<(), LedgerError> {
        quarantine::release(self, ruling, (chunks, root), generation).await
    }
    async fn purge(&self, ruling: &Ruling) -> Result<(), LedgerError> {
        quarantine::purge(self, ruling).await
    }

    async fn rescans(
        &self,
        judged_by: &Digest,
        chunks: &[ChunkId],
    ) -> Result<BTreeMap<ChunkId, bool>, LedgerError> {
        rescans::rescans(self, judged_by, chunks).await
    }
    async fn keep_rescans(
        &self,
        judged_by: &Digest,
        said: &BTreeMap<ChunkId, bool>,
    ) -> Result<(), LedgerError> {
        rescans::keep(self, judged_by, said).await
    }
    async fn document(&self, id_or_uri: &str) -> Result<Option<DocumentHead>, LedgerError> {
        documents::document(self, id_or_uri).await
    }
    async fn set_access(
        &self,
        document: DocumentId,
        class: &AccessClass,
        at: Timestamp,
    ) -> Result<(), LedgerError> {
        access::set_access(self, document, class, at).await
    }
    async fn moves(&self) -> Result<Vec<DocumentId>, LedgerError> {
        access::moves(self).await
    }
    async fn moved(&self, document: DocumentId, generation: u64) -> Result<(), LedgerError> {
        access::moved(self, document, generation).await
    }

    async fn documents(
        &self,
        sources: &[SourceId],
        after: Option<DocumentId>,
        limit: usize,
    ) -> Result<Vec<DocumentHead>, LedgerError> {
        listing::documents(self, sources, after, limit).await
    }
    async fn revision(&self, revision: RevisionId) -> Result<Option<Recorded>, LedgerError> {
        listing::revision(self, revision).await
    }
    async fn revisions(
        &self,
        sources: &[SourceId],
        before: Option<RevisionId>,
        limit: usize,
    ) -> Result<Vec<Recorded>, LedgerError> {
        listing::revisions(self, sources, before, limit).await
    }

    async fn create_key(&self, key: &ApiKey) -> Result<(), LedgerError> {
        api_keys::create(self, key).await
    }
    async fn keys(&self) -> Result<Vec<ApiKey>, LedgerError> {
        api_keys::all(self).await
    }
    async fn key(&self, id: ApiKeyId) -> Result<Option<ApiKey>, LedgerError> {
        api_keys::find(self, id).await
    }
    async fn end_key(&self, id: ApiKeyId, end: KeyEnd) -> Result<(), LedgerError> {
        api_keys::end(self, id, end).await
    }

    async fn add_allow_entries(&self, entries: &[AllowEntry]) -> Result<(), LedgerError> {
        allow::add(self, entries).await
    }
    async fn allow_entries(&self, sources: &[SourceId]) -> Result<Vec<AllowEntry>, LedgerError> {
        allow::of_sources(self, sources).await
    }
    async fn end_allow_entry(&self, id: AllowId, end: &AllowEnd) -> Result<(), LedgerError> {
        allow::end(self, id, end).await
    }

    async fn answered(&self, key: &Digest) -> Result<Option<Answered>, LedgerError> {
        requests::answered(self, key).await
    }
    async fn keep_answer(
        &self,
        key: &Digest,
        answered: &Answered,
        at: Timestamp,
    ) -> Result<(), LedgerError> {
        requests::keep_answer(self, key, answered, at).await
    }
    async fn approve(&self, approval: &Approval) -> Result<Approval, LedgerError> {
        requests::approve(self, approval).await
    }
    async fn tidy(&self, now: Timestamp) -> Result<(), LedgerError> {
        requests::tidy(self, now).await
    }

    async fn served(&self, source: SourceId) -> Result<Vec<Served>, LedgerError> {
        removal::served(self, source).await
    }

    async fn members(
        &self,
        source: SourceId,
        container: &str,
    ) -> Result<Vec<DocumentHead>, LedgerError> {
        documents::members(self, source, container).await
    }
    async fn remove(&self, documents: &[DocumentId], at: Timestamp) -> Result<(), LedgerError> {
        removal::remove(self, documents, at).await
    }

    async fn set_rebuilding(&self, collection: CollectionId, on: bool) -> Result<(), LedgerError> {
        store::set_rebuilding(self, collection, on).await
    }
    async fn rebuilding(&self) -> Result<Vec<CollectionId>, LedgerError> {
        store::rebuilding(self).await
    }
    async fn serving(
        &self,
        collection: CollectionId,
        after: Option<RevisionId>,
        limit: usize,
    ) -> Result<Vec<RevisionId>, LedgerError> {
        store::serving(self, collection, after, limit).await
    }
    async fn served_points(
        &self,
        collection: CollectionId,
        after: Option<PointId>,
        limit: usize,
    ) -> Result<Vec<PointId>, LedgerError> {
        store::served_points(self, collection, after, limit).await
    }

    async fn root(&self, revision: RevisionId) -> Result<Option<SignedRoot>, LedgerError> {
        proofs::root(self, revision).await
    }
    async fn add_root(&self, revision: RevisionId, root: &SignedRoot) -> Result<(), LedgerError> {
        proofs::add_root(self, revision, root).await
    }
    async fn revision_of(&self, id: Uuid) -> Result<Option<RevisionId>, LedgerError> {
        proofs::revision_of(self, id).await
    }
    async fn kept(
        &self,
        after: Option<RevisionId>,
        limit: usize,
    ) -> Result<Vec<(RevisionId, RevisionState)>, LedgerError> {
        proofs::kept(self, after, limit).await
    }
    async fn carried(&self, key: &Name) -> Result<u64, LedgerError> {
        proofs::carried(self, key).await
    }
    async fn carriers(
        &self,
        key: Option<&Name>,
        signing: &Name,
        after: Option<RevisionId>,
        limit: usize,
    ) -> Result<Vec<RevisionId>, LedgerError> {
        proofs::carriers(self, key, signing, after, limit).await
    }
    async fn reseal(
        &self,
        revision: RevisionId,
        records: &[ChunkRecord],
    ) -> Result<(), LedgerError> {
        proofs::reseal(self, revision, records).await
    }
    async fn placed(&self, revisions: &[RevisionId], key: &Name) -> Result<(), LedgerError> {
        proofs::placed(self, revisions, key).await
    }
}
