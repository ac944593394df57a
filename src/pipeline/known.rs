//! What the ledger has said, for as long as its epoch stands still: every transaction that changes access or
//! what is served advances it.
//!
//! Classes never change under their ids, so that lists of them and decisions outlive the epoch: a list says as of which
//! epoch it is, and grows.
//!
//! Whoever asks has just read the epoch. An answer that was read after its epoch may be newer than it, never
//! older: the change that made it so has advanced the epoch, and nobody is given the answer under the new one.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::domain::access::AccessClass;
use crate::domain::authorize::Rights;
use crate::domain::digest::Digest;
use crate::domain::id::{CollectionId, PointId};
use crate::domain::limits::{DECISIONS_KEPT_MAX, RIGHTS_KEPT_MAX, STATES_KEPT_MAX};
use crate::domain::retrieval::{ChunkState, Liveness};
use crate::domain::source::Tenant;

use super::rights::{ClassList, Drawn};

/// States of chunks by their points.
pub(super) type States = BTreeMap<PointId, Arc<ChunkState>>;

/// Shared by all clones of a guard.
#[derive(Debug, Default)]
pub struct Known(Mutex<AsOf>);

#[derive(Debug, Default)]
struct AsOf {
    epoch: u64,
    states: BTreeMap<(CollectionId, PointId), Arc<ChunkState>>,
    lasting: Lasting,
}

/// What the epoch does not end.
#[derive(Debug, Default)]
struct Lasting {
    classes: BTreeMap<Tenant, Arc<ClassList>>,
    /// How many lists were begun.
    readings: u64,
    /// By all that rights hang on.
    rights: BTreeMap<Digest, Kept>,
    /// How many decisions the rights held when each was last kept.
    decisions: usize,
}

#[derive(Debug)]
struct Kept {
    rights: Arc<Rights>,
    drawn: Drawn,
    /// How many decisions are counted for it.
    counted: usize,
}

impl Known {
    fn lock(&self) -> MutexGuard<'_, AsOf> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known as of this epoch; `None` when a later one was already read.
    fn at(&self, epoch: u64) -> Option<MutexGuard<'_, AsOf>> {
        let mut known = self.lock();
        if epoch > known.epoch {
            known.epoch = epoch;
            known.states.clear();
        }
        (epoch == known.epoch).then_some(known)
    }

    /// The classes of a tenant, as of some epoch.
    pub(super) fn classes(&self, tenant: &Tenant) -> Option<Arc<ClassList>> {
        self.lock().lasting.classes.get(tenant).map(Arc::clone)
    }

    /// The list that is known with what came to guard something since, as of this epoch; a later one, if that is known by
    /// now. `None`: it is to be read whole.
    pub(super) fn grow_classes(
        &self,
        tenant: &Tenant,
        since: Vec<AccessClass>,
        as_of: u64,
    ) -> Option<Arc<ClassList>> {
        let classes = &mut self.lock().lasting.classes;
        let known = classes.get_mut(tenant)?;
        if known.as_of < as_of {
            *known = Arc::new(known.grown(since, as_of)?);
        }
        Some(Arc::clone(known))
    }

    /// A list that was read whole; a later one, if that is known by now.
    pub(super) fn begin_classes(
        &self,
        tenant: &Tenant,
        classes: Vec<AccessClass>,
        as_of: u64,
    ) -> Arc<ClassList> {
        let lasting = &mut self.lock().lasting;
        if let Some(known) = lasting.classes.get(tenant).filter(|known| as_of < known.as_of) {
            return Arc::clone(known);
        }
        lasting.readings += 1;
        let list = Arc::new(ClassList::whole(classes, as_of, lasting.readings));
        lasting.classes.insert(tenant.clone(), Arc::clone(&list));
        list
    }

    /// The rights under this key, and their boundary as it was last drawn.
    pub(super) fn rights(&self, key: Digest) -> Option<(Arc<Rights>, Drawn)> {
        let known = self.lock();
        known.lasting.rights.get(&key).map(|kept| (Arc::clone(&kept.rights), kept.drawn.clone()))
    }

    /// Keeps rights with a boundary. Where there are too many, all are forgotten: they are made again as they are asked
    /// for.
    pub(super) fn keep_rights(&self, key: Digest, rights: &Arc<Rights>, drawn: Drawn) {
        let known = &mut self.lock().lasting;
        // They grow with every class that is new.
        let counted = rights.decisions();
        let before = known.rights.remove(&key).map_or(0, |kept| kept.counted);
        known.decisions = known.decisions.saturating_sub(before).saturating_add(counted);
        if known.rights.len() >= RIGHTS_KEPT_MAX || known.decisions > DECISIONS_KEPT_MAX {
            known.rights.clear();
            known.decisions = counted;
        }
        known.rights.insert(key, Kept { rights: Arc::clone(rights), drawn, counted });
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
    use crate::domain::authorize::{AccessPolicies, Boundary, Circumstances, Rights};
    use crate::domain::digest::Digest;
    use crate::domain::id::{ChunkId, ClassId, CollectionId, DocumentId, PointId, RevisionId};
    use crate::domain::policy::Verdict;
    use crate::domain::retrieval::{ChunkState, Liveness};
    use crate::domain::time::Timestamp;
    use crate::domain::verdict::Basis;
    use crate::pipeline::rights::ClassList;
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
    }

    #[test]
    fn whoever_reads_at_once_gets_one_list_that_grows() {
        let known = Known::default();
        let tenant = "main".parse().unwrap();
        let class = |number| AccessClass {
            id: ClassId::new(Uuid::from_u128(number)),
            tenant: "main".parse().unwrap(),
            list: AccessList::default(),
        };
        assert!(known.classes(&tenant).is_none());
        assert!(known.grow_classes(&tenant, Vec::new(), 5).is_none());
        let begun = known.begin_classes(&tenant, vec![class(5)], 5);
        let drawn = begun.drawn(Boundary::default());
        // Two read what came since; the one that read later is first.
        let later = known.grow_classes(&tenant, vec![class(7), class(3)], 7).unwrap();
        let earlier = known.grow_classes(&tenant, vec![class(7)], 6).unwrap();
        assert!(Arc::ptr_eq(&later, &earlier));
        assert_eq!(later.after(Some(&drawn)).1.len(), 2);
        let last = known.grow_classes(&tenant, vec![class(3), class(1)], 8).unwrap();
        assert_eq!(last.after(Some(&later.drawn(Boundary::default()))).1.len(), 1);
        // An older reading of the whole is not taken; a newer one is another list.
        assert!(Arc::ptr_eq(&known.begin_classes(&tenant, Vec::new(), 7), &last));
        let anew = known.begin_classes(&tenant, vec![class(1), class(3)], 9);
        assert_eq!(anew.after(Some(&last.drawn(Boundary::default()))).1.len(), 2);
    }

    #[test]
    fn decisions_outlive_the_epoch_and_all_are_counted() {
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
        let classes: Vec<AccessClass> = (1..=40).map(class).collect();
        let list = ClassList::whole(classes.clone(), 1, 1);
        let key = Digest::of(b"ana");
        for _ in 0..3 {
            known.keep_rights(key, &rights, list.drawn(rights.boundary(&classes)));
            assert_eq!(known.0.lock().unwrap().lasting.decisions, 40);
            assert!(known.at(9).is_some() && known.rights(key).is_some());
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
