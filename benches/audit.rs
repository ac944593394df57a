//! What a record of the audit log costs its caller, and how many can be taken a second.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot go on stops"
)]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use alnage::adapters::audit_log::AuditLog;
use alnage::domain::audit::Durability;
use alnage::domain::id::{CollectionId, DocumentId, PointId};
use alnage::domain::keys::Secret;
use alnage::domain::signing::Signer;
use alnage::domain::time::Timestamp;
use alnage::pipeline::events::Event;
use alnage::pipeline::ports::EventSink as _;
use uuid::Uuid;

const RECORDERS: u128 = 32;

/// An answer of ten chunks out of five documents.
fn answer(number: u128) -> Event {
    let document = |which: u128| {
        let points = [0, 1].map(|point| PointId::new(Uuid::from_u128(number + which * 2 + point)));
        (DocumentId::new(Uuid::from_u128(which)), points.to_vec())
    };
    Event::Retrieved {
        caller: "user:mara".to_owned(),
        view_as: false,
        tenant: "main".to_owned(),
        spenders: vec!["user:mara".to_owned(), "app:bot".to_owned()],
        collection: CollectionId::new(Uuid::from_u128(1)),
        documents: (0..5).map(document).collect::<BTreeMap<_, _>>(),
    }
}

async fn times(log: Arc<AuditLog>, records: u128) -> Vec<Duration> {
    let mut times = Vec::new();
    for number in 0..records {
        let event = answer(number);
        let start = Instant::now();
        log.record(Timestamp(1_767_323_045_678), &event).await.expect("recorded");
        times.push(start.elapsed());
    }
    times
}

fn row(what: &str, mut times: Vec<Duration>, wall: Duration) {
    times.sort();
    let at = |share: usize| {
        let time = times.get(times.len() * share / 100).copied().unwrap_or_default();
        time.as_secs_f64() * 1e6
    };
    let rate = times.len() as f64 / wall.as_secs_f64();
    println!("| {what} | {rate:.0} | {:.1} | {:.1} |", at(50), at(99));
}

fn main() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("runtime");
    println!("| audit log | records/s | median µs | p99 µs |\n|---|---|---|---|");
    for (name, durability, records) in
        [("default", Durability::Default, 2_000), ("strict", Durability::Strict, 100)]
    {
        let folder = tempfile::tempdir().expect("a folder");
        let signer = Signer::of(&Secret::new([7; 32]));
        let log = AuditLog::open(&folder.path().join("audit"), &signer, durability);
        let log = Arc::new(log.expect("a log"));
        let start = Instant::now();
        let alone = runtime.block_on(times(Arc::clone(&log), records));
        row(&format!("{name}, one recorder"), alone, start.elapsed());
        let start = Instant::now();
        let tasks: Vec<_> =
            (0..RECORDERS).map(|_| runtime.spawn(times(Arc::clone(&log), records))).collect();
        let all = tasks.into_iter().flat_map(|task| runtime.block_on(task).expect("a task"));
        let all: Vec<Duration> = all.collect();
        row(&format!("{name}, {RECORDERS} recorders"), all, start.elapsed());
    }
}
