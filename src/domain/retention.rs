//! How long a document is kept: until it expires, is erased, or for as long as a matter of law holds it.

use serde::Serialize;

use super::source::Name;
use super::time::Timestamp;

/// A matter of law for which nothing of a document may be destroyed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LegalHold {
    /// Which matter: one document may be held for several.
    pub matter: Name,
    /// Why, in the words of whoever placed it.
    pub reason: String,
    /// Who placed it.
    pub actor: String,
    /// When.
    pub placed_at: Timestamp,
}

/// What is said of how long a document is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Retention {
    /// From then on it is nobody's, and what was kept of it is destroyed.
    pub expires_at: Option<Timestamp>,
    /// When it was erased.
    pub erased_at: Option<Timestamp>,
    /// What holds it, and what holds the file that it is inside of; by matter.
    pub holds: Vec<LegalHold>,
}
