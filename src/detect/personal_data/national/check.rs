//! The checks of national numbers, each as its state publishes it, over letters and digits alone.

/// Digits of a number that has no letters.
fn digits(letters: &[u8]) -> Option<Vec<u32>> {
    letters.iter().map(|letter| char::from(*letter).to_digit(10)).collect()
}

fn weighted(digits: &[u32], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum()
}

fn number(digits: &[u32]) -> u64 {
    digits.iter().fold(0, |sum, digit| sum * 10 + u64::from(*digit))
}

/// Not one digit over and over.
fn varies(digits: &[u32]) -> bool {
    digits.windows(2).any(|pair| pair.first() != pair.last())
}

fn is_day(day: u64, month: u64) -> bool {
    let last = match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=last).contains(&day)
}

/// Two digits from a place on.
fn pair(digits: &[u32], at: usize) -> u64 {
    digits.get(at..at + 2).map_or(0, number)
}

/// Whether a check over digits holds; letters are no digits.
fn of(letters: &[u8], check: impl Fn(&[u32]) -> Option<bool>) -> bool {
    digits(letters).is_some_and(|digits| varies(&digits) && check(&digits) == Some(true))
}

/// ISO 7064 mod 11,10; one digit of the first ten stands twice or three times, the others at most once.
pub(super) fn german_tax_id(letters: &[u8]) -> bool {
    of(letters, |digits| {
        let (last, first) = digits.split_last()?;
        let mut counts = [0; 10];
        for digit in first {
            *counts.get_mut(usize::try_from(*digit).ok()?)? += 1;
        }
        let repeated = counts.iter().filter(|count| **count > 1).count();
        let most = counts.iter().max()?;
        let product = first.iter().fold(10, |product, digit| match (digit + product) % 10 {
            0 => 20 % 11,
            sum => sum * 2 % 11,
        });
        let is_form = repeated == 1 && *most <= 3 && *first.first()? != 0;
        Some(is_form && (11 - product) % 10 == *last)
    })
}

const SPANISH: &[u8] = b"TRWAGMYFPDXBNJZSQVHLCKE";

pub(super) fn spanish(letters: &[u8]) -> bool {
    let check = || {
        let (last, first) = letters.split_last()?;
        let number = number(&digits(first)?);
        Some(SPANISH.get(usize::try_from(number % 23).ok()?) == Some(last) && number > 99_999)
    };
    check() == Some(true)
}

pub(super) fn spanish_foreigner(letters: &[u8]) -> bool {
    let check = || {
        let (first, rest) = letters.split_first()?;
        let head = match first {
            b'X' => b'0',
            b'Y' => b'1',
            b'Z' => b'2',
            _ => return None,
        };
        Some(spanish(&[&[head], rest].concat()))
    };
    check() == Some(true)
}

/// Odd places of the codice fiscale: what `0`–`9` and `A`–`J` count, then `K`–`Z`.
const ODD: [u32; 26] =
    [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];

pub(super) fn codice_fiscale(letters: &[u8]) -> bool {
    let check = || {
        let month = letters.get(8)?;
        // Digits may be written as letters where two people would have the same code.
        let is_digit = |at: usize| {
            letters.get(at).is_some_and(|one| one.is_ascii_digit() || b"LMNPQRSTUV".contains(one))
        };
        let is_form =
            b"ABCDEHLMPRST".contains(month) && [6, 7, 9, 10, 12, 13, 14].into_iter().all(is_digit);
        let (last, first) = letters.split_last()?;
        let mut sum = 0;
        for (at, letter) in first.iter().enumerate() {
            let index = match letter {
                b'0'..=b'9' => letter - b'0',
                b'A'..=b'Z' => letter - b'A',
                _ => return None,
            };
            sum += if at % 2 == 0 { *ODD.get(usize::from(index))? } else { u32::from(index) };
        }
        Some(is_form && u32::from(*last) == u32::from(b'A') + sum % 26)
    };
    check() == Some(true)
}

pub(super) fn french_nir(letters: &[u8]) -> bool {
    let check = || {
        let (head, key) = letters.split_at_checked(13)?;
        let month = number(&digits(head.get(3..5)?)?);
        // Corsica's departments count as 19 and 18.
        let (body, less) = match head.get(6)? {
            b'A' => ([head.get(..6)?, b"0", head.get(7..)?].concat(), 1_000_000),
            b'B' => ([head.get(..6)?, b"0", head.get(7..)?].concat(), 2_000_000),
            _ => (head.to_vec(), 0),
        };
        let is_form = matches!(head.first()?, b'1' | b'2')
            && matches!(month, 1..=12 | 20 | 30..=42 | 50..=99);
        let number = number(&digits(&body)?).checked_sub(less)?;
        Some(is_form && 97 - number % 97 == self::number(&digits(key)?))
    };
    check() == Some(true)
}

