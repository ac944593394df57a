//! The place of an element, as a selector that a person can paste into a browser.

use crate::domain::limits::{HTML_PATH_ID_BYTES_MAX, HTML_PATH_STEPS_MAX};
use crate::parse::html::tree::{Element, NONE, NodeId, ROOT, Tree};

/// `#main > p:nth-child(3)`: from the nearest element with an id, or the innermost steps of a deep
/// path, which then names all places that end alike.
pub(crate) fn path(tree: &Tree, node: NodeId) -> String {
    let mut steps: Vec<&Element> = Vec::with_capacity(HTML_PATH_STEPS_MAX);
    let mut at = node;
    while at != NONE && at != ROOT && steps.len() < HTML_PATH_STEPS_MAX {
        if let Some(element) = tree.element(at) {
            steps.push(element);
            if id_of(element).is_some() {
                break;
            }
        }
        at = tree.parent(at);
    }
    let mut path = String::with_capacity(steps.len() * 20);
    for element in steps.iter().rev() {
        if !path.is_empty() {
            path.push_str(" > ");
        }
        step(element, &mut path);
    }
    if path.is_empty() { "html".to_owned() } else { path }
}

fn id_of(element: &Element) -> Option<&str> {
    element.attr("id").filter(|id| is_plain(id))
}

fn step(element: &Element, path: &mut String) {
    if let Some(id) = id_of(element) {
        path.push('#');
        path.push_str(id);
        return;
    }
    let tag = element.tag();
    path.extend(tag.chars().take(HTML_PATH_ID_BYTES_MAX).filter(|ch| is_name(*ch)));
    if element.position > 0 && !matches!(tag, "html" | "head" | "body") {
        path.push_str(":nth-child(");
        push_number(element.position, path);
        path.push(')');
    }
}

/// Paths are made for every block: formatting machinery would be a tenth of the reading.
fn push_number(number: u32, path: &mut String) {
    let mut place = 1;
    while number / place >= 10 {
        place *= 10;
    }
    while place > 0 {
        path.push(char::from_digit(number / place % 10, 10).unwrap_or('0'));
        place /= 10;
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
