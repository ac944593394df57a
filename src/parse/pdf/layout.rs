//! Glyphs → lines: by geometry within a line, whatever order the letters were drawn in; spaces from
//! gaps. Lines keep the order in which the file draws them first.
//!
//! Only glyphs of one visibility are joined, so that hidden text neither parts nor joins shown words.

use std::collections::BTreeMap;

use super::content::Drawn;
use super::geometry::{Rect, length};
use super::glyphs::Glyph;
use crate::domain::document::Visibility;

/// Gaps as parts of the letter size. Kerning stays below 0.1, narrow justified spaces above 0.17.
const SPACE_MIN: f32 = 0.15;
/// Wider gaps part columns and cells.
const GAP_MAX: f32 = 0.7;
/// Letters may overlap so far: kerning, slanted faces, accents drawn back over their letter.
const OVERLAP_MAX: f32 = 0.4;
/// Raised letters reach back further, as the A in TeX's own name does.
const RAISED_OVERLAP_MAX: f32 = 0.6;
/// So near is where the letter was expected.
const PEN_MAX: f32 = 0.03;
/// Letters with more than this between all of them are spaced out, if there are several.
const TRACKED_GAP_MIN: f32 = 0.07;
const TRACKED_GAPS_MIN: usize = 4;
/// Spacing between letters that is set for all of them may be so wide.
const TRACKED_GAP_MAX: f32 = 2.0;
/// Baselines this near are one.
const BASELINE_MAX: f32 = 0.1;
/// Lines under construction that a run is compared with.
const OPEN_LINES_MAX: usize = 6;

/// A piece of a line: letters without a wide gap.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) visibility: Visibility,
    /// Direction of the baseline, in degrees.
    pub(super) angle: i16,
    /// Along the baseline.
    pub(super) start: f32,
    pub(super) end: f32,
    /// Where its first word ends.
    pub(super) first_word_end: f32,
    /// Across the baseline, upwards.
    pub(super) base: f32,
    /// Letter size in the page's units.
    pub(super) size: f32,
    pub(super) area: Rect,
    /// The glyph that was drawn first.
    pub(super) first_glyph: usize,
}

/// A glyph in the frame of its baseline.
#[derive(Debug, Clone, Copy)]
struct Place {
    angle: i16,
    start: f32,
    end: f32,
    /// Where the next glyph was expected.
    pen: f32,
    base: f32,
    size: f32,
}

/// Glyphs that follow each other in the file and on the page.
#[derive(Debug)]
struct Run {
    visibility: Visibility,
    glyphs: std::ops::Range<usize>,
    place: Place,
    /// The next run goes on from here on another baseline: a superscript.
    continued: bool,
}

pub(super) fn lines(drawn: &Drawn, visibilities: &[Visibility]) -> Vec<Line> {
    let places: Vec<Place> = drawn.glyphs.iter().map(place).collect();
    let runs = runs(&places, visibilities);
    let mut lines: Vec<Line> = merged(&runs, drawn)
        .into_iter()
        .filter_map(|members| line(&members, &runs, &places, &drawn.glyphs))
        .collect();
    lines.sort_by_key(|line| line.first_glyph);
    lines
}

fn place(glyph: &Glyph) -> Place {
    let [ux, uy] = glyph.up;
    let [dx, dy] = if glyph.vertical { [-ux, -uy] } else { glyph.right };
    let angle = whole_degrees(dy.atan2(dx).to_degrees());
    let (sin, cos) = f32::from(angle).to_radians().sin_cos();
    let along = |[x, y]: [f32; 2]| x * cos + y * sin;
    let [x, y] = glyph.origin;
    let (start, end, pen) = (along(glyph.origin), along(glyph.end), along(glyph.pen));
    let size = length([dx, dy]);
    Place {
        angle,
        start: start.min(end),
        end: end.max(start),
        pen,
        base: y * cos - x * sin,
        // Sizes divide; a letter without one is judged too small already.
        size: if size.is_finite() { size.max(0.01) } else { 0.01 },
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "atan2 gives -180 to 180, or no number, which casts to 0"
)]
fn whole_degrees(degrees: f32) -> i16 {
    degrees.round() as i16
}

fn runs(places: &[Place], visibilities: &[Visibility]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (index, (place, visibility)) in places.iter().zip(visibilities).enumerate() {
        if let Some(run) = runs.last_mut().filter(|run| run.visibility == *visibility) {
            if run.place.is_followed_by(place) {
                run.glyphs.end = index + 1;
                run.place.end = run.place.end.max(place.end);
                run.place.pen = place.pen;
                run.place.size = run.place.size.max(place.size);
                continue;
            }
            run.continued = run.place.is_continued_by(place);
        }
        runs.push(Run {
            visibility: *visibility,
            glyphs: index..index + 1,
            place: *place,
            continued: false,
        });
    }
    runs
}

