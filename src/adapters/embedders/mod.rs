//! Embedders: what makes vectors of texts.

pub mod lexical;
mod lexical_terms;
pub mod openai;
mod openai_answer;
mod openai_server;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::source::Name;
use crate::pipeline::guard::Embedders;

pub use lexical::LexicalEmbedder;
pub use openai::OpenAiEmbedder;

/// The name that the built-in embedder is known by.
pub fn lexical_name() -> Name {
    Name::known("lexical")
}

/// What every workspace has.
pub fn shipped() -> Arc<Embedders> {
    Arc::new(BTreeMap::from([(lexical_name(), Arc::new(LexicalEmbedder) as _)]))
}
