//! Where boxes stand and what is cut of them, as far as style alone tells: no layout is made.
//!
//! Positions are lower bounds that add up what a page declares; flow is taken as zero. Let through
//! on purpose: boxes that only their neighbours push away.

use lightningcss::values::calc::{Calc, MathFunction};
use lightningcss::values::length::{LengthPercentage, LengthValue};

use super::css::media::{SCREEN_HEIGHT_PX, SCREEN_WIDTH_PX};
use super::css::value::Position;

/// From here on to the left or above, text is off the screen: wider than any outdent of a heading
/// or a menu, narrower than the smallest hiding offset that frameworks use (`-999px`).
pub(crate) const OFF_BEFORE_PX: f32 = -300.0;
/// From here on to the right no reader scrolls: four screens.
const OFF_RIGHT_PX: f32 = 5_000.0;
/// From here on below: twenty-five screens under where the flow would put it.
const OFF_BELOW_PX: f32 = 20_000.0;
/// A box that cuts what overflows shows nothing when it is this small: a third of the smallest
/// letters.
pub(crate) const BOX_PX_MIN: f32 = 3.0;
/// A box of screen-reader text is one pixel wide and high.
pub(crate) const LABEL_BOX_PX_MAX: f32 = 2.0;
/// What an absolute box of unknown width is taken for when it is moved by a share of itself.
const LOOSE_WIDTH_PX: f32 = 200.0;
/// The same for any box's height.
const LOOSE_HEIGHT_PX: f32 = 100.0;

/// Place of a box, and of the nearest positioned one around it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    x: f32,
    y: f32,
    base_x: f32,
    base_y: f32,
    /// Fixed to the screen: it cannot be scrolled to.
    fixed: bool,
    /// A box around it is placed, so that it does not stand where its offsets alone say.
    is_based: bool,
    /// It ends left of the screen.
    is_before: bool,
    /// Where a clip around it ends.
    right_end: f32,
    bottom_end: f32,
}

/// What moves a box, in pixels.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Offsets {
    pub(crate) left: Option<f32>,
    pub(crate) right: Option<f32>,
    pub(crate) top: Option<f32>,
    pub(crate) bottom: Option<f32>,
    pub(crate) margin_left: f32,
    pub(crate) margin_top: f32,
    pub(crate) move_x: f32,
    pub(crate) move_y: f32,
}

impl Place {
    pub(crate) const ORIGIN: Self = Self {
        x: 0.0,
        y: 0.0,
        base_x: 0.0,
        base_y: 0.0,
        fixed: false,
        is_based: false,
        is_before: false,
        right_end: f32::INFINITY,
        bottom_end: f32::INFINITY,
    };

    /// The place of a box inside this one.
    pub(crate) fn inside(self, position: Position, by: &Offsets) -> Self {
        let mut place = self;
        let from_end = |end: Option<f32>, size: f32| end.map_or(0.0, |end| size - end);
        match position {
            Position::Static => {}
            Position::Relative | Position::Sticky => {
                place.x += by.left.or(by.right.map(|right| -right)).unwrap_or(0.0);
                place.y += by.top.or(by.bottom.map(|bottom| -bottom)).unwrap_or(0.0);
            }
            Position::Absolute | Position::Fixed => {
                if position == Position::Fixed {
                    (place.base_x, place.base_y, place.fixed) = (0.0, 0.0, true);
                }
                let x =
                    by.left.unwrap_or_else(|| from_end(by.right, SCREEN_WIDTH_PX - LOOSE_WIDTH_PX));
                let y = by
                    .top
                    .unwrap_or_else(|| from_end(by.bottom, SCREEN_HEIGHT_PX - LOOSE_HEIGHT_PX));
                let placed_x = by.left.is_some() || by.right.is_some();
                let placed_y = by.top.is_some() || by.bottom.is_some();
                place.x = if placed_x { place.base_x + x } else { place.x };
                place.y = if placed_y { place.base_y + y } else { place.y };
            }
        }
        place.x += by.margin_left + by.move_x;
        place.y += by.margin_top + by.move_y;
        if position == Position::Fixed {
            place.is_based = false;
        }
        if position != Position::Static {
            (place.base_x, place.base_y) = (place.x, place.y);
        }
        place
    }

    /// Ends a box that is placed by its left side; whatever it is placed in is then based on it.
    pub(crate) fn end(&mut self, width: Option<f32>) {
        self.is_before |= !self.is_based && width.is_some_and(|width| self.x + width <= 0.0);
    }

    /// Boxes in it that are placed are placed by it.
    pub(crate) const fn base(&mut self) {
        self.is_based = true;
    }

    /// Cuts what lies outside a box of this size.
    pub(crate) fn cut(&mut self, width: Option<f32>, height: Option<f32>) {
        self.right_end = self.right_end.min(self.x + width.unwrap_or(f32::INFINITY));
        self.bottom_end = self.bottom_end.min(self.y + height.unwrap_or(f32::INFINITY));
    }

    /// Moves what is in the box by its padding.
    pub(crate) fn indent(&mut self, left: f32, top: f32) {
        self.x += left;
        self.y += top;
    }

