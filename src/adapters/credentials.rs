//! Who calls: the only file that makes a `Caller`.
//!
//! Today there is one kind of credential: the local operator, who owns the key file, and may look at
//! the workspace as any user (`--as`). The directory says which groups and clearance a user has.
//!
//! Lets through on purpose: a user whom the directory does not know. The operator vouches for the name;
//! such a user has no groups and the clearance `internal`.

use std::collections::BTreeMap;

use crate::domain::access::{Identity, Principal, PrincipalError, User};
use crate::domain::caller::Caller;
use crate::domain::source::Tenant;

/// The local directory of users.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Directory {
    users: BTreeMap<String, User>,
}

/// Nobody can be called by this credential.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// The name is none that an access list could hold.
    #[error("the user's name cannot be a principal")]
    Name {
        /// Why not.
        #[source]
        source: PrincipalError,
    },
}

impl Directory {
    /// A directory of these users, by name.
    pub const fn of(users: BTreeMap<String, User>) -> Self {
        Self { users }
    }

    /// The caller that this user is, as the local operator vouches.
    pub fn view_as(&self, tenant: &Tenant, user: &str) -> Result<Caller, CredentialError> {
        let name = format!("user:{user}");
        let itself: Principal = name.parse().map_err(|source| CredentialError::Name { source })?;
        let User { groups: mut principals, clearance } =
            self.users.get(user).cloned().unwrap_or_default();
        principals.insert(itself);
        let identity = Identity { tenant: tenant.clone(), principals, clearance };
        Ok(Caller::verified(name, identity, None))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::Directory;
    use crate::domain::access::{AccessClass, AccessList, Label, User};
    use crate::domain::id::ClassId;
    use crate::domain::source::Tenant;

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

    fn may_read(user: &str, class: &AccessClass) -> bool {
        directory().view_as(&Tenant::default(), user).unwrap().may_read(class)
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
        assert!(!caller.may_read(&class("everyone", Label::Public)));
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
