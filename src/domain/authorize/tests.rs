use std::collections::BTreeMap;
use std::sync::Arc;

use uuid::Uuid;

use super::{AccessPolicies, Circumstances, Decision, PolicyFile, Resource, Rights};
use crate::domain::access::{AccessClass, AccessList, Identity, Label, Principal, Who};
use crate::domain::caller::{Caller, Side};
use crate::domain::id::{ClassId, SourceId};
use crate::domain::source::Tenant;
use crate::domain::time::Timestamp;

fn list(allow: &[&str], deny: &[&str]) -> AccessList {
    let parse = |names: &[&str]| names.iter().map(|name| name.parse().unwrap()).collect();
    AccessList { allow: parse(allow), deny: parse(deny), label: Label::Internal }
}

fn class(list: AccessList) -> AccessClass {
    AccessClass { id: ClassId::new(Uuid::from_u128(1)), tenant: Tenant::default(), list }
}

fn alice() -> Identity {
    Identity {
        who: Who::User("alice".to_owned()),
        tenant: Tenant::default(),
        principals: ["user:alice".parse().unwrap(), "group:staff".parse().unwrap()].into(),
        doubted: [].into(),
        clearance: Label::Internal,
        delegate: false,
    }
}

fn bot(delegate: bool) -> Identity {
    let principals = ["role:bot".parse().unwrap()].into();
    Identity { who: Who::App("bot".to_owned()), principals, delegate, ..alice() }
}

fn now(at: i64) -> Circumstances {
    Circumstances { at: Timestamp(at), purpose: None, app: None, user: None }
}

fn policies(own: &str) -> AccessPolicies {
    AccessPolicies::read(&[PolicyFile { name: "own.cedar", text: own }]).unwrap()
}

fn decided(policies: &AccessPolicies, side: &Identity, list: AccessList) -> Decision {
    let class = class(list);
    let resource = Resource { class: &class, source: None };
    policies.decide(side, &now(0), &[resource]).remove(0)
}

fn permits(side: &Identity, list: AccessList) -> bool {
    decided(&policies(""), side, list).allowed
}

#[test]
fn nobody_reads_what_allows_nobody() {
    assert!(!permits(&alice(), AccessList::default()));
}

#[test]
fn a_group_reads_what_its_list_allows_and_deny_beats_allow() {
    assert!(permits(&alice(), list(&["group:staff"], &[])));
    assert!(!permits(&alice(), list(&["group:board"], &[])));
    assert!(!permits(&alice(), list(&["group:staff"], &["user:alice"])));
    assert!(!permits(&alice(), list(&["everyone"], &["everyone"])));
    assert!(!permits(&alice(), list(&["everyone"], &["group:staff"])));
}

#[test]
fn a_name_of_another_kind_opens_and_denies_nothing() {
    assert!(!permits(&alice(), list(&["group:alice", "role:alice", "user:staff"], &[])));
    assert!(permits(&alice(), list(&["everyone"], &["group:alice", "role:staff", "user:staff"])));
}

#[test]
fn a_group_in_doubt_gives_nothing_and_takes_what_is_denied_to_it() {
    let doubted = Identity { doubted: ["group:board".parse().unwrap()].into(), ..alice() };
    assert!(!permits(&doubted, list(&["group:board"], &[])));
    assert!(!permits(&doubted, list(&["group:staff"], &["group:board"])));
    assert!(permits(&doubted, list(&["group:staff"], &[])));
}

#[test]
fn everyone_means_everyone_of_the_tenant() {
    let other = Identity { tenant: "other".parse().unwrap(), ..alice() };
    assert!(permits(&alice(), list(&["everyone"], &[])));
    assert!(!permits(&other, list(&["everyone", "user:alice"], &[])));
}

#[test]
fn a_label_above_the_clearance_is_not_read() {
    let secret = AccessList { label: Label::Confidential, ..list(&["everyone"], &[]) };
    assert!(!permits(&alice(), secret.clone()));
    assert!(permits(&Identity { clearance: Label::Confidential, ..alice() }, secret));
}

#[test]
fn a_delegate_reads_whatever_is_not_denied_to_it() {
    assert!(permits(&bot(true), list(&["user:alice"], &[])));
    assert!(!permits(&bot(false), list(&["user:alice"], &[])));
    assert!(!permits(&bot(true), list(&["user:alice"], &["role:bot"])));
}

#[test]
fn an_app_that_is_a_user_on_lists_is_not_in_that_users_groups() {
    let app = Identity { principals: ["user:alice".parse().unwrap()].into(), ..bot(false) };
    assert!(permits(&app, list(&["user:alice"], &[])));
    assert!(!permits(&app, list(&["group:staff"], &[])));
}

