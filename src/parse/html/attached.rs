//! Text that is no content but a value: attributes, metadata, addresses.
//!
//! Let through on purpose: attributes that name, place or style things, handlers of events, and
//! short ordinary addresses; programs hand none of these to a model as text.

use super::tree::Element;
use crate::domain::document::{Alternate, Hiding, Visibility};

/// A value with less words than this is a key, not a sentence.
const WORDS_MIN: usize = 3;
/// An address longer than this carries more than a place.
const ADDRESS_BYTES_MAX: usize = 80;

const MACHINE: Visibility = Visibility::Hidden(Hiding::MachineOnly);

/// A value and what a person gets of it; `None` is a value that is seen like text in its place.
pub(crate) type Value<'a> = (&'a str, Option<Visibility>);

/// The values of an element, in the order of its attributes. `all_addresses`: short ones too.
pub(crate) fn values(element: &Element, all_addresses: bool) -> Vec<Value<'_>> {
    let mut found = Vec::new();
    if element.is_html() && element.tag() == "meta" {
        found.extend(metadata(element).map(|value| (value, Some(Visibility::Metadata))));
        return found;
    }
    for attr in &element.attrs {
        let value: &str = &attr.value;
        if let Some(visibility) = value_of(element, &attr.name.local, value, all_addresses) {
            found.push((value, visibility));
        }
    }
    found
}

/// What a meta element says, under whatever name.
fn metadata(element: &Element) -> Option<&str> {
    element.attr("content").filter(|content| content.chars().any(char::is_alphabetic))
}

fn value_of(
    element: &Element,
    name: &str,
    value: &str,
    all_addresses: bool,
) -> Option<Option<Visibility>> {
    let alternate = |kind: Alternate| Some(Some(Visibility::Alternate(kind)));
    if value.trim().is_empty() {
        return None;
    }
    match name {
        "class" | "id" | "style" | "width" | "height" | "lang" | "rel" | "role" | "dir" | "d"
        | "points" | "viewBox" | "transform" | "xmlns" | "sizes" | "media" | "integrity"
        | "nonce" | "tabindex" | "viewbox" | "fill" | "stroke" | "for" | "headers" | "type"
        | "accept" | "allow" | "sandbox" | "aria-labelledby" | "aria-describedby"
        | "aria-controls" | "aria-owns" | "itemtype" | "itemprop" | "srcdoc" => None,
        "alt" => alternate(Alternate::AltText),
        "title" | "xlink:title" => alternate(Alternate::Tooltip),
        "aria-label"
        | "aria-description"
        | "aria-roledescription"
        | "aria-valuetext"
        | "aria-placeholder"
        | "summary"
        | "abbr" => alternate(Alternate::ScreenReader),
        "placeholder" => alternate(Alternate::FormField),
        "label" if matches!(element.tag(), "option" | "optgroup" | "track" | "menuitem") => {
            alternate(Alternate::FormField)
        }
        "value" => field_value(element, value),
        // Markdown's own, from a line that has no other place.
        "data-info" if all_addresses => Some(Some(MACHINE)),
        "href" | "src" | "action" | "poster" | "cite" | "data" | "srcset" | "longdesc"
        | "background" | "formaction" | "ping" | "xlink:href" => {
            (all_addresses && is_link(element, name) || is_telling(value)).then_some(Some(MACHINE))
        }
        _ if name.starts_with("on") || name.starts_with("xmlns") => None,
        _ => has_words(value).then_some(Some(MACHINE)),
    }
}

fn field_value(element: &Element, value: &str) -> Option<Option<Visibility>> {
    let kind = element.attr("type").unwrap_or_default().to_ascii_lowercase();
    match (element.tag(), kind.as_str()) {
        ("input", "submit" | "reset" | "button") => Some(None),
        ("input", "hidden") => has_words(value).then_some(Some(MACHINE)),
        ("input", "checkbox" | "radio" | "password" | "color" | "range") => {
            has_words(value).then_some(Some(MACHINE))
        }
        ("input", _) => Some(Some(Visibility::Alternate(Alternate::FormField))),
        _ => has_words(value).then_some(Some(MACHINE)),
    }
}

fn is_link(element: &Element, name: &str) -> bool {
    matches!((element.tag(), name), ("a" | "area", "href") | ("img", "src"))
}

/// An address that says more than where: a query, a fragment, a place to fill in.
fn is_telling(address: &str) -> bool {
    let address = address.trim();
    let lower = address.get(..8).unwrap_or(address).to_ascii_lowercase();
    let known = ["http:", "https:", "data:", "//"].iter().any(|scheme| lower.starts_with(scheme));
    // The bytes of a picture are no text, however many.
    let is_picture = lower.starts_with("data:") && is_picture_data(address);
    known
        && !is_picture
        && (address.contains(['?', '#', '{', '}', '[', ']', '<', '>', '|'])
            || address.contains("%7B")
            || address.len() > ADDRESS_BYTES_MAX)
}

fn is_picture_data(address: &str) -> bool {
    let head: String = address.chars().take(40).collect::<String>().to_ascii_lowercase();
    let is_text = head.starts_with("data:image/svg") && !head.contains(";base64");
    !is_text
        && ["data:image/", "data:font/", "data:audio/", "data:video/"]
            .iter()
            .any(|kind| head.starts_with(kind))
}

/// Whether there are enough words for a sentence; numbers and codes are none.
pub(crate) fn has_words(value: &str) -> bool {
    let word = |part: &&str| part.chars().filter(|ch| ch.is_alphabetic()).take(2).count() == 2;
    let spaced = value.split(|ch: char| ch.is_whitespace() || ch == '_').filter(word);
    if spaced.take(WORDS_MIN).count() >= WORDS_MIN {
        return true;
    }
    // Scripts without spaces between words.
    let unspaced = |ch: &char| matches!(*ch, '\u{E00}'..='\u{EFF}' | '\u{3040}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}');
    value.chars().filter(unspaced).take(WORDS_MIN * 2).count() >= WORDS_MIN * 2
}
