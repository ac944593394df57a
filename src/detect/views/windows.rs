//! Sentence windows over a whole view: what is judged together. They run across blocks, overlap by a
//! sentence, and cut text without punctuation by size, so that neither length nor missing full stops
//! nor a chunk's border hides an attack. Their bounded size also bounds the work of every rule.
//!
//! Lets through on purpose: an instruction stretched over more than `WINDOW_SENTENCES` sentences.

use std::ops::Range;

use crate::domain::limits::{WINDOW_BYTES_MAX, WINDOW_SENTENCES};

/// Shorter pieces join the next: "e.g." is no sentence.
const SENTENCE_BYTES_MIN: usize = 20;

/// Sentences of a view, in order and without holes; longer runs are cut into pieces.
pub(in crate::detect) fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, ch)) = chars.next() {
        let end = at + ch.len_utf8();
        let next = chars.peek().map(|(_, next)| *next);
        if end - start >= WINDOW_BYTES_MAX
            || (is_stop(ch, next) && end - start >= SENTENCE_BYTES_MIN)
        {
            found.push(start..end);
            start = end;
        }
    }
    if start < text.len() {
        found.push(start..text.len());
    }
    found
}

fn is_stop(ch: char, next: Option<char>) -> bool {
    match ch {
        '。' | '｡' | '।' | '۔' => true,
        '.' | '!' | '?' | '؟' | ';' => {
            next.is_none_or(|next| next.is_whitespace() || !next.is_ascii() || next == '"')
        }
        _ => false,
    }
}

/// Windows of `WINDOW_SENTENCES` sentences, each beginning with the last sentence of the one before,
/// so that any two neighbouring sentences stand together in one of them.
pub(in crate::detect) fn windows(text: &str) -> Vec<Range<usize>> {
    let sentences = sentences(text);
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut first = 0;
    while let Some(start) = sentences.get(first).map(|sentence| sentence.start) {
        let last = (first + WINDOW_SENTENCES).min(sentences.len()) - 1;
        let end = sentences.get(last).map_or(text.len(), |sentence| sentence.end);
        found.push(start..end);
        if last + 1 == sentences.len() {
            break;
        }
        first += WINDOW_SENTENCES - 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{sentences, windows};
    use crate::domain::limits::{WINDOW_BYTES_MAX, WINDOW_SENTENCES};

    #[test]
    fn sentences_cover_the_text_without_holes() {
        let text =
            "one sentence stands here. 二つ目の文はここにあります。and a third e.g. this! the end";
        let joined: String =
            sentences(text).into_iter().filter_map(|range| text.get(range)).collect();
        assert_eq!(joined, text);
        assert_eq!(sentences(text).len(), 4);
    }

    #[test]
    fn any_two_neighbouring_sentences_stand_in_one_window() {
        let text = "this is sentence number zero. ".repeat(9);
        let sentences = sentences(text.trim_end());
        let windows = windows(text.trim_end());
        for pair in sentences.windows(2) {
            assert!(
                windows.iter().any(|w| w.start <= pair[0].start && pair[1].end <= w.end),
                "{pair:?} in {windows:?}"
            );
        }
    }

    #[test]
    fn text_without_punctuation_is_cut_with_an_overlap() {
        let text = "word ".repeat(2_000);
        let windows = windows(&text);
        assert!(windows.len() > 5);
        assert!(windows.iter().all(|w| w.len() <= WINDOW_SENTENCES * (WINDOW_BYTES_MAX + 4)));
        assert!(windows.windows(2).all(|pair| pair[1].start < pair[0].end));
    }
}
