//! Runs a page's content: operators → glyphs with their circumstances, shapes, replacement texts.
//!
//! Let through on purpose: clips that are no upright rectangles count by their bounds.

use std::collections::BTreeMap;

use lopdf::{Dictionary, Object, ObjectId};

use super::annotation::Appearance;
use super::canvas::{Canvas, Filling};
use super::font::named_font;
use super::geometry::{Matrix, Rect};
use super::glyphs::{Glyph, Replacement, Style};
use super::layers::LAYER_COST;
use super::lexer::{Lexer, Token, whole_number};
use super::marks::Mark;
use super::masks::SoftMask;
use super::objects::{get, get_dict, get_name, get_numbers};
use super::page::{Page, content_streams};
use super::path::Path;
use super::state::State;
use super::work::{Active, Work};
use crate::domain::document::{NoticeKind, Visibility};
use crate::domain::limits::{PDF_NESTING_MAX, PDF_STATES_MAX, PDF_STREAM_BYTES_MAX};

/// Operands that an operator can use: 32 inks and a pattern.
const OPERANDS_USED_MAX: usize = 40;

/// What a page draws.
#[derive(Debug)]
pub(super) struct Drawn {
    pub(super) glyphs: Vec<Glyph>,
    pub(super) styles: Vec<Style>,
    pub(super) replacements: Vec<Replacement>,
    pub(super) canvas: Canvas,
    /// Soft masks that something is drawn through.
    pub(super) masks: Vec<SoftMask>,
    /// What became of the page's annotations, in order.
    pub(super) appearances: Vec<Appearance>,
    /// Text clips that something was painted through.
    pub(super) clips_used: std::collections::BTreeSet<u32>,
}

#[derive(Debug)]
pub(super) struct Interpreter<'w, 'a> {
    pub(super) work: &'w mut Work<'a>,
    pub(super) drawn: Drawn,
    pub(super) state: State,
    stack: Vec<State>,
    /// Saved states that found no room, and must be passed by as many restores.
    unsaved: usize,
    pub(super) text_matrix: Matrix,
    pub(super) line_matrix: Matrix,
    pub(super) path: Path,
    pub(super) clip_pending: bool,
    pub(super) marks: Vec<Mark>,
    pub(super) marks_unkept: usize,
    /// Marks of the page around the form that is drawn: a form cannot close them.
    pub(super) marks_base: usize,
    /// What keeps everything that is drawn now from being seen, outermost first: layers that are off,
    /// annotations that are not displayed.
    pub(super) veils: Vec<Visibility>,
    pub(super) text_clips: u32,
    pub(super) active: Active,
    /// The space of the content stream that is run, in which patterns are placed.
    pub(super) base: Matrix,
    /// How often each pattern was drawn, and whether it has text.
    pub(super) tiles_drawn: BTreeMap<ObjectId, (usize, bool)>,
    /// What is drawn from here on is not what the file means.
    pub(super) broken: bool,
}

/// Runs a page's content, and its annotations over it.
pub(super) fn draw<'a>(work: &mut Work<'a>, page: &Page<'a>) -> Drawn {
    let bytes = content_bytes(work, page);
    let mut interpreter = Interpreter::new(work, page.shown);
    interpreter.run(&bytes, page.resources, 0);
    interpreter.close_marks(0);
    interpreter.draw_annotations(page);
    interpreter.drawn
}

/// Runs the content of a page that no viewer shows.
pub(super) fn draw_unseen_page<'a>(
    work: &mut Work<'a>,
    page: &Page<'a>,
    veil: Visibility,
) -> Drawn {
    let bytes = content_bytes(work, page);
    let mut interpreter = Interpreter::new(work, page.shown);
    interpreter.veils.push(veil);
    interpreter.run(&bytes, page.resources, 0);
    interpreter.close_marks(0);
    interpreter.drawn
}

/// Runs a stream that nothing draws.
pub(super) fn draw_unseen_stream<'a>(
    work: &mut Work<'a>,
    id: ObjectId,
    stream: &'a lopdf::Stream,
    shown: Rect,
    veil: Visibility,
) -> Drawn {
    let resources = get_dict(work.document, &stream.dict, b"Resources");
    let mut interpreter = Interpreter::new(work, shown);
    interpreter.veils.push(veil);
    interpreter.nested(id, stream, resources, 1, |_| {});
    interpreter.drawn
}

/// All streams of a page as one: tokens do not cross their borders.
fn content_bytes<'a>(work: &mut Work<'a>, page: &Page<'a>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for stream in content_streams(work.document, page) {
        work.contents_read.insert(std::ptr::from_ref(stream).addr());
        let Some(part) = work.unpacked(stream) else { continue };
        if bytes.len() + part.len() > PDF_STREAM_BYTES_MAX {
            work.note(NoticeKind::LimitReached, "a page is larger than may be unpacked");
            break;
        }
        if bytes.is_empty() {
            bytes = part;
        } else {
            bytes.push(b'\n');
            bytes.extend_from_slice(&part);
        }
    }
    bytes
}

