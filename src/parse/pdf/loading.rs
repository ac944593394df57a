//! Loads the file's objects, decrypting those that an empty password opens.

use lopdf::xref::XrefRecovery;
use lopdf::{Document, Error, LoadOptions, Object, Writer};

use super::page::Pages;
use super::work::Work;
use crate::domain::document::NoticeKind;
use crate::domain::limits::PDF_OBJECT_STREAM_BYTES_MAX;
use crate::parse::ParseError;

/// Viewers look for the end mark in the last kilobyte.
const TAIL_BYTES: usize = 1024;

/// Loads a file; an empty password opens what is only locked against changes.
pub(super) fn load(bytes: &[u8]) -> Result<Document, ParseError> {
    let file = load_objects(bytes)?;
    if !is_locked(&file) {
        return Ok(file);
    }
    let rewritten = with_numbered_encryption(bytes, &file).ok_or(ParseError::Encrypted)?;
    let file = load_objects(&rewritten)?;
    if is_locked(&file) { Err(ParseError::Encrypted) } else { Ok(file) }
}

fn load_objects(bytes: &[u8]) -> Result<Document, ParseError> {
    let options = LoadOptions {
        max_decompressed_size: Some(PDF_OBJECT_STREAM_BYTES_MAX),
        ..LoadOptions::default()
    };
    Document::load_mem_with_options(bytes, options).map_err(|error| match error {
        Error::InvalidPassword | Error::Decryption(_) | Error::UnsupportedSecurityHandler(_) => {
            ParseError::Encrypted
        }
        other => structure(&other.to_string()),
    })
}

pub(super) fn structure(detail: &str) -> ParseError {
    ParseError::Structure { format: "pdf", detail: detail.to_owned() }
}

/// The library takes the entry away when it has decrypted the objects.
fn is_locked(file: &Document) -> bool {
    file.trailer.has(b"Encrypt")
}

/// The library finds the encryption's parameters only in an object with a number, but some writers
/// put them right into the trailer: an update is appended that gives them one.
fn with_numbered_encryption(bytes: &[u8], file: &Document) -> Option<Vec<u8>> {
    let Ok(Object::Dictionary(parameters)) = file.trailer.get(b"Encrypt") else { return None };
    let number = file.max_id.checked_add(1)?;
    let mut trailer = file.trailer.clone();
    trailer.set("Encrypt", Object::Reference((number, 0)));
    trailer.set("Size", i64::from(number) + 1);
    trailer.set("Prev", i64::try_from(file.xref_start).ok().filter(|start| *start > 0)?);
    for key in [&b"Type"[..], b"W", b"Index", b"Filter", b"DecodeParms", b"Length", b"XRefStm"] {
        trailer.remove(key);
    }
    // Offsets count from the header, before which there may be other bytes.
    let header = bytes.windows(5).position(|window| window == b"%PDF-")?;
    let mut update = bytes.get(header..)?.to_vec();
    update.extend_from_slice(b"\n");
    let object_start = update.len();
    update.extend_from_slice(format!("{number} 0 obj\n").as_bytes());
    Writer::write_object(&mut update, &Object::Dictionary(parameters.clone())).ok()?;
    update.extend_from_slice(b"\nendobj\n");
    let table_start = update.len();
    let table = format!("xref\n{number} 1\n{object_start:010} 00000 n \ntrailer\n");
    update.extend_from_slice(table.as_bytes());
    Writer::write_object(&mut update, &Object::Dictionary(trailer)).ok()?;
    update.extend_from_slice(format!("\nstartxref\n{table_start}\n%%EOF\n").as_bytes());
    Some(update)
}

/// What the file's frame looks like.
pub(super) fn note_structure(work: &mut Work<'_>, bytes: &[u8], found: &Pages<'_>) {
    if let Some(recovery) = work.document.xref_recovery {
        let detail = match recovery {
            XrefRecovery::OffsetCorrected => "the table of objects is not where it should be",
            _ => "the table of objects was rebuilt",
        };
        work.note(NoticeKind::Malformed, detail);
    }
    let tail = bytes.get(bytes.len().saturating_sub(TAIL_BYTES)..).unwrap_or_default();
    if !tail.windows(5).any(|window| window == b"%%EOF") {
        work.note(NoticeKind::Truncated, "the end of the file is missing");
    }
    if found.cut {
        work.note(NoticeKind::LimitReached, "more pages than one document may have");
    }
    if found.gathered {
        work.note(NoticeKind::Malformed, "the pages are not in a tree");
    }
}

#[cfg(test)]
mod tests {
    use lopdf::{EncryptionState, EncryptionVersion, Permissions, dictionary};

    use super::super::fixture::{Fixture, line, shown};
    use super::*;

    /// A locked file; with `direct`, its parameters stand in the trailer itself.
    fn locked(user_password: &str, direct: bool) -> Vec<u8> {
        let mut file = load(&Fixture::new(&line(12.0, "the text")).bytes()).unwrap();
        let id = Object::string_literal("0123456789abcdef");
        file.trailer.set("ID", vec![id.clone(), id]);
        let version = EncryptionVersion::V2 {
            document: &file,
            owner_password: "owner",
            user_password,
            key_length: 128,
            permissions: Permissions::all(),
        };
        let state = EncryptionState::try_from(version).unwrap();
        file.encrypt(&state).unwrap();
        if direct {
            let id = file.trailer.get(b"Encrypt").unwrap().as_reference().unwrap();
            let parameters = file.objects.remove(&id).unwrap();
            file.trailer.set("Encrypt", parameters);
        }
        let mut bytes = Vec::new();
        file.save_to(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn a_file_locked_only_against_changes_is_read() {
        for direct in [false, true] {
            let document = super::super::parse(&locked("", direct)).unwrap().document;
            assert_eq!(shown(&document), "the text", "direct: {direct}");
        }
    }

    #[test]
    fn a_file_with_a_password_is_refused_as_encrypted() {
        for direct in [false, true] {
            let found = super::super::parse(&locked("secret", direct));
            assert!(matches!(found, Err(ParseError::Encrypted)), "direct: {direct}");
        }
    }

    #[test]
    fn parameters_that_nobody_knows_are_refused_as_encrypted() {
        let mut file = load(&Fixture::new("").bytes()).unwrap();
        let parameters = file.add_object(dictionary! { "Filter" => "Other", "V" => 99 });
        file.trailer.set("Encrypt", parameters);
        let mut bytes = Vec::new();
        file.save_to(&mut bytes).unwrap();
        assert!(matches!(load(&bytes), Err(ParseError::Encrypted)));
    }
}
