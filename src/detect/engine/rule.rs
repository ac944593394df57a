//! A rule: a regular expression over folded text, with the words that make it worth running.
//!
//! Rules are written in packs, for people; this is one that has been checked: its patterns compile.

use std::sync::Arc;

use super::expression::Expression;
use crate::domain::finding::Severity;

/// One pattern of a detector.
#[derive(Debug)]
pub(in crate::detect) struct Rule {
    /// The detector's id.
    pub detector: Arc<str>,
    /// Its name within the detector.
    pub name: String,
    /// At least one of these stands in every match; the pattern runs where one does.
    pub when: Vec<String>,
    /// One of these too must stand in the same window, if there are any: it spares the pattern where
    /// the words above are common.
    pub with: Vec<String>,
    /// What is found.
    pub pattern: Expression,
    /// A sentence with this is no hit.
    pub except: Option<Expression>,
    /// Which readings it is for.
    pub scope: Scope,
    /// How bad a hit is where a person sees it.
    pub severity: Severity,
    /// How sure, in per cent.
    pub confidence: u8,
    /// One clause for people.
    pub note: String,
    /// Texts that it finds.
    pub finds: Vec<Sample>,
    /// Harmless texts near them that it lets pass.
    pub passes: Vec<Sample>,
    /// The file that it was read from, and its line there, from 1.
    pub file: Arc<str>,
    pub line: usize,
}

/// A text of a rule, to be tried.
#[derive(Debug)]
pub(in crate::detect) struct Sample {
    /// Where it stands in the rule's file, from 1.
    pub line: usize,
    pub text: String,
}

/// The readings in which a rule runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::detect) enum Scope {
    /// All.
    Everywhere,
    /// Text that an extractor gets and a person does not.
    Unseen,
    /// The same, and what describes the file.
    UnseenOrMetadata,
}

impl Scope {
    /// Every scope by the name that packs use.
    pub(in crate::detect) const NAMES: [(&str, Self); 3] = [
        ("everywhere", Self::Everywhere),
        ("unseen", Self::Unseen),
        ("unseen-or-metadata", Self::UnseenOrMetadata),
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Everywhere => "everywhere",
            Self::Unseen => "unseen",
            Self::UnseenOrMetadata => "unseen-or-metadata",
        }
    }
}

impl Rule {
    /// Everything that decides what it finds, for the digest of all rules.
    pub(in crate::detect) fn parts(&self) -> Vec<String> {
        let except = self.except.as_ref().map_or("", |except| except.source());
        let clauses = [
            &self.name,
            self.pattern.source(),
            except,
            self.scope.name(),
            self.severity.name(),
            &self.confidence.to_string(),
            "when",
        ];
        let mut parts: Vec<String> = clauses.into_iter().map(str::to_owned).collect();
        parts.extend(self.when.iter().cloned());
        parts.push("with".to_owned());
        parts.extend(self.with.iter().cloned());
        parts
    }
}
