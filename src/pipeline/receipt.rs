//! What goes into an ingest and what comes out of it: intake, items, receipts, and what is returned with
//! a chunk.

use serde_json::{Map, Value};

use crate::domain::access::AccessList;
use crate::domain::chunk::Chunk;
use crate::domain::document::{Document, RawDocument, Visibility};
use crate::domain::finding::Finding;
use crate::domain::id::{DocumentId, RevisionId};
use crate::domain::policy::Verdict;
use crate::domain::source::{Collection, Source};
use crate::domain::verdict::{Basis, Reason};

use super::error::GuardError;
use super::given::GivenChunk;
use super::judge::Judged;
use super::ledger::RevisionState;
use super::members::{self, Nest};

/// Where a batch goes, and who brings it.
#[derive(Debug, Clone)]
pub struct Intake {
    /// Where the documents come from.
    pub source: Source,
    /// Where they are searched.
    pub collection: Collection,
    /// Who brings them, for the audit log.
    pub actor: String,
}

/// One file of a batch.
#[derive(Debug, Clone)]
pub struct Item {
    /// The file.
    pub raw: RawDocument,
    /// Who may read it. `None`: a known document keeps its readers, a new one gets its source's.
    pub access: Option<AccessList>,
    /// What is returned with each of its chunks, besides what the guard says itself.
    pub metadata: Map<String, Value>,
    /// Chunks that another pipeline has cut; then the file is their record, and is not read.
    pub given: Option<Vec<GivenChunk>>,
    /// URI of the outermost file that it is inside of, if it is inside another.
    pub container: Option<String>,
    /// Who may read the file that holds it: a new member is read by nobody else.
    pub holder: Option<AccessList>,
    /// Where it lies among files inside files.
    pub nest: Nest,
}

impl Item {
    /// A file with nothing besides.
    pub fn file(raw: RawDocument, access: Option<AccessList>) -> Self {
        Self {
            raw,
            access,
            metadata: Map::new(),
            given: None,
            container: None,
            holder: None,
            nest: Nest::outermost(),
        }
    }

    /// A file inside this one, which these may read: with its readers, and what is said of it.
    pub(super) fn member(&self, raw: RawDocument, readers: &AccessList) -> Self {
        Self {
            raw,
            access: self.access.clone(),
            metadata: self.metadata.clone(),
            given: None,
            container: Some(self.container.as_ref().unwrap_or(&self.raw.uri).clone()),
            holder: Some(readers.clone()),
            nest: self.nest.inside(),
        }
    }

    /// Everything that goes out with its chunks and did not come from a reader.
    pub(super) fn all_metadata(&self) -> impl Iterator<Item = &Map<String, Value>> {
        let given = self.given.iter().flatten().map(|chunk| &chunk.metadata);
        std::iter::once(&self.metadata).chain(given).filter(|fields| !fields.is_empty())
    }
}

/// What became of one file.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// Path or URI in the source.
    pub uri: String,
    /// The document.
    pub document: DocumentId,
    /// The revision.
    pub revision: RevisionId,
    /// The computed verdict.
    pub verdict: Verdict,
    /// On what ground it was admitted, if it was.
    pub basis: Option<Basis>,
    /// Where it stands.
    pub state: RevisionState,
    /// What called for the verdict.
    pub reasons: Vec<Reason>,
    /// Every finding with its place in words; empty for known content.
    pub findings: Vec<(Finding, String)>,
    /// Chunks that are indexed.
    pub chunks: usize,
    /// Characters that a person sees.
    pub shown_chars: usize,
    /// Characters that only an extractor gets.
    pub hidden_chars: usize,
    /// The content was known, and the answer is the known one.
    pub known: bool,
    /// Readers were changed by this request.
    pub readers_changed: bool,
    /// Files inside it, each with those inside it in turn; empty for known content, whose members are known
    /// too.
    pub members: Vec<Self>,
    /// It was read this time, so that `members` are all there are.
    pub was_opened: bool,
}

impl Receipt {
    /// Its points are in the store, if it has any, and so are those of its members.
    pub fn served(&mut self) {
        if self.state == RevisionState::Pending {
            self.state = RevisionState::Serving;
        }
        self.members.iter_mut().for_each(Self::served);
    }

    /// This receipt and those of everything inside it.
    pub fn all(&self) -> Vec<&Self> {
        members::all(self, |receipt| &receipt.members)
    }

    /// The same, taken apart: nothing has members any more.
    pub fn apart(self) -> Vec<Self> {
        members::apart(self, |receipt| std::mem::take(&mut receipt.members))
    }
}

/// What became of a batch.
#[derive(Debug)]
pub struct Report {
    /// One answer for each item, in order.
    pub answers: Vec<Result<Receipt, GuardError>>,
    /// Why acknowledged work is still waiting; the next start carries it on.
    pub waiting: Option<GuardError>,
}

/// What a receipt says of a judged file, taken before its contents move on.
pub(super) struct Counts {
    pub(super) findings: Vec<(Finding, String)>,
    pub(super) shown_chars: usize,
    pub(super) hidden_chars: usize,
}

impl Counts {
    pub(super) fn of(judged: &Judged) -> Self {
        let chars = |hidden: bool| {
            let blocks = judged.document.iter().flat_map(|document| &document.blocks);
            blocks
                .filter(|block| matches!(block.visibility, Visibility::Hidden(_)) == hidden)
                .filter(|block| hidden || block.visibility.is_shown())
                .map(|block| block.text.chars().count())
                .sum()
        };
        let place = |finding: &Finding| {
            judged
                .document
                .as_ref()
                .map_or_else(|| "whole file".to_owned(), |document| finding.place(document))
        };
        let findings =
            judged.findings.iter().map(|finding| (finding.clone(), place(finding))).collect();
        Self { findings, shown_chars: chars(false), hidden_chars: chars(true) }
    }
}

/// What is returned with a chunk: where it comes from, in words that an application can show.
pub(super) fn metadata(
    document: &Document,
    chunk: &Chunk,
    uri: &str,
    source: &Source,
    given: &[GivenChunk],
) -> Map<String, Value> {
    let mut metadata = document.given.clone();
    let of_chunk = usize::try_from(chunk.ordinal).ok().and_then(|ordinal| given.get(ordinal));
    metadata.extend(of_chunk.map(|given| given.metadata.clone()).unwrap_or_default());
    let mut text = |key: &str, value: &str| {
        metadata.insert(key.to_owned(), Value::String(value.to_owned()));
    };
    text("uri", uri);
    text("source", source.name.as_str());
    text("place", &chunk.place(document));
    if let Some(title) = &document.title {
        text("title", title);
    }
    if !chunk.headings.is_empty() {
        let headings = chunk.headings.iter().cloned().map(Value::String).collect();
        metadata.insert("headings".to_owned(), Value::Array(headings));
    }
    metadata
}
