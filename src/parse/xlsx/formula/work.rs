//! Working formulas out. Depth is that of the formula, which its reader bounds.

use std::collections::BTreeMap;

use super::{Coordinate, Operator, Part, Value};
use crate::domain::limits::FORMULA_TEXT_BYTES_MAX;
use crate::parse::grid::Place;
use crate::parse::xlsx::number::general;

/// Texts that one formula joins by name; each step copies what is joined so far.
const JOINED_MAX: usize = 64;

/// The cell that a formula is worked out for.
pub(super) struct Cell<'v> {
    pub(super) at: Place,
    pub(super) base: Place,
    pub(super) own: &'v Value,
    /// Values of other cells, as far as they are known.
    pub(super) others: Option<&'v BTreeMap<Place, Value>>,
}

impl Cell<'_> {
    pub(super) fn value(&self, part: &Part) -> Value {
        match part {
            Part::Value(value) => value.clone(),
            Part::Cell { row, column } => {
                let index = |coordinate: &Coordinate, at: u32, base: u32| {
                    let moved = i64::from(coordinate.index) + i64::from(at) - i64::from(base);
                    if coordinate.is_fixed {
                        Some(coordinate.index)
                    } else {
                        u32::try_from(moved).ok()
                    }
                };
                let row = index(row, self.at.row, self.base.row);
                let column = index(column, self.at.column, self.base.column);
                let Some((row, column)) = row.zip(column) else { return Value::Unknown };
                let place = Place { row, column };
                if place == self.at {
                    return self.own.clone();
                }
                let other = self.others.and_then(|others| others.get(&place));
                other.cloned().unwrap_or(Value::Unknown)
            }
            Part::Negative(inner) => numeric(&self.value(inner), |number| -number),
            Part::Percent(inner) => numeric(&self.value(inner), |number| number / 100.0),
            Part::Pair(operator, left, right) => {
                pair(*operator, &self.value(left), &self.value(right))
            }
            Part::Call(name, inside) => self.call(name, inside),
        }
    }

    fn call(&self, name: &str, inside: &[Part]) -> Value {
        let one = || inside.first().map_or(Value::Unknown, |part| self.value(part));
        let truths = || inside.iter().map(|part| self.value(part).truth());
        match (name, inside) {
            ("TRUE", []) => Value::Truth(true),
            ("FALSE", []) => Value::Truth(false),
            ("ROW", []) => Value::Number(f64::from(self.at.row) + 1.0),
            ("COLUMN", []) => Value::Number(f64::from(self.at.column) + 1.0),
            ("AND", _) => all(truths(), false),
            ("OR", _) => all(truths(), true),
            ("NOT", [_]) => one().truth().map_or(Value::Unknown, |truth| Value::Truth(!truth)),
            ("IF", [_, rest @ ..]) => match one().truth() {
                None => Value::Unknown,
                Some(truth) => {
                    let taken = rest.get(usize::from(!truth));
                    taken.map_or(Value::Truth(truth), |part| self.value(part))
                }
            },
            ("IFERROR", [_, other]) => match one() {
                Value::Error => self.value(other),
                value => value,
            },
            ("ISBLANK", [_]) => is(&one(), |value| *value == Value::Blank),
            ("ISTEXT", [_]) => is(&one(), |value| matches!(value, Value::Text(_))),
            ("ISNUMBER", [_]) => is(&one(), |value| matches!(value, Value::Number(_))),
            ("ISERROR" | "ISERR" | "ISNA", [_]) => is(&one(), |value| *value == Value::Error),
            ("MOD", [_, other]) => match (one(), self.value(other)) {
                (Value::Number(left), Value::Number(right)) if right != 0.0 => {
                    Value::Number(left - right * (left / right).floor())
                }
                _ => Value::Unknown,
            },
            ("HYPERLINK", [_, shown]) => self.value(shown),
            ("CONCATENATE" | "CONCAT", _) if inside.len() <= JOINED_MAX => {
                let join = |left: Value, part| pair(Operator::Join, &left, &self.value(part));
                inside.iter().fold(Value::Text(String::new()), join)
            }
            ("CHAR" | "UNICHAR", [_]) => match one() {
                Value::Number(number) if (1.0..=1_114_111.0).contains(&number) => {
                    #[expect(
                        clippy::cast_possible_truncation,
                        clippy::cast_sign_loss,
                        reason = "the range is checked"
                    )]
                    let ch = char::from_u32(number as u32);
                    ch.map_or(Value::Error, |ch| Value::Text(ch.to_string()))
                }
                _ => Value::Unknown,
            },
            ("N" | "T" | "HYPERLINK", [_]) => one(),
            ("UPPER", [_]) => textual(&one(), str::to_uppercase),
            ("LOWER", [_]) => textual(&one(), str::to_lowercase),
            ("TRIM", [_]) => {
                textual(&one(), |text| text.split_whitespace().collect::<Vec<_>>().join(" "))
            }
            ("LEN", [_]) => match text(&one()) {
                Some(text) => {
                    let length = u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX);
                    Value::Number(f64::from(length))
                }
                None => Value::Unknown,
            },
            _ => Value::Unknown,
        }
    }
}

