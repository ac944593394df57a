//! What bytes are, whatever they are called.
//!
//! Markdown cannot be told from text by its bytes, so between these two the declared type decides.
//! Let through on purpose: text or Markdown that holds HTML further down stays what it is declared as
//! (its markup is then text that is shown and scanned); an unknown binary format made of printable
//! bytes is text.

use super::decode::{decode, is_control, wide_mark, wide_shape};
use crate::domain::document::Format;
use crate::domain::limits::SNIFF_BYTES;

/// The format of these bytes. Never `Markdown` unless so declared.
pub fn sniff(bytes: &[u8], declared: Option<Format>) -> Format {
    let declared = declared.filter(|format| *format != Format::Unsupported);
    if bytes.is_empty() {
        return declared.unwrap_or(Format::Text);
    }
    if is_pdf(bytes) {
        return Format::Pdf;
    }
    if is_known_binary(bytes) || !is_text(bytes) {
        return Format::Unsupported;
    }
    let head = decode(bytes.get(..SNIFF_BYTES).unwrap_or(bytes)).text;
    let is_html = match declared {
        Some(Format::Html) => has_markup(&head) || has_markup(&decode(bytes).text),
        Some(Format::Text | Format::Markdown) => begins_with(&head, PAGE_TAGS, false),
        Some(Format::Pdf | Format::Unsupported) | None => begins_with(&head, HTML_TAGS, true),
    };
    match declared {
        _ if is_html => Format::Html,
        Some(Format::Markdown) => Format::Markdown,
        Some(Format::Text | Format::Html | Format::Pdf | Format::Unsupported) | None => {
            Format::Text
        }
    }
}

/// How far into a file readers look for a PDF's header.
const PDF_HEADER_BYTES: usize = 1024;

/// A PDF begins with its header; readers also take one after 1,024 bytes of something else, so a page
/// or a text can be a PDF at the same time. Text that only speaks of the header has no objects.
fn is_pdf(bytes: &[u8]) -> bool {
    let head = bytes.get(..PDF_HEADER_BYTES + PDF_MARK.len()).unwrap_or(bytes);
    let Some(at) = head.windows(PDF_MARK.len()).position(|part| part == PDF_MARK) else {
        return false;
    };
    let before = head.get(..at).unwrap_or_default();
    let before = before.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(before);
    before.iter().all(|byte| byte.is_ascii_whitespace() || *byte == 0)
        || bytes.windows(PDF_OBJECT.len()).any(|part| part == PDF_OBJECT)
}

const PDF_MARK: &[u8] = b"%PDF-";
const PDF_OBJECT: &[u8] = b" obj";

/// Beginnings of formats that have no reader: offset and bytes.
const BINARY: &[(usize, &[u8])] = &[
    (0, b"PK\x03\x04"),
    (0, b"PK\x05\x06"),
    (0, b"PK\x07\x08"),
    (0, b"\x1F\x8B"),
    (0, b"BZh"),
    (0, b"\xFD7zXZ\0"),
    (0, b"7z\xBC\xAF\x27\x1C"),
    (0, b"Rar!\x1A\x07"),
    (0, b"\x28\xB5\x2F\xFD"),
    (0, b"\x04\x22\x4D\x18"),
    (257, b"ustar"),
    (0, b"!<arch>\n"),
    (0, b"\x89PNG\r\n"),
    (0, b"\xFF\xD8\xFF"),
    (0, b"GIF87a"),
    (0, b"GIF89a"),
    (0, b"BM"),
    (0, b"II*\0"),
    (0, b"MM\0*"),
    (0, b"RIFF"),
    (0, b"\0\0\x01\0"),
    (0, b"8BPS"),
    (4, b"ftyp"),
    (0, b"OggS"),
    (0, b"fLaC"),
    (0, b"ID3"),
    (0, b"\x1A\x45\xDF\xA3"),
    (0, b"\x7FELF"),
    (0, b"MZ"),
    (0, b"\xCA\xFE\xBA\xBE"),
    (0, b"\xCF\xFA\xED\xFE"),
    (0, b"\xFE\xED\xFA\xCF"),
    (0, b"\0asm"),
    (0, b"\xD0\xCF\x11\xE0"),
    (0, b"SQLite format 3\0"),
    (0, b"\0\x01\0\0"),
    (0, b"OTTO"),
    (0, b"wOFF"),
    (0, b"wOF2"),
    (0, b"PAR1"),
    (0, b"\x89HDF"),
];

