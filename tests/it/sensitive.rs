//! Secrets and personal data: masked before anything is embedded, stored or authenticated, or labelled.
//!
//! Secrets are put together here: what stands whole in a repository is blocked by its host.

use std::sync::Arc;

use alnage::domain::digest::Digest;
use alnage::domain::document::{Format, RawDocument};
use alnage::domain::policy::Verdict;
use alnage::pipeline::given::{GivenChunk, bytes_of};
use alnage::pipeline::ledger::RevisionState;
use alnage::pipeline::ports::VectorStore as _;
use alnage::pipeline::receipt::{Item, Receipt};
use alnage::pipeline::review::Decider;
use serde_json::{Map, Value, json};

use super::support::{Kind, PROGRAM, TestGuard};

fn word() -> String {
    ["Tulpe!", "4492x"].concat()
}

fn fields(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap()
}

fn file(uri: &str, text: &str, metadata: &Value) -> Item {
    let declared = Format::of_name(uri);
    let raw = RawDocument { uri: uri.to_owned(), declared, bytes: text.as_bytes().to_vec() };
    Item { metadata: fields(metadata), ..Item::file(raw, None) }
}

fn chunks(uri: &str, chunks: &[(&str, Value)]) -> Item {
    let chunk = |(text, metadata): &(&str, Value)| GivenChunk {
        text: (*text).to_owned(),
        metadata: fields(metadata),
        vectors: Default::default(),
    };
    let given: Vec<GivenChunk> = chunks.iter().map(chunk).collect();
    let raw = RawDocument { uri: uri.to_owned(), declared: None, bytes: bytes_of(&given) };
    Item { given: Some(given), ..Item::file(raw, None) }
}

async fn take_in(test: &TestGuard, item: Item) -> Receipt {
    let report = test.guard.ingest(&test.intake, vec![item]).await.unwrap();
    report.answers.into_iter().next().unwrap().unwrap()
}

