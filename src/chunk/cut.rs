//! Where a paragraph is cut that is longer than a chunk, and how much of it the next chunk repeats:
//! at sentence ends, else line ends, else white space, else word boundaries, else characters.
//!
//! Only windows of `CHUNK_BYTES_MAX` are looked at, so no text makes the segmentation slow.

use unicode_segmentation::UnicodeSegmentation as _;

use crate::domain::limits::{CHUNK_BYTES_MIN, CHUNK_OVERLAP_BYTES};

/// Where to end a chunk in this window, which the paragraph overruns: past `CHUNK_BYTES_MIN`, so that
/// every cut advances.
pub(super) fn end_in(window: &str) -> usize {
    let flat = unwrapped(window);
    let fits = |at: &usize| CHUNK_BYTES_MIN <= *at;
    last_start(flat.split_sentence_bound_indices())
        .filter(fits)
        .or_else(|| window.rfind('\n').map(|at| at + 1).filter(fits))
        .or_else(|| last_space(window).filter(fits))
        .or_else(|| last_start(window.split_word_bound_indices()).filter(fits))
        .unwrap_or(window.len())
}

/// Where the next chunk begins in this text, the end of the paragraph so far: its first sentence that
/// begins in the last `CHUNK_OVERLAP_BYTES`, else its first word there, else the first character.
pub(super) fn overlap_in(before: &str) -> usize {
    if before.len() <= CHUNK_OVERLAP_BYTES {
        return 0;
    }
    let from = before.ceil_char_boundary(before.len() - CHUNK_OVERLAP_BYTES);
    // As much again before it tells the segmentation where it is.
    let context = before.floor_char_boundary(from.saturating_sub(CHUNK_OVERLAP_BYTES));
    let flat = unwrapped(before.get(context..).unwrap_or_default());
    first_start(flat.split_sentence_bound_indices(), from - context)
        .map(|start| context + start)
        .or_else(|| {
            let tail = before.get(from..)?;
            let (at, space) = tail.char_indices().find(|(_, ch)| ch.is_whitespace())?;
            Some(from + at + space.len_utf8()).filter(|start| *start < before.len())
        })
        .or_else(|| {
            let tail = before.get(context..)?;
            Some(context + first_start(tail.split_word_bound_indices(), from - context)?)
        })
        .unwrap_or(from)
}

/// The text with line ends as spaces, byte for byte: sentences run over wrapped lines.
fn unwrapped(text: &str) -> String {
    text.replace('\n', " ")
}

fn last_start<'a>(bounds: impl Iterator<Item = (usize, &'a str)>) -> Option<usize> {
    bounds.last().map(|(start, _)| start)
}

fn first_start<'a>(
    mut bounds: impl Iterator<Item = (usize, &'a str)>,
    from: usize,
) -> Option<usize> {
    bounds.find(|(start, _)| from <= *start).map(|(start, _)| start)
}

fn last_space(window: &str) -> Option<usize> {
    let (at, space) = window.char_indices().rev().find(|(_, ch)| ch.is_whitespace())?;
    Some(at + space.len_utf8())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::limits::CHUNK_BYTES_MAX;

    #[track_caller]
    fn cut(text: &str) -> (&str, &str) {
        let (window, _) = text.split_at(text.floor_char_boundary(CHUNK_BYTES_MAX));
        text.split_at(end_in(window))
    }

    #[test]
    fn a_sentence_end_is_preferred_and_wrapped_lines_end_no_sentence() {
        let text = "The refund takes\nfive days. ".repeat(100);
        let (before, after) = cut(&text);
        assert!(before.ends_with("five days. ") && after.starts_with("The refund takes\n"));
    }

    #[test]
    fn without_sentences_lines_then_words_then_characters_are_kept_whole() {
        let lines = "some item without an end\n".repeat(100);
        assert!(cut(&lines).0.ends_with('\n') && cut(&lines).1.starts_with("some"));
        let words = "word ".repeat(1_000);
        assert!(cut(&words).0.ends_with(' ') && cut(&words).1.starts_with("word"));
        assert_eq!(cut(&"漢".repeat(1_000)).0.len() % 3, 0);
        assert_eq!(cut(&"x".repeat(5_000)).0.len(), CHUNK_BYTES_MAX);
    }

    #[test]
    fn a_short_beginning_is_not_cut_off() {
        let text = format!("Short. {}", "x".repeat(5_000));
        assert_eq!(cut(&text).0.len(), CHUNK_BYTES_MAX);
    }

    #[test]
    fn the_repeated_end_begins_with_a_sentence_else_a_word() {
        let sentences = "One sentence stands here. ".repeat(20);
        assert!(sentences.split_at(overlap_in(&sentences)).1.starts_with("One"));
        let words = "word ".repeat(200);
        assert!(words.split_at(overlap_in(&words)).1.starts_with("word"));
        for text in [sentences, words, "x".repeat(999), "漢".repeat(300)] {
            let repeated = text.len() - overlap_in(&text);
            assert!((1..=CHUNK_OVERLAP_BYTES).contains(&repeated), "{repeated}");
        }
    }
}
