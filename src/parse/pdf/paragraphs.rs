//! Lines → blocks: what stands in one line, and lines that flow into each other.
//!
//! A hyphen at the end of a line stays, with the line's end after it: joining such words is a view
//! of the detectors, not what the page says.

use std::collections::BTreeMap;

use super::geometry::Rect;
use super::layout::Line;
use crate::domain::document::{BlockKind, Joint, Visibility};

/// Between two pieces of one line, as part of the letter size: from here there is a space.
const SPACE_MIN: f32 = 0.15;
/// From here the pieces are cells or columns.
const CELL_GAP_MIN: f32 = 1.5;
/// Line to line, as parts of the letter size.
const LEADING_MIN: f32 = 0.5;
const LEADING_MAX: f32 = 1.9;
/// A line further away than this many times the distance so far starts a paragraph.
const LEADING_GROWTH_MAX: f32 = 1.25;
/// Lines whose letters differ more in size are not one paragraph.
const SIZE_RATIO_MAX: f32 = 1.1;
/// Lines that start within this distance are of one column.
const COLUMN_POINTS: f32 = 36.0;
/// Columns are looked at in pieces: there is other text above and below them.
const COLUMN_HEIGHT_POINTS: f32 = 150.0;

#[derive(Debug)]
pub(super) struct TextBlock {
    pub(super) text: String,
    pub(super) visibility: Visibility,
    pub(super) kind: BlockKind,
    pub(super) joint: Joint,
    pub(super) area: Rect,
    pub(super) size: f32,
    pub(super) first_glyph: usize,
    /// Edges of the paragraph so far, along the baseline.
    left: f32,
    right: f32,
    /// Distance of its lines.
    leading: Option<f32>,
    last: LastLine,
}

#[derive(Debug, Clone, Copy)]
struct LastLine {
    angle: i16,
    end: f32,
    base: f32,
    /// It has pieces far apart: a row of a table.
    in_cells: bool,
}

/// Where lines of a column usually end: short lines alone do not tell that they are short.
#[derive(Debug)]
struct Columns {
    edges: BTreeMap<Column, f32>,
}

/// Direction, place along the baseline and height on the page, both coarse.
type Column = (i16, i32, i32);

impl Columns {
    fn of(lines: &[Line]) -> Self {
        let mut ends: BTreeMap<Column, Vec<f32>> = BTreeMap::new();
        for line in lines {
            ends.entry(Self::key(line)).or_default().push(line.end);
        }
        let median = |mut ends: Vec<f32>| {
            ends.sort_by(f32::total_cmp);
            ends.get(ends.len() / 2).copied().unwrap_or(f32::NEG_INFINITY)
        };
        let edges = ends.into_iter().map(|(key, ends)| (key, median(ends))).collect();
        Self { edges }
    }

    #[expect(clippy::cast_possible_truncation, reason = "places are within 10 million points")]
    fn key(line: &Line) -> Column {
        let step = |value: f32, size: f32| (value / size).round() as i32;
        (line.angle, step(line.start, COLUMN_POINTS), step(line.base, COLUMN_HEIGHT_POINTS))
    }

    fn edge(&self, line: &Line) -> f32 {
        self.edges.get(&Self::key(line)).copied().unwrap_or(f32::NEG_INFINITY)
    }
}

/// How a line follows a block.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Follows {
    /// In the same line, with a space or without; far apart or not.
    Beside { space: bool, cell: bool },
    /// The line was full, the sentence goes on.
    Wrapped,
    /// The line ended of its own accord.
    Below,
    /// Elsewhere.
    Apart,
}

/// Blocks of one page, in the order in which the file draws them.
pub(super) fn blocks(lines: Vec<Line>) -> Vec<TextBlock> {
    let columns = Columns::of(&lines);
    let mut open: BTreeMap<Visibility, TextBlock> = BTreeMap::new();
    let mut closed = Vec::new();
    for line in lines {
        let Some(block) = open.get_mut(&line.visibility) else {
            open.insert(line.visibility, TextBlock::start(line, Joint::Paragraph));
            continue;
        };
        let next = match block.relation(&line, columns.edge(&line)) {
            Follows::Beside { space, cell } => {
                block.append(if space { " " } else { "" }, &line);
                block.last.in_cells |= cell;
                continue;
            }
            Follows::Wrapped => {
                block.leading = Some(block.last.base - line.base);
                block.last.in_cells = false;
                block.append(wrapping(&block.text, &line.text), &line);
                continue;
            }
            Follows::Below => TextBlock::below(block, line),
            Follows::Apart => TextBlock::start(line, Joint::Paragraph),
        };
        closed.push(std::mem::replace(block, next));
    }
    closed.extend(open.into_values());
    closed.sort_by_key(|block| block.first_glyph);
    closed
}

impl TextBlock {
    fn start(line: Line, joint: Joint) -> Self {
        Self {
            kind: if starts_item(&line.text) { BlockKind::ListItem } else { BlockKind::Paragraph },
            last: LastLine { angle: line.angle, end: line.end, base: line.base, in_cells: false },
            text: line.text,
            visibility: line.visibility,
            joint,
            area: line.area,
            size: line.size,
            first_glyph: line.first_glyph,
            left: line.start,
            right: line.end,
            leading: None,
        }
    }

