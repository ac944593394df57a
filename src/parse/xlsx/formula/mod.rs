//! Formulas as far as they can be worked out without the rest of the sheet: literals, operators, a few
//! functions, and the cell itself.
//!
//! Let through on purpose: whatever reads the clock or the outside is unknown, and so are other cells, except
//! those that a formula joins.

mod known;
mod read;
mod work;

pub(super) use known::is_plain;
pub(in crate::parse) use known::{Known, Other};

use std::collections::BTreeMap;

use crate::domain::limits::FORMULA_BYTES_MAX;
use crate::parse::grid::Place;

/// What a formula or cell gives.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Number(f64),
    Text(String),
    Truth(bool),
    Error,
    Blank,
    /// It cannot be worked out here.
    Unknown,
}

impl Value {
    /// As truth, as conditions take it.
    pub(super) fn truth(&self) -> Option<bool> {
        match self {
            Self::Truth(truth) => Some(*truth),
            Self::Number(number) => Some(*number != 0.0),
            Self::Blank | Self::Text(_) | Self::Error => Some(false),
            Self::Unknown => None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Join,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A formula that was read.
#[derive(Debug, Clone, PartialEq)]
enum Part {
    Value(Value),
    /// A cell; `None` in a coordinate that moves along with the formula, and its distance otherwise.
    Cell {
        row: Coordinate,
        column: Coordinate,
    },
    Negative(Box<Self>),
    Percent(Box<Self>),
    Pair(Operator, Box<Self>, Box<Self>),
    Call(String, Vec<Self>),
}

/// A row or column of a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Coordinate {
    index: u32,
    is_fixed: bool,
}

/// A formula, ready to be worked out for cells.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Formula {
    part: Part,
    /// The cell it is written for.
    base: Place,
}

impl Formula {
    /// Reads a formula as it is written for a cell; what is not understood is unknown.
    pub(super) fn read(text: &str, base: Place) -> Self {
        let text = text.trim().trim_start_matches('=');
        let is_long = text.len() > FORMULA_BYTES_MAX;
        let part = if is_long { None } else { read::part(text) };
        Self { part: part.unwrap_or(Part::Value(Value::Unknown)), base }
    }

    /// Its value for a cell that holds `own`.
    pub(super) fn value(&self, at: Place, own: &Value) -> Value {
        work::Cell { at, base: self.base, own, others: None }.value(&self.part)
    }

    /// Its value for a cell among others whose values are known.
    fn among(&self, at: Place, others: &BTreeMap<Place, Value>) -> Value {
        let own = &Value::Unknown;
        work::Cell { at, base: self.base, own, others: Some(others) }.value(&self.part)
    }
}

/// How two values compare, by the sign between them.
pub(super) fn compared(sign: &str, left: &Value, right: &Value) -> Value {
    read::comparison(sign).map_or(Value::Unknown, |operator| work::pair(operator, left, right))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str, own: &Value) -> Value {
        let base = Place { row: 1, column: 0 };
        Formula::read(text, base).value(Place { row: 3, column: 0 }, own)
    }

    #[test]
    fn literals_are_worked_out() {
        for (text, expected) in [
            ("\"a\"&\"b\"\"c\"", "ab\"c"),
            ("=CONCATENATE(\"a\",1+1,TRUE)", "a2TRUE"),
            ("IF(1=1,\"yes\",\"no\")", "yes"),
            ("UPPER(\"a\")&CHAR(66)", "AB"),
            ("HYPERLINK(\"http://x\",\"here\")", "here"),
            ("(\"a\")", "a"),
        ] {
            assert_eq!(value(text, &Value::Blank), Value::Text(expected.to_owned()), "{text}");
        }
        assert_eq!(value("-2*(3+4)/50%", &Value::Blank), Value::Number(-28.0));
    }

    #[test]
    fn conditions_on_the_cell_itself_are_worked_out() {
        for (text, own, expected) in [
            ("A2<>\"\"", Value::Text("x".to_owned()), true),
            ("LEN(TRIM(A2))>0", Value::Text("  ".to_owned()), false),
            ("NOT(ISBLANK($A2))", Value::Number(1.0), true),
            ("ISERROR(A2)", Value::Error, true),
            ("AND(A2>=0,A2<10)", Value::Number(12.0), false),
            ("MOD(ROW(),2)=0", Value::Blank, true),
            ("OR(FALSE,1)", Value::Blank, true),
            ("A2=\"X\"", Value::Text("x".to_owned()), true),
        ] {
            assert_eq!(value(text, &own).truth(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_needs_other_cells_is_unknown() {
        for text in [
            "A3=1",
            "$A$2=1",
            "B2",
            "SUM(A1:A9)",
            "Sheet2!A2",
            "TODAY()>1",
            "name",
            "#REF!",
            "A2:A3",
        ] {
            assert_eq!(value(text, &Value::Number(1.0)), Value::Unknown, "{text}");
        }
        assert_eq!(value("OR(TRUE,B7)", &Value::Blank).truth(), Some(true));
        assert_eq!(value("AND(B7,FALSE)", &Value::Blank).truth(), Some(false));
    }

    #[test]
    fn no_formula_is_too_odd() {
        let deep = "(".repeat(900) + "1" + &")".repeat(900);
        let wide = "-".repeat(1_900) + "1";
        for text in
            ["", "=", "(", "\"", "1+", "IF(", ",", "1E999", "A", "&", "{1,2}", "1/0", &deep, &wide]
        {
            let _ = value(text, &Value::Blank);
        }
    }
}
