//! Question → caller's boundary → hits → re-check → answer. An answer is made of `Cleared` hits alone,
//! and tells nothing about the others.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Serialize;

use crate::domain::access::AccessClass;
use crate::domain::caller::Caller;
use crate::domain::id::{ChunkId, DocumentId, PointId, RevisionId};
use crate::domain::limits::{
    CANDIDATES_MAX, QUESTION_BYTES_MAX, REFILL_ROUNDS_MAX, RETRIEVE_K_MAX,
};
use crate::domain::retrieval::{Cleared, Hit, Query, ScopedQuery, recheck, scope};
use crate::domain::source::{Collection, Tenant};
use crate::domain::stamp::TEXT_KEY;
use crate::domain::verdict::Basis;

use super::error::GuardError;
use super::events::Event;
use super::guard::Guard;
use super::ports::StoreError;

/// Hits that are asked for beyond what is wanted, so that one withheld hit costs no second round.
const SLACK: usize = 4;

/// One passage of an answer.
#[derive(Debug, Clone, Serialize)]
pub struct Passage {
    /// The chunk's text.
    pub text: String,
    /// The store's score; comparable within one answer only.
    pub score: f32,
    /// Where it comes from.
    pub citation: Citation,
}

/// Where a passage comes from, as its stamp says.
#[derive(Debug, Clone, Serialize)]
pub struct Citation {
    /// Path or URI in the source.
    pub uri: String,
    /// The document's title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Where in the file.
    pub place: String,
    /// The headings above it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub headings: Vec<String>,
    /// The document.
    pub document: DocumentId,
    /// The revision.
    pub revision: RevisionId,
    /// The chunk, which `prove` takes.
    pub chunk: ChunkId,
    /// SHA-256 of the file.
    pub file_sha256: String,
    /// On what ground it was admitted.
    pub basis: Basis,
    /// When it was sealed, RFC 3339.
    pub sealed_at: String,
}

impl From<&Cleared> for Passage {
    fn from(cleared: &Cleared) -> Self {
        let payload = cleared.payload();
        let text = |key: &str| payload.get(key).and_then(|value| value.as_str()).map(str::to_owned);
        let headings = payload.get("headings").and_then(|value| value.as_array());
        let origin = cleared.origin();
        Self {
            text: text(TEXT_KEY).unwrap_or_default(),
            score: cleared.score(),
            citation: Citation {
                uri: origin.uri.clone(),
                title: text("title"),
                place: text("place").unwrap_or_default(),
                headings: headings
                    .map(|list| {
                        list.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect()
                    })
                    .unwrap_or_default(),
                document: origin.document,
                revision: origin.revision,
                chunk: origin.chunk,
                file_sha256: origin.file.to_string(),
                basis: origin.basis,
                sealed_at: origin.sealed_at.to_string(),
            },
        }
    }
}

/// A question of a caller.
#[derive(Debug, Clone)]
pub struct Question<'a> {
    /// Who asks.
    pub caller: &'a Caller,
    /// Whether the operator asks on behalf of the caller.
    pub view_as: bool,
    /// Where to search.
    pub collection: &'a Collection,
    /// What.
    pub text: &'a str,
    /// How many passages at most, 1 to `RETRIEVE_K_MAX`.
    pub k: usize,
}

impl Guard {
    /// Answers a question with at most `k` passages that the caller may read, best first.
    pub async fn retrieve(&self, question: &Question<'_>) -> Result<Vec<Passage>, GuardError> {
        if question.k == 0 || question.k > RETRIEVE_K_MAX {
            return Err(GuardError::Request(format!("k must be 1 to {RETRIEVE_K_MAX}")));
        }
        if question.text.len() > QUESTION_BYTES_MAX {
            let limit = QUESTION_BYTES_MAX;
            return Err(GuardError::Request(format!("a question has at most {limit} bytes")));
        }
        let embedder = self.embedder_of(question.collection)?;
        let using = embedder.shapes().into_keys().next().unwrap_or_default();
        let vector = embedder.embed_question(question.text, &using).await?;
        let query = Query { collection: question.collection.id, using, vector };
        let classes = self.classes_of(question.caller.tenant()).await?;
        let cleared = match scope(query, question.caller, &classes)? {
            Some(scoped) => self.fill(question, &scoped).await?,
            None => Vec::new(),
        };
        self.record(&Event::Retrieved {
            caller: question.caller.name().to_owned(),
            view_as: question.view_as,
            collection: question.collection.id,
            points: cleared.iter().map(Cleared::point).collect(),
        })
        .await?;
        Ok(cleared.iter().map(Passage::from).collect())
    }

    /// Asks the store until `k` hits are cleared or it has no more, within bounds on rounds and
    /// candidates.
    async fn fill(
        &self,
        question: &Question<'_>,
        scoped: &ScopedQuery,
    ) -> Result<Vec<Cleared>, GuardError> {
        let mut cleared: Vec<Cleared> = Vec::with_capacity(question.k);
        let mut seen: BTreeSet<PointId> = BTreeSet::new();
        for round in 0..REFILL_ROUNDS_MAX {
            let missing = question.k.saturating_sub(cleared.len());
            let wanted = missing.saturating_add(SLACK).saturating_mul(1 << round);
            let wanted = wanted.min(CANDIDATES_MAX.saturating_sub(seen.len()));
            if missing == 0 || wanted == 0 {
                break;
            }
            let except: Vec<PointId> = seen.iter().copied().collect();
            let hits = self.search(scoped, wanted, &except).await?;
            let exhausted = hits.len() < wanted;
            seen.extend(hits.iter().map(|hit| hit.point));
            cleared.extend(self.recheck_all(question, hits).await?);
            if exhausted {
                cleared.truncate(question.k);
                return Ok(cleared);
            }
        }
        if cleared.len() < question.k {
            self.record(&Event::Shortfall {
                caller: question.caller.name().to_owned(),
                collection: question.collection.id,
                wanted: question.k,
                cleared: cleared.len(),
            })
            .await?;
        }
        cleared.truncate(question.k);
        Ok(cleared)
    }

    /// Asks the store, unless it is being made anew: then it holds a part, and a part of an answer would
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
        let hits = self.store.search(scoped, wanted, except).await?;
        match self.turns.complete(collection) {
            Some(after) if after == before => Ok(hits),
            Some(_) | None => Err(rebuilding()),
        }
    }

    /// Re-checks hits on the ledger's present state; those that do not pass are recorded.
    async fn recheck_all(
        &self,
        question: &Question<'_>,
        hits: Vec<Hit>,
    ) -> Result<Vec<Cleared>, GuardError> {
        let points: Vec<PointId> = hits.iter().map(|hit| hit.point).collect();
        let states = self.ledger.states(question.collection.id, &points).await?;
        let mut cleared = Vec::with_capacity(hits.len());
        let keys = self.keys();
        for hit in hits {
            let point = hit.point;
            match recheck(hit, question.caller, states.get(&point), &keys, self.mode) {
                Ok(passed) => cleared.push(passed),
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

    /// The classes of a tenant, read anew only when the epoch has moved. The epoch is read first: a
    /// change between the two reads leaves a list that is newer than its epoch, never older.
    async fn classes_of(&self, tenant: &Tenant) -> Result<Arc<Vec<AccessClass>>, GuardError> {
        let epoch = self.ledger.epoch().await?;
        if let Some(known) = self.classes.at(tenant, epoch) {
            return Ok(known);
        }
        let classes = Arc::new(self.ledger.classes(tenant).await?);
        self.classes.keep(tenant, epoch, &classes);
        Ok(classes)
    }
}
