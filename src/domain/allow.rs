//! Allow entries: somebody has looked at a finding and says that it does not count, for one source, with a
//! reason and mostly with an end.
//!
//! Lets through on purpose: the same text, or the same rule, wherever else it stands in that source; that
//! is what was allowed. An entry covers nothing that is worse than what was looked at, and nothing of a
//! detector that failed. A file that was not read is never asked about here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::digest::Digest;
use super::document::{BlockId, Document, Span};
use super::finding::{Finding, Severity};
use super::id::{AllowId, SourceId};
use super::keys::Secret;
use super::limits::ALLOW_ROUNDS_MAX;
use super::source::{Source, Tenant};
use super::time::Timestamp;

/// A detector that broke has not looked: nobody can say that what it would have said does not count.
pub const NEVER_ALLOWED: &str = "detector-failed";

/// What an entry is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AllowScope {
    /// This very text, as it was shown or hidden: a digest under a key of the workspace, so that nobody
    /// can tell from the ledger what it was.
    Content(Digest),
    /// Whatever the rule finds in the source.
    Rule,
}

/// How an entry ended before its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowEnd {
    /// When.
    pub at: Timestamp,
    /// Who ended it.
    pub actor: String,
    /// Why.
    pub reason: String,
}

/// A finding that does not count, and who says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowEntry {
    /// Which.
    pub id: AllowId,
    /// In documents of this source.
    pub source: SourceId,
    /// Findings of this rule.
    pub rule: String,
    /// Of what.
    pub scope: AllowScope,
    /// Up to this severity: a worse finding was not looked at.
    pub severity: Severity,
    /// Why.
    pub reason: String,
    /// Who.
    pub actor: String,
    /// Who agreed; without one, nothing critical is allowed.
    pub second: Option<String>,
    /// Since when.
    pub created_at: Timestamp,
    /// From when on it counts again.
    pub expires_at: Option<Timestamp>,
    /// It was ended.
    pub ended: Option<AllowEnd>,
}

impl AllowEntry {
    /// Whether it still speaks.
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.ended.is_none() && self.expires_at.is_none_or(|end| now < end)
    }

    /// Whether it speaks of findings this bad. Two people decide on what is critical.
    fn reaches(&self, severity: Severity) -> bool {
        severity <= self.severity && (severity < Severity::Critical || self.second.is_some())
    }
}

/// Which entry a finding is allowed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllowedBy {
    /// The entry.
    pub entry: AllowId,
    /// It speaks of the text alone: other text of the rule counts.
    pub content: bool,
    /// From when on it counts again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

impl AllowedBy {
    /// For people: `allowed by entry 1f0c99aa until 2027-01-31T00:00:00Z`.
    pub fn words(&self) -> String {
        let id = self.entry.to_string();
        let short = id.get(..8).unwrap_or(&id);
        match self.until {
            Some(end) => format!("allowed by entry {short} until {end}"),
            None => format!("allowed by entry {short}, without an end"),
        }
    }
}

/// The entries in force for a source, and the file that is judged.
#[derive(Debug, Clone, Default)]
pub struct Allows {
    of: Option<Arc<InForce>>,
    file: Option<Digest>,
}

#[derive(Debug)]
struct InForce {
    key: Secret,
    tenant: Tenant,
    source: SourceId,
    by_rule: BTreeMap<String, Vec<AllowEntry>>,
    /// There is, or was, an entry.
    any: bool,
}

impl Allows {
    /// Those of these entries that are of this source and in force.
    pub fn of(
        entries: impl IntoIterator<Item = AllowEntry>,
        source: &Source,
        key: &Secret,
        now: Timestamp,
    ) -> Self {
        let mut by_rule: BTreeMap<String, Vec<AllowEntry>> = BTreeMap::new();
        let mut any = false;
        for entry in entries.into_iter().filter(|entry| entry.source == source.id) {
            any = true;
            if entry.is_in_force(now) {
                by_rule.entry(entry.rule.clone()).or_default().push(entry);
            }
        }
        let (tenant, key) = (source.tenant.clone(), key.clone());
        let of = InForce { key, tenant, source: source.id, by_rule, any };
        Self { of: Some(Arc::new(of)), file: None }
    }

    /// The same for a file: this digest is of everything that makes it what it is.
    #[must_use]
    pub fn for_file(&self, file: Digest) -> Self {
        Self { of: self.of.clone(), file: Some(file) }
    }

    /// Whether the source never had an entry.
    pub fn is_untouched(&self) -> bool {
        self.of.as_ref().is_none_or(|of| !of.any)
    }

    /// Tells two sets of entries in force apart.
    pub fn state(&self) -> Digest {
        let entries = self.of.iter().flat_map(|of| of.by_rule.values()).flatten();
        let ids: BTreeSet<AllowId> = entries.map(|entry| entry.id).collect();
        Digest::of_parts(ids.iter().map(|id| id.bytes().as_slice()))
    }

    /// What an entry on exactly this content names; `None` where the text cannot be told. Spans are of
    /// this document.
    pub fn content(&self, document: Option<&Document>, finding: &Finding) -> Option<Digest> {
        let of = self.of.as_ref()?;
        let mut parts: Vec<&[u8]> = vec![
            b"alnage-allow-1",
            of.tenant.as_str().as_bytes(),
            of.source.bytes(),
            finding.rule.as_bytes(),
        ];
        let Some(file) = self.file.as_ref().filter(|_| finding.spans.is_empty()) else {
            let document = document?;
            let shown: Vec<String> =
                finding.spans.iter().map(|span| shown(document, *span)).collect();
            parts.push(b"text");
            for (span, shown) in finding.spans.iter().zip(&shown) {
                let text = document.text_of(*span);
                // A span that is not of this document has no text, and all of these would be alike.
                if text.is_empty() {
                    return None;
                }
                parts.extend([shown.as_bytes(), text.as_bytes()]);
            }
            return (!finding.spans.is_empty()).then(|| of.key.mac(&parts));
        };
        parts.extend([b"file".as_slice(), &file.0, finding.note.as_bytes()]);
        Some(of.key.mac(&parts))
    }

