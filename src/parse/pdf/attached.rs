//! Text that hangs on the pages without being drawn by them: entries of annotations and fields.
//!
//! All of it is scanned and none of it is shown: what an annotation shows is in its appearance, and a
//! text that stands there is not given again.

use lopdf::{Dictionary, Document, Object};

use super::annotation::{Appearance, CHOICES_MAX, annotations, choices, inherited};
use super::geometry::Rect;
use super::objects::{dict_of, get, get_dict, get_name, get_numbers, get_text, text};
use super::page::Page;
use super::work::Work;
use crate::domain::document::{Alternate, Block, BlockKind, Hiding, Joint, Location, Visibility};
use crate::domain::limits::{PDF_ATTACHED_MAX, PDF_NESTING_MAX};
use crate::parse::Builder;

const MACHINE_ONLY: Visibility = Visibility::Hidden(Hiding::MachineOnly);

/// Annotations of one page, and what became of each when the page was drawn.
pub(super) fn of_page(
    work: &mut Work<'_>,
    page: &Page<'_>,
    appearances: &[Appearance],
    builder: &mut Builder,
) {
    let document = work.document;
    for (annotation, appearance) in annotations(document, page).zip(appearances) {
        let Some(annotation) = annotation else { continue };
        if builder.is_full() {
            return;
        }
        let corners = get_numbers(document, annotation, b"Rect").unwrap_or_default();
        let area = page.location_area(Rect::of(corners));
        let mut add = |text: String, visibility| {
            let location = Location::Page { page: page.number, area };
            builder.block(attached(&text, visibility, location));
        };
        let subtype = get_name(document, annotation, b"Subtype").unwrap_or_default();
        let is_field = subtype == b"Widget" || annotation.has(b"FT");
        let texts = if is_field {
            field_texts(work, annotation, appearance)
        } else {
            markup_texts(document, annotation, subtype, appearance)
        };
        for (text, visibility) in texts {
            add(text, visibility);
        }
        let action = get(document, annotation, b"A").and_then(dict_of);
        if let Some(uri) = action.and_then(|action| get_text(document, action, b"URI"))
            && work.links.insert(uri.clone())
        {
            // Viewers show where a link leads when the pointer rests on it.
            add(uri, appearance.veil.unwrap_or(Visibility::Alternate(Alternate::Tooltip)));
        }
    }
}

/// Notes, and what else stands in an annotation that is no field.
fn markup_texts(
    document: &Document,
    annotation: &Dictionary,
    subtype: &[u8],
    appearance: &Appearance,
) -> Vec<(String, Visibility)> {
    let notes = match (appearance.veil, subtype) {
        (Some(veil), _) => veil,
        // What a text box says is what it draws; nothing opens on it.
        (None, b"FreeText") => MACHINE_ONLY,
        (None, b"Link" | b"Screen" | b"Movie" | b"3D") => Visibility::Alternate(Alternate::AltText),
        (None, _) => Visibility::Alternate(Alternate::Notes),
    };
    let mut found = Vec::new();
    for key in [&b"Contents"[..], b"RC", b"Subj", b"T"] {
        let Some(value) = get_text(document, annotation, key) else { continue };
        let plain = if key == b"RC" { without_tags(&value) } else { value };
        let is_known = found.iter().any(|(known, _)| *known == plain);
        if !is_known && !appearance.shows(&plain) {
            found.push((plain, notes));
        }
    }
    found
}

fn field_texts(
    work: &mut Work<'_>,
    widget: &Dictionary,
    appearance: &Appearance,
) -> Vec<(String, Visibility)> {
    let document = work.document;
    // Many widgets may share one long value, and each compares it with what it draws.
    let cost = 1 + appearance.text.len() / 16;
    if !work.spend(cost) {
        return Vec::new();
    }
    if appearance.is_seen() {
        note_fields(work, widget);
    }
    let unless_seen = |kind: Alternate| {
        if appearance.is_seen() { Visibility::Alternate(kind) } else { MACHINE_ONLY }
    };
    let mut found: Vec<(String, Visibility)> = Vec::new();
    let mut add = |text: String, visibility| {
        let is_known = found.iter().any(|(known, _)| *known == text);
        if !is_known && !appearance.shows(&text) {
            found.push((text, visibility));
        }
    };
    for key in [&b"V"[..], b"DV", b"RV"] {
        for value in inherited(document, widget, key).map(|v| values(work, v)).unwrap_or_default() {
            if !work.spend(cost + value.len() / 4) {
                return found;
            }
            let plain = if key == b"RV" { without_tags(&value) } else { value };
            add(plain, unless_seen(Alternate::FormField));
        }
    }
    if let Some(prompt) = inherited(document, widget, b"TU").and_then(text) {
        add(prompt, unless_seen(Alternate::Tooltip));
    }
    if let Some(contents) = get_text(document, widget, b"Contents") {
        add(contents, unless_seen(Alternate::AltText));
    }
    if let Some(details) = get_dict(document, widget, b"MK") {
        for (key, kind) in [
            (&b"CA"[..], Alternate::FormField),
            (b"RC", Alternate::Tooltip),
            (b"AC", Alternate::Tooltip),
        ] {
            if let Some(caption) = get_text(document, details, key) {
                add(caption, unless_seen(kind));
            }
        }
    }
    if let Some(name) = get_text(document, widget, b"T") {
        add(name, MACHINE_ONLY);
    }
    for choice in choices(document, widget) {
        if !work.spend(cost + choice.len() / 16) {
            return found;
        }
        if !appearance.shows(&choice) {
            found.push((choice, unless_seen(Alternate::Collapsed)));
        }
    }
    found
}

/// The fields that a widget shows are shown.
fn note_fields(work: &mut Work<'_>, widget: &Dictionary) {
    let mut node = widget;
    for _ in 0..PDF_NESTING_MAX {
        let Ok(parent) = node.get(b"Parent") else { return };
        if let Ok(id) = parent.as_reference() {
            work.fields_shown.insert(id);
        }
        match get_dict(work.document, node, b"Parent") {
            Some(parent) => node = parent,
            None => return,
        }
    }
}

/// The texts of a field's value: one, several, or a stream.
pub(super) fn values(work: &mut Work<'_>, value: &Object) -> Vec<String> {
    match value {
        Object::Array(members) => members
            .iter()
            .take(CHOICES_MAX)
            .filter_map(|member| text(super::objects::resolved(work.document, member)?))
            .collect(),
        Object::Stream(stream) => {
            work.unpacked(stream).map(|bytes| super::objects::text_of(&bytes)).into_iter().collect()
        }
        one => text(one).into_iter().collect(),
    }
}

/// Rich text without its tags.
fn without_tags(rich: &str) -> String {
    let mut plain = String::with_capacity(rich.len());
    for part in rich.split('<').take(PDF_ATTACHED_MAX) {
        let text = part.split_once('>').map_or(part, |(_, text)| text);
        plain.push_str(&super::metadata::unescaped(text));
    }
    plain.trim().to_owned()
}

pub(super) fn attached(text: &str, visibility: Visibility, location: Location) -> Block {
    Block {
        text: text.trim().to_owned(),
        kind: BlockKind::Attached,
        joint: Joint::Line,
        visibility,
        location,
    }
}
