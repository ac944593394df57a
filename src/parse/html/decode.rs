//! Bytes of a page → text, with the encoding that a browser would choose: byte order mark, then the
//! page's own declaration, then a guess.
//!
//! A wrong declaration is obeyed, since a browser shows its result; bytes that are no text become
//! replacement characters and are told.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// Where a declaration must stand to be found; the standard's own number.
const DECLARATION_BYTES: usize = 1_024;

/// The text, and whether some bytes were none.
pub(crate) fn decode(bytes: &[u8]) -> (Cow<'_, str>, bool) {
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(bytes.get(length..).unwrap_or_default());
    }
    if let Some(encoding) = declared(bytes) {
        return encoding.decode_without_bom_handling(bytes);
    }
    guess(bytes)
}

/// Text that carries no declaration of its own, such as Markdown.
pub(crate) fn guess(bytes: &[u8]) -> (Cow<'_, str>, bool) {
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(bytes.get(length..).unwrap_or_default());
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return (Cow::Borrowed(text), false);
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    detector.guess(None, Utf8Detection::Allow).decode_without_bom_handling(bytes)
}

/// The encoding that a `<meta>` near the beginning names.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes.get(..DECLARATION_BYTES.min(bytes.len()))?;
    let head: String = head.iter().map(|byte| char::from(byte.to_ascii_lowercase())).collect();
    let mut rest = head.as_str();
    while let Some(at) = rest.find("<meta") {
        rest = rest.get(at + 5..)?;
        let tag = rest.split('>').next()?;
        if let Some(encoding) = label_in(tag) {
            return Some(encoding);
        }
    }
    None
}

fn label_in(tag: &str) -> Option<&'static Encoding> {
    let (_, rest) = tag.split_once("charset")?;
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    let rest = rest.trim_start_matches(['"', '\'']);
    let end = rest.find(|c: char| c.is_whitespace() || "\"';/".contains(c)).unwrap_or(rest.len());
    let encoding = Encoding::for_label(rest.get(..end)?.as_bytes())?;
    // ASCII could be read, so it is not UTF-16; the standard's rule.
    Some(if encoding == UTF_16LE || encoding == UTF_16BE { UTF_8 } else { encoding })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_declared_encoding_is_used() {
        let (text, bad) = decode(b"<meta charset=windows-1252><p>\x80");
        assert!(text.ends_with('\u{20AC}'));
        assert!(!bad);
        let http = b"<META http-equiv=x content='text/html; CHARSET=koi8-r'>\xC1";
        assert!(decode(http).0.ends_with('\u{430}'));
    }

    #[test]
    fn a_byte_order_mark_beats_the_declaration() {
        let mut bytes = vec![0xFF, 0xFE];
        bytes.extend("<meta charset=utf-8>\u{444}".encode_utf16().flat_map(u16::to_le_bytes));
        assert!(decode(&bytes).0.ends_with('\u{444}'));
    }

    #[test]
    fn bytes_that_are_no_text_are_told() {
        let (text, bad) = decode(b"<meta charset=utf-8>a\xFF");
        assert!(bad);
        assert!(text.ends_with("a\u{FFFD}"));
    }

    #[test]
    fn undeclared_text_is_utf8_when_it_can_be() {
        assert_eq!(decode("\u{e4}".as_bytes()), (Cow::Borrowed("\u{e4}"), false));
        assert_eq!(guess(b"caf\xE9 au lait").0, "caf\u{e9} au lait");
    }
}
