//! How text becomes blocks.

use super::read;
use crate::domain::document::{BlockKind, Joint, Location, Reading, ReadingKind, Visibility};

fn reading(html: &str, kind: ReadingKind) -> String {
    Reading::of(&read(html), kind).text
}

#[test]
fn a_paragraph_with_markup_is_one_block() {
    let document = read("<p>One <b>two</b>\n <i>three</i><a href=x>four</a> </p>\n<p>five");
    let texts: Vec<_> = document.blocks.iter().map(|block| block.text.as_str()).collect();
    assert_eq!(texts, ["One two threefour", "five"]);
}

#[test]
fn hidden_text_does_not_part_a_word() {
    let html = "<p>ig<span style='display:none'>xyz</span>nore <span hidden> a b </span> this";
    assert_eq!(reading(html, ReadingKind::Shown), "ignore this");
    assert_eq!(reading(html, ReadingKind::Machine), "igxyznore a b this");
    assert_eq!(reading(html, ReadingKind::Unseen), "xyz a b");
}

#[test]
fn text_that_takes_room_does_part_a_word() {
    let html = "<p>ig<span style='visibility:hidden'>xyz</span>nore";
    assert_eq!(reading(html, ReadingKind::Shown), "ig nore");
}

#[test]
fn comments_and_attributes_do_not_cut_a_paragraph() {
    let html = "<p>ig<!-- x -->nore <a href=x title='a note'>all</a> of it";
    let document = read(html);
    assert_eq!(document.blocks[0].text, "ignore all of it");
    assert_eq!(document.blocks.len(), 3);
}

#[test]
fn kinds_and_joints_follow_the_structure() {
    let document = read(
        "<h2>Head</h2><p>para<br>next<ul><li>one<li>two</ul><table><tr><td>a<td>b</table>\
         <blockquote><p>q</p></blockquote><pre>x\n  y</pre>",
    );
    let found: Vec<_> = document
        .blocks
        .iter()
        .map(|block| (block.text.as_str(), block.kind, block.joint))
        .collect();
    assert_eq!(
        found,
        [
            ("Head", BlockKind::Heading(2), Joint::Paragraph),
            ("para\nnext", BlockKind::Paragraph, Joint::Paragraph),
            ("one", BlockKind::ListItem, Joint::Paragraph),
            ("two", BlockKind::ListItem, Joint::Line),
            ("a", BlockKind::Cell, Joint::Paragraph),
            ("b", BlockKind::Cell, Joint::Line),
            ("q", BlockKind::Quote, Joint::Paragraph),
            ("x\n  y", BlockKind::Code, Joint::Paragraph),
        ]
    );
}

#[test]
fn inline_boxes_do_not_part_words_and_blocks_do() {
    assert_eq!(
        reading("<p>a<span style='display:inline-block'>b</span>c", ReadingKind::Shown),
        "abc"
    );
    assert_eq!(reading("<p>a<span style='display:block'>b</span>c", ReadingKind::Shown), "a\nb\nc");
    let row = "<div style='display:flex'><span>a</span><span>b</span></div>";
    assert_eq!(reading(row, ReadingKind::Shown), "a\nb");
}

#[test]
fn places_are_selector_paths() {
    let document = read("<body><div id=main><p>a</p><p>b <b hidden>c</b></div>");
    let path = |at: usize| match &document.blocks[at].location {
        Location::Dom { path } => path.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(path(0), "#main > p:nth-child(1)");
    assert_eq!(path(1), "#main > p:nth-child(2)");
    assert_eq!(path(2), "#main > p:nth-child(2) > b:nth-child(1)");
}

#[test]
fn the_title_is_the_document_s() {
    let document = read("<title> A\n title </title><p>x");
    assert_eq!(document.title.as_deref(), Some("A title"));
    assert_eq!(document.blocks[0].visibility, Visibility::Metadata);
}

#[test]
fn bad_nesting_loses_no_text() {
    let html = "<b><p>one</b>two<table>three<tr>four<td>five</table></div></p>six<i>seven";
    let text = reading(html, ReadingKind::Shown);
    for word in ["one", "two", "three", "four", "five", "six", "seven"] {
        assert!(text.contains(word), "{word} is not in {text}");
    }
}

#[test]
fn invisible_characters_stay_in_the_text() {
    assert_eq!(read("<p>a\u{200B}\u{E0041}b&shy;c").blocks[0].text, "a\u{200B}\u{E0041}b\u{AD}c");
}
