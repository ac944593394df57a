//! Between our nouns and the engine's: ids, points, vectors, filters, configuration.
//!
//! Lets through on purpose: points with numbers for ids, which only somebody who writes past the guard
//! makes. They are shown under ids that ours can never be, so that a sweep sees and deletes them.

use std::collections::{BTreeMap, HashMap};

use qdrant_edge::external::uuid::Uuid;
use qdrant_edge::{
    Distance, EdgeConfig, EdgeOptimizersConfig, EdgeSparseVectorParams, EdgeVectorParams, Filter,
    HnswIndexConfig, Modifier, Payload, PointId as EdgeId, PointStructPersisted, SparseVector,
    VectorInternal, VectorPersisted, VectorStructInternal, VectorStructPersisted, WalOptions,
};
use serde_json::json;

use super::{Shapes, engine};
use crate::domain::id::{CollectionId, PointId};
use crate::domain::limits::STORE_WAL_FILE_BYTES;
use crate::domain::retrieval::{Hit, ScopedQuery};
use crate::domain::stamp::{CLASS_FIELD, RESERVED_KEY, StampedChunk};
use crate::domain::vector::{Vector, VectorShape, Vectors};
use crate::pipeline::ports::StoreError;

/// The payload field that filters name, and that is indexed.
pub(super) fn class_path() -> String {
    format!("{RESERVED_KEY}.{CLASS_FIELD}")
}

/// What the engine is told of a new collection. Sparse vectors have no modifier, so that no statistics of
/// the collection enter a score.
pub(super) fn config(shapes: &Shapes) -> EdgeConfig {
    let (mut vectors, mut sparse_vectors) = (HashMap::new(), HashMap::new());
    for (name, shape) in shapes {
        match shape {
            VectorShape::Dense { dimensions } => {
                let params = EdgeVectorParams::builder(*dimensions as usize, Distance::Cosine);
                vectors.insert(name.clone(), params.on_disk(true).build());
            }
            VectorShape::Sparse => {
                sparse_vectors.insert(name.clone(), EdgeSparseVectorParams::default());
            }
        }
    }
    EdgeConfig {
        vectors,
        sparse_vectors,
        wal_options: Some(WalOptions {
            segment_capacity: STORE_WAL_FILE_BYTES,
            ..WalOptions::default()
        }),
        ..EdgeConfig::default()
    }
}

/// A segment that has grown to its size is written no more, and its lists of words are packed: to a third of
/// what they took, at the least. Segments are merged only below a quarter, so that what is packed is not
/// packed again until it has shrunk.
pub(super) fn optimizers(segment_kib: usize) -> EdgeOptimizersConfig {
    EdgeOptimizersConfig {
        indexing_threshold: Some(segment_kib),
        max_segment_size: Some(segment_kib / 4),
        // As few as can be: what is small is merged. The engine's own number depends on the machine.
        default_segment_number: Some(1),
        ..EdgeOptimizersConfig::default()
    }
}

/// Dense search is exact: of a segment that is written no more, no graph is made.
pub(super) fn no_graph() -> HnswIndexConfig {
    HnswIndexConfig { m: 0, payload_m: Some(0), ..HnswIndexConfig::default() }
}

/// The shapes that a collection on disk was made for; `None` when we did not make it.
pub(super) fn shapes(config: &EdgeConfig) -> Option<Shapes> {
    let dense = config.vectors.iter().map(|(name, params)| {
        let ours = params.distance == Distance::Cosine && params.multivector_config.is_none();
        let dimensions = u32::try_from(params.size).ok().filter(|_| ours)?;
        Some((name.clone(), VectorShape::Dense { dimensions }))
    });
    let sparse = config.sparse_vectors.iter().map(|(name, params)| {
        let ours = params.modifier.is_none_or(|modifier| modifier == Modifier::None);
        ours.then(|| (name.clone(), VectorShape::Sparse))
    });
    dense.chain(sparse).collect()
}

/// Ids of ours are random UUIDs, whose upper half is never zero; numbers lie there.
pub(super) fn engine_id(point: PointId) -> EdgeId {
    match point.uuid().as_u64_pair() {
        (0, number) => EdgeId::NumId(number),
        _ => EdgeId::Uuid(point.uuid()),
    }
}

/// The other way; both keep the order of ids.
pub(super) fn point_id(id: EdgeId) -> PointId {
    PointId::new(match id {
        EdgeId::NumId(number) => Uuid::from_u64_pair(0, number),
        EdgeId::Uuid(uuid) => uuid,
    })
}

/// The id after this one; `None` after the last.
pub(super) fn next_id(point: PointId) -> Option<PointId> {
    point.uuid().as_u128().checked_add(1).map(|next| PointId::new(Uuid::from_u128(next)))
}

