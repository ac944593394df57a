//! Lines of the audit log, their chain, and the signed checkpoints that vouch for it.
//!
//! A record's hash covers the record before it and the event's bytes exactly as they lie in the file:
//! to check it, nothing is serialised again but the head, whose form leaves no choice.

use serde::Deserialize;

use super::canon::Writer;
use super::digest::{Digest, hex, unhex};
use super::id::{InstanceId, TraceId};
use super::signing::{PublicKey, Signature, Signer};

/// Kind and version of a record.
const RECORD: &[u8] = b"ALNGAUD1";
/// Kind and version of a checkpoint.
const CHECKPOINT: [u8; 8] = *b"ALNGCHK1";
/// What the first record names as the one before it.
pub const BEGINNING: Digest = Digest([0; 32]);

/// When a record counts as taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// When the operating system has it; on disk within 50 ms.
    Default,
    /// When it is on disk.
    Strict,
}

/// One line of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record<'a> {
    /// From 1, without a gap.
    pub seq: u64,
    /// When, RFC 3339 with milliseconds.
    pub at: &'a str,
    /// Which log.
    pub instance: InstanceId,
    /// The request that it belongs to.
    pub trace: Option<TraceId>,
    /// Hash of the record before it.
    pub prev: Digest,
    /// One JSON object, as it lies in the file.
    pub event: &'a str,
}

impl<'a> Record<'a> {
    /// What the next record names.
    pub fn hash(&self) -> Digest {
        let seq = self.seq.to_be_bytes();
        let trace: &[u8] = self.trace.as_ref().map_or(&[], |trace| trace.bytes());
        Digest::of_parts([
            RECORD,
            &self.prev.0,
            &seq,
            self.at.as_bytes(),
            self.instance.bytes(),
            trace,
            self.event.as_bytes(),
        ])
    }

    /// The line, with its end, of a record with this hash.
    pub fn line(&self, hash: &Digest) -> String {
        let mut line = String::with_capacity(self.event.len() + HEAD_BYTES);
        line.push_str(&self.head(hash));
        line.push_str(EVENT);
        line.push_str(self.event);
        line.push_str("}\n");
        line
    }

    /// Reads a line without its end; also the hash that it claims. `None` when no record is written so.
    pub fn read(line: &'a str) -> Option<(Self, Digest)> {
        let (head, event) = line.split_once(EVENT)?;
        let event = event.strip_suffix('}')?;
        let rest = head.strip_prefix("{\"seq\":")?;
        let (seq, rest) = rest.split_once(",\"at\":\"")?;
        let (at, rest) = rest.split_once("\",\"instance\":\"")?;
        let (instance, rest) = rest.split_once("\",\"prev\":\"")?;
        let (prev, hash) = rest.split_once("\",\"hash\":\"")?;
        let hash = Digest::from_hex(hash.strip_suffix('"')?)?;
        let (instance, trace) = match instance.split_once("\",\"trace\":\"") {
            Some((instance, trace)) => (instance, Some(trace.parse().ok()?)),
            None => (instance, None),
        };
        let plain = |byte: u8| byte.is_ascii_digit() || b"-:.TZ".contains(&byte);
        let record = Self {
            seq: seq.parse().ok()?,
            at: at.bytes().all(plain).then_some(at)?,
            instance: instance.parse().ok()?,
            trace,
            prev: Digest::from_hex(prev)?,
            event,
        };
        (record.head(&hash) == head).then_some((record, hash))
    }

    fn head(&self, hash: &Digest) -> String {
        let Self { seq, at, instance, trace, prev, .. } = self;
        let trace = trace.map(|trace| format!(",\"trace\":\"{}\"", trace.uuid().simple()));
        let trace = trace.unwrap_or_default();
        format!(
            "{{\"seq\":{seq},\"at\":\"{at}\",\"instance\":\"{instance}\"{trace},\"prev\":\"{prev}\",\
             \"hash\":\"{hash}\""
        )
    }
}

/// What stands between head and event.
/// What a line takes beside its event, roughly.
const HEAD_BYTES: usize = 320;

const EVENT: &str = ",\"event\":";

/// Somebody with the signing key saw this record, and with it every one before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log.
    pub instance: InstanceId,
    /// The record.
    pub seq: u64,
    /// Its hash.
    pub hash: Digest,
    /// When it was signed, RFC 3339 with milliseconds.
    pub at: String,
    /// `PublicKey::id` of the signer.
    pub key: Digest,
    signature: Signature,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CheckpointLine {
    instance: InstanceId,
    seq: u64,
    hash: Digest,
    at: String,
    key: Digest,
    signature: String,
}

