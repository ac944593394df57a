//! The store made anew from the ledger.

use crate::domain::id::PointId;
use crate::domain::source::Collection;

use super::error::GuardError;
use super::events::Event;
use super::guard::Guard;
use super::settle::stamped;
use super::turns::Turn;

/// Revisions that are placed before the next are looked up.
const PAGE: usize = 64;

impl Guard {
    /// Destroys a collection's store and writes every served point again; returns how many. Begun and
    /// not ended, it is done again at the next start, before anything is served. Meanwhile the collection
    /// answers no question: a part of an answer would be taken for all of it.
    pub async fn rebuild(&self, collection: &Collection) -> Result<usize, GuardError> {
        let turn = self.turns.to_write().await;
        self.make_anew(collection, &turn).await
    }

    pub(super) async fn make_anew(
        &self,
        collection: &Collection,
        turn: &Turn<'_>,
    ) -> Result<usize, GuardError> {
        self.ledger.set_rebuilding(collection.id, true).await?;
        self.turns.rebuild_begins(collection.id);
        self.store.destroy(collection.id).await?;
        self.store.create(collection).await?;
        let ring = self.keys();
        let (mut points, mut anew) = (0, Vec::new());
        let mut after = None;
        loop {
            let page = self.ledger.serving(collection.id, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(*last);
            for revision in page {
                let placing = self.ledger.placing(revision).await?;
                // What a revoked key sealed is left out: it would be withheld, and a reseal writes it.
                let Some(stamped) = stamped(placing, &ring)? else { continue };
                points += stamped.points.len();
                self.write(&stamped.points, turn).await?;
                anew.extend(stamped.under_another_key);
            }
        }
        self.store.flush(collection.id).await?;
        self.note_placed(&anew, &ring).await?;
        // What waited to be deleted went with the old store.
        let gone = self.ledger.points_to_drop().await?;
        let gone: Vec<PointId> = gone
            .into_iter()
            .filter(|(of, _)| *of == collection.id)
            .map(|(_, point)| point)
            .collect();
        self.ledger.points_dropped(&gone).await?;
        self.record(&Event::Rebuilt { collection: collection.id, points }).await?;
        self.ledger.set_rebuilding(collection.id, false).await?;
        self.turns.rebuild_ended(collection.id);
        Ok(points)
    }
}
