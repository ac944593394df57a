//! Fonts: bytes of a string → glyphs with text and width.
//!
//! Let through on purpose: a font whose outlines show something else than its own names and maps say, as
//! long as each shows one letter.

use encoding_rs::Encoding;
use lopdf::{Dictionary, Document, Object};

use super::cmap::{CMap, GlyphText};
use super::encoding::{ByteTable, spelt};
use super::evidence::{CODES_MAX, Claim, Evidence};
use super::geometry::{Matrix, length};
use super::objects::{
    dict_of, get, get_array, get_dict, get_integer, get_name, get_numbers, numbers_of, resolved,
    unpack,
};
use super::sfnt::Program;
use super::widths::Widths;
use crate::domain::limits::PDF_GLYPH_CHARS_MAX;

/// How much higher than its widest letter a font may say that it is.
const HIGH_MAX: f32 = 4.0;
/// The flag of a font whose glyphs are signs of its own.
const SYMBOLIC: i64 = 4;

#[derive(Debug)]
pub(super) struct Font {
    codes: Codes,
    to_unicode: Option<CMap>,
    table: Option<ByteTable>,
    widths: Widths,
    /// Width units → parts of the font's size.
    unit: f32,
    pub(super) vertical: bool,
    /// Height of the glyphs as a part of the font's size; other than 1 only for Type 3 fonts.
    pub(super) height: f32,
    /// Whether its codes can be read as text at all.
    pub(super) understood: bool,
    /// Whether its glyphs are drawn by content of their own, and in which space.
    pub(super) drawn_by: Option<Matrix>,
    /// Place of its dictionary in memory.
    pub(super) place: usize,
    /// What its glyphs show, where that can be known.
    evidence: Evidence,
    /// What reading it took, in table entries.
    pub(super) cost: usize,
}

/// How bytes become codes.
#[derive(Debug)]
enum Codes {
    Byte,
    /// Two bytes, which are the glyph number.
    Pair,
    /// Two bytes, which are UTF-16.
    Utf16,
    /// A national encoding of one or two bytes.
    National(&'static Encoding),
    /// By the font's own map.
    Mapped(CMap),
}

/// One glyph of a string.
#[derive(Debug)]
pub(super) struct FontGlyph {
    pub(super) text: GlyphText,
    /// Along the line, as a part of the font's size; negative downwards in vertical fonts.
    pub(super) advance: f32,
    /// The single byte 32, which word spacing widens.
    pub(super) is_word_space: bool,
    /// Whether the font says what the glyph stands for, within reason.
    pub(super) known: bool,
    /// Whether it is a letter without an outline.
    pub(super) blank: bool,
    /// What a person sees in its place, in fonts whose map is about something else.
    pub(super) shown: Option<GlyphText>,
}

impl Font {
    /// Reads a font; total, because a font that is not understood still takes room on the page.
    pub(super) fn read(document: &Document, font: &Dictionary, unpacked_left: &mut usize) -> Self {
        let to_unicode = match get(document, font, b"ToUnicode") {
            Some(Object::Stream(stream)) => {
                unpack(document, stream, unpacked_left).ok().map(|bytes| CMap::parse(&bytes))
            }
            Some(Object::Name(name)) if name.starts_with(b"Identity") => Some(CMap::identity()),
            _ => None,
        };
        let to_unicode = to_unicode.filter(|map| !map.is_empty());
        let mut read = if get_name(document, font, b"Subtype") == Some(b"Type0") {
            Self::composite(document, font, unpacked_left)
        } else {
            Self::simple(document, font, unpacked_left)
        };
        read.understood |= to_unicode.is_some();
        read.cost = cost(document, font) + to_unicode.as_ref().map_or(0, CMap::len);
        read.to_unicode = to_unicode;
        read.weigh(document, font, unpacked_left);
        read
    }

    /// For text whose font is missing from the file.
    pub(super) fn missing() -> Self {
        let font = Self::simple(&Document::new(), &Dictionary::new(), &mut 0);
        Self { understood: false, ..font }
    }

