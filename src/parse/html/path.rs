//! The place of an element, as a selector that a person can paste into a browser.

use crate::domain::limits::{HTML_PATH_ID_BYTES_MAX, HTML_PATH_STEPS_MAX};
use crate::parse::html::tree::{NONE, NodeId, ROOT, Tree};

/// `#main > p:nth-child(3)`: from the nearest element with an id, or the innermost steps of a deep
/// path, which then names all places that end alike.
pub(crate) fn path(tree: &Tree, node: NodeId) -> String {
    let mut steps = Vec::new();
    let mut at = node;
    while at != NONE && at != ROOT && steps.len() < HTML_PATH_STEPS_MAX {
        if let Some(element) = tree.element(at) {
            if let Some(id) = element.attr("id").filter(|id| is_plain(id)) {
                steps.push(format!("#{id}"));
                break;
            }
            steps.push(step(tree, at, element.tag()));
        }
        at = tree.parent(at);
    }
    steps.reverse();
    if steps.is_empty() { "html".to_owned() } else { steps.join(" > ") }
}

fn step(tree: &Tree, node: NodeId, tag: &str) -> String {
    let tag: String = tag.chars().take(HTML_PATH_ID_BYTES_MAX).filter(|ch| is_name(*ch)).collect();
    if matches!(&*tag, "html" | "head" | "body") {
        return tag;
    }
    match tree.element(node).map_or(0, |element| element.position) {
        0 => tag,
        position => format!("{tag}:nth-child({position})"),
    }
}

fn is_plain(id: &str) -> bool {
    id.len() <= HTML_PATH_ID_BYTES_MAX
        && id.starts_with(|ch: char| ch.is_ascii_alphabetic())
        && id.chars().all(is_name)
}

const fn is_name(ch: char) -> bool {
    ch.is_ascii_alphanumeric() || ch == '-' || ch == '_'
}