    /// The block under another one of the same paragraph.
    fn below(above: &Self, line: Line) -> Self {
        let leading = Some(above.last.base - line.base);
        let (left, right) = (above.left, above.right);
        let mut block = Self::start(line, Joint::Line);
        block.leading = leading;
        block.left = block.left.min(left);
        block.right = block.right.max(right);
        block
    }

    fn append(&mut self, separator: &str, line: &Line) {
        self.text.push_str(separator);
        self.text.push_str(&line.text);
        self.area.join(line.area);
        self.size = self.size.max(line.size);
        self.left = self.left.min(line.start);
        self.right = self.right.max(line.end);
        self.last.end = line.end;
        // A raised or lowered piece does not move the line.
        if (self.last.base - line.base).abs() >= LEADING_MIN * self.size {
            self.last.base = line.base;
        }
    }

    fn relation(&self, line: &Line, edge: f32) -> Follows {
        let size = self.size.max(line.size);
        let down = self.last.base - line.base;
        if self.last.angle != line.angle {
            return Follows::Apart;
        }
        if down.abs() < LEADING_MIN * size {
            let gap = (line.start - self.last.end) / size;
            return if gap > -0.5 {
                Follows::Beside { space: gap > SPACE_MIN, cell: gap > CELL_GAP_MIN }
            } else {
                Follows::Apart
            };
        }
        let overlaps = line.start < self.right && self.left < line.end;
        let too_far = self.leading.is_some_and(|leading| down > leading * LEADING_GROWTH_MAX);
        let alike = size <= self.size.min(line.size) * SIZE_RATIO_MAX;
        if !overlaps || too_far || !alike || !(0.0..=LEADING_MAX * size).contains(&down) {
            return Follows::Apart;
        }
        // The first word would have had room in the line before: that line was ended on purpose.
        let room = edge.max(self.right).max(line.end) - self.last.end;
        let had_room = room > line.first_word_end - line.start + 0.5 * size;
        let goes_on = line.text.starts_with(char::is_lowercase);
        if self.last.in_cells || starts_item(&line.text) || (had_room && !goes_on) {
            Follows::Below
        } else {
            Follows::Wrapped
        }
    }
}

/// What stands where a line was broken to fit.
fn wrapping(above: &str, below: &str) -> &'static str {
    let written_without_spaces = |ch: char| matches!(ch, '\u{2e80}'..='\u{a4cf}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}');
    if above.ends_with(['-', '\u{ad}', '\u{2010}']) {
        "\n"
    } else if above.ends_with(written_without_spaces) && below.starts_with(written_without_spaces) {
        ""
    } else {
        " "
    }
}

fn starts_item(text: &str) -> bool {
    let mut words = text.split(' ');
    let first = words.next().unwrap_or_default();
    let bullet = matches!(first, "•" | "◦" | "▪" | "‣" | "·" | "●" | "○" | "■" | "–" | "-" | "*");
    let number = first.strip_suffix(['.', ')']).is_some_and(|number| {
        (1..=3).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit())
    });
    bullet || number
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str, start: f32, end: f32, base: f32) -> Line {
        Line {
            text: text.to_owned(),
            visibility: Visibility::Shown,
            angle: 0,
            start,
            end,
            first_word_end: start + 20.0,
            base,
            size: 10.0,
            area: Rect::of([start, base, end, base + 8.0]),
            first_glyph: 0,
        }
    }

    fn texts(lines: Vec<Line>) -> Vec<(String, Joint)> {
        blocks(lines).into_iter().map(|block| (block.text, block.joint)).collect()
    }

    #[test]
    fn full_lines_flow_and_short_lines_break() {
        let found = texts(vec![
            line("The first line is full", 0.0, 200.0, 100.0),
            line("and the second is short.", 0.0, 100.0, 88.0),
            line("Next sentence.", 0.0, 90.0, 76.0),
            line("Another paragraph.", 0.0, 90.0, 40.0),
        ]);
        let expected = [
            ("The first line is full and the second is short.", Joint::Paragraph),
            ("Next sentence.", Joint::Line),
            ("Another paragraph.", Joint::Paragraph),
        ];
        assert_eq!(found, expected.map(|(text, joint)| (text.to_owned(), joint)));
    }

    #[test]
    fn japanese_lines_flow_without_a_space() {
        let found =
            texts(vec![line("日本語の", 0.0, 200.0, 100.0), line("文章。", 0.0, 190.0, 88.0)]);
        assert_eq!(found[0].0, "日本語の文章。");
    }

    #[test]
    fn items_of_a_list_stay_apart() {
        let found = texts(vec![
            line("• First of the items", 0.0, 200.0, 100.0),
            line("• Second", 0.0, 60.0, 88.0),
        ]);
        assert_eq!(found[1], ("• Second".to_owned(), Joint::Line));
    }

    #[test]
    fn rows_of_cells_stay_lines() {
        let found = texts(vec![
            line("Meals", 0.0, 30.0, 100.0),
            line("40 EUR", 150.0, 200.0, 100.0),
            line("Hotel", 0.0, 30.0, 88.0),
            line("90 EUR", 150.0, 200.0, 88.0),
        ]);
        assert_eq!(found.len(), 2);
        assert_eq!(found[1], ("Hotel 90 EUR".to_owned(), Joint::Line));
    }

    #[test]
    fn a_hyphen_at_the_end_of_a_line_is_kept() {
        let found =
            texts(vec![line("an exam-", 0.0, 200.0, 100.0), line("ple of it", 0.0, 190.0, 88.0)]);
        assert_eq!(found[0].0, "an exam-\nple of it");
    }
}
