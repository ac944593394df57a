use serde_json::{Map, Value, json};

use super::changes::read;
use super::filter::{equality, sought};
use super::kinds::{Groups, Kind as _, Persons, extension_of, within_core};
use crate::domain::people::Sought;

fn object(value: Value) -> Map<String, Value> {
    let Value::Object(fields) = value else { panic!("no object") };
    fields
}

/// What these operations make of a resource, or the code of the refusal.
fn changed(resource: Value, operations: &Value) -> Result<Value, String> {
    let body = object(json!({ "schemas": [], "Operations": operations }));
    let mut resource = object(resource);
    let operations = read(&body).map_err(|problem| problem.code().to_owned())?;
    for operation in operations {
        let done = operation.apply(&mut resource, Persons::URN);
        done.map_err(|problem| problem.code().to_owned())?;
    }
    Ok(Value::Object(resource))
}

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

#[test]
fn operations_do_what_rfc_7644_says() {
    let user = json!({ "userName": "ana", "emails": [{ "value": "a@x", "type": "work" }],
        "name": { "givenName": "Ana" } });
    for (operations, expected) in [
        (
            json!([{ "op": "replace", "path": "userName", "value": "bea" }]),
            json!({ "userName": "bea" }),
        ),
        (
            json!([{ "op": "Replace", "path": "USERNAME", "value": "bea" }]),
            json!({ "userName": "bea" }),
        ),
        (
            json!([{ "op": "add", "path": "name.familyName", "value": "Silva" }]),
            json!({ "name": { "givenName": "Ana", "familyName": "Silva" } }),
        ),
        (
            json!([{ "op": "add", "value": { "name.familyName": "Silva", "active": "False" } }]),
            json!({ "name": { "givenName": "Ana", "familyName": "Silva" }, "active": "False" }),
        ),
        (
            json!([{ "op": "add", "path": "emails", "value": [{ "value": "b@x" }, { "value": "a@x" }] }]),
            json!({ "emails": [{ "value": "a@x", "type": "work" }, { "value": "b@x" }] }),
        ),
        (
            json!([{ "op": "replace", "path": "emails[type eq \"work\"].value", "value": "c@x" }]),
            json!({ "emails": [{ "value": "c@x", "type": "work" }] }),
        ),
        (
            json!([{ "op": "add", "path": "emails[type eq \"home\"].value", "value": "h@x" }]),
            json!({ "emails": [{ "value": "a@x", "type": "work" }, { "type": "home", "value": "h@x" }] }),
        ),
        (
            json!([{ "op": "add", "path": format!("{ENTERPRISE}:department"), "value": "R" }]),
            json!({ ENTERPRISE: { "department": "R" } }),
        ),
        (
            json!([{ "op": "add", "path": ENTERPRISE, "value": { "department": "R" } }]),
            json!({ ENTERPRISE: { "department": "R" } }),
        ),
        (
            json!([{ "op": "replace", "path": format!("{}:userName", Persons::URN), "value": "bea" }]),
            json!({ "userName": "bea" }),
        ),
        (json!([{ "op": "remove", "path": "emails[value eq \"a@x\"]" }]), json!({ "emails": [] })),
        (json!([{ "op": "remove", "path": "name.givenName" }]), json!({ "name": {} })),
    ] {
        let mut wanted = object(user.clone());
        wanted.extend(object(expected));
        assert_eq!(changed(user.clone(), &operations), Ok(Value::Object(wanted)), "{operations}");
    }
    let gone = changed(user.clone(), &json!([{ "op": "remove", "path": "emails" }])).unwrap();
    assert!(gone.get("emails").is_none());
    let members = json!({ "members": [{ "value": "1" }, { "value": "2" }, { "value": "3" }] });
    let leave = json!([{ "op": "Remove", "path": "members", "value": [{ "value": "2" }] },
        { "op": "remove", "path": "members[value eq \"3\"]" }]);
    assert_eq!(changed(members, &leave).unwrap(), json!({ "members": [{ "value": "1" }] }));
}

#[test]
fn what_cannot_be_done_is_refused_by_its_name() {
    for (operation, code) in [
        (json!({ "op": "move", "path": "a" }), "invalid-syntax"),
        (json!({ "op": "remove" }), "no-target"),
        (json!({ "op": "add", "path": "a" }), "invalid-value"),
        (json!({ "op": "add", "value": "text" }), "invalid-value"),
        (json!({ "op": "replace", "path": "id", "value": "x" }), "mutability"),
        (json!({ "op": "replace", "path": "", "value": "x" }), "invalid-path"),
        (json!({ "op": "replace", "path": "a[b", "value": "x" }), "invalid-path"),
        (json!({ "op": "replace", "path": "a[b gt \"c\"]", "value": "x" }), "invalid-path"),
        (json!({ "op": "replace", "path": "a.b.c", "value": "x" }), "invalid-path"),
        (json!({ "op": "replace", "path": "userName.first", "value": "x" }), "invalid-path"),
        (json!({ "op": "replace", "path": "emails[type eq \"no\"]", "value": {} }), "no-target"),
        (json!({ "op": "add", "path": 5, "value": 5 }), "invalid-path"),
        (json!("add"), "invalid-syntax"),
    ] {
        let user = json!({ "userName": "ana" });
        assert_eq!(changed(user, &json!([operation])), Err(code.to_owned()), "{operation}");
    }
    let many = vec![json!({ "op": "remove", "path": "a" }); 1_001];
    assert_eq!(changed(json!({}), &json!(many)), Err("too-many".to_owned()));
}

#[test]
fn filters_are_one_equality_of_what_providers_look_up() {
    let name = |name: &str| Sought::Name(name.to_owned());
    assert_eq!(
        sought::<Persons>(Some("userName eq \"Ana \\\"A\\\"\"")).unwrap(),
        name("Ana \"A\"")
    );
    assert_eq!(sought::<Persons>(Some("USERNAME EQ \"ana\"")).unwrap(), name("ana"));
    let full = format!("{}:userName eq \"ana\"", Persons::URN);
    assert_eq!(sought::<Persons>(Some(&full)).unwrap(), name("ana"));
    assert_eq!(sought::<Groups>(Some("displayName eq \"a\"")).unwrap(), name("a"));
    let external = Sought::ExternalId("7".to_owned());
    assert_eq!(sought::<Groups>(Some("externalId eq \"7\"")).unwrap(), external);
    assert!(matches!(sought::<Groups>(Some("members.value eq \"x\"")), Ok(Sought::Member(_))));
    for wrong in [
        "",
        "userName",
        "userName eq ana",
        "userName co \"a\"",
        "displayName eq \"a\"",
        "userName eq \"a\" and active eq true",
        "userName eq \"a\" or userName eq \"b\"",
        "members.value eq \"x\"",
    ] {
        assert!(sought::<Persons>(Some(wrong)).is_err(), "{wrong}");
    }
    assert_eq!(equality("primary eq true"), Some(("primary".to_owned(), "true".to_owned())));
}

#[test]
fn urns_are_told_from_what_stands_behind_them() {
    assert_eq!(extension_of(&format!("{ENTERPRISE}:manager.value")), ENTERPRISE);
    assert_eq!(extension_of(ENTERPRISE), ENTERPRISE);
    assert_eq!(extension_of("urn:x:y:z"), "urn:x:y");
    assert_eq!(within_core(&format!("{}:members", Groups::URN)), "members");
    assert_eq!(within_core(ENTERPRISE), ENTERPRISE);
}
