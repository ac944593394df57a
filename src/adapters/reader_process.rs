//! Hostile bytes are parsed in a child process: this binary, started with `READER_ARGUMENT`. A stack
//! overflow, an abort or a runaway allocation takes the child down and nothing else.
//!
//! Over the pipes go frames. To the child: length of the header (`u32`, big endian), the header in
//! JSON, length of the body (`u64`), the body. Back: length (`u64`), an `Answer` in JSON.
//!
//! Let through on purpose: a child reads many documents one after another, so a reader that is taken
//! over, and not only brought down, could falsify what it is given later. The readers are safe Rust,
//! and `READER_DOCUMENTS_MAX` ends such a child.

mod child;
mod pool;
mod process;

pub use child::serve_child;
pub use pool::ReaderPool;

use std::io;

use serde::{Deserialize, Serialize};

use crate::domain::document::{Document, Format};

/// First argument that makes this program a reader process. Not for people.
pub const READER_ARGUMENT: &str = "reader-process";

/// The running program itself. The link leads to it even after an upgrade has put another file in its
/// place, and reader and server must be of one version.
const OWN_PROGRAM: &str = "/proc/self/exe";

/// Why there is no document. Every variant leaves the pool fit for the next document.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The reader says that the bytes are no document.
    #[error("{message}")]
    Parse {
        /// `ParseError::code`, or `reader-panicked` or `reader-answer-too-large`.
        code: String,
        /// One clause; no document text in it.
        message: String,
    },
    /// The child was killed because it overran.
    #[error("document was not read within {seconds} seconds")]
    TimedOut {
        /// The bound.
        seconds: u64,
    },
    /// The child ended on its own: memory, stack or processor time, or an abort.
    #[error("reader process ended on this document: {detail}")]
    Died {
        /// Its exit status.
        detail: String,
    },
    /// The child's answer is none.
    #[error("reader process gave no valid answer: {detail}")]
    Protocol {
        /// What is wrong with it.
        detail: String,
    },
    /// No child could be started; nothing is wrong with the document.
    #[error("reader process could not be started")]
    Start {
        /// What the system says.
        source: io::Error,
    },
}

impl ReadError {
    /// Stable name for outputs, metrics and the log; the text may change, this may not.
    pub fn code(&self) -> &str {
        match self {
            Self::Parse { code, .. } => code,
            Self::TimedOut { .. } => "reader-timed-out",
            Self::Died { .. } => "reader-died",
            Self::Protocol { .. } => "reader-answer-invalid",
            Self::Start { .. } => "reader-not-started",
        }
    }
}

/// What goes before a document.
#[derive(Debug, Serialize, Deserialize)]
struct Header {
    uri: String,
    declared: Option<Format>,
}

/// What comes back.
type Answer = Result<Document, Refusal>;

/// A `ParseError` on its way over the pipe.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Refusal {
    code: String,
    message: String,
}
