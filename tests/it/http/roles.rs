//! One table of routes and roles: what opens each, and what does not; and that the OpenAPI document says
//! the same.

use std::collections::BTreeSet;

use alnage::domain::api_key::Role;
use alnage::interface::http::{ROUTES, Route};

use super::Server;

/// Of nothing that exists.
const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

fn path(route: &Route) -> String {
    route.path.replace("{id}", NOBODY)
}

#[test]
fn every_route_opens_to_its_roles_and_to_no_other() {
    let server = Server::start();
    for role in Role::ALL {
        let key = server.key(role.name(), &[]);
        for route in ROUTES {
            let answer = server.send(&key, route.method, &path(route), &[], b"");
            let named = format!("{} {} as {}", route.method, route.path, role.name());
            if route.roles.is_empty() || route.roles.contains(&role) {
                assert!(answer.status != 401 && answer.status != 403, "{named}: {}", answer.status);
            } else {
                let code = answer.code();
                let is_told = code == "role-missing" || route.path.starts_with("/scim/");
                assert!(answer.status == 403 && is_told, "{named}: {} {code}", answer.status);
            }
        }
    }
}

#[test]
fn without_a_valid_credential_only_health_answers() {
    let server = Server::start();
    let live = server.key("ingest", &[]);
    let mut forged = live.clone();
    let last = forged.pop().unwrap();
    forged.push(if last == '0' { '1' } else { '0' });
    for route in ROUTES {
        for key in ["", "alng_00", forged.as_str()] {
            let answer = server.send(key, route.method, &path(route), &[], b"");
            let named = format!("{} {} with `{key}`", route.method, route.path);
            assert_eq!(answer.status == 401, !route.roles.is_empty(), "{named}");
            if answer.status == 401 {
                assert!(answer.head.contains("www-authenticate: bearer"), "{named}");
                let kind = match route.path.starts_with("/scim/") {
                    true => "application/scim+json",
                    false => "application/problem+json",
                };
                assert!(answer.head.contains(kind), "{named}");
            }
        }
    }
}

#[test]
fn the_openapi_document_names_exactly_the_routes_of_the_table() {
    let server = Server::start();
    let document = server.get("", "/openapi.json").expect(200);
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let paths = document["paths"].as_object().unwrap().iter();
    let methods = |(path, item): (&String, &serde_json::Value)| {
        let methods = item.as_object().unwrap().keys();
        methods.map(|method| (method.to_uppercase(), path.clone())).collect::<Vec<_>>()
    };
    let documented: BTreeSet<(String, String)> = paths.flat_map(methods).collect();
    let table = ROUTES.iter().map(|route| (route.method.to_owned(), route.path.to_owned()));
    assert_eq!(documented, table.collect());
    assert_eq!(server.get("", "/docs/").status, 200);
}
