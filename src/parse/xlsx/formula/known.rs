//! Values that cells keep of their formulas, held against what the formulas give.
//!
//! Let through on purpose: a formula that needs more than literals, joins and the cells before it gives what its
//! cell keeps, unless it can give no text at all.

use std::collections::BTreeMap;

use super::{Formula, Operator, Part, Value};
use crate::domain::document::{Doubt, Hiding, Visibility};
use crate::domain::limits::{FORMULA_BYTES_MAX, FORMULA_TEXT_BYTES_MAX, SHEET_VALUES_BYTES_MAX};
use crate::parse::grid::Place;

/// What one value takes besides its text, about.
const VALUE_BYTES: usize = 64;
/// Larger numbers are not written digit by digit.
const WHOLE_MAX: f64 = 1e11;

/// The values of the cells of a sheet that were read, for the formulas behind them.
#[derive(Debug, Default)]
pub(in crate::parse) struct Known {
    /// The sheet has formulas.
    pub(in crate::parse) is_asked: bool,
    values: BTreeMap<Place, Value>,
    bytes: usize,
}

/// What a formula gives in place of what its cell keeps.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::parse) struct Other {
    /// Unknown: some number.
    pub(in crate::parse::xlsx) value: Value,
    /// What becomes of what the cell keeps.
    pub(in crate::parse) kept: Visibility,
}

impl Other {
    /// What the formula gives, as text.
    pub(in crate::parse) fn text(&self) -> Option<String> {
        crate::parse::xlsx::sheet::text_of(&self.value)
    }
}

impl Known {
    pub(in crate::parse) fn new(is_asked: bool) -> Self {
        Self { is_asked, ..Self::default() }
    }

    /// Notes what a cell holds: a text, or a whole number, which every program writes alike.
    pub(in crate::parse::xlsx) fn push(&mut self, at: Place, value: &Value) {
        let length = match value {
            Value::Text(text) => text.len(),
            Value::Number(number) if number.fract() == 0.0 && number.abs() < WHOLE_MAX => 0,
            _ => return,
        };
        let bytes = self.bytes.saturating_add(length + VALUE_BYTES);
        if self.is_asked && length <= FORMULA_TEXT_BYTES_MAX && bytes <= SHEET_VALUES_BYTES_MAX {
            self.bytes = bytes;
            self.values.insert(at, value.clone());
        }
    }

    /// The same for a text.
    pub(in crate::parse) fn push_text(&mut self, at: Place, text: &str) {
        if self.is_asked && text.len() <= FORMULA_TEXT_BYTES_MAX {
            self.push(at, &Value::Text(text.to_owned()));
        }
    }

    /// What a formula gives, where that is not the text that its cell keeps.
    pub(in crate::parse) fn instead_of(
        &self,
        formula: &str,
        at: Place,
        kept: &str,
    ) -> Option<Other> {
        self.instead(formula, at, &Value::Text(kept.to_owned()))
    }

    /// What a formula gives, where that is not what its cell keeps.
    pub(in crate::parse::xlsx) fn instead(
        &self,
        formula: &str,
        at: Place,
        kept: &Value,
    ) -> Option<Other> {
        let read = || Formula::read(formula, at);
        let sure = Visibility::Hidden(Hiding::MachineOnly);
        if is_plain(formula) {
            let value = read().value(at, &Value::Unknown);
            if value != Value::Unknown {
                return differs(&value, kept).then_some(Other { value, kept: sure });
            }
        }
        let Value::Text(text) = kept else { return None };
        if !has_words(text) {
            return None;
        }
        if gives_no_text(formula) {
            return Some(Other { value: Value::Unknown, kept: sure });
        }
        if self.values.is_empty() || formula.len() > FORMULA_BYTES_MAX {
            return None;
        }
        let read = read();
        let value = if joins(&read.part) { read.among(at, &self.values) } else { Value::Unknown };
        // It may be that a program has kept what the other cell was before.
        let kept_is = Visibility::Undetermined(Doubt::UnknownStyle);
        differs(&value, kept).then_some(Other { value, kept: kept_is })
    }
}

/// Formulas that may be worked out without other cells.
pub(in crate::parse::xlsx) fn is_plain(formula: &str) -> bool {
    formula.contains('"') || !formula.contains(|ch: char| ch.is_ascii_alphabetic())
}

fn differs(found: &Value, kept: &Value) -> bool {
    let is_same = match (found, kept) {
        (Value::Unknown | Value::Error, _) => true,
        (Value::Number(one), Value::Number(other)) => {
            (one - other).abs() <= 1e-9 * one.abs().max(other.abs()).max(1.0)
        }
        (Value::Text(one), Value::Text(other)) => {
            one.split_whitespace().eq(other.split_whitespace())
        }
        (one, other) => one == other,
    };
    !is_same
}

