//! Boxes with text of their own that lie over other text, and bars over text that is fixed to the screen.
//!
//! Let through on purpose: text in the flow under what is fixed, since a page scrolls; bars over the whole
//! page; boxes that show one after the other are parts that open on request.

use super::layers::Layer;
use super::{Frame, Walker};
use crate::domain::document::{Alternate, Doubt, Hiding, Visibility};
use crate::parse::html::area::{Area, Axis, Extent};
use crate::parse::html::css::media::SCREEN_WIDTH_PX;
use crate::parse::html::css::value::Position;
use crate::parse::html::style::Style;
use crate::parse::html::tree::{Data, Element, NONE, NodeId};

/// Children of one box among which bars are looked for.
const CHILDREN_MAX: usize = 256;
/// Boxes around a fixed text among whose children bars are looked for.
const ANCESTORS_MAX: usize = 8;
/// Nodes that are looked at to measure a fixed text.
const NODES_MAX: usize = 64;
/// A text of more is in no bar.
const TEXT_BYTES_MAX: usize = 10_000;
/// A box that begins farther in may lie beside what fills the box around it.
const INSET_PX_MAX: f32 = 20.0;

/// A placed box that nothing shines through.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bar {
    node: NodeId,
    position: Position,
    area: Area,
    level: f32,
    bears_text: bool,
}

/// Elements that are boxes of text; pictures and fields are none.
pub(super) fn is_text_box(element: &Element) -> bool {
    const TAGS: [&str; 22] = [
        "div",
        "p",
        "span",
        "section",
        "article",
        "header",
        "footer",
        "nav",
        "aside",
        "main",
        "a",
        "b",
        "i",
        "li",
        "figure",
        "figcaption",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
    ];
    TAGS.contains(&element.tag())
}

