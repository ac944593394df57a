//! A log found on disk, or begun: where its chain goes on, and what a crash left torn.

use std::io;
use std::path::Path;

use serde::Serialize;

use crate::adapters::system::RandomIds;
use crate::domain::audit::{Durability, Record};
use crate::domain::digest::Digest;
use crate::domain::id::InstanceId;
use crate::domain::signing::Signer;
use crate::domain::time::Timestamp;
use crate::pipeline::ports::Entropy as _;

use super::chain::{Chain, Entry, Found, Mark};
use super::checkpoints::Checkpoints;
use super::folder::{self, Tail, damaged};

/// What the log records of itself.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case", tag = "event")]
enum OwnEvent {
    /// The first record.
    AuditBegun {
        /// `PublicKey::id` of whoever signs its checkpoints.
        key: Digest,
    },
    /// The end was not as a clean shutdown leaves it.
    AuditResumed {
        /// Bytes of a record that was never written to its end.
        torn_bytes: u64,
        /// Bytes of a checkpoint that was not.
        torn_checkpoint_bytes: u64,
        /// Records that a checkpoint vouches for and that are not there: not the work of a crash.
        missing_records: u64,
    },
}

/// Finds or begins the log of this folder.
pub(super) fn open(
    folder: &Path,
    signer: &Signer,
    (durability, segment_bytes): (Durability, u64),
    now: Timestamp,
) -> io::Result<(Chain, Checkpoints)> {
    folder::make(folder)?;
    let (found, torn_bytes) = match find(folder)? {
        Some(found) => found,
        None => (begin(folder)?, 0),
    };
    let instance = found.instance;
    let end = found.end;
    let mut chain = Chain::new(folder, durability, segment_bytes, found);
    let (mut checkpoints, torn_checkpoint_bytes) =
        Checkpoints::open(folder, signer.clone(), instance)?;
    let missing_records = checkpoints.newest().saturating_sub(end.seq);
    checkpoints.cut_to(end.seq);
    let at = now.precise();
    if torn_bytes > 0 || torn_checkpoint_bytes > 0 || missing_records > 0 {
        let event = OwnEvent::AuditResumed { torn_bytes, torn_checkpoint_bytes, missing_records };
        tracing::warn!(?event, "the audit log did not end as a clean shutdown leaves it");
        let event = serde_json::to_string(&event)?;
        chain.append_over_torn(Entry { at: &at, trace: None, event: &event })?;
    }
    if end.seq == 0 {
        let event = serde_json::to_string(&OwnEvent::AuditBegun { key: signer.public().id() })?;
        chain.append(Entry { at: &at, trace: None, event: &event })?;
    }
    Ok((chain, checkpoints))
}

fn begin(folder: &Path) -> io::Result<Found> {
    let file = folder::append_to(&folder::segment(folder, 1), true)?;
    folder::sync_names(folder)?;
    let instance = InstanceId::new(RandomIds.uuid());
    Ok(Found { instance, first: 1, file, end: Mark::START })
}

/// The last whole record, and how many bytes follow it. `None`: there is no segment, or one without a
/// whole record that nothing is torn in.
fn find(folder: &Path) -> io::Result<Option<(Found, u64)>> {
    let mut segments = folder::segments(folder)?.into_iter().rev();
    let Some(first) = segments.next() else { return Ok(None) };
    let file = folder::append_to(&folder::segment(folder, first), false)?;
    let len = file.metadata()?.len();
    let Tail { line, whole } = folder::tail(&file, len)?;
    let torn = len - whole;
    if let Some(line) = line {
        let (instance, seq, hash) = held(&line)?;
        let end = Mark { len: whole, seq, hash };
        return Ok(Some((Found { instance, first, file, end }, torn)));
    }
    // A segment was begun and got no record: the chain's end lies in the one before.
    let Some(before) = segments.next() else {
        return if first == 1 { Ok(Some((begin(folder)?, torn))) } else { Err(damaged()) };
    };
    let previous = folder::append_to(&folder::segment(folder, before), false)?;
    let len = previous.metadata()?.len();
    let Tail { line, whole } = folder::tail(&previous, len)?;
    let (instance, seq, hash) = held(&line.unwrap_or_default())?;
    if whole != len || first != seq.saturating_add(1) {
        return Err(damaged());
    }
    Ok(Some((Found { instance, first, file, end: Mark { len: 0, seq, hash } }, torn)))
}

fn held(line: &str) -> io::Result<(InstanceId, u64, Digest)> {
    match Record::read(line) {
        Some((record, hash)) if record.hash() == hash => Ok((record.instance, record.seq, hash)),
        Some(_) | None => Err(damaged()),
    }
}
