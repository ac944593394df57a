//! Points, rectangles and transformations of a page.
//!
//! Coordinates come from the file: they may be infinite or not numbers. Every test here answers
//! "no" for such values, so that what has no place is nowhere on the page.

/// Coordinates past this are no place on any page (PDF's largest page has 14,400 units a side).
const COORDINATE_MAX: f32 = 1.0e7;

pub(super) type Point = [f32; 2];

/// The same point, or one far off any page if it is not a usable number.
pub(super) fn placed([x, y]: Point) -> Point {
    if x.abs() <= COORDINATE_MAX && y.abs() <= COORDINATE_MAX {
        [x, y]
    } else {
        [-COORDINATE_MAX, -COORDINATE_MAX]
    }
}

/// The nearest usable point: a shape may well reach past every page.
pub(super) fn clamped(point: Point) -> Point {
    point.map(
        |value| {
            if value.is_nan() { 0.0 } else { value.clamp(-COORDINATE_MAX, COORDINATE_MAX) }
        },
    )
}

/// `[x y 1] × [a b 0; c d 0; e f 1]`, PDF's own order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Matrix {
    pub(super) a: f32,
    pub(super) b: f32,
    pub(super) c: f32,
    pub(super) d: f32,
    pub(super) e: f32,
    pub(super) f: f32,
}

impl Matrix {
    pub(super) const IDENTITY: Self = Self { a: 1.0, b: 0.0, c: 0.0, d: 1.0, e: 0.0, f: 0.0 };

    pub(super) const fn of([a, b, c, d, e, f]: [f32; 6]) -> Self {
        Self { a, b, c, d, e, f }
    }

    pub(super) const fn shift(e: f32, f: f32) -> Self {
        Self { a: 1.0, b: 0.0, c: 0.0, d: 1.0, e, f }
    }

    /// This transformation first, `outer` after it.
    pub(super) fn then(self, outer: Self) -> Self {
        Self {
            a: self.a * outer.a + self.b * outer.c,
            b: self.a * outer.b + self.b * outer.d,
            c: self.c * outer.a + self.d * outer.c,
            d: self.c * outer.b + self.d * outer.d,
            e: self.e * outer.a + self.f * outer.c + outer.e,
            f: self.e * outer.b + self.f * outer.d + outer.f,
        }
    }

    pub(super) fn apply(self, [x, y]: Point) -> Point {
        [self.a * x + self.c * y + self.e, self.b * x + self.d * y + self.f]
    }

    /// The way back, if there is one.
    pub(super) fn inverse(self) -> Option<Self> {
        let area = self.a * self.d - self.b * self.c;
        let back = Self {
            a: self.d / area,
            b: -self.b / area,
            c: -self.c / area,
            d: self.a / area,
            e: (self.c * self.f - self.d * self.e) / area,
            f: (self.b * self.e - self.a * self.f) / area,
        };
        let numbers = [back.a, back.b, back.c, back.d, back.e, back.f];
        numbers.iter().all(|number| number.is_finite()).then_some(back)
    }

    /// Where a step to the right leads.
    pub(super) const fn right(self) -> Point {
        [self.a, self.b]
    }

    /// Where a step upwards leads.
    pub(super) const fn up(self) -> Point {
        [self.c, self.d]
    }

    /// How many times longer lines get, on average over directions.
    pub(super) fn scale(self) -> f32 {
        (self.a * self.d - self.b * self.c).abs().sqrt()
    }

    /// Whether upright rectangles stay upright.
    pub(super) fn is_upright(self) -> bool {
        (near_zero(self.b) && near_zero(self.c)) || (near_zero(self.a) && near_zero(self.d))
    }
}

fn near_zero(value: f32) -> bool {
    value.abs() < 1.0e-5
}

pub(super) fn length([x, y]: Point) -> f32 {
    x.hypot(y)
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rect {
    pub(super) left: f32,
    pub(super) bottom: f32,
    pub(super) right: f32,
    pub(super) top: f32,
}

impl Rect {
    /// Holds nothing; the start for `grow`.
    pub(super) const NOTHING: Self = Self {
        left: f32::INFINITY,
        bottom: f32::INFINITY,
        right: f32::NEG_INFINITY,
        top: f32::NEG_INFINITY,
    };

    /// Two opposite corners, in any order.
    pub(super) fn of([x0, y0, x1, y1]: [f32; 4]) -> Self {
        Self { left: x0.min(x1), bottom: y0.min(y1), right: x0.max(x1), top: y0.max(y1) }
    }

    /// The bounds of this rectangle's image.
    pub(super) fn through(self, matrix: Matrix) -> Self {
        let mut bounds = Self::NOTHING;
        for corner in self.corners() {
            bounds.grow(matrix.apply(corner));
        }
        bounds
    }

    pub(super) const fn corners(self) -> [Point; 4] {
        [
            [self.left, self.bottom],
            [self.right, self.bottom],
            [self.right, self.top],
            [self.left, self.top],
        ]
    }

    pub(super) fn grow(&mut self, [x, y]: Point) {
        self.left = self.left.min(x);
        self.bottom = self.bottom.min(y);
        self.right = self.right.max(x);
        self.top = self.top.max(y);
    }

    pub(super) fn join(&mut self, other: Self) {
        self.left = self.left.min(other.left);
        self.bottom = self.bottom.min(other.bottom);
        self.right = self.right.max(other.right);
        self.top = self.top.max(other.top);
    }

    /// What both hold; it may be empty.
    pub(super) const fn meet(self, other: Self) -> Self {
        Self {
            left: self.left.max(other.left),
            bottom: self.bottom.max(other.bottom),
            right: self.right.min(other.right),
            top: self.top.min(other.top),
        }
    }

    pub(super) fn contains(&self, [x, y]: Point) -> bool {
        self.left <= x && x <= self.right && self.bottom <= y && y <= self.top
    }

    pub(super) fn width(&self) -> f32 {
        (self.right - self.left).max(0.0)
    }

    pub(super) fn height(&self) -> f32 {
        (self.top - self.bottom).max(0.0)
    }

    pub(super) fn area(&self) -> f32 {
        self.width() * self.height()
    }

    /// Whether it has a size and all its sides are usable numbers.
    pub(super) fn is_sound(&self) -> bool {
        [self.left, self.bottom, self.right, self.top]
            .iter()
            .all(|side| side.abs() <= COORDINATE_MAX)
            && self.width() > 0.0
            && self.height() > 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inner_transformation_applies_before_the_outer_one() {
        let doubled = Matrix::of([2.0, 0.0, 0.0, 2.0, 0.0, 0.0]);
        assert_eq!(Matrix::shift(1.0, 0.0).then(doubled).apply([0.0, 0.0]), [2.0, 0.0]);
    }

    #[test]
    fn numbers_that_are_none_lie_on_no_page() {
        let page = Rect::of([0.0, 0.0, 612.0, 792.0]);
        assert!(!page.contains([f32::NAN, 10.0]));
        assert!(!page.contains(placed([f32::INFINITY, 10.0])));
        assert!(page.contains(placed([10.0, 10.0])));
    }
}
