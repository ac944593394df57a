//! Named vectors, and what a stamp commits to about them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::digest::Digest;
use super::limits::{SKETCH_BITS_TOLERANCE, SKETCH_DIMENSIONS_KEPT, SPARSE_ENTRIES_MAX};

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

    /// Whether it points somewhere: neither zero, nor so short or long that its length is lost in single
    /// precision.
    pub fn has_direction(&self) -> bool {
        let (Self::Dense(values) | Self::Sparse { values, .. }) = self;
        let square: f32 = values.iter().map(|value| value * value).sum();
        square.is_finite() && square >= f32::EPSILON
    }

    /// How alike they are: the cosine of dense vectors, the dot product of sparse ones in canonical form. Added
    /// up in double precision by rising index, so that two vectors have one score, to the last bit, among
    /// whatever others they are kept. `None`: there is no term in common, which is no match rather than one of
    /// score 0, or they are of two kinds.
    pub fn similarity(&self, other: &Self) -> Option<f32> {
        match (self, other) {
            (Self::Dense(one), Self::Dense(two)) => {
                let norms = (dot(one, one) * dot(two, two)).sqrt();
                Some(if norms == 0.0 { 0.0 } else { single(dot(one, two) / norms) })
            }
            (
                Self::Sparse { indices, values },
                Self::Sparse { indices: others, values: weights },
            ) => {
                let mut rest = others.iter().zip(weights).peekable();
                let common = indices.iter().zip(values).filter_map(|(index, value)| {
                    while rest.next_if(|(other, _)| *other < index).is_some() {}
                    let (_, weight) = rest.next_if(|(other, _)| *other == index)?;
                    Some(f64::from(*value) * f64::from(*weight))
                });
                common.reduce(|sum, product| sum + product).map(single)
            }
            (Self::Dense(_), Self::Sparse { .. }) | (Self::Sparse { .. }, Self::Dense(_)) => None,
        }
    }
}

/// Every product of two singles is exact in double precision.
fn dot(one: &[f32], two: &[f32]) -> f64 {
    one.iter().zip(two).map(|(one, two)| f64::from(*one) * f64::from(*two)).sum()
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "scores are single precision; none is infinite"
)]
fn single(score: f64) -> f32 {
    score.clamp(f64::from(f32::MIN), f64::from(f32::MAX)) as f32
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

impl VectorShape {
    /// Whether a vector is of this shape and every value of it has a rank; if not, why.
    pub fn fits(self, vector: &Vector) -> Result<(), String> {
        match (self, vector) {
            (Self::Dense { dimensions }, Vector::Dense(values)) => {
                if values.len() != dimensions as usize {
                    return Err(format!("{} dimensions instead of {dimensions}", values.len()));
                }
                finite(values)
            }
            (Self::Sparse, Vector::Sparse { indices, values }) => {
                if indices.len() != values.len() || !indices.is_sorted_by(|one, two| one < two) {
                    return Err(
                        "its sparse indices and values are not in canonical form".to_owned()
                    );
                }
                if indices.len() > SPARSE_ENTRIES_MAX {
                    return Err(format!("more than {SPARSE_ENTRIES_MAX} sparse entries"));
                }
                finite(values)
            }
            (Self::Dense { .. }, Vector::Sparse { .. }) => Err("sparse, not dense".to_owned()),
            (Self::Sparse, Vector::Dense(_)) => Err("dense, not sparse".to_owned()),
        }
    }
}

/// A score of NaN has no rank, and would stand wherever a sort happens to leave it.
fn finite(values: &[f32]) -> Result<(), String> {
    if values.iter().all(|value| value.is_finite()) {
        Ok(())
    } else {
        Err("a value is not finite".to_owned())
    }
}

impl std::fmt::Display for VectorShape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Dense { dimensions } => write!(f, "{dimensions} dimensions"),
            Self::Sparse => f.write_str("sparse"),
        }
    }
}

/// Secret that dense sketches are keyed with, so that nobody can craft another vector with the same
/// sketch. It does not rotate with the stamp's keys: sketches lie in origins, which never change.
#[derive(Clone, zeroize::ZeroizeOnDrop)]
pub struct SketchKey {
    key: [u8; 32],
    /// The hyperplanes that were drawn so far: drawing them costs more than all the rest of a re-check.
    #[zeroize(skip)]
    drawn: Arc<Mutex<Arc<Vec<Signs>>>>,
}

/// Dimensions whose signs are drawn together.
const GROUP: usize = 8;
/// For each of the 256 hyperplanes, the signs of one group of dimensions: a bit that is set is +1.
type Signs = [u8; 256];

