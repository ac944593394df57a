//! Looking around in a text by bytes: what stands before and behind a value, and which words are near.

use aho_corasick::AhoCorasick;

/// Bytes of a text; a place outside it has none.
#[derive(Debug, Clone, Copy)]
pub(in crate::detect) struct Bytes<'a>(pub &'a [u8]);

impl Bytes<'_> {
    pub(in crate::detect) fn at(self, index: usize) -> Option<u8> {
        self.0.get(index).copied()
    }

    pub(in crate::detect) fn before(self, index: usize) -> Option<u8> {
        self.0.get(index.checked_sub(1)?).copied()
    }
}

/// A byte of a name in programs; letters of other scripts too.
pub(in crate::detect) const fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// The character that ends at a place.
pub(in crate::detect) fn before_char(text: &str, at: usize) -> Option<char> {
    text.get(..at)?.chars().next_back()
}

/// The character that begins at a place.
pub(in crate::detect) fn after_char(text: &str, at: usize) -> Option<char> {
    text.get(at..)?.chars().next()
}

/// End of the run of such bytes that begins at a place, at most so far.
pub(in crate::detect) fn run_of(
    text: &str,
    at: usize,
    bytes_max: usize,
    is: impl Fn(u8) -> bool,
) -> usize {
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    at + rest.iter().take(bytes_max).take_while(|byte| is(**byte)).count()
}

/// What stands before a place, at most so far.
pub(in crate::detect) fn window_before(text: &str, at: usize, bytes_max: usize) -> &str {
    let start = text.ceil_char_boundary(at.saturating_sub(bytes_max));
    text.get(start..at).unwrap_or_default()
}

/// How far a telling word may stand before a number, and behind it.
const WORD_BEFORE_BYTES: usize = 56;
const WORD_BEHIND_BYTES: usize = 24;
/// Shorter words also stand inside others, and must stand alone.
const WORD_LETTERS_ALONE_MAX: usize = 5;

/// Whether one of these words (in lower case) stands near a range.
pub(in crate::detect) fn has_word_near(
    text: &str,
    range: &std::ops::Range<usize>,
    words: &[&str],
) -> bool {
    sides(text, range).iter().any(|side| {
        let side = side.to_lowercase();
        words.iter().any(|word| holds(&side, word))
    })
}

/// Words that are looked for so often that each look must be one pass.
pub(in crate::detect) fn word_set(words: &[&str]) -> Option<AhoCorasick> {
    AhoCorasick::new(words).ok()
}

/// The same as `has_word_near` for a set.
pub(in crate::detect) fn has_one_near(
    text: &str,
    range: &std::ops::Range<usize>,
    words: &AhoCorasick,
) -> bool {
    sides(text, range).iter().any(|side| {
        let side = side.to_lowercase();
        words.find_overlapping_iter(&side).any(|word| stands(&side, word.start(), word.end()))
    })
}

/// What stands before a range, and behind it.
fn sides<'t>(text: &'t str, range: &std::ops::Range<usize>) -> [&'t str; 2] {
    let end = text.floor_char_boundary((range.end + WORD_BEHIND_BYTES).min(text.len()));
    let behind = text.get(range.end..end).unwrap_or_default();
    [window_before(text, range.start, WORD_BEFORE_BYTES), behind]
}

fn holds(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, word)| stands(text, at, at + word.len()))
}

/// Whether a word that was met counts: a short one stands alone.
fn stands(text: &str, start: usize, end: usize) -> bool {
    let is_letter = |ch: Option<char>| ch.is_some_and(char::is_alphabetic);
    let is_short = text
        .get(start..end)
        .is_some_and(|word| word.is_ascii() && word.len() <= WORD_LETTERS_ALONE_MAX);
    !is_short || !(is_letter(before_char(text, start)) || is_letter(after_char(text, end)))
}

#[cfg(test)]
mod tests {
    use super::has_word_near;

    #[test]
    fn short_words_must_stand_alone_and_near() {
        let near = |text: &str| {
            let at = text.find('7').unwrap();
            has_word_near(text, &(at..at + 1), &["tel", "telefon"])
        };
        assert!(near("Tel. 7") && near("Mobiltelefon 7") && near("7 (tel)"));
        assert!(!near("Hotel 7") && !near(&format!("Tel{}7", " ".repeat(80))));
    }
}
