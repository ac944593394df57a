//! `alnage explain`: what a rule finds, why, and what it lets through.

use std::io;

use serde_json::json;

use crate::domain::finding::draw_safely;
use crate::interface::scanned::TaxonomyJson;
use crate::pipeline::rules::{self, Rule};

use super::args::Format;
use super::error::{CliError, Outcome};
use super::screen::Screen;

/// Examples shown of one rule; `--format json` has all.
const EXAMPLES_SHOWN: usize = 2;

/// One rule, or a list of all.
pub(super) fn run(
    id: Option<&str>,
    format: Format,
    screen: &mut Screen,
) -> Result<Outcome, CliError> {
    let all = rules::all();
    let chosen: Vec<&Rule> = all.iter().filter(|rule| id.is_none_or(|id| rule.id == id)).collect();
    if chosen.is_empty() {
        let said = draw_safely(id.unwrap_or_default());
        return Err(CliError::Usage(format!(
            "there is no rule `{said}`; `alnage explain` lists all"
        )));
    }
    match (format, chosen.as_slice()) {
        (Format::Json, _) => chosen.iter().try_for_each(|rule| screen.json(&as_json(rule)))?,
        (Format::Text, [one]) if id.is_some() => print(one, screen)?,
        (Format::Text, _) => {
            let row = |rule: &&Rule| {
                vec![rule.id.to_owned(), rule.severity.name().to_owned(), rule.summary.to_owned()]
            };
            let rows = chosen.iter().map(row).collect();
            screen.table(&["rule", "severity", "finds"], rows)?;
        }
    }
    Ok(Outcome::Done)
}

fn print(rule: &Rule, screen: &mut Screen) -> io::Result<()> {
    screen.line(format!("{}  [{}]", rule.id, rule.severity.name()))?;
    let taxonomy = &rule.taxonomy;
    let ids: Vec<&str> = [&taxonomy.owasp, &taxonomy.atlas, &taxonomy.aisvs]
        .into_iter()
        .flatten()
        .map(AsRef::as_ref)
        .collect();
    let parts = [
        ("Finds", rule.summary.to_owned()),
        ("Why", rule.why.to_owned()),
        ("Lets through", rule.lets_through.to_owned()),
        ("Known as", ids.join(", ")),
    ];
    for (head, said) in parts.iter().filter(|(_, said)| !said.is_empty()) {
        screen.line(format!("\n{head}"))?;
        screen.wrapped("    ", said)?;
    }
    for example in rule.examples.iter().take(EXAMPLES_SHOWN) {
        screen.line(format!("\nExample: {}", example.note))?;
        screen.wrapped("    ", &format!("finds   “{}”", draw_safely(example.finds)))?;
        screen.wrapped("    ", &format!("passes  “{}”", draw_safely(example.passes)))?;
    }
    Ok(())
}

fn as_json(rule: &Rule) -> serde_json::Value {
    let example = |one: &rules::Example| {
        json!({
            "name": one.rule,
            "note": one.note,
            "finds": draw_safely(one.finds),
            "passes": draw_safely(one.passes),
        })
    };
    json!({
        "rule": rule.id,
        "severity": rule.severity.name(),
        "summary": rule.summary,
        "why": rule.why,
        "lets_through": rule.lets_through,
        "taxonomy": TaxonomyJson::of(&rule.taxonomy),
        "examples": rule.examples.iter().map(example).collect::<Vec<_>>(),
    })
}
