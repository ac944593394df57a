//! Tables in text: a block for each cell, or for some rows of a large table, as a spreadsheet shows them.
//!
//! A person who opens the file sees the table itself. What stands far beside it, far below it, or behind
//! a stretch of blanks within a cell is outside the screen.
//!
//! Let through on purpose: whatever a formula would work out to, for nothing is worked out; a field too
//! many that stands right beside the table is shown (and told).

mod rows;
mod width;

use std::borrow::Cow;

use super::Builder;
use super::decode::decode;
use super::grid::Place;
use crate::domain::document::{
    Block, BlockKind, Document, Format, Hiding, Joint, Location, NoticeKind, Visibility,
};
use crate::domain::limits::{CSV_CELL_BLOCKS_MAX, CSV_COLUMNS_MAX};
use rows::{Row, Rows, delimiter};

/// Columns that the first screen holds.
const SCREEN_COLUMNS: usize = 15;
/// Empty columns behind which nobody looks for more.
const GAP_COLUMNS: usize = 10;
/// Empty rows behind which nobody looks for more; a screen holds some forty.
const GAP_ROWS: usize = 100;
/// Line ends in one cell behind which its text is below its edge.
const GAP_LINES: usize = 20;
/// Blanks in one line of a cell behind which its text is beside it.
const GAP_SPACES: usize = 100;
/// Bytes of rows of a large table that become a block together.
const ROWS_BYTES: usize = 500;
/// Functions of spreadsheets that reach outside, and what precedes a call of another program.
const ACTIVE: &[&str] = &[
    "HYPERLINK(",
    "WEBSERVICE(",
    "IMPORTXML(",
    "IMPORTDATA(",
    "IMPORTHTML(",
    "IMPORTFEED(",
    "IMPORTRANGE(",
    "IMAGE(",
    "DDE(",
    "RTD(",
    "CALL(",
    "REGISTER(",
    "EXEC(",
    "CMD|",
    "MSEXCEL|",
    "RUNDLL32|",
    "POWERSHELL|",
];

const OFF_SCREEN: Visibility = Visibility::Hidden(Hiding::OffPage);

pub(super) fn parse(bytes: &[u8]) -> Document {
    let decoded = decode(bytes);
    let mut builder = Builder::new(Format::Csv);
    if decoded.malformed {
        let detail = format!("bytes that are no {} text were replaced", decoded.encoding);
        builder.notice(NoticeKind::BadEncoding, None, detail);
    }
    let (delimiter, text) = delimiter(&decoded.text);
    let rows = Rows::new(text, delimiter);
    let mut table = Table::of(rows.clone(), builder);
    for row in rows {
        table.row(&row);
        if table.builder.is_full() {
            break;
        }
    }
    table.flush();
    table.builder.finish()
}

struct Table {
    builder: Builder,
    /// Rows of a large table that become a block together, and the place of the first.
    lines: String,
    place: String,
    has_header: bool,
    /// Columns that the table has.
    width: usize,
    /// Whether there are too many cells for a block each.
    by_row: bool,
    /// Number of the last row that is not empty.
    last: usize,
    is_below: bool,
}

impl Table {
    fn of(rows: Rows<'_>, builder: Builder) -> Self {
        let first = rows.clone().next();
        let second = rows.clone().nth(1);
        let has_header = first.as_ref().is_some_and(is_header) && second.is_some();
        let width = width::of(rows.clone());
        let cells: usize = rows.map(|row| row.cells.len()).sum();
        let by_row = cells > CSV_CELL_BLOCKS_MAX;
        Self {
            builder,
            lines: String::new(),
            place: String::new(),
            has_header,
            width,
            by_row,
            last: 0,
            is_below: false,
        }
    }

