//! Slides and shapes: where they lie, what is under them, what lies above.
//!
//! Let through on purpose: shapes that turn or belong to groups that move are not placed; on slides with
//! animations nothing counts as covered, since covers come and go.

use std::rc::Rc;

use super::flow::Target;
use super::seen::Ground;
use super::style::{Fill, From, points};
use super::walk::{AWAY, Attrs, Context, MACHINE_ONLY, Walk};
use crate::domain::document::{Alternate, BlockKind, Doubt, Format, Hiding, Joint, Visibility};
use crate::domain::limits::SLIDE_SHAPES_MAX;

/// Left, top, right, bottom, in points.
pub(super) type Rectangle = [f32; 4];

/// A shape of a slide.
#[derive(Debug, Clone)]
struct Shape {
    is_seen: bool,
    place: Option<Rectangle>,
    paint: Fill,
    /// A picture in it may cover what is under it.
    may_cover: bool,
    /// It holds a picture without holes.
    is_opaque: bool,
}

/// A slide that is open.
#[derive(Debug, Default)]
pub(super) struct Slide {
    page: Option<(f32, f32)>,
    shapes: Vec<Shape>,
    pub(super) is_animated: bool,
}

/// What the tree asks of slides.
pub(super) trait SlideMaker {
    fn begin_slide(&mut self, attrs: &Attrs, context: &mut Context);
    fn end_slide(&mut self);
    fn shape(&mut self, name: &str, attrs: &Attrs, context: &mut Context);
}

impl SlideMaker for Walk<'_> {
    fn begin_slide(&mut self, attrs: &Attrs, context: &mut Context) {
        let master = attrs.get("master-page-name").or_else(|| attrs.get("name"));
        let master = self.styles.page(master.unwrap_or_default());
        let own = self.styles.get("drawing-page", attrs.get("style-name").unwrap_or_default());
        if own.is_away == Some(true) {
            context.seen = context.seen.or(Some(AWAY));
        }
        if let Some(name) =
            attrs.get("master-page-name").filter(|_| !context.in_master && context.seen.is_none())
        {
            self.masters_shown.insert(name.to_owned());
        }
        context.ground = Ground::PAGE.under(master.fill).under(own.fill);
        context.target = Target::Page(BlockKind::Paragraph);
        self.flow.part(Joint::Page);
        self.flow.slide = Some(Vec::new());
        self.slide = Some(Slide { page: master.page, ..Slide::default() });
    }

    fn end_slide(&mut self) {
        let blocks = self.flow.slide.take().unwrap_or_default();
        let slide = self.slide.take().unwrap_or_default();
        let mut known: Vec<Option<bool>> = vec![None; slide.shapes.len()];
        for (mut block, shape) in blocks {
            if let Some(shape) = shape.filter(|_| block.visibility.is_shown() && !slide.is_animated)
            {
                let is_covered = known.get(shape).copied().flatten().unwrap_or_else(|| {
                    self.tests = self.tests.saturating_sub(slide.shapes.len());
                    self.tests > 0 && slide.is_covered(shape)
                });
                if let Some(slot) = known.get_mut(shape) {
                    *slot = Some(is_covered);
                }
                if is_covered {
                    block.visibility = Visibility::Hidden(Hiding::Covered);
                }
            }
            self.flow.builder.block(block);
        }
    }

    fn shape(&mut self, name: &str, attrs: &Attrs, context: &mut Context) {
        let style = attrs.get("style-name").unwrap_or_default();
        let style =
            self.styles.get("graphic", style).within(&self.styles.get("presentation", style));
        let is_off = attrs.get("layer").is_some_and(|layer| self.styles.layers_off.contains(layer));
        if is_off {
            context.seen = context.seen.or(Some(Visibility::Hidden(Hiding::LayerOff)));
        }
        context.seen = context.seen.or(displayed(attrs));
        if Self::is_master(context)
            && (attrs.get("class").is_some() || attrs.get("placeholder") == Some("true"))
        {
            // What a master says in a placeholder is for whoever fills it in.
            context.seen = Some(MACHINE_ONLY);
        }
        let place = placed(attrs);
        let is_nothing = place
            .is_some_and(|[left, top, right, bottom]| right - left < 1.0 && bottom - top < 1.0);
        if is_nothing {
            context.seen = context.seen.or(Some(Visibility::Hidden(Hiding::TooSmall)));
        }
        let style_letters = Rc::new(style.clone());
        if self.format == Format::Odp || context.in_sheet {
            context.letters = style_letters;
        }
        context.indent = None;
        // What is not seen paints nothing, and lines have no inside.
        let is_line = matches!(name, "line" | "connector" | "measure" | "polyline");
        let paint = style.fill.filter(|_| context.seen.is_none() && !is_line);
        let paint = paint.unwrap_or(Fill::None);
        let is_seen = context.seen.is_none();
        let Some(slide) = &mut self.slide else {
            context.ground = context.ground.under(style.fill);
            let in_text = self.format == Format::Odt && !context.in_drawing;
            let is_beside = in_text
                && attrs.get("anchor-type") != Some("as-char")
                && place.is_some_and(|place| is_beside(place, style.from, self.styles.largest));
            if is_beside {
                // Some programs leave it there, others draw it at the edge of the page.
                context.seen = context.seen.or(Some(Visibility::Undetermined(Doubt::UnknownStyle)));
            }
            return;
        };
        self.tests = self.tests.saturating_sub(slide.shapes.len());
        let under =
            if self.tests > 0 { slide.under(place, context.ground) } else { Ground::Unknown };
        context.ground = under.under(style.fill);
        if slide.is_outside(place) {
            context.seen = context.seen.or(Some(Visibility::Hidden(Hiding::OffPage)));
        }
        if slide.shapes.len() < SLIDE_SHAPES_MAX {
            let may_cover = style.lets_through != Some(true);
            slide.shapes.push(Shape { place, paint, may_cover, is_seen, is_opaque: false });
            context.shape = Some(slide.shapes.len() - 1);
        }
    }
}

