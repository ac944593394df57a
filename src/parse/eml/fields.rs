//! Headers of a mail or of one of its parts: names, unfolded values, encoded words (RFC 2047),
//! parameters (RFC 2231).

use super::charset::decoded;
use super::transfer::{base64, percent, quoted_word};
use crate::parse::decode::decode;

/// One header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    /// As it is written.
    pub(super) name: String,
    /// Unfolded, encoded words as they are.
    pub(super) raw: String,
}

impl Field {
    /// From a line with those that continue it; `None` when it is no header.
    pub(super) fn of(lines: &[u8]) -> Option<Self> {
        let at = lines.iter().position(|byte| *byte == b':')?;
        let (name, value) = lines.split_at_checked(at)?;
        let name = name.trim_ascii_end();
        if name.is_empty() || !name.iter().all(u8::is_ascii_graphic) {
            return None;
        }
        let value = value.strip_prefix(b":").unwrap_or(value);
        let unfolded: Vec<u8> =
            value.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
        Some(Self {
            name: String::from_utf8_lossy(name).into_owned(),
            raw: decode(&unfolded).text.trim().to_owned(),
        })
    }

    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The value as a mail program shows it.
    pub(super) fn text(&self) -> String {
        words(&self.raw)
    }
}

/// The first header of this name.
pub(super) fn first<'f>(fields: &'f [Field], name: &str) -> Option<&'f Field> {
    fields.iter().find(|field| field.is(name))
}

/// An encoded word at the beginning of a text: its character set, bytes, and the text behind it.
fn word(text: &str) -> Option<(&str, Vec<u8>, &str)> {
    let (charset, rest) = text.strip_prefix("=?")?.split_once('?')?;
    let (encoding, rest) = rest.split_once('?')?;
    let (written, rest) = rest.split_once('?')?;
    let rest = rest.strip_prefix('=')?;
    if charset.is_empty() || charset.contains(char::is_whitespace) {
        return None;
    }
    let bytes = match encoding {
        "B" | "b" => base64(written.as_bytes()).0,
        "Q" | "q" => quoted_word(written.as_bytes()),
        _ => return None,
    };
    Some((charset, bytes, rest))
}

/// Replaces encoded words. White space between two of them is none, and a character may begin in one and
/// end in the next.
pub(super) fn words(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut open: Option<(String, Vec<u8>)> = None;
    let mut rest = raw;
    let close = |text: &mut String, open: &mut Option<(String, Vec<u8>)>| {
        if let Some((charset, bytes)) = open.take() {
            text.push_str(&decoded(&charset, &bytes).0);
        }
    };
    while let Some(at) = rest.find("=?") {
        let (before, here) = rest.split_at_checked(at).unwrap_or((rest, ""));
        if open.is_none() || !before.trim().is_empty() {
            close(&mut text, &mut open);
            text.push_str(before);
        }
        let Some((charset, bytes, after)) = word(here) else {
            close(&mut text, &mut open);
            text.push_str("=?");
            rest = here.strip_prefix("=?").unwrap_or_default();
            continue;
        };
        match &mut open {
            Some((known, all)) if known.eq_ignore_ascii_case(charset) => all.extend(bytes),
            _ => {
                close(&mut text, &mut open);
                open = Some((charset.to_owned(), bytes));
            }
        }
        rest = after;
    }
    close(&mut text, &mut open);
    text.push_str(rest);
    text
}

/// A value with parameters: `text/plain; charset=utf-8`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Valued {
    /// What stands before the parameters, in small letters.
    pub(super) essence: String,
    params: Vec<(String, String)>,
}

impl Valued {
    pub(super) fn of(raw: &str) -> Self {
        let mut pieces = split_outside_quotes(raw).into_iter();
        let essence = pieces.next().unwrap_or_default();
        let essence = essence.split('(').next().unwrap_or_default().trim().to_ascii_lowercase();
        let params = pieces.filter_map(|piece| {
            let (name, value) = piece.split_once('=')?;
            Some((name.trim().to_ascii_lowercase(), unquoted(value.trim())))
        });
        Self { essence, params: params.collect() }
    }