/// Formats made of printable characters whose source nobody reads as text.
const SOURCES: &[&[u8]] = &[b"{\\rtf", b"%!PS"];

/// Whether a known format without a reader begins here. A beginning of letters alone (`MZ`, `BM`)
/// counts only when control bytes follow, for words begin so too.
fn is_known_binary(bytes: &[u8]) -> bool {
    let is_binary = || bytes.iter().take(SNIFF_BYTES).any(|byte| is_control(*byte));
    SOURCES.iter().any(|source| bytes.starts_with(source))
        || BINARY.iter().any(|(offset, magic)| {
            bytes.get(*offset..).is_some_and(|rest| rest.starts_with(magic))
                && (magic.iter().any(|byte| !byte.is_ascii() || is_control(*byte)) || is_binary())
        })
}

/// Control bytes that any file may hold before their share counts: a stray NUL in a short note.
const STRAY_CONTROLS: usize = 8;

/// Text has few control bytes: one in twenty is generous, and random or packed bytes have one in
/// nine. Wide encodings have more and are known by their shape, or by a mark and readable content.
fn is_text(bytes: &[u8]) -> bool {
    let controls = bytes.iter().filter(|byte| is_control(**byte)).count();
    if controls <= bytes.len() / 20 + STRAY_CONTROLS {
        return true;
    }
    if wide_mark(bytes).is_none() {
        return wide_shape(bytes).is_some();
    }
    let head = decode(bytes.get(..SNIFF_BYTES).unwrap_or(bytes)).text;
    let (mut all, mut bad) = (0_usize, 0_usize);
    for ch in head.chars() {
        all += 1;
        bad += usize::from(ch == '\u{FFFD}' || ch.is_control() && !ch.is_whitespace());
    }
    bad <= all / 20 + STRAY_CONTROLS
}

/// What only a whole page begins with.
const PAGE_TAGS: &[&str] = &["!doctype html", "html", "head", "body"];
/// What browsers take for HTML at the beginning of a file without a type (WHATWG MIME sniffing).
const HTML_TAGS: &[&str] = &[
    "!doctype html",
    "html",
    "head",
    "body",
    "script",
    "iframe",
    "h1",
    "div",
    "font",
    "table",
    "a",
    "style",
    "title",
    "b",
    "br",
    "p",
    "meta",
    "link",
];

/// Whether the text begins with one of these tags, after white space, marks, comments and processing
/// instructions. `or_comment`: a comment at the beginning is enough.
fn begins_with(text: &str, tags: &[&str], or_comment: bool) -> bool {
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|ch: char| ch.is_whitespace() || ch == '\u{FEFF}');
        let skipped = if let Some(comment) = rest.strip_prefix("<!--") {
            if or_comment {
                return true;
            }
            // From the dashes on: `<!-->` is a whole comment.
            after(rest.strip_prefix("<!").unwrap_or(comment), "-->")
        } else if let Some(instruction) = rest.strip_prefix("<?") {
            after(instruction, ">")
        } else {
            return rest.strip_prefix('<').is_some_and(|tag| is_tag(tag, tags));
        };
        let Some(skipped) = skipped else { return false };
        rest = skipped;
    }
}

fn after<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    text.split_once(mark).map(|(_, rest)| rest)
}

fn is_tag(text: &str, tags: &[&str]) -> bool {
    tags.iter().any(|tag| {
        text.get(..tag.len()).is_some_and(|name| name.eq_ignore_ascii_case(tag))
            && text
                .get(tag.len()..)
                .and_then(|rest| rest.chars().next())
                .is_none_or(|ch| ch.is_whitespace() || matches!(ch, '>' | '/'))
    })
}