pub(super) fn dutch_bsn(letters: &[u8]) -> bool {
    of(letters, |digits| {
        let (last, first) = digits.split_last()?;
        Some(weighted(first, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11 == *last && number(digits) > 9_999_999)
    })
}

/// Two digits: 97 minus the rest by 97; those born from 2000 on have a 2 before their number.
pub(super) fn belgian(letters: &[u8]) -> bool {
    of(letters, |digits| {
        let (head, key) = digits.split_at_checked(9)?;
        let (number, key) = (number(head), self::number(key));
        // Numbers for those without a register entry have 20 or 40 more in the month.
        let is_form = is_day(pair(digits, 4), pair(digits, 2) % 20);
        Some(is_form && (97 - number % 97 == key || 97 - (number + 2_000_000_000) % 97 == key))
    })
}

pub(super) fn pesel(letters: &[u8]) -> bool {
    of(letters, |digits| {
        let (last, first) = digits.split_last()?;
        let sum = weighted(first, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3]);
        Some((10 - sum % 10) % 10 == *last && is_day(pair(digits, 4), pair(digits, 2) % 20))
    })
}

pub(super) fn portuguese_nif(letters: &[u8]) -> bool {
    of(letters, |digits| {
        let (last, first) = digits.split_last()?;
        let rest = weighted(first, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11;
        Some(
            matches!(first.first()?, 1..=3 | 5 | 6 | 8 | 9)
                && *last == if rest < 2 { 0 } else { 11 - rest },
        )
    })
}

fn brazilian(digits: &[u32], weights: &[u32]) -> Option<bool> {
    let last = digits.len().checked_sub(2)?;
    let check = |upto: usize, weights: &[u32]| {
        let rest = weighted(digits.get(..upto)?, weights) % 11;
        Some(*digits.get(upto)? == if rest < 2 { 0 } else { 11 - rest })
    };
    Some(check(last, weights.get(1..)?)? && check(last + 1, weights)?)
}

pub(super) fn cpf(letters: &[u8]) -> bool {
    of(letters, |digits| brazilian(digits, &[11, 10, 9, 8, 7, 6, 5, 4, 3, 2]))
}

pub(super) fn cnpj(letters: &[u8]) -> bool {
    of(letters, |digits| brazilian(digits, &[6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]))
}

pub(super) fn luhn(letters: &[u8]) -> bool {
    of(letters, |digits| Some(luhn_sum(digits).is_multiple_of(10)))
}

fn luhn_sum(digits: &[u32]) -> u32 {
    let double = |digit: u32| if digit > 4 { digit * 2 - 9 } else { digit * 2 };
    let places = digits.iter().rev().enumerate();
    places.map(|(at, digit)| if at % 2 == 0 { *digit } else { double(*digit) }).sum()
}

/// Day of birth, year first; those with a coordination number have 60 more in the day.
pub(super) fn swedish(letters: &[u8]) -> bool {
    of(letters, |digits| {
        let own = digits.get(digits.len().checked_sub(10)?..)?;
        let century = digits.get(..digits.len() - 10)?;
        let is_century = century.is_empty() || matches!(number(century), 18..=20);
        Some(
            is_century
                && luhn_sum(own).is_multiple_of(10)
                && is_day(pair(own, 4) % 60, pair(own, 2)),
        )
    })
}

const FINNISH: &[u8] = b"0123456789ABCDEFHJKLMNPRSTUVWXY";

pub(super) fn finnish(letters: &[u8]) -> bool {
    let check = || {
        let (last, first) = letters.split_last()?;
        let (day, rest) = first.split_at_checked(6)?;
        let (rest, is_century) = match rest {
            [century, rest @ ..] if century.is_ascii_alphabetic() => {
                (rest, b"ABCDEFYXWVU".contains(century))
            }
            rest => (rest, true),
        };
        let digits = digits(&[day, rest].concat())?;
        let check = FINNISH.get(usize::try_from(number(&digits) % 31).ok()?);
        Some(is_century && is_day(pair(&digits, 0), pair(&digits, 2)) && check == Some(last))
    };
    check() == Some(true)
}

pub(super) fn norwegian(letters: &[u8]) -> bool {
    of(letters, |digits| {
        let one = weighted(digits, &[3, 7, 6, 1, 8, 9, 4, 5, 2, 1]) % 11;
        let two = weighted(digits, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11;
        // D-numbers have 40 more in the day.
        Some(one == 0 && two == 0 && is_day(pair(digits, 0) % 40, pair(digits, 2)))
    })
}

/// Numbers whose check was given up: day, month, year.
pub(super) fn starts_with_day(letters: &[u8]) -> bool {
    of(letters, |digits| Some(is_day(pair(digits, 0), pair(digits, 2))))
}

/// EAN-13, of which the Swiss number is one.
pub(super) fn ean(letters: &[u8]) -> bool {
    of(letters, |digits| {
        Some(weighted(digits, &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]).is_multiple_of(10))
    })
}

pub(super) fn austrian(letters: &[u8]) -> bool {
    of(letters, |digits| {
        let sum = weighted(digits, &[3, 7, 9, 0, 5, 8, 4, 2, 1, 6]);
        Some(sum % 11 == *digits.get(3)? && *digits.first()? != 0)
    })
}

pub(super) fn turkish(letters: &[u8]) -> bool {
    of(letters, |digits| {
        let odd: u32 = digits.iter().take(9).step_by(2).sum();
        let even: u32 = digits.iter().skip(1).take(7).step_by(2).sum();
        let ten: u32 = digits.iter().take(10).sum();
        let first = (odd * 7 + 90 - even) % 10 == *digits.get(9)?;
        Some(first && ten % 10 == *digits.get(10)? && *digits.first()? != 0)
    })
}

/// ISO 7064 mod 11-2 over region, day of birth, order.
pub(super) fn chinese(letters: &[u8]) -> bool {
    let check = || {
        let (last, first) = letters.split_last()?;
        let digits = digits(first)?;
        let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
        let rest = weighted(&digits, &weights) % 11;
        let wanted = b"10X98765432".get(usize::try_from(rest).ok()?);
        let year = number(digits.get(6..10)?);
        let is_form = (1..=8).contains(digits.first()?) && (1900..2100).contains(&year);
        Some(is_form && is_day(pair(&digits, 12), pair(&digits, 10)) && wanted == Some(last))
    };
    check() == Some(true)
}

pub(super) fn my_number(letters: &[u8]) -> bool {
    of(letters, |digits| {
        let (last, first) = digits.split_last()?;
        let rest = weighted(first, &[6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
        Some(*last == if rest < 2 { 0 } else { 11 - rest })
    })
}

/// Verhoeff: a walk through the symmetries of a pentagon.
pub(super) fn aadhaar(letters: &[u8]) -> bool {
    of(letters, |digits| {
        let rest = digits
            .iter()
            .rev()
            .enumerate()
            .fold(0, |sum, (place, digit)| pentagon(sum, permuted(*digit, place % 8)));
        Some(rest == 0 && *digits.first()? >= 2)
    })
}

/// Two symmetries one after the other: five turns, five flips.
const fn pentagon(one: u32, other: u32) -> u32 {
    match (one < 5, other < 5) {
        (true, true) => (one + other) % 5,
        (true, false) => 5 + (one + other - 5) % 5,
        (false, true) => 5 + (one + 5 - 5 - other) % 5,
        (false, false) => (one + 5 - other) % 5,
    }
}

fn permuted(digit: u32, times: usize) -> u32 {
    const STEP: [u32; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let step = |digit: u32| usize::try_from(digit).ok().and_then(|at| STEP.get(at)).copied();
    (0..times).fold(digit, |digit, _| step(digit).unwrap_or(digit))
}

pub(super) fn nhs(letters: &[u8]) -> bool {
    of(letters, |digits| {
        let (last, first) = digits.split_last()?;
        let rest = 11 - weighted(first, &[10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11;
        Some(rest % 11 == *last && rest != 10)
    })
}

/// Without a check: letters that are given, digits, and a suffix.
pub(super) fn british_insurance(letters: &[u8]) -> bool {
    let (Some(head), Some(last)) = (letters.get(..2), letters.last()) else { return false };
    let never: [&[u8]; 7] = [b"BG", b"GB", b"NK", b"KN", b"TN", b"NT", b"ZZ"];
    !never.contains(&head)
        && !head.iter().any(|letter| b"DFIQUV".contains(letter))
        && head.last() != Some(&b'O')
        && (b'A'..=b'D').contains(last)
}

/// Without a check: area, group and serial that are given.
pub(super) fn us_social_security(letters: &[u8]) -> bool {
    of(letters, |digits| {
        let (area, group, serial) =
            (number(digits.get(..3)?), number(digits.get(3..5)?), number(digits.get(5..)?));
        Some(area != 0 && area != 666 && area < 900 && group != 0 && serial != 0)
    })
}
