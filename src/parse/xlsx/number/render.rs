//! A value through one section of a format.

use super::section::{Section, Token};
use super::{Display, date, decimal::Decimal, general};
use crate::domain::limits::NUMBER_CHARS_MAX;

/// What a section shows of text.
pub(super) fn text(section: &Section, value: &str) -> Display {
    if !section.has_value() {
        return literal(section);
    }
    let mut shown = String::new();
    for token in &section.tokens {
        match token {
            Token::Literal(text) => shown.push_str(text),
            Token::At | Token::General => shown.push_str(value),
            _ => {}
        }
    }
    Display::Value(shown.trim().to_owned())
}

/// What a section shows of a number.
pub(super) fn number(section: &Section, value: f64, from_1904: bool) -> Display {
    if !section.has_value() && !section.tokens.is_empty() {
        return literal(section);
    }
    if section.tokens.is_empty() {
        let is_blank = section.condition.is_none() && section.ink.is_none();
        return if is_blank { Display::Nothing } else { Display::Value(general(value)) };
    }
    let shown = match section {
        section if section.is_date => date::shown(&section.tokens, value, from_1904),
        section => written(&section.tokens, value),
    };
    let shown = shown.unwrap_or_else(|| general(value));
    Display::Value(shown.trim().to_owned())
}

fn literal(section: &Section) -> Display {
    let shown: String = section
        .tokens
        .iter()
        .map(|token| if let Token::Literal(text) = token { text.as_str() } else { "" })
        .collect();
    match shown.trim() {
        "" => Display::Nothing,
        shown => Display::Instead(shown.to_owned()),
    }
}

const fn is_placeholder(token: &Token) -> bool {
    matches!(token, Token::Zero | Token::Hash | Token::Blank)
}

/// `None` when the plain value should be shown: fractions, numbers that are none.
fn written(tokens: &[Token], value: f64) -> Option<String> {
    if tokens.contains(&Token::Slash) {
        return None;
    }
    let sign = if value < 0.0 { "-" } else { "" };
    if tokens.iter().any(|token| matches!(token, Token::General | Token::At)) {
        let write = |token: &Token| match token {
            Token::Literal(text) => text.clone(),
            Token::General | Token::At => general(value.abs()),
            _ => String::new(),
        };
        return Some(sign.to_owned() + &tokens.iter().map(write).collect::<String>());
    }
    let mut decimal = Decimal::of(value)?;
    let percents = tokens.iter().filter(|token| **token == Token::Percent).count();
    decimal.point = decimal.point.saturating_add(i32::try_from(percents * 2).ok()?);
    let split = tokens.iter().position(|token| matches!(token, Token::Exponent { .. }));
    let Some(split) = split else {
        return Some(sign.to_owned() + &fixed(tokens, decimal));
    };
    let (mantissa, exponent) = tokens.split_at(split);
    Some(sign.to_owned() + &scientific(mantissa, exponent, decimal))
}

fn scientific(mantissa: &[Token], exponent: &[Token], mut decimal: Decimal) -> String {
    let before = mantissa.iter().take_while(|token| **token != Token::Point);
    let step =
        i32::try_from(before.filter(|token| is_placeholder(token)).count()).unwrap_or(1).max(1);
    let power = decimal.point.saturating_sub(1).div_euclid(step).saturating_mul(step);
    let power = if decimal.digits.is_empty() { 0 } else { power };
    decimal.point = decimal.point.saturating_sub(power);
    let mut text = fixed(mantissa, decimal);
    text.push('E');
    let plus = matches!(exponent.first(), Some(Token::Exponent { plus: true }));
    text.push_str(if power < 0 {
        "-"
    } else if plus {
        "+"
    } else {
        ""
    });
    let width = exponent.iter().filter(|token| is_placeholder(token)).count();
    text.push_str(&format!(
        "{:0width$}",
        power.unsigned_abs(),
        width = width.min(NUMBER_CHARS_MAX)
    ));
    text
}

/// Places for digits around the point.
struct Shape {
    whole: usize,
    decimals: usize,
    has_thousands: bool,
    /// Powers of a thousand that are left out.
    scale: i32,
}

impl Shape {
    fn of(tokens: &[Token]) -> Self {
        let mut shape = Self { whole: 0, decimals: 0, has_thousands: false, scale: 0 };
        let (mut past_point, mut commas) = (false, 0);
        for token in tokens {
            match token {
                Token::Point => past_point = true,
                Token::Comma => commas += 1,
                token if is_placeholder(token) => {
                    shape.has_thousands |= commas > 0 && !past_point && shape.whole > 0;
                    commas = 0;
                    *(if past_point { &mut shape.decimals } else { &mut shape.whole }) += 1;
                }
                _ => {}
            }
            if past_point && commas > 0 && shape.decimals == 0 {
                // Commas before the point.
                shape.scale = commas;
                commas = 0;
            }
        }
        shape.scale += commas;
        shape
    }
}

fn fixed(tokens: &[Token], mut decimal: Decimal) -> String {
    let shape = Shape::of(tokens);
    decimal.point = decimal.point.saturating_sub(shape.scale.saturating_mul(3));
    let decimal = decimal.rounded(shape.decimals);
    let mut text = String::new();
    let mut left = shape.whole;
    let mut behind = None;
    for token in tokens {
        if text.len() > NUMBER_CHARS_MAX {
            break;
        }
        match (token, behind) {
            (Token::Literal(literal), _) => text.push_str(literal),
            (Token::Percent, _) => text.push('%'),
            (Token::Point, None) => {
                if shape.whole == 0 {
                    digits(&mut text, &decimal, 0, decimal.whole(), &shape);
                }
                text.push('.');
                behind = Some(0);
            }
            (token, None) if is_placeholder(token) => {
                let is_first = left == shape.whole;
                left = left.saturating_sub(1);
                let forced = usize::from(*token == Token::Zero) * (left + 1);
                let upto = if is_first { decimal.whole().max(left + 1) } else { left + 1 };
                let upto = upto.min(decimal.whole().max(forced));
                digits(&mut text, &decimal, left, upto, &shape);
            }
            (token, Some(power)) if is_placeholder(token) => {
                let power: i32 = power - 1;
                behind = Some(power);
                let last = decimal.point - i32::try_from(decimal.digits.len()).unwrap_or(0);
                if *token == Token::Zero || last <= power {
                    text.push(char::from(b'0' + decimal.at(power)));
                }
            }
            _ => {}
        }
    }
    text
}

/// Digits of the powers from `to - 1` down to `from`.
fn digits(text: &mut String, decimal: &Decimal, from: usize, to: usize, shape: &Shape) {
    for power in (from..to).rev() {
        text.push(char::from(b'0' + decimal.at(i32::try_from(power).unwrap_or(i32::MAX))));
        if shape.has_thousands && power > 0 && power % 3 == 0 {
            text.push(',');
        }
    }
}
