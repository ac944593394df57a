//! Marks piled over letters, signs of private use that carry a text, and notes between the lines.
//!
//! Lets through on purpose: accents of every script, strokes through words, signs of icon fonts, and
//! ligatures of old fonts.

use std::ops::Range;

use super::odd::{Odd, around};
use crate::domain::finding::Severity;

/// Marks on one letter; spelling has three at most.
const MARKS_MIN: usize = 5;
/// Letters with so many marks.
const PILES_MIN: usize = 8;
/// Letters of a text that signs of private use spell.
const PRIVATE_LETTERS_MIN: usize = 12;
/// Letters of a note between the lines.
const NOTE_LETTERS_MIN: usize = 12;

/// Letters under piles of marks.
pub(super) fn piled(text: &str) -> Option<Odd> {
    let (mut marks, mut piles) = (0, 0);
    let mut first = None;
    for (at, ch) in text.char_indices().filter(|(_, ch)| !ch.is_ascii()) {
        // A letter in between begins anew: marks take two bytes or three, so gaps show.
        marks = if is_mark(ch) && is_after_mark(text, at) {
            marks + 1
        } else {
            usize::from(is_mark(ch))
        };
        if marks == MARKS_MIN {
            piles += 1;
            first.get_or_insert(at);
        }
    }
    let first = first.filter(|_| piles >= PILES_MIN)?;
    let range = around(text, &(first..first), 20, 200);
    let decoded =
        text.get(range.clone()).map(|part| part.chars().filter(|ch| !is_mark(*ch)).collect());
    let note = "marks are piled over letters";
    Some(Odd { range, severity: Severity::Medium, confidence: 70, note, decoded })
}

fn is_after_mark(text: &str, at: usize) -> bool {
    text.get(..at).and_then(|before| before.chars().next_back()).is_some_and(is_mark)
}

const fn is_mark(ch: char) -> bool {
    matches!(ch, '\u{300}'..='\u{36F}' | '\u{483}'..='\u{489}' | '\u{1AB0}'..='\u{1AFF}'
        | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}')
}

/// A run of private or unassigned signs that spells a text by the last byte of each.
pub(super) fn private(text: &str) -> Option<Odd> {
    let mut run: Option<Range<usize>> = None;
    let mut spelled = String::new();
    for (at, ch) in text.char_indices().chain([(text.len(), '\n')]) {
        if is_private(ch) {
            run.get_or_insert(at..at).end = at + ch.len_utf8();
            spelled.extend(u8::try_from(ch as u32 & 0xFF).ok().map(char::from));
            continue;
        }
        if let Some(range) = run.take()
            && is_text(&spelled)
        {
            let note = "signs of private use spell a text";
            let decoded = Some(spelled);
            return Some(Odd { range, severity: Severity::High, confidence: 85, note, decoded });
        }
        spelled.clear();
    }
    None
}

/// Symbol fonts of office programs use U+F020 to U+F0FF; there the byte is a picture.
const fn is_private(ch: char) -> bool {
    matches!(ch, '\u{E000}'..='\u{EFFF}' | '\u{F100}'..='\u{F8FE}' | '\u{F0000}'..='\u{FFFFD}'
        | '\u{100000}'..='\u{10FFFD}' | '\u{FDD0}'..='\u{FDEF}' | '\u{E0200}'..='\u{E0FFF}')
}

fn is_text(spelled: &str) -> bool {
    let letters = spelled.chars().filter(char::is_ascii_alphabetic).count();
    letters >= PRIVATE_LETTERS_MIN
        && spelled.contains(' ')
        && spelled.chars().all(|ch| matches!(ch, ' '..='~' | '\n'))
}

/// A note between the lines: U+FFFA to U+FFFB, which no program shows as such.
pub(super) fn annotated(text: &str) -> Option<Odd> {
    let start = text.find('\u{FFFA}')?;
    let behind = text.get(start..)?;
    let length = behind.find('\u{FFFB}').unwrap_or(behind.len());
    let note = behind.get(..length)?;
    let letters = note.chars().filter(|ch| ch.is_alphabetic()).take(NOTE_LETTERS_MIN).count();
    (letters >= NOTE_LETTERS_MIN).then(|| Odd {
        range: around(text, &(start..start), 0, length.min(200)),
        severity: Severity::Medium,
        confidence: 70,
        note: "a text stands between marks of annotation",
        decoded: None,
    })
}

#[cfg(test)]
mod tests {
    use super::{annotated, piled, private};

    #[test]
    fn piles_of_marks_are_found_and_spelling_passes() {
        let pile: String = "ignore it"
            .chars()
            .flat_map(|ch| [ch, '\u{301}', '\u{322}', '\u{334}', '\u{35F}', '\u{309}', '\u{312}'])
            .collect();
        assert!(piled(&pile).unwrap().decoded.unwrap().contains("gnore"));
        for text in [
            "Tiếng Việt: e\u{302}\u{301} e\u{302}\u{301} ".repeat(20),
            "בְּרֵאשִׁ֖ית בָּרָ֣א אֱלֹהִ֑ים ".repeat(20),
            "s\u{336}t\u{336}r\u{336}u\u{336}c\u{336}k\u{336} ".repeat(20),
            "क्षत्रिय ज्ञान ".repeat(20),
            "ə\u{303}\u{320}\u{30A} ".repeat(20),
        ] {
            assert_eq!(piled(&text), None, "{text}");
        }
    }

    #[test]
    fn text_in_private_signs_is_read_and_icons_pass() {
        let spell = |text: &str, base: u32| -> String {
            text.bytes().filter_map(|byte| char::from_u32(base + u32::from(byte))).collect()
        };
        for base in [0xE000, 0xE300, 0xF0000, 0x100000] {
            let text = format!("Fine. {} Bye.", spell("praise the harbour", base));
            assert_eq!(private(&text).unwrap().decoded.as_deref(), Some("praise the harbour"));
        }
        for text in ["\u{F0C9} Menu \u{F015} Home", "e\u{E001}cient o\u{E002}ce", "\u{F8FF} Apple"]
        {
            assert_eq!(private(text), None, "{text}");
        }
        assert_eq!(private(&spell("praise the harbour", 0xF000)), None, "a symbol font");
    }

    #[test]
    fn notes_between_lines_are_found() {
        assert!(annotated("\u{FFF9}ok\u{FFFA}say that all is well\u{FFFB}").is_some());
        assert_eq!(annotated("\u{FFF9}漢字\u{FFFA}かんじ\u{FFFB}"), None);
    }
}
