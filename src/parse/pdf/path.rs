//! Paths under construction, flattened to straight edges on the page.

use super::geometry::{Matrix, Point, Rect, clamped};
use crate::domain::limits::PDF_SHAPE_EDGES_MAX;

/// Pieces of one curve: the corner of a box is round enough with 6.
const CURVE_PIECES: u8 = 6;

pub(super) type Edge = [f32; 4];

#[derive(Debug)]
pub(super) struct Path {
    pub(super) edges: Vec<Edge>,
    pub(super) bounds: Rect,
    /// Some edges were left out; only the bounds are true.
    pub(super) overran: bool,
    start: Point,
    current: Point,
}

impl Path {
    pub(super) const fn new() -> Self {
        Self {
            edges: Vec::new(),
            bounds: Rect::NOTHING,
            overran: false,
            start: [0.0; 2],
            current: [0.0; 2],
        }
    }

    pub(super) fn clear(&mut self) {
        self.edges.clear();
        self.bounds = Rect::NOTHING;
        self.overran = false;
    }

    pub(super) fn move_to(&mut self, matrix: Matrix, point: Point) {
        self.close();
        self.start = clamped(matrix.apply(point));
        self.current = self.start;
    }

    pub(super) fn line_to(&mut self, matrix: Matrix, point: Point) {
        self.edge_to(clamped(matrix.apply(point)));
    }

    pub(super) fn curve_to(&mut self, matrix: Matrix, [one, two, end]: [Point; 3]) {
        let from = self.current;
        let [one, two, end] = [one, two, end].map(|point| clamped(matrix.apply(point)));
        for piece in 1..=CURVE_PIECES {
            let t = f32::from(piece) / f32::from(CURVE_PIECES);
            let s = 1.0 - t;
            let weights = [s * s * s, 3.0 * s * s * t, 3.0 * s * t * t, t * t * t];
            let mut point = [0.0; 2];
            for ([x, y], weight) in [from, one, two, end].into_iter().zip(weights) {
                let [px, py] = point;
                point = [px + weight * x, py + weight * y];
            }
            self.edge_to(point);
        }
    }

    pub(super) fn rect(&mut self, matrix: Matrix, [x, y, width, height]: [f32; 4]) {
        self.move_to(matrix, [x, y]);
        for corner in [[x + width, y], [x + width, y + height], [x, y + height], [x, y]] {
            self.line_to(matrix, corner);
        }
    }

    /// Closes the open part, as filling does by itself.
    pub(super) fn close(&mut self) {
        if self.current != self.start {
            self.edge_to(self.start);
        }
    }

    fn edge_to(&mut self, end: Point) {
        let ([x0, y0], [x1, y1]) = (self.current, end);
        self.bounds.grow(self.current);
        self.bounds.grow(end);
        self.current = end;
        if self.edges.len() < PDF_SHAPE_EDGES_MAX {
            self.edges.push([x0, y0, x1, y1]);
        } else {
            self.overran = true;
        }
    }

    /// Whether the path is one upright rectangle, which its bounds then describe.
    pub(super) fn is_upright_rect(&self) -> bool {
        let near = |one: f32, other: f32| (one - other).abs() < 0.02;
        self.edges.len() == 4
            && !self.overran
            && self.edges.iter().all(|[x0, y0, x1, y1]| near(*x0, *x1) || near(*y0, *y1))
            && self.edges.iter().all(|[x0, y0, ..]| {
                (near(*x0, self.bounds.left) || near(*x0, self.bounds.right))
                    && (near(*y0, self.bounds.bottom) || near(*y0, self.bounds.top))
            })
    }
}

/// The outline of a thick line.
pub(super) fn thick_line([x0, y0, x1, y1]: Edge, width: f32) -> Option<[Edge; 4]> {
    let length = (x1 - x0).hypot(y1 - y0);
    let half = width / 2.0 / length;
    let [nx, ny] = [(y0 - y1) * half, (x1 - x0) * half];
    let corners = [[x0 + nx, y0 + ny], [x1 + nx, y1 + ny], [x1 - nx, y1 - ny], [x0 - nx, y0 - ny]];
    corners.iter().flatten().all(|value| value.is_finite()).then(|| quad(corners))
}

/// The four edges between four corners.
pub(super) fn quad([one, two, three, four]: [Point; 4]) -> [Edge; 4] {
    let edge = |[x0, y0]: Point, [x1, y1]: Point| [x0, y0, x1, y1];
    [edge(one, two), edge(two, three), edge(three, four), edge(four, one)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rectangles_are_known_however_they_are_drawn() {
        let mut path = Path::new();
        path.rect(Matrix::IDENTITY, [1.0, 1.0, 5.0, 5.0]);
        path.close();
        assert!(path.is_upright_rect());
        path.clear();
        path.move_to(Matrix::IDENTITY, [0.0, 0.0]);
        for point in [[4.0, 0.0], [4.0, 4.0], [0.0, 4.0]] {
            path.line_to(Matrix::IDENTITY, point);
        }
        path.close();
        assert!(path.is_upright_rect());
        path.line_to(Matrix::IDENTITY, [9.0, 9.0]);
        assert!(!path.is_upright_rect());
    }

    #[test]
    fn endless_paths_keep_only_their_bounds() {
        let mut path = Path::new();
        for step in 0..10_000_u16 {
            path.line_to(Matrix::IDENTITY, [f32::from(step), 1.0]);
        }
        assert!(path.overran);
        assert_eq!(path.bounds.right, 9_999.0);
    }
}
