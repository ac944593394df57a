//! Rules that people add: in scans, in policies, in a workspace, and in a running server.

use std::fs;
use std::time::Duration;

use super::cli::{Bench, text};
use super::http::Server;

/// A pack that holds every text that names a project of this name.
fn pack(project: &str) -> String {
    format!(
        "id = 'acme-codenames'\nseverity = 'high'\nsummary = 'names a secret project'\n\
         [[rule]]\nname = 'project'\nwhen = ['{project}']\npattern = '\\bproject {project}\\b'\n\
         note = 'names a secret project'\nfinds = ['Project {project} begins.']\n\
         passes = ['A {project} was seen.']\n"
    )
}

fn add(bench: &Bench, name: &str, content: &str) {
    fs::write(bench.workspace().join("rules").join(name), content).unwrap();
}

#[test]
fn a_scan_finds_what_a_pack_of_the_command_line_says_and_nothing_of_it_without() {
    let bench = Bench::new();
    let document = bench.write("a.txt", "The budget of Project Bluebird.").display().to_string();
    let rules = bench.folder.path().join("mine");
    fs::create_dir(&rules).unwrap();
    fs::write(rules.join("acme.toml"), pack("bluebird")).unwrap();
    // What an editor leaves beside a file is no file of rules.
    fs::write(rules.join(".#acme.toml"), "nonsense").unwrap();
    let folder = rules.display().to_string();
    let file = rules.join("acme.toml").display().to_string();
    bench.said(0, &["scan", &document]);
    for rules in [&folder, &file] {
        let said = bench.said(20, &["scan", "--rules", rules, &document]);
        assert!(said.contains("acme-codenames"), "{said}");
    }
    let sarif = bench.said(20, &["scan", "--rules", &folder, "--format", "sarif", &document]);
    assert!(sarif.contains("\"id\":\"acme-codenames\""), "{sarif}");
    let seen = bench.run(&["inspect", "--rules", &folder, "--format", "json", &document]);
    assert!(text(&seen.stdout).contains("acme-codenames"));
    fs::write(rules.join("acme.toml"), pack("bluebird").replace("begins", "ends, no project"))
        .unwrap();
    bench.said(20, &["scan", "--rules", &folder, &document]);
    fs::write(rules.join("acme.toml"), pack("bluebird").replace("A bluebird", "Project bluebird"))
        .unwrap();
    let said = bench.said(1, &["scan", "--rules", &folder, &document]);
    assert!(said.contains("acme.toml:10: rule `project` passes `Project bluebird was"), "{said}");
}

#[test]
fn a_workspace_judges_by_its_packs_and_its_policies_may_name_them() {
    let bench = Bench::new();
    bench.write("a.txt", "The budget of Project Bluebird.");
    add(&bench, "acme.toml", &pack("bluebird"));
    let said = bench.said(0, &["explain", "acme-codenames"]);
    assert!(said.contains("names a secret project") && said.contains("Project bluebird begins."));
    let output = bench.ingest(&[]);
    assert!(text(&output.stdout).contains("acme-codenames"), "{}", text(&output.stdout));
    assert_eq!(bench.answers("mara", "budget"), Vec::<String>::new());

    let profile = bench.workspace().join("policies/default.toml");
    let strict = fs::read_to_string(&profile).unwrap();
    let milder = strict.replacen("[rules]\n", "[rules]\nacme-codenames = \"admit\"\n", 1);
    fs::write(&profile, milder).unwrap();
    bench.said(0, &["policy", "check"]);
    bench.ingest(&[]);
    assert_eq!(bench.answers("mara", "budget").len(), 1);

    // Without the pack, the profile names nothing.
    fs::remove_file(bench.workspace().join("rules/acme.toml")).unwrap();
    for arguments in [&["policy", "check"][..], &["source", "list"]] {
        let said = bench.said(1, arguments);
        assert!(said.contains("`acme-codenames` is no key here"), "{said}");
    }
}

