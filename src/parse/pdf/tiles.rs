//! Content that is drawn by way of something else: tiling patterns, and the glyphs of Type 3 fonts.
//!
//! Of a pattern one tile is drawn, where the middle of what it fills lies: text in it is read once and
//! judged there. Let through on purpose: patterns as the ink of letters and lines.

use lopdf::{Dictionary, Object, ObjectId};

use super::colour::Colour;
use super::content::Interpreter;
use super::font::Font;
use super::geometry::{Matrix, Rect};
use super::glyphs::Glyph;
use super::lexer::{Lexer, Token};
use super::marks::{comparable, glyph_text};
use super::objects::{get_dict, get_integer, get_number, get_numbers};
use super::state::{Ink, State, Tiles};
use crate::domain::document::{Hiding, Visibility};

/// Times that one pattern with text is drawn on a page.
const TILES_MAX: usize = 8;

/// What a glyph procedure does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Procedure {
    PaintsNothing,
    Paints,
    /// It shows text of its own, or a form.
    Writes,
}

impl Procedure {
    fn of(content: &[u8]) -> Self {
        let mut lexer = Lexer::new(content);
        let mut found = Self::PaintsNothing;
        while let Some(token) = lexer.next() {
            match token {
                Token::Word(b"Tj" | b"TJ" | b"'" | b"\"" | b"Do") => return Self::Writes,
                Token::Word(b"BI") => {
                    lexer.inline_image();
                    found = Self::Paints;
                }
                Token::Word(
                    b"f" | b"F" | b"f*" | b"B" | b"B*" | b"b" | b"b*" | b"S" | b"s" | b"sh",
                ) => found = Self::Paints,
                _ => {}
            }
        }
        found
    }
}

impl<'a> Interpreter<'_, 'a> {
    /// Draws one tile of a pattern that fills these bounds.
    pub(super) fn draw_tile(&mut self, tiles: Tiles, bounds: Rect, exact: bool) {
        let Tiles { id, colour } = tiles;
        let document = self.work.document;
        let (times, has_text) = self.tiles_drawn.get(&id).copied().unwrap_or((0, true));
        if times >= TILES_MAX || !has_text || !self.veils.is_empty() {
            return;
        }
        let Some(Object::Stream(stream)) = document.objects.get(&id) else { return };
        let Some(place) = self.tile_place(&stream.dict, bounds) else { return };
        let first_glyph = self.drawn.glyphs.len();
        let resources = get_dict(document, &stream.dict, b"Resources");
        let is_uncoloured = get_integer(document, &stream.dict, b"PaintType") == Some(2);
        self.nested(id, stream, resources, 1, |inner| {
            inner.state.narrow(bounds, exact);
            inner.state.enter_group();
            let plain = State::new(bounds);
            let ink = if is_uncoloured { colour } else { Colour::Rgb(super::colour::BLACK) };
            inner.state.fill = Ink::plain(plain.fill.space, ink);
            inner.state.stroke = Ink::plain(plain.stroke.space, ink);
            inner.state.text = plain.text;
            inner.state.matrix = place;
            if let Some(corners) = get_numbers(document, &stream.dict, b"BBox") {
                inner.state.narrow(Rect::of(corners).through(place), place.is_upright());
            }
        });
        let has_text = self.drawn.glyphs.len() > first_glyph;
        self.tiles_drawn.insert(id, (times + 1, has_text));
    }

    /// Where the tile stands that holds the middle of these bounds.
    fn tile_place(&self, pattern: &Dictionary, bounds: Rect) -> Option<Matrix> {
        let document = self.work.document;
        let own = get_numbers(document, pattern, b"Matrix").map_or(Matrix::IDENTITY, Matrix::of);
        let place = own.then(self.base);
        let seen = bounds.meet(self.state.clip.bounds);
        let middle = [(seen.left + seen.right) / 2.0, (seen.bottom + seen.top) / 2.0];
        let [x, y] = place.inverse()?.apply(middle);
        let cell = Rect::of(get_numbers(document, pattern, b"BBox")?);
        let step = |key: &[u8], size: f32| {
            let step = get_number(document, pattern, key).filter(|step| *step != 0.0);
            step.unwrap_or(size).abs()
        };
        let whole = |distance: f32, step: f32| (distance / step).floor() * step;
        let across = whole(x - cell.left, step(b"XStep", cell.width()));
        let up = whole(y - cell.bottom, step(b"YStep", cell.height()));
        (across.is_finite() && up.is_finite()).then(|| Matrix::shift(across, up).then(place))
    }

    /// Looks at the procedure of a glyph: one that paints nothing leaves no ink, and what one writes
    /// stands in the glyph's place.
    pub(super) fn draw_procedure(
        &mut self,
        font: &Font,
        code: u8,
        place: Matrix,
        glyph: &mut Glyph,
    ) {
        let document = self.work.document;
        let Some(dict) = self.work.font_dict(font) else { return };
        let procedure = font
            .procedure_name(code)
            .and_then(|name| get_dict(document, dict, b"CharProcs")?.get(name).ok())
            .and_then(|object| object.as_reference().ok());
        let Some(id) = procedure else { return };
        match self.procedure(id) {
            Procedure::PaintsNothing => glyph.blank = !glyph.text.is_space(),
            Procedure::Paints => {}
            Procedure::Writes => self.write_glyph(id, dict, place, glyph),
        }
    }

    fn procedure(&mut self, id: ObjectId) -> Procedure {
        if let Some(known) = self.work.procedures.get(&id) {
            return *known;
        }
        let mut found = Procedure::Paints;
        if let Some(Object::Stream(stream)) = self.work.document.objects.get(&id)
            && let Some(content) = self.work.unpacked(stream)
        {
            found = Procedure::of(&content);
        }
        self.work.procedures.insert(id, found);
        found
    }

    fn write_glyph(
        &mut self,
        id: ObjectId,
        font: &'a Dictionary,
        place: Matrix,
        glyph: &mut Glyph,
    ) {
        let document = self.work.document;
        let Some(Object::Stream(stream)) = document.objects.get(&id) else { return };
        let resources = get_dict(document, &stream.dict, b"Resources")
            .or_else(|| get_dict(document, font, b"Resources"));
        let first_glyph = self.drawn.glyphs.len();
        self.nested(id, stream, resources, 1, |inner| {
            inner.state.text = State::new(Rect::NOTHING).text;
            inner.state.matrix = place;
        });
        let inside = self.drawn.glyphs.get(first_glyph..).unwrap_or_default();
        let written = comparable(&glyph_text(inside));
        let mut claimed = String::new();
        glyph.text.push_to(&mut claimed);
        if written == comparable(&claimed) {
            self.drawn.glyphs.truncate(first_glyph);
        } else if !written.is_empty() {
            glyph.style = self.veiled_style(Visibility::Hidden(Hiding::DrawnOtherwise));
        }
    }
}
