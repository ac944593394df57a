//! Leads a range of a view back to the bytes that it was made from.
//!
//! Folding keeps most characters at their length, so the map holds only the places where it did not:
//! plain ASCII with single spaces costs one entry.

use std::ops::Range;

/// From `view` on, view bytes and source bytes advance together from `source`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Step {
    view: u32,
    source: u32,
}

/// The map of one view.
#[derive(Debug, Clone)]
pub(in crate::detect) struct Offsets {
    steps: Vec<Step>,
    /// The last place noted.
    last: Option<Step>,
    /// Bytes of the source.
    bytes: usize,
}

impl Offsets {
    /// An empty map over `source_bytes` bytes.
    pub(super) const fn new(source_bytes: usize) -> Self {
        Self { steps: Vec::new(), last: None, bytes: source_bytes }
    }

    /// Says that the view's byte `view` was made from the source's byte `source`. Called in rising order.
    pub(super) fn note(&mut self, view: usize, source: usize) {
        let here = Step { view: narrow(view), source: narrow(source) };
        // A character that becomes several: each part, the first too, gets a step of its own.
        if let Some(last) = self.last.filter(|last| last.source == here.source) {
            self.push(last);
        }
        if self.steps.last().map(|step| at(*step, view)) != Some(source) {
            self.push(here);
        }
        self.last = Some(here);
    }

    fn push(&mut self, step: Step) {
        if self.steps.last() != Some(&step) {
            self.steps.push(step);
        }
    }

    /// The source bytes that a range of the view was made from; its ends may lie inside of characters.
    pub(super) fn raw(&self, range: Range<usize>) -> Range<usize> {
        let start = self.source_of(range.start);
        start..(self.source_of(range.end.saturating_sub(1)) + 1).max(start)
    }

    fn source_of(&self, view: usize) -> usize {
        let after = self.steps.partition_point(|step| wide(step.view) <= view);
        let here = after.checked_sub(1).and_then(|index| self.steps.get(index));
        let (offset, floor) = here.map_or((view, 0), |step| (at(*step, view), wide(step.source)));
        let ceiling = self.steps.get(after).map_or(self.bytes, |step| wide(step.source));
        // A character that became several has a step for each of them, all at its own place.
        offset.min(ceiling.saturating_sub(1)).max(floor)
    }
}

fn at(step: Step, view: usize) -> usize {
    wide(step.source).saturating_add(view.saturating_sub(wide(step.view)))
}

/// Texts are bounded far below 4 GiB (`TEXT_BYTES_MAX`).
fn narrow(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

fn wide(bytes: u32) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use crate::detect::views::{Place, fold};

    fn back<'a>(source: &'a str, part: &str) -> &'a str {
        let (view, offsets) = fold(source);
        let start = view.find(part).expect("the view holds the part");
        let place = Place::of_reading(offsets, source.len());
        source.get(place.range(source, start..start + part.len())).unwrap_or_default()
    }

    #[test]
    fn a_match_leads_back_to_the_letters_as_they_stand() {
        assert_eq!(back("Say: IGNORE  all", "ignore all"), "IGNORE  all");
        assert_eq!(back("x ｉｇｎｏｒｅ y", "ignore"), "ｉｇｎｏｒｅ");
        assert_eq!(back("x i\u{200B}g\u{200B}nore y", "ignore"), "i\u{200B}g\u{200B}nore");
        assert_eq!(back("a ﬁle b", "file"), "ﬁle");
        assert_eq!(back("a ﬁle b", "ile"), "ﬁle");
    }

    #[test]
    fn a_long_expansion_stays_inside_its_character() {
        assert_eq!(back("a \u{FDFA} b", "b"), "b");
        let (view, offsets) = fold("a \u{FDFA} b");
        let source = "a \u{FDFA} b";
        let place = Place::of_reading(offsets, source.len());
        assert_eq!(source.get(place.range(source, 2..view.len() - 2)), Some("\u{FDFA}"));
    }
}
