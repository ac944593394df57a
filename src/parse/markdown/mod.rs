//! Markdown: CommonMark with tables, footnotes and front matter.
//!
//! It is turned into HTML piece by piece and read by the HTML reader, since both a browser and most
//! extractors do so: raw HTML, also when it opens in one paragraph and closes in another, hides here
//! what it hides there. Each piece keeps its place in the source. What the renderer leaves out is
//! kept as well, because many loaders hand the source itself to a model: addresses of links,
//! comments, definitions that nothing refers to.
//!
//! Let through on purpose: the marks of Markdown themselves, and extensions beyond the named ones,
//! whose text is shown as it is written.

mod leftover;
mod render;

use pulldown_cmark::{Options, Parser};

use super::Builder;
use super::html::decode::guess;
use super::html::nested::tree_of;
use super::html::page::{Lines, Reading};
use super::html::runs::Runs;
use crate::domain::document::{BlockKind, Document, Format, NoticeKind};

pub(super) fn parse(bytes: &[u8]) -> Document {
    let mut builder = Builder::new(Format::Markdown);
    let (text, is_bad) = guess(bytes);
    if is_bad {
        builder.notice(NoticeKind::BadEncoding, None, "bytes that are no text in any encoding");
    }
    let (feeder, rest) = render::feed(&text);
    let lines = Lines::new(&text);
    let reading = Reading { source: Some(&lines), ..Reading::default() };
    let mut runs = Runs::new(&mut builder);
    tree_of(feeder, rest, reading, &mut runs);
    let mut document = builder.finish();
    document.title = front_title(&text).or_else(|| first_heading(&document));
    document
}

fn parser(text: &str) -> Parser<'_> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS
        | Options::ENABLE_PLUSES_DELIMITED_METADATA_BLOCKS;
    Parser::new_ext(text, options)
}

/// The title in the front matter.
fn front_title(text: &str) -> Option<String> {
    let mut lines = text.lines();
    lines.next().filter(|line| line.trim_end() == "---")?;
    let title = lines
        .take_while(|line| line.trim_end() != "---")
        .find_map(|line| line.strip_prefix("title:"))?;
    let title = title.trim().trim_matches(['"', '\'']);
    (!title.is_empty()).then(|| title.to_owned())
}

fn first_heading(document: &Document) -> Option<String> {
    let is_title = |kind: BlockKind| kind == BlockKind::Heading(1);
    let block = document.blocks.iter().find(|block| is_title(block.kind))?;
    block.visibility.is_shown().then(|| block.text.clone())
}

#[cfg(test)]
mod tests;
