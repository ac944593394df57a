//! XLSX (ECMA-376 part 1, SpreadsheetML): what the cells of each sheet show, and what the file holds besides.
//!
//! Cells show their values by their formats, rows read as lines. Hidden is what a person does not get:
//! sheets, rows and columns that are hidden or have no size, letters lost on their ground, formats that
//! show nothing, formulas, caches of pivot tables, parts that no sheet leads to.
//!
//! Let through on purpose: helper columns in grey, text cut by its neighbour, cells far from the others;
//! formulas are not worked out unless they are made of literals, join cells before them or can give no text, so
//! that what a cell keeps of another formula counts as shown.

mod areas;
mod around;
mod axis;
mod cell;
mod colours;
mod conditions;
mod drawing;
mod formula;
mod headings;
mod notes;
mod number;
mod reader;
mod sheet;
mod strings;
mod styles;
#[cfg(test)]
mod tests;
mod workbook;

pub(super) use formula::{Known, Other};
use reader::Reader;

use super::Builder;
use super::error::ParseError;
use super::ooxml;
use super::package::{Package, Unread};
use super::remains;
use super::xml::Element;
use crate::domain::document::{Format, Opened};

/// A number as a sheet writes it without a format.
pub(super) fn plain_number(number: f64) -> String {
    number::general(number)
}

/// What a formula of literals gives, as text; `None` for any other.
pub(super) fn plain_text(formula: &str) -> Option<String> {
    sheet::text_of(&plain_value(formula))
}

/// Whether a condition of literals holds; `None` for any other.
pub(super) fn plain_truth(condition: &str) -> Option<bool> {
    plain_value(condition).truth()
}

/// Whether a condition that is written for one cell holds for another, which holds a number or a text.
pub(super) fn holds(
    condition: &str,
    base: super::grid::Place,
    at: super::grid::Place,
    number: Option<f64>,
    text: Option<&str>,
) -> Option<bool> {
    let text = || text.map(|text| formula::Value::Text(text.to_owned()));
    let own = number.map(formula::Value::Number).or_else(text);
    let own = own.unwrap_or(formula::Value::Unknown);
    formula::Formula::read(condition, base).value(at, &own).truth()
}

fn plain_value(formula: &str) -> formula::Value {
    let nowhere = super::grid::Place::default();
    formula::Formula::read(formula, nowhere).value(nowhere, &formula::Value::Unknown)
}

pub(super) fn parse(bytes: &[u8]) -> Result<Opened, ParseError> {
    let mut package = Package::open(bytes, Format::Xlsx.name())?;
    let mut builder = Builder::new(Format::Xlsx);
    let main = ooxml::main_part(&mut package, "xl/workbook.xml");
    let workbook = match package.text(&main) {
        Ok(text) => remains::tree(&mut builder, &main, &text).unwrap_or_default(),
        Err(Unread::Encrypted) => return Err(ParseError::Encrypted),
        Err(unread) => {
            ooxml::unread_part(&mut builder, &main, unread);
            Element::default()
        }
    };
    let mut reader = Reader::new(&mut package, &mut builder, main, &workbook);
    reader.sheets(&workbook);
    reader.finish(&workbook);
    ooxml::beside(&mut package, &mut builder);
    Ok(builder.finish_opened())
}
