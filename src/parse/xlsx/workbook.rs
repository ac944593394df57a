//! The workbook: its sheets in order, and its names.

use std::collections::BTreeMap;

use super::conditions::is_true;
use crate::domain::document::{Hiding, Visibility};
use crate::domain::limits::SHEETS_MAX;
use crate::parse::Builder;
use crate::parse::ooxml::{Relation, value};
use crate::parse::xml::Element;

/// A sheet as the workbook lists it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Listed {
    pub(super) name: String,
    pub(super) is_hidden: bool,
    /// Its part, and what kind of sheet it is.
    pub(super) part: String,
    pub(super) kind: String,
}

/// The sheets of a workbook; those without a part are left out.
pub(super) fn sheets(workbook: &Element, relations: &[Relation]) -> Vec<Listed> {
    let relations = by_id(relations);
    let listed = |sheet: &Element| {
        let relation = relations.get(sheet.attr("id")?)?;
        let is_hidden = matches!(sheet.attr("state"), Some("hidden" | "veryHidden"));
        Some(Listed {
            name: sheet.attr("name").unwrap_or_default().to_owned(),
            is_hidden,
            part: relation.target.clone(),
            kind: relation.kind.clone(),
        })
    };
    workbook
        .child("sheets")
        .into_iter()
        .flat_map(|list| &list.children)
        .filter_map(listed)
        .take(SHEETS_MAX)
        .collect()
}

/// Relations by their ids; the first of an id holds.
pub(super) fn by_id(relations: &[Relation]) -> BTreeMap<&str, &Relation> {
    relations.iter().rev().map(|relation| (relation.id.as_str(), relation)).collect()
}

pub(super) fn counts_from_1904(workbook: &Element) -> bool {
    workbook.child("workbookPr").and_then(|set| set.attr("date1904")).is_some_and(is_true)
}

/// Names with what they stand for, and what is said of them.
pub(super) fn names(workbook: &Element, builder: &mut Builder) {
    let seen = Visibility::Hidden(Hiding::MachineOnly);
    let list = workbook.child("definedNames").into_iter().flat_map(|list| &list.children);
    for defined in list {
        let name = defined.attr("name").unwrap_or_default();
        let stands_for = defined.all_text();
        builder.block(value(&format!("{name} = {stands_for}"), name, seen));
        for said in ["comment", "description", "help", "statusBar", "customMenu"] {
            builder.block(value(defined.attr(said).unwrap_or_default(), name, seen));
        }
    }
}
