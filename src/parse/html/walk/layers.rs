//! Boxes that lie over or under text: only where style alone makes it certain.
//!
//! A box that fills the one around it is a layer: what is painted before it is covered when it is opaque,
//! and what is painted after it stands on its ground if it holds no text of its own. In a drawing, text
//! stands on the shapes drawn before it.
//!
//! Let through on purpose: layers over a whole page, since notices, menus and signs of loading are such;
//! boxes that are placed by lengths in another than the page; cells of a grid on top of each other;
//! pictures.

use std::rc::Rc;

use super::covers::{is_kept_off, is_text_box};
use super::{Computed, Frame, Walker};
use crate::domain::document::{Doubt, Hiding, Visibility};
use crate::parse::html::color::Paint;
use crate::parse::html::color::Rgba;
use crate::parse::html::css::selector::Part;
use crate::parse::html::css::sheet::SCREEN;
use crate::parse::html::css::value::Position;
use crate::parse::html::ground::{Eye, Ground};
use crate::parse::html::style::Style;
use crate::parse::html::svg::Space;
use crate::parse::html::tree::{Data, Element, NONE, NodeId};
use crate::parse::html::user_agent;

/// Children of one box that are looked at.
const CHILDREN_MAX: usize = 32;
/// Nodes of a child that are looked at to see whether it holds text.
const NODES_MAX: usize = 16;
/// Shapes of one drawing that are kept; of more, the last count.
const SHAPES_MAX: usize = 512;
/// Where boxes in the flow are painted: above what is sent behind, below what is placed.
const FLOW_LEVEL: f32 = -0.5;

/// A box that fills the one around it.
#[derive(Debug)]
pub(super) struct Layer {
    /// The element, or `NONE` for a part that comes before or after all others.
    pub(super) node: NodeId,
    is_first: bool,
    level: f32,
    ground: Rc<Ground>,
    is_opaque: bool,
    bears_text: bool,
}

/// A shape of a drawing.
#[derive(Debug)]
pub(super) struct Shape {
    area: Option<[f32; 4]>,
    fill: Option<Rgba>,
}

impl<'a> Walker<'a, '_, '_> {
    /// Looks for layers among the children and parts of the box that was just opened.
    pub(super) fn open_layers(&mut self, node: NodeId) {
        let Some(frame) = self.frames.last() else {
            return;
        };
        let is_base = frame.screen.style.position != Position::Static && !self.is_page(frame);
        if !is_base || frame.screen.style.is_gone() {
            return;
        }
        let (mut layers, mut ahead) = (Vec::new(), Vec::new());
        for (part, is_first) in [(Part::Before, true), (Part::After, false)] {
            if let Some((style, content)) = self.part_of(frame, part)
                && matches!(content.as_str(), "\"\"" | "''")
            {
                layers.extend(layer(NONE, is_first, frame, &style));
            }
        }
        let mut at = self.tree.first(node);
        for _ in 0..CHILDREN_MAX {
            if at == NONE {
                break;
            }
            if let Some(element) = self.tree.element(at) {
                let bears_text = !self.is_blank(at, element);
                let may_cover = is_text_box(element) && self.cascade().may_be_placed(element);
                if !bears_text || may_cover {
                    let computed = self.computed_in(self.frames.len(), at, element);
                    let style = &computed.view.style;
                    let is_whole = !bears_text || !is_kept_off(element, style);
                    let found = layer(at, false, frame, style).filter(|_| is_whole);
                    layers.extend(found.map(|layer| Layer { bears_text, ..layer }));
                    if computed.view.variables.is_none() {
                        ahead.push((at, computed));
                    }
                }
            }
            at = self.tree.next(at);
        }
        if let Some(frame) = self.frames.last_mut() {
            frame.layers = layers;
        }
        self.ahead.extend(ahead);
    }

    fn is_page(&self, frame: &Frame<'_>) -> bool {
        self.tree.element(frame.node).is_none_or(|at| matches!(at.tag(), "html" | "body"))
    }

    /// Whether an element is a box and nothing else.
    pub(super) fn is_blank(&self, node: NodeId, element: &Element) -> bool {
        if !matches!(element.tag(), "div" | "span" | "i" | "b" | "p" | "a" | "section" | "figure")
            || element.attr("style").is_none()
                && element.attr("class").is_none()
                && element.attr("id").is_none()
        {
            return false;
        }
        let mut at = self.tree.first(node);
        for _ in 0..NODES_MAX {
            if at == NONE {
                return true;
            }
            match self.tree.get(at).map(|child| &child.data) {
                Some(Data::Text(text)) if !text.trim().is_empty() => return false,
                Some(Data::Element(child))
                    if !matches!(child.tag(), "div" | "span" | "i" | "b") =>
                {
                    return false;
                }
                _ => {}
            }
            at = self.tree.following(at, node, false);
        }
        false
    }

