//! Documents to calibrate on: files and folders as `scan` lists them, and the lines of a `.jsonl` file.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use tokio::task::spawn_blocking;

use crate::adapters::sources::folder::LeftOut;
use crate::domain::document::{Format, RawDocument};
use crate::domain::finding::draw_safely;
use crate::interface::cli::error::CliError;
use crate::interface::cli::scan::targets::{self, Target};
use crate::interface::cli::workspace::shown;
use crate::pipeline::error::GuardError;
use crate::pipeline::scan::{Scanned, Scanner};

/// One document.
#[derive(Debug, Clone)]
pub(super) enum Work {
    /// A file.
    File(Target),
    /// The text of a line.
    Line {
        /// File and line.
        path: String,
        text: String,
    },
}

/// A line; what else stands in it does not count.
#[derive(Deserialize)]
struct Line {
    text: String,
}

/// Everything under the paths, and what was left out, in words.
pub(super) fn list(paths: &[PathBuf]) -> Result<(Vec<Work>, Vec<String>), CliError> {
    let is_lines =
        |path: &&PathBuf| path.extension() == Some(OsStr::new("jsonl")) && path.is_file();
    let (lines, others): (Vec<&PathBuf>, Vec<&PathBuf>) = paths.iter().partition(is_lines);
    let (mut work, mut left_out) = (Vec::new(), Vec::new());
    if !others.is_empty() {
        let others: Vec<PathBuf> = others.into_iter().cloned().collect();
        let listed = targets::list(&others)?;
        work.extend(listed.targets.into_iter().map(Work::File));
        left_out.extend(listed.left_out.iter().map(told));
    }
    for path in lines {
        let listed = targets::list(std::slice::from_ref(path))?;
        left_out.extend(listed.left_out.iter().map(told));
        for target in &listed.targets {
            match target.read() {
                Ok(raw) => lines_of(path, &raw.bytes, &mut work, &mut left_out),
                Err(error) => left_out.push(told(&error)),
            }
        }
    }
    Ok((work, left_out))
}

fn lines_of(path: &Path, bytes: &[u8], work: &mut Vec<Work>, left_out: &mut Vec<String>) {
    for (number, line) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
        let place = format!("{}:{number}", path.display());
        match serde_json::from_slice(line) {
            Ok(Line { text }) => work.push(Work::Line { path: place, text }),
            Err(_) if line.trim_ascii().is_empty() => {}
            Err(_) => {
                let drawn = draw_safely(&place);
                left_out.push(format!("{drawn}: it is no JSON object with a `text`"));
            }
        }
    }
}

fn told(left_out: &LeftOut) -> String {
    format!("{}: {}", shown(&left_out.path), draw_safely(&left_out.why))
}

impl Work {
    /// As people name it. Hostile; draw it safely.
    pub(super) fn path(&self) -> &str {
        match self {
            Self::File(target) => &target.path,
            Self::Line { path, .. } => path,
        }
    }

    /// What a scan says; or why it could not be read from the disk.
    pub(super) async fn scanned(
        self,
        scanner: &Scanner,
    ) -> Result<(Self, Result<Scanned, String>), CliError> {
        let lost = |error: tokio::task::JoinError| GuardError::Task(error.to_string());
        let raw = match &self {
            Self::File(target) => {
                let target = target.clone();
                spawn_blocking(move || target.read()).await.map_err(lost)?
            }
            Self::Line { path, text } => Ok(RawDocument {
                uri: path.clone(),
                declared: Some(Format::Text),
                bytes: text.clone().into_bytes(),
            }),
        };
        match raw {
            Ok(raw) => {
                let scanned = scanner.scan(raw).await?;
                Ok((self, Ok(scanned)))
            }
            Err(left_out) => Ok((self, Err(told(&left_out)))),
        }
    }

    /// A file and the files inside it, each with its path.
    pub(super) fn apart(&self, scanned: Scanned) -> Vec<(String, Scanned)> {
        let whole = scanned.uri.len();
        let path = self.path();
        let named = |scanned: Scanned| {
            let inside = scanned.uri.get(whole..).unwrap_or_default();
            (format!("{path}{inside}"), scanned)
        };
        scanned.apart().into_iter().map(named).collect()
    }
}
