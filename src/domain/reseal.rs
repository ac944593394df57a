//! The seals of a revision's records made anew under the signing key, over the same origins: so its
//! Merkle leaves, and its signed root, stay as they are.
//!
//! A seal that still verifies speaks for its record. One whose key was revoked speaks for nothing, for
//! whoever stole the key can make it; then the record must be what the ledger kept (its blob opened under
//! the ledger's own keys, which is the caller's part) and among those that the root was signed for.

use super::id::{DocumentId, RevisionId};
use super::keys::KeyRing;
use super::origin::Origin;
use super::root::{self, RootFault, SignedRoot};
use super::signing::PublicKey;
use super::stamp::{
    ChunkRecord, Fault, SealError, matches_payload, matches_vectors, verified_origin,
};

/// Records as the ledger gave them back, and what else it says of them.
#[derive(Debug)]
pub struct Kept<'a> {
    /// Their document.
    pub document: DocumentId,
    /// Their revision.
    pub revision: RevisionId,
    /// The records.
    pub records: Vec<ChunkRecord>,
    /// The revision's root; none was made before roots were.
    pub root: Option<&'a SignedRoot>,
}

/// Seals records anew under the key that signs. All of a revision or none.
pub fn reseal(
    kept: Kept<'_>,
    public: &PublicKey,
    keys: &KeyRing,
) -> Result<Vec<ChunkRecord>, SealError> {
    let Kept { document, revision, records, root } = kept;
    match root::check(root, revision, &records, public) {
        Ok(_) | Err(RootFault::Missing) => {}
        Err(fault) => return Err(SealError::Root { revision, fault }),
    }
    let (key_id, key) = keys.signing().ok_or(SealError::NoKey)?;
    let sealed = records.into_iter().map(|record| {
        let chunk = record.chunk;
        let fault = |fault| SealError::Record { chunk, fault };
        let origin = vouched(&record, keys).map_err(fault)?;
        if (origin.document, origin.revision, origin.chunk) != (document, revision, chunk) {
            return Err(fault(Fault::Elsewhere));
        }
        matches_payload(&origin, &record.payload).map_err(fault)?;
        matches_vectors(&origin, &record.vectors, keys).map_err(fault)?;
        let origin_mac = key.origin().mac(&[key_id.as_str().as_bytes(), &record.origin]);
        Ok(ChunkRecord { origin_mac, key: key_id.to_string(), ..record })
    });
    sealed.collect()
}

fn vouched(record: &ChunkRecord, keys: &KeyRing) -> Result<Origin, Fault> {
    if keys.withholds(&record.key) {
        return Origin::from_canonical(&record.origin).ok_or(Fault::Malformed);
    }
    verified_origin(&record.origin, &record.origin_mac, &record.key, keys)
}
