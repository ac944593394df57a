//! Vector stores, and what all of them hold to before they write or search.
//!
//! Lets through on purpose: a vector of zeros, and a sparse vector without entries. Both are what an
//! embedder makes of a text that it has no words for; they are stored and found by nothing.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::domain::id::{ClassId, CollectionId};
use crate::domain::limits::DENSE_DIMENSIONS_MAX;
use crate::domain::retrieval::Query;
use crate::domain::stamp::{CLASS_FIELD, RESERVED_KEY, StampedChunk};
use crate::domain::vector::{VectorShape, Vectors};
use crate::pipeline::ports::StoreError;

pub mod edge;
mod edge_points;
mod edge_shard;
pub mod memory;

pub use edge::EdgeStore;
pub use memory::MemoryStore;

/// What a collection keeps under each of its vectors' names.
type Shapes = BTreeMap<String, VectorShape>;

fn engine(detail: impl Into<String>) -> StoreError {
    StoreError::Engine { detail: detail.into() }
}

/// Refuses a chunk that was sealed for another collection, or whose vectors are not the collection's.
fn fits(collection: CollectionId, shapes: &Shapes, chunk: &StampedChunk) -> Result<(), StoreError> {
    if chunk.collection() != collection {
        return Err(engine(format!(
            "point {} was sealed for collection {}",
            chunk.point(),
            chunk.collection()
        )));
    }
    vectors_fit(shapes, chunk.vectors())
        .map_err(|fault| engine(format!("point {}: {fault}", chunk.point())))
}

/// Refuses a query that the collection's vectors cannot answer.
fn query_fits(shapes: &Shapes, query: &Query) -> Result<(), StoreError> {
    let shape = shapes
        .get(&query.using)
        .ok_or_else(|| engine(format!("the collection has no vector `{}`", query.using)))?;
    shape.fits(&query.vector).map_err(|fault| engine(format!("query vector: {fault}")))
}

fn vectors_fit(shapes: &Shapes, vectors: &Vectors) -> Result<(), String> {
    if !shapes.keys().eq(vectors.keys()) {
        return Err("its named vectors are not those of the collection".to_owned());
    }
    for (shape, (name, vector)) in shapes.values().zip(vectors) {
        shape.fits(vector).map_err(|fault| format!("vector `{name}`: {fault}"))?;
    }
    Ok(())
}

/// Refuses shapes that no store can keep.
fn shapes_fit(shapes: &Shapes) -> Result<(), StoreError> {
    let too_wide = |shape: &VectorShape| {
        matches!(shape, VectorShape::Dense { dimensions }
            if *dimensions == 0 || *dimensions as usize > DENSE_DIMENSIONS_MAX)
    };
    match shapes.iter().find(|(_, shape)| too_wide(shape)) {
        Some((name, _)) => {
            Err(engine(format!("vector `{name}` must have 1 to {DENSE_DIMENSIONS_MAX} dimensions")))
        }
        None => Ok(()),
    }
}

/// Whether a payload's class field says exactly one of these classes. A list of classes, another
/// spelling of the id, or a field that is not text says none.
fn is_of_class(payload: &Map<String, Value>, classes: &[ClassId]) -> bool {
    let said = payload.get(RESERVED_KEY).and_then(|stamp| stamp.get(CLASS_FIELD));
    let Some(said) = said.and_then(Value::as_str) else { return false };
    let Ok(class) = said.parse::<ClassId>() else { return false };
    class.to_string() == said && classes.binary_search(&class).is_ok()
}

#[cfg(test)]
mod tests {
    use super::is_of_class;
    use crate::domain::id::ClassId;
    use serde_json::json;

    #[test]
    fn only_the_exact_text_of_a_class_says_that_class() {
        let class: ClassId = "0190d0a0-0000-4000-8000-0000000000ab".parse().unwrap();
        let says = |acl: serde_json::Value| {
            is_of_class(json!({"__alnage": {"acl": acl}}).as_object().unwrap(), &[class])
        };
        assert!(says(json!(class.to_string())));
        assert!(!says(json!([class.to_string()])));
        assert!(!says(json!(class.to_string().to_uppercase())));
        assert!(!says(json!(format!(" {class}"))));
        assert!(!says(json!(null)));
        assert!(!is_of_class(json!({"acl": class.to_string()}).as_object().unwrap(), &[class]));
    }
}
