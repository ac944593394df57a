//! `role-marker`: marks of a chat template, or turns of a conversation that nobody had.
//!
//! # Finds
//! Control tokens of chat templates (`<|im_start|>`, `[INST]`, turn marks), messages in the JSON of
//! chat interfaces that give a model its role, and lines that pose as a system or user turn.
//!
//! # Lets through
//! Interviews, plays and chat logs between people; a lone end-of-text token, which tokenizer manuals
//! name (low severity); marks in code of documentation (lower severity).

use super::About;
use super::engine::Subject;
use crate::domain::document::{BlockId, BlockKind};
use crate::domain::finding::{Finding, Severity};

/// Words of a text that explains what a model is given.
const EXPLAINS: &[&str] = &[
    "template",
    "tokeni",
    "turn",
    "prompt",
    "format",
    "request",
    "looks like",
    "for example",
    "marks",
];
/// So many of them, in the paragraph before a block of code, make the code an illustration.
const EXPLAINS_MIN: usize = 3;
/// Runs of text looked at before the code.
const EXPLAINING_RUNS: u32 = 5;

pub(super) fn scan(subject: &Subject<'_>, about: &About) -> Vec<Finding> {
    let mut findings = subject.findings(about);
    for finding in &mut findings {
        if is_illustration(subject, finding) {
            finding.severity = finding.severity.min(Severity::Low);
        }
    }
    findings
}

/// Shown in a block of code, right below a paragraph that explains a template. What such a turn says
/// is still judged by the other detectors.
fn is_illustration(subject: &Subject<'_>, finding: &Finding) -> bool {
    let block = |id| subject.document.block(id);
    let is_code = |id| {
        block(id).is_some_and(|block| block.kind == BlockKind::Code && block.visibility.is_shown())
    };
    let Some(first) = finding.spans.first().map(|span| span.block) else { return false };
    if !finding.spans.iter().all(|span| is_code(span.block)) {
        return false;
    }
    // The paragraph may be several runs, one for each change of its type.
    let before: String = (1..=EXPLAINING_RUNS)
        .filter_map(|back| block(BlockId(first.0.checked_sub(back)?)))
        .filter(|block| block.visibility.is_shown())
        .map(|block| block.text.to_lowercase())
        .collect();
    EXPLAINS.iter().filter(|word| before.contains(**word)).count() >= EXPLAINS_MIN
}
