//! What one caller may read: each access list decided once.
//!
//! A class never changes under its id, so a decision on it holds for as long as the caller, the policies and what they
//! ask of the moment are the same; a `Rights` is of one such state and is thrown away with it.

use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use super::{AccessPolicies, Circumstances, Decision, Resource};
use crate::domain::access::{AccessClass, Identity};
use crate::domain::caller::Caller;
use crate::domain::id::{ClassId, SourceId};
use crate::domain::limits::DECISIONS_AT_ONCE;
use crate::domain::source::Name;

/// A caller under the policies in force, at one moment.
pub struct Rights {
    caller: Caller,
    circumstances: Circumstances,
    policies: Arc<AccessPolicies>,
    /// Names of the sources, where a policy asks for them.
    sources: BTreeMap<SourceId, Name>,
    memory: RwLock<Memory>,
}

#[derive(Debug, Default)]
struct Memory {
    decided: BTreeMap<Guarded, bool>,
    errors: BTreeSet<String>,
}

/// What a decision is on: a class, and the source where policies ask for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Guarded {
    class: ClassId,
    source: Option<SourceId>,
}

/// The classes that a caller's hits can be of: what the store's filter names. Made by full evaluation alone.
#[derive(Debug, Clone, Default)]
pub struct Boundary {
    classes: Arc<[ClassId]>,
}

impl Boundary {
    /// The classes, in rising order.
    pub const fn classes(&self) -> &Arc<[ClassId]> {
        &self.classes
    }
    fn over(mut classes: Vec<ClassId>) -> Self {
        classes.sort_unstable();
        classes.dedup();
        Self { classes: classes.into() }
    }
    /// The boundary over what this one and another are over.
    #[must_use]
    pub fn joined(self, other: Self) -> Self {
        match (self.classes.is_empty(), other.classes.is_empty()) {
            (_, true) => self,
            (true, false) => other,
            (false, false) => {
                let all = self.classes.iter().chain(other.classes.iter()).copied();
                Self::over(all.collect())
            }
        }
    }
}

impl fmt::Debug for Rights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rights").field("caller", &self.caller.name()).finish_non_exhaustive()
    }
}

impl Rights {
    /// Rights of which nothing is decided yet. `sources` are needed only where `AccessPolicies::asks_source`.
    pub fn new(
        caller: Caller,
        circumstances: Circumstances,
        policies: Arc<AccessPolicies>,
        sources: BTreeMap<SourceId, Name>,
    ) -> Self {
        Self { caller, circumstances, policies, sources, memory: RwLock::default() }
    }

    /// Whose they are.
    pub const fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Every one of these classes of which the caller may read anything.
    pub fn boundary<C: Borrow<AccessClass>>(&self, classes: &[C]) -> Boundary {
        let classes = classes.iter().map(Borrow::borrow);
        let asked: Vec<(&AccessClass, Option<SourceId>)> = if self.policies.asks_source() {
            let each = |class| self.sources.keys().map(move |source| (class, Some(*source)));
            classes.flat_map(each).collect()
        } else {
            classes.map(|class| (class, None)).collect()
        };
        let decided = self.decided(&asked);
        let inside = asked.iter().zip(decided).filter(|(_, allowed)| *allowed);
        Boundary::over(inside.map(|((class, _), _)| class.id).collect())
    }

    /// Whether every side of the caller may read what this class guards, from this source.
    pub fn may_read(&self, class: &AccessClass, source: SourceId) -> bool {
        let source = self.policies.asks_source().then_some(source);
        self.decided(&[(class, source)]).first().is_some_and(|allowed| *allowed)
    }

    /// Whether the boundary has this class, whatever a document's source.
    pub fn bounds(&self, class: &AccessClass) -> bool {
        !self.boundary(std::slice::from_ref(class)).classes.is_empty()
    }

    /// What each side is told, and by which policies and entries.
    pub fn explain(&self, class: &AccessClass, source: SourceId) -> Vec<(&Identity, Decision)> {
        let source = self.policies.asks_source().then_some(source);
        let resource = self.resource(class, source);
        let decide = |side| {
            let said = self.policies.decide(side, &self.circumstances, &[resource]);
            said.into_iter().map(move |decision| (side, decision))
        };
        self.caller.sides().flat_map(decide).collect()
    }

    /// How many decisions are kept.
    pub fn decisions(&self) -> usize {
        self.memory.read().unwrap_or_else(PoisonError::into_inner).decided.len()
    }

    /// What policies could not be evaluated on since this was last asked; each of these was a no.
    pub fn take_errors(&self) -> BTreeSet<String> {
        if self.memory.read().unwrap_or_else(PoisonError::into_inner).errors.is_empty() {
            return BTreeSet::new();
        }
        std::mem::take(&mut self.memory.write().unwrap_or_else(PoisonError::into_inner).errors)
    }

    /// One answer for each, from memory where it was asked before.
    fn decided(&self, asked: &[(&AccessClass, Option<SourceId>)]) -> Vec<bool> {
        let mut answers: Vec<Option<bool>> = {
            let memory = self.memory.read().unwrap_or_else(PoisonError::into_inner);
            let known = |(class, source): &(&AccessClass, Option<SourceId>)| {
                memory.decided.get(&Guarded { class: class.id, source: *source }).copied()
            };
            asked.iter().map(known).collect()
        };
        let open: Vec<usize> =
            (0..).zip(&answers).filter(|(_, one)| one.is_none()).map(|(index, _)| index).collect();
        for part in open.chunks(DECISIONS_AT_ONCE) {
            let part: Vec<(usize, &AccessClass, Option<SourceId>)> = part
                .iter()
                .filter_map(|index| {
                    asked.get(*index).map(|(class, source)| (*index, *class, *source))
                })
                .collect();
            let fresh = self.decide(&part);
            let mut memory = self.memory.write().unwrap_or_else(PoisonError::into_inner);
            for ((index, class, source), (allowed, errors)) in part.into_iter().zip(fresh) {
                memory.decided.insert(Guarded { class: class.id, source }, allowed);
                memory.errors.extend(errors);
                if let Some(answer) = answers.get_mut(index) {
                    *answer = Some(allowed);
                }
            }
        }
        answers.into_iter().map(|answer| answer.unwrap_or(false)).collect()
    }

    /// Asks the policies: every side about each.
    fn decide(
        &self,
        asked: &[(usize, &AccessClass, Option<SourceId>)],
    ) -> Vec<(bool, Vec<String>)> {
        let mut answers: Vec<(bool, Vec<String>)> =
            asked.iter().map(|_| (true, Vec::new())).collect();
        for side in self.caller.sides() {
            let mut places = Vec::new();
            let mut resources = Vec::new();
            for (place, ((_, class, source), answer)) in asked.iter().zip(&mut answers).enumerate()
            {
                let resource = self.resource(class, *source);
                // A source of no known name is one that policies cannot speak of.
                let is_named = source.is_none() || resource.source.is_some();
                answer.0 = answer.0 && is_named && self.policies.could_allow(side, &resource);
                if answer.0 {
                    places.push(place);
                    resources.push(resource);
                }
            }
            let said = self.policies.decide(side, &self.circumstances, &resources);
            for (place, decision) in places.into_iter().zip(said) {
                if let Some(answer) = answers.get_mut(place) {
                    answer.0 = decision.allowed;
                    answer.1.extend(decision.errors);
                }
            }
        }
        answers
    }

    fn resource<'a>(&'a self, class: &'a AccessClass, source: Option<SourceId>) -> Resource<'a> {
        let source = source.and_then(|source| self.sources.get(&source)).map(Name::as_str);
        Resource { class, source }
    }
}
