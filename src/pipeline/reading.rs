//! What a reader process runs, for the adapter that runs it.

use crate::domain::document::{Opened, RawDocument};
use crate::parse;

use super::ports::ReadError;

/// Version of the readers in this program.
pub const VERSION: &str = parse::READER_VERSION;

/// Parses in this very process: only ever called in one that may be killed.
pub fn read_here(raw: &RawDocument) -> Result<Opened, ReadError> {
    parse::parse(raw).map_err(|error| ReadError::Parse {
        code: error.code().to_owned(),
        message: error.to_string(),
    })
}

/// The refusal of a file above the bound, which need not be handed to a process first.
pub const fn too_large(actual_bytes: u64) -> parse::ParseError {
    parse::ParseError::TooLarge {
        actual_bytes,
        limit_bytes: crate::domain::limits::DOCUMENT_BYTES_MAX,
    }
}
