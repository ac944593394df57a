//! A chunk: what is scanned, embedded, stored and authenticated, every byte of it pointing back.

use serde::{Deserialize, Serialize};

use super::document::{Document, Span};

/// A piece of an admitted document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chunk {
    /// Position in the revision, from 0.
    pub ordinal: u32,
    /// The headings above it, outermost first; for citations, not part of the text.
    pub headings: Vec<String>,
    /// The text, exactly as it is scanned, embedded and authenticated.
    pub text: String,
    /// Where each part of the text comes from, in order and without overlap.
    pub parts: Vec<Part>,
}

/// A range of a chunk's text and the span of a block that it repeats. Bytes between parts are
/// separators of joints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// First byte in the chunk's text.
    pub start: u32,
    /// The same bytes in the document.
    pub span: Span,
}

impl Chunk {
    /// Where the chunk begins, for a citation.
    pub fn place(&self, document: &Document) -> String {
        self.parts
            .first()
            .and_then(|part| document.block(part.span.block))
            .map(|block| block.location.to_string())
            .unwrap_or_default()
    }

    /// Whether every part says what its block says: the chunk is the document's own text.
    pub fn repeats(&self, document: &Document) -> bool {
        self.parts.iter().all(|part| {
            let source = document.text_of(part.span);
            let start = usize::try_from(part.start).unwrap_or(usize::MAX);
            !source.is_empty()
                && self.text.get(start..start.saturating_add(source.len())) == Some(source)
        })
    }
}
