//! What the parts of this detector find: a place, how bad it is, and what it says.

use std::ops::Range;

use crate::domain::finding::Severity;

/// Something odd in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Odd {
    pub(super) range: Range<usize>,
    pub(super) severity: Severity,
    pub(super) confidence: u8,
    pub(super) note: &'static str,
    /// What it decodes to, where that is not what stands there.
    pub(super) decoded: Option<String>,
}

/// A range with some of what is around it, on the borders of characters.
pub(super) fn around(
    text: &str,
    range: &Range<usize>,
    before: usize,
    after: usize,
) -> Range<usize> {
    let start = text.floor_char_boundary(range.start.saturating_sub(before));
    let end = text.ceil_char_boundary(range.end.saturating_add(after).min(text.len()));
    start..end
}
