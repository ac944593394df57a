//! Readings → findings. One file per detector, each with one `Entry`; the list is `REGISTRY`.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use crate::domain::digest::Digest;
use crate::domain::document::Document;
use crate::domain::finding::Finding;
use crate::domain::id::DocumentId;

/// Another document of the same tenant whose text is close to the subject's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Neighbour {
    /// Which.
    pub document: DocumentId,
    /// Estimated Jaccard similarity of their word shingles, 0 to 1.
    pub similarity: f32,
}

/// Runs every detector over every reading of a document.
pub fn scan(_document: &Document, _neighbours: &[Neighbour]) -> Vec<Finding> {
    Vec::new()
}

/// Changes whenever any detector could find something else.
pub fn rules_digest() -> Digest {
    Digest::of_parts([])
}
