//! Embedders: what makes vectors of texts.

pub mod lexical;
mod lexical_terms;

pub use lexical::LexicalEmbedder;
