//! Plain text of a mail: paragraphs, quoted parts, lines that flow (RFC 3676).

use crate::domain::document::{Block, BlockKind, Document, Format, Joint, Location, Visibility};
use crate::domain::limits::TEXT_BLOCK_BYTES_MAX;
use crate::parse::Builder;
use crate::parse::text::pieces;

/// What ends the text that its writer wrote.
const SIGNATURE: &str = "-- ";

/// How lines are to be joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    /// As they are.
    Fixed,
    /// A line that ends in a space goes on in the next.
    Flowed,
    /// The same, and that space is dropped.
    FlowedWithoutSpace,
}

pub(super) fn read(text: &str, flow: Flow) -> Document {
    let mut reader = Reader {
        builder: Builder::new(Format::Text),
        text: String::new(),
        is_quoted: false,
        goes_on: false,
        first_line: 0,
        start: 0,
        end: 0,
        joint: Joint::Paragraph,
    };
    let mut start = 0;
    for (number, whole) in (1_u32..).zip(text.split_inclusive('\n')) {
        let line = whole.trim_end_matches(['\r', '\n']);
        reader.take(line, number, start, flow);
        start += whole.len();
        if reader.builder.is_full() {
            break;
        }
    }
    reader.flush(Joint::Paragraph);
    reader.builder.finish()
}

struct Reader {
    builder: Builder,
    text: String,
    is_quoted: bool,
    /// Whether the last line flows into the next one.
    goes_on: bool,
    first_line: u32,
    start: usize,
    end: usize,
    joint: Joint,
}

impl Reader {
    fn take(&mut self, line: &str, number: u32, start: usize, flow: Flow) {
        let content = unquoted(line);
        let is_quoted = content.len() < line.len();
        let content = match flow {
            Flow::Fixed => content,
            Flow::Flowed | Flow::FlowedWithoutSpace => content.strip_prefix(' ').unwrap_or(content),
        };
        if is_quoted != self.is_quoted {
            self.flush(Joint::Line);
            self.is_quoted = is_quoted;
        }
        if content.trim().is_empty() {
            self.flush(Joint::Paragraph);
            return;
        }
        let is_signature = content == SIGNATURE;
        if is_signature || TEXT_BLOCK_BYTES_MAX < self.text.len() + 1 + content.len() {
            self.flush(Joint::Line);
        }
        let flows = flow != Flow::Fixed && content.ends_with(' ') && !is_signature;
        let drops = flows && flow == Flow::FlowedWithoutSpace;
        let content = if drops { content.strip_suffix(' ').unwrap_or(content) } else { content };
        self.push(content, number, start, start + line.len());
        self.goes_on = flows;
    }

    /// Adds a line, in pieces when it is longer than a block may be.
    fn push(&mut self, content: &str, number: u32, start: usize, end: usize) {
        if self.text.is_empty() {
            self.first_line = number;
            self.start = start;
        } else if !self.goes_on {
            self.text.push('\n');
        }
        self.end = end;
        let mut pieces = pieces(content).peekable();
        while let Some(piece) = pieces.next() {
            self.text.push_str(piece);
            if pieces.peek().is_some() {
                self.flush(Joint::Inline);
                (self.first_line, self.start) = (number, start);
            }
        }
    }

    fn flush(&mut self, next: Joint) {
        self.goes_on = false;
        if self.text.is_empty() {
            self.joint = self.joint.max(next);
            return;
        }
        let text = std::mem::take(&mut self.text);
        self.builder.block(Block {
            text: text.trim_end().to_owned(),
            kind: if self.is_quoted { BlockKind::Quote } else { BlockKind::Paragraph },
            joint: self.joint,
            visibility: Visibility::Shown,
            location: Location::Text {
                line: self.first_line,
                start_byte: self.start as u64,
                end_byte: self.end as u64,
            },
        });
        self.joint = next;
    }
}

/// A line without its marks of quotation.
fn unquoted(line: &str) -> &str {
    let mut rest = line;
    while let Some(inner) = rest.strip_prefix('>').or_else(|| rest.strip_prefix(" >")) {
        rest = inner;
    }
    if rest.len() < line.len() { rest.strip_prefix(' ').unwrap_or(rest) } else { line }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str, flow: Flow) -> Vec<(String, BlockKind)> {
        read(text, flow).blocks.into_iter().map(|block| (block.text, block.kind)).collect()
    }

    #[test]
    fn quoted_lines_and_paragraphs_are_told_apart() {
        let found =
            told("Hello\r\nyou\r\n\r\n> first\r\n> > second\r\nanswer\n-- \nAnn", Flow::Fixed);
        let texts: Vec<_> = found.iter().map(|(text, _)| text.as_str()).collect();
        assert_eq!(texts, ["Hello\nyou", "first\nsecond", "answer", "-- \nAnn"]);
        assert_eq!(found[1].1, BlockKind::Quote);
    }

    #[test]
    fn flowing_lines_are_joined_only_where_the_sender_says_so() {
        assert_eq!(told("one \ntwo\n", Flow::Flowed)[0].0, "one two");
        assert_eq!(told("on \ne\n", Flow::FlowedWithoutSpace)[0].0, "one");
        assert_eq!(told("one \ntwo\n", Flow::Fixed)[0].0, "one \ntwo");
    }

    #[test]
    fn a_line_without_end_is_cut_into_blocks() {
        let document = read(&"word ".repeat(TEXT_BLOCK_BYTES_MAX), Flow::Fixed);
        assert!(document.blocks.len() >= 5);
        assert!(document.blocks.iter().all(|block| block.text.len() <= TEXT_BLOCK_BYTES_MAX));
    }
}
