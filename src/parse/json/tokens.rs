//! JSON as a stream of marks, keys and values, without recursion and without a tree.
//!
//! It is read as leniently as programs do that people write JSON for: comments, commas before a bracket,
//! `NaN`, line ends in strings. What is none of it ends the stream; the rest of the text is still there.

use crate::domain::limits::JSON_DEPTH_MAX;

/// One step through a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// An object begins.
    Object,
    /// An array begins.
    Array,
    /// The innermost of these ends.
    Close,
    /// The name of the value that follows.
    Key(String),
    /// A string, escapes replaced.
    Text(String),
    /// A number, `true`, `false`, `null`, as it is written.
    Bare(&'a str),
    /// A comment with its marks.
    Comment(&'a str),
    /// A value at the top has ended.
    Done,
}

/// Why the stream ended before the text did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Break {
    /// Something that is no JSON.
    Malformed,
    /// The text ends within a value.
    Truncated,
    /// Deeper than values may nest.
    TooDeep,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Value,
    /// In an object, before a key.
    Key,
    /// Behind a value.
    Behind,
}

#[derive(Debug)]
pub(super) struct Tokens<'a> {
    text: &'a str,
    at: usize,
    /// For each open value whether it is an object.
    open: Vec<bool>,
    place: Place,
    /// Where the stream broke off, and why.
    broken: Option<Break>,
    /// Strings were not written as the format says; they were read all the same.
    pub(super) has_odd_strings: bool,
}

