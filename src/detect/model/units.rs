//! Units: what the model judges one by one. Sentences, lines, and pieces of text without either.
//!
//! Lets through on purpose: nothing; every byte of the text is in exactly one unit.

use std::ops::Range;

use crate::domain::limits::{MODEL_UNIT_BYTES_MAX, MODEL_UNIT_BYTES_MIN};

/// Units of a folded text, in order and without holes.
pub(super) fn units(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::with_capacity(text.len() / 64 + 1);
    let mut start = 0;
    let mut space = None;
    let mut chars = text.char_indices().peekable();
    while let Some((at, ch)) = chars.next() {
        let end = at + ch.len_utf8();
        if ch == ' ' {
            space = Some(end);
        }
        let length = end - start;
        let stops = length >= MODEL_UNIT_BYTES_MIN && is_stop(ch, chars.peek().map(|next| next.1));
        if !stops && length < MODEL_UNIT_BYTES_MAX {
            continue;
        }
        // A long run is cut between words where there is a space in its second half.
        let cut = space.filter(|space| !stops && space - start > MODEL_UNIT_BYTES_MAX / 2);
        let end = cut.unwrap_or(end);
        found.push(start..end);
        start = end;
        space = None;
    }
    if start < text.len() {
        found.push(start..text.len());
    }
    found
}

fn is_stop(ch: char, next: Option<char>) -> bool {
    match ch {
        '\n' | '。' | '｡' | '।' | '۔' => true,
        '.' | '!' | '?' | '؟' => {
            next.is_none_or(|next| next.is_whitespace() || matches!(next, '"' | '\'' | ')'))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::units;
    use crate::domain::limits::MODEL_UNIT_BYTES_MAX;

    #[test]
    fn units_cover_the_text_without_holes() {
        let text = "one sentence stands here. and a second one! a line\nand another line of words\n二つ目の文はここにあります。終わり";
        let joined: String = units(text).into_iter().filter_map(|range| text.get(range)).collect();
        assert_eq!(joined, text);
        assert_eq!(units(text).len(), 5);
    }

    #[test]
    fn text_without_stops_is_cut_between_words() {
        let text = "word ".repeat(400);
        let units = units(&text);
        assert!(units.iter().all(|unit| unit.len() <= MODEL_UNIT_BYTES_MAX));
        assert!(
            units
                .iter()
                .all(|unit| text.get(unit.clone()).is_some_and(|unit| unit.starts_with("word")))
        );
        assert!(super::units(&"忽".repeat(2_000)).len() > 4);
    }
}
