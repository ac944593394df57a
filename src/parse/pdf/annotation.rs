//! Annotations: what they draw over the page, and what keeps a person from seeing it.
//!
//! An appearance is run as a form, so its text is on the page and its shapes cover what is under them.
//! Where there is none, the text that viewers write themselves is laid out roughly, and what they
//! paint is painted. A redaction that is not applied yet counts as applied: whoever marked the text
//! wants it gone.
//!
//! Let through on purpose: borders, icons and the lines of markup; the exact place of generated text.

use lopdf::{Dictionary, Document, Object, ObjectId, Stream};

use super::canvas::Filling;
use super::cmap::GlyphText;
use super::colour::{BLACK, Colour, Space};
use super::content::Interpreter;
use super::geometry::{Matrix, Point, Rect, placed};
use super::glyphs::Glyph;
use super::marks::{comparable, glyph_text};
use super::objects::{
    dict_of, get, get_array, get_dict, get_integer, get_name, get_numbers, get_text, numbers_of,
    resolved,
};
use super::page::Page;
use super::state::{Blend, State};
use super::widths::sans_width;
use super::work::Work;
use crate::domain::document::{Alternate, Hiding, Visibility};
use crate::domain::limits::{PDF_ATTACHED_MAX, PDF_GLYPHS_PER_PAGE_MAX, PDF_NESTING_MAX};

/// What looking at an annotation costs, in operators.
const ANNOTATION_COST: usize = 8;
/// Smaller rectangles show nothing.
const SIDE_POINTS_MIN: f32 = 1.0;
/// Size of generated letters where none is given: as much of a line's height, within these.
const LETTER_SHARE: f32 = 0.7;
const LETTER_POINTS: std::ops::RangeInclusive<f32> = 4.0..=12.0;
/// Distance of generated lines, as part of the letter size.
const LEADING: f32 = 1.2;
/// Room between a generated text and its rectangle.
const INSET_POINTS: f32 = 2.0;

/// Flags of an annotation.
const INVISIBLE: i64 = 1;
const HIDDEN: i64 = 1 << 1;
const PRINT: i64 = 1 << 2;
const NO_VIEW: i64 = 1 << 5;
/// Flags of a field: passwords are shown as dots.
const MULTILINE: i64 = 1 << 12;
const PASSWORD: i64 = 1 << 13;
const COMBO: i64 = 1 << 17;

/// Choices of one field that are read.
pub(super) const CHOICES_MAX: usize = 2_000;

const KNOWN: [&[u8]; 26] = [
    b"Text",
    b"Link",
    b"FreeText",
    b"Line",
    b"Square",
    b"Circle",
    b"Polygon",
    b"PolyLine",
    b"Highlight",
    b"Underline",
    b"Squiggly",
    b"StrikeOut",
    b"Stamp",
    b"Caret",
    b"Ink",
    b"Popup",
    b"FileAttachment",
    b"Sound",
    b"Movie",
    b"Widget",
    b"Screen",
    b"PrinterMark",
    b"TrapNet",
    b"Watermark",
    b"3D",
    b"Redact",
];

/// What became of an annotation on its page.
#[derive(Debug, Default)]
pub(super) struct Appearance {
    /// What keeps it from being seen, if anything does.
    pub(super) veil: Option<Visibility>,
    /// Whether its rectangle is on the page and has a size.
    pub(super) has_place: bool,
    /// The text that it draws, in the form in which texts are compared.
    pub(super) text: String,
}

impl Appearance {
    pub(super) const fn is_seen(&self) -> bool {
        self.veil.is_none() && self.has_place
    }

    /// Whether a person sees this text in it.
    pub(super) fn shows(&self, text: &str) -> bool {
        self.is_seen() && self.text.contains(&comparable(text))
    }
}

/// A value of a field, which its ancestors may give.
pub(super) fn inherited<'a>(
    document: &'a Document,
    field: &'a Dictionary,
    key: &[u8],
) -> Option<&'a Object> {
    let mut node = field;
    for _ in 0..PDF_NESTING_MAX {
        if let Some(value) = get(document, node, key) {
            return Some(value);
        }
        node = get_dict(document, node, b"Parent")?;
    }
    None
}

