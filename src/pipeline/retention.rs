//! How long documents are kept: they expire, are erased for good, or are held by law against both.
//!
//! A document that has expired is nobody's from that moment on, by the re-check; destroying it follows. What a matter of
//! law holds is taken out of the index like anything else, and kept sealed until the hold is lifted.

use async_trait::async_trait;
use serde::Serialize;

use crate::domain::id::{CollectionId, DocumentId};
use crate::domain::limits::{AUDIT_REMOVED_MAX, EXPIRED_PAGE, REASON_BYTES_MAX};
use crate::domain::retention::{LegalHold, Retention};
use crate::domain::source::Name;
use crate::domain::time::Timestamp;

use super::error::GuardError;
use super::events::Event;
use super::guard::Guard;
use super::ledger::{DocumentHead, LedgerError};

/// What the ledger knows of how long documents are kept.
#[async_trait]
pub trait Keeping: Send + Sync {
    /// What is said of a document; `NotFound` without one.
    async fn retention(&self, document: DocumentId) -> Result<Retention, LedgerError>;
    /// Sets when a document, and what is inside it, expires; advances the epoch.
    async fn set_expiry(
        &self,
        document: DocumentId,
        expires_at: Option<Timestamp>,
    ) -> Result<(), LedgerError>;
    /// Files that have expired by now, where of one or of what is inside it something is served, or kept though
    /// nothing holds it; at most `limit`.
    async fn expired(&self, now: Timestamp, limit: usize) -> Result<Vec<DocumentId>, LedgerError>;
    /// Places a hold on a document and what is inside it; `Taken` where the matter holds it already.
    async fn place_hold(&self, document: DocumentId, hold: &LegalHold) -> Result<(), LedgerError>;
    /// Lifts a hold. What was removed meanwhile and nothing else holds is destroyed, unless it has expired: then it is
    /// told by `expired` and to be erased. `NotFound` without a hold.
    async fn lift_hold(
        &self,
        document: DocumentId,
        matter: &Name,
        at: Timestamp,
    ) -> Result<(), LedgerError>;
    /// Those of these documents that a hold of their own, or of the file that they are inside of, holds.
    async fn on_hold(&self, documents: &[DocumentId]) -> Result<Vec<DocumentId>, LedgerError>;
    /// Destroys whatever is kept of these documents: served, replaced and quarantined revisions, signatures, digests of
    /// contents, what reviewers said of them; with `place` also the name that each has in its source. Their points are
    /// noted to be dropped. `OnHold` when something holds one, and nothing is done to any.
    async fn erase(
        &self,
        documents: &[DocumentId],
        place: bool,
        at: Timestamp,
    ) -> Result<(), LedgerError>;
    /// Looks for whatever is still there of documents that were erased or have expired.
    async fn left(&self, now: Timestamp) -> Result<Erasure, LedgerError>;
}

/// What is left of documents that were erased, or have expired and are not held.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Erasure {
    /// How many such documents there are.
    pub documents: usize,
    /// What the ledger still has of them, each with the kind of thing: nothing, when all went well.
    pub left: Vec<(DocumentId, &'static str)>,
    /// Collections whose files may hold words of them, and since when. No question finds these; a rebuild of the store
    /// makes the files anew.
    pub files: Vec<(CollectionId, Timestamp)>,
}

impl Erasure {
    /// Whether the ledger has nothing of them.
    pub const fn is_sound(&self) -> bool {
        self.left.is_empty()
    }
}

impl Guard {
    /// Destroys everything that is kept of a document and of what is inside it, the quarantined with the rest, and
    /// forgets its name. A document inside another is in that file's bytes too, so that it goes with that file alone.
    pub async fn erase(&self, head: &DocumentHead, actor: &str) -> Result<(), GuardError> {
        if head.container.is_some() {
            let what = "it is inside another file, whose bytes hold it too: erase that file";
            return Err(GuardError::Request(what.to_owned()));
        }
        let documents = self.with_below(head).await?;
        if let Some(document) = self.keeping.on_hold(&documents).await?.into_iter().next() {
            return Err(LedgerError::OnHold { document }.into());
        }
        self.destroy(&documents, true, actor).await
    }