    fn simple(document: &Document, font: &Dictionary, unpacked_left: &mut usize) -> Self {
        let base_font = get_name(document, font, b"BaseFont").unwrap_or_default();
        let base_font = String::from_utf8_lossy(base_font);
        let table = ByteTable::of_font(document, font, &base_font, unpacked_left);
        let is_type3 = get_name(document, font, b"Subtype") == Some(b"Type3");
        let (unit, height) = if is_type3 { type3_scale(document, font) } else { (0.001, 1.0) };
        Self {
            codes: Codes::Byte,
            to_unicode: None,
            understood: table.is_understood(),
            table: Some(table),
            drawn_by: is_type3.then(|| type3_matrix(document, font)),
            place: 0,
            widths: Widths::of_simple(document, font, &base_font),
            unit,
            vertical: false,
            height,
            evidence: Evidence::default(),
            cost: 0,
        }
    }

    fn composite(document: &Document, font: &Dictionary, unpacked_left: &mut usize) -> Self {
        let (codes, vertical) = match get(document, font, b"Encoding") {
            Some(Object::Stream(stream)) => {
                let bytes = unpack(document, stream, unpacked_left).unwrap_or_default();
                let map = CMap::parse(&bytes);
                let vertical = map.vertical;
                (if map.has_spaces() { Codes::Mapped(map) } else { Codes::Pair }, vertical)
            }
            Some(Object::Name(name)) => (codes_of(name), name.ends_with(b"V")),
            _ => (Codes::Pair, false),
        };
        let empty = Dictionary::new();
        Self {
            understood: matches!(codes, Codes::Utf16 | Codes::National(_)),
            codes,
            to_unicode: None,
            table: None,
            drawn_by: None,
            place: 0,
            widths: Widths::of_composite(document, descendant(document, font).unwrap_or(&empty)),
            unit: 0.001,
            vertical,
            height: 1.0,
            evidence: Evidence::default(),
            cost: 0,
        }
    }

    /// The name of the procedure that draws a code.
    pub(super) fn procedure_name(&self, code: u8) -> Option<&[u8]> {
        self.table.as_ref()?.name(code)
    }

    /// Whether its glyphs show something else than its map says.
    pub(super) const fn shows_otherwise(&self) -> bool {
        self.evidence.otherwise || self.evidence.uniform
    }

    /// The first glyph of a string and how many bytes it takes.
    pub(super) fn first_glyph(&self, bytes: &[u8]) -> Option<(FontGlyph, usize)> {
        let (code, length, glyph) = self.first_code(bytes)?;
        let taken = bytes.get(..length)?;
        let text = self.to_unicode.as_ref().and_then(|map| map.unicode(code));
        let text = text.or_else(|| self.encoded(taken)).map(clean);
        let text = text.or_else(|| self.evidence.shown(code));
        let width = self.widths.of(glyph, text.as_ref()) * self.unit;
        let known =
            self.understood && text.as_ref().is_none_or(|text| text.chars() <= PDF_GLYPH_CHARS_MAX);
        let mut glyph = FontGlyph {
            text: text.unwrap_or(GlyphText::One(char::REPLACEMENT_CHARACTER)),
            // Vertical metrics are seldom given; their default is one whole line down.
            advance: if self.vertical { -1.0 } else { width },
            is_word_space: taken == [32],
            known,
            blank: self.evidence.is_blank(code),
            shown: None,
        };
        if self.evidence.otherwise {
            glyph.shown = self.evidence.shown(code).or_else(|| Some(glyph.text.clone()));
        } else if self.evidence.uniform {
            glyph.shown = Some(GlyphText::One('\u{25a0}'));
        }
        Some((glyph, length))
    }

