//! Who calls: the only file that makes a `Caller`.
//!
//! Three kinds of credential. The local operator, who owns the key file, may look at the workspace as any
//! user (`--as`). An application brings its key; if the key says so, it may name the user for whom it
//! asks. Or the user's own token comes beside the key, and then it is the token's issuer who vouches. With a
//! user a hit must be allowed for both. The directory says which groups and clearance a user has; where a token
//! says it too, the user has what both give, and is denied what either would.
//!
//! Lets through on purpose: a user whom the directory does not know. Whoever vouches for the name, the
//! operator or the application, vouches for the person; such a user has no groups and the clearance
//! `internal`.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::access::{Identity, Principal, PrincipalError, User, Who};
use crate::domain::api_key::{ApiKey, Behalf, Role, Token};
use crate::domain::caller::{Caller, Side};
use crate::domain::claims::Asserted;
use crate::domain::source::{Name, Tenant};
use crate::domain::time::Timestamp;
use crate::pipeline::ledger::{Ledger, LedgerError};

/// The local directory of users.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Directory {
    users: BTreeMap<String, User>,
}

/// For whom an application asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OnBehalf {
    /// For itself.
    Itself,
    /// For a user whom it names.
    Named(String),
    /// For a user whose token it brings.
    Proven(Asserted),
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
    /// Keys could not be looked up.
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

    /// The application as a caller, alone or together with the user whom it names.
    pub fn caller(
        &self,
        directory: &Directory,
        user: &OnBehalf,
    ) -> Result<Caller, CredentialError> {
        let itself = Side::of(Identity {
            who: Who::App(self.key.app.to_string()),
            tenant: self.key.tenant.clone(),
            principals: self.key.principals.clone(),
            doubted: BTreeSet::new(),
            clearance: self.key.clearance,
            delegate: self.key.behalf == Behalf::Delegate,
        });
        let (name, user) = match user {
            OnBehalf::Itself => return Ok(Caller::verified(self.name(), itself, None)),
            OnBehalf::Named(_) if self.key.behalf == Behalf::Own => {
                return Err(CredentialError::NotForUsers);
            }
            OnBehalf::Named(user) => directory.identity(&self.key.tenant, user)?,
            OnBehalf::Proven(user) => directory.proven(user)?,
        };
        let name = format!("{} for {name}", self.name());
        Ok(Caller::verified(name, itself, Some(Side::of(user))))
    }
}

impl Directory {
    /// A directory of these users, by name.
    pub const fn of(users: BTreeMap<String, User>) -> Self {
        Self { users }
    }

    /// The caller that this user is, as the local operator vouches.
    pub fn view_as(&self, tenant: &Tenant, user: &str) -> Result<Caller, CredentialError> {
        let (name, identity) = self.identity(tenant, user)?;
        Ok(Caller::verified(name, Side::of(identity), None))
    }

    fn identity(&self, tenant: &Tenant, user: &str) -> Result<(String, Identity), CredentialError> {
        let name = format!("user:{user}");
        let itself: Principal = name.parse().map_err(|source| CredentialError::Name { source })?;
        let User { groups: mut principals, clearance } =
            self.users.get(user).cloned().unwrap_or_default();
        principals.insert(itself);
        let (tenant, doubted) = (tenant.clone(), BTreeSet::new());
        let who = Who::User(user.to_owned());
        Ok((name, Identity { who, tenant, principals, doubted, clearance, delegate: false }))
    }

