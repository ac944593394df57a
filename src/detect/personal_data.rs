//! `personal-data`: numbers and addresses that lead to a person.
//!
//! # Finds
//! Mail addresses; telephone numbers; numbers of bank accounts (IBAN) and payment cards; numbers that
//! states give to people: by their checksums where they have one, and where a number alone could be
//! anything, by a word near it that says what it is.
//!
//! # Lets through
//! Names, postal addresses and dates of birth; addresses of offices (`info@…`) and of domains that exist
//! for examples; bare numbers without a telling word, as in a column of a table; IP addresses.

mod card;
mod iban;
mod mail;
mod national;
mod phone;

use super::engine::Subject;
use super::values::{Bytes, Value, apart, findings, is_word_byte};
use super::{Entry, Meta};
use crate::domain::finding::{Finding, Severity};
use crate::domain::sensitive::Sensitive;

pub(super) const ENTRY: Entry = Entry { meta: META, scan };

const META: Meta = Meta {
    id: "personal-data",
    severity: Severity::Low,
    summary: "a person's mail address, telephone, account, card or national number",
    why: "a model repeats it to whoever asks; that it was in a document was no consent to that",
    lets_through: "names, addresses of offices, bare numbers without a telling word",
    owasp: &["LLM02"],
    atlas: &[],
    aisvs: &["8.2.1"],
};

fn scan(subject: &Subject<'_>) -> Vec<Finding> {
    findings(subject, &META, values)
}

/// All personal data of a text, in order and without overlaps.
pub(super) fn values(text: &str) -> Vec<Value> {
    let mut values: Vec<Value> =
        text.match_indices('@').filter_map(|(at, _)| mail::value(text, at)).collect();
    let mut at = 0;
    while let Some(digit) = next_digit(text, at) {
        let found = if is_long(text, digit) { number(text, digit) } else { None };
        let end = found.as_ref().map_or(0, |value| value.range.end);
        values.extend(found);
        at = end.max(group_end(text, digit));
    }
    apart(values)
}

/// The number that a digit stands in, whichever it is.
fn number(text: &str, digit: usize) -> Option<Value> {
    let bytes = Bytes(text.as_bytes());
    let start = word_start(bytes, digit);
    iban::value(text, start)
        .or_else(|| card::value(text, digit))
        .or_else(|| starts(bytes, start).into_iter().find_map(|start| national::value(text, start)))
        .or_else(|| phone::value(text, digit))
}

/// Digits of the shortest number that is told by anything.
const DIGITS_MIN: usize = 6;
/// Bytes that are looked through for them; the longest begin with letters.
const LONG_BYTES: usize = 24;

/// Whether enough digits stand together: years, prices, counts and times do not.
fn is_long(text: &str, digit: usize) -> bool {
    let rest = text.as_bytes().get(digit..).unwrap_or_default();
    let is_between =
        |byte: u8| byte.is_ascii_alphanumeric() || byte >= 0x80 || b" -./()+".contains(&byte);
    let near = rest.iter().take(LONG_BYTES).take_while(|byte| is_between(**byte));
    // Two letters of a word end it; codes have a few among their digits.
    let (mut digits, mut letters) = (0, 0);
    for byte in near {
        if byte.is_ascii_digit() {
            (digits, letters) = (digits + 1, 0);
        } else if byte.is_ascii_lowercase() {
            letters += 1;
        }
        if letters > 1 || digits >= DIGITS_MIN {
            break;
        }
    }
    digits >= DIGITS_MIN
}

fn next_digit(text: &str, at: usize) -> Option<usize> {
    let rest = text.as_bytes().get(at..)?;
    rest.iter().position(u8::is_ascii_digit).map(|found| at + found)
}

/// Letters before a digit that belong to the same number.
const LETTERS_BEFORE_MAX: usize = 8;

fn word_start(bytes: Bytes<'_>, digit: usize) -> usize {
    let before = (1..=LETTERS_BEFORE_MAX)
        .take_while(|back| {
            digit
                .checked_sub(*back)
                .and_then(|at| bytes.at(at))
                .is_some_and(|byte| byte.is_ascii_alphabetic())
        })
        .count();
    digit - before
}

/// Where a number may begin whose letters stand apart: `AB 12 34 56 C`, `RSS MRA 85T10 A562S`.
fn starts(bytes: Bytes<'_>, start: usize) -> Vec<usize> {
    let mut starts = vec![start];
    let mut at = start;
    for _ in 0..2 {
        if bytes.before(at) != Some(b' ') {
            break;
        }
        let before = word_start(bytes, at - 1);
        if !(2..=3).contains(&(at - 1 - before)) {
            break;
        }
        starts.push(before);
        at = before;
    }
    starts
}

/// Where the ASCII letters and digits end that a digit stands in; scripts that do not part words would make
/// one word of a paragraph.
fn group_end(text: &str, digit: usize) -> usize {
    let rest = text.as_bytes().get(digit..).unwrap_or_default();
    let is_of_group = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_';
    digit + rest.iter().take_while(is_of_group).count()
}

/// A value as this detector gives it: what a document carries openly weighs less than what opens an
/// account.
fn personal(
    range: std::ops::Range<usize>,
    kind: Sensitive,
    confidence: u8,
    note: &'static str,
) -> Value {
    let severity = match kind {
        Sensitive::Mail | Sensitive::Phone => Severity::Low,
        _ => Severity::Medium,
    };
    Value { range, kind, severity, confidence, note }
}

/// Whether a number may begin here and end there: it is no part of a longer number, name or path.
fn stands_free(text: &str, start: usize, end: usize) -> bool {
    let bytes = Bytes(text.as_bytes());
    let opens = match bytes.before(start) {
        None => true,
        Some(b'.' | b',' | b'-' | b'/' | b'#' | b'$' | b'+' | b'@' | b'\\' | b'%') => false,
        Some(byte) => !is_word_byte(byte) || byte >= 0x80,
    };
    let is_more = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    let closes = match bytes.at(end) {
        None => true,
        Some(b'.' | b',' | b'-' | b'/' | b':' | b'@' | b'+' | b'=') => !is_more(bytes.at(end + 1)),
        Some(b'%') => false,
        Some(byte) => !is_word_byte(byte) || byte >= 0x80,
    };
    opens && closes
}

/// Digits from a place on, with at most one separator between two; the place behind the last.
fn digits(text: &str, start: usize, most: usize) -> (Vec<u8>, usize) {
    let mut digits = Vec::with_capacity(most);
    let (mut end, mut was_separator) = (start, true);
    for (at, ch) in text.get(start..).unwrap_or_default().char_indices() {
        if let Some(digit) = ch.to_digit(10) {
            if digits.len() > most {
                break;
            }
            digits.push(u8::try_from(digit).unwrap_or(0));
            (end, was_separator) = (start + at + 1, false);
        } else if !was_separator && is_separator(ch) {
            was_separator = true;
        } else {
            break;
        }
    }
    (digits, end)
}

/// What stands between groups of one number.
const fn is_separator(ch: char) -> bool {
    matches!(ch, ' ' | '-' | '.' | '\u{A0}' | '\u{2009}' | '\u{2011}' | '\u{202F}')
}

#[cfg(test)]
mod tests;
