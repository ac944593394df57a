//! Document → decision: scan, decide, redact, scan again, split, scan every chunk. Between scan and decision slower
//! judges may be heard (`hearing.rs`).

use std::sync::Arc;

use crate::chunk;
use crate::detect::{self, Neighbour, Signature};
use crate::domain::allow::{Allows, allowed_spans, blanked};
use crate::domain::chunk::{Chunk, Part};
use crate::domain::document::{Block, BlockKind, Document, Reading, ReadingKind, Span};
use crate::domain::finding::{Confidence, Evidence, Finding, Taxonomy};
use crate::domain::policy::{Mode, Policy, Verdict};
use crate::domain::redact::{Removal, redact};
use crate::domain::source::TrustTier;
use crate::domain::verdict::{
    Admitted, Decision, Reason, Stage, Warrant, decide, judge, reasons, removals,
};

use super::beside::{Beside, masked_fields};
use super::given;
use super::grey::overlap;
use super::guard::Detection;
use super::judges::{Judges, Rulings};
use super::ports::ReadError;
use super::rules;
use super::rulings::{Text, is_ruling};

/// What judging needs besides the document.
#[derive(Debug, Clone)]
pub(super) struct Court {
    pub(super) policy: Arc<Policy>,
    pub(super) mode: Mode,
    pub(super) tier: TrustTier,
    pub(super) detection: Detection,
    /// Asked after the rules, about what is in doubt.
    pub(super) judges: Arc<Judges>,
    /// What does not count in this file.
    pub(super) allows: Allows,
}

/// A document that is to be judged, and what is known of it besides its text.
#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) document: Document,
    /// What goes out with its chunks.
    pub(super) beside: Beside,
    pub(super) cut: Cut,
}

/// Where an admitted document is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// By its structure.
    Here,
    /// Between its blocks, which are chunks that another pipeline has cut.
    AsGiven,
}

/// A judged document.
#[derive(Debug)]
pub(super) struct Judged {
    /// As it was read.
    pub(super) document: Option<Document>,
    /// In the document as it was read, and after it those that arose from redaction or splitting.
    pub(super) findings: Vec<Finding>,
    pub(super) outcome: Outcome,
    /// The computed verdict, whatever is enforced.
    pub(super) verdict: Verdict,
    pub(super) reasons: Vec<Reason>,
    /// What slower judges said of it.
    pub(super) rulings: Rulings,
}

/// A scanned document that nobody has decided on.
#[derive(Debug)]
pub(super) struct Scanned {
    pub(super) document: Document,
    pub(super) findings: Vec<Finding>,
    beside: Beside,
    cut: Cut,
}

#[derive(Debug)]
pub(super) enum Outcome {
    Admitted { admitted: Box<Admitted>, chunks: Vec<Chunk>, redacted: Option<Document> },
    Held,
    Rejected,
}

/// Near-duplicate signature of a document, if it has enough words.
pub(super) fn signature(document: &Document, court: &Court) -> Option<Signature> {
    match &court.detection {
        Detection::On(_) => detect::signature(document),
        Detection::OffForMeasurement => None,
    }
}

/// Everything that rules find in a document. Pure work on the processor, like `Scanned::judged`.
pub(super) fn scanned(
    Case { document, beside, cut }: Case,
    neighbours: &[Neighbour],
    court: &Court,
) -> Scanned {
    let mut findings = court.scan(&document, neighbours);
    findings.extend(court.scan_beside(&beside));
    Scanned { document, beside, findings, cut }
}

impl Scanned {
    /// Decides. Pure work on the processor: called where blocking is allowed.
    pub(super) fn judged(
        self,
        neighbours: &[Neighbour],
        rulings: Rulings,
        court: &Court,
    ) -> Judged {
        let Self { document, beside, findings, cut } = self;
        let zone = court.judges.zone();
        let mut findings = rulings.applied(&document, findings, zone, Text::AsRead);
        // What a judge made worse may be worse than what is allowed.
        court.allows.mark_again(&document, &mut findings, is_ruling);
        let computed = judge(&findings, &court.policy, court.tier);
        let mut reasons = reasons(&findings, &court.policy, court.tier);
        let as_read = court.decide(document.clone(), &findings, Stage::AsRead, Warrant::Policy);
        let (outcome, verdict) = match as_read {
            Decision::Admitted(admitted) => {
                let known = findings.clone();
                let text = Admission { admitted, redacted: None, known: &known, cut };
                court.split(text, &mut findings, &mut reasons)
            }
            Decision::Redact(removals) => {
                let document = court.without(&document, &removals);
                let beside = beside.masked(&|finding| court.offends(finding));
                let case = Case { document, beside, cut };
                let rest = Rest { case, rulings: &rulings };
                court.judge_rest(rest, neighbours, &mut findings, &mut reasons)
            }
            Decision::Held(_) => (Outcome::Held, computed.max(Verdict::Quarantine)),
            Decision::Rejected(_) => (Outcome::Rejected, Verdict::Reject),
        };
        let verdict = verdict.max(computed);
        let outcome = match court.mode {
            Mode::Enforce => outcome,
            Mode::Observe => court.observed(&document, &findings, cut).unwrap_or(outcome),
        };
        Judged { document: Some(document), findings, outcome, verdict, reasons, rulings }
    }
}

