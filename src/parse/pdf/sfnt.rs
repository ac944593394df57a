//! What an embedded font program says of its glyphs: which character each is, by its character map
//! and glyph names, and whether it has an outline.
//!
//! Outlines are compared by their bytes and never run. Let through on purpose: outlines that show
//! something else under right names and maps; Type 1 programs, whose outlines are encrypted.

use std::collections::BTreeMap;

use ttf_parser::{GlyphId, PlatformId, RawFace, Tag, cff, cmap, post};

use super::encoding::named_glyph;

/// Character maps of one font that are looked at.
const MAPS_MAX: u16 = 16;
/// Maps of many characters to one glyph are searched from their beginning; blank and last-resort fonts have
/// short ones.
const COUNTED_MAP_BYTES_MAX: usize = 16 << 10;
/// Bytes of a compact font's dictionary that are looked at; real ones have 200.
const DICTIONARY_BYTES_MAX: usize = 4 << 10;
/// Bytes of a glyph program that are nothing but numbers: more than its stack of 48 can take.
const NUMBERS_BYTES_MAX: usize = 512;
/// Glyphs of one font whose names are read.
const NAMES_MAX: usize = 4_096;
/// Characters that a glyph may turn out to be: Latin, Greek and Cyrillic letters and digits.
const CANDIDATES: [std::ops::RangeInclusive<u32>; 4] =
    [0x20..=0x7e, 0xa1..=0x17f, 0x386..=0x3ce, 0x401..=0x45f];

/// The program of one font.
pub(super) struct Program<'f> {
    unicode: Vec<cmap::Subtable<'f>>,
    by_code: Vec<cmap::Subtable<'f>>,
    names: Vec<Option<&'f str>>,
    cff: Option<cff::Table<'f>>,
    outlines: Outlines<'f>,
    /// Characters by glyph number, from the maps.
    characters: BTreeMap<u16, char>,
}

/// Where the bytes of each outline are.
enum Outlines<'f> {
    Unknown,
    TrueType { places: &'f [u8], long: bool, outlines: &'f [u8] },
    Compact(Index<'f>),
}

/// An INDEX of a compact font: how many objects, and where.
struct Index<'f> {
    count: usize,
    offset_bytes: usize,
    offsets: &'f [u8],
    data: &'f [u8],
}

impl<'f> Program<'f> {
    /// Reads a TrueType, OpenType or compact (CFF) program.
    pub(super) fn read(bytes: &'f [u8]) -> Option<Self> {
        if let Ok(face) = RawFace::parse(bytes, 0) {
            return Some(Self::of_face(bytes, &face));
        }
        let cff = cff::Table::parse(bytes)?;
        let mut program = Self::empty();
        program.take_cff(bytes, cff);
        Some(program)
    }

    const fn empty() -> Self {
        Self {
            unicode: Vec::new(),
            by_code: Vec::new(),
            names: Vec::new(),
            cff: None,
            outlines: Outlines::Unknown,
            characters: BTreeMap::new(),
        }
    }

    fn of_face(bytes: &'f [u8], face: &RawFace<'f>) -> Self {
        let mut program = Self::shapes_of_face(bytes, face);
        if let Some(names) = table_of(bytes, face, b"post") {
            program.names = post_names(names);
        }
        if let Some(bytes) = table_of(bytes, face, b"CFF ")
            && let Some(cff) = cff::Table::parse(bytes)
        {
            program.take_cff(bytes, cff);
        }
        program.characters = program.candidates();
        program
    }

    /// Maps and outlines, which are found in little time; neither names nor candidates.
    fn shapes_of_face(bytes: &'f [u8], face: &RawFace<'f>) -> Self {
        let table = |name: &[u8; 4]| table_of(bytes, face, name);
        let mut program = Self::empty();
        let maps = table(b"cmap");
        let is_long = maps.is_some_and(|maps| maps.len() > COUNTED_MAP_BYTES_MAX);
        if let Some(maps) = maps.and_then(cmap::Table::parse) {
            for number in 0..maps.subtables.len().min(MAPS_MAX) {
                let Some(map) = maps.subtables.get(number) else { continue };
                if is_long && matches!(map.format, cmap::Format::ManyToOneRangeMappings(_)) {
                    continue;
                }
                if map.is_unicode() {
                    program.unicode.push(map);
                } else if matches!(map.platform_id, PlatformId::Windows | PlatformId::Macintosh) {
                    program.by_code.push(map);
                }
            }
        }
        let long = table(b"head").and_then(|head| Some(head.get(50..52)? == [0, 1]));
        if let (Some(places), Some(outlines), Some(long)) = (table(b"loca"), table(b"glyf"), long) {
            program.outlines = Outlines::TrueType { places, long, outlines };
        }
        if let Some(index) = table(b"CFF ").and_then(char_strings) {
            program.outlines = Outlines::Compact(index);
        }
        program
    }

