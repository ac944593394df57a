//! Who calls: the only file that makes a `Caller`.
//!
//! The local operator, who owns the key file, may look at the workspace as any user (`--as`). An application brings its
//! key; if the key says so, it may name the user for whom it asks. Or the user's own token comes beside the key, and then
//! it is the token's issuer who vouches; with a user a hit must be allowed for both. And a user's token may come alone,
//! where its issuer is configured so.
//!
//! Which groups and clearance a user has is said by the directory: what an identity provider keeps here for the tenant,
//! or else `directory.toml`. Where a token says it too, the user has what both give, and is denied what either would.
//!
//! Lets through on purpose: a user whom `directory.toml` does not know. Whoever vouches for the name vouches for the
//! person; such a user has no groups and the clearance `internal`. In a tenant whose users a provider keeps here, whom it
//! does not have is nobody.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::access::{Identity, Principal, PrincipalError, User, Who};
use crate::domain::api_key::{ApiKey, Behalf, Role, Token};
use crate::domain::caller::{Caller, KnownAt, Side};
use crate::domain::claims::Asserted;
use crate::domain::limits::SIDES_KEPT_MAX;
use crate::domain::people::Standing;
use crate::domain::source::{Name, Tenant};
use crate::domain::time::Timestamp;
use crate::pipeline::guard::Guard;
use crate::pipeline::ledger::{Ledger, LedgerError};

/// Who the users of tenants are: `directory.toml`, and what identity providers keep here.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    users: BTreeMap<String, User>,
    /// What was found, for as long as nobody of the tenant changes. Shared by clones, which have the same users.
    found: Arc<Mutex<BTreeMap<Tenant, Found>>>,
}

/// Users of a tenant as of one version of what its provider keeps here.
#[derive(Debug, Default)]
struct Found {
    /// The ledger's epoch at which that version was seen.
    epoch: u64,
    version: u64,
    users: BTreeMap<String, Known>,
}

/// A user as the directory knows it.
#[derive(Debug, Clone)]
struct Known {
    side: Arc<Side>,
    /// Whether the directory says who is of which group in this tenant.
    is_authority: bool,
    /// Whether it has this user.
    is_listed: bool,
    tokens_from: Option<Timestamp>,
    /// As of when it was looked up; `None`: in the file alone.
    at: Option<KnownAt>,
}

/// For whom an application asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OnBehalf {
    /// For itself.
    Itself,
    /// For a user whom it names.
    Named(String),
    /// For a user whose token it brings.
    Proven(Box<Asserted>),
    /// For itself, to see what this user sees.
    Viewed(String),
}

/// Nobody can be called by this credential.
#[derive(Debug, thiserror::Error)]
pub enum CredentialError {
    /// The name is none that an access list could hold.
    #[error("the user's name cannot be a principal")]
    Name {
        /// Why not.
        #[source]
        source: PrincipalError,
    },
    /// No key, or none that is somebody's now. Which of these, the caller does not learn.
    #[error("no valid API key was given")]
    Unknown,
    /// The key may ask for itself alone.
    #[error("this key may not name a user")]
    NotForUsers,
    /// In this tenant an identity provider says who is anybody, and this user is nobody.
    #[error("this user is not provisioned here, or not active")]
    NotProvisioned,
    /// The key may not look as somebody else.
    #[error("only a key of all sources that has the role admin as well may look as a user")]
    NotForViewing,
    /// The user's token, or all beside this key, were ended.
    #[error("the user's token has ended")]
    TokenEnded,
    /// The token's issuer is not configured for users without an application.
    #[error("a user's token alone is not taken here; send it beside an application's key")]
    NotAlone,
    /// Keys or users could not be looked up.
    #[error("the ledger refused")]
    Ledger(#[from] LedgerError),
}

/// An application whose key was verified. Made here alone.
#[derive(Debug, Clone)]
pub struct App {
    key: ApiKey,
}

impl App {
    /// The application of this token, if its key is somebody's now.
    pub async fn verified(
        ledger: &dyn Ledger,
        token: &str,
        now: Timestamp,
    ) -> Result<Self, CredentialError> {
        let token = Token::parse(token).ok_or(CredentialError::Unknown)?;
        let key = ledger.key(token.id).await?.ok_or(CredentialError::Unknown)?;
        if token.opens(&key) && key.is_live(now) {
            Ok(Self { key })
        } else {
            Err(CredentialError::Unknown)
        }
    }

    /// Its key.
    pub const fn key(&self) -> &ApiKey {
        &self.key
    }

    /// Whether it may do this.
    pub fn has(&self, role: Role) -> bool {
        self.key.has(role)
    }

    /// Whether it may do its work in this source.
    pub fn reaches_source(&self, source: &Name, tenant: &Tenant) -> bool {
        self.key.tenant == *tenant
            && self.key.sources.as_ref().is_none_or(|names| names.contains(source))
    }

