//! JSON, one value or many: every key and value as a line, in the order of the file.
//!
//! Who opens the file sees all of it, so everything is shown. An object of a list makes a block, as one
//! record, with what nests in it indented; a long text has a block of its own. A key that comes twice is kept twice:
//! programs differ in which of the two they take.
//!
//! Let through on purpose: the punctuation of the format; the share of numbers is not bounded.

mod tokens;
mod tree;

use std::collections::BTreeSet;

pub(super) use tree::{Tree, Value, is_word, tree};

use super::Builder;
use super::decode::{Decoded, decode};
use super::hash::hash;
use super::text::pieces;
use crate::domain::document::{
    Block, BlockKind, Document, Format, Joint, Location, NoticeKind, Visibility,
};
use crate::domain::limits::JSON_POINTER_BYTES_MAX;
use tokens::{Break, Token, Tokens};

/// Bytes of a block of short values, after which the next one begins; a chunk holds it.
const RECORD_BYTES: usize = 1_200;
/// Steps by which lines are indented at most.
const INDENTS_MAX: usize = 8;
/// Bytes of a value that has a block of its own.
const LONG_VALUE_BYTES: usize = 240;

pub(super) fn parse(bytes: &[u8]) -> Document {
    read(&decode(bytes), Format::Json)
}

/// The same for a format that is JSON inside.
pub(super) fn read(decoded: &Decoded<'_>, format: Format) -> Document {
    let mut builder = Builder::new(format);
    if decoded.malformed {
        let detail = format!("bytes that are no {} text were replaced", decoded.encoding);
        builder.notice(NoticeKind::BadEncoding, None, detail);
    }
    let mut reader = Reader::new(&decoded.text, builder);
    reader.read();
    reader.builder.finish()
}

/// An open object or array.
struct Frame {
    /// Whether it is an object of a list, or one at the top.
    is_record: bool,
    /// Hashes of its keys.
    keys: BTreeSet<u64>,
    /// Values so far.
    count: usize,
    /// Length of the pointer to it.
    pointer: usize,
}