    /// The user of a verified token. A directory that has users says who is of which group, and a token cannot
    /// say more; without one the token stands alone.
    fn proven(&self, user: &Asserted) -> Result<(String, Identity), CredentialError> {
        let (name, known) = self.identity(&user.tenant, &user.user)?;
        let clearance = match self.users.contains_key(&user.user) {
            true => known.clearance.min(user.clearance),
            false => user.clearance,
        };
        let Some(said) = &user.groups else { return Ok((name, Identity { clearance, ..known })) };
        let itself = Principal::User(user.user.clone());
        if self.users.is_empty() {
            let principals = said.iter().cloned().chain([itself]).collect();
            return Ok((name, Identity { principals, clearance, ..known }));
        }
        let doubted = said.symmetric_difference(&known.principals).cloned();
        let doubted = doubted.filter(|one| *one != itself).collect();
        let principals = said.intersection(&known.principals).cloned().chain([itself]).collect();
        Ok((name, Identity { principals, doubted, clearance, ..known }))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use super::{App, CredentialError, Directory, OnBehalf};
    use crate::domain::access::{AccessClass, AccessList, Label, User};
    use crate::domain::api_key::{ApiKey, Behalf, Role};
    use crate::domain::authorize::{AccessPolicies, Circumstances, Rights};
    use crate::domain::caller::Caller;
    use crate::domain::claims::Asserted;
    use crate::domain::digest::Digest;
    use crate::domain::id::{ApiKeyId, ClassId, SourceId};
    use crate::domain::source::Tenant;
    use crate::domain::time::Timestamp;

    fn directory() -> Directory {
        let user = |groups: &[&str], clearance| User {
            groups: groups.iter().map(|group| group.parse().unwrap()).collect(),
            clearance,
        };
        Directory::of(BTreeMap::from([
            ("alice".to_owned(), user(&["group:staff", "group:people"], Label::Confidential)),
            ("bob smith".to_owned(), user(&[], Label::Internal)),
        ]))
    }

    fn class(allow: &str, label: Label) -> AccessClass {
        AccessClass {
            id: ClassId::new(uuid::Uuid::from_u128(1)),
            tenant: Tenant::default(),
            list: AccessList::allowing([allow.parse().unwrap()], label),
        }
    }

    fn permits(caller: Caller, class: &AccessClass) -> bool {
        let circumstances = Circumstances::of(&caller, Timestamp(0), None);
        let policies = Arc::new(AccessPolicies::read(&[]).unwrap());
        let source = SourceId::new(uuid::Uuid::nil());
        Rights::new(caller, circumstances, policies, BTreeMap::new()).may_read(class, source)
    }

    fn may_read(user: &str, class: &AccessClass) -> bool {
        permits(directory().view_as(&Tenant::default(), user).unwrap(), class)
    }

    fn app(behalf: Behalf, principals: &[&str], clearance: Label) -> App {
        let key = ApiKey {
            id: ApiKeyId::new(uuid::Uuid::from_u128(2)),
            app: "bot".parse().unwrap(),
            tenant: Tenant::default(),
            roles: [Role::Retrieve].into(),
            sources: None,
            collections: None,
            principals: principals.iter().map(|name| name.parse().unwrap()).collect(),
            clearance,
            behalf,
            secret: Digest::of(b""),
            created_at: Timestamp(0),
            expires_at: None,
            revoked_at: None,
        };
        App { key }
    }

    fn app_may_read(app: &App, user: Option<&str>, class: &AccessClass) -> bool {
        let user = user.map_or(OnBehalf::Itself, |user| OnBehalf::Named(user.to_owned()));
        permits(app.caller(&directory(), &user).unwrap(), class)
    }

    #[test]
    fn a_hit_must_be_allowed_for_the_app_and_for_its_user() {
        let staff = class("group:staff", Label::Internal);
        let bot = app(Behalf::Users, &["role:bot"], Label::Internal);
        assert!(!app_may_read(&bot, Some("alice"), &staff));
        let bot = app(Behalf::Users, &["role:bot", "group:staff"], Label::Internal);
        assert!(app_may_read(&bot, Some("alice"), &staff));
        assert!(!app_may_read(&bot, Some("bob smith"), &staff));
        assert!(!app_may_read(&bot, Some("alice"), &class("group:staff", Label::Confidential)));
    }

    #[test]
    fn a_delegate_reads_what_its_user_may_but_not_past_its_own_clearance_and_denials() {
        let bot = app(Behalf::Delegate, &["role:bot"], Label::Internal);
        let staff = class("group:staff", Label::Internal);
        assert!(app_may_read(&bot, Some("alice"), &staff));
        assert!(!app_may_read(&bot, Some("bob smith"), &staff));
        assert!(!app_may_read(&bot, Some("alice"), &class("group:staff", Label::Confidential)));
        let mut denied = staff.clone();
        denied.list.deny.insert("role:bot".parse().unwrap());
        assert!(!app_may_read(&bot, Some("alice"), &denied));
        let foreign = AccessClass { tenant: "other".parse().unwrap(), ..staff };
        assert!(!app_may_read(&bot, Some("alice"), &foreign));
    }

    #[test]
    fn without_a_user_an_app_has_its_own_rights_and_never_all() {
        for behalf in Behalf::ALL {
            let bot = app(behalf, &["role:bot"], Label::Internal);
            assert!(app_may_read(&bot, None, &class("role:bot", Label::Internal)));
            assert!(app_may_read(&bot, None, &class("everyone", Label::Internal)));
            assert!(!app_may_read(&bot, None, &class("group:staff", Label::Internal)));
        }
    }

    #[test]
    fn a_key_of_its_own_names_no_user() {
        let bot = app(Behalf::Own, &[], Label::Internal);
        let refused = bot.caller(&directory(), &OnBehalf::Named("alice".to_owned()));
        assert!(matches!(refused, Err(CredentialError::NotForUsers)));
    }

    fn proven(groups: Option<&[&str]>, clearance: Label) -> OnBehalf {
        let group = |name: &&str| name.parse().unwrap();
        OnBehalf::Proven(Asserted {
            user: "alice".to_owned(),
            tenant: Tenant::default(),
            groups: groups.map(|groups| groups.iter().map(group).collect()),
            clearance,
            issued_at: None,
            expires_at: Timestamp(1),
        })
    }

    #[test]
    fn a_token_gives_what_the_directory_gives_too_and_is_denied_what_either_is() {
        let bot = app(Behalf::Delegate, &["role:bot"], Label::Restricted);
        let reads = |directory: &Directory, user: &OnBehalf, class: &AccessClass| {
            permits(bot.caller(directory, user).unwrap(), class)
        };
        let staff = class("group:staff", Label::Internal);
        let token = proven(Some(&["group:staff", "group:board"]), Label::Restricted);
        assert!(reads(&directory(), &token, &staff));
        assert!(!reads(&directory(), &token, &class("group:board", Label::Public)));
        assert!(!reads(&directory(), &token, &class("group:people", Label::Public)));
        assert!(!reads(&directory(), &token, &class("group:staff", Label::Restricted)));
        for doubted in ["group:board", "group:people"] {
            let mut denied = staff.clone();
            denied.list.deny.insert(doubted.parse().unwrap());
            assert!(!reads(&directory(), &token, &denied), "{doubted}");
        }
        // Without a directory the token stands alone, and one that is silent leaves it to the directory.
        assert!(reads(&Directory::default(), &token, &class("group:board", Label::Restricted)));
        let silent = proven(None, Label::Internal);
        assert!(reads(&directory(), &silent, &staff));
        assert!(!reads(&directory(), &silent, &class("group:staff", Label::Confidential)));
        assert!(!reads(&Directory::default(), &silent, &staff));
    }

    #[test]
    fn a_key_of_its_own_may_bring_a_token_and_reads_no_more_for_it() {
        let bot = app(Behalf::Own, &["group:staff"], Label::Internal);
        let token = proven(Some(&["group:people"]), Label::Internal);
        let caller = bot.caller(&Directory::default(), &token).unwrap();
        assert!(!permits(caller.clone(), &class("group:staff", Label::Internal)));
        assert!(!permits(caller.clone(), &class("group:people", Label::Internal)));
        assert!(permits(caller.clone(), &class("everyone", Label::Internal)));
    }

    #[test]
    fn a_user_reads_by_name_group_and_clearance() {
        assert!(may_read("alice", &class("user:alice", Label::Internal)));
        assert!(may_read("alice", &class("group:staff", Label::Confidential)));
        assert!(!may_read("alice", &class("group:staff", Label::Restricted)));
        assert!(!may_read("alice", &class("group:board", Label::Public)));
        assert!(may_read("bob smith", &class("user:bob smith", Label::Internal)));
        assert!(!may_read("bob smith", &class("group:staff", Label::Internal)));
    }

    #[test]
    fn a_user_outside_the_directory_has_no_groups_and_internal_clearance() {
        assert!(may_read("carol", &class("user:carol", Label::Internal)));
        assert!(may_read("carol", &class("everyone", Label::Internal)));
        assert!(!may_read("carol", &class("everyone", Label::Confidential)));
        assert!(!may_read("carol", &class("group:staff", Label::Public)));
    }

    #[test]
    fn a_user_belongs_to_the_tenant_that_was_asked_for_alone() {
        let caller = Directory::default().view_as(&"other".parse().unwrap(), "alice").unwrap();
        assert!(!permits(caller.clone(), &class("everyone", Label::Public)));
        assert_eq!(caller.name(), "user:alice");
    }

    #[test]
    fn a_name_that_no_list_can_hold_is_nobody() {
        let directory = Directory::default();
        for name in ["", " alice", "a\u{202e}b", &"x".repeat(300)] {
            assert!(directory.view_as(&Tenant::default(), name).is_err());
        }
    }
}
