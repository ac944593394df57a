//! Bytes → document → findings → verdict → chunks → stamps → ledger → store.
//!
//! Files of a batch are read and judged side by side, some ahead of their turn. In order, each is compared
//! with the documents that came before it, so that a flood sees itself, and made durable in the ledger; the
//! whole batch shares one flush of the store and one commit. Files inside a file come before it.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::{StreamExt as _, stream};
use serde_json::{Map, Value};

use crate::detect::{Neighbour, Signature, labels};
use crate::domain::access::{AccessClass, AccessError, AccessList, Label};
use crate::domain::allow::{AllowedBy, Allows};
use crate::domain::chunk::Chunk;
use crate::domain::digest::Digest;
use crate::domain::document::Document;
use crate::domain::finding::Finding;
use crate::domain::id::{AllowId, DocumentId, RevisionId};
use crate::domain::limits::{CONFLICT_ATTEMPTS_MAX, INGEST_READS_AHEAD};
use crate::domain::policy::Verdict;
use crate::domain::root::{self, SignedRoot};
use crate::domain::source::Source;
use crate::domain::stamp::{ChunkRecord, Embedded, Sealing, seal};
use crate::domain::verdict::Admitted;

use super::beside::{Beside, masked_fields};
use super::error::GuardError;
use super::events::Event;
use super::given::{self, GivenChunk, SENSITIVE_KEY};
use super::guard::Guard;
use super::hearing::judge_among;
use super::judge::{Case, Court, Cut, Judged, Outcome, judge_unread};
use super::ledger::{Contents, DocumentHead, Keep, LedgerError, NewRevision, RevisionState};
use super::members::Holder;
use super::ports::{EmbedError, ReadError};
use super::read_ahead::{Alone, ReadOrKnown};
use super::receipt::{Counts, Intake, Item, Receipt, Report, metadata};

/// Similarity from which another document counts as a neighbour at all.
const NEIGHBOUR_SIMILARITY_MIN: f32 = 0.4;
/// Neighbours looked at; a flood shows with far fewer.
const NEIGHBOURS_MAX: usize = 64;

impl Guard {
    /// Takes a batch in. Readers of an item must lie within its source's.
    pub async fn ingest(&self, intake: &Intake, items: Vec<Item>) -> Result<Report, GuardError> {
        let mut answers = self.stage(intake, items).await?;
        let staged: Vec<RevisionId> = pending(&answers).collect();
        let waiting = self.settle(&staged).await.err();
        if waiting.is_none() {
            answers.iter_mut().flatten().for_each(Receipt::served);
        }
        Ok(Report { answers, waiting })
    }

    /// The same without the store: every answer is durable, and what was admitted is `pending` until
    /// somebody settles it.
    pub async fn stage(
        &self,
        intake: &Intake,
        items: Vec<Item>,
    ) -> Result<Vec<Result<Receipt, GuardError>>, GuardError> {
        let given = self.given_vectors(&intake.collection)?;
        let checked: Vec<_> = items.iter().map(|item| given::check_item(item, &given)).collect();
        let passed = items.into_iter().zip(&checked).filter(|(_, check)| check.is_ok());
        let passed: Vec<Item> = passed.map(|(item, _)| item).collect();
        let reads = passed.into_iter().map(|item| self.read_ahead(intake, item));
        let mut reads = stream::iter(reads).buffered(INGEST_READS_AHEAD);
        let mut answers = Vec::with_capacity(checked.len());
        for check in checked {
            if let Err(refusal) = check {
                answers.push(Err(refusal));
                continue;
            }
            let Some(read) = reads.next().await else { break };
            let (item, read) = read?;
            let answer = match self.answer(intake, item.clone(), read).await {
                Err(GuardError::Ledger(LedgerError::Conflict { .. })) => {
                    self.once_more(intake, item.clone()).await
                }
                answer => answer,
            };
            answers.push(self.or_narrowed(intake, &item, answer).await);
        }
        Ok(answers)
    }

    async fn answer(
        &self,
        intake: &Intake,
        item: Item,
        read: ReadOrKnown,
    ) -> Result<Receipt, GuardError> {
        match read {
            Ok(judged) => self.take_in(intake, item, judged).await,
            Err(known) => self.known_again(intake, &item, *known).await,
        }
    }