    /// Whether it may do its work in this collection.
    pub fn reaches_collection(&self, collection: &Name) -> bool {
        self.key.collections.as_ref().is_none_or(|names| names.contains(collection))
    }

    /// For the log: the application and the beginning of its key's id.
    pub fn name(&self) -> String {
        let id: String = self.key.id.to_string().chars().take(8).collect();
        format!("app:{}/{id}", self.key.app)
    }

    /// Whoever decides under this key: the application, whichever of its keys it uses, so that one
    /// application with two keys is not two people.
    pub fn actor(&self) -> String {
        format!("app:{}", self.key.app)
    }

    /// The application as a caller, alone or together with the user for whom it asks.
    pub async fn caller(
        &self,
        directory: &Directory,
        guard: &Guard,
        user: &OnBehalf,
    ) -> Result<Caller, CredentialError> {
        match user {
            OnBehalf::Itself => Ok(self.alone()),
            OnBehalf::Named(name) => {
                // Not looked up before: whether there is such a user is nobody's business who may not name one.
                self.check_names_users()?;
                self.naming(directory.user(guard, &self.key.tenant, name).await?)
            }
            OnBehalf::Viewed(name) => {
                // One of some sources would see through its user what it does not reach itself.
                if !self.has(Role::Admin) || self.key.sources.is_some() {
                    return Err(CredentialError::NotForViewing);
                }
                Ok(self.viewing(directory.user(guard, &self.key.tenant, name).await?))
            }
            OnBehalf::Proven(said) => {
                self.bringing(said, directory.user(guard, &said.tenant, &said.user).await?)
            }
        }
    }

    fn alone(&self) -> Caller {
        Caller::verified(self.name(), self.side(self.key.behalf == Behalf::Delegate), None)
    }

    fn check_names_users(&self) -> Result<(), CredentialError> {
        match self.key.behalf {
            Behalf::Own => Err(CredentialError::NotForUsers),
            Behalf::Users | Behalf::Delegate => Ok(()),
        }
    }

    /// With a user whom it names.
    fn naming(&self, known: Known) -> Result<Caller, CredentialError> {
        self.check_names_users()?;
        Ok(self.with("named", known.side).looked_up(known.at))
    }

    /// With a user whose token it brings.
    fn bringing(&self, said: &Asserted, known: Known) -> Result<Caller, CredentialError> {
        if is_over(said, self.key.tokens_from) {
            return Err(CredentialError::TokenEnded);
        }
        let at = known.at;
        Ok(self.with("proven", proven(said, known)?).looked_up(at))
    }

    /// As a user: whatever the user may read, up to the key's own clearance.
    fn viewing(&self, known: Known) -> Caller {
        let name = format!("{} viewing {}", self.name(), shown(&known.side));
        Caller::verified(name, self.side(true), Some(known.side)).looked_up(known.at)
    }

    fn with(&self, how: &str, user: Arc<Side>) -> Caller {
        let name = format!("{} for {how} {}", self.name(), shown(&user));
        Caller::verified(name, self.side(self.key.behalf == Behalf::Delegate), Some(user))
    }

    fn side(&self, delegate: bool) -> Arc<Side> {
        Side::of(Identity {
            who: Who::App(self.key.app.to_string()),
            tenant: self.key.tenant.clone(),
            principals: self.key.principals.clone(),
            doubted: BTreeSet::new(),
            clearance: self.key.clearance,
            delegate,
        })
    }
}

/// A user's token alone, without an application.
pub async fn user_alone(
    directory: &Directory,
    guard: &Guard,
    user: &Asserted,
) -> Result<Caller, CredentialError> {
    let known = directory.user(guard, &user.tenant, &user.user).await?;
    let at = known.at;
    let user = proven(user, known)?;
    Ok(Caller::verified(format!("proven {}", shown(&user)), user, None).looked_up(at))
}

/// Whether a token was issued before the moment from which on they count. One that does not say when might have been.
fn is_over(user: &Asserted, tokens_from: Option<Timestamp>) -> bool {
    tokens_from.is_some_and(|from| user.issued_at.is_none_or(|issued| issued < from))
}

fn shown(side: &Side) -> String {
    match &side.identity().who {
        Who::User(name) => format!("user:{name}"),
        Who::App(name) => format!("app:{name}"),
    }
}

impl Directory {
    /// A directory of these users, by name, beside what identity providers keep.
    pub fn of(users: BTreeMap<String, User>) -> Self {
        Self { users, found: Arc::default() }
    }

