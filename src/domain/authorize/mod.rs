//! Access policies in Cedar: read, held against the schema, and asked about one side of a caller and one access list.
//!
//! `base.cedar` holds in every workspace, and a workspace adds policies of its own. Since a `forbid` beats every
//! `permit`, none of these can undo what the base forbids: another tenant, a label above the clearance, a denied
//! principal. What a `permit` of a workspace opens beyond the lists, it opens on purpose.
//!
//! **An error is a no.** Cedar itself leaves out a policy that cannot be evaluated, and a `forbid` that is left out
//! opens a door.

mod entities;
mod read;
mod rights;

use std::fmt;

use cedar_policy::{Authorizer, Context, Decision as Said, PolicyId, PolicySet, Request};

use super::access::{AccessClass, Identity, Principal};
use super::caller::Caller;
use super::digest::Digest;
use super::source::Name;
use super::time::Timestamp;
use entities::Vocabulary;
pub use rights::{Boundary, Rights};

/// What the policies of a workspace can speak of, in Cedar's own language for schemas.
pub const SCHEMA: &str = include_str!("../../../policies/access/schema.cedarschema");
/// What holds in every workspace.
pub const BASE: &str = include_str!("../../../policies/access/base.cedar");

/// A file of policies.
#[derive(Debug, Clone, Copy)]
pub struct PolicyFile<'a> {
    /// As the user named it.
    pub name: &'a str,
    /// What it says.
    pub text: &'a str,
}

/// The access policies in force.
pub struct AccessPolicies {
    set: PolicySet,
    vocabulary: Vocabulary,
    digest: Digest,
    /// Whether a policy asks for the time.
    asks_time: bool,
    /// Whether a policy asks for a document's source.
    asks_source: bool,
    /// Whether a policy other than the base's permits anything: where none does, nobody reads whom the list
    /// does not name.
    permits_more: bool,
}

/// What an access list is asked under, beside who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Circumstances {
    /// When.
    pub at: Timestamp,
    /// What for, as the application says.
    pub purpose: Option<Name>,
    /// Which application asks, if one does.
    pub app: Option<String>,
    /// Which user asks or is asked for, if there is one.
    pub user: Option<String>,
}

impl Circumstances {
    /// A question of this caller.
    pub fn of(caller: &Caller, at: Timestamp, purpose: Option<Name>) -> Self {
        let app = caller.app().map(ToOwned::to_owned);
        Self { at, purpose, app, user: caller.user().map(ToOwned::to_owned) }
    }
}

/// What was decided, and by what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Whether this side may read it.
    pub allowed: bool,
    /// Ids of the policies that decided, in order; none where nothing permits it.
    pub policies: Vec<String>,
    /// Entries of the list that name this side, as `allow` or `deny`.
    pub entries: Vec<(ListSide, Principal)>,
    /// What could not be evaluated; with any, the answer is no.
    pub errors: Vec<String>,
}

/// Where in an access list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListSide {
    /// Among those who may.
    Allow,
    /// Among those who may not.
    Deny,
}

impl ListSide {
    /// The name used in outputs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
        }
    }
}

/// What one access list guards, as policies see it.
#[derive(Debug, Clone, Copy)]
pub struct Resource<'a> {
    /// Tenant, list and label.
    pub class: &'a AccessClass,
    /// Name of the source, where a policy asks for it.
    pub source: Option<&'a str>,
}

impl fmt::Debug for AccessPolicies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessPolicies")
            .field("digest", &self.digest)
            .field("policies", &self.set.num_of_policies())
            .finish()
    }
}

impl AccessPolicies {
    /// SHA-256 of all that is in force: base, schema and the workspace's own.
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// Whether decisions change with the time.
    pub const fn asks_time(&self) -> bool {
        self.asks_time
    }

    /// Whether decisions differ between sources.
    pub const fn asks_source(&self) -> bool {
        self.asks_source
    }

    /// Whether this side of a caller may read each of these.
    pub fn decide(
        &self,
        side: &Identity,
        circumstances: &Circumstances,
        resources: &[Resource<'_>],
    ) -> Vec<Decision> {
        self.asked(side, circumstances, resources).unwrap_or_else(|error| {
            // A principal that Cedar does not take: nothing is decided, so nothing is allowed.
            let refused = Decision::refused(error);
            resources.iter().map(|_| refused.clone()).collect()
        })
    }

    /// One answer for each, or why none can be had.
    fn asked(
        &self,
        side: &Identity,
        circumstances: &Circumstances,
        resources: &[Resource<'_>],
    ) -> Result<Vec<Decision>, String> {
        let words = &self.vocabulary;
        let context = words.context(circumstances)?;
        let (who, entities) = words.entities(side, resources)?;
        let authorizer = Authorizer::new();
        let decide = |(number, resource): (usize, &Resource<'_>)| {
            let document = words.document(number);
            let request = Request::new(
                who.clone(),
                words.read.clone(),
                document,
                Context::clone(&context),
                None,
            );
            let request = request.map_err(|error| error.to_string())?;
            let response = authorizer.is_authorized(&request, &self.set, &entities);
            let diagnostics = response.diagnostics();
            let errors: Vec<String> = diagnostics.errors().map(ToString::to_string).collect();
            let mut policies: Vec<String> = diagnostics.reason().map(PolicyId::to_string).collect();
            policies.sort();
            let allowed = response.decision() == Said::Allow && errors.is_empty();
            let list = &resource.class.list;
            let allow = side.named_by(&list.allow).map(|one| (ListSide::Allow, one.clone()));
            let deny = side.named_by(&list.deny).map(|one| (ListSide::Deny, one.clone()));
            let doubted = list.deny.intersection(&side.doubted);
            let doubted = doubted.map(|one| (ListSide::Deny, one.clone()));
            let entries = allow.chain(deny).chain(doubted).collect();
            Ok(Decision { allowed, policies, entries, errors })
        };
        resources.iter().enumerate().map(decide).collect()
    }

    /// Whether this side could be allowed at all: a cheap no for most lists. Where this says no, so do the
    /// policies.
    fn could_allow(&self, side: &Identity, resource: &Resource<'_>) -> bool {
        let list = &resource.class.list;
        self.permits_more || side.delegate || side.named_by(&list.allow).next().is_some()
    }
}

impl Decision {
    fn refused(error: String) -> Self {
        Self { allowed: false, policies: Vec::new(), entries: Vec::new(), errors: vec![error] }
    }
}

#[cfg(test)]
mod tests;
