//! Questions by words, by vectors and by both; filters; passages for a prompt.

use serde_json::{Value, json};

use super::Server;

/// A server with a collection whose chunks bring a vector of three dimensions, and a key.
fn filled() -> (Server, String) {
    let server = Server::start();
    let key = server.key("ingest,retrieve,admin", &[]);
    let wanted = json!({ "name": "given", "dense": { "meaning": 3 } });
    server.json(&key, "POST", "/v1/collections", &wanted).expect(201);
    let chunk = |text: &str, vector: [f32; 3], metadata: Value| json!({ "text": text, "vectors": { "meaning": vector }, "metadata": metadata });
    let batch = json!({ "collection": "given", "documents": [
        { "uri": "sea", "metadata": { "team": "sea" }, "chunks": [
            chunk("Whales are mammals.", [1.0, 0.0, 0.0], json!({ "year": 2024 })),
            chunk("Dolphins sing.", [0.8, 0.6, 0.0], json!({ "year": 2026 }))] },
        { "uri": "land", "metadata": { "team": "land" }, "chunks": [
            chunk("Elephants are mammals.", [0.0, 1.0, 0.0], json!({ "year": 2026 }))] },
    ]});
    let taken = server.json(&key, "POST", "/v1/chunks", &batch).expect(200);
    assert_eq!(taken["results"][1]["receipt"]["state"], "serving", "{taken}");
    (server, key)
}

fn ask(server: &Server, key: &str, body: Value) -> Value {
    let mut body = body;
    body["collection"] = json!("given");
    server.json(key, "POST", "/v1/retrieve", &body).expect(200)
}

fn texts(answer: &Value) -> Vec<&str> {
    let passages = answer["passages"].as_array().unwrap().iter();
    passages.map(|passage| passage["text"].as_str().unwrap()).collect()
}

#[test]
fn a_question_is_searched_by_words_by_a_vector_or_by_both_and_narrowed_by_a_filter() {
    let (server, key) = filled();
    let words = ask(&server, &key, json!({ "text": "mammals", "mode": "lexical" }));
    assert_eq!(texts(&words).len(), 2, "{words}");
    let near = json!({ "vector": [1.0, 0.1, 0.0], "using": "meaning", "k": 2 });
    let near = ask(&server, &key, near);
    assert_eq!(texts(&near), ["Whales are mammals.", "Dolphins sing."]);
    // Found by both stands before what one of them found.
    let both = json!({ "text": "elephants", "vector": [0.0, 1.0, 0.0], "using": "meaning" });
    assert_eq!(texts(&ask(&server, &key, both))[0], "Elephants are mammals.");
    let recent = json!({ "must": [{ "key": "year", "range": { "gte": 2025 } }],
        "must_not": [{ "key": "team", "match": { "value": "land" } }] });
    let vector = json!({ "vector": [1.0, 0.0, 0.0], "using": "meaning", "filter": recent });
    let narrowed = ask(&server, &key, vector);
    assert_eq!(texts(&narrowed), ["Dolphins sing."]);
    assert_eq!(narrowed["passages"][0]["metadata"], json!({ "team": "sea", "year": 2026 }));
    for (body, field) in [
        (json!({ "text": "x", "mode": "magic" }), "mode"),
        (json!({ "vector": [1.0, 0.0, 0.0] }), "using"),
        (json!({ "vector": [1.0], "using": "meaning" }), "vector"),
        (
            json!({ "text": "x", "filter": { "must": [{ "key": "a", "near": 1 }] } }),
            "filter.must[0]",
        ),
        (json!({ "text": "x", "spotlight": "bright" }), "spotlight"),
    ] {
        let mut body = body;
        body["collection"] = json!("given");
        let refused = server.json(&key, "POST", "/v1/retrieve", &body).expect(422);
        assert!(refused["field"].as_str().unwrap().starts_with(field), "{refused}");
    }
    let sneaky = json!({ "text": "mammals", "filter": { "should": [
        { "key": "__alnage.acl", "match": { "value": "x" } }, { "key": "team", "is_empty": true }] },
        "collection": "given" });
    server.json(&key, "POST", "/v1/retrieve", &sneaky).expect(422);
}

