//! Bytes → `Document`. One file per format, each total over hostile input: broken structure is a
//! notice, bounds are counts of work (`domain::limits`), and only what leaves no document at all is
//! an error.
//!
//! What a person sees is measured here and nowhere else.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod archive;
mod builder;
mod csv;
mod decode;
mod docx;
mod drawing;
mod eml;
mod epub;
mod error;
mod formulas;
mod grid;
mod hash;
mod html;
mod ipynb;
mod json;
mod markdown;
mod odf;
mod ooxml;
mod package;
mod paragraphs;
mod pdf;
mod pptx;
mod remains;
mod rtf;
mod sheets;
mod sniff;
mod text;
mod xlsx;
mod xml;

pub use error::ParseError;
pub use sniff::sniff;

use builder::Builder;

use crate::domain::document::{
    Document, Format, Notice, NoticeKind, Opened, RawDocument, member_uri,
};
use crate::domain::limits::DOCUMENT_BYTES_MAX;

/// Version of all readers together. It is part of a revision's identity: a change of what any reader
/// finds moves it, and known content is read again.
pub const READER_VERSION: &str = "2";
/// The same without a second opinion.
pub const READER_VERSION_UNAIDED: &str = "2 without second opinion";

/// How files are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Pages of PDF are drawn where geometry alone cannot tell whether text is seen. It takes time, and code
    /// of others that draws: without it such text stays `Undetermined`.
    pub second_opinion: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { second_opinion: true }
    }
}

/// Reads a file by what its bytes are; a mismatch with the declared type is a notice.
pub fn parse(raw: &RawDocument) -> Result<Opened, ParseError> {
    parse_with(raw, Options::default())
}

/// The same, otherwise than usual.
pub fn parse_with(raw: &RawDocument, options: Options) -> Result<Opened, ParseError> {
    let actual_bytes = raw.bytes.len() as u64;
    if actual_bytes > DOCUMENT_BYTES_MAX {
        return Err(ParseError::TooLarge { actual_bytes, limit_bytes: DOCUMENT_BYTES_MAX });
    }
    let format = sniff(&raw.bytes, raw.declared);
    let mut opened = read(format, raw, options)?;
    for member in &mut opened.members {
        member.uri = member_uri(&raw.uri, &member.uri);
    }
    let document = &mut opened.document;
    if let Some(declared) = raw.declared.filter(|declared| is_mismatch(*declared, format)) {
        document.notices.push(Notice {
            kind: NoticeKind::TypeMismatch,
            location: None,
            detail: format!("declared as {}, but the bytes are {}", declared.name(), format.name()),
        });
    }
    let is_blank = document.blocks.iter().all(|block| block.text.trim().is_empty());
    if is_blank && opened.members.is_empty() {
        document.notices.push(Notice {
            kind: NoticeKind::Empty,
            location: None,
            detail: "the document holds no text".to_owned(),
        });
    }
    Ok(opened)
}

/// A text that is no file: paragraphs, all of them shown.
pub fn plain(text: &str) -> Document {
    text::parse(text.as_bytes())
}

/// Office files and books are archives, and some senders say no more of them.
fn is_mismatch(declared: Format, format: Format) -> bool {
    declared != format && !(declared == Format::Zip && is_package(format))
}

const fn is_package(format: Format) -> bool {
    matches!(
        format,
        Format::Docx
            | Format::Pptx
            | Format::Xlsx
            | Format::Odt
            | Format::Ods
            | Format::Odp
            | Format::Epub
    )
}

fn read(format: Format, raw: &RawDocument, options: Options) -> Result<Opened, ParseError> {
    let bytes = raw.bytes.as_slice();
    Ok(match format {
        Format::Text => text::parse(bytes).into(),
        Format::Markdown => markdown::parse(bytes).into(),
        Format::Html => html::parse(bytes).into(),
        Format::Pdf => pdf::parse_with(bytes, options)?,
        Format::Docx => docx::parse(bytes)?,
        Format::Pptx => pptx::parse(bytes)?,
        Format::Xlsx => xlsx::parse(bytes)?,
        Format::Odt | Format::Ods | Format::Odp => odf::parse(bytes, format)?,
        Format::Rtf => rtf::parse(bytes).into(),
        Format::Epub => epub::parse(bytes)?,
        Format::Eml => eml::parse(bytes),
        Format::Csv => csv::parse(bytes).into(),
        Format::Json => json::parse(bytes).into(),
        Format::Ipynb => ipynb::parse(bytes),
        Format::Zip => archive::zip(bytes)?,
        Format::Tar => archive::tar(bytes)?,
        Format::Gzip => archive::gzip(bytes, &raw.uri)?,
        Format::Unsupported => return Err(ParseError::Unsupported),
    })
}
