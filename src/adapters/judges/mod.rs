//! Judges: who is asked about the grey zone after the rules. None runs unless it is configured.

mod budget;
mod chat;
mod classification;
mod exchange;
pub mod http;
mod model_claims;
mod model_folder;
mod model_tensors;
mod network;
#[cfg(test)]
mod plain;
#[cfg(test)]
mod tiny_model;
pub mod transformer;
mod windows;

pub use http::HttpJudge;
pub use model_folder::ModelError;
pub use transformer::TransformerJudge;
