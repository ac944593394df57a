//! What a person sees: standard output, tables, and hostile text drawn safely.

use std::io::{self, IsTerminal as _, Write};
use std::path::{Path, PathBuf};

use comfy_table::{ContentArrangement, Table, presets};

use crate::domain::finding::draw_safely;

/// Columns when there is no terminal to ask.
const WIDTH: u16 = 110;

/// Standard output. Every command prints through it, so that a closed pipe is an answer, not a panic.
pub(super) struct Screen {
    out: Box<dyn Write + Send>,
    width: u16,
}

impl std::fmt::Debug for Screen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Screen")
    }
}

impl Screen {
    /// The process's own standard output.
    pub(super) fn stdout() -> Self {
        Self::new(Box::new(io::stdout()), columns(io::stdout().is_terminal()))
    }

    /// Somewhere else, of this many columns.
    pub(super) fn new(out: Box<dyn Write + Send>, width: u16) -> Self {
        Self { out, width }
    }

    /// One line.
    pub(super) fn line(&mut self, text: impl AsRef<str>) -> io::Result<()> {
        writeln!(self.out, "{}", text.as_ref())
    }

    /// One JSON object on a line.
    pub(super) fn json(&mut self, value: &serde_json::Value) -> io::Result<()> {
        writeln!(self.out, "{value}")
    }

    /// A line beside the answer, for a person, where the answer is for programs.
    #[expect(clippy::print_stderr, reason = "what is wrong must not stand among exported records")]
    pub(super) fn aside(&self, text: impl AsRef<str>) {
        eprintln!("{}", text.as_ref());
    }

    /// A table; says `none` when there is no row.
    pub(super) fn table(&mut self, head: &[&str], rows: Vec<Vec<String>>) -> io::Result<()> {
        if rows.is_empty() {
            return self.line("none");
        }
        let mut table = Table::new();
        table
            .load_style(presets::NOTHING)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(self.width)
            .set_header(head.to_vec());
        for row in rows {
            table.add_row(row);
        }
        for line in table.lines() {
            writeln!(self.out, "{}", line.trim_end())?;
        }
        Ok(())
    }

    /// Text wrapped to the screen behind an indent.
    pub(super) fn wrapped(&mut self, indent: &str, text: &str) -> io::Result<()> {
        let room = usize::from(self.width).saturating_sub(indent.len()).max(20);
        let mut line = String::new();
        for word in text.split_whitespace() {
            if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > room {
                writeln!(self.out, "{indent}{line}")?;
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        if line.is_empty() { Ok(()) } else { writeln!(self.out, "{indent}{line}") }
    }
}

tokio::task_local! {
    /// Where the client stands whose command runs inside a server.
    static HERE: PathBuf;
}

/// Runs a command as if this program stood in that folder.
pub(super) async fn from<T>(folder: PathBuf, command: impl Future<Output = T>) -> T {
    HERE.scope(folder, command).await
}

/// A path as the person means it, who may stand elsewhere than this program.
pub(super) fn meant(path: &Path) -> PathBuf {
    HERE.try_with(|here| here.join(path)).unwrap_or_else(|_| path.to_owned())
}

fn here() -> Option<PathBuf> {
    HERE.try_with(PathBuf::clone).or_else(|_| std::env::current_dir()).ok()
}

/// Columns of the screen; `COLUMNS` says so where there is a terminal.
pub(super) fn columns(is_terminal: bool) -> u16 {
    let columns = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    columns.filter(|_| is_terminal).unwrap_or(WIDTH)
}

/// At most this many characters of hostile text, drawn safely.
pub(super) fn excerpt(text: &str, chars_max: usize) -> String {
    let drawn = draw_safely(text);
    match drawn.char_indices().nth(chars_max) {
        Some((end, _)) => format!("{}…", drawn.get(..end).unwrap_or_default()),
        None => drawn,
    }
}

/// A document's URI for people: `file:` URIs as paths, from the present folder where they lie in it.
pub(super) fn short_uri(uri: &str) -> String {
    let Some(encoded) = uri.strip_prefix("file://") else { return draw_safely(uri) };
    let path = percent_decoded(encoded);
    let short = here().and_then(|here| {
        Path::new(&path).strip_prefix(here).ok().map(|path| path.display().to_string())
    });
    draw_safely(&short.unwrap_or(path))
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        let pair = tail.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        match (first, pair.and_then(|pair| u8::from_str_radix(pair, 16).ok())) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = tail.get(2..).unwrap_or_default();
            }
            _ => bytes.push(*first),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The first eight digits of an id: enough to name it.
pub(super) fn short_id(id: impl std::fmt::Display) -> String {
    id.to_string().chars().take(8).collect()
}

#[cfg(test)]
mod tests {
    use super::{excerpt, short_uri};

    #[test]
    fn hostile_names_and_texts_cannot_act_on_the_terminal() {
        assert_eq!(short_uri("file:///x/%1B%5B31m%0Aname"), "/x/\\u{1b}[31m name");
        assert_eq!(excerpt("a\u{1b}bcdef", 8), "a\\u{1b}b…");
    }
}