    /// Leaves the clips around it: a box placed by something outside of them.
    pub(crate) const fn uncut(&mut self) {
        self.right_end = f32::INFINITY;
        self.bottom_end = f32::INFINITY;
    }

    pub(crate) fn is_off(&self) -> bool {
        self.is_before
            || self.x <= OFF_BEFORE_PX
            || self.y <= OFF_BEFORE_PX
            || self.x >= OFF_RIGHT_PX
            || self.y >= OFF_BELOW_PX
            || (self.fixed && (self.x >= SCREEN_WIDTH_PX || self.y >= SCREEN_HEIGHT_PX))
    }

    pub(crate) fn is_cut_away(&self) -> bool {
        self.x >= self.right_end || self.y >= self.bottom_end
    }
}

/// What a length is measured with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measure {
    pub(crate) font_px: f32,
    pub(crate) root_font_px: f32,
    /// What 100 % is.
    pub(crate) whole: f32,
}

/// Width of a box as a share of which a move is given.
pub(crate) const fn own_width(is_loose: bool) -> f32 {
    if is_loose { LOOSE_WIDTH_PX } else { SCREEN_WIDTH_PX }
}

/// Height of a box as a share of which a move is given.
pub(crate) const fn own_height() -> f32 {
    LOOSE_HEIGHT_PX
}

/// A length in pixels; `None` when a function in it is not understood.
pub(crate) fn pixels(length: &LengthPercentage, measure: Measure) -> Option<f32> {
    match length {
        LengthPercentage::Dimension(value) => unit(value, measure),
        LengthPercentage::Percentage(share) => Some(share.0 * measure.whole),
        LengthPercentage::Calc(calc) => calculated(calc, measure),
    }
}

fn unit(value: &LengthValue, measure: Measure) -> Option<f32> {
    use LengthValue as L;
    let (width, height) = (SCREEN_WIDTH_PX / 100.0, SCREEN_HEIGHT_PX / 100.0);
    Some(match value {
        L::Em(n) | L::Ic(n) => n * measure.font_px,
        L::Rem(n) | L::Ric(n) => n * measure.root_font_px,
        L::Ex(n) | L::Ch(n) => n * measure.font_px * 0.5,
        L::Rex(n) | L::Rch(n) => n * measure.root_font_px * 0.5,
        L::Cap(n) => n * measure.font_px * 0.7,
        L::Rcap(n) => n * measure.root_font_px * 0.7,
        L::Lh(n) => n * measure.font_px * 1.2,
        L::Rlh(n) => n * measure.root_font_px * 1.2,
        L::Vw(n)
        | L::Lvw(n)
        | L::Svw(n)
        | L::Dvw(n)
        | L::Vi(n)
        | L::Svi(n)
        | L::Lvi(n)
        | L::Dvi(n)
        | L::Cqw(n)
        | L::Cqi(n) => n * width,
        L::Vh(n)
        | L::Lvh(n)
        | L::Svh(n)
        | L::Dvh(n)
        | L::Vb(n)
        | L::Svb(n)
        | L::Lvb(n)
        | L::Dvb(n)
        | L::Cqh(n)
        | L::Cqb(n) => n * height,
        L::Vmin(n) | L::Svmin(n) | L::Lvmin(n) | L::Dvmin(n) | L::Cqmin(n) => n * width.min(height),
        L::Vmax(n) | L::Svmax(n) | L::Lvmax(n) | L::Dvmax(n) | L::Cqmax(n) => n * width.max(height),
        other => other.to_px()?,
    })
}

/// Depth is bounded by the bytes of a value (`CSS_VALUE_BYTES_MAX`).
fn calculated(calc: &Calc<LengthPercentage>, measure: Measure) -> Option<f32> {
    match calc {
        Calc::Value(value) => pixels(value, measure),
        Calc::Number(number) => Some(*number),
        Calc::Sum(one, other) => Some(calculated(one, measure)? + calculated(other, measure)?),
        Calc::Product(factor, inner) => Some(factor * calculated(inner, measure)?),
        Calc::Function(function) => function_of(function, measure),
    }
}

fn function_of(function: &MathFunction<LengthPercentage>, measure: Measure) -> Option<f32> {
    let each = |list: &[Calc<LengthPercentage>], pick: fn(f32, f32) -> f32| {
        list.iter()
            .map(|calc| calculated(calc, measure))
            .reduce(|one, other| Some(pick(one?, other?)))
            .flatten()
    };
    match function {
        MathFunction::Calc(inner) => calculated(inner, measure),
        MathFunction::Min(list) => each(list, f32::min),
        MathFunction::Max(list) => each(list, f32::max),
        MathFunction::Clamp(low, middle, high) => {
            let (low, high) = (calculated(low, measure)?, calculated(high, measure)?);
            Some(calculated(middle, measure)?.min(high).max(low))
        }
        MathFunction::Abs(inner) => calculated(inner, measure).map(f32::abs),
        MathFunction::Round(..)
        | MathFunction::Rem(..)
        | MathFunction::Mod(..)
        | MathFunction::Sign(_)
        | MathFunction::Hypot(_) => None,
    }
}
