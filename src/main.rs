//! Starts either a reader process or the command line.

use std::process::ExitCode;

use alnage::adapters::reader_process::{READER_ARGUMENT, serve_child};

fn main() -> ExitCode {
    if std::env::args_os().nth(1).is_some_and(|argument| argument == READER_ARGUMENT) {
        return serve_child();
    }
    alnage::interface::cli::run()
}
