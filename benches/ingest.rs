//! The whole ingest with detection, against the same pipeline without, and through the service: read in
//! child processes, embed, seal, ledger on disk, store on disk. Runs alternate, so that all meet the same
//! machine.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a benchmark that cannot go on stops"
)]

#[path = "../tests/it/support.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod support;

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use alnage::adapters::sources::folder;
use alnage::domain::document::RawDocument;
use alnage::pipeline::guard::Detection;
use alnage::pipeline::receipt::Item;
use alnage::pipeline::rules::Detectors;
use support::{Kind, PROGRAM, TestGuard, company, form};
use tokio::task::JoinSet;

const ROUNDS: usize = 7;
/// Who upload at the same time.
const CLIENTS: usize = 8;

fn main() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let documents = documents();
    let bytes: usize = documents.iter().map(|document| document.bytes.len()).sum();
    let mut times = [Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        times[0].push(runtime.block_on(ingest(Detection::On(Detectors::shipped()), &documents)));
        times[1].push(runtime.block_on(ingest(Detection::OffForMeasurement, &documents)));
        times[2].push(runtime.block_on(uploaded(&documents)));
    }
    let [on, off, http] = times.map(|mut times| {
        times.sort();
        times[ROUNDS / 2].as_secs_f64()
    });
    let rates = |seconds: f64| {
        let (documents, megabytes) = (documents.len() as f64, bytes as f64 / 1e6);
        format!("{seconds:.2} | {:.0} | {:.1}", documents / seconds, megabytes / seconds)
    };
    println!("| ingest of {} documents, {bytes} bytes | s | documents/s | MB/s |", documents.len());
    println!("|---|---:|---:|---:|");
    println!("| detection on | {} |", rates(on));
    println!("| detection off | {} |", rates(off));
    println!("| on / off | {:.2} × | | |", on / off);
    println!("| through HTTP, {CLIENTS} clients | {} |", rates(http));
    println!("| through HTTP / detection on | {:.2} × | | |", http / on);
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

/// Takes them in through a server of its own, from clients that each wait for their answer.
async fn uploaded(documents: &[RawDocument]) -> Duration {
    let folder = tempfile::tempdir().unwrap();
    let workspace = folder.path().join("workspace");
    let command = |arguments: &[&str]| {
        let mut command = Command::new(PROGRAM);
        command.arg("-w").arg(&workspace).args(arguments).stderr(Stdio::null());
        command
    };
    let init = ["init", workspace.to_str().unwrap()];
    assert!(Command::new(PROGRAM).args(init).output().unwrap().status.success());
    let key = command(&["key", "create", "bench", "--role", "ingest"]).output().unwrap();
    let key = String::from_utf8(key.stdout).unwrap().lines().next().unwrap().to_owned();
    let mut serve = command(&["serve", "--listen", "127.0.0.1:0"]);
    let mut server = serve.stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.split("http://").nth(1).unwrap().split(',').next().unwrap();
    let url = format!("http://{address}/v1/documents");
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let start = Instant::now();
    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        let (url, key, client) = (url.clone(), key.clone(), client.clone());
        let mine: Vec<RawDocument> =
            documents.iter().skip(number).step_by(CLIENTS).cloned().collect();
        clients.spawn(async move {
            for raw in mine {
                let (kind, body) = form(&raw.uri, &raw.bytes, &[]);
                let request = client.post(&url).bearer_auth(&key).header("content-type", kind);
                let answer = request.body(body).send().await.unwrap();
                assert_eq!(answer.status().as_u16(), 201, "{}", answer.text().await.unwrap());
            }
        });
    }
    clients.join_all().await;
    let time = start.elapsed();
    server.kill().unwrap();
    server.wait().unwrap();
    time
}
