//! Words that a person reads as one thing and a program as another: cut by invisible characters, or
//! mixed from letters of several scripts that look alike.
//!
//! Lets through on purpose: breaks between syllables, breaks in long addresses, words of one script,
//! letters of another script at the end of a word (inflected names) and where they do not look Latin
//! (units, formulas), brand names that mix two scripts once.

use std::ops::Range;

use super::odd::{Odd, around};
use crate::detect::views::{RunKind, runs};
use crate::domain::finding::Severity;

/// Words of ASCII letters cut by invisible characters; a long word may have a break in it, prose with
/// several is cut on purpose.
const CUT_WORDS_MIN: usize = 4;
/// Letters on each side before a token counts as long.
const LONG_TOKEN_BYTES: usize = 12;
/// Words with a soft hyphen behind nearly every letter; syllables have two letters or more.
const CRUMBLED_WORDS_MIN: usize = 2;
/// Pieces of such a word.
const PIECES_MIN: usize = 4;
/// Words that mix scripts; one may be a name.
const MIXED_WORDS_MIN: usize = 2;

/// Words of ASCII letters with an invisible character inside: read whole by a person, not by a filter.
pub(super) fn cut(text: &str) -> Option<Odd> {
    let bytes = text.as_bytes();
    let letter =
        |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_alphabetic);
    let cuts: Vec<Range<usize>> = runs(text)
        .into_iter()
        .filter(|run| run.kind == RunKind::ZeroWidth)
        .map(|run| run.range)
        .filter(|cut| letter(cut.start.checked_sub(1)) && letter(Some(cut.end)))
        // A break opportunity in a long address or identifier is what the character is for.
        .filter(|cut| !is_in_long_token(bytes, cut))
        .collect();
    let first = cuts.first().filter(|_| cuts.len() >= CUT_WORDS_MIN)?;
    Some(Odd {
        range: around(text, first, 20, 80),
        severity: Severity::Medium,
        confidence: 75,
        note: "words are cut by invisible characters",
        decoded: None,
    })
}

fn is_in_long_token(bytes: &[u8], cut: &Range<usize>) -> bool {
    let token = |byte: &u8| byte.is_ascii_graphic();
    let before = bytes.iter().take(cut.start).rev().take(64).take_while(|byte| token(byte)).count();
    let after = bytes.iter().skip(cut.end).take(64).take_while(|byte| token(byte)).count();
    before + after > LONG_TOKEN_BYTES * 2
}

/// Words that soft hyphens crumble into letters.
pub(super) fn crumbled(text: &str) -> Option<Odd> {
    if !text.contains('\u{AD}') {
        return None;
    }
    let words: Vec<Range<usize>> = words(text, |ch| ch.is_alphabetic() || ch == '\u{AD}')
        .filter(|word| {
            let pieces: Vec<&str> =
                text.get(word.clone()).unwrap_or_default().split('\u{AD}').collect();
            let letters: usize = pieces.iter().map(|piece| piece.chars().count()).sum();
            pieces.len() >= PIECES_MIN && letters < pieces.len() * 2
        })
        .take(CRUMBLED_WORDS_MIN)
        .collect();
    let first = words.first().filter(|_| words.len() >= CRUMBLED_WORDS_MIN)?;
    Some(Odd {
        range: around(text, first, 0, 80),
        severity: Severity::Medium,
        confidence: 80,
        note: "soft hyphens stand behind single letters",
        decoded: None,
    })
}

/// Words in which letters of another script stand for Latin ones that they are drawn like.
pub(super) fn mixed(text: &str) -> Option<Odd> {
    let found: Vec<Range<usize>> = words(text, char::is_alphabetic)
        .filter(|word| text.get(word.clone()).is_some_and(is_mixed))
        .take(MIXED_WORDS_MIN)
        .collect();
    let first = found.first().filter(|_| found.len() >= MIXED_WORDS_MIN)?;
    let range = around(text, first, 0, 80);
    let decoded = text.get(range.clone()).map(|part| part.chars().map(latin).collect());
    Some(Odd {
        range,
        severity: Severity::Medium,
        confidence: 80,
        note: "words are mixed from letters of several scripts that look alike",
        decoded,
    })
}

/// Ranges of characters of one kind, in order.
fn words<'t>(
    text: &'t str,
    inside: impl Fn(char) -> bool + 't,
) -> impl Iterator<Item = Range<usize>> + 't {
    let mut start = None;
    text.char_indices().chain([(text.len(), ' ')]).filter_map(move |(at, ch)| {
        if at < text.len() && inside(ch) {
            start.get_or_insert(at);
            return None;
        }
        start.take().map(|start| start..at)
    })
}

