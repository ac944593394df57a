//! Tenants, administered sources and collections.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::access::AccessList;
use super::digest::Digest;
use super::id::{CollectionId, SourceId};
use super::vector::VectorShape;

/// A name that an administrator gives: 1 to 64 of `a-z 0-9 . _ -`, beginning with a letter or digit.
/// So it is safe in paths, logs, filters and terminals.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

/// The text cannot be a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is no name; use 1 to 64 of a-z, 0-9, `.`, `_`, `-`, beginning with a letter or digit"
)]
pub struct NameError {
    /// What was given, drawn safely.
    pub text: String,
}

impl FromStr for Name {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let starts = text.starts_with(|ch: char| ch.is_ascii_lowercase() || ch.is_ascii_digit());
        let fits =
            text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-'));
        if starts && fits && text.len() <= 64 {
            Ok(Self(text.to_owned()))
        } else {
            Err(NameError { text: super::finding::draw_safely(text) })
        }
    }
}

impl Name {
    /// A name that stands in this program's own text, where nobody can misspell it.
    pub(crate) fn known(text: &'static str) -> Self {
        Self(text.to_owned())
    }

    /// A letter and a number.
    pub(super) fn numbered(letter: char, number: u64) -> Self {
        Self(format!("{}{number}", letter.to_ascii_lowercase()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Name {
    type Error = NameError;
    fn try_from(text: String) -> Result<Self, NameError> {
        text.parse()
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The outer boundary: nothing crosses it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tenant(Name);

impl Tenant {
    /// The name.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl Default for Tenant {
    /// The tenant of a workspace that has only one: `main`.
    fn default() -> Self {
        Self(Name("main".to_owned()))
    }
}

impl FromStr for Tenant {
    type Err = NameError;
    fn from_str(text: &str) -> Result<Self, NameError> {
        text.parse().map(Self)
    }
}

impl fmt::Display for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How far a source is trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrustTier {
    /// Written and reviewed by people whom the tenant answers for.
    Trusted,
    /// Written inside the tenant by anybody.
    Internal,
    /// Anything else.
    External,
}

impl TrustTier {
    /// Every tier, falling.
    pub const ALL: [Self; 3] = [Self::Trusted, Self::Internal, Self::External];

    /// The name used in files and outputs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Trusted => "trusted",
            Self::Internal => "internal",
            Self::External => "external",
        }
    }
}

impl FromStr for TrustTier {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|tier| tier.name() == text).ok_or_else(|| {
            format!(
                "`{}` is no trust tier; use trusted, internal or external",
                super::finding::draw_safely(text)
            )
        })
    }
}

/// Where documents come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its id.
    pub id: SourceId,
    /// Its name, unique in the workspace.
    pub name: Name,
    /// Whose it is.
    pub tenant: Tenant,
    /// How far it is trusted.
    pub tier: TrustTier,
    /// Who reads its documents when a request says nothing; a request may only narrow it.
    pub readers: AccessList,
}

/// Where chunks are searched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collection {
    /// Its id.
    pub id: CollectionId,
    /// Its name, unique in the workspace.
    pub name: Name,
    /// What makes its vectors.
    pub embedder: EmbedderIdentity,
    /// Its named vectors.
    pub vectors: BTreeMap<String, VectorShape>,
}

/// Which embedder made a vector; two identities never share a collection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmbedderIdentity {
    /// The embedder's name.
    pub name: String,
    /// Digest of everything that its vectors depend on.
    pub digest: Digest,
}
