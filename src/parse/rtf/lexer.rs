//! RTF as a stream of groups, control words and bytes.

/// One step through a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    Open,
    Close,
    /// A control word with its number.
    Word(&'a str, Option<i32>),
    /// A control symbol: `\~`.
    Symbol(u8),
    /// A byte of text, written as it is or as `\'hh`.
    Byte(u8),
}

#[derive(Debug)]
pub(super) struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Lexer<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// Passes over bytes that are no text (`\bin`).
    pub(super) fn skip(&mut self, count: usize) {
        self.at = self.at.saturating_add(count).min(self.bytes.len());
    }

    pub(super) fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let (first, rest) = self.rest().split_first()?;
            self.at += 1;
            return Some(match first {
                b'{' => Token::Open,
                b'}' => Token::Close,
                b'\\' => self.control(rest)?,
                b'\r' | b'\n' | 0 => continue,
                byte => Token::Byte(*byte),
            });
        }
    }

    fn control(&mut self, rest: &'a [u8]) -> Option<Token<'a>> {
        let (first, behind) = rest.split_first()?;
        if !first.is_ascii_alphabetic() {
            self.at += 1;
            if *first != b'\'' {
                return Some(Token::Symbol(*first));
            }
            let digits = behind.get(..2).and_then(|it| std::str::from_utf8(it).ok());
            let Some(byte) = digits.and_then(|it| u8::from_str_radix(it, 16).ok()) else {
                return Some(Token::Byte(b'\''));
            };
            self.at += 2;
            return Some(Token::Byte(byte));
        }
        let length = rest.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        let (name, behind) = rest.split_at_checked(length)?;
        let is_negative = behind.first() == Some(&b'-');
        let digits = behind.get(usize::from(is_negative)..).unwrap_or_default();
        let count = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let digits =
            digits.get(..count).and_then(|it| std::str::from_utf8(it).ok()).unwrap_or_default();
        let number = (!digits.is_empty()).then(|| {
            let value = digits.parse::<i32>().unwrap_or(i32::MAX);
            if is_negative { -value } else { value }
        });
        let signed = if number.is_some() { usize::from(is_negative) + count } else { 0 };
        let is_spaced = behind.get(signed) == Some(&b' ');
        self.at += length + signed + usize::from(is_spaced);
        Some(Token::Word(std::str::from_utf8(name).unwrap_or_default(), number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_numbers_and_take_one_space() {
        let mut lexer = Lexer::new(b"{\\b0 a\\u-10?\\'e9\\~\r\n\\par-x}");
        let mut tokens = Vec::new();
        while let Some(token) = lexer.next() {
            tokens.push(token);
        }
        assert_eq!(
            tokens,
            [
                Token::Open,
                Token::Word("b", Some(0)),
                Token::Byte(b'a'),
                Token::Word("u", Some(-10)),
                Token::Byte(b'?'),
                Token::Byte(0xE9),
                Token::Symbol(b'~'),
                Token::Word("par", None),
                Token::Byte(b'-'),
                Token::Byte(b'x'),
                Token::Close,
            ]
        );
    }

    #[test]
    fn no_end_is_out_of_bounds() {
        for text in ["\\", "\\'", "\\'e", "\\b-", "\\b99999999999", "{\\u"] {
            let mut lexer = Lexer::new(text.as_bytes());
            while lexer.next().is_some() {}
        }
    }
}