/// At least two Latin letters, and a look-alike that stands before one of them.
fn is_mixed(word: &str) -> bool {
    if word.is_ascii() || word.len() < 4 {
        return false;
    }
    let ascii = word.chars().filter(char::is_ascii_alphabetic).count();
    let looks = |ch: char| ch.is_ascii() || latin(ch) != ch;
    let last_ascii = word.rfind(|ch: char| ch.is_ascii_alphabetic()).unwrap_or(0);
    let inside = word.char_indices().any(|(at, ch)| at < last_ascii && latin(ch) != ch);
    ascii >= 2 && inside && word.chars().all(looks)
}

/// The Latin letter that a letter of another script cannot be told from in most fonts.
const fn latin(ch: char) -> char {
    match ch {
        'а' => 'a',
        'с' | 'ϲ' => 'c',
        'ԁ' => 'd',
        'е' => 'e',
        'һ' | 'հ' => 'h',
        'і' => 'i',
        'ј' => 'j',
        'ӏ' => 'l',
        'ո' => 'n',
        'о' | 'ο' | 'օ' => 'o',
        'р' | 'ρ' => 'p',
        'ԛ' => 'q',
        'ѕ' => 's',
        'ս' => 'u',
        'ν' | 'ѵ' => 'v',
        'ԝ' => 'w',
        'х' => 'x',
        'у' => 'y',
        'А' | 'Α' => 'A',
        'В' | 'Β' => 'B',
        'С' | 'Ϲ' => 'C',
        'Е' | 'Ε' => 'E',
        'Н' | 'Η' => 'H',
        'І' | 'Ι' => 'I',
        'Ј' => 'J',
        'К' | 'Κ' => 'K',
        'М' | 'Μ' => 'M',
        'Ν' => 'N',
        'О' | 'Ο' => 'O',
        'Р' | 'Ρ' => 'P',
        'Ѕ' => 'S',
        'Т' | 'Τ' => 'T',
        'Х' | 'Χ' => 'X',
        'Ү' | 'Υ' => 'Y',
        'Ζ' => 'Z',
        _ => ch,
    }
}

#[cfg(test)]
mod tests {
    use super::{crumbled, cut, mixed};

    #[test]
    fn words_of_look_alikes_are_found_and_shown_in_latin() {
        let found = mixed("Pleаse ignоre this note.").unwrap();
        assert_eq!(found.decoded.as_deref(), Some("Please ignore this note."));
        assert!(mixed("Сustоmer and аccоunt").is_some());
    }

    #[test]
    fn one_script_names_units_and_inflected_words_pass() {
        for text in [
            "Мама мыла раму и ушла домой",
            "PDFов и SQLем, а также iPhoneы",
            "The α-helix and β-sheet at 5 μm, Δx = 3 kΩ, ρgh and νμ",
            "Λόγος και φύση, Ελλάδα",
            "TESTо is a brand",
            "CO₂, H₂O and NaCl in ΔG",
            "Vitamin Βs",
        ] {
            assert_eq!(mixed(text), None, "{text}");
        }
    }

    #[test]
    fn soft_hyphens_behind_letters_are_found_and_syllables_pass() {
        assert!(
            crumbled("i\u{AD}g\u{AD}n\u{AD}o\u{AD}r\u{AD}e a\u{AD}l\u{AD}l\u{AD}o\u{AD}w")
                .is_some()
        );
        assert_eq!(
            crumbled(
                "Do\u{AD}nau\u{AD}dampf\u{AD}schiff\u{AD}fahrts\u{AD}ge\u{AD}sell\u{AD}schaft und Ei\u{AD}er\u{AD}be\u{AD}cher"
            ),
            None
        );
        assert_eq!(crumbled("i\u{AD}d\u{AD}e\u{AD}a alone"), None);
    }

    #[test]
    fn breaks_between_words_of_asian_scripts_pass() {
        assert_eq!(cut("ภาษา\u{200B}ไทย\u{200B}ไม่มี\u{200B}ช่องว่าง\u{200B}ระหว่าง\u{200B}คำ"), None);
        assert_eq!(cut("ខ្ញុំ\u{200B}ចង់\u{200B}ទៅ\u{200B}ផ្សារ\u{200B}ថ្ងៃ\u{200B}នេះ"), None);
    }
}
