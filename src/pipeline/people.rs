//! Users and groups that an identity provider keeps here: the port, and each change on record before it happens.

use async_trait::async_trait;
use uuid::Uuid;

use crate::domain::id::{ApiKeyId, GroupId, PersonId};
use crate::domain::people::{PeopleGroup, Person, Sought, Standing};
use crate::domain::source::Tenant;
use crate::domain::time::Timestamp;

use super::error::GuardError;
use super::events::{Event, PeopleChange};
use super::guard::Guard;
use super::ledger::LedgerError;

/// The directory that identity providers push to. Every change advances the ledger's epoch.
#[async_trait]
pub trait People: Send + Sync {
    /// What is known of a user; `Conflict` where it is in more groups than can be looked at.
    async fn standing(&self, tenant: &Tenant, name: &str) -> Result<Standing, LedgerError>;
    /// Rises with every change of anybody of this tenant; 0 where there never was anybody.
    async fn directory_version(&self, tenant: &Tenant) -> Result<u64, LedgerError>;
    /// Persons in order of their ids, from the `skip`-th on, and how many there are in all.
    async fn persons(
        &self,
        tenant: &Tenant,
        sought: &Sought,
        skip: usize,
        limit: usize,
    ) -> Result<(usize, Vec<Person>), LedgerError>;
    /// Makes a person of version 1, or replaces the version before this one; `Conflict` where that is not
    /// there or the name is taken.
    async fn keep_person(&self, person: &Person) -> Result<(), LedgerError>;
    /// Removes a person, also from groups; `NotFound` without one.
    async fn remove_person(&self, tenant: &Tenant, id: PersonId) -> Result<(), LedgerError>;
    /// Groups in order of their ids; see `persons`.
    async fn groups(
        &self,
        tenant: &Tenant,
        sought: &Sought,
        skip: usize,
        limit: usize,
    ) -> Result<(usize, Vec<PeopleGroup>), LedgerError>;
    /// See `keep_person`; `NotFound` where a member is nobody of the tenant.
    async fn keep_group(&self, group: &PeopleGroup) -> Result<(), LedgerError>;
    /// Removes a group, also from groups; `NotFound` without one.
    async fn remove_group(&self, tenant: &Tenant, id: GroupId) -> Result<(), LedgerError>;
    /// Ends a user's tokens that were issued before this moment. An end never moves back.
    async fn end_tokens(
        &self,
        tenant: &Tenant,
        name: &str,
        at: Timestamp,
    ) -> Result<(), LedgerError>;
    /// Ends users' tokens beside this key that were issued before this moment.
    async fn end_tokens_beside(&self, key: ApiKeyId, at: Timestamp) -> Result<(), LedgerError>;
}

impl Guard {
    /// Makes or changes a person.
    pub async fn keep_person(&self, person: &Person, actor: &str) -> Result<(), GuardError> {
        let change = match (person.version, person.is_active) {
            (1, true) => PeopleChange::Created,
            (_, true) => PeopleChange::Changed,
            (_, false) => PeopleChange::Deactivated,
        };
        self.record_person(person.id, &person.name, change, actor).await?;
        Ok(self.people.keep_person(person).await?)
    }

    /// Removes a person.
    pub async fn remove_person(&self, person: &Person, actor: &str) -> Result<(), GuardError> {
        self.record_person(person.id, &person.name, PeopleChange::Removed, actor).await?;
        // Somebody else may get the name one day, and is not whom these tokens are of.
        self.people.end_tokens(&person.tenant, &person.name, self.next_second()).await?;
        Ok(self.people.remove_person(&person.tenant, person.id).await?)
    }

    /// Makes or changes a group.
    pub async fn keep_group(&self, group: &PeopleGroup, actor: &str) -> Result<(), GuardError> {
        let change = if group.version == 1 { PeopleChange::Created } else { PeopleChange::Changed };
        self.record_group(group, change, actor).await?;
        Ok(self.people.keep_group(group).await?)
    }

    /// Removes a group.
    pub async fn remove_group(&self, group: &PeopleGroup, actor: &str) -> Result<(), GuardError> {
        self.record_group(group, PeopleChange::Removed, actor).await?;
        Ok(self.people.remove_group(&group.tenant, group.id).await?)
    }

    /// Ends all tokens that a user has by now.
    pub async fn end_tokens(
        &self,
        tenant: &Tenant,
        name: &str,
        actor: &str,
    ) -> Result<(), GuardError> {
        let (user, actor) = (name.to_owned(), actor.to_owned());
        let tenant_name = tenant.to_string();
        self.record(&Event::TokensEnded { tenant: tenant_name, user, actor }).await?;
        Ok(self.people.end_tokens(tenant, name, self.next_second()).await?)
    }

    /// Ends all users' tokens that were brought beside a key by now.
    pub async fn end_tokens_beside(&self, key: ApiKeyId, actor: &str) -> Result<(), GuardError> {
        self.record(&Event::TokensEndedBeside { key, actor: actor.to_owned() }).await?;
        Ok(self.people.end_tokens_beside(key, self.next_second()).await?)
    }

    /// Tokens tell the second in which they were issued: one of this second may be older than this moment.
    fn next_second(&self) -> Timestamp {
        Timestamp(self.now().0.div_euclid(1000).saturating_add(1).saturating_mul(1000))
    }

    async fn record_person(
        &self,
        person: PersonId,
        name: &str,
        change: PeopleChange,
        actor: &str,
    ) -> Result<(), GuardError> {
        let (name, actor) = (name.to_owned(), actor.to_owned());
        Ok(self.record(&Event::PersonChanged { person, name, change, actor }).await?)
    }

    async fn record_group(
        &self,
        group: &PeopleGroup,
        change: PeopleChange,
        actor: &str,
    ) -> Result<(), GuardError> {
        let (name, actor) = (group.name.clone(), actor.to_owned());
        let members = group.members.len();
        let group = group.id;
        Ok(self.record(&Event::GroupChanged { group, name, members, change, actor }).await?)
    }

    /// An id for somebody who is new.
    pub fn people_id(&self) -> Uuid {
        self.entropy.uuid()
    }
}
