//! The stamp: made by `seal`, which consumes `Admitted`; re-placed by `restamp`; read back by `open`.
//!
//! In a store the stamp lies under one reserved payload key. A `StampedChunk` can only be made here,
//! so nothing unstamped can be handed to a store.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use serde_json::{Map, Value};

use super::canon::payload_digest;
use super::digest::Digest;
use super::id::{ChunkId, ClassId, CollectionId, DocumentId, PointId, RevisionId, SourceId};
use super::keys::KeyRing;
use super::origin::{Origin, Placement};
use super::retrieval::Hit;
use super::root::RootFault;
use super::source::{EmbedderIdentity, Tenant};
use super::time::Timestamp;
use super::vector::{Commitment, Vectors};
use super::verdict::Admitted;

/// The payload key that is ours alone.
pub const RESERVED_KEY: &str = "__alnage";
/// The payload key of the chunk's text.
pub const TEXT_KEY: &str = "text";
/// Inside the reserved key: the access class, which filters name.
pub const CLASS_FIELD: &str = "acl";

/// Everything about a revision that its stamps say.
#[derive(Debug, Clone)]
pub struct Sealing {
    /// Tenant of the source.
    pub tenant: Tenant,
    /// Its source.
    pub source: SourceId,
    /// Its document.
    pub document: DocumentId,
    /// Its revision.
    pub revision: RevisionId,
    /// The document's path or URI in its source.
    pub uri: String,
    /// SHA-256 of the file.
    pub file: Digest,
    /// Where it goes.
    pub collection: CollectionId,
    /// Who may read it.
    pub class: ClassId,
    /// Of this placement.
    pub generation: u64,
    /// What made its vectors.
    pub embedder: EmbedderIdentity,
    /// Digest of the rules.
    pub rules: Digest,
    /// Version of the readers.
    pub reader: String,
    /// Now.
    pub at: Timestamp,
}

/// A chunk with its vectors, ready to be sealed.
#[derive(Debug, Clone)]
pub struct Embedded {
    /// Its new id.
    pub chunk: ChunkId,
    /// Where it will lie.
    pub point: PointId,
    /// Its position in the revision.
    pub ordinal: u32,
    /// Its text.
    pub text: String,
    /// Whatever else is returned with it. The reserved key and the text key are overwritten.
    pub metadata: Map<String, Value>,
    /// Its vectors.
    pub vectors: Vectors,
}

/// A sealed chunk without its place: what the ledger keeps, and `restamp` takes.
#[derive(Debug, Clone, PartialEq)]
pub struct ChunkRecord {
    /// Its id.
    pub chunk: ChunkId,
    /// Its point.
    pub point: PointId,
    /// Its position in the revision.
    pub ordinal: u32,
    /// What is returned with it, the text included, the reserved key not.
    pub payload: Map<String, Value>,
    /// Its vectors.
    pub vectors: Vectors,
    /// Canonical bytes of its origin.
    pub origin: Vec<u8>,
    /// Their MAC.
    pub origin_mac: Digest,
    /// The key of that MAC.
    pub key: String,
}

/// A sealed chunk in its place; the only thing that a store takes.
#[derive(Debug, Clone)]
pub struct StampedChunk {
    record: ChunkRecord,
    collection: CollectionId,
    stamp: Value,
}

impl StampedChunk {
    /// The point.
    pub const fn point(&self) -> PointId {
        self.record.point
    }
    /// The collection.
    pub const fn collection(&self) -> CollectionId {
        self.collection
    }
    /// The vectors by name.
    pub const fn vectors(&self) -> &Vectors {
        &self.record.vectors
    }
    /// What the ledger keeps.
    pub const fn record(&self) -> &ChunkRecord {
        &self.record
    }
    /// The payload for the store, stamp and all.
    pub fn payload(&self) -> Map<String, Value> {
        let mut payload = self.record.payload.clone();
        payload.insert(RESERVED_KEY.to_owned(), self.stamp.clone());
        payload
    }
}

/// Why a stamp cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The ring cannot sign; `KeyRing::new` should have refused it.
    #[error("the key ring has no signing key")]
    NoKey,
    /// The metadata is nested past the bound of canonical values.
    #[error("metadata of chunk {ordinal} is nested too deep")]
    DeepPayload {
        /// Which chunk.
        ordinal: u32,
    },
    /// What the ledger kept is not what was sealed.
    #[error("record of chunk {chunk} does not carry its own seal: {fault}")]
    Record {
        /// Which chunk.
        chunk: ChunkId,
        /// What is wrong with it.
        fault: Fault,
    },
    /// The key that sealed a revision counts no more; `reseal` restores it.
    #[error("what sealed revision {revision} is revoked; `alnage reseal` restores it")]
    Withheld {
        /// Which revision.
        revision: RevisionId,
    },
    /// The chunks that the ledger kept are not those that its revision's root was signed for.
    #[error("the chunks of revision {revision} are not those that were signed: {}", fault.code())]
    Root {
        /// Which revision.
        revision: RevisionId,
        /// What is wrong with its root.
        fault: RootFault,
    },
}

