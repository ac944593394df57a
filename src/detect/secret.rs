//! `secret`: keys, tokens and passwords that open something.
//!
//! # Finds
//! Private key blocks; keys and tokens that name who gave them, with their checksum where it is
//! documented; signed tokens; credentials in headers, addresses and connection strings; and what is
//! assigned to a password, key or token in code, configuration and mails of several languages.
//!
//! # Lets through
//! Placeholders and documented examples; passwords that are plain words; values on another line than
//! their name; hashes of passwords; keys of test systems; encoded secrets.

mod address;
mod assigned;
mod clue;
mod doubt;
mod key_block;
mod near;
mod prefixed;
mod token;

use super::engine::Subject;
use super::values::{Value, apart, findings};
use super::{Entry, Meta};
use crate::domain::finding::{Finding, Severity};
use crate::domain::sensitive::Sensitive;

pub(super) const ENTRY: Entry = Entry { meta: META, scan };

const META: Meta = Meta {
    id: "secret",
    severity: Severity::Medium,
    summary: "a key, token or password stands in the text",
    why: "whoever may ask the index, or makes the model ask for him, gets what opens the system behind it",
    lets_through: "placeholders, documented examples, passwords that are plain words",
    owasp: &["LLM02"],
    atlas: &["AML.T0082"],
    aisvs: &["8.2.1"],
};

fn scan(subject: &Subject<'_>) -> Vec<Finding> {
    findings(subject, &META, values)
}

/// Every secret of a text, in order and without overlaps.
pub(super) fn values(text: &str) -> Vec<Value> {
    apart(clue::values(text))
}

/// A value as this detector gives it.
fn value(
    range: std::ops::Range<usize>,
    kind: Sensitive,
    confidence: u8,
    note: &'static str,
) -> Value {
    let severity = if kind == Sensitive::PrivateKey { Severity::High } else { Severity::Medium };
    Value { range, kind, severity, confidence, note }
}

#[cfg(test)]
mod tests;
