//! Why a story could not be told to its end. Each variant says who must act.

use crate::domain::access::{AccessError, Label};
use crate::domain::filter::FilterError;
use crate::domain::retrieval::ScopeError;
use crate::domain::stamp::SealError;

use super::budget::BudgetSpent;
use super::guard::OtherEmbedder;
use super::ledger::LedgerError;
use super::ports::{EmbedError, EventError, KeeperError, NoEntropy, ReadError, StoreError};

/// A story stopped. Nothing was let through by it.
#[derive(Debug, thiserror::Error)]
pub enum GuardError {
    /// The request asks for what its source does not give: the caller.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// Configuration: the administrator.
    #[error(transparent)]
    Embedder(#[from] OtherEmbedder),
    /// The ledger: the operator. Nothing was acknowledged.
    #[error("the ledger refused")]
    Ledger(#[from] LedgerError),
    /// The store: the operator. What was acknowledged is carried on at the next start.
    #[error("the vector store refused")]
    Store(#[from] StoreError),
    /// The embedder: the operator.
    #[error(transparent)]
    Embed(#[from] EmbedError),
    /// The document's label is above what its embedder may be sent: the administrator, or the caller with
    /// another collection.
    #[error(
        "label `{}` is above `{}`, the highest that embedder `{embedder}` may be sent",
        label.name(), limit.name()
    )]
    LabelTooHigh {
        /// The document's.
        label: Label,
        /// The embedder's bound.
        limit: Label,
        /// Which embedder.
        embedder: String,
    },
    /// The reader could not be run: the operator.
    #[error("the file could not be handed to a reader")]
    Reader(#[source] ReadError),
    /// The event log: the operator. What cannot be recorded is not done.
    #[error("nothing is done that cannot be recorded")]
    Record(#[from] EventError),
    /// The keys or the ledger's records: the administrator.
    #[error("the chunk could not be sealed")]
    Seal(#[from] SealError),
    /// The key file: the operator.
    #[error(transparent)]
    Keeper(#[from] KeeperError),
    /// Too many access classes: the administrator.
    #[error(transparent)]
    Scope(#[from] ScopeError),
    /// The caller's retrieval budget: the caller, later.
    #[error(transparent)]
    Budget(#[from] BudgetSpent),
    /// Whoever asks was changed while the answer was made: whoever looked him up looks again.
    #[error("who asks was changed meanwhile; ask again")]
    CallerChanged,
    /// The request itself: the caller.
    #[error("{0}")]
    Request(String),
    /// One field of the request: the caller.
    #[error("`{field}`: {what}")]
    Field {
        /// Its path.
        field: String,
        /// What it must be, or why it cannot be what it is.
        what: String,
    },
    /// The operating system: the operator.
    #[error(transparent)]
    Entropy(#[from] NoEntropy),
    /// A task was lost: a bug.
    #[error("an internal task stopped: {0}")]
    Task(String),
}

impl From<FilterError> for GuardError {
    fn from(FilterError { at: field, what }: FilterError) -> Self {
        Self::Field { field, what }
    }
}

impl GuardError {
    /// Stable name for outputs, metrics and the log.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Access(_) => "access-refused",
            Self::Embedder(_) => "embedder-differs",
            Self::Ledger(LedgerError::NotFound { .. }) => "not-found",
            Self::Ledger(LedgerError::Ambiguous { .. }) => "ambiguous",
            Self::Ledger(LedgerError::Conflict { .. }) => "conflict",
            Self::Ledger(LedgerError::OnHold { .. }) => "legal-hold",
            Self::Ledger(LedgerError::Taken { .. }) => "name-taken",
            Self::Ledger(
                LedgerError::Newer { .. }
                | LedgerError::Damaged { .. }
                | LedgerError::Database { .. },
            ) => "ledger-failed",
            Self::Store(_) => "store-failed",
            Self::Embed(_) => "embedder-failed",
            Self::LabelTooHigh { .. } => "label-too-high-for-embedder",
            Self::Reader(_) => "reader-not-started",
            Self::Record(_) => "record-failed",
            Self::Seal(_) => "seal-failed",
            Self::Keeper(_) => "key-file-failed",
            Self::Scope(_) => "too-many-classes",
            Self::Budget(_) => "budget-spent",
            Self::CallerChanged => "caller-changed",
            Self::Request(_) => "request-refused",
            Self::Field { .. } => "field-refused",
            Self::Entropy(_) | Self::Task(_) => "internal",
        }
    }
}
