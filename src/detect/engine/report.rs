//! The list of findings that leaves a scan: each place once with the worst that was said of it,
//! raised where a person does not see it, bounded per rule, in one order.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::detect::masked;
use crate::domain::document::{BlockId, Document, Span, Visibility};
use crate::domain::finding::{Evidence, Finding, Severity};
use crate::domain::limits::FINDINGS_PER_RULE_MAX;

/// The rule whose values no other rule's evidence shows.
const SECRET: &str = "secret";

/// Puts findings in the form that policies and people read.
pub(in crate::detect) fn finish(document: &Document, mut findings: Vec<Finding>) -> Vec<Finding> {
    for finding in &mut findings {
        // A sentence that orders something may hold a password, and reports show sentences.
        if finding.sensitive.is_none()
            && let Some(masked) = masked(finding.evidence.raw(), &|value| value.rule == SECRET)
        {
            finding.evidence = Evidence::new(&masked);
        }
        if let Some(unseen) = finding.spans.iter().find_map(|span| unseen(document, *span)) {
            finding.severity = finding.severity.raised();
            if finding.visibility.is_shown() {
                finding.visibility = unseen;
            }
        }
    }
    let mut kept = worst_of_each_place(findings);
    bound(&mut kept);
    kept.sort_by(|one, other| order(one).cmp(&order(other)));
    kept
}

fn unseen(document: &Document, span: Span) -> Option<Visibility> {
    let visibility = document.block(span.block)?.visibility;
    (!visibility.is_shown()).then_some(visibility)
}

/// Readings repeat each other, and several patterns of one rule may meet in one sentence.
fn worst_of_each_place(findings: Vec<Finding>) -> Vec<Finding> {
    let mut places: BTreeMap<(Cow<'static, str>, Vec<Span>, String), Finding> = BTreeMap::new();
    for finding in findings {
        // Findings on the whole document differ by what they say.
        let said = if finding.spans.is_empty() { finding.note.clone() } else { String::new() };
        let key = (finding.rule.clone(), finding.spans.clone(), said);
        match places.get_mut(&key) {
            Some(known) if badness(known) < badness(&finding) => *known = finding,
            Some(_) => {}
            None => {
                places.insert(key, finding);
            }
        }
    }
    places.into_values().collect()
}

fn badness(finding: &Finding) -> (Severity, u8) {
    (finding.severity, finding.confidence.value())
}

/// The worst of each rule stay, so that fifty harmless hits cannot push out a bad one.
fn bound(findings: &mut Vec<Finding>) {
    findings.sort_by_key(|finding| Reverse(badness(finding)));
    let mut counts: BTreeMap<Cow<'static, str>, usize> = BTreeMap::new();
    findings.retain(|finding| {
        let count = counts.entry(finding.rule.clone()).or_default();
        *count += 1;
        *count <= FINDINGS_PER_RULE_MAX
    });
}

/// Severity, place, rule, and what tells findings of one rule in one place apart.
type Order<'a> = (Reverse<Severity>, Option<(BlockId, u32)>, &'a str, (&'a [Span], &'a str));

/// Worst first, then as they stand in the document.
fn order(finding: &Finding) -> Order<'_> {
    let place = finding.spans.first().map(|span| (span.block, span.start));
    (Reverse(finding.severity), place, &finding.rule, (&finding.spans, &finding.note))
}
