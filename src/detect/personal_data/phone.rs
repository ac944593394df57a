//! Telephone numbers: international ones, those whose form is that of no other number, and any that a
//! word near it calls one.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::{is_separator, personal};
use crate::detect::values::{Bytes, Value, has_one_near, is_word_byte, window_before, word_set};
use crate::domain::sensitive::Sensitive;

const WORDS: [&str; 27] = [
    "tel",
    "tél",
    "phone",
    "mobil",
    "mobile",
    "fax",
    "telefon",
    "telephone",
    "téléphone",
    "teléfono",
    "telefone",
    "telefono",
    "puhelin",
    "móvil",
    "celular",
    "cellulare",
    "whatsapp",
    "hotline",
    "rufnummer",
    "gsm-n",
    "☎",
    "电话",
    "手机",
    "電話",
    "тел.",
    "전화",
    "هاتف",
];
/// Words that also say other things; the number must have the form of one.
const WEAK_WORDS: [&str; 12] = [
    "call", "ring", "dial", "cell", "sms", "gsm", "handy", "anruf", "appel", "llam", "ligue",
    "portable",
];

static SAID: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| word_set(&WORDS));
static HINTED: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| word_set(&WEAK_WORDS));

/// A number with what stands between its groups.
struct Number {
    digits: usize,
    groups: Vec<usize>,
    separators: Vec<char>,
    end: usize,
}

/// The most groups and bytes of one number.
const GROUPS_MAX: usize = 7;
const DIGITS_MAX: usize = 15;

/// The number whose first digit stands here.
pub(super) fn value(text: &str, digit: usize) -> Option<Value> {
    let bytes = Bytes(text.as_bytes());
    let mut start = digit;
    let is_abroad = bytes.before(start) == Some(b'+');
    start -= usize::from(is_abroad);
    let is_open = bytes.before(start) == Some(b'(');
    let number = Number::at(text, digit, is_open)?;
    // A bracket that the number does not close is the sentence's.
    start -= usize::from(is_open && number.separators.contains(&')'));
    let before = bytes.before(start);
    let is_inside = before.is_some_and(|byte| {
        (is_word_byte(byte) && byte < 0x80) || b".,-/#$+@\\%=&_".contains(&byte)
    });
    let range = start..number.end;
    let is_cut =
        bytes.at(range.end).is_some_and(|byte| is_word_byte(byte) && byte < 0x80 || byte == b'%');
    if is_cut || (is_inside && !(is_abroad && before == Some(b'='))) {
        return None;
    }
    let first = bytes.at(digit)?;
    let near = |set: Option<&AhoCorasick>| set.is_some_and(|set| has_one_near(text, &range, set));
    let is_said = || {
        let looks_so = first == b'0' || !number.separators.is_empty();
        near(SAID.as_ref()) || (looks_so && near(HINTED.as_ref()))
    };
    let confidence = if is_abroad {
        number.is_international(first).then_some(90)
    } else if number.is_american(is_open, first)
        || (number.is_french(first, bytes.at(digit + 1)) && !is_in_dump(text, &range))
        || number.is_with_area(is_open, first)
    {
        Some(80)
    } else if number.is_plausible() && is_said() {
        Some(75)
    } else {
        None
    }?;
    Some(personal(range, Sensitive::Phone, confidence, "a telephone number"))
}

