//! `instruction-override`: text that tells a model to drop its instructions and take others.
//!
//! # Finds
//! Orders to ignore, forget or replace what a model was told before; new tasks and personas handed to
//! it; orders on what it may say or must hide from its user; the same core in eleven other languages.
//!
//! # Lets through
//! Orders to people that name no instructions of a model ("ignore the old wiki"); a bare task without
//! any sign that it is meant for a model ("write a poem"), which only a trained model can tell from
//! honest text; and, at low severity, quotations in texts about attacks.

mod addressing;
mod dropping;
mod languages;
mod steering;

use super::engine::{Rule, Subject};
use super::{Entry, Meta};
use crate::domain::finding::{Finding, Severity};

pub(super) const ENTRY: Entry = Entry { meta: META, rules: &RULES, scan };

const META: Meta = Meta {
    id: "instruction-override",
    severity: Severity::High,
    summary: "tells a model to drop its instructions and take others",
    why: "a model takes text that it retrieves for part of its orders; one such sentence in one document can turn every answer that it is retrieved for",
    lets_through: "orders to people, tasks that do not show whom they are for, quotations (at low severity)",
    owasp: &["LLM01"],
    atlas: &["AML.T0051.001"],
    aisvs: &["8.2.4"],
};

const COUNT: usize = dropping::RULES.len()
    + addressing::RULES.len()
    + steering::RULES.len()
    + languages::RULES.len();
const RULES: [Rule; COUNT] = {
    let mut all = [Rule::BASE; COUNT];
    let (dropping, rest) = all.split_at_mut(dropping::RULES.len());
    let (addressing, rest) = rest.split_at_mut(addressing::RULES.len());
    let (steering, languages) = rest.split_at_mut(steering::RULES.len());
    dropping.copy_from_slice(&dropping::RULES);
    addressing.copy_from_slice(&addressing::RULES);
    steering.copy_from_slice(&steering::RULES);
    languages.copy_from_slice(&languages::RULES);
    all
};

fn scan(subject: &Subject<'_>) -> Vec<Finding> {
    subject.findings(&META)
}
