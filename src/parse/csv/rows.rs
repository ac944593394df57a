//! Rows of a table in text (RFC 4180), with the character that parts fields found from the text itself.

use std::borrow::Cow;

use crate::domain::limits::CSV_COLUMNS_MAX;

/// What may part fields.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// Bytes of the beginning from which it is told.
const SAMPLE_BYTES: usize = 64 << 10;
/// Rows of it.
const SAMPLE_ROWS: usize = 50;

/// A row without its empty fields.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row<'a> {
    /// From 1.
    pub(super) number: usize,
    /// Columns from 0, and what stands there.
    pub(super) cells: Vec<(usize, Cow<'a, str>)>,
    /// All fields, empty ones too.
    pub(super) fields: usize,
    /// Whether the text ends within quotes.
    pub(super) is_cut: bool,
}

/// The rows of a text.
#[derive(Debug, Clone)]
pub(super) struct Rows<'a> {
    rest: &'a str,
    delimiter: u8,
    number: usize,
}

impl<'a> Rows<'a> {
    pub(super) const fn new(text: &'a str, delimiter: u8) -> Self {
        Self { rest: text, delimiter, number: 0 }
    }

    /// A field at the beginning of the rest, and whether it is cut. What follows is a delimiter, a line
    /// end, or nothing.
    fn field(&mut self) -> (Cow<'a, str>, bool) {
        let is_quoted = self.rest.trim_start_matches(' ').starts_with('"');
        if is_quoted && let Some(inner) = self.rest.trim_start_matches(' ').strip_prefix('"') {
            return self.quoted(inner);
        }
        let end = self.end_of(self.rest);
        let (field, rest) = self.rest.split_at_checked(end).unwrap_or_default();
        self.rest = rest;
        (Cow::Borrowed(field), false)
    }

    fn end_of(&self, text: &str) -> usize {
        let is_end = |byte: &u8| *byte == self.delimiter || matches!(byte, b'\n' | b'\r');
        text.as_bytes().iter().position(is_end).unwrap_or(text.len())
    }

    fn quoted(&mut self, inner: &'a str) -> (Cow<'a, str>, bool) {
        let mut text = Cow::Borrowed("");
        let mut rest = inner;
        loop {
            let Some((piece, after)) = rest.split_once('"') else {
                text += rest;
                self.rest = "";
                return (text, true);
            };
            text += piece;
            match after.strip_prefix('"') {
                Some(more) => {
                    text += "\"";
                    rest = more;
                }
                None => {
                    // What stands between the quotes and the end of the field belongs to it.
                    let (tail, rest) =
                        after.split_at_checked(self.end_of(after)).unwrap_or_default();
                    text += tail;
                    self.rest = rest;
                    return (text, false);
                }
            }
        }
    }
}

impl<'a> Iterator for Rows<'a> {
    type Item = Row<'a>;

    fn next(&mut self) -> Option<Row<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        self.number += 1;
        let mut row = Row { number: self.number, cells: Vec::new(), fields: 0, is_cut: false };
        loop {
            if row.fields >= CSV_COLUMNS_MAX {
                let end = self.rest.find(['\n', '\r']).unwrap_or(self.rest.len());
                let (behind, rest) = self.rest.split_at_checked(end).unwrap_or_default();
                row.cells.push((row.fields, Cow::Borrowed(behind)));
                self.rest = rest;
                break;
            }
            let (field, is_cut) = self.field();
            row.is_cut |= is_cut;
            if !field.trim().is_empty() {
                row.cells.push((row.fields, field));
            }
            row.fields += 1;
            let delimiter = char::from(self.delimiter);
            match self.rest.strip_prefix(delimiter) {
                Some(rest) => self.rest = rest,
                None => break,
            }
        }
        let ended = self.rest.strip_prefix("\r\n").or_else(|| self.rest.strip_prefix(['\n', '\r']));
        self.rest = ended.unwrap_or_default();
        Some(row)
    }
}

/// The delimiter, and the text behind a line that only names it (as Excel writes and never shows).
pub(super) fn delimiter(text: &str) -> (u8, &str) {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    if let Some([delimiter]) = first.trim_end().strip_prefix("sep=").map(str::as_bytes) {
        return (*delimiter, rest);
    }
    let sample = text.get(..text.floor_char_boundary(SAMPLE_BYTES)).unwrap_or_default();
    // The last of equals would win; the comma is to.
    let best = DELIMITERS.into_iter().rev().max_by_key(|delimiter| evenness(sample, *delimiter));
    (best.unwrap_or(b','), text)
}

/// How many rows agree on a number of fields above one.
fn evenness(sample: &str, delimiter: u8) -> usize {
    let fields: Vec<usize> =
        Rows::new(sample, delimiter).take(SAMPLE_ROWS).map(|row| row.fields).collect();
    let first = fields.first().copied().unwrap_or_default();
    let usual = usual(fields.iter().copied());
    let agreeing = fields.iter().filter(|count| **count == usual).count();
    if usual > 1 { agreeing * 2 + usize::from(first == usual) } else { 0 }
}

/// The number that comes most often.
fn usual(numbers: impl Iterator<Item = usize>) -> usize {
    let mut counts = std::collections::BTreeMap::<usize, usize>::new();
    numbers.for_each(|number| *counts.entry(number).or_default() += 1);
    counts.into_iter().max_by_key(|(_, count)| *count).map_or(0, |(number, _)| number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str, delimiter: u8) -> Vec<String> {
        let cell = |(column, text): &(usize, Cow<'_, str>)| format!("{column}={text}");
        let rows = Rows::new(text, delimiter);
        rows.map(|row| row.cells.iter().map(cell).collect::<Vec<_>>().join("|")).collect()
    }

    #[test]
    fn quotes_hold_delimiters_line_ends_and_quotes() {
        assert_eq!(
            told("a,\"b,\"\"c\"\"\nd\",e\r\n,,f\rg", b','),
            ["0=a|1=b,\"c\"\nd|2=e", "2=f", "0=g"]
        );
        assert_eq!(told("\"a\"b,\"c", b','), ["0=ab|1=c"]);
        assert!(Rows::new("\"c", b',').next().unwrap().is_cut);
    }

    #[test]
    fn the_delimiter_is_the_one_that_rows_agree_on() {
        assert_eq!(delimiter("a;b;c\n1,5;2,5;3\n1,5;2;3").0, b';');
        assert_eq!(delimiter("a\tb\nx, y\tz\n").0, b'\t');
        assert_eq!(delimiter("a,b\n1,2\n").0, b',');
        assert_eq!(delimiter("only one column\nof, text").0, b',');
        assert_eq!(delimiter("sep=;\na;b"), (b';', "a;b"));
    }
}
