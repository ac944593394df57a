//! HTML: every text that an extractor could get, each with what a person sees of it.
//!
//! The page is read as a browser reads it (`html5ever`), its style is computed, and the effect is
//! measured: size, place, clip, contrast, opacity. So a new trick needs no new rule.
//!
//! Let through on purpose: sheets at other addresses are not fetched, so that what only they hide
//! counts as shown; scripts are not run; no layout is made, so that text which neighbours push out of a
//! box, or which boxes over the whole page cover, or fixed ones over the flow, counts as shown; fonts at
//! other addresses are told by their names, not by their shapes; clip paths and masks at other places are
//! not looked at. Ordinary hiding (menus, dialogs, labels for screen readers, print styles) is told apart
//! from the rest by its kind, and never an alarm by itself.

pub(crate) mod area;
pub(crate) mod attached;
pub(crate) mod cascade;
pub(crate) mod color;
pub(crate) mod css;
pub(crate) mod decode;
pub(crate) mod feed;
pub(crate) mod font;
pub(crate) mod ground;
pub(crate) mod nested;
pub(crate) mod overlap;
pub(crate) mod page;
pub(crate) mod path;
pub(crate) mod place;
pub(crate) mod runs;
pub(crate) mod structure;
pub(crate) mod style;
pub(crate) mod svg;
#[cfg(test)]
mod tests;
pub(crate) mod tree;
pub(crate) mod user_agent;
pub(crate) mod variables;
pub(crate) mod walk;

use super::Builder;
use crate::domain::document::{Document, Format, NoticeKind};
use feed::Feeder;
use page::Reading;
use runs::Runs;

pub(super) fn parse(bytes: &[u8]) -> Document {
    let mut builder = Builder::new(Format::Html);
    let (text, is_bad) = decode::decode(bytes);
    if is_bad {
        builder.notice(
            NoticeKind::BadEncoding,
            None,
            "bytes that are no text in the page's encoding",
        );
    }
    let mut feeder = Feeder::new();
    let rest = feeder.feed(&text);
    let mut runs = Runs::new(&mut builder);
    nested::tree_of(feeder, rest, Reading::default(), &mut runs);
    builder.finish()
}
