//! The linear model: what reads like an instruction that does not belong, by its words and letters, in
//! any wording that rules did not foresee. Microseconds a chunk.
//!
//! Lets through on purpose: what honest requests say word for word; languages that neither its lines nor its
//! concepts know.

mod concepts;
mod document;
mod features;
mod judgement;
mod tokens;
pub mod train;
mod units;
mod weights;

pub use concepts::Concepts;
pub(in crate::detect) use judgement::{Judgement, Level};
pub(in crate::detect) use tokens::stands_alone;
pub use weights::{Weights, WeightsError};
