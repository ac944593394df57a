//! A person decides on what was held. Release is not purge; each has a reason and an actor, and both
//! are on record before they happen.

use tokio::task::spawn_blocking;

use crate::domain::finding::Severity;
use crate::domain::stamp::Sealing;
use crate::domain::verdict::Warrant;

use super::beside::Beside;
use super::error::GuardError;
use super::events::Event;
use super::given;
use super::guard::Guard;
use super::ingest::Batch;
use super::judge::{released, released_redacted};
use super::ledger::{HeldRevision, LedgerError, Ruling};
use super::receipt::Intake;

/// Which text of a held revision is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Text {
    AsRead,
    Redacted,
}

impl Text {
    const fn action(self) -> &'static str {
        match self {
            Self::AsRead => "release",
            Self::Redacted => "release-redacted",
        }
    }
}

const NOT_CLEAN: &str = "what is left without the findings still calls for more than admission, or a \
                         finding has no place that could be cut out; release or purge it";

const STALE_VECTORS: &str = "its pipeline made vectors of the whole text, and they would still carry what \
                             is cut out; release or purge it, or have it given again";

/// Who decides, and why.
#[derive(Debug, Clone)]
pub struct Decider {
    /// Who.
    pub actor: String,
    /// Who agrees, if somebody proved to.
    pub second: Option<String>,
    /// Why, in their words.
    pub reason: String,
}

/// What was released; the ruling stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Released {
    /// How many chunks.
    pub chunks: usize,
    /// Whether they can be found now; else they wait for the store.
    pub is_served: bool,
}

impl Guard {
    /// The held revision whose id begins with these digits.
    pub async fn held(&self, prefix: &str) -> Result<HeldRevision, GuardError> {
        let held = self.ledger.held_by_prefix(prefix).await?;
        let what = || format!("held revision `{}`", crate::domain::finding::draw_safely(prefix));
        Ok(held.ok_or_else(|| LedgerError::NotFound { what: what() })?)
    }

    /// Serves a held revision: what a person sees of it; hidden text stays out.
    pub async fn release(
        &self,
        held: &HeldRevision,
        intake: &Intake,
        decider: &Decider,
    ) -> Result<Released, GuardError> {
        self.release_as(held, intake, decider, Text::AsRead).await
    }

    async fn release_as(
        &self,
        held: &HeldRevision,
        intake: &Intake,
        decider: &Decider,
        text: Text,
    ) -> Result<Released, GuardError> {
        let Intake { source, collection, .. } = intake;
        self.embedder_of(collection)?;
        let ruling = self.ruling(held, decider)?;
        if held.severity >= Some(Severity::Critical) && decider.second.is_none() {
            let text = "a critical finding is released by two people: a second key is needed";
            return Err(GuardError::Request(text.to_owned()));
        }
        let contents = self.ledger.contents(held.head.revision).await?;
        let document = contents.document.ok_or_else(|| {
            GuardError::Request("this file was never read, so there is nothing to serve".to_owned())
        })?;
        let head = self.document(&held.document.to_string()).await?;
        let warrant = Warrant::Release(ruling.id);
        let allows = self.allows_of_kept(source, &held.uri, &contents.file, &document).await?;
        let court = self.court(source.tier, allows);
        // Entries of then may have ended.
        let mut findings = contents.findings;
        court.allows.mark(Some(&document), &mut findings);
        let given = given::of_bytes(&contents.file, &document).unwrap_or_default();
        let beside = Beside::of_kept(&held.uri, &document, &given);
        let (admitted, chunks) = spawn_blocking(move || match text {
            Text::AsRead => released(document, &findings, warrant, &court),
            Text::Redacted => released_redacted(&document, &beside, &findings, warrant, &court),
        })
        .await
        .map_err(|error| GuardError::Task(error.to_string()))?
        .ok_or_else(|| GuardError::Request(NOT_CLEAN.to_owned()))?;
        let sealing = Sealing {
            tenant: source.tenant.clone(),
            source: source.id,
            document: held.document,
            revision: held.head.revision,
            uri: held.uri.clone(),
            file: held.file_digest,
            collection: collection.id,
            class: held.class.id,
            generation: head.next_generation,
            embedder: collection.embedder.clone(),
            rules: self.rules_digest(),
            reader: self.reader.version().to_owned(),
            at: self.now(),
        };
        if text == Text::Redacted && given.iter().any(|chunk| !chunk.vectors.is_empty()) {
            return Err(GuardError::Request(STALE_VECTORS.to_owned()));
        }
        let label = held.class.list.label;
        let batch = Batch { chunks, given: &given, intake, label };
        let (records, root) = self.sealed(admitted, batch, &sealing).await?;
        self.record_ruling(&ruling, text.action()).await?;
        self.ledger.release(&ruling, &records, &root, head.next_generation).await?;
        match self.settle(&[held.head.revision]).await {
            Ok(()) => Ok(Released { chunks: records.len(), is_served: true }),
            // The ruling stands; what it released waits for the store.
            Err(error) => {
                tracing::warn!(code = error.code(), "a released document waits for the store");
                Ok(Released { chunks: records.len(), is_served: false })
            }
        }
    }

    /// Serves a held revision without the spans of what was found in it. What is left is scanned again,
    /// and must be free of anything that calls for more than admission.
    pub async fn release_redacted(
        &self,
        held: &HeldRevision,
        intake: &Intake,
        decider: &Decider,
    ) -> Result<Released, GuardError> {
        self.release_as(held, intake, decider, Text::Redacted).await
    }

    /// Destroys a held revision's bytes, text, findings and evidence.
    pub async fn purge(&self, held: &HeldRevision, decider: &Decider) -> Result<(), GuardError> {
        let ruling = self.ruling(held, decider)?;
        self.record_ruling(&ruling, "purge").await?;
        Ok(self.ledger.purge(&ruling).await?)
    }

    fn ruling(&self, held: &HeldRevision, decider: &Decider) -> Result<Ruling, GuardError> {
        if decider.reason.trim().is_empty() {
            return Err(GuardError::Request("a ruling needs a reason".to_owned()));
        }
        Ok(Ruling {
            id: self.ruling_id(),
            revision: held.head.revision,
            actor: decider.actor.clone(),
            second: decider.second.clone(),
            reason: decider.reason.clone(),
            at: self.now(),
        })
    }

    async fn record_ruling(&self, ruling: &Ruling, action: &'static str) -> Result<(), GuardError> {
        Ok(self
            .record(&Event::Ruled {
                ruling: ruling.id,
                revision: ruling.revision,
                action,
                actor: ruling.actor.clone(),
                second: ruling.second.clone(),
            })
            .await?)
    }
}
