//! Gives text to the HTML parser piece by piece and stops when the work it makes is out of
//! proportion: some inputs cost the square of their length, in depth, attributes or formatting.
//!
//! What lies past a stop is not lost: its text is handed on without its tags.

use std::cell::Cell;

use html5ever::TokenizerResult;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts, TreeSink};

use super::tree::{NodeId, Sink, Tree};
use crate::domain::limits::{
    HTML_ATTRIBUTES_MAX, HTML_ELEMENTS_MAX, HTML_FEED_BYTES, HTML_STEPS_MAX,
};

/// Which bound was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    Elements,
    Steps,
    Attributes,
}

impl Stop {
    pub(crate) const fn detail(self) -> &'static str {
        match self {
            Self::Elements => "more elements than one page may have",
            Self::Steps => "nesting that costs more work than a page may",
            Self::Attributes => "more attributes than a tag may have",
        }
    }
}

/// Sees every token on its way from the tokenizer to the tree builder.
struct Watch {
    builder: TreeBuilder<NodeId, Sink>,
    /// Tags, comments and doctypes so far.
    tokens: Cell<usize>,
    /// Inside an element whose content is not markup.
    raw: Cell<bool>,
    /// Open elements such as `<b>` and `<font>`, which every paragraph opens again.
    formatting: Cell<usize>,
    cut: Cell<bool>,
}

impl TokenSink for Watch {
    type Handle = NodeId;

    fn process_token(&self, token: Token, line_number: u64) -> TokenSinkResult<NodeId> {
        let token = match token {
            Token::TagToken(mut tag) => {
                self.weigh(&mut tag);
                Token::TagToken(tag)
            }
            other => other,
        };
        if matches!(token, Token::TagToken(_) | Token::CommentToken(_) | Token::DoctypeToken(_)) {
            self.tokens.set(self.tokens.get().saturating_add(1));
            self.raw.set(false);
        }
        let result = self.builder.process_token(token, line_number);
        if matches!(result, TokenSinkResult::RawData(_) | TokenSinkResult::Plaintext) {
            self.raw.set(true);
        }
        result
    }

    fn end(&self) {
        self.builder.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.builder.adjusted_current_node_present_but_not_in_html_namespace()
    }
}

impl Watch {
    /// Counts the tag's cost and cuts attributes above the bound.
    fn weigh(&self, tag: &mut Tag) {
        if tag.attrs.len() > HTML_ATTRIBUTES_MAX {
            tag.attrs.truncate(HTML_ATTRIBUTES_MAX);
            self.cut.set(true);
        }
        if !is_formatting(&tag.name) {
            return;
        }
        let open = self.formatting.get();
        match tag.kind {
            // The builder compares the tag with each open one, and sorts both tags' attributes.
            TagKind::StartTag => {
                let attributes = tag.attrs.len();
                let comparison = attributes * attributes / 8 + attributes * 16 + 1;
                let cost = open.saturating_mul(comparison);
                let steps = &self.builder.sink.steps;
                steps.set(steps.get().saturating_add(cost));
                self.formatting.set(open.saturating_add(1));
            }
            TagKind::EndTag => self.formatting.set(open.saturating_sub(1)),
        }
    }
}

fn is_formatting(tag: &str) -> bool {
    matches!(
        tag,
        "a" | "b"
            | "big"
            | "code"
            | "em"
            | "font"
            | "i"
            | "nobr"
            | "s"
            | "small"
            | "strike"
            | "strong"
            | "tt"
            | "u"
    )
}

/// A parser that is fed.
pub(crate) struct Feeder {
    tokenizer: Tokenizer<Watch>,
    queue: BufferQueue,
    stop: Option<Stop>,
}

impl Feeder {
    pub(crate) fn new() -> Self {
        let options = TreeBuilderOpts { scripting_enabled: true, ..TreeBuilderOpts::default() };
        let watch = Watch {
            builder: TreeBuilder::new(Sink::new(), options),
            tokens: Cell::new(0),
            raw: Cell::new(false),
            formatting: Cell::new(0),
            cut: Cell::new(false),
        };
        let tokenizer = Tokenizer::new(watch, TokenizerOpts::default());
        Self { tokenizer, queue: BufferQueue::default(), stop: None }
    }

    fn sink(&self) -> &Sink {
        &self.tokenizer.sink.builder.sink
    }

    /// Names the place of the source that the next text comes from.
    pub(crate) fn at(&self, start: usize, end: usize) {
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        self.sink().at.set((offset(start), offset(end)));
    }

    /// Adds a comment that the parser does not see.
    pub(crate) fn comment(&self, text: &str) {
        self.sink().comment(text);
    }

