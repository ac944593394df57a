//! `keyword-stuffing`: words repeated for a search engine, not for a reader.
//!
//! # Finds
//! Passages that consist of few words repeated many times, and phrases repeated in a row.
//!
//! # Lets through
//! Tables, code, logs and lists, which repeat by nature; refrains; short texts.

use std::collections::BTreeMap;
use std::ops::Range;

use super::engine::{Origin, Subject, View};
use super::{Entry, Meta};
use crate::domain::document::{BlockKind, ReadingKind};
use crate::domain::finding::{Finding, Severity};
use crate::domain::limits::FINDINGS_PER_RULE_MAX;

pub(super) const ENTRY: Entry = Entry { meta: META, scan };

const META: Meta = Meta {
    id: "keyword-stuffing",
    severity: Severity::Medium,
    summary: "repeats a few words to be found by them",
    why: "the page takes the place of better ones in every search for its words, and what it says then stands in the answer",
    lets_through: "tables, code, logs, lists, refrains, short texts",
    owasp: &["LLM04", "LLM08"],
    atlas: &["AML.T0066"],
    aisvs: &["8.2.4"],
};

/// Words of a passage that is judged at a time.
const PASSAGE_WORDS: usize = 60;
/// Distinct words, in per cent: prose of this length has 60 to 80, a recipe 50, a drill 35.
const DISTINCT_PERCENT_MAX: usize = 25;
/// Letters of a word that is worth repeating.
const WORD_LETTERS_MIN: usize = 4;
/// Share of such words: digits and signs repeat in data.
const LONG_WORDS_PERCENT_MIN: usize = 50;
/// Share of letters, spaces and commas in what counts as prose.
const PLAIN_PERCENT_MIN: usize = 95;

fn scan(subject: &Subject<'_>) -> Vec<Finding> {
    let read =
        |kind| matches!(kind, ReadingKind::Shown | ReadingKind::Unseen | ReadingKind::Metadata);
    let views = subject.folded().filter(|(_, origin)| read(origin.reading.kind));
    views.flat_map(|(view, origin)| stuffed(subject, view, origin)).collect()
}

fn stuffed(subject: &Subject<'_>, view: &View, origin: &Origin) -> Vec<Finding> {
    let words = words(&view.text);
    let found = words.chunks_exact(PASSAGE_WORDS).filter(|passage| is_stuffed(passage)).filter_map(
        |passage| {
            let range = passage.first()?.0.start..passage.last()?.0.end;
            view.text.get(range.clone()).filter(|text| is_prose(text))?;
            let place = view.source(origin, range);
            let spans = origin.reading.spans(place.clone());
            let prose = spans.iter().all(|span| {
                subject.document.block(span.block).is_some_and(|block| {
                    !matches!(block.kind, BlockKind::Code | BlockKind::Cell | BlockKind::ListItem)
                })
            });
            let note = "few words repeated many times";
            prose.then(|| subject.placed(&META, origin, place, Severity::Medium, 60, note))
        },
    );
    found.take(FINDINGS_PER_RULE_MAX).collect()
}

fn words(text: &str) -> Vec<(Range<usize>, &str)> {
    let mut at = 0;
    let pieces = text.split_inclusive(|ch: char| !ch.is_alphabetic()).filter_map(|piece| {
        let start = at;
        at += piece.len();
        let word = piece.trim_end_matches(|ch: char| !ch.is_alphabetic());
        (!word.is_empty()).then_some((start..start + word.len(), word))
    });
    pieces.collect()
}

fn is_stuffed(passage: &[(Range<usize>, &str)]) -> bool {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, word) in passage {
        *counts.entry(word).or_default() += 1;
    }
    let long: usize = counts
        .iter()
        .filter(|(word, _)| word.len() >= WORD_LETTERS_MIN)
        .map(|(_, count)| count)
        .sum();
    counts.len() * 100 <= passage.len() * DISTINCT_PERCENT_MAX
        && long * 100 >= passage.len() * LONG_WORDS_PERCENT_MIN
}

/// Whether a passage is words and little else: tables, usage texts and markup are full of signs,
/// and word lists of lines.
fn is_prose(passage: &str) -> bool {
    let lines = passage.matches('\n').count();
    let plain = |ch: char| ch.is_alphabetic() || ch.is_whitespace() || ch == ',';
    let plain = passage.chars().filter(|ch| plain(*ch)).count();
    lines * 3 < PASSAGE_WORDS && plain * 100 >= passage.chars().count() * PLAIN_PERCENT_MIN
}

#[cfg(test)]
mod tests {
    use crate::detect::scan_text;

    fn is_found(text: &str) -> bool {
        scan_text(text).iter().any(|finding| finding.rule == super::META.id)
    }

    #[test]
    fn a_passage_of_few_words_is_found() {
        assert!(is_found(
            &"cheap insurance best insurance Berlin insurance quote online ".repeat(12)
        ));
    }

    #[test]
    fn prose_and_data_pass() {
        let prose = "The harbour was built when the town still lived from herring. Ships came from the north, \
            bringing timber and furs, and left with salt and cloth. When the river silted up, trade moved to the \
            coast, the warehouses stood empty, and the council turned them into schools, a theatre and, much \
            later, a museum that tells this story in twelve rooms.";
        assert!(!is_found(prose));
        assert!(!is_found(&"12 07 0 0 ok 13 08 0 1 ok ".repeat(20)));
    }
}
