//! One test program, a module per flow.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that cannot go on fails; clippy's switches for tests do not reach helpers"
)]
#![expect(clippy::print_stdout, reason = "figures, and why a test was skipped")]

mod access_policies;
mod access_scale;
mod access_world;
mod allow;
mod architecture;
mod audit;
mod bad_input;
mod calibrate;
mod cli;
mod corpus;
mod documents;
mod embedder;
mod embedding_server;
mod evaluation;
mod extractors;
mod feeds;
mod feeds_bucket;
mod filters;
mod fuzz_replay;
mod http;
mod inspect;
mod judge_server;
mod judges;
mod kept;
mod keys;
mod kill;
mod ledger;
mod matrix;
mod members;
mod model;
mod packs;
mod proofs;
mod pypi;
mod reader_process;
mod registry;
mod retention;
mod retrieval;
mod scan;
mod sensitive;
mod stamps;
mod stores;
mod stories;
mod strangers;
mod support;
mod threats;
#[expect(dead_code, reason = "unit tests use the rest of it")]
#[path = "../../src/adapters/judges/tiny_model.rs"]
mod tiny_model;
