//! Documents that left their source leave the index too, unless too many would at once: an unmounted
//! disk looks like a source that was emptied.

use std::collections::BTreeSet;

use crate::domain::id::DocumentId;
use crate::domain::limits::{AUDIT_REMOVED_MAX, PRUNE_PERCENT_MAX};
use crate::domain::source::Source;

use super::error::GuardError;
use super::events::Event;
use super::guard::Guard;

impl Guard {
    /// Takes one document out of the index and destroys what was kept of it. What is held of it stays
    /// with the reviewers.
    pub async fn delete(&self, document: DocumentId, actor: &str) -> Result<(), GuardError> {
        self.remove(&[document], actor).await
    }

    async fn remove(&self, documents: &[DocumentId], actor: &str) -> Result<(), GuardError> {
        for some in documents.chunks(AUDIT_REMOVED_MAX) {
            let (documents, actor) = (some.to_vec(), actor.to_owned());
            self.record(&Event::Removed { documents, actor }).await?;
        }
        self.ledger.remove(documents, self.now()).await?;
        self.drop_points(&self.turns.to_write().await).await?;
        Ok(())
    }

    /// Removes the served documents of a source that `covered` says this run looked for and `present`
    /// does not hold. Above a fifth of them it refuses without `force`.
    pub async fn prune(
        &self,
        source: &Source,
        covered: impl Fn(&str) -> bool,
        present: &BTreeSet<String>,
        force: bool,
        actor: &str,
    ) -> Result<Vec<String>, GuardError> {
        let served = self.ledger.served(source.id).await?;
        let total = served.len();
        let gone: Vec<(DocumentId, String)> =
            served.into_iter().filter(|(_, uri)| covered(uri) && !present.contains(uri)).collect();
        if gone.is_empty() {
            return Ok(Vec::new());
        }
        if !force && gone.len() * 100 > total * PRUNE_PERCENT_MAX {
            return Err(GuardError::Request(format!(
                "{} of {total} documents of `{}` are gone, more than a fifth; \
                 nothing was removed; say --force if that is right",
                gone.len(),
                source.name
            )));
        }
        let (documents, uris): (Vec<DocumentId>, Vec<String>) = gone.into_iter().unzip();
        self.remove(&documents, actor).await?;
        Ok(uris)
    }
}
