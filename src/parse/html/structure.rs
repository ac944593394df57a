//! What elements are in the structure of a page.

use super::css::value::Display;
use super::runs::Gap;
use super::tree::Element;
use crate::domain::document::{Alternate, BlockKind, Visibility};

/// Whether it stands in lines of its own. What is not displayed is taken as the browser would have
/// it: extractors do not look at styles.
pub(crate) const fn is_block(display: Display, own: Display) -> bool {
    let shown = match display {
        Display::None => own,
        other => other,
    };
    matches!(shown, Display::Block | Display::Flexible)
}

pub(crate) fn gap_of(element: &Element) -> Gap {
    match element.tag() {
        "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "ul" | "ol" | "dl" | "blockquote"
        | "pre" | "table" | "figure" | "hr" | "article" | "section" | "aside" | "header"
        | "footer" | "nav" | "main" | "form" | "fieldset" | "address" | "details" | "html"
        | "body" => Gap::Paragraph,
        _ => Gap::Line,
    }
}

pub(crate) fn kind_of(element: &Element, inherited: BlockKind) -> BlockKind {
    match element.tag() {
        "h1" => BlockKind::Heading(1),
        "h2" => BlockKind::Heading(2),
        "h3" => BlockKind::Heading(3),
        "h4" => BlockKind::Heading(4),
        "h5" => BlockKind::Heading(5),
        "h6" => BlockKind::Heading(6),
        "li" | "dt" | "dd" => BlockKind::ListItem,
        "td" | "th" => BlockKind::Cell,
        "blockquote" => BlockKind::Quote,
        "pre" | "xmp" | "listing" | "plaintext" => BlockKind::Code,
        _ => inherited,
    }
}

/// What is inside of elements that are shown without their content.
pub(crate) fn inner_of(element: &Element) -> Option<Visibility> {
    let kind = match element.tag() {
        "details" if element.attr("open").is_none() => Alternate::Collapsed,
        "select" | "textarea" | "datalist" => Alternate::FormField,
        // Nothing to load: what stands in it is shown.
        "object" if element.attr("data").is_none() => return None,
        "object" | "video" | "audio" | "canvas" | "meter" | "progress" => Alternate::OtherMedium,
        _ => return None,
    };
    element.is_html().then_some(Visibility::Alternate(kind))
}