    fn row(&mut self, row: &Row<'_>) {
        if row.is_cut {
            let detail = "it ends within a quoted field";
            self.builder.notice_once(NoticeKind::Truncated, detail);
        }
        if row.cells.is_empty() {
            return;
        }
        self.is_below |= self.last > 0 && row.number - self.last > GAP_ROWS;
        self.last = row.number;
        let inside = row.cells.iter().take_while(|(column, _)| *column < self.width);
        let mut end = inside.last().map_or(0, |(column, _)| column + 1).max(self.width);
        let mut shown: Vec<(usize, &str)> = Vec::new();
        let mut unseen: Vec<(usize, &str)> = Vec::new();
        let mut is_beside = false;
        for (column, text) in &row.cells {
            self.look(text);
            is_beside |= *column >= (end + GAP_COLUMNS).max(SCREEN_COLUMNS);
            is_beside |= *column >= CSV_COLUMNS_MAX;
            if is_beside || self.is_below {
                unseen.push((*column, text));
                continue;
            }
            if *column >= end {
                let detail = "a row has more fields than the table has columns";
                self.builder.notice_once(NoticeKind::Malformed, detail);
                end = column + 1;
            }
            let (seen, behind) = seen_of(text);
            shown.push((*column, seen));
            unseen.extend((!behind.trim().is_empty()).then_some((*column, behind)));
        }
        self.shown(row.number, &shown);
        if !unseen.is_empty() {
            self.flush();
        }
        for (column, text) in unseen {
            let place = cell_name(column, row.number);
            self.block(text.trim(), BlockKind::Cell, Joint::Line, OFF_SCREEN, place);
        }
    }

    fn shown(&mut self, number: usize, cells: &[(usize, &str)]) {
        let Some((first, _)) = cells.first() else { return };
        let is_header = self.has_header && number == 1;
        if is_header || self.by_row {
            let texts: Vec<&str> = cells.iter().map(|(_, text)| text.trim()).collect();
            let (line, place) = (texts.join(" | "), cell_name(*first, number));
            if is_header {
                // As a heading it stands above every chunk of the table.
                let kind = BlockKind::Heading(3);
                self.block(&line, kind, Joint::Line, Visibility::Shown, place);
            } else {
                self.line(&line, place);
            }
            return;
        }
        for (index, (column, text)) in cells.iter().enumerate() {
            let (joint, text) = match index {
                0 => (Joint::Line, Cow::Borrowed(text.trim())),
                _ => (Joint::Inline, Cow::Owned(format!(" | {}", text.trim()))),
            };
            let place = cell_name(*column, number);
            self.block(&text, BlockKind::Cell, joint, Visibility::Shown, place);
        }
    }

    fn line(&mut self, line: &str, place: String) {
        if self.lines.is_empty() {
            self.place = place;
        } else {
            self.lines.push('\n');
        }
        self.lines.push_str(line);
        if self.lines.len() > ROWS_BYTES {
            self.flush();
        }
    }

    fn flush(&mut self) {
        let (lines, place) = (std::mem::take(&mut self.lines), std::mem::take(&mut self.place));
        self.block(&lines, BlockKind::Cell, Joint::Line, Visibility::Shown, place);
    }

    fn block(
        &mut self,
        text: &str,
        kind: BlockKind,
        joint: Joint,
        visibility: Visibility,
        cell: String,
    ) {
        let location = Location::Cell { sheet: String::new(), cell };
        self.builder.long_block(Block { text: text.to_owned(), kind, joint, visibility, location });
    }

    /// Whether a spreadsheet would do more than to show a cell.
    fn look(&mut self, text: &str) {
        let Some(formula) = text.trim_start().strip_prefix(['=', '+', '-', '@']) else { return };
        let head: String = formula.chars().take(64).collect::<String>().to_ascii_uppercase();
        if ACTIVE.iter().any(|active| head.contains(active)) {
            let detail = "a cell holds a formula that reaches outside the table";
            self.builder.notice_once(NoticeKind::ActiveContent, detail);
        }
    }
}

/// Columns up to the first wide gap, given those that hold something.
fn width_of(columns: impl Iterator<Item = usize>) -> usize {
    let mut end = 0;
    for column in columns {
        if column >= end + GAP_COLUMNS {
            break;
        }
        end = column + 1;
    }
    end
}

/// Whether a first row names the columns: words, each another, and not one alone in a wide table.
fn is_header(row: &Row<'_>) -> bool {
    let names: std::collections::BTreeSet<&str> =
        row.cells.iter().map(|(_, text)| text.trim()).collect();
    let is_name = |text: &&str| text.parse::<f64>().is_err() && text.len() <= 200;
    let has_letters = |text: &&str| text.chars().any(char::is_alphabetic);
    names.len() == row.cells.len()
        && names.len() * 2 > width_of(row.cells.iter().map(|(column, _)| *column))
        && names.iter().all(is_name)
        && names.iter().any(has_letters)
}