/// The annotations of a page, as many as are read.
pub(super) fn annotations<'a>(
    document: &'a Document,
    page: &Page<'a>,
) -> impl Iterator<Item = Option<&'a Dictionary>> {
    let list = get_array(document, page.dict, b"Annots");
    let list = list.map(Vec::as_slice).unwrap_or_default().iter().take(PDF_ATTACHED_MAX);
    list.map(move |object| resolved(document, object).and_then(dict_of))
}

impl<'a> Interpreter<'_, 'a> {
    /// Draws the annotations of a page over its content.
    pub(super) fn draw_annotations(&mut self, page: &Page<'a>) {
        for annotation in annotations(self.work.document, page) {
            let mut appearance = Appearance::default();
            if let Some(annotation) = annotation
                && self.work.spend(ANNOTATION_COST)
            {
                self.work.annotations_read.insert(std::ptr::from_ref(annotation).addr());
                self.reset(page.shown);
                appearance = self.draw_annotation(annotation, page);
            }
            self.drawn.appearances.push(appearance);
        }
    }

    fn draw_annotation(&mut self, annotation: &'a Dictionary, page: &Page<'a>) -> Appearance {
        let document = self.work.document;
        let subtype = get_name(document, annotation, b"Subtype").unwrap_or_default();
        let rect = Rect::of(get_numbers(document, annotation, b"Rect").unwrap_or_default());
        let veil = veil(self.work, annotation, subtype);
        let seen = rect.meet(page.shown);
        let side_min = SIDE_POINTS_MIN / page.unit;
        let has_place = seen.is_sound() && rect.width().min(rect.height()) >= side_min;
        let first_glyph = self.drawn.glyphs.len();
        self.veils.extend(veil);
        let is_written = subtype == b"Widget" && has_place && self.writes_anew(annotation);
        let appearance = appearance(document, annotation).filter(|_| !is_written);
        match (subtype, appearance) {
            (b"Popup", _) => {}
            (b"Redact", _) => self.redact(annotation, rect),
            (_, Some((id, stream))) => self.draw_appearance(id, stream, subtype, rect),
            (b"FreeText" | b"Widget", None) if has_place => {
                self.generate(annotation, subtype == b"Widget", rect, page);
            }
            (b"Square", None) => self.fill(annotation, b"IC", rect),
            _ => {}
        }
        self.veils.clear();
        let glyphs = self.drawn.glyphs.get(first_glyph..).unwrap_or_default();
        Appearance { veil, has_place, text: comparable(&glyph_text(glyphs)) }
    }

    /// Whether viewers write a field's value themselves, whatever its appearance is.
    fn writes_anew(&self, widget: &Dictionary) -> bool {
        let document = self.work.document;
        let form = document.catalog().ok().and_then(|c| get_dict(document, c, b"AcroForm"));
        let is_asked = form.is_some_and(|form| {
            matches!(get(document, form, b"NeedAppearances"), Some(Object::Boolean(true)))
        });
        let kind = inherited(document, widget, b"FT").and_then(|kind| kind.as_name().ok());
        is_asked && matches!(kind, Some(b"Tx" | b"Ch"))
    }

    /// Runs the appearance: its box, turned by its matrix, fills the rectangle.
    fn draw_appearance(&mut self, id: ObjectId, stream: &'a Stream, subtype: &[u8], rect: Rect) {
        let document = self.work.document;
        let Some(corners) = get_numbers(document, &stream.dict, b"BBox") else { return };
        let matrix =
            get_numbers(document, &stream.dict, b"Matrix").map_or(Matrix::IDENTITY, Matrix::of);
        let boxed = Rect::of(corners).through(matrix);
        if !boxed.is_sound() {
            return;
        }
        let (across, up) = (rect.width() / boxed.width(), rect.height() / boxed.height());
        let (x, y) = (rect.left - boxed.left * across, rect.bottom - boxed.bottom * up);
        self.state.matrix = Matrix::of([across, 0.0, 0.0, up, x, y]);
        if subtype == b"Highlight" {
            // Viewers let the text shine through, whatever the appearance says.
            self.state.blend = Blend::Multiply;
            self.state.enter_group();
        }
        self.draw_form(Some(id), stream, None, 0);
    }

    fn redact(&mut self, annotation: &'a Dictionary, rect: Rect) {
        let document = self.work.document;
        let colour = colour(document, annotation, b"IC").unwrap_or(BLACK);
        let quads = get_array(document, annotation, b"QuadPoints");
        let numbers = quads.map(|list| numbers_of(document, list, 8 * PDF_ATTACHED_MAX));
        let mut areas: Vec<Rect> = Vec::new();
        for quad in numbers.unwrap_or_default().chunks_exact(8) {
            let mut area = Rect::NOTHING;
            for corner in quad.chunks_exact(2) {
                if let [x, y] = corner {
                    area.grow([*x, *y]);
                }
            }
            areas.push(area);
        }
        if areas.is_empty() {
            areas.push(rect);
        }
        for area in areas {
            self.paint_bounds(Filling::Colour(colour), area);
        }
    }

    fn fill(&mut self, annotation: &'a Dictionary, key: &[u8], rect: Rect) {
        if let Some(colour) = colour(self.work.document, annotation, key) {
            let alpha = super::objects::get_number(self.work.document, annotation, b"CA");
            self.state.fill_alpha = alpha.unwrap_or(1.0).clamp(0.0, 1.0);
            self.paint_bounds(Filling::Colour(colour), rect);
            self.state.fill_alpha = 1.0;
        }
    }

    /// What viewers write where the file has no appearance: a text box, or a field's value.
    fn generate(
        &mut self,
        annotation: &'a Dictionary,
        is_widget: bool,
        rect: Rect,
        page: &Page<'a>,
    ) {
        let document = self.work.document;
        let text = if is_widget {
            if let Some(details) = get_dict(document, annotation, b"MK") {
                self.fill(details, b"BG", rect);
            }
            widget_text(document, annotation)
        } else {
            self.fill(annotation, b"C", rect);
            get_text(document, annotation, b"Contents")
        };
        let Some(text) = text.filter(|text| !text.trim().is_empty()) else { return };
        if !self.work.spend(text.len()) {
            return;
        }
        let form = document.catalog().ok().and_then(|c| get_dict(document, c, b"AcroForm"));
        let style = inherited(document, annotation, b"DA")
            .or_else(|| get(document, form?, b"DA"))
            .and_then(|style| style.as_str().ok());
        if let Some(style) = style {
            let resources =
                form.and_then(|form| get_dict(document, form, b"DR")).or(page.resources);
            self.run(style, resources, 1);
        }
        let flags = inherited(document, annotation, b"Ff").and_then(|flags| flags.as_i64().ok());
        let one_line = is_widget && flags.unwrap_or(0) & MULTILINE == 0 && !text.contains('\n');
        self.write(&text, rect, one_line);
    }

    /// Lays a text out in a rectangle.
    fn write(&mut self, text: &str, rect: Rect, one_line: bool) {
        let given = self.state.text.size.abs();
        let fitting =
            (rect.height() * LETTER_SHARE).clamp(*LETTER_POINTS.start(), *LETTER_POINTS.end());
        let size = if given > 0.0 { given } else { fitting };
        let left = rect.left + INSET_POINTS;
        let top = if one_line {
            rect.bottom + (rect.height() + size * LETTER_SHARE) / 2.0
        } else {
            rect.top
        };
        let mut pen = [left, top - size * if one_line { LETTER_SHARE } else { 1.0 }];
        for line in text.lines() {
            for word in line.split_inclusive(' ') {
                let width: f32 = word.chars().map(|ch| sans_width(ch) * size).sum();
                let [x, y] = pen;
                if !one_line && x > left && x + width > rect.right {
                    pen = [left, y - LEADING * size];
                }
                for ch in word.chars() {
                    pen = self.write_letter(ch, pen, size);
                }
            }
            let [_, y] = pen;
            pen = [left, y - LEADING * size];
        }
    }

    fn write_letter(&mut self, ch: char, origin: Point, size: f32) -> Point {
        let [x, y] = origin;
        let next = [x + sans_width(ch) * size, y];
        if self.drawn.glyphs.len() < PDF_GLYPHS_PER_PAGE_MAX && self.work.spend(1) {
            let style = self.style();
            self.drawn.glyphs.push(Glyph {
                text: GlyphText::One(if ch.is_control() { ' ' } else { ch }),
                origin: placed(origin),
                end: placed(next),
                pen: placed(next),
                right: [size, 0.0],
                up: [0.0, size],
                vertical: false,
                style,
                moment: self.drawn.canvas.moment(),
                known: true,
                blank: false,
            });
        }
        next
    }

    /// Begins anew, as for the content of another page.
    pub(super) fn reset(&mut self, shown: Rect) {
        self.close_marks(0);
        self.veils.clear();
        self.forget_saved();
        self.state = State::new(shown);
        self.path.clear();
        self.clip_pending = false;
    }
}

