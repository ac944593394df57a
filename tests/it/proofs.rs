//! A proof holds with the public key alone, and nothing that was altered does.

use std::fs;
use std::process::Command;

use alnage::domain::proof::{Proof, ProofFault};
use serde_json::{Value, json};

use super::cli::{Bench, json_lines, text};
use super::support::{Kind, TestGuard};

const TEXT: &str = "Refunds are paid within fourteen days of the return.";

/// A document of several chunks.
fn long() -> String {
    let words = |number: u32| (0..150).map(|at| format!("part{number}n{at} ")).collect::<String>();
    let paragraph = |number: u32| format!("Paragraph {number} of {TEXT} {}\n\n", words(number));
    (0..7).map(paragraph).collect()
}

async fn proof_of(test: &TestGuard, question: &str) -> Proof {
    let chunk = test.ask("bob", question).await[0].chunk;
    test.guard.prove(chunk.uuid(), "operator").await.unwrap()
}

fn check(test: &TestGuard, value: &Value) -> Result<(), ProofFault> {
    let bytes = serde_json::to_vec(value).unwrap();
    Proof::from_json(&bytes)?.check(&test.guard.public_key()).map(|_| ())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_altered_field_of_a_proof_is_refused() {
    let test = TestGuard::start("default", Kind::Memory).await;
    test.ingest("refunds.txt", &long(), None).await;
    let proof = json!(proof_of(&test, "paragraph refunds").await);
    assert_eq!(check(&test, &proof), Ok(()));
    assert!(!proof["path"].as_array().unwrap().is_empty());
    let flipped = |text: &str| {
        let (first, rest) = text.split_at(1);
        format!("{}{rest}", if first == "0" { "1" } else { "0" })
    };
    for field in ["origin", "statement", "signature", "public_key", "text"] {
        let mut altered = proof.clone();
        altered[field] = json!(flipped(proof[field].as_str().unwrap()));
        assert!(check(&test, &altered).is_err(), "{field}");
    }
    for at in 0..proof["path"].as_array().unwrap().len() {
        let mut altered = proof.clone();
        altered["path"][at] = json!(flipped(proof["path"][at].as_str().unwrap()));
        assert_eq!(check(&test, &altered), Err(ProofFault::Path));
    }
    for (field, value) in [
        ("index", json!(proof["index"].as_u64().unwrap() + 1)),
        ("path", json!([])),
        ("alnage_proof", json!(2)),
    ] {
        let mut altered = proof.clone();
        altered[field] = value;
        assert!(check(&test, &altered).is_err(), "{field}");
    }
    for field in proof["payload"].as_object().unwrap().keys() {
        let mut altered = proof.clone();
        altered["payload"][field] = json!("another");
        assert_eq!(check(&test, &altered), Err(ProofFault::Payload), "{field}");
    }
    for added in ["text", "note", "__alnage"] {
        let mut altered = proof.clone();
        altered["payload"][added] = json!(TEXT);
        assert_eq!(check(&test, &altered), Err(ProofFault::Payload), "{added}");
    }
    for field in proof.as_object().unwrap().keys() {
        let mut altered = proof.clone();
        altered.as_object_mut().unwrap().remove(field);
        assert_eq!(check(&test, &altered), Err(ProofFault::Malformed), "{field}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_root_of_another_revision_proves_nothing() {
    let test = TestGuard::start("default", Kind::Memory).await;
    test.ingest("refunds.txt", TEXT, None).await;
    test.ingest("prices.txt", "The price list of the year.", None).await;
    let (one, two) = (proof_of(&test, "refunds").await, proof_of(&test, "price list").await);
    let (mut mixed, other) = (json!(one), json!(two));
    for field in ["statement", "signature"] {
        mixed[field] = other[field].clone();
    }
    assert_eq!(check(&test, &mixed), Err(ProofFault::Path));
}

#[tokio::test(flavor = "multi_thread")]
async fn truncated_and_huge_proofs_are_refused() {
    let test = TestGuard::start("default", Kind::Memory).await;
    test.ingest("refunds.txt", TEXT, None).await;
    let whole = serde_json::to_vec(&proof_of(&test, "refunds").await).unwrap();
    for length in 0..whole.len() {
        assert!(Proof::from_json(&whole[..length]).is_err());
    }
    assert_eq!(Proof::from_json(&vec![b' '; 5 << 20]), Err(ProofFault::Oversized));
    let deep = format!("{{\"payload\":{}", "{\"a\":".repeat(100_000));
    assert_eq!(Proof::from_json(deep.as_bytes()), Err(ProofFault::Malformed));
}

/// RFC 6962 §2.1.1 and nothing of ours.
const PYTHON: &str = r"
import base64, hashlib, json, struct, sys
proof = json.load(open(sys.argv[1]))
raw = lambda text: base64.b64decode(text + '=' * (-len(text) % 4))
statement, at, fields = raw(proof['statement']), 8, {}
while at < len(statement):
    number, length = struct.unpack('>BQ', statement[at:at + 9])
    fields[number] = statement[at + 9:at + 9 + length]
    at += 9 + length
size, root = struct.unpack('>I', fields[5])[0], fields[6]
index, last = proof['index'], size - 1
node = hashlib.sha256(b'\0' + raw(proof['origin'])).digest()
for sibling in map(bytes.fromhex, proof['path']):
    if index & 1 or index == last:
        node = hashlib.sha256(b'\1' + sibling + node).digest()
        while not index & 1 and index:
            index >>= 1; last >>= 1
    else:
        node = hashlib.sha256(b'\1' + node + sibling).digest()
    index >>= 1; last >>= 1
assert last == 0 and node == root, (last, node, root)
open(sys.argv[2], 'wb').write(statement)
open(sys.argv[3], 'wb').write(bytes.fromhex(proof['signature']))
";

#[test]
fn a_proof_is_checked_by_other_programs_and_without_a_workspace() {
    let bench = Bench::new();
    bench.write("refunds.txt", long());
    assert_eq!(bench.ingest(&[]).status.code(), Some(0));
    let path = |name: &str| bench.folder.path().join(name).display().to_string();
    bench.said(0, &["stamp-key", "public", "--out", &path("key.pem")]);
    let answer = bench.run(&["retrieve", "paragraph refunds", "--as", "bob", "--format", "json"]);
    let answer: Value = serde_json::from_slice(&answer.stdout).unwrap();
    for (number, passage) in answer["passages"].as_array().unwrap().iter().enumerate() {
        let proof = path(&format!("proof-{number}.json"));
        let chunk = passage["chunk"].as_str().unwrap();
        bench.said(0, &["prove", chunk, "--out", &proof]);
        let checked =
            bench.bare(&["verify", "--public-key", &path("key.pem"), &proof, "--format", "json"]);
        assert_eq!(checked.status.code(), Some(0), "{}", text(&checked.stderr));
        let said = &json_lines(&checked)[0];
        assert_eq!((&said["holds"], &said["text"]), (&json!(true), &passage["text"]));
        // Where Python or OpenSSL is missing, ours alone has spoken.
        let (statement, signature) = (path("statement"), path("signature"));
        let python =
            Command::new("python3").args(["-c", PYTHON, &proof, &statement, &signature]).output();
        let Ok(python) = python else { continue };
        assert!(python.status.success(), "{}", text(&python.stderr));
        let openssl = Command::new("openssl")
            .args(["pkeyutl", "-verify", "-pubin", "-rawin", "-inkey", &path("key.pem")])
            .args(["-in", &statement, "-sigfile", &signature])
            .output();
        let Ok(openssl) = openssl else { continue };
        assert!(openssl.status.success(), "{}", text(&openssl.stderr));
    }
    let proof = path("proof-0.json");
    let altered = fs::read_to_string(&proof).unwrap().replace("fourteen", "forty");
    fs::write(&proof, altered).unwrap();
    let refused = bench.bare(&["verify", "--public-key", &path("key.pem"), &proof]);
    assert_eq!(refused.status.code(), Some(40));
    assert!(text(&refused.stdout).contains("does not hold"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_root_goes_with_its_chunks() {
    let test = TestGuard::start("default", Kind::Memory).await;
    let receipt = test.ingest("refunds.txt", TEXT, None).await;
    let chunk = test.ask("bob", "refunds").await[0].chunk;
    assert!(test.guard.ledger.root(receipt.revision).await.unwrap().is_some());
    let head = test.guard.document(&receipt.document.to_string()).await.unwrap();
    test.guard.delete(&head, "tester").await.unwrap();
    assert_eq!(test.guard.ledger.root(receipt.revision).await.unwrap(), None);
    assert!(test.guard.prove(chunk.uuid(), "operator").await.is_err());
}
