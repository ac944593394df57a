//! Users and groups that an identity provider pushes, and what follows from them for questions.

use std::process::Command;

use serde_json::{Value, json};

use super::super::cli::text;
use super::super::pypi::SCIM;
use super::Server;
use super::client::Answer;
use super::identity::{server as with_tokens, token};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const CLEARANCE: &str = "urn:ietf:params:scim:schemas:extension:alnage:2.0:User";

/// A key that keeps users and groups.
struct Provider<'s> {
    server: &'s Server,
    key: String,
}

impl<'s> Provider<'s> {
    fn of(server: &'s Server) -> Self {
        Self { server, key: server.key("provision", &["--clearance", "confidential"]) }
    }

    fn send(&self, method: &str, path: &str, body: &Value) -> Answer {
        let headers = [("content-type", "application/scim+json")];
        let path = format!("/scim/v2{path}");
        self.server.send(&self.key, method, &path, &headers, body.to_string().as_bytes())
    }

    fn id(answer: Answer) -> String {
        answer.expect(201)["id"].as_str().unwrap().to_owned()
    }

    fn user(&self, name: &str) -> String {
        Self::id(self.send("POST", "/Users", &json!({ "schemas": [USER], "userName": name })))
    }

    fn group(&self, name: &str, members: &[&str]) -> String {
        let members: Vec<Value> = members.iter().map(|id| json!({ "value": id })).collect();
        let body = json!({ "displayName": name, "members": members });
        Self::id(self.send("POST", "/Groups", &body))
    }

    fn patch(&self, path: &str, operations: &Value) -> Value {
        self.send("PATCH", path, &json!({ "Operations": operations })).expect(200)
    }
}

#[test]
fn a_real_client_finds_the_standard() {
    let Some(python) = SCIM.program("python") else { return };
    let server = Server::start();
    let key = server.key("provision", &["--clearance", "restricted"]);
    let output = Command::new(python)
        .args(["-c", include_str!("scim_check.py"), &server.address, &key])
        .env("NO_PROXY", "*")
        .output()
        .unwrap();
    let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    println!("scim2-tester: {}", said.trim());
}

