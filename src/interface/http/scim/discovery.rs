//! What of SCIM is spoken here, as SCIM says it: resource types and schemas.

use serde_json::{Value, json};

use super::ROOT;
use super::kinds::{CLEARANCE, GROUP, USER};
use crate::domain::access::Label;

/// What there is (RFC 7643 §6).
pub(super) fn resource_types() -> Vec<Value> {
    let kind = |name: &str, urn: &str, about: &str, extensions: Value| {
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
            "id": name, "name": name, "endpoint": format!("/{name}s"), "description": about,
            "schema": urn, "schemaExtensions": extensions,
            "meta": { "resourceType": "ResourceType", "location": format!("{ROOT}/ResourceTypes/{name}") },
        })
    };
    vec![
        kind(
            "User",
            USER,
            "somebody whom access lists name after `user:`",
            json!([{ "schema": CLEARANCE, "required": false }]),
        ),
        kind("Group", GROUP, "what access lists name after `group:`", json!([])),
    ]
}

/// Of what users and groups consist (RFC 7643 §7). Whatever else is sent is kept and given back.
pub(super) fn schemas() -> Vec<Value> {
    let attribute = |name: &str, kind: &str, about: &str, more: Value| {
        let mut fields = json!({
            "name": name, "type": kind, "multiValued": false, "description": about,
            "required": false, "caseExact": false, "mutability": "readWrite",
            "returned": "default", "uniqueness": "none",
        });
        if let (Some(fields), Value::Object(more)) = (fields.as_object_mut(), more) {
            fields.extend(more);
        }
        fields
    };
    let text = |name: &str, about: &str| attribute(name, "string", about, json!({}));
    let schema = |urn: &str, name: &str, about: &str, attributes: Vec<Value>| {
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
            "id": urn, "name": name, "description": about, "attributes": attributes,
            "meta": { "resourceType": "Schema", "location": format!("{ROOT}/Schemas/{urn}") },
        })
    };
    let unique = json!({ "required": true, "uniqueness": "server" });
    let exact = json!({ "required": true, "uniqueness": "server", "caseExact": true });
    let name_parts = vec![
        text("formatted", "the whole name"),
        text("familyName", "the family's name"),
        text("givenName", "the person's own name"),
    ];
    let email_parts = vec![
        text("value", "the address"),
        text("type", "such as work"),
        attribute("primary", "boolean", "whether it is the first of them", json!({})),
    ];
    let fixed = json!({ "mutability": "immutable" });
    let named = json!({ "mutability": "immutable", "canonicalValues": ["User", "Group"] });
    let pointed = json!({ "mutability": "immutable", "referenceTypes": ["User", "Group"] });
    let member_parts = vec![
        attribute("value", "string", "id of a user or of a group", fixed),
        attribute("type", "string", "which of them", named),
        attribute("$ref", "reference", "where it is", pointed),
    ];
    vec![
        schema(
            USER,
            "User",
            "somebody who asks",
            vec![
                attribute("userName", "string", "as on access lists after `user:`", unique),
                attribute("name", "complex", "the name", json!({ "subAttributes": name_parts })),
                text("displayName", "the name as it is shown"),
                attribute(
                    "active",
                    "boolean",
                    "whether it is anybody now",
                    json!({ "required": true }),
                ),
                attribute(
                    "emails",
                    "complex",
                    "addresses",
                    json!({ "multiValued": true, "subAttributes": email_parts }),
                ),
            ],
        ),
        schema(
            GROUP,
            "Group",
            "users and groups together",
            vec![
                attribute("displayName", "string", "as on access lists after `group:`", exact),
                attribute(
                    "members",
                    "complex",
                    "who is in it",
                    json!({ "multiValued": true, "subAttributes": member_parts }),
                ),
            ],
        ),
        schema(
            CLEARANCE,
            "Clearance",
            "what a user may read",
            vec![attribute(
                "clearance",
                "string",
                "the highest label that the user may read",
                json!({ "canonicalValues": Label::ALL.map(Label::name) }),
            )],
        ),
    ]
}