    /// Somebody else changed the document while this was judged: looked at again, as it is now.
    async fn once_more(&self, intake: &Intake, item: Item) -> Result<Receipt, GuardError> {
        let mut answer = Err(GuardError::Task("a conflict without an attempt".to_owned()));
        for _ in 0..CONFLICT_ATTEMPTS_MAX {
            let (item, read) = self.read_unknown(intake, item.clone()).await?;
            answer = self.answer(intake, item, read).await;
            if !matches!(answer, Err(GuardError::Ledger(LedgerError::Conflict { .. }))) {
                break;
            }
        }
        answer
    }

    /// An item that failed takes nothing's place, but what is served of it loses the readers that it has
    /// no more: they do not wait until the embedder is well again.
    async fn or_narrowed(
        &self,
        intake: &Intake,
        item: &Item,
        answer: Result<Receipt, GuardError>,
    ) -> Result<Receipt, GuardError> {
        if let (Err(_), Some(asked)) = (&answer, &item.access)
            && let Some(head) = self.kept(intake, &item.raw.uri).await?
        {
            self.narrow(intake, &head, asked).await?;
        }
        answer
    }

    /// Compares a judged document with those before it, and keeps it.
    async fn take_in(
        &self,
        intake: &Intake,
        item: Item,
        read: Result<Result<Alone, GuardError>, ReadError>,
    ) -> Result<Receipt, GuardError> {
        let head = self.ledger.head(intake.source.id, &item.raw.uri).await?;
        let class = self.class_for(intake, &item, head.as_ref()).await?;
        let document = head.as_ref().map_or_else(|| self.document_id(), |head| head.document);
        let (alone, was_opened) = match read {
            Err(error @ ReadError::Start { .. }) => return Err(GuardError::Reader(error)),
            Err(error) => {
                let allows = Allows::default();
                let judged = judge_unread(&error, &self.court(intake.source.tier, allows.clone()));
                let (members, beside) = (Vec::new(), Beside::default());
                (Alone { judged, signature: None, beside, members, allows }, false)
            }
            Ok(alone) => (alone?, true),
        };
        let Alone { judged, signature, beside, members, allows } = alone;
        let members = match (was_opened, &head) {
            (true, _) => {
                let is_whole = judged.document.as_ref().is_some_and(Document::is_whole);
                let holder = Holder { head: head.as_ref(), readers: &class.list, is_whole };
                self.take_members(intake, &item, holder, members).await?
            }
            (false, Some(head)) => {
                self.narrow_below(intake, head, &class.list).await?;
                Vec::new()
            }
            (false, None) => Vec::new(),
        };
        // Shown to those that are judged at the same time until the ledger shows it.
        let shown = signature.as_ref().map(|signature| {
            let tenant = &intake.source.tenant;
            self.turns.show(tenant, document, signature, NEIGHBOUR_SIMILARITY_MIN)
        });
        let (_seen, at_once) = shown.unzip();
        let neighbours = match &signature {
            Some(signature) => self.neighbours(intake, signature, document, at_once).await?,
            None => Vec::new(),
        };
        let cut = if item.given.is_some() { Cut::AsGiven } else { Cut::Here };
        let court = self.court(intake.source.tier, allows.clone());
        let judged = Self::among_others(judged, (beside, cut), neighbours, court).await?;
        let judged = without_stale_vectors(judged, &item);
        let place = Placed { document, head, class, allows };
        let revision = self.new_revision(intake, item, place, judged, signature).await?;
        let receipt = self.keep(revision, &intake.actor).await?;
        Ok(Receipt { members, was_opened, ..receipt })
    }

    /// Judges once more where there are near copies; most documents have none.
    async fn among_others(
        judged: Judged,
        (beside, cut): (Beside, Cut),
        neighbours: Vec<Neighbour>,
        court: Court,
    ) -> Result<Judged, GuardError> {
        match judged.document {
            Some(document) if !neighbours.is_empty() => {
                let case = Case { document, beside, cut };
                judge_among(case, neighbours, judged.rulings, court).await
            }
            document => Ok(Judged { document, ..judged }),
        }
    }

