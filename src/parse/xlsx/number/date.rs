//! Days since 1900 or 1904 as dates and times.

use super::section::Token;

/// The last day that sheets know, 9999-12-31.
const SERIAL_MAX: f64 = 2_958_466.0;
/// Days from 1899-12-30 to 1904-01-01.
const DAYS_TO_1904: i64 = 1_462;
/// Days from 1970-01-01 back to 1899-12-30.
const DAYS_TO_1970: i64 = 25_569;
const DAY_SECONDS: f64 = 86_400.0;
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// A moment in parts.
#[derive(Debug, Clone, Copy)]
struct Moment {
    year: i64,
    month: usize,
    day: i64,
    weekday: usize,
    /// Seconds since midnight, and since the beginning of all days.
    second: i64,
    elapsed: i64,
    /// Share of a second.
    fraction: f64,
}

/// What a format shows of a serial number; `None` when it is no date.
pub(super) fn shown(tokens: &[Token], value: f64, from_1904: bool) -> Option<String> {
    if !(0.0..SERIAL_MAX).contains(&value) {
        return None;
    }
    let moment = Moment::of(value, from_1904, decimals(tokens))?;
    let has_half = tokens.contains(&Token::HalfDay);
    let mut text = String::new();
    for (index, token) in tokens.iter().enumerate() {
        let is_minute = || is_minute(tokens, index);
        match token {
            Token::Literal(literal) => text.push_str(literal),
            Token::Date('m', count) if *count <= 2 && is_minute() => {
                text.push_str(&padded(moment.second / 60 % 60, *count));
            }
            Token::Date(letter, count) => text.push_str(&moment.part(*letter, *count, has_half)),
            Token::Elapsed(letter, count) => {
                let unit = match letter {
                    'h' => 3_600,
                    'm' => 60,
                    _ => 1,
                };
                text.push_str(&padded(moment.elapsed / unit, *count));
            }
            Token::Fraction(count) => {
                let written = format!("{:.*}", (*count).min(3), moment.fraction);
                text.push_str(written.get(1..).unwrap_or_default());
            }
            Token::HalfDay => text.push_str(if moment.second < 43_200 { "AM" } else { "PM" }),
            Token::Point => text.push('.'),
            Token::Zero | Token::Hash | Token::Blank | Token::Comma | Token::Percent => {}
            Token::Slash => text.push('/'),
            Token::Exponent { .. } | Token::At | Token::General => return None,
        }
    }
    Some(text)
}

fn decimals(tokens: &[Token]) -> usize {
    let of = |token: &Token| if let Token::Fraction(count) = token { *count } else { 0 };
    tokens.iter().map(of).max().unwrap_or(0).min(3)
}

/// Whether an `m` stands for minutes: hours before it, or seconds behind it.
fn is_minute(tokens: &[Token], index: usize) -> bool {
    let part = |token: &&Token| matches!(token, Token::Date(..) | Token::Elapsed(..));
    let before = tokens.iter().take(index).rfind(part);
    let behind = tokens.iter().skip(index + 1).find(part);
    matches!(before, Some(Token::Date('h', _) | Token::Elapsed('h', _)))
        || matches!(behind, Some(Token::Date('s', _) | Token::Elapsed('s', _)))
}

fn padded(number: i64, width: usize) -> String {
    format!("{number:0width$}", width = width.min(9))
}

impl Moment {
    fn of(value: f64, from_1904: bool, decimals: usize) -> Option<Self> {
        let steps = 10_f64.powi(i32::try_from(decimals).ok()?);
        let seconds = (value * DAY_SECONDS * steps).round() / steps;
        let whole = seconds.floor();
        #[expect(clippy::cast_possible_truncation, reason = "below SERIAL_MAX days")]
        let elapsed = whole as i64;
        let days = elapsed.div_euclid(86_400);
        let from_1900 = match from_1904 {
            true => days + DAYS_TO_1904,
            // The sheet's calendar has a 29 February 1900.
            false if days < 60 => days + 1,
            false => days,
        };
        let (year, month, day) = civil(from_1900 - DAYS_TO_1970);
        Some(Self {
            year,
            month,
            day,
            weekday: usize::try_from((from_1900 + 6).rem_euclid(7)).ok()?,
            second: elapsed.rem_euclid(86_400),
            elapsed,
            fraction: seconds - whole,
        })
    }

    fn part(&self, letter: char, count: usize, has_half: bool) -> String {
        let named = |names: &[&str], at: usize, count: usize| {
            let name = names.get(at).copied().unwrap_or_default();
            let end = if count == 3 { 3 } else { name.len() };
            name.get(..end).unwrap_or_default().to_owned()
        };
        match (letter, count) {
            ('y', 1..=2) => padded(self.year % 100, 2),
            ('y', _) => padded(self.year, 4),
            ('m', 5) => named(&MONTHS, self.month, 4).chars().take(1).collect(),
            ('m', 3..) => named(&MONTHS, self.month, count),
            ('m', _) => padded(i64::try_from(self.month).unwrap_or(0) + 1, count),
            ('d', 3..) => named(&DAYS, self.weekday, count),
            ('d', _) => padded(self.day, count),
            ('h', _) if has_half => padded((self.second / 3_600 + 11) % 12 + 1, count.min(2)),
            ('h', _) => padded(self.second / 3_600, count.min(2)),
            ('s', _) => padded(self.second % 60, count.min(2)),
            _ => String::new(),
        }
    }
}

/// Year, month from 0, and day of the Gregorian calendar for days since 1970-01-01 (Hinnant's method).
fn civil(days: i64) -> (i64, usize, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = (from_march + 2) % 12;
    let year = year_of_era + era * 400 + i64::from(month < 2);
    (year, usize::try_from(month).unwrap_or(0), day)
}