    /// The first code, its length and its glyph number.
    fn first_code(&self, bytes: &[u8]) -> Option<(u32, usize, u32)> {
        let byte = u32::from(*bytes.first()?);
        let pair = || match bytes {
            [high, low, ..] => (u32::from(*high) << 8 | u32::from(*low), 2),
            _ => (byte, 1),
        };
        let (code, length) = match &self.codes {
            Codes::Byte => (byte, 1),
            Codes::Pair | Codes::Utf16 => pair(),
            Codes::National(encoding) if leads_pair(encoding, byte) => pair(),
            Codes::National(_) => (byte, 1),
            Codes::Mapped(map) => {
                let (code, length) = map.first_code(bytes)?;
                return Some((code, length, map.glyph(code).unwrap_or(0)));
            }
        };
        Some((code, length, code))
    }

    /// Compares what the font claims with what its program says.
    fn weigh(&mut self, document: &Document, font: &Dictionary, unpacked_left: &mut usize) {
        let holder = descendant(document, font).unwrap_or(font);
        let descriptor = get_dict(document, holder, b"FontDescriptor");
        let bytes = descriptor.and_then(|descriptor| {
            let stream = [&b"FontFile2"[..], b"FontFile3"]
                .iter()
                .find_map(|key| get(document, descriptor, key)?.as_stream().ok())?;
            unpack(document, stream, unpacked_left).ok()
        });
        let program = bytes.as_deref().and_then(Program::read);
        let flags = descriptor.and_then(|d| get_integer(document, d, b"Flags")).unwrap_or(0);
        self.evidence = if let Some(table) = &self.table {
            let is_truetype = get_name(document, font, b"Subtype") == Some(b"TrueType");
            // Viewers pass over the encoding of a TrueType font that calls itself symbolic.
            let by_code = is_truetype && (flags & SYMBOLIC != 0 || !font.has(b"Encoding"));
            let claims =
                (0..=u8::MAX).map(|byte| self.claim(table, program.as_ref(), byte, by_code));
            Evidence::weighed(claims, program.as_ref())
        } else {
            let claims = self.composite_claims(document, holder, program.as_ref(), unpacked_left);
            Evidence::weighed(claims.into_iter(), program.as_ref())
        };
        self.understood |= self.evidence.says_something();
    }

    fn claim(
        &self,
        table: &ByteTable,
        program: Option<&Program<'_>>,
        byte: u8,
        by_code: bool,
    ) -> Claim {
        let code = u32::from(byte);
        let mapped = self.to_unicode.as_ref().and_then(|map| map.unicode(code));
        let is_mapped = mapped.is_some();
        let text = mapped.or_else(|| table.unicode(byte)).and_then(|text| text.single());
        let named = table.named_unicode(byte).and_then(|text| text.single()).filter(|_| !by_code);
        let glyph = program.and_then(|program| {
            let by_name = || program.of_name(table.name(byte)?);
            let by_character = || program.of_character(u32::from(named?));
            let named = || by_character().or_else(by_name);
            if by_code {
                program.of_code(byte).or_else(|| program.of_character(code))
            } else {
                named().or_else(|| program.of_code(byte))
            }
        });
        Claim { code, glyph, text, mapped: is_mapped, named }
    }

