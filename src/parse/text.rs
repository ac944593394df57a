//! Plain text: paragraphs between blank lines, with their first line.
//!
//! Places count bytes in the text after decoding, without its byte order mark; in a block's own text
//! every line end is `\n`. Nothing is hidden in plain text but by its characters, and these stay where
//! they are for the detectors: controls, joiners, marks of direction.
//!
//! Let through on purpose: the share of a line that lies right of the window is shown like the rest,
//! and text past the bounds on blocks and bytes is not read (a notice says so).

use super::Builder;
use super::decode::decode;
use crate::domain::document::{
    Block, BlockKind, Document, Format, Joint, Location, NoticeKind, Visibility,
};
use crate::domain::limits::TEXT_BLOCK_BYTES_MAX;

/// Bytes of a line that may be a heading; longer lines of capitals are shouting.
const HEADING_BYTES_MAX: usize = 80;
/// Strokes that make a line an underline.
const UNDERLINE_STROKES_MIN: usize = 3;

pub(super) fn parse(bytes: &[u8]) -> Document {
    let decoded = decode(bytes);
    let mut reader = Reader::new();
    if decoded.malformed {
        let detail = format!("bytes that are no {} text were replaced", decoded.encoding);
        reader.builder.notice(NoticeKind::BadEncoding, None, detail);
    }
    for line in lines(&decoded.text) {
        reader.take(&line);
        if reader.builder.is_full() {
            break;
        }
    }
    reader.flush(Joint::Paragraph);
    reader.builder.finish()
}

/// A line without its end.
struct Line<'a> {
    text: &'a str,
    /// First byte in the decoded text.
    start: usize,
    end: LineEnd,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LineEnd {
    /// `LF`, `CR`, `CR LF`, `NEL`, `LS`, or the end of the file.
    Line,
    /// `PS`.
    Paragraph,
    /// Form feed.
    Page,
}

/// The lines of a text, by any of Unicode's line ends.
fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let rest = text.get(start..).filter(|rest| !rest.is_empty())?;
        let at = rest.find(['\n', '\r', '\u{0C}', '\u{85}', '\u{2028}', '\u{2029}']);
        let (line, tail) = rest.split_at_checked(at.unwrap_or(rest.len()))?;
        let mark = tail.chars().next();
        let end = match mark {
            Some('\u{0C}') => LineEnd::Page,
            Some('\u{2029}') => LineEnd::Paragraph,
            _ => LineEnd::Line,
        };
        let mark_bytes = if tail.starts_with("\r\n") { 2 } else { mark.map_or(0, char::len_utf8) };
        let line = Line { text: line, start, end };
        start += line.text.len() + mark_bytes;
        Some(line)
    })
}

/// The paragraph in the making.
struct Reader {
    builder: Builder,
    text: String,
    /// Lines in `text`.
    lines: usize,
    /// Number of its first line, and of the line being read.
    first_line: u32,
    line: u32,
    /// Its bytes in the decoded text.
    start: usize,
    end: usize,
    /// How it follows what was read before it.
    joint: Joint,
}

impl Reader {
    fn new() -> Self {
        Self {
            builder: Builder::new(Format::Text),
            text: String::new(),
            lines: 0,
            first_line: 1,
            line: 0,
            start: 0,
            end: 0,
            joint: Joint::Paragraph,
        }
    }

    fn take(&mut self, line: &Line<'_>) {
        self.line = self.line.saturating_add(1);
        if line.text.trim().is_empty() {
            self.flush(Joint::Paragraph);
        } else {
            if let Some(level) = self.underlined_by(line.text) {
                self.flush_as(BlockKind::Heading(level), Joint::Line);
            }
            if TEXT_BLOCK_BYTES_MAX < self.text.len() + 1 + line.text.len() {
                self.flush(Joint::Line);
            }
            self.push(line);
        }
        match line.end {
            LineEnd::Line => {}
            LineEnd::Paragraph => self.flush(Joint::Paragraph),
            LineEnd::Page => self.flush(Joint::Page),
        }
    }

