//! The folder of an audit log: segments named by their first record, `checkpoints.jsonl`, and how the
//! last line of a file is found without reading all of it.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use crate::domain::limits::AUDIT_LINE_BYTES_MAX;

const CHECKPOINTS: &str = "checkpoints.jsonl";
/// Digits of a segment's name: enough for every number, so that names sort as numbers do.
const DIGITS: usize = 20;
const ENDING: &str = ".jsonl";

pub(super) fn segment(folder: &Path, first: u64) -> PathBuf {
    folder.join(format!("{first:0DIGITS$}{ENDING}"))
}

pub(super) fn checkpoints(folder: &Path) -> PathBuf {
    folder.join(CHECKPOINTS)
}

/// The first record of every segment, rising. Other files are passed over.
pub(super) fn segments(folder: &Path) -> io::Result<Vec<u64>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let digits = name.to_str().and_then(|name| name.strip_suffix(ENDING));
        let digits = digits.filter(|digits| digits.len() == DIGITS);
        found.extend(digits.and_then(|digits| digits.parse::<u64>().ok()));
    }
    found.sort_unstable();
    Ok(found)
}

/// Makes the folder, for its owner alone, if it is not there.
pub(super) fn make(folder: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Opens a file of the log to write at its end, and to read.
pub(super) fn append_to(path: &Path, make: bool) -> io::Result<File> {
    OpenOptions::new().read(true).append(true).create(make).mode(0o600).open(path)
}

/// Takes a new file's name to disk.
pub(super) fn sync_names(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// What stands before `end` in a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Tail {
    /// The last whole line, without its end.
    pub(super) line: Option<String>,
    /// Where it ends.
    pub(super) whole: u64,
}

/// The last whole line before `end`. What follows it was never written to its end.
pub(super) fn tail(file: &File, end: u64) -> io::Result<Tail> {
    // A torn line and a whole one.
    let room = 2 * (AUDIT_LINE_BYTES_MAX as u64 + 1);
    let from = end.saturating_sub(room);
    let mut bytes = vec![0; usize::try_from(end - from).unwrap_or_default()];
    file.read_exact_at(&mut bytes, from)?;
    let Some(last) = bytes.iter().rposition(|byte| *byte == b'\n') else {
        // Nothing whole: a file that was torn at its very beginning, or none of ours.
        return if from == 0 { Ok(Tail { line: None, whole: 0 }) } else { Err(damaged()) };
    };
    let before = bytes.get(..last).unwrap_or_default();
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let line = before.get(start..).unwrap_or_default();
    let line = std::str::from_utf8(line).map_err(|_| damaged())?;
    Ok(Tail { line: Some(line.to_owned()), whole: from + last as u64 + 1 })
}

/// The end of the log is not as this program leaves it, whatever happens to it.
pub(super) fn damaged() -> io::Error {
    let text = "the end of the audit log is damaged; `alnage audit verify` says where. Nothing is \
                done without a record: move the folder aside, and a new log begins";
    io::Error::new(io::ErrorKind::InvalidData, text)
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};

    use super::{Tail, segment, segments, tail};

    fn tail_of(text: &str) -> Option<(Option<String>, u64)> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, text).unwrap();
        let found = tail(&File::open(&path).unwrap(), text.len() as u64).ok()?;
        let Tail { line, whole } = found;
        Some((line, whole))
    }

    #[test]
    fn the_last_whole_line_is_found_and_what_is_torn_does_not_count() {
        assert_eq!(tail_of(""), Some((None, 0)));
        assert_eq!(tail_of("torn"), Some((None, 0)));
        assert_eq!(tail_of("one\n"), Some((Some("one".to_owned()), 4)));
        assert_eq!(tail_of("one\ntwo\ntorn"), Some((Some("two".to_owned()), 8)));
        assert_eq!(tail_of(&"x".repeat(1 << 20)), None);
        let long = format!("one\n{}", "x".repeat(60_000));
        assert_eq!(tail_of(&long), Some((Some("one".to_owned()), 4)));
    }

    #[test]
    fn segments_are_listed_by_number_and_nothing_else_is() {
        let folder = tempfile::tempdir().unwrap();
        for first in [9, 100, 1] {
            fs::write(segment(folder.path(), first), "").unwrap();
        }
        for other in ["checkpoints.jsonl", "7.jsonl", "notes", "0000000000000000000a.jsonl"] {
            fs::write(folder.path().join(other), "").unwrap();
        }
        assert_eq!(segments(folder.path()).unwrap(), [1, 9, 100]);
    }
}
