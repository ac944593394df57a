//! The ledger: the database of record, and the only truth.
//!
//! Every method is one transaction. What it names as durable is on disk when it returns. The order of
//! an ingest is `stage` (durable: acknowledged), points to the store and flush, `commit` (the only
//! commit point), old points deleted, `points_dropped`. Every transaction that changes access or what
//! is served advances the epoch.

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::access::{AccessClass, AccessList};
use crate::domain::allow::{AllowEnd, AllowEntry};
use crate::domain::api_key::ApiKey;
use crate::domain::digest::Digest;
use crate::domain::document::{Document, Format};
use crate::domain::finding::{Finding, Severity};
use crate::domain::id::{
    AllowId, ApiKeyId, ChunkId, ClassId, CollectionId, DocumentId, PointId, RevisionId, RulingId,
    SourceId,
};
use crate::domain::policy::Verdict;
use crate::domain::retrieval::ChunkState;
use crate::domain::root::SignedRoot;
use crate::domain::source::{Collection, Name, Source, Tenant};
use crate::domain::stamp::{ChunkRecord, Place};
use crate::domain::time::Timestamp;
use crate::domain::verdict::{Basis, Reason};

/// Where a revision stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RevisionState {
    /// Acknowledged; its points may or may not be in the store. Start-up carries it on.
    Pending,
    /// What its document serves.
    Serving,
    /// A newer revision took its place.
    Superseded,
    /// In quarantine: in no collection.
    Held,
    /// Not kept.
    Rejected,
    /// Its bytes, blocks and evidence were destroyed by a reviewer.
    Purged,
    /// Its document left the source, expired or was erased.
    Removed,
}

impl RevisionState {
    /// Every state.
    pub const ALL: [Self; 7] = [
        Self::Pending,
        Self::Serving,
        Self::Superseded,
        Self::Held,
        Self::Rejected,
        Self::Purged,
        Self::Removed,
    ];

    /// The name used in the ledger and in outputs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Serving => "serving",
            Self::Superseded => "superseded",
            Self::Held => "held",
            Self::Rejected => "rejected",
            Self::Purged => "purged",
            Self::Removed => "removed",
        }
    }
}

/// What the ledger knows of one item of a source, before anything is done to it.
#[derive(Debug, Clone)]
pub struct DocumentHead {
    /// The document.
    pub document: DocumentId,
    /// Its source.
    pub source: SourceId,
    /// Its path or URI in its source.
    pub uri: String,
    /// URI of the outermost file that it is inside of, if it is inside another.
    pub container: Option<String>,
    /// What it serves.
    pub serving: Option<RevisionId>,
    /// Who may read what it serves (or would, if it served).
    pub class: AccessClass,
    /// When it expires: of itself, or with the file that it is inside of.
    pub expires_at: Option<Timestamp>,
    /// The generation that its next placement must take.
    pub next_generation: u64,
    /// Its newest revision.
    pub latest: Option<RevisionHead>,
}

/// A document that serves something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    /// The document.
    pub document: DocumentId,
    /// Its path or URI in its source.
    pub uri: String,
    /// See `DocumentHead`.
    pub container: Option<String>,
}

/// A revision without its contents.
#[derive(Debug, Clone)]
pub struct RevisionHead {
    /// The revision.
    pub revision: RevisionId,
    /// Digest of (content, source, readers, policy, rules, model): the same digest, the same answer.
    pub fingerprint: Digest,
    /// `Allows::state` when it was judged, if the answer hangs on it: another state, another answer. What a
    /// person released hangs on none.
    pub allows: Option<Digest>,
    /// Where it stands.
    pub state: RevisionState,
    /// The computed verdict.
    pub verdict: Verdict,
    /// On what ground it was admitted, if it was.
    pub basis: Option<Basis>,
    /// What called for the verdict.
    pub reasons: Vec<Reason>,
    /// When it came.
    pub at: Timestamp,
}

