//! `alnage explain`: what a rule finds, why, and what it lets through.

use std::io;
use std::path::Path;

use serde_json::json;

use crate::domain::finding::draw_safely;
use crate::interface::scanned::TaxonomyJson;
use crate::pipeline::rules::{self, Rule};

use super::args::Format;
use super::error::{CliError, Outcome};
use super::packs;
use super::screen::Screen;

/// Examples shown of one rule; `--format json` has all.
const EXAMPLES_SHOWN: usize = 2;

/// One rule, or a list of all: those of the workspace's packs too, where there is one.
pub(super) fn run(
    workspace: &Path,
    id: Option<&str>,
    format: Format,
    screen: &mut Screen,
) -> Result<Outcome, CliError> {
    let all = rules::all(&packs::of_workspace(workspace)?);
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
                vec![rule.id.clone(), rule.severity.name().to_owned(), rule.summary.clone()]
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
        ("Finds", rule.summary.clone()),
        ("Why", rule.why.clone()),
        ("Lets through", rule.lets_through.clone()),
        ("Known as", ids.join(", ")),
    ];
    for (head, said) in parts.iter().filter(|(_, said)| !said.is_empty()) {
        screen.line(format!("\n{head}"))?;
        screen.wrapped("    ", said)?;
    }
    for example in rule.examples.iter().take(EXAMPLES_SHOWN) {
        screen.line(format!("\nExample: {}", example.note))?;
        for text in &example.finds {
            screen.wrapped("    ", &format!("finds   “{}”", draw_safely(text)))?;
        }
        for text in &example.passes {
            screen.wrapped("    ", &format!("passes  “{}”", draw_safely(text)))?;
        }
    }
    Ok(())
}

fn as_json(rule: &Rule) -> serde_json::Value {
    let drawn = |texts: &[String]| texts.iter().map(|text| draw_safely(text)).collect::<Vec<_>>();
    let example = |one: &rules::Example| {
        json!({
            "name": one.rule,
            "note": one.note,
            "finds": drawn(&one.finds),
            "passes": drawn(&one.passes),
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
