//! Cuts style sheets into rules and declarations, by the standard's own way of getting over errors.
//!
//! Only cutting is done here, without recursion and in one pass; whatever the pieces mean is judged
//! by others. A piece that a browser would throw away must be thrown away as well: otherwise a rule
//! that nobody obeys could make hidden text count as shown.

use std::borrow::Cow;

/// A part of a sheet or of a block.
#[derive(Debug, PartialEq)]
pub(crate) enum Item<'a> {
    Declaration(Declaration<'a>),
    /// Selectors and their block.
    Rule {
        prelude: &'a str,
        block: &'a str,
    },
    /// `@name prelude { block }`, or without a block.
    At {
        name: String,
        prelude: &'a str,
        block: Option<&'a str>,
    },
}

/// `name: value`.
#[derive(Debug, PartialEq)]
pub(crate) struct Declaration<'a> {
    /// In lower case, except of a custom property.
    pub(crate) name: Cow<'a, str>,
    pub(crate) value: &'a str,
    pub(crate) important: bool,
}

/// The items of a sheet, or of a block within it: only blocks hold declarations.
pub(crate) fn items(text: &str, is_sheet: bool) -> Items<'_> {
    Items { text, at: 0, is_sheet }
}

/// Walks over items.
#[derive(Debug)]
pub(crate) struct Items<'a> {
    text: &'a str,
    at: usize,
    is_sheet: bool,
}

impl<'a> Iterator for Items<'a> {
    type Item = Item<'a>;

    fn next(&mut self) -> Option<Item<'a>> {
        loop {
            self.skip_blank();
            let byte = *self.text.as_bytes().get(self.at)?;
            let item = match byte {
                b'@' => self.at_rule(),
                b'}' | b';' => {
                    self.at += 1;
                    None
                }
                _ if self.is_sheet => self.rule(),
                _ => self.declaration_or_rule(),
            };
            if item.is_some() {
                return item;
            }
        }
    }
}

impl<'a> Items<'a> {
    fn skip_blank(&mut self) {
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(self.at) {
            if byte.is_ascii_whitespace() {
                self.at += 1;
            } else if starts(bytes, self.at, b"/*") {
                self.at = comment_end(bytes, self.at);
            } else if self.is_sheet && starts(bytes, self.at, b"<!--") {
                self.at += 4;
            } else if self.is_sheet && starts(bytes, self.at, b"-->") {
                self.at += 3;
            } else {
                break;
            }
        }
    }

    fn piece(&self, from: usize, to: usize) -> &'a str {
        self.text.get(from..to).unwrap_or_default()
    }

    /// The block whose brace stands at `open`; moves behind it.
    fn block(&mut self, open: usize) -> &'a str {
        let (close, _) = find(self.text, open + 1, b"}");
        self.at = close + 1;
        self.piece(open + 1, close)
    }

    fn at_rule(&mut self) -> Option<Item<'a>> {
        let start = self.at + 1;
        let bytes = self.text.as_bytes();
        let mut name_end = start;
        while let Some(byte) = bytes.get(name_end) {
            match byte {
                b'\\' => name_end += 2,
                _ if is_name(*byte) => name_end += 1,
                _ => break,
            }
        }
        let name = unescape(self.piece(start, name_end)).to_ascii_lowercase();
        let stops: &[u8] = if self.is_sheet { b"{;" } else { b"{;}" };
        let (end, found) = find(self.text, name_end, stops);
        let prelude = self.piece(name_end, end).trim();
        if found == Some(b'{') {
            let block = Some(self.block(end));
            return Some(Item::At { name, prelude, block });
        }
        self.at = if found == Some(b';') { end + 1 } else { end };
        Some(Item::At { name, prelude, block: None })
    }

    fn rule(&mut self) -> Option<Item<'a>> {
        let start = self.at;
        let (end, found) = find(self.text, start, b"{");
        if found.is_none() {
            self.at = self.text.len();
            return None;
        }
        let prelude = self.piece(start, end).trim();
        let block = self.block(end);
        Some(Item::Rule { prelude, block })
    }

    fn declaration_or_rule(&mut self) -> Option<Item<'a>> {
        let start = self.at;
        let custom = starts(self.text.as_bytes(), start, b"--");
        let stops: &[u8] = if custom { b";}" } else { b";{}" };
        let (end, found) = find(self.text, start, stops);
        if found == Some(b'{') {
            let prelude = self.piece(start, end).trim();
            let block = self.block(end);
            return Some(Item::Rule { prelude, block });
        }
        // A stray brace does not end a block that has been cut out already; it spoils this
        // declaration only.
        self.at = end.saturating_add(1).min(self.text.len()).max(start + 1);
        declaration(self.piece(start, end)).map(Item::Declaration)
    }
}

