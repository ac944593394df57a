//! One slide: its shapes with what they inherit, those that its layout and master add, and what a person
//! sees of each text.

use super::ground::{Cover, Painted, beneath, covered, painted, text_area};
use super::letters::{Align, Letters, Levels};
use super::sheet::{Body, Kind, Placeholder, Shape, Sheet};
use crate::domain::document::{Alternate, BlockKind, Doubt, Hiding, NoticeKind, Visibility};
use crate::parse::Builder;
use crate::parse::drawing::fill::{Fill, sight};
use crate::parse::drawing::place::Area;
use crate::parse::drawing::theme::Palette;
use crate::parse::html::color::{BLACK, WHITE};
use crate::parse::paragraphs::Paragraphs;

/// Smaller letters are dust, in points.
const SIZE_MIN: f32 = 1.5;
/// Letters are half as wide as high; closer together by this they lie on each other.
const ADVANCE: f32 = 0.5;
/// Size of text of which nothing is said.
const USUAL_SIZE: f32 = 18.0;
/// Boxes lower than this that cut their text off show none of it, in units.
const FLAT: f64 = crate::parse::drawing::place::THIN_EMU;

/// What a slide is made of.
pub(super) struct Slide<'s> {
    pub(super) own: &'s Sheet,
    pub(super) layout: Option<&'s Sheet>,
    pub(super) master: Option<&'s Sheet>,
    /// `defaultTextStyle` of the presentation.
    pub(super) usual: &'s Levels,
    pub(super) palette: Palette<'s>,
    pub(super) size: [f64; 2],
    /// What all of its text is, where it is not simply shown.
    pub(super) outer: Option<Visibility>,
    /// Whether the picture of this relation has no holes.
    pub(super) is_opaque: &'s dyn Fn(&str) -> bool,
    /// Comparisons of shapes that are left to the file.
    pub(super) tests_left: &'s std::cell::Cell<usize>,
}

/// Which sheet's shapes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layer {
    Slide,
    Layout,
    Master,
}

/// What is painted before and after a shape.
struct Around<'p> {
    page: Fill,
    below: &'p [Painted],
    above: &'p [Painted],
}

/// A shape with what it inherits.
struct Placed<'s> {
    shape: &'s Shape,
    area: Option<Area>,
    fill: Fill,
    levels: Levels,
    anchor: String,
    is_title: bool,
    is_body: bool,
}

