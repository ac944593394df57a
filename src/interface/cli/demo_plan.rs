//! What the demo does with a folder: its `demo.toml`, or a plan made up for a folder without one.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::domain::access::{AccessList, Label, Principal};
use crate::domain::source::{Name, TrustTier};
use crate::domain::toml_file::{Mistakes, Section, TomlFile};
use crate::pipeline::ledger::RevisionState;
use crate::pipeline::receipt::Receipt;

use super::error::CliError;
use super::ingest::Taken;
use super::screen::short_uri;

/// Sources, readers, people and a question.
#[derive(Debug)]
pub(super) struct Plan {
    /// Where documents come from.
    pub(super) sources: Vec<PlannedSource>,
    /// Two people of different groups.
    pub(super) people: Vec<Person>,
    readers: Vec<(PathBuf, AccessList)>,
    question: Option<String>,
}

/// A source of the demo.
#[derive(Debug)]
pub(super) struct PlannedSource {
    /// Its name.
    pub(super) name: Name,
    /// How far it is trusted.
    pub(super) tier: TrustTier,
    /// Its folder, from the demo's.
    pub(super) path: PathBuf,
}

/// Somebody who asks.
#[derive(Debug)]
pub(super) struct Person {
    /// Their name.
    pub(super) name: String,
    groups: Vec<Name>,
    clearance: Label,
}

impl Person {
    /// Name, groups and clearance.
    pub(super) fn described(&self) -> String {
        let groups: Vec<&str> = self.groups.iter().map(Name::as_str).collect();
        let groups = match groups.is_empty() {
            true => "no group".to_owned(),
            false => format!("group {}", groups.join(", ")),
        };
        format!("{} ({groups}, clearance {})", self.name, self.clearance.name())
    }
}

impl Plan {
    /// The folder's `demo.toml`, or a plan for any folder.
    pub(super) fn of(folder: &Path) -> Result<Self, CliError> {
        let path = folder.join("demo.toml");
        if path.is_file() {
            let what = format!("file `{}` could not be read", path.display());
            let text = std::fs::read_to_string(&path).map_err(CliError::io(what))?;
            return Ok(Self::parse(&path.display().to_string(), &text)?);
        }
        Self::for_any(folder)
    }

    fn parse(file: &str, text: &str) -> Result<Self, Mistakes> {
        let toml = TomlFile::parse(file, text);
        let root = toml.root();
        root.only(&["question", "source", "readers", "person"]);
        let question = root.required("question").map(str::to_owned);
        let sources = root.sections("source").iter().filter_map(source).collect();
        let readers = root.sections("readers").iter().filter_map(readers).collect();
        let people = root.sections("person").iter().filter_map(person).collect();
        toml.finish(Some(Self { sources, people, readers, question }))
    }

    /// Any folder: what lies in its first sub-folder, or else every second file, is for `insiders`;
    /// the rest is for everyone.
    fn for_any(folder: &Path) -> Result<Self, CliError> {
        let what = format!("folder `{}` cannot be used", folder.display());
        let entries = std::fs::read_dir(folder).map_err(CliError::io(what))?;
        let mut entries: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        entries.sort();
        let inner: Vec<&OsStr> = match entries.iter().find(|entry| entry.is_dir()) {
            Some(first) => first.file_name().into_iter().collect(),
            None => entries.iter().step_by(2).filter_map(|entry| entry.file_name()).collect(),
        };
        let usage = |error: &dyn std::fmt::Display| CliError::Usage(error.to_string());
        let insiders: Name = "insiders".parse().map_err(|error| usage(&error))?;
        let insiders_only =
            AccessList::allowing([Principal::Group(insiders.to_string())], Label::Internal);
        Ok(Self {
            sources: vec![PlannedSource {
                name: "folder".parse().map_err(|error| usage(&error))?,
                tier: TrustTier::External,
                path: PathBuf::new(),
            }],
            people: vec![
                Person {
                    name: "ines".to_owned(),
                    groups: vec![insiders],
                    clearance: Label::Internal,
                },
                Person { name: "otto".to_owned(), groups: Vec::new(), clearance: Label::Internal },
            ],
            readers: inner.into_iter().map(|name| (name.into(), insiders_only.clone())).collect(),
            question: None,
        })
    }

    /// Who may read the file at this path under the folder; `None`: whoever the source says.
    pub(super) fn readers_of(&self, path: &Path) -> Option<AccessList> {
        let rule = self.readers.iter().find(|(prefix, _)| path.starts_with(prefix));
        rule.map(|(_, list)| list.clone())
    }

    /// The text of a `directory.toml` with these people.
    pub(super) fn directory(&self) -> String {
        let mut names = BTreeSet::new();
        let people = self.people.iter().filter(|person| names.insert(&person.name));
        people
            .map(|person| {
                let groups: Vec<String> =
                    person.groups.iter().map(|group| format!("{:?}", group.as_str())).collect();
                format!(
                    "[users.{:?}]\ngroups = [{}]\nclearance = \"{}\"\n",
                    person.name,
                    groups.join(", "),
                    person.clearance.name()
                )
            })
            .collect()
    }

    /// The planned question, or the name of a document that only one of the two may read.
    pub(super) fn question(&self, taken: &Taken) -> String {
        if let Some(question) = &self.question {
            return question.clone();
        }
        let served = |receipt: &&Receipt| {
            matches!(receipt.state, RevisionState::Serving) && receipt.chunks > 0
        };
        let guarded = |receipt: &&Receipt| {
            let uri = short_uri(&receipt.uri);
            let parts: Vec<&OsStr> = Path::new(&uri).iter().collect();
            self.readers.iter().any(|(name, _)| parts.contains(&name.as_os_str()))
        };
        let mut receipts = taken.receipts.iter().filter(served);
        let chosen = receipts.clone().find(guarded).or_else(|| receipts.next());
        let stem = chosen.map(|receipt| {
            let uri = short_uri(&receipt.uri);
            let stem = Path::new(&uri).file_stem().unwrap_or_default().to_string_lossy();
            stem.replace(|ch: char| !ch.is_alphanumeric(), " ")
        });
        stem.unwrap_or_else(|| "what is this about".to_owned())
    }
}

fn source(section: &Section<'_>) -> Option<PlannedSource> {
    section.only(&["name", "tier", "path"]);
    section.required("name");
    let (name, tier) = (section.parsed("name"), section.parsed("tier"));
    Some(PlannedSource { name: name?, tier: tier?, path: section.required("path")?.into() })
}

fn readers(section: &Section<'_>) -> Option<(PathBuf, AccessList)> {
    section.only(&["path", "allow", "deny", "label"]);
    let path = section.required("path");
    let allow = section.list("allow").unwrap_or_default().into_iter().collect();
    let deny = section.list("deny").unwrap_or_default().into_iter().collect();
    let label = section.parsed("label").unwrap_or_default();
    Some((path?.into(), AccessList { allow, deny, label }))
}

fn person(section: &Section<'_>) -> Option<Person> {
    section.only(&["name", "groups", "clearance"]);
    let name = section.required("name")?.to_owned();
    let groups = section.list("groups").unwrap_or_default();
    Some(Person { name, groups, clearance: section.parsed("clearance").unwrap_or_default() })
}
