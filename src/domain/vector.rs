//! Named vectors, and what a stamp commits to about them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::digest::Digest;
use super::limits::SKETCH_BITS_TOLERANCE;

/// A chunk's vectors by name.
pub type Vectors = BTreeMap<String, Vector>;

/// One vector.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Vector {
    /// As many values as its collection has dimensions.
    Dense(Vec<f32>),
    /// Indices strictly rising, as many values.
    Sparse {
        /// Term ids.
        indices: Vec<u32>,
        /// Their weights.
        values: Vec<f32>,
    },
}

impl Vector {
    /// A sparse vector in its canonical form: sorted, equal indices summed, zeros left out.
    pub fn sparse(entries: impl IntoIterator<Item = (u32, f32)>) -> Self {
        let mut sums: BTreeMap<u32, f32> = BTreeMap::new();
        for (index, value) in entries {
            *sums.entry(index).or_default() += value;
        }
        let (indices, values) = sums.into_iter().filter(|(_, value)| *value != 0.0).unzip();
        Self::Sparse { indices, values }
    }
}

/// What a collection keeps under a vector's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VectorShape {
    /// Cosine similarity over this many dimensions.
    Dense {
        /// How many.
        dimensions: u32,
    },
    /// Dot product over term ids; no collection-wide statistics enter it.
    Sparse,
}

/// Secret that dense sketches are keyed with, so that nobody can craft another vector with the same
/// sketch. It does not rotate with the stamp's keys: sketches lie in origins, which never change.
#[derive(Clone, zeroize::ZeroizeOnDrop)]
pub struct SketchKey(pub [u8; 32]);

impl std::fmt::Debug for SketchKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SketchKey(…)")
    }
}

/// What a stamp says about one vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Commitment {
    /// Hash of a sparse vector's canonical bytes: stores keep sparse vectors exactly.
    Exact(Digest),
    /// 256 keyed sign bits of a dense vector (random hyperplanes, Charikar 2002): they survive
    /// normalisation exactly and quantisation within `SKETCH_BITS_TOLERANCE`.
    Sketch(Digest),
}

impl Commitment {
    /// Commits to a vector.
    pub fn to(vector: &Vector, key: &SketchKey) -> Self {
        match vector {
            Vector::Sparse { indices, values } => {
                let mut hash = Sha256::new();
                for (index, value) in indices.iter().zip(values) {
                    hash.update(index.to_be_bytes());
                    hash.update(value.to_bits().to_be_bytes());
                }
                hash.update((indices.len() as u64).to_be_bytes());
                hash.update((values.len() as u64).to_be_bytes());
                Self::Exact(Digest(hash.finalize().into()))
            }
            Vector::Dense(values) => Self::Sketch(sketch(values, key)),
        }
    }

    /// Whether this vector is the one that was committed to.
    pub fn holds_for(self, vector: &Vector, key: &SketchKey) -> bool {
        match (self, Self::to(vector, key)) {
            (Self::Exact(said), Self::Exact(found)) => said == found,
            (Self::Sketch(said), Self::Sketch(found)) => {
                let differing: u32 =
                    said.0.iter().zip(found.0).map(|(one, two)| (one ^ two).count_ones()).sum();
                differing <= SKETCH_BITS_TOLERANCE
            }
            (Self::Exact(_), Self::Sketch(_)) | (Self::Sketch(_), Self::Exact(_)) => false,
        }
    }
}

/// Signs of the vector's products with 256 hyperplanes of ±1, one digest of SHA-256 giving one
/// dimension's signs in all of them.
fn sketch(values: &[f32], key: &SketchKey) -> Digest {
    let mut sums = [0_f32; 256];
    for (dimension, value) in values.iter().enumerate() {
        let mut hash = Sha256::new();
        hash.update(key.0);
        hash.update((dimension as u64).to_be_bytes());
        let signs: [u8; 32] = hash.finalize().into();
        let bits = signs.iter().flat_map(|byte| (0..8).map(move |bit| byte >> bit & 1 == 1));
        for (sum, positive) in sums.iter_mut().zip(bits) {
            *sum += if positive { *value } else { -*value };
        }
    }
    let mut digest = [0_u8; 32];
    for (byte, sums) in digest.iter_mut().zip(sums.chunks(8)) {
        *byte = sums.iter().rev().fold(0, |byte, sum| byte << 1 | u8::from(*sum > 0.0));
    }
    Digest(digest)
}

#[cfg(test)]
mod tests {
    use super::{Commitment, SketchKey, Vector};

    /// A fixed pseudo-random vector (numerical-recipes LCG).
    fn noise(seed: u32, len: usize) -> Vec<f32> {
        let mut state = seed;
        (0..len)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / 8_388_608.0 - 1.0
            })
            .collect()
    }

    #[test]
    fn a_sketch_survives_normalisation_and_int8_quantisation() {
        let key = SketchKey([7; 32]);
        let vector = noise(1, 384);
        let said = Commitment::to(&Vector::Dense(vector.clone()), &key);
        let norm = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
        let quantised = vector.iter().map(|value| (value / norm * 900.0).round() / 900.0).collect();
        assert!(said.holds_for(&Vector::Dense(quantised), &key));
    }

    #[test]
    fn another_vector_or_another_key_does_not_fit_a_sketch() {
        let (key, other) = (SketchKey([7; 32]), SketchKey([8; 32]));
        let vector = Vector::Dense(noise(1, 384));
        let said = Commitment::to(&vector, &key);
        assert!(!said.holds_for(&Vector::Dense(noise(2, 384)), &key));
        assert!(!said.holds_for(&vector, &other));
    }

    #[test]
    fn one_changed_weight_breaks_an_exact_commitment() {
        let key = SketchKey([0; 32]);
        let said = Commitment::to(&Vector::sparse([(1, 0.5), (9, 1.0)]), &key);
        assert!(said.holds_for(&Vector::sparse([(9, 1.0), (1, 0.5)]), &key));
        assert!(!said.holds_for(&Vector::sparse([(1, 0.5), (9, 1.000_000_1)]), &key));
    }
}
