//! From acknowledged to served, and back to order after a crash.
//!
//! Points are written and flushed first, then one ledger transaction serves them; old points go last.
//! Every step can be done again, so start-up simply does again whatever was not noted as done.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::id::{CollectionId, DocumentId, PointId, RevisionId};
use crate::domain::keys::KeyRing;
use crate::domain::limits::UPSERT_BATCH_POINTS;
use crate::domain::stamp::{SealError, StampedChunk, restamp};

use super::error::GuardError;
use super::events::Event;
use super::guard::Guard;
use super::ledger::{LedgerError, Placing};
use super::turns::Turn;

/// What start-up found undone, and did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reconciled {
    /// Revisions that were acknowledged and not served yet.
    pub served: usize,
    /// Documents whose points still lay under their old access class.
    pub moved: usize,
    /// Points that were to be deleted.
    pub dropped: usize,
    /// Stores that were being made anew.
    pub rebuilt: usize,
    /// Whether something waits for a person to seal it anew, since its key is withdrawn.
    pub withheld: bool,
}

impl Guard {
    /// Start-up: carries on everything that was acknowledged. Nothing is served before it is done.
    /// Also run from time to time while a store that failed is waited for.
    pub async fn reconcile(&self) -> Result<Reconciled, GuardError> {
        let turn = self.turns.to_write().await;
        // Read in our turn: one that another task is making anew is done by now.
        let rebuilding = self.ledger.rebuilding().await?;
        for collection in self.ledger.collections().await? {
            if rebuilding.contains(&collection.id) {
                self.make_anew(&collection, &turn).await?;
            }
        }
        drop(turn);
        let pending = self.ledger.pending().await?;
        let withheld = match self.settle(&pending).await {
            // It waits for a person, who needs the program to start.
            Err(GuardError::Seal(error @ SealError::Withheld { .. })) => {
                tracing::warn!(%error, "an acknowledged document waits");
                true
            }
            settled => settled.map(|()| false)?,
        };
        let turn = self.turns.to_write().await;
        let moves = self.ledger.moves().await?;
        for document in &moves {
            self.place_again(*document, &turn).await?;
        }
        let dropped = self.drop_points(&turn).await?;
        drop(turn);
        self.destroy_expired().await?;
        Ok(Reconciled {
            served: pending.len(),
            moved: moves.len(),
            dropped,
            rebuilt: rebuilding.len(),
            withheld,
        })
    }

    /// Writes the points of these pending revisions, serves them, and drops what they replace.
    pub(super) async fn settle(&self, revisions: &[RevisionId]) -> Result<(), GuardError> {
        if revisions.is_empty() {
            return Ok(());
        }
        let turn = self.turns.to_write().await;
        let ring = self.keys();
        let mut ready = Vec::with_capacity(revisions.len());
        let (mut anew, mut withheld) = (Vec::new(), None);
        let mut by_collection: BTreeMap<CollectionId, Vec<StampedChunk>> = BTreeMap::new();
        // Another task may have served some of them before our turn came.
        let pending: BTreeSet<RevisionId> = self.ledger.pending().await?.into_iter().collect();
        for revision in revisions.iter().filter(|revision| pending.contains(*revision)) {
            // A revision that another one replaced meanwhile has nothing to place.
            let placing = match self.ledger.placing(*revision).await {
                Ok(placing) => placing,
                Err(LedgerError::NotFound { .. }) => continue,
                Err(error) => return Err(error.into()),
            };
            let collection = placing.place.collection;
            let Some(stamped) = stamped(placing, &ring)? else {
                withheld = Some(*revision);
                continue;
            };
            let points = by_collection.entry(collection).or_default();
            points.extend(stamped.points);
            anew.extend(stamped.under_another_key);
            ready.push(*revision);
            if points.len() >= UPSERT_BATCH_POINTS {
                let points = std::mem::take(points);
                self.write(&points, &turn).await?;
            }
        }
        for (collection, points) in &by_collection {
            self.write(points, &turn).await?;
            self.store.flush(*collection).await?;
        }
        self.note_placed(&anew, &ring).await?;
        self.ledger.commit(&ready, self.now()).await?;
        for revision in ready {
            self.record(&Event::Served { revision }).await?;
        }
        // A change of access that came between staging and commit left a move to be finished.
        for document in self.ledger.moves().await? {
            self.place_again(document, &turn).await?;
        }
        self.drop_points(&turn).await?;
        match withheld {
            Some(revision) => Err(SealError::Withheld { revision }.into()),
            None => Ok(()),
        }
    }

