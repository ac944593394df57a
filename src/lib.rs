//! Alnage: the RAG ingestion firewall and vector-store guard.

pub mod adapters;
pub mod chunk;
pub mod config;
pub mod detect;
pub mod domain;
pub mod interface;
pub mod parse;
pub mod pipeline;