impl SketchKey {
    /// A key of these bytes.
    pub fn new(key: [u8; 32]) -> Self {
        Self { key, drawn: Arc::default() }
    }

    /// The signs of at least the first groups, as many as are kept.
    fn drawn(&self, groups: usize) -> Arc<Vec<Signs>> {
        let mut drawn = self.drawn.lock().unwrap_or_else(PoisonError::into_inner);
        let (from, to) = (drawn.len(), groups.min(SKETCH_DIMENSIONS_KEPT / GROUP));
        if from < to {
            Arc::make_mut(&mut drawn).extend((from..to).map(|group| self.signs(group)));
        }
        Arc::clone(&drawn)
    }

    /// One digest of SHA-256 gives one dimension's signs in all hyperplanes.
    fn signs(&self, group: usize) -> Signs {
        let mut signs = [0; 256];
        for place in 0..GROUP {
            let mut hash = Sha256::new();
            hash.update(self.key);
            hash.update((group as u64 * GROUP as u64 + place as u64).to_be_bytes());
            let digest: [u8; 32] = hash.finalize().into();
            let bits = digest.iter().flat_map(|byte| (0..8).map(move |bit| byte >> bit & 1));
            signs.iter_mut().zip(bits).for_each(|(signs, bit)| *signs |= bit << place);
        }
        signs
    }
}

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
                let mut bytes = Vec::with_capacity(8 * indices.len() + 16);
                for (index, value) in indices.iter().zip(values) {
                    bytes.extend(index.to_be_bytes());
                    bytes.extend(value.to_bits().to_be_bytes());
                }
                bytes.extend((indices.len() as u64).to_be_bytes());
                bytes.extend((values.len() as u64).to_be_bytes());
                Self::Exact(Digest::of(&bytes))
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

/// Signs of the vector's products with 256 hyperplanes of ±1. Of a group of dimensions every product that
/// there can be is computed once, and each hyperplane looks its own up (Arlazarov and others 1970).
fn sketch(values: &[f32], key: &SketchKey) -> Digest {
    let groups = values.chunks(GROUP);
    let drawn = key.drawn(groups.len());
    let mut sums = [0_f32; 256];
    for (number, group) in groups.enumerate() {
        let products = products(group);
        let mut add = |signs: &Signs| {
            for (sum, signs) in sums.iter_mut().zip(signs) {
                *sum += products.get(usize::from(*signs)).copied().unwrap_or_default();
            }
        };
        match drawn.get(number) {
            Some(signs) => add(signs),
            None => add(&key.signs(number)),
        }
    }
    let mut digest = [0_u8; 32];
    for (byte, sums) in digest.iter_mut().zip(sums.chunks(8)) {
        *byte = sums.iter().rev().fold(0, |byte, sum| byte << 1 | u8::from(*sum > 0.0));
    }
    Digest(digest)
}

/// The product of a group of values with each of the 256 lists of signs; where values are missing, zeros.
fn products(group: &[f32]) -> [f32; 256] {
    let mut products = [-group.iter().sum::<f32>(); 256];
    let padded = group.iter().copied().chain(std::iter::repeat(0.0)).take(GROUP);
    for (place, value) in padded.enumerate() {
        // What has this bit is what has it not, with the sign changed.
        let (known, next) = products.split_at_mut(1 << place);
        next.iter_mut().zip(known).for_each(|(next, known)| *next = *known + 2.0 * value);
    }
    products
}

