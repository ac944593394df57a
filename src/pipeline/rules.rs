//! Every rule that a finding may name, for policies that set verdicts and for people who want to know
//! what it means: detectors, and the reasons for which a file could not be read.

use crate::detect;
use crate::domain::finding::{Severity, Taxonomy};

pub use crate::detect::Example;

use super::rulings;

/// What a rule is.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Stable for ever.
    pub id: &'static str,
    /// The severity of a typical finding.
    pub severity: Severity,
    /// What it finds, in one clause.
    pub summary: &'static str,
    /// What it would do to somebody if it were let through, in one sentence.
    pub why: &'static str,
    /// What it lets through on purpose, in one clause.
    pub lets_through: &'static str,
    /// Ids in public taxonomies.
    pub taxonomy: Taxonomy,
    /// What it finds and what it passes, pattern by pattern; detectors without patterns have none.
    pub examples: Vec<Example>,
}

/// A code of `ReadError` that stands as the rule of a finding: what happened.
const UNREAD: [(&str, &str); 9] = [
    ("document-too-large", "the file is larger than any document that is read"),
    ("document-unsupported", "there is no reader for this type of file"),
    ("document-encrypted", "the whole file is encrypted"),
    ("document-unreadable", "nothing of the format's structure could be found in the file"),
    ("reader-timed-out", "reading the file took too long and was stopped"),
    ("reader-died", "the file took its reader process down"),
    ("reader-answer-invalid", "the reader process answered nonsense on this file"),
    ("reader-panicked", "the reader met a state on this file that it does not know"),
    ("reader-answer-too-large", "the file unfolds to more text than any document has"),
];

const WHY_UNREAD: &str =
    "what was not read was not scanned, and what was not scanned must not be indexed";
const UNREAD_LETS_THROUGH: &str = "nothing: a file that was not read is at best held";

/// Every rule id.
pub fn ids() -> Vec<String> {
    all().into_iter().map(|rule| rule.id.to_owned()).collect()
}

/// Every rule: detectors by id, what slower judges find, then why a file may be unread.
pub fn all() -> Vec<Rule> {
    let detectors = detect::describe().map(|meta| {
        let entry = detect::REGISTRY.iter().find(|entry| entry.meta.id == meta.id);
        Rule {
            id: meta.id,
            severity: meta.severity,
            summary: meta.summary,
            why: meta.why,
            lets_through: meta.lets_through,
            taxonomy: meta.taxonomy(),
            examples: entry.into_iter().flat_map(|entry| entry.examples()).collect(),
        }
    });
    let unread = UNREAD.iter().map(|(id, summary)| Rule {
        id,
        severity: severity_unread(id),
        summary,
        why: WHY_UNREAD,
        lets_through: UNREAD_LETS_THROUGH,
        taxonomy: Taxonomy::default(),
        examples: Vec::new(),
    });
    detectors.chain([rulings::rule()]).chain(unread).collect()
}

/// How bad it is that a file could not be read. A picture among documents is common and harmless, since
/// nothing of it can be indexed; the rest of what is unread may have been made so.
pub(super) fn severity_unread(code: &str) -> Severity {
    match code {
        "document-unsupported" => Severity::Low,
        _ => Severity::High,
    }
}
