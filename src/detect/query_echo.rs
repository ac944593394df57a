//! `query-echo`: a document built to be found by one question and to answer it.
//!
//! # Finds
//! The same question, word for word or nearly, several times in one document, each time or at last
//! followed by a statement; questions of nearly the same words strung together.
//!
//! # Lets through
//! Lists of different questions with their answers, also with a table of contents that repeats each;
//! a title that is a question and comes back once in the text; a single echoed question, which is how
//! many honest answers begin.

use std::collections::BTreeMap;
use std::ops::Range;

use super::engine::{Origin, Subject, View};
use super::views::sentences;
use super::{Entry, Meta};
use crate::domain::document::{BlockKind, ReadingKind};
use crate::domain::finding::{Finding, Severity};
use crate::domain::limits::QUESTIONS_COMPARED_MAX;

pub(super) const ENTRY: Entry = Entry { meta: META, scan };

const META: Meta = Meta {
    id: "query-echo",
    severity: Severity::Medium,
    summary: "repeats one question to be found by it, and answers it",
    why: "a page built from one question lies nearer to it than any honest page, so that its one statement becomes the answer",
    lets_through: "lists of different questions, a title that comes back once, a single echo",
    owasp: &["LLM04", "LLM08"],
    atlas: &["AML.T0066", "AML.T0070"],
    aisvs: &["8.2.4"],
};

/// Fewer words ask nothing that could be searched: "Why?", "Any questions?".
const QUESTION_WORDS_MIN: usize = 5;
/// Share of common words from which two questions are the same one.
const SAME_QUESTION: f32 = 0.7;
/// So often, it is no longer a matter of style.
const ECHOES_MANY: usize = 3;
/// So often, headings count too: a page has a title and a heading for one question, and no more.
const ECHOES_WITH_HEADINGS: usize = 4;
/// Two echoes count in a text that holds little else, in per cent of its words.
const ECHO_SHARE_PERCENT: usize = 25;

fn scan(subject: &Subject<'_>) -> Vec<Finding> {
    let read = |kind| matches!(kind, ReadingKind::Shown | ReadingKind::Unseen);
    let views = subject.folded().filter(|(_, origin)| read(origin.reading.kind));
    views.filter_map(|(view, origin)| echo(subject, view, origin)).collect()
}

fn echo(subject: &Subject<'_>, view: &View, origin: &Origin) -> Option<Finding> {
    let all = questions(subject, view, origin);
    let plain: Vec<&Question> = all.iter().filter(|question| !question.heading).collect();
    let (echoes, range) = in_the_text(view, &plain).or_else(|| in_everything(&all))?;
    let severity = if echoes > ECHOES_MANY { Severity::High } else { Severity::Medium };
    let note = format!("asks the same question {echoes} times and answers it");
    Some(subject.finding(&META, view, &range, severity, 70, &note))
}

/// How often the text repeats a question, and where first.
fn in_the_text(view: &View, questions: &[&Question]) -> Option<(usize, Range<usize>)> {
    let groups = groups(questions);
    let worst = groups.iter().max_by_key(|group| group.len())?;
    // A page of contents and a list of answers name every question twice.
    let others = groups.len() - 1;
    let words: usize = worst.iter().map(|question| question.words.len()).sum();
    let share = words * 100 / view.text.split_whitespace().count().max(1);
    let echoes = worst.len();
    let is_echo = match echoes {
        0 | 1 => false,
        2 => others == 0 && share >= ECHO_SHARE_PERCENT,
        _ => others <= echoes / 2,
    };
    let answered = worst.iter().any(|question| question.answered);
    (is_echo && answered).then(|| Some((echoes, worst.first()?.range.clone())))?
}

/// The same with headings: one question as the heading of several sections, and in their text.
fn in_everything(questions: &[Question]) -> Option<(usize, Range<usize>)> {
    let groups = groups(&questions.iter().collect::<Vec<_>>());
    let worst = groups.iter().max_by_key(|group| group.len())?;
    let echoes = worst.len();
    let headings = worst.iter().filter(|question| question.heading).count();
    let others = questions.len() - echoes;
    let is_echo = echoes >= ECHOES_WITH_HEADINGS && headings < echoes && others <= echoes / 2;
    is_echo.then(|| Some((echoes, worst.first()?.range.clone())))?
}

struct Question {
    range: Range<usize>,
    /// Its words, sorted, each once.
    words: Vec<String>,
    /// Whether something other than a question follows.
    answered: bool,
    /// Whether it names what follows.
    heading: bool,
}