/// What keeps an annotation from being seen on a screen.
fn veil(work: &Work<'_>, annotation: &Dictionary, subtype: &[u8]) -> Option<Visibility> {
    let document = work.document;
    let flags = get_integer(document, annotation, b"F").unwrap_or(0);
    let is = |flag: i64| flags & flag != 0;
    if is(HIDDEN) || (is(INVISIBLE) && !KNOWN.contains(&subtype)) || (is(NO_VIEW) && !is(PRINT)) {
        return Some(Visibility::Hidden(Hiding::Invisible));
    }
    if is(NO_VIEW) {
        return Some(Visibility::Alternate(Alternate::OtherMedium));
    }
    annotation.get(b"OC").ok().and_then(|layer| work.layers.veil(document, layer))
}

/// The stream that is drawn now, of those for several states.
fn appearance<'a>(
    document: &'a Document,
    annotation: &'a Dictionary,
) -> Option<(ObjectId, &'a Stream)> {
    let normal = get_dict(document, annotation, b"AP")?.get(b"N").ok()?;
    let (id, object) = document.dereference(normal).ok()?;
    match object {
        Object::Stream(stream) => Some((id?, stream)),
        Object::Dictionary(states) => {
            let state = get_name(document, annotation, b"AS").or_else(|| {
                inherited(document, annotation, b"V").and_then(|value| value.as_name().ok())
            });
            let (id, object) =
                document.dereference(states.get(state.unwrap_or(b"Off")).ok()?).ok()?;
            Some((id?, object.as_stream().ok()?))
        }
        _ => None,
    }
}