/// Whether the browser's own margins may keep a box from the ends that it is placed at.
pub(super) fn is_kept_off(element: &Element, style: &Style) -> bool {
    let has_margin =
        matches!(element.tag(), "p" | "figure" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6");
    let declared = style.area.and_then(|area| area.margin);
    declared.map_or(has_margin, |margin| margin.abs() > 1.0)
}

/// Whether a placed box surely begins within the one around it.
fn is_within(area: &Area) -> bool {
    let near = |side: Option<f32>| side.is_some_and(|side| (0.0..=INSET_PX_MAX).contains(&side));
    let is_in = |axis: &Axis| axis.is_whole || near(axis.start) || near(axis.end);
    is_in(&area.across) && is_in(&area.down)
}

/// Whether a box leaves what is placed in it to the boxes around it.
fn is_free(frame: &Frame<'_>) -> bool {
    frame.screen.style.position == Position::Static && !frame.screen.style.is_lifted
}

impl Walker<'_, '_, '_> {
    /// What a text is under a box that fills the one around both and bears text as well.
    pub(super) fn under_text(
        &self,
        base: &Frame<'_>,
        branch: Option<&Frame<'_>>,
        layer: &Layer,
    ) -> Option<Visibility> {
        let placed = branch.filter(|branch| branch.screen.style.position == Position::Absolute);
        if placed.is_some_and(|branch| !branch.screen.style.area.as_ref().is_some_and(is_within)) {
            return None;
        }
        let branch = branch.and_then(|branch| self.tree.element(branch.node));
        if let Some((one, other)) = branch.zip(self.tree.element(layer.node))
            && one.classes.iter().any(|class| other.classes.contains(class))
        {
            return Some(Visibility::Alternate(Alternate::Collapsed));
        }
        Some(if placed.is_some() || base.screen.style.has_height {
            Visibility::Hidden(Hiding::Covered)
        } else {
            Visibility::Undetermined(Doubt::UnknownStyle)
        })
    }

    /// Looks for a bar over the text of the placed box that was just opened.
    pub(super) fn look_for_bars(&mut self, node: NodeId) {
        let Some(frame) = self.frames.last() else {
            return;
        };
        let style = &frame.screen.style;
        let position = style.position;
        if !matches!(position, Position::Absolute | Position::Fixed) || style.is_gone() {
            return;
        }
        let last = self.frames.len().saturating_sub(1);
        let around = self.frames.get(..last).unwrap_or_default();
        if position == Position::Absolute && !around.iter().all(is_free) {
            return;
        }
        let (Some(area), Some(text)) = (style.area, self.extent(node, style)) else {
            return;
        };
        let mut found = None;
        for index in (0..last).rev().take(ANCESTORS_MAX) {
            if !self.is_placed_together(index, last) {
                break;
            }
            self.open_bars(index, node);
            let bars = self.frames.get(index).and_then(|frame| frame.bars.as_ref());
            if !self.runs.may_test(last - index + bars.map_or(0, Vec::len)) {
                found = Some(Visibility::Undetermined(Doubt::UnknownStyle));
                break;
            }
            let inner = self.frames.get(index + 1..).unwrap_or_default();
            let bars = self.frames.get(index).and_then(|frame| frame.bars.as_deref());
            let branch = inner.first().map_or(node, |frame| frame.node);
            let level = super::layers::level_of(inner);
            let over = bars.unwrap_or_default().iter().filter(|bar| {
                bar.position == position
                    && bar.node != branch
                    && (bar.level > level || bar.level == level && bar.node > branch)
                    && bar.area.covers(&area, &text, SCREEN_WIDTH_PX)
            });
            for bar in over {
                let seen = if bar.bears_text {
                    Visibility::Undetermined(Doubt::UnknownStyle)
                } else {
                    Visibility::Hidden(Hiding::Covered)
                };
                found = found.min(Some(seen)).or(Some(seen));
            }
        }
        if let Some(frame) = self.frames.last_mut() {
            frame.cover = found;
        }
    }

    /// Whether the open box, and children of a box around it, are placed in the same.
    fn is_placed_together(&self, index: usize, last: usize) -> bool {
        let between = self.frames.get(index + 1..last).unwrap_or_default();
        // Sheets of the tree that the box is in are about no other.
        let scope = |frame: Option<&Frame<'_>>| frame.map(|frame| frame.scope);
        scope(self.frames.get(index)) == scope(self.frames.last()) && between.iter().all(is_free)
    }

    /// Finds the bars among the children of an open box, once. The walk has come to `node`.
    fn open_bars(&mut self, index: usize, node: NodeId) {
        let Some(frame) = self.frames.get(index).filter(|frame| frame.bars.is_none()) else {
            return;
        };
        let (mut bars, mut ahead) = (Vec::new(), Vec::new());
        let mut at = self.tree.first(frame.node);
        for _ in 0..CHILDREN_MAX {
            if at == NONE {
                break;
            }
            if let Some(element) = self.tree.element(at)
                && is_text_box(element)
                && self.cascade().may_be_placed(element)
            {
                let computed = self.computed_in(index + 1, at, element);
                bars.extend(self.bar(at, element, &computed.view.style));
                // Variables of its own may be large, and are not kept.
                if at > node && computed.view.variables.is_none() {
                    ahead.push((at, computed));
                }
            }
            at = self.tree.next(at);
        }
        if let Some(frame) = self.frames.get_mut(index) {
            frame.bars = Some(bars);
        }
        self.ahead.extend(ahead);
    }

    fn bar(&self, node: NodeId, element: &Element, style: &Style) -> Option<Bar> {
        let area = style.area.filter(|area| !area.is_whole())?;
        let is_bar = style.is_opaque && style.is_seen() && !style.is_gone();
        if !is_bar || is_kept_off(element, style) {
            return None;
        }
        Some(Bar {
            node,
            position: style.position,
            area,
            level: style.z_index.unwrap_or(0.0),
            bears_text: !self.is_blank(node, element),
        })
    }

    /// The measure of a box that holds one run of text and nothing else.
    fn extent(&self, top: NodeId, style: &Style) -> Option<Extent> {
        let mut chars = 0;
        let mut at = self.tree.first(top);
        for _ in 0..NODES_MAX {
            if at == NONE {
                let (font_px, line_px) = (style.font_px(), style.line_px());
                return (chars > 0).then_some(Extent { chars, font_px, line_px });
            }
            match self.tree.get(at).map(|node| &node.data) {
                Some(Data::Text(text)) if text.len() > TEXT_BYTES_MAX => return None,
                Some(Data::Text(text)) => chars += text.trim().chars().count(),
                Some(Data::Element(element)) => {
                    let tag = element.tag();
                    if !matches!(tag, "a" | "b" | "i" | "em" | "strong" | "span" | "small" | "code")
                    {
                        return None;
                    }
                }
                _ => {}
            }
            at = self.tree.following(at, top, false);
        }
        None
    }

    /// What lies over the box that is fixed or placed around a text, if all of the text is in its place.
    pub(super) fn barred(&self) -> Option<Visibility> {
        let index = self.frames.iter().rposition(|frame| frame.cover.is_some())?;
        let (outer, inner) = self.frames.get(index..)?.split_first()?;
        let font_px = outer.screen.style.font_px();
        let is_in_place = |frame: &Frame<'_>| {
            let style = &frame.screen.style;
            style.position == Position::Static && !style.is_lifted && style.font_px() <= font_px
        };
        outer.cover.filter(|_| inner.iter().all(is_in_place))
    }
}
