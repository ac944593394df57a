//! What every store must do; each step works in a collection of its own.

use std::collections::BTreeMap;

use alnage::domain::source::Collection;
use alnage::domain::vector::{Vector, VectorShape};
use alnage::pipeline::ports::{StoreError, VectorStore};
use serde_json::json;

use super::workshop::{DIMENSIONS, Workshop, odd_metadata, point, points, vectors};

pub(super) async fn conforms(store: &dyn VectorStore) {
    collections_come_and_go(store).await;
    what_is_missing_is_said(store).await;
    points_are_written_replaced_and_deleted(store).await;
    words_find_what_the_caller_may_read(store).await;
    dense_vectors_find_what_the_caller_may_read(store).await;
    ties_are_broken_by_id(store).await;
    limits_and_exceptions_are_kept(store).await;
    pages_follow_each_other(store).await;
    what_comes_back_is_what_was_sealed(store).await;
    what_does_not_fit_is_refused(store).await;
    many_at_once_is_no_trouble(store).await;
}

async fn opened(store: &dyn VectorStore, collection: u64) -> Workshop {
    let workshop = Workshop::new(collection);
    store.create(&workshop.collection).await.unwrap();
    workshop
}

async fn collections_come_and_go(store: &dyn VectorStore) {
    let workshop = opened(store, 100).await;
    let id = workshop.collection.id;
    let chunk = workshop.chunk(1, &workshop.staff, &json!({}), vectors(&[(1, 1.0)], 0));
    store.upsert(id, &[chunk]).await.unwrap();

    store.create(&workshop.collection).await.unwrap();
    assert_eq!(store.scroll(id, None, 9).await.unwrap().len(), 1, "creating again changes nothing");

    let shapes = [
        BTreeMap::from([("lexical".to_owned(), VectorShape::Sparse)]),
        BTreeMap::from([
            ("dense".to_owned(), VectorShape::Dense { dimensions: DIMENSIONS + 1 }),
            ("lexical".to_owned(), VectorShape::Sparse),
        ]),
    ];
    for vectors in shapes {
        let other = Collection { vectors, ..workshop.collection.clone() };
        let refusal = store.create(&other).await.unwrap_err();
        assert!(matches!(refusal, StoreError::OtherVectors { collection } if collection == id));
    }

    store.destroy(id).await.unwrap();
    store.destroy(id).await.unwrap();
    assert!(matches!(store.scroll(id, None, 9).await, Err(StoreError::Missing { .. })));
    store.create(&workshop.collection).await.unwrap();
    assert!(store.scroll(id, None, 9).await.unwrap().is_empty());
}

async fn what_is_missing_is_said(store: &dyn VectorStore) {
    let workshop = Workshop::new(101);
    let id = workshop.collection.id;
    let chunk = workshop.chunk(1, &workshop.staff, &json!({}), vectors(&[], 0));
    let query = workshop.words("bob", &[(1, 1.0)]);
    let answers = [
        store.upsert(id, &[chunk]).await.unwrap_err(),
        store.delete(id, &[point(1)]).await.unwrap_err(),
        store.flush(id).await.unwrap_err(),
        store.search(&query, 1, &[]).await.unwrap_err(),
        store.scroll(id, None, 1).await.unwrap_err(),
    ];
    for answer in answers {
        assert!(matches!(answer, StoreError::Missing { collection } if collection == id));
    }
}

async fn points_are_written_replaced_and_deleted(store: &dyn VectorStore) {
    let workshop = opened(store, 102).await;
    let id = workshop.collection.id;
    let make = |number, term, axis, metadata| {
        workshop.chunk(number, &workshop.staff, &metadata, vectors(&[(term, 1.0)], axis))
    };
    let first = [make(1, 1, 0, json!({"old": 1})), make(2, 2, 1, json!({}))];
    store.upsert(id, &first).await.unwrap();
    store.flush(id).await.unwrap();
    store.upsert(id, &[make(1, 3, 2, json!({"new": 1}))]).await.unwrap();

    let hits = store.search(&workshop.words("bob", &[(3, 1.0)]), 9, &[]).await.unwrap();
    assert_eq!(points(&hits), [point(1)]);
    assert_eq!(hits[0].payload.get("new"), Some(&json!(1)));
    assert_eq!(hits[0].payload.get("old"), None, "nothing of the old payload is left");
    let hits = store.search(&workshop.words("bob", &[(1, 1.0)]), 9, &[]).await.unwrap();
    assert!(hits.is_empty(), "nothing of the old vector is left");

    store.delete(id, &[]).await.unwrap();
    store.delete(id, &[point(1), point(77)]).await.unwrap();
    assert_eq!(points(&store.scroll(id, None, 9).await.unwrap()), [point(2)]);
    let hits = store.search(&workshop.words("bob", &[(3, 1.0)]), 9, &[]).await.unwrap();
    assert!(hits.is_empty());
    store.upsert(id, &[make(1, 1, 0, json!({}))]).await.unwrap();
    assert_eq!(store.scroll(id, None, 9).await.unwrap().len(), 2, "a deleted id can return");
}

