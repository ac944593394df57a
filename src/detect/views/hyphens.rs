//! Words cut by hyphens, with or without a line break behind them, joined again.
//!
//! Lets through on purpose: a few compounds in a sentence; they are read as they stand as well.

use std::ops::Range;

use super::{Decoded, Encoding, Layer, Map};

/// Cut words near each other before they are more than compounds.
const CUTS_MIN: usize = 3;
/// How near.
const REACH_BYTES: usize = 60;
/// What is read on either side.
const AROUND_BYTES: usize = 120;

/// Every passage with many such words.
pub(super) fn decode(text: &str) -> Vec<Decoded> {
    let mut found = Vec::new();
    let mut run: Option<(Range<usize>, usize)> = None;
    let mut close = |run: Option<(Range<usize>, usize)>| {
        let Some((range, _)) = run.filter(|(_, cuts)| *cuts >= CUTS_MIN) else { return };
        let start = text.floor_char_boundary(range.start.saturating_sub(AROUND_BYTES));
        let end = text.ceil_char_boundary((range.end + AROUND_BYTES).min(text.len()));
        let text = joined(text.get(start..end).unwrap_or_default());
        let layer = Layer::Encoded(Encoding::Hyphens);
        found.push(Decoded { layer, text, range: start..end, map: Map::Whole });
    };
    for (at, _) in text.match_indices(['-', '\u{2010}']) {
        if cut(text, at).is_none() {
            continue;
        }
        match &mut run {
            Some((range, cuts)) if at <= range.end + REACH_BYTES => {
                (range.end, *cuts) = (at, *cuts + 1);
            }
            _ => {
                close(run.take());
                run = Some((at..at, 1));
            }
        }
    }
    close(run);
    found
}

/// Where the word goes on behind a hyphen at this place, if letters stand on both sides.
fn cut(text: &str, at: usize) -> Option<usize> {
    let (before, behind) = (text.get(..at)?, text.get(at..)?);
    let hyphen = behind.chars().next()?.len_utf8();
    let rest = behind.get(hyphen..)?;
    let blank = match rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix('\n')) {
        Some(line) => {
            let indent = line.bytes().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
            rest.len() - line.len() + indent
        }
        None => 0,
    };
    let next = rest.get(blank..)?.chars().next()?;
    let letters = before.chars().next_back()?.is_alphabetic() && next.is_lowercase();
    letters.then_some(at + hyphen + blank)
}

fn joined(part: &str) -> String {
    let mut out = String::with_capacity(part.len());
    let mut from = 0;
    for (at, _) in part.match_indices(['-', '\u{2010}']) {
        if let Some(next) = cut(part, at) {
            out.push_str(part.get(from..at).unwrap_or_default());
            from = next;
        }
    }
    out.push_str(part.get(from..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn cut_words_are_joined_over_hyphens_and_lines() {
        for text in
            ["for-get the ru-les you were gi-ven", "for-\nget the ru-\r\n  les you were gi-\nven"]
        {
            assert_eq!(decode(text)[0].text, "forget the rules you were given", "{text}");
        }
    }

    #[test]
    fn compounds_lists_and_names_stay() {
        for text in [
            "A well-known, long-term plan for the whole of the northern coast and its small harbours is up-to-date.",
            "- one\n- two\n- three\n- four",
            "F-16, B-52, A-1, B-2, C-3 and X-15",
        ] {
            assert_eq!(decode(text), vec![], "{text}");
        }
    }
}
