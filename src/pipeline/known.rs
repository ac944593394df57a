//! What the ledger has said, for as long as its epoch stands still: every transaction that changes access or
//! what is served advances it.
//!
//! Whoever asks has just read the epoch. An answer that was read after its epoch may be newer than it, never
//! older: the change that made it so has advanced the epoch, and nobody is given the answer under the new one.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::domain::access::AccessClass;
use crate::domain::authorize::{Boundary, Rights};
use crate::domain::digest::Digest;
use crate::domain::id::{CollectionId, PointId};
use crate::domain::limits::{DECISIONS_KEPT_MAX, RIGHTS_KEPT_MAX, STATES_KEPT_MAX};
use crate::domain::retrieval::{ChunkState, Liveness};
use crate::domain::source::Tenant;

/// States of chunks by their points.
pub(super) type States = BTreeMap<PointId, Arc<ChunkState>>;

/// Shared by all clones of a guard.
#[derive(Debug, Default)]
pub struct Known(Mutex<AsOf>);

#[derive(Debug, Default)]
struct AsOf {
    epoch: u64,
    classes: BTreeMap<Tenant, Arc<Vec<AccessClass>>>,
    states: BTreeMap<(CollectionId, PointId), Arc<ChunkState>>,
    /// By all that rights hang on. Decisions outlive the epoch, boundaries do not.
    rights: BTreeMap<Digest, Kept>,
    /// How many decisions the rights held when each was last kept.
    decisions: usize,
}

#[derive(Debug)]
struct Kept {
    rights: Arc<Rights>,
    /// `None`: it was drawn at an older epoch.
    boundary: Option<Boundary>,
    /// How many decisions are counted for it.
    counted: usize,
}