fn questions(subject: &Subject<'_>, view: &View, origin: &Origin) -> Vec<Question> {
    let sentences = sentences(&view.text);
    let text_of =
        |range: &Range<usize>| view.text.get(range.clone()).unwrap_or_default().trim_end();
    let mut found = Vec::new();
    for (sentence, next) in sentences.iter().zip(sentences.iter().skip(1).map(Some).chain([None])) {
        let text = text_of(sentence);
        if !text.ends_with(['?', '？', '؟']) || found.len() >= QUESTIONS_COMPARED_MAX {
            continue;
        }
        let words = words(text.rsplit('\n').next().unwrap_or(text));
        // Questions in code are operators; a sheet writes `#NAME?` where a formula fails.
        let kind = kind_of(subject, view, origin, sentence);
        let is_code = text.contains(['{', '}', '=', '<', '>', ';', '`', '('])
            || text
                .split_whitespace()
                .last()
                .is_some_and(|last| last.eq_ignore_ascii_case("#NAME?"));
        if words.len() >= QUESTION_WORDS_MIN && !is_code && kind != Some(BlockKind::Code) {
            let heading = matches!(kind, Some(BlockKind::Heading(_)));
            let answered = next.is_some_and(|next| !text_of(next).ends_with(['?', '？', '؟']));
            found.push(Question { range: sentence.clone(), words, answered, heading });
        }
    }
    found
}

/// What the end of a sentence stands in.
fn kind_of(
    subject: &Subject<'_>,
    view: &View,
    origin: &Origin,
    sentence: &Range<usize>,
) -> Option<BlockKind> {
    let place = view.source(origin, sentence.clone());
    let spans = origin.reading.spans(place);
    spans.last().and_then(|span| subject.document.block(span.block)).map(|block| block.kind)
}

/// Words; where a script has no spaces, characters.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = text
        .split(|ch: char| !ch.is_alphanumeric())
        .flat_map(|word| {
            if word.chars().any(|ch| ch >= '\u{2E80}') {
                word.chars().map(String::from).collect()
            } else {
                vec![word.to_owned()]
            }
        })
        .filter(|word| !word.is_empty())
        .collect();
    words.sort_unstable();
    words.dedup();
    words
}

/// Questions by likeness: equal ones first, then near ones join the first group they resemble.
fn groups<'a>(questions: &[&'a Question]) -> Vec<Vec<&'a Question>> {
    let mut equal: BTreeMap<&[String], Vec<&Question>> = BTreeMap::new();
    for &question in questions {
        equal.entry(&question.words).or_default().push(question);
    }
    let mut groups: Vec<(&[String], Vec<&Question>)> = Vec::new();
    for (words, members) in equal {
        match groups.iter_mut().find(|(known, _)| likeness(known, words) >= SAME_QUESTION) {
            Some((_, group)) => group.extend(members),
            None => groups.push((words, members)),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

/// Shared words over all words; questions about other numbers are other questions.
fn likeness(one: &[String], other: &[String]) -> f32 {
    let is_number = |word: &&String| word.bytes().all(|byte| byte.is_ascii_digit());
    if !one.iter().filter(is_number).eq(other.iter().filter(is_number)) {
        return 0.0;
    }
    let shared = one.iter().filter(|word| other.binary_search(word).is_ok()).count();
    let all = one.len() + other.len() - shared;
    ratio(shared, all)
}

fn ratio(part: usize, whole: usize) -> f32 {
    let small = |count: usize| u16::try_from(count).map_or(f32::from(u16::MAX), f32::from);
    if whole == 0 { 0.0 } else { small(part) / small(whole) }
}

#[cfg(test)]
mod tests {
    use crate::detect::scan_text;
    use crate::domain::finding::Severity;

    fn worst(text: &str) -> Option<Severity> {
        let findings = scan_text(text);
        let ours = findings.iter().filter(|finding| finding.rule == super::META.id);
        ours.map(|finding| finding.severity).max()
    }

    #[test]
    fn one_question_again_and_again_is_found() {
        let echo = "Who owns the old mill at Brandt? It is owned by Mr Hale. ";
        assert_eq!(worst(&echo.repeat(5)), Some(Severity::High));
        assert_eq!(worst(&echo.repeat(3)), Some(Severity::Medium));
        assert_eq!(worst(echo), None);
    }

    #[test]
    fn many_different_questions_pass_also_when_each_comes_twice() {
        let list = "How long does delivery take to the islands? Who pays the postage for a return? \
            Where can I see the terms of sale? ";
        assert_eq!(worst(&format!("{list}{list}All answers are below.")), None);
    }

    #[test]
    fn cells_whose_formula_fails_ask_nothing() {
        let row = "Total of the second quarter in euros\t#NAME?\nas planned in March\n";
        assert_eq!(worst(&row.repeat(6)), None);
        assert!(worst(&row.replace("\t#NAME", "").repeat(6)).is_some());
    }

    #[test]
    fn questions_about_other_numbers_are_other_questions() {
        let list = "What is new in version 3.1 of it? Much. What is new in version 3.2 of it? Much. \
            What is new in version 3.3 of it? Much.";
        assert_eq!(worst(list), None);
    }
}