    async fn neighbours(
        &self,
        intake: &Intake,
        signature: &Signature,
        document: DocumentId,
        at_once: Option<Vec<Neighbour>>,
    ) -> Result<Vec<Neighbour>, GuardError> {
        let keys = signature.bands();
        let tenant = &intake.source.tenant;
        let similar = self.ledger.similar(tenant, &keys, Some(document), NEIGHBOURS_MAX).await?;
        let near = similar.into_iter().filter_map(|similar| {
            let other = Signature::from_bytes(&similar.signature)?;
            let similarity = signature.similarity(&other);
            (similarity >= NEIGHBOUR_SIMILARITY_MIN)
                .then_some(Neighbour { document: similar.document, similarity })
        });
        let mut neighbours: Vec<Neighbour> = near.collect();
        // One may have reached the ledger between the two looks.
        let known: Vec<DocumentId> = neighbours.iter().map(|one| one.document).collect();
        let at_once = at_once.into_iter().flatten();
        neighbours.extend(at_once.filter(|one| !known.contains(&one.document)));
        Ok(neighbours)
    }

    /// What the ledger will keep of a judged file, its chunks sealed if it was admitted.
    async fn new_revision(
        &self,
        intake: &Intake,
        item: Item,
        Placed { document, head, class, allows }: Placed,
        judged: Judged,
        signature: Option<Signature>,
    ) -> Result<(NewRevision, Counts), GuardError> {
        let counts = Counts::of(&judged);
        let revision = self.revision_id();
        let fingerprint = self.fingerprint(intake, &item);
        let file_digest = Digest::of(&item.raw.bytes);
        let generation = head.as_ref().map_or(1, |head| head.next_generation);
        let narrowed = match (&judged.outcome, &head) {
            (Outcome::Held | Outcome::Rejected, Some(head)) if head.serving.is_some() => {
                self.narrowed(intake, head, &class.list).await?
            }
            _ => None,
        };
        let allows = hangs_on_allows(&judged).then(|| allows.state());
        let severity = judged.findings.iter().map(|finding| finding.severity).max();
        let contents = |document, findings, redacted| Contents {
            file: item.raw.bytes,
            document,
            findings,
            redacted,
        };
        let keep = match judged.outcome {
            Outcome::Rejected => Keep::Rejected,
            Outcome::Held => {
                Keep::Held { contents: contents(judged.document, judged.findings, None) }
            }
            Outcome::Admitted { admitted, chunks, redacted } => {
                let sealing = Sealing {
                    tenant: intake.source.tenant.clone(),
                    source: intake.source.id,
                    document,
                    revision,
                    uri: item.raw.uri.clone(),
                    file: file_digest,
                    collection: intake.collection.id,
                    class: class.id,
                    generation,
                    embedder: intake.collection.embedder.clone(),
                    rules: self.rules_digest(),
                    reader: self.reader.version().to_owned(),
                    at: self.now(),
                };
                let basis = admitted.basis();
                let given = item.given.as_deref().unwrap_or_default();
                let batch = Batch { chunks, given, intake, label: class.list.label };
                let (chunks, root) = self.sealed(*admitted, batch, &sealing).await?;
                let contents = contents(judged.document, judged.findings, redacted);
                Keep::Admitted { contents, basis, chunks, root }
            }
        };
        let new = NewRevision {
            document,
            source: intake.source.id,
            uri: item.raw.uri,
            container: item.container,
            revision,
            collection: intake.collection.id,
            fingerprint,
            allows,
            file_digest,
            verdict: judged.verdict,
            reasons: judged.reasons,
            severity,
            policy: self.policy.digest,
            rules: self.rules_digest(),
            reader: self.reader.version().to_owned(),
            class,
            narrowed,
            signature: signature.map(|signature| (signature.to_bytes(), signature.bands())),
            at: self.now(),
            generation,
            keep,
        };
        Ok((new, counts))
    }

