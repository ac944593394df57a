//! A verified identity. There is no way to be a caller without somebody having checked who calls.

use super::access::{AccessClass, Identity, permits};
use super::source::Tenant;

/// An app, an end user, or both; never nobody. A hit must be allowed for every side of it.
#[derive(Debug, Clone)]
pub struct Caller {
    name: String,
    first: Identity,
    second: Option<Identity>,
}

impl Caller {
    /// The only door. `first` is the app, or the user if there is no app. Called from `adapters/credentials.rs` alone, after a credential was verified.
    pub(crate) fn verified(name: String, first: Identity, second: Option<Identity>) -> Self {
        // A side that leaves the decision to the other needs one that takes it.
        let alone = second.is_none();
        let first = Identity { delegate: first.delegate && !alone, ..first };
        let second = second.map(|second| Identity { delegate: false, ..second });
        Self { name, first, second }
    }

    /// For the log.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The tenant that the caller belongs to; where two sides differ, nothing is permitted anyway.
    pub const fn tenant(&self) -> &Tenant {
        &self.first.tenant
    }

    /// Whether every side of the caller may read what this class guards.
    pub fn may_read(&self, class: &AccessClass) -> bool {
        std::iter::once(&self.first)
            .chain(&self.second)
            .all(|identity| permits(identity, &class.tenant, &class.list))
    }
}
