//! Every rule that a finding may name, for policies that set verdicts and for people who want to know
//! what it means: detectors, and the reasons for which a file could not be read.

use crate::domain::finding::{Severity, Taxonomy};
use crate::domain::toml_file::Mistakes;

pub use crate::detect::{Detectors, Example, PackFile, id_of};

use super::rulings;

/// What a rule is.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Stable for ever.
    pub id: String,
    /// The severity of a typical finding.
    pub severity: Severity,
    /// What it finds, in one clause.
    pub summary: String,
    /// What it would do to somebody if it were let through, in one sentence; empty if nobody said.
    pub why: String,
    /// What it lets through on purpose, in one clause; empty if nobody said.
    pub lets_through: String,
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

/// The shipped detectors and these packs, or every mistake of those.
pub fn with_packs(files: &[PackFile<'_>]) -> Result<Detectors, Mistakes> {
    let unread = UNREAD.iter().map(|(code, _)| *code);
    let others: Vec<&str> = unread.chain([rulings::INJECTION]).collect();
    Detectors::with_packs(files, &others)
}

/// Every rule id.
pub fn ids(detectors: &Detectors) -> Vec<String> {
    all(detectors).into_iter().map(|rule| rule.id).collect()
}

/// Every rule: detectors by id, what slower judges find, then why a file may be unread.
pub fn all(detectors: &Detectors) -> Vec<Rule> {
    let detectors = detectors.describe().map(|(about, examples)| Rule {
        id: about.id.into_owned(),
        severity: about.severity,
        summary: about.summary.into_owned(),
        why: about.why.into_owned(),
        lets_through: about.lets_through.into_owned(),
        taxonomy: about.taxonomy,
        examples,
    });
    let unread = UNREAD.iter().map(|(id, summary)| Rule {
        id: (*id).to_owned(),
        severity: severity_unread(id),
        summary: (*summary).to_owned(),
        why: WHY_UNREAD.to_owned(),
        lets_through: UNREAD_LETS_THROUGH.to_owned(),
        taxonomy: Taxonomy::default(),
        examples: Vec::new(),
    });
    detectors.chain([rulings::rule()]).chain(unread).collect()
}

/// Whether this is why a file may be unread.
pub(super) fn is_unread(id: &str) -> bool {
    UNREAD.iter().any(|(code, _)| *code == id)
}

/// How bad it is that a file could not be read. A picture among documents is common and harmless, since
/// nothing of it can be indexed; the rest of what is unread may have been made so.
pub(super) fn severity_unread(code: &str) -> Severity {
    match code {
        "document-unsupported" => Severity::Low,
        _ => Severity::High,
    }
}

#[cfg(test)]
mod tests {
    use super::{Detectors, PackFile, UNREAD, ids, with_packs};
    use crate::pipeline::rulings::INJECTION;

    const PACK: &str = "id = 'acme-names'\nseverity = 'low'\nsummary = 'names a project'\n[[rule]]\n\
        name = 'crane'\nwhen = ['crane']\npattern = 'crane'\nnote = 'names a project'\n\
        finds = ['The crane is here.']\npasses = ['Herons are birds.']\n";

    #[test]
    fn no_pack_takes_the_id_of_what_judges_and_readers_find() {
        let with = |id: &str| {
            let text = PACK.replace("acme-names", id);
            with_packs(&[PackFile { name: "own.toml", text: &text }])
        };
        assert!(ids(&with("acme-names").unwrap()).contains(&"acme-names".to_owned()));
        for id in UNREAD.iter().map(|(code, _)| *code).chain([INJECTION]) {
            let told = with(id).unwrap_err().0;
            assert!(told[0].message.contains("one of Alnage's own ids"), "{told:?}");
            assert!(ids(&Detectors::shipped()).contains(&id.to_owned()));
        }
    }
}
