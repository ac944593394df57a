//! What bytes are, whatever they are called.
//!
//! Markdown and tables cannot be told from text by their bytes, so between these the declared type
//! decides; mail, JSON and notebooks are known by their beginning unless they are declared to be text.
//! Let through on purpose: text or Markdown that holds HTML further down stays what it is declared as
//! (its markup is then text that is shown and scanned); an unknown binary format made of printable
//! bytes is text.

use super::decode::{decode, is_control, wide_mark, wide_shape};
use super::package::Package;
use crate::domain::document::Format;
use crate::domain::limits::SNIFF_BYTES;

/// The format of these bytes. Never `Markdown` or `Csv` unless so declared.
pub fn sniff(bytes: &[u8], declared: Option<Format>) -> Format {
    let declared = declared.filter(|format| *format != Format::Unsupported);
    if bytes.is_empty() {
        return declared.filter(|format| is_of_text(*format)).unwrap_or(Format::Text);
    }
    if is_pdf(bytes) {
        return Format::Pdf;
    }
    if let Some(format) = packed(bytes) {
        return format;
    }
    if is_known_binary(bytes) || !is_text(bytes) {
        return Format::Unsupported;
    }
    let head = decode(bytes.get(..SNIFF_BYTES).unwrap_or(bytes)).text;
    if head.trim_start().starts_with("{\\rtf") {
        return Format::Rtf;
    }
    let begins_page = |or_fragment: bool| match or_fragment {
        true => begins_with(&head, HTML_TAGS, true),
        false => begins_with(&head, PAGE_TAGS, false),
    };
    match declared {
        Some(Format::Html) if has_markup(&head) || has_markup(&decode(bytes).text) => Format::Html,
        Some(declared) if is_of_text(declared) => match declared {
            _ if begins_page(false) => Format::Html,
            Format::Eml if has_header(&head) => Format::Eml,
            Format::Ipynb if is_notebook(&head, bytes) => Format::Ipynb,
            Format::Ipynb | Format::Json if may_be_json(&head) => Format::Json,
            Format::Markdown | Format::Csv => declared,
            _ => Format::Text,
        },
        _ if begins_page(true) => Format::Html,
        _ if has_mail_headers(&head) => Format::Eml,
        _ if is_notebook(&head, bytes) => Format::Ipynb,
        _ if is_json(bytes) => Format::Json,
        _ => Format::Text,
    }
}

/// Formats that cannot be told from text by their first bytes alone, so that the declared type has a say.
const fn is_of_text(format: Format) -> bool {
    matches!(
        format,
        Format::Text
            | Format::Markdown
            | Format::Html
            | Format::Eml
            | Format::Csv
            | Format::Json
            | Format::Ipynb
    )
}

/// Whether the first line is a header of a mail.
fn has_header(head: &str) -> bool {
    let head = head.strip_prefix('\u{FEFF}').unwrap_or(head);
    let first = head.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    // Files of many mails, and some that servers keep, begin with the envelope.
    first.starts_with("From ") || header_name(first).is_some()
}

fn header_name(line: &str) -> Option<&str> {
    let (name, _) = line.split_once(':')?;
    let is_name = |byte: u8| byte.is_ascii_graphic();
    (!name.is_empty() && name.bytes().all(is_name)).then_some(name)
}

/// Headers that programs write and people do not.
const MAIL_HEADERS: &[&str] =
    &["mime-version", "received", "message-id", "return-path", "delivered-to", "dkim-signature"];

/// Whether the text begins with headers, some of which only a mail program writes.
fn has_mail_headers(head: &str) -> bool {
    let lines = head.lines().take_while(|line| !line.trim().is_empty());
    let names: Option<Vec<&str>> = lines
        .filter(|line| !line.starts_with([' ', '\t']) && !line.starts_with("From "))
        .map(header_name)
        .collect();
    let has = |wanted: &str| names.iter().flatten().any(|name| name.eq_ignore_ascii_case(wanted));
    has("from") && MAIL_HEADERS.iter().filter(|name| has(name)).count() >= 2
}

