//! Jupyter notebooks (nbformat 3 and 4): cells and their outputs, as a notebook's page shows them.
//!
//! Let through on purpose: pictures; cells that only slides skip; the trust that a notebook needs before
//! its HTML is shown whole: it counts as trusted.

mod output;
mod screen;
#[cfg(test)]
mod tests;

use super::decode::decode;
use super::json::{self, Tree, Value, is_word, tree};
use super::{Builder, markdown};
use crate::domain::document::{
    Alternate, Block, BlockKind, Format, Hiding, Joint, Location, NoticeKind, Opened, Visibility,
};

const FOR_PROGRAMS: Visibility = Visibility::Hidden(Hiding::MachineOnly);
const NOT_DISPLAYED: Visibility = Visibility::Hidden(Hiding::NotDisplayed);
const COLLAPSED: Visibility = Visibility::Alternate(Alternate::Collapsed);

pub(super) fn parse(bytes: &[u8]) -> Opened {
    let decoded = decode(bytes);
    let Some(Tree { value: book, comments, rest }) = tree(&decoded.text) else {
        // What of it is JSON is still of use.
        return json::read(&decoded, Format::Ipynb).into();
    };
    let mut reader = Reader { builder: Builder::new(Format::Ipynb), number: 0, is_old: false };
    if decoded.malformed {
        let detail = "bytes that are no text were replaced";
        reader.builder.notice(NoticeKind::BadEncoding, None, detail);
    }
    reader.is_old = book.get("worksheets").is_some();
    for name in book.odd_names() {
        reader.text(name, "name", FOR_PROGRAMS);
    }
    let (book, twins) = book.without_twins();
    for (name, value) in &twins {
        let detail = "an object in it has a key twice";
        reader.builder.notice_once(NoticeKind::Malformed, detail);
        reader.texts(value, name, NOT_DISPLAYED);
    }
    reader.book(&book);
    for comment in comments {
        reader.text(comment, "comment", Visibility::Hidden(Hiding::Comment));
    }
    if !rest.trim().is_empty() {
        let detail = "text follows its end";
        reader.builder.notice_once(NoticeKind::Malformed, detail);
        reader.text(rest, "behind the end", NOT_DISPLAYED);
    }
    reader.builder.finish_opened()
}

struct Reader {
    builder: Builder,
    /// Of the cell, from 1.
    number: usize,
    /// Whether it is of nbformat 3, in which sources of code have another name.
    is_old: bool,
}

impl Reader {
    fn book(&mut self, book: &Value) {
        for (name, value) in book.members() {
            match name.as_str() {
                "cells" => self.cells(value),
                "worksheets" => {
                    for sheet in self.objects(value, name) {
                        self.sheet(sheet);
                    }
                }
                "metadata" => self.metadata(value),
                name => self.texts(value, name, FOR_PROGRAMS),
            }
        }
    }

    fn sheet(&mut self, sheet: &Value) {
        for (name, value) in sheet.members() {
            match name.as_str() {
                "cells" => self.cells(value),
                name => self.texts(value, name, Visibility::Metadata),
            }
        }
    }

    /// What describes the notebook, and what its widgets keep.
    fn metadata(&mut self, metadata: &Value) {
        if !matches!(metadata, Value::Object(_)) {
            self.texts(metadata, "metadata", Visibility::Metadata);
        }
        for (name, value) in metadata.members() {
            let visibility = if name == "widgets" { FOR_PROGRAMS } else { Visibility::Metadata };
            self.texts(value, name, visibility);
        }
    }

    /// Every string of a value.
    fn texts(&mut self, value: &Value, name: &str, visibility: Visibility) {
        let name = name.get(..name.floor_char_boundary(NAME_BYTES_MAX)).unwrap_or_default();
        for (path, text) in value.texts() {
            let dot = if path.is_empty() { "" } else { "." };
            self.text(text, &format!("{name}{dot}{path}"), visibility);
        }
    }

    fn text(&mut self, text: &str, name: &str, visibility: Visibility) {
        self.builder.long_block(Block {
            text: text.trim().to_owned(),
            kind: BlockKind::Attached,
            joint: Joint::Line,
            visibility,
            location: Location::Property { name: name.to_owned() },
        });
    }

    /// The objects of a list; what else is there is shown by no page.
    fn objects<'v>(&mut self, list: &'v Value, name: &str) -> Vec<&'v Value> {
        let Value::Array(items) = list else {
            self.texts(list, name, FOR_PROGRAMS);
            return Vec::new();
        };
        let is_object = |item: &&Value| matches!(item, Value::Object(_));
        for other in items.iter().filter(|item| !is_object(item)) {
            self.texts(other, name, FOR_PROGRAMS);
        }
        items.iter().filter(is_object).collect()
    }

    /// A text that may be cut into lines; what else is there is shown by no page.
    fn joined(&mut self, value: Option<&Value>, name: &str) -> String {
        let items = match value {
            Some(Value::Text(text)) => return text.clone(),
            Some(Value::Array(items)) => items,
            Some(other) => {
                self.texts(other, name, FOR_PROGRAMS);
                return String::new();
            }
            None => return String::new(),
        };
        for other in items.iter().filter(|item| item.text().is_none()) {
            self.texts(other, name, FOR_PROGRAMS);
        }
        items.iter().filter_map(Value::text).collect()
    }

    fn cells(&mut self, cells: &Value) {
        for cell in self.objects(cells, "cells") {
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
        let names = match self.is_old && kind == "code" {
            true => ["input", "source"],
            false => ["source", "input"],
        };
        let own = names.into_iter().find(|name| cell.get(name).is_some());
        let source = self.joined(own.and_then(|own| cell.get(own)), &part);
        match kind {
            "markdown" => self.markdown(&source, &part, seen.source),
            "heading" => self.shown(&source, &part, BlockKind::Heading(1), seen.source),
            _ => self.shown(&source, &part, BlockKind::Code, seen.source),
        }
        if let Some(outputs) = cell.get("outputs") {
            for (index, output) in (1..).zip(self.objects(outputs, &part)) {
                self.output(output, &format!("{part}, output {index}"), seen.outputs);
            }
        }
        for (name, value) in cell.members() {
            let name = name.as_str();
            match name {
                "outputs" => {}
                name if Some(name) == own => {}
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
        if !matches!(attachments, Value::Object(_)) {
            self.texts(attachments, part, FOR_PROGRAMS);
        }
        for (name, bundle) in attachments.members() {
            if !matches!(bundle, Value::Object(_)) {
                self.texts(bundle, part, FOR_PROGRAMS);
            }
            for (media, value) in bundle.members() {
                let name = format!("{part}.{name}");
                match media.starts_with("image/") {
                    true => self.picture(value, &name),
                    false => self.texts(value, &name, FOR_PROGRAMS),
                }
            }
        }
    }

    /// Digits of a picture are no text; anything else in their place is.
    fn picture(&mut self, value: &Value, name: &str) {
        let is_digit = |byte: u8| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'\n' | b'\r')
        };
        if value.texts().iter().any(|(_, text)| !text.bytes().all(is_digit)) {
            self.texts(value, name, FOR_PROGRAMS);
        }
    }
}

/// Bytes of a place's name; every text of a value carries it.
const NAME_BYTES_MAX: usize = 200;

/// Whether a value is a word for programs, in which nothing can be said.
fn is_name(value: &Value) -> bool {
    match value {
        Value::Text(text) => is_word(text),
        Value::Bare(_) => true,
        Value::Array(_) | Value::Object(_) => false,
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
