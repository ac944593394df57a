//! Words of a text, as the lexical embedder counts them.
//!
//! Compatibility forms, case and accents are folded; English words are stemmed. Scripts that set no
//! spaces between words, and Hangul, whose particles hang on the noun, are cut into overlapping pairs
//! of characters beside the characters themselves.
//!
//! Lets through on purpose: words of other alphabetic languages are folded but not stemmed. A short
//! question does not tell its language surely enough, and a stem of the wrong language finds nothing.

use std::borrow::Cow;

use rust_stemmers::{Algorithm, Stemmer};
use unicode_normalization::UnicodeNormalization as _;
use unicode_segmentation::UnicodeSegmentation as _;

use crate::domain::limits::TERM_CHARS_MAX;

/// How a term came about, which is what can be said about its rarity when no table knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// A word between spaces.
    Word,
    /// A part of a word such as `example` of `example.com`; not counted in the text's length.
    Part,
    /// One character of a script without spaces.
    Character,
    /// Two such characters in a row; not counted in the text's length.
    Pair,
}

/// What joins the parts of one word (UAX 29, and `ExtendNumLet`).
const JOINTS: [char; 7] = ['.', '_', ':', '\'', ',', ';', '·'];

/// Hands every term of the text to `take`, in order. White space always parts words, so each run
/// between it is folded and cut on its own; most runs are ASCII, and much cheaper.
pub(super) fn each_term(text: &str, mut take: impl FnMut(&str, Kind)) {
    let stemmer = Stemmer::create(Algorithm::English);
    for run in text.split_whitespace() {
        if run.is_ascii() {
            ascii_words(&run.to_ascii_lowercase(), &stemmer, &mut take);
        } else {
            words(&folded(run), &stemmer, &mut take);
        }
    }
}

/// Compatibility forms unified, lower case, without the accents of Latin, Greek and Cyrillic.
fn folded(run: &str) -> String {
    let lower: String = run.nfkd().flat_map(char::to_lowercase).collect();
    let bare = lower.nfkd().filter(|ch| !matches!(ch, '\u{300}'..='\u{36F}'));
    bare.map(|ch| if ch == '\u{2019}' { '\'' } else { ch }).nfc().collect()
}

/// Words by Unicode's rules (UAX 29).
fn words(run: &str, stemmer: &Stemmer, take: &mut impl FnMut(&str, Kind)) {
    let mut last: Option<char> = None;
    for piece in run.split_word_bounds() {
        if !piece.starts_with(is_unspaced) {
            last = None;
            if piece.contains(char::is_alphanumeric) {
                word(piece, stemmer, take);
            }
            continue;
        }
        for ch in piece.chars().filter(|ch| ch.is_alphanumeric()) {
            let mut bytes = [0; 4];
            take(ch.encode_utf8(&mut bytes), Kind::Character);
            if let Some(last) = last.replace(ch) {
                take(&String::from_iter([last, ch]), Kind::Pair);
            }
        }
    }
}

/// The same rules where there is only ASCII: letters, digits and `_` go together, and one mark between
/// two letters or two digits joins them.
fn ascii_words(run: &str, stemmer: &Stemmer, take: &mut impl FnMut(&str, Kind)) {
    let bytes = run.as_bytes();
    let at = |index: usize| bytes.get(index).copied().unwrap_or(b' ');
    let mut start = 0;
    for end in 0..=bytes.len() {
        let (before, here, after) = (at(end.wrapping_sub(1)), at(end), at(end + 1));
        let joins = match here {
            b'.' | b'\'' => {
                (before.is_ascii_alphabetic() && after.is_ascii_alphabetic())
                    || (before.is_ascii_digit() && after.is_ascii_digit())
            }
            b':' => before.is_ascii_alphabetic() && after.is_ascii_alphabetic(),
            b',' | b';' => before.is_ascii_digit() && after.is_ascii_digit(),
            other => other.is_ascii_alphanumeric() || other == b'_',
        };
        if joins {
            continue;
        }
        if let Some(piece) = run.get(start..end)
            && piece.contains(|ch: char| ch.is_ascii_alphanumeric())
        {
            word(piece, stemmer, take);
        }
        start = end + 1;
    }
}

/// A word, and its parts where marks join several. `l'homme` is two words; `example.com` and
/// `max_size` are also one.
fn word(word: &str, stemmer: &Stemmer, take: &mut impl FnMut(&str, Kind)) {
    let word = contracted(word).trim_matches(JOINTS);
    if !word.contains(JOINTS) {
        return take(&stemmed(word, stemmer), Kind::Word);
    }
    let elided = word.contains('\'');
    if !elided {
        take(&stemmed(word, stemmer), Kind::Word);
    }
    let kind = if elided { Kind::Word } else { Kind::Part };
    for part in word.split(JOINTS).filter(|part| !part.is_empty()) {
        take(&stemmed(part, stemmer), kind);
    }
}