fn may_be_json(head: &str) -> bool {
    let head = head.trim_start_matches('\u{FEFF}').trim_start();
    head.starts_with(['{', '[', '"', '-', 't', 'f', 'n'])
        || head.starts_with(|ch: char| ch.is_ascii_digit())
}

fn is_json(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    matches!(first, Some(b'{' | b'['))
        && serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok()
}

/// A notebook says so at its end: cells come first.
fn is_notebook(head: &str, bytes: &[u8]) -> bool {
    let has = |what: &[u8]| bytes.windows(what.len()).any(|part| part == what);
    head.trim_start_matches('\u{FEFF}').trim_start().starts_with('{')
        && has(b"\"nbformat\"")
        && has(b"\"cells\"")
}

/// What lies in an archive or package, if it is one.
fn packed(bytes: &[u8]) -> Option<Format> {
    let starts = |magic: &[&[u8]]| magic.iter().any(|magic| bytes.starts_with(magic));
    if starts(&[b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"]) {
        return Some(package(bytes));
    }
    if starts(&[b"\x1F\x8B"]) {
        return Some(Format::Gzip);
    }
    let has_tar_mark = bytes.get(257..).is_some_and(|rest| rest.starts_with(b"ustar"));
    has_tar_mark.then_some(Format::Tar)
}

/// Which package; a plain archive if it does not say.
fn package(bytes: &[u8]) -> Format {
    let Ok(mut package) = Package::open(bytes, "zip") else { return Format::Zip };
    if let Ok(kind) = package.text("mimetype") {
        let known =
            match kind.trim() {
                "application/epub+zip" => Some(Format::Epub),
                kind => kind.strip_prefix("application/vnd.oasis.opendocument.").and_then(|kind| {
                    match kind.trim_end_matches("-template") {
                        "text" | "text-master" => Some(Format::Odt),
                        "spreadsheet" => Some(Format::Ods),
                        "presentation" => Some(Format::Odp),
                        _ => None,
                    }
                }),
            };
        if let Some(known) = known {
            return known;
        }
    }
    let Ok(types) = package.text("[Content_Types].xml") else { return Format::Zip };
    let of_type = [
        ("wordprocessingml", Format::Docx),
        ("spreadsheetml", Format::Xlsx),
        ("presentationml", Format::Pptx),
    ];
    let is_main = |kind: &str| {
        let mains = [
            "document.main+xml",
            "template.main+xml",
            "sheet.main+xml",
            "presentation.main+xml",
            "slideshow.main+xml",
        ];
        mains.iter().any(|main| types.contains(&format!("{kind}.{main}")))
    };
    let macros = [
        ("ms-word.document.macroEnabled.main+xml", Format::Docx),
        ("ms-word.template.macroEnabledTemplate.main+xml", Format::Docx),
        ("ms-excel.sheet.macroEnabled.main+xml", Format::Xlsx),
        ("ms-excel.template.macroEnabled.main+xml", Format::Xlsx),
        ("ms-powerpoint.presentation.macroEnabled.main+xml", Format::Pptx),
        ("ms-powerpoint.template.macroEnabled.main+xml", Format::Pptx),
        ("ms-powerpoint.slideshow.macroEnabled.main+xml", Format::Pptx),
    ];
    let by_main = of_type.iter().find(|(kind, _)| is_main(kind));
    let by_macro = || macros.iter().find(|(kind, _)| types.contains(kind));
    by_main.or_else(by_macro).map_or(Format::Unsupported, |(_, format)| *format)
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
    (0, b"BZh"),
    (0, b"\xFD7zXZ\0"),
    (0, b"7z\xBC\xAF\x27\x1C"),
    (0, b"Rar!\x1A\x07"),
    (0, b"\x28\xB5\x2F\xFD"),
    (0, b"\x04\x22\x4D\x18"),
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
const SOURCES: &[&[u8]] = &[b"%!PS"];

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

/// Counted in small numbers, which processors add side by side.
fn count_controls(bytes: &[u8]) -> usize {
    let add = |sum: u8, byte: &u8| sum.wrapping_add(u8::from(is_control(*byte)));
    let few = |chunk: &[u8]| usize::from(chunk.iter().fold(0, add));
    bytes.chunks(usize::from(u8::MAX)).map(few).sum()
}

/// Text has few control bytes: one in twenty is generous, and random or packed bytes have one in
/// nine. Wide encodings have more and are known by their shape, or by a mark and readable content.
fn is_text(bytes: &[u8]) -> bool {
    let controls = count_controls(bytes);
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
    use crate::parse::package::tests::packed;

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
        for bytes in [b"GIF89a\x01\0".as_slice(), b"MZ\x90\0", b"7z\xBC\xAF\x27\x1C", b"%!PS-Adobe"]
        {
            for declared in [None, Some(Format::Text), Some(Format::Html), Some(Format::Pdf)] {
                assert_eq!(sniff(bytes, declared), Format::Unsupported, "{bytes:?}");
            }
        }
    }

    #[test]
    fn archives_and_packages_are_told_by_what_is_in_them() {
        let typed = |kind: &str| {
            let types = format!("<Types><Override ContentType='application/vnd.{kind}'/></Types>");
            packed(&[("[Content_Types].xml", types.as_bytes())])
        };
        let office = "openxmlformats-officedocument";
        let mime = |kind: &str| packed(&[("mimetype", kind.as_bytes())]);
        let mut tar = vec![b'a'; 257];
        tar.extend(b"ustar\0");
        for (bytes, format) in [
            (typed(&format!("{office}.wordprocessingml.document.main+xml")), Format::Docx),
            (typed(&format!("{office}.presentationml.slideshow.main+xml")), Format::Pptx),
            (typed("ms-excel.sheet.macroEnabled.main+xml"), Format::Xlsx),
            (typed("ms-excel.sheet.binary.macroEnabled.main"), Format::Unsupported),
            (mime("application/vnd.oasis.opendocument.text"), Format::Odt),
            (mime("application/vnd.oasis.opendocument.presentation-template"), Format::Odp),
            (mime("application/epub+zip"), Format::Epub),
            (packed(&[("a.txt", b"a")]), Format::Zip),
            (b"PK\x03\x04 word/document.xml".to_vec(), Format::Zip),
            (b"\x1F\x8B\x08".to_vec(), Format::Gzip),
            (tar, Format::Tar),
        ] {
            for declared in [None, Some(Format::Text), Some(Format::Csv), Some(Format::Docx)] {
                assert_eq!(sniff(&bytes, declared), format);
            }
        }
    }

    #[test]
    fn mail_json_and_notebooks_are_known_unless_they_are_said_to_be_text() {
        let mail = "Return-Path: <a@b>\r\nReceived: by c;\r\n\tx\r\nFrom: a@b\r\n\r\nhi";
        let notebook = r#"{"cells": [], "nbformat": 4}"#;
        for (text, format) in [
            (mail, Format::Eml),
            ("From: me\nSubject: you\n\nA letter.", Format::Text),
            (notebook, Format::Ipynb),
            (r#"{"a": [1, 2]}"#, Format::Json),
            ("[draft] a note {", Format::Text),
        ] {
            assert_eq!(sniff(text.as_bytes(), None), format, "{text}");
            assert_eq!(sniff(text.as_bytes(), Some(Format::Text)), Format::Text, "{text}");
            assert_eq!(sniff(text.as_bytes(), Some(Format::Csv)), Format::Csv, "{text}");
        }
        assert_eq!(
            sniff(b"{\\rtf1 x}", Some(Format::Text)),
            Format::Rtf,
            "nobody reads its source"
        );
        assert_eq!(sniff(b"From: me\n\nhi", Some(Format::Eml)), Format::Eml);
        assert_eq!(sniff(b"no headers here", Some(Format::Eml)), Format::Text);
        assert_eq!(sniff(notebook.as_bytes(), Some(Format::Json)), Format::Json);
        assert_eq!(sniff(b"{}", Some(Format::Ipynb)), Format::Json);
        assert_eq!(sniff(b"{\"broken\": ", Some(Format::Json)), Format::Json);
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
