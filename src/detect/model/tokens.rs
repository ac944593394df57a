//! Tokens of folded text, each as a hash: words, numbers, single signs, and single ideographs.
//!
//! Numbers lose their digits, since no amount or date makes an instruction; ideographs and kana stand
//! alone, because the scripts that have them do not part words.

use std::ops::Range;

/// A token: where it stands and what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    /// Hash of the token as it counts: numbers by their length alone.
    pub hash: u64,
    pub kind: Kind,
    /// First byte in the text.
    pub start: u32,
    /// Byte behind the last.
    pub end: u32,
}

/// What a token is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    Number,
    Ideograph,
    Sign,
}

/// Calls `each` with every token of a text, in order.
pub(super) fn tokens(text: &str, mut each: impl FnMut(Token)) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let end = if byte.is_ascii() { ascii_end(bytes, at) } else { other_end(text, at) };
        if !byte.is_ascii_whitespace() {
            each(token(bytes, at..end));
        }
        at = end.max(at + 1);
    }
}

fn token(bytes: &[u8], range: Range<usize>) -> Token {
    let part = bytes.get(range.clone()).unwrap_or_default();
    let kind = match part.first() {
        Some(b'0'..=b'9') => Kind::Number,
        Some(byte) if byte.is_ascii_alphabetic() => Kind::Word,
        Some(byte) if byte.is_ascii() => Kind::Sign,
        _ => kind_of(part),
    };
    let hash = match kind {
        Kind::Number => hash_of(&[b'0', u8::try_from(part.len().min(5)).unwrap_or(5)]),
        Kind::Word | Kind::Ideograph | Kind::Sign => hash_of(part),
    };
    let narrow = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Token { hash, kind, start: narrow(range.start), end: narrow(range.end) }
}

fn kind_of(part: &[u8]) -> Kind {
    let first = std::str::from_utf8(part).ok().and_then(|part| part.chars().next());
    match first {
        Some(ch) if stands_alone(ch) => Kind::Ideograph,
        Some(ch) if ch.is_alphanumeric() => Kind::Word,
        _ => Kind::Sign,
    }
}

/// A word goes on over letters, digits and apostrophes; a number over digits and their signs.
fn ascii_end(bytes: &[u8], start: usize) -> usize {
    let first = bytes.get(start).copied().unwrap_or_default();
    if !first.is_ascii_alphanumeric() {
        return start + 1;
    }
    let mut at = start + 1;
    while let Some(&byte) = bytes.get(at) {
        let next = bytes.get(at + 1).copied().unwrap_or_default();
        let goes_on = if first.is_ascii_digit() {
            byte.is_ascii_digit() || (matches!(byte, b'.' | b',') && next.is_ascii_digit())
        } else {
            byte.is_ascii_alphanumeric()
                || (byte == b'\'' && next.is_ascii_alphabetic())
                || (!byte.is_ascii() && !alone_at(bytes, at))
        };
        if !goes_on {
            break;
        }
        at += 1;
    }
    at
}

/// Whether an ideograph or a sign begins here: continuation bytes belong to what is before them.
fn alone_at(bytes: &[u8], at: usize) -> bool {
    match bytes.get(at) {
        // Signs and ideographs lie from U+2000 on; what lies below are letters of alphabets.
        Some(0xE2..=0xEF | 0xF0..) => true,
        _ => false,
    }
}

fn other_end(text: &str, start: usize) -> usize {
    let mut end = start;
    for ch in text.get(start..).unwrap_or_default().chars() {
        if end == start {
            end += ch.len_utf8();
            if stands_alone(ch) || !ch.is_alphanumeric() {
                break;
            }
        } else if ch.is_alphanumeric() && !stands_alone(ch) {
            end += ch.len_utf8();
        } else {
            break;
        }
    }
    end
}

/// Kana and ideographs: scripts that do not part words.
pub(in crate::detect) const fn stands_alone(ch: char) -> bool {
    matches!(ch, '\u{2E80}'..='\u{A4CF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

/// FNV-1a over bytes, finished so that its low bits may index a table.
pub(super) fn hash_of(bytes: &[u8]) -> u64 {
    let raw = bytes.iter().fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3)
    });
    mix(raw)
}

/// The finisher of SplitMix64.
pub(super) const fn mix(raw: u64) -> u64 {
    let one = (raw ^ (raw >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let two = (one ^ (one >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    two ^ (two >> 31)
}

#[cfg(test)]
mod tests {
    use super::{Kind, tokens};

    fn parts(text: &str) -> Vec<(&str, Kind)> {
        let mut found = Vec::new();
        tokens(text, |token| {
            let part = text.get(token.start as usize..token.end as usize);
            found.push((part.unwrap_or_default(), token.kind));
        });
        found
    }

    #[test]
    fn words_numbers_signs_and_ideographs_are_told_apart() {
        assert_eq!(
            parts("don't pay 1,200.50 €, 忽略 игнорируй!"),
            [
                ("don't", Kind::Word),
                ("pay", Kind::Word),
                ("1,200.50", Kind::Number),
                ("€", Kind::Sign),
                (",", Kind::Sign),
                ("忽", Kind::Ideograph),
                ("略", Kind::Ideograph),
                ("игнорируй", Kind::Word),
                ("!", Kind::Sign),
            ]
        );
    }

    #[test]
    fn numbers_of_one_length_are_one_token() {
        let hash = |text: &str| {
            let mut found = Vec::new();
            tokens(text, |token| found.push(token.hash));
            found
        };
        assert_eq!(hash("1984"), hash("2026"));
        assert_ne!(hash("1984"), hash("19"));
    }

    #[test]
    fn half_latin_words_stay_whole() {
        // Folding writes Cyrillic words half in Latin letters.
        assert_eq!(parts("иrhopиpyй bce").len(), 2);
    }
}