/// What of a cell lies on the screen, and what lies behind a stretch of blanks.
fn seen_of(text: &str) -> (&str, &str) {
    let (mut lines, mut spaces) = (0, 0);
    for (at, ch) in text.trim_end().char_indices() {
        match ch {
            '\n' => (lines, spaces) = (lines + 1, 0),
            ch if ch.is_whitespace() => spaces += 1,
            _ if lines >= GAP_LINES || spaces >= GAP_SPACES => {
                return text.split_at_checked(at).unwrap_or((text, ""));
            }
            _ => (lines, spaces) = (0, 0),
        }
    }
    (text, "")
}

/// `B7`; a row is counted from 1.
fn cell_name(column: usize, row: usize) -> String {
    let from_zero = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Place { row: from_zero(row.saturating_sub(1)), column: from_zero(column) }.name()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<(String, String, Visibility)> {
        let blocks = parse(text.as_bytes()).blocks.into_iter();
        blocks.map(|block| (block.text, block.location.to_string(), block.visibility)).collect()
    }

    fn visibility(text: &str, wanted: &str) -> Option<Visibility> {
        let mut found = told(text).into_iter().filter(|(text, ..)| text.contains(wanted));
        found.next().map(|(.., visibility)| visibility)
    }

    fn kinds(text: &str) -> Vec<NoticeKind> {
        parse(text.as_bytes()).notices.iter().map(|notice| notice.kind).collect()
    }

    #[test]
    fn cells_have_their_places() {
        let found = told("\u{FEFF}name;city\nAnn;\"Utrecht\nNL\"\n;Gent\n");
        let found: Vec<_> =
            found.iter().map(|(text, place, _)| (text.as_str(), place.as_str())).collect();
        assert_eq!(
            found,
            [
                ("name | city", "cell A1"),
                ("Ann", "cell A2"),
                (" | Utrecht\nNL", "cell B2"),
                ("Gent", "cell B3"),
            ]
        );
        assert_eq!(cell_name(27, 3), "AB3");
        assert!(kinds("name,city\nAnn,Gent\n").is_empty());
    }

    #[test]
    fn the_header_is_a_heading_and_numbers_are_none() {
        let kind = |text: &str| parse(text.as_bytes()).blocks[0].kind;
        assert_eq!(kind("name,year\nAnn,1990"), BlockKind::Heading(3));
        assert_eq!(kind("Ann,1990\nBob,1991"), BlockKind::Cell);
    }

    #[test]
    fn text_far_beside_the_table_is_off_screen_and_wide_tables_are_not() {
        let far = format!("a,b\n1,2{}words\n", ",".repeat(40));
        assert_eq!(visibility(&far, "words"), Some(OFF_SCREEN));
        let header = format!("a,b{}words\n1,2\n", ",".repeat(40));
        assert_eq!(visibility(&header, "words"), Some(OFF_SCREEN));
        let names: Vec<String> = (0..300).map(|number| format!("c{number}")).collect();
        let wide = format!("{}\n1{}words\n", names.join(","), ",".repeat(299));
        assert_eq!(visibility(&wide, "words"), Some(Visibility::Shown));
        assert!(kinds(&wide).is_empty());
    }

    #[test]
    fn a_title_does_not_make_a_table_narrow() {
        // A list of orders below its title, with a remark in one of the last columns.
        let names: Vec<String> = (0..30).map(|number| format!("name {number}")).collect();
        let full = format!("{}\n", "7,".repeat(30));
        let sparse = format!("8{}words\n", ",".repeat(28));
        for title in ["Orders of May\n", "Orders of May\n\n", ""] {
            let with_header = format!("{title}{}\n{full}{sparse}", names.join(","));
            let without = format!("{title}{full}{full}{sparse}");
            for text in [with_header, without] {
                assert_eq!(visibility(&text, "words"), Some(Visibility::Shown), "{text}");
                assert!(kinds(&text).is_empty(), "{text}");
            }
        }
        let narrow = format!("Orders of May\na,b\n1,2\n3{}words\n", ",".repeat(28));
        assert_eq!(visibility(&narrow, "words"), Some(OFF_SCREEN));
    }

    #[test]
    fn columns_that_few_rows_fill_are_of_the_table() {
        // One of forty columns is filled in each row, and none has a name.
        let rows: String =
            (0..400).map(|row| format!("x{}y\n", ",".repeat(1 + row % 40))).collect();
        let text = format!("{rows}x{}words\n", ",".repeat(40));
        assert_eq!(visibility(&text, "words"), Some(Visibility::Shown));
        let text = format!("{rows}x{}words\n", ",".repeat(55));
        assert_eq!(visibility(&text, "words"), Some(OFF_SCREEN));
    }

    #[test]
    fn the_first_screen_is_seen_whatever_is_empty_on_it() {
        let text = |gap: usize| format!("a,b\n1,2\nTotal{}words\n", ",".repeat(gap));
        assert_eq!(visibility(&text(SCREEN_COLUMNS - 1), "words"), Some(Visibility::Shown));
        assert_eq!(visibility(&text(SCREEN_COLUMNS + 1), "words"), Some(OFF_SCREEN));
    }

    #[test]
    fn a_field_too_many_is_shown_and_told() {
        let text = "a,b\n1,2,words\n";
        assert_eq!(visibility(text, "words"), Some(Visibility::Shown));
        assert_eq!(kinds(text), [NoticeKind::Malformed]);
        assert!(kinds("a,b\n1,2,\n").is_empty(), "an empty field is no field");
        for small in ["a,b\n", "Ann,1990\n", "Ann,1990,1991\nBob\n", "Ann\n", "1,2\n3,4\n5,6\n7,8"]
        {
            assert!(kinds(small).is_empty(), "{small}");
        }
        assert_eq!(kinds("1,2\n3,4\n5,6\n7,8,9\n"), [NoticeKind::Malformed]);
    }

    #[test]
    fn text_far_below_the_table_is_off_screen() {
        let below = |rows: usize| {
            visibility(&format!("a,b\n1,2\n{}words,x\n", ",\n".repeat(rows)), "words")
        };
        assert_eq!(below(GAP_ROWS + 1), Some(OFF_SCREEN));
        assert_eq!(below(3), Some(Visibility::Shown));
    }

    #[test]
    fn text_behind_blanks_in_a_cell_is_off_screen() {
        let cell = |blanks: &str| visibility(&format!("a,b\n\"one{blanks}words\",x\n"), "words");
        assert_eq!(cell(&"\n".repeat(30)), Some(OFF_SCREEN));
        assert_eq!(cell(&" ".repeat(150)), Some(OFF_SCREEN));
        assert_eq!(cell("\n\n   "), Some(Visibility::Shown));
    }

    #[test]
    fn formulas_that_reach_outside_are_told() {
        assert_eq!(
            kinds("a,b\n\"=HYPERLINK(\"\"http://e\"\",\"\"x\"\")\",2\n"),
            [NoticeKind::ActiveContent]
        );
        assert_eq!(kinds("a,b\n=cmd|' /C calc'!A0,2\n"), [NoticeKind::ActiveContent]);
        assert!(kinds("a,b\n=SUM(A1:A2),-5\n+31 20 123,@ann\n").is_empty());
    }

    #[test]
    fn rows_of_a_large_table_share_blocks() {
        let text = format!("a,b\n{}", "1,2\n".repeat(CSV_CELL_BLOCKS_MAX));
        let document = parse(text.as_bytes());
        assert!(document.blocks.len() < CSV_CELL_BLOCKS_MAX / 50);
        assert!(document.blocks[1].text.starts_with("1 | 2\n1 | 2\n"));
        let lines: usize = document.blocks.iter().map(|block| block.text.lines().count()).sum();
        assert_eq!(lines, CSV_CELL_BLOCKS_MAX + 1);
        let wide = format!("a,b\n{}words\n", "1,".repeat(CSV_COLUMNS_MAX + 10));
        assert_eq!(visibility(&wide, "words"), Some(OFF_SCREEN));
    }
}
