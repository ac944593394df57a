//! Numbers as decimal digits, fifteen at most, as sheets keep them.

/// Digits that a sheet keeps of a number.
const DIGITS: usize = 15;
/// From this power of ten on, whole numbers are written with an exponent.
const PLAIN_POINT_MAX: i32 = 15;
/// Below this one, fractions are.
const PLAIN_POINT_MIN: i32 = -8;

/// `0.d₁d₂d₃… × 10^point`, without sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decimal {
    /// Values 0 to 9; no zeros at either end, none at all for zero.
    pub(super) digits: Vec<u8>,
    pub(super) point: i32,
}

impl Decimal {
    /// `None` when it is no finite number.
    pub(super) fn of(value: f64) -> Option<Self> {
        if !value.is_finite() {
            return None;
        }
        let written = format!("{:.*e}", DIGITS - 1, value.abs());
        let (mantissa, exponent) = written.split_once('e')?;
        let digits = mantissa.bytes().filter(u8::is_ascii_digit).map(|byte| byte - b'0').collect();
        let point = exponent.parse::<i32>().ok()?.saturating_add(1);
        Some(Self { digits, point }.trimmed())
    }

    fn trimmed(mut self) -> Self {
        while self.digits.last() == Some(&0) {
            self.digits.pop();
        }
        let zeros = self.digits.iter().take_while(|digit| **digit == 0).count();
        self.digits.drain(..zeros);
        self.point = self.point.saturating_sub(i32::try_from(zeros).unwrap_or(0));
        if self.digits.is_empty() {
            self.point = 0;
        }
        self
    }

    /// With so many digits behind the point, halves away from zero.
    pub(super) fn rounded(mut self, decimals: usize) -> Self {
        let decimals = i32::try_from(decimals).unwrap_or(i32::MAX);
        let kept = self.point.saturating_add(decimals);
        let Ok(kept) = usize::try_from(kept) else {
            return Self { digits: Vec::new(), point: 0 };
        };
        let Some(next) = self.digits.get(kept).copied() else { return self };
        self.digits.truncate(kept);
        if next >= 5 {
            self.raise();
        }
        self.trimmed()
    }

    fn raise(&mut self) {
        for digit in self.digits.iter_mut().rev() {
            if *digit < 9 {
                *digit += 1;
                return;
            }
            *digit = 0;
        }
        self.digits.insert(0, 1);
        self.point = self.point.saturating_add(1);
    }

    /// The digit for this power of ten.
    pub(super) fn at(&self, power: i32) -> u8 {
        let index = self.point.saturating_sub(1).saturating_sub(power);
        usize::try_from(index).ok().and_then(|index| self.digits.get(index)).copied().unwrap_or(0)
    }

    /// Digits before the point.
    pub(super) fn whole(&self) -> usize {
        usize::try_from(self.point).unwrap_or(0)
    }
}

/// A number without a format.
pub(in crate::parse::xlsx) fn general(value: f64) -> String {
    let Some(decimal) = Decimal::of(value) else { return String::new() };
    let sign = if value < 0.0 && !decimal.digits.is_empty() { "-" } else { "" };
    let digit = |power| char::from(b'0' + decimal.at(power));
    let end = decimal.point.saturating_sub(i32::try_from(decimal.digits.len()).unwrap_or(0));
    let mut text = sign.to_owned();
    if (PLAIN_POINT_MIN..=PLAIN_POINT_MAX).contains(&decimal.point) {
        let first = decimal.point.saturating_sub(1).max(0);
        text.extend((0..=first).rev().map(digit));
        if end < 0 {
            text.push('.');
            text.extend((end..0).rev().map(digit));
        }
        return text;
    }
    let first = decimal.point.saturating_sub(1);
    text.push(digit(first));
    if end < first {
        text.push('.');
        text.extend((end..first).rev().map(digit));
    }
    text.push_str(&format!("E{first:+03}"));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_without_a_format_are_short() {
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (1e-7, "0.0000001"),
            (123_456_789_012_345.0, "123456789012345"),
            (1e20, "1E+20"),
            (-1.5e-12, "-1.5E-12"),
            (100.0, "100"),
            (0.1 + 0.7, "0.8"),
        ] {
            assert_eq!(general(value), text);
        }
        assert_eq!(general(f64::NAN), "");
    }

    #[test]
    fn halves_are_rounded_up_in_decimal() {
        let rounded = |value: f64, decimals| Decimal::of(value).unwrap().rounded(decimals);
        assert_eq!(rounded(2.675, 2).digits, [2, 6, 8]);
        assert_eq!(rounded(9.99, 1), Decimal { digits: vec![1], point: 2 });
        assert_eq!(rounded(0.4, 0), Decimal { digits: vec![], point: 0 });
        assert_eq!(rounded(0.5, 0), Decimal { digits: vec![1], point: 1 });
        assert_eq!(rounded(0.004, 1), Decimal { digits: vec![], point: 0 });
    }
}