#[test]
fn passages_come_wrapped_for_a_prompt_under_a_marker_that_is_never_the_same() {
    let (server, key) = filled();
    let asked = || {
        ask(
            &server,
            &key,
            json!({ "text": "mammals", "spotlight": "delimited", "with_stamp": true }),
        )
    };
    let (one, two) = (asked(), asked());
    let marker = one["prompt"]["marker"].as_str().unwrap();
    assert_ne!(one["prompt"]["marker"], two["prompt"]["marker"]);
    assert_eq!(one["prompt"]["text"].as_str().unwrap().matches(marker).count(), 4);
    assert!(one["prompt"]["instruction"].as_str().unwrap().contains(marker));
    assert!(one["passages"][0]["stamp"]["origin_mac"].is_string());
    let marked = ask(&server, &key, json!({ "text": "mammals", "spotlight": "datamarked" }));
    let mark = marked["prompt"]["marker"].as_str().unwrap();
    let words = format!("Whales{mark}are{mark}mammals.");
    assert!(marked["prompt"]["text"].as_str().unwrap().contains(&words));
    let plain = ask(&server, &key, json!({ "text": "mammals" }));
    assert!(plain.get("prompt").is_none() && plain["passages"][0].get("stamp").is_none());
}

#[test]
fn a_batch_of_chunks_may_be_larger_than_a_question_may_be() {
    let (server, key) = filled();
    let chunk = |number: usize| {
        let text: String = (0..3_000).map(|word| format!("word{} ", word * 7 + number)).collect();
        json!({ "text": text })
    };
    let chunks: Vec<Value> = (0..48).map(chunk).collect();
    let batch = json!({ "documents": [{ "uri": "large", "chunks": chunks }] });
    assert!(batch.to_string().len() > 1 << 20);
    let taken = server.json(&key, "POST", "/v1/chunks", &batch).expect(200);
    assert_eq!(taken["results"][0]["receipt"]["chunks"], 48, "{taken}");
    let question = json!({ "text": "x".repeat(1 << 20) });
    assert_eq!(server.json(&key, "POST", "/v1/retrieve", &question).status, 413);
}

/// A workspace with these retrieval budgets for each user and each application.
fn budgeted(chunks: usize, of_app: usize) -> super::super::cli::Bench {
    let bench = super::super::cli::Bench::new();
    let file = bench.workspace().join("alnage.toml");
    let settings = std::fs::read_to_string(&file).unwrap();
    let budget = format!("chunks_per_user = {chunks}");
    let settings = settings.replace("chunks_per_user = 0", &budget);
    let budget = format!("chunks_per_app = {of_app}");
    std::fs::write(&file, settings.replace("chunks_per_app = 0", &budget)).unwrap();
    bench
}

