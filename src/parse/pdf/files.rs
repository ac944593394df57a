//! Files inside the file: attachments by name, of annotations and of pages, members of a portfolio.
//!
//! Their bytes are handed out under the name that their specification gives; the sheet in front of a
//! portfolio is an ordinary page. A program among them is a notice: documents do not come
//! with programs. Let through on purpose: files that are only named and lie elsewhere; source texts that
//! nothing runs when they are opened.

use lopdf::{Dictionary, Object, ObjectId};

use super::attached::attached;
use super::objects::{get_dict, get_name, get_text};
use super::work::Work;
use crate::domain::document::{Alternate, Format, Location, NoticeKind, Visibility};
use crate::parse::Builder;

/// The forms of a file for several systems, the portable ones first.
const KEYS: [&[u8]; 5] = [b"UF", b"F", b"Unix", b"DOS", b"Mac"];

/// Ends of names that a system runs when the file is opened.
const PROGRAM_ENDS: [&str; 24] = [
    "bat", "cmd", "com", "command", "cpl", "dll", "exe", "hta", "jar", "js", "jse", "lnk", "msi",
    "pif", "ps1", "reg", "scf", "scr", "sh", "url", "vbe", "vbs", "wsf", "wsh",
];
/// How programs begin: of Windows, Linux, macOS, and scripts that name what runs them.
const PROGRAM_MARKS: [&[u8]; 6] = [
    b"\x7fELF",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"#!",
];
/// Where a program of Windows says where its second header is.
const SECOND_HEADER_AT: std::ops::Range<usize> = 60..64;

/// Whether a system would run this file, by its name or by its bytes.
fn is_program(name: &str, bytes: &[u8]) -> bool {
    // Windows leaves out dots and spaces at the end of a name.
    let name = name.trim_end_matches(['.', ' ']);
    let end = name.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase());
    end.is_some_and(|end| PROGRAM_ENDS.contains(&end.as_str()))
        || PROGRAM_MARKS.iter().any(|mark| bytes.starts_with(mark))
        || is_of_windows(bytes)
}

fn is_of_windows(bytes: &[u8]) -> bool {
    let place = bytes.get(SECOND_HEADER_AT).and_then(|place| <[u8; 4]>::try_from(place).ok());
    let place = place.and_then(|place| usize::try_from(u32::from_le_bytes(place)).ok());
    let second = place.and_then(|place| bytes.get(place..));
    bytes.starts_with(b"MZ") && second.is_some_and(|second| second.starts_with(b"PE\0\0"))
}

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
    if is_program(name, &bytes) {
        work.note(NoticeKind::ActiveContent, "a program is attached to it");
    }
    builder.member(name, declared, bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_told_by_name_or_by_bytes() {
        let mut windows = vec![0_u8; 128];
        windows[..2].copy_from_slice(b"MZ");
        windows[60] = 64;
        windows[64..68].copy_from_slice(b"PE\0\0");
        for (name, bytes) in [
            ("open-me.bat", b"@echo off".as_slice()),
            ("Invoice.pdf.EXE ", b""),
            ("notes.txt", b"\x7fELF\x02"),
            ("notes.txt", b"#!/bin/sh\n"),
            ("prices.csv", &windows),
        ] {
            assert!(is_program(name, bytes), "{name}");
        }
        for (name, bytes) in [
            ("prices.csv", b"lot;pieces".as_slice()),
            ("batch", b"MZ built motorcycles"),
            ("plot.py", b"import math"),
            ("factur-x.xml", b"<?xml version='1.0'?>"),
            ("model.step", b"ISO-10303-21;"),
        ] {
            assert!(!is_program(name, bytes), "{name}");
        }
    }
}
