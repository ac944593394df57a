//! Access policies of a workspace, through the program.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::cli::{Bench, text};
use super::http::Server;

fn shipped(name: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("policies/access/examples");
    folder.join(name).display().to_string()
}

fn with(own: &str) -> Bench {
    let bench = Bench::new();
    fs::write(bench.workspace().join("policies/access/own.cedar"), own).unwrap();
    bench
}

const FOR_SUPPORT: &str = "@id(\"for-support-alone\")\nforbid (principal, action, resource)\n\
     when { resource.level >= 2 }\nunless { context has purpose && context.purpose == \"support\" };\n";

#[test]
fn the_examples_decide_what_their_tables_expect() {
    let bench = Bench::new();
    for (example, cases) in [("time-bound", 5), ("purpose", 4), ("need-to-know", 3)] {
        let (policies, table) =
            (shipped(&format!("{example}.cedar")), shipped(&format!("{example}.toml")));
        let said = bench.said(0, &["policy", "test", &policies, &table]);
        assert!(said.contains(&format!("{cases} cases, all as expected")), "{said}");
        bench.said(0, &["policy", "check", &policies]);
    }
    // Under other policies the table is wrong, and says where.
    let said = bench.said(40, &["policy", "test", &shipped("purpose.toml")]);
    assert!(said.contains("purpose.toml:11: without a purpose nobody does"), "{said}");
    assert!(said.contains("expected deny, got allow by listed"), "{said}");
    assert!(said.contains("3 of 4 cases are not as expected"), "{said}");
    // The tables of a workspace are found, and checked with it.
    let folder = bench.workspace().join("policies/access");
    assert!(bench.said(1, &["policy", "test"]).contains("there is no table of cases"));
    fs::copy(shipped("need-to-know.cedar"), folder.join("need.cedar")).unwrap();
    fs::copy(shipped("need-to-know.toml"), folder.join("need.toml")).unwrap();
    assert!(bench.said(0, &["policy", "test"]).contains("3 cases"));
    let checked = bench.said(0, &["policy", "check"]);
    assert!(checked.contains("need.cedar") && checked.contains("need.toml"), "{checked}");
    assert!(bench.said(0, &["policy", "schema"]).contains("entity User, App in"));
}

#[test]
fn a_workspace_does_not_open_under_policies_that_cannot_be_read() {
    let bench =
        with("@id(\"a\")\npermit (principal, action, resource)\nwhen { resource.lable == 1 };\n");
    for command in [["source", "list"].as_slice(), &["policy", "check"]] {
        let said = bench.said(1, command);
        assert!(said.contains("own.cedar:3") && said.contains("`lable`"), "{said}");
    }
    let file = bench.workspace().join("policies/access/own.cedar");
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    assert!(bench.said(1, &["source", "list"]).contains("own.cedar"));
}

fn ask(server: &Server, key: &str, purpose: Option<&str>) -> Vec<Value> {
    let mut headers = vec![("content-type", "application/json"), ("alnage-user", "mara")];
    headers.extend(purpose.map(|purpose| ("alnage-purpose", purpose)));
    let body = br#"{"text": "whales", "k": 20}"#;
    let answer = server.send(key, "POST", "/v1/retrieve", &headers, body).expect(200);
    answer["passages"].as_array().unwrap().clone()
}

