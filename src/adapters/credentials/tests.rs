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
use crate::domain::people::Standing;
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
    permits(directory().view_as_in_file(&Tenant::default(), user).unwrap(), class)
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
        tokens_from: None,
        scores: true,
    };
    App { key }
}

/// What `App::caller` makes of it where no provider keeps anybody.
fn together(app: &App, directory: &Directory, user: &OnBehalf) -> Result<Caller, CredentialError> {
    let known = |name: &str| directory.known(&Tenant::default(), name, Standing::default());
    match user {
        OnBehalf::Itself => Ok(app.alone()),
        OnBehalf::Named(name) => app.naming(known(name)?),
        OnBehalf::Proven(said) => app.bringing(said, known(&said.user)?),
        OnBehalf::Viewed(name) => Ok(app.viewing(known(name)?)),
    }
}

fn app_may_read(app: &App, user: Option<&str>, class: &AccessClass) -> bool {
    let user = user.map_or(OnBehalf::Itself, |user| OnBehalf::Named(user.to_owned()));
    permits(together(app, &directory(), &user).unwrap(), class)
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
fn who_looks_as_a_user_sees_what_the_user_may_up_to_the_keys_clearance() {
    let bot = app(Behalf::Own, &["role:bot"], Label::Internal);
    let sees = |class: &AccessClass| {
        let user = OnBehalf::Viewed("alice".to_owned());
        permits(together(&bot, &directory(), &user).unwrap(), class)
    };
    assert!(sees(&class("group:staff", Label::Internal)));
    assert!(!sees(&class("group:staff", Label::Confidential)));
    assert!(!sees(&class("role:bot", Label::Internal)));
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
    let refused = together(&bot, &directory(), &OnBehalf::Named("alice".to_owned()));
    assert!(matches!(refused, Err(CredentialError::NotForUsers)));
}

fn proven(groups: Option<&[&str]>, clearance: Label) -> OnBehalf {
    OnBehalf::Proven(Box::new(asserted(groups, clearance)))
}

fn asserted(groups: Option<&[&str]>, clearance: Label) -> Asserted {
    let group = |name: &&str| name.parse().unwrap();
    Asserted {
        user: "alice".to_owned(),
        tenant: Tenant::default(),
        groups: groups.map(|groups| groups.iter().map(group).collect()),
        clearance,
        issued_at: None,
        expires_at: Timestamp(1),
        alone_in: [].into(),
    }
}

#[test]
fn a_token_gives_what_the_directory_gives_too_and_is_denied_what_either_is() {
    let bot = app(Behalf::Delegate, &["role:bot"], Label::Restricted);
    let reads = |directory: &Directory, user: &OnBehalf, class: &AccessClass| {
        permits(together(&bot, directory, user).unwrap(), class)
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
    let caller = together(&bot, &Directory::default(), &token).unwrap();
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
    let caller = Directory::default().view_as_in_file(&"other".parse().unwrap(), "alice").unwrap();
    assert!(!permits(caller.clone(), &class("everyone", Label::Public)));
    assert_eq!(caller.name(), "user:alice");
}

#[test]
fn a_name_that_no_list_can_hold_is_nobody() {
    let directory = Directory::default();
    for name in ["", " alice", "a\u{202e}b", &"x".repeat(300)] {
        assert!(directory.view_as_in_file(&Tenant::default(), name).is_err());
    }
}
