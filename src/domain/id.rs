//! Opaque ids. Each kind is its own type, so a chunk id cannot be handed where a point id is due.
//!
//! Ids are random and made by the `Entropy` port; this layer only reads and writes them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The text was not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an id")]
pub struct IdError {
    /// What was given, shortened by the caller before it is shown.
    pub text: String,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps sixteen random bytes.
            pub const fn new(uuid: Uuid) -> Self {
                Self(uuid)
            }
            /// The id as a UUID, the form that vector stores take.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
            /// The sixteen bytes that canonical forms hold.
            pub const fn bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                let text = text.trim();
                Uuid::from_str(text).map(Self).map_err(|_| IdError { text: text.to_owned() })
            }
        }
    )+};
}

ids! {
    /// An administered source.
    SourceId,
    /// One item of a source.
    DocumentId,
    /// One content of a document.
    RevisionId,
    /// What is embedded and stored.
    ChunkId,
    /// Where a chunk lies in a vector store.
    PointId,
    /// One (tenant, access list, label); what the store's filter names.
    ClassId,
    /// A person's decision on a held revision.
    RulingId,
    /// A finding that somebody has looked at and that does not count.
    AllowId,
    /// A place where chunks are searched.
    CollectionId,
    /// The key of an application.
    ApiKeyId,
    /// A user whom an identity provider keeps here.
    PersonId,
    /// A group that an identity provider keeps here.
    GroupId,
    /// One audit log, from its first record on.
    InstanceId,
    /// One request, in everything that is on record of it.
    TraceId,
}
