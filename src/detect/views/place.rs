//! The way back from folded text that was won from a range of other text.

use std::ops::Range;

use super::Offsets;

/// How the bytes of a decoded text lie in the range it was won from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::detect) enum Map {
    /// Any part of it stands for the whole range: a token is read or it is not.
    Whole,
    /// Byte for byte: letters were exchanged.
    Same,
    /// Byte for byte, from behind.
    Mirrored,
}

/// The map of one view.
#[derive(Debug, Clone)]
pub(in crate::detect) struct Place {
    /// From the folded text to what was folded.
    offsets: Offsets,
    /// Where in the reading what was folded lies.
    range: Range<usize>,
    map: Map,
}

impl Place {
    /// Of a reading that was folded as a whole.
    pub(in crate::detect) const fn of_reading(offsets: Offsets, bytes: usize) -> Self {
        Self { offsets, range: 0..bytes, map: Map::Same }
    }

    /// Of a decoded text that was folded.
    pub(in crate::detect) const fn of_decoded(
        offsets: Offsets,
        range: Range<usize>,
        map: Map,
    ) -> Self {
        Self { offsets, range, map }
    }

    /// The bytes of the reading that a range of the view was made from.
    pub(in crate::detect) fn range(&self, source: &str, range: Range<usize>) -> Range<usize> {
        let whole = || self.range.clone();
        let Some(part) = source.get(self.range.clone()).filter(|_| !range.is_empty()) else {
            return whole();
        };
        let found = match self.map {
            Map::Whole => return whole(),
            Map::Same => self.offsets.raw(range),
            Map::Mirrored => {
                let Range { start, end } = self.offsets.raw(range);
                part.len().saturating_sub(end)..part.len().saturating_sub(start)
            }
        };
        let start = part.floor_char_boundary(found.start);
        let end = part.ceil_char_boundary(found.end.min(part.len()));
        self.range.start + start..self.range.start + end.max(start)
    }
}

#[cfg(test)]
mod tests {
    use super::{Map, Place};
    use crate::detect::views::fold;

    fn back<'a>(source: &'a str, range: std::ops::Range<usize>, map: Map, word: &str) -> &'a str {
        let part = source.get(range.clone()).expect("a range of the source");
        let decoded: String = match map {
            Map::Mirrored => part.chars().rev().collect(),
            Map::Same | Map::Whole => part.to_owned(),
        };
        let (view, offsets) = fold(&decoded);
        let at = view.find(word).expect("the view holds the word");
        let place = Place::of_decoded(offsets, range, map);
        source.get(place.range(source, at..at + word.len())).unwrap_or_default()
    }

    #[test]
    fn a_word_leads_back_to_its_letters_in_either_direction() {
        assert_eq!(back("é SELUR  eht é", 3..14, Map::Mirrored, "rules"), "SELUR");
        assert_eq!(back("é the  RÜLES é", 3..14, Map::Same, "rules"), "RÜLES");
        assert_eq!(back("é selür  eht é", 3..14, Map::Mirrored, "rules"), "selür");
        assert_eq!(back("x token y", 2..7, Map::Whole, "oke"), "token");
    }
}
