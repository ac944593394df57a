//! Text that hangs on the pages without being drawn by them: annotations, form fields, bookmarks,
//! descriptions for screen readers; and active content.
//!
//! All of it is scanned and none of it is shown. Let through on purpose, for now: what annotations
//! draw themselves; attached files, which are only reported.

use lopdf::{Dictionary, Document, Object};

use super::geometry::Rect;
use super::objects::{dict_of, get, get_array, get_name, get_numbers, get_text, resolved, text};
use super::page::Page;
use super::work::Work;
use crate::domain::document::{
    Alternate, Block, BlockKind, Hiding, Joint, Location, NoticeKind, Visibility,
};
use crate::domain::limits::PDF_ATTACHED_MAX;
use crate::parse::Builder;

/// What reading an annotation costs, in operators.
const ANNOTATION_COST: usize = 8;
/// Entries of an annotation that hold text.
const ANNOTATION_TEXTS: [(&[u8], Visibility); 7] = [
    (b"Contents", Visibility::Hidden(Hiding::MachineOnly)),
    (b"RC", Visibility::Hidden(Hiding::MachineOnly)),
    (b"Subj", Visibility::Hidden(Hiding::MachineOnly)),
    (b"T", Visibility::Hidden(Hiding::MachineOnly)),
    (b"TU", Visibility::Alternate(Alternate::Tooltip)),
    (b"V", Visibility::Alternate(Alternate::FormField)),
    (b"DV", Visibility::Alternate(Alternate::FormField)),
];

/// Annotations of one page.
pub(super) fn annotations(work: &mut Work<'_>, page: &Page<'_>, builder: &mut Builder) {
    let document = work.document;
    let Some(list) = get_array(document, page.dict, b"Annots") else { return };
    for object in list.iter().take(PDF_ATTACHED_MAX) {
        let Some(annotation) = resolved(document, object).and_then(dict_of) else { continue };
        if !work.spend(ANNOTATION_COST) || builder.is_full() {
            return;
        }
        let corners = get_numbers(document, annotation, b"Rect").unwrap_or_default();
        let area = page.location_area(Rect::of(corners));
        let mut add = |text: String, visibility| {
            let location = Location::Page { page: page.number, area };
            builder.block(attached(&text, visibility, location));
        };
        for (key, visibility) in ANNOTATION_TEXTS {
            if let Some(value) = get_text(document, annotation, key) {
                add(value, visibility);
            }
        }
        let action = get(document, annotation, b"A").and_then(dict_of);
        if let Some(uri) = action.and_then(|action| get_text(document, action, b"URI")) {
            // Viewers show where a link leads when the pointer rests on it.
            add(uri, Visibility::Alternate(Alternate::Tooltip));
        }
    }
}

/// What stands in objects of the file wherever they hang: fields, bookmarks, descriptions, actions.
pub(super) fn objects(work: &mut Work<'_>, builder: &mut Builder) {
    let document = work.document;
    let mut left = PDF_ATTACHED_MAX;
    for object in document.objects.values() {
        let Some(dict) = dict_of(object) else { continue };
        active_content(work, dict);
        if left == 0 || builder.is_full() {
            work.note(NoticeKind::LimitReached, "more descriptions than one document may hold");
            return;
        }
        for (text, visibility, name) in texts_of(document, dict) {
            left = left.saturating_sub(1);
            let location = Location::Property { name: name.to_owned() };
            builder.block(attached(&text, visibility, location));
        }
    }
}

fn texts_of(document: &Document, dict: &Dictionary) -> Vec<(String, Visibility, &'static str)> {
    let value = |key: &[u8]| get_text(document, dict, key);
    let mut found = Vec::new();
    if dict.has(b"S") && dict.has(b"P") && (dict.has(b"K") || dict.has_type(b"StructElem")) {
        let keys: [(&[u8], Alternate, &'static str); 3] = [
            (b"Alt", Alternate::AltText, "structure alternate description"),
            (b"ActualText", Alternate::ActualText, "structure replacement text"),
            (b"E", Alternate::AltText, "structure expansion"),
        ];
        for (key, kind, name) in keys {
            found.extend(value(key).map(|text| (text, Visibility::Alternate(kind), name)));
        }
    } else if dict.has(b"Title") && dict.has(b"Parent") {
        let visibility = Visibility::Alternate(Alternate::Collapsed);
        found.extend(value(b"Title").map(|text| (text, visibility, "bookmark")));
    } else if dict.has(b"FT") && !dict.has(b"Rect") {
        // Fields that are annotations at the same time are read with their page.
        let keys: [(&[u8], Alternate, &'static str); 3] = [
            (b"V", Alternate::FormField, "form field"),
            (b"DV", Alternate::FormField, "form field default"),
            (b"TU", Alternate::Tooltip, "form field prompt"),
        ];
        for (key, kind, name) in keys {
            found.extend(value(key).map(|text| (text, Visibility::Alternate(kind), name)));
        }
    }
    if let Some(script) = script(document, dict) {
        found.push((script, Visibility::Hidden(Hiding::MachineOnly), "script"));
    }
    found
}

fn script(document: &Document, dict: &Dictionary) -> Option<String> {
    text(get(document, dict, b"JS")?)
}

fn active_content(work: &mut Work<'_>, dict: &Dictionary) {
    match get_name(work.document, dict, b"S") {
        Some(b"JavaScript") => work.note(NoticeKind::ActiveContent, "it has scripts"),
        Some(b"Launch") => work.note(NoticeKind::ActiveContent, "it starts programs"),
        Some(b"SubmitForm") => work.note(NoticeKind::ActiveContent, "it sends form data"),
        _ => {}
    }
    if dict.has_type(b"Filespec") && dict.has(b"EF") {
        work.note(NoticeKind::Unreadable, "attached files were not read");
    }
    if matches!(dict.get(b"XFA"), Ok(object) if !matches!(object, Object::Null)) {
        work.note(NoticeKind::Unreadable, "an XFA form was not read");
    }
}

fn attached(text: &str, visibility: Visibility, location: Location) -> Block {
    Block {
        text: text.trim().to_owned(),
        kind: BlockKind::Attached,
        joint: Joint::Line,
        visibility,
        location,
    }
}
