//! A document is read and judged, and nothing is kept: for pipelines in continuous integration and for
//! `POST /v1/scan`. The verdict is the one that an ingest would give under the same policy and tier to a
//! document that stands alone.
//!
//! Lets through on purpose: near copies of other documents, which show only against a ledger; and what an
//! ingest would find in metadata and path.

use std::sync::Arc;

use tokio::task::spawn_blocking;

use crate::detect;
use crate::domain::access::Label;
use crate::domain::allow::Allows;
use crate::domain::digest::Digest;
use crate::domain::document::{Block, Document, Format, Joint, Location, RawDocument, Span};
use crate::domain::finding::{Finding, Severity, draw_safely};
use crate::domain::limits::FINDINGS_PER_RULE_MAX;
use crate::domain::policy::{Mode, Policy, Verdict};
use crate::domain::sensitive::Sensitive;
use crate::domain::source::TrustTier;

use super::beside::Beside;
use super::error::GuardError;
use super::guard::Detection;
use super::hearing::judge_document;
use super::judge::{Case, Court, Cut, Judged, judge_unread};
use super::judges::Judges;
use super::members::{self, Nest};
use super::ports::{ReadError, Reader};
use super::receipt::Counts;

/// Nobody has said what a scanned document's label is: it may be the highest.
const UNLABELLED: Label = Label::Restricted;

/// Judges documents without a workspace. Cheap to clone.
#[derive(Clone)]
pub struct Scanner {
    /// Parses files.
    pub reader: Arc<dyn Reader>,
    /// By which verdicts are given.
    pub policy: Arc<Policy>,
    /// What detectors run.
    pub detection: Detection,
    /// How far documents are trusted.
    pub tier: TrustTier,
    /// Whom the rules ask about what is in doubt.
    pub judges: Arc<Judges>,
}

impl std::fmt::Debug for Scanner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scanner")
            .field("policy", &self.policy.id)
            .field("tier", &self.tier)
            .finish()
    }
}

/// A judged document.
#[derive(Debug, Clone)]
pub struct Scanned {
    /// Path or URI, as it was given.
    pub uri: String,
    /// What the bytes are; `None` when they could not be read.
    pub format: Option<Format>,
    /// What an ingest would do with it.
    pub verdict: Verdict,
    /// Everything that was found, in the document as it was read, and after it what arose from redaction
    /// or splitting.
    pub findings: Vec<Found>,
    /// Characters that a person sees.
    pub shown_chars: usize,
    /// Characters that only an extractor gets.
    pub hidden_chars: usize,
    /// Files inside it, each with those inside it in turn.
    pub members: Vec<Self>,
    /// What was read, where that was asked for.
    pub document: Option<Document>,
}

/// Whether what was read is kept with the judgement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kept {
    No,
    Yes,
}

/// A finding with its place.
#[derive(Debug, Clone)]
pub struct Found {
    /// The finding.
    pub finding: Finding,
    /// Where it stands, in words.
    pub place: String,
    /// Where its first span's block stands in the file.
    pub location: Option<Location>,
    /// Where its first span stands in the file, if the format has lines.
    pub position: Option<Position>,
    /// Digest of all the text that offends; of the whole file where the whole document does.
    pub text: Digest,
    /// There may be more of this rule in the document than are listed.
    pub is_cut: bool,
}

/// A place in a file of lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// From 1.
    pub line: u32,
    /// In characters, from 1, where it is known.
    pub column: Option<u32>,
}

impl Scanner {
    /// Reads and judges a document. What cannot be read is a verdict; an error is our own fault.
    pub async fn scan(&self, raw: RawDocument) -> Result<Scanned, GuardError> {
        self.scan_in(raw, Nest::outermost(), Kept::No).await
    }

    /// The same with what was read, of every file inside it too.
    pub async fn inspect(&self, raw: RawDocument) -> Result<Scanned, GuardError> {
        self.scan_in(raw, Nest::outermost(), Kept::Yes).await
    }

    async fn scan_in(
        &self,
        raw: RawDocument,
        nest: Nest,
        kept: Kept,
    ) -> Result<Scanned, GuardError> {
        let uri = raw.uri.clone();
        let mut members = Vec::new();
        let lost = |error: tokio::task::JoinError| GuardError::Task(error.to_string());
        let digested = spawn_blocking(move || (Digest::of(&raw.bytes), raw)).await;
        let (file, raw) = digested.map_err(lost)?;
        let court = self.court();
        let judged = match nest.read(self.reader.as_ref(), raw).await {
            Err(error @ ReadError::Start { .. }) => return Err(GuardError::Reader(error)),
            Err(error) => judge_unread(&error, &court),
            Ok((document, inside)) => {
                for member in inside {
                    members.push(Box::pin(self.scan_in(member, nest.inside(), kept)).await?);
                }
                let case = Case { document, beside: Beside::default(), cut: Cut::Here };
                judge_document(case, court, UNLABELLED).await?
            }
        };
        let scanned = scanned(uri, &judged, file);
        let document = judged.document.filter(|_| kept == Kept::Yes);
        Ok(Scanned { members, document, ..scanned })
    }

    pub(super) fn court(&self) -> Court {
        Court {
            policy: Arc::clone(&self.policy),
            mode: Mode::Enforce,
            tier: self.tier,
            detection: self.detection.clone(),
            judges: Arc::clone(&self.judges),
            allows: Allows::default(),
        }
    }
}

impl Scanned {
    /// The file and everything inside it, taken apart: nothing has members any more.
    pub fn apart(self) -> Vec<Self> {
        members::apart(self, |scanned| std::mem::take(&mut scanned.members))
    }

