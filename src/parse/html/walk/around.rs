//! What an element is because of what is around it: closed parts, shadow trees, labels.

use super::Walker;
use crate::domain::document::{Alternate, Doubt, Hiding, Visibility};
use crate::domain::limits::SCREEN_READER_CHARS_MAX;
use crate::parse::html::style::Style;
use crate::parse::html::tree::{Data, Element, NONE, NodeId};

/// Nodes that are looked at to measure a label.
const LABEL_NODES_MAX: usize = 500;

impl Walker<'_, '_, '_> {
    /// What an element is because of the element around it.
    pub(super) fn forced(&mut self, node: NodeId, element: &Element) -> Option<Visibility> {
        if let Some(forced) = self.forced_by_shadow(node, element) {
            return Some(forced);
        }
        let outer = self.frames.last()?;
        let outer_tag = self.tree.element(outer.node).map_or("", Element::tag);
        let is_first = self.tree.prev_element(node) == NONE;
        if outer_tag == "maction" && !is_first {
            return Some(Visibility::Hidden(Hiding::NotDisplayed));
        }
        if outer_tag == "switch" && element.attr("systemLanguage").is_some() {
            return Some(Visibility::Undetermined(Doubt::UnknownStyle));
        }
        let inner = outer.inner?;
        // The line that a closed part is opened by.
        if inner == Visibility::Alternate(Alternate::Collapsed)
            && element.tag() == "summary"
            && !self.has_summary_before(node)
        {
            return None;
        }
        Some(inner)
    }

    fn has_summary_before(&self, node: NodeId) -> bool {
        let mut at = self.tree.prev_element(node);
        while at != NONE {
            if self.tree.element(at).is_some_and(|element| element.tag() == "summary") {
                return true;
            }
            at = self.tree.prev_element(at);
        }
        false
    }

    /// Whether an element that is moved away is a label for screen readers: they are short.
    pub(super) fn is_label(&self, node: NodeId, element: &Element, style: &Style) -> bool {
        let outer = self.frames.last().map_or(&self.page, |frame| &frame.screen.style);
        if !style.is_like_label || outer.is_like_label {
            return false;
        }
        if element.attr("aria-hidden").is_some_and(|hidden| hidden.eq_ignore_ascii_case("true")) {
            return false;
        }
        let mut chars = 0;
        let mut at = self.tree.first(node);
        for _ in 0..LABEL_NODES_MAX {
            if at == NONE {
                return true;
            }
            if let Some(Data::Text(text)) = self.tree.get(at).map(|node| &node.data) {
                let left = SCREEN_READER_CHARS_MAX + 1 - chars;
                chars += text.chars().filter(|ch| !ch.is_whitespace()).take(left).count();
                if chars > SCREEN_READER_CHARS_MAX {
                    return false;
                }
            }
            at = self.tree.following(at, node, false);
        }
        false
    }
}
