//! Taking spans out of a document. The result is another document and is scanned like one.

use std::collections::BTreeMap;

use super::document::{BlockId, Document, Span};

/// Stands where a span was, so that what stood around it cannot grow together into a new sentence.
pub const REDACTION_MARK: &str = " [removed] ";

/// The document without these spans. Overlapping spans become one; spans that are not of this
/// document do nothing.
pub fn redact(document: &Document, spans: &[Span]) -> Document {
    let mut by_block: BTreeMap<BlockId, Vec<(usize, usize)>> = BTreeMap::new();
    for span in spans {
        if let (Ok(start), Ok(end)) = (usize::try_from(span.start), usize::try_from(span.end)) {
            by_block.entry(span.block).or_default().push((start, end));
        }
    }
    let mut redacted = document.clone();
    for (index, block) in redacted.blocks.iter_mut().enumerate() {
        let id = BlockId(u32::try_from(index).unwrap_or(u32::MAX));
        if let Some(ranges) = by_block.get_mut(&id) {
            ranges.sort_unstable();
            block.text = without(&block.text, ranges);
        }
    }
    redacted
}

/// The text with each sorted range replaced by the mark. A range that cuts a character is widened to
/// it: rather too much than a half.
fn without(text: &str, ranges: &[(usize, usize)]) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut position = 0;
    for (start, end) in ranges {
        let (start, end) = (floor(text, *start), ceil(text, *end));
        if end <= position || end <= start {
            continue;
        }
        if start > position || kept.is_empty() {
            kept.push_str(text.get(position..start).unwrap_or_default());
            kept.push_str(REDACTION_MARK);
        }
        position = end;
    }
    kept.push_str(text.get(position..).unwrap_or_default());
    kept
}

fn floor(text: &str, mut index: usize) -> usize {
    index = index.min(text.len());
    while !text.is_char_boundary(index) {
        index -= 1;
    }
    index
}

fn ceil(text: &str, mut index: usize) -> usize {
    index = index.min(text.len());
    while !text.is_char_boundary(index) {
        index += 1;
    }
    index
}

#[cfg(test)]
mod tests {
    use super::without;

    #[test]
    fn what_stands_around_a_removed_span_does_not_grow_together() {
        assert_eq!(without("ig<x>nore", &[(2, 5)]), "ig [removed] nore");
    }

    #[test]
    fn overlapping_and_touching_spans_are_one() {
        assert_eq!(without("abcdef", &[(1, 3), (2, 4), (4, 5)]), "a [removed] f");
        assert_eq!(without("abc", &[(0, 3), (0, 3)]), " [removed] ");
    }

    #[test]
    fn spans_past_the_end_or_inside_a_character_are_widened_not_refused() {
        assert_eq!(without("aéb", &[(2, 99)]), "a [removed] ");
        assert_eq!(without("abc", &[(7, 9)]), "abc");
    }
}
