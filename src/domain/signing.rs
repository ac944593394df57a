//! Signatures for people who have only the public key: roots of revisions, checkpoints of the audit log.
//!
//! Ed25519 (RFC 8032). What is signed is always canonical bytes that begin with a magic word of their
//! kind, so that a signature of one kind is never taken for another.

use std::fmt;

use ed25519_dalek::pkcs8::{
    DecodePublicKey as _, EncodePublicKey as _, spki::der::pem::LineEnding,
};
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};

use super::digest::Digest;
use super::keys::Secret;

/// Signs. Made from a secret of the workspace.
#[derive(Clone)]
pub struct Signer(SigningKey);

impl Signer {
    /// The signing key of this secret.
    pub fn of(secret: &Secret) -> Self {
        Self(SigningKey::from_bytes(secret.bytes()))
    }

    /// Signs canonical bytes.
    pub fn sign(&self, canonical: &[u8]) -> Signature {
        Signature(self.0.sign(canonical).to_bytes())
    }

    /// What others check with.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signer(…)")
    }
}

/// Sixty-four bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature(pub [u8; 64]);

/// Checks signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

/// The text is no Ed25519 public key in PEM.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is no Ed25519 public key in PEM")]
pub struct PublicKeyError;

impl PublicKey {
    /// Whether this key's owner signed these bytes. Strict: weak keys and malleable signatures do not
    /// count.
    pub fn verifies(&self, canonical: &[u8], signature: &Signature) -> bool {
        let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
        self.0.verify_strict(canonical, &signature).is_ok()
    }

    /// SHA-256 of the key's bytes: its name in signed records.
    pub fn id(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }

    /// `-----BEGIN PUBLIC KEY-----` (SPKI, RFC 8410), which OpenSSL reads too.
    pub fn to_pem(&self) -> Option<String> {
        self.0.to_public_key_pem(LineEnding::LF).ok()
    }

    /// Reads `to_pem`'s form.
    pub fn from_pem(text: &str) -> Result<Self, PublicKeyError> {
        VerifyingKey::from_public_key_pem(text.trim()).map(Self).map_err(|_| PublicKeyError)
    }
}

#[cfg(test)]
mod tests {
    use super::{PublicKey, Signer};
    use crate::domain::keys::Secret;

    #[test]
    fn what_was_signed_verifies_with_the_public_key_alone_and_nothing_else_does() {
        let signer = Signer::of(&Secret::new([7; 32]));
        let public = PublicKey::from_pem(&signer.public().to_pem().unwrap()).unwrap();
        let signature = signer.sign(b"root");
        assert!(public.verifies(b"root", &signature));
        assert!(!public.verifies(b"rood", &signature));
        let other = Signer::of(&Secret::new([8; 32])).public();
        assert!(!other.verifies(b"root", &signature));
        assert_ne!(other.id(), public.id());
    }

    #[test]
    fn what_is_no_key_is_refused() {
        assert!(PublicKey::from_pem("-----BEGIN PUBLIC KEY-----\nAA==\n").is_err());
        assert!(PublicKey::from_pem("").is_err());
    }
}
