//! Simple fonts: one byte → a character, by a base encoding and the glyph names that differ from it.
//!
//! Tables of encodings and glyph names are the library's. A glyph name that no list knows stays
//! unknown: guessing would invent text.

use std::collections::{BTreeMap, BTreeSet};

use lopdf::{Dictionary, Document, Encoding, Object, dictionary};

use super::cmap::GlyphText;
use super::font_program::built_in_names;
use super::objects::{dict_of, get, get_array, get_name, resolved};

/// Characters of the 256 codes.
#[derive(Debug)]
pub(super) struct ByteTable {
    glyphs: Vec<Option<GlyphText>>,
    /// Codes whose glyphs the file names, so that the names are those of what is drawn.
    named: BTreeSet<usize>,
    /// Glyph names of single codes.
    names: BTreeMap<usize, Vec<u8>>,
}

impl ByteTable {
    pub(super) fn unicode(&self, byte: u8) -> Option<GlyphText> {
        self.glyphs.get(usize::from(byte)).cloned().flatten()
    }

    /// The character of a code whose glyph the file names.
    pub(super) fn named_unicode(&self, byte: u8) -> Option<GlyphText> {
        self.named.contains(&usize::from(byte)).then(|| self.unicode(byte)).flatten()
    }

    /// The glyph name of a code, if it has one of its own.
    pub(super) fn name(&self, byte: u8) -> Option<&[u8]> {
        self.names.get(&usize::from(byte)).map(Vec::as_slice)
    }

    /// Whether the table says anything.
    pub(super) fn is_understood(&self) -> bool {
        self.glyphs.iter().any(Option::is_some)
    }

    /// The encoding of a simple font.
    pub(super) fn of_font(
        document: &Document,
        font: &Dictionary,
        base_font: &str,
        unpacked_left: &mut usize,
    ) -> Self {
        let encoding = get(document, font, b"Encoding");
        let details = encoding.and_then(dict_of);
        let base = match (encoding, details) {
            (Some(Object::Name(name)), _) => Some(name.as_slice()),
            (_, Some(dict)) => get_name(document, dict, b"BaseEncoding"),
            _ => None,
        };
        let is_type3 = get_name(document, font, b"Subtype") == Some(b"Type3");
        let mut table = match base {
            // Glyphs of a Type 3 font have only the names that are listed.
            _ if is_type3 => Self::blank(),
            Some(name) => Self::named(name).all_named(),
            None if base_font.contains("ZapfDingbats") => Self::dingbats(),
            None if base_font.contains("Symbol") => Self::symbol(),
            None => {
                let mut table = Self::named(b"StandardEncoding");
                if !font.has(b"FontDescriptor") {
                    table = table.all_named();
                }
                for (code, name) in built_in_names(document, font, unpacked_left) {
                    if let Some(slot) = table.glyphs.get_mut(code) {
                        *slot = named_glyph(&name).or_else(|| slot.take());
                        table.named.insert(code);
                    }
                }
                table
            }
        };
        if let Some(differences) =
            details.and_then(|dict| get_array(document, dict, b"Differences"))
        {
            table.differ(document, differences);
        }
        table.number_unknown(is_type3);
        if is_type3 {
            // Names of procedures are whatever their maker took.
            table.named.clear();
        }
        table
    }

    fn named(name: &[u8]) -> Self {
        let font = dictionary! { "Type" => "Font", "Encoding" => Object::Name(name.to_vec()) };
        let document = Document::new();
        let encoding = font.get_font_encoding(&document).ok();
        let Some(Encoding::OneByteEncoding(set)) = encoding else {
            return Self::named(b"StandardEncoding");
        };
        let glyphs = set
            .iter()
            .map(|glyph| {
                glyph
                    .and_then(|glyph| char::from_u32(u32::from(glyph.utf16_code_unit())))
                    .map(spelt)
            })
            .collect();
        let mut table = Self::empty(glyphs);
        // Bytes that text in the wild uses although the tables leave them out.
        for (byte, ch) in [(0x20, ' '), (0xa0, ' '), (0xad, '-')] {
            let slot = table.glyphs.get_mut(byte);
            if let Some(slot) = slot.filter(|slot| slot.is_none()) {
                *slot = Some(GlyphText::One(ch));
            }
        }
        table
    }

    const fn empty(glyphs: Vec<Option<GlyphText>>) -> Self {
        Self { glyphs, named: BTreeSet::new(), names: BTreeMap::new() }
    }

    fn blank() -> Self {
        Self::empty(vec![None; 256])
    }

    fn all_named(mut self) -> Self {
        self.named = (0..256).collect();
        self
    }

