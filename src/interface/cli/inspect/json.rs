//! A document as it is read, as one JSON object.

use serde_json::{Value, json};

use crate::domain::document::{Block, Notice};
use crate::domain::finding::draw_safely;
use crate::interface::scanned::{FindingJson, PlaceJson};
use crate::pipeline::scan::Scanned;

/// The file; those inside it are `members`.
pub(super) fn of(path: &str, scanned: &Scanned) -> Value {
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
