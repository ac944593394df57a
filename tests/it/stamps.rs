//! Whatever is altered in the store is withheld, with an alarm; and nothing else is.

use alnage::domain::access::Label;
use alnage::domain::id::{CollectionId, PointId};
use alnage::domain::keys::KeyStatus;
use alnage::domain::retrieval::Hit;
use alnage::domain::stamp::RESERVED_KEY;
use alnage::domain::vector::Vector;
use serde_json::{Value, json};
use uuid::Uuid;

use super::support::{Kind, TestGuard, readers, ring};

const TEXT: &str = "Refunds are paid within fourteen days of the return.";

async fn stored(kind: Kind) -> TestGuard {
    let test = TestGuard::start("default", kind).await;
    test.ingest("refunds.txt", TEXT, Some(readers(&["everyone"], &[], Label::Public))).await;
    assert_eq!(test.ask("bob", "refunds").await.len(), 1);
    assert_eq!(test.alarms(), Vec::<String>::new());
    test
}

async fn withheld_as(test: &TestGuard, alter: impl Fn(&mut Hit) + Send + Sync + 'static) -> String {
    *test.store.alteration.lock().unwrap() = Some(Box::new(alter));
    assert_eq!(test.ask("bob", "refunds").await.len(), 0, "an altered hit went out");
    let alarms = test.alarms();
    *test.store.alteration.lock().unwrap() = None;
    assert_eq!(test.ask("bob", "refunds").await.len(), 1, "the unaltered hit must go out");
    assert_eq!(alarms.len(), 1, "{alarms:?}");
    alarms[0].clone()
}