    /// Adds a line, in pieces when it is longer than a block may be.
    fn push(&mut self, line: &Line<'_>) {
        let mut start = line.start;
        let mut pieces = pieces(line.text).peekable();
        while let Some(piece) = pieces.next() {
            self.append(piece, start);
            start += piece.len();
            if pieces.peek().is_some() {
                self.flush(Joint::Inline);
            }
        }
    }

    fn append(&mut self, text: &str, start: usize) {
        if self.lines == 0 {
            self.start = start;
            self.first_line = self.line;
        } else {
            self.text.push('\n');
        }
        self.text.push_str(text);
        self.lines += 1;
        self.end = start + text.len();
    }

    /// The level of the heading that this line makes of the paragraph before it.
    fn underlined_by(&self, line: &str) -> Option<u8> {
        let is_title = self.lines == 1
            && self.text.len() <= HEADING_BYTES_MAX
            && self.text.chars().any(char::is_alphanumeric);
        let strokes = line.trim();
        let level = match strokes.chars().next()? {
            '=' => 1,
            '-' | '~' => 2,
            _ => return None,
        };
        let all_same = strokes.bytes().all(|byte| Some(&byte) == strokes.as_bytes().first());
        (is_title && all_same && UNDERLINE_STROKES_MIN <= strokes.len()).then_some(level)
    }

    /// Ends the paragraph; `next` says how what comes next follows it.
    fn flush(&mut self, next: Joint) {
        let kind = if self.lines == 1 && is_capital_heading(&self.text) {
            BlockKind::Heading(2)
        } else {
            BlockKind::Paragraph
        };
        self.flush_as(kind, next);
    }

    fn flush_as(&mut self, kind: BlockKind, next: Joint) {
        if self.lines == 0 {
            // A page that begins with a blank line begins a page all the same.
            self.joint = self.joint.max(next);
            return;
        }
        self.builder.block(Block {
            text: std::mem::take(&mut self.text),
            kind,
            joint: self.joint,
            visibility: Visibility::Shown,
            location: Location::Text {
                line: self.first_line,
                start_byte: self.start as u64,
                end_byte: self.end as u64,
            },
        });
        self.lines = 0;
        self.joint = next;
    }
}

/// A text in pieces that a block may hold.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let end = if rest.len() <= TEXT_BLOCK_BYTES_MAX { rest.len() } else { piece_end(rest) };
        let (piece, after) = rest.split_at_checked(end)?;
        rest = after;
        (!piece.is_empty()).then_some(piece)
    })
}

/// Where a line is cut that is longer than a block: after its last white space that fits, so that a
/// word stays whole, or between two characters.
fn piece_end(rest: &str) -> usize {
    let end = rest.floor_char_boundary(TEXT_BLOCK_BYTES_MAX);
    let head = rest.get(..end).unwrap_or_default();
    head.char_indices()
        .rev()
        .take(HEADING_BYTES_MAX)
        .find(|(_, ch)| ch.is_whitespace())
        .map_or(end, |(at, ch)| at + ch.len_utf8())
}

