//! A document as it is read, as one JSON object. Texts are given to the letter; characters that a terminal
//! acts on, or that leave no ink, are written as escapes, which say the same to a program.

use std::fmt::Write as _;

use serde::{Serialize, Serializer};

use crate::domain::document::{Block, BlockKind, Format, Joint, Location, Notice, NoticeKind};
use crate::domain::finding::{draw_safely, is_undrawable};
use crate::interface::scanned::{FindingJson, PlaceJson};
use crate::pipeline::scan::Scanned;

/// The object on one line.
pub(super) fn line(path: &str, scanned: &Scanned) -> String {
    let json = serde_json::to_string(&of(path, scanned)).unwrap_or_default();
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

/// A file; those inside it are `members`. It is written without being copied: a document may have hundreds of
/// thousands of blocks.
#[derive(Serialize)]
struct FileJson<'a> {
    path: String,
    format: Option<&'static str>,
    title: Option<&'a str>,
    blocks: Vec<BlockJson<'a>>,
    notices: Vec<NoticeJson<'a>>,
    findings: Vec<FindingJson>,
    verdict: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    members: Vec<Self>,
}

#[derive(Serialize)]
struct BlockJson<'a> {
    text: &'a str,
    visibility: &'static str,
    why: Vec<&'static str>,
    location: Place<'a>,
    kind: BlockKind,
    joint: Joint,
}

#[derive(Serialize)]
struct NoticeJson<'a> {
    kind: NoticeKind,
    location: Option<Place<'a>>,
    detail: String,
}

/// A place, whose parts are named as it is written.
struct Place<'a>(&'a Location);

impl Serialize for Place<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        PlaceJson::of(self.0).serialize(serializer)
    }
}

fn of<'a>(path: &str, scanned: &'a Scanned) -> FileJson<'a> {
    let document = scanned.document.as_ref();
    let inside = |member: &'a Scanned| {
        let name = member.uri.get(scanned.uri.len()..).unwrap_or_default();
        of(&format!("{path}{name}"), member)
    };
    FileJson {
        path: draw_safely(path),
        format: scanned.format.map(Format::name),
        title: document.and_then(|document| document.title.as_deref()),
        blocks: document.iter().flat_map(|document| &document.blocks).map(block).collect(),
        notices: document.iter().flat_map(|document| &document.notices).map(notice).collect(),
        findings: scanned.findings.iter().map(FindingJson::of).collect(),
        verdict: scanned.verdict.name(),
        members: scanned.members.iter().map(inside).collect(),
    }
}

fn block(block: &Block) -> BlockJson<'_> {
    BlockJson {
        text: &block.text,
        visibility: block.visibility.name(),
        why: block.visibility.why().into_iter().collect(),
        location: Place(&block.location),
        kind: block.kind,
        joint: block.joint,
    }
}

fn notice(notice: &Notice) -> NoticeJson<'_> {
    NoticeJson {
        kind: notice.kind,
        location: notice.location.as_ref().map(Place),
        detail: draw_safely(&notice.detail),
    }
}
