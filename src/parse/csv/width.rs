//! How wide a table is: a spreadsheet shows every column, and a person looks as far as the table goes. Columns
//! are of it that its header names, or that more than a stray row fills.

use std::collections::BTreeMap;

use super::rows::{Row, Rows};
use super::{is_header, width_of};

/// Rows that are looked at.
const ROWS: usize = 1_000;
/// Rows that fill a column of the table: two, and this share, in per cent.
const FILLED_ROWS_MIN: usize = 2;
const FILLED_PERCENT_MIN: usize = 1;

/// Columns up to the first wide gap between those that are of the table.
pub(super) fn of(rows: Rows<'_>) -> usize {
    let mut filled = BTreeMap::<usize, usize>::new();
    let mut named = None;
    let mut count = 0;
    for row in rows.filter(|row| !row.cells.is_empty()).take(ROWS) {
        count += 1;
        // Titles and remarks stand above the header.
        if named.is_none() && row.cells.len() > 1 {
            named = Some(names(&row));
        }
        for (column, _) in &row.cells {
            *filled.entry(*column).or_default() += 1;
        }
    }
    let named = named.unwrap_or_default();
    // Without a header a table of two rows is as wide as the wider one.
    let few = if named.is_empty() { FILLED_ROWS_MIN.min(count / 2) } else { FILLED_ROWS_MIN };
    let enough = few.max(count * FILLED_PERCENT_MIN / 100);
    for column in named {
        filled.insert(column, usize::MAX);
    }
    width_of(filled.into_iter().filter(|(_, rows)| *rows >= enough).map(|(column, _)| column))
}

/// The columns that a row names, if it is a header.
fn names(row: &Row<'_>) -> Vec<usize> {
    let columns = row.cells.iter().map(|(column, _)| *column);
    if is_header(row) { columns.collect() } else { Vec::new() }
}
