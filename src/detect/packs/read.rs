//! The text of one file → what it says, every mistake at once.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::about::About;
use crate::detect::engine::{Classes, Expression, Rule, Sample, Scope, spellings};
use crate::domain::finding::{Severity, Taxonomy, draw_safely};
use crate::domain::limits::{
    RULE_EXAMPLE_BYTES_MAX, RULE_EXAMPLES_MAX, RULE_WORD_BYTES_MAX, RULE_WORD_SPACES_MAX,
    RULE_WORDS_MAX, RULES_MAX,
};
use crate::domain::toml_file::{Mistakes, Section, TomlFile};

/// A file of rules.
#[derive(Debug, Clone, Copy)]
pub struct PackFile<'a> {
    /// The file, as the user named it.
    pub name: &'a str,
    /// What it says.
    pub text: &'a str,
}

/// What a file says, alone.
#[derive(Debug)]
pub(super) struct Written {
    pub file: Arc<str>,
    /// Where its id stands, from 1.
    pub line: usize,
    /// The detector that its rules belong to; a file that only switches rules off has none.
    pub id: Option<Arc<str>>,
    /// What it says of the detector; a file that is a part of a pack leaves that to another.
    pub about: Option<About>,
    pub rules: Vec<Rule>,
    /// Names of rules to be left out, `detector/rule`, with their lines.
    pub disable: Vec<(usize, String)>,
}

const HEAD: [&str; 7] = ["severity", "summary", "why", "lets_through", "owasp", "atlas", "aisvs"];
const ID_BYTES_MAX: usize = 60;
const TEXT_BYTES_MAX: usize = 600;
/// How sure a rule is that does not say.
const CONFIDENCE: u8 = 80;

/// The id that a file gives itself, whatever else is wrong with it.
pub fn id_of(file: &PackFile<'_>) -> Option<String> {
    let toml = TomlFile::parse(file.name, file.text);
    toml.root().text("id").map(str::to_owned)
}

/// Classes of words that all packs share.
pub(super) fn read_classes(file: &PackFile<'_>) -> Result<Classes, Mistakes> {
    let toml = TomlFile::parse(file.name, file.text);
    let mut classes = Classes::default();
    toml.root().only(&["words"]);
    add_classes(&toml.root(), &mut classes);
    toml.finish(Some(classes))
}

pub(super) fn read(file: &PackFile<'_>, shared: &Classes) -> Result<Written, Mistakes> {
    let toml = TomlFile::parse(file.name, file.text);
    let root = toml.root();
    root.only(&[&["id", "part", "disable", "words", "lists", "rule"], &HEAD[..]].concat());
    let mut classes = shared.clone();
    add_classes(&root, &mut classes);
    let name: Arc<str> = file.name.into();
    let disable = root.texts("disable").unwrap_or_default();
    let disable = disable.into_iter().map(|(line, text)| (line, text.to_owned())).collect();
    let only_disables = root.keys() == ["disable"];
    let id = if only_disables { None } else { id(&root) };
    let severity = root.one_of("severity", &Severity::ALL.map(|one| (one.name(), one)));
    let about = match root.text("part") {
        None if only_disables => None,
        None => about(&root, id.as_deref(), severity),
        Some(_) => {
            for key in HEAD.into_iter().filter(|key| *key != "severity") {
                if root.keys().contains(&key) {
                    let help = "the file of the same `id` without `part` says it";
                    root.mistake(key, format!("a part of a pack has no `{key}`"), help);
                }
            }
            None
        }
    };
    let sections = root.sections("rule");
    if sections.is_empty() && !only_disables && root.text("part").is_none() {
        let help = "a rule begins with a line `[[rule]]`";
        root.mistake("rule", "there is no rule in this file", help);
    }
    let detector = id.clone().unwrap_or_else(|| "".into());
    let context = Context {
        file: &name,
        detector: &detector,
        severity: severity.unwrap_or(Severity::High),
        classes: &classes,
        lists: root.section("lists"),
    };
    let rules = sections.iter().take(RULES_MAX).filter_map(|section| context.rule(section));
    let rules: Vec<Rule> = rules.collect();
    let mut names = BTreeSet::new();
    for section in &sections {
        if let Some(name) = section.text("name")
            && !names.insert(name)
        {
            let name = draw_safely(name);
            section.mistake("name", format!("there is a rule `{name}` already"), "");
        }
    }
    let line = root.line_of("id");
    let written = Written { file: Arc::clone(&name), line, id, about, rules, disable };
    toml.finish(Some(written))
}