/// A judged revision, to be kept.
#[derive(Debug, Clone)]
pub struct NewRevision {
    /// Its document; a new one is made when the ledger has none of this id.
    pub document: DocumentId,
    /// The source.
    pub source: SourceId,
    /// Path or URI in the source.
    pub uri: String,
    /// See `DocumentHead`.
    pub container: Option<String>,
    /// The revision.
    pub revision: RevisionId,
    /// Where it is, or would be, searched.
    pub collection: CollectionId,
    /// See `RevisionHead`.
    pub fingerprint: Digest,
    /// See `RevisionHead`.
    pub allows: Option<Digest>,
    /// SHA-256 of the file.
    pub file_digest: Digest,
    /// The computed verdict.
    pub verdict: Verdict,
    /// What called for it.
    pub reasons: Vec<Reason>,
    /// Worst severity among its findings.
    pub severity: Option<Severity>,
    /// Digest of the policy that judged it.
    pub policy: Digest,
    /// Digest of the rules that judged it.
    pub rules: Digest,
    /// Version of the readers.
    pub reader: String,
    /// Who may read it.
    pub class: AccessClass,
    /// For a served document that this revision does not replace: who may read that from now on,
    /// where this one asks for fewer.
    pub narrowed: Option<AccessClass>,
    /// Near-duplicate signature of its shown text and its lookup keys.
    pub signature: Option<(Vec<u8>, Vec<u64>)>,
    /// Now.
    pub at: Timestamp,
    /// `DocumentHead::next_generation`, or 1 for a new document; taken by nobody else since, so that
    /// this revision was judged in sight of every change of access before it.
    pub generation: u64,
    /// What is kept of it.
    pub keep: Keep,
}

/// What is kept of a judged revision.
#[derive(Debug, Clone)]
pub enum Keep {
    /// Admitted: pending until its points are in the store.
    Admitted {
        /// Everything that was read.
        contents: Contents,
        /// On what ground.
        basis: Basis,
        /// Its sealed chunks.
        chunks: Vec<ChunkRecord>,
        /// The signed root over them.
        root: SignedRoot,
    },
    /// Held for review.
    Held {
        /// Everything that was read, or as much as could be.
        contents: Contents,
    },
    /// Only the receipt.
    Rejected,
}

/// The bytes of a revision and what was made of them; encrypted under a key of their own.
#[derive(Debug, Clone, PartialEq)]
pub struct Contents {
    /// The file.
    pub file: Vec<u8>,
    /// What the reader made of it; `None` when it could not be read.
    pub document: Option<Document>,
    /// What was found in it.
    pub findings: Vec<Finding>,
    /// The text that was admitted, where redaction made it another.
    pub redacted: Option<Document>,
}

/// One item of the review list.
#[derive(Debug, Clone)]
pub struct HeldRevision {
    /// The revision.
    pub head: RevisionHead,
    /// Its document.
    pub document: DocumentId,
    /// Its source.
    pub source: SourceId,
    /// The source's name.
    pub source_name: Name,
    /// Path or URI in the source.
    pub uri: String,
    /// Its collection, were it released.
    pub collection: CollectionId,
    /// SHA-256 of the file.
    pub file_digest: Digest,
    /// Worst severity found.
    pub severity: Option<Severity>,
    /// The format, if it was read.
    pub format: Option<Format>,
    /// Who would read it.
    pub class: AccessClass,
    /// Whether its document has a newer revision.
    pub outdated: bool,
}

/// A reviewer's decision.
#[derive(Debug, Clone)]
pub struct Ruling {
    /// Its id.
    pub id: RulingId,
    /// On which revision.
    pub revision: RevisionId,
    /// Who.
    pub actor: String,
    /// Who agreed, where two are needed.
    pub second: Option<String>,
    /// Why, in the reviewer's words.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// The points of one document that are to be written: after `stage`, after a change of access, or to
/// rebuild.
#[derive(Debug, Clone)]
pub struct Placing {
    /// The document.
    pub document: DocumentId,
    /// The revision.
    pub revision: RevisionId,
    /// Where the points go.
    pub place: Place,
    /// The points.
    pub records: Vec<ChunkRecord>,
    /// The stamp key that its points carry as far as is known; `None` without points.
    pub placed_key: Option<String>,
}

/// A document whose text is like another's: for near-duplicate floods.
#[derive(Debug, Clone)]
pub struct Similar {
    /// The document.
    pub document: DocumentId,
    /// The bytes of its signature.
    pub signature: Vec<u8>,
}

/// A revision of any state, as its receipt tells it.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// The revision.
    pub head: RevisionHead,
    /// Its document.
    pub document: DocumentId,
    /// Its source.
    pub source: SourceId,
    /// Path or URI in the source.
    pub uri: String,
    /// Chunks that it has, or had while it was served.
    pub chunks: usize,
}

/// How a key ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyEnd {
    /// At once.
    Revoked(Timestamp),
    /// At this moment, unless it ends earlier.
    Expires(Timestamp),
}

/// What a request that must not be done twice was answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answered {
    /// Digest of everything that was asked.
    pub request: Digest,
    /// What came of it.
    pub revision: RevisionId,
}

