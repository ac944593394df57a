//! Question → caller's boundary → hits → re-check → fusion → answer. An answer is made of `Cleared` hits
//! alone, and tells nothing about the others.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::future::try_join_all;

use crate::domain::authorize::Rights;
use crate::domain::budget::Spender;
use crate::domain::caller::{Caller, KnownAt};
use crate::domain::filter::Filter;
use crate::domain::id::{CollectionId, DocumentId, PointId};
use crate::domain::limits::{CANDIDATES_MAX, FUSION_DEPTH, REFILL_ROUNDS_MAX, RETRIEVE_K_MAX};
use crate::domain::retrieval::{Cleared, Hit, Query, ScopedQuery, recheck, scope};
use crate::domain::source::{Collection, Name};

use super::ask::{Ask, Leg};
use super::error::GuardError;
use super::events::Event;
use super::fuse::fused;
use super::guard::Guard;
use super::known::States;
use super::passage::Passage;
use super::ports::StoreError;

/// A question of a caller.
#[derive(Debug, Clone)]
pub struct Question<'a> {
    /// Who asks.
    pub caller: &'a Caller,
    /// Whether the operator or an administrator looks as this user.
    pub view_as: bool,
    /// What for, as the application says; policies may ask for it.
    pub purpose: Option<&'a Name>,
    /// Where to search.
    pub collection: &'a Collection,
    /// What.
    pub ask: Ask<'a>,
    /// What the payload of a passage must be like.
    pub filter: Option<Filter>,
    /// How many passages at most, 1 to `RETRIEVE_K_MAX`.
    pub k: usize,
    /// Whether each passage comes with its stamp.
    pub with_stamp: bool,
}

impl<'a> Question<'a> {
    /// A text, searched by whatever the collection has for texts, without a filter.
    pub const fn text(
        caller: &'a Caller,
        collection: &'a Collection,
        text: &'a str,
        k: usize,
    ) -> Self {
        let ask = Ask::Text { text, mode: None };
        let (view_as, with_stamp) = (false, false);
        Self { caller, view_as, purpose: None, collection, ask, filter: None, k, with_stamp }
    }
}

/// What one search came to.
struct Filled {
    cleared: Vec<Cleared>,
    /// It ended at a bound, not because there was enough or no more.
    bounded: bool,
}

impl Guard {
    /// Answers a question with at most `k` passages that the caller may read, best first. `CallerChanged`: whoever made
    /// the caller makes it again.
    pub async fn retrieve(&self, question: &Question<'_>) -> Result<Vec<Passage>, GuardError> {
        if question.k == 0 || question.k > RETRIEVE_K_MAX {
            return Err(GuardError::Request(format!("k must be 1 to {RETRIEVE_K_MAX}")));
        }
        let legs = self.legs(question.collection, question.ask).await?;
        let cleared = self.fused_answer(question, legs).await?;
        self.confirm(question.caller).await?;
        let mut documents: BTreeMap<DocumentId, Vec<PointId>> = BTreeMap::new();
        for hit in &cleared {
            documents.entry(hit.origin().document).or_default().push(hit.point());
        }
        let mut spenders = Spender::of(question.caller);
        spenders.retain(|spender| !(question.view_as && spender.is_user()));
        let points: Vec<PointId> = cleared.iter().map(Cleared::point).collect();
        self.spend(&spenders, &points).await?;
        self.record(&Event::Retrieved {
            caller: question.caller.name().to_owned(),
            view_as: question.view_as,
            tenant: question.caller.tenant().to_string(),
            spenders: spenders.into_iter().map(|spender| spender.name).collect(),
            collection: question.collection.id,
            documents,
        })
        .await?;
        let clearance = question.caller.clearance();
        let masks = self.unmasked_from.is_some_and(|from| clearance < from);
        let passage = |cleared| match Passage::of(cleared, question.with_stamp) {
            passage if masks => passage.masked(),
            passage => passage,
        };
        Ok(cleared.into_iter().map(passage).collect())
    }

    /// Refuses an answer that is of no one moment: the user was looked up before the ledger was asked about chunks, and
    /// may have lost a group in between that a document was then given to.
    async fn confirm(&self, caller: &Caller) -> Result<(), GuardError> {
        let Some((tenant, KnownAt { epoch, people })) = caller.known_at() else { return Ok(()) };
        if self.ledger.epoch().await? == epoch
            || self.people.directory_version(tenant).await? == people
        {
            return Ok(());
        }
        Err(GuardError::CallerChanged)
    }

    /// Fills one list for each leg within the caller's boundary, and fuses what was cleared.
    async fn fused_answer(
        &self,
        question: &Question<'_>,
        legs: Vec<Leg>,
    ) -> Result<Vec<Cleared>, GuardError> {
        let k = question.k;
        let wanted = if legs.len() > 1 { k.saturating_mul(FUSION_DEPTH) } else { k };
        let mut legs = legs.into_iter();
        let Some((using, vector)) = legs.next() else { return Ok(Vec::new()) };
        let filter = question.filter.clone().map(Arc::new);
        let query = Query { collection: question.collection.id, using, vector, filter };
        let (rights, boundary) = self.rights_of(question.caller, question.purpose).await?;
        let Some(scoped) = scope(query, &boundary)? else { return Ok(Vec::new()) };
        let beside: Vec<ScopedQuery> =
            legs.map(|(using, vector)| scoped.beside(using, vector)).collect();
        let searches: Vec<ScopedQuery> = std::iter::once(scoped).chain(beside).collect();
        let filling = searches.iter().map(|scoped| self.fill(question, &rights, scoped, wanted));
        let filled = try_join_all(filling).await?;
        self.record_errors(&rights).await?;
        let bounded = filled.iter().any(|one| one.bounded);
        let mut cleared = fused(filled.into_iter().map(|one| one.cleared).collect());
        cleared.truncate(k);
        if bounded && cleared.len() < k {
            self.record(&Event::Shortfall {
                caller: question.caller.name().to_owned(),
                collection: question.collection.id,
                wanted: k,
                cleared: cleared.len(),
            })
            .await?;
        }
        Ok(cleared)
    }

