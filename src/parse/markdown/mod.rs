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

use std::borrow::Cow;
use std::ops::Range;

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
    let front = front_matter(&text);
    let (feeder, rest) = render::feed(&text, &without(&text, front.clone()), front);
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
        | Options::ENABLE_FOOTNOTES;
    Parser::new_ext(text, options)
}

/// Where the front matter stands: at the beginning and nowhere else, whatever lines look like it.
fn front_matter(text: &str) -> Range<usize> {
    let mark = match text.lines().next().map(str::trim_end) {
        Some(mark @ ("---" | "+++")) => mark,
        _ => return 0..0,
    };
    let mut end = 0;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        end += line.len();
        let line = line.trim_end();
        if index > 0 && (line == mark || mark == "---" && line == "...") {
            return 0..end;
        }
        // A blank line right behind the mark: it was a line across the page.
        if index == 1 && line.is_empty() {
            return 0..0;
        }
    }
    0..0
}

/// The text with blanks in this place, so that all other places stay as they are.
fn without(text: &str, part: Range<usize>) -> Cow<'_, str> {
    if part.is_empty() {
        return Cow::Borrowed(text);
    }
    let blank = |byte: u8| if byte == b'\n' { '\n' } else { ' ' };
    let mut plain: String = text.bytes().take(part.end).map(blank).collect();
    plain.push_str(text.get(part.end..).unwrap_or_default());
    Cow::Owned(plain)
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
