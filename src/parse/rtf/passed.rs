//! What word processors pass over and simpler programs read: letters that stand for Unicode characters (`\uc`),
//! and bytes that are said to be no text (`\bin`).
//!
//! Let through on purpose: letters that say what the characters say, single ones, and marks of the unknown.

use encoding_rs::{Encoding, WINDOWS_1252};

use super::words::NOT_DISPLAYED;
use crate::domain::document::{Alternate, Block, BlockKind, Hiding, Joint, Location, Visibility};
use crate::parse::decode::is_control;

/// Letters and digits of a run that may say something.
const LETTERS_MIN: usize = 4;
/// Letters that stand for one character in the widest of character sets and in transcriptions. What is longer
/// was written to be passed over.
const LETTERS_PER_CHARACTER_MAX: usize = 4;
/// Bytes of plain text among other bytes that come there by chance in no picture.
const PLAIN_BYTES_MIN: usize = 24;
/// Bytes of one kind that follow each other in text; lines that people draw are parted from it.
const ALIKE_BYTES_MAX: usize = 8;

/// Letters in place of characters, as long as no other text comes between.
#[derive(Debug)]
pub(super) struct Fallback {
    /// The letters so far, and those that are not decoded yet.
    text: String,
    bytes: Vec<u8>,
    encoding: &'static Encoding,
    /// What word processors show instead.
    shown: String,
    characters: usize,
}

impl Fallback {
    pub(super) const fn new() -> Self {
        Self {
            text: String::new(),
            bytes: Vec::new(),
            encoding: WINDOWS_1252,
            shown: String::new(),
            characters: 0,
        }
    }

    /// A character that the next letters stand for.
    pub(super) fn begin(&mut self, character: &str, encoding: &'static Encoding) {
        self.decode();
        self.encoding = encoding;
        self.characters += 1;
        self.shown.push_str(character);
    }

    /// A letter that word processors pass over.
    pub(super) fn pass(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    /// Other text that word processors show. White space is the same for all programs and ends no run.
    pub(super) fn show(&mut self, text: &str) -> Option<Block> {
        if self.characters == 0 {
            return None;
        }
        if text.chars().all(char::is_whitespace) {
            self.bytes.push(b' ');
            return None;
        }
        self.end()
    }

    /// Ends the run; gives a block if it says something that is not shown.
    pub(super) fn end(&mut self) -> Option<Block> {
        self.decode();
        let Self { text, shown, characters, .. } = std::mem::replace(self, Self::new());
        let letters =
            |text: &str| -> String { text.chars().filter(|ch| ch.is_alphanumeric()).collect() };
        let said = letters(&text);
        let count = said.chars().count();
        if count < LETTERS_MIN || said == letters(&shown) {
            return None;
        }
        let is_written_for_it = count > characters.saturating_mul(LETTERS_PER_CHARACTER_MAX);
        let other = Visibility::Alternate(Alternate::OtherMedium);
        let visibility = if is_written_for_it { NOT_DISPLAYED } else { other };
        Some(block(text.trim(), visibility, Joint::Line))
    }

    fn decode(&mut self) {
        let bytes = std::mem::take(&mut self.bytes);
        self.text.push_str(&self.encoding.decode_without_bom_handling(&bytes).0);
    }
}

/// Text in bytes that are said to be none: all of it, or, where it holds other bytes, what is plain for long.
pub(super) fn binary(bytes: &[u8], encoding: &'static Encoding) -> Option<Block> {
    let visibility = Visibility::Hidden(Hiding::MachineOnly);
    if !bytes.iter().any(|byte| is_control(*byte)) {
        let (text, _) = encoding.decode_without_bom_handling(bytes);
        return (!text.trim().is_empty()).then(|| block(&text, visibility, Joint::Inline));
    }
    let text = plain_runs(bytes).join("\n");
    (!text.is_empty()).then(|| block(&text, visibility, Joint::Inline))
}

/// Long runs of plain letters; stretches of one are areas of one colour.
fn plain_runs(bytes: &[u8]) -> Vec<String> {
    let (mut runs, mut run, mut alike) = (Vec::new(), String::new(), 0);
    let mut last = 0;
    for byte in bytes.iter().copied().chain([0]) {
        alike = if byte == last { alike + 1 } else { 0 };
        last = byte;
        let is_plain = byte.is_ascii_graphic() || byte.is_ascii_whitespace();
        if is_plain && alike < ALIKE_BYTES_MAX {
            run.push(char::from(byte));
            continue;
        }
        if run.len() >= PLAIN_BYTES_MIN {
            runs.push(std::mem::take(&mut run));
        }
        run.clear();
    }
    runs
}

fn block(text: &str, visibility: Visibility, joint: Joint) -> Block {
    Block {
        text: text.to_owned(),
        kind: BlockKind::Attached,
        joint,
        visibility,
        location: Location::Part { part: "passed over".to_owned(), paragraph: 1 },
    }
}