    /// Puts a served document's points where the ledger says that they lie, and notes it.
    pub(super) async fn finish_move(&self, document: DocumentId) -> Result<(), GuardError> {
        let turn = self.turns.to_write().await;
        self.place_again(document, &turn).await
    }

    pub(super) async fn place_again(
        &self,
        document: DocumentId,
        turn: &Turn<'_>,
    ) -> Result<(), GuardError> {
        let ring = self.keys();
        let Some(head) = self.ledger.document(&document.to_string()).await? else {
            return Ok(());
        };
        let Some(serving) = head.serving else {
            return Ok(self.ledger.moved(document, head.next_generation).await?);
        };
        let placing = self.ledger.placing(serving).await?;
        let (collection, generation) = (placing.place.collection, placing.place.generation);
        let Some(stamped) = stamped(placing, &ring)? else {
            // Its points are withheld whatever their place; a reseal writes them.
            return Ok(());
        };
        self.write(&stamped.points, turn).await?;
        self.store.flush(collection).await?;
        self.note_placed(stamped.under_another_key.as_slice(), &ring).await?;
        Ok(self.ledger.moved(document, generation).await?)
    }

    /// Deletes the points that the ledger wants gone; returns how many.
    pub(super) async fn drop_points(&self, _: &Turn<'_>) -> Result<usize, GuardError> {
        let mut by_collection: BTreeMap<CollectionId, Vec<PointId>> = BTreeMap::new();
        for (collection, point) in self.ledger.points_to_drop().await? {
            by_collection.entry(collection).or_default().push(point);
        }
        let mut dropped = 0;
        for (collection, points) in by_collection {
            self.store.delete(collection, &points).await?;
            self.store.flush(collection).await?;
            self.ledger.points_dropped(&points).await?;
            dropped += points.len();
        }
        Ok(dropped)
    }

    /// Notes that all points of these revisions were written and flushed under the key that signs.
    pub(super) async fn note_placed(
        &self,
        revisions: &[RevisionId],
        ring: &KeyRing,
    ) -> Result<(), GuardError> {
        if revisions.is_empty() {
            return Ok(());
        }
        Ok(self.ledger.placed(revisions, ring.signing_id()).await?)
    }

    /// Writes points of one collection in bounded batches.
    pub(super) async fn write(
        &self,
        points: &[StampedChunk],
        _: &Turn<'_>,
    ) -> Result<(), GuardError> {
        for batch in points.chunks(UPSERT_BATCH_POINTS) {
            if let Some(first) = batch.first() {
                self.store.upsert(first.collection(), batch).await?;
            }
        }
        Ok(())
    }
}

/// The points of a revision, stamped for their place.
#[derive(Debug)]
pub(super) struct Stamped {
    /// The points.
    pub(super) points: Vec<StampedChunk>,
    /// The revision, if its points carried another key before.
    pub(super) under_another_key: Option<RevisionId>,
}

/// Stamps records for their place. `None` when what sealed them is withheld: they wait for a reseal.
pub(super) fn stamped(placing: Placing, ring: &KeyRing) -> Result<Option<Stamped>, GuardError> {
    let Placing { place, records, revision, placed_key, .. } = placing;
    if records.iter().any(|record| ring.withholds(&record.key)) {
        return Ok(None);
    }
    let another = placed_key.is_some_and(|key| key != ring.signing_id().as_str());
    let points = records.into_iter().map(|record| restamp(record, &place, ring));
    Ok(Some(Stamped {
        points: points.collect::<Result<_, _>>()?,
        under_another_key: another.then_some(revision),
    }))
}
