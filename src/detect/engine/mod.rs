//! What all detectors share: rules as data, one pass that finds where they match, the judgement
//! whether a match is said or only mentioned, and the list of findings that comes out.

mod compiled;
mod mention;
mod report;
mod rule;
mod subject;
mod vocabulary;

pub(in crate::detect) use compiled::ENGINE;
pub(in crate::detect) use report::finish;
pub(in crate::detect) use rule::{Rule, Scope};
pub use subject::Subject;
pub(in crate::detect) use subject::{Origin, View, shown_text};
pub(in crate::detect) use vocabulary::CLASSES;
