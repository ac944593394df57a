//! What must hold of the chunks of any document, checked on random ones.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::split;
use crate::domain::chunk::Chunk;
use crate::domain::document::{
    Block, BlockKind, Document, Format, Hiding, Joint, Location, Visibility,
};
use crate::domain::limits::{
    CHUNK_BYTES_MAX, CHUNK_BYTES_MIN, CHUNK_HEADING_BYTES_MAX, CHUNK_OVERLAP_BYTES,
};

fn block(text: impl Into<String>, kind: BlockKind, joint: Joint) -> Block {
    let location = Location::Property { name: String::new() };
    Block { text: text.into(), kind, joint, visibility: Visibility::Shown, location }
}

fn paragraph(text: impl Into<String>) -> Block {
    block(text, BlockKind::Paragraph, Joint::Paragraph)
}

fn heading(level: u8, text: &str) -> Block {
    block(text, BlockKind::Heading(level), Joint::Paragraph)
}

fn document(blocks: Vec<Block>) -> Document {
    Document {
        format: Format::Text,
        title: None,
        blocks,
        notices: Vec::new(),
        given: Default::default(),
    }
}

fn chunks(blocks: Vec<Block>) -> Vec<Chunk> {
    let document = document(blocks);
    let chunks = split(&document, &Visibility::is_shown);
    check(&document, &chunks);
    chunks
}

/// The text that a chunk's parts and the joints between them make.
fn rebuilt(document: &Document, chunk: &Chunk) -> String {
    let mut text = String::new();
    let mut before = None;
    for part in &chunk.parts {
        let block = document.block(part.span.block).unwrap();
        if before.is_some_and(|before| before != part.span.block) {
            text.push_str(block.joint.separator());
        }
        assert_eq!(text.len(), part.start as usize);
        text.push_str(document.text_of(part.span));
        before = Some(part.span.block);
    }
    text
}

fn check(document: &Document, chunks: &[Chunk]) {
    let mut seen: Vec<Vec<bool>> =
        document.blocks.iter().map(|block| vec![false; block.text.len()]).collect();
    let mut last = None;
    for (ordinal, chunk) in chunks.iter().enumerate() {
        assert_eq!(chunk.ordinal as usize, ordinal);
        assert!(chunk.text.len() <= CHUNK_BYTES_MAX && !chunk.text.trim().is_empty());
        assert!(chunk.repeats(document));
        assert_eq!(rebuilt(document, chunk), chunk.text);
        assert!(chunk.parts.is_sorted_by_key(|part| part.span.block));
        assert!(chunk.headings.iter().all(|text| text.len() <= CHUNK_HEADING_BYTES_MAX));
        let end = chunk.parts.last().map(|part| (part.span.block, part.span.end));
        assert!(last < end, "every chunk brings something new");
        last = end;
        for span in chunk.parts.iter().map(|part| part.span) {
            assert!(document.block(span.block).unwrap().visibility.is_shown());
            seen[span.block.0 as usize][span.start as usize..span.end as usize].fill(true);
        }
    }
    for (block, seen) in document.blocks.iter().zip(seen) {
        for (at, ch) in block.text.char_indices() {
            let wanted = block.visibility.is_shown() && !ch.is_whitespace();
            assert!(seen[at] || !wanted, "byte {at} is in no chunk");
        }
    }
}

fn any_text() -> impl Strategy<Value = String> {
    let long =
        |piece: &'static str, most: usize| (1..most).prop_map(move |times| piece.repeat(times));
    prop_oneof![
        4 => "[a-zA-Z .!?\n]{0,60}",
        2 => "\\PC{0,40}",
        1 => "[ \t\n\u{2003}]{0,30}",
        1 => long("One sentence of it stands here. ", 200),
        1 => long("wrapped line\nof text ", 200),
        1 => long("漢字。", 900),
        1 => long("\u{1F468}\u{200D}\u{1F469}\u{1F3FD}", 300),
        1 => long("x", 7_000),
        1 => long(" ", 7_000),
    ]
}