    /// Asks the store until this many hits are cleared or it has no more, within bounds on rounds and
    /// candidates.
    async fn fill(
        &self,
        question: &Question<'_>,
        rights: &Rights,
        scoped: &ScopedQuery,
        enough: usize,
    ) -> Result<Filled, GuardError> {
        let mut cleared: Vec<Cleared> = Vec::with_capacity(enough);
        let (mut seen, mut known) = (BTreeSet::<PointId>::new(), BTreeSet::<PointId>::new());
        let mut exhausted = false;
        for round in 0..REFILL_ROUNDS_MAX {
            let missing = enough.saturating_sub(cleared.len());
            let wanted = missing.saturating_mul(1 << round);
            let wanted = wanted.min(CANDIDATES_MAX.saturating_sub(seen.len()));
            if missing == 0 || wanted == 0 || exhausted {
                break;
            }
            let except: Vec<PointId> = seen.iter().copied().collect();
            let hits = self.search(scoped, wanted, &except).await?;
            exhausted = hits.len() < wanted;
            seen.extend(hits.iter().map(|hit| hit.point));
            let passed = self.recheck_until(question, rights, hits, missing, &mut known).await?;
            let caller = question.caller.name();
            cleared.extend(self.rescanned(caller, question.collection.id, passed).await?);
        }
        let bounded = !exhausted && cleared.len() < enough;
        cleared.truncate(enough);
        Ok(Filled { cleared, bounded })
    }

    /// Asks the store, once for each part of the caller's classes, unless it is being made anew: then it holds a part, and a part of an answer would
    /// be taken for all of it.
    async fn search(
        &self,
        scoped: &ScopedQuery,
        wanted: usize,
        except: &[PointId],
    ) -> Result<Vec<Hit>, GuardError> {
        let collection = scoped.query().collection;
        let rebuilding = || GuardError::Store(StoreError::Rebuilding { collection });
        let before = self.turns.complete(collection).ok_or_else(rebuilding)?;
        let parts = scoped.parts();
        let asking = parts.iter().map(|part| self.store.search(part, wanted, except));
        let hits = best(try_join_all(asking).await?, wanted);
        match self.turns.complete(collection) {
            Some(after) if after == before => Ok(hits),
            Some(_) | None => Err(rebuilding()),
        }
    }

    /// Re-checks hits on the ledger's present state, best first, until this many are cleared; those that do
    /// not pass are recorded. What is left over goes nowhere, and a store that names a point twice gets it
    /// into the answer once.
    async fn recheck_until(
        &self,
        question: &Question<'_>,
        rights: &Rights,
        hits: Vec<Hit>,
        enough: usize,
        known: &mut BTreeSet<PointId>,
    ) -> Result<Vec<Cleared>, GuardError> {
        let points: Vec<PointId> = hits.iter().map(|hit| hit.point).collect();
        let states = self.states_of(question.collection.id, &points).await?;
        let mut cleared = Vec::with_capacity(hits.len());
        let (keys, now) = (self.keys(), self.now());
        for hit in hits {
            if cleared.len() >= enough {
                break;
            }
            let point = hit.point;
            let filter = question.filter.as_ref();
            let state = states.get(&point).map(Arc::as_ref);
            match recheck(hit, rights, filter, state, &keys, self.mode, now) {
                Ok(passed) if known.insert(point) => cleared.push(passed),
                Ok(_) => {}
                Err(withheld) => {
                    self.record(&Event::Withheld {
                        caller: question.caller.name().to_owned(),
                        collection: question.collection.id,
                        point,
                        reason: withheld.code(),
                        alarm: withheld.is_alarm(),
                    })
                    .await?
                }
            }
        }
        Ok(cleared)
    }

    /// What the ledger says of these points now: what it has said before counts only while its epoch, which
    /// is read once more, stands still.
    async fn states_of(
        &self,
        collection: CollectionId,
        points: &[PointId],
    ) -> Result<States, GuardError> {
        let epoch = self.ledger.epoch().await?;
        let mut states = self.known.states(epoch, collection, points);
        let is_new = |point: &PointId| !states.contains_key(point);
        let unknown: Vec<PointId> = points.iter().copied().filter(is_new).collect();
        if !unknown.is_empty() {
            let read = self.ledger.states(collection, &unknown).await?;
            let read = read.into_iter().map(|(point, state)| (point, Arc::new(state))).collect();
            self.known.keep_states(epoch, collection, &read);
            states.extend(read);
        }
        Ok(states)
    }
}

/// The best of what several parts of a collection gave, in a store's order: by score, ties by rising id.
fn best(mut parts: Vec<Vec<Hit>>, wanted: usize) -> Vec<Hit> {
    match (parts.pop(), parts.is_empty()) {
        (Some(only), true) => only,
        (last, _) => {
            let mut all: Vec<Hit> = parts.into_iter().chain(last).flatten().collect();
            all.sort_by(Hit::best_first);
            all.truncate(wanted);
            all
        }
    }
}