    /// Reads text; what is left of it when a bound stops the work.
    pub(crate) fn feed<'a>(&mut self, text: &'a str) -> &'a str {
        let whole = StrTendril::from_slice(text);
        let mut at = 0;
        let mut opened = 0;
        let mut look_at = HTML_FEED_BYTES;
        while at < text.len() && self.stop.is_none() {
            let end = piece_end(text, at);
            let (Ok(from), Ok(length)) = (u32::try_from(at), u32::try_from(end - at)) else {
                self.stop = Some(Stop::Elements);
                break;
            };
            let Ok(piece) = whole.try_subtendril(from, length) else {
                break;
            };
            let before = self.tokenizer.sink.tokens.get();
            self.push(piece);
            at = end;
            self.check();
            if self.tokenizer.sink.tokens.get() != before {
                opened = at;
                look_at = HTML_FEED_BYTES;
            } else if at - opened > look_at && !self.tokenizer.sink.raw.get() {
                look_at = look_at.saturating_mul(2);
                if open_attributes(text.get(opened..at).unwrap_or_default()) > HTML_ATTRIBUTES_MAX {
                    self.stop = Some(Stop::Attributes);
                }
            }
        }
        text.get(at..).unwrap_or_default()
    }

    fn push(&self, piece: StrTendril) {
        self.queue.push_back(piece);
        while !matches!(self.tokenizer.feed(&self.queue), TokenizerResult::Done) {}
    }

    fn check(&mut self) {
        if self.sink().elements() > HTML_ELEMENTS_MAX {
            self.stop = Some(Stop::Elements);
        } else if self.sink().steps.get() > HTML_STEPS_MAX {
            self.stop = Some(Stop::Steps);
        }
    }

    /// The tree, and the bound that was met.
    pub(crate) fn finish(self) -> (Tree, Option<Stop>) {
        // A tag that was left open is dropped by the standard, as browsers do.
        while !self.queue.is_empty()
            && !matches!(self.tokenizer.feed(&self.queue), TokenizerResult::Done)
        {}
        self.tokenizer.end();
        let cut = self.tokenizer.sink.cut.get().then_some(Stop::Attributes);
        (self.tokenizer.sink.builder.sink.finish(), self.stop.or(cut))
    }
}

/// Pieces end behind `>`: after each the parser is at rest and its counters can be read.
fn piece_end(text: &str, at: usize) -> usize {
    let mut limit = at.saturating_add(HTML_FEED_BYTES).min(text.len());
    while !text.is_char_boundary(limit) {
        limit += 1;
    }
    match text.get(at..limit).and_then(|piece| piece.find('>')) {
        Some(found) => at + found + 1,
        None => limit,
    }
}

/// How many attributes a tag has that begins in this text and has not ended; 0 when what begins
/// first is a comment.
fn open_attributes(text: &str) -> usize {
    let bytes = text.as_bytes();
    let starts = |at: usize| {
        let next = bytes.get(at + 1).copied().unwrap_or(0);
        let after = bytes.get(at + 2).copied().unwrap_or(0);
        next.is_ascii_alphabetic() || (next == b'/' && after.is_ascii_alphabetic())
    };
    for (at, _) in text.match_indices('<') {
        if starts(at) {
            return count_attributes(bytes.get(at..).unwrap_or_default());
        }
        if matches!(bytes.get(at + 1), Some(b'!' | b'?' | b'/')) {
            return 0;
        }
    }
    0
}

fn count_attributes(bytes: &[u8]) -> usize {
    let mut count = 0;
    let mut quote = 0;
    let mut value = false;
    let mut between = false;
    for byte in bytes {
        match byte {
            _ if quote != 0 => {
                if *byte == quote {
                    (quote, between) = (0, true);
                }
            }
            b'"' | b'\'' if value => (quote, value) = (*byte, false),
            b'=' => value = true,
            b' ' | b'\t' | b'\n' | b'\r' | b'\x0c' | b'/' => between = true,
            _ => {
                if between && !value {
                    count += 1;
                }
                (between, value) = (false, false);
            }
        }
    }
    count
}

/// The text of markup that is not parsed any more: what stands between tags.
pub(crate) fn without_tags(markup: &str) -> String {
    let mut text = String::new();
    let mut rest = markup;
    while let Some(open) = rest.find('<') {
        text.push_str(rest.get(..open).unwrap_or_default());
        text.push(' ');
        let tag = rest.get(open..).unwrap_or_default();
        match tag.find('>') {
            Some(close) => rest = tag.get(close + 1..).unwrap_or_default(),
            // No tag ends: it may be no tag, and its text counts.
            None => {
                text.push_str(tag);
                rest = "";
            }
        }
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ordinary_page_is_read_to_its_end() {
        let mut feeder = Feeder::new();
        assert_eq!(feeder.feed("<p>one<p class=a>two<br>three"), "");
        let (tree, stop) = feeder.finish();
        assert_eq!((tree.elements, stop), (6, None));
    }

    #[test]
    fn a_tag_with_too_many_attributes_stops_the_reading() {
        let page = format!("<p {}>text", (0..40_000).map(|n| format!("a{n} ")).collect::<String>());
        let mut feeder = Feeder::new();
        feeder.feed(&page);
        assert_eq!(feeder.finish().1, Some(Stop::Attributes));
    }

    #[test]
    fn a_long_comment_is_no_tag_with_many_attributes() {
        let page = format!("<!-- {} --><p>text", "word ".repeat(60_000));
        let mut feeder = Feeder::new();
        assert_eq!(feeder.feed(&page), "");
        assert_eq!(feeder.finish().1, None);
    }

    #[test]
    fn a_huge_attribute_is_no_bound() {
        let page = format!("<p title=\"{}\">text", "word ".repeat(60_000));
        let mut feeder = Feeder::new();
        assert_eq!(feeder.feed(&page), "");
        assert_eq!(feeder.finish().1, None);
    }

    #[test]
    fn formatting_that_every_paragraph_repeats_is_stopped() {
        let tags: String = (0..5_000).map(|n| format!("<b id={n}>")).collect();
        let mut feeder = Feeder::new();
        feeder.feed(&format!("<p>{tags}{}", "<p>x".repeat(5_000)));
        assert!(feeder.finish().1.is_some());
    }

    #[test]
    fn text_behind_a_stop_is_kept() {
        assert_eq!(without_tags("a<b class=x>c</b> 1 < 2"), "a c  1  < 2");
    }
}
