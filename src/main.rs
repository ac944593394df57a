//! Starts either a reader process or the command line.

use std::process::ExitCode;

use alnage::adapters::reader_process::{READER_ARGUMENT, UNAIDED_ARGUMENT, serve_child};
use alnage::pipeline::reading::Options;

fn main() -> ExitCode {
    let is = |number: usize, word: &str| {
        std::env::args_os().nth(number).is_some_and(|argument| argument == word)
    };
    if is(1, READER_ARGUMENT) {
        return serve_child(Options { second_opinion: !is(2, UNAIDED_ARGUMENT) });
    }
    alnage::interface::cli::run()
}
