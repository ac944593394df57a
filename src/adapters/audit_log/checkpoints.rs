//! `checkpoints.jsonl`: what the signing key vouches for, one line each. Written only for records that
//! are on disk.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::domain::audit::Checkpoint;
use crate::domain::id::InstanceId;
use crate::domain::limits::{AUDIT_CHECKPOINT_RECORDS, AUDIT_CHECKPOINT_SECONDS};
use crate::domain::signing::{PublicKey, Signer};
use crate::domain::time::Timestamp;

use super::chain::Mark;
use super::folder::{self, Tail};

/// The growing file.
#[derive(Debug)]
pub(super) struct Checkpoints {
    file: File,
    len: u64,
    signer: Signer,
    instance: InstanceId,
    newest: u64,
    opened: Instant,
    tried: Option<Instant>,
}

impl Checkpoints {
    /// Opens or makes the file; also how many torn bytes were cut off its end.
    pub(super) fn open(
        folder: &Path,
        signer: Signer,
        instance: InstanceId,
    ) -> io::Result<(Self, u64)> {
        let file = folder::append_to(&folder::checkpoints(folder), true)?;
        let found = file.metadata()?.len();
        let Tail { line, whole: len } = folder::tail(&file, found)?;
        file.set_len(len)?;
        // One that is not ours is no reason to stop: `verify` names it.
        let newest = line.as_deref().and_then(Checkpoint::read).filter(|checkpoint| {
            checkpoint.instance == instance && checkpoint.is_of(&signer.public())
        });
        let newest = newest.map_or(0, |checkpoint| checkpoint.seq);
        let opened = Instant::now();
        Ok((Self { file, len, signer, instance, newest, opened, tried: None }, found - len))
    }

    /// The last record that one vouches for.
    pub(super) const fn newest(&self) -> u64 {
        self.newest
    }

    /// Goes on from an end that was cut off: what stands there now is signed for.
    pub(super) fn cut_to(&mut self, seq: u64) {
        self.newest = self.newest.min(seq);
    }

    /// How long until one is due, when `flushed` is the last record on disk; `None`: there is nothing new.
    /// A new log is signed for at once.
    pub(super) fn due_in(&self, flushed: u64, closing: bool) -> Option<Duration> {
        let new = flushed.checked_sub(self.newest).filter(|new| *new > 0)?;
        if closing || (self.newest == 0 && self.tried.is_none()) {
            return Some(Duration::ZERO);
        }
        // A full disk must not make a busy loop of it.
        let many = self.newest == 0 || new >= AUDIT_CHECKPOINT_RECORDS;
        let pause = Duration::from_secs(if many { 1 } else { AUDIT_CHECKPOINT_SECONDS });
        let since = self.tried.unwrap_or(self.opened);
        Some(pause.saturating_sub(since.elapsed()))
    }

    /// Signs for everything up to here.
    pub(super) fn add(&mut self, flushed: Mark, now: Timestamp) -> io::Result<()> {
        self.tried = Some(Instant::now());
        let upto = (flushed.seq, flushed.hash);
        let checkpoint = Checkpoint::sign(&self.signer, self.instance, upto, now.precise());
        let line = format!("{}\n", checkpoint.line());
        if let Err(error) = self.file.write_all(line.as_bytes()) {
            self.file.set_len(self.len)?;
            return Err(error);
        }
        self.len += line.len() as u64;
        self.newest = flushed.seq;
        self.file.sync_data()
    }
}

/// The newest checkpoint of a folder that this key signed; takes no lock.
pub fn newest(folder: &Path, key: &PublicKey) -> io::Result<Option<Checkpoint>> {
    let file = File::open(folder::checkpoints(folder))?;
    let Tail { line, .. } = folder::tail(&file, file.metadata()?.len())?;
    let checkpoint = line.as_deref().and_then(Checkpoint::read);
    Ok(checkpoint.filter(|checkpoint| checkpoint.is_of(key)))
}
