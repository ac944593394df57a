//! Taking spans out of a document. The result is another document and is scanned like one.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::document::{BlockId, Document, Span};
use super::sensitive::Sensitive;

/// Stands where a span was, so that what stood around it cannot grow together into a new sentence.
pub const REDACTION_MARK: &str = " [removed] ";

/// A span that is to go, and what is to stand there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Removal {
    span: Span,
    mark: &'static str,
}

/// The same in one block's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Cut {
    start: usize,
    end: usize,
    mark: &'static str,
}

impl Removal {
    /// A value is replaced by the mark of its kind, anything else by the plain one.
    pub fn of(span: Span, kind: Option<Sensitive>) -> Self {
        Self { span, mark: kind.map_or(REDACTION_MARK, Sensitive::mark) }
    }

    /// What goes.
    pub const fn span(&self) -> Span {
        self.span
    }

    /// What stands there then.
    pub const fn mark(&self) -> &'static str {
        self.mark
    }

    fn cut(self) -> Option<Cut> {
        let (start, end) = (usize::try_from(self.span.start), usize::try_from(self.span.end));
        Some(Cut { start: start.ok()?, end: end.ok()?, mark: self.mark })
    }
}

/// The document without these. Overlapping spans become one; spans that are not of this document do
/// nothing. A title that stands in a block loses what the block loses.
pub fn redact(document: &Document, removals: &[Removal]) -> Document {
    let mut by_block: BTreeMap<BlockId, Vec<Cut>> = BTreeMap::new();
    for removal in removals {
        if let Some(cut) = removal.cut() {
            by_block.entry(removal.span.block).or_default().push(cut);
        }
    }
    let mut redacted = document.clone();
    for (index, block) in redacted.blocks.iter_mut().enumerate() {
        let id = BlockId(u32::try_from(index).unwrap_or(u32::MAX));
        if let Entry::Occupied(mut cuts) = by_block.entry(id) {
            cuts.get_mut().sort_unstable();
            if let Some(title) = &mut redacted.title
                && block.text.contains(title.as_str())
            {
                *title = without_texts(title, &block.text, cuts.get());
            }
            block.text = without(&block.text, cuts.get());
        }
    }
    redacted
}

/// The title without every text that goes out of the block.
fn without_texts(title: &str, block: &str, cuts: &[Cut]) -> String {
    let mut kept = title.to_owned();
    for cut in cuts {
        match block.get(floor(block, cut.start)..ceil(block, cut.end)) {
            Some(text) if !text.is_empty() => kept = kept.replace(text, cut.mark),
            Some(_) | None => {}
        }
    }
    kept
}

/// The text with each sorted range replaced by its mark; of ranges that meet, by the first one's. A range
/// that cuts a character is widened to it: rather too much than a half.
fn without(text: &str, cuts: &[Cut]) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut position = 0;
    for Cut { start, end, mark } in cuts {
        let (start, end) = (floor(text, *start), ceil(text, *end));
        if end <= position || end <= start {
            continue;
        }
        if start > position || kept.is_empty() {
            kept.push_str(text.get(position..start).unwrap_or_default());
            kept.push_str(mark);
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
    use super::{Cut, REDACTION_MARK};
    use crate::domain::sensitive::Sensitive;

    fn without(text: &str, ranges: &[(usize, usize)]) -> String {
        let cut =
            |(start, end): &(usize, usize)| Cut { start: *start, end: *end, mark: REDACTION_MARK };
        super::without(text, &ranges.iter().map(cut).collect::<Vec<_>>())
    }

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

    #[test]
    fn a_value_leaves_the_mark_of_its_kind_in_block_and_title() {
        let cuts = [Cut { start: 4, end: 7, mark: Sensitive::Password.mark() }];
        assert_eq!(super::without("pw: x1y end", &cuts), "pw: [password removed] end");
        let title = super::without_texts("x1y", "pw: x1y end", &cuts);
        assert_eq!(title, "[password removed]");
    }
}
