//! What the pipeline needs of the outside world. Adapters implement these; tests may too, but the
//! real part runs wherever it can.

use std::collections::BTreeMap;

use async_trait::async_trait;
use uuid::Uuid;

use crate::domain::access::Label;
use crate::domain::digest::Digest;
use crate::domain::document::{Opened, RawDocument};
use crate::domain::grey::Probability;
use crate::domain::id::{CollectionId, PointId};
use crate::domain::keys::KeyRing;
use crate::domain::retrieval::{Hit, ScopedQuery};
use crate::domain::source::{Collection, EmbedderIdentity, Name};
use crate::domain::stamp::StampedChunk;
use crate::domain::time::Timestamp;
use crate::domain::vector::{Vector, VectorShape, Vectors};

pub use super::ledger::Ledger;

/// Parses hostile bytes somewhere they can do no harm.
#[async_trait]
pub trait Reader: Send + Sync {
    /// Reads one file; files inside it are handed out unread.
    async fn read(&self, raw: RawDocument) -> Result<Opened, ReadError>;
    /// Version of the readers behind it.
    fn version(&self) -> &str;
}

/// Why there is no document.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The parser said no.
    #[error("{message}")]
    Parse {
        /// `ParseError::code`.
        code: String,
        /// Its text.
        message: String,
    },
    /// It took too long and was stopped.
    #[error("reading took longer than {seconds} s and was stopped")]
    TimedOut {
        /// The limit.
        seconds: u64,
    },
    /// The reader died on it: out of memory, stack or processor time, or a crash.
    #[error("the reader died on this file: {detail}")]
    Died {
        /// How.
        detail: String,
    },
    /// The reader answered nonsense.
    #[error("the reader's answer could not be understood: {detail}")]
    Protocol {
        /// How.
        detail: String,
    },
    /// No reader could be started: our fault, not the file's.
    #[error("no reader process could be started")]
    Start {
        /// Why.
        source: std::io::Error,
    },
}

impl ReadError {
    /// Stable name for findings and outputs.
    pub fn code(&self) -> &str {
        match self {
            Self::Parse { code, .. } => code,
            Self::TimedOut { .. } => "reader-timed-out",
            Self::Died { .. } => "reader-died",
            Self::Protocol { .. } => "reader-answer-invalid",
            Self::Start { .. } => "reader-not-started",
        }
    }
}

/// Where chunks are kept and searched: a cache of the ledger.
///
/// One conformance suite holds every implementation to this text.
#[async_trait]
pub trait VectorStore: Send + Sync {
    /// Makes the collection's place; does nothing when it is there with the same vectors.
    async fn create(&self, collection: &Collection) -> Result<(), StoreError>;
    /// Destroys the collection's place with all points; does nothing when there is none.
    async fn destroy(&self, collection: CollectionId) -> Result<(), StoreError>;
    /// Writes points, each wholly replacing what lay at its id. All of one collection.
    async fn upsert(
        &self,
        collection: CollectionId,
        chunks: &[StampedChunk],
    ) -> Result<(), StoreError>;
    /// Deletes points; ids that are not there are passed over.
    async fn delete(&self, collection: CollectionId, points: &[PointId]) -> Result<(), StoreError>;
    /// Returns when everything written before survives a power cut.
    async fn flush(&self, collection: CollectionId) -> Result<(), StoreError>;
    /// The best `limit` points of the query's classes that pass its filter, best first, without those in
    /// `except`, with payload and vectors. A score is the similarity of the vectors, whatever else is there.
    /// Points whose class field is missing or of another form match no class.
    async fn search(
        &self,
        query: &ScopedQuery,
        limit: usize,
        except: &[PointId],
    ) -> Result<Vec<Hit>, StoreError>;
    /// For the operator: every point in rising order of id, after `after`, at most `limit`.
    async fn scroll(
        &self,
        collection: CollectionId,
        after: Option<PointId>,
        limit: usize,
    ) -> Result<Vec<Hit>, StoreError>;
}

/// Why a store did not answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The collection has no place here; `store rebuild` makes one.
    #[error("the store has no collection {collection}")]
    Missing {
        /// Which.
        collection: CollectionId,
    },
    /// The store is there for other vectors.
    #[error("collection {collection} exists with other vectors")]
    OtherVectors {
        /// Which.
        collection: CollectionId,
    },
    /// It is being made anew, and holds only a part.
    #[error("collection {collection} is being made anew")]
    Rebuilding {
        /// Which.
        collection: CollectionId,
    },
    /// The engine failed.
    #[error("the vector store failed: {detail}")]
    Engine {
        /// Its own words.
        detail: String,
    },
}

