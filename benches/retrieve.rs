//! The guard against the bare store: the same scoped query, filter, payload and vectors from the embedded
//! store, with and without the caller's boundary, the re-check on the ledger's state, and the record.
//!
//! Targets: at k = 10 at most 300 µs of processor time of the guard's own, and at 32 clients at least 0.8 of
//! the bare store's throughput.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot go on stops"
)]

#[path = "../tests/it/support.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod support;

mod noise;
mod processor;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use alnage::adapters::audit_log::AuditLog;
use alnage::adapters::embedders::lexical_name;
use alnage::domain::audit::Durability;
use alnage::domain::caller::Caller;
use alnage::domain::document::RawDocument;
use alnage::domain::filter::Filter;
use alnage::domain::keys::Secret;
use alnage::domain::retrieval::{Query, ScopedQuery, scope};
use alnage::domain::signing::Signer;
use alnage::domain::vector::{Vector, VectorShape, Vectors};
use alnage::pipeline::ask::Ask;
use alnage::pipeline::given::{GivenChunk, bytes_of};
use alnage::pipeline::guard::Detection;
use alnage::pipeline::receipt::{Intake, Item};
use alnage::pipeline::retrieve::Question;
use noise::Noise;
use processor::processor_seconds;
use serde_json::json;
use support::{Kind, TestGuard, caller, rights};

const DOCUMENTS: u64 = 1_000;
const CHUNKS: u64 = 5;
const DIMENSIONS: u32 = 384;
const K: usize = 10;
const QUERIES: usize = 1_500;
const CLIENTS: usize = 32;
/// Measurements of each, in turn; their median counts.
const ROUNDS: usize = 5;

/// What is asked: a text with its vector, or a vector alone.
#[derive(Clone)]
struct Case {
    text: Option<String>,
    using: &'static str,
    vector: Vector,
}

/// What stays the same over all cases.
struct Setting {
    test: TestGuard,
    intake: Intake,
    caller: Caller,
    _log: tempfile::TempDir,
}

struct World {
    setting: Arc<Setting>,
    filter: Option<Filter>,
    cases: Vec<Case>,
    scoped: Vec<ScopedQuery>,
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let setting = Arc::new(runtime.block_on(filled()));
    println!(
        "| {DOCUMENTS} documents, {} chunks, k = {K} | own CPU, µs | at {CLIENTS} clients: guarded/s | \
         bare/s | ratio |",
        DOCUMENTS * CHUNKS
    );
    println!("|---|---:|---:|---:|---:|");
    let filter = json!({ "must": [{ "key": "team", "match": { "any": ["a", "b"] } }] });
    let filter = Filter::parse(&filter, "filter").unwrap();
    for (name, is_dense, filter) in [
        ("lexical", false, None),
        ("lexical, filtered", false, Some(filter)),
        ("dense, 384 dimensions", true, None),
    ] {
        let world = Arc::new(runtime.block_on(World::of(&setting, is_dense, filter)));
        // Once unmeasured, so that neither pays for what both use.
        runtime.block_on(guarded(&world, 0, world.cases.len()));
        runtime.block_on(bare(&world, 0, world.cases.len()));
        let mut owns = Vec::new();
        let (mut with, mut without) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let (guarded_cpu, _) = measured(|| runtime.block_on(guarded(&world, 0, QUERIES)));
            let (bare_cpu, _) = measured(|| runtime.block_on(bare(&world, 0, QUERIES)));
            owns.push((guarded_cpu - bare_cpu) / f64::from(u32::try_from(QUERIES).unwrap()) * 1e6);
            with.push(measured(|| runtime.block_on(many(&world, true))).1);
            without.push(measured(|| runtime.block_on(many(&world, false))).1);
        }
        let rate = |mut times: Vec<Duration>| {
            times.sort();
            let middle = times.get(ROUNDS / 2).unwrap().as_secs_f64();
            f64::from(u32::try_from(QUERIES / CLIENTS * CLIENTS).unwrap()) / middle
        };
        owns.sort_by(f64::total_cmp);
        let own = owns.get(ROUNDS / 2).unwrap();
        let (with, without) = (rate(with), rate(without));
        println!("| {name} | {own:.0} | {with:.0} | {without:.0} | {:.2} |", with / without);
    }
}

/// Processor time of the whole process, and time on the wall.
fn measured(work: impl FnOnce()) -> (f64, Duration) {
    let (cpu, start) = (processor_seconds(), Instant::now());
    work();
    (processor_seconds() - cpu, start.elapsed())
}