    /// The style of a child of the innermost of the first `depth` open elements.
    pub(super) fn computed_in(
        &self,
        depth: usize,
        node: NodeId,
        element: &Element,
    ) -> Computed<'a> {
        let own = user_agent::default(element);
        let hints = user_agent::hints(element);
        let cascade = self.cascade();
        let matched = cascade.matched(node, element);
        let inline = cascade.inline(element);
        let sources = super::Sources {
            own: &own,
            hints: &hints,
            matched: &matched,
            inline: inline.as_deref(),
        };
        let frames = self.frames.get(..depth).unwrap_or_default();
        let view = self.view_in(frames, SCREEN, element, &sources);
        Computed { matched, view }
    }

    /// What the layers around a text make of it. `own` is what it is without them.
    pub(super) fn layered(&mut self, node: NodeId, own: Visibility) -> Visibility {
        let lost = own == Visibility::Hidden(Hiding::LowContrast);
        if !own.is_shown() && !lost {
            return own;
        }
        let frames = self.frames.iter().rev().enumerate();
        let layered = frames.filter(|(_, frame)| !frame.layers.is_empty());
        let tests = layered.map(|(inner, frame)| inner + frame.layers.len()).sum();
        if !self.runs.may_test(tests) {
            return if lost { own } else { Visibility::Undetermined(Doubt::UnknownStyle) };
        }
        let Some(innermost) = self.frames.last() else {
            return own;
        };
        if let Some(barred) = self.barred() {
            return barred;
        }
        let (mut ground, mut under_text) = (None, None);
        for (index, frame) in self.frames.iter().enumerate().filter(|(_, f)| !f.layers.is_empty()) {
            let inner = self.frames.get(index + 1..).unwrap_or_default();
            let branch = inner.first().map_or(node, |frame| frame.node);
            let level = level_of(inner);
            for layer in frame.layers.iter().filter(|layer| layer.node != branch) {
                let is_later =
                    if layer.node == NONE { !layer.is_first } else { layer.node > branch };
                let is_over = layer.level > level || layer.level == level && is_later;
                if is_over && layer.is_opaque && layer.bears_text {
                    under_text = self.under_text(frame, inner.first(), layer).or(under_text);
                } else if is_over && layer.is_opaque {
                    return Visibility::Hidden(Hiding::Covered);
                }
                let same = Rc::ptr_eq(frame.screen.style.ground(), innermost.screen.style.ground());
                if !is_over && same && !layer.bears_text {
                    ground = Some(&layer.ground);
                }
            }
        }
        match ground {
            _ if under_text.is_some() => under_text.unwrap_or(own),
            Some(ground) => innermost.screen.style.verdict_on(ground, self.others()),
            None => own,
        }
    }

    /// Where in a drawing an element stands.
    pub(super) fn space(&self, element: &Element, style: &Style) -> Option<Space> {
        if !element.is_svg() {
            return None;
        }
        let outer = self.frames.last().and_then(|frame| frame.screen.style.space);
        Space::within(outer, element, !style.shows_overflow)
    }

    /// Notes a shape of the drawing around it.
    pub(super) fn note_shape(&mut self, element: &Element) {
        if !element.is_svg()
            || !matches!(
                element.tag(),
                "rect" | "circle" | "ellipse" | "path" | "polygon" | "image" | "use"
            )
        {
            return;
        }
        let Some(frame) = self.frames.last() else {
            return;
        };
        let style = &frame.screen.style;
        let fill = style.fill_seen();
        let clear = fill.is_some_and(|fill| fill.alpha < 0.05);
        // What a sheet elsewhere may paint otherwise is no ground.
        if clear || style.is_gone() || !style.names_fill() && self.cascade().sheets.has_others {
            return;
        }
        let area = style.space.and_then(|space| space.box_of(element));
        let known = matches!(element.tag(), "rect" | "circle" | "ellipse" | "path" | "polygon");
        let shape = Shape { area, fill: fill.filter(|_| known) };
        let mut frames = self.frames.iter_mut();
        let Some(drawing) = frames.find(|frame| frame.screen.style.space.is_some()) else {
            return;
        };
        if drawing.shapes.len() >= SHAPES_MAX {
            drawing.shapes.drain(..SHAPES_MAX / 2);
        }
        drawing.shapes.push(shape);
    }

    fn shapes(&self) -> &[Shape] {
        let drawing = self.frames.iter().find(|frame| frame.screen.style.space.is_some());
        drawing.map_or(&[], |frame| frame.shapes.as_slice())
    }

    /// The ground of a text in a drawing: the last shape that it surely stands on.
    pub(super) fn drawn_ground(&self, frame: &Frame<'_>) -> Option<Rc<Ground>> {
        let (x, y) = frame.screen.style.space?.place();
        let shape = self.shapes().iter().rev().find(|shape| {
            shape.area.is_some_and(|[left, top, right, bottom]| {
                left <= x && x <= right && top <= y && y <= bottom
            })
        })?;
        let eye = Eye { text: None, is_dark: false, tints: &[], in_part: false };
        let paint = shape.fill.map_or(Paint::Unknown, Paint::Plain);
        Some(Ground::under(frame.screen.style.ground(), Some(paint), None, &eye))
    }

    /// Whether a shape whose place is not known may lie under a text in a drawing.
    pub(super) fn is_over_shape(&self) -> bool {
        self.shapes().iter().any(|shape| shape.area.is_none())
    }
}

fn layer(node: NodeId, is_first: bool, outer: &Frame<'_>, style: &Style) -> Option<Layer> {
    let painted = !Rc::ptr_eq(style.ground(), outer.screen.style.ground());
    if !style.fills || !painted || style.is_gone() || !style.is_seen() {
        return None;
    }
    let level = style.z_index.unwrap_or(0.0);
    let is_opaque = style.is_opaque;
    let ground = Rc::clone(style.ground());
    Some(Layer { node, is_first, level, ground, is_opaque, bears_text: false })
}

/// How high the boxes between a layer's own and a text lift it.
pub(super) fn level_of(inner: &[Frame<'_>]) -> f32 {
    let lifted = inner.iter().find_map(|frame| {
        let style = &frame.screen.style;
        let placed = style.position != Position::Static || style.is_lifted;
        (placed || style.z_index.is_some()).then(|| style.z_index.unwrap_or(0.0))
    });
    lifted.unwrap_or(FLOW_LEVEL)
}