async fn words_find_what_the_caller_may_read(store: &dyn VectorStore) {
    let workshop = opened(store, 103).await;
    let chunks = [
        workshop.chunk(1, &workshop.staff, &json!({}), vectors(&[(5, 1.0), (6, 1.0)], 0)),
        workshop.chunk(2, &workshop.board, &json!({}), vectors(&[(5, 3.0)], 0)),
        workshop.chunk(3, &workshop.staff, &json!({}), vectors(&[(5, 2.0)], 0)),
        workshop.chunk(4, &workshop.staff, &json!({}), vectors(&[(7, 9.0)], 0)),
        workshop.chunk(5, &workshop.staff, &json!({}), vectors(&[], 0)),
    ];
    store.upsert(workshop.collection.id, &chunks).await.unwrap();

    let words = [(5, 2.0), (6, 0.5)];
    let alice = store.search(&workshop.words("alice", &words), 9, &[]).await.unwrap();
    let scores: Vec<f32> = alice.iter().map(|hit| hit.score).collect();
    assert_eq!(points(&alice), [point(2), point(3), point(1)]);
    assert_eq!(scores, [6.0, 4.0, 2.5]);
    let bob = store.search(&workshop.words("bob", &words), 9, &[]).await.unwrap();
    assert_eq!(points(&bob), [point(3), point(1)]);

    let nothing = workshop.words("alice", &[]);
    assert!(store.search(&nothing, 9, &[]).await.unwrap().is_empty());
}

async fn dense_vectors_find_what_the_caller_may_read(store: &dyn VectorStore) {
    let workshop = opened(store, 104).await;
    let chunks = [
        workshop.chunk(1, &workshop.board, &json!({}), vectors(&[], 0)),
        workshop.chunk(2, &workshop.staff, &json!({}), vectors(&[], 1)),
        workshop.chunk(3, &workshop.staff, &json!({}), vectors(&[], 2)),
    ];
    store.upsert(workshop.collection.id, &chunks).await.unwrap();

    let mut direction = vec![0.0; DIMENSIONS as usize];
    direction[0] = 0.6;
    direction[1] = 0.8;
    let dense = |user| workshop.query(user, "dense", Vector::Dense(direction.clone()));
    let alice = store.search(&dense("alice"), 2, &[]).await.unwrap();
    assert_eq!(points(&alice), [point(2), point(1)]);
    assert!((alice[0].score - 0.8).abs() < 1e-6 && (alice[1].score - 0.6).abs() < 1e-6);
    let bob = store.search(&dense("bob"), 2, &[]).await.unwrap();
    assert_eq!(points(&bob), [point(2), point(3)]);
}

async fn ties_are_broken_by_id(store: &dyn VectorStore) {
    let workshop = opened(store, 105).await;
    let numbers = [9, 4, 7, 1, 8, 2, 6, 3, 5];
    for number in numbers {
        let chunk = workshop.chunk(number, &workshop.staff, &json!({}), vectors(&[(1, 1.0)], 3));
        store.upsert(workshop.collection.id, &[chunk]).await.unwrap();
    }
    let query = workshop.words("bob", &[(1, 1.0)]);
    let hits = store.search(&query, 4, &[]).await.unwrap();
    assert_eq!(points(&hits), [1, 2, 3, 4].map(point));
    let rest = store.search(&query, 4, &points(&hits)).await.unwrap();
    assert_eq!(points(&rest), [5, 6, 7, 8].map(point));
}

async fn limits_and_exceptions_are_kept(store: &dyn VectorStore) {
    let workshop = opened(store, 106).await;
    let chunks: Vec<_> = (1..=60_u8)
        .map(|number| {
            let terms = vectors(&[(1, f32::from(number))], 0);
            workshop.chunk(u64::from(number), &workshop.staff, &json!({}), terms)
        })
        .collect();
    store.upsert(workshop.collection.id, &chunks).await.unwrap();
    let query = workshop.words("bob", &[(1, 1.0)]);

    assert!(store.search(&query, 0, &[]).await.unwrap().is_empty());
    assert_eq!(points(&store.search(&query, 1, &[]).await.unwrap()), [point(60)]);
    let best = store.search(&query, 2, &[point(60), point(58), point(99)]).await.unwrap();
    assert_eq!(points(&best), [point(59), point(57)]);
    assert_eq!(store.search(&query, 1_000, &[]).await.unwrap().len(), 60);
    let all: Vec<_> = (1..=60).map(point).collect();
    assert!(store.search(&query, 9, &all).await.unwrap().is_empty());
}

