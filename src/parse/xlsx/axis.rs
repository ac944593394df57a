//! Where the rows or columns of a sheet lie, for drawings that are placed by lengths.

use crate::domain::limits::SHEET_HEIGHTS_MAX;

/// A drawing may end this far inside a cell and still cover it: two pixels, in EMU.
const SLACK: f64 = 20_000.0;

/// The rows from top to bottom, or the columns from left to right, in EMU.
#[derive(Debug, Default)]
pub(super) struct Axis {
    /// Size of those that say nothing of it.
    usual: f64,
    known: Vec<Known>,
}

#[derive(Debug, Clone, Copy)]
struct Known {
    index: u32,
    size: f64,
    /// Where it begins.
    start: f64,
}

impl Axis {
    pub(super) const fn new(usual: f64) -> Self {
        Self { usual, known: Vec::new() }
    }

    /// Takes in a size; those that come out of order are passed over.
    pub(super) fn push(&mut self, index: u32, size: f64) {
        let is_next = self.known.last().is_none_or(|last| last.index < index);
        if is_next && self.known.len() < SHEET_HEIGHTS_MAX && size.is_finite() && size >= 0.0 {
            let start = self.start(index);
            self.known.push(Known { index, size, start });
        }
    }

    /// Where one begins.
    pub(super) fn start(&self, index: u32) -> f64 {
        let place = self.known.partition_point(|known| known.index < index);
        match place.checked_sub(1).and_then(|last| self.known.get(last)) {
            Some(last) => {
                let between = f64::from(index.saturating_sub(last.index).saturating_sub(1));
                last.start + last.size + between * self.usual
            }
            None => f64::from(index) * self.usual,
        }
    }

    /// How many begin before a point or at it.
    fn begun(&self, point: f64) -> u32 {
        let place = self.known.partition_point(|known| known.start <= point);
        let last = place.checked_sub(1).and_then(|last| self.known.get(last));
        let (index, end) = match last {
            Some(last) if point < last.start + last.size => return last.index.saturating_add(1),
            Some(last) => (last.index.saturating_add(1), last.start + last.size),
            None => (0, 0.0),
        };
        // The next that is known begins behind the point.
        let beyond = self.known.get(place).map_or(u32::MAX, |next| next.index);
        let more = match point < end {
            true => return index,
            false if self.usual > 0.0 => (point - end) / self.usual,
            false => f64::MAX,
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a cast ends at the bounds of the type"
        )]
        let more = (more.floor() + 1.0).max(0.0) as u32;
        index.saturating_add(more).min(beyond)
    }

    /// The first and last that lie wholly between two points.
    pub(super) fn within(&self, from: f64, to: f64) -> Option<(u32, u32)> {
        let before = self.begun(from - SLACK);
        let first =
            if self.start(before) < from - SLACK { before.saturating_add(1) } else { before };
        // The last that has begun ends behind the point.
        let last = self.begun(to + SLACK).checked_sub(2)?;
        (first <= last).then_some((first, last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_follow_from_sizes() {
        let mut rows = Axis::new(100_000.0);
        rows.push(2, 300_000.0);
        rows.push(3, 0.0);
        rows.push(1, 5.0);
        let starts: Vec<f64> = (0..6).map(|row| rows.start(row)).collect();
        assert_eq!(starts, [0.0, 100_000.0, 200_000.0, 500_000.0, 500_000.0, 600_000.0]);
    }

    #[test]
    fn what_lies_wholly_between_two_points_is_told() {
        let mut rows = Axis::new(100_000.0);
        rows.push(2, 300_000.0);
        for (from, to, expected) in [
            (0.0, 100_000.0, Some((0, 0))),
            (0.0, 60_000.0, None),
            (15_000.0, 185_000.0, Some((0, 1))),
            (50_000.0, 499_000.0, Some((1, 2))),
            (50_000.0, 450_000.0, Some((1, 1))),
            (600_000.0, 1_000_000.0, Some((4, 7))),
            (-500_000.0, -1.0, None),
        ] {
            assert_eq!(rows.within(from, to), expected, "{from} {to}");
        }
        assert!(Axis::default().within(0.0, 1e300).is_some_and(|(_, last)| last > 1 << 20));
    }
}