impl Checkpoint {
    /// Signs for a record.
    pub fn sign(
        signer: &Signer,
        instance: InstanceId,
        (seq, hash): (u64, Digest),
        at: String,
    ) -> Self {
        let signature = signer.sign(&canonical(instance, seq, &hash, &at));
        Self { instance, seq, hash, at, key: signer.public().id(), signature }
    }

    /// Whether this key's owner signed it.
    pub fn is_of(&self, key: &PublicKey) -> bool {
        let signed = canonical(self.instance, self.seq, &self.hash, &self.at);
        self.key == key.id() && key.verifies(&signed, &self.signature)
    }

    /// The line, without its end.
    pub fn line(&self) -> String {
        let Self { instance, seq, hash, at, key, signature } = self;
        let at = serde_json::Value::from(at.as_str());
        let signature = hex(&signature.0);
        format!(
            "{{\"instance\":\"{instance}\",\"seq\":{seq},\"hash\":\"{hash}\",\"at\":{at},\
             \"key\":\"{key}\",\"signature\":\"{signature}\"}}"
        )
    }

    /// Reads a line. `None` when no checkpoint is written so.
    pub fn read(line: &str) -> Option<Self> {
        let read: CheckpointLine = serde_json::from_str(line).ok()?;
        let CheckpointLine { instance, seq, hash, at, key, signature } = read;
        let signature = Signature(unhex(&signature)?.try_into().ok()?);
        let checkpoint = Self { instance, seq, hash, at, key, signature };
        (checkpoint.line() == line).then_some(checkpoint)
    }
}

fn canonical(instance: InstanceId, seq: u64, hash: &Digest, at: &str) -> Vec<u8> {
    Writer::new(CHECKPOINT)
        .field(1, instance.bytes())
        .field(2, &seq.to_be_bytes())
        .field(3, &hash.0)
        .field(4, at.as_bytes())
        .finish()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{BEGINNING, Checkpoint, Record};
    use crate::domain::id::{InstanceId, TraceId};
    use crate::domain::keys::Secret;
    use crate::domain::signing::Signer;

    const fn instance() -> InstanceId {
        InstanceId::new(Uuid::from_u128(7))
    }

    fn record(trace: Option<TraceId>) -> Record<'static> {
        let (at, event) = ("2026-01-02T03:04:05.678Z", r#"{"event":"served","x":",\"event\":{}"}"#);
        Record { seq: 12, at, instance: instance(), trace, prev: BEGINNING, event }
    }

    #[test]
    fn a_line_reads_back_to_the_last_byte() {
        for trace in [None, Some(TraceId::new(Uuid::from_u128(9)))] {
            let record = record(trace);
            let line = record.line(&record.hash());
            let (again, hash) = Record::read(line.trim_end_matches('\n')).unwrap();
            assert_eq!((again, hash), (record, record.hash()));
            let value: serde_json::Value = serde_json::from_str(&line).unwrap();
            assert_eq!((&value["seq"], &value["event"]["event"]), (&12.into(), &"served".into()));
        }
    }

    #[test]
    fn no_byte_of_a_line_can_be_another() {
        let record = record(Some(TraceId::new(Uuid::from_u128(9))));
        let line = record.line(&record.hash());
        let line = line.trim_end_matches('\n').as_bytes();
        for at in 0..line.len() {
            for other in [line[at] ^ 0x20, line[at] ^ 1, b' ', b'"'] {
                if other == line[at] {
                    continue;
                }
                let mut altered = line.to_vec();
                altered[at] = other;
                let holds = std::str::from_utf8(&altered)
                    .ok()
                    .and_then(Record::read)
                    .is_some_and(|(record, hash)| record.hash() == hash);
                assert!(!holds, "{}", String::from_utf8_lossy(&altered));
            }
        }
    }

    #[test]
    fn a_checkpoint_is_of_its_signer_alone_and_no_byte_of_it_can_be_another() {
        let signer = Signer::of(&Secret::new([7; 32]));
        let at = "2026-01-02T03:04:05.678Z".to_owned();
        let checkpoint = Checkpoint::sign(&signer, instance(), (12, record(None).hash()), at);
        let line = checkpoint.line();
        assert_eq!(Checkpoint::read(&line), Some(checkpoint.clone()));
        assert!(checkpoint.is_of(&signer.public()));
        assert!(!checkpoint.is_of(&Signer::of(&Secret::new([8; 32])).public()));
        for at in 0..line.len() {
            let mut altered = line.clone().into_bytes();
            altered[at] ^= 1;
            let read = std::str::from_utf8(&altered).ok().and_then(Checkpoint::read);
            assert!(!read.is_some_and(|read| read.is_of(&signer.public())), "{at}");
        }
    }
}
