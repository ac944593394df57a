//! Jupyter notebooks (nbformat 3 and 4): cells and their outputs, as a notebook's page shows them.
//!
//! Let through on purpose: pictures; cells that only slides skip; the trust that a notebook needs before
//! its HTML is shown whole: it counts as trusted.

mod output;
mod screen;
#[cfg(test)]
mod tests;

use super::decode::decode;
use super::json::{self, Value, tree};
use super::{Builder, markdown};
use crate::domain::document::{
    Alternate, Block, BlockKind, Format, Hiding, Joint, Location, NoticeKind, Opened, Visibility,
};

const FOR_PROGRAMS: Visibility = Visibility::Hidden(Hiding::MachineOnly);
const NOT_DISPLAYED: Visibility = Visibility::Hidden(Hiding::NotDisplayed);
const COLLAPSED: Visibility = Visibility::Alternate(Alternate::Collapsed);

pub(super) fn parse(bytes: &[u8]) -> Opened {
    let decoded = decode(bytes);
    let Some(book) = tree(&decoded.text) else {
        // What of it is JSON is still of use.
        return json::read(bytes, Format::Ipynb).into();
    };
    let mut reader = Reader { builder: Builder::new(Format::Ipynb), number: 0 };
    if decoded.malformed {
        let detail = "bytes that are no text were replaced";
        reader.builder.notice(NoticeKind::BadEncoding, None, detail);
    }
    let (book, twins) = book.without_twins();
    for (name, value) in &twins {
        let detail = "an object in it has a key twice";
        reader.builder.notice_once(NoticeKind::Malformed, detail);
        reader.texts(value, name, NOT_DISPLAYED);
    }
    reader.book(&book);
    reader.builder.finish_opened()
}

struct Reader {
    builder: Builder,
    /// Of the cell, from 1.
    number: usize,
}

impl Reader {
    fn book(&mut self, book: &Value) {
        for (name, value) in book.members() {
            match name.as_str() {
                "cells" => self.cells(value),
                "worksheets" => {
                    for sheet in value.items() {
                        for (name, value) in sheet.members() {
                            match name.as_str() {
                                "cells" => self.cells(value),
                                name => self.texts(value, name, Visibility::Metadata),
                            }
                        }
                    }
                }
                "metadata" => self.metadata(value),
                name => self.texts(value, name, FOR_PROGRAMS),
            }
        }
    }

    /// What describes the notebook, and what its widgets keep.
    fn metadata(&mut self, metadata: &Value) {
        for (name, value) in metadata.members() {
            let visibility = if name == "widgets" { FOR_PROGRAMS } else { Visibility::Metadata };
            self.texts(value, name, visibility);
        }
    }

    /// Every string of a value.
    fn texts(&mut self, value: &Value, name: &str, visibility: Visibility) {
        for (path, text) in value.texts() {
            let dot = if path.is_empty() { "" } else { "." };
            self.builder.long_block(Block {
                text: text.trim().to_owned(),
                kind: BlockKind::Attached,
                joint: Joint::Line,
                visibility,
                location: Location::Property { name: format!("{name}{dot}{path}") },
            });
        }
    }

    fn cells(&mut self, cells: &Value) {
        for cell in cells.items() {
            self.number += 1;
            self.cell(cell);
            if self.builder.is_full() {
                return;
            }
        }
    }

    fn cell(&mut self, cell: &Value) {
        let part = format!("cell {}", self.number);
        let seen = Seen::of(cell);
        let kind = cell.get("cell_type").and_then(Value::text).unwrap_or_default();
        let source =
            cell.get("source").or_else(|| cell.get("input")).map(joined).unwrap_or_default();
        match kind {
            "markdown" => self.markdown(&source, &part, seen.source),
            "heading" => self.shown(&source, &part, BlockKind::Heading(1), seen.source),
            _ => self.shown(&source, &part, BlockKind::Code, seen.source),
        }
        let outputs = cell.get("outputs").map(Value::items).unwrap_or_default();
        for (index, output) in (1..).zip(outputs) {
            self.output(output, &format!("{part}, output {index}"), seen.outputs);
        }
        for (name, value) in cell.members() {
            let name = name.as_str();
            match name {
                "source" | "input" | "outputs" => {}
                "cell_type" | "id" | "language" if is_name(value) => {}
                "metadata" => self.texts(value, &part, Visibility::Metadata),
                "attachments" => self.attachments(value, &part),
                name => self.texts(value, &format!("{part}.{name}"), FOR_PROGRAMS),
            }
        }
    }

