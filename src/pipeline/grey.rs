//! Findings → the passages of a document that are in doubt, as a slower judge reads them.
//!
//! A passage is the doubtful words with what stands around them in their block, without what the verdict cuts
//! out anyway. Where a rule matched what it had decoded, the judge reads what was decoded.
//!
//! Lets through on purpose: grey findings on a whole document, which have no words to read, and those past
//! `JUDGE_PASSAGES_MAX`. They stay as the rules have them. Secrets and personal data are never in doubt: what they
//! mean hangs on no wording, and no judge is to read them for it.

use unicode_normalization::is_nfkc;

use crate::detect;
use crate::domain::document::{Document, Span};
use crate::domain::finding::{Finding, is_undrawable};
use crate::domain::grey::{GreyPassage, GreyZone, Probability};
use crate::domain::limits::{JUDGE_AROUND_BYTES_MAX, JUDGE_PASSAGES_MAX, JUDGE_WORDS_BYTES_MAX};
use crate::domain::redact::Removal;

/// Rules that are about what words say, which a judge understands better than they do. What the others find
/// (hiding, encoding, repetition, structure) is true whatever a judge makes of the words.
const ABOUT_WORDS: [&str; 7] = [
    "credential-bait",
    "delayed-trigger",
    "fake-context",
    "injected-instruction",
    "instruction-override",
    "role-marker",
    "tool-bait",
];

/// A word of plain text that is longer is no word.
const WORD_BYTES_MAX: usize = 60;

/// The passages of a document that judges are asked about, worst first. `cut` is what the verdict takes out of
/// the document whatever they say.
pub(super) fn passages(
    document: &Document,
    findings: &[Finding],
    zone: &GreyZone,
    cut: &[Removal],
) -> Vec<GreyPassage> {
    let in_doubt = findings.iter().filter(|finding| is_grey(finding, zone));
    let mut passages: Vec<GreyPassage> =
        in_doubt.filter_map(|finding| passage(document, finding, cut)).collect();
    passages.sort_by(|one, two| two.risk.value().total_cmp(&one.risk.value()));
    let mut kept: Vec<GreyPassage> = Vec::new();
    for passage in passages {
        if kept.len() < JUDGE_PASSAGES_MAX && kept.iter().all(|one| one.text != passage.text) {
            kept.push(passage);
        }
    }
    kept
}

/// Whether a finding is in doubt: the linear model says so of its own, of others their score does.
pub(super) fn is_grey(finding: &Finding, zone: &GreyZone) -> bool {
    let in_zone = || Probability::new(finding.score()).is_some_and(|risk| zone.holds(risk));
    finding.sensitive.is_none() && detect::model_doubts(finding).unwrap_or_else(in_zone)
}

/// Whether a judge's word can make this finding milder: in doubt, about words, in sight of a person.
pub(super) fn is_open(finding: &Finding, zone: &GreyZone) -> bool {
    is_grey(finding, zone)
        && finding.visibility.is_shown()
        && ABOUT_WORDS.contains(&finding.rule.as_ref())
}

/// The passage of one finding; none where it has no place.
pub(super) fn passage(
    document: &Document,
    finding: &Finding,
    cut: &[Removal],
) -> Option<GreyPassage> {
    let (first, last) = (*finding.spans.first()?, *finding.spans.last()?);
    let risk = Probability::new(finding.score())?;
    let meets = |one: &Removal| finding.spans.iter().any(|span| overlap(&one.span(), span));
    let is_cut = cut.iter().any(meets);
    let as_written = is_as_written(document, finding, first);
    if !as_written && is_cut {
        return None;
    }
    if !as_written {
        let (spans, text) = (finding.spans.clone(), finding.evidence.raw().to_owned());
        return Some(GreyPassage { spans, text, risk, is_plain: false });
    }
    let words: Vec<String> =
        finding.spans.iter().map(|span| without(document, *span, cut)).collect();
    let is_gone = |word: &String| cut.iter().any(|one| word.trim() == one.mark().trim());
    if words.iter().all(is_gone) {
        return None;
    }
    let before = Span { start: start_before(document, first), end: first.start, ..first };
    let after = Span { start: last.end, end: end_after(document, last), ..last };
    let said = words.join("\n");
    let end = floor(&said, JUDGE_WORDS_BYTES_MAX);
    let is_plain = end == said.len() && !is_cut && is_plain(&said);
    let said = said.get(..end).unwrap_or_default();
    let around = |span: Span| without(document, span, cut);
    let text = format!("{}{said}{}", around(before), around(after));
    let mut spans = finding.spans.clone();
    if let Some(span) = spans.first_mut() {
        span.start = before.start;
    }
    if let Some(span) = spans.last_mut() {
        span.end = after.end;
    }
    Some(GreyPassage { spans, text, risk, is_plain })
}

