//! A rule: a regular expression over folded text, with the words that make it worth running.
//!
//! Patterns are written for people. `{name}` stands for a class of words (`vocabulary`), a space for
//! any white space, `\b` for the border of an ASCII word; letters of other scripts are folded as the
//! text is.

use crate::domain::finding::Severity;

/// One pattern of a detector.
#[derive(Debug, Clone, Copy)]
pub(in crate::detect) struct Rule {
    /// Its name within the detector, for people who read the table of rules.
    pub name: &'static str,
    /// At least one of these stands in every match, in lower case; the pattern runs where one does.
    pub when: &'static [&'static str],
    /// One of these too must stand in the same window, if there are any: it spares the pattern where
    /// the words above are common.
    pub with: &'static [&'static str],
    /// What is found.
    pub pattern: &'static str,
    /// A sentence with this is no hit; empty when there is no exception.
    pub except: &'static str,
    /// Which readings it is for.
    pub scope: Scope,
    /// How bad a hit is where a person sees it.
    pub severity: Severity,
    /// How sure, in per cent.
    pub confidence: u8,
    /// One clause for people.
    pub note: &'static str,
    /// A text that it finds.
    pub finds: &'static str,
    /// A harmless text near it that it lets pass.
    pub passes: &'static str,
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

impl Rule {
    /// What most rules share.
    pub(in crate::detect) const BASE: Self = Self {
        name: "",
        when: &[],
        with: &[],
        pattern: "",
        except: "",
        scope: Scope::Everywhere,
        severity: Severity::High,
        confidence: 80,
        note: "",
        finds: "",
        passes: "",
    };

    /// Everything that decides what it finds, for the digest of all rules.
    pub(in crate::detect) fn parts(&self) -> Vec<&'static str> {
        let mut parts = vec![self.name, self.pattern, self.except, self.severity.name()];
        parts.extend(self.when);
        parts.push("with");
        parts.extend(self.with);
        parts.push(match self.scope {
            Scope::Everywhere => "everywhere",
            Scope::Unseen => "unseen",
            Scope::UnseenOrMetadata => "unseen-or-metadata",
        });
        parts
    }
}