/// Pairs with other pairs around them, or that count up, are bytes.
fn is_in_dump(text: &str, range: &std::ops::Range<usize>) -> bool {
    let is_pair = |word: Option<&str>| {
        word.is_some_and(|word| {
            word.len() == 2 && word.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
    };
    let before = window_before(text, range.start, 8).split_whitespace().next_back();
    let behind = text.get(range.end..text.floor_char_boundary((range.end + 8).min(text.len())));
    let behind = behind.and_then(|behind| behind.split_whitespace().next());
    let pairs: Vec<u32> = text
        .get(range.clone())
        .unwrap_or_default()
        .split(is_separator)
        .filter_map(|pair| pair.parse().ok())
        .collect();
    let step = |pair: &[u32]| {
        pair.first().zip(pair.last()).is_some_and(|(one, other)| one.abs_diff(*other) <= 2)
    };
    is_pair(before) || is_pair(behind) || pairs.windows(2).all(step)
}

impl Number {
    fn at(text: &str, start: usize, is_open: bool) -> Option<Self> {
        let mut number = Self { digits: 0, groups: vec![0], separators: Vec::new(), end: start };
        let mut gap: Option<char> = None;
        let mut open = is_open;
        for (at, ch) in text.get(start..)?.char_indices() {
            if ch.is_ascii_digit() {
                if let Some(separator) = gap.take() {
                    number.separators.push(separator);
                    number.groups.push(0);
                }
                *number.groups.last_mut()? += 1;
                number.digits += 1;
                number.end = start + at + 1;
            } else if number.digits > DIGITS_MAX || number.groups.len() > GROUPS_MAX {
                return None;
            } else {
                gap = Some(match (gap, ch) {
                    (None, ch) if is_separator(ch) || ch == '/' => ch,
                    (Some(' ' | '\u{A0}'), '(' | '-' | '/' | '–') | (None, '(') => {
                        open |= ch == '(';
                        ch
                    }
                    (None, ')') if open => ')',
                    (Some(')' | '-' | '/' | '–'), ' ') => ')',
                    _ => break,
                });
            }
        }
        // What was begun behind the last digit is the sentence's.
        ((7..=DIGITS_MAX).contains(&number.digits) && number.groups.len() <= GROUPS_MAX)
            .then_some(number)
    }

    /// `+` and a country: no country begins with 0.
    fn is_international(&self, first: u8) -> bool {
        // A number with a sign and a fraction, and a year with more than four digits.
        let is_other = matches!(self.separators.as_slice(), ['.'])
            || (matches!(self.groups.as_slice(), [_, 2, 2]) && self.separators == ['-', '-']);
        first != b'0' && (8..=DIGITS_MAX).contains(&self.digits) && !is_other
    }

    /// `(212) 555-0134`, `212-555-0134`, `1-212-555-0134`: with two signs alike, or the area in brackets.
    fn is_american(&self, is_open: bool, first: u8) -> bool {
        let alike = match self.separators.as_slice() {
            [one, other] => one == other && matches!(one, '-' | '.') || (is_open && *one == ')'),
            [country, one, other] => one == other && country == one && *one == '-' && first == b'1',
            _ => false,
        };
        let area = first >= b'2' || self.groups.len() == 4;
        alike && area && matches!(self.groups.as_slice(), [3, 3, 4] | [1, 3, 3, 4])
    }

    /// `06 12 34 56 78`: five pairs, alike.
    fn is_french(&self, first: u8, second: Option<u8>) -> bool {
        let same = self.separators.windows(2).all(|pair| pair.first() == pair.last());
        first == b'0' && second != Some(b'0') && self.groups == [2, 2, 2, 2, 2] && same
    }

    /// `(030) 1234567`, `030/1234567`: an area that begins with 0, set apart.
    fn is_with_area(&self, is_open: bool, first: u8) -> bool {
        let apart = match self.separators.first() {
            Some(')') => is_open,
            Some('/') => self.digits >= 8,
            _ => false,
        };
        let (area, rest) = self.groups.split_first().unwrap_or((&0, &[]));
        let is_date = rest.first() == Some(&2)
            || rest.iter().sum::<usize>() < 5
            || self.separators.iter().filter(|one| **one == '/').count() > 1;
        first == b'0'
            && apart
            && (3..=6).contains(area)
            && (8..=13).contains(&self.digits)
            && !is_date
    }

    /// What may be one when a word says so.
    fn is_plausible(&self) -> bool {
        let small = self.groups.iter().filter(|group| **group == 1).count();
        (7..=13).contains(&self.digits) && small <= 1 && !self.is_date()
    }

    /// `2024-05-01`, `01.05.2024`, with more behind.
    fn is_date(&self) -> bool {
        matches!(self.groups.as_slice(), [4, 2, 2, ..] | [2, 2, 4, ..] | [1 | 2, 1 | 2, 4, ..])
    }
}
