//! What must hold of every reader on any bytes. The replay in `tests/it` uses this file too.

use alnage::chunk::split;
use alnage::domain::document::{Document, Format, RawDocument, Visibility};
use alnage::domain::limits::{BLOCKS_MAX, CHUNK_BYTES_MAX, NOTICES_MAX, TEXT_BYTES_MAX};
use alnage::parse::{parse, sniff};

/// Notices that `parse` itself may add to those of a reader.
const NOTICES_OF_PARSE: usize = 2;

/// Reads the bytes and checks what came of it; an error is a good outcome, a panic is not.
pub fn read(bytes: &[u8], declared: Option<Format>) {
    let format = sniff(bytes, declared);
    let raw = RawDocument { uri: "fuzz".to_owned(), declared, bytes: bytes.to_vec() };
    let Ok(document) = parse(&raw) else { return };
    assert_eq!(document.format, format, "a document is what its bytes are");
    check_bounds(&document);
    check_answer(&document);
    for chunk in split(&document, &Visibility::is_shown) {
        assert!(chunk.repeats(&document) && chunk.text.len() <= CHUNK_BYTES_MAX);
    }
    if let Ok(again) = parse(&raw) {
        assert_eq!(again.blocks.len(), document.blocks.len(), "reading is a function of the bytes");
    }
}

fn check_bounds(document: &Document) {
    assert!(document.blocks.len() <= BLOCKS_MAX);
    assert!(document.blocks.iter().map(|block| block.text.len()).sum::<usize>() <= TEXT_BYTES_MAX);
    assert!(document.blocks.iter().all(|block| !block.text.is_empty()));
    assert!(document.notices.len() <= NOTICES_MAX + NOTICES_OF_PARSE);
}

/// A reader process hands the document back as JSON, which holds no number that is not finite.
fn check_answer(document: &Document) {
    let json = serde_json::to_string(document).unwrap_or_default();
    let answer = serde_json::from_str::<Document>(&json).ok();
    assert_eq!(answer.as_ref(), Some(document), "a document survives its way through the pipe");
}
