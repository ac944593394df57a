//! Receipts of an ingest, for people and for programs.

use std::io;

use serde_json::{Value, json};

use crate::domain::document::Visibility;
use crate::domain::finding::{Finding, draw_safely};
use crate::domain::policy::Verdict;
use crate::pipeline::ledger::RevisionState;
use crate::pipeline::receipt::Receipt;

use super::error::Outcome;
use super::feed::LeftOut;
use super::screen::{Screen, excerpt, short_id, short_uri};

/// Findings shown of one document; the rest is counted.
const FINDINGS_SHOWN: usize = 3;
/// Characters shown of one piece of evidence.
const EVIDENCE_CHARS: usize = 160;

/// Counts of what became of files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// Indexed whole.
    pub(super) admitted: usize,
    /// Indexed without offending spans.
    pub(super) redacted: usize,
    /// Held for review.
    pub(super) held: usize,
    /// Not kept.
    pub(super) rejected: usize,
    /// Indexed though the policy, only observed, says otherwise.
    pub(super) observed: usize,
    /// Known content among all of these.
    pub(super) unchanged: usize,
    /// Chunks that were indexed.
    pub(super) chunks: usize,
    /// Files that could not be taken in.
    pub(super) left_out: usize,
}

impl Tally {
    /// Counts a receipt.
    pub(super) fn add(&mut self, receipt: &Receipt) {
        self.chunks += receipt.chunks;
        self.unchanged += usize::from(receipt.known);
        *match (receipt.state, receipt.verdict) {
            (RevisionState::Held, _) => &mut self.held,
            (RevisionState::Rejected, _) => &mut self.rejected,
            (_, Verdict::Admit) => &mut self.admitted,
            (_, Verdict::Redact)
                if receipt.basis != Some(crate::domain::verdict::Basis::Observed) =>
            {
                &mut self.redacted
            }
            (_, Verdict::Redact | Verdict::Quarantine | Verdict::Reject) => &mut self.observed,
        } += 1;
    }

    /// The exit code by the worst of it.
    pub(super) const fn outcome(&self) -> Outcome {
        match self {
            Self { left_out: 1.., .. } => Outcome::Incomplete,
            Self { rejected: 1.., .. } => Outcome::Rejected,
            Self { held: 1.., .. } => Outcome::Held,
            Self { redacted: 1.., .. } => Outcome::Redacted,
            _ => Outcome::Done,
        }
    }

    /// The summary table.
    pub(super) fn print(&self, screen: &mut Screen) -> io::Result<()> {
        let row =
            |name: &str, count: usize, what: String| vec![name.to_owned(), count.to_string(), what];
        let mut rows = vec![
            row("admitted", self.admitted, format!("{} chunks indexed", self.chunks)),
            row("redacted", self.redacted, "indexed without the offending text".to_owned()),
            row("held", self.held, "`alnage review list` shows them".to_owned()),
            row("rejected", self.rejected, "only the receipt is kept".to_owned()),
        ];
        if self.observed > 0 {
            let what = "the policy is only observed: indexed, though it says otherwise";
            rows.push(row("observed", self.observed, what.to_owned()));
        }
        if self.left_out > 0 {
            rows.push(row("left out", self.left_out, "could not be taken in".to_owned()));
        }
        if self.unchanged > 0 {
            let what = "of these were known; nothing was done again".to_owned();
            rows.push(row("unchanged", self.unchanged, what));
        }
        screen.table(&["", "documents", ""], rows)
    }
}