async fn pages_follow_each_other(store: &dyn VectorStore) {
    let workshop = opened(store, 107).await;
    let id = workshop.collection.id;
    for number in [5, 2, 4, 1, 3] {
        let class = if number % 2 == 0 { &workshop.board } else { &workshop.staff };
        let chunk = workshop.chunk(number, class, &json!({"n": number}), vectors(&[], 0));
        store.upsert(id, &[chunk]).await.unwrap();
    }
    let mut seen = Vec::new();
    loop {
        let page = store.scroll(id, seen.last().copied(), 2).await.unwrap();
        assert!(page.iter().all(|hit| workshop.holds(hit).is_ok()));
        if page.is_empty() {
            break;
        }
        seen.extend(points(&page));
    }
    assert_eq!(seen, (1..=5).map(point).collect::<Vec<_>>());
    assert!(store.scroll(id, None, 0).await.unwrap().is_empty());
    let last = "ffffffff-ffff-ffff-ffff-ffffffffffff".parse().unwrap();
    assert!(store.scroll(id, Some(last), 9).await.unwrap().is_empty());
}

async fn what_comes_back_is_what_was_sealed(store: &dyn VectorStore) {
    let workshop = opened(store, 108).await;
    let terms = [(0, 1.5), (7, 0.1), (u32::MAX, f32::MIN_POSITIVE)];
    let sealed = [
        workshop.chunk(1, &workshop.staff, &odd_metadata(), vectors(&terms, 5)),
        workshop.chunk(2, &workshop.staff, &json!({}), vectors(&[], 6)),
    ];
    store.upsert(workshop.collection.id, &sealed).await.unwrap();
    store.flush(workshop.collection.id).await.unwrap();

    let found = store.search(&workshop.words("bob", &[(7, 1.0)]), 9, &[]).await.unwrap();
    let all = store.scroll(workshop.collection.id, None, 9).await.unwrap();
    assert_eq!((found.len(), all.len()), (1, 2));
    for (hit, chunk) in all.iter().zip(&sealed).chain(found.iter().zip(&sealed)) {
        assert_eq!(hit.payload, chunk.payload());
        assert_eq!(&hit.vectors, chunk.vectors());
        assert_eq!(workshop.holds(hit), Ok(()));
    }
}

async fn what_does_not_fit_is_refused(store: &dyn VectorStore) {
    let workshop = opened(store, 109).await;
    let elsewhere = opened(store, 110).await;
    let id = workshop.collection.id;
    let engine = |answer: Result<(), StoreError>| matches!(answer, Err(StoreError::Engine { .. }));

    let foreign = elsewhere.chunk(1, &elsewhere.staff, &json!({}), vectors(&[], 0));
    assert!(engine(store.upsert(id, &[foreign]).await));
    let mut fewer = vectors(&[(1, 1.0)], 0);
    fewer.remove("dense");
    let mut without_rank = vectors(&[(1, 1.0)], 0);
    without_rank.insert("lexical".to_owned(), Vector::sparse([(1, f32::INFINITY)]));
    let mut narrow = vectors(&[(1, 1.0)], 0);
    narrow.insert("dense".to_owned(), Vector::Dense(vec![1.0]));
    let good = workshop.chunk(1, &workshop.staff, &json!({}), vectors(&[(1, 1.0)], 0));
    for vectors in [fewer, without_rank, narrow] {
        let bad = workshop.chunk(2, &workshop.staff, &json!({}), vectors);
        assert!(engine(store.upsert(id, &[good.clone(), bad]).await));
    }
    assert!(store.scroll(id, None, 9).await.unwrap().is_empty(), "all or nothing is written");

    let queries = [
        workshop.query("bob", "nowhere", Vector::sparse([(1, 1.0)])),
        workshop.query("bob", "dense", Vector::sparse([(1, 1.0)])),
        workshop.query("bob", "dense", Vector::Dense(vec![1.0])),
        workshop.query("bob", "lexical", Vector::sparse([(1, f32::NAN)])),
    ];
    for query in queries {
        assert!(engine(store.search(&query, 9, &[]).await.map(|_| ())));
    }
}

async fn many_at_once_is_no_trouble(store: &dyn VectorStore) {
    let workshop = opened(store, 111).await;
    let id = workshop.collection.id;
    let write = |number: u64| {
        let chunk = workshop.chunk(number, &workshop.staff, &json!({}), vectors(&[(1, 1.0)], 0));
        async move {
            store.upsert(id, &[chunk]).await.unwrap();
            store.flush(id).await.unwrap();
        }
    };
    let read = || async {
        let hits = store.search(&workshop.words("bob", &[(1, 1.0)]), 9, &[]).await.unwrap();
        assert!(hits.iter().all(|hit| workshop.holds(hit).is_ok()));
    };
    tokio::join!(write(1), read(), write(2), read(), write(3), write(4), read(), write(5), read());
    assert_eq!(store.scroll(id, None, 9).await.unwrap().len(), 5);
}