    /// The entry that covers a finding.
    pub fn covering(&self, document: Option<&Document>, finding: &Finding) -> Option<AllowedBy> {
        let entries = self.of.as_ref()?.by_rule.get(finding.rule.as_ref())?;
        let speaks =
            |entry: &&AllowEntry| finding.rule != NEVER_ALLOWED && entry.reaches(finding.severity);
        let by = |entry: &AllowEntry| AllowedBy {
            entry: entry.id,
            content: entry.scope != AllowScope::Rule,
            until: entry.expires_at,
        };
        let of_rule = entries.iter().filter(speaks).find(|entry| entry.scope == AllowScope::Rule);
        if let Some(entry) = of_rule {
            return Some(by(entry));
        }
        let content = AllowScope::Content(self.content(document, finding)?);
        entries.iter().filter(speaks).find(|entry| entry.scope == content).map(by)
    }

    /// Notes on each finding which entry covers it, and takes back what was noted before.
    pub fn mark(&self, document: Option<&Document>, findings: &mut [Finding]) {
        for finding in findings {
            finding.allowed = self.covering(document, finding);
        }
    }

    /// The same after some findings became worse and others, which `is_new` tells, came to them: what was
    /// not allowed before is not allowed now.
    pub fn mark_again(
        &self,
        document: &Document,
        findings: &mut [Finding],
        is_new: impl Fn(&Finding) -> bool,
    ) {
        for finding in findings {
            if finding.allowed.is_some() || is_new(finding) {
                finding.allowed = self.covering(Some(document), finding);
            }
        }
    }

    /// Scans, and looks behind what is allowed by its text: a detector may tell only the worst that it
    /// sees, or so many, and an allowed text must not stand before another. Where nothing comes to an
    /// end, nothing is allowed by its text.
    pub fn looked_behind(
        &self,
        document: &Document,
        scan: impl Fn(&Document) -> Vec<Finding>,
    ) -> Vec<Finding> {
        let mut findings = scan(document);
        self.mark(Some(document), &mut findings);
        let mut hidden = Vec::new();
        for _ in 0..ALLOW_ROUNDS_MAX {
            let allowed = allowed_spans(&findings);
            if allowed == hidden {
                return findings;
            }
            hidden = allowed;
            let mut behind = scan(&out_of_sight(document, &hidden));
            self.mark(Some(document), &mut behind);
            behind.retain(|one| !findings.iter().any(|known| says_it_all(known, one)));
            findings.extend(behind);
        }
        for finding in &mut findings {
            finding.allowed = finding.allowed.filter(|by| !by.content);
        }
        findings
    }
}

/// Spans of what is allowed by its text: disjoint, in order.
pub fn allowed_spans(findings: &[Finding]) -> Vec<Span> {
    let by_text = |one: &&Finding| one.allowed.is_some_and(|by| by.content);
    let spans = findings.iter().filter(by_text).flat_map(|one| one.spans.iter().copied());
    let spans: BTreeSet<Span> = spans.collect();
    let mut joined: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match joined.last_mut() {
            Some(last) if last.block == span.block && span.start <= last.end => {
                last.end = last.end.max(span.end);
            }
            Some(_) | None => joined.push(span),
        }
    }
    joined
}

/// Whether a finding that is already known is the same as this one, or worse.
fn says_it_all(known: &Finding, one: &Finding) -> bool {
    let said = |finding: &Finding| (finding.severity, finding.confidence);
    known.rule == one.rule
        && known.spans == one.spans
        && (!known.spans.is_empty() || known.note == one.note)
        && said(known) >= said(one)
}

/// How the block of a span is shown: the same text made invisible is another.
fn shown(document: &Document, span: Span) -> String {
    let block = document.block(span.block);
    block.and_then(|block| serde_json::to_string(&block.visibility).ok()).unwrap_or_default()
}

/// The document with blanks where these spans are: every other text stays in its place.
fn out_of_sight(document: &Document, spans: &[Span]) -> Document {
    let mut rest = document.clone();
    let mut by_block: BTreeMap<BlockId, Vec<(u32, u32)>> = BTreeMap::new();
    for span in spans {
        by_block.entry(span.block).or_default().push((span.start, span.end));
        let text = document.text_of(*span);
        if let Some(title) = rest.title.as_mut().filter(|title| title.contains(text)) {
            *title = title.replace(text, &" ".repeat(text.len()));
        }
    }
    for (id, ranges) in by_block {
        let block = usize::try_from(id.0).ok().and_then(|at| rest.blocks.get_mut(at));
        if let Some(block) = block {
            block.text = blanked(&block.text, ranges);
        }
    }
    rest
}

/// A text with blanks in these ranges of bytes. A range that cuts a character blanks nothing.
pub fn blanked(text: &str, ranges: impl IntoIterator<Item = (u32, u32)>) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for (start, end) in ranges {
        let range = usize::try_from(start).unwrap_or(usize::MAX)
            ..usize::try_from(end).unwrap_or(usize::MAX);
        if text.get(range.clone()).is_some()
            && let Some(cut) = bytes.get_mut(range)
        {
            cut.fill(b' ');
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
#[path = "allow_tests.rs"]
mod tests;
