//! Documents that left their source leave the index too, unless too many would at once: an unmounted
//! disk looks like a source that was emptied.

use std::collections::BTreeSet;

use crate::domain::id::DocumentId;
use crate::domain::limits::{AUDIT_REMOVED_MAX, PRUNE_PERCENT_MAX};
use crate::domain::source::Source;

use super::error::GuardError;
use super::events::Event;
use super::guard::Guard;
use super::ledger::{DocumentHead, Served};

impl Guard {
    /// Takes one document, and what is inside it, out of the index and destroys what was kept of it, unless a matter
    /// of law holds it. What is quarantined of it stays with the reviewers.
    pub async fn delete(&self, head: &DocumentHead, actor: &str) -> Result<(), GuardError> {
        self.remove(&self.with_below(head).await?, actor).await
    }

    pub(super) async fn remove(
        &self,
        documents: &[DocumentId],
        actor: &str,
    ) -> Result<(), GuardError> {
        for some in documents.chunks(AUDIT_REMOVED_MAX) {
            let (documents, actor) = (some.to_vec(), actor.to_owned());
            self.record(&Event::Removed { documents, actor }).await?;
        }
        self.ledger.remove(documents, self.now()).await?;
        self.drop_points(&self.turns.to_write().await).await?;
        Ok(())
    }

    /// Removes the served documents of a source that `covered` says this run looked for and `present`
    /// does not hold. What is inside a file is gone with it. Above a fifth of them it refuses without `force`.
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
        let is_gone = |served: &Served| {
            let file = served.container.as_ref().unwrap_or(&served.uri);
            covered(file) && !present.contains(file)
        };
        let gone: Vec<Served> = served.into_iter().filter(is_gone).collect();
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
        let gone = gone.into_iter().map(|served| (served.document, served.uri));
        let (documents, uris): (Vec<DocumentId>, Vec<String>) = gone.unzip();
        self.remove(&documents, actor).await?;
        Ok(uris)
    }
}
