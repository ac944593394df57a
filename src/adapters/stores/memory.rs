//! A vector store in memory: exact, small, gone with the process. For tests and for `alnage scan`.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use serde_json::{Map, Value};

use super::{Shapes, fits, is_of_class, query_fits, shapes_fit};
use crate::domain::id::{CollectionId, PointId};
use crate::domain::retrieval::{Hit, ScopedQuery};
use crate::domain::source::Collection;
use crate::domain::stamp::StampedChunk;
use crate::domain::vector::Vectors;
use crate::pipeline::ports::{StoreError, VectorStore};

/// Collections by id.
#[derive(Debug, Default)]
pub struct MemoryStore {
    places: Mutex<BTreeMap<CollectionId, Place>>,
}

#[derive(Debug)]
struct Place {
    shapes: Shapes,
    points: BTreeMap<PointId, Point>,
}

#[derive(Debug)]
struct Point {
    payload: Map<String, Value>,
    vectors: Vectors,
}

impl MemoryStore {
    /// No step below can leave a place half written, so a poisoned lock is as good as any.
    fn places(&self) -> MutexGuard<'_, BTreeMap<CollectionId, Place>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<T>(
        &self,
        collection: CollectionId,
        step: impl FnOnce(&mut Place) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        step(self.places().get_mut(&collection).ok_or(StoreError::Missing { collection })?)
    }
}

#[async_trait]
impl VectorStore for MemoryStore {
    async fn create(&self, collection: &Collection) -> Result<(), StoreError> {
        shapes_fit(&collection.vectors)?;
        let shapes = &collection.vectors;
        let mut places = self.places();
        let place = places
            .entry(collection.id)
            .or_insert_with(|| Place { shapes: shapes.clone(), points: BTreeMap::new() });
        if place.shapes == *shapes {
            Ok(())
        } else {
            Err(StoreError::OtherVectors { collection: collection.id })
        }
    }

    async fn destroy(&self, collection: CollectionId) -> Result<(), StoreError> {
        self.places().remove(&collection);
        Ok(())
    }

    async fn upsert(
        &self,
        collection: CollectionId,
        chunks: &[StampedChunk],
    ) -> Result<(), StoreError> {
        self.with(collection, |place| {
            chunks.iter().try_for_each(|chunk| fits(collection, &place.shapes, chunk))?;
            place.points.extend(chunks.iter().map(|chunk| {
                let (payload, vectors) = (chunk.payload(), chunk.vectors().clone());
                (chunk.point(), Point { payload, vectors })
            }));
            Ok(())
        })
    }

    async fn delete(&self, collection: CollectionId, points: &[PointId]) -> Result<(), StoreError> {
        self.with(collection, |place| {
            for point in points {
                place.points.remove(point);
            }
            Ok(())
        })
    }

    async fn flush(&self, collection: CollectionId) -> Result<(), StoreError> {
        self.with(collection, |_| Ok(()))
    }

    async fn search(
        &self,
        query: &ScopedQuery,
        limit: usize,
        except: &[PointId],
    ) -> Result<Vec<Hit>, StoreError> {
        let collection = query.query().collection;
        let except: BTreeSet<&PointId> = except.iter().collect();
        self.with(collection, |place| {
            query_fits(&place.shapes, query.query())?;
            let mut scored: Vec<(f32, PointId)> = place
                .points
                .iter()
                .filter(|(id, _)| !except.contains(id))
                .filter(|(_, point)| is_of_class(&point.payload, query.classes()))
                .filter(|(_, point)| query.wants(&point.payload))
                .filter_map(|(id, point)| {
                    let vector = point.vectors.get(&query.query().using)?;
                    Some((query.query().vector.similarity(vector)?, *id))
                })
                .collect();
            scored.sort_by(|one, two| two.0.total_cmp(&one.0).then_with(|| one.1.cmp(&two.1)));
            scored.truncate(limit);
            let hit = |(score, id)| Some(place.points.get(&id)?.hit(collection, id, score));
            Ok(scored.into_iter().filter_map(hit).collect())
        })
    }

    async fn scroll(
        &self,
        collection: CollectionId,
        after: Option<PointId>,
        limit: usize,
    ) -> Result<Vec<Hit>, StoreError> {
        self.with(collection, |place| {
            let from = after.map_or(Bound::Unbounded, Bound::Excluded);
            let page = place.points.range((from, Bound::Unbounded)).take(limit);
            Ok(page.map(|(id, point)| point.hit(collection, *id, 0.0)).collect())
        })
    }
}

impl Point {
    fn hit(&self, collection: CollectionId, point: PointId, score: f32) -> Hit {
        let (payload, vectors) = (self.payload.clone(), self.vectors.clone());
        Hit { collection, point, score, payload, vectors }
    }
}