    fn composite_claims(
        &self,
        document: &Document,
        holder: &Dictionary,
        program: Option<&Program<'_>>,
        unpacked_left: &mut usize,
    ) -> Vec<Claim> {
        let Some(program) = program else { return Vec::new() };
        let by_id = program.by_character_id();
        let places = match get(document, holder, b"CIDToGIDMap") {
            Some(Object::Stream(stream)) => unpack(document, stream, unpacked_left).ok(),
            _ => None,
        };
        let glyph_of = |code: u32| {
            let id = match &self.codes {
                Codes::Pair => code,
                Codes::Mapped(map) => map.glyph(code)?,
                Codes::Byte | Codes::Utf16 | Codes::National(_) => return None,
            };
            if let Some(by_id) = &by_id {
                return by_id.get(&id).copied();
            }
            match &places {
                Some(places) => {
                    let start = usize::try_from(id).ok()?.checked_mul(2)?;
                    let pair = places.get(start..start.checked_add(2)?)?;
                    <[u8; 2]>::try_from(pair).ok().map(u16::from_be_bytes)
                }
                None => u16::try_from(id).ok(),
            }
        };
        let Some(map) = &self.to_unicode else {
            // The program's own map is all there is, where codes are its glyph numbers.
            let direct = matches!(self.codes, Codes::Pair) && by_id.is_none() && places.is_none();
            let glyphs = program.characters().keys().filter(|_| direct);
            return glyphs
                .map(|glyph| Claim {
                    code: u32::from(*glyph),
                    glyph: Some(*glyph),
                    text: None,
                    mapped: false,
                    named: None,
                })
                .collect();
        };
        map.entries(CODES_MAX)
            .map(|(code, text)| Claim {
                code,
                glyph: glyph_of(code),
                text: text.single(),
                mapped: true,
                named: None,
            })
            .collect()
    }

    /// The text of a code by the font's encoding, without its character map.
    fn encoded(&self, code: &[u8]) -> Option<GlyphText> {
        match (&self.codes, code) {
            (Codes::Byte, [byte]) => self.table.as_ref()?.unicode(*byte),
            (Codes::Utf16, [high, low]) => {
                char::from_u32(u32::from(u16::from_be_bytes([*high, *low]))).map(GlyphText::One)
            }
            (Codes::National(encoding), code) => {
                GlyphText::of(&encoding.decode_without_bom_handling_and_without_replacement(code)?)
            }
            _ => None,
        }
    }
}

/// Lists are paid for by their length, whether they hold anything or not; glyph names are looked up.
fn cost(document: &Document, font: &Dictionary) -> usize {
    let length = |dict: Option<&Dictionary>, key: &[u8]| {
        dict.and_then(|dict| get_array(document, dict, key)).map_or(0, Vec::len)
    };
    let differences = length(get_dict(document, font, b"Encoding"), b"Differences");
    256 + 4 * differences + length(Some(font), b"Widths") + length(descendant(document, font), b"W")
}

/// The glyphs of a composite font.
fn descendant<'a>(document: &'a Document, font: &'a Dictionary) -> Option<&'a Dictionary> {
    let list = get_array(document, font, b"DescendantFonts")?;
    resolved(document, list.first()?).and_then(dict_of)
}

/// Predefined maps of East Asian fonts; those that are not named here are read as glyph numbers.
fn codes_of(name: &[u8]) -> Codes {
    let name = String::from_utf8_lossy(name);
    let has = |part: &str| name.contains(part);
    if has("UCS2") || has("UTF16") {
        Codes::Utf16
    } else if has("RKSJ") {
        Codes::National(encoding_rs::SHIFT_JIS)
    } else if has("GBK") || has("GB-EUC") || has("GBpc") {
        Codes::National(encoding_rs::GBK)
    } else if has("B5") {
        Codes::National(encoding_rs::BIG5)
    } else if has("KSC") {
        Codes::National(encoding_rs::EUC_KR)
    } else if name == "EUC-H" || name == "EUC-V" {
        Codes::National(encoding_rs::EUC_JP)
    } else {
        Codes::Pair
    }
}

fn leads_pair(encoding: &'static Encoding, byte: u32) -> bool {
    // Half-width katakana are single bytes.
    let single = encoding == encoding_rs::SHIFT_JIS && (0xa0..=0xdf).contains(&byte);
    (0x81..=0xfe).contains(&byte) && !single
}

/// Control characters have no glyph; ligatures are spelt.
fn clean(text: GlyphText) -> GlyphText {
    match text {
        GlyphText::One(ch) if ch.is_control() => GlyphText::One(' '),
        GlyphText::One(ch) => spelt(ch),
        GlyphText::Many(text) if text.contains(char::is_control) => {
            GlyphText::Many(text.replace(char::is_control, " ").into())
        }
        many => many,
    }
}

fn type3_matrix(document: &Document, font: &Dictionary) -> Matrix {
    get_numbers::<6>(document, font, b"FontMatrix")
        .map_or(Matrix { a: 0.001, d: 0.001, ..Matrix::IDENTITY }, Matrix::of)
}

/// Width unit and glyph height of a Type 3 font, whose glyphs have a space of their own.
fn type3_scale(document: &Document, font: &Dictionary) -> (f32, f32) {
    let matrix = type3_matrix(document, font);
    let boxed = get_numbers::<4>(document, font, b"FontBBox");
    let height = boxed.map_or(0.0, |[_, bottom, _, top]| (top - bottom).abs());
    let height = height * length(matrix.up());
    // A box of nothing means that it is unknown: letters are about as high as the widest is wide.
    let widest = get_array(document, font, b"Widths")
        .map_or(0.0, |list| numbers_of(document, list, 256).into_iter().fold(0.0, f32::max));
    let width = widest * length(matrix.right());
    let height = if height == 0.0 { width } else { height.min(HIGH_MAX * width) };
    // Units of printers give some hundreds; more are absurd boxes.
    (length(matrix.right()), if (0.01..=2_000.0).contains(&height) { height } else { 1.0 })
}

/// The font dictionary of a resource dictionary.
pub(super) fn named_font<'a>(
    document: &'a Document,
    resources: &'a Dictionary,
    name: &[u8],
) -> Option<&'a Object> {
    get_dict(document, resources, b"Font")?.get(name).ok()
}