#[test]
fn a_policy_of_ones_own_narrows_answers_from_its_reload_on_and_an_unreadable_one_changes_nothing() {
    let bench = Bench::new();
    let directory = "[users.mara]\ngroups = [\"people\"]\nclearance = \"confidential\"\n";
    fs::write(bench.workspace().join("directory.toml"), directory).unwrap();
    let server = Server::on(bench);
    let ingest = server.key("ingest", &[]);
    let access = r#"{"allow": ["group:people"], "label": "confidential"}"#;
    server.upload(&ingest, "a.txt", "Whales in confidence.", &[("access", access)]).expect(201);
    server.upload(&ingest, "b.txt", "Whales for all.", &[]).expect(201);
    let app = server.key("retrieve", &["--behalf", "delegate", "--clearance", "confidential"]);
    assert_eq!(ask(&server, &app, None).len(), 2);
    let own = server.bench.workspace().join("policies/access/own.cedar");
    let reload = |text: &str| {
        fs::write(&own, text).unwrap();
        server.signal("HUP");
    };
    reload(FOR_SUPPORT);
    let narrowed = || {
        (0..100).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(50));
            ask(&server, &app, None).len() == 1
        })
    };
    assert!(narrowed());
    assert_eq!(ask(&server, &app, Some("support")).len(), 2);
    assert_eq!(ask(&server, &app, Some("marketing")).len(), 1);
    let headers = [("alnage-purpose", "Not A Name"), ("content-type", "application/json")];
    let refused = server.send(&app, "POST", "/v1/retrieve", &headers, br#"{"text": "whales"}"#);
    assert_eq!(
        (refused.status, refused.json()["field"].as_str().unwrap()),
        (422, "Alnage-Purpose")
    );
    // What cannot be read is not half in force, and does not undo what was.
    reload("@id(\"for-support-alone\") forbid (principal, action");
    std::thread::sleep(std::time::Duration::from_millis(500));
    assert_eq!(ask(&server, &app, None).len(), 1);
}

/// Records of this kind in the audit log.
fn events(server: &Server, kind: &str) -> Vec<String> {
    let log = text(&server.bench.run(&["audit", "export"]).stdout);
    let kind = format!("\"event\":\"{kind}\"");
    log.lines().filter(|line| line.contains(&kind)).map(ToOwned::to_owned).collect()
}

#[test]
fn a_policy_that_errs_denies_and_is_on_record() {
    let broken = "@id(\"broken\") forbid (principal, action, resource)\n\
                  when { 9223372036854775807 + resource.level > 0 };\n";
    let server = Server::on(with(broken));
    let ingest = server.key("ingest", &[]);
    server.upload(&ingest, "b.txt", "Whales for all.", &[]).expect(201);
    let app = server.key("retrieve", &["--behalf", "delegate"]);
    assert!(ask(&server, &app, None).is_empty());
    let log = events(&server, "policy-fault");
    assert!(!log.is_empty() && log[0].contains("broken"), "{log:?}");
}

#[test]
fn it_is_explained_who_may_read_and_by_what_and_that_is_on_record() {
    let bench = with(FOR_SUPPORT);
    let directory = "[users.mara]\ngroups = [\"people\"]\nclearance = \"confidential\"\n";
    fs::write(bench.workspace().join("directory.toml"), directory).unwrap();
    let server = Server::on(bench);
    let ingest = server.key("ingest", &[]);
    let access = r#"{"allow": ["group:people", "user:noor"], "label": "confidential"}"#;
    let receipt = server.upload(&ingest, "a.txt", "Whales.", &[("access", access)]).expect(201);
    let document = receipt["document"].as_str().unwrap();
    let admin = server.key("admin", &[]);
    let explain = |user: &str, purpose: Option<&str>| {
        let mut body = json!({ "user": user, "document": document });
        if let Some(purpose) = purpose {
            body["purpose"] = json!(purpose);
        }
        server.json(&admin, "POST", "/v1/access/explain", &body).expect(200)
    };
    let mara = explain("mara", Some("support"));
    assert_eq!((&mara["readable"], &mara["served"]), (&json!(true), &json!(true)));
    let side = &mara["sides"][0];
    assert_eq!((&side["who"], &side["policies"]), (&json!("user:mara"), &json!(["listed"])));
    assert_eq!(side["entries"], json!([{ "list": "allow", "principal": "group:people" }]));
    let without = explain("mara", None);
    assert_eq!(without["readable"], false);
    assert_eq!(without["sides"][0]["policies"], json!(["for-support-alone"]));
    let noor = explain("noor", Some("support"));
    assert_eq!(noor["sides"][0]["policies"], json!(["above-clearance"]));
    let said = server.bench.said(0, &["access", "explain", "--as", "eve", "--document", document]);
    assert!(said.contains("user:eve may not read it"), "{said}");
    assert_eq!(events(&server, "access-explained").len(), 4);
    let hidden = json!({ "user": "mara", "document": "00000000-0000-4000-8000-000000000000" });
    server.json(&admin, "POST", "/v1/access/explain", &hidden).expect(404);
}
