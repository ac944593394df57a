//! Shadow trees that a page declares: shown in the place of their host's own children, which come out
//! only in slots.
//!
//! Let through on purpose: `:host` and `::slotted()`, which style one tree from the other.

use std::collections::BTreeSet;

use super::Walker;
use crate::domain::document::{Hiding, Visibility};
use crate::parse::html::tree::{Data, Element, NONE, NodeId};

/// Where the children of a host come out.
#[derive(Debug, Default)]
pub(super) struct Slots {
    names: BTreeSet<String>,
    /// Names that children of the host ask for.
    asked: BTreeSet<String>,
}

const UNSLOTTED: Visibility = Visibility::Hidden(Hiding::NotDisplayed);

impl Walker<'_, '_, '_> {
    /// The shadow tree that the children of an element are in.
    pub(super) fn scope_of(&self, element: &Element) -> NodeId {
        if is_shadow(element) && element.contents != NONE {
            return element.contents;
        }
        self.frames.last().map_or(NONE, |frame| frame.scope)
    }

    /// The slots of the shadow tree that an element hosts.
    pub(super) fn slots_of(&self, node: NodeId, element: &Element) -> Option<Slots> {
        if self.shadows.is_empty() || !can_host(element) {
            return None;
        }
        let mut slots = Slots::default();
        let mut contents = NONE;
        let mut at = self.tree.first(node);
        while at != NONE {
            match self.tree.get(at).map(|child| &child.data) {
                Some(Data::Element(child)) if is_shadow(child) && contents == NONE => {
                    contents = child.contents;
                }
                Some(Data::Element(child)) if is_shadow(child) => {}
                Some(Data::Element(child)) => {
                    slots.asked.insert(child.attr("slot").unwrap_or_default().to_owned());
                }
                Some(Data::Text(text)) if !text.trim().is_empty() => {
                    slots.asked.insert(String::new());
                }
                _ => {}
            }
            at = self.tree.next(at);
        }
        if contents == NONE {
            return None;
        }
        let mut at = self.tree.first(contents);
        while at != NONE {
            if let Some(slot) = self.tree.element(at).filter(|found| found.tag() == "slot") {
                slots.names.insert(slot.attr("name").unwrap_or_default().to_owned());
            }
            at = self.tree.following(at, contents, false);
        }
        Some(slots)
    }

    /// What an element is by the shadow tree that it declares, is in, or is slotted into.
    pub(super) fn forced_by_shadow(&self, node: NodeId, element: &Element) -> Option<Visibility> {
        let outer = self.frames.last()?;
        if is_shadow(element) {
            let host = self.tree.element(outer.node);
            let is_second = self.has_shadow_before(node);
            return (is_second || !host.is_some_and(can_host)).then_some(UNSLOTTED);
        }
        if let Some(slots) = &outer.slots {
            let name = element.attr("slot").unwrap_or_default();
            return (!slots.names.contains(name)).then_some(UNSLOTTED);
        }
        // What stands in a slot is shown where nothing is slotted.
        let slot = self.tree.element(outer.node).filter(|outer| outer.tag() == "slot")?;
        self.is_taken(slot).then_some(UNSLOTTED)
    }

    /// The same for text directly in the innermost open element.
    pub(super) fn unslotted(&self) -> Option<Visibility> {
        let frame = self.frames.last()?;
        if let Some(slots) = &frame.slots {
            return (!slots.names.contains("")).then_some(UNSLOTTED);
        }
        if frame.scope == NONE {
            return None;
        }
        let slot = self.tree.element(frame.node).filter(|element| element.tag() == "slot")?;
        self.is_taken(slot).then_some(UNSLOTTED)
    }

    fn is_taken(&self, slot: &Element) -> bool {
        let host = self.frames.iter().rev().find_map(|frame| frame.slots.as_ref());
        host.is_some_and(|slots| slots.asked.contains(slot.attr("name").unwrap_or_default()))
    }

    fn has_shadow_before(&self, node: NodeId) -> bool {
        let mut at = self.tree.prev_element(node);
        while at != NONE {
            if self.tree.element(at).is_some_and(is_shadow) {
                return true;
            }
            at = self.tree.prev_element(at);
        }
        false
    }
}

fn is_shadow(element: &Element) -> bool {
    element.tag() == "template"
        && element.attr("shadowrootmode").is_some_and(|mode| {
            mode.eq_ignore_ascii_case("open") || mode.eq_ignore_ascii_case("closed")
        })
}

/// Elements that browsers let host a shadow tree.
fn can_host(element: &Element) -> bool {
    element.is_html()
        && (element.tag().contains('-')
            || matches!(
                element.tag(),
                "article"
                    | "aside"
                    | "blockquote"
                    | "body"
                    | "div"
                    | "footer"
                    | "h1"
                    | "h2"
                    | "h3"
                    | "h4"
                    | "h5"
                    | "h6"
                    | "header"
                    | "main"
                    | "nav"
                    | "p"
                    | "section"
                    | "span"
            ))
}
