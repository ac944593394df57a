//! Hits whose stamps held under a ring of keys: the same hit, to the last bit, is not computed again.
//!
//! Popular chunks come up in every other answer, and computing their MACs, digests and sketches is most of what
//! a re-check costs. What the ledger says of them, and who may read them, is asked each time as ever. Each ring
//! has its own: with another ring, after a revocation, nothing is known.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value};

use super::id::{CollectionId, PointId};
use super::limits::CHECKED_BYTES_MAX;
use super::retrieval::Hit;
use super::stamp::{Opened, TEXT_KEY};
use super::vector::{Vector, Vectors};

/// What an entry takes beside its text and vectors, roughly: stamp, metadata, places in the maps.
const ENTRY_BYTES: usize = 4 << 10;

/// Hits that were checked. Two generations: when the young one is full it becomes the old one, and what was not
/// asked for since goes.
#[derive(Debug, Default)]
pub(super) struct Checked(Mutex<Generations>);

type Place = (CollectionId, PointId);

#[derive(Debug, Default)]
struct Generations {
    young: BTreeMap<Place, Arc<Kept>>,
    old: BTreeMap<Place, Arc<Kept>>,
    /// Of the young.
    bytes: usize,
}

#[derive(Debug)]
struct Kept {
    payload: Map<String, Value>,
    vectors: Vectors,
    opened: Arc<Opened>,
    bytes: usize,
}

impl Checked {
    /// What this hit's stamp says, if this very hit was checked before.
    pub(super) fn find(&self, hit: &Hit) -> Option<Arc<Opened>> {
        let place = (hit.collection, hit.point);
        let kept = {
            let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            match known.young.get(&place) {
                Some(kept) => Arc::clone(kept),
                None => {
                    let kept = known.old.remove(&place)?;
                    known.add(place, Arc::clone(&kept));
                    kept
                }
            }
        };
        kept.is(hit).then(|| Arc::clone(&kept.opened))
    }

    /// Keeps a hit whose stamp held.
    pub(super) fn keep(&self, hit: &Hit, opened: &Arc<Opened>) {
        let text = hit.payload.get(TEXT_KEY).and_then(Value::as_str).map_or(0, str::len);
        let vectors: usize = hit.vectors.values().map(bytes_of).sum();
        let bytes = ENTRY_BYTES + text + vectors;
        let kept = Kept {
            payload: hit.payload.clone(),
            vectors: hit.vectors.clone(),
            opened: Arc::clone(opened),
            bytes,
        };
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.add((hit.collection, hit.point), Arc::new(kept));
    }

    /// Forgets every hit: text that was erased is not kept on in memory.
    pub(super) fn forget(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Generations::default();
    }
}

impl Generations {
    fn add(&mut self, place: Place, kept: Arc<Kept>) {
        self.bytes = self.bytes.saturating_add(kept.bytes);
        if let Some(replaced) = self.young.insert(place, kept) {
            self.bytes = self.bytes.saturating_sub(replaced.bytes);
        }
        if self.bytes > CHECKED_BYTES_MAX / 2 {
            self.old = std::mem::take(&mut self.young);
            self.bytes = 0;
        }
    }
}

impl Kept {
    fn is(&self, hit: &Hit) -> bool {
        let vectors = self.vectors.iter().zip(&hit.vectors);
        self.vectors.len() == hit.vectors.len()
            && vectors.into_iter().all(|(one, two)| one.0 == two.0 && same_vector(one.1, two.1))
            && same_map(&self.payload, &hit.payload)
    }
}

fn bytes_of(vector: &Vector) -> usize {
    match vector {
        Vector::Dense(values) => values.len() * 4,
        Vector::Sparse { indices, .. } => indices.len() * 8,
    }
}

/// By bits: two zeros of different sign are two values.
fn same_vector(one: &Vector, two: &Vector) -> bool {
    match (one, two) {
        (Vector::Dense(one), Vector::Dense(two)) => same_values(one, two),
        (
            Vector::Sparse { indices: one_at, values: one },
            Vector::Sparse { indices: two_at, values: two },
        ) => one_at == two_at && same_values(one, two),
        (Vector::Dense(_), Vector::Sparse { .. }) | (Vector::Sparse { .. }, Vector::Dense(_)) => {
            false
        }
    }
}

/// To the end in any case: without an early way out many are compared at once.
fn same_values(one: &[f32], two: &[f32]) -> bool {
    let differing = |bits, (one, two): (&f32, &f32)| bits | (one.to_bits() ^ two.to_bits());
    one.len() == two.len() && one.iter().zip(two).fold(0, differing) == 0
}

/// In one order: the engine gives back what it was given, and another order is checked as something new.
fn same_map(one: &Map<String, Value>, two: &Map<String, Value>) -> bool {
    let same = |(one, two): ((&String, &Value), (&String, &Value))| {
        one.0 == two.0 && same_value(one.1, two.1)
    };
    one.len() == two.len() && one.iter().zip(two).all(same)
}

fn same_value(one: &Value, two: &Value) -> bool {
    match (one, two) {
        (Value::Number(one), Value::Number(two)) => {
            one == two && one.as_f64().map(f64::to_bits) == two.as_f64().map(f64::to_bits)
        }
        (Value::Array(one), Value::Array(two)) => {
            one.len() == two.len() && one.iter().zip(two).all(|(one, two)| same_value(one, two))
        }
        (Value::Object(one), Value::Object(two)) => same_map(one, two),
        (one, two) => one == two,
    }
}

#[cfg(test)]
mod tests {
    use super::{same_map, same_vector};
    use crate::domain::vector::Vector;
    use serde_json::{Value, json};

    fn same(one: &Value, two: &Value) -> bool {
        same_map(one.as_object().unwrap(), two.as_object().unwrap())
    }

    #[test]
    fn whatever_a_digest_tells_apart_is_not_the_same() {
        let one = json!({ "a": [1, { "b": 0.0 }], "c": "x" });
        assert!(same(&one, &one.clone()));
        for two in [
            json!({ "a": [1, { "b": -0.0 }], "c": "x" }),
            json!({ "a": [1.0, { "b": 0.0 }], "c": "x" }),
            json!({ "a": [1, { "b": 0 }], "c": "x" }),
            json!({ "a": [1, { "b": 0.0 }], "c": "x", "d": null }),
            json!({ "a": [1], "c": "x" }),
            json!({ "a": [1, { "b": 0.0 }], "c": "y" }),
        ] {
            assert!(!same(&one, &two) && !same(&two, &one), "{two}");
        }
        let dense = |values: &[f32]| Vector::Dense(values.to_vec());
        assert!(same_vector(&dense(&[1.0, 0.0]), &dense(&[1.0, 0.0])));
        assert!(!same_vector(&dense(&[1.0, 0.0]), &dense(&[1.0, -0.0])));
        assert!(!same_vector(&dense(&[1.0]), &dense(&[1.0, 0.0])));
        assert!(!same_vector(&dense(&[1.0]), &Vector::sparse([(1, 1.0)])));
    }
}
