//! Files → packs: the parts of each put together, and what is wrong between them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::about::About;
use super::read::Written;
use crate::detect::engine::Rule;
use crate::domain::toml_file::Mistake;

/// A detector with nothing but rules.
#[derive(Debug)]
pub(super) struct Pack {
    pub about: About,
    pub rules: Vec<Arc<Rule>>,
    /// Where it gives itself its id.
    pub file: Arc<str>,
    pub line: usize,
}

/// Everything that files say together.
#[derive(Debug, Default)]
pub(super) struct Assembled {
    /// By id.
    pub packs: Vec<Pack>,
    /// Rules that are switched off, by `detector/rule`, with the place that says so.
    pub disable: Vec<(Arc<str>, usize, String)>,
    pub mistakes: Vec<Mistake>,
}

/// `wrong` are the ids of files that have mistakes of their own: they are not missed.
pub(super) fn assemble(files: Vec<Written>, wrong: &[String]) -> Assembled {
    let mut packs: BTreeMap<Arc<str>, Pack> = BTreeMap::new();
    let mut parts = Vec::new();
    let mut whole = Assembled::default();
    for Written { file, line, id, about, rules, disable } in files {
        let disable = disable.into_iter().map(|(line, name)| (Arc::clone(&file), line, name));
        whole.disable.extend(disable);
        let Some(id) = id else { continue };
        let rules: Vec<Arc<Rule>> = rules.into_iter().map(Arc::new).collect();
        match about {
            None => parts.push((id, file, line, rules)),
            Some(_) if packs.contains_key(&id) => {
                let help = "give it another id, or make it a part of the other with `part = \"…\"`";
                whole.mistakes.push(mistake(
                    &file,
                    line,
                    format!("there is a pack `{id}` already"),
                    help,
                ));
            }
            Some(about) => {
                packs.insert(id, Pack { about, rules, file, line });
            }
        }
    }
    for (id, file, line, rules) in parts {
        match packs.get_mut(&id) {
            Some(pack) => pack.rules.extend(rules),
            None if wrong.iter().any(|wrong| **wrong == *id) => {}
            None => {
                let message = format!("there is no pack `{id}` that this could be a part of");
                let help = "take `part` away and say what the pack is, or write the pack";
                whole.mistakes.push(mistake(&file, line, message, help));
            }
        }
    }
    whole.packs = packs.into_values().collect();
    whole.mistakes.extend(whole.packs.iter().flat_map(twins));
    whole
}

/// Rules of one name in several files of a pack; within a file they are known already.
fn twins(pack: &Pack) -> Vec<Mistake> {
    let mut names = BTreeSet::new();
    let twins = pack.rules.iter().filter(|rule| !names.insert(&rule.name));
    let told = |rule: &Arc<Rule>| {
        let message = format!("there is a rule `{}` in another file of its pack", rule.name);
        mistake(&rule.file, rule.line, message, "")
    };
    twins.map(told).collect()
}

pub(super) fn mistake(file: &str, line: usize, message: String, help: &str) -> Mistake {
    Mistake { file: file.to_owned(), line, message, help: help.to_owned() }
}
