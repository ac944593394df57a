//! Content streams and character maps as tokens.
//!
//! Total: bytes that fit nowhere are skipped, as viewers do, so that a stray bracket cannot end our
//! reading while a viewer goes on. An array that meets an operator is over, for the same reason.

use std::borrow::Cow;

use crate::domain::limits::{PDF_NESTING_MAX, PDF_OPERANDS_MAX};

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token<'a> {
    Number(f32),
    Name(Cow<'a, [u8]>),
    Text(Cow<'a, [u8]>),
    Array(Vec<Self>),
    Dict(Vec<(Cow<'a, [u8]>, Self)>),
    /// An operator or another bare word.
    Word(&'a [u8]),
}

impl<'a> Token<'a> {
    pub(super) const fn number(&self) -> Option<f32> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    pub(super) fn name(&self) -> Option<&[u8]> {
        match self {
            Self::Name(name) => Some(name),
            _ => None,
        }
    }

    pub(super) fn text(&self) -> Option<&[u8]> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A dictionary's value.
    pub(super) fn entry(&self, key: &[u8]) -> Option<&Self> {
        match self {
            Self::Dict(entries) => {
                entries.iter().rev().find(|(name, _)| name.as_ref() == key).map(|(_, value)| value)
            }
            _ => None,
        }
    }
}

#[derive(Debug)]
pub(super) struct Lexer<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
    /// An array or dictionary was longer than its bound.
    pub(super) overran: bool,
}

pub(super) const fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 0x0c | b'\r' | b' ')
}

const fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

const fn is_regular(byte: u8) -> bool {
    !is_space(byte) && !is_delimiter(byte)
}

const fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

impl<'a> Lexer<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, overran: false }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn peek_after(&self) -> Option<u8> {
        self.bytes.get(self.at.saturating_add(1)).copied()
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn take_while(&mut self, wanted: impl Fn(u8) -> bool) -> &'a [u8] {
        let rest = self.rest();
        let count = rest.iter().position(|byte| !wanted(*byte)).unwrap_or(rest.len());
        self.at += count;
        rest.get(..count).unwrap_or_default()
    }

    fn skip_space(&mut self) {
        loop {
            self.take_while(is_space);
            if self.peek() != Some(b'%') {
                return;
            }
            self.take_while(|byte| byte != b'\n' && byte != b'\r');
        }
    }

    /// The next token; `None` at the end.
    pub(super) fn next(&mut self) -> Option<Token<'a>> {
        self.token(PDF_NESTING_MAX)
    }

    fn token(&mut self, depth: usize) -> Option<Token<'a>> {
        loop {
            self.skip_space();
            let byte = self.peek()?;
            match byte {
                b'/' => return Some(Token::Name(self.name())),
                b'(' => return Some(Token::Text(self.literal())),
                b'<' if self.peek_after() == Some(b'<') && depth > 0 => {
                    self.at += 2;
                    return Some(self.dict(depth - 1));
                }
                b'<' if self.peek_after() != Some(b'<') => return Some(Token::Text(self.hex())),
                b'[' if depth > 0 => {
                    self.at += 1;
                    return Some(self.array(depth - 1));
                }
                b'0'..=b'9' | b'+' | b'-' | b'.' => {
                    if let Some(number) = self.number() {
                        return Some(Token::Number(number));
                    }
                }
                _ if is_regular(byte) => return Some(Token::Word(self.take_while(is_regular))),
                _ => self.at += 1,
            }
        }
    }

    fn array(&mut self, depth: usize) -> Token<'a> {
        let mut members = Vec::new();
        loop {
            self.skip_space();
            match self.peek() {
                None => break,
                Some(b']') => {
                    self.at += 1;
                    break;
                }
                _ => {}
            }
            let start = self.at;
            match self.token(depth) {
                None => break,
                Some(Token::Word(word)) if !is_value(word) => {
                    self.at = start;
                    break;
                }
                Some(member) if members.len() < PDF_OPERANDS_MAX => members.push(member),
                Some(_) => self.overran = true,
            }
        }
        Token::Array(members)
    }

    fn dict(&mut self, depth: usize) -> Token<'a> {
        let mut entries = Vec::new();
        loop {
            self.skip_space();
            match self.peek() {
                Some(b'/') => {}
                Some(b'>') => {
                    self.at += 1 + usize::from(self.peek_after() == Some(b'>'));
                    break;
                }
                _ => break,
            }
            let key = self.name();
            let start = self.at;
            match self.token(depth) {
                None => break,
                Some(Token::Word(word)) if !is_value(word) => {
                    self.at = start;
                    break;
                }
                Some(value) if entries.len() < PDF_OPERANDS_MAX => entries.push((key, value)),
                Some(_) => self.overran = true,
            }
            // `12 0 R`: the object's number is kept, the rest of the reference is not.
            self.skip_reference();
        }
        Token::Dict(entries)
    }

    fn skip_reference(&mut self) {
        let start = self.at;
        self.skip_space();
        self.take_while(|byte| byte.is_ascii_digit());
        self.skip_space();
        if self.take_while(is_regular) != b"R" {
            self.at = start;
        }
    }

    fn name(&mut self) -> Cow<'a, [u8]> {
        self.at += 1;
        let raw = self.take_while(is_regular);
        if !raw.contains(&b'#') {
            return Cow::Borrowed(raw);
        }
        let mut name = Vec::with_capacity(raw.len());
        let mut bytes = raw.iter().copied();
        while let Some(byte) = bytes.next() {
            let mut ahead = bytes.clone();
            match (byte, ahead.next().and_then(hex_digit), ahead.next().and_then(hex_digit)) {
                (b'#', Some(high), Some(low)) => {
                    name.push(high << 4 | low);
                    bytes = ahead;
                }
                _ => name.push(byte),
            }
        }
        Cow::Owned(name)
    }

    fn literal(&mut self) -> Cow<'a, [u8]> {
        self.at += 1;
        let plain = self.take_while(|byte| !matches!(byte, b'(' | b')' | b'\\' | b'\r'));
        if self.peek() == Some(b')') {
            self.at += 1;
            return Cow::Borrowed(plain);
        }
        let mut text = plain.to_vec();
        let mut open = 1_usize;
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                b'(' => open += 1,
                b')' => {
                    open -= 1;
                    if open == 0 {
                        break;
                    }
                }
                b'\\' => {
                    text.extend(self.escaped());
                    continue;
                }
                b'\r' => {
                    self.at += usize::from(self.peek() == Some(b'\n'));
                    text.push(b'\n');
                    continue;
                }
                _ => {}
            }
            text.push(byte);
        }
        Cow::Owned(text)
    }

    /// The byte that the escape after a backslash means, if any.
    fn escaped(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        match byte {
            b'n' => Some(b'\n'),
            b'r' => Some(b'\r'),
            b't' => Some(b'\t'),
            b'b' => Some(8),
            b'f' => Some(12),
            b'\r' => {
                self.at += usize::from(self.peek() == Some(b'\n'));
                None
            }
            b'\n' => None,
            b'0'..=b'7' => {
                let mut value = byte - b'0';
                for _ in 0..2 {
                    let Some(digit @ b'0'..=b'7') = self.peek() else { break };
                    self.at += 1;
                    value = value.wrapping_shl(3) | (digit - b'0');
                }
                Some(value)
            }
            other => Some(other),
        }
    }

    fn hex(&mut self) -> Cow<'a, [u8]> {
        self.at += 1;
        let raw = self.take_while(|byte| byte != b'>');
        self.at += 1;
        let mut digits = raw.iter().copied().filter_map(hex_digit);
        let mut text = Vec::with_capacity(raw.len() / 2 + 1);
        while let Some(high) = digits.next() {
            text.push(high << 4 | digits.next().unwrap_or(0));
        }
        Cow::Owned(text)
    }

    /// Lenient as viewers are: `--5`, `5.`, `.5`, and `1-2` as 1.
    fn number(&mut self) -> Option<f32> {
        let signs = self.take_while(|byte| matches!(byte, b'+' | b'-'));
        let whole = self.take_while(|byte| byte.is_ascii_digit());
        let mut value =
            whole.iter().fold(0.0_f32, |sum, digit| sum * 10.0 + f32::from(digit - b'0'));
        let mut digits = whole.len();
        if self.peek() == Some(b'.') {
            self.at += 1;
            let part = self.take_while(|byte| byte.is_ascii_digit());
            digits += part.len();
            let mut scale = 1.0_f32;
            for digit in part {
                scale *= 0.1;
                value += f32::from(digit - b'0') * scale;
            }
        }
        // A minus inside a number ends it (`0.00-35`), as most viewers have it.
        if digits > 0 {
            self.take_while(|byte| matches!(byte, b'-' | b'.') || byte.is_ascii_digit());
        }
        let negative = signs.first() == Some(&b'-');
        (digits > 0 || !signs.is_empty()).then_some(if negative { -value } else { value })
    }
}

