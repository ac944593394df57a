//! A token as it came: what its header says, and its claims once a key has verified them.

use std::collections::BTreeSet;

use jsonwebtoken::{Algorithm, Header, Validation, dangerous, decode, decode_header};
use serde_json::{Map, Value};

use super::TokenError;
use super::key::Key;
use crate::domain::limits::TOKEN_BYTES_MAX;

/// Keys that are tried on a token that names none.
const KEYS_TRIED_MAX: usize = 4;

/// A token of the right shape; nothing in it is verified.
#[derive(Debug)]
pub(super) struct Token<'t> {
    text: &'t str,
    header: Header,
    issuer: Option<String>,
}

impl<'t> Token<'t> {
    pub(super) fn read(text: &'t str) -> Result<Self, TokenError> {
        let parts = text.split('.').filter(|part| !part.is_empty()).count();
        if text.len() > TOKEN_BYTES_MAX || parts != 3 || text.split('.').count() != 3 {
            return Err(TokenError::Shape);
        }
        let header = decode_header(text).map_err(|_| TokenError::Shape)?;
        // It only says under whose keys the token is looked at.
        let claims: Map<String, Value> =
            dangerous::insecure_decode_claims(text).map_err(|_| TokenError::Shape)?;
        let issuer = claims.get("iss").and_then(Value::as_str).map(str::to_owned);
        Ok(Self { text, header, issuer })
    }

    /// Whom it claims to be of.
    pub(super) fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// How it claims to be signed.
    pub(super) const fn algorithm(&self) -> Algorithm {
        self.header.alg
    }

    /// The key that it names.
    pub(super) fn key_id(&self) -> Option<&str> {
        self.header.kid.as_deref()
    }

    /// Whether it is a signed token of one of these types. `typ` is a media type (RFC 7515 §4.1.9).
    pub(super) fn is_of(&self, types: &BTreeSet<String>) -> bool {
        let said = self.header.typ.as_deref().unwrap_or("JWT").to_ascii_lowercase();
        let said = said.strip_prefix("application/").unwrap_or(&said);
        let plain = self.header.enc.is_none() && self.header.zip.is_none();
        plain && types.contains(said)
    }

    /// Its claims, if one of these keys has signed it in the way that it says.
    pub(super) fn claims<'k>(
        &self,
        keys: impl Iterator<Item = &'k Key>,
    ) -> Option<Map<String, Value>> {
        let mut how = Validation::new(self.algorithm());
        // What it claims is looked at elsewhere, by a clock that tests can set.
        (how.validate_exp, how.validate_nbf, how.validate_aud) = (false, false, false);
        how.required_spec_claims.clear();
        let fitting = keys.filter(|key| key.fits(self.algorithm(), self.key_id()));
        fitting.take(KEYS_TRIED_MAX).find_map(|key| {
            decode::<Map<String, Value>>(self.text, key.verifying(), &how)
                .ok()
                .map(|read| read.claims)
        })
    }
}
