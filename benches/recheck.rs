//! The guard's own work on the hits of a query: the ledger's present state of 100 points, and the
//! re-check of 100 hits with stamp, text, payload and vector.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a benchmark that cannot go on stops"
)]

mod measure;
#[path = "../tests/it/support.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod support;

use std::hint::black_box;
use std::time::Duration;

use alnage::domain::id::PointId;
use alnage::domain::keys::{KeyRing, KeyStatus};
use alnage::domain::retrieval::{Hit, recheck};
use alnage::pipeline::ports::VectorStore as _;
use measure::{median, micros, sha256};
use support::{Kind, TestGuard, caller, rights, ring};

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let test = runtime.block_on(filled());
    let collection = test.intake.collection.id;
    let hits: Vec<Hit> = runtime.block_on(test.store.scroll(collection, None, 100)).unwrap();
    assert_eq!(hits.len(), 100);
    let points: Vec<PointId> = hits.iter().map(|hit| hit.point).collect();
    let states = runtime.block_on(test.guard.ledger.states(collection, &points)).unwrap();
    let rights = rights(&caller("main", "bob"));
    let (guard, keys) = (&test.guard, test.guard.keys());

    let cloning = median(21, 10, || {
        black_box(hits.clone());
    });
    let check = |keys: &KeyRing| {
        for hit in hits.clone() {
            let state = states.get(&hit.point);
            black_box(recheck(hit, &rights, None, state, keys, guard.mode, guard.clock.now()))
                .unwrap();
        }
    };
    // A ring that was just made has checked nothing yet.
    let making = median(21, 10, || {
        black_box(ring("k1", KeyStatus::Retired));
    });
    let checking = median(21, 10, || check(&ring("k1", KeyStatus::Retired)));
    let checking_again = median(21, 10, || check(&keys));
    let looking = median(21, 5, || {
        let states = runtime.block_on(guard.ledger.states(collection, &points)).unwrap();
        assert_eq!(states.len(), 100);
    });
    let bytes: Vec<u8> =
        hits.iter().flat_map(|hit| serde_json::to_vec(&hit.payload).unwrap()).collect();
    let hashing = sha256(&bytes);
    let row = |what: &str, time: Duration| {
        let ratio = time.as_secs_f64() / hashing.as_secs_f64();
        println!("| {what} | {} | {ratio:.1} |", micros(time));
    };
    println!("| what | µs | × SHA-256 of the {} payload bytes |", bytes.len());
    println!("|---|---:|---:|");
    row("re-check of 100 hits", checking.saturating_sub(cloning + making));
    row("the same hits again", checking_again.saturating_sub(cloning));
    row("ledger's state of 100 points (SQLite)", looking);
}

/// A hundred documents of one chunk of about 1,500 bytes.
async fn filled() -> TestGuard {
    let test = TestGuard::start("default", Kind::Memory).await;
    for number in 0..100 {
        let words = (0..220).map(|word| format!("word{} ", (word * 7 + number * 13) % 900));
        let text = format!("Report {number}. {}", words.collect::<String>());
        let receipt = test.ingest(&format!("{number}.txt"), &text, None).await;
        assert_eq!(receipt.chunks, 1, "{receipt:?}");
    }
    test
}