/// Everything that lies in the store, as one text.
async fn stored(test: &TestGuard) -> String {
    let points = test.store.scroll(test.intake.collection.id, None, 100).await.unwrap();
    points.iter().map(|point| Value::Object(point.payload.clone()).to_string()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn aisvs_8_2_1_secrets_and_personal_data_are_masked_before_embedding() {
    let test = TestGuard::start("default", Kind::Edge).await;
    let word = word();
    let page = format!(
        "<html><head><title>Gateway password: {word}</title></head><body>\
         <h1>Gateway password: {word}</h1><p>The gateway restarts on Mondays.</p></body></html>"
    );
    let page = take_in(&test, file("gateway.html", &page, &json!({"wifi_password": word}))).await;
    assert_eq!((page.state, page.verdict), (RevisionState::Serving, Verdict::Redact), "{page:?}");
    let given = [
        ("The relay is rebooted by hand.".to_owned(), json!({"login": {"password": word}})),
        (format!("Relay login: password = {word}"), json!({"team": "ops"})),
    ];
    let given: Vec<(&str, Value)> =
        given.iter().map(|(text, value)| (text.as_str(), value.clone())).collect();
    let given = take_in(&test, chunks("relay", &given)).await;
    assert_eq!(
        (given.state, given.verdict),
        (RevisionState::Serving, Verdict::Redact),
        "{given:?}"
    );

    let stored = stored(&test).await;
    assert!(!stored.contains(&word), "{stored}");
    let answer = test.ask("bob", "gateway password").await;
    let passage = answer.iter().find(|one| one.citation.uri == "gateway.html").unwrap();
    assert!(passage.text.contains("password: [password removed]"), "{}", passage.text);
    assert!(passage.text.contains("Mondays"));
    assert_eq!(passage.citation.title.as_deref(), Some("Gateway password: [password removed]"));
    assert_eq!(passage.metadata.get("wifi_password"), Some(&json!("[password removed]")));
    assert_eq!(passage.sensitive, ["secret"]);
    let answer = test.ask("bob", "relay rebooted by hand").await;
    let passage = answer.iter().find(|one| one.text.contains("by hand")).unwrap();
    assert_eq!(passage.metadata.get("login"), Some(&json!({"password": "[password removed]"})));
    assert!(passage.sensitive.is_empty());
    assert_eq!(test.alarms(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_without_secrets_is_served_as_it_is_and_bears_no_label() {
    let test = TestGuard::start("default", Kind::Edge).await;
    let text = "Order 4711-0815 of 2024-05-01: set password: <your password> and API_KEY=${KEY}.";
    let receipt = take_in(&test, file("order.txt", text, &json!({"ref": "9fceb02"}))).await;
    assert_eq!((receipt.state, receipt.verdict), (RevisionState::Serving, Verdict::Admit));
    let answer = test.ask("bob", "order password").await;
    assert_eq!((answer[0].text.as_str(), answer[0].sensitive.len()), (text, 0));
    assert!(!stored(&test).await.contains("\"sensitive\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn personal_data_is_labelled_by_default_and_masked_or_held_when_strict() {
    let text = "Ask Mira Koller, mira.k@kade-works.eu, about the trailer axle.";
    let account = format!("{text} Her account is DE12 5001 0517 0648 4898 90.");
    let test = TestGuard::start("default", Kind::Edge).await;
    let receipt = test.ingest("axle.txt", &account, None).await;
    assert_eq!((receipt.state, receipt.verdict), (RevisionState::Serving, Verdict::Admit));
    let answer = test.ask("bob", "trailer axle").await;
    assert_eq!(answer[0].text, account);
    assert_eq!(answer[0].sensitive, ["personal-data"]);

    let strict = TestGuard::start("strict", Kind::Edge).await;
    let receipt = strict.ingest("axle.txt", text, None).await;
    assert_eq!((receipt.state, receipt.verdict), (RevisionState::Serving, Verdict::Redact));
    let answer = strict.ask("bob", "trailer axle").await;
    let masked = "Ask Mira Koller, [e-mail address removed], about the trailer axle.";
    assert_eq!(
        (answer[0].text.as_str(), answer[0].sensitive.as_slice()),
        (masked, &["personal-data".to_owned()][..])
    );
    let receipt = strict.ingest("account.txt", &account, None).await;
    assert_eq!(receipt.state, RevisionState::Held);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_label_is_authenticated_with_its_chunk() {
    let test = TestGuard::start("default", Kind::Edge).await;
    test.ingest("axle.txt", "Ask mira.k@kade-works.eu about the axle.", None).await;
    *test.store.alteration.lock().unwrap() = Some(Box::new(|hit| {
        hit.payload.remove("sensitive");
    }));
    assert_eq!(test.ask("bob", "axle").await.len(), 0);
    assert_eq!(test.alarms(), ["payload-altered"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_longer_than_any_report_is_masked_to_its_end() {
    let test = TestGuard::start("strict", Kind::Memory).await;
    let line = |at: u32| format!("Customer {at} is reached at person{at}@kade-works.eu.\n\n");
    let list: String = (0..400).map(line).collect();
    let receipt = test.ingest("list.txt", &list, None).await;
    assert_eq!((receipt.state, receipt.verdict), (RevisionState::Serving, Verdict::Redact));
    let stored = stored(&test).await;
    assert!(stored.contains("Customer 399") && !stored.contains("@kade-works"), "{receipt:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_in_a_path_or_a_key_of_metadata_holds_the_document() {
    let test = TestGuard::start("default", Kind::Memory).await;
    let uri = format!("smb://ops:{}@nas/plan.txt", word());
    let in_path = test.ingest(&uri, "The plan is on page four.", None).await;
    assert_eq!(in_path.state, RevisionState::Held, "{in_path:?}");
    let key = json!({ format!("password: {}", word()): 1 });
    let in_key = take_in(&test, file("b.txt", "The plan is on page five.", &key)).await;
    assert_eq!(in_key.state, RevisionState::Held, "{in_key:?}");
    let twin = test.ingest("smb://nas/plan.txt", "The plan is on page six.", None).await;
    assert_eq!(twin.state, RevisionState::Serving);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_released_redacted_is_masked_beside_its_text_too() {
    let test = TestGuard::start("strict", Kind::Memory).await;
    let account = "DE12 5001 0517 0648 4898 90";
    let text = format!("The refund goes to {account} on Monday.");
    let given = [(text.as_str(), json!({"account": account}))];
    let receipt = take_in(&test, chunks("refund", &given)).await;
    assert_eq!(receipt.state, RevisionState::Held);
    let held = test.guard.held(&receipt.revision.to_string()).await.unwrap();
    let decider = Decider { actor: "tester".to_owned(), second: None, reason: "masked".to_owned() };
    test.guard.release_redacted(&held, &test.intake, &decider).await.unwrap();
    let stored = stored(&test).await;
    assert!(!stored.contains(account) && stored.contains("[IBAN removed] on Monday"), "{stored}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_nobody_sees_is_found_and_not_indexed() {
    let mut test = TestGuard::start("default", Kind::Memory).await;
    let mut policy = (*test.guard.policy).clone();
    policy.rules.insert("secret".to_owned(), [Some(Verdict::Admit); 3]);
    test.guard.policy = Arc::new(policy);
    let page =
        format!("<p>The gate opens at nine.</p><p style='display:none'>password: {}</p>", word());
    let receipt = test.ingest("gate.html", &page, None).await;
    assert!(receipt.findings.iter().any(|(one, _)| one.rule == "secret"), "{receipt:?}");
    assert!(!stored(&test).await.contains(&word()));
}

#[test]
fn reports_do_not_give_the_value_away() {
    let folder = tempfile::tempdir().unwrap();
    let (word, card) = (word(), "4532 7198 0046 1281");
    let text = format!("The till's password: {word}\n\nThe deposit was paid with {card}.");
    std::fs::write(folder.path().join("a.txt"), text).unwrap();
    for format in ["text", "json", "sarif"] {
        let mut command = std::process::Command::new(PROGRAM);
        command.current_dir(folder.path()).args(["scan", "a.txt", "--format", format]);
        let said = String::from_utf8(command.output().unwrap().stdout).unwrap();
        assert!(said.contains("secret"), "{said}");
        assert!(!said.contains(&word) && !said.contains(card), "{said}");
        let digests = [&word, card].map(|value| Digest::of(value.as_bytes()).to_string());
        assert!(!digests.iter().any(|digest| said.contains(digest)), "{said}");
    }
}

#[test]
fn work_on_what_begins_like_a_value_is_linear() {
    let block = ["-----BEGIN RSA ", "PRIVATE KEY-----"].concat();
    for part in [
        block.as_str(),
        "PuTTY-User-Key-File-3: Private-Lines: ",
        "eyJhbGciOiJIUzI1NiJ9.",
        "sk-sk-sk-",
        "password: ",
        "password for the guest network ",
        "password=a&",
        "AKIA ",
        "://a:b@",
        "?sig=aaaa",
        "authorization: ",
        "authorization:",
        "bearer bearer ",
        "12345678:AA",
        "1",
        "1 ",
        "12-",
        "4111 ",
        "284617507 ",
        "@",
        "a@a.",
        "a.",
        "(0",
        "+1",
        "DE12 ",
        "0 0 0 ",
        "A1B2",
        "１",
    ] {
        let time = |bytes: usize| {
            let text = part.repeat(bytes / part.len());
            let begun = std::time::Instant::now();
            let _ = alnage::detect::labels(&text);
            begun.elapsed().as_secs_f64()
        };
        // Eight times the text: a square would be sixty-four times the work.
        let (small, large) = (time(10_000), time(80_000));
        assert!(large < 0.05 + small * 24.0, "{part}: {small} s, then {large} s");
    }
}
