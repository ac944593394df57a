//! Cells of a sheet → blocks: one for each run of neighbours in a row that a person gets alike, with tabs
//! between cells, so that a row reads as one line.
//!
//! Let through on purpose: hidden cells without a letter stand behind their row and not between its words,
//! so that a column of hidden numbers does not cut every row; past `GRID_LINES_MAX` blocks, rows that a
//! person gets alike are joined, so that a sheet of a million rows keeps its text.

use super::Builder;
use crate::domain::document::{Block, BlockKind, Joint, Location, Visibility};
use crate::domain::limits::{GRID_LINES_MAX, TEXT_BLOCK_BYTES_MAX};

/// A place in a sheet, both from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Place {
    pub(super) row: u32,
    pub(super) column: u32,
}

impl Place {
    /// `B7`.
    pub(super) fn name(self) -> String {
        let mut letters = Vec::new();
        let mut left = u64::from(self.column) + 1;
        while left > 0 {
            left -= 1;
            letters.push(char::from(b'A' + u8::try_from(left % 26).unwrap_or(0)));
            left /= 26;
        }
        let letters: String = letters.iter().rev().collect();
        format!("{letters}{}", u64::from(self.row) + 1)
    }

    /// Reads `B7` or `$B$7`; what follows the number is not looked at.
    pub(super) fn of_name(name: &str) -> Option<Self> {
        let mut column = 0_u32;
        let mut row = 0_u32;
        for byte in name.bytes() {
            match byte {
                b'$' => {}
                b'a'..=b'z' | b'A'..=b'Z' if row == 0 => {
                    let letter = u32::from(byte.to_ascii_uppercase() - b'A') + 1;
                    column = column.checked_mul(26)?.checked_add(letter)?;
                }
                b'0'..=b'9' => row = row.checked_mul(10)?.checked_add(u32::from(byte - b'0'))?,
                _ => break,
            }
        }
        Some(Self { row: row.checked_sub(1)?, column: column.checked_sub(1)? })
    }
}

/// A run of text that waits for what follows it.
#[derive(Debug)]
struct Run {
    visibility: Visibility,
    text: String,
    joint: Joint,
    first: Place,
    last: Place,
}

/// The line that a reading is in.
#[derive(Debug, Default, Clone, Copy)]
struct Line {
    /// Where its last text stood.
    at: Option<Place>,
}

/// Writes the cells of one file's sheets.
#[derive(Debug, Default)]
pub(super) struct Grid {
    sheet: String,
    row: Option<u32>,
    /// The last row with shown text, for the blank lines between tables.
    shown: Line,
    machine: Line,
    open: Option<Run>,
    /// Hidden numbers of this row; all runs, once there are many blocks.
    aside: Vec<Run>,
    blocks: usize,
}

impl Grid {
    /// A new sheet begins.
    pub(super) fn begin(&mut self, sheet: &str) {
        sheet.clone_into(&mut self.sheet);
        (self.row, self.shown, self.machine) = (None, Line::default(), Line::default());
    }

    /// Adds a run of text of a cell; runs of one cell come one after the other.
    pub(super) fn text(&mut self, builder: &mut Builder, at: Place, text: &str, seen: Visibility) {
        if text.is_empty() {
            return;
        }
        if self.row != Some(at.row) {
            self.end_row(builder);
            self.row = Some(at.row);
        }
        let is_aside = self.is_coarse()
            || (!seen.is_shown() && !text.contains(char::is_alphabetic) && !self.goes_on(at));
        if is_aside {
            self.put_aside(builder, at, text, seen);
        } else {
            self.put(builder, at, text, seen);
        }
    }

    const fn is_coarse(&self) -> bool {
        self.blocks >= GRID_LINES_MAX
    }

    /// Whether the last text was of the same cell.
    fn goes_on(&self, at: Place) -> bool {
        self.machine.at == Some(at)
    }

    fn put(&mut self, builder: &mut Builder, at: Place, text: &str, seen: Visibility) {
        let line = if seen.is_shown() { self.shown } else { self.machine };
        let in_row = line.at.is_some_and(|last| last.row == at.row);
        let tab = if in_row && line.at != Some(at) { "\t" } else { "" };
        let joint = match line.at {
            _ if in_row => Joint::Inline,
            Some(last) if last.row.saturating_add(1) >= at.row => Joint::Line,
            _ => Joint::Paragraph,
        };
        self.machine.at = Some(at);
        if seen.is_shown() {
            self.shown.at = Some(at);
        }
        match &mut self.open {
            Some(run)
                if run.visibility == seen
                    && in_row
                    && run.text.len() + text.len() < TEXT_BLOCK_BYTES_MAX =>
            {
                run.text.push_str(tab);
                run.text.push_str(text);
                run.last = at;
            }
            _ => {
                self.flush(builder);
                let text = format!("{tab}{text}");
                self.open = Some(Run { visibility: seen, text, joint, first: at, last: at });
            }
        }
    }