/// Nothing that a workspace writes undoes what the base forbids.
#[test]
fn a_permit_of_ones_own_opens_neither_tenants_nor_labels_nor_what_is_denied() {
    let all = policies("@id(\"all\") permit (principal, action, resource);");
    assert!(decided(&all, &alice(), AccessList::default()).allowed);
    let other = Identity { tenant: "other".parse().unwrap(), ..alice() };
    assert_eq!(decided(&all, &other, list(&["everyone"], &[])).policies, ["other-tenant"]);
    let secret = AccessList { label: Label::Confidential, ..list(&["everyone"], &[]) };
    assert_eq!(decided(&all, &alice(), secret).policies, ["above-clearance"]);
    assert!(!decided(&all, &alice(), list(&[], &["user:alice"])).allowed);
}

#[test]
fn a_policy_that_cannot_be_evaluated_denies() {
    // Adding to the largest number there is: the schema cannot know that.
    let broken = policies(
        "@id(\"broken\") forbid (principal, action, resource) \
         when { 9223372036854775807 + resource.level > 0 && resource.label == \"internal\" };",
    );
    let decision = decided(&broken, &alice(), list(&["everyone"], &[]));
    assert!(!decision.allowed);
    assert_eq!(decision.errors.len(), 1);
    let public = AccessList { label: Label::Public, ..list(&["everyone"], &[]) };
    assert!(decided(&broken, &alice(), public).allowed);
}

#[test]
fn a_decision_names_its_policies_and_the_entries_that_speak_of_the_caller() {
    let decision =
        decided(&policies(""), &alice(), list(&["everyone", "group:staff", "user:bob"], &[]));
    assert_eq!(decision.policies, ["listed"]);
    let entries: Vec<String> = decision.entries.iter().map(|(_, one)| one.to_string()).collect();
    assert_eq!(entries, ["everyone", "group:staff"]);
}

fn mistakes(own: &str) -> Vec<(usize, String)> {
    let read = AccessPolicies::read(&[PolicyFile { name: "own.cedar", text: own }]);
    let mistakes = read.unwrap_err().0;
    assert!(mistakes.iter().all(|one| one.file == "own.cedar"), "{mistakes:?}");
    mistakes.into_iter().map(|one| (one.line, one.message)).collect()
}

#[test]
fn every_mistake_has_its_line() {
    let found = mistakes(
        "// a note\n\
         forbid (principal, action, resource);\n\
         @id(\"listed\") permit (principal, action, resource);\n\
         @id(\"A B\") permit (principal, action, resource);\n\
         @id(\"typo\")\npermit (principal, action, resource)\nwhen { resource.labl == \"public\" };\n\
         @id(\"slot\") permit (principal == ?principal, action, resource);\n\
         @id(\"never\") permit (principal == Group::\"a\", action, resource);\n",
    );
    let lines: Vec<usize> = found.iter().map(|one| one.0).collect();
    assert_eq!(lines, [2, 3, 4, 7, 8, 9, 9], "{found:?}");
    assert_eq!(mistakes("\n\npermit (principal, action").first().unwrap().0, 3);
}

/// On the two mebibytes of stack that a thread of a test has, as one of the service's.
#[test]
fn a_policy_as_deep_as_may_be_is_held_and_a_deeper_one_is_a_mistake() {
    let when =
        |text: &str| format!("@id(\"a\") forbid (principal, action, resource) when {{ {text} }};");
    let many = |count: usize, one: &str, between: &str| vec![one; count].join(between);
    for text in [
        format!("{} > 9", many(230, "1", "+")),
        many(220, "true", "||"),
        many(60, "if true then true else false", " && "),
        format!("{}true{}", "(".repeat(28), ")".repeat(28)),
        format!("{{ a: {}1{} }} has a", "{ b: ".repeat(25), " }".repeat(25)),
    ] {
        let read = AccessPolicies::read(&[PolicyFile { name: "own.cedar", text: &when(&text) }]);
        if let Err(mistakes) = &read {
            assert!(!mistakes.to_string().contains("operators"), "{text}: {mistakes}");
        }
        drop(read);
    }
    for text in [
        format!("{} > 9", many(600, "1", "+")),
        many(30_000, "resource.label == \"a\"", " || "),
        many(2_000, "if true then true else false", " && "),
        format!("{}true{}", "(".repeat(3_000), ")".repeat(3_000)),
        format!("resource{} == 1", ".a".repeat(5_000)),
        format!("\"(((\" == \"\\\"\" || {}", "[".repeat(500)),
    ] {
        let found = mistakes(&format!("// (((\n{}", when(&text)));
        assert!(found[0].0 == 2 && found[0].1.contains("operators"), "{found:?}");
    }
    // A long set is flat, and each policy counts for itself.
    let names = (0..20_000).map(|number| format!("\"n{number}\"")).collect::<Vec<_>>().join(",");
    let set = when(&format!("[{names}].contains(principal.name)"));
    let all: String = (0..50).map(set_of).collect();
    assert_eq!(policies(&format!("{set}{all}")).set.num_of_policies(), 56);
}

