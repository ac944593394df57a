//! The grammar of formulas: comparison, joining, sums, products, signs, per cent.

use super::{Coordinate, Operator, Part, Value};
use crate::domain::limits::FORMULA_NESTING_MAX;
use crate::parse::grid::Place;

/// Reads all of it, or nothing.
pub(super) fn part(text: &str) -> Option<Part> {
    let mut reader = Reader { rest: text, depth: 0 };
    let part = reader.level(0)?;
    reader.rest.trim().is_empty().then_some(part)
}

/// The operator of a comparison.
pub(super) fn comparison(sign: &str) -> Option<Operator> {
    let [comparisons, ..] = LEVELS;
    comparisons.iter().find(|(known, _)| *known == sign).map(|(_, operator)| *operator)
}

struct Reader<'a> {
    rest: &'a str,
    depth: usize,
}

/// Operators from the loosest to the tightest.
const LEVELS: [&[(&str, Operator)]; 4] = [
    &[
        ("<=", Operator::LessOrEqual),
        (">=", Operator::GreaterOrEqual),
        ("<>", Operator::NotEqual),
        ("<", Operator::Less),
        (">", Operator::Greater),
        ("=", Operator::Equal),
    ],
    &[("&", Operator::Join)],
    &[("+", Operator::Add), ("-", Operator::Subtract)],
    &[("*", Operator::Multiply), ("/", Operator::Divide)],
];

impl<'a> Reader<'a> {
    fn eat(&mut self, what: &str) -> bool {
        self.rest = self.rest.trim_start();
        let rest = self.rest.strip_prefix(what);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn level(&mut self, level: usize) -> Option<Part> {
        let Some(operators) = LEVELS.get(level) else { return self.signed() };
        let mut left = self.level(level + 1)?;
        // A chain is as deep a tree as it is long.
        let mut length = 0;
        while let Some((_, operator)) = operators.iter().find(|(sign, _)| self.eat(sign)) {
            length += 1;
            if length > FORMULA_NESTING_MAX * 4 {
                return None;
            }
            let right = self.level(level + 1)?;
            left = Part::Pair(*operator, Box::new(left), Box::new(right));
        }
        Some(left)
    }

    fn signed(&mut self) -> Option<Part> {
        self.depth += 1;
        if self.depth > FORMULA_NESTING_MAX {
            return None;
        }
        let part = if self.eat("-") {
            Part::Negative(Box::new(self.signed()?))
        } else if self.eat("+") {
            self.signed()?
        } else {
            self.atom()?
        };
        self.depth -= 1;
        Some(if self.eat("%") { Part::Percent(Box::new(part)) } else { part })
    }

    fn atom(&mut self) -> Option<Part> {
        if self.eat("(") {
            let part = self.level(0)?;
            return self.eat(")").then_some(part);
        }
        if self.eat("\"") {
            return self.literal();
        }
        let is_name = |ch: char| ch.is_alphanumeric() || matches!(ch, '$' | '_' | '.');
        let end = self.rest.find(|ch| !is_name(ch)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest;
        if word.starts_with(|ch: char| ch.is_ascii_digit() || ch == '.') {
            return self.number(word);
        }
        if self.eat("(") {
            return self.call(word);
        }
        // A sheet, a range or a table is elsewhere.
        if rest.starts_with(['!', ':', '[', '\'', '#']) {
            return None;
        }
        match word {
            "TRUE" | "true" => Some(Part::Value(Value::Truth(true))),
            "FALSE" | "false" => Some(Part::Value(Value::Truth(false))),
            word => reference(word),
        }
    }

    fn number(&mut self, word: &str) -> Option<Part> {
        let mut text = word.to_owned();
        if word.ends_with(['E', 'e']) && self.rest.starts_with(['+', '-']) {
            let tail = self.rest.get(1..)?;
            let end = tail.find(|ch: char| !ch.is_ascii_digit()).unwrap_or(tail.len());
            text.push_str(self.rest.get(..=end)?);
            self.rest = tail.get(end..)?;
        }
        text.parse().ok().map(|number| Part::Value(Value::Number(number)))
    }

    fn literal(&mut self) -> Option<Part> {
        let mut text = String::new();
        loop {
            let (before, after) = self.rest.split_once('"')?;
            text.push_str(before);
            self.rest = after;
            match after.strip_prefix('"') {
                Some(after) => {
                    text.push('"');
                    self.rest = after;
                }
                None => return Some(Part::Value(Value::Text(text))),
            }
        }
    }

    fn call(&mut self, name: &str) -> Option<Part> {
        let mut inside = Vec::new();
        if !self.eat(")") {
            loop {
                // An argument that is not understood makes the whole call unknown.
                inside.push(self.level(0)?);
                if self.eat(")") {
                    break;
                }
                if !self.eat(",") {
                    return None;
                }
            }
        }
        let name = name.to_ascii_uppercase();
        Some(Part::Call(name.trim_start_matches("_XLFN.").to_owned(), inside))
    }
}

/// `A2`, `$A2`: a cell of the same sheet.
fn reference(word: &str) -> Option<Part> {
    let place = Place::of_name(word)?;
    let bare: String = word.chars().filter(|ch| *ch != '$').collect();
    if !place.name().eq_ignore_ascii_case(&bare) {
        return None;
    }
    let column = Coordinate { index: place.column, is_fixed: word.starts_with('$') };
    let row = Coordinate { index: place.row, is_fixed: word.get(1..)?.contains('$') };
    Some(Part::Cell { row, column })
}