    /// The file and everything inside it.
    pub fn all(&self) -> Vec<&Self> {
        members::all(self, |scanned| &scanned.members)
    }

    /// The score of the worst finding, from 0 to 1; 0 when nothing was found. See `Finding::score`. It says
    /// how far the document steers or misleads, so secrets and personal data do not count; what the model
    /// takes for nearly an instruction counts from 0.3 on, the nearer the more.
    pub fn score(&self) -> f64 {
        let steers = |found: &&Found| found.finding.sensitive.is_none();
        self.findings.iter().filter(steers).map(|found| weight(&found.finding)).fold(0.0, f64::max)
    }

    /// The severity of the worst finding.
    pub fn severity(&self) -> Option<Severity> {
        self.findings.iter().map(|found| found.finding.severity).max()
    }
}

impl Found {
    /// Where it stands, in words, drawn safely: the line of the finding itself where it is known.
    pub fn words(&self) -> String {
        match self.position {
            Some(Position { line, .. }) => format!("line {line}"),
            None => draw_safely(&self.place),
        }
    }

    /// What tells this finding from every other: rule, path, how bad it is, how it is shown or hidden, and
    /// all of the offending text, but not where in the file it stands. So a known finding may move, and
    /// another text, or the same one made invisible, is not taken for it.
    pub fn fingerprint(&self, path: &str) -> Digest {
        let visibility = serde_json::to_string(&self.finding.visibility).unwrap_or_default();
        Digest::of_parts([
            b"alnage-finding-1".as_slice(),
            self.finding.rule.as_bytes(),
            path.as_bytes(),
            self.finding.severity.name().as_bytes(),
            visibility.as_bytes(),
            &self.text.0,
        ])
    }
}

/// What a finding counts in its document's score. A finding of the model that is not held is `info`, so that
/// reports stay quiet, and yet says more than an odd format does.
pub(super) fn weight(finding: &Finding) -> f64 {
    const NEAR: f64 = 0.3;
    match detect::model_doubts(finding) {
        Some(true) if finding.severity == Severity::Info => {
            NEAR + NEAR * f64::from(finding.confidence.value()) / 100.0
        }
        _ => finding.score(),
    }
}

pub(super) fn scanned(uri: String, judged: &Judged, file: Digest) -> Scanned {
    let Counts { findings, shown_chars, hidden_chars } = Counts::of(judged);
    let of_rule = |rule: &str| judged.findings.iter().filter(|one| one.rule == rule).count();
    let document = judged.document.as_ref();
    let found = |(finding, place): (Finding, String)| {
        let first = document.zip(finding.spans.first().copied());
        let block = first.and_then(|(document, span)| document.block(span.block));
        Found {
            location: block.map(|block| block.location.clone()),
            position: first.and_then(|(document, span)| position(document, span, &finding)),
            text: offending(document, &finding, file),
            is_cut: of_rule(&finding.rule) >= FINDINGS_PER_RULE_MAX,
            place,
            finding,
        }
    };
    Scanned {
        uri,
        format: document.map(|document| document.format),
        verdict: judged.verdict,
        findings: findings.into_iter().map(found).collect(),
        shown_chars,
        hidden_chars,
        members: Vec::new(),
        document: None,
    }
}

/// All of the text, not the beginning that evidence keeps: two texts may begin alike.
fn offending(document: Option<&Document>, finding: &Finding, file: Digest) -> Digest {
    let whole = || Digest::of_parts([b"file".as_slice(), &file.0, finding.note.as_bytes()]);
    let Some(document) = document.filter(|_| !finding.spans.is_empty()) else { return whole() };
    // Whoever has a report must not find a number by trying all: of what can be guessed, its ends count.
    if finding.sensitive.is_some_and(Sensitive::is_guessable) {
        return Digest::of_parts([b"masked".as_slice(), finding.evidence.raw().as_bytes()]);
    }
    let texts = finding.spans.iter().map(|span| document.text_of(*span).as_bytes());
    // Spans of what arose from redaction are of another text; its beginning, at least, is here.
    Digest::of_parts(
        [b"text".as_slice(), finding.evidence.raw().as_bytes()].into_iter().chain(texts),
    )
}

/// The line of a span where the block's text has the file's own line ends, else that of its block.
fn position(document: &Document, span: Span, finding: &Finding) -> Option<Position> {
    let block = document.block(span.block)?;
    let Location::Text { line, start_byte, end_byte } = block.location else { return None };
    let at_block = Position { line, column: None };
    let text = document.text_of(span);
    let evidence = finding.evidence.raw();
    let is_of_this_text = match finding.sensitive {
        Some(kind) => kind.masked(text) == evidence,
        None => evidence.starts_with(text) || text.starts_with(evidence),
    };
    let is_as_in_file = document.format == Format::Text
        || end_byte.saturating_sub(start_byte) == block.text.len() as u64;
    if !is_of_this_text || !is_as_in_file {
        return Some(at_block);
    }
    let Some(before) = usize::try_from(span.start).ok().and_then(|end| block.text.get(..end))
    else {
        return Some(at_block);
    };
    let lines = before.matches('\n').count();
    let line = line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
    let column = before_in_line(document.format, block, before)
        .and_then(|before| u32::try_from(before.chars().count()).ok()?.checked_add(1));
    Some(Position { line, column })
}

/// What stands before a span in its line. A quotation or list item begins somewhere in its line, and so
/// does the next piece of a line that was cut for its length.
fn before_in_line<'a>(format: Format, block: &Block, before: &'a str) -> Option<&'a str> {
    if format != Format::Text {
        return None;
    }
    match before.rsplit_once('\n') {
        Some((_, in_line)) => Some(in_line),
        None => (block.joint != Joint::Inline).then_some(before),
    }
}
