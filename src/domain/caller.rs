//! A verified identity. There is no way to be a caller without somebody having checked who calls.

use std::sync::Arc;

use super::access::{Identity, Label, Who};
use super::digest::Digest;
use super::source::Tenant;

/// An identity with the digest of it; neither changes any more.
#[derive(Debug)]
pub struct Side {
    identity: Identity,
    digest: Digest,
}

impl Side {
    /// Seals an identity.
    pub fn of(identity: Identity) -> Arc<Self> {
        let digest = identity.digest();
        Arc::new(Self { identity, digest })
    }

    /// Who it is, and what it has.
    pub const fn identity(&self) -> &Identity {
        &self.identity
    }
}

/// As of when a user was looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownAt {
    /// The ledger's epoch.
    pub epoch: u64,
    /// The version of the tenant's directory, which rises with every change of anybody.
    pub people: u64,
}

/// An app, an end user, or both; never nobody. A hit must be allowed for every side of it.
#[derive(Debug, Clone)]
pub struct Caller {
    name: String,
    first: Arc<Side>,
    second: Option<Arc<Side>>,
    known_at: Option<KnownAt>,
}

impl Caller {
    /// The only door. `first` is the app, or the user if there is no app. Called from `adapters/credentials.rs` alone, after a credential was verified.
    pub(crate) fn verified(name: String, first: Arc<Side>, second: Option<Arc<Side>>) -> Self {
        // A side that leaves the decision to the other needs one that takes it.
        let alone = second.is_none();
        let first = if alone { undelegated(first) } else { first };
        Self { name, first, second: second.map(undelegated), known_at: None }
    }

    /// Its user was looked up as of then.
    pub(crate) fn looked_up(self, known_at: Option<KnownAt>) -> Self {
        Self { known_at, ..self }
    }

    /// In which tenant's directory its user was looked up, and as of when; `None` where nobody was.
    pub fn known_at(&self) -> Option<(&Tenant, KnownAt)> {
        let user = self.sides().find(|side| matches!(side.who, Who::User(_)))?;
        Some((&user.tenant, self.known_at?))
    }

    /// For the log.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The tenant that the caller belongs to; where two sides differ, nothing is permitted anyway.
    pub fn tenant(&self) -> &Tenant {
        &self.first.identity.tenant
    }

    /// The sides, each of which must be allowed.
    pub fn sides(&self) -> impl Iterator<Item = &Identity> {
        std::iter::once(&self.first).chain(&self.second).map(|side| side.identity())
    }

    /// The application that asks, if one does.
    pub fn app(&self) -> Option<&str> {
        self.sides().find_map(|side| match &side.who {
            Who::App(name) => Some(name.as_str()),
            Who::User(_) => None,
        })
    }

    /// The user who asks or is asked for, if there is one.
    pub fn user(&self) -> Option<&str> {
        self.sides().find_map(|side| match &side.who {
            Who::User(name) => Some(name.as_str()),
            Who::App(_) => None,
        })
    }

    /// The highest label that every side of it may read.
    pub fn clearance(&self) -> Label {
        self.sides().map(|side| side.clearance).min().unwrap_or(Label::Public)
    }

    /// Callers of one digest have the same rights.
    pub fn digest(&self) -> Digest {
        let sides = std::iter::once(&self.first).chain(&self.second);
        Digest::of_parts(sides.map(|side| side.digest.0.as_slice()))
    }
}

fn undelegated(side: Arc<Side>) -> Arc<Side> {
    match side.identity.delegate {
        true => Side::of(Identity { delegate: false, ..side.identity.clone() }),
        false => side,
    }
}
