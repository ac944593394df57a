//! Styles of cells that depend on conditions: in the style itself, and in the list behind a sheet.
//!
//! Let through on purpose: a condition that needs other cells is not worked out, and text that it would hide is
//! undetermined.

use std::rc::Rc;

use super::seen::{Ground, seen};
use super::style::Style;
use super::walk::{Attrs, Context, Walk};
use crate::domain::document::{Doubt, Hiding, NoticeKind, Visibility};
use crate::domain::limits::SHEET_RULES_MAX;
use crate::parse::grid::Place;
use crate::parse::xml::{Step, Xml};

/// What is not looked at for want of steps.
const UNTESTED: Visibility = Visibility::Undetermined(Doubt::Broken);

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
    conditional: Rc<Conditional>,
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
                let conditional = Rc::new(conditional);
                let room = SHEET_RULES_MAX.saturating_sub(found.len());
                found.extend(areas.iter().take(room).map(|(first, last)| Listed {
                    table: table.clone(),
                    first: *first,
                    last: *last,
                    conditional: Rc::clone(&conditional),
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
    ) -> Vec<Rc<Conditional>> {
        if !self.enter_row(at.row) || !self.may_test(self.row_conditions.1.len()) {
            context.seen = Some(UNTESTED);
            return Vec::new();
        }
        let listed = self.row_conditions.1.iter().filter_map(|index| self.conditions.get(*index));
        let listed = listed.filter(|one| (one.first.column..=one.last.column).contains(&at.column));
        let listed = listed.map(|one| &one.conditional);
        let all: Vec<Rc<Conditional>> = style.conditional.iter().chain(listed).cloned().collect();
        let number = attrs.get("value").and_then(|value| value.parse::<f64>().ok());
        let text = attrs.get("string-value");
        let mut doubts = Vec::new();
        for one in all {
            if !self.may_test(one.steps(text)) {
                context.seen = Some(UNTESTED);
                return Vec::new();
            }
            let holds = crate::parse::xlsx::holds(&one.condition, one.base, at, number, text);
            if holds == Some(false) {
                continue;
            }
            let is_plain = self.styles.has("table-cell", &one.style);
            let name = if is_plain { one.style.clone() } else { encoded(&one.style) };
            let changed = self.styles.get("table-cell", &name).own_look().within(&context.letters);
            let ground = context.ground.under(changed.fill);
            if holds == Some(true) {
                context.ground = ground;
                context.letters = Rc::new(changed);
                break;
            }
            if is_lost(&changed, ground) && !is_lost(&context.letters, context.ground) {
                doubts.push(one);
            }
        }
        doubts
    }
}

impl Walk<'_> {
    /// Whether so many more steps may be made in this part, which they then count for.
    pub(super) fn may_test(&mut self, steps: usize) -> bool {
        let left = self.tests.checked_sub(steps);
        match left {
            Some(left) => self.tests = left,
            None => {
                let detail = "more conditions and shapes in a part than are compared";
                self.flow.builder.notice_once(NoticeKind::LimitReached, detail);
            }
        }
        left.is_some()
    }

    /// Finds the conditions of the list that speak of this row; whether that could be done.
    fn enter_row(&mut self, row: u32) -> bool {
        if self.row_conditions.0 == Some(row) {
            return true;
        }
        if !self.may_test(self.conditions.len()) {
            return false;
        }
        let here = |one: &Listed| {
            one.table == self.flow.sheet && (one.first.row..=one.last.row).contains(&row)
        };
        let all = self.conditions.iter().enumerate();
        let found = all.filter(|(_, one)| here(one)).map(|(index, _)| index);
        self.row_conditions = (Some(row), found.collect());
        true
    }

    /// Hides the text of a cell by the conditions that were left for it.
    pub(super) fn doubted(
        &mut self,
        doubts: &[Rc<Conditional>],
        at: Place,
        written: &str,
        runs: &mut [(String, Visibility)],
    ) {
        for doubt in doubts {
            let may_test = self.may_test(doubt.steps(Some(written)));
            let hidden = if may_test { doubt.seen(at, written) } else { UNTESTED };
            if !hidden.is_shown() {
                super::sheet::hide(runs, hidden);
                return;
            }
        }
    }
}

impl Conditional {
    /// Steps that it takes to work it out for a cell of this text.
    fn steps(&self, text: Option<&str>) -> usize {
        let length = 1 + text.map_or(0, str::len) / 256;
        self.condition.len().saturating_add(1).saturating_mul(length)
    }

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

#[cfg(test)]
mod tests {
    use super::super::flow::Flow;
    use super::super::style::Styles;
    use super::*;
    use crate::domain::document::{Document, Format};
    use crate::parse::Builder;
    use crate::parse::formulas::Formulas;
    use crate::parse::xml::Element;

    const STYLES: &str = "<s><style name='c' family='table-cell'><map condition='cell-content()=1'
        apply-style-name='white'/></style><style name='white' family='table-cell'><text-properties color='#ffffff'/>
        </style></s>";
    const CELL: &str =
        "<table-cell style-name='c' value-type='float' value='1'><p>one</p></table-cell>";

    fn read(cells: &str, tests: usize) -> Document {
        let (mut builder, mut styles) = (Builder::new(Format::Ods), Styles::default());
        let root = Element::root(STYLES).unwrap();
        root.children.iter().for_each(|style| styles.take(style));
        let mut formulas = Formulas::default();
        let flow = Flow::new(&mut builder, "content.xml");
        let mut walk = Walk::new(flow, &mut styles, Format::Ods, &mut formulas);
        walk.tests = tests;
        let text = format!(
            "<spreadsheet><table name='S'><table-row>{cells}</table-row></table></spreadsheet>"
        );
        assert_eq!(walk.read(&text), None);
        drop(walk);
        builder.finish()
    }

    #[test]
    fn conditions_that_are_not_worked_out_any_more_leave_a_doubt() {
        for (tests, expected, notices) in
            [(1_000, Visibility::Hidden(Hiding::LowContrast), 0), (4, UNTESTED, 1)]
        {
            let document = read(CELL, tests);
            let found = document.blocks.iter().find(|block| block.text == "one");
            assert_eq!(found.map(|block| block.visibility), Some(expected));
            assert_eq!(document.notices.len(), notices);
        }
        let plain = read("<table-cell><p>plain</p></table-cell>", 0);
        assert!(plain.blocks.iter().any(|one| one.text == "plain" && one.visibility.is_shown()));
    }

    #[test]
    fn styles_share_their_conditions() {
        let maps = "<map condition='cell-content()=1' apply-style-name='x'/>".repeat(1_000);
        let root =
            Element::root(&format!("<s><style name='c' family='table-cell'>{maps}</style></s>"));
        let mut styles = Styles::default();
        root.unwrap().children.iter().for_each(|style| styles.take(style));
        let style = styles.get("table-cell", "c");
        let copies: Vec<Style> = (0..100_000).map(|_| Style::default().within(&style)).collect();
        assert!(copies.iter().all(|copy| Rc::ptr_eq(&copy.conditional, &style.conditional)));
        let all = "Sheet.A1 ".repeat(1_000);
        let list = lists(&format!(
            "<table name='S'><conditional-format target-range-address='{all}'><condition value='=1'/></conditional-format>
             </table>"
        ));
        assert!(list.iter().all(|one| Rc::strong_count(&one.conditional) == 1_000));
    }
}