fn add_classes(root: &Section<'_>, classes: &mut Classes) {
    let Some(section) = root.section("words") else { return };
    for name in section.keys() {
        let Some(pattern) = section.text(name) else { continue };
        if let Err(why) = classes.add(name, pattern) {
            section.mistake(name, format!("class `{}`: {why}", draw_safely(name)), "");
        }
    }
}

fn id(root: &Section<'_>) -> Option<Arc<str>> {
    let id = root.required("id")?;
    if !is_name(id) {
        let help = format!("use small letters, digits and hyphens, at most {ID_BYTES_MAX}");
        root.mistake("id", format!("`{}` is no id", draw_safely(id)), help);
        return None;
    }
    Some(id.into())
}

fn is_name(text: &str) -> bool {
    text.starts_with(|ch: char| ch.is_ascii_lowercase())
        && text.len() <= ID_BYTES_MAX
        && !text.ends_with('-')
        && text.bytes().all(|ch| ch.is_ascii_lowercase() || ch.is_ascii_digit() || ch == b'-')
}

fn about(root: &Section<'_>, id: Option<&str>, severity: Option<Severity>) -> Option<About> {
    root.required("severity");
    let summary = said(root, "summary");
    let optional = |key| root.text(key).map(|_| said(root, key)).unwrap_or(Some(String::new()));
    let (why, lets_through) = (optional("why"), optional("lets_through"));
    let ids = |key| -> Vec<Cow<'static, str>> {
        let ids = root.texts(key).unwrap_or_default();
        ids.into_iter().map(|(_, id)| id.to_owned().into()).collect()
    };
    let taxonomy = Taxonomy { owasp: ids("owasp"), atlas: ids("atlas"), aisvs: ids("aisvs") };
    Some(About {
        id: id?.to_owned().into(),
        severity: severity?,
        summary: summary?.into(),
        why: why?.into(),
        lets_through: lets_through?.into(),
        taxonomy,
    })
}

/// A clause for people: something, on one line.
fn said(section: &Section<'_>, key: &str) -> Option<String> {
    let text = section.required(key)?;
    if text.trim().is_empty() || text.len() > TEXT_BYTES_MAX || text.contains('\n') {
        let help = format!("write one line of 1 to {TEXT_BYTES_MAX} bytes");
        section.mistake(key, format!("`{key}` says nothing, or too much"), help);
        return None;
    }
    Some(text.to_owned())
}

/// What the rules of a file have in common.
struct Context<'f> {
    file: &'f Arc<str>,
    detector: &'f Arc<str>,
    severity: Severity,
    classes: &'f Classes,
    lists: Option<Section<'f>>,
}

