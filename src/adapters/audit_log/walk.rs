//! Reading a log, record after record, in constant memory: each is checked against the one before it.
//! Takes no lock, and is total over what somebody made of the files.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};

use crate::domain::audit::{BEGINNING, Record};
use crate::domain::digest::Digest;
use crate::domain::finding::draw_safely;
use crate::domain::id::InstanceId;
use crate::domain::limits::AUDIT_LINE_BYTES_MAX;
use crate::domain::time::Timestamp;

use super::folder;
use super::spent::begun;

/// The first place of a log that does not hold.
#[derive(Debug, thiserror::Error)]
#[error("{place}: {why}")]
pub struct Fault {
    /// File and line.
    pub place: String,
    /// What is wrong there.
    pub why: Why,
}

/// What can be wrong with a log.
#[derive(Debug, thiserror::Error)]
pub enum Why {
    /// It could not be read.
    #[error("it cannot be read")]
    Io(#[source] io::Error),
    /// Not a line that this program writes.
    #[error("this is no line of an audit log")]
    NoRecord,
    /// Not the bytes that were written.
    #[error("record {seq} is not as it was written")]
    Altered {
        /// Which.
        seq: u64,
    },
    /// Something is missing, doubled or in another place.
    #[error("record {expected} should stand here, not {found}")]
    Order {
        /// The next in the chain.
        expected: u64,
        /// What stands there.
        found: u64,
    },
    /// It names another record before it than the one that stands there.
    #[error("record {seq} does not follow the one before it")]
    Unchained {
        /// Which.
        seq: u64,
    },
    /// Of another log.
    #[error("this is of another log")]
    OtherLog,
    /// There is nothing.
    #[error("there is no record")]
    Empty,
    /// Not a checkpoint, or not of this key.
    #[error("this is no checkpoint that this key has signed")]
    Unsigned,
    /// A checkpoint names another record than the one that stands there.
    #[error("record {seq} is not the one that was signed for")]
    OtherThanSigned {
        /// Which.
        seq: u64,
    },
    /// The end is missing.
    #[error("the end was cut off: record {signed} was signed for, the last one here is {last}")]
    Cut {
        /// What a checkpoint vouches for.
        signed: u64,
        /// What is there.
        last: u64,
    },
    /// Nobody vouches for any of it.
    #[error("no checkpoint vouches for these records; name one that was kept with --checkpoint")]
    Unvouched,
}

/// How reading a line ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// There is none.
    End,
    /// Whole; its end is cut off.
    Whole,
    /// Without an end.
    Torn,
    /// Longer than any that is written.
    TooLong,
}

/// Reads the next line, within bounds.
pub(super) fn read_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<Ending> {
    line.clear();
    reader.take(AUDIT_LINE_BYTES_MAX as u64 + 1).read_until(b'\n', line)?;
    Ok(match line.last() {
        None => Ending::End,
        Some(b'\n') => {
            line.pop();
            Ending::Whole
        }
        Some(_) if line.len() > AUDIT_LINE_BYTES_MAX => Ending::TooLong,
        Some(_) => Ending::Torn,
    })
}

/// A record that holds.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    /// What it says.
    pub record: Record<'a>,
    /// Its hash.
    pub hash: Digest,
    /// The line as it lies in the file, without its end.
    pub text: &'a str,
}

/// A walk over a log from its first record.
#[derive(Debug)]
pub struct Walk {
    /// The files still to come, the next one last.
    files: Vec<(Option<u64>, PathBuf)>,
    reader: Option<BufReader<File>>,
    name: String,
    number: u64,
    /// The record that the present file must begin with.
    begins: Option<u64>,
    /// Whether what came before the first record is not looked at.
    is_part: bool,
    line: Vec<u8>,
    last: Option<(u64, Digest, InstanceId)>,
    torn: u64,
}

impl Walk {
    /// Over the segments of a folder, or over a file that was exported.
    pub fn open(path: &Path) -> Result<Self, Fault> {
        let place = draw_safely(&path.display().to_string());
        let io = |error| Fault { place: place.clone(), why: Why::Io(error) };
        let mut files: Vec<(Option<u64>, PathBuf)> = if path.is_dir() {
            let segments = folder::segments(path).map_err(io)?.into_iter();
            segments.map(|first| (Some(first), folder::segment(path, first))).collect()
        } else {
            vec![(None, path.to_owned())]
        };
        files.reverse();
        Ok(Self {
            files,
            reader: None,
            name: place,
            number: 0,
            begins: None,
            is_part: false,
            line: Vec::new(),
            last: None,
            torn: 0,
        })
    }

