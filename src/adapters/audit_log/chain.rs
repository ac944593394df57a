//! The writing end of the log: the segment that grows, and what of it is on disk.
//!
//! A record that could not be written wholly is cut off again, so that the chain goes on from the last
//! whole one. After a flush that failed nobody knows what is on disk: the kernel may take pages for
//! written that are not. Then the segment is opened anew, its end on disk is checked, and what came after
//! the last good flush is written once more: from memory, not from the file.

use std::fs::{File, Metadata};
use std::io::{self, Write as _};
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::oneshot;

use crate::domain::audit::{BEGINNING, Durability, Record};
use crate::domain::digest::Digest;
use crate::domain::id::{InstanceId, TraceId};
use crate::domain::limits::{AUDIT_LINE_BYTES_MAX, AUDIT_UNFLUSHED_BYTES_MAX};

use super::folder::{self, Tail, damaged};

/// A place in the chain: the last record before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    /// Bytes of the present segment up to here.
    pub(super) len: u64,
    /// The record.
    pub(super) seq: u64,
    /// Its hash.
    pub(super) hash: Digest,
}

/// What an event is recorded with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'a> {
    /// When.
    pub(super) at: &'a str,
    /// The request.
    pub(super) trace: Option<TraceId>,
    /// One JSON object.
    pub(super) event: &'a str,
}

/// The chain's growing end.
#[derive(Debug)]
pub(super) struct Chain {
    folder: PathBuf,
    pub(super) instance: InstanceId,
    durability: Durability,
    segment_bytes: u64,
    first: u64,
    file: Arc<File>,
    end: Mark,
    /// What is known to be on disk.
    pub(super) flushed: Mark,
    /// The bytes between the two.
    unflushed: Vec<u8>,
    /// Since when records wait for a flush that nobody has begun.
    pub(super) waits_since: Option<Instant>,
    waiting: Vec<(u64, oneshot::Sender<bool>)>,
    /// A flush or the repair of a failed write failed.
    pub(super) broken: bool,
    /// Nothing more is taken.
    pub(super) closing: bool,
}

/// A flush that can run while records are written.
#[derive(Debug)]
pub(super) struct Flush {
    file: Arc<File>,
    path: PathBuf,
    first: u64,
    upto: Mark,
}

impl Flush {
    /// Takes the segment to disk. A segment that is no longer at its name is none.
    pub(super) fn run(&self) -> io::Result<()> {
        self.file.sync_data()?;
        let named = std::fs::metadata(&self.path)?;
        let same = same_file(&self.file.metadata()?, &named);
        if same && named.len() >= self.upto.len { Ok(()) } else { Err(damaged()) }
    }
}

fn same_file(one: &Metadata, other: &Metadata) -> bool {
    one.ino() == other.ino() && one.dev() == other.dev()
}

/// A log as it was found on disk.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) instance: InstanceId,
    /// First record of the segment that grows.
    pub(super) first: u64,
    pub(super) file: File,
    pub(super) end: Mark,
}

impl Chain {
    pub(super) fn new(
        folder: &Path,
        durability: Durability,
        segment_bytes: u64,
        found: Found,
    ) -> Self {
        let Found { instance, first, file, end } = found;
        Self {
            folder: folder.to_owned(),
            instance,
            durability,
            segment_bytes,
            first,
            file: Arc::new(file),
            end,
            flushed: end,
            unflushed: Vec::new(),
            waits_since: None,
            waiting: Vec::new(),
            broken: false,
            closing: false,
        }
    }

    /// Writes one record; it is in the hands of the operating system afterwards. Says whether it is the
    /// first that waits for a flush.
    pub(super) fn append(&mut self, entry: Entry<'_>) -> io::Result<bool> {
        if self.closing {
            return Err(io::Error::other("the audit log is closed"));
        }
        if self.broken {
            self.recover()?;
        }
        if self.unflushed.len() >= AUDIT_UNFLUSHED_BYTES_MAX {
            self.flush_here()?;
        }
        if self.end.len >= self.segment_bytes {
            self.next_segment()?;
        }
        let (line, hash) = self.next_line(entry)?;
        if let Err(error) = (&*self.file).write_all(line.as_bytes()) {
            // A part of a line must not stay; where that cannot be done, nothing is written until it is.
            self.broken = self.file.set_len(self.end.len).is_err();
            return Err(error);
        }
        self.grow(&line, hash);
        let first = self.waits_since.is_none();
        self.waits_since.get_or_insert_with(Instant::now);
        Ok(first)
    }

