//! Character maps: codes → Unicode (`ToUnicode`), and codes → glyph numbers of composite fonts.
//!
//! Ranges stay ranges, so that a line of text cannot unfold to a table of 4 billion codes. A map is
//! taken at its word: that it says something else than the glyphs show is let through here.

use std::rc::Rc;

use super::lexer::{Lexer, Token, whole_number};
use crate::domain::limits::PDF_FONT_ENTRIES_MAX;

/// What one glyph stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum GlyphText {
    One(char),
    Many(Rc<str>),
}

impl GlyphText {
    pub(super) fn push_to(&self, out: &mut String) {
        match self {
            Self::One(ch) => out.push(*ch),
            Self::Many(text) => out.push_str(text),
        }
    }

    pub(super) fn is_space(&self) -> bool {
        match self {
            Self::One(ch) => ch.is_whitespace(),
            Self::Many(text) => text.chars().all(char::is_whitespace),
        }
    }

    pub(super) fn chars(&self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::Many(text) => text.chars().count(),
        }
    }

    /// The character, if it is one only.
    pub(super) const fn single(&self) -> Option<char> {
        match self {
            Self::One(ch) => Some(*ch),
            Self::Many(_) => None,
        }
    }

    pub(super) fn of(text: &str) -> Option<Self> {
        let mut chars = text.chars();
        let first = chars.next()?;
        Some(if chars.next().is_none() { Self::One(first) } else { Self::Many(text.into()) })
    }
}

/// Codes `low..=high` stand for `text`, whose last character counts up with the code.
#[derive(Debug)]
struct Target {
    low: u32,
    high: u32,
    text: GlyphText,
}

/// Codes of `bytes` bytes within `low..=high`, byte by byte.
#[derive(Debug)]
struct CodeSpace {
    bytes: usize,
    low: u32,
    high: u32,
}

#[derive(Debug, Default)]
pub(super) struct CMap {
    spaces: Vec<CodeSpace>,
    targets: Vec<Target>,
    glyphs: Vec<(u32, u32, u32)>,
    pub(super) vertical: bool,
    /// Every code is its own character (`/ToUnicode /Identity-H`).
    identity: bool,
}

/// Codes of one range that are spelt out: scripts have about as many letters in a row.
const CODES_PER_RANGE_MAX: usize = 512;
/// Overlapping ranges that are looked through; orderly maps have none.
const OVERLAPS_MAX: usize = 8;

impl CMap {
    pub(super) fn identity() -> Self {
        Self { identity: true, ..Self::default() }
    }

    /// Reads a map; never fails, for a broken map still means what its sound lines say.
    pub(super) fn parse(bytes: &[u8]) -> Self {
        let mut map = Self::default();
        let mut lexer = Lexer::new(bytes);
        let mut operands: Vec<Token<'_>> = Vec::new();
        while let Some(token) = lexer.next() {
            let Token::Word(word) = token else {
                if operands.len() < 3 * PDF_FONT_ENTRIES_MAX {
                    operands.push(token);
                }
                continue;
            };
            match word {
                b"endcodespacerange" => map.add_spaces(&operands),
                b"endbfchar" => map.add_chars(&operands),
                b"endbfrange" => map.add_ranges(&operands),
                b"endcidchar" => map.add_glyph_chars(&operands),
                b"endcidrange" => map.add_glyph_ranges(&operands),
                b"def" => map.define(&operands),
                _ => {}
            }
            operands.clear();
        }
        map.targets.sort_by_key(|target| target.low);
        map.glyphs.sort_unstable_by_key(|(low, ..)| *low);
        map
    }

    /// Entries kept, for the document's budget.
    pub(super) fn len(&self) -> usize {
        self.targets.len() + self.glyphs.len() + self.spaces.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.targets.is_empty() && !self.identity
    }

    pub(super) fn has_spaces(&self) -> bool {
        !self.spaces.is_empty()
    }