fn declaration(text: &str) -> Option<Declaration<'_>> {
    let (name, value) = text.split_once(':')?;
    let name = without_comments(name);
    let name = unescape(name.trim());
    if name.is_empty() || name.contains(char::is_whitespace) {
        return None;
    }
    let name = if name.starts_with("--") { name.into_owned() } else { name.to_ascii_lowercase() };
    let value = value.trim();
    if let Some((before, after)) = value.rsplit_once('!')
        && unescape(without_comments(after).trim()).eq_ignore_ascii_case("important")
    {
        return Some(Declaration { name: name.into(), value: before.trim(), important: true });
    }
    Some(Declaration { name: name.into(), value, important: false })
}

/// The first of these bytes from `from` on that stands in no string, comment, address or bracket;
/// the text's end and `None` if there is none.
pub(crate) fn find(text: &str, from: usize, stops: &[u8]) -> (usize, Option<u8>) {
    let bytes = text.as_bytes();
    let mut closers: Vec<u8> = Vec::new();
    let mut at = from;
    while let Some(byte) = bytes.get(at).copied() {
        if closers.is_empty() && stops.contains(&byte) {
            return (at, Some(byte));
        }
        at = match byte {
            b'"' | b'\'' => string_end(bytes, at),
            b'/' if starts(bytes, at, b"/*") => comment_end(bytes, at),
            b'\\' => at + 2,
            b'(' if is_address(bytes, at) => address_end(bytes, at),
            b'(' => open(&mut closers, b')', at),
            b'[' => open(&mut closers, b']', at),
            b'{' => open(&mut closers, b'}', at),
            b')' | b']' | b'}' => {
                if closers.last() == Some(&byte) {
                    closers.pop();
                }
                at + 1
            }
            _ => at + 1,
        };
    }
    (text.len(), None)
}

fn open(closers: &mut Vec<u8>, closer: u8, at: usize) -> usize {
    closers.push(closer);
    at + 1
}

/// Parts between separators that stand in no bracket or string.
pub(crate) fn split(text: &str, separator: u8) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut from = 0;
    loop {
        let (end, found) = find(text, from, &[separator]);
        parts.push(text.get(from..end).unwrap_or_default().trim());
        if found.is_none() {
            return parts;
        }
        from = end + 1;
    }
}

/// Words of a value, with functions whole.
pub(crate) fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut from = 0;
    while from < text.len() {
        let (end, _) = find(text, from, b" \t\n\r\x0c");
        let word = text.get(from..end).unwrap_or_default();
        if !word.is_empty() {
            words.push(word);
        }
        from = end + 1;
    }
    words
}

/// How deep brackets stand within brackets.
pub(crate) fn depth(text: &str) -> usize {
    let mut open = 0_usize;
    let mut deepest = 0;
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' => open += 1,
            b')' | b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(open);
    }
    deepest
}

fn starts(bytes: &[u8], at: usize, with: &[u8]) -> bool {
    bytes.get(at..).is_some_and(|rest| rest.starts_with(with))
}

fn comment_end(bytes: &[u8], at: usize) -> usize {
    let mut at = at + 2;
    while at < bytes.len() {
        if starts(bytes, at, b"*/") {
            return at + 2;
        }
        at += 1;
    }
    at
}

/// A string ends at its quote; or before a line's end, which makes it a bad one.
fn string_end(bytes: &[u8], at: usize) -> usize {
    let quote = bytes.get(at).copied();
    let mut at = at + 1;
    while let Some(byte) = bytes.get(at).copied() {
        match byte {
            b'\\' => at += 2,
            b'\n' | b'\r' | b'\x0c' => return at,
            _ if Some(byte) == quote => return at + 1,
            _ => at += 1,
        }
    }
    at
}

/// Whether the bracket at `at` opens an address without quotes, in which brackets mean nothing.
fn is_address(bytes: &[u8], at: usize) -> bool {
    let name = bytes.get(at.saturating_sub(3)..at).unwrap_or_default();
    let longer = at >= 4 && bytes.get(at - 4).is_some_and(|byte| is_name(*byte));
    if !name.eq_ignore_ascii_case(b"url") || longer {
        return false;
    }
    let rest = bytes.get(at + 1..).unwrap_or_default();
    let first = rest.iter().find(|byte| !byte.is_ascii_whitespace());
    !matches!(first, Some(b'"' | b'\''))
}

