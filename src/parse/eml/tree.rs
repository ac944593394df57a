//! Parts of a mail (RFC 2046). Lines are read once, whatever nests in what: a boundary of an outer part
//! ends all inner ones.
//!
//! A boundary counts only as a whole line. Programs that also take one within a line, or one that goes on,
//! see other parts; their text is text of a part here.

use super::fields::{Field, Valued, first};
use super::transfer::Transfer;
use crate::domain::limits::{MAIL_DEPTH_MAX, MAIL_PARTS_MAX};

/// A part with its headers.
#[derive(Debug, Default)]
pub(super) struct Part<'a> {
    pub(super) fields: Vec<Field>,
    /// `Content-Type`, or what stands for it.
    pub(super) media: Valued,
    /// All below the headers, as it is written.
    pub(super) body: &'a [u8],
    pub(super) children: Vec<Self>,
    /// Before the first and behind the last of these: nobody is shown it.
    pub(super) around: Vec<&'a [u8]>,
    /// Clauses that say what is wrong with it.
    pub(super) faults: Vec<&'static str>,
}

impl Part<'_> {
    pub(super) fn disposition(&self) -> Valued {
        first(&self.fields, "content-disposition").map(|it| Valued::of(&it.raw)).unwrap_or_default()
    }

    pub(super) fn transfer(&self) -> Transfer {
        let field = first(&self.fields, "content-transfer-encoding");
        Transfer::named(field.map_or("", |field| &field.raw))
    }

    /// The name that the sender gave its file.
    pub(super) fn file_name(&self) -> Option<String> {
        let name = self.disposition().param("filename").or_else(|| self.media.param("name"));
        name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty())
    }

    /// By which other parts refer to it.
    pub(super) fn content_id(&self) -> Option<&str> {
        let field = first(&self.fields, "content-id")?;
        Some(field.raw.trim().trim_start_matches('<').trim_end_matches('>'))
    }
}

/// What ended a run of lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// A boundary of the open part at this level, and whether it is the last one.
    Boundary { level: usize, is_last: bool },
    /// The mail itself.
    Mail,
}

#[derive(Debug)]
struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
    boundaries: Vec<Vec<u8>>,
    parts: usize,
}

/// The mail as a tree, and whether a bound was met.
pub(super) fn tree(bytes: &[u8]) -> (Part<'_>, bool) {
    let mut cursor = Cursor { bytes, at: 0, boundaries: Vec::new(), parts: 0 };
    let (part, _) = cursor.part("text/plain");
    (part, cursor.parts > MAIL_PARTS_MAX)
}

