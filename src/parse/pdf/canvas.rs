//! What is painted beside text: filled shapes and images, in order, and what shows at a point.
//!
//! Shapes thinner than a hairline of `THIN_POINTS` are rules and borders and are not kept. So a
//! background that is put together from thinner strips is let through here, on purpose.

use super::colour::{Rgb, WHITE, over};
use super::geometry::{Point, Rect};
use super::image::Picture;
use super::path::Edge;
use crate::domain::limits::{PDF_PAGE_EDGES_MAX, PDF_PAINTS_PER_PAGE_MAX};

/// Thinner shapes can be no background of a letter.
const THIN_POINTS: f32 = 0.75;
/// The page is divided into this many columns and rows, so that a point is tested against few shapes.
const CELLS: usize = 16;
/// Entries of all cells; a page of large shapes needs 256 for each.
const CELL_ENTRIES_MAX: usize = 4_000_000;
/// Images of one page whose pixels may be asked for.
const PICTURES_MAX: usize = 64;
/// Translucent layers that are mixed; nobody sees through more.
const LAYERS_MAX: usize = 8;

/// What a shape is filled with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Filling {
    Colour(Rgb),
    Image,
    /// A pattern, a shading, or a colour that could not be computed.
    Unknown,
}

#[derive(Debug)]
pub(super) struct Paint {
    pub(super) area: Rect,
    edges: Option<std::ops::Range<usize>>,
    even_odd: bool,
    pub(super) filling: Filling,
    alpha: f32,
    /// Whether everything inside the shape is painted, and painted plainly.
    certain: bool,
    /// The number of the image that it is.
    picture: Option<usize>,
}

impl Paint {
    pub(super) const fn new(area: Rect, filling: Filling, alpha: f32, certain: bool) -> Self {
        Self { area, edges: None, even_odd: false, filling, alpha, certain, picture: None }
    }

    const fn hides(&self) -> bool {
        self.certain && self.alpha >= 0.99
    }
}

/// What lies under a glyph.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Backdrop {
    /// The colour beneath everything that is not known.
    pub(super) colour: Rgb,
    /// What is not known on the way down, if anything.
    pub(super) over: Option<Filling>,
    /// Whether the colour is that of one point of a picture.
    pub(super) pictured: bool,
}

/// What covers a glyph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cover {
    /// A shape, or an image that is no scan of the page.
    Shape,
    Scan,
}

#[derive(Debug)]
pub(super) struct Canvas {
    paints: Vec<Paint>,
    edges: Vec<Edge>,
    pictures: Vec<Picture>,
    shown: Rect,
    /// Area of all images that can be a scan, inside the page, overlaps counted twice.
    pub(super) scan_area: f32,
    /// Something could not be kept: backgrounds are not to be trusted.
    pub(super) overran: bool,
}

impl Canvas {
    pub(super) const fn new(shown: Rect) -> Self {
        Self {
            paints: Vec::new(),
            edges: Vec::new(),
            pictures: Vec::new(),
            shown,
            scan_area: 0.0,
            overran: false,
        }
    }

    pub(super) const fn shown(&self) -> Rect {
        self.shown
    }

    /// Whether something is painted whose colour is not known everywhere.
    pub(super) fn has_unknown(&self) -> bool {
        self.paints.iter().any(|paint| !matches!(paint.filling, Filling::Colour(_)))
    }

    /// Makes all ink white: only its opacity is asked for.
    pub(super) fn whiten(&mut self) {
        for paint in &mut self.paints {
            paint.filling = Filling::Colour(WHITE);
        }
    }

    /// Moment of the next paint; glyphs remember theirs.
    pub(super) const fn moment(&self) -> usize {
        self.paints.len()
    }

    pub(super) fn pictures_mut(&mut self) -> &mut [Picture] {
        &mut self.pictures
    }

    pub(super) fn pictures(&self) -> &[Picture] {
        &self.pictures
    }

    /// Adds an image whose pixels may be asked for.
    pub(super) fn paint_picture(
        &mut self,
        mut paint: Paint,
        edges: Option<(&[Edge], bool)>,
        picture: Picture,
    ) {
        if self.pictures.len() < PICTURES_MAX {
            paint.picture = Some(self.pictures.len());
            self.pictures.push(picture);
        }
        self.paint(paint, edges);
    }

