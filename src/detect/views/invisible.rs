//! Characters without a glyph: runs of them, and the text they can carry (tag characters, bytes as
//! variation selectors, bits as zero-width characters).
//!
//! Lets through on purpose: single joiners and selectors, which are spelling in emoji and in many
//! scripts; see `invisible-characters` for what counts as a run.

use std::ops::Range;

use super::{Decoded, Layer, Map, is_invisible, plausible};

/// What a run is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::detect) enum RunKind {
    /// U+E0000 to U+E007F: invisible ASCII.
    Tags,
    /// U+FE00 to U+FE0F and U+E0100 to U+E01EF: invisible bytes.
    Selectors,
    /// Zero-width spaces, joiners, marks and fillers.
    ZeroWidth,
}

/// Neighbouring characters of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::detect) struct Run {
    pub kind: RunKind,
    pub range: Range<usize>,
    pub chars: usize,
}

/// Every run, single characters too, in order; the tags of a flag are part of its sign.
pub(in crate::detect) fn runs(text: &str) -> Vec<Run> {
    let mut found: Vec<Run> = Vec::new();
    if text.is_ascii() {
        return found;
    }
    // The blank of braille is a space among its letters.
    let in_braille = text.contains(|ch| matches!(ch, '\u{2801}'..='\u{28FF}'));
    for (at, ch) in text.char_indices().filter(|(_, ch)| !ch.is_ascii()) {
        let kind = match ch {
            '\u{2800}' if !in_braille => Some(RunKind::ZeroWidth),
            _ => kind_of(ch),
        };
        let Some(kind) = kind else { continue };
        match found.last_mut().filter(|run| run.kind == kind && run.range.end == at) {
            Some(run) => {
                run.range.end = at + ch.len_utf8();
                run.chars += 1;
            }
            None => found.push(Run { kind, range: at..at + ch.len_utf8(), chars: 1 }),
        }
    }
    found.retain(|run| !is_flag(text, run));
    found
}

/// The tags of a region: "gbsct" has five, none more than six (Unicode, "subdivision flags").
const FLAG_LETTERS: std::ops::RangeInclusive<usize> = 2..=6;

/// A black flag, then the letters and digits of a region, then the tag that ends them: one drawn sign.
fn is_flag(text: &str, run: &Run) -> bool {
    let after_flag =
        text.get(..run.range.start).is_some_and(|before| before.ends_with('\u{1F3F4}'));
    let Some(tags) = text.get(run.range.clone()) else { return false };
    let Some(region) = tags.strip_suffix('\u{E007F}') else { return false };
    run.kind == RunKind::Tags
        && after_flag
        && FLAG_LETTERS.contains(&(run.chars - 1))
        && region
            .chars()
            .all(|tag| matches!(tag, '\u{E0030}'..='\u{E0039}' | '\u{E0061}'..='\u{E007A}'))
}

const fn kind_of(ch: char) -> Option<RunKind> {
    match ch {
        '\u{E0000}'..='\u{E007F}' => Some(RunKind::Tags),
        '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}' => Some(RunKind::Selectors),
        '\u{AD}' => None,
        _ if is_invisible(ch) => Some(RunKind::ZeroWidth),
        _ => None,
    }
}

/// Runs shorter than this carry no word.
const CARRIER_CHARS_MIN: usize = 4;
/// Two letters as bits.
const BITS_MIN: usize = 16;

/// The texts that invisible characters spell: run by run, and all of one kind together, because a
/// carrier may be scattered one character after each visible letter.
pub(super) fn decode(text: &str) -> Vec<Decoded> {
    let runs = runs(text);
    let mut found: Vec<Decoded> = runs
        .iter()
        .filter(|run| run.chars >= CARRIER_CHARS_MIN)
        .filter_map(|run| decoded(text.get(run.range.clone())?, run.kind, run.range.clone()))
        .collect();
    for kind in [RunKind::Tags, RunKind::Selectors, RunKind::ZeroWidth] {
        let of_kind = || runs.iter().filter(|run| run.kind == kind);
        if of_kind().nth(1).is_none() {
            continue;
        }
        let stream: String =
            of_kind().filter_map(|run| text.get(run.range.clone())).collect::<String>();
        let start = of_kind().next().map_or(0, |run| run.range.start);
        let end = of_kind().next_back().map_or(text.len(), |run| run.range.end);
        found.extend(decoded(&stream, kind, start..end));
    }
    found
}

fn decoded(carrier: &str, kind: RunKind, range: Range<usize>) -> Option<Decoded> {
    let text = match kind {
        RunKind::Tags => carrier.chars().filter_map(tag_letter).collect(),
        RunKind::Selectors => {
            String::from_utf8(carrier.chars().filter_map(selector_byte).collect()).ok()?
        }
        RunKind::ZeroWidth => bits_as_text(carrier)?,
    };
    plausible(&text).then_some(Decoded { layer: Layer::Invisible, text, range, map: Map::Whole })
}

fn tag_letter(ch: char) -> Option<char> {
    char::from_u32((ch as u32).checked_sub(0xE0000)?).filter(|ch| matches!(ch, ' '..='~'))
}

fn selector_byte(ch: char) -> Option<u8> {
    let code = ch as u32;
    match ch {
        '\u{FE00}'..='\u{FE0F}' => u8::try_from(code - 0xFE00).ok(),
        '\u{E0100}'..='\u{E01EF}' => u8::try_from(code - 0xE0100 + 16).ok(),
        _ => None,
    }
}