fn stamp(hit: &mut Hit) -> &mut serde_json::Map<String, Value> {
    hit.payload.get_mut(RESERVED_KEY).unwrap().as_object_mut().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn altered_points_are_withheld_with_an_alarm() {
    for kind in [Kind::Memory, Kind::Edge] {
        let test = stored(kind).await;
        let text = |hit: &mut Hit| {
            hit.payload.insert("text".to_owned(), json!("Refunds are never paid."));
        };
        assert_eq!(withheld_as(&test, text).await, "text-altered");
        let added = |hit: &mut Hit| {
            hit.payload.insert("note".to_owned(), json!("approved"));
        };
        assert_eq!(withheld_as(&test, added).await, "payload-altered");
        let changed = |hit: &mut Hit| {
            hit.payload.insert("uri".to_owned(), json!("https://elsewhere.example"));
        };
        assert_eq!(withheld_as(&test, changed).await, "payload-altered");
        let removed = |hit: &mut Hit| {
            hit.payload.remove("place");
        };
        assert_eq!(withheld_as(&test, removed).await, "payload-altered");
        let vector = |hit: &mut Hit| {
            for vector in hit.vectors.values_mut() {
                match vector {
                    Vector::Sparse { values, .. } => values[0] += 0.25,
                    Vector::Dense(values) => values[0] += 0.25,
                }
            }
        };
        assert_eq!(withheld_as(&test, vector).await, "vector-altered");
        let no_vector = |hit: &mut Hit| hit.vectors.clear();
        assert_eq!(withheld_as(&test, no_vector).await, "vector-altered");
        let class = |hit: &mut Hit| {
            stamp(hit).insert("acl".to_owned(), json!(Uuid::from_u128(7).to_string()));
        };
        assert_eq!(withheld_as(&test, class).await, "class-altered");
        let collection = |hit: &mut Hit| hit.collection = CollectionId::new(Uuid::from_u128(9));
        assert_eq!(withheld_as(&test, collection).await, "stamp-copied");
        let point = |hit: &mut Hit| hit.point = PointId::new(Uuid::from_u128(9));
        assert_eq!(withheld_as(&test, point).await, "stamp-copied");
        let unstamped = |hit: &mut Hit| {
            hit.payload.remove(RESERVED_KEY);
        };
        assert_eq!(withheld_as(&test, unstamped).await, "unstamped");
        let unknown_key = |hit: &mut Hit| {
            stamp(hit).insert("placement_key".to_owned(), json!("k9"));
        };
        assert_eq!(withheld_as(&test, unknown_key).await, "stamp-key-unknown");
        let other_key = |hit: &mut Hit| {
            stamp(hit).insert("origin_key".to_owned(), json!("k0"));
        };
        assert_eq!(withheld_as(&test, other_key).await, "stamp-forged");
        for field in ["origin", "origin_mac", "placement", "placement_mac"] {
            let flipped = move |hit: &mut Hit| {
                let value = stamp(hit).get_mut(field).unwrap();
                let mut text = value.as_str().unwrap().to_owned();
                let last = if text.pop() == Some('0') { '4' } else { '0' };
                text.push(last);
                *value = json!(text);
            };
            let reason = withheld_as(&test, flipped).await;
            assert!(["stamp-forged", "stamp-malformed"].contains(&reason.as_str()), "{reason}");
        }
        for garbage in [json!(null), json!("x"), json!({ "v": 2 }), json!([]), json!({ "v": 1 })] {
            let garbled = move |hit: &mut Hit| {
                hit.payload.insert(RESERVED_KEY.to_owned(), garbage.clone());
            };
            assert_eq!(withheld_as(&test, garbled).await, "stamp-malformed");
        }
    }
}

/// The point as it lies in the store.
async fn only_point(test: &TestGuard) -> Hit {
    use alnage::pipeline::ports::VectorStore as _;
    let hits = test.store.scroll(test.intake.collection.id, None, 10).await.unwrap();
    assert_eq!(hits.len(), 1);
    hits.into_iter().next().unwrap()
}

/// What comes of putting this hit back in front of the user.
async fn replayed(test: &TestGuard, hit: Hit) -> Vec<String> {
    test.alarms();
    let before = test.ask("alice", "refunds").await.len();
    test.store.added.lock().unwrap().push(hit);
    assert_eq!(test.ask("alice", "refunds").await.len(), before, "a replayed hit went out");
    test.alarms()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stamp_copied_to_another_point_or_document_is_withheld() {
    let test = stored(Kind::Memory).await;
    let original = only_point(&test).await;
    test.ingest("prices.txt", "The price list of the year.", None).await;
    let mut copy = original.clone();
    copy.point = PointId::new(Uuid::new_v4());
    test.alarms();
    test.store.added.lock().unwrap().push(copy);
    assert_eq!(test.ask("bob", "refunds").await.len(), 1);
    assert_eq!(test.alarms(), ["stamp-copied"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_revision_put_back_is_withheld() {
    let test = stored(Kind::Memory).await;
    let old = only_point(&test).await;
    test.ingest("refunds.txt", "Refunds are paid within thirty days.", None).await;
    assert_eq!(replayed(&test, old).await, ["revision-ended"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_generation_put_back_is_withheld_even_where_its_class_may_be_read() {
    let test = stored(Kind::Memory).await;
    let old = only_point(&test).await;
    let head = test.guard.document("refunds.txt").await.unwrap();
    let list = readers(&["group:staff"], &[], Label::Public);
    test.guard.set_access(&head, &list, "tester").await.unwrap();
    assert_eq!(replayed(&test, old.clone()).await, ["stamp-outdated"]);
    let list = readers(&["everyone"], &[], Label::Public);
    test.guard.set_access(&head, &list, "tester").await.unwrap();
    test.alarms();
    *test.store.alteration.lock().unwrap() = Some(Box::new(move |hit| *hit = old.clone()));
    assert_eq!(test.ask("bob", "refunds").await.len(), 0);
    assert_eq!(test.alarms(), ["stamp-outdated"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_point_that_the_ledger_does_not_know_is_withheld() {
    let (one, two) = (stored(Kind::Memory).await, stored(Kind::Memory).await);
    let foreign = only_point(&two).await;
    // Sealed with the same keys by another workspace: its MACs hold.
    assert_eq!(replayed(&one, foreign).await, ["orphan"]);
    one.alarms();
    let verified = one.guard.verify(&one.intake.collection).await.unwrap();
    assert_eq!((verified.intact, verified.faults.len()), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_key_withholds_at_once_and_a_retired_one_still_verifies() {
    let test = stored(Kind::Memory).await;
    test.guard.ring.set(ring("k0", KeyStatus::Active));
    assert_eq!(test.ask("bob", "refunds").await.len(), 1, "k1 still verifies");
    test.ingest("refunds.txt", "Refunds are paid within ten days.", None).await;
    test.guard.ring.set(ring("k1", KeyStatus::Retired));
    assert_eq!(test.ask("bob", "refunds").await.len(), 1, "k0 is retired and verifies");
    test.alarms();
    test.guard.ring.set(ring("k1", KeyStatus::Revoked));
    assert_eq!(test.ask("bob", "refunds").await.len(), 0);
    assert_eq!(test.alarms(), ["stamp-key-unknown"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn verification_finds_what_was_altered_and_what_is_missing() {
    use alnage::pipeline::ports::VectorStore as _;
    let test = stored(Kind::Edge).await;
    test.ingest("prices.txt", "The price list of the year.", None).await;
    let sound = test.guard.verify(&test.intake.collection).await.unwrap();
    assert_eq!((sound.intact, sound.is_sound()), (2, true));
    let refunds = |hit: &mut Hit| {
        if hit.payload["text"] == TEXT {
            hit.payload.insert("text".to_owned(), json!("Other text."));
        }
    };
    *test.store.alteration.lock().unwrap() = Some(Box::new(refunds));
    let altered = test.guard.verify(&test.intake.collection).await.unwrap();
    *test.store.alteration.lock().unwrap() = None;
    assert_eq!(altered.faults.iter().map(|(_, code)| *code).collect::<Vec<_>>(), ["text-altered"]);
    let (point, _) = altered.faults[0];
    test.store.delete(test.intake.collection.id, &[point]).await.unwrap();
    let missing = test.guard.verify(&test.intake.collection).await.unwrap();
    assert_eq!(missing.faults, [(point, "missing")]);
    test.guard.rebuild(&test.intake.collection).await.unwrap();
    assert!(test.guard.verify(&test.intake.collection).await.unwrap().is_sound());
}
