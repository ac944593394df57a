//! What must hold of every reader on any bytes. The replay in `tests/it` uses this file too.

use std::io::{Cursor, Write};

use alnage::chunk::split;
use alnage::domain::document::{Document, Format, Opened, RawDocument, Visibility};
use alnage::domain::limits::{
    BLOCKS_MAX, CHUNK_BYTES_MAX, MEMBERS_BYTES_MAX, MEMBERS_MAX, NOTICES_MAX, TEXT_BYTES_MAX,
};
use alnage::parse::{parse, sniff};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// Notices past the bound: one of each kind, and those that `parse` itself may add to a reader's.
const NOTICES_OF_PARSE: usize = 9 + 2;

/// Reads the bytes and checks what came of it; an error is a good outcome, a panic is not.
pub fn read(bytes: &[u8], declared: Option<Format>) {
    let format = sniff(bytes, declared);
    let raw = RawDocument { uri: "fuzz".to_owned(), declared, bytes: bytes.to_vec() };
    let Ok(Opened { document, members }) = parse(&raw) else { return };
    assert_eq!(document.format, format, "a document is what its bytes are");
    check_bounds(&document);
    check_answer(&document);
    check_members(&members);
    for chunk in split(&document, &Visibility::is_shown) {
        assert!(chunk.repeats(&document) && chunk.text.len() <= CHUNK_BYTES_MAX);
    }
    if let Ok(again) = parse(&raw) {
        let same = again.document.blocks.len() == document.blocks.len()
            && again.members.len() == members.len();
        assert!(same, "reading is a function of the bytes");
    }
}

/// Packages whose parts `read_part` puts others in place of.
const PACKAGES: [(&[u8], Format); 9] = [
    (include_bytes!("../corpus/docx/headers-and-notes"), Format::Docx),
    (include_bytes!("../corpus/docx/styles-in-a-circle"), Format::Docx),
    (include_bytes!("../corpus/pptx/notes-and-comments"), Format::Pptx),
    (include_bytes!("../corpus/pptx/tables"), Format::Pptx),
    (include_bytes!("../corpus/xlsx/drawing"), Format::Xlsx),
    (include_bytes!("../corpus/xlsx/shared-strings"), Format::Xlsx),
    (include_bytes!("../corpus/odf/objects-and-scripts"), Format::Odt),
    (include_bytes!("../corpus/odf/slide-shapes"), Format::Odp),
    (include_bytes!("../corpus/epub/sheets.epub"), Format::Epub),
];

/// Reads a sound package one of whose parts is these bytes. The first byte names the package, the second the part:
/// mutations of a compressed package would hardly ever get as far as its parts.
pub fn read_part(bytes: &[u8]) {
    let [package, part, text @ ..] = bytes else { return };
    let (package, format) = PACKAGES[usize::from(*package) % PACKAGES.len()];
    if let Ok(package) = with_part(package, usize::from(*part), text) {
        read(&package, Some(format));
    }
}

fn with_part(package: &[u8], part: usize, text: &[u8]) -> zip::result::ZipResult<Vec<u8>> {
    let mut archive = ZipArchive::new(Cursor::new(package))?;
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let replaced = part % archive.len().max(1);
    for index in 0..archive.len() {
        let file = archive.by_index_raw(index)?;
        if index == replaced {
            let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
            let name = file.name()?.into_owned();
            writer.start_file(name, stored)?;
            writer.write_all(text)?;
        } else {
            writer.raw_copy_file(file)?;
        }
    }
    Ok(writer.finish()?.into_inner())
}

fn check_bounds(document: &Document) {
    assert!(document.blocks.len() <= BLOCKS_MAX);
    assert!(document.blocks.iter().map(|block| block.text.len()).sum::<usize>() <= TEXT_BYTES_MAX);
    assert!(document.blocks.iter().all(|block| !block.text.is_empty()));
    assert!(document.notices.len() <= NOTICES_MAX + NOTICES_OF_PARSE);
}

fn check_members(members: &[RawDocument]) {
    assert!(members.len() <= MEMBERS_MAX);
    assert!(members.iter().map(|member| member.bytes.len()).sum::<usize>() <= MEMBERS_BYTES_MAX);
    let mut uris: Vec<&str> = members.iter().map(|member| member.uri.as_str()).collect();
    uris.sort_unstable();
    assert!(uris.windows(2).all(|pair| pair[0] != pair[1]), "each has a name of its own");
}

/// A reader process hands the document back as JSON, which holds no number that is not finite.
fn check_answer(document: &Document) {
    let json = serde_json::to_string(document).unwrap_or_default();
    let answer = serde_json::from_str::<Document>(&json).ok();
    assert_eq!(answer.as_ref(), Some(document), "a document survives its way through the pipe");
}