    /// Adds a shape; without edges it is its area.
    pub(super) fn paint(&mut self, mut paint: Paint, edges: Option<(&[Edge], bool)>) {
        paint.area = paint.area.meet(self.shown);
        if !paint.area.is_sound()
            || paint.area.width() < THIN_POINTS
            || paint.area.height() < THIN_POINTS
        {
            return;
        }
        if self.is_scan(&paint) {
            self.scan_area += paint.area.area();
        }
        if self.paints.len() >= PDF_PAINTS_PER_PAGE_MAX {
            self.overran = true;
            return;
        }
        if let Some((edges, even_odd)) = edges {
            let start = self.edges.len();
            if start + edges.len() > PDF_PAGE_EDGES_MAX {
                paint.certain = false;
            } else {
                self.edges.extend_from_slice(edges);
                paint.edges = Some(start..self.edges.len());
                paint.even_odd = even_odd;
            }
        }
        self.paints.push(paint);
    }

    /// Whether an image is large enough for a scan of the page, or for a strip of one.
    fn is_scan(&self, paint: &Paint) -> bool {
        paint.filling == Filling::Image
            && (paint.area.area() >= 0.25 * self.shown.area()
                || paint.area.width() >= 0.8 * self.shown.width()
                || paint.area.height() >= 0.8 * self.shown.height())
    }

    fn edges_of(&self, paint: &Paint) -> Option<&[Edge]> {
        self.edges.get(paint.edges.clone()?)
    }

    /// The cells, once all is painted.
    pub(super) fn index(&self) -> Index<'_> {
        let mut index =
            Index { canvas: self, cells: vec![Vec::new(); CELLS * CELLS], overran: self.overran };
        let mut entries = 0_usize;
        for (number, paint) in self.paints.iter().enumerate() {
            let [left, bottom] = self.cell([paint.area.left, paint.area.bottom]);
            let [right, top] = self.cell([paint.area.right, paint.area.top]);
            entries += (right - left + 1) * (top - bottom + 1);
            if entries > CELL_ENTRIES_MAX {
                index.overran = true;
                return index;
            }
            for row in bottom..=top {
                for column in left..=right {
                    if let Some(cell) = index.cells.get_mut(row * CELLS + column) {
                        cell.push(number);
                    }
                }
            }
        }
        index
    }

    fn cell(&self, [x, y]: Point) -> [usize; 2] {
        let place = |value: f32, start: f32, size: f32| {
            let cell = ((value - start) / size * CELLS as f32).floor();
            super::lexer::whole_number(cell).unwrap_or(0).min(CELLS - 1)
        };
        [
            place(x, self.shown.left, self.shown.width()),
            place(y, self.shown.bottom, self.shown.height()),
        ]
    }
}

#[derive(Debug)]
pub(super) struct Index<'c> {
    canvas: &'c Canvas,
    cells: Vec<Vec<usize>>,
    pub(super) overran: bool,
}

impl Index<'_> {
    /// Paints near a point, in order: those before a moment and those after it.
    fn paints_near(&self, point: Point, moment: usize) -> (&[usize], &[usize]) {
        let [column, row] = self.canvas.cell(point);
        let cell = self.cells.get(row * CELLS + column).map(Vec::as_slice).unwrap_or_default();
        cell.split_at_checked(cell.partition_point(|number| *number < moment)).unwrap_or_default()
    }

    /// What is under a point at a moment, on white paper. Each test takes one off `tests_left`.
    pub(super) fn backdrop(&self, point: Point, moment: usize, tests_left: &mut usize) -> Backdrop {
        self.backdrop_over(WHITE, point, moment, tests_left)
    }

    /// The same on a ground of this colour.
    pub(super) fn backdrop_over(
        &self,
        ground: Rgb,
        point: Point,
        moment: usize,
        tests_left: &mut usize,
    ) -> Backdrop {
        let mut layers: Vec<(Rgb, f32)> = Vec::new();
        let (mut colour, mut unknown, mut pictured) = (ground, None, false);
        for paint in self.hit(self.paints_near(point, moment).0, point, tests_left) {
            let pixel =
                paint.picture.and_then(|number| self.canvas.pictures.get(number)?.at(point));
            pictured |= pixel.is_some();
            match pixel.map_or(paint.filling, Filling::Colour) {
                Filling::Colour(rgb) if paint.hides() => {
                    colour = rgb;
                    break;
                }
                Filling::Colour(rgb) if paint.certain && layers.len() < LAYERS_MAX => {
                    layers.push((rgb, paint.alpha));
                }
                Filling::Image => unknown = unknown.or(Some(Filling::Image)),
                Filling::Colour(_) | Filling::Unknown => {
                    unknown = unknown.or(Some(Filling::Unknown));
                }
            }
        }
        for (rgb, alpha) in layers.into_iter().rev() {
            colour = over(rgb, alpha, colour);
        }
        Backdrop { colour, over: unknown, pictured }
    }

    /// What was painted over a point after a moment and lets nothing through.
    pub(super) fn cover(
        &self,
        point: Point,
        moment: usize,
        tests_left: &mut usize,
    ) -> Option<Cover> {
        let paint = self
            .hit(self.paints_near(point, moment).1, point, tests_left)
            .find(|paint| paint.hides() && paint.filling != Filling::Unknown)?;
        Some(if self.canvas.is_scan(paint) { Cover::Scan } else { Cover::Shape })
    }

    /// Whether a scan lies at this point, before or after the text.
    pub(super) fn has_scan(&self, point: Point, tests_left: &mut usize) -> bool {
        let (all, _) = self.paints_near(point, usize::MAX);
        self.hit(all, point, tests_left).any(|paint| self.canvas.is_scan(paint))
    }

    /// Those of some paints that lie at a point, the last first.
    fn hit(
        &self,
        numbers: &[usize],
        point: Point,
        tests_left: &mut usize,
    ) -> impl Iterator<Item = &Paint> {
        numbers
            .iter()
            .rev()
            .map_while(move |number| {
                let paint = self.canvas.paints.get(*number)?;
                let edges = self.canvas.edges_of(paint);
                let inside = paint.area.contains(point);
                // Without tests left nothing is found, and nothing is vouched for.
                let cost = if inside { 1 + edges.map_or(0, <[Edge]>::len) } else { 1 };
                *tests_left = tests_left.checked_sub(cost).unwrap_or_default();
                (*tests_left > 0).then_some((paint, edges, inside))
            })
            .filter(move |(paint, edges, inside)| {
                *inside && edges.is_none_or(|edges| is_inside(edges, paint.even_odd, point))
            })
            .map(|(paint, ..)| paint)
    }
}