/// What stands in the way of a document, with place and text.
pub(super) fn print_receipt(screen: &mut Screen, receipt: &Receipt) -> io::Result<()> {
    let is_allowed = |(finding, _): &(Finding, String)| finding.allowed.is_some();
    let allowed = receipt.findings.iter().any(is_allowed);
    if receipt.verdict == Verdict::Admit && !allowed {
        return Ok(());
    }
    let state = match (receipt.state, receipt.verdict) {
        (RevisionState::Held, _) => "held",
        (RevisionState::Rejected, _) => "rejected",
        (_, Verdict::Redact) => "redacted",
        (_, Verdict::Admit) if allowed => "allowed",
        (_, Verdict::Admit | Verdict::Quarantine | Verdict::Reject) => "observed",
    };
    let id = short_id(receipt.revision);
    screen.line(format!("\n{state}  {}  [{id}]", short_uri(&receipt.uri)))?;
    if receipt.known {
        let rules: Vec<&str> = receipt.reasons.iter().map(|reason| reason.rule.as_str()).collect();
        return screen.line(format!("    known content: {}", rules.join(", ")));
    }
    let deciding = deciding(receipt);
    for (finding, place) in deciding.iter().take(FINDINGS_SHOWN) {
        print_finding(screen, finding, place)?;
    }
    let more = deciding.len().saturating_sub(FINDINGS_SHOWN);
    if more > 0 {
        screen.line(format!("    and {more} more"))?;
    }
    Ok(())
}

/// A finding with its place, and the offending text drawn safely.
pub(super) fn print_finding(screen: &mut Screen, finding: &Finding, place: &str) -> io::Result<()> {
    let hidden = match finding.visibility {
        Visibility::Hidden(why) => format!(", text is {}", why.clause()),
        Visibility::Alternate(kind) => format!(", {} text", kind.name()),
        Visibility::Metadata => ", metadata".to_owned(),
        Visibility::Undetermined(_) | Visibility::Shown => String::new(),
    };
    let severity = finding.severity.name();
    let place = draw_safely(place);
    screen.line(format!("    {severity}  {}  at {place}{hidden}", finding.rule))?;
    screen.wrapped("        ", &draw_safely(&finding.note))?;
    if let Some(by) = finding.allowed {
        screen.line(format!("        {}", by.words()))?;
    }
    let evidence = excerpt(finding.evidence.raw(), EVIDENCE_CHARS);
    if evidence.is_empty() {
        return Ok(());
    }
    screen.wrapped("        ", &format!("“{evidence}”"))
}

/// The findings that called for the verdict, worst first.
fn deciding(receipt: &Receipt) -> Vec<&(Finding, String)> {
    let mut deciding: Vec<&(Finding, String)> = receipt
        .findings
        .iter()
        .filter(|(finding, _)| {
            let calls = receipt.reasons.iter().any(|reason| reason.rule == finding.rule);
            calls || finding.allowed.is_some()
        })
        .collect();
    deciding.sort_by(|(one, _), (two, _)| {
        two.severity.cmp(&one.severity).then(two.confidence.cmp(&one.confidence))
    });
    deciding
}

/// A receipt as one JSON object.
pub(super) fn json(receipt: &Receipt) -> Value {
    json!({
        "path": short_uri(&receipt.uri),
        "uri": receipt.uri,
        "document": receipt.document,
        "revision": receipt.revision,
        "verdict": receipt.verdict,
        "state": receipt.state,
        "basis": receipt.basis,
        "reasons": receipt.reasons,
        "known": receipt.known,
        "readers_changed": receipt.readers_changed,
        "chunks": receipt.chunks,
        "shown_chars": receipt.shown_chars,
        "hidden_chars": receipt.hidden_chars,
        "findings": receipt.findings.iter().map(finding_json).collect::<Vec<_>>(),
    })
}

fn finding_json((finding, place): &(Finding, String)) -> Value {
    json!({
        "rule": finding.rule,
        "severity": finding.severity,
        "confidence": finding.confidence,
        "location": place,
        "visibility": finding.visibility,
        "spans": finding.spans,
        "note": finding.note,
        "evidence": finding.evidence.drawn(),
        "taxonomy": finding.taxonomy,
        "allowed": finding.allowed.map(|by| json!({
            "entry": by.entry, "until": by.until.map(|end| end.to_string()),
        })),
    })
}

/// A file that was left out, as one JSON object.
pub(super) fn left_out_json(left_out: &LeftOut) -> Value {
    json!({
        "path": short_uri(&left_out.uri),
        "uri": left_out.uri,
        "error": draw_safely(&left_out.why),
    })
}