/// `guard's` is `guard`, `don't` is `don`: what hangs on an English word says nothing of its subject.
fn contracted(word: &str) -> &str {
    ["'s", "'t", "'re", "'ve", "'ll", "'d", "'m"]
        .into_iter()
        .find_map(|tail| word.strip_suffix(tail))
        .unwrap_or(word)
}

fn stemmed<'a>(word: &'a str, stemmer: &Stemmer) -> Cow<'a, str> {
    let end = word.char_indices().nth(TERM_CHARS_MAX).map_or(word.len(), |(end, _)| end);
    let word = word.get(..end).unwrap_or_default();
    if word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        stemmer.stem(word)
    } else {
        Cow::Borrowed(word)
    }
}

/// Scripts whose words are not told apart by spaces, and Hangul.
const fn is_unspaced(ch: char) -> bool {
    matches!(ch,
        '\u{E00}'..='\u{EFF}'       // Thai, Lao
        | '\u{1000}'..='\u{109F}'   // Myanmar
        | '\u{1100}'..='\u{11FF}'   // Hangul letters
        | '\u{1780}'..='\u{17FF}'   // Khmer
        | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}' // Kana
        | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' // Han
        | '\u{AC00}'..='\u{D7AF}'   // Hangul
        | '\u{20000}'..='\u{3FFFF}' // rare Han
    )
}

#[cfg(test)]
mod tests {
    use super::{Algorithm, Kind, Stemmer, ascii_words, each_term, words};
    use proptest::prelude::*;

    fn terms(text: &str) -> Vec<String> {
        let mut terms = Vec::new();
        each_term(text, |term, _| terms.push(term.to_owned()));
        terms
    }

    #[test]
    fn case_accents_and_compatibility_forms_make_no_difference() {
        assert_eq!(terms("Café ﬁnance Ｆｕｌｌ"), terms("CAFE finance full"));
        assert_eq!(terms("İstanbul ΣΊΣΥΦΟΣ"), ["istanbul", "σισυφοσ"]);
        assert_ne!(terms("care"), terms("core"));
    }

    #[test]
    fn english_words_are_stemmed_and_others_are_not() {
        assert_eq!(terms("refunds refunded refunding"), ["refund", "refund", "refund"]);
        // `ß` is not ASCII, so the word is not taken for English.
        assert_eq!(terms("Größe сервера v2"), ["große", "сервера", "v2"]);
    }

    #[test]
    fn joined_words_are_found_whole_and_in_parts() {
        assert_eq!(terms("max_size"), ["max_size", "max", "size"]);
        assert_eq!(terms("example.com"), ["example.com", "exampl", "com"]);
        assert_eq!(terms("l'homme the guard’s"), ["l", "homm", "the", "guard"]);
    }

    proptest! {
        #[test]
        fn the_rules_for_ascii_are_unicodes_rules(run in "[a-cA-C01._:',;@/ -]{0,12}") {
            let run = run.to_ascii_lowercase();
            let stemmer = Stemmer::create(Algorithm::English);
            let (mut by_ascii, mut by_unicode) = (Vec::new(), Vec::new());
            ascii_words(&run, &stemmer, &mut |term, kind| by_ascii.push((term.to_owned(), kind)));
            words(&run, &stemmer, &mut |term, kind| by_unicode.push((term.to_owned(), kind)));
            prop_assert_eq!(by_ascii, by_unicode);
        }

        #[test]
        fn no_text_gives_an_empty_term_or_a_panic(text in any::<String>()) {
            each_term(&text, |term, _| assert!(!term.is_empty()));
        }
    }

    #[test]
    fn scripts_without_spaces_give_characters_and_pairs() {
        assert_eq!(terms("東京都。大阪"), ["東", "京", "東京", "都", "京都", "大", "阪", "大阪"]);
        assert_eq!(terms("한국 어"), ["한", "국", "한국", "어"]);
        let mut kinds = Vec::new();
        each_term("東京 abc", |_, kind| kinds.push(kind));
        assert_eq!(kinds, [Kind::Character, Kind::Character, Kind::Pair, Kind::Word]);
    }

    #[test]
    fn punctuation_emoji_and_nothing_give_no_terms() {
        assert_eq!(terms("… — 🎉 \u{200B}\n"), Vec::<String>::new());
        assert_eq!(terms(""), Vec::<String>::new());
    }

    #[test]
    fn a_word_without_end_is_cut() {
        assert_eq!(terms(&"x".repeat(1_000))[0].chars().count(), 64);
    }
}