    /// The first code of `bytes` and its length.
    pub(super) fn first_code(&self, bytes: &[u8]) -> Option<(u32, usize)> {
        let mut code = 0_u32;
        for (index, byte) in bytes.iter().take(4).enumerate() {
            code = code << 8 | u32::from(*byte);
            let length = index + 1;
            if self.spaces.iter().any(|space| space.bytes == length && space.holds(code)) {
                return Some((code, length));
            }
        }
        let shortest = self.spaces.iter().map(|space| space.bytes).min()?.min(bytes.len());
        let code =
            bytes.iter().take(shortest).fold(0_u32, |code, byte| code << 8 | u32::from(*byte));
        (shortest > 0).then_some((code, shortest))
    }

    pub(super) fn unicode(&self, code: u32) -> Option<GlyphText> {
        if self.identity {
            return char::from_u32(code).map(GlyphText::One);
        }
        let end = self.targets.partition_point(|target| target.low <= code);
        let candidates = self.targets.get(end.saturating_sub(OVERLAPS_MAX)..end)?;
        let target = candidates.iter().rev().find(|target| code <= target.high)?;
        counted_up(&target.text, code - target.low)
    }

    /// Codes and what they stand for, ranges spelt out, up to a number of them.
    pub(super) fn entries(&self, count_max: usize) -> impl Iterator<Item = (u32, GlyphText)> {
        let spelt_out = |target: &Target| {
            let text = target.text.clone();
            let codes = (target.low..=target.high).take(CODES_PER_RANGE_MAX);
            let low = target.low;
            codes.filter_map(move |code| Some((code, counted_up(&text, code - low)?)))
        };
        self.targets.iter().flat_map(spelt_out).take(count_max)
    }

    /// The glyph number of a code.
    pub(super) fn glyph(&self, code: u32) -> Option<u32> {
        let end = self.glyphs.partition_point(|(low, ..)| *low <= code);
        let candidates = self.glyphs.get(end.saturating_sub(OVERLAPS_MAX)..end)?;
        let (low, _, glyph) = candidates.iter().rev().find(|(_, high, _)| code <= *high)?;
        Some(glyph.saturating_add(code - low))
    }