    fn symbol() -> Self {
        const UPPER: &str = "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ";
        const LOWER: &str = "αβχδεφγηιϕκλμνοπθρστυϖωξψζ";
        let mut table = Self::blank();
        for byte in (0x20_u8..0x40).chain([0x5b, 0x5d, 0x5f, 0x7b, 0x7c, 0x7d]) {
            table.set(byte, char::from(byte));
        }
        for (start, letters) in [(0x41_u8, UPPER), (0x61, LOWER)] {
            for (byte, letter) in (start..).zip(letters.chars()) {
                table.set(byte, letter);
            }
        }
        let signs = [
            (0x22, '∀'),
            (0x24, '∃'),
            (0x27, '∋'),
            (0x2a, '∗'),
            (0x2d, '−'),
            (0xa3, '≤'),
            (0xa5, '∞'),
            (0xae, '→'),
            (0xb0, '°'),
            (0xb1, '±'),
            (0xb3, '≥'),
            (0xb4, '×'),
            (0xb7, '•'),
            (0xb8, '÷'),
            (0xb9, '≠'),
            (0xbb, '≈'),
            (0xbc, '…'),
            (0xd2, '®'),
            (0xd3, '©'),
            (0xd4, '™'),
            (0xe5, '∑'),
        ];
        for (byte, sign) in signs {
            table.set(byte, sign);
        }
        table
    }

    /// The block of Unicode follows the font's order, a few places aside.
    fn dingbats() -> Self {
        let mut table = Self::blank();
        table.set(0x20, ' ');
        for (byte, sign) in (0x21_u8..=0x7e).zip('\u{2701}'..) {
            table.set(byte, sign);
        }
        for (byte, sign) in (0xa1_u8..=0xfe).zip('\u{2761}'..) {
            table.set(byte, sign);
        }
        table
    }

    /// Fonts of bitmaps call their glyphs by the number of their code: `a65`, or the byte itself. Where
    /// all do, codes are those of TeX's text fonts, as other readers have it.
    fn number_unknown(&mut self, is_type3: bool) {
        let nameless = |(code, name): &(&usize, &Vec<u8>)| {
            name.as_slice() != b".notdef" && self.glyphs.get(**code).is_some_and(Option::is_none)
        };
        let unknown: Vec<(usize, bool)> = self
            .names
            .iter()
            .filter(nameless)
            .map(|(code, name)| (*code, numbered(name) == Some(*code)))
            .collect();
        if !is_type3 || unknown.iter().any(|(_, by_number)| !by_number) {
            return;
        }
        let has = |codes: std::ops::RangeInclusive<usize>| self.names.range(codes).next().is_some();
        let european = has(27..=31) && !has(11..=15);
        for (code, _) in unknown {
            if let Some(slot) = self.glyphs.get_mut(code) {
                *slot = tex_glyph(code, european);
            }
        }
    }

    fn set(&mut self, byte: u8, ch: char) {
        if let Some(slot) = self.glyphs.get_mut(usize::from(byte)) {
            *slot = Some(GlyphText::One(ch));
        }
    }

    fn differ(&mut self, document: &Document, differences: &[Object]) {
        let mut code = 0_usize;
        // A list that is longer than two full tables only overwrites itself.
        for object in differences.iter().take(1024) {
            match resolved(document, object) {
                Some(Object::Integer(start)) => code = usize::try_from(*start).unwrap_or(256),
                Some(Object::Name(name)) => {
                    if let Some(slot) = self.glyphs.get_mut(code) {
                        *slot = named_glyph(name);
                        self.named.insert(code);
                        self.names.insert(code, name.clone());
                    }
                    code = code.saturating_add(1);
                }
                _ => {}
            }
        }
    }
}

/// A glyph's text by its name: the library's list, `uni0041`, `u1F600`, `f_i`, `a.alt`.
pub(super) fn named_glyph(name: &[u8]) -> Option<GlyphText> {
    let name = name.split(|byte| *byte == b'.').next().filter(|stem| !stem.is_empty())?;
    let mut text = String::new();
    for part in name.split(|byte| *byte == b'_') {
        let glyph = listed(part).or_else(|| spelt_out(part))?;
        glyph.push_to(&mut text);
    }
    GlyphText::of(&text)
}

fn listed(name: &[u8]) -> Option<GlyphText> {
    if let [letter] = name
        && letter.is_ascii_alphabetic()
    {
        return Some(GlyphText::One(char::from(*letter)));
    }
    let differences = vec![Object::Integer(0), Object::Name(name.to_vec())];
    let font = dictionary! {
        "Type" => "Font",
        "Encoding" => dictionary! { "Differences" => differences },
    };
    let document = Document::new();
    let Ok(Encoding::Differences(differences)) = font.get_font_encoding(&document) else {
        return None;
    };
    let unit = differences.map.get(&0)?.utf16_code_unit();
    char::from_u32(u32::from(unit)).map(spelt)
}