impl Slide<'_> {
    /// Writes the text of one of its layers. What is written is handed to `after` with its visibility, so
    /// that links and graphics can be added.
    pub(super) fn write(
        &self,
        layer: Layer,
        builder: &mut Builder,
        paragraphs: &mut Paragraphs,
        after: &mut dyn FnMut(&Shape, Visibility, &mut Builder, &mut Paragraphs),
    ) {
        let Some(all) = self.painted() else {
            let detail = "more shapes on its slides than are compared";
            builder.notice_once(NoticeKind::LimitReached, detail);
            for shape in self.shown(layer).into_iter().flat_map(|sheet| &sheet.shapes) {
                let seen = self.shape(shape, layer, None, builder, paragraphs);
                after(shape, seen, builder, paragraphs);
            }
            return;
        };
        let paints: Vec<Painted> = all.iter().filter_map(|(_, _, paint)| *paint).collect();
        let page = self.page();
        let mut before = 0_usize;
        for (of, shape, paint) in &all {
            let after_own = before.saturating_add(usize::from(paint.is_some()));
            if *of == layer {
                let around = Around {
                    page,
                    below: paints.get(..before).unwrap_or_default(),
                    above: paints.get(after_own..).unwrap_or_default(),
                };
                let seen = self.shape(shape, layer, Some(&around), builder, paragraphs);
                after(shape, seen, builder, paragraphs);
            }
            before = after_own;
        }
    }

    /// All shapes in the order in which they are painted, with what they paint; `None` when that is more
    /// work than is left.
    fn painted(&self) -> Option<Vec<(Layer, &Shape, Option<Painted>)>> {
        let layers = [
            (Layer::Master, self.master()),
            (Layer::Layout, self.layout()),
            (Layer::Slide, Some(self.own)),
        ];
        let count = layers.iter().filter_map(|(_, sheet)| *sheet).map(|sheet| sheet.shapes.len());
        self.tests_left.set(self.tests_left.get().checked_sub(count.sum())?);
        let mut all = Vec::new();
        for (of, sheet) in layers {
            for shape in sheet.into_iter().flat_map(|sheet| &sheet.shapes) {
                let is_own = of == Layer::Slide;
                let is_opaque = is_own
                    && !shape.may_be_clear
                    && shape.picture.as_deref().is_some_and(self.is_opaque);
                let is_prompt = !is_own && shape.placeholder.is_some();
                let (area, fill) = self.area_and_fill(shape);
                let paint = painted(shape, area, fill, is_opaque).filter(|_| !is_prompt);
                all.push((of, shape, paint));
            }
        }
        Some(all)
    }

    /// The layout or master as far as its shapes are shown.
    pub(super) fn shown(&self, layer: Layer) -> Option<&Sheet> {
        match layer {
            Layer::Slide => Some(self.own),
            Layer::Layout => self.layout(),
            Layer::Master => self.master(),
        }
    }

    fn layout(&self) -> Option<&Sheet> {
        self.layout.filter(|_| self.own.shows_master)
    }

    fn master(&self) -> Option<&Sheet> {
        let is_shown =
            self.own.shows_master && self.layout.is_none_or(|layout| layout.shows_master);
        self.master.filter(|_| is_shown)
    }

    fn page(&self) -> Fill {
        let layers = [Some(self.own), self.layout, self.master];
        let said = layers.into_iter().flatten().find_map(|sheet| sheet.ground);
        let light = Fill::Plain(self.palette.named("bg1").unwrap_or(WHITE));
        said.unwrap_or(light).over(light)
    }

    /// The shapes of master and layout that a placeholder follows.
    fn models(&self, place: &Placeholder) -> [Option<&Shape>; 2] {
        let in_layout = self.layout.and_then(|sheet| {
            let by_index = place.index.as_ref().and_then(|index| sheet.by_index.get(index));
            sheet.shapes.get(*by_index.or_else(|| sheet.by_base.get(place.base()))?)
        });
        let kind = in_layout.and_then(|shape| shape.placeholder.as_ref()).unwrap_or(place).base();
        let in_master = self.master.and_then(|sheet| sheet.shapes.get(*sheet.by_base.get(kind)?));
        [in_master, in_layout]
    }

    /// Where a shape is and what it is filled with, its own or inherited.
    fn area_and_fill(&self, shape: &Shape) -> (Option<Area>, Fill) {
        let (mut area, mut fill) = (None, None);
        let models = shape.placeholder.as_ref().map_or([None, None], |place| self.models(place));
        for one in models.into_iter().flatten().chain([shape]) {
            area = one.area.or(area);
            fill = one.fill.or(fill);
        }
        (area, fill.unwrap_or(Fill::Nothing))
    }

    fn placed<'p>(&self, shape: &'p Shape) -> Placed<'p> {
        let mut levels = *self.usual;
        let mut anchor = String::new();
        let base = shape.placeholder.as_ref().map(Placeholder::base);
        if let (Some(master), Some(base)) = (self.master, base) {
            levels.take(match base {
                "title" => &master.title_style,
                "body" => &master.body_style,
                _ => &master.other_style,
            });
        }
        let models = shape.placeholder.as_ref().map_or([None, None], |place| self.models(place));
        for one in models.into_iter().flatten().chain([shape]) {
            if let Some(ink) = one.ink {
                levels.take_all(&Letters { ink: Some(Fill::Plain(ink)), ..Letters::default() });
            }
            let Some(body) = &one.body else { continue };
            if let Some(own) = &body.levels {
                levels.take(own);
            }
            body.anchor.iter().for_each(|own| anchor.clone_from(own));
        }
        let (area, fill) = self.area_and_fill(shape);
        let (is_title, is_body) = (base == Some("title"), base == Some("body"));
        Placed { shape, area, fill, levels, anchor, is_title, is_body }
    }

    fn shape(
        &self,
        shape: &Shape,
        layer: Layer,
        around: Option<&Around<'_>>,
        builder: &mut Builder,
        paragraphs: &mut Paragraphs,
    ) -> Visibility {
        let (area, _) = self.area_and_fill(shape);
        let is_off = area.is_some_and(|area| area.is_off(self.size[0], self.size[1]));
        let seen = self.within(if layer != Layer::Slide && shape.placeholder.is_some() {
            Visibility::Hidden(Hiding::MachineOnly)
        } else if shape.is_hidden {
            Visibility::Hidden(Hiding::Invisible)
        } else if is_off {
            Visibility::Hidden(Hiding::OffPage)
        } else if shape.is_fallback {
            Visibility::Alternate(Alternate::OtherMedium)
        } else {
            Visibility::Shown
        });
        if let Some(body) = &shape.body {
            let placed = self.placed(shape);
            let (seen, grounds) = self.on_ground(&placed, body, seen, around);
            self.text(&placed, body, seen, &grounds, builder, paragraphs);
        }
        for (text, own) in &shape.attached {
            let own = if seen.is_shown() { *own } else { hidden_or(seen, *own) };
            paragraphs.attach(builder, text, own);
        }
        seen
    }

    /// What a body's place makes of it, and what it stands on. `around` is `None` where that is not known.
    fn on_ground(
        &self,
        placed: &Placed<'_>,
        body: &Body,
        seen: Visibility,
        around: Option<&Around<'_>>,
    ) -> (Visibility, Vec<Fill>) {
        let Some(around) = around else {
            let untested = Visibility::Undetermined(Doubt::Broken);
            return (if seen.is_shown() { untested } else { seen }, vec![Fill::Picture]);
        };
        let Some(area) = placed.area.filter(|_| seen.is_shown()) else {
            return (seen, vec![placed.fill.over(around.page)]);
        };
        let tests = around.below.len().saturating_add(around.above.len());
        let Some(left) = self.tests_left.get().checked_sub(tests) else {
            return (Visibility::Undetermined(Doubt::Broken), vec![around.page]);
        };
        self.tests_left.set(left);
        let text = self.text_area(placed, body, area);
        let mut grounds = beneath(around.below, around.page, &text);
        grounds.iter_mut().for_each(|ground| *ground = placed.fill.over(*ground));
        grounds.dedup();
        let [left, top] = body.inset;
        let seen = match covered(around.above, &text) {
            _ if left >= self.size[0] || top >= self.size[1] => Visibility::Hidden(Hiding::OffPage),
            _ if body.is_clipped && area.height < FLAT => Visibility::Hidden(Hiding::Clipped),
            Cover::Yes => Visibility::Hidden(Hiding::Covered),
            Cover::Maybe => Visibility::Undetermined(Doubt::OverImage),
            Cover::No => seen,
        };
        (seen, grounds)
    }

    fn text(
        &self,
        placed: &Placed<'_>,
        body: &Body,
        around: Visibility,
        grounds: &[Fill],
        builder: &mut Builder,
        paragraphs: &mut Paragraphs,
    ) {
        let kind = placed.kind(body);
        for paragraph in &body.paragraphs {
            paragraphs.begin(kind);
            let mut base = placed.levels.at(paragraph.level);
            base.take(&paragraph.letters);
            let left = placed.area.map_or(0.0, |area| area.left) + base.margin.unwrap_or(0.0);
            let is_beside = left >= self.size[0] && around.is_shown();
            for run in &paragraph.runs {
                let mut letters = base;
                letters.take(&run.letters);
                let seen = match (around, self.letters(&letters, body.scale, grounds)) {
                    (Visibility::Shown, own @ Visibility::Hidden(_)) => own,
                    (Visibility::Shown, _) if is_beside => Visibility::Hidden(Hiding::OffPage),
                    (Visibility::Shown, own) => own,
                    (around, own) => hidden_or(own, around),
                };
                let other = Visibility::Alternate(Alternate::OtherMedium);
                let seen = if run.is_fallback && seen.is_shown() { other } else { seen };
                paragraphs.text(builder, &run.text, seen);
            }
            paragraphs.end(builder, true);
        }
    }

    fn within(&self, own: Visibility) -> Visibility {
        match (self.outer, own) {
            (Some(outer), Visibility::Shown | Visibility::Alternate(_)) => outer,
            _ => own,
        }
    }

    fn text_area(&self, placed: &Placed<'_>, body: &Body, area: Area) -> Area {
        let first = body.paragraphs.first();
        let mut letters = placed.levels.at(first.map_or(0, |paragraph| paragraph.level));
        first.into_iter().for_each(|paragraph| letters.take(&paragraph.letters));
        let run = first.and_then(|paragraph| paragraph.runs.first());
        run.into_iter().for_each(|run| letters.take(&run.letters));
        let size = letters.size.unwrap_or(USUAL_SIZE) * body.scale;
        let align = letters.align.unwrap_or(Align::Left);
        text_area(body, area, f64::from(size), align, &placed.anchor)
    }

    fn letters(&self, letters: &Letters, scale: f32, grounds: &[Fill]) -> Visibility {
        let size = letters.size.unwrap_or(USUAL_SIZE) * scale;
        let is_collapsed = -letters.spacing.unwrap_or(0.0) >= size * ADVANCE;
        if size < SIZE_MIN || is_collapsed {
            return Visibility::Hidden(Hiding::TooSmall);
        }
        let dark = self.palette.named("tx1").unwrap_or(BLACK);
        let light = self.palette.named("bg1").unwrap_or(WHITE);
        let inks =
            [letters.ink.unwrap_or(Fill::Plain(dark)), letters.edge.unwrap_or(Fill::Nothing)];
        let mark = letters.highlight.map(Fill::Plain);
        let marked = mark.as_slice();
        let grounds = if marked.is_empty() { grounds } else { marked };
        let mut best = Visibility::Hidden(Hiding::Transparent);
        for ground in grounds {
            for ink in inks {
                let ends = match ink {
                    Fill::Nothing => continue,
                    Fill::Picture => return Visibility::Shown,
                    Fill::Plain(colour) => [colour, colour],
                    Fill::Between(dark, light) => [dark, light],
                };
                for colour in ends {
                    let seen = sight(colour, *ground, light);
                    let is_better = matches!(
                        (best, seen),
                        (_, Visibility::Shown)
                            | (Visibility::Hidden(_), Visibility::Undetermined(_))
                            | (Visibility::Hidden(Hiding::Transparent), Visibility::Hidden(_))
                    );
                    if is_better && !best.is_shown() {
                        best = seen;
                    }
                }
            }
        }
        best
    }
}

impl Placed<'_> {
    fn kind(&self, body: &Body) -> BlockKind {
        let in_list = self.is_body && body.paragraphs.len() > 1;
        match self.shape.kind {
            Kind::Cell => BlockKind::Cell,
            _ if self.is_title => BlockKind::Heading(1),
            _ if in_list => BlockKind::ListItem,
            Kind::Shape | Kind::Picture | Kind::Frame => BlockKind::Paragraph,
        }
    }
}

/// The one that hides, or the other.
fn hidden_or(one: Visibility, other: Visibility) -> Visibility {
    if matches!(one, Visibility::Hidden(_)) { one } else { other }
}
