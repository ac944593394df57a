//! Outputs of a cell: of several forms of one result a page shows the richest.

use super::screen::runs;
use super::{FOR_PROGRAMS, Reader, is_name, joined};
use crate::domain::document::{Alternate, BlockKind, Joint, Visibility};
use crate::parse::{html, json::Value, markdown};

/// Forms of a result, the one that is shown first; the short names are those of nbformat 3.
const FORMS: &[(&str, &str)] = &[
    ("text/html", "html"),
    ("text/markdown", "markdown"),
    ("text/latex", "latex"),
    ("image/svg+xml", "svg"),
    ("image/png", "png"),
    ("image/jpeg", "jpeg"),
    ("image/gif", "gif"),
    ("application/pdf", "pdf"),
    ("text/plain", "text"),
];

/// Members of an output that say what it is, not what it holds.
const PLAIN_MEMBERS: &[&str] =
    &["output_type", "name", "stream", "execution_count", "prompt_number", "data", "metadata"];

impl Reader {
    pub(super) fn output(&mut self, output: &Value, part: &str, outer: Option<Visibility>) {
        let kind = output.get("output_type").and_then(Value::text).unwrap_or_default();
        match kind {
            "stream" => {
                let text = output.get("text").map(joined).unwrap_or_default();
                self.screen(&text, part, outer);
            }
            "error" | "pyerr" => self.error(output, part, outer),
            _ => self.result(output.get("data").unwrap_or(output), part, outer),
        }
        if let Some(metadata) = output.get("metadata") {
            self.texts(metadata, part, Visibility::Metadata);
        }
        let is_stream = matches!(kind, "stream" | "error" | "pyerr");
        for (name, value) in output.members() {
            let is_read = match is_stream {
                true => matches!(name.as_str(), "text" | "ename" | "evalue" | "traceback"),
                // Without `data` the forms stand beside these.
                false => output.get("data").is_none(),
            };
            let is_plain = PLAIN_MEMBERS.contains(&name.as_str());
            if (!is_read && !is_plain) || (is_plain && !is_name(value)) {
                self.texts(value, &format!("{part}.{name}"), FOR_PROGRAMS);
            }
        }
    }

    /// Text of a terminal.
    fn screen(&mut self, text: &str, part: &str, outer: Option<Visibility>) {
        let mut joint = Joint::Paragraph;
        for run in runs(text) {
            let visibility = outer.filter(|_| run.visibility.is_shown()).unwrap_or(run.visibility);
            self.run(&run.text, part, BlockKind::Code, visibility, joint);
            joint = Joint::Inline;
        }
    }

    /// A page shows the trace, and the error itself only without one.
    fn error(&mut self, output: &Value, part: &str, outer: Option<Visibility>) {
        let text = |name: &str| output.get(name).map(joined).unwrap_or_default();
        let lines = output.get("traceback").map(Value::items).unwrap_or_default();
        let lines: Vec<&str> = lines.iter().filter_map(Value::text).collect();
        let trace = lines.join("\n");
        let (name, value) = (text("ename"), text("evalue"));
        if trace.trim().is_empty() {
            self.screen(&format!("{name}: {value}"), part, outer);
            return;
        }
        self.screen(&trace, part, outer);
        for said in [&name, &value] {
            if !trace.contains(said.as_str()) {
                self.texts(&Value::Text(said.clone()), part, FOR_PROGRAMS);
            }
        }
    }

    fn result(&mut self, data: &Value, part: &str, outer: Option<Visibility>) {
        let other = Visibility::Alternate(Alternate::OtherMedium);
        let mut is_first = true;
        for (media, short) in FORMS {
            let Some(value) = data.get(media).or_else(|| data.get(short)) else { continue };
            let outer = if is_first { outer } else { Some(other) };
            is_first = false;
            self.form(media, &joined(value), part, outer);
        }
        for (name, value) in data.members() {
            let is_known = FORMS.iter().any(|(media, short)| name == media || name == short);
            let is_picture = name.starts_with("image/") || name.starts_with("video/");
            if !is_known && !is_picture && !PLAIN_MEMBERS.contains(&name.as_str()) {
                self.texts(value, &format!("{part}.{name}"), FOR_PROGRAMS);
            }
        }
    }

    fn form(&mut self, media: &str, text: &str, part: &str, outer: Option<Visibility>) {
        match media {
            "text/html" | "image/svg+xml" => {
                let document = html::parse(format!("\u{FEFF}{text}").as_bytes());
                self.builder.absorb(document.into(), part, outer);
            }
            "text/markdown" => {
                self.builder.absorb(markdown::parse(text.as_bytes()).into(), part, outer);
            }
            "text/plain" => self.screen(text, part, outer),
            "text/latex" => self.shown(text, part, BlockKind::Code, outer),
            _ => {}
        }
    }
}
