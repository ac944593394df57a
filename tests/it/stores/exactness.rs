//! Ten thousand points: every store finds what counting by hand finds.

use std::collections::BTreeMap;

use alnage::adapters::stores::{EdgeStore, MemoryStore};
use alnage::domain::id::PointId;
use alnage::domain::vector::Vector;
use alnage::pipeline::ports::VectorStore;
use serde_json::Map;

use super::workshop::{DIMENSIONS, Noise, Workshop, point, points};

const POINTS: u64 = 10_000;
const WORDS: u16 = 400;

struct Row {
    number: u64,
    board: bool,
    words: BTreeMap<u32, f32>,
    dense: Vec<f32>,
}

/// Weights are small numbers of 64ths, so that their sums are exact in any order.
fn rows() -> Vec<Row> {
    let mut noise = Noise(7);
    (1..=POINTS)
        .map(|number| Row {
            number,
            board: noise.below(3) == 0,
            words: (0..12)
                .map(|_| (u32::from(noise.below(WORDS)), f32::from(1 + noise.below(512)) / 64.0))
                .collect(),
            dense: (0..DIMENSIONS).map(|_| f32::from(noise.below(2_001)) / 1_000.0 - 1.0).collect(),
        })
        .collect()
}

fn ranked(rows: &[Row], score: impl Fn(&Row) -> Option<f32>) -> Vec<(f32, PointId)> {
    let mut ranked: Vec<(f32, PointId)> =
        rows.iter().filter_map(|row| Some((score(row)?, point(row.number)))).collect();
    ranked.sort_by(|one, two| two.0.total_cmp(&one.0).then(one.1.cmp(&two.1)));
    ranked
}

fn cosine(one: &[f32], two: &[f32]) -> f32 {
    let dot = |one: &[f32], two: &[f32]| -> f64 {
        one.iter().zip(two).map(|(one, two)| f64::from(*one) * f64::from(*two)).sum()
    };
    (dot(one, two) / (dot(one, one) * dot(two, two)).sqrt()) as f32
}

async fn finds_what_counting_finds(store: &dyn VectorStore) {
    let workshop = Workshop::new(200);
    let id = workshop.collection.id;
    store.create(&workshop.collection).await.unwrap();
    let rows = rows();
    for batch in rows.chunks(1_000) {
        for board in [false, true] {
            let class = if board { &workshop.board } else { &workshop.staff };
            let embedded = batch.iter().filter(|row| row.board == board).map(|row| {
                let vectors = [
                    ("lexical".to_owned(), Vector::sparse(row.words.clone())),
                    ("dense".to_owned(), Vector::Dense(row.dense.clone())),
                ];
                (row.number, Map::new(), vectors.into())
            });
            store.upsert(id, &workshop.seal(class, embedded.collect())).await.unwrap();
        }
    }
    store.flush(id).await.unwrap();

    let mut noise = Noise(8);
    for user in ["alice", "bob", "alice", "bob", "bob"] {
        let sees = |row: &Row| user == "alice" || !row.board;
        let words: BTreeMap<u32, f32> = (0..4)
            .map(|_| (u32::from(noise.below(WORDS)), f32::from(1 + noise.below(8))))
            .collect();
        let by_words = ranked(&rows, |row| {
            let common = words
                .iter()
                .filter_map(|(word, weight)| row.words.get(word).map(|held| weight * held));
            common.reduce(|sum, product| sum + product).filter(|_| sees(row))
        });
        let query = workshop.query(user, "lexical", Vector::sparse(words.clone()));
        let hits = store.search(&query, 100, &[]).await.unwrap();
        let expected: Vec<PointId> = by_words.iter().take(100).map(|(_, id)| *id).collect();
        assert_eq!(points(&hits), expected);
        assert!(hits.iter().zip(&by_words).all(|(hit, (score, _))| hit.score == *score));

        let direction: Vec<f32> =
            (0..DIMENSIONS).map(|_| f32::from(noise.below(2_001)) / 1_000.0 - 1.0).collect();
        let by_cosine =
            ranked(&rows, |row| Some(cosine(&direction, &row.dense)).filter(|_| sees(row)));
        let query = workshop.query(user, "dense", Vector::Dense(direction));
        let hits = store.search(&query, 100, &[]).await.unwrap();
        let scores: BTreeMap<PointId, f32> =
            by_cosine.iter().map(|(score, id)| (*id, *score)).collect();
        for (hit, (best, _)) in hits.iter().zip(&by_cosine) {
            assert!((hit.score - best).abs() < 1e-5, "the rank holds up to rounding");
            assert!((hit.score - scores[&hit.point]).abs() < 1e-5, "the score is the point's own");
        }
        assert_eq!(hits.len(), 100);
    }
}

#[tokio::test]
async fn the_store_in_memory_finds_what_counting_finds() {
    finds_what_counting_finds(&MemoryStore::default()).await;
}

#[tokio::test]
async fn the_store_on_disk_finds_what_counting_finds() {
    let dir = tempfile::tempdir().unwrap();
    finds_what_counting_finds(&EdgeStore::open(dir.path()).unwrap()).await;
}