#[test]
fn who_is_pushed_reads_as_its_groups_do_and_who_leaves_reads_nothing_more() {
    let server = Server::start();
    let ingest = server.key("ingest", &[]);
    for (name, allow) in [
        ("staff", "group:staff"),
        ("division", "group:division"),
        ("mara", "user:mara"),
        ("all", "everyone"),
    ] {
        let access = format!(r#"{{"allow": ["{allow}"]}}"#);
        let text = format!("Whales of {name}.");
        server.upload(&ingest, &format!("{name}.txt"), &text, &[("access", &access)]).expect(201);
    }
    let app = server.key("retrieve", &["--behalf", "delegate"]);
    let reads = |user: &str| {
        let texts = server.ask(&app, Some(user), "whales");
        let name =
            |text: &String| text.trim_end_matches('.').rsplit(' ').next().unwrap().to_owned();
        let mut names: Vec<String> = texts.iter().map(name).collect();
        names.sort();
        names.join(" ")
    };
    // Before anybody is pushed, a name stands for itself.
    assert_eq!(reads("mara"), "all mara");
    let provider = Provider::of(&server);
    let mara = provider.user("Mara");
    // Access lists know the name as it was pushed.
    assert_eq!(reads("mara"), "all");
    provider.patch(
        &format!("/Users/{mara}"),
        &json!([{ "op": "replace", "path": "userName", "value": "mara" }]),
    );
    assert_eq!(reads("mara"), "all mara");
    assert_eq!(reads("MARA"), "all mara");

    let staff = provider.group("staff", &[&mara]);
    assert_eq!(reads("mara"), "all mara staff");
    // A group in a group; and a circle of them ends.
    let division = provider.group("division", &[&staff]);
    assert_eq!(reads("mara"), "all division mara staff");
    let circle = json!([{ "op": "add", "path": "members", "value": [{ "value": division }] }]);
    provider.patch(&format!("/Groups/{staff}"), &circle);
    assert_eq!(reads("mara"), "all division mara staff");
    let leave = json!([{ "op": "remove", "path": format!("members[value eq \"{mara}\"]") }]);
    provider.patch(&format!("/Groups/{staff}"), &leave);
    assert_eq!(reads("mara"), "all mara");

    // Now this tenant is provisioned: nobody else is anybody, and who is not active is nobody either.
    let refused = |user: &str| {
        let body = json!({ "text": "whales" }).to_string();
        let headers = [("content-type", "application/json"), ("alnage-user", user)];
        let answer = server.send(&app, "POST", "/v1/retrieve", &headers, body.as_bytes());
        (answer.status, answer.code())
    };
    let nobody = (403, "user-not-provisioned".to_owned());
    assert_eq!(refused("somebody"), nobody);
    provider.patch(
        &format!("/Users/{mara}"),
        &json!([{ "op": "Replace", "path": "active", "value": "False" }]),
    );
    assert_eq!(refused("mara"), nobody);
    let listed = server.bench.said(0, &["user", "list"]);
    assert!(listed.contains("mara") && listed.contains("not active"), "{listed}");
    provider.patch(
        &format!("/Users/{mara}"),
        &json!([{ "op": "replace", "value": { "active": true } }]),
    );
    assert_eq!(reads("mara"), "all mara");
    provider.send("DELETE", &format!("/Users/{mara}"), &json!({})).expect(204);
    assert_eq!(refused("mara"), nobody);
    // Without a user the application has its own rights.
    assert_eq!(server.ask(&app, None, "whales"), ["Whales of all."]);
}

#[test]
fn names_are_unique_members_are_somebody_and_clearance_is_bound() {
    let server = Server::start();
    let provider = Provider::of(&server);
    let ana = provider.user("ana");
    let taken = provider.send("POST", "/Users", &json!({ "userName": "ANA" })).expect(409);
    assert_eq!((&taken["scimType"], &taken["status"]), (&json!("uniqueness"), &json!("409")));
    assert_eq!(taken["schemas"][0], "urn:ietf:params:scim:api:messages:2.0:Error");
    let nobody = json!({ "displayName": "g", "members": [{ "value": uuid::Uuid::from_u128(1) }] });
    assert_eq!(provider.send("POST", "/Groups", &nobody).expect(400)["scimType"], "invalidValue");
    let cleared = |label: &str| {
        provider.send(
            "PUT",
            &format!("/Users/{ana}"),
            &json!({ "userName": "ana", "password": "open sesame", CLEARANCE: { "clearance": label } }),
        )
    };
    let shown = cleared("confidential").expect(200);
    assert_eq!(shown[CLEARANCE]["clearance"], "confidential");
    assert!(shown.get("password").is_none());
    cleared("restricted").expect(403);
    assert_eq!(cleared("secret").expect(400)["scimType"], "invalidValue");
    for (method, path, body, status) in [
        ("POST", "/Users", json!({}), 400),
        ("POST", "/Users", json!({ "userName": " " }), 400),
        ("POST", "/Users", json!([]), 400),
        ("GET", "/Users/none", json!({}), 404),
        ("GET", "/Users?filter=userName%20co%20%22a%22", json!({}), 400),
        ("GET", "/Nothing", json!({}), 404),
        ("PUT", "/Schemas", json!({}), 405),
    ] {
        let answer = provider.send(method, path, &body);
        assert!(answer.head.contains("application/scim+json"), "{path}: {}", answer.head);
        answer.expect(status);
    }
    let found =
        provider.send("GET", "/Users?filter=userName%20eq%20%22Ana%22", &json!({})).expect(200);
    assert_eq!((&found["totalResults"], &found["Resources"][0]["id"]), (&json!(1), &json!(ana)));
    let page = provider.send("GET", "/Users?startIndex=2&count=1", &json!({})).expect(200);
    assert_eq!((&page["totalResults"], &page["itemsPerPage"]), (&json!(1), &json!(0)));
    // Another tenant's provider sees nobody of it, and cannot take its people into a group.
    let other = Provider { server: &server, key: server.key("provision", &["--tenant", "other"]) };
    other.send("GET", &format!("/Users/{ana}"), &json!({})).expect(404);
    let foreign = json!({ "displayName": "g", "members": [{ "value": ana }] });
    other.send("POST", "/Groups", &foreign).expect(400);
    other.send("DELETE", &format!("/Users/{ana}"), &json!({})).expect(404);
}

fn ask(server: &Server, key: &str, headers: &[(&str, &str)]) -> Answer {
    let json = ("content-type", "application/json");
    let headers: Vec<(&str, &str)> = headers.iter().copied().chain([json]).collect();
    server.send(key, "POST", "/v1/retrieve", &headers, br#"{"text": "whales", "k": 20}"#)
}

#[test]
fn what_a_provider_pushed_takes_from_a_token_and_ended_tokens_are_nobodys() {
    let server = with_tokens("");
    let ingest = server.key("ingest", &[]);
    for group in ["people", "board"] {
        let access = format!(r#"{{"allow": ["group:{group}"]}}"#);
        let text = format!("Whales of {group}.");
        server.upload(&ingest, &format!("{group}.txt"), &text, &[("access", &access)]).expect(201);
    }
    let app = server.key("retrieve", &["--behalf", "delegate"]);
    let texts = |token: &str| {
        let answer = ask(&server, &app, &[("alnage-user-token", token)]).expect(200);
        let passages = answer["passages"].as_array().unwrap().iter();
        passages.map(|one| one["text"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let both = token(&json!({ "groups": ["people", "board"] }));
    assert_eq!(texts(&both).len(), 2);
    let provider = Provider::of(&server);
    let mara = provider.user("mara");
    let people = provider.group("people", &[&mara]);
    assert_eq!(texts(&both), ["Whales of people."]);
    provider.send("DELETE", &format!("/Groups/{people}"), &json!({})).expect(204);
    assert!(texts(&both).is_empty());

    server.bench.said(0, &["user", "end-tokens", "mara"]);
    let ended = ask(&server, &app, &[("alnage-user-token", &both)]);
    assert_eq!((ended.status, ended.code().as_str()), (401, "user-token-invalid"));
    let later = |seconds: u64| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        token(&json!({ "iat": now.as_secs() + seconds }))
    };
    ask(&server, &app, &[("alnage-user-token", &later(5))]).expect(200);
    // One that does not say when it was issued might be old.
    let undated = token(&json!({ "iat": null }));
    assert_eq!(ask(&server, &app, &[("alnage-user-token", &undated)]).status, 401);
    let id = &server.bench.said(0, &["key", "list", "--format", "json"]);
    let key: Value = id
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .find(|key| key["behalf"] == "delegate")
        .unwrap();
    let admin = server.key("admin", &[]);
    let path = format!("/v1/keys/{}/end-tokens", key["id"].as_str().unwrap());
    server.json(&admin, "POST", &path, &json!({})).expect(204);
    assert_eq!(ask(&server, &app, &[("alnage-user-token", &later(0))]).status, 401);
    ask(&server, &app, &[("alnage-user-token", &later(5))]).expect(200);
}

#[test]
fn a_users_token_alone_asks_where_its_issuer_may_and_nowhere_else() {
    let server = with_tokens("alone_in = [\"default\"]\n");
    server.bench.said(0, &["collection", "create", "second"]);
    let ingest = server.key("ingest", &[]);
    let access = r#"{"allow": ["group:people"]}"#;
    server.upload(&ingest, "a.txt", "Whales of people.", &[("access", access)]).expect(201);
    let mara = token(&json!({}));
    let answer = ask(&server, &mara, &[]).expect(200);
    assert_eq!(answer["passages"][0]["text"], "Whales of people.");
    let board = token(&json!({ "groups": ["board"] }));
    assert_eq!(ask(&server, &board, &[]).expect(200)["passages"], json!([]));
    let json = [("content-type", "application/json")];
    let elsewhere = br#"{"text": "whales", "collection": "second"}"#;
    let refused = server.send(&mara, "POST", "/v1/retrieve", &json, elsewhere);
    assert_eq!(refused.expect(422)["field"], "collection");
    for header in ["alnage-user", "alnage-user-token"] {
        assert_eq!(ask(&server, &mara, &[(header, "bob")]).status, 422);
    }
    // It opens nothing else.
    assert_eq!(server.get(&mara, "/v1/documents").status, 401);
    assert_eq!(server.get(&mara, "/scim/v2/Users").status, 401);
    let forged = format!("{}x", mara);
    assert_eq!(ask(&server, &forged, &[]).status, 401);
    let log = text(&server.bench.run(&["audit", "export"]).stdout);
    assert!(log.contains("\"caller\":\"proven user:mara\""), "{log}");

    // Without that line users need an application.
    let server = with_tokens("");
    let refused = ask(&server, &token(&json!({})), &[]);
    assert_eq!((refused.status, refused.code().as_str()), (403, "user-alone"));
}

#[test]
fn one_user_who_asks_too_often_does_not_take_anothers_turn() {
    let bench = super::super::cli::Bench::new();
    let file = bench.workspace().join("alnage.toml");
    let mut settings = std::fs::read_to_string(&file).unwrap();
    settings = settings.replace("questions_per_user_second = 0", "questions_per_user_second = 1");
    std::fs::write(&file, settings).unwrap();
    let server = Server::on(bench);
    let app = server.key("retrieve", &["--behalf", "delegate"]);
    let status = |user: &str| ask(&server, &app, &[("alnage-user", user)]);
    let first: Vec<Answer> = (0..5).map(|_| status("mara")).collect();
    let refused: Vec<&Answer> = first.iter().filter(|answer| answer.status == 429).collect();
    assert!(!refused.is_empty() && first[0].status == 200);
    assert!(refused[0].head.contains("retry-after"), "{}", refused[0].head);
    assert_eq!(status("bob").status, 200);
}