/// Whether the evidence is what stands there, and not what a rule made of it.
fn is_as_written(document: &Document, finding: &Finding, first: Span) -> bool {
    let (word, evidence) = (document.text_of(first), finding.evidence.raw());
    !word.is_empty() && (evidence.starts_with(word) || word.starts_with(evidence))
}

pub(super) const fn overlap(one: &Span, two: &Span) -> bool {
    one.block.0 == two.block.0 && one.start < two.end && two.start < one.end
}

/// The text of a span without what is cut out of the document: as redaction leaves it.
fn without(document: &Document, span: Span, cut: &[Removal]) -> String {
    let mut cut: Vec<(Span, &str)> = cut
        .iter()
        .filter(|one| overlap(&one.span(), &span))
        .map(|one| (one.span(), one.mark()))
        .collect();
    cut.sort_by_key(|(one, mark)| (one.start, one.end, *mark));
    let mut kept = String::new();
    let mut start = span.start;
    for (one, mark) in cut {
        if one.end <= start {
            continue;
        }
        if one.start > start || kept.is_empty() {
            kept.push_str(document.text_of(Span { start, end: one.start.max(start), ..span }));
            kept.push_str(mark);
        }
        start = one.end.min(span.end);
    }
    kept.push_str(document.text_of(Span { start, ..span }));
    kept
}

fn start_before(document: &Document, span: Span) -> u32 {
    let text = document.block(span.block).map_or("", |block| block.text.as_str());
    let Ok(start) = usize::try_from(span.start) else { return span.start };
    let mut from = start.saturating_sub(JUDGE_AROUND_BYTES_MAX).min(text.len());
    while !text.is_char_boundary(from) {
        from += 1;
    }
    u32::try_from(from.min(start)).unwrap_or(span.start)
}

fn end_after(document: &Document, span: Span) -> u32 {
    let text = document.block(span.block).map_or("", |block| block.text.as_str());
    let Ok(end) = usize::try_from(span.end) else { return span.end };
    let to = floor(text, end.saturating_add(JUDGE_AROUND_BYTES_MAX));
    u32::try_from(to.max(end)).unwrap_or(span.end)
}

fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Whether a judge reads these words as a person does: nothing invisible, no look-alike letters, no figures
/// inside words, nothing spelled letter by letter, no long runs that could be a code.
fn is_plain(text: &str) -> bool {
    !text.chars().any(|ch| is_undrawable(ch) && !matches!(ch, '\n' | '\t' | '\r'))
        && is_nfkc(text)
        && text.split_whitespace().all(is_plain_word)
        && !is_spelled_out(text)
}

fn is_plain_word(word: &str) -> bool {
    let has_latin = word.chars().any(|ch| ch.is_ascii_alphabetic());
    let has_alike =
        word.chars().any(|ch| matches!(ch, '\u{370}'..='\u{58F}' | '\u{13A0}'..='\u{13FF}'));
    let chars: Vec<char> = word.chars().collect();
    let figure_inside = chars.windows(2).any(|pair| match pair {
        [one, two] => {
            (one.is_alphabetic() && two.is_numeric()) || (one.is_numeric() && two.is_alphabetic())
        }
        _ => false,
    });
    let is_long = word.len() > WORD_BYTES_MAX && word.is_ascii();
    let is_odd = (has_latin && has_alike) || figure_inside || is_long;
    !is_odd
}

/// Four letters in a row that each stand alone.
fn is_spelled_out(text: &str) -> bool {
    let mut alone = 0;
    for word in text.split(|ch: char| !ch.is_alphanumeric()).filter(|word| !word.is_empty()) {
        alone = if word.chars().nth(1).is_none() { alone + 1 } else { 0 };
        if alone >= 4 && word.is_ascii() {
            return true;
        }
    }
    false
}

#[cfg(test)]
#[path = "grey_tests.rs"]
pub(super) mod tests;
