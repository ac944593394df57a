//! What all detectors share: rules, one pass that finds where they match, the judgement whether a match
//! is said or only mentioned, and the list of findings that comes out.

mod compiled;
mod expression;
mod mention;
mod report;
mod rule;
mod subject;

pub(in crate::detect) use compiled::{Engine, spellings};
pub(in crate::detect) use expression::{Classes, Expression};
pub(in crate::detect) use report::finish;
pub(in crate::detect) use rule::{Rule, Sample, Scope};
pub use subject::Subject;
pub(in crate::detect) use subject::{Finder, Origin, View, shown_text};
