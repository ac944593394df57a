//! Advance widths of glyphs, in thousandths of the font's size.
//!
//! The fourteen standard fonts may come without widths; theirs are known for ASCII and guessed by
//! family for the rest, which is enough to tell a gap from a space.

use lopdf::{Dictionary, Document, Object};

use super::cmap::GlyphText;
use super::objects::{get_array, get_dict, get_integer, get_number, number, numbers_of, resolved};
use crate::domain::limits::PDF_FONT_ENTRIES_MAX;

/// Space to tilde of the sans serif family (Helvetica's published metrics).
const SANS: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667,
    611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
    667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500,
    222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];
/// The same of the serif family (Times' published metrics).
const SERIF: [u16; 95] = [
    250, 333, 408, 500, 500, 833, 778, 180, 333, 333, 500, 564, 250, 333, 250, 278, 500, 500, 500,
    500, 500, 500, 500, 500, 500, 500, 278, 278, 564, 564, 564, 444, 921, 722, 667, 667, 722, 611,
    556, 722, 722, 333, 389, 722, 611, 889, 722, 722, 556, 722, 667, 556, 611, 722, 722, 944, 722,
    722, 611, 333, 278, 333, 469, 500, 333, 444, 500, 444, 500, 444, 333, 500, 500, 278, 278, 500,
    278, 778, 500, 500, 500, 500, 333, 389, 278, 500, 500, 722, 500, 500, 444, 480, 200, 480, 541,
];

#[derive(Debug)]
pub(super) enum Widths {
    /// Of the font dictionary: the first code, widths from there, and the width of all others.
    Listed { first: u32, widths: Vec<f32>, missing: f32 },
    /// Of a composite font: ranges of glyph numbers, sorted.
    Ranged { ranges: Vec<(u32, u32, f32)>, default: f32 },
    /// A standard font without widths.
    Standard(Family),
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Family {
    Sans,
    Serif,
    Fixed,
}

impl Widths {
    pub(super) fn of_simple(document: &Document, font: &Dictionary, base_font: &str) -> Self {
        let Some(list) = get_array(document, font, b"Widths") else {
            return Self::Standard(Family::of(base_font));
        };
        let first = get_integer(document, font, b"FirstChar");
        let missing = get_dict(document, font, b"FontDescriptor")
            .and_then(|descriptor| get_number(document, descriptor, b"MissingWidth"));
        Self::Listed {
            first: first.and_then(|first| u32::try_from(first).ok()).unwrap_or(0),
            widths: numbers_of(document, list, 256),
            missing: missing.unwrap_or(0.0),
        }
    }

    pub(super) fn of_composite(document: &Document, descendant: &Dictionary) -> Self {
        let default = get_number(document, descendant, b"DW").unwrap_or(1000.0);
        let list = get_array(document, descendant, b"W");
        let mut ranges = list.map(|list| ranges_of(document, list)).unwrap_or_default();
        ranges.sort_by_key(|(low, ..)| *low);
        Self::Ranged { ranges, default }
    }

    /// The width of a code (simple fonts) or glyph number (composite fonts).
    pub(super) fn of(&self, code: u32, text: Option<&GlyphText>) -> f32 {
        match self {
            Self::Listed { first, widths, missing } => code
                .checked_sub(*first)
                .and_then(|index| widths.get(usize::try_from(index).ok()?))
                .copied()
                .unwrap_or(*missing),
            Self::Ranged { ranges, default } => {
                let end = ranges.partition_point(|(low, ..)| *low <= code);
                end.checked_sub(1)
                    .and_then(|index| ranges.get(index))
                    .filter(|(_, high, _)| code <= *high)
                    .map_or(*default, |(.., width)| *width)
            }
            Self::Standard(family) => family.width(text),
        }
    }
}

impl Family {
    fn of(base_font: &str) -> Self {
        if ["Courier", "Mono", "Consol"].iter().any(|name| base_font.contains(name)) {
            Self::Fixed
        } else if ["Times", "Serif", "Roman", "Georgia"].iter().any(|name| base_font.contains(name))
        {
            Self::Serif
        } else {
            Self::Sans
        }
    }

    fn width(self, text: Option<&GlyphText>) -> f32 {
        let (table, usual) = match self {
            Self::Fixed => return 600.0,
            Self::Sans => (&SANS, 556.0),
            Self::Serif => (&SERIF, 500.0),
        };
        match text {
            Some(GlyphText::One(ch)) => u32::from(*ch)
                .checked_sub(32)
                .and_then(|index| table.get(usize::try_from(index).ok()?))
                .map_or(usual, |width| f32::from(*width)),
            _ => usual,
        }
    }
}

/// The width of a letter of the sans serif family, as a part of its size.
pub(super) fn sans_width(ch: char) -> f32 {
    Family::Sans.width(Some(&GlyphText::One(ch))) / 1000.0
}

/// `c [w1 w2 …]` and `c1 c2 w` in any mixture.
fn ranges_of(document: &Document, list: &[Object]) -> Vec<(u32, u32, f32)> {
    let mut ranges = Vec::new();
    let mut pending: Vec<u32> = Vec::with_capacity(2);
    for object in list.iter().take(2 * PDF_FONT_ENTRIES_MAX) {
        if ranges.len() >= PDF_FONT_ENTRIES_MAX {
            break;
        }
        match (resolved(document, object), pending.as_slice()) {
            (Some(Object::Array(widths)), [first]) => {
                let room = PDF_FONT_ENTRIES_MAX - ranges.len();
                let widths = numbers_of(document, widths, room);
                ranges.extend((*first..).zip(widths).map(|(glyph, width)| (glyph, glyph, width)));
                pending.clear();
            }
            (Some(object), [low, high]) => {
                ranges.extend(number(object).map(|width| (*low, *high, width)));
                pending.clear();
            }
            (Some(object), _) => {
                pending.extend(object.as_i64().ok().and_then(|code| u32::try_from(code).ok()));
            }
            (None, _) => pending.clear(),
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use lopdf::dictionary;

    use super::*;

    #[test]
    fn both_forms_of_composite_widths_are_read() {
        let list: Vec<Object> = vec![
            3.into(),
            Object::Array(vec![250.into(), 333.into()]),
            10.into(),
            20.into(),
            600.into(),
        ];
        let font = dictionary! { "W" => list, "DW" => 900 };
        let widths = Widths::of_composite(&Document::new(), &font);
        let found = [3, 4, 5, 10, 20, 21].map(|glyph| widths.of(glyph, None));
        assert_eq!(found, [250.0, 333.0, 900.0, 600.0, 600.0, 900.0]);
    }

    #[test]
    fn standard_fonts_have_widths_of_their_own() {
        let widths = Widths::of_simple(&Document::new(), &Dictionary::new(), "Times-Roman");
        assert_eq!(widths.of(0, Some(&GlyphText::One('i'))), 278.0);
        assert_eq!(widths.of(0, Some(&GlyphText::One('~'))), 541.0);
    }
}