/// A file that could not be read is never admitted: at best it is held.
pub(super) fn judge_unread(error: &ReadError, court: &Court) -> Judged {
    let finding = Finding {
        rule: error.code().to_owned().into(),
        severity: rules::severity_unread(error.code()),
        confidence: Confidence::percent(100),
        spans: Vec::new(),
        visibility: crate::domain::document::Visibility::Undetermined(
            crate::domain::document::Doubt::Broken,
        ),
        note: error.to_string(),
        evidence: Evidence::new(""),
        taxonomy: Taxonomy::default(),
        sensitive: None,
        allowed: None,
    };
    let verdict = court.policy.verdict(&finding, court.tier).max(Verdict::Quarantine);
    let outcome = if verdict == Verdict::Reject { Outcome::Rejected } else { Outcome::Held };
    let reasons = vec![Reason { rule: finding.rule.to_string(), verdict }];
    let rulings = Rulings::default();
    Judged { document: None, findings: vec![finding], outcome, verdict, reasons, rulings }
}

/// The chunks of a revision that a person released without what was found in it.
pub(super) fn released_redacted(
    document: &Document,
    beside: &Beside,
    findings: &[Finding],
    warrant: Warrant,
    court: &Court,
) -> Option<(Admitted, Vec<Chunk>)> {
    let removals = removals(findings.iter().filter(|finding| court.offends(finding)))?;
    let rest = court.without(document, &removals);
    let mut found = court.scan(&rest, &[]);
    found.extend(court.scan_beside(&beside.masked(&|finding| court.offends(finding))));
    let cut = cut_of(&rest);
    let clean = |findings: &[Finding]| judge(findings, &court.policy, court.tier) == Verdict::Admit;
    if !clean(&found) {
        return None;
    }
    let Decision::Admitted(admitted) = court.decide(rest, &found, Stage::Redacted, warrant) else {
        return None;
    };
    let chunks = chunks_of(&admitted, cut);
    let arisen = court.arisen(admitted.document(), &chunks, &found);
    clean(&arisen).then_some((admitted, chunks))
}

/// Everything in a kept document, as it was read and in its chunks, that calls for more than admission.
/// Of what was found then, only what is about the whole file and what a judge said, who is not asked again:
/// the rest may have had its place in what redaction left.
pub(super) fn offending(
    document: &Document,
    beside: &Beside,
    kept: &[Finding],
    court: &Court,
) -> Vec<Finding> {
    let mut found = court.scan(document, &[]);
    found.extend(court.scan_beside(beside));
    let stays = |one: &&Finding| one.spans.is_empty() || is_ruling(one);
    let mut whole: Vec<Finding> = kept.iter().filter(stays).cloned().collect();
    court.allows.mark(Some(document), &mut whole);
    whole.retain(|one| !found.iter().any(|known| known.rule == one.rule && known.note == one.note));
    found.extend(whole);
    if let Some(Outcome::Admitted { admitted, chunks, .. }) =
        court.observed(document, &found, cut_of(document))
    {
        let arisen = court.arisen(admitted.document(), &chunks, &found);
        found.extend(arisen);
    }
    found.retain(|one| court.offends(one));
    found
}

/// Where a kept document is cut: given chunks say so themselves.
fn cut_of(document: &Document) -> Cut {
    if given::is_given(document) { Cut::AsGiven } else { Cut::Here }
}

/// The chunks of a revision that a person released.
pub(super) fn released(
    document: Document,
    findings: &[Finding],
    warrant: Warrant,
    court: &Court,
) -> Option<(Admitted, Vec<Chunk>)> {
    match court.decide(document, findings, Stage::AsRead, warrant) {
        Decision::Admitted(admitted) => {
            let chunks = chunks_of(&admitted, cut_of(admitted.document()));
            Some((admitted, chunks))
        }
        Decision::Redact(_) | Decision::Held(_) | Decision::Rejected(_) => None,
    }
}

