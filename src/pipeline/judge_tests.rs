//! A chunk that is all of its document is not scanned again: where that holds, and that nothing is lost.

use super::is_all_of;
use crate::chunk;
use crate::detect::Detectors;
use crate::domain::document::{BlockKind, Hiding, Visibility};
use crate::parse;

fn one_chunk(text: &str) -> (crate::domain::document::Document, crate::domain::chunk::Chunk) {
    let document = parse::plain(text);
    let chunk = chunk::split(&document, &|_| true).remove(0);
    (document, chunk)
}

#[test]
fn a_chunk_that_is_the_whole_document_holds_nothing_that_the_document_does_not() {
    let detectors = Detectors::shipped();
    let attacks = include_str!("../../corpora/matrix/open.jsonl").lines().map(|line| {
        let line: serde_json::Value = serde_json::from_str(line).expect("a line of JSON");
        line["text"].as_str().expect("a text").to_owned()
    });
    let mut found = 0;
    for attack in attacks {
        let text = format!("The ferry leaves at nine.\n\n{attack}\n\nDogs are welcome.");
        let (document, chunk) = one_chunk(&text);
        assert!(is_all_of(&chunk, &document), "{text}");
        let known = detectors.scan(&document, &[]);
        for one in detectors.scan_text(&chunk.text) {
            let same =
                known.iter().any(|known| known.rule == one.rule && known.severity >= one.severity);
            assert!(same, "{}: {text}", one.rule);
            found += 1;
        }
    }
    assert!(found > 300, "{found}");
}

#[test]
fn a_chunk_of_other_text_or_of_other_blocks_is_not_the_whole_document() {
    let (document, chunk) = one_chunk("The ferry leaves at nine.\n\nDogs are welcome.");
    assert!(is_all_of(&chunk, &document));
    let mut hidden = document.clone();
    hidden.blocks[1].visibility = Visibility::Hidden(Hiding::TooSmall);
    let mut code = document.clone();
    code.blocks[0].kind = BlockKind::Code;
    let mut longer = document;
    longer.blocks[0].text.push('!');
    for other in [hidden, code, longer] {
        assert!(!is_all_of(&chunk, &other));
    }
}