    fn markdown(&mut self, source: &str, part: &str, outer: Option<Visibility>) {
        let document = markdown::parse(source.as_bytes());
        if let Some(title) = document.title.as_deref().filter(|_| outer.is_none()) {
            self.builder.title(title);
        }
        self.builder.absorb(document.into(), part, outer);
    }

    /// Text as it stands.
    fn shown(&mut self, text: &str, part: &str, kind: BlockKind, outer: Option<Visibility>) {
        self.run(text, part, kind, outer.unwrap_or(Visibility::Shown), Joint::Paragraph);
    }

    fn run(
        &mut self,
        text: &str,
        part: &str,
        kind: BlockKind,
        visibility: Visibility,
        joint: Joint,
    ) {
        let text = if joint == Joint::Inline { text } else { text.trim_matches('\n') };
        self.builder.long_block(Block {
            text: text.to_owned(),
            kind,
            joint,
            visibility,
            location: Location::Part { part: part.to_owned(), paragraph: 1 },
        });
    }

    /// Pictures that a cell carries; text among them is not shown by anything.
    fn attachments(&mut self, attachments: &Value, part: &str) {
        for (name, bundle) in attachments.members() {
            for (media, value) in bundle.members() {
                if !media.starts_with("image/") {
                    self.texts(value, &format!("{part}.{name}"), FOR_PROGRAMS);
                }
            }
        }
    }
}

/// Bytes of a name that the format defines, or of an id.
const NAME_BYTES_MAX: usize = 64;

/// Whether a value is a word for programs, in which nothing can be said.
fn is_name(value: &Value) -> bool {
    let is_word = |text: &str| text.len() <= NAME_BYTES_MAX && !text.contains(char::is_whitespace);
    value.text().is_none_or(is_word)
}

/// A text that may be cut into lines.
fn joined(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        value => value.items().iter().filter_map(Value::text).collect(),
    }
}

/// What a page shows of a cell, where that is not all of it.
#[derive(Debug, Default)]
struct Seen {
    source: Option<Visibility>,
    outputs: Option<Visibility>,
}

impl Seen {
    fn of(cell: &Value) -> Self {
        let mut seen = Self::default();
        let metadata = cell.get("metadata");
        let flag = |name: &str| metadata.and_then(|it| it.get(name)).is_some_and(Value::is_true);
        let lab = |name: &str| {
            let lab = metadata.and_then(|it| it.get("jupyter"));
            lab.and_then(|it| it.get(name)).is_some_and(Value::is_true)
        };
        let view = metadata.and_then(|it| it.get("cellView")).and_then(Value::text);
        if lab("source_hidden") || flag("hide_input") || flag("hidden") || view == Some("form") {
            seen.source = Some(COLLAPSED);
        }
        let is_collapsed = cell.get("collapsed").is_some_and(Value::is_true);
        if lab("outputs_hidden") || flag("collapsed") || flag("hidden") || is_collapsed {
            seen.outputs = Some(COLLAPSED);
        }
        let tags = metadata.and_then(|it| it.get("tags")).map(Value::items).unwrap_or_default();
        for tag in tags.iter().filter_map(Value::text) {
            seen.tagged(&tag.replace('_', "-"));
        }
        seen
    }

    /// Tags by which books and converters leave parts out.
    fn tagged(&mut self, tag: &str) {
        let (how, what) = tag.split_once('-').unwrap_or_default();
        let visibility = match how {
            "remove" => NOT_DISPLAYED,
            "hide" => COLLAPSED,
            _ => return,
        };
        if matches!(what, "cell" | "input") {
            self.source = Some(visibility);
        }
        if matches!(what, "cell" | "output" | "outputs") {
            self.outputs = Some(visibility);
        }
    }
}
