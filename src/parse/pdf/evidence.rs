//! Whether a font's glyphs show what its character map says.
//!
//! An extractor takes the map at its word; a person sees the glyph, which the font program knows by
//! name and by its own maps. Where they name clearly different letters for a considerable share, the
//! map is not about what is drawn. Most honest fonts say nothing that could be compared: subsets
//! without names, symbols, glyphs named by number.
//!
//! A glyph shows one letter only: where a map gives several outlines to different letters each, it is not
//! about what is drawn either, although nothing tells what is.
//!
//! Let through on purpose: single letters that differ; a map that changes each letter for another one, in
//! a font that says nothing of its glyphs; legacy fonts of other scripts, whose glyphs
//! have Latin names; letters of one shape in several scripts.

use std::collections::{BTreeMap, BTreeSet};

use unicode_normalization::UnicodeNormalization;

use super::cmap::GlyphText;
use super::sfnt::Program;

/// Letters that must differ.
const OTHERWISE_MIN: usize = 3;
/// Letters that differ from their glyphs' names alone, and are most: fonts are named carelessly.
const MISNAMED_MIN: usize = 6;
/// Part of the letters that can be compared, in per cent.
const OTHERWISE_PERCENT_MIN: usize = 25;
/// So many letters are enough whatever their part: a map may be filled up with honest ones.
const OTHERWISE_ENOUGH: usize = 10;
/// Letters of one outline that tell that it is no letter.
const SAME_OUTLINES_MIN: usize = 8;
/// Outlines that a map gives to different letters each; some fonts draw `I` for `J` and `V` for `U`.
const TORN_OUTLINES_MIN: usize = 4;
/// Part of all outlines of letters, in per cent.
const TORN_PERCENT_MIN: usize = 25;
/// Codes of one font that are looked at.
pub(super) const CODES_MAX: usize = 4_096;

/// What is known of the codes of a font.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    /// What glyphs show, where it is known.
    shows: BTreeMap<u32, char>,
    /// Codes of letters whose glyphs have no outline.
    blank: BTreeSet<u32>,
    /// The character map is about something else than what is drawn.
    pub(super) otherwise: bool,
    /// One outline stands for several letters, so that it cannot be what the map says: all letters have
    /// one, or many outlines have several letters.
    pub(super) uniform: bool,
}

/// A code with its glyph, and what an extractor takes it for.
pub(super) struct Claim {
    pub(super) code: u32,
    pub(super) glyph: Option<u16>,
    pub(super) text: Option<char>,
    /// Whether a map says so, which can be about something else.
    pub(super) mapped: bool,
    /// What the encoding of the font calls it, if it names glyphs.
    pub(super) named: Option<char>,
}

impl Evidence {
    pub(super) fn shown(&self, code: u32) -> Option<GlyphText> {
        self.shows.get(&code).copied().map(super::encoding::spelt)
    }

    pub(super) fn says_something(&self) -> bool {
        !self.shows.is_empty()
    }

    pub(super) fn is_blank(&self, code: u32) -> bool {
        self.blank.contains(&code)
    }

    /// Weighs what a font claims against its program, if it has one that can be read.
    pub(super) fn weighed(
        claims: impl Iterator<Item = Claim>,
        program: Option<&Program<'_>>,
    ) -> Self {
        let mut evidence = Self::default();
        let (mut compared, mut differing, mut misnaming) = (0_usize, 0_usize, 0_usize);
        let mut outlines: BTreeMap<&[u8], BTreeSet<char>> = BTreeMap::new();
        let mut mapped_outlines: BTreeMap<&[u8], BTreeSet<char>> = BTreeMap::new();
        for claim in claims.take(CODES_MAX) {
            let Claim { code, glyph, text, mapped, named } = claim;
            let by_program = glyph.zip(program);
            if let (Some(text), Some((glyph, program))) = (text, by_program)
                && (is_letter(text) || text.is_ascii_graphic())
            {
                match program.outline(glyph) {
                    Some([]) => {
                        evidence.blank.insert(code);
                    }
                    Some(outline) => {
                        outlines.entry(outline).or_default().insert(folded(text));
                        // Letters of several scripts share outlines, those of one do not.
                        if mapped && text.is_ascii_alphabetic() {
                            mapped_outlines.entry(outline).or_default().insert(folded(text));
                        }
                    }
                    None => {}
                }
            }
            let by_map = by_program.and_then(|(glyph, program)| program.mapped(glyph));
            let by_name = by_program.and_then(|(glyph, program)| program.named(glyph));
            let mut said = [named, by_map, by_name];
            said.iter_mut().for_each(|said| *said = said.filter(|ch| is_letter(*ch)));
            let Some(mut shows) = said.into_iter().flatten().next() else { continue };
            if let Some(text) = text.filter(|text| mapped && is_letter(*text)) {
                compared += 1;
                let maps_there = |(glyph, program): (u16, &Program<'_>)| {
                    program.of_character(u32::from(text)) == Some(glyph)
                };
                let agrees = by_program.is_some_and(maps_there)
                    || said.into_iter().flatten().any(|said| !clearly_differ(text, said));
                let [.., by_name] = said;
                let misnamed = by_name.filter(|name| clearly_differ(text, *name));
                match misnamed {
                    // All maps can be made to agree, and the names of glyphs be forgotten.
                    Some(name) if agrees => {
                        misnaming += 1;
                        shows = name;
                    }
                    _ if agrees => continue,
                    _ => differing += 1,
                }
            }
            evidence.shows.insert(code, shows);
        }
        let is_large_part = differing * 100 >= compared * OTHERWISE_PERCENT_MIN;
        let misnames = misnaming >= MISNAMED_MIN && misnaming * 2 > compared;
        evidence.otherwise = differing >= OTHERWISE_ENOUGH
            || (differing >= OTHERWISE_MIN && is_large_part)
            || misnames;
        let torn = mapped_outlines.values().filter(|letters| letters.len() > 1).count();
        let is_torn =
            torn >= TORN_OUTLINES_MIN && torn * 100 >= mapped_outlines.len() * TORN_PERCENT_MIN;
        evidence.uniform = is_torn
            || outlines.len() == 1
                && outlines.values().any(|letters| letters.len() >= SAME_OUTLINES_MIN);
        evidence
    }
}

