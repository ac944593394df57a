//! The reader as a whole: each way to hide text, and the ordinary page that looks like it.

mod blocks;
mod bounds;
mod cascade;
mod effects;
mod hiding;

use super::parse;
use crate::domain::document::{Document, Visibility};

fn read(html: &str) -> Document {
    parse(html.as_bytes())
}

/// What a person gets of the block that holds this word; the page is standard HTML.
pub(super) fn seen(body: &str, word: &str) -> Visibility {
    let document = read(&format!("<!doctype html>{body}"));
    let found = document.blocks.iter().find(|block| block.text.contains(word));
    found.map_or_else(
        || panic!("no block of {body} holds {word}: {document:?}"),
        |block| block.visibility,
    )
}

fn shown(body: &str) -> bool {
    seen(body, "payload").is_shown()
}
