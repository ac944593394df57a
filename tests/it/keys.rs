//! Stamp keys are rotated, ended and revoked while answers go on; a sweep finds and repairs.

use alnage::adapters::key_files::Keys;
use alnage::adapters::ring_file::RingKeeper;
use alnage::domain::id::{ClassId, PointId};
use alnage::domain::keys::KeyStatus;
use alnage::domain::source::Name;
use alnage::domain::stamp::{Place, restamp};
use alnage::pipeline::error::GuardError;
use serde_json::json;
use std::sync::Arc;
use uuid::Uuid;

use super::support::{Kind, TestGuard};

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

/// A guard whose ring is the one in its key folder, with three documents.
async fn with_documents(kind: Kind) -> (TestGuard, tempfile::TempDir) {
    let mut test = TestGuard::start("default", kind).await;
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("keys");
    Keys::create(&keys).unwrap();
    let loaded = Keys::load(&keys).unwrap();
    test.guard.keeper = Arc::new(RingKeeper::new(keys, loaded.ring.sketch().clone()));
    test.guard.ring.set(loaded.ring);
    for (uri, text) in [
        ("refunds.txt", "Refunds are paid within fourteen days of the return."),
        ("prices.txt", "The price list of the year lies in the drawer."),
        ("holidays.txt", "Everybody has thirty days of leave."),
    ] {
        test.ingest(uri, text, None).await;
    }
    (test, folder)
}

async fn carried(test: &TestGuard, key: &str) -> u64 {
    test.guard.ledger.carried(&name(key)).await.unwrap()
}