#[test]
fn a_check_tells_every_mistake_of_every_pack_and_a_wrong_pack_starts_nothing() {
    let bench = Bench::new();
    add(&bench, "acme.toml", &pack("bluebird"));
    let said = bench.said(0, &["policy", "check"]);
    assert!(said.contains("rules/acme.toml: no mistake"), "{said}");
    add(&bench, "one.toml", &pack("kite").replace("acme-codenames", "tool-bait"));
    add(&bench, "two.toml", &pack("crane").replace("acme-", "acme-two-").replace("\\b'", "('"));
    add(
        &bench,
        "three.toml",
        &pack("crow").replace("acme-", "acme-three-").replace("Project c", "C"),
    );
    add(&bench, "four.toml", "disable = ['tool-bait/none']\n");
    for arguments in [&["policy", "check"][..], &["source", "list"]] {
        let said = bench.said(1, arguments);
        for told in [
            "one.toml:1: `tool-bait` is one of Alnage's own ids",
            "two.toml:7: `pattern` cannot stand: unclosed group",
            "three.toml:9: rule `project` does not find `Crow begins.`",
            "four.toml:1: there is no shipped rule `tool-bait/none`",
        ] {
            assert!(said.contains(told), "{told}: {said}");
        }
    }
    let lone = bench.workspace().join("rules/two.toml").display().to_string();
    let said = bench.said(1, &["policy", "check", &lone]);
    assert!(said.contains("two.toml:7") && !said.contains("one.toml"), "{said}");
}

#[test]
fn a_server_takes_up_changed_packs_and_keeps_the_old_ones_while_the_new_are_wrong() {
    let bench = Bench::new();
    add(&bench, "acme.toml", &pack("bluebird"));
    let server = Server::on(bench);
    let key = server.key("ingest", &[]);
    let state = |name: &str, project: &str| {
        let about = format!("The {name} budget of Project {project}.");
        server.upload(&key, name, &about, &[]).expect(201)["state"].clone()
    };
    assert_eq!(state("one.txt", "Bluebird"), "held");
    assert_eq!(state("two.txt", "Kite"), "serving");

    add(&server.bench, "acme.toml", "id = 'acme-codenames'\n");
    server.signal("HUP");
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(state("three.txt", "Bluebird"), "held");

    add(&server.bench, "acme.toml", &pack("kite"));
    server.signal("HUP");
    let taken_up = (0..100).any(|round| {
        std::thread::sleep(Duration::from_millis(50));
        state(&format!("four-{round}.txt"), "Kite") == "held"
    });
    assert!(taken_up);
    assert_eq!(state("five.txt", "Bluebird"), "serving");
    // The very file that was served is judged anew: its verdict was one of other rules.
    assert_eq!(state("two.txt", "Kite"), "held");
}

#[test]
fn what_a_newer_pack_outlaws_does_not_go_out_from_its_first_retrieval_on() {
    let server = Server::on(Bench::new());
    let ingest = server.key("ingest", &[]);
    let app = server.key("retrieve", &["--behalf", "delegate"]);
    server.upload(&ingest, "a.txt", "The budget of Project Bluebird.", &[]).expect(201);
    server.upload(&ingest, "b.txt", "The budget of Project Heron.", &[]).expect(201);
    let metadata = r#"{"note": "see project bluebird"}"#;
    server.upload(&ingest, "c.txt", "The budget of all.", &[("metadata", metadata)]).expect(201);
    let ask = || {
        let mut texts = server.ask(&app, Some("mara"), "budget");
        texts.sort();
        texts
    };
    assert_eq!(ask().len(), 3);
    add(&server.bench, "acme.toml", &pack("bluebird"));
    server.signal("HUP");
    let narrowed = (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(50));
        ask().len() == 1
    });
    // Nor what would go out beside a text.
    assert!(narrowed && ask() == ["The budget of Project Heron."], "{:?}", ask());
    let log = text(&server.bench.run(&["audit", "export"]).stdout);
    let told = |event: &str| log.matches(&format!("\"event\":\"{event}\"")).count();
    assert_eq!(told("outlawed-by-rules"), 2, "each is found once, and kept: {log}");
    assert!(told("withheld") > 2 && !log.contains("\"alarm\":true"), "{log}");
    // It is kept through a restart, and a pack that is taken away takes its word with it.
    let server = Server::on(server.end());
    assert_eq!(server.ask(&app, Some("mara"), "budget"), ["The budget of Project Heron."]);
    let log = text(&server.bench.run(&["audit", "export"]).stdout);
    assert_eq!(log.matches("\"event\":\"outlawed-by-rules\"").count(), 2);
    fs::remove_file(server.bench.workspace().join("rules/acme.toml")).unwrap();
    let server = Server::on(server.end());
    assert_eq!(server.ask(&app, Some("mara"), "budget").len(), 3);
}