/// Seals an admitted revision's chunks.
pub fn seal(
    admitted: Admitted,
    sealing: &Sealing,
    chunks: Vec<Embedded>,
    keys: &KeyRing,
) -> Result<Vec<StampedChunk>, SealError> {
    let chunks = chunks.into_iter();
    let sealed = chunks.map(|chunk| seal_one(&admitted, sealing, chunk, keys)).collect();
    drop(admitted);
    sealed
}

fn seal_one(
    admitted: &Admitted,
    sealing: &Sealing,
    chunk: Embedded,
    keys: &KeyRing,
) -> Result<StampedChunk, SealError> {
    let (key_id, key) = keys.signing().ok_or(SealError::NoKey)?;
    let mut payload = chunk.metadata;
    payload.remove(RESERVED_KEY);
    let text = Digest::of(chunk.text.as_bytes());
    payload.insert(TEXT_KEY.to_owned(), Value::String(chunk.text));
    let origin = Origin {
        tenant: sealing.tenant.clone(),
        source: sealing.source,
        document: sealing.document,
        revision: sealing.revision,
        chunk: chunk.chunk,
        ordinal: chunk.ordinal,
        uri: sealing.uri.clone(),
        file: sealing.file,
        text,
        payload: payload_digest(&payload, RESERVED_KEY)
            .ok_or(SealError::DeepPayload { ordinal: chunk.ordinal })?,
        embedder: sealing.embedder.clone(),
        vectors: chunk
            .vectors
            .iter()
            .map(|(name, vector)| (name.clone(), Commitment::to(vector, keys.sketch())))
            .collect(),
        verdict: admitted.verdict(),
        basis: admitted.basis(),
        policy: admitted.policy().digest,
        rules: sealing.rules,
        model: Digest([0; 32]),
        reader: sealing.reader.clone(),
        sealed_at: sealing.at,
    }
    .canonical();
    let record = ChunkRecord {
        chunk: chunk.chunk,
        point: chunk.point,
        ordinal: chunk.ordinal,
        payload,
        vectors: chunk.vectors,
        origin_mac: key.origin().mac(&[key_id.as_str().as_bytes(), &origin]),
        origin,
        key: key_id.to_string(),
    };
    let place = Place {
        collection: sealing.collection,
        tenant: sealing.tenant.clone(),
        class: sealing.class,
        generation: sealing.generation,
    };
    place_record(record, &place, keys)
}

/// Where a record is to lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The collection.
    pub collection: CollectionId,
    /// The tenant.
    pub tenant: Tenant,
    /// The access class.
    pub class: ClassId,
    /// Of this placement.
    pub generation: u64,
}

/// Whether a record still carries its own seal.
pub fn is_sealed(record: &ChunkRecord, keys: &KeyRing) -> bool {
    own_origin(record, keys).is_ok()
}

fn own_origin(record: &ChunkRecord, keys: &KeyRing) -> Result<Origin, Fault> {
    let origin = verified_origin(&record.origin, &record.origin_mac, &record.key, keys)?;
    matches_payload(&origin, &record.payload)?;
    matches_vectors(&origin, &record.vectors, keys)?;
    Ok(origin)
}

/// Places a sealed record anew: after a change of access, or to rebuild a store. The record must
/// still carry its own seal.
pub fn restamp(
    record: ChunkRecord,
    place: &Place,
    keys: &KeyRing,
) -> Result<StampedChunk, SealError> {
    let chunk = record.chunk;
    let fault = |fault| SealError::Record { chunk, fault };
    let origin = own_origin(&record, keys).map_err(fault)?;
    if origin.chunk != chunk || origin.tenant != place.tenant {
        return Err(fault(Fault::Elsewhere));
    }
    place_record(record, place, keys)
}

fn place_record(
    record: ChunkRecord,
    place: &Place,
    keys: &KeyRing,
) -> Result<StampedChunk, SealError> {
    let (key_id, key) = keys.signing().ok_or(SealError::NoKey)?;
    let placement = Placement {
        origin: Digest::of(&record.origin),
        collection: place.collection,
        point: record.point,
        tenant: place.tenant.clone(),
        class: place.class,
        generation: place.generation,
    }
    .canonical();
    let placement_mac = key.placement().mac(&[key_id.as_str().as_bytes(), &placement]);
    let stamp = serde_json::json!({
        "v": 1,
        CLASS_FIELD: place.class.to_string(),
        "origin": BASE64.encode(&record.origin),
        "origin_mac": record.origin_mac.to_string(),
        "origin_key": record.key,
        "placement": BASE64.encode(&placement),
        "placement_mac": placement_mac.to_string(),
        "placement_key": key_id.as_str(),
    });
    Ok(StampedChunk { record, collection: place.collection, stamp })
}