/// What a viewer writes into a field.
fn widget_text(document: &Document, widget: &Dictionary) -> Option<String> {
    let flags = inherited(document, widget, b"Ff").and_then(|flags| flags.as_i64().ok());
    match inherited(document, widget, b"FT")?.as_name().ok()? {
        b"Tx" if flags.unwrap_or(0) & PASSWORD != 0 => None,
        // A list shows what can be chosen, and a box what was.
        b"Ch" if flags.unwrap_or(0) & COMBO == 0 => Some(choices(document, widget).join("\n")),
        b"Tx" | b"Ch" => inherited(document, widget, b"V").and_then(super::objects::text),
        b"Btn" => get_text(document, get_dict(document, widget, b"MK")?, b"CA")
            // One character of a font of signs is a tick.
            .filter(|caption| caption.chars().count() > 1),
        _ => None,
    }
}

/// What a list or box offers when it is opened.
pub(super) fn choices(document: &Document, field: &Dictionary) -> Vec<String> {
    let list = inherited(document, field, b"Opt").and_then(|list| list.as_array().ok());
    let mut found = Vec::new();
    for choice in list.into_iter().flatten().take(CHOICES_MAX) {
        match resolved(document, choice) {
            Some(Object::Array(pair)) => {
                found.extend(
                    pair.iter()
                        .take(2)
                        .filter_map(|one| super::objects::text(resolved(document, one)?)),
                );
            }
            Some(one) => found.extend(super::objects::text(one)),
            None => {}
        }
    }
    found
}

/// A colour by the number of its components.
fn colour(document: &Document, dict: &Dictionary, key: &[u8]) -> Option<super::colour::Rgb> {
    let values = numbers_of(document, get_array(document, dict, key)?, 4);
    let space = match values.len() {
        1 => Space::Gray,
        3 => Space::Rgb,
        4 => Space::Cmyk,
        _ => return None,
    };
    match space.colour(&values) {
        Colour::Rgb(rgb) => Some(rgb),
        Colour::Nothing | Colour::Unknown => None,
    }
}
