//! Numbers of bank accounts: country, its length, and the check by 97 (ISO 13616).

use super::personal;
use crate::detect::values::{Bytes, Value};
use crate::domain::sensitive::Sensitive;

/// Country and length.
const COUNTRIES: &[(&str, usize)] = &[
    ("AD", 24),
    ("AE", 23),
    ("AL", 28),
    ("AT", 20),
    ("AZ", 28),
    ("BA", 20),
    ("BE", 16),
    ("BG", 22),
    ("BH", 22),
    ("BI", 27),
    ("BR", 29),
    ("BY", 28),
    ("CH", 21),
    ("CR", 22),
    ("CY", 28),
    ("CZ", 24),
    ("DE", 22),
    ("DJ", 27),
    ("DK", 18),
    ("DO", 28),
    ("EE", 20),
    ("EG", 29),
    ("ES", 24),
    ("FI", 18),
    ("FK", 18),
    ("FO", 18),
    ("FR", 27),
    ("GB", 22),
    ("GE", 22),
    ("GI", 23),
    ("GL", 18),
    ("GR", 27),
    ("GT", 28),
    ("HN", 28),
    ("HR", 21),
    ("HU", 28),
    ("IE", 22),
    ("IL", 23),
    ("IQ", 23),
    ("IS", 26),
    ("IT", 27),
    ("JO", 30),
    ("KW", 30),
    ("KZ", 20),
    ("LB", 28),
    ("LC", 32),
    ("LI", 21),
    ("LT", 20),
    ("LU", 20),
    ("LV", 21),
    ("LY", 25),
    ("MC", 27),
    ("MD", 24),
    ("ME", 22),
    ("MK", 19),
    ("MN", 20),
    ("MR", 27),
    ("MT", 31),
    ("MU", 30),
    ("NI", 28),
    ("NL", 18),
    ("NO", 15),
    ("OM", 23),
    ("PK", 24),
    ("PL", 28),
    ("PS", 29),
    ("PT", 25),
    ("QA", 29),
    ("RO", 24),
    ("RS", 22),
    ("RU", 33),
    ("SA", 24),
    ("SC", 31),
    ("SD", 18),
    ("SE", 24),
    ("SI", 19),
    ("SK", 24),
    ("SM", 27),
    ("SO", 23),
    ("ST", 25),
    ("SV", 28),
    ("TL", 23),
    ("TN", 24),
    ("TR", 26),
    ("UA", 29),
    ("VA", 22),
    ("VG", 24),
    ("XK", 20),
    ("YE", 30),
];

/// The number whose country stands here.
pub(super) fn value(text: &str, start: usize) -> Option<Value> {
    let country = text.get(start..start + 2)?;
    let is_border =
        |byte: Option<u8>| byte.is_none_or(|byte| !byte.is_ascii_alphanumeric() && byte != b'_');
    if !is_border(Bytes(text.as_bytes()).before(start)) {
        return None;
    }
    let length = COUNTRIES.iter().find(|(code, _)| country.eq_ignore_ascii_case(code))?.1;
    let mut letters = Vec::with_capacity(length);
    let mut end = start;
    let mut was_separator = true;
    for (at, ch) in text.get(start..)?.char_indices() {
        if letters.len() == length {
            break;
        }
        if ch.is_ascii_alphanumeric() {
            letters.push(u8::try_from(ch.to_ascii_uppercase()).ok()?);
            (end, was_separator) = (start + at + 1, false);
        } else if !was_separator && super::is_separator(ch) {
            was_separator = true;
        } else {
            return None;
        }
    }
    let is_whole = letters.len() == length && is_border(Bytes(text.as_bytes()).at(end));
    (is_whole && remainder(&letters) == Some(1))
        .then(|| personal(start..end, Sensitive::Iban, 98, "the number of a bank account (IBAN)"))
}

/// The number by 97, its first four letters behind the others.
fn remainder(letters: &[u8]) -> Option<u32> {
    let (head, rest) = letters.split_at_checked(4)?;
    rest.iter().chain(head).try_fold(0_u32, |sum, letter| match letter {
        b'0'..=b'9' => Some((sum * 10 + u32::from(letter - b'0')) % 97),
        b'A'..=b'Z' => Some((sum * 100 + u32::from(letter - b'A') + 10) % 97),
        _ => None,
    })
}
