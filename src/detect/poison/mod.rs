//! What the poisoning detectors share: the measure of how much two documents have in common.

mod minhash;

pub use minhash::{Signature, signature};
