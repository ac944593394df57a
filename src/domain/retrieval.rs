//! Query time: `scope` draws the caller's boundary into the query, `recheck` decides on every hit.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::access::AccessClass;
use super::authorize::{Boundary, Rights};
use super::digest::Digest;
use super::filter::Filter;
use super::id::{ChunkId, ClassId, CollectionId, DocumentId, PointId, RevisionId};
use super::keys::KeyRing;
use super::limits::{CLASSES_MAX, CLASSES_PER_QUERY_MAX};
use super::origin::{Origin, Placement};
use super::policy::{Mode, Verdict};
use super::stamp::{self, Fault, Opened, RESERVED_KEY};
use super::time::Timestamp;
use super::vector::{Vector, Vectors};
use super::verdict::Basis;

/// A question in the store's terms, before anybody's rights are in it.
#[derive(Debug, Clone)]
pub struct Query {
    /// Where to search.
    pub collection: CollectionId,
    /// Which named vector to search.
    pub using: String,
    /// What to search for.
    pub vector: Vector,
    /// What the caller wants of the payload; it only narrows.
    pub filter: Option<Arc<Filter>>,
}

/// A query that carries its caller's boundary. Made by `scope` alone.
#[derive(Debug, Clone)]
pub struct ScopedQuery {
    query: Query,
    classes: Arc<[ClassId]>,
}

impl ScopedQuery {
    /// What is searched.
    pub const fn query(&self) -> &Query {
        &self.query
    }
    /// The classes that a hit must be of, in rising order; never empty.
    pub fn classes(&self) -> &[ClassId] {
        &self.classes
    }
    /// The same boundary and filter, for another vector.
    #[must_use]
    pub fn beside(&self, using: String, vector: Vector) -> Self {
        Self { query: Query { using, vector, ..self.query.clone() }, classes: self.classes.clone() }
    }
    /// The same, cut into queries that each name no more classes than a store's filter takes. A hit is of one
    /// class, and so of one part.
    pub fn parts(&self) -> Vec<Cow<'_, Self>> {
        if self.classes.len() <= CLASSES_PER_QUERY_MAX {
            return vec![Cow::Borrowed(self)];
        }
        let parts = self.classes.chunks(CLASSES_PER_QUERY_MAX);
        let part = |part: &[ClassId]| Self { query: self.query.clone(), classes: part.into() };
        parts.map(|classes| Cow::Owned(part(classes))).collect()
    }
    /// Whether a payload passes the caller's own filter.
    pub fn wants(&self, payload: &Map<String, Value>) -> bool {
        self.query.filter.as_ref().is_none_or(|filter| filter.matches(payload))
    }
}

/// More classes than a question is asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the caller may read {actual} access classes, a question can be of {limit}")]
pub struct ScopeError {
    /// The bound.
    pub limit: usize,
    /// What the caller has.
    pub actual: usize,
}

/// Draws the caller's boundary into the query. `None`: nothing can be read, and the store is not asked at
/// all.
pub fn scope(query: Query, boundary: &Boundary) -> Result<Option<ScopedQuery>, ScopeError> {
    match boundary.classes().len() {
        0 => Ok(None),
        actual if actual > CLASSES_MAX => Err(ScopeError { limit: CLASSES_MAX, actual }),
        _ => Ok(Some(ScopedQuery { query, classes: Arc::clone(boundary.classes()) })),
    }
}

/// What a store gave back; nothing of it is believed yet.
#[derive(Debug, Clone)]
pub struct Hit {
    /// Where it was found.
    pub collection: CollectionId,
    /// Its point.
    pub point: PointId,
    /// How alike its vector and the question's are.
    pub score: f32,
    /// The whole payload.
    pub payload: Map<String, Value>,
    /// All its vectors: a store that gives none back gives one that is not as sealed.
    pub vectors: Vectors,
}

impl Hit {
    /// The order of every answer: by score, ties by rising id.
    pub fn best_first(&self, other: &Self) -> Ordering {
        other.score.total_cmp(&self.score).then_with(|| self.point.cmp(&other.point))
    }
}

/// Whether the revision of a chunk is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Liveness {
    /// It is the revision that its document serves.
    Serving,
    /// Its points were written before the commit, or wait to be deleted after it.
    InTransit,
    /// Its points were deleted: one that is there was put back.
    Ended,
}

/// What the ledger says, now, of the chunk at a point.
#[derive(Debug, Clone)]
pub struct ChunkState {
    /// The chunk.
    pub chunk: ChunkId,
    /// Its document.
    pub document: DocumentId,
    /// Its revision.
    pub revision: RevisionId,
    /// SHA-256 of its origin.
    pub origin: Digest,
    /// Whether its revision is served.
    pub liveness: Liveness,
    /// The document's access class, now.
    pub class: Arc<AccessClass>,
    /// Generation of the document's placement, now.
    pub generation: u64,
    /// The placement before it, while points are still being moved.
    pub moving_from: Option<(ClassId, u64)>,
    /// On what ground it was admitted.
    pub basis: Basis,
    /// The computed verdict.
    pub verdict: Verdict,
    /// From when on it is nobody's.
    pub expires_at: Option<Timestamp>,
}

/// A hit that this caller may have, now. Made by `recheck` alone; answers are made of nothing else.
#[derive(Debug, Clone)]
pub struct Cleared {
    point: PointId,
    score: f32,
    payload: Map<String, Value>,
    stamp: Value,
    opened: Arc<Opened>,
}