#[cfg(test)]
mod tests {
    use lopdf::{Stream, dictionary};

    use super::*;

    fn text(font: &Font, mut bytes: &[u8]) -> (String, bool) {
        let (mut out, mut known) = (String::new(), true);
        while let Some((glyph, length)) = font.first_glyph(bytes) {
            glyph.text.push_to(&mut out);
            known &= glyph.known;
            bytes = &bytes[length..];
        }
        (out, known)
    }

    fn with_map(map: &[u8], subtype: &str) -> Font {
        let mut document = Document::with_version("1.5");
        let map = document.add_object(Stream::new(Dictionary::new(), map.to_vec()));
        let font = dictionary! {
            "Subtype" => subtype,
            "Encoding" => if subtype == "Type0" { "Identity-H" } else { "WinAnsiEncoding" },
            "ToUnicode" => map,
        };
        Font::read(&document, &font, &mut 1_000_000)
    }

    #[test]
    fn composite_font_reads_pairs_by_its_map() {
        let font = with_map(b"1 beginbfrange <0001> <001a> <0061> endbfrange", "Type0");
        assert_eq!(text(&font, &[0, 8, 0, 9]), ("hi".to_owned(), true));
    }

    #[test]
    fn composite_font_without_a_map_is_not_understood() {
        let font = dictionary! { "Subtype" => "Type0", "Encoding" => "Identity-H" };
        let font = Font::read(&Document::new(), &font, &mut 1_000);
        assert_eq!(text(&font, &[0, 8]), ("\u{fffd}".to_owned(), false));
    }

    #[test]
    fn a_glyph_that_claims_to_be_a_sentence_is_not_known() {
        let sentence = with_map(b"1 beginbfchar <41> <00680065006c006c006f> endbfchar", "Type1");
        assert_eq!(text(&sentence, b"A"), ("hello".to_owned(), false));
        let ligature = with_map(b"1 beginbfchar <41> <006600660069> endbfchar", "Type1");
        assert_eq!(text(&ligature, b"A"), ("ffi".to_owned(), true));
    }

    #[test]
    fn national_encodings_are_read_without_a_map() {
        let font = dictionary! { "Subtype" => "Type0", "Encoding" => "90ms-RKSJ-H" };
        let font = Font::read(&Document::new(), &font, &mut 1_000);
        assert_eq!(text(&font, &[0x93, 0xfa, b'a', 0xb1]), ("日aｱ".to_owned(), true));
    }
}