impl Place {
    /// Whether a glyph or run stands next on the same baseline.
    fn is_followed_by(&self, next: &Self) -> bool {
        let size = self.size.max(next.size);
        let gap = next.start - self.end;
        // Letters that are set far apart stay together as long as all of them are.
        let expected = (next.start - self.pen).abs() < PEN_MAX * size;
        let gap_max = if expected { TRACKED_GAP_MAX } else { GAP_MAX };
        self.angle == next.angle
            && (self.base - next.base).abs() <= BASELINE_MAX * size
            && (-OVERLAP_MAX * size..=gap_max * size).contains(&gap)
    }

    /// Whether it stands next, but raised or lowered.
    fn is_continued_by(&self, next: &Self) -> bool {
        let size = self.size.max(next.size);
        let gap = next.start - self.end;
        let shift = (self.base - next.base).abs();
        self.angle == next.angle
            && shift > BASELINE_MAX * size
            && shift < 0.8 * size
            && (-RAISED_OVERLAP_MAX * size..=OVERLAP_MAX * size).contains(&gap)
    }

    fn nearly_equals(&self, other: &Self) -> bool {
        let near = |one: f32, other: f32| (one - other).abs() < SPACE_MIN * self.size;
        self.angle == other.angle
            && near(self.start, other.start)
            && near(self.end, other.end)
            && near(self.base, other.base)
    }
}

/// Runs that make one line each, from left to right.
fn merged(runs: &[Run], drawn: &Drawn) -> Vec<Vec<usize>> {
    let mut groups: BTreeMap<(Visibility, i16), Vec<(usize, &Run)>> = BTreeMap::new();
    for (index, run) in runs.iter().enumerate() {
        groups.entry((run.visibility, run.place.angle)).or_default().push((index, run));
    }
    let mut lines = Vec::new();
    for mut group in groups.into_values() {
        group.sort_by(|(_, one), (_, other)| other.place.base.total_cmp(&one.place.base));
        let near = |one: &(usize, &Run), other: &(usize, &Run)| {
            let (one, other) = (&one.1.place, &other.1.place);
            (one.base - other.base).abs() <= BASELINE_MAX * one.size.max(other.size)
        };
        for baseline in group.chunk_by(near) {
            merge_baseline(baseline.to_vec(), drawn, &mut lines);
        }
    }
    lines
}

fn merge_baseline(mut baseline: Vec<(usize, &Run)>, drawn: &Drawn, lines: &mut Vec<Vec<usize>>) {
    baseline.sort_by(|(_, one), (_, other)| one.place.start.total_cmp(&other.place.start));
    let mut open: Vec<(Vec<usize>, &Run)> = Vec::new();
    for (index, run) in baseline {
        // Letters drawn twice at one place are bold or have a shadow; they are read once.
        if open
            .iter()
            .any(|(_, last)| last.place.nearly_equals(&run.place) && same_text(last, run, drawn))
        {
            continue;
        }
        let fits = |(_, last): &&mut (Vec<usize>, &Run)| {
            !last.continued && last.place.is_followed_by(&run.place)
        };
        if let Some((members, last)) = open.iter_mut().rev().find(fits) {
            members.push(index);
            *last = run;
            continue;
        }
        if open.len() >= OPEN_LINES_MAX {
            lines.push(open.remove(0).0);
        }
        open.push((vec![index], run));
    }
    lines.extend(open.into_iter().map(|(members, _)| members));
}

fn same_text(one: &Run, other: &Run, drawn: &Drawn) -> bool {
    let glyphs = |run: &Run| drawn.glyphs.get(run.glyphs.clone()).unwrap_or_default();
    let (one, other) = (glyphs(one), glyphs(other));
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one.text == other.text)
}

/// A letter of a line, and whether a space is drawn before it.
struct Letter<'g> {
    glyph: &'g Glyph,
    place: &'g Place,
    spaced: bool,
}

