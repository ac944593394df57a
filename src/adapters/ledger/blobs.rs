//! Encryption of what is kept of documents, and its destruction.
//!
//! Each revision has a random data key. It lies in the revision's row, wrapped under the workspace's
//! ledger key; everything of the revision's text lies in blobs under the data key. Destroying means
//! deleting the blobs and the wrapped key in one transaction, then wiping the pages they lay in.
//!
//! The key belongs to a revision and not to a document because purging is a judgement on one content:
//! when a poisoned revision of a good document is held, the good one goes on being served, and purging
//! the poisoned one must leave the good one readable.
//!
//! What this lets through on purpose: the paths of documents, rule ids, sizes of blobs and the SHA-256
//! of files that were not purged are plain, so that the database can be searched by them.

use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use zeroize::Zeroize as _;

use super::error::{broken, damaged};
use crate::domain::digest::Digest;
use crate::domain::id::RevisionId;
use crate::domain::keys::Secret;
use crate::pipeline::ledger::LedgerError;

/// First byte of everything sealed: XChaCha20-Poly1305, a random 24-byte nonce, ciphertext and tag.
const SEALED: u8 = 1;

/// The ledger's keys, one per purpose.
#[derive(Debug, Clone)]
pub(super) struct Keys {
    check: Secret,
    wrap: Secret,
    tombstone: Secret,
}

impl Keys {
    pub(super) fn derive(key: &Secret) -> Self {
        Self {
            check: key.subkey("alnage ledger key check v1"),
            wrap: key.subkey("alnage ledger data key v1"),
            tombstone: key.subkey("alnage ledger tombstone v1"),
        }
    }

    /// What a new ledger notes of its key.
    pub(super) fn check(&self) -> Digest {
        self.check.mac(&[b"alnage ledger"])
    }

    pub(super) fn is_checked_by(&self, check: &Digest) -> bool {
        self.check.verifies(&[b"alnage ledger"], check)
    }

    /// What stays of a digest once its content was destroyed.
    pub(super) fn tombstone(&self, what: &str, digest: &Digest) -> Digest {
        self.tombstone.mac(&[what.as_bytes(), &digest.0])
    }
}

/// What a blob is. The numbers are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    File = 1,
    Document = 2,
    Findings = 3,
    Redacted = 4,
    Chunk = 5,
}

/// A blob, ready for its row.
#[derive(Debug)]
pub(super) struct Blob {
    pub(super) kind: Kind,
    pub(super) address: Digest,
    pub(super) sealed: Vec<u8>,
}

/// The key of one revision.
#[derive(Debug)]
pub(super) struct DataKey {
    revision: RevisionId,
    key: Secret,
    cipher: Secret,
    address: Secret,
}

impl DataKey {
    pub(super) fn fresh(revision: RevisionId) -> Result<Self, LedgerError> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(broken)?;
        let key = Self::new(revision, Secret::new(bytes));
        bytes.zeroize();
        Ok(key)
    }

    fn new(revision: RevisionId, key: Secret) -> Self {
        let cipher = key.subkey("alnage ledger blob v1");
        let address = key.subkey("alnage ledger blob address v1");
        Self { revision, key, cipher, address }
    }

    /// For its row.
    pub(super) fn wrapped(&self, keys: &Keys) -> Result<Vec<u8>, LedgerError> {
        encrypt(&keys.wrap, self.revision.bytes(), self.key.bytes())
    }

    /// From its row.
    pub(super) fn unwrap(
        revision: RevisionId,
        wrapped: &[u8],
        keys: &Keys,
    ) -> Result<Self, LedgerError> {
        let wrong = || damaged(format!("key of revision {revision}"));
        let mut plain = decrypt(&keys.wrap, revision.bytes(), wrapped).ok_or_else(wrong)?;
        let bytes: Result<[u8; 32], _> = plain.as_slice().try_into();
        plain.zeroize();
        let mut bytes = bytes.map_err(|_| wrong())?;
        let key = Self::new(revision, Secret::new(bytes));
        bytes.zeroize();
        Ok(key)
    }

    /// Encrypts one blob and names it after its content.
    pub(super) fn seal(&self, kind: Kind, plain: &[u8]) -> Result<Blob, LedgerError> {
        let address = self.address.mac(&[&[kind as u8], plain]);
        let sealed = encrypt(&self.cipher, &self.context(kind, &address), plain)?;
        Ok(Blob { kind, address, sealed })
    }

    /// Decrypts one blob; `Damaged` unless it is the one of this revision, kind and content.
    pub(super) fn open(
        &self,
        kind: Kind,
        address: &Digest,
        sealed: &[u8],
    ) -> Result<Vec<u8>, LedgerError> {
        decrypt(&self.cipher, &self.context(kind, address), sealed)
            .filter(|plain| self.address.verifies(&[&[kind as u8], plain], address))
            .ok_or_else(|| damaged(format!("{kind:?} blob of revision {}", self.revision)))
    }

    /// What a blob is bound to; every part has a fixed length.
    fn context(&self, kind: Kind, address: &Digest) -> Vec<u8> {
        [self.revision.bytes().as_slice(), &[kind as u8], &address.0].concat()
    }
}

