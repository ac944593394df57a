//! One key of an issuer, and for which tokens it may be taken: of one kind, never of another (RFC 8725 §2.1).

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::Value;

use crate::domain::limits::{RSA_BITS_MAX, RSA_BITS_MIN, TOKEN_SECRET_BYTES_MIN};

/// A key that verifies.
#[derive(Debug, Clone)]
pub(super) struct Key {
    id: Option<String>,
    kind: Kind,
    /// The one algorithm that it is for, where it says so.
    only: Option<Algorithm>,
    verifying: DecodingKey,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Secret,
    Rsa,
    P256,
    P384,
    Ed25519,
}

impl Key {
    /// A shared secret; `None` if it is too short to be one.
    pub(super) fn of_secret(secret: &[u8]) -> Option<Self> {
        if secret.len() < TOKEN_SECRET_BYTES_MIN {
            return None;
        }
        let verifying = DecodingKey::from_secret(secret).ok()?;
        Some(Self { id: None, kind: Kind::Secret, only: None, verifying })
    }

    /// A key of a published set; `None` for what cannot verify signatures, and for secrets, which nobody
    /// publishes.
    pub(super) fn of_jwk(value: &Value) -> Option<Self> {
        let jwk: Jwk = serde_json::from_value(value.clone()).ok()?;
        let kind = match &jwk.algorithm {
            AlgorithmParameters::RSA(rsa) => is_strong(&rsa.n).then_some(Kind::Rsa)?,
            AlgorithmParameters::EllipticCurve(key) => match key.curve {
                EllipticCurve::P256 => Kind::P256,
                EllipticCurve::P384 => Kind::P384,
                _ => return None,
            },
            AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
                Kind::Ed25519
            }
            _ => return None,
        };
        let signs = match &jwk.common.public_key_use {
            None => true,
            Some(used) => *used == PublicKeyUse::Signature,
        };
        let verifies = match &jwk.common.key_operations {
            None => true,
            Some(operations) => operations.contains(&KeyOperations::Verify),
        };
        if !signs || !verifies {
            return None;
        }
        let only = match jwk.common.key_algorithm {
            None => None,
            // One that is for encryption is for no token.
            Some(only) => Some(only.to_string().parse().ok()?),
        };
        let verifying = DecodingKey::from_jwk(&jwk).ok()?;
        Some(Self { id: jwk.common.key_id, kind, only, verifying })
    }

    /// Whether it may verify a token that is signed so and names this key.
    pub(super) fn fits(&self, algorithm: Algorithm, id: Option<&str>) -> bool {
        use Algorithm as A;
        let kind = match algorithm {
            A::HS256 | A::HS384 | A::HS512 => Kind::Secret,
            A::RS256 | A::RS384 | A::RS512 | A::PS256 | A::PS384 | A::PS512 => Kind::Rsa,
            A::ES256 => Kind::P256,
            A::ES384 => Kind::P384,
            A::EdDSA => Kind::Ed25519,
            _ => return false,
        };
        // A shared secret has no name of its own to be held to.
        let is_named = self.kind == Kind::Secret || id.is_none() || id == self.id.as_deref();
        let is_for = self.only.is_none_or(|only| only == algorithm);
        self.kind == kind && is_named && is_for
    }

    pub(super) fn is_called(&self, id: &str) -> bool {
        self.id.as_deref() == Some(id)
    }

    pub(super) const fn verifying(&self) -> &DecodingKey {
        &self.verifying
    }
}

/// Whether a modulus, big-endian in base64url, is neither too small to be safe nor too large to be meant.
fn is_strong(modulus: &str) -> bool {
    use base64::Engine as _;
    let bytes =
        base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(modulus).unwrap_or_default();
    let significant = bytes.iter().skip_while(|byte| **byte == 0).count();
    (RSA_BITS_MIN / 8..=RSA_BITS_MAX / 8).contains(&significant)
}
