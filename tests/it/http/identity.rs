//! Users who are proven by a token of their issuer, beside the key of the application.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use super::super::cli::Bench;
use super::Server;

const SECRET: &str = "a secret of forty bytes that nobody knows";

pub(super) fn server(more: &str) -> Server {
    let bench = Bench::new();
    let file = bench.workspace().join("alnage.toml");
    let mut settings = fs::read_to_string(&file).unwrap();
    settings.push_str(
        "\n[identity.portal]\nissuer = \"portal\"\naudiences = [\"alnage\"]\nalgorithms = [\"HS256\"]\n\
         secret_file = \"keys/portal\"\ngroups_claim = \"groups\"\nclearance_claim = \"clearance\"\n",
    );
    settings.push_str(more);
    fs::write(&file, settings).unwrap();
    let secret = bench.workspace().join("keys/portal");
    fs::write(&secret, SECRET).unwrap();
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
    Server::on(bench)
}

pub(super) fn token(more: &Value) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let mut claims = json!({ "iss": "portal", "aud": "alnage", "sub": "mara", "exp": now + 300,
        "iat": now, "groups": ["people"] });
    claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let key = EncodingKey::from_secret(SECRET.as_bytes()).unwrap();
    encode(&Header::new(Algorithm::HS256), &claims, &key).unwrap()
}

fn ask(server: &Server, key: &str, headers: &[(&str, &str)]) -> super::client::Answer {
    let json = ("content-type", "application/json");
    let headers: Vec<(&str, &str)> = headers.iter().copied().chain([json]).collect();
    server.send(key, "POST", "/v1/retrieve", &headers, br#"{"text": "whales", "k": 20}"#)
}

fn texts(answer: super::client::Answer) -> Vec<String> {
    let answer = answer.expect(200);
    let passages = answer["passages"].as_array().unwrap().iter();
    passages.map(|passage| passage["text"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_token_gives_its_users_rights_to_the_application_that_brings_it_and_nobody_elses() {
    let server = server("");
    let ingest = server.key("ingest", &[]);
    for (name, allow, label) in [
        ("people", "group:people", "internal"),
        ("board", "group:board", "internal"),
        ("mara", "user:mara", "confidential"),
        ("all", "everyone", "internal"),
    ] {
        let access = format!(r#"{{"allow": ["{allow}"], "label": "{label}"}}"#);
        let fields = [("access", access.as_str())];
        server
            .upload(&ingest, &format!("{name}.txt"), &format!("Whales of {name}."), &fields)
            .expect(201);
    }
    let app = server.key("retrieve", &["--behalf", "delegate", "--clearance", "confidential"]);
    let with = |token: &str| {
        let mut texts = texts(ask(&server, &app, &[("alnage-user-token", token)]));
        texts.sort();
        texts
    };
    assert_eq!(with(&token(&json!({}))), ["Whales of all.", "Whales of people."]);
    let cleared = token(&json!({ "clearance": "confidential", "groups": ["board"] }));
    assert_eq!(with(&cleared), ["Whales of all.", "Whales of board.", "Whales of mara."]);
    assert_eq!(with(&token(&json!({ "sub": "bob", "groups": [] }))), ["Whales of all."]);
    // A key that may name nobody may bring a token, and then both must be allowed.
    let own = server.key("retrieve", &["--behalf", "own"]);
    let both = texts(ask(&server, &own, &[("alnage-user-token", &token(&json!({})))]));
    assert_eq!(both, ["Whales of all."]);
}

#[test]
fn a_token_that_is_nobodys_gives_nothing_and_tells_nothing() {
    let server = server("");
    let app = server.key("retrieve", &["--behalf", "delegate"]);
    let fine = token(&json!({}));
    assert_eq!(ask(&server, &app, &[("alnage-user-token", &fine)]).status, 200);
    let expired = token(&json!({ "exp": 1_000_000_000, "iat": 999_999_000 }));
    let foreign = token(&json!({ "iss": "elsewhere" }));
    let other = token(&json!({ "aud": "elsewhere" }));
    let cut = &fine[..fine.len() - 4];
    let mut answers = Vec::new();
    for wrong in [expired.as_str(), &foreign, &other, cut, "x", "a.b.c"] {
        let answer = ask(&server, &app, &[("alnage-user-token", wrong)]);
        assert_eq!((answer.status, answer.code().as_str()), (401, "user-token-invalid"), "{wrong}");
        answers.push(answer.body);
    }
    assert!(answers.windows(2).all(|two| two[0] == two[1]), "every refusal reads the same");
    for headers in [
        [("alnage-user-token", fine.as_str()), ("alnage-user", "mara")],
        [("alnage-user-token", fine.as_str()), ("alnage-user-token", fine.as_str())],
    ] {
        assert_eq!(ask(&server, &app, &headers).status, 422);
    }
    // The token is no key, and by itself it opens nothing where that is not configured.
    let alone = ask(&server, &fine, &[]);
    assert_eq!((alone.status, alone.code().as_str()), (403, "user-alone"));
    assert_eq!(ask(&server, &foreign, &[]).status, 401);
}

#[test]
fn a_secret_that_was_exchanged_in_place_ends_with_the_reload() {
    let server = server("");
    let app = server.key("retrieve", &["--behalf", "delegate"]);
    let old = token(&json!({}));
    assert_eq!(ask(&server, &app, &[("alnage-user-token", &old)]).status, 200);
    fs::write(server.bench.workspace().join("keys/portal"), SECRET.replace('a', "b")).unwrap();
    server.signal("HUP");
    let ended = (0..300).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(100));
        ask(&server, &app, &[("alnage-user-token", &old)]).status == 401
    });
    assert!(ended, "the old secret still signs");
}
