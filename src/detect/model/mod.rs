//! The linear model: what reads like an instruction that does not belong, by its words and letters, in
//! any wording that rules did not foresee. Microseconds a chunk, no dictionary, no language.
//!
//! Lets through on purpose: what honest requests say word for word; other languages than it was trained
//! on, unless their words resemble them.

mod document;
mod features;
mod judgement;
mod tokens;
pub mod train;
mod units;
mod weights;

pub(in crate::detect) use judgement::{Judgement, Level};
pub(in crate::detect) use tokens::stands_alone;
pub use weights::{Weights, WeightsError};
