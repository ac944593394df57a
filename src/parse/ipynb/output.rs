//! Outputs of a cell: of several forms of one result a page shows the richest.

use super::screen::runs;
use super::{FOR_PROGRAMS, Reader, is_name};
use crate::domain::document::{Alternate, BlockKind, Doubt, Joint, NoticeKind, Visibility};
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
    &["output_type", "name", "stream", "execution_count", "prompt_number"];

impl Reader {
    pub(super) fn output(&mut self, output: &Value, part: &str, outer: Option<Visibility>) {
        let kind = output.get("output_type").and_then(Value::text).unwrap_or_default();
        match kind {
            "stream" => {
                let text = self.joined(output.get("text"), part);
                self.screen(&text, part, outer);
            }
            "error" | "pyerr" => self.error(output, part, outer),
            _ => match output.get("data") {
                Some(data) => self.result(data, part, outer, false),
                None => self.result(output, part, outer, true),
            },
        }
        for (name, value) in output.members() {
            let is_read = match (kind, name.as_str()) {
                (_, "metadata") => {
                    self.texts(value, part, Visibility::Metadata);
                    true
                }
                (_, name) if PLAIN_MEMBERS.contains(&name) => is_name(value),
                ("stream", name) => name == "text",
                ("error" | "pyerr", name) => matches!(name, "ename" | "evalue" | "traceback"),
                // Without `data` the forms stand beside these.
                (_, "data") => matches!(value, Value::Object(_)),
                _ => output.get("data").is_none(),
            };
            if !is_read {
                self.texts(value, &format!("{part}.{name}"), FOR_PROGRAMS);
            }
        }
    }

    /// Text of a terminal.
    fn screen(&mut self, text: &str, part: &str, outer: Option<Visibility>) {
        let mut joint = Joint::Paragraph;
        let is_over = runs(text, &mut |run| {
            let visibility = outer.filter(|_| run.visibility.is_shown()).unwrap_or(run.visibility);
            self.run(&run.text, part, BlockKind::Code, visibility, joint);
            joint = Joint::Inline;
            !self.builder.is_full()
        });
        if is_over {
            let detail = "a very long line of output is written over";
            self.builder.notice_once(NoticeKind::LimitReached, detail);
        }
    }

    /// A page shows the trace, and the error itself only without one.
    fn error(&mut self, output: &Value, part: &str, outer: Option<Visibility>) {
        let (name, value) =
            (self.joined(output.get("ename"), part), self.joined(output.get("evalue"), part));
        let trace = match output.get("traceback") {
            // Some pages show it, and others fail.
            Some(Value::Text(text)) => {
                self.screen(text, part, outer.or(Some(Visibility::Undetermined(Doubt::Broken))));
                String::new()
            }
            trace => self.lines(trace, part),
        };
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

    /// A text of lines without their ends.
    fn lines(&mut self, value: Option<&Value>, part: &str) -> String {
        let Some(Value::Array(items)) = value else { return self.joined(value, part) };
        let is_line = |item: &&Value| item.text().is_some();
        for other in items.iter().filter(|item| !is_line(item)) {
            self.texts(other, part, FOR_PROGRAMS);
        }
        let lines: Vec<&str> = items.iter().filter_map(Value::text).collect();
        lines.join("\n")
    }

    /// `is_output`: these are not forms alone, but all that an output of nbformat 3 has.
    fn result(&mut self, data: &Value, part: &str, outer: Option<Visibility>, is_output: bool) {
        let other = Visibility::Alternate(Alternate::OtherMedium);
        let mut is_first = true;
        let mut read = Vec::new();
        for (media, short) in FORMS {
            let name = if data.get(media).is_some() { media } else { short };
            let Some(value) = data.get(name) else { continue };
            read.push(*name);
            let outer = if is_first { outer } else { Some(other) };
            is_first = false;
            match *media {
                "image/png" | "image/jpeg" | "image/gif" | "application/pdf" => {
                    self.picture(value, part);
                }
                media => {
                    let text = self.joined(Some(value), part);
                    self.form(media, &text, part, outer);
                }
            }
        }
        for (name, value) in data.members() {
            let name = name.as_str();
            let is_media = name.starts_with("image/") || name.starts_with("video/");
            match is_media {
                // The output itself, where it has no `data`.
                _ if is_output && (PLAIN_MEMBERS.contains(&name) || name == "metadata") => {}
                _ if read.contains(&name) => {}
                true => self.picture(value, &format!("{part}.{name}")),
                false => self.texts(value, &format!("{part}.{name}"), FOR_PROGRAMS),
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