#[cfg(test)]
mod tests {
    use super::{Commitment, Digest, SketchKey, Vector, VectorShape};

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
        let key = SketchKey::new([7; 32]);
        let vector = noise(1, 384);
        let said = Commitment::to(&Vector::Dense(vector.clone()), &key);
        let norm = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
        let quantised = vector.iter().map(|value| (value / norm * 900.0).round() / 900.0).collect();
        assert!(said.holds_for(&Vector::Dense(quantised), &key));
    }

    #[test]
    fn a_sketch_is_the_same_whether_its_hyperplanes_were_kept_or_not() {
        let vector = Vector::Dense(noise(1, 5_000));
        let said = Commitment::to(&vector, &SketchKey::new([7; 32]));
        let used = SketchKey::new([7; 32]);
        for len in [3, 400, 5_000] {
            Commitment::to(&Vector::Dense(noise(9, len)), &used);
        }
        assert_eq!(Commitment::to(&vector, &used), said);
        // Origins hold sketches, so they are never to change.
        let Commitment::Sketch(pinned) = said else { panic!("a dense vector has a sketch") };
        assert_eq!(pinned.short(), "e7fced4376a9");
    }

    #[test]
    fn a_sketch_is_the_signs_of_the_products() {
        let key = SketchKey::new([7; 32]);
        for len in [1, 7, 8, 13, 384] {
            // Whole numbers add up exactly in any order.
            let values: Vec<f32> =
                noise(3, len).iter().map(|value| (value * 9.0).round()).collect();
            let mut wanted = [0_u8; 32];
            let signs: Vec<_> = (0..len.div_ceil(8)).map(|group| key.signs(group)).collect();
            for plane in 0..256 {
                let sign = |at: usize| signs[at / 8][plane] >> (at % 8) & 1 == 1;
                let signed = |(at, value): (usize, &f32)| if sign(at) { *value } else { -value };
                let sum: f32 = values.iter().enumerate().map(signed).sum();
                wanted[plane / 8] |= u8::from(sum > 0.0) << (plane % 8);
            }
            assert_eq!(
                Commitment::to(&Vector::Dense(values), &key),
                Commitment::Sketch(Digest(wanted))
            );
        }
    }

    #[test]
    fn another_vector_or_another_key_does_not_fit_a_sketch() {
        let (key, other) = (SketchKey::new([7; 32]), SketchKey::new([8; 32]));
        let vector = Vector::Dense(noise(1, 384));
        let said = Commitment::to(&vector, &key);
        assert!(!said.holds_for(&Vector::Dense(noise(2, 384)), &key));
        assert!(!said.holds_for(&vector, &other));
    }

    #[test]
    fn vectors_of_another_shape_and_values_without_rank_are_refused() {
        let dense = VectorShape::Dense { dimensions: 2 };
        assert!(dense.fits(&Vector::Dense(vec![1.0, 0.0])).is_ok());
        assert!(dense.fits(&Vector::Dense(vec![1.0])).is_err());
        assert!(dense.fits(&Vector::Dense(vec![1.0, f32::NAN])).is_err());
        assert!(VectorShape::Sparse.fits(&Vector::sparse([])).is_ok());
        assert!(VectorShape::Sparse.fits(&Vector::Dense(vec![1.0])).is_err());
        let falling = Vector::Sparse { indices: vec![2, 1], values: vec![1.0, 1.0] };
        assert!(VectorShape::Sparse.fits(&falling).is_err());
    }

    #[test]
    fn what_is_zero_or_lost_in_single_precision_points_nowhere() {
        for values in [vec![0.0, 0.0], vec![1e-9, 0.0], vec![3e38, 3e38], vec![f32::NAN, 1.0]] {
            assert!(!Vector::Dense(values).has_direction());
        }
        assert!(Vector::Dense(vec![0.01, -0.5]).has_direction());
        assert!(!Vector::sparse([]).has_direction() && Vector::sparse([(1, 0.5)]).has_direction());
    }

    #[test]
    fn likeness_is_of_two_vectors_alone() {
        let sparse = |entries: &[(u32, f32)]| Vector::sparse(entries.iter().copied());
        let (one, two) = (sparse(&[(1, 0.5), (4, 2.0), (9, -1.0)]), sparse(&[(4, 0.25), (9, 3.0)]));
        assert_eq!((one.similarity(&two), two.similarity(&one)), (Some(-2.5), Some(-2.5)));
        assert_eq!(one.similarity(&sparse(&[(2, 1.0), (10, 1.0)])), None);
        assert_eq!(one.similarity(&sparse(&[])), None);
        let dense = |values: &[f32]| Vector::Dense(values.to_vec());
        assert_eq!(dense(&[3.0, 4.0]).similarity(&dense(&[30.0, 40.0])), Some(1.0));
        assert_eq!(dense(&[3.0, 4.0]).similarity(&dense(&[0.0, 0.0])), Some(0.0));
        assert_eq!(dense(&[3.0, 4.0]).similarity(&one), None);
        let huge = sparse(&[(1, f32::MAX), (2, f32::MAX)]);
        assert_eq!(huge.similarity(&huge), Some(f32::MAX));
    }

    #[test]
    fn one_changed_weight_breaks_an_exact_commitment() {
        let key = SketchKey::new([0; 32]);
        let said = Commitment::to(&Vector::sparse([(1, 0.5), (9, 1.0)]), &key);
        assert!(said.holds_for(&Vector::sparse([(9, 1.0), (1, 0.5)]), &key));
        assert!(!said.holds_for(&Vector::sparse([(1, 0.5), (9, 1.000_000_1)]), &key));
    }
}