/// Puts a line's text together; `None` when it has only spaces.
fn line(members: &[usize], runs: &[Run], places: &[Place], glyphs: &[Glyph]) -> Option<Line> {
    let members = || members.iter().filter_map(|member| runs.get(*member));
    let mut letters: Vec<Letter<'_>> = Vec::new();
    let mut spaced = false;
    for index in members().flat_map(|run| run.glyphs.clone()) {
        let (Some(glyph), Some(place)) = (glyphs.get(index), places.get(index)) else { continue };
        if glyph.text.is_space() {
            spaced = true;
        } else {
            letters.push(Letter { glyph, place, spaced: std::mem::take(&mut spaced) });
        }
    }
    let first = letters.first()?.place;
    let mut area = Rect::NOTHING;
    let (mut size, mut end) = (0.0_f32, f32::NEG_INFINITY);
    for letter in &letters {
        area.join(letter.glyph.area());
        size = size.max(letter.place.size);
        end = end.max(letter.place.end);
    }
    let gaps = gaps(&letters);
    let mut pieces: Vec<String> = Vec::with_capacity(letters.len());
    let mut first_word_end = None;
    let mut last: Option<&Place> = None;
    for ((letter, gap), space_min) in letters.iter().zip(&gaps).zip(spaces_from(&gaps)) {
        if let Some(last) = last
            && (letter.spaced || *gap > space_min)
        {
            first_word_end = first_word_end.or(Some(last.end));
            pieces.push(" ".to_owned());
        }
        let mut piece = String::new();
        letter.glyph.text.push_to(&mut piece);
        pieces.push(piece);
        last = Some(letter.place);
    }
    Some(Line {
        text: read_order(pieces).concat().trim().to_owned(),
        visibility: members().next()?.visibility,
        angle: first.angle,
        start: first.start,
        end,
        first_word_end: first_word_end.unwrap_or(end),
        base: first.base,
        size,
        area,
        first_glyph: members().map(|run| run.glyphs.start).min()?,
    })
}

/// The room before each letter, as a part of its size.
fn gaps(letters: &[Letter<'_>]) -> Vec<f32> {
    let between = letters.windows(2).map(|pair| match pair {
        [one, next] => (next.place.start - one.place.end) / next.place.size,
        _ => 0.0,
    });
    std::iter::once(0.0).chain(between).collect()
}

/// From which gap on there is a space before each letter: where letters are spaced out one by one,
/// only more than their even gap is one.
fn spaces_from(gaps: &[f32]) -> Vec<f32> {
    let mut limits = Vec::with_capacity(gaps.len());
    for stretch in gaps.chunk_by(|one, next| (*one > TRACKED_GAP_MIN) == (*next > TRACKED_GAP_MIN))
    {
        let tracked = stretch.len() >= TRACKED_GAPS_MIN
            && stretch.first().is_some_and(|gap| *gap > TRACKED_GAP_MIN);
        let mut even = 0.0;
        if tracked {
            let mut sorted = stretch.to_vec();
            sorted.sort_by(f32::total_cmp);
            even = sorted.get(sorted.len() / 2).copied().unwrap_or(0.0);
        }
        limits.extend(stretch.iter().map(|_| even + SPACE_MIN));
    }
    limits
}

/// Letters of scripts that run to the left stand in reverse on the page; numbers and Latin words
/// among them do not.
fn read_order(mut pieces: Vec<String>) -> Vec<String> {
    let leftward = pieces.iter().filter(|piece| piece.chars().any(runs_left)).count();
    let rightward = pieces.iter().filter(|piece| piece.chars().any(runs_right)).count();
    if leftward <= rightward {
        return pieces;
    }
    pieces.reverse();
    let keeps = |piece: &String| piece.chars().any(runs_right);
    let glues = |piece: &String| {
        keeps(piece) || matches!(piece.as_str(), "." | "," | ":" | "-" | "/" | "%")
    };
    let mut start = 0;
    while let Some(found) = pieces.get(start..).and_then(|rest| rest.iter().position(keeps)) {
        let from = start + found;
        let rest = pieces.get(from..).unwrap_or_default();
        let mut count = rest.iter().position(|piece| !glues(piece)).unwrap_or(rest.len());
        while count > 1 && rest.get(count - 1).is_some_and(|piece| !keeps(piece)) {
            count -= 1;
        }
        if let Some(word) = pieces.get_mut(from..from + count) {
            word.reverse();
        }
        start = from + count.max(1);
    }
    pieces
}

pub(super) const fn runs_left(ch: char) -> bool {
    matches!(ch, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}')
        && !matches!(ch, '\u{660}'..='\u{669}' | '\u{6f0}'..='\u{6f9}')
}

fn runs_right(ch: char) -> bool {
    ch.is_alphanumeric() && !runs_left(ch)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str) -> Vec<String> {
        text.chars().map(String::from).collect()
    }

    #[test]
    fn hebrew_is_read_from_the_right_and_numbers_in_it_are_not() {
        assert_eq!(read_order(pieces("42 םולש")).concat(), "שלום 42");
        assert_eq!(read_order(pieces("plain 42")).concat(), "plain 42");
    }
}