    fn take_cff(&mut self, bytes: &'f [u8], cff: cff::Table<'f>) {
        let count = usize::from(cff.number_of_glyphs()).min(NAMES_MAX);
        self.names =
            (0..=u16::MAX).take(count).map(|glyph| cff.glyph_name(GlyphId(glyph))).collect();
        self.cff = Some(cff);
        if let Some(index) = char_strings(bytes) {
            self.outlines = Outlines::Compact(index);
        }
    }

    fn candidates(&self) -> BTreeMap<u16, char> {
        let mut found = BTreeMap::new();
        for code in CANDIDATES.into_iter().flatten() {
            if let (Some(glyph), Some(ch)) = (self.of_character(code), char::from_u32(code)) {
                found.entry(glyph).or_insert(ch);
            }
        }
        found
    }

    /// The glyph of a character.
    pub(super) fn of_character(&self, code: u32) -> Option<u16> {
        self.unicode.iter().find_map(|map| map.glyph_index(code)).map(|glyph| glyph.0)
    }

    /// The glyph of a byte in the program's own encoding.
    pub(super) fn of_code(&self, code: u8) -> Option<u16> {
        let by_map = self.by_code.iter().find_map(|map| {
            let code = u32::from(code);
            let shifted = (map.platform_id == PlatformId::Windows).then_some(0xf000 + code);
            shifted.and_then(|code| map.glyph_index(code)).or_else(|| map.glyph_index(code))
        });
        let by_encoding = || self.cff.as_ref()?.glyph_index(code);
        by_map.or_else(by_encoding).map(|glyph| glyph.0)
    }

    /// The glyph of a name.
    pub(super) fn of_name(&self, name: &[u8]) -> Option<u16> {
        let found = self.names.iter().position(|known| known.is_some_and(|n| n.as_bytes() == name));
        u16::try_from(found?).ok()
    }

    /// The glyphs of a font that is keyed by character ids: by id.
    pub(super) fn by_character_id(&self) -> Option<BTreeMap<u32, u16>> {
        let cff = self.cff.as_ref()?;
        cff.glyph_cid(GlyphId(0))?;
        let glyphs = (0..cff.number_of_glyphs()).take(NAMES_MAX);
        Some(glyphs.filter_map(|g| Some((u32::from(cff.glyph_cid(GlyphId(g))?), g))).collect())
    }

    /// The character that a glyph is by the program's own maps.
    pub(super) fn mapped(&self, glyph: u16) -> Option<char> {
        self.characters.get(&glyph).copied()
    }

    /// The character that a glyph is by its name.
    pub(super) fn named(&self, glyph: u16) -> Option<char> {
        let name = self.names.get(usize::from(glyph)).copied().flatten()?;
        named_glyph(name.as_bytes())?.single()
    }

    /// Glyphs with a character of their own, by the maps.
    pub(super) const fn characters(&self) -> &BTreeMap<u16, char> {
        &self.characters
    }

    /// The bytes of a glyph's outline; empty where it has none, `None` where that is not known.
    pub(super) fn outline(&self, glyph: u16) -> Option<&'f [u8]> {
        let glyph = usize::from(glyph);
        match &self.outlines {
            Outlines::Unknown => None,
            Outlines::TrueType { places, long, outlines } => {
                let place = |index: usize| {
                    if *long {
                        number_at(places, index * 4, 4)
                    } else {
                        Some(2 * number_at(places, index * 2, 2)?)
                    }
                };
                let outline = outlines.get(place(glyph)?..place(glyph + 1)?)?;
                // No contours is no outline.
                Some(if outline.starts_with(&[0, 0]) { &[] } else { outline })
            }
            Outlines::Compact(index) => {
                let program = index.get(glyph)?;
                Some(if paints_nothing(program) { &[] } else { program })
            }
        }
    }
}

/// Whether the glyph of a character paints nothing; `None` where the program has no glyph for it, or its
/// outlines are not known.
pub(in crate::parse) fn is_blank(bytes: &[u8], character: char) -> Option<bool> {
    let face = RawFace::parse(bytes, 0).ok()?;
    let program = Program::shapes_of_face(bytes, &face);
    let code = u32::from(character);
    let by_code = || program.of_code(u8::try_from(code).ok()?);
    let glyph = program.of_character(code).or_else(by_code).filter(|glyph| *glyph != 0)?;
    let outline = program.outline(glyph)?;
    let has_area = || match program.outlines {
        Outlines::TrueType { .. } => {
            let corner = |number: usize| outline.get(2 + 2 * number..4 + 2 * number);
            corner(0) != corner(2) && corner(1) != corner(3)
        }
        Outlines::Compact(_) | Outlines::Unknown => true,
    };
    Some(outline.is_empty() || !has_area())
}