    /// Over the segments of a folder that can hold records since this moment. What came before them is not
    /// looked at, so that it proves nothing of the whole.
    pub fn since(log: &Path, since: Timestamp) -> Result<Self, Fault> {
        let mut walk = Self::open(log)?;
        // The next one last: a segment is passed over when the one after it had begun by then.
        while let [.., (Some(after), _), _] = walk.files.as_slice()
            && begun(log, *after).is_some_and(|begun| begun <= since)
        {
            walk.files.pop();
            walk.is_part = true;
        }
        Ok(walk)
    }

    /// The last record so far.
    pub fn last(&self) -> Option<(u64, Digest)> {
        self.last.map(|(seq, hash, _)| (seq, hash))
    }

    /// Bytes at the end that are no whole record: being written, or torn by a crash, which the next start
    /// puts on record.
    pub const fn torn_bytes(&self) -> u64 {
        self.torn
    }

    /// The next record, after it was found to hold.
    #[expect(clippy::should_implement_trait, reason = "a record borrows the walk's own line")]
    pub fn next(&mut self) -> Result<Option<Line<'_>>, Fault> {
        if !self.fill()? {
            return Ok(None);
        }
        let place = || format!("{}, line {}", self.name, self.number);
        let fault = |why| Fault { place: place(), why };
        let text = std::str::from_utf8(&self.line).map_err(|_| fault(Why::NoRecord))?;
        let (record, hash) = Record::read(text).ok_or_else(|| fault(Why::NoRecord))?;
        if record.hash() != hash {
            return Err(fault(Why::Altered { seq: record.seq }));
        }
        let (before, prev) = match self.last {
            Some((seq, hash, _)) => (seq, hash),
            None if self.is_part => (record.seq.saturating_sub(1), record.prev),
            None => (0, BEGINNING),
        };
        let expected = before.saturating_add(1);
        if record.seq != expected || self.begins.take().is_some_and(|first| first != record.seq) {
            return Err(fault(Why::Order { expected, found: record.seq }));
        }
        if self.last.is_some_and(|(_, _, instance)| instance != record.instance) {
            return Err(fault(Why::OtherLog));
        }
        if record.prev != prev {
            return Err(fault(Why::Unchained { seq: record.seq }));
        }
        self.last = Some((record.seq, hash, record.instance));
        Ok(Some(Line { record, hash, text }))
    }

    /// Reads the next whole line, of the next file where one ends; whether there is one.
    fn fill(&mut self) -> Result<bool, Fault> {
        loop {
            if self.reader.is_none() && !self.next_file()? {
                return Ok(false);
            }
            let Some(reader) = &mut self.reader else { return Ok(false) };
            self.number += 1;
            let ending = read_line(reader, &mut self.line);
            let why = match ending {
                Ok(Ending::Whole) => return Ok(true),
                Ok(Ending::End) => {
                    self.reader = None;
                    continue;
                }
                Ok(Ending::Torn) if self.files.is_empty() => {
                    self.torn = self.line.len() as u64;
                    self.reader = None;
                    continue;
                }
                Ok(Ending::Torn | Ending::TooLong) => Why::NoRecord,
                Err(error) => Why::Io(error),
            };
            return Err(Fault { place: format!("{}, line {}", self.name, self.number), why });
        }
    }

    fn next_file(&mut self) -> Result<bool, Fault> {
        let Some((begins, path)) = self.files.pop() else { return Ok(false) };
        self.name = name_of(&path);
        let io = |error| Fault { place: self.name.clone(), why: Why::Io(error) };
        self.reader = Some(BufReader::new(File::open(&path).map_err(io)?));
        (self.begins, self.number) = (begins, 0);
        Ok(true)
    }
}

pub(super) fn name_of(path: &Path) -> String {
    draw_safely(&path.file_name().unwrap_or_default().to_string_lossy())
}
