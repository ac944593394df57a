//! Content that no page draws: pages outside the tree, forms and patterns that nothing uses, streams
//! that nothing refers to. A program that walks through all objects gets it, and nobody sees it.
//!
//! Let through on purpose: earlier versions of objects that an update has replaced.

use std::collections::BTreeSet;

use lopdf::{Dictionary, Object, ObjectId, Stream};

use super::attached::attached;
use super::content::{Drawn, draw_unseen_page, draw_unseen_stream};
use super::geometry::Rect;
use super::layout;
use super::objects::{get_dict, get_integer, get_name};
use super::page::{LETTER, Page};
use super::paragraphs::blocks;
use super::work::Work;
use crate::domain::document::{Hiding, Location, NoticeKind, Visibility};
use crate::parse::Builder;

const MACHINE_ONLY: Visibility = Visibility::Hidden(Hiding::MachineOnly);
/// Streams of no known kind that are looked into; files with thousands of fonts have some thousand.
const STREAMS_MAX: usize = 50_000;
/// Entries that say what a stream is when it is no content.
const OTHER_KINDS: [&[u8]; 8] =
    [b"Type", b"Subtype", b"Length1", b"N", b"FunctionType", b"ShadingType", b"Width", b"WMode"];

/// Reads what the pages have left.
pub(super) fn read<'a>(work: &mut Work<'a>, pages: &[Page<'a>], builder: &mut Builder) {
    let in_tree: BTreeSet<usize> =
        pages.iter().map(|page| std::ptr::from_ref(page.dict).addr()).collect();
    let document = work.document;
    let mut strays = Vec::new();
    for (id, object) in &document.objects {
        match object {
            Object::Dictionary(dict)
                if (dict.has_type(b"Page") || dict.has_type(b"Template"))
                    && !in_tree.contains(&std::ptr::from_ref(dict).addr()) =>
            {
                stray_page(work, dict, builder);
            }
            Object::Stream(stream) => strays.push((*id, stream)),
            _ => {}
        }
        if builder.is_full() {
            return;
        }
    }
    let mut streams_left = STREAMS_MAX;
    for (id, stream) in strays {
        if is_form(work, &stream.dict) {
            stray_stream(work, id, stream, "unused form", builder);
        } else if is_nameless(work, id, stream) {
            if streams_left == 0 {
                let detail = "more streams of no known kind than are looked into";
                work.note(NoticeKind::LimitReached, detail);
                return;
            }
            streams_left -= 1;
            let is_content = work.unpacked(stream).is_some_and(|bytes| shows_text(&bytes));
            if is_content {
                stray_stream(work, id, stream, "unused content", builder);
            }
        }
    }
}

fn is_form(work: &Work<'_>, dict: &Dictionary) -> bool {
    get_name(work.document, dict, b"Subtype") == Some(b"Form")
        || get_integer(work.document, dict, b"PatternType") == Some(1)
}

/// A stream that does not say what it is, and that nothing has used so far.
fn is_nameless(work: &Work<'_>, id: ObjectId, stream: &Stream) -> bool {
    !OTHER_KINDS.iter().any(|key| stream.dict.has(key))
        && !work.contents_read.contains(&std::ptr::from_ref(stream).addr())
        && !work.procedures.contains_key(&id)
}

/// Whether bytes look like content with text.
fn shows_text(bytes: &[u8]) -> bool {
    let has = |word: &[u8]| bytes.windows(word.len()).any(|window| window == word);
    has(b"BT") && has(b"ET") && (has(b"Tj") || has(b"TJ"))
}

fn stray_stream<'a>(
    work: &mut Work<'a>,
    id: ObjectId,
    stream: &'a Stream,
    name: &str,
    builder: &mut Builder,
) {
    if work.streams_run.contains(&id) {
        return;
    }
    let shown = Rect::of(LETTER);
    let drawn = draw_unseen_stream(work, id, stream, shown, MACHINE_ONLY);
    give(&drawn, name, builder);
}

fn stray_page<'a>(work: &mut Work<'a>, dict: &'a Dictionary, builder: &mut Builder) {
    let resources = get_dict(work.document, dict, b"Resources");
    let page = Page { number: 0, dict, resources, shown: Rect::of(LETTER), unit: 1.0 };
    let drawn = draw_unseen_page(work, &page, MACHINE_ONLY);
    give(&drawn, "page outside the tree", builder);
}

fn give(drawn: &Drawn, name: &str, builder: &mut Builder) {
    let visibilities = vec![MACHINE_ONLY; drawn.glyphs.len()];
    for block in blocks(layout::lines(drawn, &visibilities)) {
        let is_text = |ch: char| ch != char::REPLACEMENT_CHARACTER && !ch.is_whitespace();
        if block.text.chars().any(is_text) {
            let location = Location::Property { name: name.to_owned() };
            builder.block(attached(&block.text, MACHINE_ONLY, location));
        }
    }
    for replacement in &drawn.replacements {
        let location = Location::Property { name: name.to_owned() };
        builder.block(attached(&replacement.text, MACHINE_ONLY, location));
    }
}