impl<'a> Tokens<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        let place = Place::Value;
        Self { text, at: 0, open: Vec::new(), place, broken: None, has_odd_strings: false }
    }

    /// Byte of the text up to which it was read.
    pub(super) const fn at(&self) -> usize {
        self.at
    }

    /// Why the stream ended, and what was not read.
    pub(super) fn broken(&self) -> Option<(Break, &'a str)> {
        self.broken.map(|why| (why, self.rest()))
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn stop(&mut self, why: Break) -> Option<Token<'a>> {
        self.broken = Some(why);
        None
    }

    /// The next token; `None` at the end and where the text breaks off.
    pub(super) fn next(&mut self) -> Option<Token<'a>> {
        while self.broken.is_none() {
            let rest = self.rest();
            let trimmed = rest.trim_start_matches([' ', '\t', '\r', '\n', '\u{FEFF}', '\u{1E}']);
            self.at += rest.len() - trimmed.len();
            let Some(first) = trimmed.chars().next() else {
                let is_open = !self.open.is_empty();
                return is_open.then(|| self.stop(Break::Truncated)).flatten();
            };
            if first == '/' {
                return self.comment(trimmed);
            }
            match (self.place, first) {
                (Place::Behind, _) if self.open.is_empty() => {
                    self.place = Place::Value;
                    return Some(Token::Done);
                }
                (Place::Behind, ',') => self.separate(),
                (Place::Value | Place::Behind, ']') if self.open.last() == Some(&false) => {
                    return self.close();
                }
                (Place::Key | Place::Behind, '}') if self.open.last() == Some(&true) => {
                    return self.close();
                }
                (Place::Key, '"') => return self.key(),
                (Place::Value, '"') => {
                    let text = self.string()?;
                    self.place = Place::Behind;
                    return Some(Token::Text(text));
                }
                (Place::Value, '{' | '[') => return self.begin(first == '{'),
                (Place::Value, _) => return self.bare(trimmed),
                (Place::Key | Place::Behind, _) => return self.stop(Break::Malformed),
            }
        }
        None
    }

    fn separate(&mut self) {
        self.at += 1;
        self.place = if self.open.last() == Some(&true) { Place::Key } else { Place::Value };
    }

    fn begin(&mut self, is_object: bool) -> Option<Token<'a>> {
        if self.open.len() >= JSON_DEPTH_MAX {
            return self.stop(Break::TooDeep);
        }
        self.at += 1;
        self.open.push(is_object);
        self.place = if is_object { Place::Key } else { Place::Value };
        Some(if is_object { Token::Object } else { Token::Array })
    }

    fn close(&mut self) -> Option<Token<'a>> {
        self.at += 1;
        self.open.pop();
        self.place = Place::Behind;
        Some(Token::Close)
    }

    fn comment(&mut self, text: &'a str) -> Option<Token<'a>> {
        let length = if text.starts_with("//") {
            text.find('\n').unwrap_or(text.len())
        } else if text.starts_with("/*") {
            text.find("*/").map_or(text.len(), |end| end + 2)
        } else {
            return self.stop(Break::Malformed);
        };
        self.at += length;
        text.get(..length).map(Token::Comment)
    }

    fn key(&mut self) -> Option<Token<'a>> {
        let start = self.at;
        let key = self.string()?;
        let rest = self.rest();
        let trimmed = rest.trim_start();
        if !trimmed.starts_with(':') {
            self.at = start;
            return self.stop(if trimmed.is_empty() { Break::Truncated } else { Break::Malformed });
        }
        self.at += rest.len() - trimmed.len() + 1;
        self.place = Place::Value;
        Some(Token::Key(key))
    }

    fn bare(&mut self, text: &'a str) -> Option<Token<'a>> {
        let is_of_word =
            |ch: char| ch.is_ascii_alphanumeric() || matches!(ch, '+' | '-' | '.' | '_');
        let end = text.find(|ch| !is_of_word(ch)).unwrap_or(text.len());
        let (word, _) = text.split_at_checked(end)?;
        let digits = word.strip_prefix(['-', '+']).unwrap_or(word);
        let is_number = digits.starts_with(|ch: char| ch.is_ascii_digit() || ch == '.');
        let is_named =
            matches!(digits, "true" | "false" | "null" | "NaN" | "Infinity" | "undefined" | "None");
        if !is_number && !is_named {
            return self.stop(Break::Malformed);
        }
        self.at += end;
        self.place = Place::Behind;
        Some(Token::Bare(word))
    }

    /// The string that begins here; what has no end breaks the stream before it.
    fn string(&mut self) -> Option<String> {
        let Some(body) = self.rest().strip_prefix('"') else {
            self.broken = Some(Break::Malformed);
            return None;
        };
        let mut text = String::new();
        let mut from = 0;
        let mut bytes = body.bytes().enumerate();
        while let Some((at, byte)) = bytes.next() {
            match byte {
                b'"' => {
                    text.push_str(body.get(from..at).unwrap_or_default());
                    self.at += at + 2;
                    return Some(text);
                }
                b'\\' => {
                    text.push_str(body.get(from..at).unwrap_or_default());
                    let length = self.escape(body.get(at..).unwrap_or_default(), &mut text);
                    from = at + length;
                    if length > 1 {
                        // The escape's own bytes; `nth` counts from none.
                        bytes.nth(length - 2);
                    }
                }
                byte => self.has_odd_strings |= byte < b' ',
            }
        }
        self.broken = Some(Break::Truncated);
        None
    }

    /// Reads an escape; gives its length.
    fn escape(&mut self, here: &str, text: &mut String) -> usize {
        let Some(ch) = here.chars().nth(1) else { return 1 };
        let plain = match ch {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'b' => '\u{8}',
            'f' => '\u{C}',
            '"' | '\\' | '/' => ch,
            'u' => return self.unicode(here, text),
            other => {
                self.has_odd_strings = true;
                other
            }
        };
        text.push(plain);
        1 + ch.len_utf8()
    }

    fn unicode(&mut self, here: &str, text: &mut String) -> usize {
        let unit = |at: usize| {
            let digits = here.get(at..at + 6)?.strip_prefix("\\u")?;
            u16::from_str_radix(digits, 16).ok()
        };
        let Some(first) = unit(0) else {
            self.has_odd_strings = true;
            text.push('u');
            return 2;
        };
        let second = unit(6).filter(|second| (0xDC00..0xE000).contains(second));
        let (units, length) = match second.filter(|_| (0xD800..0xDC00).contains(&first)) {
            Some(second) => (vec![first, second], 12),
            None => (vec![first], 6),
        };
        let read = String::from_utf16_lossy(&units);
        self.has_odd_strings |= read.contains('\u{FFFD}') && first != 0xFFFD;
        text.push_str(&read);
        length
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        let mut tokens = Tokens::new(text);
        let mut told = String::new();
        while let Some(token) = tokens.next() {
            match token {
                Token::Object => told.push('{'),
                Token::Array => told.push('['),
                Token::Close => told.push('.'),
                Token::Key(key) => told += &format!("{key}="),
                Token::Text(text) => told += &format!("'{text}'"),
                Token::Bare(word) => told += &format!(" {word}"),
                Token::Comment(text) => told += text,
                Token::Done => told.push('|'),
            }
        }
        tokens.broken().map_or(told.clone(), |(why, rest)| format!("{told} ?{why:?} {rest}"))
    }

    #[test]
    fn values_come_in_order_and_keys_may_come_again() {
        assert_eq!(told(r#"{"a": [1, "x", null], "a": {}} "#), "{a=[ 1'x' null.a={..");
        assert_eq!(told("1\n2\n{\"a\":3}"), " 1| 2|{a= 3.");
    }

    #[test]
    fn escapes_are_replaced_and_odd_ones_are_told() {
        assert_eq!(told(r#""a\n\u00e9\ud83d\ude9a\"\/""#), "'a\né🚚\"/'");
        let mut odd = Tokens::new(r#"["\ud83d","\x"]"#);
        while odd.next().is_some() {}
        assert!(odd.has_odd_strings && odd.broken().is_none());
    }

    #[test]
    fn what_people_write_is_read() {
        assert_eq!(told("{\"a\": 1, // note\n /* b */ \"c\": NaN,}"), "{a= 1// note/* b */c= NaN.");
    }

    #[test]
    fn a_break_leaves_the_rest() {
        assert_eq!(told(r#"{"a": 1} and "more""#), "{a= 1.| ?Malformed and \"more\"");
        assert_eq!(told(r#"["a", "b"#), "['a' ?Truncated \"b");
        assert_eq!(told(r#"{"a" 1}"#), "{ ?Malformed \"a\" 1}");
        assert_eq!(told("[1}"), "[ 1 ?Malformed }");
        assert!(told(&"[".repeat(JSON_DEPTH_MAX + 3)).ends_with("?TooDeep [[["));
    }
}