    fn add_spaces(&mut self, operands: &[Token<'_>]) {
        for pair in operands.chunks_exact(2) {
            if let [Token::Text(low), Token::Text(high)] = pair
                && (1..=4).contains(&low.len())
                && self.spaces.len() < 256
            {
                self.spaces.push(CodeSpace { bytes: low.len(), low: code(low), high: code(high) });
            }
        }
    }

    fn add_chars(&mut self, operands: &[Token<'_>]) {
        for pair in operands.chunks_exact(2) {
            if let [Token::Text(from), Token::Text(to)] = pair {
                self.add_target(code(from), code(from), to);
            }
        }
    }

    fn add_ranges(&mut self, operands: &[Token<'_>]) {
        for triple in operands.chunks_exact(3) {
            match triple {
                [Token::Text(low), Token::Text(high), Token::Text(to)] => {
                    self.add_target(code(low), code(high), to);
                }
                [Token::Text(low), Token::Text(_), Token::Array(members)] => {
                    for (from, member) in (code(low)..=u32::MAX).zip(members) {
                        if let Some(to) = member.text() {
                            self.add_target(from, from, to);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn add_target(&mut self, low: u32, high: u32, to: &[u8]) {
        if self.targets.len() >= PDF_FONT_ENTRIES_MAX || high < low {
            return;
        }
        // A map to nothing, or to NUL, leaves the code to the font's encoding.
        let text = utf16(to);
        if matches!(to, [0, 0]) && low < high {
            // All codes are their own characters, the first being NUL.
            self.targets.push(Target { low, high, text: GlyphText::One('\0') });
        } else if let Some(text) = GlyphText::of(text.trim_matches('\0')) {
            self.targets.push(Target { low, high, text });
        }
    }

    fn add_glyph_chars(&mut self, operands: &[Token<'_>]) {
        for pair in operands.chunks_exact(2) {
            if let [Token::Text(from), Token::Number(glyph)] = pair {
                self.add_glyphs(code(from), code(from), *glyph);
            }
        }
    }

    fn add_glyph_ranges(&mut self, operands: &[Token<'_>]) {
        for triple in operands.chunks_exact(3) {
            if let [Token::Text(low), Token::Text(high), Token::Number(glyph)] = triple {
                self.add_glyphs(code(low), code(high), *glyph);
            }
        }
    }

    fn add_glyphs(&mut self, low: u32, high: u32, glyph: f32) {
        let glyph = whole_number(glyph).and_then(|glyph| u32::try_from(glyph).ok());
        if let Some(glyph) = glyph
            && self.glyphs.len() < PDF_FONT_ENTRIES_MAX
        {
            self.glyphs.push((low, high, glyph));
        }
    }

    fn define(&mut self, operands: &[Token<'_>]) {
        if let [.., key, value] = operands
            && key.name() == Some(b"WMode")
        {
            self.vertical = value.number() == Some(1.0);
        }
    }
}

impl CodeSpace {
    fn holds(&self, code: u32) -> bool {
        (0..self.bytes).all(|index| {
            let byte = |value: u32| (value >> (8 * index)) & 0xff;
            (byte(self.low)..=byte(self.high)).contains(&byte(code))
        })
    }
}

fn code(bytes: &[u8]) -> u32 {
    bytes.iter().take(4).fold(0, |code, byte| code << 8 | u32::from(*byte))
}

fn utf16(bytes: &[u8]) -> String {
    if let [byte] = bytes {
        return char::from(*byte).to_string();
    }
    let units = bytes.chunks_exact(2).map(|pair| match pair {
        [high, low] => u16::from_be_bytes([*high, *low]),
        _ => 0,
    });
    char::decode_utf16(units).map(|ch| ch.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

fn counted_up(text: &GlyphText, by: u32) -> Option<GlyphText> {
    let next = |ch: char| char::from_u32(u32::from(ch).checked_add(by)?);
    match text {
        _ if by == 0 => Some(text.clone()),
        GlyphText::One(ch) => next(*ch).map(GlyphText::One),
        GlyphText::Many(text) => {
            let mut longer = String::from(&**text);
            let last = longer.pop()?;
            longer.push(next(last)?);
            GlyphText::of(&longer)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(map: &CMap, code: u32) -> String {
        let mut out = String::new();
        if let Some(text) = map.unicode(code) {
            text.push_to(&mut out);
        }
        out
    }

    #[test]
    fn characters_ranges_and_lists_are_mapped() {
        let map = CMap::parse(
            b"1 begincodespacerange <0000> <ffff> endcodespacerange
              2 beginbfchar <0003> <0020> <0004> <00660069> endbfchar
              2 beginbfrange <0010> <0012> <0041> <0020> <0021> [<0078> <D83DDE00>] endbfrange",
        );
        assert_eq!(text(&map, 3), " ");
        assert_eq!(text(&map, 4), "fi");
        assert_eq!(text(&map, 0x12), "C");
        assert_eq!(text(&map, 0x20), "x");
        assert_eq!(text(&map, 0x21), "😀");
        assert_eq!(text(&map, 0x13), "");
        assert_eq!(map.first_code(&[0, 0x10, 0, 0x11]), Some((0x10, 2)));
    }

    #[test]
    fn a_range_that_begins_with_nul_is_a_range() {
        let map = CMap::parse(b"1 beginbfrange <0000> <ffff> <0000> endbfrange");
        assert_eq!(text(&map, 0x41), "A");
    }

    #[test]
    fn a_range_over_all_codes_costs_one_entry() {
        let map = CMap::parse(b"1 beginbfrange <00000000> <ffffffff> <0041> endbfrange");
        assert_eq!(map.len(), 1);
        assert_eq!(text(&map, 1), "B");
    }

    #[test]
    fn codes_of_mixed_length_are_told_apart() {
        let map = CMap::parse(
            b"2 begincodespacerange <00> <80> <8140> <9ffc> endcodespacerange
              1 begincidrange <20> <7e> 1 endcidrange",
        );
        assert_eq!(map.first_code(b"A\x81\x40"), Some((0x41, 1)));
        assert_eq!(map.first_code(b"\x81\x40A"), Some((0x8140, 2)));
        assert_eq!(map.glyph(0x22), Some(3));
    }
}
