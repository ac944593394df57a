//! Text operators: strings → glyphs on the page.

use std::rc::Rc;

use super::cmap::GlyphText;
use super::colour::Colour;
use super::content::{Interpreter, last_numbers};
use super::geometry::{Matrix, Point, Rect, placed};
use super::lexer::Token;
use super::state::{Blend, Clip, Masks, State};
use crate::domain::document::{Alternate, Hiding, NoticeKind, Visibility};
use crate::domain::limits::PDF_GLYPHS_PER_PAGE_MAX;

/// The render mode that paints nothing.
pub(super) const UNPAINTED: u8 = 3;

/// One glyph and its place, in the page's units.
#[derive(Debug, Clone)]
pub(super) struct Glyph {
    pub(super) text: GlyphText,
    pub(super) origin: Point,
    /// Where it ends by its own width.
    pub(super) end: Point,
    /// Where the next glyph stands, letter and word spacing added.
    pub(super) pen: Point,
    /// One font size along the line.
    pub(super) right: Point,
    /// One font size upwards.
    pub(super) up: Point,
    pub(super) vertical: bool,
    pub(super) style: u32,
    /// Paints before it.
    pub(super) moment: usize,
    pub(super) known: bool,
    /// It has no ink of its own.
    pub(super) blank: bool,
}

impl Glyph {
    /// A rough box: a font's size high, a fifth of it below the line.
    pub(super) fn area(&self) -> Rect {
        let mut area = Rect::NOTHING;
        let [ux, uy] = self.up;
        for [x, y] in [self.origin, self.end] {
            area.grow(placed([x - 0.2 * ux, y - 0.2 * uy]));
            area.grow(placed([x + 0.8 * ux, y + 0.8 * uy]));
        }
        area
    }
}

/// Circumstances that many glyphs share.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Style {
    pub(super) fill: Colour,
    pub(super) stroke: Colour,
    pub(super) fill_alpha: f32,
    pub(super) stroke_alpha: f32,
    pub(super) blend: Blend,
    pub(super) masks: Masks,
    pub(super) mode: u8,
    pub(super) clip: Clip,
    pub(super) text_clip: u32,
    /// What keeps it from being seen whatever it looks like.
    pub(super) veil: Option<Visibility>,
    pub(super) broken: bool,
}

/// Text that stands for glyphs.
#[derive(Debug)]
pub(super) struct Replacement {
    pub(super) kind: Alternate,
    pub(super) text: String,
    pub(super) area: Rect,
    /// The glyph that it precedes.
    pub(super) at_glyph: usize,
}