    /// The caller that this user is, as the local operator or an administrator vouches.
    pub async fn view_as(
        &self,
        guard: &Guard,
        tenant: &Tenant,
        user: &str,
    ) -> Result<Caller, CredentialError> {
        let Known { side, at, .. } = self.user(guard, tenant, user).await?;
        Ok(Caller::verified(shown(&side), side, None).looked_up(at))
    }

    /// The caller that this user is by `directory.toml` alone: where there is no ledger, in tests and measurements.
    pub fn view_as_in_file(&self, tenant: &Tenant, user: &str) -> Result<Caller, CredentialError> {
        let user = self.known(tenant, user, Standing::default())?.side;
        Ok(Caller::verified(shown(&user), user, None))
    }

    /// The user of this name, as of the ledger's present epoch.
    async fn user(
        &self,
        guard: &Guard,
        tenant: &Tenant,
        name: &str,
    ) -> Result<Known, CredentialError> {
        let epoch = guard.ledger.epoch().await?;
        let version =
            match self.seen(tenant, |found| (found.epoch == epoch).then_some(found.version)) {
                Some(version) => version,
                None => guard.people.directory_version(tenant).await?,
            };
        let of_version = |found: &Found| {
            (found.version == version).then(|| found.users.get(name).cloned()).flatten()
        };
        let at = Some(KnownAt { epoch, people: version });
        if let Some(known) = self.seen(tenant, of_version) {
            self.keep(tenant, epoch, version, None);
            return Ok(Known { at, ..known });
        }
        // What is read now is of this version or a newer one; under an older one nobody asks for it again.
        let standing = guard.people.standing(tenant, name).await?;
        let known = self.known(tenant, name, standing)?;
        self.keep(tenant, epoch, version, Some((name, &known)));
        Ok(Known { at, ..known })
    }

    fn seen<T>(&self, tenant: &Tenant, what: impl FnOnce(&Found) -> Option<T>) -> Option<T> {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.get(tenant).and_then(what)
    }

    fn keep(&self, tenant: &Tenant, epoch: u64, version: u64, known: Option<(&str, &Known)>) {
        let mut all = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let found = all.entry(tenant.clone()).or_default();
        if epoch < found.epoch || version < found.version {
            return;
        }
        if version > found.version || found.users.len() >= SIDES_KEPT_MAX {
            found.users.clear();
        }
        (found.epoch, found.version) = (epoch, version);
        if let Some((name, known)) = known {
            found.users.insert(name.to_owned(), known.clone());
        }
    }

    /// What this directory makes of a user.
    fn known(
        &self,
        tenant: &Tenant,
        name: &str,
        standing: Standing,
    ) -> Result<Known, CredentialError> {
        let Standing { is_provisioned, known, tokens_from } = standing;
        let in_file = self.users.get(name);
        let (name, user) = match known {
            Some((name, user)) => (name, user),
            None if is_provisioned => return Err(CredentialError::NotProvisioned),
            None => (name.to_owned(), in_file.cloned().unwrap_or_default()),
        };
        let itself: Principal =
            format!("user:{name}").parse().map_err(|source| CredentialError::Name { source })?;
        let User { groups: mut principals, clearance } = user;
        principals.insert(itself);
        let side = Side::of(Identity {
            who: Who::User(name),
            tenant: tenant.clone(),
            principals,
            doubted: BTreeSet::new(),
            clearance,
            delegate: false,
        });
        let is_authority = is_provisioned || !self.users.is_empty();
        let is_listed = is_provisioned || in_file.is_some();
        Ok(Known { side, is_authority, is_listed, tokens_from, at: None })
    }
}

/// The user of a verified token. A directory that has users says who is of which group, and a token cannot say more;
/// without one the token stands alone.
fn proven(user: &Asserted, known: Known) -> Result<Arc<Side>, CredentialError> {
    if is_over(user, known.tokens_from) {
        return Err(CredentialError::TokenEnded);
    }
    let base = known.side.identity();
    let clearance = match known.is_listed {
        true => base.clearance.min(user.clearance),
        false => user.clearance,
    };
    let (itself, given): (BTreeSet<Principal>, BTreeSet<Principal>) =
        base.principals.iter().cloned().partition(|one| matches!(one, Principal::User(_)));
    let (principals, doubted) = match &user.groups {
        None if clearance == base.clearance => return Ok(known.side),
        None => (base.principals.clone(), BTreeSet::new()),
        Some(said) if known.is_authority => {
            let both = said.intersection(&given).chain(&itself).cloned().collect();
            (both, said.symmetric_difference(&given).cloned().collect())
        }
        Some(said) => (said.union(&itself).cloned().collect(), BTreeSet::new()),
    };
    let (who, tenant) = (base.who.clone(), base.tenant.clone());
    Ok(Side::of(Identity { who, tenant, principals, doubted, clearance, delegate: false }))
}

#[cfg(test)]
mod tests;