fn is_value(word: &[u8]) -> bool {
    matches!(word, b"true" | b"false" | b"null" | b"R")
}

/// A count from a number of the file.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be within 0 and 2^24, where every whole f32 is exact"
)]
pub(super) fn whole_number(number: f32) -> Option<usize> {
    (0.0..=16_777_216.0).contains(&number).then_some(number as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(bytes: &[u8]) -> Vec<Token<'_>> {
        let mut lexer = Lexer::new(bytes);
        std::iter::from_fn(|| lexer.next()).collect()
    }

    fn text(bytes: &[u8]) -> Token<'_> {
        Token::Text(Cow::Borrowed(bytes))
    }

    #[test]
    fn strings_keep_nested_brackets_and_escapes() {
        assert_eq!(tokens(b"(a(b)\\)\\101\\\n!)"), [text(b"a(b))A!")]);
        assert_eq!(tokens(b"<48 65 7>"), [text(b"Hep")]);
    }

    #[test]
    fn numbers_are_read_as_leniently_as_viewers_do() {
        let numbers: Vec<_> = tokens(b"-.5 +3 4. --2 1-2").iter().map(Token::number).collect();
        assert_eq!(numbers, [-0.5, 3.0, 4.0, -2.0, 1.0].map(Some));
    }

    #[test]
    fn a_stray_bracket_does_not_end_the_reading() {
        assert_eq!(tokens(b") ] } >> (seen) Tj"), [text(b"seen"), Token::Word(b"Tj")]);
    }

    #[test]
    fn an_unclosed_array_ends_at_the_operator() {
        let found = tokens(b"[(a) 3 TJ (b) Tj");
        assert_eq!(found.get(1), Some(&Token::Word(b"TJ")));
        assert_eq!(found.len(), 4);
    }

    #[test]
    fn deep_nesting_neither_overflows_nor_hides_what_follows() {
        let mut bytes = vec![b'['; 100_000];
        bytes.extend_from_slice(b"(x) Tj");
        assert_eq!(tokens(&bytes).last(), Some(&Token::Word(b"Tj")));
    }

    #[test]
    fn names_are_unescaped() {
        assert_eq!(tokens(b"/A#20B"), [Token::Name(Cow::Borrowed(b"A B"))]);
    }
}