/// A short line of its own in capitals, as old manuals and contracts set their headings.
fn is_capital_heading(line: &str) -> bool {
    line.len() <= HEADING_BYTES_MAX
        && line.chars().filter(|ch| ch.is_uppercase()).nth(2).is_some()
        && !line.chars().any(char::is_lowercase)
        && !line.trim_end().ends_with(['.', '!', '?', ',', ';'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::document::{Reading, ReadingKind};
    use crate::domain::limits::TEXT_BYTES_MAX;

    fn places(document: &Document) -> Vec<(&str, u32, u64, u64)> {
        document
            .blocks
            .iter()
            .map(|block| match block.location {
                Location::Text { line, start_byte, end_byte } => {
                    (block.text.as_str(), line, start_byte, end_byte)
                }
                _ => panic!("a block of text stands on a line"),
            })
            .collect()
    }

    #[test]
    fn blank_lines_part_paragraphs_and_every_kind_of_line_end_counts() {
        let document =
            parse("one\r\ntwo\r\rthree\u{2028}four\u{2029}five\u{85}six\n \t\nseven".as_bytes());
        assert_eq!(
            places(&document),
            [
                ("one\ntwo", 1, 0, 8),
                ("three\nfour", 4, 10, 22),
                ("five\nsix", 6, 25, 34),
                ("seven", 9, 38, 43)
            ]
        );
        assert!(document.blocks.iter().all(|block| block.joint == Joint::Paragraph));
    }

    #[test]
    fn a_form_feed_begins_a_page() {
        let document = parse(b"one\n\x0C\n\ntwo\x0Cthree");
        let joints: Vec<_> = document.blocks.iter().map(|block| block.joint).collect();
        assert_eq!(joints, [Joint::Paragraph, Joint::Page, Joint::Page]);
    }

    #[test]
    fn places_count_decoded_bytes_after_the_mark() {
        let bytes: Vec<u8> = "\u{FEFF}é\n\nü".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(places(&parse(&bytes)), [("é", 1, 0, 2), ("ü", 3, 4, 6)]);
    }

    #[test]
    fn controls_and_invisible_characters_stay_for_the_detectors() {
        let text = "a\0b\u{200B}c\u{202E}d\u{E0041}e\u{1B}[8mf\u{FEFF}";
        assert_eq!(parse(text.as_bytes()).blocks[0].text, text);
        assert_eq!(parse(text.as_bytes()).notices, []);
    }

    #[test]
    fn replaced_bytes_are_noticed_and_clean_bytes_are_not() {
        let broken = parse(b"\xFF\xFEa\0b\0c");
        assert_eq!(broken.notices[0].kind, NoticeKind::BadEncoding);
        assert_eq!(parse(b"caf\xE9").notices, []);
        assert_eq!(parse(b"caf\xE9").blocks[0].text, "café");
    }

    #[test]
    fn a_line_without_end_is_cut_into_blocks_that_read_as_one() {
        for line in ["0123456789 é".repeat(100_000), "漢".repeat(500_000), "x".repeat(1_000_000)]
        {
            let document = parse(line.as_bytes());
            assert!(document.blocks.iter().all(|block| block.text.len() <= TEXT_BLOCK_BYTES_MAX));
            assert_eq!(Reading::of(&document, ReadingKind::Shown).text, line);
            assert!(document.blocks.iter().skip(1).all(|block| block.joint == Joint::Inline));
        }
    }

    #[test]
    fn a_file_without_blank_lines_keeps_its_lines() {
        let text = "a line of a log\n".repeat(20_000);
        let document = parse(text.as_bytes());
        assert!(document.blocks.len() > 1);
        assert_eq!(Reading::of(&document, ReadingKind::Shown).text, text.trim_end());
    }

    #[test]
    fn text_past_the_bound_is_noticed() {
        let document = parse("0123456789abcdef".repeat(TEXT_BYTES_MAX / 16 + 1).as_bytes());
        assert_eq!(document.notices[0].kind, NoticeKind::LimitReached);
        assert!(
            document.blocks.iter().map(|block| block.text.len()).sum::<usize>()
                > TEXT_BYTES_MAX / 2
        );
    }

    #[test]
    fn underlined_and_capital_lines_are_headings_and_prose_is_not() {
        let document = parse(
            b"Refunds\n=======\nThey take five days.\n\n3. SCOPE\n\nSTOP!\n\nOK\n\na\nb\n---\n\nNASA and ESA\n\n---",
        );
        let kinds: Vec<_> =
            document.blocks.iter().map(|block| (block.text.as_str(), block.kind)).collect();
        let paragraph = BlockKind::Paragraph;
        assert_eq!(
            kinds,
            [
                ("Refunds", BlockKind::Heading(1)),
                ("=======\nThey take five days.", paragraph),
                ("3. SCOPE", BlockKind::Heading(2)),
                ("STOP!", paragraph),
                ("OK", paragraph),
                ("a\nb\n---", paragraph),
                ("NASA and ESA", paragraph),
                ("---", paragraph),
            ]
        );
        assert_eq!(document.blocks[1].joint, Joint::Line);
    }

    #[test]
    fn nothing_gives_no_blocks() {
        assert!(parse(b"").blocks.is_empty());
        assert!(parse(b" \r\n\t\n\xEF\xBB\xBF"[..5].as_ref()).blocks.is_empty());
    }
}