/// A reviewer's word that waits for a second one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// On which revision.
    pub revision: RevisionId,
    /// What is to be done.
    pub action: String,
    /// Who.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// The database of record.
#[async_trait]
pub trait Ledger: Send + Sync {
    // Administration.

    /// Adds a source; `Taken` when its name is.
    async fn create_source(&self, source: &Source, at: Timestamp) -> Result<(), LedgerError>;
    /// Every source by name.
    async fn sources(&self) -> Result<Vec<Source>, LedgerError>;
    /// Adds a collection; `Taken` when its name is.
    async fn create_collection(
        &self,
        collection: &Collection,
        at: Timestamp,
    ) -> Result<(), LedgerError>;
    /// Every collection by name.
    async fn collections(&self) -> Result<Vec<Collection>, LedgerError>;

    // Ingest.

    /// What is known of this item of a source; of a removed document too.
    async fn head(&self, source: SourceId, uri: &str) -> Result<Option<DocumentHead>, LedgerError>;
    /// The class of this list, made with id `fresh` when there is none.
    async fn class(
        &self,
        tenant: &Tenant,
        list: &AccessList,
        fresh: ClassId,
    ) -> Result<AccessClass, LedgerError>;
    /// Documents of this tenant, other than `except`, with a pending, serving or held newest
    /// revision that shares a lookup key; at most `limit`, those that share most keys first.
    async fn similar(
        &self,
        tenant: &Tenant,
        keys: &[u64],
        except: Option<DocumentId>,
        limit: usize,
    ) -> Result<Vec<Similar>, LedgerError>;
    /// Keeps a judged revision, durably. An admitted one becomes `pending`; any older pending
    /// revision of the document is superseded by it.
    /// For a held or rejected one, `narrowed` sets the class of what the document serves and starts
    /// a move of its points (see `set_access`). `Conflict` when the generation was taken.
    async fn stage(&self, revision: &NewRevision) -> Result<(), LedgerError>;
    /// The commit point: each of these pending revisions becomes what its document serves, with the
    /// class and generation that it was staged with; points of the revisions that it replaces are
    /// noted to be dropped. Revisions that are no longer pending are passed over.
    async fn commit(&self, revisions: &[RevisionId], at: Timestamp) -> Result<(), LedgerError>;
    /// Every pending revision, oldest first.
    async fn pending(&self) -> Result<Vec<RevisionId>, LedgerError>;
    /// The points of a revision as they are to lie now; `NotFound` unless it is pending or serving.
    async fn placing(&self, revision: RevisionId) -> Result<Placing, LedgerError>;
    /// Points that the store must forget.
    async fn points_to_drop(&self) -> Result<Vec<(CollectionId, PointId)>, LedgerError>;
    /// The store forgot them.
    async fn points_dropped(&self, points: &[PointId]) -> Result<(), LedgerError>;

    // Query.

    /// Rises with every change of access or of what is served.
    async fn epoch(&self) -> Result<u64, LedgerError>;
    /// The classes of a tenant that guard something served, or guarded it while points still move; and as of which
    /// epoch.
    async fn classes(&self, tenant: &Tenant) -> Result<(Vec<AccessClass>, u64), LedgerError>;
    /// Those of them, and perhaps others, that have come to guard something after this epoch; and as of which.
    async fn classes_since(
        &self,
        tenant: &Tenant,
        epoch: u64,
    ) -> Result<(Vec<AccessClass>, u64), LedgerError>;
    /// What is true, now, of the chunks at these points; unknown points are left out.
    async fn states(
        &self,
        collection: CollectionId,
        points: &[PointId],
    ) -> Result<BTreeMap<PointId, ChunkState>, LedgerError>;

    // Quarantine.

    /// Every held revision, newest first.
    async fn held(&self) -> Result<Vec<HeldRevision>, LedgerError>;
    /// The revision that begins with these hexadecimal digits; `Ambiguous` when several do.
    async fn held_by_prefix(&self, prefix: &str) -> Result<Option<HeldRevision>, LedgerError>;
    /// The contents of a revision; `NotFound` when they were destroyed or never kept.
    async fn contents(&self, revision: RevisionId) -> Result<Contents, LedgerError>;
    /// A held revision becomes pending on the basis of a ruling, with these chunks, the root over them
    /// and this generation. `Conflict` unless it is held and the newest of its document.
    async fn release(
        &self,
        ruling: &Ruling,
        chunks: &[ChunkRecord],
        root: &SignedRoot,
        generation: u64,
    ) -> Result<(), LedgerError>;
    /// A held revision's key, bytes, blocks, findings and evidence are destroyed. `Conflict` unless
    /// it is held, `OnHold` where a matter of law keeps it.
    async fn purge(&self, ruling: &Ruling) -> Result<(), LedgerError>;