/// Letters and digits of scripts that are spelt with them, and ideographs.
fn is_letter(ch: char) -> bool {
    ch.is_alphanumeric() && !matches!(ch, '\u{e000}'..='\u{f8ff}')
}

/// Whether two characters are seen as different by whoever reads: not in case, accents or width, and
/// not in code alone.
fn clearly_differ(text: char, shown: char) -> bool {
    let legacy = !is_western(text) && is_western(shown) && shown.is_ascii();
    folded(text) != folded(shown) && !legacy
}

const fn is_western(ch: char) -> bool {
    matches!(ch, '\0'..='\u{24f}')
}

/// A letter without case and accents, and of one code for one shape.
fn folded(ch: char) -> char {
    let base = std::iter::once(ch).nfkd().next().unwrap_or(ch);
    let lower = base.to_lowercase().next().unwrap_or(base);
    match lower {
        // Latin letters and digits of one shape.
        '1' | 'l' | 'ı' | 'ł' | 'і' | 'ι' | 'ӏ' => 'i',
        '0' | 'о' | 'ο' | 'ø' | 'σ' => 'o',
        'а' | 'α' => 'a',
        'в' | 'β' | 'ß' => 'b',
        'с' | 'ς' => 'c',
        'е' | 'ε' => 'e',
        'н' | 'η' => 'h',
        'ј' => 'j',
        'к' | 'κ' => 'k',
        'м' => 'm',
        'п' | 'ν' => 'n',
        'р' | 'ρ' => 'p',
        'ѕ' | 'ſ' => 's',
        'т' | 'τ' => 't',
        'υ' | 'μ' | 'µ' => 'u',
        'х' | 'χ' => 'x',
        'у' | 'γ' => 'y',
        'ζ' => 'z',
        'đ' | 'ð' => 'd',
        'ħ' => 'h',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weighed(pairs: &[(char, char)]) -> Evidence {
        let claims = (0..).zip(pairs).map(|(code, (text, named))| Claim {
            code,
            glyph: None,
            text: Some(*text),
            mapped: true,
            named: Some(*named),
        });
        Evidence::weighed(claims, None)
    }

    #[test]
    fn a_map_that_says_other_letters_than_the_names_is_about_something_else() {
        let found = weighed(&[('a', 'p'), ('b', 'q'), ('c', 'r'), ('d', 'd')]);
        assert!(found.otherwise);
        assert_eq!(found.shown(0), Some(GlyphText::One('p')));
        assert!(!weighed(&[('a', 'p'), ('b', 'b'), ('c', 'c'), ('d', 'd')]).otherwise);
    }

    #[test]
    fn case_accents_and_look_alikes_are_no_difference() {
        let alike =
            [('a', 'A'), ('é', 'e'), ('а', 'a'), ('О', 'O'), ('l', '1'), ('ﬁ', 'f'), ('ς', 'c')];
        assert!(!weighed(&alike).otherwise);
    }

    #[test]
    fn latin_names_in_fonts_of_other_scripts_say_nothing() {
        assert!(!weighed(&[('ж', 'q'), ('щ', 'w'), ('ю', 'k'), ('日', 'v')]).otherwise);
        assert!(weighed(&[('q', 'ж'), ('w', 'щ'), ('k', 'ю'), ('v', 'э')]).otherwise);
    }
}
