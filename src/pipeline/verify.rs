//! Every stamp of everything stored, and the ledger against the store, point by point.

use serde::Serialize;

use crate::domain::id::PointId;
use crate::domain::retrieval::{Hit, Withheld, matches_ledger};
use crate::domain::source::Collection;
use crate::domain::stamp;

use super::error::GuardError;
use super::events::Event;
use super::guard::Guard;

/// Points that are compared at once.
const PAGE: usize = 256;

/// What verification found in one collection.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// Points whose stamp, text, payload, vectors and place are as sealed and as the ledger says.
    pub intact: usize,
    /// Points that wait to be deleted or served: not a fault.
    pub in_transit: usize,
    /// Faulty points, each with its code.
    pub faults: Vec<(PointId, &'static str)>,
}

impl Verified {
    /// Whether the store is as the ledger says.
    pub const fn is_sound(&self) -> bool {
        self.faults.is_empty()
    }
}

impl Guard {
    /// Checks every stored point of a collection, and that none is missing. Each fault is an event.
    /// Keeps sixteen bytes a point in memory.
    pub async fn verify(&self, collection: &Collection) -> Result<Verified, GuardError> {
        let mut verified = Verified::default();
        // The store lists points in rising order, so this is sorted.
        let mut present: Vec<PointId> = Vec::new();
        loop {
            let page = self.store.scroll(collection.id, present.last().copied(), PAGE).await?;
            if page.is_empty() {
                break;
            }
            present.extend(page.iter().map(|hit| hit.point));
            self.check(collection, &page, &mut verified).await?;
        }
        let mut after = None;
        loop {
            let expected = self.ledger.served_points(collection.id, after, PAGE).await?;
            let Some(last) = expected.last() else { break };
            after = Some(*last);
            let missing = expected.iter().filter(|point| present.binary_search(point).is_err());
            verified.faults.extend(missing.map(|point| (*point, "missing")));
        }
        for (point, reason) in &verified.faults {
            let (collection, point) = (collection.id, *point);
            self.record(&Event::FaultFound { collection, point, reason }).await?;
        }
        Ok(verified)
    }

    async fn check(
        &self,
        collection: &Collection,
        page: &[Hit],
        verified: &mut Verified,
    ) -> Result<(), GuardError> {
        let points: Vec<PointId> = page.iter().map(|hit| hit.point).collect();
        let states = self.ledger.states(collection.id, &points).await?;
        let keys = self.keys();
        for hit in page {
            let checked = stamp::open(hit.collection, hit.point, &hit.payload, &hit.vectors, &keys)
                .map_err(Withheld::Fault)
                .and_then(|opened| {
                    let state = states.get(&hit.point).ok_or(Withheld::Orphan)?;
                    matches_ledger(&opened.origin, &opened.placement, state)
                });
            match checked {
                Ok(()) => verified.intact += 1,
                Err(withheld) if withheld.is_alarm() => {
                    verified.faults.push((hit.point, withheld.code()));
                }
                Err(_) => verified.in_transit += 1,
            }
        }
        Ok(())
    }
}
