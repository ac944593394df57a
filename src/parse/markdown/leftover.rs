//! What a renderer leaves out of Markdown: text that belongs to nothing that is shown, such as
//! `[//]: # (a comment)`.

use std::collections::BTreeSet;
use std::ops::Range;

use pulldown_cmark::{Event, LinkType, Tag};

use super::parser;

/// What is known of a document before it is rendered.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// Source that nothing is made of, in order.
    pub(super) unused: Vec<Range<usize>>,
    /// Footnotes that something refers to.
    pub(super) footnotes: BTreeSet<String>,
}

/// Reads a document once, to see what is used; what stands before `from` is used elsewhere.
pub(super) fn survey(text: &str, from: usize) -> Survey {
    let mut survey = Survey::default();
    // Whatever is left out is a definition.
    if !text.contains("]:") {
        return survey;
    }
    let mut gaps = Vec::new();
    let mut used = Vec::new();
    let mut read = from;
    let mut events = parser(text).into_offset_iter();
    while let Some((event, range)) = events.next() {
        if let Event::FootnoteReference(label) = &event {
            survey.footnotes.insert(label.to_string());
        }
        if let Event::Start(Tag::Link { link_type, id, .. } | Tag::Image { link_type, id, .. }) =
            &event
            && matches!(link_type, LinkType::Reference | LinkType::Collapsed | LinkType::Shortcut)
        {
            used.extend(events.reference_definitions().get(id).map(|found| found.span.clone()));
        }
        if let Some(taken) = taken(&event, range, text) {
            if read < taken.start {
                gaps.push(read..taken.start);
            }
            read = read.max(taken.end);
        }
    }
    gaps.push(read..text.len());
    used.sort_by_key(|span| span.start);
    for gap in gaps {
        without(gap, &used, &mut survey.unused);
    }
    survey.unused.retain(|range| says_something(text.get(range.clone()).unwrap_or_default()));
    survey
}

/// What source an event is made of; containers only hold others.
fn taken(event: &Event<'_>, range: Range<usize>, text: &str) -> Option<Range<usize>> {
    match event {
        Event::Start(Tag::FootnoteDefinition(_)) => {
            let label = text.get(range.clone())?.find("]:")?;
            Some(range.start..range.start + label + 2)
        }
        Event::Start(
            Tag::BlockQuote(_)
            | Tag::List(_)
            | Tag::Item
            | Tag::DefinitionList
            | Tag::DefinitionListTitle
            | Tag::DefinitionListDefinition,
        )
        | Event::End(_) => None,
        _ => Some(range),
    }
}

/// The parts of a gap that no used definition takes.
fn without(gap: Range<usize>, used: &[Range<usize>], parts: &mut Vec<Range<usize>>) {
    let mut start = gap.start;
    let first = used.partition_point(|span| span.end <= gap.start);
    for span in used.iter().skip(first).take_while(|span| span.start < gap.end) {
        if start < span.start {
            parts.push(start..span.start);
        }
        start = start.max(span.end);
    }
    if start < gap.end {
        parts.push(start..gap.end);
    }
}

fn says_something(text: &str) -> bool {
    text.chars().any(char::is_alphabetic)
}
