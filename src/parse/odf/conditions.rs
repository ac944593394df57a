//! Styles of cells that depend on conditions: in the style itself, and in the list behind a sheet.
//!
//! Let through on purpose: a condition that needs other cells is not worked out, and text that it would hide is
//! undetermined.

use super::seen::{Ground, seen};
use super::style::Style;
use super::walk::{Attrs, Context, Walk};
use crate::domain::document::{Doubt, Hiding, Visibility};
use crate::domain::limits::SHEET_RULES_MAX;
use crate::parse::grid::Place;
use crate::parse::xml::{Step, Xml};

/// A style that holds where a condition does.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Conditional {
    /// As a sheet's formula, written for `base`.
    pub(super) condition: String,
    pub(super) base: Place,
    pub(super) style: String,
}

impl Conditional {
    pub(super) fn read(condition: &str, base: Option<&str>, style: &str) -> Self {
        let base = base.and_then(|base| Place::of_name(base.rsplit('.').next()?));
        let base = base.unwrap_or_default();
        Self { condition: formula(condition, base), base, style: style.to_owned() }
    }
}

/// The condition as a formula about the cell it is written for.
fn formula(condition: &str, base: Place) -> String {
    let plain = condition.replace("[.", "").replace(']', "").replace(';', ",").replace("!=", "<>");
    let plain = plain.trim();
    let inside = |start: &str| plain.strip_prefix(start)?.strip_suffix(')');
    let own = base.name();
    if let Some(inner) = inside("is-true-formula(").or_else(|| inside("formula-is(")) {
        return inner.to_owned();
    }
    let between = inside("cell-content-is-between(").or_else(|| inside("between("));
    if let Some((low, high)) = between.and_then(|inner| inner.split_once(',')) {
        return format!("AND({own}>={low},{own}<={high})");
    }
    let rest = plain.strip_prefix("cell-content()").unwrap_or(plain);
    format!("{own}{rest}")
}

/// A condition of the list behind a sheet.
#[derive(Debug, Clone)]
pub(super) struct Listed {
    table: String,
    first: Place,
    last: Place,
    conditional: Conditional,
}

/// The lists behind the sheets of a part.
pub(super) fn lists(text: &str) -> Vec<Listed> {
    let mut found = Vec::new();
    if !text.contains("conditional-format") {
        return found;
    }
    let (mut table, mut areas) = (String::new(), Vec::new());
    let mut xml = Xml::new(text);
    while let Some(step) = xml.step() {
        let Step::Open(tag) = step else { continue };
        match tag.name() {
            "table" => table = tag.attr("name").unwrap_or_default(),
            "conditional-format" => {
                areas = tag
                    .attr("target-range-address")
                    .map(|text| read_areas(&text))
                    .unwrap_or_default();
            }
            "condition" => {
                let attr = |name: &str| tag.attr(name).unwrap_or_default();
                let base = tag.attr("base-cell-address");
                let style = attr("apply-style-name");
                let conditional = Conditional::read(&attr("value"), base.as_deref(), &style);
                let room = SHEET_RULES_MAX.saturating_sub(found.len());
                found.extend(areas.iter().take(room).map(|(first, last)| Listed {
                    table: table.clone(),
                    first: *first,
                    last: *last,
                    conditional: conditional.clone(),
                }));
            }
            _ => {}
        }
    }
    found
}

/// `Sheet.A1:Sheet.B2 Sheet.C3`.
fn read_areas(text: &str) -> Vec<(Place, Place)> {
    let place = |corner: &str| Place::of_name(corner.rsplit('.').next()?);
    let area = |text: &str| {
        let (from, to) = text.split_once(':').unwrap_or((text, text));
        place(from).zip(place(to))
    };
    text.split_whitespace().filter_map(area).collect()
}

/// The name of a style by the name that people see.
fn encoded(name: &str) -> String {
    let encode = |ch: char| match ch {
        ch if ch.is_alphanumeric() => ch.to_string(),
        ch => format!("_{:x}_", u32::from(ch)),
    };
    name.chars().map(encode).collect()
}

impl Walk<'_> {
    /// Changes the look of a cell by the conditions on it. Those that are left would hide its text, and wait
    /// until it is known.
    pub(super) fn conditional(
        &mut self,
        at: Place,
        attrs: &Attrs,
        style: &Style,
        context: &mut Context,
    ) -> Vec<Conditional> {
        let sheet = &self.flow.sheet;
        let here = |one: &&Listed| {
            one.table == *sheet
                && (one.first.row..=one.last.row).contains(&at.row)
                && (one.first.column..=one.last.column).contains(&at.column)
        };
        self.tests = self.tests.saturating_sub(self.conditions.len());
        let listed = if self.tests > 0 { self.conditions.as_slice() } else { &[] };
        let listed = listed.iter().filter(here).map(|one| &one.conditional);
        let all: Vec<Conditional> = style.conditional.iter().chain(listed).cloned().collect();
        let number = attrs.get("value").and_then(|value| value.parse::<f64>().ok());
        let text = attrs.get("string-value");
        let mut doubts = Vec::new();
        for one in all {
            self.tests = self.tests.saturating_sub(one.condition.len());
            let holds = crate::parse::xlsx::holds(&one.condition, one.base, at, number, text);
            if holds == Some(false) || self.tests == 0 {
                continue;
            }
            let is_plain = self.styles.has("table-cell", &one.style);
            let name = if is_plain { one.style.clone() } else { encoded(&one.style) };
            let changed = self.styles.get("table-cell", &name).own_look().within(&context.letters);
            let ground = context.ground.under(changed.fill);
            if holds == Some(true) {
                context.ground = ground;
                context.letters = std::rc::Rc::new(changed);
                break;
            }
            if is_lost(&changed, ground) && !is_lost(&context.letters, context.ground) {
                doubts.push(one);
            }
        }
        doubts
    }
}

impl Conditional {
    /// What becomes of the text of a cell that this would hide.
    pub(super) fn seen(&self, at: Place, text: &str) -> Visibility {
        match crate::parse::xlsx::holds(&self.condition, self.base, at, None, Some(text)) {
            Some(false) => Visibility::Shown,
            Some(true) => Visibility::Hidden(Hiding::LowContrast),
            None => Visibility::Undetermined(Doubt::UnknownStyle),
        }
    }
}

fn is_lost(letters: &Style, ground: Ground) -> bool {
    !seen(letters, None, ground).is_shown()
}
