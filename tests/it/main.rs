//! One test program, a module per flow.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails; clippy's switches for tests do not reach helpers"
)]

mod fuzz_replay;
mod reader_process;