impl Context<'_> {
    fn rule(&self, section: &Section<'_>) -> Option<Rule> {
        section.only(&[
            "name",
            "when",
            "with",
            "pattern",
            "except",
            "where",
            "severity",
            "confidence",
            "note",
            "finds",
            "passes",
        ]);
        let name = section.required("name");
        if let Some(name) = name.filter(|name| !is_name(name)) {
            let help = "use small letters, digits and hyphens";
            section.mistake("name", format!("`{}` is no name", draw_safely(name)), help);
        }
        let when = self.words(section, "when");
        if when.as_ref().is_some_and(Vec::is_empty) || !section.keys().contains(&"when") {
            let help = "name words of which at least one stands in every match: the pattern is tried \
                        only where one does";
            section.mistake("when", "`when` is missing: the rule has no words", help);
        }
        let with = self.words(section, "with").unwrap_or_default();
        let pattern = section.required("pattern").and_then(|_| self.pattern(section, "pattern"));
        let except = section.text("except").map(|_| self.pattern(section, "except"));
        let scope = section.text("where").map(|_| section.one_of("where", &Scope::NAMES));
        let severities = Severity::ALL.map(|one| (one.name(), one));
        let severity = section.text("severity").map(|_| section.one_of("severity", &severities));
        let confidence = section.number("confidence", 1..=100);
        let note = said(section, "note");
        let (finds, passes) = (samples(section, "finds"), samples(section, "passes"));
        Some(Rule {
            detector: Arc::clone(self.detector),
            name: name?.to_owned(),
            when: when?,
            with,
            pattern: pattern?,
            except: except.map_or(Some(None), |except| except.map(Some))?,
            scope: scope.unwrap_or(Some(Scope::Everywhere))?,
            severity: severity.unwrap_or(Some(self.severity))?,
            confidence: confidence.and_then(|value| u8::try_from(value).ok()).unwrap_or(CONFIDENCE),
            note: note?,
            finds: finds?,
            passes: passes?,
            file: Arc::clone(self.file),
            line: section.line(),
        })
    }

    fn pattern(&self, section: &Section<'_>, key: &str) -> Option<Expression> {
        match Expression::new(section.text(key)?, self.classes) {
            Ok(expression) => Some(expression),
            Err(why) => {
                section.mistake(key, format!("`{key}` cannot stand: {why}"), "");
                None
            }
        }
    }

    /// The words of a clause; `{name}` stands for a list of the file.
    fn words(&self, section: &Section<'_>, key: &str) -> Option<Vec<String>> {
        let mut words = Vec::new();
        for (_, word) in section.texts(key)? {
            match word.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
                Some(name) if is_name(name) => match self.list(name) {
                    Some(list) => words.extend(list.iter().map(|(_, word)| *word)),
                    None => {
                        let message = format!("`{key}`: there is no list `{name}`");
                        section.mistake(key, message, "lists stand in the table `[lists]`");
                    }
                },
                Some(_) | None => words.push(word),
            }
        }
        if words.len() > RULE_WORDS_MAX {
            let message = format!("`{key}` has {} words", words.len());
            section.mistake(key, message, format!("use at most {RULE_WORDS_MAX}"));
            return None;
        }
        for word in &words {
            let shown = draw_safely(word);
            let spaces = word.matches(' ').count();
            if word.len() > RULE_WORD_BYTES_MAX || spaces > RULE_WORD_SPACES_MAX {
                let help = format!(
                    "use at most {RULE_WORD_BYTES_MAX} bytes and {RULE_WORD_SPACES_MAX} spaces"
                );
                section.mistake(key, format!("`{key}`: `{shown}` is too long"), help);
                return None;
            }
            if spellings(word).iter().any(|word| stands_everywhere(word.trim())) {
                let help = "use two letters or more";
                section.mistake(key, format!("`{key}`: `{shown}` stands everywhere"), help);
                return None;
            }
        }
        Some(words.into_iter().map(str::to_owned).collect())
    }

    fn list(&self, name: &str) -> Option<Vec<(usize, &str)>> {
        let lists = self.lists.as_ref()?;
        lists.texts(name)
    }
}

/// Whether a word, folded, is none, or a letter that any text has.
fn stands_everywhere(word: &str) -> bool {
    word.is_empty() || word.len() == 1 && word.starts_with(|ch: char| ch.is_ascii_alphanumeric())
}

/// Texts that a rule is tried on: there must be some, and few.
fn samples(section: &Section<'_>, key: &str) -> Option<Vec<Sample>> {
    let texts = section.texts(key).unwrap_or_default();
    if texts.is_empty() || texts.len() > RULE_EXAMPLES_MAX {
        let help = format!("give 1 to {RULE_EXAMPLES_MAX} texts");
        section.mistake(key, format!("`{key}` has {} texts", texts.len()), help);
        return None;
    }
    if let Some((_, text)) = texts.iter().find(|(_, text)| text.len() > RULE_EXAMPLE_BYTES_MAX) {
        let message = format!("`{key}` has a text of {} bytes", text.len());
        section.mistake(key, message, format!("use at most {RULE_EXAMPLE_BYTES_MAX}"));
        return None;
    }
    let sample = |(line, text): (usize, &str)| Sample { line, text: text.to_owned() };
    Some(texts.into_iter().map(sample).collect())
}
