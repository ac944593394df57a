//! `alnage policy test`: what the owner of access policies expects of them. `alnage policy schema`: what they can
//! speak of.

use std::path::{Path, PathBuf};

use crate::config::access_cases::{self, Case};
use crate::domain::access::AccessClass;
use crate::domain::authorize::{AccessPolicies, BASE, Resource, SCHEMA};
use crate::domain::finding::draw_safely;
use crate::domain::id::ClassId;
use crate::domain::source::Name;

use super::access_policies::{self, ENDING, FOLDER};
use super::error::{CliError, Outcome};
use super::packs::files_in;
use super::screen::Screen;
use super::workspace::{read_text, shown};

/// Runs the cases of these files, or of a workspace's folder, under these policies, or the workspace's.
pub(super) fn run(
    workspace: &Path,
    files: &[PathBuf],
    screen: &mut Screen,
) -> Result<Outcome, CliError> {
    let is_policies = |file: &&PathBuf| file.extension().is_some_and(|ending| ending == ENDING);
    let (mut policies, mut tables): (Vec<PathBuf>, Vec<PathBuf>) =
        files.iter().cloned().partition(|file| is_policies(&file));
    if policies.is_empty() {
        policies = access_policies::files_of_workspace(workspace)?;
    }
    let folder = workspace.join(FOLDER);
    if tables.is_empty() && folder.is_dir() {
        tables = files_in(&folder, "toml")?;
    }
    if tables.is_empty() {
        let folder = shown(&folder);
        let text = format!("there is no table of cases in `{folder}`; name one");
        return Err(CliError::Usage(text));
    }
    let policies = access_policies::read(&policies)??;
    let (mut count, mut wrong) = (0, 0);
    for file in &tables {
        let name = shown(file);
        for case in access_cases::parse(&name, &read_text(file)?)? {
            count += 1;
            if let Some(difference) = difference(&policies, &case) {
                wrong += 1;
                let called = draw_safely(&case.name);
                screen.line(format!("{name}:{}: {called}: {difference}", case.line))?;
            }
        }
    }
    match wrong {
        0 => {
            screen.line(format!("{count} cases, all as expected"))?;
            Ok(Outcome::Done)
        }
        _ => {
            screen.line(format!("{wrong} of {count} cases are not as expected"))?;
            Ok(Outcome::Incomplete)
        }
    }
}

/// How a decision is not as it should be.
fn difference(policies: &AccessPolicies, case: &Case) -> Option<String> {
    let (tenant, list) = (case.tenant.clone(), case.list.clone());
    let class = AccessClass { id: ClassId::new(uuid::Uuid::nil()), tenant, list };
    let resource = Resource { class: &class, source: case.source.as_ref().map(Name::as_str) };
    let said = policies.decide(&case.side, &case.circumstances, &[resource]);
    let decision = said.into_iter().next()?;
    let by = decision.policies.join(", ");
    let by = if by.is_empty() { "no policy".to_owned() } else { by };
    if let Some(error) = decision.errors.first() {
        return Some(format!("an error, so denied: {}", draw_safely(error)));
    }
    let word = |allowed: bool| if allowed { "allow" } else { "deny" };
    if decision.allowed != case.expected {
        let (expected, got) = (word(case.expected), word(decision.allowed));
        return Some(format!("expected {expected}, got {got} by {by}"));
    }
    let expected = case.by.as_ref()?;
    let got = decision.policies.iter().cloned().collect();
    if *expected == got {
        return None;
    }
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    Some(format!("{} as expected, but by {by}, not {}", word(case.expected), expected.join(", ")))
}

/// Prints the schema, and the policies that always hold.
pub(super) fn schema(screen: &mut Screen) -> Result<Outcome, CliError> {
    screen.line(SCHEMA.trim_end())?;
    screen.line("")?;
    for line in BASE.trim_end().lines() {
        screen.line(format!("// {line}").trim_end())?;
    }
    Ok(Outcome::Done)
}
