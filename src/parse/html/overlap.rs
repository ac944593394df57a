//! Pictures beside a box that is laid over its neighbours: what white text on them looks like
//! cannot be told from style.

use super::tree::{NONE, NodeId, Tree};

/// Siblings that are looked at, on each side.
const SIBLINGS_MAX: usize = 16;
/// Nodes that are looked at in each sibling.
const NODES_MAX: usize = 64;
/// How far up the box that the text is laid over may stand.
const ANCESTORS_MAX: usize = 3;

/// Whether a picture stands beside this element or beside one of the boxes around it.
pub(crate) fn has_picture_near(tree: &Tree, node: NodeId) -> bool {
    let mut at = node;
    for _ in 0..ANCESTORS_MAX {
        if at == NONE || tree.element(at).is_none_or(|element| element.tag() == "body") {
            return false;
        }
        let before = std::iter::successors(Some(tree.prev(at)), |at| Some(tree.prev(*at)));
        let after = std::iter::successors(Some(tree.next(at)), |at| Some(tree.next(*at)));
        let near = |at: NodeId| holds_picture(tree, at);
        if before.take_while(|at| *at != NONE).take(SIBLINGS_MAX).any(near)
            || after.take_while(|at| *at != NONE).take(SIBLINGS_MAX).any(near)
        {
            return true;
        }
        at = tree.parent(at);
    }
    false
}

fn holds_picture(tree: &Tree, top: NodeId) -> bool {
    let mut at = top;
    for _ in 0..NODES_MAX {
        if at == NONE {
            return false;
        }
        if let Some(element) = tree.element(at) {
            let pictured = matches!(
                element.tag(),
                "img" | "video" | "canvas" | "svg" | "picture" | "iframe" | "object" | "embed"
            );
            let painted = element.attr("style").is_some_and(|style| style.contains("url("));
            if pictured || painted {
                return true;
            }
        }
        at = tree.following(at, top, false);
    }
    false
}
