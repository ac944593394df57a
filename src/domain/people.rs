//! Users and groups that an identity provider keeps here, and what follows for one user.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use uuid::Uuid;

use super::access::{Label, User};
use super::id::{GroupId, PersonId};
use super::source::Tenant;
use super::time::Timestamp;

/// A user.
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    /// Its id.
    pub id: PersonId,
    /// Whose it is.
    pub tenant: Tenant,
    /// As on access lists after `user:`; unique in the tenant, whatever the case of its letters.
    pub name: String,
    /// The provider's own name for it.
    pub external_id: Option<String>,
    /// Whether it is anybody now.
    pub is_active: bool,
    /// The highest label that it may read; `internal` where the provider says none.
    pub clearance: Option<Label>,
    /// What else the provider says; it means nothing here.
    pub rest: Map<String, Value>,
    /// Rises with every change.
    pub version: u64,
    /// When it came.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub changed_at: Timestamp,
}

/// A group.
#[derive(Debug, Clone, PartialEq)]
pub struct PeopleGroup {
    /// Its id.
    pub id: GroupId,
    /// Whose it is.
    pub tenant: Tenant,
    /// As on access lists after `group:`; unique in the tenant.
    pub name: String,
    /// The provider's own name for it.
    pub external_id: Option<String>,
    /// People and groups of the tenant that are in it.
    pub members: BTreeSet<Uuid>,
    /// Those of them that are groups, as the ledger knows them.
    pub groups_inside: BTreeSet<Uuid>,
    /// What else the provider says; it means nothing here.
    pub rest: Map<String, Value>,
    /// Rises with every change.
    pub version: u64,
    /// When it came.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub changed_at: Timestamp,
}

/// What a tenant's directory here knows of one user, now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing {
    /// Whether a provider keeps this tenant's users here: then nobody else is anybody.
    pub is_provisioned: bool,
    /// The user under the name that access lists know, with all groups, also those that its groups are in;
    /// `None`: there is no such user, or it is not active.
    pub known: Option<(String, User)>,
    /// From when on the user's tokens count.
    pub tokens_from: Option<Timestamp>,
}

/// By what a provider looks for users or groups; nothing: all of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Sought {
    /// All.
    #[default]
    All,
    /// Of this id.
    Id(Uuid),
    /// Of this name.
    Name(String),
    /// Of this name of the provider's.
    ExternalId(String),
    /// Groups that this person or group is in.
    Member(Uuid),
}

/// The form in which names of users are compared.
pub fn name_key(name: &str) -> String {
    name.to_lowercase()
}
