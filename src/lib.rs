//! Alnage: the RAG ingestion firewall and vector-store guard.
//!
//! Two flows. A file is read in a child process into blocks, each with what a person sees of it; every
//! reading of the document is scanned; a policy decides on the revision; what was admitted is split,
//! scanned again, sealed, kept in the ledger and put into the vector store. A question is narrowed to
//! the classes that its caller may read; every hit is re-checked against its stamp, the ledger and the
//! caller's rights, and only what passes goes out.
//!
//! | layer | what |
//! |---|---|
//! | [`domain`] | nouns and decisions; pure |
//! | [`parse`], [`chunk`], [`detect`] | bytes → document, document → chunks, readings → findings; pure |
//! | [`pipeline`] | the stories, told with ports |
//! | [`adapters`], [`config`] | the outside world; files and environment → settings |
//! | [`interface`] | how people and programs reach it |
//!
//! The [`manual`] has the reasons.

use tikv_jemallocator::Jemalloc;

pub mod adapters;
pub mod chunk;
pub mod config;
pub mod detect;
pub mod domain;
pub mod interface;
pub mod manual;
pub mod parse;
pub mod pipeline;

/// The heap of the program, of its reader processes, and of whatever tests and measures it.
#[global_allocator]
static HEAP: Jemalloc = Jemalloc;
