//! Keys of applications: made, replaced and ended, each on record before it happens.

use std::collections::BTreeSet;

use crate::domain::access::{Label, Principal};
use crate::domain::api_key::{ApiKey, Behalf, Role, Token};
use crate::domain::id::ApiKeyId;
use crate::domain::source::{Name, Tenant};
use crate::domain::time::Timestamp;

use super::error::GuardError;
use super::events::{Event, KeyChange};
use super::guard::Guard;
use super::ledger::{KeyEnd, LedgerError};

/// A key to be made.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// The application.
    pub app: Name,
    /// Whose it is.
    pub tenant: Tenant,
    /// What it may do; at least one.
    pub roles: BTreeSet<Role>,
    /// Sources that it reaches; `None`: all of its tenant.
    pub sources: Option<BTreeSet<Name>>,
    /// Collections that it reaches; `None`: all.
    pub collections: Option<BTreeSet<Name>>,
    /// Who it is on access lists; without any, `role:APP`.
    pub principals: BTreeSet<Principal>,
    /// The highest label that it may read.
    pub clearance: Label,
    /// On whose behalf it may ask.
    pub behalf: Behalf,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// Whether answers to it tell scores.
    pub scores: bool,
}

impl NewKey {
    /// Who it will be on access lists.
    pub fn reads_as(&self) -> BTreeSet<Principal> {
        match self.principals.is_empty() {
            true => BTreeSet::from([Principal::Role(self.app.to_string())]),
            false => self.principals.clone(),
        }
    }
}

impl Guard {
    /// Makes a key. Its token is shown to whoever asked, and is nowhere afterwards.
    pub async fn create_key(
        &self,
        new: NewKey,
        actor: &str,
    ) -> Result<(ApiKey, Token), GuardError> {
        self.check_key(&new).await?;
        let principals = new.reads_as();
        let id = ApiKeyId::new(self.entropy.uuid());
        let token = Token::new(id, self.entropy.secret()?);
        let key = ApiKey {
            id,
            app: new.app,
            tenant: new.tenant,
            roles: new.roles,
            sources: new.sources,
            collections: new.collections,
            principals,
            clearance: new.clearance,
            behalf: new.behalf,
            secret: token.digest(),
            created_at: self.now(),
            expires_at: new.expires_at,
            revoked_at: None,
            tokens_from: None,
            scores: new.scores,
        };
        self.record_key(id, KeyChange::Created, actor).await?;
        self.ledger.create_key(&key).await?;
        Ok((key, token))
    }

    /// Ends a key at once.
    pub async fn revoke_key(&self, id: ApiKeyId, actor: &str) -> Result<(), GuardError> {
        self.live_key(id).await?;
        self.record_key(id, KeyChange::Revoked, actor).await?;
        Ok(self.ledger.end_key(id, KeyEnd::Revoked(self.now())).await?)
    }

    /// Makes a key like this one, which ends after `grace_ms`: time for the application to take the new
    /// one.
    pub async fn rotate_key(
        &self,
        id: ApiKeyId,
        grace_ms: i64,
        actor: &str,
    ) -> Result<(ApiKey, Token), GuardError> {
        let old = self.live_key(id).await?;
        let new = NewKey {
            app: old.app,
            tenant: old.tenant,
            roles: old.roles,
            sources: old.sources,
            collections: old.collections,
            principals: old.principals,
            clearance: old.clearance,
            behalf: old.behalf,
            expires_at: old.expires_at,
            scores: old.scores,
        };
        let made = self.create_key(new, actor).await?;
        self.record_key(id, KeyChange::Rotated, actor).await?;
        let end = Timestamp(self.now().0.saturating_add(grace_ms.max(0)));
        self.ledger.end_key(id, KeyEnd::Expires(end)).await?;
        Ok(made)
    }

    async fn live_key(&self, id: ApiKeyId) -> Result<ApiKey, GuardError> {
        let missing = || LedgerError::NotFound { what: format!("key `{id}`") };
        let key = self.ledger.key(id).await?.ok_or_else(missing)?;
        if key.is_live(self.now()) {
            Ok(key)
        } else {
            Err(LedgerError::Conflict { what: format!("key `{id}`") }.into())
        }
    }

    /// A key for what is not there would silently begin to work when somebody makes it.
    async fn check_key(&self, new: &NewKey) -> Result<(), GuardError> {
        let refuse =
            |field: &str, what: String| Err(GuardError::Field { field: field.to_owned(), what });
        if new.roles.is_empty() {
            return refuse("roles", "a key needs at least one role".to_owned());
        }
        if new.expires_at.is_some_and(|end| end <= self.now()) {
            return refuse("expires_at", "it lies in the past".to_owned());
        }
        let sources = self.ledger.sources().await?;
        let unknown = |name: &&Name| {
            !sources.iter().any(|source| source.name == **name && source.tenant == new.tenant)
        };
        if let Some(name) = new.sources.iter().flatten().find(unknown) {
            let what = format!("tenant `{}` has no source `{name}`", new.tenant);
            return refuse("sources", what);
        }
        let collections = self.ledger.collections().await?;
        let unknown = |name: &&Name| !collections.iter().any(|one| one.name == **name);
        if let Some(name) = new.collections.iter().flatten().find(unknown) {
            return refuse("collections", format!("there is no collection `{name}`"));
        }
        Ok(())
    }

    async fn record_key(
        &self,
        key: ApiKeyId,
        change: KeyChange,
        actor: &str,
    ) -> Result<(), GuardError> {
        Ok(self.record(&Event::KeyChanged { key, change, actor: actor.to_owned() }).await?)
    }
}