    /// Embeds and seals chunks, and signs for all of them together, unless their label is above
    /// what the embedder may be sent: then nothing goes out, and nothing is kept.
    pub(super) async fn sealed(
        &self,
        admitted: Admitted,
        batch: Batch<'_>,
        sealing: &Sealing,
    ) -> Result<(Vec<ChunkRecord>, SignedRoot), GuardError> {
        let Batch { chunks, given, intake: Intake { source, collection, .. }, label } = batch;
        let embedder = self.embedder_of(collection)?;
        if let Some(limit) = embedder.label_max().filter(|limit| *limit < label) {
            let embedder = embedder.identity().name;
            return Err(GuardError::LabelTooHigh { label, limit, embedder });
        }
        let texts: Vec<&str> = chunks.iter().map(|chunk| chunk.text.as_str()).collect();
        let mut vectors = embedder.embed(&texts).await?;
        if vectors.len() != chunks.len() {
            let detail = format!("{} vectors for {} chunks", vectors.len(), chunks.len());
            return Err(EmbedError { detail }.into());
        }
        for (made, given) in vectors.iter_mut().zip(given) {
            made.extend(given.vectors.clone());
        }
        let embedded = chunks
            .iter()
            .zip(vectors)
            .map(|(chunk, vectors)| Embedded {
                chunk: self.chunk_id(),
                point: self.point_id(),
                ordinal: chunk.ordinal,
                text: chunk.text.clone(),
                metadata: self.beside_chunk(&admitted, chunk, given, (&sealing.uri, source)),
                vectors,
            })
            .collect();
        let stamped = seal(admitted, sealing, embedded, &self.keys())?;
        let records: Vec<_> = stamped.iter().map(|chunk| chunk.record().clone()).collect();
        let root = root::sign(&records, sealing, &self.signer)
            .ok_or_else(|| GuardError::Request("a revision of too many chunks".to_owned()))?;
        Ok((records, root))
    }

    /// What is returned with a chunk: masked where its text is, and labelled.
    fn beside_chunk(
        &self,
        admitted: &Admitted,
        chunk: &Chunk,
        given: &[GivenChunk],
        (uri, source): (&str, &Source),
    ) -> Map<String, Value> {
        let mut fields = metadata(admitted.document(), chunk, uri, source, given);
        if self.detection.detectors().is_none() {
            return fields;
        }
        if admitted.is_redacted() {
            let (policy, tier) = (admitted.policy(), admitted.tier());
            let goes = |finding: &Finding| policy.verdict(finding, tier) > Verdict::Admit;
            fields = masked_fields(&fields, &goes);
        }
        let labels = labels(&chunk.text);
        if !labels.is_empty() {
            let names = labels.into_iter().map(|label| Value::from(label.name())).collect();
            fields.insert(SENSITIVE_KEY.to_owned(), Value::Array(names));
        }
        fields
    }

    /// Records the judgement and makes the revision durable: acknowledged from here.
    async fn keep(
        &self,
        (new, counts): (NewRevision, Counts),
        actor: &str,
    ) -> Result<Receipt, GuardError> {
        let (state, basis, chunks) = match &new.keep {
            Keep::Admitted { basis, chunks, .. } => {
                (RevisionState::Pending, Some(*basis), chunks.len())
            }
            Keep::Held { .. } => (RevisionState::Held, None, 0),
            Keep::Rejected => (RevisionState::Rejected, None, 0),
        };
        self.record(&Event::Judged {
            document: new.document,
            revision: new.revision,
            source: new.source,
            class: new.class.id,
            verdict: new.verdict,
            basis,
            rules: new.reasons.iter().map(|reason| reason.rule.clone()).collect(),
            allowed: allowed_by(&counts),
            policy: new.policy,
            rules_digest: new.rules,
            actor: actor.to_owned(),
        })
        .await?;
        // What is held narrows what is served at once.
        if let Some(class) = &new.narrowed {
            self.record_access(new.document, class, actor).await?;
        }
        self.ledger.stage(&new).await?;
        if new.narrowed.is_some() {
            self.finish_move(new.document).await?;
        }
        Ok(Receipt {
            uri: new.uri,
            document: new.document,
            revision: new.revision,
            verdict: new.verdict,
            basis,
            state,
            reasons: new.reasons,
            findings: counts.findings,
            chunks,
            shown_chars: counts.shown_chars,
            hidden_chars: counts.hidden_chars,
            known: false,
            readers_changed: false,
            members: Vec::new(),
            was_opened: false,
        })
    }

