//! Everything that can be checked, checked: each stored point against its stamp and the ledger (as
//! `verify` does), each revision's chunks against its signed root, each kept blob against its key. With
//! repair, what the ledger knows better is put right.
//!
//! What the ledger itself has lost cannot be put right from the ledger: such revisions are named, and
//! their documents must be taken in again.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::domain::id::{PointId, RevisionId};
use crate::domain::retrieval::Liveness;
use crate::domain::root::{self, RootFault};
use crate::domain::source::{Collection, Name};
use crate::domain::stamp;

use super::error::GuardError;
use super::events::Event;
use super::guard::Guard;
use super::ledger::{LedgerError, RevisionState};
use super::reseal;
use super::settle::stamped;
use super::turns::Turn;
use super::verify::Verified;

/// Revisions, or faulty points, that are looked at before the next.
const PAGE: usize = 64;

/// What a sweep found, and did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Swept {
    /// Points, by collection.
    pub collections: Vec<(Name, Verified)>,
    /// Revisions whose blobs and root hold.
    pub intact: usize,
    /// Revisions of which something does not, each with its code.
    pub faults: Vec<(RevisionId, &'static str)>,
    /// What was put right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repaired: Option<Repaired>,
}

/// What was put right.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Repaired {
    /// Points that the ledger does not expect, deleted.
    pub deleted: usize,
    /// Points written anew from the ledger.
    pub placed: usize,
    /// Revisions that had no root, and have one now.
    pub signed: usize,
    /// Points that wait for a reseal, or for their document to be taken in again.
    pub left: usize,
}

impl Swept {
    /// Whether nothing was found.
    pub fn is_sound(&self) -> bool {
        self.faults.is_empty() && self.collections.iter().all(|(_, found)| found.is_sound())
    }
}

impl Guard {
    /// Checks everything; with `repair` also puts right what can be. Each fault, and each repair before it
    /// is made, is an event. Keeps sixteen bytes a point in memory.
    pub async fn sweep(&self, repair: bool) -> Result<Swept, GuardError> {
        let mut swept = Swept::default();
        let mut repaired = Repaired::default();
        for collection in self.ledger.collections().await? {
            let found = self.verify(&collection).await?;
            if repair {
                self.repair(&collection, &found.faults, &mut repaired).await?;
            }
            swept.collections.push((collection.name, found));
        }
        let mut after = None;
        loop {
            let page = self.ledger.kept(after, PAGE).await?;
            let Some((last, _)) = page.last() else { break };
            after = Some(*last);
            for (revision, state) in page {
                let Some(reason) = self.fault_of(revision, state).await? else {
                    swept.intact += 1;
                    continue;
                };
                self.record(&Event::LedgerFault { revision, reason }).await?;
                swept.faults.push((revision, reason));
                if repair && reason == RootFault::Missing.code() {
                    repaired.signed += usize::from(self.sign_late(revision).await?);
                }
            }
        }
        swept.repaired = repair.then_some(repaired);
        Ok(swept)
    }

    /// What is wrong with what the ledger kept of a revision.
    async fn fault_of(
        &self,
        revision: RevisionId,
        state: RevisionState,
    ) -> Result<Option<&'static str>, GuardError> {
        match self.ledger.contents(revision).await {
            Ok(_) => {}
            // It was removed or purged meanwhile.
            Err(LedgerError::NotFound { .. }) => return Ok(None),
            Err(LedgerError::Damaged { .. }) => return Ok(Some("contents-damaged")),
            Err(error) => return Err(error.into()),
        }
        match state {
            RevisionState::Pending | RevisionState::Serving => {}
            RevisionState::Superseded
            | RevisionState::Held
            | RevisionState::Rejected
            | RevisionState::Purged
            | RevisionState::Removed => return Ok(None),
        }
        // Its root goes when it ends, so the root is read first and the chunks say whether it still lives.
        let root = match self.ledger.root(revision).await {
            Err(LedgerError::Damaged { .. }) => return Ok(Some(RootFault::Malformed.code())),
            root => root?,
        };
        let records = match self.ledger.placing(revision).await {
            Ok(placing) => placing.records,
            Err(LedgerError::NotFound { .. }) => return Ok(None),
            Err(LedgerError::Damaged { .. }) => return Ok(Some("chunks-damaged")),
            Err(error) => return Err(error.into()),
        };
        match root::check(root.as_ref(), revision, &records, &self.public_key()) {
            Ok(_) => Ok(None),
            // Sealed before roots were made, with nothing to sign for.
            Err(RootFault::Missing) if records.is_empty() => Ok(None),
            Err(fault) => Ok(Some(fault.code())),
        }
    }

    /// Signs a root for a revision that has none, if every record still carries its own seal.
    async fn sign_late(&self, revision: RevisionId) -> Result<bool, GuardError> {
        let records = self.ledger.placing(revision).await?.records;
        let keys = self.keys();
        if !records.iter().all(|record| stamp::is_sealed(record, &keys)) {
            return Ok(false);
        }
        let Some(root) = self.late_root(&records) else { return Ok(false) };
        self.record(&Event::RootSigned { revision }).await?;
        match self.ledger.add_root(revision, &root).await {
            Ok(()) => Ok(true),
            Err(LedgerError::NotFound { .. } | LedgerError::Conflict { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Deletes faulty points that the ledger does not expect, and writes those that it does.
    async fn repair(
        &self,
        collection: &Collection,
        faults: &[(PointId, &'static str)],
        repaired: &mut Repaired,
    ) -> Result<(), GuardError> {
        for batch in faults.chunks(PAGE) {
            let points: Vec<PointId> = batch.iter().map(|(point, _)| *point).collect();
            let turn = self.turns.to_write().await;
            // Asked again in our turn: something may have been served or dropped since it was found.
            let states = self.ledger.states(collection.id, &points).await?;
            let mut foreign = Vec::new();
            let mut expected: BTreeMap<RevisionId, BTreeSet<PointId>> = BTreeMap::new();
            for point in points {
                match states.get(&point).map(|state| (state.liveness, state.revision)) {
                    None | Some((Liveness::Ended, _)) => foreign.push(point),
                    Some((Liveness::InTransit, _)) => {}
                    Some((Liveness::Serving, revision)) => {
                        expected.entry(revision).or_default().insert(point);
                    }
                }
            }
            self.record(&Event::Repaired {
                collection: collection.id,
                deleted: foreign.clone(),
                placed: expected.values().flatten().copied().collect(),
            })
            .await?;
            self.store.delete(collection.id, &foreign).await?;
            repaired.deleted += foreign.len();
            for (revision, points) in expected {
                let placed = self.place_some(revision, &points, &turn).await?;
                repaired.placed += placed;
                repaired.left += points.len() - placed;
            }
            self.store.flush(collection.id).await?;
        }
        Ok(())
    }

    /// Writes these points of a revision anew; returns how many.
    async fn place_some(
        &self,
        revision: RevisionId,
        points: &BTreeSet<PointId>,
        turn: &Turn<'_>,
    ) -> Result<usize, GuardError> {
        let ring = self.keys();
        let placing = self.ledger.placing(revision).await.map_err(GuardError::from);
        let stamped = match placing.and_then(|placing| stamped(placing, &ring)) {
            Ok(Some(stamped)) => stamped,
            Ok(None) => return Ok(0),
            Err(error) => return reseal::fault(&error).map(|_| 0).ok_or(error),
        };
        let mut chosen = stamped.points;
        chosen.retain(|chunk| points.contains(&chunk.point()));
        self.write(&chosen, turn).await?;
        Ok(chosen.len())
    }
}