impl<'a> Cursor<'a> {
    /// The next line with its end.
    fn line(&self) -> Option<&'a [u8]> {
        let rest = self.bytes.get(self.at..).filter(|rest| !rest.is_empty())?;
        let end = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |at| at + 1);
        rest.get(..end)
    }

    fn boundary(&self, line: &[u8]) -> Option<End> {
        let line = line.strip_prefix(b"--")?.trim_ascii_end();
        let level_of = |wanted: &[u8]| self.boundaries.iter().rposition(|known| known == wanted);
        if let Some(level) = level_of(line) {
            return Some(End::Boundary { level, is_last: false });
        }
        let level = level_of(line.strip_suffix(b"--")?)?;
        Some(End::Boundary { level, is_last: true })
    }

    /// Headers up to the blank line; what is none begins the body.
    fn fields(&mut self, faults: &mut Vec<&'static str>) -> Vec<Field> {
        let mut fields = Vec::new();
        let mut open: Vec<u8> = Vec::new();
        while let Some(line) = self.line() {
            let is_blank =
                line.trim_ascii().is_empty() && !line.starts_with(b" ") && !line.starts_with(b"\t");
            if is_blank || self.boundary(line).is_some() {
                self.at += if is_blank { line.len() } else { 0 };
                break;
            }
            if line.starts_with(b" ") || line.starts_with(b"\t") {
                open.extend(line);
                self.at += line.len();
                continue;
            }
            if Field::of(line).is_none() {
                faults.push("a line among its headers is none");
                break;
            }
            fields.extend(Field::of(&open));
            open = line.to_vec();
            self.at += line.len();
        }
        fields.extend(Field::of(&open));
        fields
    }

    /// Lines up to a boundary of any open part.
    fn run(&mut self) -> (&'a [u8], End) {
        let start = self.at;
        while let Some(line) = self.line() {
            let end = self.boundary(line);
            if let Some(end) = end {
                let run = self.bytes.get(start..self.at).unwrap_or_default();
                self.at += line.len();
                let run = run.strip_suffix(b"\n").unwrap_or(run);
                return (run.strip_suffix(b"\r").unwrap_or(run), end);
            }
            self.at += line.len();
        }
        (self.bytes.get(start..).unwrap_or_default(), End::Mail)
    }

    /// One part and what ended it. It nests no deeper than `MAIL_DEPTH_MAX`.
    fn part(&mut self, usual: &str) -> (Part<'a>, End) {
        self.parts = self.parts.saturating_add(1);
        let mut part = Part::default();
        part.fields = self.fields(&mut part.faults);
        let raw = first(&part.fields, "content-type").map(|field| field.raw.as_str());
        part.media = Valued::of(raw.filter(|raw| raw.contains('/')).unwrap_or(usual));
        let boundary = part.media.param("boundary").map(|it| it.trim_end().as_bytes().to_vec());
        let start = self.at;
        let boundary = boundary.filter(|it| !it.is_empty() && part.media.top() == "multipart");
        let is_deep = self.boundaries.len() >= MAIL_DEPTH_MAX || self.parts > MAIL_PARTS_MAX;
        let Some(boundary) = boundary.filter(|_| !is_deep) else {
            if part.media.top() == "multipart" {
                part.faults.push(match is_deep {
                    true => "parts nest deeper than they may",
                    false => "it says that it has parts, and not how they are parted",
                });
            }
            let (body, end) = self.run();
            part.body = body;
            return (part, end);
        };
        let end = self.children(&mut part, boundary);
        part.body = self.bytes.get(start..self.at).unwrap_or_default();
        (part, end)
    }

    fn children(&mut self, part: &mut Part<'a>, boundary: Vec<u8>) -> End {
        let usual =
            if part.media.essence == "multipart/digest" { "message/rfc822" } else { "text/plain" };
        if self.boundaries.contains(&boundary) {
            part.faults.push("its parts are parted by the same line as those around it");
        }
        let own = self.boundaries.len();
        self.boundaries.push(boundary);
        let (before, mut end) = self.run();
        part.around.push(before);
        while end == (End::Boundary { level: own, is_last: false }) && self.parts <= MAIL_PARTS_MAX
        {
            let (child, ended) = self.part(usual);
            part.children.push(child);
            end = ended;
        }
        self.boundaries.truncate(own);
        if end == (End::Boundary { level: own, is_last: true }) {
            let (behind, ended) = self.run();
            part.around.push(behind);
            return ended;
        }
        if self.parts > MAIL_PARTS_MAX {
            part.around.push(self.bytes.get(self.at..).unwrap_or_default());
            self.at = self.bytes.len();
            return End::Mail;
        }
        part.faults.push("its last part has no end");
        end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(part: &Part<'_>) -> String {
        if part.children.is_empty() {
            return format!("{}:{}", part.media.essence, String::from_utf8_lossy(part.body));
        }
        let children: Vec<String> = part.children.iter().map(told).collect();
        format!("[{}]", children.join("|"))
    }

    const NESTED: &str = "Content-Type: multipart/mixed; boundary=a\r\n\r\nbefore\r\n--a\r\n\
        Content-Type: multipart/alternative; boundary=ab\r\n\r\n--ab\r\n\r\none\r\n--ab \r\n\
        Content-Type: text/html\r\n\r\n<p>--a</p>\r\n--ab--\r\n--a\r\n\r\nthree\r\n--a--\r\nbehind";

    #[test]
    fn parts_nest_and_what_lies_around_them_is_kept() {
        let (mail, _) = tree(NESTED.as_bytes());
        assert_eq!(told(&mail), "[[text/plain:one|text/html:<p>--a</p>]|text/plain:three]");
        assert_eq!(mail.around, [&b"before"[..], b"behind"]);
        assert!(mail.faults.is_empty());
    }

    #[test]
    fn a_part_without_end_is_ended_by_the_one_around_it() {
        let text = NESTED.replace("--ab--\r\n", "");
        let (mail, _) = tree(text.as_bytes());
        assert_eq!(told(&mail), "[[text/plain:one|text/html:<p>--a</p>]|text/plain:three]");
        assert_eq!(mail.children[0].faults, ["its last part has no end"]);
    }

    #[test]
    fn depth_and_number_of_parts_are_bounded() {
        let mut text = String::new();
        for depth in 0..1_000 {
            text += &format!("Content-Type: multipart/mixed; boundary=b{depth}\n\n--b{depth}\n");
        }
        let (mail, _) = tree(text.as_bytes());
        assert!(told(&mail).contains("--b900"));
        let many = format!(
            "Content-Type: multipart/mixed; boundary=b\n\n{}",
            "--b\n\nx\n".repeat(MAIL_PARTS_MAX * 3)
        );
        let (mail, is_full) = tree(many.as_bytes());
        assert!(is_full && mail.children.len() == MAIL_PARTS_MAX);
        assert!(mail.around.iter().any(|rest| rest.ends_with(b"x\n")), "the rest is kept");
    }

    #[test]
    fn a_body_begins_where_headers_end_without_a_blank_line() {
        let (mail, _) = tree(b"Subject: x\nthis is no header\nrest");
        assert_eq!(mail.body, b"this is no header\nrest");
        assert_eq!(mail.faults.len(), 1);
    }
}
