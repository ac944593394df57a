//! Formats that depend on conditions: which of them apply to a cell, and what that does to its text.
//!
//! Let through on purpose: a condition that needs other cells is not worked out, and text that it would
//! hide is undetermined; colour scales, bars with their values, ranks and averages change no letters.

use std::rc::Rc;

use super::areas::{Area, Areas, Tests};
use super::formula::{Formula, Value};
use super::styles::{Change, Font, Ground, Style, Styles, legibility};
use crate::domain::document::{Doubt, Hiding, Visibility};
use crate::domain::limits::SHEET_RULES_MAX;
use crate::parse::grid::Place;
use crate::parse::xlsx::number::Display;
use crate::parse::xml::Element;

/// When a rule applies.
#[derive(Debug, Clone)]
enum Condition {
    Formula(Formula),
    /// How the cell compares: an operator of the format, and one or two operands.
    Compared(String, Vec<Formula>),
    /// Bars and icons in place of the value.
    Always,
    Unknown,
}

/// A rule with what it changes.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    priority: i64,
    condition: Condition,
    change: Rc<Change>,
    hides_value: bool,
    stops: bool,
    /// Steps that it takes to work out.
    weight: usize,
}

/// The rules of a sheet.
pub(super) type Rules = Areas<Rc<Rule>>;

/// Reads `conditionalFormatting`, of either generation, into areas.
pub(super) fn read(element: &Element, styles: &Styles, into: &mut Vec<(Area, Rc<Rule>)>) {
    let inner = element.child("sqref").map(|inner| inner.text.clone());
    let Some(places) = element.attr("sqref").map(str::to_owned).or(inner) else { return };
    let areas = Area::list(&places);
    let Some(base) = areas.first().map(|area| area.first) else { return };
    for element in element.all("cfRule") {
        let Some(rule) = rule(element, base, styles) else { continue };
        let rule = Rc::new(rule);
        let room = SHEET_RULES_MAX.saturating_sub(into.len());
        into.extend(areas.iter().take(room).map(|area| (*area, Rc::clone(&rule))));
    }
}

fn rule(element: &Element, base: Place, styles: &Styles) -> Option<Rule> {
    let own = element.child("dxf").map(|dxf| Rc::new(Change::read(dxf, &styles.palette)));
    let number = element.attr("dxfId").and_then(|id| id.parse::<usize>().ok());
    let change = own.or_else(|| styles.changes.get(number?).map(Rc::clone)).unwrap_or_default();
    let shows = |name: &str| {
        element.child(name).and_then(|inner| inner.attr("showValue")).is_none_or(is_true)
    };
    let hides_value = !shows("dataBar") || !shows("iconSet");
    if change.is_nothing() && !hides_value {
        return None;
    }
    let is_formula = |child: &&Element| matches!(child.name.as_str(), "formula" | "f");
    let formulas = element.children.iter().filter(is_formula);
    let weight = 1 + formulas.clone().map(|inner| inner.text.len()).sum::<usize>() / 4;
    let formulas: Vec<Formula> =
        formulas.map(|inner| Formula::read(&inner.all_text(), base)).collect();
    let condition = match (element.attr("type"), formulas.first()) {
        (Some("dataBar" | "iconSet"), _) => Condition::Always,
        (Some("cellIs"), Some(_)) => {
            Condition::Compared(element.attr("operator").unwrap_or_default().to_owned(), formulas)
        }
        // The others carry a formula that says the same: text, blanks, errors.
        (_, Some(first)) => Condition::Formula(first.clone()),
        _ => Condition::Unknown,
    };
    Some(Rule {
        priority: element.attr("priority").and_then(|text| text.parse().ok()).unwrap_or(0),
        condition,
        change,
        hides_value,
        stops: element.attr("stopIfTrue").is_some_and(is_true),
        weight,
    })
}

pub(super) fn is_true(value: &str) -> bool {
    matches!(value, "1" | "true" | "on")
}

impl Rule {
    fn applies(&self, at: Place, own: &Value) -> Option<bool> {
        match &self.condition {
            Condition::Formula(formula) => formula.value(at, own).truth(),
            Condition::Compared(operator, operands) => compared(operator, operands, at, own),
            Condition::Always => Some(true),
            Condition::Unknown => None,
        }
    }
}

