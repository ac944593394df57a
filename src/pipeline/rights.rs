//! What a caller may read, decided once and remembered: over the tenant's classes, of which only those that are new
//! are read and decided when the epoch moves.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::task::spawn_blocking;

use crate::domain::access::AccessClass;
use crate::domain::authorize::{Boundary, Circumstances, Rights};
use crate::domain::caller::Caller;
use crate::domain::digest::Digest;
use crate::domain::id::ClassId;
use crate::domain::limits::{CLASSES_DECIDED_HERE_MAX, POLICY_ERRORS_TOLD_MAX};
use crate::domain::source::{Name, Tenant};
use crate::domain::time::Timestamp;

use super::error::GuardError;
use super::events::Event;
use super::guard::Guard;

/// Classes of a tenant: all that guard something, and perhaps some that did so when the list was begun. Made by `Known`
/// alone, which grows one list and no two, so that what was drawn over one goes on over the next.
#[derive(Debug, Clone)]
pub(super) struct ClassList {
    classes: Arc<[Arc<AccessClass>]>,
    /// As of which epoch.
    pub(super) as_of: u64,
    /// The reading that it began with; no two have the same number.
    reading: u64,
    /// How many that reading found.
    began_with: usize,
}

impl ClassList {
    /// A list that was read whole.
    pub(super) fn whole(classes: Vec<AccessClass>, as_of: u64, reading: u64) -> Self {
        let classes: Arc<[Arc<AccessClass>]> = classes.into_iter().map(Arc::new).collect();
        let began_with = classes.len();
        Self { classes, as_of, reading, began_with }
    }

    /// The list with what came to guard something since. `None`: half of it is new, so that much of the old may guard
    /// nothing any more; it is better read whole.
    pub(super) fn grown(&self, since: Vec<AccessClass>, as_of: u64) -> Option<Self> {
        let mut new: BTreeMap<ClassId, AccessClass> =
            since.into_iter().map(|class| (class.id, class)).collect();
        // In the steady state every one of them is known.
        for known in self.classes.iter() {
            if new.is_empty() {
                break;
            }
            new.remove(&known.id);
        }
        let classes = match new.is_empty() {
            true => Arc::clone(&self.classes),
            false => {
                let new = new.into_values().map(Arc::new);
                self.classes.iter().map(Arc::clone).chain(new).collect()
            }
        };
        let most = self.began_with.saturating_mul(2).saturating_add(CLASSES_DECIDED_HERE_MAX);
        (classes.len() <= most).then_some(Self { classes, as_of, ..*self })
    }

    /// What to decide for a caller whose boundary over an earlier list is known: the boundary so far, and the
    /// classes after it.
    pub(super) fn after(&self, known: Option<&Drawn>) -> (Boundary, &[Arc<AccessClass>]) {
        match known {
            Some(drawn) if drawn.reading == self.reading => {
                let rest = self.classes.get(drawn.upto..).unwrap_or_default();
                (drawn.boundary.clone(), rest)
            }
            Some(_) | None => (Boundary::default(), &self.classes),
        }
    }

    /// A boundary that was drawn over all of this list.
    pub(super) fn drawn(&self, boundary: Boundary) -> Drawn {
        Drawn { boundary, reading: self.reading, upto: self.classes.len() }
    }
}

/// A boundary, and over which list it was drawn.
#[derive(Debug, Clone)]
pub(super) struct Drawn {
    pub(super) boundary: Boundary,
    reading: u64,
    upto: usize,
}

impl Guard {
    /// What this caller may read now, and the boundary of it.
    pub(super) async fn rights_of(
        &self,
        caller: &Caller,
        purpose: Option<&Name>,
    ) -> Result<(Arc<Rights>, Boundary), GuardError> {
        let epoch = self.ledger.epoch().await?;
        let policies = &self.access_policies;
        // Policies see seconds, so that decisions of one second can be shared.
        let second = self.now().0.div_euclid(1000);
        let moment = if policies.asks_time() { second } else { 0 };
        let of_epoch = if policies.asks_source() { epoch } else { 0 };
        let key = Digest::of_parts([
            policies.digest().0.as_slice(),
            caller.digest().0.as_slice(),
            purpose.map_or("", Name::as_str).as_bytes(),
            &moment.to_be_bytes(),
            &of_epoch.to_be_bytes(),
        ]);
        let (rights, drawn) = self.known.rights(key).unzip();
        let rights = match rights {
            Some(rights) => rights,
            None => Arc::new(self.fresh_rights(caller, purpose, second).await?),
        };
        let list = self.classes_of(epoch, caller.tenant()).await?;
        let (so_far, new) = list.after(drawn.as_ref());
        if new.is_empty() {
            return Ok((rights, so_far));
        }
        let boundary = if new.len() <= CLASSES_DECIDED_HERE_MAX {
            so_far.joined(rights.boundary(new))
        } else {
            let (rights, new) = (Arc::clone(&rights), new.to_vec());
            let decided = spawn_blocking(move || rights.boundary(&new)).await;
            so_far.joined(decided.map_err(|error| GuardError::Task(error.to_string()))?)
        };
        self.known.keep_rights(key, &rights, list.drawn(boundary.clone()));
        self.record_errors(&rights).await?;
        Ok((rights, boundary))
    }