impl Court {
    fn scan(&self, document: &Document, neighbours: &[Neighbour]) -> Vec<Finding> {
        let detectors = self.detection.detectors();
        let scan = |document: &Document| {
            detectors.map_or_else(Vec::new, |detectors| detectors.scan(document, neighbours))
        };
        self.allows.looked_behind(document, scan)
    }

    pub(super) fn scan_beside(&self, beside: &Beside) -> Vec<Finding> {
        let detectors = self.detection.detectors();
        let mut found = detectors.map_or_else(Vec::new, |detectors| beside.scan(detectors));
        self.allows.mark(None, &mut found);
        found
    }

    fn offends(&self, finding: &Finding) -> bool {
        self.policy.verdict(finding, self.tier) > Verdict::Admit
    }

    /// What is left of a document: its title and metadata lose what its text loses.
    fn without(&self, document: &Document, removals: &[Removal]) -> Document {
        let mut rest = redact(document, removals);
        let goes = |finding: &Finding| self.offends(finding);
        rest.given = masked_fields(&rest.given, &goes);
        if let Some(title) = rest.title.as_mut()
            && let Some(masked) = detect::masked(title, &goes)
        {
            *title = masked;
        }
        rest
    }

    fn decide(
        &self,
        document: Document,
        findings: &[Finding],
        stage: Stage,
        warrant: Warrant,
    ) -> Decision {
        decide(document, findings, &self.policy, self.tier, stage, warrant)
    }

    /// Scans and decides on what redaction left.
    fn judge_rest(
        &self,
        Rest { case: Case { document: rest, beside, cut }, rulings }: Rest<'_>,
        neighbours: &[Neighbour],
        findings: &mut Vec<Finding>,
        reasons_: &mut Vec<Reason>,
    ) -> (Outcome, Verdict) {
        let mut found = self.scan(&rest, neighbours);
        found.extend(self.scan_beside(&beside));
        let mut found = rulings.applied(&rest, found, self.judges.zone(), Text::Redacted);
        self.allows.mark_again(&rest, &mut found, is_ruling);
        match self.decide(rest.clone(), &found, Stage::Redacted, Warrant::Policy) {
            Decision::Admitted(admitted) => {
                let text = Admission { admitted, redacted: Some(rest), known: &found, cut };
                self.split(text, findings, reasons_)
            }
            Decision::Rejected(_) => (Outcome::Rejected, Verdict::Reject),
            Decision::Held(_) | Decision::Redact(_) => {
                reasons_.extend(reasons(&found, &self.policy, self.tier));
                findings.extend(found);
                (Outcome::Held, Verdict::Quarantine)
            }
        }
    }

    /// Splits what was admitted and scans every chunk: what is indexed is what was scanned. A chunk
    /// that alone calls for more than the document did holds the revision.
    fn split(
        &self,
        Admission { admitted, redacted, known, cut }: Admission<'_>,
        findings: &mut Vec<Finding>,
        reasons_: &mut Vec<Reason>,
    ) -> (Outcome, Verdict) {
        let verdict = admitted.verdict();
        let chunks = chunks_of(&admitted, cut);
        let arisen = self.arisen(admitted.document(), &chunks, known);
        if judge(&arisen, &self.policy, self.tier) > Verdict::Admit {
            reasons_.extend(reasons(&arisen, &self.policy, self.tier));
            findings.extend(arisen);
            return (Outcome::Held, Verdict::Quarantine);
        }
        findings.extend(arisen);
        (Outcome::Admitted { admitted: Box::new(admitted), chunks, redacted }, verdict)
    }

    /// Whatever the verdict is, which was computed as ever: all that was read is admitted.
    fn observed(&self, document: &Document, findings: &[Finding], cut: Cut) -> Option<Outcome> {
        match self.decide(document.clone(), findings, Stage::AsRead, Warrant::Observe) {
            Decision::Admitted(admitted) => {
                let chunks = chunks_of(&admitted, cut);
                Some(Outcome::Admitted { admitted: Box::new(admitted), chunks, redacted: None })
            }
            Decision::Redact(_) | Decision::Held(_) | Decision::Rejected(_) => None,
        }
    }

