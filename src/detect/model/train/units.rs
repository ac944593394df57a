//! Rows → units with labels: what the heads of the model learn from.
//!
//! A text repeats in many rows, so each different unit is kept once with its features.

use std::collections::BTreeMap;

use super::corpus::{Form, Row};
use crate::detect::model::concepts::Concepts;
use crate::detect::model::features::Features;
use crate::detect::model::tokens::hash_of;
use crate::detect::model::units::units;
use crate::detect::views::{Place, fold};

/// The features of a unit, apart from any text.
#[derive(Debug, Clone)]
pub(super) struct Unit {
    pub features: Features,
}

/// A row, cut into units.
#[derive(Debug, Clone)]
pub(super) struct Cut {
    pub row: Row,
    pub units: Vec<CutUnit>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct CutUnit {
    /// Position among the different units.
    pub unit: usize,
    pub bytes: usize,
    /// Whether it stands in the passage that attacks.
    pub attacks: bool,
}

/// All rows and all different units.
#[derive(Debug, Default)]
pub(super) struct Cuts {
    pub rows: Vec<Cut>,
    pub units: Vec<Unit>,
}

impl Cuts {
    pub(super) fn of(rows: Vec<Row>, concepts: &Concepts) -> Self {
        let mut cuts = Self::default();
        let mut known: BTreeMap<u64, usize> = BTreeMap::new();
        for row in rows {
            let units = cuts.cut(&row, concepts, &mut known);
            cuts.rows.push(Cut { row, units });
        }
        cuts
    }

    fn cut(
        &mut self,
        row: &Row,
        concepts: &Concepts,
        known: &mut BTreeMap<u64, usize>,
    ) -> Vec<CutUnit> {
        let (text, offsets) = fold(&row.text);
        let place = Place::of_reading(offsets, row.text.len());
        let ranges = units(&text);
        let cut = ranges.into_iter().map(|range| {
            let part = text.get(range.clone()).unwrap_or_default();
            let unit = *known.entry(hash_of(part.as_bytes())).or_insert_with(|| {
                let mut features = Features::default();
                features.of(part, concepts);
                features.forget_tokens();
                self.units.push(Unit { features });
                self.units.len() - 1
            });
            let place = place.range(&row.text, range.clone());
            let attacks = row.span.as_ref().is_some_and(|span| {
                let (start, end) = (place.start.max(span.start), place.end.min(span.end));
                // Half of the unit attacks, or half of the attack is in it.
                let shared = end.saturating_sub(start) * 2;
                shared > 0 && (shared >= place.len() || shared >= span.len())
            });
            CutUnit { unit, bytes: range.len(), attacks }
        });
        cut.collect()
    }
}

impl Cut {
    /// Whether all of it is somebody's request to a model.
    pub(super) fn is_prompt(&self) -> bool {
        self.row.form == Form::Prompt
    }
}
