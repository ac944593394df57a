//! Ten thousand points: every store finds what counting by hand finds.

use std::collections::BTreeMap;
use std::ops::Range;

use alnage::adapters::stores::{EdgeStore, MemoryStore};
use alnage::domain::access::AccessClass;
use alnage::domain::id::PointId;
use alnage::domain::vector::Vector;
use alnage::pipeline::ports::VectorStore;
use serde_json::Map;

use super::workshop::{Noise, Workshop, point, points};

const POINTS: u64 = 10_000;
const WORDS: u16 = 400;

struct Row {
    number: u64,
    board: bool,
    words: BTreeMap<u32, f32>,
    dense: Vec<f32>,
}

impl Row {
    fn is_seen_by(&self, user: &str) -> bool {
        user == "alice" || !self.board
    }
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
            dense: noise.direction(),
        })
        .collect()
}

fn ranked(rows: &[Row], score: impl Fn(&Row) -> Option<f32>) -> Vec<(f32, PointId)> {
    let mut ranked: Vec<(f32, PointId)> =
        rows.iter().filter_map(|row| Some((score(row)?, point(row.number)))).collect();
    ranked.sort_by(|one, two| two.0.total_cmp(&one.0).then(one.1.cmp(&two.1)));
    ranked
}

#[expect(clippy::cast_possible_truncation, reason = "scores are single precision")]
fn cosine(one: &[f32], two: &[f32]) -> f32 {
    let dot = |one: &[f32], two: &[f32]| -> f64 {
        one.iter().zip(two).map(|(one, two)| f64::from(*one) * f64::from(*two)).sum()
    };
    (dot(one, two) / (dot(one, one) * dot(two, two)).sqrt()) as f32
}

async fn write(store: &dyn VectorStore, workshop: &Workshop, rows: &[Row]) {
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
            let chunks = workshop.seal(class, embedded.collect());
            store.upsert(workshop.collection.id, &chunks).await.unwrap();
        }
        store.flush(workshop.collection.id).await.unwrap();
    }
}

async fn by_words(
    store: &dyn VectorStore,
    workshop: &Workshop,
    rows: &[Row],
    user: &str,
    noise: &mut Noise,
) {
    let words: BTreeMap<u32, f32> =
        (0..4).map(|_| (u32::from(noise.below(WORDS)), f32::from(1 + noise.below(8)))).collect();
    let counted = ranked(rows, |row| {
        let products =
            words.iter().filter_map(|(word, weight)| Some(weight * row.words.get(word)?));
        products.reduce(|sum, product| sum + product).filter(|_| row.is_seen_by(user))
    });
    let query = workshop.query(user, "lexical", Vector::sparse(words.clone()));
    let hits = store.search(&query, 100, &[]).await.unwrap();
    let expected: Vec<PointId> = counted.iter().take(100).map(|(_, id)| *id).collect();
    assert_eq!(points(&hits), expected);
    assert!(hits.iter().zip(&counted).all(|(hit, (score, _))| hit.score == *score));
}

async fn by_direction(
    store: &dyn VectorStore,
    workshop: &Workshop,
    rows: &[Row],
    user: &str,
    noise: &mut Noise,
) {
    let direction = noise.direction();
    let counted =
        ranked(rows, |row| Some(cosine(&direction, &row.dense)).filter(|_| row.is_seen_by(user)));
    let query = workshop.query(user, "dense", Vector::Dense(direction));
    let hits = store.search(&query, 100, &[]).await.unwrap();
    let scores: BTreeMap<PointId, f32> = counted.iter().map(|(score, id)| (*id, *score)).collect();
    assert_eq!(hits.len(), 100);
    for (hit, (best, _)) in hits.iter().zip(&counted) {
        assert!((hit.score - best).abs() < 1e-5, "the rank holds up to rounding");
        assert!((hit.score - scores[&hit.point]).abs() < 1e-5, "the score is the point's own");
    }
}

async fn finds_what_counting_finds(store: &dyn VectorStore) {
    let workshop = Workshop::new(200);
    store.create(&workshop.collection).await.unwrap();
    let mut rows = rows();
    let mut noise = Noise(8);
    write(store, &workshop, &rows).await;
    for user in ["alice", "bob", "bob"] {
        by_words(store, &workshop, &rows, user, &mut noise).await;
        by_direction(store, &workshop, &rows, user, &mut noise).await;
    }

    // Enough is deleted and moved for the store on disk to clear dead points away.
    let (left, gone): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(|row| row.number % 3 != 0);
    rows = left;
    let gone: Vec<PointId> = gone.iter().map(|row| point(row.number)).collect();
    store.delete(workshop.collection.id, &gone).await.unwrap();
    for row in rows.iter_mut().take(3_000) {
        row.board = !row.board;
        row.dense = noise.direction();
    }
    write(store, &workshop, &rows[..3_000]).await;
    for user in ["alice", "bob", "bob"] {
        by_words(store, &workshop, &rows, user, &mut noise).await;
        by_direction(store, &workshop, &rows, user, &mut noise).await;
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

#[tokio::test]
async fn the_store_on_disk_finds_what_counting_finds_in_segments_that_are_full() {
    let dir = tempfile::tempdir().unwrap();
    finds_what_counting_finds(&EdgeStore::open_with(dir.path(), 64).unwrap()).await;
}

/// Weights whose sum in single precision depends on the order.
fn irregular(noise: &mut Noise, words: u16, count: usize) -> Vec<(u32, f32)> {
    (0..count)
        .map(|_| (u32::from(noise.below(words)), f32::from(1 + noise.below(999)) / 997.0))
        .collect()
}

/// What somebody else's documents do to the engine: which words it met first, how many points have each,
/// and how full its segments are.
#[tokio::test]
async fn scores_are_the_same_to_the_last_bit_whatever_else_is_there() {
    let mut answers = Vec::new();
    for hidden in [0, 300, 12_000] {
        let dir = tempfile::tempdir().unwrap();
        let store = EdgeStore::open_with(dir.path(), 64).unwrap();
        let workshop = Workshop::new(201);
        store.create(&workshop.collection).await.unwrap();
        let sealed = |class: &AccessClass, numbers: Range<u64>, noise: &mut Noise| {
            let chunks = numbers.map(|number| {
                let vectors = [
                    ("lexical".to_owned(), Vector::sparse(irregular(noise, 40, 12))),
                    ("dense".to_owned(), Vector::Dense(noise.direction())),
                ];
                (number, Map::new(), vectors.into())
            });
            workshop.seal(class, chunks.collect())
        };
        let mut others = Noise(hidden + 1);
        let before = sealed(&workshop.board, 10_000..10_000 + hidden, &mut others);
        let shown = sealed(&workshop.staff, 1..400, &mut Noise(5));
        for chunks in [before, shown] {
            store.upsert(workshop.collection.id, &chunks).await.unwrap();
            store.flush(workshop.collection.id).await.unwrap();
        }
        let mut noise = Noise(6);
        let mut found = Vec::new();
        for _ in 0..20 {
            let words = Vector::sparse(irregular(&mut noise, 40, 10));
            let direction = Vector::Dense(noise.direction());
            for (using, vector) in [("lexical", words), ("dense", direction)] {
                let query = workshop.query("bob", using, vector);
                let hits = store.search(&query, 50, &[]).await.unwrap();
                assert_eq!(hits.len(), 50);
                found.extend(hits.iter().map(|hit| (hit.point, hit.score.to_bits())));
            }
        }
        answers.push(found);
    }
    assert!(answers[1] == answers[0], "300 others change something");
    assert!(answers[2] == answers[0], "12,000 others change something");
}