/// Of all threads; those that ended meanwhile do not count.
impl World {
    async fn of(setting: &Arc<Setting>, is_dense: bool, filter: Option<Filter>) -> Self {
        let mut noise = Noise(5);
        let Setting { test, intake, caller, .. } = &**setting;
        let embedder = test.guard.embedders.get(&lexical_name()).unwrap();
        let classes = test.guard.ledger.classes(caller.tenant()).await.unwrap();
        let (mut cases, mut scoped) = (Vec::new(), Vec::new());
        for _ in 0..64 {
            let text = noise.words(3);
            let case = if is_dense {
                Case {
                    text: None,
                    using: "given",
                    vector: Vector::Dense(noise.direction(DIMENSIONS)),
                }
            } else {
                let vector = embedder.embed_question(&text, "lexical").await.unwrap();
                Case { text: Some(text), using: "lexical", vector }
            };
            let query = Query {
                collection: intake.collection.id,
                using: case.using.to_owned(),
                vector: case.vector.clone(),
                filter: filter.clone().map(Arc::new),
            };
            let boundary = rights(caller).boundary(&classes.0);
            scoped.push(scope(query, &boundary).unwrap().unwrap());
            cases.push(case);
        }
        Self { setting: Arc::clone(setting), filter, cases, scoped }
    }
}

async fn guarded(world: &World, first: usize, count: usize) {
    let Setting { test, intake, caller, .. } = &*world.setting;
    for case in world.cases.iter().cycle().skip(first).take(count) {
        let ask = match &case.text {
            Some(text) => Ask::Text { text, mode: None },
            None => Ask::Vector { using: case.using, vector: &case.vector },
        };
        let filter = world.filter.clone();
        let question = Question::text(caller, &intake.collection, "", K);
        let question = Question { ask, filter, ..question };
        assert!(!test.guard.retrieve(&question).await.unwrap().is_empty());
    }
}

async fn bare(world: &World, first: usize, count: usize) {
    let store = &world.setting.test.guard.store;
    for scoped in world.scoped.iter().cycle().skip(first).take(count) {
        assert!(!store.search(scoped, K, &[]).await.unwrap().is_empty());
    }
}

/// All clients at once, each a task with its part of the queries.
async fn many(world: &Arc<World>, is_guarded: bool) {
    let mut clients = tokio::task::JoinSet::new();
    for number in 0..CLIENTS {
        let world = Arc::clone(world);
        clients.spawn(async move {
            match is_guarded {
                true => guarded(&world, number, QUERIES / CLIENTS).await,
                false => bare(&world, number, QUERIES / CLIENTS).await,
            }
        });
    }
    clients.join_all().await;
}

/// Chunks as another pipeline gives them; the record of events goes to a file, as in a workspace.
async fn filled() -> Setting {
    let mut test = TestGuard::start("default", Kind::Edge).await;
    let folder = tempfile::tempdir().unwrap();
    let signer = Signer::of(&Secret::new([5; 32]));
    let log = AuditLog::open(&folder.path().join("audit"), &signer, Durability::Default).unwrap();
    test.guard.events = Arc::new(log);
    test.guard.detection = Detection::OffForMeasurement;
    let shape = VectorShape::Dense { dimensions: DIMENSIONS };
    let given = BTreeMap::from([("given".parse().unwrap(), shape)]);
    let (name, embedder) = ("bench".parse().unwrap(), lexical_name());
    let collection = test.guard.create_collection(name, &embedder, &given, "tester").await.unwrap();
    let intake = Intake { collection, ..test.intake.clone() };
    let mut noise = Noise(3);
    for batch in 0..DOCUMENTS / 20 {
        let items = (0..20).map(|number| item(batch * 20 + number, &mut noise)).collect();
        let report = test.guard.ingest(&intake, items).await.unwrap();
        assert!(report.waiting.is_none() && report.answers.iter().all(Result::is_ok));
    }
    Setting { test, intake, caller: caller("main", "bob"), _log: folder }
}

fn item(number: u64, noise: &mut Noise) -> Item {
    let chunks: Vec<GivenChunk> = (0..CHUNKS)
        .map(|_| {
            let metadata = json!({ "team": noise.pick(&["a", "b", "c"]), "number": number });
            GivenChunk {
                text: noise.words(220),
                metadata: metadata.as_object().cloned().unwrap(),
                vectors: Vectors::from([(
                    "given".to_owned(),
                    Vector::Dense(noise.direction(DIMENSIONS)),
                )]),
            }
        })
        .collect();
    let raw =
        RawDocument { uri: format!("{number}.txt"), declared: None, bytes: bytes_of(&chunks) };
    Item { given: Some(chunks), ..Item::file(raw, None) }
}