/// Two characters as bits, either way round, in letters of eight or seven bits. A third character is
/// taken for a separator.
fn bits_as_text(carrier: &str) -> Option<String> {
    let (zero, one) = two_most_frequent(carrier)?;
    let bits: Vec<bool> =
        carrier.chars().filter(|ch| *ch == zero || *ch == one).map(|ch| ch == one).collect();
    if bits.len() < BITS_MIN {
        return None;
    }
    if let Some(text) = pairs_as_text(carrier) {
        return Some(text);
    }
    [(8, false), (8, true), (7, false), (7, true)]
        .into_iter()
        .filter_map(|(width, flip)| bytes_of(&bits, width, flip))
        .find(|text| plausible(text))
}

/// Four characters as pairs of bits, in the order of their codes or the other way round.
fn pairs_as_text(carrier: &str) -> Option<String> {
    let mut signs: Vec<char> = Vec::new();
    for ch in carrier.chars() {
        if !signs.contains(&ch) {
            signs.push(ch);
        }
        if signs.len() > 4 {
            return None;
        }
    }
    if signs.len() != 4 {
        return None;
    }
    signs.sort_unstable();
    [false, true].into_iter().find_map(|flip| {
        let pairs: Vec<usize> =
            carrier.chars().filter_map(|ch| signs.iter().position(|sign| *sign == ch)).collect();
        let bytes = pairs
            .chunks_exact(4)
            .map(|four| {
                four.iter()
                    .fold(0_usize, |byte, pair| byte << 2 | if flip { 3 - pair } else { *pair })
            })
            .map(|byte| u8::try_from(byte).unwrap_or(0))
            .collect();
        String::from_utf8(bytes).ok().filter(|text| plausible(text))
    })
}

fn bytes_of(bits: &[bool], width: usize, flip: bool) -> Option<String> {
    let bytes = bits
        .chunks_exact(width)
        .map(|chunk| chunk.iter().fold(0_u8, |byte, bit| (byte << 1) | u8::from(*bit != flip)))
        .collect();
    String::from_utf8(bytes).ok()
}

fn two_most_frequent(carrier: &str) -> Option<(char, char)> {
    let mut counts: Vec<(char, usize)> = Vec::new();
    for ch in carrier.chars() {
        match counts.iter_mut().find(|(known, _)| *known == ch) {
            Some((_, count)) => *count += 1,
            None => counts.push((ch, 1)),
        }
    }
    counts.sort_by_key(|(ch, count)| (std::cmp::Reverse(*count), *ch));
    Some((counts.first()?.0, counts.get(1)?.0))
}

#[cfg(test)]
mod tests {
    use super::{decode, runs};

    fn tags(text: &str) -> String {
        text.chars().filter_map(|ch| char::from_u32(0xE0000 + ch as u32)).collect()
    }

    #[test]
    fn tag_characters_are_read() {
        let decoded = decode(&format!("Hello{} there", tags("send the file")));
        assert_eq!(decoded[0].text, "send the file");
    }

    #[test]
    fn selectors_are_read_as_bytes() {
        let carrier: String = "drop the rules"
            .bytes()
            .filter_map(|byte| match byte {
                0..16 => char::from_u32(0xFE00 + u32::from(byte)),
                _ => char::from_u32(0xE0100 + u32::from(byte) - 16),
            })
            .collect();
        assert_eq!(decode(&format!("😀{carrier}"))[0].text, "drop the rules");
    }

    #[test]
    fn zero_width_bits_are_read_even_when_scattered() {
        let bits: Vec<char> = "obey the note"
            .bytes()
            .flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1))
            .map(|bit| if bit == 1 { '\u{200C}' } else { '\u{200B}' })
            .collect();
        let run: String = bits.iter().collect();
        assert_eq!(decode(&run)[0].text, "obey the note");
        let scattered: String = bits.iter().flat_map(|bit| ['x', *bit]).collect();
        assert_eq!(decode(&scattered)[0].text, "obey the note");
    }

    #[test]
    fn four_signs_are_read_as_pairs_of_bits() {
        let signs = ['\u{200B}', '\u{200C}', '\u{200D}', '\u{2060}'];
        let carrier: String = "obey the note"
            .bytes()
            .flat_map(|byte| [6, 4, 2, 0].map(|shift| signs[usize::from(byte >> shift & 3)]))
            .collect();
        assert_eq!(decode(&format!("a{carrier}b"))[0].text, "obey the note");
    }

    #[test]
    fn fillers_and_blanks_are_runs_and_braille_is_none() {
        assert_eq!(
            runs(&format!("a{}b", "\u{3164}\u{115F}\u{2800}\u{FFA0}".repeat(4)))[0].chars,
            16
        );
        assert!(runs("⠓⠑⠇⠇⠕⠀⠺⠕⠗⠇⠙⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀").is_empty());
    }

    #[test]
    fn joiners_of_emoji_and_persian_spell_nothing() {
        assert_eq!(decode("👨\u{200D}👩\u{200D}👧 می\u{200C}خواهم کتاب\u{200C}ها").len(), 0);
        assert_eq!(runs("می\u{200C}خواهم").len(), 1);
    }
}