/// A point as the engine takes it.
pub(super) fn stored(chunk: &StampedChunk) -> PointStructPersisted {
    let vectors = chunk.vectors().iter().map(|(name, vector)| {
        let vector = match vector {
            Vector::Dense(values) => VectorPersisted::Dense(values.clone()),
            Vector::Sparse { indices, values } => {
                VectorPersisted::Sparse(sparse(indices.clone(), values.clone()))
            }
        };
        (name.clone(), vector)
    });
    PointStructPersisted {
        id: engine_id(chunk.point()),
        vector: VectorStructPersisted::Named(vectors.collect()),
        payload: Some(Payload(chunk.payload())),
    }
}

/// What is searched for.
pub(super) fn query_vector(vector: &Vector) -> VectorInternal {
    match vector {
        Vector::Dense(values) => VectorInternal::Dense(values.clone()),
        Vector::Sparse { indices, values } => {
            VectorInternal::Sparse(sparse(indices.clone(), values.clone()))
        }
    }
}

const fn sparse(indices: Vec<u32>, values: Vec<f32>) -> SparseVector {
    SparseVector { indices, values }
}

/// Only the classes, what the caller wants of those, and never the points in `except`. Every class is a
/// positive condition, so a point without the field matches nothing. The caller's filter is one condition
/// beside it: the engine would merge lists of `should` that stood side by side.
pub(super) fn filter(query: &ScopedQuery, except: &[PointId]) -> Result<Filter, StoreError> {
    let classes: Vec<String> = query.classes().iter().map(ToString::to_string).collect();
    let mut must = vec![json!({ "key": class_path(), "match": { "any": classes } })];
    must.extend(query.query().filter.as_ref().map(|wanted| wanted.to_json()));
    let except: Vec<EdgeId> = except.iter().copied().map(engine_id).collect();
    let filter = json!({ "must": must, "must_not": [{ "has_id": except }] });
    serde_json::from_value(filter).map_err(|fault| engine(format!("filter: {fault}")))
}

/// What the engine gave back, as a hit that has no score yet. Several vectors in one are nothing that we
/// write, and left out: the stamp then says that a vector is missing.
pub(super) fn hit(
    collection: CollectionId,
    id: EdgeId,
    payload: Option<Payload>,
    vectors: Option<VectorStructInternal>,
) -> Hit {
    let named = match vectors {
        Some(VectorStructInternal::Named(named)) => named.into_iter().collect(),
        Some(VectorStructInternal::Single(values)) => {
            BTreeMap::from([(String::new(), VectorInternal::Dense(values))])
        }
        Some(VectorStructInternal::MultiDense(_)) | None => BTreeMap::new(),
    };
    let vectors: Vectors =
        named.into_iter().filter_map(|(name, vector)| Some((name, ours(vector)?))).collect();
    let payload = payload.map(|payload| payload.0).unwrap_or_default();
    Hit { collection, point: point_id(id), score: 0.0, payload, vectors }
}

fn ours(vector: VectorInternal) -> Option<Vector> {
    match vector {
        VectorInternal::Dense(values) => Some(Vector::Dense(values)),
        VectorInternal::Sparse(SparseVector { indices, values }) => {
            Some(Vector::Sparse { indices, values })
        }
        VectorInternal::MultiDense(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{config, engine_id, next_id, point_id, shapes};
    use crate::domain::id::PointId;
    use crate::domain::vector::VectorShape;
    use qdrant_edge::{Modifier, PointId as EdgeId};
    use std::collections::BTreeMap;

    #[test]
    fn ids_come_back_in_the_same_order_and_numbers_never_collide_with_ours() {
        let ours: PointId = "0190d0a0-0000-4000-8000-000000000001".parse().unwrap();
        assert_eq!(point_id(engine_id(ours)), ours);
        assert_eq!(engine_id(point_id(EdgeId::NumId(7))), EdgeId::NumId(7));
        assert!(point_id(EdgeId::NumId(u64::MAX)) < ours);
        assert!(EdgeId::NumId(u64::MAX) < engine_id(ours));
    }

    #[test]
    fn the_last_id_has_no_next() {
        let last: PointId = "ffffffff-ffff-ffff-ffff-ffffffffffff".parse().unwrap();
        assert_eq!(next_id(last), None);
        assert_eq!(next_id(point_id(EdgeId::NumId(1))), Some(point_id(EdgeId::NumId(2))));
    }

    #[test]
    fn shapes_survive_the_engines_configuration_and_foreign_ones_are_none_of_ours() {
        let said = BTreeMap::from([
            ("dense".to_owned(), VectorShape::Dense { dimensions: 4 }),
            ("lexical".to_owned(), VectorShape::Sparse),
        ]);
        let mut made = config(&said);
        assert_eq!(shapes(&made), Some(said));
        made.sparse_vectors.get_mut("lexical").unwrap().modifier = Some(Modifier::Idf);
        assert_eq!(shapes(&made), None);
    }
}