    /// Sets when a document and what is inside it expires; `None`: never.
    pub async fn set_expiry(
        &self,
        head: &DocumentHead,
        expires_at: Option<Timestamp>,
        actor: &str,
    ) -> Result<(), GuardError> {
        if head.container.is_some() {
            let what = "it is inside another file, and expires with that file";
            return Err(GuardError::Request(what.to_owned()));
        }
        let (document, actor) = (head.document, actor.to_owned());
        self.record(&Event::ExpirySet { document, expires_at, actor }).await?;
        self.keeping.set_expiry(document, expires_at).await?;
        self.destroy_expired().await
    }

    /// Holds a document, and what is inside it, for a matter of law.
    pub async fn place_hold(
        &self,
        head: &DocumentHead,
        (matter, reason): (Name, String),
        actor: &str,
    ) -> Result<(), GuardError> {
        if reason.trim().is_empty() || reason.len() > REASON_BYTES_MAX {
            let what = format!("1 to {REASON_BYTES_MAX} bytes");
            return Err(GuardError::Field { field: "reason".to_owned(), what });
        }
        let (document, actor) = (head.document, actor.to_owned());
        let event =
            Event::HoldPlaced { document, matter: matter.to_string(), actor: actor.clone() };
        self.record(&event).await?;
        let hold = LegalHold { matter, reason, actor, placed_at: self.now() };
        Ok(self.keeping.place_hold(document, &hold).await?)
    }

    /// Lifts a hold: what was to be destroyed meanwhile is destroyed now.
    pub async fn lift_hold(
        &self,
        head: &DocumentHead,
        matter: &Name,
        actor: &str,
    ) -> Result<(), GuardError> {
        let (document, actor) = (head.document, actor.to_owned());
        self.record(&Event::HoldLifted { document, matter: matter.to_string(), actor }).await?;
        self.keeping.lift_hold(document, matter, self.now()).await?;
        self.destroy_expired().await
    }

    /// Takes what has expired out of the index, and destroys it unless it is held by law.
    pub(super) async fn destroy_expired(&self) -> Result<(), GuardError> {
        let mut before = Vec::new();
        loop {
            let expired = self.keeping.expired(self.now(), EXPIRED_PAGE).await?;
            // Nothing more can be done, or nothing was.
            if expired.is_empty() || expired == before {
                return Ok(());
            }
            let (mut gone, mut held) = (Vec::new(), Vec::new());
            for document in &expired {
                let found = self.ledger.document(&document.to_string()).await?;
                let Some(head) = found else { continue };
                let documents = self.with_below(&head).await?;
                let on_hold = self.keeping.on_hold(&documents).await?;
                gone.extend(documents.into_iter().filter(|one| !on_hold.contains(one)));
                held.extend(on_hold);
            }
            if !held.is_empty() {
                self.remove(&held, EXPIRY).await?;
            }
            if !gone.is_empty() {
                self.destroy(&gone, false, EXPIRY).await?;
            }
            before = expired;
        }
    }

    async fn destroy(
        &self,
        documents: &[DocumentId],
        place: bool,
        actor: &str,
    ) -> Result<(), GuardError> {
        for some in documents.chunks(AUDIT_REMOVED_MAX) {
            let (documents, actor) = (some.to_vec(), actor.to_owned());
            self.record(&Event::Erased { documents, actor }).await?;
        }
        self.keeping.erase(documents, place, self.now()).await?;
        self.drop_points(&self.turns.to_write().await).await?;
        self.keys().forget_checked();
        Ok(())
    }

    /// A document and everything inside it.
    pub(super) async fn with_below(
        &self,
        head: &DocumentHead,
    ) -> Result<Vec<DocumentId>, GuardError> {
        let below = self.below(head).await?.into_iter().map(|member| member.document);
        Ok(std::iter::once(head.document).chain(below).collect())
    }
}

/// Who destroys what has expired, on record.
const EXPIRY: &str = "system:expiry";