fn set_of(number: usize) -> String {
    format!(
        "@id(\"b{number}\") forbid (principal, action, resource) \
         when {{ [\"x\", \"y\"].contains(principal.name) }};\n"
    )
}

#[test]
fn a_file_that_is_called_like_the_base_is_not_the_base() {
    let text = "@id(\"a\") permit (principal, action, resource) \
                when { context.now > datetime(\"2027-01-01\") };";
    let read = AccessPolicies::read(&[PolicyFile { name: "base.cedar", text }]).unwrap();
    assert!(read.permits_more && read.asks_time());
}

#[test]
fn what_policies_ask_of_is_known() {
    let timed = "@id(\"a\") forbid (principal, action, resource) \
                 when { context.now > datetime(\"2027-01-01\") };";
    let sourced = "@id(\"a\") forbid (principal, action, resource) \
                   when { resource.source == \"hr\" };";
    let noted = "@id(\"now\") @source(\"now\") forbid (principal, action, resource) \
                 when { resource.label == \"public\" };";
    let asks = |own: &str| {
        let policies = policies(own);
        (policies.asks_time(), policies.asks_source(), policies.permits_more)
    };
    assert_eq!(asks(timed), (true, false, false));
    assert_eq!(asks(sourced), (false, true, false));
    assert_eq!(asks(noted), (false, false, false));
    assert_eq!(asks("@id(\"a\") permit (principal, action, resource);"), (false, false, true));
}

fn rights(
    own: &str,
    first: Identity,
    second: Option<Identity>,
    sources: &[(u128, &str)],
) -> Rights {
    let caller = Caller::verified("test".to_owned(), Side::of(first), second.map(Side::of));
    let sources: BTreeMap<_, _> = sources
        .iter()
        .map(|(id, name)| (SourceId::new(Uuid::from_u128(*id)), name.parse().unwrap()))
        .collect();
    Rights::new(caller, now(0), Arc::new(policies(own)), sources)
}

#[test]
fn both_sides_must_be_allowed_and_one_may_leave_it_to_the_other() {
    let anywhere = SourceId::new(Uuid::from_u128(9));
    let may = |app: Identity, user: Option<Identity>, entries: &[&str]| {
        rights("", app, user, &[]).may_read(&class(list(entries, &[])), anywhere)
    };
    assert!(may(bot(false), Some(alice()), &["role:bot", "group:staff"]));
    assert!(!may(bot(false), Some(alice()), &["group:staff"]));
    assert!(!may(bot(false), Some(alice()), &["role:bot"]));
    assert!(may(bot(true), Some(alice()), &["group:staff"]));
    // A delegate without anybody to leave it to has its own rights.
    assert!(!may(bot(true), None, &["group:staff"]));
    assert!(may(bot(true), None, &["role:bot"]));
}

#[test]
fn where_sources_count_the_boundary_is_wide_and_the_decision_exact() {
    let own = "@id(\"not-hr\") forbid (principal, action, resource) \
               when { resource.source == \"hr\" };";
    let [hr, wiki, unknown] = [1, 2, 3].map(|id| SourceId::new(Uuid::from_u128(id)));
    let rights = rights(own, alice(), None, &[(1, "hr"), (2, "wiki")]);
    let staff = class(list(&["group:staff"], &[]));
    assert_eq!(rights.boundary(std::slice::from_ref(&staff)).classes().len(), 1);
    assert!(rights.bounds(&staff));
    assert!(!rights.may_read(&staff, hr));
    assert!(rights.may_read(&staff, wiki));
    // A source that is not known has no name, and no policy can speak of it.
    assert!(!rights.may_read(&staff, unknown));
}

#[test]
fn answers_from_memory_are_the_answers() {
    let rights = rights("", alice(), None, &[]);
    let anywhere = SourceId::new(Uuid::from_u128(9));
    let classes: Vec<AccessClass> = (0..2_500_u128)
        .map(|number| {
            let name = if number % 3 == 0 { "user:alice" } else { "user:bob" };
            AccessClass {
                id: ClassId::new(Uuid::from_u128(number + 1)),
                ..class(AccessList::allowing([name.parse::<Principal>().unwrap()], Label::Public))
            }
        })
        .collect();
    let first = rights.boundary(&classes);
    assert_eq!(first.classes().len(), 834);
    assert_eq!(rights.decisions(), 2_500);
    assert_eq!(rights.boundary(&classes).classes(), first.classes());
    for (number, class) in classes.iter().enumerate() {
        assert_eq!(rights.may_read(class, anywhere), number % 3 == 0);
    }
}