/// Whether an HTML parser would find anything but text: a tag, a comment, a character reference.
fn has_markup(text: &str) -> bool {
    text.as_bytes().windows(2).any(|pair| match pair {
        [b'<', next] => next.is_ascii_alphabetic() || matches!(next, b'/' | b'!' | b'?'),
        [b'&', next] => next.is_ascii_alphabetic() || *next == b'#',
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn a_page_is_html_whatever_it_is_called() {
        for page in [
            "<!DOCTYPE html><p>x",
            "\u{FEFF} \n<HTML lang=en>",
            "<!-- a --><!--> <?xml version='1.0'?><head>",
            "<body\n>",
        ] {
            for declared in [
                None,
                Some(Format::Text),
                Some(Format::Markdown),
                Some(Format::Html),
                Some(Format::Pdf),
            ] {
                assert_eq!(sniff(page.as_bytes(), declared), Format::Html, "{page} {declared:?}");
                assert_eq!(
                    sniff(&utf16(page), declared),
                    Format::Html,
                    "UTF-16 {page} {declared:?}"
                );
            }
        }
    }

    #[test]
    fn markdown_may_begin_with_inline_html() {
        for text in [
            "<p align=center>Logo</p>\n# Title",
            "<!-- lint off -->\n# Title",
            "<header>",
            "<htmlx>",
        ] {
            assert_eq!(sniff(text.as_bytes(), Some(Format::Markdown)), Format::Markdown, "{text}");
        }
        assert_eq!(sniff(b"<p align=center>Logo</p>", None), Format::Html);
    }

    #[test]
    fn text_that_is_called_html_is_text_only_without_any_markup() {
        assert_eq!(sniff(b"a < b & c > d", Some(Format::Html)), Format::Text);
        assert_eq!(sniff(b"&#105;gnore", Some(Format::Html)), Format::Html);
        let mut late = vec![b'a'; SNIFF_BYTES * 2];
        late.extend(b"<b>");
        assert_eq!(sniff(&late, Some(Format::Html)), Format::Html);
    }

    #[test]
    fn a_page_that_is_also_a_pdf_is_a_pdf() {
        let polyglot = b"<html><!-- %PDF-1.4\n1 0 obj\n<<>>\nendobj -->";
        assert_eq!(sniff(polyglot, Some(Format::Html)), Format::Pdf);
        assert_eq!(sniff(b"\r\n%PDF-1.7 broken", Some(Format::Text)), Format::Pdf);
    }

    #[test]
    fn a_page_about_pdf_is_a_page() {
        let page = b"<html><p>Every PDF begins with <code>%PDF-</code> and a version.";
        assert_eq!(sniff(page, Some(Format::Html)), Format::Html);
        let mut late = vec![b' '; PDF_HEADER_BYTES + 1];
        late.extend(b"%PDF-1.4 1 0 obj");
        assert_eq!(sniff(&late, None), Format::Text);
    }

    #[test]
    fn known_binary_formats_are_unsupported_whatever_they_are_called() {
        let mut tar = vec![b'a'; 257];
        tar.extend(b"ustar\0");
        for bytes in [
            b"PK\x03\x04 word/document.xml".as_slice(),
            b"\x1F\x8B\x08",
            b"GIF89a\x01\0",
            b"MZ\x90\0",
            &tar,
            b"{\\rtf1 x}",
        ] {
            for declared in [None, Some(Format::Text), Some(Format::Html), Some(Format::Pdf)] {
                assert_eq!(sniff(bytes, declared), Format::Unsupported, "{bytes:?}");
            }
        }
    }

    #[test]
    fn words_that_begin_like_a_binary_format_are_text() {
        for text in ["BMW and MZ built motorcycles", "MZ", "RIFF raff", "GIF89a is a format"] {
            assert_eq!(sniff(text.as_bytes(), Some(Format::Text)), Format::Text, "{text}");
        }
    }

    #[test]
    fn noise_is_unsupported_and_a_stray_nul_is_not() {
        let mut state = 7_u32;
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .take(10_000)
        .collect();
        assert_eq!(sniff(&noise, Some(Format::Text)), Format::Unsupported);
        let marked: Vec<u8> = [0xFF, 0xFE].into_iter().chain([1, 0].repeat(100)).collect();
        assert_eq!(sniff(&marked, Some(Format::Text)), Format::Unsupported);
        assert_eq!(sniff(&[0; 4096], Some(Format::Text)), Format::Unsupported);
        assert_eq!(sniff(b"a\0b", Some(Format::Markdown)), Format::Markdown);
    }

    #[test]
    fn nothing_is_what_it_is_called() {
        assert_eq!(sniff(b"", Some(Format::Markdown)), Format::Markdown);
        assert_eq!(sniff(b"", Some(Format::Unsupported)), Format::Text);
        assert_eq!(sniff(b"", None), Format::Text);
    }
}