    /// Rights of which nothing is decided yet.
    pub(super) async fn fresh_rights(
        &self,
        caller: &Caller,
        purpose: Option<&Name>,
        second: i64,
    ) -> Result<Rights, GuardError> {
        let sources = match self.access_policies.asks_source() {
            true => self.ledger.sources().await?,
            false => Vec::new(),
        };
        let of_tenant = sources.into_iter().filter(|one| one.tenant == *caller.tenant());
        let at = Timestamp(second.saturating_mul(1000));
        let circumstances = Circumstances::of(caller, at, purpose.cloned());
        let policies = Arc::clone(&self.access_policies);
        let sources = of_tenant.map(|source| (source.id, source.name)).collect();
        Ok(Rights::new(caller.clone(), circumstances, policies, sources))
    }

    /// Puts on record what policies could not be evaluated on; the answer was no.
    pub(super) async fn record_errors(&self, rights: &Rights) -> Result<(), GuardError> {
        let errors = rights.take_errors();
        if !errors.is_empty() {
            let (caller, count) = (rights.caller().name().to_owned(), errors.len());
            let errors = errors.into_iter().take(POLICY_ERRORS_TOLD_MAX).collect();
            self.record(&Event::PolicyFault { caller, count, errors }).await?;
        }
        Ok(())
    }

    /// The classes of a tenant as of this epoch, or a later one.
    async fn classes_of(&self, epoch: u64, tenant: &Tenant) -> Result<Arc<ClassList>, GuardError> {
        let known = self.known.classes(tenant);
        if let Some(known) = known.as_ref().filter(|known| epoch <= known.as_of) {
            return Ok(Arc::clone(known));
        }
        if let Some(known) = known {
            let (since, as_of) = self.ledger.classes_since(tenant, known.as_of).await?;
            if let Some(grown) = self.known.grow_classes(tenant, since, as_of) {
                return Ok(grown);
            }
        }
        let (classes, as_of) = self.ledger.classes(tenant).await?;
        Ok(self.known.begin_classes(tenant, classes, as_of))
    }
}

#[cfg(test)]
mod tests {
    use super::ClassList;
    use crate::domain::access::{AccessClass, AccessList};
    use crate::domain::authorize::Boundary;
    use crate::domain::id::ClassId;
    use crate::domain::limits::CLASSES_DECIDED_HERE_MAX;
    use uuid::Uuid;

    fn classes(numbers: std::ops::Range<usize>) -> Vec<AccessClass> {
        let class = |number| AccessClass {
            id: ClassId::new(Uuid::from_u128(number as u128)),
            tenant: "main".parse().unwrap(),
            list: AccessList::default(),
        };
        numbers.map(class).collect()
    }

    #[test]
    fn a_list_grows_by_what_is_new_and_a_boundary_goes_on_where_it_ended() {
        let list = ClassList::whole(classes(0..4), 7, 1);
        let drawn = list.drawn(Boundary::default());
        assert!(list.after(Some(&drawn)).1.is_empty());
        assert_eq!(list.after(None).1.len(), 4);
        let grown = list.grown(classes(2..6), 9).unwrap();
        assert_eq!((grown.as_of, grown.after(None).1.len()), (9, 6));
        let ids: Vec<ClassId> = grown.after(Some(&drawn)).1.iter().map(|class| class.id).collect();
        assert_eq!(ids, classes(4..6).iter().map(|class| class.id).collect::<Vec<_>>());
        // Another reading begins anew.
        let again = ClassList::whole(classes(1..6), 10, 2);
        assert_eq!(again.after(Some(&drawn)).1.len(), 5);
    }

    #[test]
    fn a_list_that_has_become_another_is_read_whole() {
        let list = ClassList::whole(classes(0..10), 1, 1);
        let most = 20 + CLASSES_DECIDED_HERE_MAX;
        assert!(list.grown(classes(0..most), 2).is_some());
        assert!(list.grown(classes(0..most + 1), 2).is_none());
    }
}