    /// Writes a record over what a crash has torn, at once to disk. No moment in between leaves a file
    /// that says nothing of it.
    pub(super) fn append_over_torn(&mut self, entry: Entry<'_>) -> io::Result<()> {
        let (line, hash) = self.next_line(entry)?;
        let path = folder::segment(&self.folder, self.first);
        // A file that is open for appending writes nowhere else.
        let file = File::options().write(true).open(path)?;
        file.write_all_at(line.as_bytes(), self.end.len)?;
        file.sync_data()?;
        file.set_len(self.end.len + line.len() as u64)?;
        file.sync_all()?;
        self.grow(&line, hash);
        self.unflushed.clear();
        self.flushed = self.end;
        Ok(())
    }

    fn next_line(&self, entry: Entry<'_>) -> io::Result<(String, Digest)> {
        let record = Record {
            seq: self.end.seq.saturating_add(1),
            at: entry.at,
            instance: self.instance,
            trace: entry.trace,
            prev: self.end.hash,
            event: entry.event,
        };
        let hash = record.hash();
        let line = record.line(&hash);
        if line.len() > AUDIT_LINE_BYTES_MAX {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the record is too long"));
        }
        Ok((line, hash))
    }

    fn grow(&mut self, line: &str, hash: Digest) {
        let len = self.end.len + line.len() as u64;
        self.end = Mark { len, seq: self.end.seq.saturating_add(1), hash };
        self.unflushed.extend_from_slice(line.as_bytes());
    }

    /// Tells when the newest record is on disk (`true`), or that it cannot be said to be (`false`).
    pub(super) fn when_flushed(&mut self) -> oneshot::Receiver<bool> {
        let (done, answer) = oneshot::channel();
        self.waiting.push((self.end.seq, done));
        answer
    }

    /// A flush of everything written so far, if anything waits for one.
    pub(super) fn begin_flush(&mut self) -> Option<Flush> {
        if self.broken || self.end.seq == self.flushed.seq {
            return None;
        }
        self.waits_since = None;
        let (file, path) = (Arc::clone(&self.file), folder::segment(&self.folder, self.first));
        Some(Flush { file, path, first: self.first, upto: self.end })
    }

    /// Notes what became of a flush.
    pub(super) fn end_flush(&mut self, flush: &Flush, result: io::Result<()>) {
        match result {
            // The next segment is begun only when all of this one is on disk.
            Ok(()) if flush.first == self.first => self.mark_flushed(flush.upto),
            Ok(()) => {}
            Err(error) => self.flush_failed(&error),
        }
    }

    fn mark_flushed(&mut self, upto: Mark) {
        // A record that could not wait may have taken more to disk meanwhile: what is known to be there
        // never becomes less, for what follows it is all that memory still holds.
        if upto.seq <= self.flushed.seq {
            return;
        }
        let done = upto.len.saturating_sub(self.flushed.len);
        let done = usize::try_from(done).unwrap_or(usize::MAX).min(self.unflushed.len());
        self.unflushed.drain(..done);
        self.flushed = upto;
        for (_, done) in self.waiting.extract_if(.., |(seq, _)| *seq <= upto.seq) {
            let _ = done.send(true);
        }
    }

    fn flush_failed(&mut self, error: &io::Error) {
        tracing::error!(%error, "the audit log could not be flushed to disk");
        self.broken = true;
        self.waits_since = None;
        for (_, done) in self.waiting.drain(..) {
            let _ = done.send(false);
        }
        if self.durability == Durability::Strict {
            // Whoever waited was refused: what they recorded did not happen.
            self.end = self.flushed;
            self.unflushed.clear();
        }
    }

    fn flush_here(&mut self) -> io::Result<()> {
        let Some(flush) = self.begin_flush() else { return Ok(()) };
        let result = flush.run();
        let failed = result.as_ref().err().map(|error| io::Error::new(error.kind(), "no flush"));
        self.end_flush(&flush, result);
        failed.map_or(Ok(()), Err)
    }

    fn next_segment(&mut self) -> io::Result<()> {
        self.flush_here()?;
        let first = self.end.seq.saturating_add(1);
        let file = folder::append_to(&folder::segment(&self.folder, first), true)?;
        if file.metadata()?.len() != 0 {
            return Err(damaged());
        }
        folder::sync_names(&self.folder)?;
        (self.file, self.first) = (Arc::new(file), first);
        self.end.len = 0;
        self.flushed = self.end;
        Ok(())
    }