fn compared(operator: &str, operands: &[Formula], at: Place, own: &Value) -> Option<bool> {
    let sign = |sign: &str, index: usize| {
        let value = operands.get(index).map(|operand| operand.value(at, own));
        super::formula::compared(sign, own, &value.unwrap_or(Value::Unknown)).truth()
    };
    let both = |one: Option<bool>, other: Option<bool>| Some(one? && other?);
    match operator {
        "equal" => sign("=", 0),
        "notEqual" => sign("<>", 0),
        "lessThan" => sign("<", 0),
        "lessThanOrEqual" => sign("<=", 0),
        "greaterThan" => sign(">", 0),
        "greaterThanOrEqual" => sign(">=", 0),
        "between" => both(sign(">=", 0), sign("<=", 1)),
        "notBetween" => both(sign(">=", 0), sign("<=", 1)).map(|within| !within),
        _ => None,
    }
}

/// How a cell looks after its rules.
#[derive(Debug, Default)]
pub(super) struct Look {
    pub(super) ink: Option<crate::parse::html::color::Rgba>,
    pub(super) ground: Option<Ground>,
    pub(super) hides: bool,
    /// A rule that may apply would hide it.
    pub(super) doubtful: bool,
}

impl Look {
    /// What becomes of letters in this look.
    pub(super) fn seen(&self, font: Font, ground: &Ground, changes_font: bool) -> Visibility {
        let ink = if changes_font { self.ink.or(font.ink) } else { font.ink };
        let ground = self.ground.as_ref().unwrap_or(ground);
        match legibility(Font { ink, ..font }, ground) {
            Visibility::Shown if self.hides => Visibility::Hidden(Hiding::NotDisplayed),
            Visibility::Shown if self.doubtful => Visibility::Undetermined(Doubt::UnknownStyle),
            seen => seen,
        }
    }
}

/// What the rules make of a cell; `None` without any that matters.
pub(super) fn look(
    rules: &mut Rules,
    at: Place,
    own: &Value,
    style: &Style,
    tests: &mut Tests,
) -> Option<Look> {
    let mut here: Vec<&Rule> = rules.at(at, tests).map(|(_, rule)| rule.as_ref()).collect();
    if here.is_empty() {
        return None;
    }
    let length = if let Value::Text(text) = own { 1 + text.len() / 256 } else { 1 };
    let steps = here.iter().map(|rule| rule.weight.saturating_mul(length)).sum::<usize>();
    tests.left = tests.left.saturating_sub(steps);
    here.sort_by_key(|rule| rule.priority);
    let mut look = Look::default();
    let mut doubts = Vec::new();
    for rule in here {
        match rule.applies(at, own) {
            Some(true) => {
                look.take(rule, own);
                if rule.stops {
                    break;
                }
            }
            Some(false) => {}
            None => doubts.push(rule),
        }
    }
    look.doubtful = doubts.iter().any(|rule| look.turned_by(rule, own, style));
    Some(look)
}

impl Look {
    /// The first rule that says something of a property decides it.
    fn take(&mut self, rule: &Rule, own: &Value) {
        self.ink = self.ink.or(rule.change.ink);
        if self.ground.is_none() {
            self.ground.clone_from(&rule.change.ground);
        }
        self.hides |= hides(rule, own);
    }

    /// Whether a rule that may apply would make a difference to whether the text is seen.
    fn turned_by(&self, rule: &Rule, own: &Value, style: &Style) -> bool {
        let with = Self {
            ink: rule.change.ink.or(self.ink),
            ground: rule.change.ground.clone().or_else(|| self.ground.clone()),
            hides: self.hides || hides(rule, own),
            doubtful: false,
        };
        let seen = |look: &Self| look.seen(style.font, &style.ground, true).is_shown();
        seen(self) != seen(&with)
    }
}

fn hides(rule: &Rule, own: &Value) -> bool {
    let display = rule.change.format.as_ref().map(|format| match own {
        Value::Number(number) => format.number(*number, false).0,
        Value::Text(text) => format.text(text).0,
        Value::Truth(_) | Value::Error | Value::Blank | Value::Unknown => {
            Display::Value(String::new())
        }
    });
    matches!(display, Some(Display::Nothing)) || rule.hides_value && matches!(own, Value::Number(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_share_what_they_change() {
        let code = "0.0_-".repeat(150);
        let styles = format!(
            "<styleSheet><dxfs><dxf><font><color rgb='FFFFFFFF'/></font><numFmt formatCode='{code}'/></dxf></dxfs>
             </styleSheet>"
        );
        let styles = Styles::read(Element::root(&styles).as_ref(), None);
        let rules =
            "<cfRule type='expression' dxfId='0'><formula>1</formula></cfRule>".repeat(60_000);
        let rules = format!("<conditionalFormatting sqref='A1'>{rules}</conditionalFormatting>");
        let mut read_rules = Vec::new();
        read(&Element::root(&rules).unwrap(), &styles, &mut read_rules);
        assert_eq!(read_rules.len(), 60_000);
        assert_eq!(Rc::strong_count(&styles.changes[0]), 60_001);
    }
}