#[test]
fn a_user_gets_so_many_different_chunks_in_a_while_and_a_restart_gives_no_more() {
    let server = Server::on(budgeted(10, 0));
    let ingest = server.key("ingest", &[]);
    for number in 0..12 {
        let text = format!("Whales of the {number}th kind.");
        server.upload(&ingest, &format!("{number}.txt"), &text, &[]).expect(201);
    }
    let app = server.key("retrieve", &["--behalf", "delegate"]);
    let status = |server: &Server, user: Option<&str>, text: &str, k: usize| {
        let body = serde_json::json!({ "text": text, "k": k }).to_string();
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(user.map(|user| ("alnage-user", user)));
        server.send(&app, "POST", "/v1/retrieve", &headers, body.as_bytes())
    };
    assert_eq!(status(&server, Some("mara"), "whales 0th 1th 2th", 9).status, 200);
    // The same chunks again are free; all of them are too many, and nothing of it goes out.
    assert_eq!(status(&server, Some("mara"), "whales 0th 1th 2th", 9).status, 200);
    let refused = status(&server, Some("mara"), "whales", 12);
    assert_eq!((refused.status, refused.code().as_str()), (429, "budget-spent"));
    let after = refused.head.lines().find_map(|line| line.strip_prefix("retry-after: ")).unwrap();
    assert!(after.parse::<u64>().unwrap() > 23 * 3600, "{after}");
    // Another user has a budget of its own, and the application by itself has none here.
    assert_eq!(status(&server, Some("bob"), "whales", 10).status, 200);
    assert_eq!(status(&server, None, "whales", 12).status, 200);
    let log = super::super::cli::text(&server.bench.run(&["audit", "export"]).stdout);
    for event in ["budget-near", "budget-exhausted"] {
        assert!(
            log.contains(&format!("\"event\":\"{event}\",\"tenant\":\"main\"")),
            "{event}: {log}"
        );
    }
    // What an operator looks at as somebody is not theirs.
    server.bench.said(0, &["retrieve", "whales", "--as", "eve", "-k", "12"]);
    // Neither an orderly end nor a kill makes anything be forgotten.
    let server = Server::on(Server::on(server.end()).kill());
    assert_eq!(status(&server, Some("mara"), "whales", 12).status, 429);
    assert_eq!(status(&server, Some("mara"), "whales 0th 1th 2th", 9).status, 200);
    assert_eq!(status(&server, Some("eve"), "whales", 10).status, 200);
}

