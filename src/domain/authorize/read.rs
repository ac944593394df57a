//! Files → policies that are known to fit the schema, every mistake at once.

use std::collections::BTreeMap;
use std::str::FromStr as _;

use cedar_policy::{Effect, Policy, PolicyId, PolicySet, Schema, ValidationMode, Validator};
use miette::Diagnostic;
use serde_json::Value;

use super::entities::Vocabulary;
use super::{AccessPolicies, BASE, PolicyFile, SCHEMA};
use crate::domain::digest::Digest;
use crate::domain::finding::draw_safely;
use crate::domain::limits::{
    ACCESS_POLICIES_MAX, ACCESS_POLICY_DEPTH_MAX, ACCESS_POLICY_OPERATORS_MAX, MISTAKES_MAX,
};
use crate::domain::source::Name;
use crate::domain::toml_file::{Mistake, Mistakes};

/// What the base is called in messages.
const BASE_NAME: &str = "base.cedar";

impl AccessPolicies {
    /// What holds in every workspace, with these policies beside it.
    pub fn read(files: &[PolicyFile<'_>]) -> Result<Self, Mistakes> {
        let mut reading = Reading::default();
        reading.file(&PolicyFile { name: BASE_NAME, text: BASE }, Whose::Base);
        for file in files {
            reading.file(file, Whose::Workspace);
        }
        if reading.places.len() > ACCESS_POLICIES_MAX {
            let message = format!("there are more than {ACCESS_POLICIES_MAX} access policies");
            let last = files.last().map_or(BASE_NAME, |file| file.name);
            reading.mistakes.push(mistake(last, 1, message, ""));
        }
        let schema = reading.validated(files);
        let vocabulary = Vocabulary::new();
        for fault in [schema, vocabulary.as_ref().map(drop).map_err(Clone::clone)] {
            if let Err(error) = fault {
                reading.mistakes.push(mistake(BASE_NAME, 1, error, ""));
            }
        }
        let (true, Ok(vocabulary)) = (reading.mistakes.is_empty(), vocabulary) else {
            reading.mistakes.sort_by(|one, two| (&one.file, one.line).cmp(&(&two.file, two.line)));
            reading.mistakes.truncate(MISTAKES_MAX);
            return Err(Mistakes(reading.mistakes));
        };
        let is_own = |policy: &&Policy| {
            reading.places.get(policy.id()).is_none_or(|place| place.whose == Whose::Workspace)
        };
        let own: Vec<&Policy> = reading.set.policies().filter(is_own).collect();
        let texts = files.iter().map(|file| file.text.as_bytes());
        let parts = [SCHEMA.as_bytes(), BASE.as_bytes()].into_iter().chain(texts);
        let (asks_time, asks_source) = (asked_by(&own, "now"), asked_by(&own, "source"));
        let permits_more = own.iter().any(|policy| policy.effect() == Effect::Permit);
        let digest = Digest::of_parts(parts);
        let set = reading.set;
        Ok(Self { set, vocabulary, digest, asks_time, asks_source, permits_more })
    }
}

/// Whether a policy has this word anywhere but in its notes. A word in a text counts too: the worst that comes of
/// it is a decision that is made more often.
fn asked_by(policies: &[&Policy], word: &str) -> bool {
    policies.iter().any(|policy| match policy.to_json() {
        Ok(Value::Object(mut parts)) => {
            parts.remove("annotations");
            parts.values().any(|part| has_word(part, word))
        }
        Ok(_) | Err(_) => true,
    })
}

fn has_word(value: &Value, word: &str) -> bool {
    match value {
        Value::String(text) => text == word,
        Value::Array(values) => values.iter().any(|value| has_word(value, word)),
        Value::Object(fields) => {
            fields.iter().any(|(key, value)| key == word || has_word(value, word))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Who wrote a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    Base,
    Workspace,
}

/// Where a policy stands.
#[derive(Debug, Clone)]
struct Place {
    whose: Whose,
    file: String,
    line: usize,
}

#[derive(Default)]
struct Reading {
    set: PolicySet,
    places: BTreeMap<PolicyId, Place>,
    mistakes: Vec<Mistake>,
}

impl Reading {
    fn file(&mut self, file: &PolicyFile<'_>, whose: Whose) {
        if let Some(line) = too_deep(file.text) {
            let message = format!(
                "a policy with more than {ACCESS_POLICY_OPERATORS_MAX} operators, or \
                 {ACCESS_POLICY_DEPTH_MAX} open brackets"
            );
            let help = "compare with a set: `[\"a\", \"b\"].contains(resource.label)`";
            self.mistakes.push(mistake(file.name, line, message, help));
            return;
        }
        let set = match PolicySet::from_str(file.text) {
            Ok(set) => set,
            Err(errors) => {
                for error in errors.iter() {
                    let line = line_of(error, file.text).unwrap_or(1);
                    self.mistakes.push(told(file.name, line, error));
                }
                return;
            }
        };
        for template in set.templates() {
            let message = "a template stands for nothing here: no slot of it is ever filled";
            let line = template.annotation("id").map_or(1, |id| line_with(file.text, id));
            self.mistakes.push(mistake(file.name, line, message.to_owned(), ""));
        }
        // Numbered in the order of the file.
        let mut policies: Vec<&Policy> = set.policies().collect();
        policies.sort_by_key(|policy| start_of(policy, file.text));
        for policy in policies {
            self.policy(file, policy, whose);
        }
    }

    fn policy(&mut self, file: &PolicyFile<'_>, policy: &Policy, whose: Whose) {
        let line = line_at(file.text, start_of(policy, file.text));
        let mut wrong = |message: String, help: &str| {
            self.mistakes.push(mistake(file.name, line, message, help));
        };
        let Some(id) = policy.annotation("id") else {
            return wrong(
                "this policy has no id".to_owned(),
                "write `@id(\"a-name\")` before it: `access explain` and the tests of policies name it so",
            );
        };
        if let Err(error) = id.parse::<Name>() {
            return wrong(format!("`@id`: {error}"), "");
        }
        let id = PolicyId::new(id);
        if let Some(other) = self.places.get(&id) {
            let message = format!("another policy is called `{id}`");
            return wrong(message, &format!("it is at {}:{}", other.file, other.line));
        }
        match self.set.add(policy.new_id(id.clone())) {
            Ok(()) => {
                self.places.insert(id, Place { whose, file: file.name.to_owned(), line });
            }
            Err(error) => wrong(draw_safely(&error.to_string()), ""),
        }
    }

    /// Holds all policies against the schema. What is only odd is a mistake too: a policy that can never apply
    /// protects nothing, and letters that look like others deceive whoever reads them.
    fn validated(&mut self, files: &[PolicyFile<'_>]) -> Result<(), String> {
        let (schema, _) =
            Schema::from_cedarschema_str(SCHEMA).map_err(|error| error.to_string())?;
        let result = Validator::new(schema).validate(&self.set, ValidationMode::Strict);
        let errors =
            result.validation_errors().map(|one| (one.policy_id(), one as &dyn Diagnostic));
        let warnings =
            result.validation_warnings().map(|one| (one.policy_id(), one as &dyn Diagnostic));
        for (id, error) in errors.chain(warnings) {
            let Some(place) = self.places.get(id) else { return Err(error.to_string()) };
            let text = files.iter().find(|file| file.name == place.file).map(|file| file.text);
            let line = text.and_then(|text| line_of(error, text)).unwrap_or(place.line);
            self.mistakes.push(told(&place.file, line, error));
        }
        Ok(())
    }
}

/// The line on which a policy goes past what may be nested. Counted before it is parsed, for parsing, and what was
/// parsed when it is dropped, take stack for each level. Words that are operators stand between spaces and brackets;
/// they count by these.
fn too_deep(text: &str) -> Option<usize> {
    let (mut operators, mut depth, mut line) = (0_usize, 0_usize, 1_usize);
    let (mut is_quoted, mut is_note) = (false, false);
    let mut chars = text.chars().peekable();
    while let Some(ch) = chars.next() {
        match ch {
            '\n' => (line, is_note) = (line + 1, false),
            _ if is_note => {}
            '\\' if is_quoted => drop(chars.next()),
            '"' => is_quoted = !is_quoted,
            _ if is_quoted => {}
            '/' if chars.peek() == Some(&'/') => is_note = true,
            ';' => operators = 0,
            '(' | '[' | '{' => (depth, operators) = (depth + 1, operators + 1),
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            '|' | '&' | '+' | '-' | '*' | '<' | '>' | '=' | '!' | '.' | '?' => operators += 1,
            _ if ch.is_whitespace() && chars.peek().is_some_and(|next| next.is_alphabetic()) => {
                operators += 1;
            }
            _ => {}
        }
        if operators > ACCESS_POLICY_OPERATORS_MAX || depth > ACCESS_POLICY_DEPTH_MAX {
            return Some(line);
        }
    }
    None
}

/// The line of what an error points at.
fn line_of(error: &dyn Diagnostic, text: &str) -> Option<usize> {
    let label = error.labels()?.next()?;
    Some(line_at(text, label.offset()))
}

fn line_at(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
}

fn line_with(text: &str, id: &str) -> usize {
    line_at(text, text.find(&format!("@id(\"{id}\")")).unwrap_or(0))
}

/// Where a policy begins in its file.
fn start_of(policy: &Policy, text: &str) -> usize {
    policy.to_cedar().and_then(|own| text.find(&own)).unwrap_or(0)
}

fn told(file: &str, line: usize, error: &dyn Diagnostic) -> Mistake {
    let help = error.help().map(|help| help.to_string()).unwrap_or_default();
    mistake(file, line, draw_safely(&error.to_string()), &draw_safely(&help))
}

fn mistake(file: &str, line: usize, message: String, help: &str) -> Mistake {
    Mistake { file: file.to_owned(), line, message, help: help.to_owned() }
}