/// One that decides is enough, whatever the unknown ones are.
fn all(truths: impl Iterator<Item = Option<bool>>, deciding: bool) -> Value {
    let mut is_known = true;
    for truth in truths {
        match truth {
            Some(truth) if truth == deciding => return Value::Truth(deciding),
            Some(_) => {}
            None => is_known = false,
        }
    }
    if is_known { Value::Truth(!deciding) } else { Value::Unknown }
}

fn is(value: &Value, what: impl Fn(&Value) -> bool) -> Value {
    if *value == Value::Unknown { Value::Unknown } else { Value::Truth(what(value)) }
}

fn textual(value: &Value, change: impl Fn(&str) -> String) -> Value {
    text(value).map_or(Value::Unknown, |text| Value::Text(change(&text)))
}

fn numeric(value: &Value, change: impl Fn(f64) -> f64) -> Value {
    number(value).map_or(Value::Unknown, |number| Value::Number(change(number)))
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => Some(*number),
        Value::Truth(truth) => Some(f64::from(u8::from(*truth))),
        Value::Blank => Some(0.0),
        Value::Text(text) => text.trim().parse().ok(),
        Value::Error | Value::Unknown => None,
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => Some(general(*number)),
        Value::Truth(true) => Some("TRUE".to_owned()),
        Value::Truth(false) => Some("FALSE".to_owned()),
        Value::Blank => Some(String::new()),
        Value::Text(text) => Some(text.clone()),
        Value::Error | Value::Unknown => None,
    }
}

pub(super) fn pair(operator: Operator, left: &Value, right: &Value) -> Value {
    if matches!(left, Value::Unknown) || matches!(right, Value::Unknown) {
        return Value::Unknown;
    }
    if matches!(left, Value::Error) || matches!(right, Value::Error) {
        return Value::Error;
    }
    match operator {
        Operator::Join => {
            let joined = text(left).zip(text(right)).map(|(left, right)| left + &right);
            let joined = joined.filter(|joined| joined.len() <= FORMULA_TEXT_BYTES_MAX);
            joined.map_or(Value::Unknown, Value::Text)
        }
        Operator::Add | Operator::Subtract | Operator::Multiply | Operator::Divide => {
            let Some((left, right)) = number(left).zip(number(right)) else { return Value::Error };
            match operator {
                Operator::Add => Value::Number(left + right),
                Operator::Subtract => Value::Number(left - right),
                Operator::Multiply => Value::Number(left * right),
                _ if right == 0.0 => Value::Error,
                _ => Value::Number(left / right),
            }
        }
        compared => compare(compared, left, right),
    }
}

/// Numbers come before text, text before truth, and case does not count.
fn compare(operator: Operator, left: &Value, right: &Value) -> Value {
    let rank = |value: &Value| match value {
        Value::Number(_) => 0,
        Value::Text(_) => 1,
        _ => 2,
    };
    let filled = |value: &Value, other: &Value| match (value, other) {
        (Value::Blank, Value::Text(_)) => Value::Text(String::new()),
        (Value::Blank, Value::Truth(_)) => Value::Truth(false),
        (Value::Blank, _) => Value::Number(0.0),
        (value, _) => value.clone(),
    };
    let (left, right) = (&filled(left, right), &filled(right, left));
    let order = match (left, right) {
        (Value::Number(left), Value::Number(right)) => left.partial_cmp(right),
        (Value::Text(left), Value::Text(right)) => {
            Some(left.to_lowercase().cmp(&right.to_lowercase()))
        }
        (Value::Truth(left), Value::Truth(right)) => Some(left.cmp(right)),
        (left, right) => Some(rank(left).cmp(&rank(right))),
    };
    let Some(order) = order else { return Value::Error };
    Value::Truth(match operator {
        Operator::Equal => order.is_eq(),
        Operator::NotEqual => order.is_ne(),
        Operator::Less => order.is_lt(),
        Operator::LessOrEqual => order.is_le(),
        Operator::Greater => order.is_gt(),
        _ => order.is_ge(),
    })
}