async fn root(test: &TestGuard) -> Vec<u8> {
    let revision = test.ask("bob", "refunds").await[0].citation.revision;
    test.guard.ledger.root(revision).await.unwrap().unwrap().statement
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_replaces_the_key_everywhere_while_answers_go_on_and_roots_stay() {
    for kind in [Kind::Memory, Kind::Edge] {
        let (test, _keys) = with_documents(kind).await;
        let before = root(&test).await;
        assert_eq!(test.guard.rotate_stamp_key(90, "operator").await.unwrap(), name("k2"));
        assert_eq!(test.ask("bob", "refunds").await.len(), 1, "the retired key verifies");
        assert_eq!((carried(&test, "k1").await, carried(&test, "k2").await), (3, 0));
        let refused = test.guard.end_stamp_key(&name("k1"), "operator").await;
        assert!(matches!(&refused, Err(GuardError::Request(text)) if text.contains("3 chunks")));
        assert_eq!(test.guard.warnings().await.unwrap()[0].code, "stamp-key-replaced");

        let resealed = test.guard.reseal(None).await.unwrap();
        assert_eq!((resealed.revisions, resealed.chunks, resealed.left.len()), (3, 3, 0));
        assert_eq!((carried(&test, "k1").await, carried(&test, "k2").await), (0, 3));
        assert!(test.guard.warnings().await.unwrap().is_empty());
        test.guard.end_stamp_key(&name("k1"), "operator").await.unwrap();
        assert_eq!(test.ask("bob", "refunds").await.len(), 1, "no point carries the ended key");
        assert_eq!(root(&test).await, before);
        assert!(test.guard.sweep(false).await.unwrap().is_sound());
        assert_eq!(test.guard.reseal(None).await.unwrap().revisions, 0);
        assert_eq!(test.alarms(), Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_signed_only_placements_is_carried_too() {
    let (test, _keys) = with_documents(Kind::Memory).await;
    test.guard.rotate_stamp_key(90, "operator").await.unwrap();
    let head = test.guard.document("refunds.txt").await.unwrap();
    let list = super::support::readers(&["user:bob"], &[], alnage::domain::access::Label::Public);
    test.guard.set_access(&head, &list, "tester").await.unwrap();
    assert_eq!((carried(&test, "k1").await, carried(&test, "k2").await), (3, 1));
    test.guard.revoke_stamp_key(&name("k2"), "operator").await.unwrap();
    assert_eq!(test.ask("bob", "refunds").await.len(), 0);
    assert_eq!(test.guard.reseal(Some(&name("k2"))).await.unwrap().revisions, 1);
    assert_eq!(test.ask("bob", "refunds").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_revoked_key_signed_is_withheld_at_once_and_restored_by_a_reseal() {
    for kind in [Kind::Memory, Kind::Edge] {
        let (test, _keys) = with_documents(kind).await;
        let successor = test.guard.revoke_stamp_key(&name("k1"), "operator").await.unwrap();
        assert_eq!(successor, Some(name("k2")));
        assert_eq!(test.ask("bob", "refunds").await.len(), 0);
        assert_eq!(test.alarms(), ["stamp-key-unknown"]);
        assert_eq!(test.guard.warnings().await.unwrap()[0].code, "stamp-key-withheld");
        // Neither start-up nor a rebuild may stumble over it, or trust it.
        test.guard.reconcile().await.unwrap();
        test.guard.rebuild(&test.intake.collection).await.unwrap();
        assert_eq!(test.ask("bob", "refunds").await.len(), 0);

        let resealed = test.guard.reseal(Some(&name("k1"))).await.unwrap();
        assert_eq!((resealed.revisions, resealed.left.len()), (3, 0));
        assert_eq!(test.ask("bob", "refunds").await.len(), 1);
        assert!(test.guard.sweep(false).await.unwrap().is_sound());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sweep_finds_and_repairs_missing_outdated_and_foreign_points() {
    for kind in [Kind::Memory, Kind::Edge] {
        let (test, _keys) = with_documents(kind).await;
        let (other, _other_keys) = with_documents(kind).await;
        let collection = test.intake.collection.id;
        let store = &test.guard.store;
        assert!(test.guard.sweep(false).await.unwrap().is_sound());
        let points: Vec<PointId> =
            test.guard.ledger.served_points(collection, None, 10).await.unwrap();
        // Missing; of an outdated placement; and sealed by somebody else.
        store.delete(collection, &points[..1]).await.unwrap();
        let revision = test.ask("bob", "refunds price thirty days").await[0].citation.revision;
        let placing = test.guard.ledger.placing(revision).await.unwrap();
        let class = ClassId::new(Uuid::from_u128(7));
        let place = Place { class, ..placing.place.clone() };
        let record = placing.records[0].clone();
        let moved = restamp(record, &place, &test.guard.keys()).unwrap();
        store.upsert(collection, &[moved]).await.unwrap();
        let theirs = other.ask("bob", "refunds").await[0].citation.revision;
        let theirs = other.guard.ledger.placing(theirs).await.unwrap();
        let place = Place { collection, ..theirs.place };
        let foreign = restamp(theirs.records[0].clone(), &place, &other.guard.keys()).unwrap();
        store.upsert(collection, &[foreign]).await.unwrap();

        let found = test.guard.sweep(false).await.unwrap();
        let mut codes: Vec<&str> =
            found.collections[0].1.faults.iter().map(|(_, code)| *code).collect();
        codes.sort_unstable();
        assert_eq!(codes, ["class-altered", "missing", "stamp-forged"], "{kind:?}");
        let repaired = test.guard.sweep(true).await.unwrap().repaired.unwrap();
        assert_eq!((repaired.deleted, repaired.placed, repaired.left), (1, 2, 0));
        assert!(test.guard.sweep(false).await.unwrap().is_sound());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sweep_refuses_a_root_that_somebody_else_signed() {
    let (mut test, _keys) = with_documents(Kind::Memory).await;
    let folder = tempfile::tempdir().unwrap();
    Keys::create(&folder.path().join("keys")).unwrap();
    test.guard.signer = Keys::load(&folder.path().join("keys")).unwrap().signer;
    let found = test.guard.sweep(true).await.unwrap();
    assert_eq!(found.faults.len(), 3);
    assert!(found.faults.iter().all(|(_, code)| *code == "root-forged"));
    assert_eq!(found.repaired.unwrap().signed, 0);
    let chunk = test.ask("bob", "refunds").await[0].chunk;
    assert!(test.guard.prove(chunk.uuid(), "operator").await.is_err());
    // A record whose seal counts no more needs a root that holds.
    test.guard.revoke_stamp_key(&name("k1"), "operator").await.unwrap();
    let resealed = test.guard.reseal(None).await.unwrap();
    assert_eq!((resealed.revisions, resealed.left.len()), (0, 3));
    assert_eq!(test.guard.keys().get(&name("k1")).unwrap().status, KeyStatus::Revoked);
    assert_eq!(json!(resealed)["left"].as_array().unwrap().len(), 3);
}