    fn put_aside(&mut self, builder: &mut Builder, at: Place, text: &str, seen: Visibility) {
        let known = self.aside.iter().position(|run| run.visibility == seen);
        if let Some(run) = known.and_then(|index| self.aside.get_mut(index)) {
            if run.last != at {
                run.text.push(if run.last.row == at.row { '\t' } else { '\n' });
            }
            run.text.push_str(text);
            run.last = at;
        } else {
            let (text, joint) = (text.to_owned(), Joint::Line);
            self.aside.push(Run { visibility: seen, text, joint, first: at, last: at });
        }
        if self.aside.iter().any(|run| run.text.len() >= TEXT_BLOCK_BYTES_MAX) {
            self.end_aside(builder);
        }
    }

    fn end_row(&mut self, builder: &mut Builder) {
        self.flush(builder);
        if !self.is_coarse() {
            self.end_aside(builder);
        }
    }

    /// Writes what still waits.
    pub(super) fn end(&mut self, builder: &mut Builder) {
        self.flush(builder);
        self.end_aside(builder);
        self.row = None;
    }

    fn end_aside(&mut self, builder: &mut Builder) {
        for run in std::mem::take(&mut self.aside) {
            self.write(builder, run);
        }
    }

    fn flush(&mut self, builder: &mut Builder) {
        if let Some(run) = self.open.take() {
            self.write(builder, run);
        }
    }

    fn write(&mut self, builder: &mut Builder, run: Run) {
        let first = run.first.name();
        let cell =
            if run.first == run.last { first } else { format!("{first}:{}", run.last.name()) };
        builder.block(Block {
            text: run.text,
            kind: BlockKind::Cell,
            joint: run.joint,
            visibility: run.visibility,
            location: Location::Cell { sheet: self.sheet.clone(), cell },
        });
        self.blocks = self.blocks.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::document::{Format, Hiding, Reading, ReadingKind};

    const HIDDEN: Visibility = Visibility::Hidden(Hiding::HiddenPart);

    fn written(cells: &[(&str, &str, Visibility)]) -> crate::domain::document::Document {
        let (mut builder, mut grid) = (Builder::new(Format::Xlsx), Grid::default());
        grid.begin("S");
        for (name, text, seen) in cells {
            grid.text(&mut builder, Place::of_name(name).unwrap(), text, *seen);
        }
        grid.end(&mut builder);
        builder.finish()
    }

    #[test]
    fn places_have_names() {
        for name in ["A1", "Z9", "AA10", "XFD1048576"] {
            assert_eq!(Place::of_name(name).unwrap().name(), name);
        }
        assert_eq!(Place::of_name("$B$7"), Place::of_name("B7"));
        for bad in ["", "7", "B", "ZZZZZZZZZZZZ1", "A99999999999"] {
            assert_eq!(Place::of_name(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_row_reads_as_a_line_and_hidden_numbers_do_not_cut_it() {
        let document = written(&[
            ("A1", "a", Visibility::Shown),
            ("B1", "17", HIDDEN),
            ("C1", "c", Visibility::Shown),
            ("A2", "d", Visibility::Shown),
            ("A5", "e", Visibility::Shown),
        ]);
        assert_eq!(Reading::of(&document, ReadingKind::Shown).text, "a\tc\nd\n\ne");
        assert_eq!(document.blocks.len(), 4);
        let Location::Cell { cell, .. } = &document.blocks[0].location else { panic!() };
        assert_eq!(cell, "A1:C1");
    }

    #[test]
    fn hidden_words_keep_their_place() {
        let document = written(&[
            ("A1", "a", Visibility::Shown),
            ("B1", "b", HIDDEN),
            ("C1", "c", Visibility::Shown),
        ]);
        assert_eq!(Reading::of(&document, ReadingKind::Machine).text, "a\tb\tc");
        assert_eq!(Reading::of(&document, ReadingKind::Shown).text, "a\tc");
    }

    #[test]
    fn a_million_rows_keep_their_text() {
        let (mut builder, mut grid) = (Builder::new(Format::Xlsx), Grid::default());
        grid.begin("S");
        for row in 0..1_000_000 {
            grid.text(&mut builder, Place { row, column: 0 }, "x", Visibility::Shown);
        }
        grid.end(&mut builder);
        assert!(!builder.is_full());
        let text: usize =
            builder.finish().blocks.iter().map(|one| one.text.matches('x').count()).sum();
        assert_eq!(text, 1_000_000);
    }
}
