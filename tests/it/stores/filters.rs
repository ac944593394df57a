//! Random filters over random payloads: our evaluation, the engine's and the naive one agree, and no
//! filter reaches past the caller's classes.

use std::collections::BTreeSet;

use alnage::adapters::stores::{EdgeStore, MemoryStore};
use alnage::domain::filter::Filter;
use alnage::domain::id::PointId;
use alnage::domain::vector::Vector;
use alnage::pipeline::ports::VectorStore;
use serde_json::{Map, Value, json};

use super::workshop::{DIMENSIONS, Noise, Workshop, point, points, vectors};
use crate::filters;

const POINTS: u64 = 120;
const FILTERS: usize = 400;

async fn agrees(store: &dyn VectorStore) {
    let workshop = Workshop::new(300);
    store.create(&workshop.collection).await.unwrap();
    let mut noise = Noise(11);
    let mut roll = |end: u64| noise.next() % end;
    let rows: Vec<(u64, bool, Map<String, Value>)> =
        (1..=POINTS).map(|number| (number, roll(3) == 0, filters::payload(&mut roll))).collect();
    for (number, board, payload) in &rows {
        let class = if *board { &workshop.board } else { &workshop.staff };
        let payload = Value::Object(payload.clone());
        let chunk = workshop.chunk(*number, class, &payload, vectors(&[(1, 1.0)], 0));
        store.upsert(workshop.collection.id, &[chunk]).await.unwrap();
    }
    let everywhere = Vector::Dense(vec![1.0; DIMENSIONS as usize]);
    let (mut some, mut none) = (0, 0);
    for _ in 0..FILTERS {
        let filter = filters::filter(&mut roll, 2);
        let ours = Filter::parse(&filter, "filter").unwrap();
        for user in ["alice", "bob"] {
            let wanted = |(_, board, payload): &&(u64, bool, Map<String, Value>)| {
                let passes = filters::passes(&filter, payload);
                assert_eq!(ours.matches(payload), passes, "{filter} on {payload:?}");
                passes && (user == "alice" || !board)
            };
            let expected: BTreeSet<PointId> =
                rows.iter().filter(wanted).map(|(number, ..)| point(*number)).collect();
            let query = workshop.filtered(user, "dense", everywhere.clone(), Some(&filter));
            let hits = store.search(&query, 1_000, &[]).await.unwrap();
            let found: BTreeSet<PointId> = points(&hits).into_iter().collect();
            assert_eq!(found, expected, "{filter}");
            if expected.is_empty() { none += 1 } else { some += 1 }
        }
    }
    // Both must be common, or the comparison says little.
    assert!(some > FILTERS / 5 && none > FILTERS / 20, "{some} with answers, {none} without");
}

#[tokio::test]
async fn filters_mean_in_memory_what_qdrant_means() {
    agrees(&MemoryStore::default()).await;
}

#[tokio::test]
async fn filters_mean_on_disk_what_qdrant_means() {
    let dir = tempfile::tempdir().unwrap();
    agrees(&EdgeStore::open(dir.path()).unwrap()).await;
}

#[tokio::test]
async fn no_filter_reaches_past_the_callers_classes() {
    let dir = tempfile::tempdir().unwrap();
    let stores: [&dyn VectorStore; 2] =
        [&MemoryStore::default(), &EdgeStore::open(dir.path()).unwrap()];
    for store in stores {
        let workshop = Workshop::new(301);
        store.create(&workshop.collection).await.unwrap();
        for (number, class) in [(1, &workshop.staff), (2, &workshop.board)] {
            let chunk = workshop.chunk(number, class, &json!({"a": 1}), vectors(&[(1, 1.0)], 0));
            store.upsert(workshop.collection.id, &[chunk]).await.unwrap();
        }
        let a = json!({ "key": "a", "match": { "value": 1 } });
        let absent = json!({ "key": "b", "match": { "value": 1 } });
        for filter in [
            json!({ "should": [a] }),
            json!({ "should": [a, absent] }),
            json!({ "should": [{ "must_not": [absent] }] }),
            json!({ "must_not": [absent] }),
            json!({ "must": [], "must_not": [] }),
            json!({}),
        ] {
            let terms = Vector::sparse([(1, 1.0)]);
            let bob = workshop.filtered("bob", "lexical", terms, Some(&filter));
            assert_eq!(points(&store.search(&bob, 9, &[]).await.unwrap()), [point(1)], "{filter}");
        }
    }
}