    // What does not count.

    /// Adds all of these entries, or none; `Conflict` when a source would have too many.
    async fn add_allow_entries(&self, entries: &[AllowEntry]) -> Result<(), LedgerError>;
    /// Every entry of these sources, in force or not, newest first.
    async fn allow_entries(&self, sources: &[SourceId]) -> Result<Vec<AllowEntry>, LedgerError>;
    /// Ends an entry; `NotFound` without one, `Conflict` when it was ended.
    async fn end_allow_entry(&self, id: AllowId, end: &AllowEnd) -> Result<(), LedgerError>;

    // Questions.

    /// What was said of these chunks by rules, policy and allow entries of this digest.
    async fn rescans(
        &self,
        judged_by: &Digest,
        chunks: &[ChunkId],
    ) -> Result<BTreeMap<ChunkId, bool>, LedgerError>;
    /// Keeps what they said, in place of what others have said before.
    async fn keep_rescans(
        &self,
        judged_by: &Digest,
        said: &BTreeMap<ChunkId, bool>,
    ) -> Result<(), LedgerError>;

    // Access.

    /// The document of this id, or of this URI in any source; `Ambiguous` when several are.
    async fn document(&self, id_or_uri: &str) -> Result<Option<DocumentHead>, LedgerError>;
    /// Sets who may read what a document serves: from here on the re-check goes by it. The move of
    /// its points, to the next generation, is noted until `moved`; `NotFound` without a document.
    async fn set_access(
        &self,
        document: DocumentId,
        class: &AccessClass,
        at: Timestamp,
    ) -> Result<(), LedgerError>;
    /// Documents whose points are still to be moved.
    async fn moves(&self) -> Result<Vec<DocumentId>, LedgerError>;
    /// Their points are in place, in this generation; a later move stays noted.
    async fn moved(&self, document: DocumentId, generation: u64) -> Result<(), LedgerError>;

    // Listing.

    /// Documents of these sources in rising order of id, after `after`, at most `limit`.
    async fn documents(
        &self,
        sources: &[SourceId],
        after: Option<DocumentId>,
        limit: usize,
    ) -> Result<Vec<DocumentHead>, LedgerError>;
    /// A revision of any state.
    async fn revision(&self, revision: RevisionId) -> Result<Option<Recorded>, LedgerError>;
    /// Revisions of these sources, newest first, older than `before`, at most `limit`.
    async fn revisions(
        &self,
        sources: &[SourceId],
        before: Option<RevisionId>,
        limit: usize,
    ) -> Result<Vec<Recorded>, LedgerError>;

    // Applications.

    /// Keeps a key.
    async fn create_key(&self, key: &ApiKey) -> Result<(), LedgerError>;
    /// Every key, by application and age.
    async fn keys(&self) -> Result<Vec<ApiKey>, LedgerError>;
    /// A key, live or not.
    async fn key(&self, id: ApiKeyId) -> Result<Option<ApiKey>, LedgerError>;
    /// Ends a key at `at`, or earlier if it ended already; `NotFound` without one.
    async fn end_key(&self, id: ApiKeyId, end: KeyEnd) -> Result<(), LedgerError>;

    // Requests that must not be done twice, and decisions that take two people.

    /// What a request under this idempotency key was answered with.
    async fn answered(&self, key: &Digest) -> Result<Option<Answered>, LedgerError>;
    /// Keeps what a request was answered with; the first answer stays.
    async fn keep_answer(
        &self,
        key: &Digest,
        answered: &Answered,
        at: Timestamp,
    ) -> Result<(), LedgerError>;
    /// Notes the first reviewer's decision on a held revision; answers who was first.
    async fn approve(&self, approval: &Approval) -> Result<Approval, LedgerError>;
    /// Ends what is due: answers that nobody asks for again, traces of what was destroyed.
    async fn tidy(&self, now: Timestamp) -> Result<(), LedgerError>;

    // Sources shrink.