struct Reader<'a> {
    tokens: Tokens<'a>,
    text: &'a str,
    builder: Builder,
    frames: Vec<Frame>,
    /// The key of the value that comes next.
    key: Option<String>,
    /// RFC 6901 up to the innermost frame.
    pointer: String,
    /// Lines that are a block in the making, the place of the first, and their number.
    lines: String,
    place: String,
    count: usize,
    /// Open objects and arrays around the first line.
    depth: usize,
    /// Whether the first line is the key of the object or array that the others are of.
    is_headed: bool,
    /// Whether the last line holds the numbers of an array.
    in_numbers: bool,
    joint: Joint,
    /// Values at the top so far, and the line on which the present one begins.
    values: usize,
    line: u32,
    counted: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, builder: Builder) -> Self {
        Self {
            tokens: Tokens::new(text),
            text,
            builder,
            frames: Vec::new(),
            key: None,
            pointer: String::new(),
            lines: String::new(),
            place: String::new(),
            count: 0,
            depth: 0,
            is_headed: false,
            in_numbers: false,
            joint: Joint::Paragraph,
            values: 0,
            line: 1,
            counted: 0,
        }
    }

    fn read(&mut self) {
        while let Some(token) = self.tokens.next() {
            self.take(token);
            if self.builder.is_full() {
                return;
            }
        }
        // The text breaks off between a key and its value.
        if let Some(key) = self.key.take() {
            self.push(&format!("{key}:"), self.pointer.len());
        }
        self.flush(Joint::Paragraph);
        if self.tokens.has_odd_strings {
            let detail = "strings in it are not written as the format says";
            self.builder.notice_once(NoticeKind::Malformed, detail);
        }
        if let Some((why, rest)) = self.tokens.broken() {
            self.rest(why, rest);
        }
    }

    fn take(&mut self, token: Token<'a>) {
        match token {
            Token::Object => self.open(true),
            Token::Array => self.open(false),
            Token::Close => self.close(),
            Token::Key(key) => {
                let is_new =
                    self.frames.last_mut().is_none_or(|frame| frame.keys.insert(hash(&key)));
                if !is_new {
                    let detail = "an object in it has a key twice";
                    self.builder.notice_once(NoticeKind::Malformed, detail);
                }
                self.key = Some(key);
            }
            Token::Text(text) => {
                if self.frames.len() == 1 && self.key.as_deref() == Some("title") {
                    self.builder.title(pieces(&text).next().unwrap_or_default());
                }
                self.value(&text, true);
            }
            Token::Bare(word) => self.value(word, false),
            Token::Comment(text) => {
                let text = text.trim_end();
                self.push(text, self.pointer.len());
            }
            Token::Done => {
                self.flush(Joint::Paragraph);
                self.values += 1;
                let passed = self.text.get(self.counted..self.tokens.at()).unwrap_or_default();
                let lines = passed.bytes().filter(|byte| *byte == b'\n').count();
                self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
                self.counted = self.tokens.at();
            }
        }
    }

    /// Adds the step to the next value to the pointer; gives the length before it.
    fn step(&mut self) -> usize {
        let before = self.pointer.len();
        let Some(frame) = self.frames.last_mut() else { return before };
        let index = frame.count;
        frame.count += 1;
        if before < JSON_POINTER_BYTES_MAX {
            self.pointer.push('/');
            match &self.key {
                Some(key) => {
                    let end = key.floor_char_boundary(JSON_POINTER_BYTES_MAX);
                    let key = key.get(..end).unwrap_or_default();
                    self.pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
                }
                None => self.pointer.push_str(&index.to_string()),
            }
        }
        before
    }

    fn open(&mut self, is_object: bool) {
        let pointer = self.step();
        let is_record = is_object && self.key.is_none();
        if is_record || self.lines.len() > RECORD_BYTES {
            self.flush(if is_record { Joint::Paragraph } else { Joint::Line });
        }
        if let Some(key) = self.key.take() {
            let is_first = self.lines.is_empty();
            self.push(&format!("{key}:"), self.pointer.len());
            self.is_headed |= is_first;
        }
        self.in_numbers = false;
        self.frames.push(Frame { is_record, keys: BTreeSet::new(), count: 0, pointer });
    }

    fn close(&mut self) {
        let Some(frame) = self.frames.pop() else { return };
        if frame.is_record {
            self.flush(Joint::Paragraph);
        }
        self.in_numbers = false;
        self.pointer.truncate(frame.pointer);
    }

    fn value(&mut self, value: &str, is_text: bool) {
        let before = self.step();
        let key = self.key.take();
        let is_long = value.len() > LONG_VALUE_BYTES;
        if is_long || self.lines.len() > RECORD_BYTES {
            self.flush(Joint::Line);
        }
        match key {
            Some(key) => self.push(&format!("{key}: {value}"), self.pointer.len()),
            // Numbers of a list stand in one line.
            None if !is_text && self.in_numbers => {
                self.lines.push_str(", ");
                self.lines.push_str(value);
                self.count += 1;
            }
            None => {
                self.push(value, self.pointer.len());
                self.in_numbers = !is_text;
            }
        }
        self.pointer.truncate(before);
        if is_long {
            self.flush(Joint::Line);
        }
    }

    fn push(&mut self, line: &str, pointer: usize) {
        if self.lines.is_empty() {
            self.place.clear();
            self.place.push_str(self.pointer.get(..pointer).unwrap_or_default());
            self.depth = self.frames.len();
        } else {
            self.lines.push('\n');
            let indents = self.frames.len().saturating_sub(self.depth).min(INDENTS_MAX);
            self.lines.extend(std::iter::repeat_n("  ", indents));
        }
        self.lines.push_str(line);
        self.count += 1;
        self.in_numbers = false;
    }

    /// Ends the block; `next` says how what comes next follows it.
    fn flush(&mut self, next: Joint) {
        if self.lines.is_empty() {
            self.joint = self.joint.max(next);
            return;
        }
        let mut pointer = std::mem::take(&mut self.place);
        if self.count > 1
            && let Some((container, _)) = pointer.rsplit_once('/')
            && !self.is_headed
        {
            pointer = container.to_owned();
        }
        let place = Location::Pointer { pointer };
        let location = match self.values {
            0 => place,
            _ => Location::Inside { part: format!("line {}", self.line), place: Box::new(place) },
        };
        self.builder.long_block(Block {
            text: std::mem::take(&mut self.lines),
            kind: BlockKind::Paragraph,
            joint: self.joint,
            visibility: Visibility::Shown,
            location,
        });
        self.count = 0;
        (self.is_headed, self.in_numbers) = (false, false);
        self.joint = next;
    }

    /// What is no JSON is shown as it stands.
    fn rest(&mut self, why: Break, rest: &str) {
        let (kind, detail) = match why {
            Break::Malformed => (NoticeKind::Malformed, "it is no JSON from some place on"),
            Break::Truncated => (NoticeKind::Truncated, "it ends within a value"),
            Break::TooDeep => (NoticeKind::LimitReached, "values nest deeper than they may"),
        };
        let start = self.text.len() - rest.len();
        let before = self.text.get(..start).unwrap_or_default();
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let location = Location::Text {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            start_byte: start as u64,
            end_byte: self.text.len() as u64,
        };
        self.builder.notice(kind, Some(location.clone()), detail);
        self.builder.long_block(Block {
            text: rest.to_owned(),
            kind: BlockKind::Paragraph,
            joint: Joint::Paragraph,
            visibility: Visibility::Shown,
            location,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::limits::{JSON_DEPTH_MAX, TEXT_BLOCK_BYTES_MAX};

    fn told(text: &str) -> Vec<(String, String)> {
        let document = parse(text.as_bytes());
        assert!(document.blocks.iter().all(|block| block.visibility.is_shown()));
        let blocks = document.blocks.into_iter();
        blocks.map(|block| (block.text, block.location.to_string())).collect()
    }

    fn kinds(text: &str) -> Vec<NoticeKind> {
        parse(text.as_bytes()).notices.iter().map(|notice| notice.kind).collect()
    }

    fn pair(text: &str, place: &str) -> (String, String) {
        (text.to_owned(), place.to_owned())
    }

    #[test]
    fn each_record_is_a_block_of_lines() {
        let text = r#"{"title": "List", "users": [{"name": "Ann", "age": 31, "tags": ["a", "b"],
            "at": {"x/y": [1, 2.5, true]}}, {"name": "Bob"}], "end": null}"#;
        assert_eq!(
            told(text),
            [
                pair("title: List\nusers:", "value "),
                pair(
                    "name: Ann\nage: 31\ntags:\n  a\n  b\nat:\n  x/y:\n    1, 2.5, true",
                    "value /users/0"
                ),
                pair("name: Bob", "value /users/1/name"),
                pair("end: null", "value /end"),
            ]
        );
        assert_eq!(parse(text.as_bytes()).title.as_deref(), Some("List"));
        assert!(kinds(text).is_empty());
    }

    #[test]
    fn a_long_text_has_a_block_of_its_own() {
        let long = "words ".repeat(100);
        let found = told(&format!(r#"{{"a": 1, "b": "{long}", "c": 2}}"#));
        assert_eq!(found[1], pair(&format!("b: {long}"), "value /b"));
        assert_eq!(found.len(), 3);
    }

    #[test]
    fn keys_that_come_twice_are_kept_and_told() {
        let text = r#"{"role": "user", "role": "owner", "x": {"role": 1}}"#;
        assert_eq!(told(text)[0].0, "role: user\nrole: owner\nx:\n  role: 1");
        assert_eq!(kinds(text), [NoticeKind::Malformed]);
        assert!(kinds(r#"[{"role": 1}, {"role": 2}]"#).is_empty());
    }

    #[test]
    fn lines_of_json_have_places_of_their_own() {
        let found = told("{\"a\": 1}\n{\"a\": 2}\n");
        assert_eq!(found, [pair("a: 1", "value /a"), pair("a: 2", "line 2: value /a")]);
        assert!(kinds("{\"a\": 1}\n{\"a\": 2}\n").is_empty());
    }

    #[test]
    fn text_that_is_no_json_is_shown_as_it_stands() {
        let found = told("{\"a\": 1,\n b: 'secret'}");
        assert_eq!(found[1], pair("b: 'secret'}", "line 2"));
        assert_eq!(kinds("{\"a\": 1, b: 2}"), [NoticeKind::Malformed]);
        assert_eq!(kinds("[\"unfinished"), [NoticeKind::Truncated]);
        let deep = "[".repeat(JSON_DEPTH_MAX * 2) + "\"words\"";
        assert!(told(&deep).last().unwrap().0.ends_with("[\"words\""));
        assert_eq!(kinds(&deep), [NoticeKind::LimitReached]);
    }

    #[test]
    fn a_key_before_a_break_is_shown() {
        assert_eq!(told("{\"lost words\":")[0], pair("lost words:", "value "));
        assert_eq!(told("{\"a\": 1, \"lost words\": bad}")[0].0, "a: 1\nlost words:");
        let deep = format!("{{\"lost words\":{}", "[".repeat(JSON_DEPTH_MAX + 1));
        assert_eq!(told(&deep)[0].0, "lost words:");
        let deep = format!("{}{{\"lost words\":[", "[".repeat(JSON_DEPTH_MAX - 1));
        assert_eq!(told(&deep)[0].0, "lost words:");
    }

    #[test]
    fn wide_encodings_are_read() {
        let wide: Vec<u8> =
            "\u{FEFF}{\"a\": \"é\"}".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(parse(&wide).blocks[0].text, "a: é");
    }

    #[test]
    fn places_and_blocks_are_bounded() {
        let key = "k".repeat(100_000);
        let text =
            format!(r#"{{"{key}": [{}"{}"]}}"#, r#""x", "#.repeat(1_000), "y".repeat(1 << 20));
        let document = parse(text.as_bytes());
        for block in &document.blocks {
            assert!(block.text.len() <= TEXT_BLOCK_BYTES_MAX);
            assert!(block.location.to_string().len() < 4 * JSON_POINTER_BYTES_MAX);
        }
    }
}
