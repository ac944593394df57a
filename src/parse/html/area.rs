//! The room that a placed box takes, as far as its declared sides tell, and what it covers.
//!
//! Let through on purpose: sides given as shares other than the whole, and boxes that are measured from
//! different ends, whose places depend on the size of the screen.

/// Widest a letter is on the average, in sizes of the type.
const LETTER_WIDTH: f32 = 0.6;
/// Height of a line where none is declared, in sizes of the type.
const LINE_HEIGHT: f32 = 1.5;
/// What a browser puts before and after a paragraph, in sizes of the type.
const MARGIN: f32 = 1.0;
/// Offsets and sizes that differ by less are the same.
const NEAR_PX: f32 = 0.5;

/// One direction of a placed box.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Axis {
    /// Distance from the left or upper end of what it is placed in.
    pub(crate) start: Option<f32>,
    /// Distance from the other end.
    pub(crate) end: Option<f32>,
    pub(crate) size: Option<f32>,
    /// From end to end.
    pub(crate) is_whole: bool,
}

impl Axis {
    /// Whether a box with this axis covers one that takes `size` from where `other` begins.
    fn covers(&self, other: &Self, size: f32) -> bool {
        let within = |own: Option<f32>, other: Option<f32>| {
            let (Some(own), Some(other), Some(whole)) = (own, other, self.size) else {
                return false;
            };
            own <= other + NEAR_PX && other + size <= own + whole + NEAR_PX
        };
        self.is_whole || within(self.start, other.start) || within(self.end, other.end)
    }
}

/// A box that is placed by its sides.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Area {
    pub(crate) across: Axis,
    pub(crate) down: Axis,
    /// The margin that is declared above it.
    pub(crate) margin: Option<f32>,
    /// Its padding and margin together.
    pub(crate) around_px: f32,
}

/// What a text needs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Extent {
    pub(crate) chars: usize,
    pub(crate) font_px: f32,
    pub(crate) line_px: Option<f32>,
}

impl Area {
    /// A box over the whole page, or over none of it that is known.
    pub(crate) const fn is_whole(&self) -> bool {
        self.across.is_whole && self.down.is_whole
    }

    /// Whether all of a text in another box that is placed in the same is under this one. The text is
    /// taken for larger than it will be.
    pub(crate) fn covers(&self, other: &Self, text: &Extent, screen_px: f32) -> bool {
        let chars = u16::try_from(text.chars).map_or(f32::INFINITY, f32::from);
        let line = chars * text.font_px * LETTER_WIDTH;
        let room = other.across.size.unwrap_or(screen_px).max(text.font_px);
        let (wide, lines) =
            if self.across.is_whole { (0.0, (line / room).ceil()) } else { (line, 1.0) };
        let line_px = text.line_px.unwrap_or(0.0).max(text.font_px * LINE_HEIGHT);
        let high = lines * line_px + other.around_px + text.font_px * MARGIN;
        self.across.covers(&other.across, wide + other.around_px)
            && self.down.covers(&other.down, high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(chars: usize) -> Extent {
        Extent { chars, font_px: 12.0, line_px: None }
    }

    fn low(end: f32, size: Option<f32>) -> Area {
        let across = Axis { is_whole: true, ..Axis::default() };
        Area { across, down: Axis { end: Some(end), size, ..Axis::default() }, ..Area::default() }
    }

    #[test]
    fn a_bar_covers_the_lines_that_fit_under_it() {
        let bar = low(0.0, Some(60.0));
        assert!(bar.covers(&low(6.0, None), &text(90), 1_280.0));
        assert!(!bar.covers(&low(6.0, None), &text(900), 1_280.0), "it is higher than the bar");
        assert!(!bar.covers(&low(50.0, None), &text(90), 1_280.0), "it begins above the bar");
        let top = Axis { start: Some(0.0), size: Some(60.0), ..Axis::default() };
        let top = Area { down: top, ..bar };
        assert!(!top.covers(&low(6.0, None), &text(90), 1_280.0), "it is at the other end");
    }

    #[test]
    fn a_box_covers_what_stands_within_its_sides() {
        let side =
            |start: f32, size: Option<f32>| Axis { start: Some(start), size, ..Axis::default() };
        let cover = Area {
            across: side(10.0, Some(300.0)),
            down: side(10.0, Some(50.0)),
            ..Area::default()
        };
        let under = |left: f32| Area {
            across: side(left, None),
            down: side(12.0, None),
            ..Area::default()
        };
        assert!(cover.covers(&under(20.0), &text(30), 1_280.0));
        assert!(!cover.covers(&under(20.0), &text(60), 1_280.0), "it looks out on the right");
        assert!(!cover.covers(&under(5.0), &text(30), 1_280.0), "it looks out on the left");
    }
}
