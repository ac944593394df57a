//! Words of a text, as the lexical embedder counts them.
//!
//! Compatibility forms, case and accents are folded; English words are stemmed. Scripts that set no
//! spaces between words, and Hangul, whose particles hang on the noun, are cut into overlapping pairs
//! of characters beside the characters themselves.
//!
//! Lets through on purpose: words of other alphabetic languages are folded but not stemmed. A short
//! question does not tell its language surely enough, and a stem of the wrong language finds nothing.

use rust_stemmers::{Algorithm, Stemmer};
use unicode_normalization::UnicodeNormalization as _;
use unicode_segmentation::UnicodeSegmentation as _;

/// Characters of one term; what is longer is no word, and its beginning tells it apart.
const TERM_CHARS_MAX: usize = 64;

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

/// Hands every term of the text to `take`, in order.
pub(super) fn each_term(text: &str, mut take: impl FnMut(&str, Kind)) {
    let stemmer = Stemmer::create(Algorithm::English);
    let folded = folded(text);
    let mut last: Option<char> = None;
    for piece in folded.split_word_bounds() {
        let first = piece.chars().next();
        if first.is_some_and(is_unspaced) {
            for ch in piece.chars().filter(|ch| ch.is_alphanumeric()) {
                let mut bytes = [0; 4];
                take(ch.encode_utf8(&mut bytes), Kind::Character);
                if let Some(last) = last.replace(ch) {
                    take(&String::from_iter([last, ch]), Kind::Pair);
                }
            }
            continue;
        }
        last = None;
        if piece.chars().any(char::is_alphanumeric) {
            word(piece, &stemmer, &mut take);
        }
    }
}

/// Compatibility forms unified, lower case, without the accents of Latin, Greek and Cyrillic.
fn folded(text: &str) -> String {
    let lower: String = text.nfkd().flat_map(char::to_lowercase).collect();
    lower.nfkd().filter(|ch| !matches!(ch, '\u{300}'..='\u{36F}')).nfc().collect()
}

/// A word, and its parts where punctuation joins several.
fn word(word: &str, stemmer: &Stemmer, take: &mut impl FnMut(&str, Kind)) {
    let word = &word.replace('\u{2019}', "'");
    let word = contracted(word);
    let parts = || word.split(['.', '_', ':', '\'', '·', ',']).filter(|part| !part.is_empty());
    if parts().nth(1).is_none() {
        parts().for_each(|part| take(&stemmed(part, stemmer), Kind::Word));
        return;
    }
    // `l'homme` is two words; `example.com` and `max_size` are also one.
    let elided = word.contains('\'');
    if !elided {
        take(&stemmed(word, stemmer), Kind::Word);
    }
    let kind = if elided { Kind::Word } else { Kind::Part };
    parts().for_each(|part| take(&stemmed(part, stemmer), kind));
}

/// `guard's` is `guard`, `don't` is `don`: what hangs on an English word says nothing of its subject.
fn contracted(word: &str) -> &str {
    ["'s", "'t", "'re", "'ve", "'ll", "'d", "'m"]
        .into_iter()
        .find_map(|tail| word.strip_suffix(tail))
        .unwrap_or(word)
}

fn stemmed(word: &str, stemmer: &Stemmer) -> String {
    let word: String = word.chars().take(TERM_CHARS_MAX).collect();
    if word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        stemmer.stem(&word).into_owned()
    } else {
        word
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
    use super::{Kind, each_term};

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
        assert_eq!(terms("Größe сервера v2"), ["groß", "сервера", "v2"].map(fold_sharp));
    }

    /// `ß` stays as it is, so a word with it is not ASCII and not stemmed.
    fn fold_sharp(word: &str) -> String {
        if word == "groß" { "große".to_owned() } else { word.to_owned() }
    }

    #[test]
    fn joined_words_are_found_whole_and_in_parts() {
        assert_eq!(terms("max_size"), ["max_size", "max", "size"]);
        assert_eq!(terms("example.com"), ["example.com", "exampl", "com"]);
        assert_eq!(terms("l'homme the guard’s"), ["l", "homm", "the", "guard"]);
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
