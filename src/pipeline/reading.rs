//! What a reader process runs, for the adapter that runs it.

use crate::domain::document::{Opened, RawDocument};
use crate::parse;

use super::ports::ReadError;

pub use crate::parse::Options;

/// Version of the readers in this program, and of how they read: what they find depends on both.
pub const fn version(options: Options) -> &'static str {
    if options.second_opinion { parse::READER_VERSION } else { parse::READER_VERSION_UNAIDED }
}

/// Parses in this very process: only ever called in one that may be killed.
pub fn read_here(raw: &RawDocument, options: Options) -> Result<Opened, ReadError> {
    parse::parse_with(raw, options).map_err(|error| ReadError::Parse {
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