impl Cleared {
    /// The point.
    pub const fn point(&self) -> PointId {
        self.point
    }
    /// How alike it and the question are.
    pub const fn score(&self) -> f32 {
        self.score
    }
    /// What is returned, without the stamp.
    pub const fn payload(&self) -> &Map<String, Value> {
        &self.payload
    }
    /// Where it comes from, as sealed.
    pub fn origin(&self) -> &Origin {
        &self.opened.origin
    }
    /// The same under the score of another ranking.
    #[must_use]
    pub fn scored(self, score: f32) -> Self {
        Self { score, ..self }
    }
    /// Payload and stamp, and what the stamp says.
    pub fn into_parts(self) -> (Map<String, Value>, Value, Arc<Opened>) {
        (self.payload, self.stamp, self.opened)
    }
}

/// Why a hit does not go out. The caller learns none of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Withheld {
    /// The stamp or what it covers is not as sealed: an alarm.
    Fault(Fault),
    /// The ledger knows no such point: an alarm.
    Orphan,
    /// Its origin is not the one that the ledger keeps: an alarm.
    ForeignOrigin,
    /// Its revision is not served: not yet, or no longer.
    NotServing,
    /// Its revision ended and its points were deleted, yet here one is: an alarm.
    Ended,
    /// The caller may not read it, and points are still being moved, or the filter knows only that the caller
    /// may read others of its class.
    Denied,
    /// The caller may not read it, and the filter should have known: an alarm.
    DeniedPastFilter,
    /// Its document has expired.
    Expired,
    /// The rules in force would not admit it; those that did were older.
    Outlawed,
    /// The rules in force have not said yet whether they would admit it.
    RescanPending,
    /// It was admitted while the policy was only observed, and the policy is enforced now.
    ObservedOnly,
    /// Its sealed payload does not pass the caller's own filter, and the store should have known: an
    /// alarm.
    PastFilter,
}

impl Withheld {
    /// Whether somebody should be woken.
    pub const fn is_alarm(self) -> bool {
        match self {
            Self::Fault(_)
            | Self::Orphan
            | Self::ForeignOrigin
            | Self::Ended
            | Self::DeniedPastFilter
            | Self::PastFilter => true,
            Self::NotServing
            | Self::Denied
            | Self::Expired
            | Self::Outlawed
            | Self::RescanPending
            | Self::ObservedOnly => false,
        }
    }

    /// Stable name for events.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Fault(fault) => fault.code(),
            Self::Orphan => "orphan",
            Self::ForeignOrigin => "foreign-origin",
            Self::NotServing => "not-serving",
            Self::Ended => "revision-ended",
            Self::Denied => "denied",
            Self::DeniedPastFilter => "denied-past-filter",
            Self::Expired => "expired",
            Self::Outlawed => "outlawed",
            Self::RescanPending => "rescan-pending",
            Self::ObservedOnly => "observed-only",
            Self::PastFilter => "past-filter",
        }
    }
}

/// Decides whether a hit goes to this caller: the stamp holds, the ledger says that the chunk is
/// live in this place, the caller may read it now, and it is what the caller's filter wants. Whatever the
/// store's filter did before.
pub fn recheck(
    hit: Hit,
    rights: &Rights,
    filter: Option<&Filter>,
    state: Option<&ChunkState>,
    keys: &KeyRing,
    mode: Mode,
    now: Timestamp,
) -> Result<Cleared, Withheld> {
    let opened = stamp::open_again(&hit, keys).map_err(Withheld::Fault)?;
    let state = state.ok_or(Withheld::Orphan)?;
    matches_ledger(&opened.origin, &opened.placement, state)?;
    if !rights.may_read(&state.class, opened.origin.source) {
        let expected = state.moving_from.is_some() || rights.bounds(&state.class);
        return Err(if expected { Withheld::Denied } else { Withheld::DeniedPastFilter });
    }
    if state.expires_at.is_some_and(|at| at <= now) {
        return Err(Withheld::Expired);
    }
    if is_observed_only(state, mode) {
        return Err(Withheld::ObservedOnly);
    }
    let mut payload = hit.payload;
    let stamp = payload.remove(RESERVED_KEY).unwrap_or_default();
    if filter.is_some_and(|filter| !filter.matches(&payload)) {
        return Err(Withheld::PastFilter);
    }
    Ok(Cleared { point: hit.point, score: hit.score, payload, stamp, opened })
}

/// Whether an opened stamp is the one that the ledger expects at its point.
pub fn matches_ledger(
    origin: &Origin,
    placement: &Placement,
    state: &ChunkState,
) -> Result<(), Withheld> {
    if placement.origin != state.origin
        || origin.chunk != state.chunk
        || origin.document != state.document
        || origin.revision != state.revision
        || origin.tenant != state.class.tenant
    {
        return Err(Withheld::ForeignOrigin);
    }
    match state.liveness {
        Liveness::Serving => {}
        Liveness::InTransit => return Err(Withheld::NotServing),
        Liveness::Ended => return Err(Withheld::Ended),
    }
    let now = (state.class.id, state.generation);
    let found = (placement.class, placement.generation);
    if found == now || state.moving_from == Some(found) {
        return Ok(());
    }
    if placement.generation == state.generation {
        return Err(Withheld::Fault(Fault::Class));
    }
    Err(Withheld::Fault(Fault::Generation))
}

/// Admitted only because the policy was observed, while the policy itself says no and is enforced.
fn is_observed_only(state: &ChunkState, mode: Mode) -> bool {
    mode == Mode::Enforce && state.basis == Basis::Observed && state.verdict > Verdict::Admit
}