#[test]
fn a_key_that_names_one_user_after_another_gets_no_further_than_its_own_budget() {
    let server = Server::on(budgeted(3, 5));
    let ingest = server.key("ingest", &[]);
    for number in 0..9 {
        let text = format!("Whales, part {}.", "more ".repeat(number));
        let access = format!(r#"{{"allow": ["user:{}"]}}"#, ["mara", "bob", "eve"][number / 3]);
        server.upload(&ingest, &format!("{number}.txt"), &text, &[("access", &access)]).expect(201);
    }
    let app = server.key("retrieve", &["--behalf", "delegate"]);
    let status = |user: &str| {
        let headers = [("content-type", "application/json"), ("alnage-user", user)];
        server.send(&app, "POST", "/v1/retrieve", &headers, br#"{"text": "whales"}"#).status
    };
    assert_eq!((status("mara"), status("bob"), status("eve")), (200, 429, 429));
    // Nothing was counted for whom nothing went out: two more would do, three do not.
    assert_eq!((status("mara"), status("bob")), (200, 429));
}

#[test]
fn a_question_with_a_consistency_token_is_answered_as_of_that_state_or_not_at_all() {
    let server = Server::start();
    let ingest = server.key("ingest", &[]);
    let app = server.key("retrieve", &["--behalf", "delegate"]);
    let token = |answer: &super::client::Answer| {
        let line = answer.head.lines().find_map(|line| line.strip_prefix("alnage-consistency: "));
        line.map(ToOwned::to_owned)
    };
    let taken = server.upload(&ingest, "a.txt", "Whales.", &[]);
    let after_upload = token(&taken).unwrap();
    taken.expect(201);
    let ask = |server: &Server, token: &str| {
        let headers = [("content-type", "application/json"), ("alnage-consistency", token)];
        server.send(&app, "POST", "/v1/retrieve", &headers, br#"{"text": "whales"}"#)
    };
    let answer = ask(&server, &after_upload);
    let again = token(&answer).unwrap();
    assert_eq!(answer.expect(200)["passages"].as_array().unwrap().len(), 1);
    // Nothing has changed, and the tokens do not tell.
    assert_ne!(after_upload, again);
    assert_eq!(after_upload.len(), again.len());
    for wrong in ["x", "", &after_upload[1..]] {
        assert_eq!(ask(&server, wrong).expect(422)["field"], "Alnage-Consistency");
    }
    let other = Server::start();
    let foreign = token(&other.get(&other.key("admin", &[]), "/v1/keys")).unwrap();
    assert_eq!(ask(&server, &foreign).status, 422);
    // A state that this workspace has lost: what was acknowledged is not there, and nobody is told otherwise.
    let before = server.bench.folder.path().join("before");
    let bench = server.end();
    let copy = |from: &std::path::Path, to: &std::path::Path| {
        assert!(
            std::process::Command::new("cp").arg("-a").args([from, to]).status().unwrap().success()
        );
    };
    copy(&bench.workspace(), &before);
    let server = Server::on(bench);
    let late = server.upload(&ingest, "b.txt", "More whales.", &[]);
    let lost = token(&late).unwrap();
    late.expect(201);
    let bench = server.end();
    std::fs::remove_dir_all(bench.workspace()).unwrap();
    copy(&before, &bench.workspace());
    let server = Server::on(bench);
    let refused = ask(&server, &lost);
    assert!(refused.head.contains("retry-after"), "{}", refused.head);
    assert_eq!((refused.status, refused.code().as_str()), (503, "not-consistent-yet"));
    assert_eq!(ask(&server, &after_upload).status, 200);
}

#[test]
fn a_key_that_is_told_no_scores_gets_none_and_passages_come_encoded_on_request() {
    let server = Server::start();
    let ingest = server.key("ingest", &[]);
    server.upload(&ingest, "a.txt", "Whales of the north.", &[]).expect(201);
    let ask = |key: &str| {
        let body = serde_json::json!({ "text": "whales", "spotlight": "base64" });
        server.json(key, "POST", "/v1/retrieve", &body).expect(200)
    };
    let silent = ask(&server.key("retrieve", &["--no-scores"]));
    assert!(silent["passages"][0].get("score").is_none(), "{silent}");
    assert!(silent["prompt"]["text"].as_str().unwrap().starts_with("[1] "));
    assert!(!silent["prompt"]["text"].as_str().unwrap().contains("Whales"));
    assert!(ask(&server.key("retrieve", &[]))["passages"][0]["score"].as_f64().unwrap() > 0.0);
    // Its scores are not to be had through another key of its own making.
    let admin = server.key("admin,retrieve", &["--no-scores", "--collection", "default"]);
    let wanted = |scores: bool| {
        serde_json::json!({ "app": "other", "roles": ["retrieve"], "scores": scores,
            "collections": ["default"], "principals": ["role:app"] })
    };
    server.json(&admin, "POST", "/v1/keys", &wanted(true)).expect(403);
    server.json(&admin, "POST", "/v1/keys", &wanted(false)).expect(201);
}

#[test]
fn the_time_from_a_revocation_to_its_effect_is_measured() {
    let server = Server::start();
    let ingest = server.key("ingest", &[]);
    let receipt = server.upload(&ingest, "a.txt", "Whales.", &[]).expect(201);
    let admin = server.key("admin", &[]);
    let path = format!("/v1/documents/{}/access", receipt["document"].as_str().unwrap());
    server.json(&admin, "PUT", &path, &serde_json::json!({ "allow": [] })).expect(200);
    server
        .json(&admin, "POST", "/v1/users/end-tokens", &serde_json::json!({ "user": "mara" }))
        .expect(204);
    let metrics = String::from_utf8(server.get(&admin, "/metrics").body).unwrap();
    assert!(metrics.contains("alnage_access_change_seconds_count 2"), "{metrics}");
}

#[test]
fn who_is_not_cleared_for_personal_data_gets_marks_in_its_place() {
    let bench = super::super::cli::Bench::new();
    let folder = bench.workspace();
    let mut settings = std::fs::read_to_string(folder.join("alnage.toml")).unwrap();
    settings = settings.replace("# unmasked_from", "unmasked_from");
    std::fs::write(folder.join("alnage.toml"), settings).unwrap();
    let directory = "[users.noor]\nclearance = \"confidential\"\n";
    std::fs::write(folder.join("directory.toml"), directory).unwrap();
    let server = Server::on(bench);
    let ingest = server.key("ingest", &[]);
    let metadata = [("metadata", r#"{"owner": "ana.lima@harbour-lisbon.pt"}"#)];
    let text = "Whales are counted by Ana, ana.lima@harbour-lisbon.pt, in June.";
    server.upload(&ingest, "a.txt", text, &metadata).expect(201);
    let app = server.key("retrieve", &["--behalf", "delegate", "--clearance", "confidential"]);
    let ask = |key: &str, user: &str| {
        let headers = [("content-type", "application/json"), ("alnage-user", user)];
        let body = br#"{"text": "whales", "with_stamp": true}"#;
        let answer = server.send(key, "POST", "/v1/retrieve", &headers, body).expect(200);
        answer["passages"][0].clone()
    };
    let whole = ask(&app, "noor");
    assert_eq!(whole["text"], text);
    assert!(whole.get("masked").is_none() && whole["stamp"].is_object());
    let masked = ask(&app, "mara");
    assert!(!masked.to_string().contains("ana.lima"), "{masked}");
    assert!(masked["text"].as_str().unwrap().starts_with("Whales are counted by Ana, ["));
    assert!(masked["masked"] == true && masked.get("stamp").is_none());
    // An application that is not cleared gets no more for a user who is.
    let low = server.key("retrieve", &["--behalf", "delegate"]);
    assert_eq!(ask(&low, "noor")["masked"], true);
}

#[test]
fn an_administrator_looks_as_a_user_up_to_the_keys_clearance_and_spends_his_own_budget() {
    let bench = budgeted(1, 2);
    let directory = "[users.mara]\ngroups = [\"people\"]\nclearance = \"confidential\"\n";
    std::fs::write(bench.workspace().join("directory.toml"), directory).unwrap();
    let server = Server::on(bench);
    let ingest = server.key("ingest", &[]);
    let mut first = String::new();
    for (number, (reader, label)) in
        [("group:people", "internal"), ("group:people", "confidential"), ("user:noor", "internal")]
            .into_iter()
            .enumerate()
    {
        let access = json!({ "allow": [reader], "label": label }).to_string();
        let text = format!("Whales of the {number}th kind.");
        let fields = [("access", access.as_str())];
        let taken = server.upload(&ingest, &format!("{number}.txt"), &text, &fields).expect(201);
        if number == 0 {
            first = taken["document"].as_str().unwrap().to_owned();
        }
    }
    let look = |key: &str, headers: &[(&str, &str)]| {
        let mut all = vec![("content-type", "application/json")];
        all.extend(headers);
        server.send(key, "POST", "/v1/retrieve", &all, br#"{"text": "whales"}"#)
    };
    let as_mara = [("alnage-view-as", "mara")];
    let found = |key: &str| look(key, &as_mara).expect(200)["passages"].as_array().unwrap().len();
    let asking = server.key("retrieve", &["--behalf", "delegate", "--clearance", "restricted"]);
    let refused = look(&asking, &as_mara);
    assert_eq!((refused.status, refused.code().as_str()), (403, "role-missing"));
    let bounded = server.key("retrieve,admin", &["--source", "default"]);
    assert_eq!(look(&bounded, &as_mara).code(), "role-missing");
    // One that asks for itself alone may look all the same, up to what it is cleared for.
    let low = server.key("retrieve,admin", &[]);
    assert_eq!(found(&low), 1);
    let high = server.key("retrieve,admin", &["--clearance", "restricted"]);
    assert_eq!(found(&high), 2);
    for beside in [("alnage-user", "mara"), ("alnage-user-token", "a.b.c")] {
        assert_eq!(look(&high, &[as_mara[0], beside]).status, 422);
    }
    let said = server.bench.said(0, &["audit", "who", &first]);
    assert_eq!(
        said.matches("viewing user:mara  ").count() + said.matches("looked as").count(),
        4,
        "{said}"
    );
    // Mara's budget of one chunk is whole; that of the application, of two, is spent.
    let mara = look(&asking, &[("alnage-user", "mara")]);
    assert_eq!(mara.code(), "budget-spent");
    let one = json!({ "text": "whales", "k": 1 }).to_string();
    let headers = [("content-type", "application/json"), ("alnage-user", "mara")];
    server.send(&asking, "POST", "/v1/retrieve", &headers, one.as_bytes()).expect(200);
}