impl Interpreter<'_, '_> {
    pub(super) fn text_operator(&mut self, operator: &[u8], operands: &[Token<'_>]) {
        match operator {
            b"BT" => {
                self.text_clips = self.text_clips.saturating_add(1);
                self.text_matrix = Matrix::IDENTITY;
                self.line_matrix = Matrix::IDENTITY;
            }
            b"ET" => self.end_text(),
            b"Tc" | b"Tw" | b"Tz" | b"TL" | b"Ts" | b"Tr" => {
                if let Some([value]) = last_numbers(operands) {
                    self.set_text_state(operator, value);
                }
            }
            b"Td" | b"TD" => {
                if let Some([x, y]) = last_numbers(operands) {
                    if operator == b"TD" {
                        self.state.text.leading = -y;
                    }
                    self.next_line(x, y);
                }
            }
            b"Tm" => {
                if let Some(numbers) = last_numbers(operands) {
                    self.line_matrix = Matrix::of(numbers);
                    self.text_matrix = self.line_matrix;
                }
            }
            b"T*" => self.next_line(0.0, -self.state.text.leading),
            b"Tj" => self.show(operands.last()),
            b"'" => {
                self.next_line(0.0, -self.state.text.leading);
                self.show(operands.last());
            }
            b"\"" => {
                if let [.., word, char, _] = operands {
                    self.state.text.word_space = word.number().unwrap_or(0.0);
                    self.state.text.char_space = char.number().unwrap_or(0.0);
                }
                self.next_line(0.0, -self.state.text.leading);
                self.show(operands.last());
            }
            b"TJ" => {
                if let Some(Token::Array(parts)) = operands.last() {
                    for part in parts {
                        self.show(Some(part));
                    }
                }
            }
            _ => {}
        }
    }

    fn set_text_state(&mut self, operator: &[u8], value: f32) {
        let text = &mut self.state.text;
        match operator {
            b"Tc" => text.char_space = value,
            b"Tw" => text.word_space = value,
            b"Tz" => text.stretch = value / 100.0,
            b"TL" => text.leading = value,
            b"Ts" => text.rise = value,
            _ => text.mode = Self::render_mode(value),
        }
    }

    fn next_line(&mut self, x: f32, y: f32) {
        self.line_matrix = Matrix::shift(x, y).then(self.line_matrix);
        self.text_matrix = self.line_matrix;
    }

    /// Letters of the modes 4 to 7 become a clip when the text ends.
    fn end_text(&mut self) {
        if self.state.text.mode >= 4 {
            self.state.text_clip = self.text_clips;
            self.state.clip.exact = false;
        }
    }

    /// A string, or a shift in thousandths of the size.
    fn show(&mut self, operand: Option<&Token<'_>>) {
        match operand {
            Some(Token::Text(bytes)) => self.show_string(bytes),
            Some(Token::Number(shift)) => {
                let text = &self.state.text;
                let by = -shift / 1000.0 * text.size;
                let vertical = text.font.as_ref().is_some_and(|font| font.vertical);
                let step = if vertical {
                    Matrix::shift(0.0, by)
                } else {
                    Matrix::shift(by * text.stretch, 0.0)
                };
                self.text_matrix = step.then(self.text_matrix);
            }
            _ => {}
        }
    }

    fn show_string(&mut self, mut bytes: &[u8]) {
        if !self.work.spend(bytes.len()) {
            return;
        }
        let font = match &self.state.text.font {
            Some(font) => Rc::clone(font),
            None => Rc::clone(&self.work.missing_font),
        };
        let style = self.style();
        // Where the map is about something else, what it says is there for programs only.
        let is_drawn = self.state.text.mode != UNPAINTED;
        let otherwise = (is_drawn && font.shows_otherwise()).then(|| {
            let veil = Visibility::Hidden(Hiding::DrawnOtherwise);
            self.veiled_style(veil)
        });
        let mut glyphs = 0;
        while let Some((glyph, length)) = font.first_glyph(bytes) {
            glyphs += 1;
            let code = bytes.first().copied();
            bytes = bytes.get(length.max(1)..).unwrap_or_default();
            if self.drawn.glyphs.len() >= PDF_GLYPHS_PER_PAGE_MAX {
                self.work.note(NoticeKind::LimitReached, "more glyphs than one page may hold");
                break;
            }
            let text = &self.state.text;
            let scale = Matrix::of([text.size * text.stretch, 0.0, 0.0, text.size, 0.0, text.rise]);
            let base = self.text_matrix.then(self.state.matrix);
            let place = scale.then(base);
            let spacing = text.char_space + if glyph.is_word_space { text.word_space } else { 0.0 };
            let shift = |spacing: f32| {
                if font.vertical {
                    [0.0, glyph.advance * text.size - spacing]
                } else {
                    [(glyph.advance * text.size + spacing) * text.stretch, 0.0]
                }
            };
            let ([ax, ay], [px, py]) = (shift(0.0), shift(spacing));
            let (after, pen) = (base.apply([ax, ay + text.rise]), base.apply([px, py + text.rise]));
            self.text_matrix = Matrix::shift(px, py).then(self.text_matrix);
            let tall = |[x, y]: Point| [x * font.height, y * font.height];
            let mut drawn = Glyph {
                text: glyph.text,
                origin: placed([place.e, place.f]),
                end: placed(after),
                pen: placed(pen),
                right: tall(place.right()),
                up: tall(place.up()),
                vertical: font.vertical,
                style,
                moment: self.drawn.canvas.moment(),
                known: glyph.known,
                blank: glyph.blank,
            };
            if let (Some(matrix), Some(code)) = (font.drawn_by, code) {
                self.draw_procedure(&font, code, matrix.then(place), &mut drawn);
            }
            if let (Some(style), Some(shown)) = (otherwise, glyph.shown) {
                self.drawn.glyphs.push(Glyph { style, ..drawn.clone() });
                self.drawn.glyphs.push(Glyph { text: shown, known: true, ..drawn });
            } else {
                self.drawn.glyphs.push(drawn);
            }
        }
        self.work.shown(glyphs, font.understood);
    }

    pub(super) fn veiled_style(&mut self, veil: Visibility) -> u32 {
        self.veils.push(veil);
        let style = self.style();
        self.veils.pop();
        style
    }

    /// The number of the style that the state gives.
    pub(super) fn style(&mut self) -> u32 {
        let State { fill, stroke, text, clip, .. } = &self.state;
        let style = Style {
            fill: fill.colour,
            stroke: stroke.colour,
            fill_alpha: self.state.fill_alpha * self.state.group.alpha,
            stroke_alpha: self.state.stroke_alpha * self.state.group.alpha,
            blend: self.state.effective_blend(),
            masks: self.state.masks,
            mode: text.mode,
            clip: *clip,
            text_clip: if text.mode >= 4 { self.text_clips } else { 0 },
            veil: self.veils.first().copied(),
            broken: self.broken,
        };
        if self.drawn.styles.last() != Some(&style) {
            self.drawn.styles.push(style);
        }
        u32::try_from(self.drawn.styles.len().saturating_sub(1)).unwrap_or(u32::MAX)
    }
}
