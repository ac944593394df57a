//! Images inside a content stream: entries, then data that are no tokens.
//!
//! Let through on purpose: packed data that contain a free-standing `EI` with text behind it end the
//! image early; what follows is then read as content that no viewer draws.

use std::borrow::Cow;

use super::lexer::{Lexer, Token, is_space, whole_number};
use crate::domain::limits::PDF_NESTING_MAX;

impl<'a> Lexer<'a> {
    /// Passes an inline image: its entries, then data that are no tokens. Returns the entries.
    pub(super) fn inline_image(&mut self) -> Vec<(Cow<'a, [u8]>, Token<'a>)> {
        let mut entries = Vec::new();
        while let Some(token) = self.next() {
            match token {
                Token::Name(key) => match self.next() {
                    Some(Token::Word(b"ID")) | None => break,
                    Some(value) if entries.len() < PDF_NESTING_MAX => entries.push((key, value)),
                    Some(_) => {}
                },
                Token::Word(b"ID") => break,
                _ => {}
            }
        }
        self.at += 1;
        if let Some(bytes) = raw_image_bytes(&entries) {
            self.at = self.at.saturating_add(bytes).min(self.bytes.len());
        }
        self.skip_image_data();
        entries
    }

    /// To behind the next free-standing `EI` that ordinary content follows.
    fn skip_image_data(&mut self) {
        let start = self.at.saturating_sub(1);
        let data = self.bytes.get(start..).unwrap_or_default();
        let end = data.windows(3).enumerate().find(|(index, window)| {
            matches!(window, [space, b'E', b'I'] if is_space(*space))
                && data.get(index + 3..).is_some_and(looks_like_content)
        });
        self.at = end.map_or(self.bytes.len(), |(index, _)| start + index + 3);
    }
}

/// Whether what follows `EI` reads as text: the two letters also occur in pixels.
fn looks_like_content(after: &[u8]) -> bool {
    after.first().is_none_or(|byte| is_space(*byte))
        && after.iter().take(12).all(|byte| is_space(*byte) || (32..127).contains(byte))
}

/// Size of the data of an image without a filter: they may hold any bytes, `EI` too.
fn raw_image_bytes(entries: &[(Cow<'_, [u8]>, Token<'_>)]) -> Option<usize> {
    let find = |short: &[u8], long: &[u8]| {
        entries.iter().find(|(key, _)| key.as_ref() == short || key.as_ref() == long).map(|e| &e.1)
    };
    if find(b"F", b"Filter").is_some() {
        return None;
    }
    let whole = |token: &Token<'_>| token.number().and_then(whole_number);
    let width = find(b"W", b"Width").and_then(whole)?;
    let height = find(b"H", b"Height").and_then(whole)?;
    let mask = matches!(find(b"IM", b"ImageMask"), Some(Token::Word(b"true")));
    let colours = match find(b"CS", b"ColorSpace") {
        _ if mask => 1,
        Some(Token::Array(_)) => 1,
        Some(Token::Name(name)) => match name.as_ref() {
            b"G" | b"DeviceGray" => 1,
            b"RGB" | b"DeviceRGB" => 3,
            b"CMYK" | b"DeviceCMYK" => 4,
            _ => return None,
        },
        _ => return None,
    };
    let bits = if mask { 1 } else { find(b"BPC", b"BitsPerComponent").and_then(whole)? };
    let row = width.checked_mul(colours)?.checked_mul(bits)?.div_ceil(8);
    row.checked_mul(height)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_ei_in_pixels_do_not_end_an_inline_image() {
        let mut lexer = Lexer::new(b"/W 4 /H 1 /BPC 8 /CS /G ID  EI x EI\n(after) Tj");
        assert_eq!(lexer.inline_image().len(), 4);
        assert_eq!(lexer.next(), Some(Token::Text(Cow::Borrowed(b"after"))));
    }
}