fn address_end(bytes: &[u8], at: usize) -> usize {
    let mut at = at + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b')' => return at + 1,
            _ => at += 1,
        }
    }
    at
}

/// Bytes of a name.
pub(crate) const fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_' || byte >= 0x80
}

/// Comments become a space: they part words.
pub(crate) fn without_comments(text: &str) -> Cow<'_, str> {
    if !text.contains("/*") {
        return Cow::Borrowed(text);
    }
    let mut plain = String::new();
    let mut from = 0;
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' | b'\'' => at = string_end(bytes, at),
            b'/' if starts(bytes, at, b"/*") => {
                plain.push_str(text.get(from..at).unwrap_or_default());
                plain.push(' ');
                at = comment_end(bytes, at);
                from = at;
            }
            _ => at += 1,
        }
    }
    plain.push_str(text.get(from..).unwrap_or_default());
    Cow::Owned(plain)
}

/// A name as it is meant: `d\69 splay` is `display`.
pub(crate) fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut plain = String::new();
    let mut chars = text.chars().peekable();
    while let Some(ch) = chars.next() {
        if ch != '\\' {
            plain.push(ch);
            continue;
        }
        let mut code = 0_u32;
        let mut digits = 0;
        while let Some(digit) = chars.peek().and_then(|ch| ch.to_digit(16)).filter(|_| digits < 6) {
            code = code * 16 + digit;
            digits += 1;
            chars.next();
        }
        if digits == 0 {
            plain.extend(chars.next());
            continue;
        }
        if chars.peek().is_some_and(|ch| ch.is_whitespace()) {
            chars.next();
        }
        let ch = char::from_u32(code).filter(|ch| *ch != '\0');
        plain.push(ch.unwrap_or(char::REPLACEMENT_CHARACTER));
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(sheet: &str) -> Vec<(String, String)> {
        items(sheet, true)
            .map(|item| match item {
                Item::Rule { prelude, block } => (prelude.into(), block.into()),
                Item::At { name, prelude, block } => {
                    (format!("@{name} {prelude}"), block.unwrap_or_default().into())
                }
                Item::Declaration(found) => (found.name.into_owned(), found.value.into()),
            })
            .collect()
    }

    fn declarations(block: &str) -> Vec<(String, String, bool)> {
        items(block, false)
            .filter_map(|item| match item {
                Item::Declaration(found) => {
                    Some((found.name.into_owned(), found.value.to_owned(), found.important))
                }
                Item::Rule { .. } | Item::At { .. } => None,
            })
            .collect()
    }

    #[test]
    fn strings_addresses_and_comments_hide_braces() {
        let sheet = "a{b:'}'} /*}*/ c{d:url(})} e[f=\"{\"]{g:h}";
        let names: Vec<_> = rules(sheet).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["a", "c", "e[f=\"{\"]"]);
    }

    #[test]
    fn nested_rules_and_declarations_are_told_apart() {
        let block = "color:red; a:hover{color:blue} & b{c:d} --x:{y:z}; top:1px";
        let found: Vec<_> = items(block, false).collect();
        assert_eq!(found.len(), 5);
        assert!(matches!(found.get(1), Some(Item::Rule { prelude: "a:hover", .. })));
        assert!(matches!(found.get(3), Some(Item::Declaration(x)) if x.value == "{y:z}"));
    }

    #[test]
    fn names_are_read_through_escapes_and_case() {
        let found = declarations("D\\69 splay : none ! IMPORTANT; dis/**/play:block");
        assert_eq!(found, [("display".into(), "none".into(), true)]);
    }

    #[test]
    fn an_open_string_ends_with_its_line() {
        assert_eq!(declarations("a:'x\n;b:c").len(), 2);
    }

    #[test]
    fn a_million_open_brackets_are_only_text() {
        assert_eq!(items(&"a{".repeat(500_000), true).count(), 1);
        assert_eq!(items(&"(".repeat(1_000_000), false).count(), 0);
    }

    #[test]
    fn functions_are_one_word() {
        assert_eq!(words("rgb(1, 2 ,3) url(a b)  x"), ["rgb(1, 2 ,3)", "url(a b)", "x"]);
        assert_eq!(split("a(b,c), d", b','), ["a(b,c)", "d"]);
    }
}
