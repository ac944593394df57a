//! Who may read what: principals, access lists, access classes. `authorize` says yes or no.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::digest::Digest;
use super::id::ClassId;
use super::limits::{ACCESS_ENTRIES_MAX, PRINCIPAL_BYTES_MAX};
use super::source::Tenant;

/// Somebody an access list can name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Principal {
    /// Everyone of the tenant.
    Everyone,
    /// One person.
    User(String),
    /// A group of people.
    Group(String),
    /// A role of an application.
    Role(String),
}

/// The text names no principal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no principal; write `everyone`, `user:NAME`, `group:NAME` or `role:NAME`")]
pub struct PrincipalError {
    /// What was given, drawn safely.
    pub text: String,
}

impl FromStr for Principal {
    type Err = PrincipalError;

    fn from_str(text: &str) -> Result<Self, PrincipalError> {
        let error = || PrincipalError { text: super::finding::draw_safely(text) };
        if text == "everyone" {
            return Ok(Self::Everyone);
        }
        let (kind, name) = text.split_once(':').ok_or_else(error)?;
        let fits = !name.is_empty()
            && name.len() <= PRINCIPAL_BYTES_MAX
            && name.trim() == name
            && !name.chars().any(super::finding::is_undrawable);
        match kind {
            _ if !fits => Err(error()),
            "user" => Ok(Self::User(name.to_owned())),
            "group" => Ok(Self::Group(name.to_owned())),
            "role" => Ok(Self::Role(name.to_owned())),
            _ => Err(error()),
        }
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everyone => f.write_str("everyone"),
            Self::User(name) => write!(f, "user:{name}"),
            Self::Group(name) => write!(f, "group:{name}"),
            Self::Role(name) => write!(f, "role:{name}"),
        }
    }
}

impl Serialize for Principal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Principal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Classification, rising. A caller's clearance must reach the label.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Label {
    /// For anybody.
    Public,
    /// For the tenant's own people.
    #[default]
    Internal,
    /// For few.
    Confidential,
    /// For named people.
    Restricted,
}

impl Label {
    /// Every label, rising.
    pub const ALL: [Self; 4] = [Self::Public, Self::Internal, Self::Confidential, Self::Restricted];

    /// The name used in files and outputs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Internal => "internal",
            Self::Confidential => "confidential",
            Self::Restricted => "restricted",
        }
    }
}

impl FromStr for Label {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|label| label.name() == text).ok_or_else(|| {
            format!(
                "`{}` is no label; use public, internal, confidential or restricted",
                super::finding::draw_safely(text)
            )
        })
    }
}

/// Who may read a document. Nobody, unless somebody is allowed; deny beats allow.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessList {
    /// Who may read it.
    pub allow: BTreeSet<Principal>,
    /// Who may not, whatever `allow` says.
    #[serde(default)]
    pub deny: BTreeSet<Principal>,
    /// Its classification.
    #[serde(default)]
    pub label: Label,
}

/// A request asked for more readers than its source gives.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccessError {
    /// A reader outside the source's own readers.
    #[error(
        "`{principal}` is not among the readers of this source; a request may only narrow them"
    )]
    WiderReaders {
        /// Whom the request named.
        principal: Principal,
    },
    /// A label below the source's own label.
    #[error("label `{}` is below the source's label `{}`", asked.name(), floor.name())]
    LowerLabel {
        /// What the request asked for.
        asked: Label,
        /// The source's label.
        floor: Label,
    },
    /// More entries than a list may hold.
    #[error("an access list holds at most {limit} entries")]
    TooMany {
        /// The bound.
        limit: usize,
    },
}

impl AccessList {
    /// Readers without exceptions.
    pub fn allowing(allow: impl IntoIterator<Item = Principal>, label: Label) -> Self {
        Self { allow: allow.into_iter().collect(), deny: BTreeSet::new(), label }
    }

    /// This list as a request may set it on a source whose default is `default`.
    pub fn within(self, default: &Self) -> Result<Self, AccessError> {
        if self.allow.len() + self.deny.len() > ACCESS_ENTRIES_MAX {
            return Err(AccessError::TooMany { limit: ACCESS_ENTRIES_MAX });
        }
        if !default.allow.contains(&Principal::Everyone)
            && let Some(principal) = self.allow.difference(&default.allow).next()
        {
            return Err(AccessError::WiderReaders { principal: principal.clone() });
        }
        if self.label < default.label {
            return Err(AccessError::LowerLabel { asked: self.label, floor: default.label });
        }
        let deny = self.deny.union(&default.deny).cloned().collect();
        Ok(Self { deny, ..self })
    }

    /// Nobody reads by the result who does not read by both: what applies to a served revision when
    /// a newer, held one asks for other readers.
    #[must_use]
    pub fn narrowed_by(&self, other: &Self) -> Self {
        let everyone = |list: &Self| list.allow.contains(&Principal::Everyone);
        let allow = match (everyone(self), everyone(other)) {
            (true, _) => other.allow.clone(),
            (false, true) => self.allow.clone(),
            (false, false) => self.allow.intersection(&other.allow).cloned().collect(),
        };
        let deny = self.deny.union(&other.deny).cloned().collect();
        Self { allow, deny, label: self.label.max(other.label) }
    }