/// The last `N` operands, if they are numbers.
pub(super) fn last_numbers<const N: usize>(operands: &[Token<'_>]) -> Option<[f32; N]> {
    let mut numbers = [0.0; N];
    let start = operands.len().checked_sub(N)?;
    for (slot, operand) in numbers.iter_mut().zip(operands.get(start..)?) {
        *slot = operand.number()?;
    }
    Some(numbers)
}

impl<'w, 'a> Interpreter<'w, 'a> {
    pub(super) fn new(work: &'w mut Work<'a>, shown: Rect) -> Self {
        Self {
            work,
            drawn: Drawn {
                glyphs: Vec::new(),
                styles: Vec::new(),
                replacements: Vec::new(),
                canvas: Canvas::new(shown),
                appearances: Vec::new(),
                clips_used: std::collections::BTreeSet::new(),
                masks: Vec::new(),
            },
            state: State::new(shown),
            stack: Vec::new(),
            unsaved: 0,
            text_matrix: Matrix::IDENTITY,
            line_matrix: Matrix::IDENTITY,
            path: Path::new(),
            clip_pending: false,
            marks: Vec::new(),
            marks_unkept: 0,
            marks_base: 0,
            veils: Vec::new(),
            text_clips: 0,
            active: Active::new(),
            base: Matrix::IDENTITY,
            tiles_drawn: BTreeMap::new(),
            broken: false,
        }
    }

    pub(super) fn run(&mut self, bytes: &[u8], resources: Option<&'a Dictionary>, depth: usize) {
        let mut lexer = Lexer::new(bytes);
        let mut operands: Vec<Token<'_>> = Vec::new();
        while let Some(token) = lexer.next() {
            let operator = match token {
                Token::Word(word) if !matches!(word, b"true" | b"false" | b"null") => word,
                operand => {
                    if operands.len() >= OPERANDS_USED_MAX {
                        operands.remove(0);
                    }
                    operands.push(operand);
                    continue;
                }
            };
            if !self.work.spend(1) {
                break;
            }
            if operator == b"BI" {
                let entries = lexer.inline_image();
                let is_mask = entries.iter().any(|(key, value)| {
                    matches!(key.as_ref(), b"IM" | b"ImageMask") && *value == Token::Word(b"true")
                });
                self.paint_image(!is_mask, None);
            } else {
                self.operate(operator, &operands, resources, depth);
            }
            operands.clear();
        }
        if lexer.overran {
            self.work.note(NoticeKind::LimitReached, "a list of operands is too long");
        }
    }

    fn operate(
        &mut self,
        operator: &[u8],
        operands: &[Token<'_>],
        resources: Option<&'a Dictionary>,
        depth: usize,
    ) {
        match operator {
            b"q" => self.save(),
            b"Q" => self.restore(),
            b"cm" => {
                if let Some(numbers) = last_numbers(operands) {
                    self.state.matrix = Matrix::of(numbers).then(self.state.matrix);
                }
            }
            b"w" => {
                if let Some([width]) = last_numbers(operands) {
                    self.state.line_width = width;
                }
            }
            b"gs" => self.apply_settings(operands, resources),
            b"Do" => self.draw_object(operands, resources, depth),
            b"sh" => self.paint_bounds(Filling::Unknown, self.state.clip.bounds),
            b"BMC" | b"BDC" => self.open_mark(operands, resources),
            b"EMC" => self.close_mark(),
            b"m" | b"l" | b"c" | b"v" | b"y" | b"h" | b"re" => self.build_path(operator, operands),
            b"W" | b"W*" => self.clip_pending = true,
            b"f" | b"F" | b"f*" | b"B" | b"B*" | b"b" | b"b*" | b"S" | b"s" | b"n" => {
                self.finish_path(operator);
            }
            b"g" | b"rg" | b"k" | b"cs" | b"sc" | b"scn" => {
                if let Some(ink) = self.ink(operator, operands, resources, false) {
                    self.state.fill = ink;
                }
            }
            b"G" | b"RG" | b"K" | b"CS" | b"SC" | b"SCN" => {
                let lower = operator.to_ascii_lowercase();
                if let Some(ink) = self.ink(&lower, operands, resources, true) {
                    self.state.stroke = ink;
                }
            }
            b"Tf" => self.set_font(operands, resources),
            _ => self.text_operator(operator, operands),
        }
    }

    fn save(&mut self) {
        if self.stack.len() < PDF_STATES_MAX {
            self.stack.push(self.state.clone());
        } else {
            self.unsaved += 1;
            self.broken = true;
            self.work.note(NoticeKind::LimitReached, "graphics states are nested too deeply");
        }
    }

    fn restore(&mut self) {
        if self.unsaved > 0 {
            self.unsaved -= 1;
        } else if let Some(state) = self.stack.pop() {
            self.state = state;
        }
    }

    /// Forgets what was saved and never restored.
    pub(super) fn forget_saved(&mut self) {
        self.stack.clear();
        self.unsaved = 0;
    }

    fn set_font(&mut self, operands: &[Token<'_>], resources: Option<&'a Dictionary>) {
        let [.., name, size] = operands else { return };
        let font = name
            .name()
            .and_then(|name| named_font(self.work.document, resources?, name))
            .and_then(|object| self.work.font(object));
        self.state.text.font = font;
        self.state.text.size = size.number().unwrap_or(0.0);
    }

    fn draw_object(
        &mut self,
        operands: &[Token<'_>],
        resources: Option<&'a Dictionary>,
        depth: usize,
    ) {
        let document = self.work.document;
        let object = operands
            .last()
            .and_then(Token::name)
            .and_then(|name| get_dict(document, resources?, b"XObject")?.get(name).ok());
        let Some((id, Object::Stream(stream))) =
            object.and_then(|object| document.dereference(object).ok())
        else {
            return;
        };
        let layer = stream.dict.get(b"OC").ok().filter(|_| self.work.spend(LAYER_COST));
        let veil = layer.and_then(|layer| self.work.layers.veil(document, layer));
        let veils_around = self.veils.len();
        self.veils.extend(veil);
        match get_name(document, &stream.dict, b"Subtype") {
            Some(b"Image") => {
                let masked = [&b"SMask"[..], b"Mask"]
                    .iter()
                    .any(|key| get(document, &stream.dict, key).is_some());
                let stencil = matches!(
                    get(document, &stream.dict, b"ImageMask"),
                    Some(Object::Boolean(true))
                );
                self.paint_image(!masked && !stencil, id);
            }
            Some(b"Form") => self.draw_form(id, stream, resources, depth),
            _ => {}
        }
        self.veils.truncate(veils_around);
    }

    pub(super) fn draw_form(
        &mut self,
        id: Option<ObjectId>,
        stream: &'a lopdf::Stream,
        resources: Option<&'a Dictionary>,
        depth: usize,
    ) {
        let own = get_dict(self.work.document, &stream.dict, b"Resources").or(resources);
        if let Some(id) = id {
            self.nested(id, stream, own, depth + 1, |inner| inner.enter_form(&stream.dict));
        }
    }

    /// Runs content inside the content, from the state that `enter` makes of the present one.
    pub(super) fn nested(
        &mut self,
        id: ObjectId,
        stream: &'a lopdf::Stream,
        resources: Option<&'a Dictionary>,
        depth: usize,
        enter: impl FnOnce(&mut Self),
    ) {
        let is_too_deep = depth > PDF_NESTING_MAX || self.active.len() > PDF_NESTING_MAX;
        if is_too_deep || !self.active.insert(id) {
            self.work.note(NoticeKind::Malformed, "forms are nested too deeply or in themselves");
            return;
        }
        self.work.streams_run.insert(id);
        if let Some(bytes) = self.work.unpacked(stream) {
            let (base, path) = (self.base, std::mem::replace(&mut self.path, Path::new()));
            let outer = self.state.clone();
            let matrices = (self.text_matrix, self.line_matrix);
            let (stack, unsaved) = (std::mem::take(&mut self.stack), self.unsaved);
            let marks_base = std::mem::replace(&mut self.marks_base, self.marks.len());
            self.unsaved = 0;
            enter(self);
            self.base = self.state.matrix;
            self.run(&bytes, resources, depth);
            self.close_marks(self.marks_base);
            self.marks_base = marks_base;
            (self.stack, self.unsaved) = (stack, unsaved);
            (self.text_matrix, self.line_matrix) = matrices;
            self.state = outer;
            (self.base, self.path) = (base, path);
        }
        self.active.remove(&id);
    }

    pub(super) fn enter_form(&mut self, dict: &Dictionary) {
        let document = self.work.document;
        if let Some(numbers) = get_numbers(document, dict, b"Matrix") {
            self.state.matrix = Matrix::of(numbers).then(self.state.matrix);
        }
        if let Some(corners) = get_numbers(document, dict, b"BBox") {
            let matrix = self.state.matrix;
            self.state.narrow(Rect::of(corners).through(matrix), matrix.is_upright());
        }
        if get_dict(document, dict, b"Group").is_some() {
            self.state.enter_group();
        }
    }

    /// Render mode from an operand.
    pub(super) fn render_mode(value: f32) -> u8 {
        whole_number(value).and_then(|mode| u8::try_from(mode).ok()).filter(|m| *m < 8).unwrap_or(0)
    }
}