/// A table of a program; subset programs do not always sort theirs.
fn table_of<'f>(bytes: &'f [u8], face: &RawFace<'f>, name: &[u8; 4]) -> Option<&'f [u8]> {
    let tag = Tag::from_bytes(name);
    let record = face.table_records.into_iter().find(|record| record.tag == tag)?;
    let start = usize::try_from(record.offset).ok()?;
    bytes.get(start..start.checked_add(usize::try_from(record.length).ok()?)?)
}

fn number_at(bytes: &[u8], start: usize, count: usize) -> Option<usize> {
    let digits = bytes.get(start..start.checked_add(count)?)?;
    Some(digits.iter().fold(0_usize, |number, byte| number << 8 | usize::from(*byte)))
}

/// Names by glyph number, from a table of version 2.
fn post_names(table: &[u8]) -> Vec<Option<&str>> {
    // The library looks a name up by counting through all before it; they are numbered here once.
    let Some(post) = post::Table::parse(table) else { return Vec::new() };
    if number_at(table, 0, 4) != Some(0x0002_0000) {
        return Vec::new();
    }
    let own: Vec<&str> = post.names().take(NAMES_MAX).collect();
    let count = number_at(table, 32, 2).unwrap_or(0).min(NAMES_MAX);
    let standard = STANDARD_NAMES_COUNT;
    (0..count)
        .map(|glyph| {
            let index = number_at(table, 34 + 2 * glyph, 2)?;
            match index.checked_sub(standard) {
                Some(own_index) => own.get(own_index).copied(),
                None => post.glyph_name(GlyphId(u16::try_from(glyph).ok()?)),
            }
        })
        .collect()
}

/// Names that every such table begins with.
const STANDARD_NAMES_COUNT: usize = 258;

/// The glyph programs of a compact font: behind the header, the names and the dictionary that tells
/// where they are.
fn char_strings(bytes: &[u8]) -> Option<Index<'_>> {
    let (_, after_names) = index_at(bytes, number_at(bytes, 2, 1)?)?;
    let (dictionaries, _) = index_at(bytes, after_names)?;
    let start = char_strings_offset(dictionaries.get(0)?)?;
    index_at(bytes, start).map(|(index, _)| index)
}

fn index_at(bytes: &[u8], start: usize) -> Option<(Index<'_>, usize)> {
    let count = number_at(bytes, start, 2)?;
    if count == 0 {
        return Some((Index { count, offset_bytes: 1, offsets: &[], data: &[] }, start + 2));
    }
    let offset_bytes = number_at(bytes, start + 2, 1).filter(|size| (1..=4).contains(size))?;
    let data_start = start + 3 + (count + 1) * offset_bytes;
    let offsets = bytes.get(start + 3..data_start)?;
    let index = Index { count, offset_bytes, offsets, data: bytes.get(data_start..)? };
    let end = data_start.checked_add(index.offset(count)?.checked_sub(1)?)?;
    Some((index, end))
}

impl<'f> Index<'f> {
    fn offset(&self, number: usize) -> Option<usize> {
        number_at(self.offsets, number * self.offset_bytes, self.offset_bytes)
    }

    fn get(&self, number: usize) -> Option<&'f [u8]> {
        if number >= self.count {
            return None;
        }
        let start = self.offset(number)?.checked_sub(1)?;
        self.data.get(start..self.offset(number + 1)?.checked_sub(1)?)
    }
}

/// Operator 17 of the dictionary; operands come before their operator.
fn char_strings_offset(dictionary: &[u8]) -> Option<usize> {
    let mut at = 0;
    let mut operand = None;
    while let Some(byte) = dictionary.get(at).filter(|_| at < DICTIONARY_BYTES_MAX) {
        let (length, value) = match byte {
            17 => return operand,
            12 => (2, None),
            28 => (3, number_at(dictionary, at + 1, 2)),
            29 => (5, number_at(dictionary, at + 1, 4)),
            30 => {
                let digits = dictionary.get(at + 1..)?;
                let last =
                    digits.iter().position(|pair| pair & 0x0f == 0x0f || pair >> 4 == 0x0f)?;
                (last + 2, None)
            }
            32..=246 => (1, usize::from(*byte).checked_sub(139)),
            247..=250 => {
                let low = number_at(dictionary, at + 1, 1)?;
                (2, Some((usize::from(*byte) - 247) * 256 + low + 108))
            }
            251..=254 => (2, None),
            _ => (1, None),
        };
        operand = value;
        at += length;
    }
    None
}

/// Whether a glyph program is nothing but numbers and its end: hints, lines and calls have bytes of
/// their own.
fn paints_nothing(program: &[u8]) -> bool {
    let mut at = 0;
    while let Some(byte) = program.get(at) {
        if at > NUMBERS_BYTES_MAX {
            return false;
        }
        at += match byte {
            14 => return true,
            28 => 3,
            32..=246 => 1,
            247..=254 => 2,
            255 => 5,
            _ => return false,
        };
    }
    true
}
