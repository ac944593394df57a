//! Keys that stamps are made and checked with.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::ZeroizeOnDrop;

use super::checked::Checked;
use super::digest::Digest;
use super::source::Name;
use super::time::Timestamp;
use super::vector::SketchKey;

/// Thirty-two secret bytes.
#[derive(Clone, ZeroizeOnDrop)]
pub struct Secret([u8; 32]);

impl Secret {
    /// Wraps random bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// A subkey for one purpose (HKDF-SHA256, RFC 5869): a key used for two things is two keys.
    pub fn subkey(&self, purpose: &str) -> Self {
        let mut bytes = [0; 32];
        // Thirty-two bytes are always within HKDF's bound of 255 × 32.
        let _ = Hkdf::<Sha256>::new(None, &self.0).expand(purpose.as_bytes(), &mut bytes);
        Self(bytes)
    }

    /// HMAC-SHA256 over a list of parts, each framed by its length.
    pub fn mac(&self, parts: &[&[u8]]) -> Digest {
        Digest(self.keyed(parts).map(|mac| mac.finalize().into_bytes().into()).unwrap_or_default())
    }

    /// Checks a MAC in constant time.
    pub fn verifies(&self, parts: &[&[u8]], mac: &Digest) -> bool {
        self.keyed(parts).is_some_and(|keyed| keyed.verify_slice(&mac.0).is_ok())
    }

    /// The bytes, for a cipher or a key file.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// HMAC takes a key of any length, so this is always `Some`.
    fn keyed(&self, parts: &[&[u8]]) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).ok()?;
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        Some(mac)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What a key may still do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyStatus {
    /// Signs and verifies.
    Active,
    /// Verifies only.
    Retired,
    /// Does nothing any more; nothing that is served carries it.
    Ended,
    /// Does nothing: what it signed is withheld.
    Revoked,
}

impl KeyStatus {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Active, Self::Retired, Self::Ended, Self::Revoked];

    /// The name used in the key file and in outputs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Retired => "retired",
            Self::Ended => "ended",
            Self::Revoked => "revoked",
        }
    }
}

/// One key of the ring.
#[derive(Debug, Clone)]
pub struct StampKey {
    /// What it may do.
    pub status: KeyStatus,
    /// Until when a retired key is to be replaced everywhere. A deadline for people: the key itself
    /// ends when nothing that is served carries it any more.
    pub ends: Option<Timestamp>,
    /// Key of origins.
    origin: Secret,
    /// Key of placements.
    placement: Secret,
}

impl StampKey {
    /// Derives both purposes from one secret.
    pub fn derive(secret: &Secret, status: KeyStatus) -> Self {
        Self {
            status,
            ends: None,
            origin: secret.subkey("alnage stamp origin v1"),
            placement: secret.subkey("alnage stamp placement v1"),
        }
    }

    /// The same key with this end.
    pub fn ending(self, ends: Option<Timestamp>) -> Self {
        Self { ends, ..self }
    }

    pub(super) const fn origin(&self) -> &Secret {
        &self.origin
    }

    pub(super) const fn placement(&self) -> &Secret {
        &self.placement
    }

    pub(super) fn verifying(&self) -> bool {
        match self.status {
            KeyStatus::Active | KeyStatus::Retired => true,
            KeyStatus::Ended | KeyStatus::Revoked => false,
        }
    }
}

/// All keys of a workspace, and the one that signs.
#[derive(Debug, Clone)]
pub struct KeyRing {
    keys: BTreeMap<Name, StampKey>,
    signing: Name,
    sketch: SketchKey,
    /// What was checked under these keys; a ring never changes.
    checked: Arc<Checked>,
}

/// A ring that cannot sign.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("key `{signing}` is to sign stamps, but the ring has no active key of this id")]
pub struct KeyRingError {
    /// The id that should sign.
    pub signing: Name,
}

impl KeyRing {
    /// A ring; its signing key must be there and active.
    pub fn new(
        keys: BTreeMap<Name, StampKey>,
        signing: Name,
        sketch: SketchKey,
    ) -> Result<Self, KeyRingError> {
        match keys.get(&signing) {
            Some(key) if key.status == KeyStatus::Active => {
                Ok(Self { keys, signing, sketch, checked: Arc::default() })
            }
            Some(_) | None => Err(KeyRingError { signing }),
        }
    }

    /// The key that vectors are sketched with.
    pub const fn sketch(&self) -> &SketchKey {
        &self.sketch
    }

    /// Forgets hits that were checked: their text was erased.
    pub fn forget_checked(&self) {
        self.checked.forget();
    }

    pub(super) fn checked(&self) -> &Checked {
        &self.checked
    }

    /// Every key by its id.
    pub fn entries(&self) -> impl Iterator<Item = (&Name, &StampKey)> {
        self.keys.iter()
    }

    /// A key by its id, whatever it may still do.
    pub fn get(&self, id: &Name) -> Option<&StampKey> {
        self.keys.get(id)
    }

    /// The id of the key that signs.
    pub const fn signing_id(&self) -> &Name {
        &self.signing
    }

    /// Whether what this key signed is withheld.
    pub fn withholds(&self, id: &str) -> bool {
        self.verifying(id).is_none()
    }

    /// An id that no key has or had: `k` and a number above all others.
    pub fn fresh_id(&self) -> Name {
        let numbers = self.keys.keys().filter_map(|id| id.as_str().strip_prefix('k')?.parse().ok());
        Name::numbered('k', numbers.max().unwrap_or(0_u64).saturating_add(1))
    }

    /// A key that still verifies.
    pub(super) fn verifying(&self, id: &str) -> Option<&StampKey> {
        let id: Name = id.parse().ok()?;
        self.keys.get(&id).filter(|key| key.verifying())
    }

    pub(super) fn signing(&self) -> Option<(&Name, &StampKey)> {
        self.keys.get_key_value(&self.signing)
    }
}
