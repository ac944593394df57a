//! Bytes → `Document`. One file per format, each total over hostile input: broken structure is a
//! notice, bounds are counts of work (`domain::limits`), and only what leaves no document at all is
//! an error.
//!
//! What a person sees is measured here and nowhere else.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod builder;
mod decode;
mod error;
mod html;
mod markdown;
mod pdf;
mod sniff;
mod text;

pub use error::ParseError;
pub use sniff::sniff;

use builder::Builder;

use crate::domain::document::{Document, Format, Notice, NoticeKind, RawDocument};
use crate::domain::limits::DOCUMENT_BYTES_MAX;

/// Version of all readers together. It is part of a revision's identity: a change of what any reader
/// finds moves it, and known content is read again.
pub const READER_VERSION: &str = "1";

/// Reads a file by what its bytes are; a mismatch with the declared type is a notice.
pub fn parse(raw: &RawDocument) -> Result<Document, ParseError> {
    let actual_bytes = raw.bytes.len() as u64;
    if actual_bytes > DOCUMENT_BYTES_MAX {
        return Err(ParseError::TooLarge { actual_bytes, limit_bytes: DOCUMENT_BYTES_MAX });
    }
    let format = sniff(&raw.bytes, raw.declared);
    let mut document = match format {
        Format::Text => text::parse(&raw.bytes),
        Format::Markdown => markdown::parse(&raw.bytes),
        Format::Html => html::parse(&raw.bytes),
        Format::Pdf => pdf::parse(&raw.bytes)?,
        Format::Unsupported => return Err(ParseError::Unsupported),
    };
    if let Some(declared) = raw.declared.filter(|declared| *declared != format) {
        document.notices.push(Notice {
            kind: NoticeKind::TypeMismatch,
            location: None,
            detail: format!("declared as {}, but the bytes are {}", declared.name(), format.name()),
        });
    }
    if document.blocks.iter().all(|block| block.text.trim().is_empty()) {
        document.notices.push(Notice {
            kind: NoticeKind::Empty,
            location: None,
            detail: "the document holds no text".to_owned(),
        });
    }
    Ok(document)
}
