//! Hostile bytes are parsed in a child process: this binary, started with `READER_ARGUMENT`. A stack
//! overflow, an abort or a runaway allocation takes the child down and nothing else.
//!
//! Over the pipes go frames. To the child: length of the header (`u32`, big endian), the header in
//! JSON, length of the body (`u64`), the body. Back: length (`u64`), an `Answer` in JSON, the number of
//! files that are inside the document (`u32`), each of them as it would go to a child.
//!
//! Let through on purpose: a child reads many documents one after another, so a reader that is taken
//! over, and not only brought down, could falsify what it is given later. The readers are safe Rust,
//! and `READER_DOCUMENTS_MAX` ends such a child.

mod child;
mod pool;
mod process;

pub use child::serve_child;
pub use pool::ReaderPool;

use serde::{Deserialize, Serialize};

use crate::domain::document::{Document, Format};
use crate::domain::limits::{DOCUMENT_BYTES_MAX, READER_HEADER_BYTES_MAX};
use crate::pipeline::ports::ReadError;
use crate::pipeline::reading;

/// First argument that makes this program a reader process. Not for people.
pub const READER_ARGUMENT: &str = "reader-process";

/// Second argument of one that gives no second opinion.
pub const UNAIDED_ARGUMENT: &str = "without-second-opinion";

/// The environment of a reader process. The memory bound counts address space, and heaps reserve it ahead, one for each
/// thread, and keep it for good when it is free; here there is one heap, which unmaps it again after a while.
const ENVIRONMENT: [(&str, &str); 2] = [
    ("_RJEM_MALLOC_CONF", "narenas:1,retain:false,cache_oblivious:false"),
    // For what does not allocate through Rust.
    ("MALLOC_ARENA_MAX", "1"),
];

/// The running program itself. The link leads to it even after an upgrade has put another file in its
/// place, and reader and server must be of one version.
const OWN_PROGRAM: &str = "/proc/self/exe";

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

/// Everything that goes before a body.
fn framed_header(header: &Header, body: &[u8]) -> Result<Vec<u8>, ReadError> {
    let actual_bytes = body.len() as u64;
    if DOCUMENT_BYTES_MAX < actual_bytes {
        let error = reading::too_large(actual_bytes);
        return Err(ReadError::Parse { code: error.code().to_owned(), message: error.to_string() });
    }
    let json = serde_json::to_vec(header).map_err(|_| protocol("header cannot be encoded"))?;
    let length = u32::try_from(json.len()).ok().filter(|_| json.len() <= READER_HEADER_BYTES_MAX);
    let length = length.ok_or_else(|| protocol("header is too large"))?;
    Ok([&length.to_be_bytes(), json.as_slice(), &actual_bytes.to_be_bytes()].concat())
}

fn protocol(detail: &str) -> ReadError {
    ReadError::Protocol { detail: detail.to_owned() }
}