fn is_inside(edges: &[Edge], even_odd: bool, [x, y]: Point) -> bool {
    let mut winding = 0_i32;
    for [x0, y0, x1, y1] in edges {
        let rises = *y0 <= y && y < *y1;
        let falls = *y1 <= y && y < *y0;
        if (rises || falls) && x0 + (y - y0) / (y1 - y0) * (x1 - x0) > x {
            winding += if rises || even_odd { 1 } else { -1 };
        }
    }
    if even_odd { winding % 2 != 0 } else { winding != 0 }
}

#[cfg(test)]
mod tests {
    use super::super::colour::BLACK;
    use super::super::path::quad;
    use super::*;

    const PAGE: Rect = Rect { left: 0.0, bottom: 0.0, right: 100.0, top: 100.0 };

    fn black(area: [f32; 4], alpha: f32) -> Paint {
        Paint::new(Rect::of(area), Filling::Colour(BLACK), alpha, true)
    }

    fn colour_at(canvas: &Canvas, point: Point) -> Rgb {
        canvas.index().backdrop(point, canvas.moment(), &mut 1_000).colour
    }

    #[test]
    fn the_last_opaque_shape_is_the_background() {
        let mut canvas = Canvas::new(PAGE);
        canvas.paint(black([10.0, 10.0, 20.0, 20.0], 1.0), None);
        assert_eq!(colour_at(&canvas, [15.0, 15.0]), BLACK);
        assert_eq!(colour_at(&canvas, [25.0, 15.0]), WHITE);
        canvas.paint(black([0.0, 0.0, 50.0, 50.0], 0.5), None);
        assert_eq!(colour_at(&canvas, [25.0, 15.0]), [0.5; 3]);
    }

    #[test]
    fn only_the_inside_of_a_slanted_shape_counts() {
        let mut canvas = Canvas::new(PAGE);
        let edges = quad([[50.0, 0.0], [100.0, 50.0], [50.0, 100.0], [0.0, 50.0]]);
        canvas.paint(black([0.0, 0.0, 100.0, 100.0], 1.0), Some((&edges, false)));
        assert_eq!(colour_at(&canvas, [50.0, 50.0]), BLACK);
        assert_eq!(colour_at(&canvas, [5.0, 5.0]), WHITE);
    }

    #[test]
    fn only_later_opaque_paint_covers() {
        let mut canvas = Canvas::new(PAGE);
        canvas.paint(black([0.0, 0.0, 50.0, 50.0], 1.0), None);
        let moment = canvas.moment();
        canvas.paint(black([50.0, 0.0, 100.0, 50.0], 1.0), None);
        canvas.paint(black([0.0, 50.0, 100.0, 100.0], 0.5), None);
        let index = canvas.index();
        let cover = |point| index.cover(point, moment, &mut 1_000);
        assert_eq!(cover([10.0, 10.0]), None);
        assert_eq!(cover([60.0, 10.0]), Some(Cover::Shape));
        assert_eq!(cover([60.0, 60.0]), None);
    }
}
