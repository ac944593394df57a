//! Documents inside a document: `srcdoc`, and the markup in `noscript` and the like, which browsers
//! keep as text.

use super::cascade::Cascade;
use super::feed::{Feeder, without_tags};
use super::page::{Reading, is_dark, shadow_sheets, sheets};
use super::runs::{Gap, Runs};
use super::tree::{ROOT, Tree};
use super::walk::Walker;
use crate::domain::document::{Block, BlockKind, Doubt, Joint, Location, NoticeKind, Visibility};
use crate::domain::limits::{HTML_FEED_BYTES, HTML_NESTING_MAX};

/// Reads markup into the runs of the document around it.
pub(crate) fn read(
    markup: &str,
    forced: Option<Visibility>,
    prefix: &str,
    around: &Reading<'_>,
    runs: &mut Runs<'_>,
) {
    if markup.trim().is_empty() {
        return;
    }
    runs.flush();
    runs.part(Gap::Line, forced.is_none());
    if around.nesting >= HTML_NESTING_MAX {
        let visibility = Visibility::Undetermined(Doubt::Broken);
        runs.attach(markup, visibility, Location::Dom { path: prefix.to_owned() });
        return;
    }
    let reading = Reading {
        source: None,
        forced: forced.or(around.forced),
        prefix: if around.prefix.is_empty() {
            prefix.to_owned()
        } else {
            format!("{} > {prefix}", around.prefix)
        },
        nesting: around.nesting + 1,
    };
    let mut feeder = Feeder::new();
    let rest = feeder.feed(markup);
    tree_of(feeder, rest, reading, runs);
    runs.part(Gap::Line, forced.is_none());
}

/// Reads what a parser has been fed; `rest` is what it did not take.
pub(crate) fn tree_of(feeder: Feeder, rest: &str, reading: Reading<'_>, runs: &mut Runs<'_>) {
    let (mut tree, stop) = feeder.finish();
    if let Some(stop) = stop {
        runs.builder.notice(NoticeKind::LimitReached, None, stop.detail());
    }
    tree.number();
    let place = reading.place(&tree, ROOT);
    walk(&mut tree, reading, runs);
    unread(rest, &place, runs);
}

fn walk(tree: &mut Tree, reading: Reading<'_>, runs: &mut Runs<'_>) {
    let sheets = sheets(tree, ROOT, &runs.fonts);
    let shadows = shadow_sheets(tree, &runs.fonts);
    if !sheets.rules.is_empty() || shadows.iter().any(|(_, sheets)| !sheets.rules.is_empty()) {
        tree.name();
    }
    let dark = is_dark(tree);
    let tree = &*tree;
    let shadows = shadows.iter().map(|(top, sheets)| (*top, Cascade::new(sheets, tree))).collect();
    Walker::new(tree, Cascade::new(&sheets, tree), shadows, reading, runs, dark).walk(ROOT);
}

/// Text past a bound, in pieces.
fn unread(markup: &str, place: &Location, runs: &mut Runs<'_>) {
    let text = without_tags(markup);
    let mut rest = text.trim();
    while !rest.is_empty() && !runs.builder.is_full() {
        let mut end = rest.len().min(HTML_FEED_BYTES);
        while !rest.is_char_boundary(end) {
            end += 1;
        }
        let (piece, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
        runs.builder.block(Block {
            text: piece.split_whitespace().collect::<Vec<_>>().join(" "),
            kind: BlockKind::Paragraph,
            joint: Joint::Line,
            visibility: Visibility::Undetermined(Doubt::Broken),
            location: place.clone(),
        });
        rest = behind;
    }
}