    /// Known content: the known answer, and the readers that this request names.
    async fn known_again(
        &self,
        intake: &Intake,
        item: &Item,
        head: DocumentHead,
    ) -> Result<Receipt, GuardError> {
        let class = self.class_for(intake, item, Some(&head)).await?;
        let readers_changed = class.id != head.class.id;
        if readers_changed {
            self.set_class(head.document, &class, &intake.actor).await?;
        }
        if item.access.is_some() {
            self.set_class_below(&head, &class, &intake.actor).await?;
        }
        let latest = head.latest.ok_or_else(|| GuardError::Task("a known head".to_owned()))?;
        Ok(Receipt {
            uri: head.uri,
            document: head.document,
            revision: latest.revision,
            verdict: latest.verdict,
            basis: latest.basis,
            state: latest.state,
            reasons: latest.reasons,
            findings: Vec::new(),
            chunks: 0,
            shown_chars: 0,
            hidden_chars: 0,
            known: true,
            readers_changed,
            members: Vec::new(),
            was_opened: false,
        })
    }

    /// The class of `readers_of`.
    async fn class_for(
        &self,
        intake: &Intake,
        item: &Item,
        head: Option<&DocumentHead>,
    ) -> Result<AccessClass, GuardError> {
        if let (None, Some(head)) = (&item.access, head) {
            return Ok(head.class.clone());
        }
        let list = readers_of(intake, item, head)?;
        Ok(self.ledger.class(&intake.source.tenant, &list, self.class_id()).await?)
    }

    pub(super) fn court(&self, tier: crate::domain::source::TrustTier, allows: Allows) -> Court {
        Court {
            policy: Arc::clone(&self.policy),
            mode: self.mode,
            tier,
            detection: self.detection.clone(),
            judges: Arc::clone(&self.judges),
            allows,
        }
    }
}

/// Who may read the item: as the request says within its source, else as it was, else as the source says and no
/// more than the file that holds it.
pub(super) fn readers_of(
    intake: &Intake,
    item: &Item,
    head: Option<&DocumentHead>,
) -> Result<AccessList, AccessError> {
    Ok(match (&item.access, head) {
        (Some(asked), _) => asked.clone().within(&intake.source.readers)?,
        (None, Some(head)) => head.class.list.clone(),
        (None, None) => match &item.holder {
            Some(holder) => intake.source.readers.narrowed_by(holder),
            None => intake.source.readers.clone(),
        },
    })
}

/// Whether other allow entries could have made another answer. Those of what was not read never could.
fn hangs_on_allows(judged: &Judged) -> bool {
    let is_allowed = |finding: &Finding| finding.allowed.is_some();
    let calls = judged.verdict > Verdict::Admit && judged.document.is_some();
    calls || judged.findings.iter().any(is_allowed)
}

fn allowed_by(counts: &Counts) -> Vec<AllowId> {
    let entry = |(finding, _): &(Finding, String)| finding.allowed.map(|by: AllowedBy| by.entry);
    let entries: BTreeSet<AllowId> = counts.findings.iter().filter_map(entry).collect();
    entries.into_iter().collect()
}

/// Which document a revision is of, and who is to read it.
struct Placed {
    document: DocumentId,
    head: Option<DocumentHead>,
    class: AccessClass,
    allows: Allows,
}

/// Revisions of a batch that wait for their points.
pub fn pending(answers: &[Result<Receipt, GuardError>]) -> impl Iterator<Item = RevisionId> + '_ {
    let receipts = answers.iter().flatten().flat_map(Receipt::all);
    receipts
        .filter(|receipt| receipt.state == RevisionState::Pending)
        .map(|receipt| receipt.revision)
}

/// Chunks that are to be sealed, and where they go.
pub(super) struct Batch<'a> {
    pub(super) chunks: Vec<Chunk>,
    /// What was given with each, if another pipeline has cut them.
    pub(super) given: &'a [GivenChunk],
    pub(super) intake: &'a Intake,
    /// The label of their document.
    pub(super) label: Label,
}

/// A vector that was made elsewhere would still carry what redaction took out of its text.
fn without_stale_vectors(judged: Judged, item: &Item) -> Judged {
    let has_vectors = item.given.iter().flatten().any(|chunk| !chunk.vectors.is_empty());
    match judged.outcome {
        Outcome::Admitted { redacted: Some(_), .. } if has_vectors => {
            let verdict = judged.verdict.max(Verdict::Quarantine);
            Judged { outcome: Outcome::Held, verdict, ..judged }
        }
        _ => judged,
    }
}
