//! Values: secrets and personal data, each at exactly the bytes that would have to go.
//!
//! They are looked for in the text as it stands, not folded: keys are told by their case, and a mark must
//! replace neither less nor more than the value. The detectors `secret` and `personal-data` say what is
//! one; here it becomes a finding, a masked text, a label.
//!
//! Lets through on purpose: values that are written in another script's digits, with invisible characters
//! in them, or encoded. Whoever does that hides them from no reader of the index by accident.

mod text;

pub(in crate::detect) use text::{
    Bytes, after_char, before_char, has_one_near, has_word_near, is_word_byte, run_of,
    window_before, word_set,
};

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::engine::Subject;
use super::{Meta, personal_data, secret};
use crate::domain::document::{ReadingKind, Visibility};
use crate::domain::finding::{Evidence, Finding, Severity};
use crate::domain::limits::{VALUE_SPANS_MAX, VALUES_SINGLE_MAX};
use crate::domain::sensitive::{Sensitive, SensitiveLabel};

/// Something that was recognised in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::detect) struct Value {
    pub range: Range<usize>,
    pub kind: Sensitive,
    pub severity: Severity,
    /// In per cent.
    pub confidence: u8,
    /// One clause for people.
    pub note: &'static str,
}

/// The findings of one detector in every reading of a document. The first few of a kind stand alone, and
/// one more finding holds all the others: masking must reach each of them.
pub(in crate::detect) fn findings(
    subject: &Subject<'_>,
    meta: &Meta,
    values: fn(&str) -> Vec<Value>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for origin in subject.origins.iter().filter(|one| one.reading.kind != ReadingKind::Unseen) {
        let mut groups: BTreeMap<(Sensitive, Severity, u8, Visibility), Group> = BTreeMap::new();
        for Value { range, kind, severity, confidence, note } in values(&origin.reading.text) {
            let text = origin.reading.text.get(range.clone()).unwrap_or_default();
            let evidence = Evidence::new(&kind.masked(text));
            let placed = subject.placed(meta, origin, range, severity, confidence, note);
            let finding = Finding { evidence, sensitive: Some(kind), ..placed };
            let group = groups.entry((kind, severity, confidence, finding.visibility)).or_default();
            findings.extend(group.add(finding));
        }
        findings.extend(groups.into_values().filter_map(Group::rest));
    }
    findings
}

/// Values of one kind that no policy tells apart.
#[derive(Debug, Default)]
struct Group {
    count: usize,
    rest: Option<Finding>,
}

impl Group {
    /// Gives the finding back where it stands alone.
    fn add(&mut self, finding: Finding) -> Option<Finding> {
        self.count += 1;
        if self.count <= VALUES_SINGLE_MAX {
            return Some(finding);
        }
        match &mut self.rest {
            Some(rest) if rest.spans.len() < VALUE_SPANS_MAX => rest.spans.extend(finding.spans),
            Some(_) => {}
            None => self.rest = Some(finding),
        }
        None
    }

    fn rest(self) -> Option<Finding> {
        let mut rest = self.rest?;
        rest.note =
            format!("{}, and {} more of the kind", rest.note, self.count - VALUES_SINGLE_MAX - 1);
        Some(rest)
    }
}

/// All values of a text, in order.
fn all(text: &str) -> Vec<(Meta, Value)> {
    let of = |meta: Meta, values: Vec<Value>| values.into_iter().map(move |value| (meta, value));
    let mut found: Vec<(Meta, Value)> = of(secret::ENTRY.meta, secret::values(text))
        .chain(of(personal_data::ENTRY.meta, personal_data::values(text)))
        .collect();
    found.sort_by_key(|(_, value)| (value.range.start, value.range.end));
    found
}

/// What a text that is no document's holds, each with its range in it; the findings have no spans.
pub fn sensitive(text: &str) -> Vec<(Finding, Range<usize>)> {
    let finding = |(meta, value): (Meta, Value)| {
        let Value { range, kind, severity, confidence, note } = value;
        let evidence = Evidence::new(&kind.masked(text.get(range.clone()).unwrap_or_default()));
        let whole = Subject::whole(&meta, severity, confidence, note);
        (Finding { evidence, sensitive: Some(kind), ..whole }, range)
    };
    all(text).into_iter().map(finding).collect()
}

/// The text with a mark for each value whose finding is to go; `None` where none is.
pub fn masked(text: &str, goes: &dyn Fn(&Finding) -> bool) -> Option<String> {
    let mut kept = String::new();
    let mut position = 0;
    for (finding, range) in sensitive(text) {
        let Some(kind) = finding.sensitive.filter(|_| position <= range.start && goes(&finding))
        else {
            continue;
        };
        kept.push_str(text.get(position..range.start).unwrap_or_default());
        kept.push_str(kind.mark());
        position = range.end;
    }
    (position > 0).then(|| kept + text.get(position..).unwrap_or_default())
}

/// What a text is labelled with: values that stand in it, and marks of values that stood in it. Whoever
/// writes a mark by hand gets a label too many, and nobody one too few.
pub fn labels(text: &str) -> BTreeSet<SensitiveLabel> {
    let marks = Sensitive::ALL.into_iter().filter(|kind| text.contains(kind.mark()));
    let there = all(text).into_iter().map(|(_, value)| value.kind);
    let has_marks = text.contains(" removed]");
    marks.filter(|_| has_marks).chain(there).map(Sensitive::label).collect()
}

/// Sorted and without overlaps: of values that overlap, one over all of them, as the first says.
pub(in crate::detect) fn apart(mut values: Vec<Value>) -> Vec<Value> {
    values.sort_by_key(|value| (value.range.start, std::cmp::Reverse(value.range.end)));
    let mut kept: Vec<Value> = Vec::with_capacity(values.len());
    for value in values {
        match kept.last_mut() {
            Some(last) if value.range.start < last.range.end => {
                last.range.end = last.range.end.max(value.range.end);
            }
            Some(_) | None => kept.push(value),
        }
    }
    kept
}
