//! Who may read a document, changed: one ledger row at once, the points after it.

use crate::domain::access::{AccessClass, AccessList};
use crate::domain::id::DocumentId;

use super::error::GuardError;
use super::events::Event;
use super::guard::Guard;
use super::ledger::{DocumentHead, LedgerError, RevisionState};
use super::receipt::Intake;

impl Guard {
    /// The document of this id or URI.
    pub async fn document(&self, id_or_uri: &str) -> Result<DocumentHead, GuardError> {
        let head = self.ledger.document(id_or_uri).await?;
        let what = || format!("document `{}`", crate::domain::finding::draw_safely(id_or_uri));
        Ok(head.ok_or_else(|| LedgerError::NotFound { what: what() })?)
    }

    /// Sets who may read a document. From the return of this call on, and already from its first
    /// transaction on, no query goes by the old list. This is the administrator's door: it is not
    /// bound by what the source gives. Files inside the document go with it.
    pub async fn set_access(
        &self,
        head: &DocumentHead,
        list: &AccessList,
        actor: &str,
    ) -> Result<AccessClass, GuardError> {
        let tenant = &head.class.tenant;
        let class = self.ledger.class(tenant, list, self.class_id()).await?;
        self.set_class(head.document, &class, actor).await?;
        self.set_class_below(head, &class, actor).await?;
        Ok(class)
    }

    /// What is known of an item that serves something, or may come to without being looked at again.
    pub async fn kept(
        &self,
        intake: &Intake,
        uri: &str,
    ) -> Result<Option<DocumentHead>, GuardError> {
        let waits = |head: &DocumentHead| {
            let state = head.latest.as_ref().map(|latest| latest.state);
            matches!(state, Some(RevisionState::Pending | RevisionState::Held))
        };
        let head = self.ledger.head(intake.source.id, uri).await?;
        Ok(head.filter(|head| head.serving.is_some() || waits(head)))
    }

    /// Takes readers away and gives none: for an item whose new content cannot be read or kept, so that what
    /// is kept of it does not stay with readers that it has no more. Readers beyond the source's are no
    /// answer, and change nothing.
    pub async fn narrow(
        &self,
        intake: &Intake,
        head: &DocumentHead,
        asked: &AccessList,
    ) -> Result<(), GuardError> {
        self.narrow_one(intake, head, asked).await?;
        self.narrow_below(intake, head, asked).await
    }

    pub(super) async fn narrow_one(
        &self,
        intake: &Intake,
        head: &DocumentHead,
        asked: &AccessList,
    ) -> Result<(), GuardError> {
        let Ok(asked) = asked.clone().within(&intake.source.readers) else { return Ok(()) };
        match self.narrowed(intake, head, &asked).await? {
            Some(class) => self.set_class(head.document, &class, &intake.actor).await,
            None => Ok(()),
        }
    }

    /// The class of what is served on, where a revision that does not take its place asks for fewer readers.
    pub(super) async fn narrowed(
        &self,
        intake: &Intake,
        head: &DocumentHead,
        asked: &AccessList,
    ) -> Result<Option<AccessClass>, GuardError> {
        let list = head.class.list.narrowed_by(asked);
        if list == head.class.list {
            return Ok(None);
        }
        Ok(Some(self.ledger.class(&intake.source.tenant, &list, self.class_id()).await?))
    }

    pub(super) async fn set_class(
        &self,
        document: DocumentId,
        class: &AccessClass,
        actor: &str,
    ) -> Result<(), GuardError> {
        self.record_access(document, class, actor).await?;
        self.ledger.set_access(document, class, self.now()).await?;
        self.finish_move(document).await
    }

    pub(super) async fn record_access(
        &self,
        document: DocumentId,
        class: &AccessClass,
        actor: &str,
    ) -> Result<(), GuardError> {
        let actor = actor.to_owned();
        Ok(self.record(&Event::AccessChanged { document, class: class.id, actor }).await?)
    }
}
