//! What the ledger serves, sealed anew under the key that signs: after a rotation, and after a
//! revocation, when it restores what is withheld.
//!
//! A revision's records are replaced in one transaction, which also notes that its points still carry the
//! old key; then its points are written and flushed, and that is noted. Stopped anywhere, the next reseal
//! finds exactly what is left to do. Queries go on: until a point is written anew its old stamp holds, if
//! its key was retired, or is withheld, if it was revoked.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use tokio::task::spawn_blocking;

use crate::domain::id::{CollectionId, RevisionId};
use crate::domain::keys::KeyRing;
use crate::domain::limits::RESEAL_BATCH_REVISIONS;
use crate::domain::origin::Origin;
use crate::domain::reseal::{Kept, reseal};
use crate::domain::root::{self, RootStatement, SignedRoot};
use crate::domain::source::Name;
use crate::domain::stamp::{ChunkRecord, SealError, StampedChunk};

use super::error::GuardError;
use super::events::Event;
use super::guard::Guard;
use super::ledger::{LedgerError, Placing};
use super::settle::stamped;

/// What was sealed anew.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Resealed {
    /// Revisions.
    pub revisions: usize,
    /// Their chunks.
    pub chunks: usize,
    /// Revisions that could not be, each with what is wrong with it.
    pub left: Vec<(RevisionId, &'static str)>,
}

impl Guard {
    /// Seals anew everything that carries another key than the one that signs, or of this only what
    /// carries `key`. In bounded batches; what fails is left, on record, and does not stop the rest.
    pub async fn reseal(&self, key: Option<&Name>) -> Result<Resealed, GuardError> {
        let _alone = self.turns.to_reseal().await;
        let mut resealed = Resealed::default();
        let mut after = None;
        loop {
            let ring = self.keys();
            let signing = ring.signing_id();
            let page = self.ledger.carriers(key, signing, after, RESEAL_BATCH_REVISIONS).await?;
            let Some(last) = page.last() else { break };
            after = Some(*last);
            self.reseal_batch(&page, &ring, &mut resealed).await?;
        }
        self.record(&Event::Resealed {
            key: self.keys().signing_id().clone(),
            revisions: resealed.revisions,
            chunks: resealed.chunks,
            left: resealed.left.len(),
        })
        .await?;
        Ok(resealed)
    }

    async fn reseal_batch(
        &self,
        revisions: &[RevisionId],
        ring: &Arc<KeyRing>,
        resealed: &mut Resealed,
    ) -> Result<(), GuardError> {
        let mut ready = Vec::with_capacity(revisions.len());
        for revision in revisions {
            match self.reseal_records(*revision, ring).await {
                Ok(()) => ready.push(*revision),
                // It ended meanwhile.
                Err(GuardError::Ledger(
                    LedgerError::NotFound { .. } | LedgerError::Conflict { .. },
                )) => {}
                Err(error) => {
                    let reason = fault(&error).ok_or(error)?;
                    self.record(&Event::LedgerFault { revision: *revision, reason }).await?;
                    resealed.left.push((*revision, reason));
                }
            }
        }
        let turn = self.turns.to_write().await;
        let mut by_collection: BTreeMap<CollectionId, Vec<StampedChunk>> = BTreeMap::new();
        let mut placed = Vec::with_capacity(ready.len());
        for revision in ready {
            let placing = match self.ledger.placing(revision).await {
                Ok(placing) => placing,
                Err(LedgerError::NotFound { .. }) => continue,
                Err(error) => return Err(error.into()),
            };
            let collection = placing.place.collection;
            let Some(stamped) = stamped(placing, ring)? else { continue };
            resealed.revisions += 1;
            resealed.chunks += stamped.points.len();
            placed.push(revision);
            by_collection.entry(collection).or_default().extend(stamped.points);
        }
        for (collection, points) in &by_collection {
            self.write(points, &turn).await?;
            self.store.flush(*collection).await?;
        }
        self.note_placed(&placed, ring).await?;
        // A change of access that came while its points were withheld.
        for document in self.ledger.moves().await? {
            self.place_again(document, &turn).await?;
        }
        Ok(())
    }

    /// Replaces a revision's records in the ledger, unless they carry the signing key already.
    async fn reseal_records(
        &self,
        revision: RevisionId,
        ring: &Arc<KeyRing>,
    ) -> Result<(), GuardError> {
        let Placing { document, records, .. } = self.ledger.placing(revision).await?;
        let signing = ring.signing_id().as_str();
        if records.iter().all(|record| record.key == signing) {
            return Ok(());
        }
        let root = self.ledger.root(revision).await?;
        let (public, ring) = (self.signer.public(), Arc::clone(ring));
        let records = spawn_blocking(move || {
            let kept = Kept { document, revision, records, root: root.as_ref() };
            reseal(kept, &public, &ring)
        })
        .await
        .map_err(|error| GuardError::Task(error.to_string()))??;
        Ok(self.ledger.reseal(revision, &records).await?)
    }

    /// A root for a revision that was sealed before roots were made. Its records must have been checked.
    pub(super) fn late_root(&self, records: &[ChunkRecord]) -> Option<SignedRoot> {
        let origin = Origin::from_canonical(&records.first()?.origin)?;
        let statement = RootStatement {
            source: origin.source,
            document: origin.document,
            revision: origin.revision,
            file: origin.file,
            leaves: u32::try_from(records.len()).ok()?,
            root: root::tree(records).root(),
            signed_at: self.now(),
        };
        Some(root::signed(&statement, &self.signer))
    }
}

/// What is wrong with one revision; `None` when the fault is not its own.
pub(super) fn fault(error: &GuardError) -> Option<&'static str> {
    match error {
        GuardError::Seal(SealError::Record { fault, .. }) => Some(fault.code()),
        GuardError::Seal(SealError::Root { fault, .. }) => Some(fault.code()),
        GuardError::Seal(SealError::Withheld { .. }) => Some("stamp-key-unknown"),
        GuardError::Ledger(LedgerError::Damaged { .. }) => Some("ledger-damaged"),
        _ => None,
    }
}