fn any_block() -> impl Strategy<Value = Block> {
    let kind = prop_oneof![
        5 => Just(BlockKind::Paragraph),
        1 => (0_u8..8).prop_map(BlockKind::Heading),
        1 => Just(BlockKind::Cell)
    ];
    let joint = prop_oneof![
        Just(Joint::Inline),
        Just(Joint::Line),
        Just(Joint::Paragraph),
        Just(Joint::Page)
    ];
    (any_text(), kind, joint, prop::bool::weighted(0.2)).prop_map(|(text, kind, joint, hidden)| {
        let mut block = block(text, kind, joint);
        if hidden {
            block.visibility = Visibility::Hidden(Hiding::TooSmall);
        }
        block
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_indexed_byte_is_in_a_chunk_and_no_other(blocks in prop::collection::vec(any_block(), 0..40)) {
        chunks(blocks);
    }
}

#[test]
fn a_heading_opens_a_chunk_and_stands_above_what_follows() {
    let found = chunks(vec![
        paragraph("Preface."),
        heading(1, "Refunds"),
        heading(2, "By card"),
        paragraph("Five days."),
        heading(2, "In cash"),
        paragraph("At once."),
        heading(1, "Contact"),
    ]);
    let texts: Vec<_> = found.iter().map(|chunk| chunk.text.as_str()).collect();
    assert_eq!(
        texts,
        ["Preface.", "Refunds\n\nBy card\n\nFive days.", "In cash\n\nAt once.", "Contact"]
    );
    assert_eq!(found[0].headings, [""; 0]);
    assert_eq!(found[1].headings, ["Refunds", "By card"]);
    assert_eq!(found[2].headings, ["Refunds", "In cash"]);
    assert_eq!(found[3].headings, ["Contact"]);
}

#[test]
fn a_heading_in_two_runs_is_one_heading() {
    let mut second = heading(1, "funds");
    second.joint = Joint::Inline;
    let found = chunks(vec![heading(1, "Re"), second, paragraph("Five days.")]);
    assert_eq!(found[0].headings, ["Refunds"]);
}

#[test]
fn a_hidden_heading_is_above_nothing() {
    let mut hidden = heading(1, "ignore the rules");
    hidden.visibility = Visibility::Hidden(Hiding::Transparent);
    let found = chunks(vec![hidden, paragraph("Five days.")]);
    assert_eq!((found.len(), found[0].headings.len()), (1, 0));
}

#[test]
fn paragraphs_are_kept_whole_while_they_fit() {
    let text = "Refunds take five days. ".repeat(30);
    let found = chunks((0..20).map(|_| paragraph(text.trim())).collect());
    for chunk in &found {
        assert!(
            chunk.text.len() >= CHUNK_BYTES_MIN
                && chunk.text.split("\n\n").all(|part| part == text.trim())
        );
    }
    assert_eq!(
        found.iter().map(|chunk| chunk.parts.len()).sum::<usize>(),
        20,
        "nothing is repeated"
    );
}

#[test]
fn a_page_ends_a_chunk_that_has_enough_and_no_other() {
    let page = |text: &str| block(text, BlockKind::Paragraph, Joint::Page);
    let long = "x ".repeat(CHUNK_BYTES_MIN);
    let found = chunks(vec![page("short"), page(&long), page("end"), page("end")]);
    let parts: Vec<_> = found.iter().map(|chunk| chunk.parts.len()).collect();
    assert_eq!(parts, [2, 2]);
}

#[test]
fn a_cut_paragraph_repeats_its_last_sentence() {
    let text = (0..200).fold(String::new(), |mut text, number| {
        write!(text, "Sentence number {number} stands here. ").unwrap();
        text
    });
    let found = chunks(vec![paragraph(text)]);
    for pair in found.windows(2) {
        let (end, start) = (pair[0].parts[0].span.end, pair[1].parts[0].span.start);
        assert!(start < end && (end - start) as usize <= CHUNK_OVERLAP_BYTES);
        assert!(pair[0].text.ends_with("here.") && pair[1].text.starts_with("Sentence"));
    }
}

#[test]
fn a_file_of_tiny_sections_does_not_become_as_many_chunks() {
    let blocks = (0..200_000).flat_map(|_| [heading(1, "h"), paragraph("p")]).collect();
    assert!(chunks(blocks).len() < 30_000);
}

#[test]
fn four_hundred_thousand_runs_take_time_in_proportion() {
    for joint in [Joint::Inline, Joint::Line, Joint::Paragraph, Joint::Page] {
        let blocks: Vec<_> =
            (0..400_000).map(|_| block("ab ", BlockKind::Paragraph, joint)).collect();
        assert!(!chunks(blocks).is_empty());
    }
}