    /// Findings of each chunk's text alone that call for more than admission, or would if they were not
    /// allowed, and that the document's scan did not make of the same place: text that became an instruction by standing next to other text
    /// than in the document.
    fn arisen(&self, document: &Document, chunks: &[Chunk], known: &[Finding]) -> Vec<Finding> {
        let Some(detectors) = self.detection.detectors() else { return Vec::new() };
        let allowed = allowed_spans(known);
        let mut arisen = Vec::new();
        for chunk in chunks {
            if allowed.is_empty() && is_all_of(chunk, document) {
                continue;
            }
            let mut found = detectors.scan_text(&chunk.text);
            // What is allowed must not stand before another text here either.
            if let Some(behind) = without_allowed(chunk, &allowed) {
                found.extend(detectors.scan_text(&behind));
            }
            for finding in &mut found {
                let spans = finding.spans.iter().flat_map(|span| in_document(chunk, *span));
                finding.spans = spans.collect();
            }
            self.allows.mark(Some(document), &mut found);
            // What is allowed here stays too: the verdict hangs on it, and so does the next ingest.
            found.retain(|one| {
                let counts = |known: &&Finding| one.allowed.is_some() || known.allowed.is_none();
                (one.allowed.is_some() || self.offends(one))
                    && !known.iter().filter(counts).any(|known| says_the_same(known, one))
            });
            arisen.extend(found);
        }
        arisen
    }
}

/// Whether the document's own scan was one of this very text, in paragraphs that are shown as a chunk is: a scan
/// of the chunk, which reports less of a part, would find nothing else.
fn is_all_of(chunk: &Chunk, document: &Document) -> bool {
    let is_plain =
        |block: &Block| block.visibility.is_shown() && block.kind == BlockKind::Paragraph;
    document.blocks.iter().all(is_plain)
        && Reading::of(document, ReadingKind::Shown).text == chunk.text
}

/// A chunk's text with blanks where these spans of the document are, which are disjoint and in order; `None`
/// where none of them is.
fn without_allowed(chunk: &Chunk, allowed: &[Span]) -> Option<String> {
    let within = |part: &Part, span: &Span| {
        let (from, to) = (span.start.max(part.span.start), span.end.min(part.span.end));
        let start = part.start.saturating_add(from.saturating_sub(part.span.start));
        (start, start.saturating_add(to.saturating_sub(from)))
    };
    let mut ranges = Vec::new();
    for part in &chunk.parts {
        let of_part = part.span;
        let first = allowed
            .partition_point(|span| (span.block, span.end) <= (of_part.block, of_part.start));
        let here = allowed.iter().skip(first).take_while(|span| overlap(span, &of_part));
        ranges.extend(here.map(|span| within(part, span)));
    }
    (!ranges.is_empty()).then(|| blanked(&chunk.text, ranges))
}

/// What redaction left of a document.
struct Rest<'a> {
    case: Case,
    rulings: &'a Rulings,
}

/// What is admitted and to be split. `known` was found in this very text: after redaction, spans of
/// the text before it mean other places.
struct Admission<'a> {
    admitted: Admitted,
    redacted: Option<Document>,
    known: &'a [Finding],
    cut: Cut,
}

fn chunks_of(admitted: &Admitted, cut: Cut) -> Vec<Chunk> {
    match cut {
        Cut::Here => chunk::split(admitted.document(), &|visibility| admitted.indexes(visibility)),
        Cut::AsGiven => given::as_cut(admitted.document()),
    }
}

fn says_the_same(known: &Finding, found: &Finding) -> bool {
    known.rule == found.rule
        && match known.spans.is_empty() {
            true => found.spans.is_empty(),
            false => found.spans.iter().any(|span| meets(&known.spans, span)),
        }
}

/// Whether one of these spans, in document order, overlaps another.
fn meets(spans: &[Span], other: &Span) -> bool {
    let first = spans.partition_point(|span| (span.block, span.end) <= (other.block, other.start));
    spans.get(first).is_some_and(|span| overlap(span, other))
}

/// The document's spans under a span of a chunk's text.
fn in_document(chunk: &Chunk, span: Span) -> Vec<Span> {
    let within = |part: &Part| {
        let end = part.start.saturating_add(part.span.end.saturating_sub(part.span.start));
        let (from, to) = (span.start.max(part.start), span.end.min(end));
        (from < to).then(|| Span {
            block: part.span.block,
            start: part.span.start + (from - part.start),
            end: part.span.start + (to - part.start),
        })
    };
    chunk.parts.iter().filter_map(within).collect()
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