/// The number in a name such as `a65`, or the one byte that it is.
fn numbered(name: &[u8]) -> Option<usize> {
    if let [byte] = name {
        return Some(usize::from(*byte));
    }
    if let [b'#', digits @ ..] = name {
        return usize::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok();
    }
    let prefix = name.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let digits = std::str::from_utf8(name.get(prefix..)?).ok()?;
    (prefix <= 2).then_some(())?;
    digits.parse().ok()
}

/// A code of TeX's text fonts: ASCII, and ligatures in one of two places.
fn tex_glyph(code: usize, european: bool) -> Option<GlyphText> {
    const LIGATURES: [&str; 5] = ["ff", "fi", "fl", "ffi", "ffl"];
    let first = if european { 27 } else { 11 };
    if let Some(ligature) = code.checked_sub(first).and_then(|index| LIGATURES.get(index)) {
        return GlyphText::of(ligature);
    }
    match (code, european) {
        (34 | 92, false) => Some(GlyphText::One('"')),
        (39, _) => Some(GlyphText::One('\u{2019}')),
        (96, _) => Some(GlyphText::One('\u{2018}')),
        (123, false) | (21, true) => Some(GlyphText::One('\u{2013}')),
        (124, false) | (22, true) => Some(GlyphText::One('\u{2014}')),
        (33..=126, _) => u8::try_from(code).ok().map(|byte| GlyphText::One(char::from(byte))),
        _ => None,
    }
}

fn spelt_out(name: &[u8]) -> Option<GlyphText> {
    let name = std::str::from_utf8(name).ok()?;
    let number = |digits: &str| char::from_u32(u32::from_str_radix(digits, 16).ok()?);
    let text: String = match (name.strip_prefix("uni"), name.strip_prefix('u')) {
        (Some(digits), _) if digits.len() >= 4 && digits.len() % 4 == 0 => digits
            .as_bytes()
            .chunks(4)
            .map(|four| number(std::str::from_utf8(four).ok()?))
            .collect::<Option<_>>()?,
        (_, Some(digits)) if (4..=6).contains(&digits.len()) => number(digits)?.to_string(),
        _ => return None,
    };
    GlyphText::of(&text)
}

/// Ligatures as the letters that they are to a reader.
pub(super) fn spelt(ch: char) -> GlyphText {
    match ch {
        '\u{fb00}' => GlyphText::Many("ff".into()),
        '\u{fb01}' => GlyphText::Many("fi".into()),
        '\u{fb02}' => GlyphText::Many("fl".into()),
        '\u{fb03}' => GlyphText::Many("ffi".into()),
        '\u{fb04}' => GlyphText::Many("ffl".into()),
        other => GlyphText::One(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(table: &ByteTable, bytes: &[u8]) -> String {
        let mut out = String::new();
        for byte in bytes {
            match table.unicode(*byte) {
                Some(text) => text.push_to(&mut out),
                None => out.push('?'),
            }
        }
        out
    }

    #[test]
    fn named_encodings_are_applied() {
        let font = dictionary! { "Encoding" => "WinAnsiEncoding" };
        let table = ByteTable::of_font(&Document::new(), &font, "Helvetica", &mut 0);
        assert_eq!(read(&table, b"\x80 \xe4"), "€ ä");
    }

    #[test]
    fn differences_name_glyphs_in_every_common_way() {
        let names = ["eacute", "uni0416", "u1F600", "f_i", "a.alt", "fi", "g77"];
        let mut list = vec![Object::Integer(65)];
        list.extend(names.map(|name| Object::Name(name.into())));
        let font = dictionary! { "Encoding" => dictionary! { "Differences" => list } };
        let table = ByteTable::of_font(&Document::new(), &font, "", &mut 0);
        assert_eq!(read(&table, b"ABCDEFGa"), "éЖ😀fiafi?a");
    }

    #[test]
    fn bitmaps_that_are_called_by_their_codes_are_letters() {
        let table = |names: [&str; 4]| {
            let mut list = vec![Object::Integer(11)];
            list.push(names[0].into());
            list.push(Object::Integer(65));
            list.extend(names[1..].iter().map(|name| Object::from(*name)));
            let encoding = dictionary! { "Differences" => list };
            let font = dictionary! { "Subtype" => "Type3", "Encoding" => encoding };
            ByteTable::of_font(&Document::new(), &font, "", &mut 0)
        };
        assert_eq!(read(&table(["a11", "a65", "a66", "a67"]), b"\x0bABC"), "ffABC");
        assert_eq!(read(&table(["a11", "a65", "a66", "a7"]), b"\x0bABC"), "????");
        assert_eq!(read(&table(["\u{b}", "A", "B", "C"]), b"\x0bABC"), "ffABC");
    }

    #[test]
    fn symbol_letters_are_greek() {
        let table = ByteTable::of_font(&Document::new(), &dictionary! {}, "Symbol", &mut 0);
        assert_eq!(read(&table, b"abG\xb7"), "αβΓ•");
    }
}
