//! What stands in objects of the file wherever they hang: fields without a place, annotations without
//! a page, bookmarks, descriptions for screen readers, actions and scripts.
//!
//! Every dictionary is looked at once, in numbered objects and inside them; nothing is followed, so
//! nothing can lead in a circle.

use std::collections::BTreeSet;

use lopdf::{Dictionary, Object};

use super::attached::{attached, values};
use super::files;
use super::objects::{dict_of, get, get_array, get_dict, get_name, get_text, resolved, text};
use super::work::Work;
use crate::domain::document::{Alternate, Hiding, Location, NoticeKind, Visibility};
use crate::domain::limits::{PDF_ATTACHED_MAX, PDF_NESTING_MAX};
use crate::parse::Builder;

const MACHINE_ONLY: Visibility = Visibility::Hidden(Hiding::MachineOnly);

type Found = (String, Visibility, &'static str);

/// Reads all of it; files inside the file become members.
pub(super) fn objects(work: &mut Work<'_>, builder: &mut Builder) {
    let document = work.document;
    let mut left = PDF_ATTACHED_MAX;
    let trailer = Object::Dictionary(document.trailer.clone());
    let numbered = document.objects.iter().map(|(id, object)| (Some(*id), object));
    for (id, object) in numbered.chain([(None, &trailer)]) {
        for (dict, is_outer) in dictionaries(object) {
            active_content(work, dict);
            files::hand_out(work, dict, builder);
            if left == 0 || builder.is_full() {
                work.note(NoticeKind::LimitReached, "more descriptions than one document may hold");
                return;
            }
            let is_shown = is_outer && id.is_some_and(|id| work.fields_shown.contains(&id));
            for (text, visibility, name) in texts_of(work, dict, is_shown) {
                left = left.saturating_sub(1);
                let location = Location::Property { name: name.to_owned() };
                builder.block(attached(&text, visibility, location));
            }
        }
    }
    files::left_over(work, builder);
}

/// The dictionaries of an object, itself first; nesting is bounded by the library's parser, and here.
fn dictionaries(object: &Object) -> Vec<(&Dictionary, bool)> {
    let mut found = Vec::new();
    let mut stack = vec![(object, 0_usize)];
    while let Some((object, depth)) = stack.pop() {
        if depth > 8 * PDF_NESTING_MAX {
            continue;
        }
        if let Object::Array(members) = object {
            stack
                .extend(members.iter().filter(|one| is_container(one)).map(|one| (one, depth + 1)));
        } else if let Some(dict) = dict_of(object) {
            found.push((dict, depth == 0));
            let inner = dict.iter().map(|(_, value)| value).filter(|value| is_container(value));
            stack.extend(inner.map(|value| (value, depth + 1)));
        }
    }
    found
}

const fn is_container(object: &Object) -> bool {
    matches!(object, Object::Array(_) | Object::Dictionary(_))
}

fn texts_of(work: &mut Work<'_>, dict: &Dictionary, is_shown: bool) -> Vec<Found> {
    let document = work.document;
    let mut found = Vec::new();
    if dict.has(b"S") && dict.has(b"P") && (dict.has(b"K") || dict.has_type(b"StructElem")) {
        let keys: [(&[u8], Alternate, &'static str); 3] = [
            (b"Alt", Alternate::AltText, "structure alternate description"),
            (b"ActualText", Alternate::ActualText, "structure replacement text"),
            (b"E", Alternate::AltText, "structure expansion"),
        ];
        for (key, kind, name) in keys {
            let value = get_text(document, dict, key);
            found.extend(value.map(|text| (text, Visibility::Alternate(kind), name)));
        }
    } else if dict.has(b"Title") && dict.has(b"Parent") {
        let visibility = Visibility::Alternate(Alternate::Collapsed);
        let title = get_text(document, dict, b"Title");
        found.extend(title.map(|text| (text, visibility, "bookmark")));
    } else if dict.has(b"Rect") {
        stray_annotation(work, dict, &mut found);
    } else if dict.has(b"FT") && !is_shown {
        stray_field(work, dict, &mut found);
    }
    found.extend(script(work, dict).map(|text| (text, MACHINE_ONLY, "script")));
    if dict.has(b"S") {
        action(work, dict, &mut found);
    }
    found
}

/// A field that no widget shows.
fn stray_field(work: &mut Work<'_>, field: &Dictionary, found: &mut Vec<Found>) {
    let document = work.document;
    let keys: [(&[u8], &'static str); 4] = [
        (b"V", "form field"),
        (b"DV", "form field default"),
        (b"TU", "form field prompt"),
        (b"RV", "form field"),
    ];
    for (key, name) in keys {
        let texts = get(document, field, key).map(|value| values(work, value));
        found.extend(texts.into_iter().flatten().map(|text| (text, MACHINE_ONLY, name)));
    }
}

/// An annotation that is on no page; those of pages have been read.
fn stray_annotation(work: &mut Work<'_>, annotation: &Dictionary, found: &mut Vec<Found>) {
    let place = std::ptr::from_ref(annotation).addr();
    if work.annotations_read.contains(&place) {
        return;
    }
    let document = work.document;
    for key in [&b"Contents"[..], b"RC", b"V", b"DV", b"TU"] {
        let texts = get(document, annotation, key).map(|value| values(work, value));
        let texts = texts.into_iter().flatten();
        found.extend(texts.map(|text| (text, MACHINE_ONLY, "annotation without a page")));
    }
}

fn script(work: &mut Work<'_>, dict: &Dictionary) -> Option<String> {
    match get(work.document, dict, b"JS")? {
        Object::Stream(stream) => {
            work.unpacked(stream).map(|bytes| super::objects::text_of(&bytes))
        }
        one => text(one),
    }
}

/// Addresses and programs that an action leads to.
fn action(work: &mut Work<'_>, dict: &Dictionary, found: &mut Vec<Found>) {
    let document = work.document;
    match get_name(document, dict, b"S") {
        Some(b"URI") => {
            let uri = get_text(document, dict, b"URI").filter(|uri| work.links.insert(uri.clone()));
            let visibility = Visibility::Alternate(Alternate::Tooltip);
            found.extend(uri.map(|uri| (uri, visibility, "link")));
        }
        Some(name @ (b"Launch" | b"SubmitForm" | b"GoToR" | b"ImportData")) => {
            let is_link = name == b"GoToR";
            let visibility =
                if is_link { Visibility::Alternate(Alternate::Tooltip) } else { MACHINE_ONLY };
            let windows = get_dict(document, dict, b"Win");
            let target = get(document, dict, b"F").and_then(dict_of);
            for (dict, key) in [
                (Some(dict), &b"F"[..]),
                (target, b"F"),
                (target, b"UF"),
                (windows, b"F"),
                (windows, b"P"),
            ] {
                let text = dict.and_then(|dict| get_text(document, dict, key));
                let text = text.filter(|text| !is_link || work.links.insert(text.clone()));
                found.extend(text.map(|text| (text, visibility, "action")));
            }
        }
        _ => {}
    }
}

fn active_content(work: &mut Work<'_>, dict: &Dictionary) {
    match get_name(work.document, dict, b"S") {
        Some(b"JavaScript") => work.note(NoticeKind::ActiveContent, "it has scripts"),
        Some(b"Launch") => work.note(NoticeKind::ActiveContent, "it starts programs"),
        Some(b"SubmitForm") => work.note(NoticeKind::ActiveContent, "it sends form data"),
        _ => {}
    }
}

/// The packets of an XFA form, which few viewers show: whatever text stands between their tags.
pub(super) fn xfa(work: &mut Work<'_>, builder: &mut Builder) {
    let document = work.document;
    let form = document.catalog().ok().and_then(|catalog| get_dict(document, catalog, b"AcroForm"));
    let Some(form) = form.filter(|form| form.has(b"XFA")) else { return };
    let packets: Vec<&Object> = match get_array(document, form, b"XFA") {
        Some(list) => list.iter().take(PDF_ATTACHED_MAX).collect(),
        None => form.get(b"XFA").into_iter().collect(),
    };
    let mut known = BTreeSet::new();
    for packet in packets {
        let Some(Object::Stream(stream)) = resolved(document, packet) else { continue };
        let Some(bytes) = work.unpacked(stream) else { continue };
        let (decoded, ..) = encoding_rs::UTF_8.decode(&bytes);
        for (name, value) in super::metadata::texts(&decoded) {
            if known.insert(value.clone()) {
                let location = Location::Property { name: format!("xfa:{name}") };
                builder.block(attached(
                    &value,
                    Visibility::Alternate(Alternate::FormField),
                    location,
                ));
            }
        }
        work.note(NoticeKind::Unreadable, "an XFA form was read as text only");
    }
}
