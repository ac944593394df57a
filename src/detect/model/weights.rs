//! The trained model: two tables of weights over hashed features, the words of its concepts, the weights
//! of the document's measures, and where its risk begins to count.
//!
//! Tables hold one signed byte a weight: a thousandth of the precision of training, and a quarter of
//! the memory, so that they stay in the processor's cache.

use std::sync::LazyLock;

use super::concepts::Concepts;
use super::document::MEASURES;
use super::features::INDEX_BITS;

/// First bytes of a file of weights: name and version of the form.
const MAGIC: &[u8; 8] = b"ALNMODL2";
/// Weights of each head.
pub(super) const TABLE: usize = 1 << INDEX_BITS;
/// Floats before the tables: scale and bias of each head, the measures, their bias, the marks.
const FLOATS: usize = 4 + MEASURES + 1 + MARKS;
/// Risks at which something changes: `grey`, `threshold`, `certain`.
const MARKS: usize = 3;

/// A trained model.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights {
    /// For each feature, its weight for `attack` and for `request`, in steps of `scales`.
    pub(super) table: Vec<[i8; 2]>,
    pub(super) scales: [f32; 2],
    pub(super) biases: [f32; 2],
    pub(super) measures: [f32; MEASURES],
    pub(super) bias: f32,
    pub(super) marks: Marks,
    /// The last part of the file.
    pub(super) concepts: Concepts,
}

/// Risks at which something changes, in log-odds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Marks {
    /// From here on a document is worth a second look.
    pub grey: f32,
    /// From here on a document is held.
    pub threshold: f32,
    /// From here on a part of a document is held too.
    pub certain: f32,
}

/// Why bytes are no model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeightsError {
    #[error("the file is no model of this version of alnage")]
    Version,
    #[error("the model has {actual} bytes, at least {expected} were expected")]
    Length { actual: usize, expected: usize },
    #[error("the words of the model's concepts are damaged")]
    Concepts,
    #[error("the model holds numbers that are none")]
    Numbers,
}

impl Weights {
    /// The bytes of the model that is shipped; `policies/model/README.md` is its card.
    pub const SHIPPED: &[u8] = include_bytes!("../../../policies/model/weights.bin");

    /// The model that is shipped; `None` where its file is broken, which a test would have told.
    pub(in crate::detect) fn shipped() -> Option<&'static Self> {
        static SHIPPED: LazyLock<Option<Weights>> =
            LazyLock::new(|| Weights::from_bytes(Weights::SHIPPED).ok());
        SHIPPED.as_ref()
    }

    /// What its words mean.
    pub const fn concepts(&self) -> &Concepts {
        &self.concepts
    }

    /// From a file's bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, WeightsError> {
        let rest = bytes.strip_prefix(MAGIC.as_slice()).ok_or(WeightsError::Version)?;
        let expected = MAGIC.len() + FLOATS * 4 + TABLE * 2;
        let length = WeightsError::Length { actual: bytes.len(), expected };
        let (head, rest) = rest.split_at_checked(FLOATS * 4).ok_or(length)?;
        let (table, concepts) = rest.split_at_checked(TABLE * 2).ok_or(length)?;
        let concepts = Concepts::from_bytes(concepts.to_vec()).ok_or(WeightsError::Concepts)?;
        let floats: Vec<f32> =
            head.as_chunks::<4>().0.iter().map(|four| f32::from_le_bytes(*four)).collect();
        if floats.iter().any(|float| !float.is_finite()) {
            return Err(WeightsError::Numbers);
        }
        let [scale_a, scale_r, bias_a, bias_r, rest @ ..] = floats.as_slice() else {
            return Err(length);
        };
        let (measures, rest) = rest.split_first_chunk::<MEASURES>().ok_or(length)?;
        let [bias, grey, threshold, certain] = rest else { return Err(length) };
        let signed = |byte: u8| i8::from_le_bytes([byte]);
        Ok(Self {
            table: table.as_chunks::<2>().0.iter().map(|[a, r]| [signed(*a), signed(*r)]).collect(),
            scales: [*scale_a, *scale_r],
            biases: [*bias_a, *bias_r],
            measures: *measures,
            bias: *bias,
            marks: Marks { grey: *grey, threshold: *threshold, certain: *certain },
            concepts,
        })
    }

    /// The bytes of a file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let Marks { grey, threshold, certain } = self.marks;
        let floats = self.scales.iter().chain(&self.biases).chain(&self.measures);
        let floats = floats.copied().chain([self.bias, grey, threshold, certain]);
        let table = self.table.iter().flatten().flat_map(|weight| weight.to_le_bytes());
        let head = MAGIC.iter().copied().chain(floats.flat_map(f32::to_le_bytes));
        head.chain(table).chain(self.concepts.as_bytes().iter().copied()).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Concepts, Marks, TABLE, Weights, WeightsError};

    fn weights() -> Weights {
        let mut table = vec![[0, 0]; TABLE];
        table[7] = [-128, 127];
        let marks = Marks { grey: -1.0, threshold: 0.5, certain: 2.0 };
        let measures = [0.25; super::MEASURES];
        let (scales, biases) = ([0.01, 0.02], [-1.0, 1.0]);
        let concepts = Concepts::of_words(&BTreeMap::new()).expect("none are not too many");
        Weights { table, scales, biases, measures, bias: 0.125, marks, concepts }
    }

    #[test]
    fn the_shipped_model_is_one() {
        let marks = Weights::shipped().expect("it reads").marks;
        assert!(marks.grey < marks.threshold && marks.threshold < marks.certain, "{marks:?}");
    }

    #[test]
    fn a_model_comes_back_from_its_bytes() {
        let bytes = weights().to_bytes();
        assert_eq!(Weights::from_bytes(&bytes), Ok(weights()));
    }

    #[test]
    fn bytes_that_are_no_model_are_refused() {
        let bytes = weights().to_bytes();
        assert_eq!(Weights::from_bytes(b"PK\x03\x04"), Err(WeightsError::Version));
        for cut in [8, 20, TABLE] {
            let error = Weights::from_bytes(&bytes[..cut]).expect_err("cut short");
            assert!(matches!(error, WeightsError::Length { .. }), "{error:?}");
        }
        assert_eq!(Weights::from_bytes(&bytes[..bytes.len() - 1]), Err(WeightsError::Concepts));
        let mut wild = bytes;
        wild[8..12].copy_from_slice(&f32::NAN.to_le_bytes());
        assert_eq!(Weights::from_bytes(&wild), Err(WeightsError::Numbers));
    }
}
