//! The whole ingest with detection, against the same pipeline without: read in child processes, embed,
//! seal, ledger on disk, store on disk. Runs alternate, so that both meet the same machine.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a benchmark that cannot go on stops"
)]

#[path = "../tests/it/support.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod support;

use std::time::{Duration, Instant};

use alnage::adapters::sources::folder;
use alnage::domain::document::RawDocument;
use alnage::pipeline::guard::Detection;
use alnage::pipeline::receipt::Item;
use support::{Kind, TestGuard, company};

const ROUNDS: usize = 7;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let documents = documents();
    let bytes: usize = documents.iter().map(|document| document.bytes.len()).sum();
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        times[0].push(runtime.block_on(ingest(Detection::On, &documents)));
        times[1].push(runtime.block_on(ingest(Detection::OffForMeasurement, &documents)));
    }
    let [on, off] = times.map(|mut times| {
        times.sort();
        times[ROUNDS / 2].as_secs_f64()
    });
    println!("| ingest of {} documents, {bytes} bytes | s | documents/s |", documents.len());
    println!("|---|---:|---:|");
    println!("| detection on | {on:.2} | {:.0} |", documents.len() as f64 / on);
    println!("| detection off | {off:.2} | {:.0} |", documents.len() as f64 / off);
    println!("| on / off | {:.2} × | |", on / off);
}

/// The company's honest documents, as they are.
fn documents() -> Vec<RawDocument> {
    let table = std::fs::read_to_string(company().join("README.md")).unwrap();
    let honest = |path: &std::path::Path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        table.lines().any(|line| line.contains(&name) && !line.contains("**hostile**"))
    };
    let found = folder::list(&company()).found;
    let documents = found.iter().filter(|found| honest(&found.path));
    documents.map(|found| folder::read(found).unwrap()).collect()
}

async fn ingest(detection: Detection, documents: &[RawDocument]) -> Duration {
    let mut test = TestGuard::start("default", Kind::Edge).await;
    test.guard.detection = detection;
    let start = Instant::now();
    for batch in documents.chunks(32) {
        let items = batch.iter().map(|raw| Item::file(raw.clone(), None)).collect();
        let report = test.guard.ingest(&test.intake, items).await.unwrap();
        assert!(report.waiting.is_none() && report.answers.iter().all(Result::is_ok));
    }
    start.elapsed()
}