/// Makes vectors of texts.
#[async_trait]
pub trait Embedder: Send + Sync {
    /// Its name and the digest of everything that its vectors depend on.
    fn identity(&self) -> EmbedderIdentity;
    /// The named vectors that it makes.
    fn shapes(&self) -> BTreeMap<String, VectorShape>;
    /// Vectors of chunks, in order.
    async fn embed(&self, texts: &[&str]) -> Result<Vec<Vectors>, EmbedError>;
    /// The vector of a question under one of the names in `shapes`.
    async fn embed_question(&self, question: &str, using: &str) -> Result<Vector, EmbedError>;
    /// The highest label of a text that may be handed to it; `None`: it sends nothing anywhere, so any.
    fn label_max(&self) -> Option<Label> {
        None
    }
    /// What its calls to the outside have come to; `None`: it makes none.
    fn usage(&self) -> Option<Usage> {
        None
    }
}

/// What an embedder has asked of a server since the start.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Usage {
    /// Texts that came back as vectors.
    pub texts: u64,
    /// Tokens that the server says it has counted.
    pub tokens: u64,
    /// Requests, tries among them.
    pub requests: u64,
    /// Tries after the first.
    pub retries: u64,
    /// Requests that were given up.
    pub failures: u64,
    /// What the tokens cost at the configured price, in its currency.
    pub cost: Option<f64>,
}

/// Why there are no vectors.
#[derive(Debug, thiserror::Error)]
#[error("the embedder failed: {detail}")]
pub struct EmbedError {
    /// Its own words; no text in them.
    pub detail: String,
}

/// Says of passages how likely they speak to a model rather than to a reader. Slower and surer than rules: asked
/// about the grey zone alone.
#[async_trait]
pub trait Judge: Send + Sync {
    /// The name that findings call it by.
    fn name(&self) -> &str;
    /// Moves with everything that its answers depend on.
    fn digest(&self) -> Digest;
    /// The highest label of a document whose passages may be handed to it; `None`: it sends nothing anywhere, so
    /// any.
    fn label_max(&self) -> Option<Label>;
    /// An answer for each passage, in order; one that is missing is an error for all.
    async fn judge(&self, passages: &[&str]) -> Result<Vec<Probability>, JudgeError>;
}

/// Why a judge did not answer.
#[derive(Debug, thiserror::Error)]
#[error("{detail}")]
pub struct JudgeError {
    /// Its own words; no text of a passage in them.
    pub detail: String,
}

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// Makes ids that nobody can guess.
pub trait Entropy: Send + Sync {
    /// A random UUID (version 4).
    fn uuid(&self) -> Uuid;
    /// Thirty-two random bytes.
    fn secret(&self) -> Result<[u8; 32], NoEntropy>;
}

/// The operating system gave no random bytes.
#[derive(Debug, Clone, thiserror::Error)]
#[error("no random bytes could be had: {detail}")]
pub struct NoEntropy {
    /// Its own words.
    pub detail: String,
}

/// Keeps the ring of stamp keys. A change is whole and durable when it returns, or did not happen.
#[async_trait]
pub trait KeyKeeper: Send + Sync {
    /// Changes the kept ring; gives the ring as it is from now on.
    async fn change(&self, change: &RingChange) -> Result<KeyRing, KeeperError>;
}

/// A change of the ring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RingChange {
    /// A new key of this id signs; the one that signed before is retired until `ends`.
    Rotate {
        /// The new key.
        id: Name,
        /// End of the old one.
        ends: Timestamp,
    },
    /// This key does nothing any more.
    End {
        /// Which; it does not sign.
        id: Name,
    },
    /// What this key signed counts no more.
    Revoke {
        /// Which.
        id: Name,
        /// A new key that signs from now on, where it is the signing one that is revoked.
        successor: Option<Name>,
    },
}

/// The ring was not changed.
#[derive(Debug, thiserror::Error)]
#[error("the ring of stamp keys was not changed: {detail}")]
pub struct KeeperError {
    /// What stopped it; no secret in it.
    pub detail: String,
}

/// Takes what must be on record. Work that cannot be recorded is refused.
#[async_trait]
pub trait EventSink: Send + Sync {
    /// Returns when the event is at least in the hands of the operating system.
    async fn record(&self, at: Timestamp, event: &super::events::Event) -> Result<(), EventError>;
}

/// The record could not be written.
#[derive(Debug, thiserror::Error)]
#[error("the event log could not be written")]
pub struct EventError {
    /// Why.
    #[from]
    pub source: std::io::Error,
}