impl Slide {
    /// A frame turns out to hold a picture; the first of several is the one that is shown.
    pub(super) fn is_picture(&mut self, shape: Option<usize>, is_opaque: bool) {
        let shape = shape.and_then(|index| self.shapes.get_mut(index));
        if let Some(shape) = shape.filter(|shape| shape.is_seen && shape.paint == Fill::None) {
            shape.paint = Fill::Other;
            shape.is_opaque = is_opaque && shape.may_cover;
        }
    }

    /// What lies under a place: the topmost shape so far that holds its middle.
    fn under(&self, place: Option<Rectangle>, page: Ground) -> Ground {
        let Some([left, top, right, bottom]) = place else {
            return if self.shapes.is_empty() { page } else { Ground::Unknown };
        };
        let (x, y) = ((left + right) / 2.0, (top + bottom) / 2.0);
        let mut ground = page;
        for shape in &self.shapes {
            let Some([left, top, right, bottom]) = shape.place else { continue };
            if !(left..=right).contains(&x) || !(top..=bottom).contains(&y) {
                continue;
            }
            ground = match (shape.paint, ground) {
                (Fill::None, ground) => ground,
                (Fill::Plain(colour), _) => Ground::Plain(colour),
                (Fill::Other, Ground::Plain(under) | Ground::Picture(under)) => {
                    Ground::Picture(under)
                }
                (Fill::Other, Ground::Unknown) => Ground::Unknown,
            };
        }
        ground
    }

    fn is_outside(&self, place: Option<Rectangle>) -> bool {
        let (Some((width, height)), Some([left, top, right, bottom])) = (self.page, place) else {
            return false;
        };
        right <= 0.0 || bottom <= 0.0 || left >= width || top >= height
    }

    /// Whether a later shape with a plain fill, or picture without holes, holds all of this one.
    fn is_covered(&self, index: usize) -> bool {
        let Some([left, top, right, bottom]) = self.shapes.get(index).and_then(|shape| shape.place)
        else {
            return false;
        };
        self.shapes.iter().skip(index + 1).any(|shape| {
            (matches!(shape.paint, Fill::Plain(_)) || shape.is_opaque)
                && shape
                    .place
                    .is_some_and(|[l, t, r, b]| l <= left && t <= top && right <= r && bottom <= b)
        })
    }
}

/// Whether a frame lies outside every page of a text, wherever on the page its place counts from.
fn is_beside(place: Rectangle, from: [Option<From>; 2], largest: Option<(f32, f32)>) -> bool {
    let [left, top, right, bottom] = place;
    let [across, down] = from;
    let sides = [
        (left, right, across, largest.map(|page| page.0)),
        (top, bottom, down, largest.map(|page| page.1)),
    ];
    sides.into_iter().any(|(begin, end, from, page)| {
        let (first, last) = match (from, page) {
            (Some(From::Side), _) => return false,
            (Some(From::Page), page) => (0.0, page.map(|page| begin >= page)),
            (Some(From::Paragraph | From::Text) | None, Some(page)) => (page, Some(begin >= page)),
            (Some(From::Paragraph | From::Text) | None, None) => return false,
        };
        end + first <= 0.0 || last == Some(true)
    })
}

pub(super) fn placed(attrs: &Attrs) -> Option<Rectangle> {
    if attrs.get("transform").is_some() {
        return None;
    }
    let length = |name: &str| attrs.get(name).and_then(points);
    let (width, height) = length("width").zip(length("height"))?;
    let (left, top) = (length("x").unwrap_or(0.0), length("y").unwrap_or(0.0));
    Some([left, top, left + width, top + height])
}

/// What a shape or group is where it is not displayed as everything is.
pub(super) fn displayed(attrs: &Attrs) -> Option<Visibility> {
    match attrs.get("display") {
        Some("none") => Some(Visibility::Hidden(Hiding::Invisible)),
        Some("printer") => Some(Visibility::Alternate(Alternate::OtherMedium)),
        _ => None,
    }
}