    /// Served documents of a source.
    async fn served(&self, source: SourceId) -> Result<Vec<Served>, LedgerError>;
    /// Documents inside a file of a source, at all depths, by URI.
    async fn members(
        &self,
        source: SourceId,
        container: &str,
    ) -> Result<Vec<DocumentHead>, LedgerError>;
    /// These documents serve nothing any more: their pending and serving revisions are `removed`, the
    /// contents destroyed unless a matter of law holds them, the points noted to be dropped. Held revisions stay in
    /// review.
    async fn remove(&self, documents: &[DocumentId], at: Timestamp) -> Result<(), LedgerError>;

    // The store as a cache.

    /// Notes that a collection's store is being made anew, or that it is done; survives a crash.
    async fn set_rebuilding(&self, collection: CollectionId, on: bool) -> Result<(), LedgerError>;
    /// Collections whose rebuild was begun and not ended.
    async fn rebuilding(&self) -> Result<Vec<CollectionId>, LedgerError>;
    /// Served revisions of a collection in rising order of id, after `after`, at most `limit`.
    async fn serving(
        &self,
        collection: CollectionId,
        after: Option<RevisionId>,
        limit: usize,
    ) -> Result<Vec<RevisionId>, LedgerError>;
    /// Points that a collection's store should hold, in rising order, after `after`.
    async fn served_points(
        &self,
        collection: CollectionId,
        after: Option<PointId>,
        limit: usize,
    ) -> Result<Vec<PointId>, LedgerError>;

    // Proofs and stamp keys.

    /// The signed root of a pending or serving revision; it goes with the chunks.
    async fn root(&self, revision: RevisionId) -> Result<Option<SignedRoot>, LedgerError>;
    /// Keeps a root for a revision that has none; `Conflict` when it has one, or ended.
    async fn add_root(&self, revision: RevisionId, root: &SignedRoot) -> Result<(), LedgerError>;
    /// The revision of the chunk or point with this id.
    async fn revision_of(&self, id: Uuid) -> Result<Option<RevisionId>, LedgerError>;
    /// Revisions of which something is kept, in rising order of id, after `after`, at most `limit`.
    async fn kept(
        &self,
        after: Option<RevisionId>,
        limit: usize,
    ) -> Result<Vec<(RevisionId, RevisionState)>, LedgerError>;
    /// How many chunks of pending and serving revisions carry this stamp key: their seal in the ledger,
    /// or the placement of their point.
    async fn carried(&self, key: &Name) -> Result<u64, LedgerError>;
    /// Pending and serving revisions that carry another stamp key than `signing`, or of these only those
    /// that carry `key`; in rising order of id, after `after`, at most `limit`.
    async fn carriers(
        &self,
        key: Option<&Name>,
        signing: &Name,
        after: Option<RevisionId>,
        limit: usize,
    ) -> Result<Vec<RevisionId>, LedgerError>;
    /// Puts records that were sealed anew, over the same origins, in the place of all of a revision's. Its
    /// points carry the old key until `placed`. `Conflict` when the revision ended or the origins differ.
    async fn reseal(
        &self,
        revision: RevisionId,
        records: &[ChunkRecord],
    ) -> Result<(), LedgerError>;
    /// All points of these revisions were written, and flushed, under this key.
    async fn placed(&self, revisions: &[RevisionId], key: &Name) -> Result<(), LedgerError>;
}

/// Why the ledger did not do it.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// A name that must be unique is taken.
    #[error("the name `{name}` is taken")]
    Taken {
        /// Which.
        name: Name,
    },
    /// There is no such thing, or not any more.
    #[error("{what} is not in the ledger")]
    NotFound {
        /// Kind and id.
        what: String,
    },
    /// Several things answer to what was given.
    #[error("`{given}` fits more than one; give more of it")]
    Ambiguous {
        /// What was given, drawn safely.
        given: String,
    },
    /// Somebody else was first, or the thing is not in the state that this needs.
    #[error("{what} is not in a state that allows this")]
    Conflict {
        /// Kind and id.
        what: String,
    },
    /// A matter of law holds it: nothing of it may be destroyed.
    #[error("document {document} is under legal hold; what is held is not destroyed")]
    OnHold {
        /// Which, or one that it is inside of.
        document: DocumentId,
    },
    /// Made by a newer Alnage.
    #[error("the ledger has schema {found}, this program knows up to {known}; use a newer program")]
    Newer {
        /// In the file.
        found: i64,
        /// In this program.
        known: i64,
    },
    /// What was read is not what was written: a broken disk, a wrong key, or a hand in the file.
    #[error("the ledger's {what} is damaged")]
    Damaged {
        /// Which part.
        what: String,
    },
    /// The database did not answer.
    #[error("the ledger's database failed")]
    Database {
        /// Its own words.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}