fn encrypt(key: &Secret, aad: &[u8], msg: &[u8]) -> Result<Vec<u8>, LedgerError> {
    let mut nonce = [0; 24];
    getrandom::fill(&mut nonce).map_err(broken)?;
    let cipher = XChaCha20Poly1305::new_from_slice(key.bytes()).map_err(broken)?;
    let sealed = cipher.encrypt(&XNonce::from(nonce), Payload { msg, aad }).map_err(broken)?;
    Ok([[SEALED].as_slice(), &nonce, &sealed].concat())
}

fn decrypt(key: &Secret, aad: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, msg) = sealed.strip_prefix(&[SEALED])?.split_first_chunk::<24>()?;
    let cipher = XChaCha20Poly1305::new_from_slice(key.bytes()).ok()?;
    cipher.decrypt(&XNonce::from(*nonce), Payload { msg, aad }).ok()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{DataKey, Keys, Kind};
    use crate::domain::digest::Digest;
    use crate::domain::id::RevisionId;
    use crate::domain::keys::Secret;

    fn revision(number: u128) -> RevisionId {
        RevisionId::new(Uuid::from_u128(number))
    }

    #[test]
    fn a_blob_opens_only_as_what_and_where_it_was_sealed() {
        let key = DataKey::fresh(revision(1)).unwrap();
        let blob = key.seal(Kind::File, b"secret").unwrap();
        assert_eq!(key.open(Kind::File, &blob.address, &blob.sealed).unwrap(), b"secret");
        assert!(key.open(Kind::Document, &blob.address, &blob.sealed).is_err());
        assert!(key.open(Kind::File, &Digest::of(b"secret"), &blob.sealed).is_err());
        let other = DataKey::new(revision(2), key.key.clone());
        assert!(other.open(Kind::File, &blob.address, &blob.sealed).is_err());
        for length in 0..blob.sealed.len() {
            assert!(key.open(Kind::File, &blob.address, &blob.sealed[..length]).is_err());
        }
    }

    #[test]
    fn a_data_key_unwraps_only_for_its_revision_under_its_ledger_key() {
        let keys = Keys::derive(&Secret::new([1; 32]));
        let key = DataKey::fresh(revision(1)).unwrap();
        let wrapped = key.wrapped(&keys).unwrap();
        let again = DataKey::unwrap(revision(1), &wrapped, &keys).unwrap();
        assert_eq!(again.key.bytes(), key.key.bytes());
        assert!(DataKey::unwrap(revision(2), &wrapped, &keys).is_err());
        let others = Keys::derive(&Secret::new([2; 32]));
        assert!(DataKey::unwrap(revision(1), &wrapped, &others).is_err());
    }

    #[test]
    fn equal_contents_of_two_revisions_share_neither_address_nor_bytes() {
        let (one, two) =
            (DataKey::fresh(revision(1)).unwrap(), DataKey::fresh(revision(2)).unwrap());
        let (one, two) =
            (one.seal(Kind::File, b"same").unwrap(), two.seal(Kind::File, b"same").unwrap());
        assert_ne!(one.address, two.address);
        assert_ne!(one.sealed, two.sealed);
    }
}
