//! PDF: text with its place, size and colour, and what a person sees of it.
//!
//! ```text
//! objects ─ page ─▶ content (lexer, state, path, font, colour) ─▶ glyphs + canvas
//!                        glyphs + canvas ─ visibility ─▶ layout ─▶ paragraphs ─▶ blocks
//! ```
//! The library reads the file's objects; the content of pages is read here, because what it leaves
//! out (colour, clip, render mode, order of painting) is what hides text.
//!
//! Let through on purpose: each file of this folder says what; fonts are taken at their word, and
//! pixels are not read. What the library unpacks while it loads a file is bounded per stream, not
//! over all of them; the reader process has a bound on memory for that.

mod attached;
mod blocks;
mod canvas;
mod cmap;
mod colour;
mod content;
mod encoding;
mod font;
mod function;
mod geometry;
mod glyphs;
mod layers;
mod layout;
mod lexer;
mod marks;
mod metadata;
mod objects;
mod page;
mod paragraphs;
mod path;
mod state;
mod visibility;
mod widths;
mod work;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;

use lopdf::xref::XrefRecovery;
use lopdf::{Error, LoadOptions};

use super::{Builder, ParseError};
use crate::domain::document::{Document, Format, Location, NoticeKind};
use crate::domain::limits::PDF_OBJECT_STREAM_BYTES_MAX;
use page::Pages;
use work::Work;

/// Viewers look for the end mark in the last kilobyte.
const TAIL_BYTES: usize = 1024;

pub(super) fn parse(bytes: &[u8]) -> Result<Document, ParseError> {
    let file = load(bytes)?;
    let found = page::pages(&file);
    if found.pages.is_empty() {
        return Err(structure("it has no pages"));
    }
    let mut work = Work::new(&file);
    note_structure(&mut work, bytes, &found);
    let mut builder = Builder::new(Format::Pdf);
    metadata::read(&mut work, &mut builder);
    let mut sizes = Vec::new();
    for page in &found.pages {
        if builder.is_full() {
            break;
        }
        work.page = Some(page.number);
        for (block, size) in blocks::of_page(&mut work, page) {
            if block.visibility.is_shown() {
                sizes.push(size);
            }
            builder.block(block);
        }
        attached::annotations(&mut work, page, &mut builder);
    }
    work.page = None;
    attached::objects(&mut work, &mut builder);
    for ((kind, detail), page) in std::mem::take(&mut work.notices) {
        let location = page.map(|page| Location::Page { page, area: [0.0; 4] });
        builder.notice(kind, location, detail);
    }
    let mut document = builder.finish();
    blocks::mark_headings(&mut document, &sizes);
    Ok(document)
}

/// Loads the file's objects; an empty password opens what is only locked against changes.
fn load(bytes: &[u8]) -> Result<lopdf::Document, ParseError> {
    let options = LoadOptions {
        max_decompressed_size: Some(PDF_OBJECT_STREAM_BYTES_MAX),
        ..LoadOptions::default()
    };
    match lopdf::Document::load_mem_with_options(bytes, options) {
        Ok(file) if file.is_encrypted() => Err(ParseError::Encrypted),
        Ok(file) => Ok(file),
        Err(
            Error::InvalidPassword | Error::Decryption(_) | Error::UnsupportedSecurityHandler(_),
        ) => Err(ParseError::Encrypted),
        Err(error) => Err(structure(&error.to_string())),
    }
}

fn structure(detail: &str) -> ParseError {
    ParseError::Structure { format: "pdf", detail: detail.to_owned() }
}

/// What the file's frame looks like.
fn note_structure(work: &mut Work<'_>, bytes: &[u8], found: &Pages<'_>) {
    if let Some(recovery) = work.document.xref_recovery {
        let detail = match recovery {
            XrefRecovery::OffsetCorrected => "the table of objects is not where it should be",
            _ => "the table of objects was rebuilt",
        };
        work.note(NoticeKind::Malformed, detail);
    }
    let tail = bytes.get(bytes.len().saturating_sub(TAIL_BYTES)..).unwrap_or_default();
    if !tail.windows(5).any(|window| window == b"%%EOF") {
        work.note(NoticeKind::Truncated, "the end of the file is missing");
    }
    if found.cut {
        work.note(NoticeKind::LimitReached, "more pages than one document may have");
    }
    if found.gathered {
        work.note(NoticeKind::Malformed, "the pages are not in a tree");
    }
}
