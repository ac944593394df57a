//! Between our nouns and the engine's: ids, points, vectors, filters, configuration.
//!
//! Lets through on purpose: points with numbers for ids, which only somebody who writes past the guard
//! makes. They are shown under ids that ours can never be, so that a sweep sees and deletes them.

use std::collections::{BTreeMap, HashMap};

use qdrant_edge::external::uuid::Uuid;
use qdrant_edge::{
    Distance, EdgeConfig, EdgeOptimizersConfig, EdgeSparseVectorParams, EdgeVectorParams, Filter,
    Payload, PointId as EdgeId, PointStructPersisted, SparseVector, VectorInternal,
    VectorPersisted, VectorStructInternal, VectorStructPersisted, WalOptions,
};
use serde_json::json;

use super::{Shapes, engine};
use crate::domain::id::{ClassId, CollectionId, PointId};
use crate::domain::retrieval::Hit;
use crate::domain::stamp::{CLASS_FIELD, RESERVED_KEY, StampedChunk};
use crate::domain::vector::{Vector, VectorShape, Vectors};
use crate::pipeline::ports::StoreError;

/// Bytes of one file of the engine's write-ahead log. The engine's own 32 MiB would be what an empty
/// collection takes; an operation that is larger gets a larger file.
const WAL_FILE_BYTES: usize = 2 << 20;

/// The payload field that filters name, and that is indexed.
pub(super) fn class_path() -> String {
    format!("{RESERVED_KEY}.{CLASS_FIELD}")
}

/// What the engine is told of a new collection. No graph index is built, so that dense search is
/// exact; sparse vectors have no modifier, so that no statistics of the collection enter a score.
pub(super) fn config(shapes: &Shapes) -> EdgeConfig {
    let (mut vectors, mut sparse_vectors) = (HashMap::new(), HashMap::new());
    for (name, shape) in shapes {
        match shape {
            VectorShape::Dense { dimensions } => {
                let params = EdgeVectorParams::builder(*dimensions as usize, Distance::Cosine);
                vectors.insert(name.clone(), params.on_disk(true).build());
            }
            VectorShape::Sparse => {
                sparse_vectors.insert(
                    name.clone(),
                    EdgeSparseVectorParams {
                        on_disk: Some(true),
                        ..EdgeSparseVectorParams::default()
                    },
                );
            }
        }
    }
    EdgeConfig {
        vectors,
        sparse_vectors,
        hnsw_config: qdrant_edge::HnswIndexConfig { m: 0, ..Default::default() },
        optimizers: EdgeOptimizersConfig {
            // Zero switches indexing off.
            indexing_threshold: Some(10_000),
            ..EdgeOptimizersConfig::default()
        },
        wal_options: Some(WalOptions { segment_capacity: WAL_FILE_BYTES, ..WalOptions::default() }),
        ..EdgeConfig::default()
    }
}

/// The shapes that a collection on disk was made for; `None` when we did not make it.
pub(super) fn shapes(config: &EdgeConfig) -> Option<Shapes> {
    let mut shapes = BTreeMap::new();
    for (name, params) in &config.vectors {
        let dimensions = u32::try_from(params.size).ok()?;
        if params.distance != Distance::Cosine || params.multivector_config.is_some() {
            return None;
        }
        shapes.insert(name.clone(), VectorShape::Dense { dimensions });
    }
    for (name, params) in &config.sparse_vectors {
        if params.modifier.is_some_and(|modifier| modifier != qdrant_edge::Modifier::None) {
            return None;
        }
        shapes.insert(name.clone(), VectorShape::Sparse);
    }
    Some(shapes)
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

/// Only the classes, never the points in `except`. Every class is a positive condition, so a point
/// without the field matches nothing.
pub(super) fn filter(classes: &[ClassId], except: &[PointId]) -> Result<Filter, StoreError> {
    let classes: Vec<String> = classes.iter().map(ToString::to_string).collect();
    let mut filter = json!({ "must": [{ "key": class_path(), "match": { "any": classes } }] });
    if !except.is_empty() {
        let except: Vec<EdgeId> = except.iter().copied().map(engine_id).collect();
        filter["must_not"] = json!([{ "has_id": except }]);
    }
    serde_json::from_value(filter).map_err(|fault| engine(format!("class filter: {fault}")))
}

/// What the engine gave back, as a hit. Several vectors in one are nothing that we write, and left out:
/// the stamp then says that a vector is missing.
pub(super) fn hit(
    collection: CollectionId,
    id: EdgeId,
    score: f32,
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
    Hit { collection, point: point_id(id), score, payload, vectors: Some(vectors) }
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
    use qdrant_edge::PointId as EdgeId;
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
        made.sparse_vectors.get_mut("lexical").unwrap().modifier = Some(qdrant_edge::Modifier::Idf);
        assert_eq!(shapes(&made), None);
    }
}
