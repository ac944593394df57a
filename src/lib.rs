//! Alnage: the RAG ingestion firewall and vector-store guard.

pub mod adapters;
pub mod detect;
pub mod domain;
pub mod parse;
pub mod pipeline;
