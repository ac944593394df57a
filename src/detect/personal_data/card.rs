//! Numbers of payment cards: the issuer's range, its lengths, and Luhn's check. The well-known test
//! numbers pass all three, and are findings.

use super::{digits, personal, stands_free};
use crate::detect::values::{Value, has_word_near};
use crate::domain::sensitive::Sensitive;

/// Words that say it is one.
const WORDS: [&str; 19] = [
    "card",
    "karte",
    "carte",
    "tarjeta",
    "carta",
    "cartão",
    "cartao",
    "kaart",
    "kort",
    "karta",
    "visa",
    "mastercard",
    "amex",
    "maestro",
    "credit",
    "kredit",
    "cvv",
    "カード",
    "卡",
];
/// Words that say it is something else.
const OTHERS: [&str; 24] = [
    "order",
    "bestell",
    "auftrag",
    "invoice",
    "rechnung",
    "facture",
    "factura",
    "tracking",
    "sendung",
    "shipment",
    "parcel",
    "serial",
    "serien",
    "ean",
    "gtin",
    "isbn",
    "imei",
    "account",
    "konto",
    "customer",
    "kunden",
    "ticket",
    "transaction",
    "timestamp",
];

/// The number whose first digit stands here.
pub(super) fn value(text: &str, start: usize) -> Option<Value> {
    let (all, _) = digits(text, start, 19);
    let issuer = Issuer::of(&all)?;
    let length = (12..=all.len().min(19)).rev().find(|length| {
        let end = end_of(text, start, *length);
        issuer.lengths().contains(length)
            && end.is_some_and(|end| {
                stands_free(text, start, end) && is_grouped(text, start, end, *length)
            })
            && all.get(..*length).is_some_and(luhn)
    })?;
    let end = end_of(text, start, length)?;
    let range = start..end;
    let is_said = has_word_near(text, &range, &WORDS);
    let is_parted = end - start > length;
    let is_other = !is_said && has_word_near(text, &range, &OTHERS);
    if is_other || (issuer.needs_word(length) && !is_said) {
        return None;
    }
    let confidence = if is_said {
        95
    } else if is_parted {
        85
    } else {
        75
    };
    Some(personal(range, Sensitive::Card, confidence, "a payment card number"))
}

/// The place behind so many digits.
fn end_of(text: &str, start: usize, length: usize) -> Option<usize> {
    let (_, end) = text
        .get(start..)?
        .char_indices()
        .filter(|(_, ch)| ch.is_ascii_digit())
        .map(|(at, _)| (at, start + at + 1))
        .nth(length - 1)?;
    Some(end)
}

/// One run, or groups of three to six: a date and a time make none.
fn is_grouped(text: &str, start: usize, end: usize, length: usize) -> bool {
    let number = text.get(start..end).unwrap_or_default();
    let groups: Vec<usize> = number.split(|ch: char| !ch.is_ascii_digit()).map(str::len).collect();
    match groups.as_slice() {
        [_] => true,
        [4, 6, 4 | 5] => true,
        [4, 4, 4, rest @ ..] => {
            rest.iter().all(|group| (1..=4).contains(group)) && rest.len() <= 2 && length >= 13
        }
        _ => false,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Issuer {
    Visa,
    Mastercard,
    Amex,
    Diners,
    Discover,
    Jcb,
    UnionPay,
    Maestro,
    Mir,
}

impl Issuer {
    fn of(digits: &[u8]) -> Option<Self> {
        let head = digits.get(..4)?.iter().fold(0_u32, |head, digit| head * 10 + u32::from(*digit));
        Some(match head {
            4000..=4999 => Self::Visa,
            5100..=5599 | 2221..=2720 => Self::Mastercard,
            3400..=3499 | 3700..=3799 => Self::Amex,
            3000..=3059 | 3095 | 3600..=3699 | 3800..=3999 => Self::Diners,
            6011 | 6440..=6599 => Self::Discover,
            3528..=3589 => Self::Jcb,
            6200..=6299 => Self::UnionPay,
            2200..=2204 => Self::Mir,
            5000..=5099 | 5600..=5899 | 6300..=6399 | 6700..=6799 => Self::Maestro,
            _ => return None,
        })
    }

    const fn lengths(self) -> &'static [usize] {
        match self {
            Self::Visa => &[13, 16, 19],
            Self::Mastercard | Self::Jcb | Self::Discover | Self::Mir => &[16],
            Self::Amex => &[15],
            Self::Diners => &[14, 16],
            Self::UnionPay => &[16, 17, 18, 19],
            Self::Maestro => &[12, 13, 14, 15, 16, 17, 18, 19],
        }
    }

    /// Ranges and lengths that many other numbers have too.
    const fn needs_word(self, length: usize) -> bool {
        match self {
            Self::Visa | Self::UnionPay => length != 16,
            Self::Maestro | Self::Diners => true,
            Self::Mastercard | Self::Amex | Self::Discover | Self::Jcb | Self::Mir => false,
        }
    }
}

/// Luhn's check.
fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| {
            let digit = u32::from(*digit);
            match at % 2 {
                0 => digit,
                _ if digit > 4 => digit * 2 - 9,
                _ => digit * 2,
            }
        })
        .sum();
    sum.is_multiple_of(10)
        && digits.iter().any(|digit| *digit != digits.first().copied().unwrap_or_default())
}
