//! Rich Text Format: what a word processor shows, with everything else that the file carries.
//!
//! Let through on purpose: pictures and embedded objects, which are told and not unpacked; text under
//! other text or under pictures; symbols of fonts that draw other characters; the letters of code pages
//! of DOS, which are read as those of Windows.

mod flow;
mod lexer;
mod passed;
mod reader;
mod state;
#[cfg(test)]
mod tests;
mod words;

use super::Builder;
use crate::domain::document::{Block, BlockKind, Document, Format, Joint, Location, NoticeKind};

pub(super) fn parse(bytes: &[u8]) -> Document {
    let mut reader = reader::Reader::new(bytes);
    reader.read();
    let mut builder = Builder::new(Format::Rtf);
    builder.title(&reader.title);
    let rest = reader.rest().to_vec();
    for (kind, detail) in reader.finish(&mut builder) {
        builder.notice_once(kind, detail);
    }
    let behind = String::from_utf8_lossy(&rest);
    let behind = behind.trim_matches(|ch: char| ch.is_whitespace() || ch == '\0');
    if !behind.is_empty() {
        builder.notice_once(NoticeKind::Malformed, "text follows its end");
        builder.long_block(Block {
            text: behind.to_owned(),
            kind: BlockKind::Attached,
            joint: Joint::Paragraph,
            visibility: words::NOT_DISPLAYED,
            location: Location::Part { part: "behind the end".to_owned(), paragraph: 1 },
        });
    }
    builder.finish()
}
