//! Areas of a sheet, asked for cell by cell in the order of rows.

use crate::domain::limits::SHEET_AREA_TESTS_MAX;
use crate::parse::grid::Place;

/// From one corner to the other, both within.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Area {
    pub(super) first: Place,
    pub(super) last: Place,
}

/// The row and column after the last of any sheet.
const END: u32 = 1 << 20;

impl Area {
    /// Reads `A1:C3`, `A1`, `B:B` or `2:9`.
    pub(super) fn read(text: &str) -> Option<Self> {
        let text = text.rsplit('!').next().unwrap_or(text).trim();
        let (from, to) = text.split_once(':').unwrap_or((text, text));
        let is_whole =
            |half: &str, is: fn(&char) -> bool| half.chars().all(|ch| is(&ch) || ch == '$');
        let both = |is| text.contains(':') && is_whole(from, is) && is_whole(to, is);
        let (from, to) = if both(char::is_ascii_alphabetic) {
            (format!("{from}1"), format!("{to}{END}"))
        } else if both(char::is_ascii_digit) {
            (format!("A{from}"), format!("XFD{to}"))
        } else {
            (from.to_owned(), to.to_owned())
        };
        let (from, to) = (Place::of_name(&from)?, Place::of_name(&to)?);
        let corner = |pick: fn(u32, u32) -> u32| Place {
            row: pick(from.row, to.row),
            column: pick(from.column, to.column),
        };
        Some(Self { first: corner(u32::min), last: corner(u32::max) })
    }

    /// Areas that spaces part.
    pub(super) fn list(text: &str) -> Vec<Self> {
        text.split_whitespace().filter_map(Self::read).collect()
    }

    pub(super) const fn holds(&self, place: Place) -> bool {
        self.first.row <= place.row
            && place.row <= self.last.row
            && self.first.column <= place.column
            && place.column <= self.last.column
    }
}

/// What may still be tested of one file.
#[derive(Debug)]
pub(super) struct Tests {
    pub(super) left: usize,
}

impl Default for Tests {
    fn default() -> Self {
        Self { left: SHEET_AREA_TESTS_MAX }
    }
}

/// Areas with what they mean.
#[derive(Debug)]
pub(super) struct Areas<T> {
    /// By first row.
    known: Vec<(Area, T)>,
    next: usize,
    /// Those that the row may be in.
    active: Vec<usize>,
    row: Option<u32>,
}

impl<T> Default for Areas<T> {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

impl<T> Areas<T> {
    pub(super) fn new(mut known: Vec<(Area, T)>) -> Self {
        known.sort_by_key(|(area, _)| area.first.row);
        Self { known, next: 0, active: Vec::new(), row: None }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// The areas that hold a cell, by first row. None once the tests are used up.
    pub(super) fn at(
        &mut self,
        place: Place,
        tests: &mut Tests,
    ) -> impl Iterator<Item = &(Area, T)> {
        if self.row != Some(place.row) {
            self.turn(place.row, tests);
        }
        let count = self.active.len();
        let is_over = tests.left < count;
        tests.left = if is_over { 0 } else { tests.left - count };
        let active = if is_over { &[] } else { self.active.as_slice() };
        let known = &self.known;
        active
            .iter()
            .filter_map(|index| known.get(*index))
            .filter(move |(area, _)| area.holds(place))
    }

    fn turn(&mut self, row: u32, tests: &mut Tests) {
        if self.row.is_some_and(|last| row < last) {
            self.next = 0;
            self.active.clear();
        }
        self.row = Some(row);
        if tests.left == 0 {
            self.active.clear();
            return;
        }
        let known = &self.known;
        while known.get(self.next).is_some_and(|(area, _)| area.first.row <= row) && tests.left > 0
        {
            tests.left -= 1;
            self.active.push(self.next);
            self.next += 1;
        }
        tests.left = tests.left.saturating_sub(self.active.len());
        self.active.retain(|index| known.get(*index).is_some_and(|(area, _)| row <= area.last.row));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_are_read_in_every_form() {
        let area = |text: &str| {
            Area::read(text).map(|area| format!("{}:{}", area.first.name(), area.last.name()))
        };
        assert_eq!(area("C3:A1").as_deref(), Some("A1:C3"));
        assert_eq!(area("Sheet1!$B$2").as_deref(), Some("B2:B2"));
        assert_eq!(area("B:C").as_deref(), Some("B1:C1048576"));
        assert_eq!(area("2:3").as_deref(), Some("A2:XFD3"));
        assert_eq!(area("#REF!"), None);
        assert_eq!(Area::list("A1 B2:B3 x").len(), 2);
    }

    #[test]
    fn cells_find_their_areas_in_any_order_of_rows() {
        let list = |text: &str| Area::read(text).unwrap();
        let mut areas = Areas::new(vec![(list("B2:B9"), 'b'), (list("A1:C3"), 'a')]);
        let mut tests = Tests::default();
        let mut at = |name: &str| -> String {
            areas.at(Place::of_name(name).unwrap(), &mut tests).map(|(_, what)| *what).collect()
        };
        assert_eq!(at("A1"), "a");
        assert_eq!(at("B3"), "ab");
        assert_eq!(at("B9"), "b");
        assert_eq!(at("B10"), "");
        assert_eq!(at("C2"), "a");
    }

    #[test]
    fn tests_end() {
        let mut areas = Areas::new(vec![(Area::read("A1:A9").unwrap(), ()); 10]);
        let mut tests = Tests { left: 55 };
        let found: Vec<usize> =
            (0..4).map(|row| areas.at(Place { row, column: 0 }, &mut tests).count()).collect();
        assert_eq!(found, [10, 10, 0, 0]);
    }

    #[test]
    fn rows_cost_nothing_once_the_tests_are_used_up() {
        let mut areas = Areas::new(vec![(Area::read("A:A").unwrap(), ()); 100_000]);
        let mut tests = Tests { left: 150_000 };
        let found: usize =
            (0..100_000).map(|row| areas.at(Place { row, column: 0 }, &mut tests).count()).sum();
        assert_eq!((found, areas.active.len()), (0, 0));
    }
}
