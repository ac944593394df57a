//! Paths and images: what becomes a background, a cover or a clip.

use lopdf::ObjectId;

use super::canvas::{Filling, Paint};
use super::colour::Colour;
use super::content::{Interpreter, last_numbers};
use super::geometry::Rect;
use super::image::Picture;
use super::lexer::Token;
use super::path::{quad, thick_line};
use super::state::Blend;

/// Strokes of this width and more can be the background of a letter.
const THICK_POINTS: f32 = 2.0;
/// Lines of one path that are looked at as thick lines; rules have one or a few.
const THICK_LINES_MAX: usize = 32;

impl Interpreter<'_, '_> {
    pub(super) fn build_path(&mut self, operator: &[u8], operands: &[Token<'_>]) {
        let matrix = self.state.matrix;
        match (operator, last_numbers::<2>(operands)) {
            (b"m", Some(point)) => self.path.move_to(matrix, point),
            (b"l", Some(point)) => self.path.line_to(matrix, point),
            (b"c", _) => {
                if let Some([a, b, c, d, e, f]) = last_numbers(operands) {
                    self.path.curve_to(matrix, [[a, b], [c, d], [e, f]]);
                }
            }
            // One of the two control points is left out; a box's corner stays as round.
            (b"v" | b"y", _) => {
                if let Some([a, b, c, d]) = last_numbers(operands) {
                    self.path.curve_to(matrix, [[a, b], [a, b], [c, d]]);
                }
            }
            (b"re", _) => {
                if let Some(numbers) = last_numbers(operands) {
                    self.path.rect(matrix, numbers);
                }
            }
            (b"h", _) => self.path.close(),
            _ => {}
        }
    }

    pub(super) fn finish_path(&mut self, operator: &[u8]) {
        if matches!(operator, b"S" | b"s" | b"B" | b"B*" | b"b" | b"b*") {
            self.paint_lines();
        }
        self.path.close();
        let upright = self.path.is_upright_rect();
        let fills = matches!(operator, b"f" | b"F" | b"f*" | b"B" | b"B*" | b"b" | b"b*");
        if fills && self.state.fill.colour != Colour::Nothing {
            let even_odd = operator.ends_with(b"*");
            let filling = filling(self.state.fill.colour);
            let paint = self.prepared(self.path.bounds, filling, self.state.fill_alpha);
            if let Some(mut paint) = paint {
                if self.path.overran {
                    paint.filling = Filling::Unknown;
                }
                let edges = (!upright).then_some((self.path.edges.as_slice(), even_odd));
                self.drawn.canvas.paint(paint, edges);
            }
            if let Some(tiles) = self.state.fill.tiles {
                let bounds = self.path.bounds;
                self.draw_tile(tiles, bounds, upright);
            }
            self.mark_text_clip();
        }
        if self.clip_pending && self.path.bounds.left <= self.path.bounds.right {
            self.state.narrow(self.path.bounds, upright);
        }
        self.clip_pending = false;
        self.path.clear();
    }

    /// Thick strokes as the shapes that they are.
    fn paint_lines(&mut self) {
        let width = self.state.line_width * self.state.matrix.scale();
        let unseen = self.state.stroke.colour == Colour::Nothing;
        if unseen || width < THICK_POINTS || self.path.edges.len() > THICK_LINES_MAX {
            return;
        }
        let filling = filling(self.state.stroke.colour);
        for edge in &self.path.edges {
            let Some(outline) = thick_line(*edge, width) else { continue };
            let mut bounds = Rect::NOTHING;
            for [x, y, ..] in outline {
                bounds.grow([x, y]);
            }
            if let Some(paint) = self.prepared(bounds, filling, self.state.stroke_alpha) {
                self.drawn.canvas.paint(paint, Some((&outline, false)));
            }
        }
        self.mark_text_clip();
    }

    /// A paint with the state's clip and transparency; `None` where nothing is seen.
    fn prepared(&self, bounds: Rect, filling: Filling, alpha: f32) -> Option<Paint> {
        if !self.veils.is_empty() {
            return None;
        }
        let certain = self.state.clip.exact
            && self.state.text_clip == 0
            && self.state.effective_blend() == Blend::Normal
            && !self.state.is_masked();
        let area = bounds.meet(self.state.clip.bounds);
        Some(Paint::new(area, filling, alpha * self.state.group.alpha, certain))
    }

    pub(super) fn paint_bounds(&mut self, filling: Filling, bounds: Rect) {
        if let Some(paint) = self.prepared(bounds, filling, self.state.fill_alpha) {
            self.drawn.canvas.paint(paint, None);
        }
        self.mark_text_clip();
    }

    /// Something is painted through letters that were made a clip: they show.
    fn mark_text_clip(&mut self) {
        if self.state.text_clip > 0 {
            self.drawn.clips_used.insert(self.state.text_clip);
        }
    }

    /// An image; its number tells where its pixels are.
    pub(super) fn paint_image(&mut self, plain: bool, id: Option<ObjectId>) {
        let matrix = self.state.matrix;
        let unit = Rect::of([0.0, 0.0, 1.0, 1.0]);
        let filling = if plain { Filling::Image } else { Filling::Unknown };
        let area = unit.through(matrix);
        let edges = quad(unit.corners().map(|corner| matrix.apply(corner)));
        let edges = (!matrix.is_upright()).then_some((edges.as_slice(), false));
        if let Some(paint) = self.prepared(area, filling, self.state.fill_alpha) {
            match id.filter(|_| plain).zip(matrix.inverse()) {
                Some((id, back)) => {
                    let picture = Picture { id, area, back, pixels: None };
                    self.drawn.canvas.paint_picture(paint, edges, picture);
                }
                None => self.drawn.canvas.paint(paint, edges),
            }
        }
        self.mark_text_clip();
    }
}

const fn filling(colour: Colour) -> Filling {
    match colour {
        Colour::Rgb(rgb) => Filling::Colour(rgb),
        Colour::Nothing | Colour::Unknown => Filling::Unknown,
    }
}