    /// The first parameter of this name; one that is cut into sections is put together.
    pub(super) fn param(&self, name: &str) -> Option<String> {
        let plain = self.params.iter().find(|(known, _)| known == name).map(|(_, value)| value);
        if let Some(value) = plain {
            return Some(words(value));
        }
        let mut sections: Vec<(u32, bool, &str)> = Vec::new();
        for (known, value) in &self.params {
            let Some(rest) = known.strip_prefix(name).and_then(|rest| rest.strip_prefix('*'))
            else {
                continue;
            };
            let is_coded = rest.is_empty() || rest.ends_with('*');
            let number = rest.trim_end_matches('*');
            let number = if number.is_empty() { Some(0) } else { number.parse().ok() };
            sections.extend(number.map(|number| (number, is_coded, value.as_str())));
        }
        sections.sort_by_key(|(number, ..)| *number);
        let (_, is_coded, head) = sections.first()?;
        let mut charset = "";
        let mut bytes = Vec::new();
        let mut head = *head;
        if *is_coded
            && let Some((named, rest)) = head.split_once('\'')
            && let Some((_, rest)) = rest.split_once('\'')
        {
            (charset, head) = (named, rest);
        }
        for (index, (_, is_coded, value)) in sections.iter().enumerate() {
            let value = if index == 0 { head } else { value };
            match is_coded {
                true => bytes.extend(percent(value.as_bytes(), b'%')),
                false => bytes.extend(value.bytes()),
            }
        }
        Some(decoded(charset, &bytes).0)
    }

    /// First step of a media type: `text`.
    pub(super) fn top(&self) -> &str {
        self.essence.split('/').next().unwrap_or_default()
    }
}

/// Pieces between semicolons that are not in quotes.
fn split_outside_quotes(raw: &str) -> Vec<&str> {
    let (mut pieces, mut start) = (Vec::new(), 0);
    let (mut in_quotes, mut is_escaped) = (false, false);
    for (at, ch) in raw.char_indices() {
        match ch {
            _ if is_escaped => is_escaped = false,
            '\\' if in_quotes => is_escaped = true,
            '"' => in_quotes = !in_quotes,
            ';' if !in_quotes => {
                pieces.push(raw.get(start..at).unwrap_or_default());
                start = at + 1;
            }
            _ => {}
        }
    }
    pieces.push(raw.get(start..).unwrap_or_default());
    pieces
}

/// A value without its quotes; without them it ends before a comment.
fn unquoted(value: &str) -> String {
    let Some(inner) = value.strip_prefix('"') else {
        let end = value.find(" (").unwrap_or(value.len());
        return value.get(..end).unwrap_or_default().trim().to_owned();
    };
    let mut text = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(ch) = chars.next() {
        match ch {
            '"' => break,
            '\\' => text.extend(chars.next()),
            ch => text.push(ch),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_words_are_joined_and_broken_ones_stay() {
        assert_eq!(words("=?utf-8?Q?Caf=C3?= =?utf-8?Q?=A9?= now"), "Café now");
        assert_eq!(words("a =?UTF-8?B?w6k=?= b"), "a é b");
        assert_eq!(words("=?x?= =?utf-8?Z?a?= =?iso-8859-1?q?=E9_?="), "=?x?= =?utf-8?Z?a?= é ");
        assert_eq!(words("=?utf-8?q?a"), "=?utf-8?q?a");
    }

    #[test]
    fn parameters_come_plain_quoted_and_in_sections() {
        let value = Valued::of("Text/Plain; CHARSET=\"utf-8\"; name=\"a;\\\"b\" ; x=1 (note)");
        assert_eq!(value.essence, "text/plain");
        assert_eq!(value.param("charset").as_deref(), Some("utf-8"));
        assert_eq!(value.param("name").as_deref(), Some("a;\"b"));
        assert_eq!(value.param("x").as_deref(), Some("1"));
        let value = Valued::of("a; filename*1*=%C3%A9; filename*0*=utf-8'de'f; filename*2=.txt");
        assert_eq!(value.param("filename").as_deref(), Some("fé.txt"));
        assert_eq!(value.param("nothing"), None);
    }

    #[test]
    fn a_header_is_unfolded_and_raw_eight_bit_text_is_read() {
        let field = Field::of(b"Subject: one\r\n\ttwo \xE9t\xE9").unwrap();
        assert_eq!((field.name.as_str(), field.raw.as_str()), ("Subject", "one\ttwo été"));
        assert_eq!(Field::of(b"no header"), None);
        assert_eq!(Field::of(b"two words: x"), None);
    }
}
