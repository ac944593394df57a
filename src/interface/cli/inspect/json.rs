//! A document as it is read, as one JSON object. Texts are given to the letter; characters that a terminal
//! acts on, or that leave no ink, are written as escapes, which say the same to a program.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::domain::document::{Block, Notice};
use crate::domain::finding::{draw_safely, is_undrawable};
use crate::interface::scanned::{FindingJson, PlaceJson};
use crate::pipeline::scan::Scanned;

/// The object on one line.
pub(super) fn line(path: &str, scanned: &Scanned) -> String {
    let json = of(path, scanned).to_string();
    let mut line = String::with_capacity(json.len());
    for ch in json.chars() {
        if is_undrawable(ch) {
            let mut units = [0; 2];
            for unit in ch.encode_utf16(&mut units) {
                let _ = write!(line, "\\u{unit:04x}");
            }
        } else {
            line.push(ch);
        }
    }
    line
}

/// The file; those inside it are `members`.
fn of(path: &str, scanned: &Scanned) -> Value {
    let document = scanned.document.as_ref();
    let blocks: Vec<Value> =
        document.iter().flat_map(|document| &document.blocks).map(block).collect();
    let notices: Vec<Value> =
        document.iter().flat_map(|document| &document.notices).map(notice).collect();
    let findings: Vec<FindingJson> = scanned.findings.iter().map(FindingJson::of).collect();
    let mut object = json!({
        "path": draw_safely(path),
        "format": scanned.format.map(crate::domain::document::Format::name),
        "title": document.and_then(|document| document.title.as_deref()),
        "blocks": blocks,
        "notices": notices,
        "findings": findings,
        "verdict": scanned.verdict.name(),
    });
    let inside = |member: &Scanned| {
        let name = member.uri.get(scanned.uri.len()..).unwrap_or_default();
        of(&format!("{path}{name}"), member)
    };
    let members: Vec<Value> = scanned.members.iter().map(inside).collect();
    if let Some(fields) = object.as_object_mut().filter(|_| !members.is_empty()) {
        fields.insert("members".to_owned(), Value::Array(members));
    }
    object
}

fn block(block: &Block) -> Value {
    json!({
        "text": block.text,
        "visibility": block.visibility.name(),
        "why": block.visibility.why().into_iter().collect::<Vec<_>>(),
        "location": PlaceJson::of(&block.location),
        "kind": block.kind,
        "joint": block.joint,
    })
}

fn notice(notice: &Notice) -> Value {
    json!({
        "kind": notice.kind,
        "location": notice.location.as_ref().map(PlaceJson::of),
        "detail": draw_safely(&notice.detail),
    })
}