impl Known {
    /// What is known as of this epoch; `None` when a later one was already read.
    fn at(&self, epoch: u64) -> Option<MutexGuard<'_, AsOf>> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if epoch > known.epoch {
            let mut rights = std::mem::take(&mut known.rights);
            rights.values_mut().for_each(|kept| kept.boundary = None);
            let decisions = known.decisions;
            *known = AsOf { epoch, rights, decisions, ..AsOf::default() };
        }
        (epoch == known.epoch).then_some(known)
    }

    /// The classes of a tenant, if they were read at this epoch.
    pub(super) fn classes(&self, epoch: u64, tenant: &Tenant) -> Option<Arc<Vec<AccessClass>>> {
        self.at(epoch)?.classes.get(tenant).map(Arc::clone)
    }

    /// Keeps what was read after this epoch.
    pub(super) fn keep_classes(
        &self,
        epoch: u64,
        tenant: &Tenant,
        classes: &Arc<Vec<AccessClass>>,
    ) {
        if let Some(mut known) = self.at(epoch) {
            known.classes.insert(tenant.clone(), Arc::clone(classes));
        }
    }

    /// The rights under this key, and their boundary if it was drawn at this epoch.
    pub(super) fn rights(
        &self,
        epoch: u64,
        key: Digest,
    ) -> (Option<Arc<Rights>>, Option<Boundary>) {
        let known = self.at(epoch);
        match known.as_ref().and_then(|known| known.rights.get(&key)) {
            Some(kept) => (Some(Arc::clone(&kept.rights)), kept.boundary.clone()),
            None => (None, None),
        }
    }

    /// Keeps rights with a boundary that was drawn after this epoch. Where there are too many, all are forgotten:
    /// they are made again as they are asked for.
    pub(super) fn keep_rights(
        &self,
        epoch: u64,
        key: Digest,
        rights: &Arc<Rights>,
        boundary: &Boundary,
    ) {
        let Some(mut known) = self.at(epoch) else { return };
        // They grow with every class that is new.
        let counted = rights.decisions();
        let before = known.rights.remove(&key).map_or(0, |kept| kept.counted);
        known.decisions = known.decisions.saturating_sub(before).saturating_add(counted);
        if known.rights.len() >= RIGHTS_KEPT_MAX || known.decisions > DECISIONS_KEPT_MAX {
            known.rights.clear();
            known.decisions = counted;
        }
        let (rights, boundary) = (Arc::clone(rights), Some(boundary.clone()));
        known.rights.insert(key, Kept { rights, boundary, counted });
    }

    /// Those of these points whose states were read at this epoch.
    pub(super) fn states(
        &self,
        epoch: u64,
        collection: CollectionId,
        points: &[PointId],
    ) -> States {
        let Some(known) = self.at(epoch) else { return States::new() };
        let state =
            |point: &PointId| Some((*point, Arc::clone(known.states.get(&(collection, *point))?)));
        points.iter().filter_map(state).collect()
    }

    /// Keeps what was read after this epoch of chunks that are served and lie still: the others change
    /// without a new epoch, when their points are moved or dropped.
    pub(super) fn keep_states(&self, epoch: u64, collection: CollectionId, states: &States) {
        let Some(mut known) = self.at(epoch) else { return };
        for (point, state) in states {
            let is_still = state.liveness == Liveness::Serving && state.moving_from.is_none();
            if is_still && known.states.len() < STATES_KEPT_MAX {
                known.states.insert((collection, *point), Arc::clone(state));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Known, States};
    use crate::adapters::credentials::Directory;
    use crate::domain::access::{AccessClass, AccessList};
    use crate::domain::authorize::{AccessPolicies, Circumstances, Rights};
    use crate::domain::digest::Digest;
    use crate::domain::id::{ChunkId, ClassId, CollectionId, DocumentId, PointId, RevisionId};
    use crate::domain::policy::Verdict;
    use crate::domain::retrieval::{ChunkState, Liveness};
    use crate::domain::time::Timestamp;
    use crate::domain::verdict::Basis;
    use std::sync::Arc;
    use uuid::Uuid;

    fn state(liveness: Liveness, is_moving: bool) -> Arc<ChunkState> {
        let class = ClassId::new(Uuid::from_u128(1));
        Arc::new(ChunkState {
            chunk: ChunkId::new(Uuid::from_u128(2)),
            document: DocumentId::new(Uuid::from_u128(3)),
            revision: RevisionId::new(Uuid::from_u128(4)),
            origin: Digest::of(b"origin"),
            liveness,
            class: AccessClass {
                id: class,
                tenant: "main".parse().unwrap(),
                list: AccessList::default(),
            }
            .into(),
            generation: 1,
            moving_from: is_moving.then_some((class, 0)),
            basis: Basis::Policy,
            verdict: Verdict::Admit,
            expires_at: None,
        })
    }

    #[test]
    fn nothing_of_an_older_epoch_comes_back_and_nothing_is_kept_under_one() {
        let known = Known::default();
        let collection = CollectionId::new(Uuid::from_u128(9));
        let point = |number| PointId::new(Uuid::from_u128(number));
        let serving = States::from([(point(1), state(Liveness::Serving, false))]);
        known.keep_states(5, collection, &serving);
        assert_eq!(known.states(5, collection, &[point(1), point(2)]).len(), 1);
        let other = CollectionId::new(Uuid::from_u128(8));
        assert!(known.states(5, other, &[point(1)]).is_empty());
        assert!(known.states(6, collection, &[point(1)]).is_empty());
        known.keep_states(5, collection, &serving);
        assert!(known.states(5, collection, &[point(1)]).is_empty());
        assert!(known.states(6, collection, &[point(1)]).is_empty());
        let tenant = "main".parse().unwrap();
        known.keep_classes(5, &tenant, &Arc::default());
        assert!(known.classes(5, &tenant).is_none() && known.classes(6, &tenant).is_none());
        known.keep_classes(6, &tenant, &Arc::default());
        assert!(known.classes(6, &tenant).is_some());
    }

    #[test]
    fn decisions_outlive_the_epoch_boundaries_do_not_and_all_are_counted() {
        let known = Known::default();
        let circumstances =
            Circumstances { at: Timestamp(0), purpose: None, app: None, user: None };
        let caller = Directory::default().view_as_in_file(&"main".parse().unwrap(), "ana").unwrap();
        let policies = Arc::new(AccessPolicies::read(&[]).unwrap());
        let rights = Arc::new(Rights::new(caller, circumstances, policies, [].into()));
        let class = |number| AccessClass {
            id: ClassId::new(Uuid::from_u128(number)),
            tenant: "main".parse().unwrap(),
            list: AccessList::default(),
        };
        let key = Digest::of(b"ana");
        known.keep_rights(5, key, &rights, &rights.boundary(&[class(1)]));
        assert!(known.rights(5, key).1.is_some());
        let (again, boundary) = known.rights(6, key);
        assert!(again.is_some() && boundary.is_none());
        // Drawn at an older epoch, it does not come back.
        known.keep_rights(5, key, &rights, &rights.boundary(&[class(1)]));
        assert!(known.rights(6, key).1.is_none());
        let classes: Vec<AccessClass> = (1..=40).map(class).collect();
        for _ in 0..3 {
            known.keep_rights(6, key, &rights, &rights.boundary(&classes));
            assert_eq!(known.0.lock().unwrap().decisions, 40);
        }
    }

    #[test]
    fn what_changes_without_an_epoch_is_not_kept() {
        let known = Known::default();
        let collection = CollectionId::new(Uuid::from_u128(9));
        let point = PointId::new(Uuid::from_u128(1));
        for state in [
            state(Liveness::Serving, true),
            state(Liveness::InTransit, false),
            state(Liveness::Ended, false),
        ] {
            known.keep_states(1, collection, &States::from([(point, state)]));
            assert!(known.states(1, collection, &[point]).is_empty());
        }
    }
}
