//! The ids that policies may name: detectors' and those of files that could not be read.

use crate::detect;

/// Codes of `ReadError` that stand as the rule of a finding.
const UNREAD: [&str; 10] = [
    "document-too-large",
    "document-unsupported",
    "document-encrypted",
    "document-unreadable",
    "reader-timed-out",
    "reader-died",
    "reader-answer-invalid",
    "reader-panicked",
    "reader-answer-too-large",
    "detector-failed",
];

/// Every rule id.
pub fn ids() -> Vec<String> {
    let detectors = detect::REGISTRY.iter().map(|entry| entry.meta.id);
    detectors.chain(UNREAD).map(str::to_owned).collect()
}
