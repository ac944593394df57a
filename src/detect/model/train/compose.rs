//! Fragments → documents: each passage is put into carriers of its language, at the beginning, between
//! two sentences or lines, or at the end, as an attacker would.

use std::ops::Range;

use super::corpus::{Form, Row};
use super::random::Random;
use crate::detect::model::units::units;

/// Carriers longer than this are cut, so that the trainer sees chunks and not books.
const CARRIER_BYTES_MAX: usize = 3_000;
/// Carriers that each fragment is put into.
const PLACES: usize = 2;

/// Every fragment, `PLACES` times in a carrier and, where it is long enough to be a document, by itself;
/// other rows are left as they are.
pub fn compose(rows: Vec<Row>) -> Vec<Row> {
    let carriers: Vec<Row> = rows
        .iter()
        .filter(|row| row.form == Form::Document && !row.injection && row.text.len() >= 200)
        .cloned()
        .collect();
    let mut composed = Vec::with_capacity(rows.len());
    for (at, row) in rows.into_iter().enumerate() {
        if row.form != Form::Fragment {
            composed.push(row);
            continue;
        }
        let mut random = Random::of(&format!("{at}{}", row.text));
        let mut fitting: Vec<&Row> = carriers.iter().filter(|c| c.lang == row.lang).collect();
        if fitting.is_empty() || random.below(5) == 0 {
            fitting = carriers.iter().collect();
        }
        for _ in 0..PLACES {
            if let Some(carrier) = fitting.get(random.below(fitting.len())) {
                composed.push(within(&row, carrier, &mut random));
            }
        }
        // Alone it is a short document.
        if row.text.len() >= 60 {
            composed.push(Row { form: Form::Document, ..row });
        }
    }
    composed
}

fn within(fragment: &Row, carrier: &Row, random: &mut Random) -> Row {
    let end = carrier.text.floor_char_boundary(carrier.text.len().min(CARRIER_BYTES_MAX));
    let text = carrier.text.get(..end).unwrap_or_default();
    let borders: Vec<usize> = units(text).into_iter().map(|unit| unit.start).collect();
    let at = match random.below(4) {
        0 => 0,
        1 => text.len(),
        _ => borders.get(random.below(borders.len())).copied().unwrap_or(0),
    };
    let gap = [" ", "\n", "\n\n"].get(random.below(3)).copied().unwrap_or(" ");
    let (before, after) = text.split_at_checked(at).unwrap_or((text, ""));
    let lead = if before.is_empty() { "" } else { gap };
    let trail = if after.is_empty() { "" } else { gap };
    let start = before.trim_end().len() + lead.len();
    let span: Range<usize> = start..start + fragment.text.len();
    Row {
        text: format!("{}{lead}{}{trail}{after}", before.trim_end(), fragment.text),
        form: Form::Document,
        span: fragment.injection.then_some(span),
        carrier: carrier.carrier,
        ..fragment.clone()
    }
}
