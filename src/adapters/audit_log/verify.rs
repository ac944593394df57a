//! Whether a log is as it was written, for somebody who has nothing but the public key: the chain, record
//! after record, and the checkpoints beside it and those that were kept elsewhere.
//!
//! The chain alone proves nothing against somebody who can write the folder, for he can compute it anew.
//! Checkpoints are what he cannot make.

use std::fs::File;
use std::io::{BufReader, Read as _};
use std::iter::Peekable;
use std::path::Path;
use std::vec::IntoIter;

use crate::domain::audit::Checkpoint;
use crate::domain::digest::Digest;
use crate::domain::id::InstanceId;
use crate::domain::limits::AUDIT_KEPT_BYTES_MAX;
use crate::domain::signing::PublicKey;

use super::folder;
use super::walk::{Ending, Fault, Line, Walk, Why, name_of, read_line};

/// A log that holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verification {
    /// Which.
    pub instance: InstanceId,
    /// How many records it has.
    pub records: u64,
    /// The last record that a checkpoint vouches for: what follows it could still be written anew by
    /// whoever can write the folder.
    pub vouched: u64,
    /// The last record's hash.
    pub hash: Digest,
    /// Bytes at the end that are no whole record.
    pub torn_bytes: u64,
}

/// Checks a folder, or a file that was exported; also against checkpoints that were kept elsewhere.
pub fn verify(path: &Path, key: &PublicKey, kept: Option<&Path>) -> Result<Verification, Fault> {
    // Checkpoints first: records that are written meanwhile cannot be missed then.
    let mut beside = Beside::open(path, key)?;
    let mut kept = match kept {
        Some(kept) => read_kept(kept, key)?.into_iter().peekable(),
        None => Vec::new().into_iter().peekable(),
    };
    let mut walk = Walk::open(path)?;
    let (mut instance, mut vouched) = (None, 0);
    while let Some(line) = walk.next()? {
        instance = Some(line.record.instance);
        let signed = beside.vouches(&line)? | kept_vouches(&mut kept, &line)?;
        vouched = if signed { line.record.seq } else { vouched };
    }
    let (Some((records, hash)), Some(instance)) = (walk.last(), instance) else {
        return Err(Fault { place: name_of(path), why: Why::Empty });
    };
    let left = beside.next.into_iter().chain(kept.map(|(_, one)| one)).next();
    if let Some(left) = left {
        let why = Why::Cut { signed: left.seq, last: records };
        return Err(Fault { place: name_of(path), why });
    }
    if vouched == 0 {
        return Err(Fault { place: name_of(path), why: Why::Unvouched });
    }
    Ok(Verification { instance, records, vouched, hash, torn_bytes: walk.torn_bytes() })
}

/// Whether a checkpoint stands for this very record.
fn stands_for(checkpoint: &Checkpoint, line: &Line<'_>, place: &str) -> Result<(), Fault> {
    let fault = |why| Err(Fault { place: place.to_owned(), why });
    if checkpoint.instance != line.record.instance {
        return fault(Why::OtherLog);
    }
    if checkpoint.hash != line.hash {
        return fault(Why::OtherThanSigned { seq: checkpoint.seq });
    }
    Ok(())
}

/// The checkpoints that lie beside the segments, one at a time.
struct Beside<'a> {
    reader: Option<std::io::BufReader<std::io::Take<File>>>,
    key: &'a PublicKey,
    number: u64,
    place: String,
    next: Option<Checkpoint>,
}

impl<'a> Beside<'a> {
    fn open(path: &Path, key: &'a PublicKey) -> Result<Self, Fault> {
        let path = folder::checkpoints(path);
        let place = name_of(&path);
        let reader = match File::open(&path).and_then(|file| Ok((file.metadata()?.len(), file))) {
            // What is added from now on is for a later look.
            Ok((len, file)) => Some(BufReader::new(file.take(len))),
            Err(_) if !path.exists() => None,
            Err(error) => return Err(Fault { place, why: Why::Io(error) }),
        };
        let mut beside = Self { reader, key, number: 0, place, next: None };
        beside.advance()?;
        Ok(beside)
    }

    /// Whether the next checkpoint is for this record; goes on to the one after it then.
    fn vouches(&mut self, line: &Line<'_>) -> Result<bool, Fault> {
        let mut vouched = false;
        while let Some(next) = self.next.take_if(|next| next.seq <= line.record.seq) {
            if next.seq < line.record.seq {
                let why = Why::Order { expected: line.record.seq, found: next.seq };
                return Err(Fault { place: self.place(), why });
            }
            stands_for(&next, line, &self.place())?;
            vouched = true;
            self.advance()?;
        }
        Ok(vouched)
    }

    fn advance(&mut self) -> Result<(), Fault> {
        let Some(reader) = &mut self.reader else { return Ok(()) };
        let mut bytes = Vec::new();
        self.number += 1;
        let ending = read_line(reader, &mut bytes);
        let why = match ending {
            // A torn one was never finished: it vouches for nothing.
            Ok(Ending::End | Ending::Torn) => return Ok(()),
            Ok(Ending::TooLong) => Why::Unsigned,
            Err(error) => Why::Io(error),
            Ok(Ending::Whole) => {
                let read = std::str::from_utf8(&bytes).ok().and_then(Checkpoint::read);
                self.next = read.filter(|checkpoint| checkpoint.is_of(self.key));
                if self.next.is_some() {
                    return Ok(());
                }
                Why::Unsigned
            }
        };
        Err(Fault { place: self.place(), why })
    }

    fn place(&self) -> String {
        format!("{}, line {}", self.place, self.number)
    }
}

type Kept = Peekable<IntoIter<(String, Checkpoint)>>;

fn read_kept(path: &Path, key: &PublicKey) -> Result<Vec<(String, Checkpoint)>, Fault> {
    let name = name_of(path);
    let fault = |place: &str, why| Fault { place: place.to_owned(), why };
    let mut text = String::new();
    let read =
        File::open(path).and_then(|file| file.take(AUDIT_KEPT_BYTES_MAX).read_to_string(&mut text));
    read.map_err(|error| fault(&name, Why::Io(error)))?;
    let mut kept = Vec::new();
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let place = format!("{name}, line {number}");
        let read = Checkpoint::read(line.trim()).filter(|checkpoint| checkpoint.is_of(key));
        kept.push((place.clone(), read.ok_or_else(|| fault(&place, Why::Unsigned))?));
    }
    if kept.is_empty() {
        return Err(fault(&name, Why::Unsigned));
    }
    kept.sort_by_key(|(_, checkpoint)| checkpoint.seq);
    Ok(kept)
}

fn kept_vouches(kept: &mut Kept, line: &Line<'_>) -> Result<bool, Fault> {
    let mut vouched = false;
    while let Some((place, next)) = kept.next_if(|(_, next)| next.seq <= line.record.seq) {
        stands_for(&next, line, &place)?;
        vouched = true;
    }
    Ok(vouched)
}
