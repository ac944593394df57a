//! Files inside the file: attachments by name, of annotations and of pages, members of a portfolio.
//!
//! Their bytes are handed out under the name that their specification gives; the sheet in front of a
//! portfolio is an ordinary page. Let through on purpose: files that are only named and lie elsewhere.

use lopdf::{Dictionary, Object, ObjectId};

use super::attached::attached;
use super::objects::{get_dict, get_name, get_text};
use super::work::Work;
use crate::domain::document::{Alternate, Format, Location, Visibility};
use crate::parse::Builder;

/// The forms of a file for several systems, the portable ones first.
const KEYS: [&[u8]; 5] = [b"UF", b"F", b"Unix", b"DOS", b"Mac"];

/// Hands out the files of a specification, each stream once.
pub(super) fn hand_out(work: &mut Work<'_>, specification: &Dictionary, builder: &mut Builder) {
    let document = work.document;
    let Some(files) = get_dict(document, specification, b"EF") else { return };
    let name = KEYS.iter().find_map(|key| get_text(document, specification, key));
    let name = name.unwrap_or_default();
    if let Some(description) = get_text(document, specification, b"Desc") {
        let location = Location::Property { name: "attachment description".to_owned() };
        builder.block(attached(&description, Visibility::Alternate(Alternate::Notes), location));
    }
    for key in KEYS {
        let Ok(reference) = files.get(key) else { continue };
        if let Ok((id, Object::Stream(_))) = document.dereference(reference)
            && let Some(id) = id
        {
            give(work, id, &name, builder);
        }
    }
}

/// Streams that say of themselves that they are files, and that nothing names.
pub(super) fn left_over(work: &mut Work<'_>, builder: &mut Builder) {
    let document = work.document;
    for (id, object) in &document.objects {
        if let Object::Stream(stream) = object
            && stream.dict.has_type(b"EmbeddedFile")
        {
            give(work, *id, "unnamed", builder);
        }
    }
}

fn give(work: &mut Work<'_>, id: ObjectId, name: &str, builder: &mut Builder) {
    let document = work.document;
    let Some(Object::Stream(stream)) = document.objects.get(&id) else { return };
    if !work.files_given.insert(id) {
        return;
    }
    let Some(bytes) = work.unpacked(stream) else { return };
    let media = get_name(document, &stream.dict, b"Subtype");
    let media = media.and_then(|media| Format::of_media_type(&String::from_utf8_lossy(media)));
    let declared = Format::of_name(name).or(media);
    builder.member(name, declared, bytes);
}