/// What is wrong with a stored point. Each is an alarm: only somebody who writes to the store past
/// the guard, or a lost key, makes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// There is no stamp.
    Unstamped,
    /// The stamp is not of a form that we write.
    Malformed,
    /// Its key is not in the ring, or revoked.
    UnknownKey,
    /// A MAC does not fit.
    Forged,
    /// The text is not the text that was sealed.
    Text,
    /// A payload value is not what was sealed.
    Payload,
    /// A vector is not what was sealed.
    Vector,
    /// It was sealed for another point, collection, chunk or tenant.
    Elsewhere,
    /// The access class is not the one that was sealed.
    Class,
    /// It is the stamp of another generation than the ledger's.
    Generation,
}

impl Fault {
    /// Stable name for events and outputs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unstamped => "unstamped",
            Self::Malformed => "stamp-malformed",
            Self::UnknownKey => "stamp-key-unknown",
            Self::Forged => "stamp-forged",
            Self::Text => "text-altered",
            Self::Payload => "payload-altered",
            Self::Vector => "vector-altered",
            Self::Elsewhere => "stamp-copied",
            Self::Class => "class-altered",
            Self::Generation => "stamp-outdated",
        }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

/// A stamp whose MACs, text, payload and vectors were checked against a stored point.
#[derive(Debug, Clone)]
pub struct Opened {
    /// Where the chunk comes from.
    pub origin: Origin,
    /// Where it says that it lies.
    pub placement: Placement,
}

/// Checks a stored point against its own stamp and place. What the ledger says of it is the
/// re-check's business.
pub fn open(
    collection: CollectionId,
    point: PointId,
    payload: &Map<String, Value>,
    vectors: &Vectors,
    keys: &KeyRing,
) -> Result<Opened, Fault> {
    let stamp = payload.get(RESERVED_KEY).ok_or(Fault::Unstamped)?;
    let text = |name: &str| stamp.get(name).and_then(Value::as_str).ok_or(Fault::Malformed);
    let bytes = |name: &str| BASE64.decode(text(name)?).map_err(|_| Fault::Malformed);
    let mac = |name: &str| Digest::from_hex(text(name)?).ok_or(Fault::Malformed);
    if stamp.get("v").and_then(Value::as_u64) != Some(1) {
        return Err(Fault::Malformed);
    }
    let placement_bytes = bytes("placement")?;
    let key_id = text("placement_key")?;
    let key = keys.verifying(key_id).ok_or(Fault::UnknownKey)?;
    let parts = [key_id.as_bytes(), placement_bytes.as_slice()];
    if !key.placement().verifies(&parts, &mac("placement_mac")?) {
        return Err(Fault::Forged);
    }
    let placement = Placement::from_canonical(&placement_bytes).ok_or(Fault::Malformed)?;
    let origin_bytes = bytes("origin")?;
    let origin = verified_origin(&origin_bytes, &mac("origin_mac")?, text("origin_key")?, keys)?;
    if placement.origin != Digest::of(&origin_bytes)
        || placement.tenant != origin.tenant
        || placement.collection != collection
        || placement.point != point
    {
        return Err(Fault::Elsewhere);
    }
    if text(CLASS_FIELD)? != placement.class.to_string() {
        return Err(Fault::Class);
    }
    matches_payload(&origin, payload)?;
    matches_vectors(&origin, vectors, keys)?;
    Ok(Opened { origin, placement })
}

/// The same for a hit, of which the very same may have been checked before.
pub(super) fn open_again(hit: &Hit, keys: &KeyRing) -> Result<Arc<Opened>, Fault> {
    if let Some(opened) = keys.checked().find(hit) {
        return Ok(opened);
    }
    let opened = Arc::new(open(hit.collection, hit.point, &hit.payload, &hit.vectors, keys)?);
    keys.checked().keep(hit, &opened);
    Ok(opened)
}

pub(super) fn verified_origin(
    bytes: &[u8],
    mac: &Digest,
    key_id: &str,
    keys: &KeyRing,
) -> Result<Origin, Fault> {
    let key = keys.verifying(key_id).ok_or(Fault::UnknownKey)?;
    if !key.origin().verifies(&[key_id.as_bytes(), bytes], mac) {
        return Err(Fault::Forged);
    }
    Origin::from_canonical(bytes).ok_or(Fault::Malformed)
}

pub(super) fn matches_payload(origin: &Origin, payload: &Map<String, Value>) -> Result<(), Fault> {
    let text = payload.get(TEXT_KEY).and_then(Value::as_str).ok_or(Fault::Text)?;
    // The payload's digest covers the text; the text's own says which of the two was altered.
    if payload_digest(payload, RESERVED_KEY) == Some(origin.payload) {
        Ok(())
    } else if Digest::of(text.as_bytes()) == origin.text {
        Err(Fault::Payload)
    } else {
        Err(Fault::Text)
    }
}

pub(super) fn matches_vectors(
    origin: &Origin,
    vectors: &Vectors,
    keys: &KeyRing,
) -> Result<(), Fault> {
    let said = &origin.vectors;
    let holds = said.len() == vectors.len()
        && said.iter().all(|(name, commitment)| {
            vectors.get(name).is_some_and(|vector| commitment.holds_for(vector, keys.sketch()))
        });
    if holds { Ok(()) } else { Err(Fault::Vector) }
}