    /// Identity of (tenant, access list, label): equal lists share a class.
    pub fn class_digest(&self, tenant: &Tenant) -> Digest {
        let entries = |set: &BTreeSet<Principal>| {
            set.iter().map(|principal| principal.to_string().into_bytes()).collect::<Vec<_>>()
        };
        let (allow, deny) = (entries(&self.allow), entries(&self.deny));
        let count = (allow.len() as u64).to_be_bytes();
        let head = [tenant.as_str().as_bytes(), self.label.name().as_bytes(), count.as_slice()];
        Digest::of_parts(head.into_iter().chain(allow.iter().chain(&deny).map(Vec::as_slice)))
    }
}

/// One (tenant, access list, label) under its opaque id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessClass {
    /// What the store's filter names.
    pub id: ClassId,
    /// The tenant.
    pub tenant: Tenant,
    /// The list with its label.
    pub list: AccessList,
}

/// What a directory says of one user.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct User {
    /// Groups that the user is of.
    pub groups: BTreeSet<Principal>,
    /// The highest label that the user may read.
    pub clearance: Label,
}

/// Which side of a caller it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// A user, by the name that access lists have after `user:`.
    User(String),
    /// An application, by its name.
    App(String),
}

/// One verified side of a caller: a user or an app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Who it is.
    pub who: Who,
    /// Nothing crosses it.
    pub tenant: Tenant,
    /// Itself, its groups and roles; `everyone` is implied.
    pub principals: BTreeSet<Principal>,
    /// What it counts as only where a list denies: groups that one directory says and another does not.
    pub doubted: BTreeSet<Principal>,
    /// The highest label it may read.
    pub clearance: Label,
    /// Whether who is allowed is left to the caller's other side; who is denied, the tenant and the
    /// label are not. Counts only where there is another side.
    pub delegate: bool,
}

impl Identity {
    /// Those of these principals that it is.
    pub fn named_by<'s>(
        &self,
        set: &'s BTreeSet<Principal>,
    ) -> impl Iterator<Item = &'s Principal> {
        set.iter().filter(|one| **one == Principal::Everyone || self.principals.contains(*one))
    }

    /// SHA-256 of all of it: equal identities have equal rights.
    pub fn digest(&self) -> Digest {
        let (kind, name) = match &self.who {
            Who::User(name) => (b"user".as_slice(), name),
            Who::App(name) => (b"app".as_slice(), name),
        };
        let entries = |set: &BTreeSet<Principal>| {
            set.iter().map(|principal| principal.to_string().into_bytes()).collect::<Vec<_>>()
        };
        let (principals, doubted) = (entries(&self.principals), entries(&self.doubted));
        let count = (principals.len() as u64).to_be_bytes();
        let head = [
            kind,
            name.as_bytes(),
            self.tenant.as_str().as_bytes(),
            self.clearance.name().as_bytes(),
            &[u8::from(self.delegate)],
            count.as_slice(),
        ];
        Digest::of_parts(
            head.into_iter().chain(principals.iter().chain(&doubted).map(Vec::as_slice)),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{AccessError, AccessList, Identity, Label, Principal, Who};
    use crate::domain::source::Tenant;

    fn list(allow: &[&str], deny: &[&str]) -> AccessList {
        let parse = |names: &[&str]| names.iter().map(|name| name.parse().unwrap()).collect();
        AccessList { allow: parse(allow), deny: parse(deny), label: Label::Internal }
    }

    #[test]
    fn a_request_narrows_its_source_and_never_widens_it() {
        let source = list(&["group:staff", "group:people"], &["user:mallory"]);
        let narrowed = list(&["group:people"], &[]).within(&source).unwrap();
        assert_eq!(narrowed, list(&["group:people"], &["user:mallory"]));
        assert!(matches!(
            list(&["everyone"], &[]).within(&source),
            Err(AccessError::WiderReaders { principal: Principal::Everyone })
        ));
        let lower = AccessList { label: Label::Public, ..list(&["group:people"], &[]) };
        assert!(matches!(lower.within(&source), Err(AccessError::LowerLabel { .. })));
    }

    #[test]
    fn narrowing_allows_only_what_both_allow() {
        let wide = list(&["everyone"], &[]);
        let people = list(&["group:people"], &["user:bob"]);
        assert_eq!(wide.narrowed_by(&people), people);
        assert!(list(&["group:staff"], &[]).narrowed_by(&people).allow.is_empty());
    }

    #[test]
    fn classes_differ_when_an_entry_moves_from_allow_to_deny() {
        let tenant = Tenant::default();
        let one = list(&["user:a", "user:b"], &[]).class_digest(&tenant);
        let two = list(&["user:a"], &["user:b"]).class_digest(&tenant);
        assert_ne!(one, two);
    }

    #[test]
    fn whatever_rights_hang_on_changes_the_digest() {
        let names = |names: &[&str]| names.iter().map(|name| name.parse().unwrap()).collect();
        let ana = Identity {
            who: Who::User("ana".to_owned()),
            tenant: Tenant::default(),
            principals: names(&["user:ana", "group:a"]),
            doubted: names(&["group:b"]),
            clearance: Label::Internal,
            delegate: false,
        };
        let others = [
            Identity { who: Who::App("ana".to_owned()), ..ana.clone() },
            Identity { tenant: "other".parse().unwrap(), ..ana.clone() },
            Identity { principals: names(&["user:ana", "group:a", "group:b"]), ..ana.clone() },
            Identity {
                principals: names(&["user:ana", "group:a", "group:b"]),
                doubted: names(&[]),
                ..ana.clone()
            },
            Identity { clearance: Label::Public, ..ana.clone() },
            Identity { delegate: true, ..ana.clone() },
        ];
        assert_eq!(ana.digest(), ana.clone().digest());
        for other in &others {
            assert_ne!(ana.digest(), other.digest(), "{other:?}");
        }
    }
}
