//! Keys of applications: what a program may do, where, and for how long.
//!
//! A key is shown once, when it is made: `alng_` and 64 hexadecimal digits after its id. Kept is only a
//! SHA-256 of the secret: 256 random bits need no slow hash.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::access::{Label, Principal};
use super::digest::{Digest, hex, unhex};
use super::id::ApiKeyId;
use super::source::{Name, Tenant};
use super::time::Timestamp;

/// What a key's owner may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Bring documents and chunks into its sources, look at them, narrow their readers, delete them.
    Ingest,
    /// Ask questions of its collections.
    Retrieve,
    /// Decide on what is held.
    Review,
    /// Everything that is set up: sources, collections, keys, access lists.
    Admin,
    /// Read metrics.
    Observe,
    /// Keep the tenant's users and groups: an identity provider's.
    Provision,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 6] =
        [Self::Ingest, Self::Retrieve, Self::Review, Self::Admin, Self::Observe, Self::Provision];

    /// The name used in files and outputs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Retrieve => "retrieve",
            Self::Review => "review",
            Self::Admin => "admin",
            Self::Observe => "observe",
            Self::Provision => "provision",
        }
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|role| role.name() == text).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            format!("`{}` is no role; use {names}", super::finding::draw_safely(text))
        })
    }
}

/// On whose behalf a key may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Behalf {
    /// Its own alone.
    Own,
    /// Also of a user whom it names. A hit must be allowed for both.
    Users,
    /// Also of a user whom it names, and then whatever that user may read, up to the key's own
    /// clearance and but for what is denied to the key. Without a user it has its own rights.
    Delegate,
}

impl Behalf {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Own, Self::Users, Self::Delegate];

    /// The name used in files and outputs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Users => "users",
            Self::Delegate => "delegate",
        }
    }
}

impl FromStr for Behalf {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|one| one.name() == text).ok_or_else(|| {
            let text = super::finding::draw_safely(text);
            format!("`{text}` says on nobody's behalf; use own, users or delegate")
        })
    }
}

/// A key without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id; part of the token.
    pub id: ApiKeyId,
    /// The application.
    pub app: Name,
    /// Whose it is; it reaches nothing of another tenant.
    pub tenant: Tenant,
    /// What it may do.
    pub roles: BTreeSet<Role>,
    /// Sources that it may write to and look at; `None`: all of its tenant.
    pub sources: Option<BTreeSet<Name>>,
    /// Collections that it may search and fill; `None`: all.
    pub collections: Option<BTreeSet<Name>>,
    /// Who it is on access lists, besides `everyone`.
    pub principals: BTreeSet<Principal>,
    /// The highest label that it may read.
    pub clearance: Label,
    /// On whose behalf it may ask.
    pub behalf: Behalf,
    /// SHA-256 of its secret.
    pub secret: Digest,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is nobody's.
    pub expires_at: Option<Timestamp>,
    /// Since when it is nobody's.
    pub revoked_at: Option<Timestamp>,
    /// From when on users' tokens count that come beside it.
    pub tokens_from: Option<Timestamp>,
    /// Whether answers to it tell scores.
    pub scores: bool,
}

impl ApiKey {
    /// Whether it is somebody's now.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }

    /// Whether it may do this.
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}

/// What an application sends: `alng_ID_SECRET`.
#[derive(Clone)]
pub struct Token {
    /// Which key it claims to be.
    pub id: ApiKeyId,
    secret: [u8; 32],
}

impl Token {
    /// A token of these random bytes.
    pub const fn new(id: ApiKeyId, secret: [u8; 32]) -> Self {
        Self { id, secret }
    }

    /// What is kept of the secret.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.secret)
    }

    /// Whether it is this key's. Digests of secrets are compared, so that the time that it takes tells
    /// nothing of use.
    pub fn opens(&self, key: &ApiKey) -> bool {
        self.id == key.id && self.digest() == key.secret
    }

    /// The text, to be shown once.
    pub fn reveal(&self) -> String {
        format!("alng_{}_{}", hex(self.id.bytes()), hex(&self.secret))
    }

    /// Reads a token; `None` when it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let (id, secret) = text.strip_prefix("alng_")?.split_once('_')?;
        let id = uuid::Uuid::from_slice(&unhex(id)?).ok()?;
        Some(Self { id: ApiKeyId::new(id), secret: unhex(secret)?.try_into().ok()? })
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({})", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::Token;
    use crate::domain::id::ApiKeyId;

    #[test]
    fn a_token_reads_back_and_is_never_debug_printed() {
        let token = Token::new(ApiKeyId::new(uuid::Uuid::from_u128(5)), [0xab; 32]);
        let again = Token::parse(&token.reveal()).unwrap();
        assert_eq!((again.id, again.digest()), (token.id, token.digest()));
        assert!(!format!("{token:?}").contains("abab"));
    }

    #[test]
    fn what_is_no_token_is_none() {
        let token = Token::new(ApiKeyId::new(uuid::Uuid::from_u128(5)), [1; 32]).reveal();
        let short = token.get(..token.len() - 2).unwrap();
        let bare = token.strip_prefix("alng_").unwrap();
        for text in ["", "alng_", "alng__", bare, short, "alng_é_é"] {
            assert!(Token::parse(text).is_none(), "{text}");
        }
    }
}