/// Whether a text is words, and not a number or the name of an error.
fn has_words(text: &str) -> bool {
    let is_error = text.starts_with('#') || text.starts_with("Err:");
    let letters = text.chars().filter(|ch| ch.is_alphabetic()).count();
    !is_error && letters > 1 && text.trim().parse::<f64>().is_err()
}

/// Whether a formula is made of literals and cells that are joined.
fn joins(part: &Part) -> bool {
    match part {
        Part::Value(_) | Part::Cell { .. } => true,
        Part::Pair(Operator::Join, left, right) => joins(left) && joins(right),
        Part::Call(name, inside) => {
            matches!(name.as_str(), "CONCATENATE" | "CONCAT") && inside.iter().all(joins)
        }
        Part::Negative(_) | Part::Percent(_) | Part::Pair(..) => false,
    }
}

/// Functions whose result is a number or an error.
const NUMERIC: [&str; 24] = [
    "SUM",
    "SUMIF",
    "SUMIFS",
    "SUMPRODUCT",
    "SUBTOTAL",
    "COUNT",
    "COUNTA",
    "COUNTBLANK",
    "COUNTIF",
    "COUNTIFS",
    "AVERAGE",
    "AVERAGEIF",
    "MIN",
    "MAX",
    "PRODUCT",
    "ROUND",
    "ROUNDUP",
    "ROUNDDOWN",
    "INT",
    "ABS",
    "MEDIAN",
    "POWER",
    "SQRT",
    "LEN",
];

/// Whether a formula is one such function, or begins with one and joins nothing to it.
fn gives_no_text(formula: &str) -> bool {
    let formula = formula.trim().trim_start_matches(['=', '+', '-']);
    let Some((name, inside)) = formula.split_once('(') else { return false };
    if !NUMERIC.iter().any(|known| known.eq_ignore_ascii_case(name.trim())) {
        return false;
    }
    let (mut depth, mut in_literal) = (1_usize, false);
    for ch in inside.chars() {
        match ch {
            '"' => in_literal = !in_literal,
            _ if in_literal => {}
            '(' => depth = depth.saturating_add(1),
            ')' => depth = depth.saturating_sub(1),
            // Joins outside make a text; what else stands there is not asked.
            '&' | ':' | ',' | ';' | '!' if depth == 0 => return false,
            _ => {}
        }
    }
    depth == 0 && !in_literal
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Place = Place { row: 4, column: 1 };

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    fn known() -> Known {
        let mut known = Known::new(true);
        known.push(Place { row: 0, column: 0 }, &text("Meier"));
        known.push(Place { row: 1, column: 0 }, &Value::Number(7.0));
        known.push(Place { row: 2, column: 0 }, &Value::Number(0.5));
        known
    }

    fn kept(formula: &str, kept: &str) -> Option<Visibility> {
        known().instead(formula, HERE, &text(kept)).map(|other| other.kept)
    }

    #[test]
    fn text_under_a_function_of_numbers_is_nothing_that_it_gives() {
        let hidden = Some(Visibility::Hidden(Hiding::MachineOnly));
        for formula in
            ["SUM(D9:D12)", "sum(A1:A3)/COUNT(A1:A3)", "-ROUND(MAX(B1,\"(\"),2)", "LEN(C1)=4"]
        {
            assert_eq!(kept(formula, "transfer all of it"), hidden, "{formula}");
        }
        for formula in [
            "SUM(D9:D12)&\" euro\"",
            "IF(SUM(A1:A2)>1,B7,C7)",
            "SUM(A1:A2",
            "TEXT(B7,C7)",
            "SUMS(A1)",
        ] {
            assert_eq!(kept(formula, "transfer all of it"), None, "{formula}");
        }
        for honest in ["1234", "#VALUE!", "Err:502", "€ 12"] {
            assert_eq!(kept("SUM(D9:D12)", honest), None, "{honest}");
        }
    }

    #[test]
    fn joined_cells_are_held_against_what_was_kept() {
        let doubtful = Some(Visibility::Undetermined(Doubt::UnknownStyle));
        for (formula, honest) in [
            ("A1", "Meier"),
            ("\"Mr \"&$A$1", "Mr  Meier"),
            ("CONCATENATE(A1,\" \",A2)", "Meier 7"),
        ] {
            assert_eq!(kept(formula, honest), None, "{formula}");
            assert_eq!(kept(formula, "the reader must pay"), doubtful, "{formula}");
        }
        // Half a number, a cell that is not known, a function: nothing is known of these.
        for formula in ["A1&A3", "A1&B9", "Other!A1", "UPPER(A1)", "A1:A2"] {
            assert_eq!(kept(formula, "the reader must pay"), None, "{formula}");
        }
    }

    #[test]
    fn no_more_is_kept_than_may_be() {
        let mut known = Known::new(true);
        let long = text(&"x".repeat(FORMULA_TEXT_BYTES_MAX));
        for row in 0..4_000 {
            known.push(Place { row, column: 0 }, &long);
        }
        assert!(known.bytes <= SHEET_VALUES_BYTES_MAX && known.values.len() < 4_000);
    }
}
