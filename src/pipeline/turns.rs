//! What keeps stories that run at once out of each other's way, within one process. Between processes
//! the ledger decides: generations that are taken, states that have moved on.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Mutex as AsyncMutex, MutexGuard as AsyncGuard};

use crate::detect::{Neighbour, Signature};
use crate::domain::id::{CollectionId, DocumentId};
use crate::domain::source::Tenant;

/// Shared by all clones of a guard.
#[derive(Debug, Default)]
pub struct Turns {
    /// Whoever writes points to the store: two placements of one document, written in the wrong order,
    /// would leave stamps that the ledger no longer expects.
    store: AsyncMutex<()>,
    /// Whoever seals anew: of two at once the slower would put an older key back.
    resealing: AsyncMutex<()>,
    /// How often each collection's store was begun to be made anew, and ended: between the two it does
    /// not hold everything.
    rebuilds: Mutex<BTreeMap<CollectionId, (u64, u64)>>,
    /// Documents that are judged and not in the ledger yet, in the order in which they came.
    judging: Arc<Mutex<Judging>>,
}

#[derive(Debug, Default)]
struct Judging {
    next: u64,
    documents: Vec<InFlight>,
}

#[derive(Debug)]
struct InFlight {
    ticket: u64,
    tenant: Tenant,
    document: DocumentId,
    signature: Signature,
}

/// The turn to write points, or to seal anew; what does so takes it.
#[derive(Debug)]
pub(super) struct Turn<'a>(#[expect(dead_code, reason = "held, not read")] AsyncGuard<'a, ()>);

/// A document that later ones are compared with until this is dropped.
#[derive(Debug)]
pub(super) struct Seen {
    ticket: u64,
    judging: Arc<Mutex<Judging>>,
}

impl Drop for Seen {
    fn drop(&mut self) {
        let mut judging = self.judging.lock().unwrap_or_else(PoisonError::into_inner);
        judging.documents.retain(|one| one.ticket != self.ticket);
    }
}

impl Turns {
    /// Waits until nobody else writes points.
    pub(super) async fn to_write(&self) -> Turn<'_> {
        Turn(self.store.lock().await)
    }

    /// Waits until nobody else seals anew.
    pub(super) async fn to_reseal(&self) -> Turn<'_> {
        Turn(self.resealing.lock().await)
    }

    /// Notes that a collection's store is begun to be made anew.
    pub(super) fn rebuild_begins(&self, collection: CollectionId) {
        self.rebuilds().entry(collection).or_default().0 += 1;
    }

    /// Notes that a collection's store holds everything again.
    pub(super) fn rebuild_ended(&self, collection: CollectionId) {
        let mut rebuilds = self.rebuilds();
        let (begun, ended) = rebuilds.entry(collection).or_default();
        *ended = *begun;
    }

    /// How often a collection's store was made anew; `None` while it is incomplete. A search whose
    /// answer is whole sees the same number before and after.
    pub(super) fn complete(&self, collection: CollectionId) -> Option<u64> {
        let (begun, ended) = self.rebuilds().get(&collection).copied().unwrap_or_default();
        (begun == ended).then_some(ended)
    }

    fn rebuilds(&self) -> MutexGuard<'_, BTreeMap<CollectionId, (u64, u64)>> {
        self.rebuilds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Shows a document to those that come after it, and says which of those before it, not in the
    /// ledger yet, are like it: so that a flood of requests that run at once sees itself.
    pub(super) fn show(
        &self,
        tenant: &Tenant,
        document: DocumentId,
        signature: &Signature,
        similarity_min: f32,
    ) -> (Seen, Vec<Neighbour>) {
        let mut judging = self.judging.lock().unwrap_or_else(PoisonError::into_inner);
        let others = judging.documents.iter();
        let neighbours = others
            .filter(|one| one.tenant == *tenant && one.document != document)
            .map(|one| Neighbour {
                document: one.document,
                similarity: signature.similarity(&one.signature),
            })
            .filter(|neighbour| neighbour.similarity >= similarity_min)
            .collect();
        let ticket = judging.next;
        judging.next += 1;
        let (tenant, signature) = (tenant.clone(), signature.clone());
        judging.documents.push(InFlight { ticket, tenant, document, signature });
        (Seen { ticket, judging: Arc::clone(&self.judging) }, neighbours)
    }
}

#[cfg(test)]
mod tests {
    use super::Turns;
    use crate::detect::signature;
    use crate::domain::document::{Document, Format};
    use crate::domain::id::{CollectionId, DocumentId};
    use crate::domain::source::Tenant;

    fn id(number: u128) -> DocumentId {
        DocumentId::new(uuid::Uuid::from_u128(number))
    }

    #[test]
    fn of_two_near_copies_that_are_judged_at_once_the_later_sees_the_earlier() {
        let words: Vec<String> = (0..40).map(|number| format!("word{number}")).collect();
        let raw = crate::domain::document::RawDocument {
            uri: "a.txt".to_owned(),
            declared: Some(Format::Text),
            bytes: words.join(" ").into_bytes(),
        };
        let document: Document = crate::parse::parse(&raw).unwrap().document;
        let signature = signature(&document).unwrap();
        let (turns, tenant) = (Turns::default(), Tenant::default());
        let (first, before_first) = turns.show(&tenant, id(1), &signature, 0.4);
        let (_second, before_second) = turns.show(&tenant, id(2), &signature, 0.4);
        assert!(before_first.is_empty());
        assert_eq!(before_second.iter().map(|one| one.document).collect::<Vec<_>>(), [id(1)]);
        let other: Tenant = "other".parse().unwrap();
        assert!(turns.show(&other, id(3), &signature, 0.4).1.is_empty());
        drop(first);
        let (_, after) = turns.show(&tenant, id(4), &signature, 0.4);
        assert_eq!(after.iter().map(|one| one.document).collect::<Vec<_>>(), [id(2)]);
    }

    #[test]
    fn a_store_that_was_made_anew_meanwhile_is_not_the_one_before() {
        let (turns, collection) = (Turns::default(), CollectionId::new(uuid::Uuid::from_u128(1)));
        let before = turns.complete(collection);
        turns.rebuild_begins(collection);
        assert_eq!(turns.complete(collection), None);
        turns.rebuild_ended(collection);
        assert!(turns.complete(collection).is_some_and(|after| Some(after) != before));
    }
}
