//! Items are read and judged ahead of their turn, side by side, each as if there were no other document.

use tokio::task::spawn_blocking;

use crate::detect::{self, Signature};
use crate::domain::access::Label;
use crate::domain::allow::Allows;
use crate::domain::canon::payload_digest;
use crate::domain::digest::Digest;
use crate::domain::document::{Document, RawDocument};
use crate::domain::policy::Mode;
use crate::domain::stamp::RESERVED_KEY;

use super::beside::Beside;
use super::error::GuardError;
use super::given;
use super::guard::Guard;
use super::hearing::judge_document;
use super::ingest::readers_of;
use super::judge::{Case, Court, Cut, Judged, signature};
use super::ledger::{DocumentHead, RevisionState};
use super::ports::ReadError;
use super::receipt::{Intake, Item};

/// A document judged as if there were no other.
pub(super) struct Alone {
    pub(super) judged: Judged,
    /// Of its shown text, if it has enough words for one.
    pub(super) signature: Option<Signature>,
    /// What goes out with its chunks.
    pub(super) beside: Beside,
    /// Files inside it, unread.
    pub(super) members: Vec<RawDocument>,
    /// What did not count when it was judged.
    pub(super) allows: Allows,
}

/// A judged document, or why there is none; or what is known of it already.
pub(super) type ReadOrKnown =
    Result<Result<Result<Alone, GuardError>, ReadError>, Box<DocumentHead>>;

impl Guard {
    /// Reads and judges an item in a task of its own: it goes on, and gives its connection to the ledger back,
    /// while nobody waits for it.
    pub(super) async fn read_ahead(
        &self,
        intake: &Intake,
        item: Item,
    ) -> Result<(Item, ReadOrKnown), GuardError> {
        let (guard, intake) = (self.clone(), intake.clone());
        let task = tokio::spawn(async move { guard.read_unknown(&intake, item).await });
        task.await.map_err(|error| GuardError::Task(error.to_string()))?
    }

    /// Reads and judges an item whose answer is not known already.
    pub(super) async fn read_unknown(
        &self,
        intake: &Intake,
        item: Item,
    ) -> Result<(Item, ReadOrKnown), GuardError> {
        let head = self.ledger.head(intake.source.id, &item.raw.uri).await?;
        let allows = self.allows_of(&intake.source, &item).await?;
        let is_known = head.as_ref().is_some_and(|head| self.is_known(intake, &item, head));
        if let Some(head) = head.as_ref().filter(|head| self.is_over(head)) {
            return Ok((item, Err(Box::new(head.clone()))));
        }
        let head = match head {
            Some(head) if is_known && self.is_as_allowed(&head, &allows).await? => {
                return Ok((item, Err(Box::new(head))));
            }
            head => head,
        };
        // Whoever asks for readers beyond the source is refused later; until then nothing is sent anywhere.
        let label = readers_of(intake, &item, head.as_ref())
            .map_or(Label::Restricted, |readers| readers.label);
        let read = match &item.given {
            Some(chunks) => Ok((given::document(chunks), Vec::new())),
            None => item.nest.read(self.reader.as_ref(), item.raw.clone()).await,
        };
        let judged = match read {
            Ok((document, members)) => {
                let court = self.court(intake.source.tier, allows);
                let alone = Self::judged_alone(document, &item, court, label).await;
                Ok(alone.map(|alone| Alone { members, ..alone }))
            }
            Err(error) => Err(error),
        };
        Ok((item, Ok(judged)))
    }

    /// Judges a document as if there were no other.
    async fn judged_alone(
        document: Document,
        item: &Item,
        court: Court,
        label: Label,
    ) -> Result<Alone, GuardError> {
        let document = Document { given: item.metadata.clone(), ..document };
        let cut = if item.given.is_some() { Cut::AsGiven } else { Cut::Here };
        let beside = Beside::of(item);
        let signed = spawn_blocking(move || (signature(&document, &court), document, court)).await;
        let (signature, document, court) =
            signed.map_err(|error| GuardError::Task(error.to_string()))?;
        let case = Case { document, beside: beside.clone(), cut };
        let allows = court.allows.clone();
        let judged = judge_document(case, court, label).await?;
        Ok(Alone { judged, signature, beside, members: Vec::new(), allows })
    }

    /// Whether its time is over: whatever its source still holds, it is not taken in again.
    pub(super) fn is_over(&self, head: &DocumentHead) -> bool {
        head.latest.is_some() && head.expires_at.is_some_and(|at| at <= self.now())
    }

    /// Whether the newest revision of this item is the same content under the same judges. Content
    /// that a reviewer purged is judged again: nothing is left to answer with; so is what a judge failed on.
    fn is_known(&self, intake: &Intake, item: &Item, head: &DocumentHead) -> bool {
        head.latest.as_ref().is_some_and(|latest| {
            let stands = match latest.state {
                RevisionState::Pending
                | RevisionState::Serving
                | RevisionState::Held
                | RevisionState::Rejected => true,
                RevisionState::Superseded | RevisionState::Purged | RevisionState::Removed => false,
            };
            let failed = latest.reasons.iter().any(|reason| reason.rule == detect::FAILED_ID);
            let was_judged = !(failed && latest.state == RevisionState::Held);
            stands && was_judged && latest.fingerprint == self.fingerprint(intake, item)
        })
    }

    /// A verdict of one scope tells nothing to another: the fingerprint covers everything that the
    /// answer depends on, and is keyed.
    pub(super) fn fingerprint(&self, intake: &Intake, item: &Item) -> Digest {
        let raw = &item.raw;
        let metadata = payload_digest(&item.metadata, RESERVED_KEY).unwrap_or(Digest([0; 32]));
        let cut: &[u8] = if item.given.is_some() { b"given" } else { b"here" };
        let declared = raw.declared.map(crate::domain::document::Format::name).unwrap_or_default();
        let mode: &[u8] = match self.mode {
            Mode::Enforce => b"enforce",
            Mode::Observe => b"observe",
        };
        self.fingerprints.mac(&[
            intake.source.tenant.as_str().as_bytes(),
            intake.source.id.bytes(),
            intake.source.tier.name().as_bytes(),
            intake.collection.id.bytes(),
            &Digest::of(&raw.bytes).0,
            declared.as_bytes(),
            self.reader.version().as_bytes(),
            &self.policy.digest.0,
            &self.rules_digest().0,
            mode,
            &metadata.0,
            cut,
        ])
    }
}