    /// Opens the segment anew, checks what is on disk, and writes again what came after it.
    pub(super) fn recover(&mut self) -> io::Result<()> {
        let file = folder::append_to(&folder::segment(&self.folder, self.first), false)?;
        let on_disk = self.flushed;
        let named = file.metadata()?;
        // Another file at this name is not ours to write on.
        if !same_file(&named, &self.file.metadata()?) || named.len() < on_disk.len {
            return Err(damaged());
        }
        if on_disk.len > 0 {
            let Tail { line, whole } = folder::tail(&file, on_disk.len)?;
            let line = line.unwrap_or_default();
            let hash = Record::read(&line).map(|(record, _)| record.hash());
            if whole != on_disk.len || hash != Some(on_disk.hash) {
                return Err(damaged());
            }
        }
        file.set_len(on_disk.len)?;
        (&file).write_all(&self.unflushed)?;
        file.sync_all()?;
        self.file = Arc::new(file);
        self.broken = false;
        self.mark_flushed(self.end);
        self.waits_since = None;
        Ok(())
    }
}

impl Mark {
    /// Before the first record.
    pub(super) const START: Self = Self { len: 0, seq: 0, hash: BEGINNING };
}

#[cfg(test)]
mod tests {
    use std::io;

    use uuid::Uuid;

    use super::super::folder;
    use super::{Chain, Entry, Found, Mark};
    use crate::domain::audit::Durability;
    use crate::domain::id::InstanceId;

    const ENTRY: Entry<'_> =
        Entry { at: "2026-01-02T03:04:05.678Z", trace: None, event: "{\"event\":\"served\"}" };

    fn chain(folder: &std::path::Path, durability: Durability) -> Chain {
        let file = folder::append_to(&folder::segment(folder, 1), true).unwrap();
        let instance = InstanceId::new(Uuid::from_u128(7));
        Chain::new(
            folder,
            durability,
            1 << 20,
            Found { instance, first: 1, file, end: Mark::START },
        )
    }

    fn written(folder: &std::path::Path) -> usize {
        std::fs::read_to_string(folder::segment(folder, 1)).unwrap().lines().count()
    }

    #[test]
    fn a_flush_that_was_overtaken_takes_nothing_back() {
        let folder = tempfile::tempdir().unwrap();
        let mut chain = chain(folder.path(), Durability::Default);
        chain.append(ENTRY).unwrap();
        let slow = chain.begin_flush().unwrap();
        chain.append(ENTRY).unwrap();
        chain.flush_here().unwrap();
        assert_eq!(chain.flushed, chain.end);
        chain.end_flush(&slow, slow.run());
        assert_eq!(chain.flushed, chain.end);
        chain.broken = true;
        chain.append(ENTRY).unwrap();
        assert_eq!(written(folder.path()), 3);
    }

    #[test]
    fn after_a_failed_flush_what_was_taken_is_written_again_and_what_was_refused_is_not() {
        for (durability, kept) in [(Durability::Default, 3), (Durability::Strict, 2)] {
            let folder = tempfile::tempdir().unwrap();
            let mut chain = chain(folder.path(), durability);
            chain.append(ENTRY).unwrap();
            chain.flush_here().unwrap();
            chain.append(ENTRY).unwrap();
            let mut told = chain.when_flushed();
            let failing = chain.begin_flush().unwrap();
            chain.end_flush(&failing, Err(io::Error::other("the disk is gone")));
            assert_eq!(told.try_recv(), Ok(false));
            assert!(chain.broken && chain.begin_flush().is_none());
            chain.append(ENTRY).unwrap();
            assert!(!chain.broken);
            assert_eq!((written(folder.path()), chain.end.seq), (kept, kept as u64));
        }
    }

    #[test]
    fn an_end_that_is_not_as_it_was_flushed_is_not_written_on() {
        let folder = tempfile::tempdir().unwrap();
        let mut chain = chain(folder.path(), Durability::Default);
        chain.append(ENTRY).unwrap();
        chain.flush_here().unwrap();
        let path = folder::segment(folder.path(), 1);
        let whole = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, whole.replace("served", "denied")).unwrap();
        chain.broken = true;
        assert!(chain.append(ENTRY).is_err());
        std::fs::write(&path, &whole).unwrap();
        chain.append(ENTRY).unwrap();
        assert_eq!(written(folder.path()), 2);
    }
}
