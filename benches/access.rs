//! Callers of 1 to 10,000 groups who may read 0.01 %, 1 % and all of a collection, against the bare store with the same
//! filter and payload: the guard's own processor time, the throughput at 32 clients, and whether the answer is the true
//! top ten of what the caller may read. Then what the clock tells: a word that is nowhere against one that is only in
//! documents that the caller may not read.
//!
//! The guard's own time is that of questions over a store that gives again what the real one gave, less that of asking
//! this store: a difference of two large numbers would say little.
//!
//! `ALNAGE_ACCESS_CHUNKS` sets how many chunks there are (100,000). Targets: at most 300 µs of the guard's own, at least
//! 0.8 of the bare store's throughput, 0.99 of the true top ten.

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

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use alnage::adapters::audit_log::AuditLog;
use alnage::adapters::credentials::Directory;
use alnage::adapters::embedders::lexical_name;
use alnage::domain::access::{AccessList, Label, Principal, User};
use alnage::domain::audit::Durability;
use alnage::domain::document::RawDocument;
use alnage::domain::id::{ClassId, CollectionId, PointId};
use alnage::domain::keys::Secret;
use alnage::domain::retrieval::{Hit, Query, ScopedQuery, scope};
use alnage::domain::signing::Signer;
use alnage::domain::source::{Collection, Tenant};
use alnage::domain::stamp::StampedChunk;
use alnage::domain::vector::Vector;
use alnage::pipeline::given::{GivenChunk, bytes_of};
use alnage::pipeline::guard::{Detection, Guard};
use alnage::pipeline::ports::{StoreError, VectorStore};
use alnage::pipeline::receipt::{Intake, Item};
use alnage::pipeline::retrieve::Question;
use async_trait::async_trait;
use noise::Noise;
use processor::processor_seconds;
use support::{Kind, TestGuard, rights};

const CHUNKS: u64 = 5;
const WORDS: usize = 60;
/// Lists that differ in the team that they name, beside those of the shares.
const TEAMS: u64 = 1_000;
const K: usize = 10;
const QUERIES: usize = 640;
const CLIENTS: usize = 32;
/// How many questions a client asks, again and again until the round is over.
const BATCH: usize = 4;
/// Measurements of each, in turn, for the speed of a shared machine changes by a quarter within seconds.
const ROUNDS: usize = 9;
const ROUND: Duration = Duration::from_millis(400);
const CASES: usize = 64;
const CHANGES: usize = 21;
const CLOCKED: usize = 2_000;
/// In documents of which the callers of the fewest may read none.
const HIDDEN_WORD: &str = "quetzal";
const GROUPS: [usize; 4] = [1, 100, 1_000, 10_000];
const SHARES: [(&str, &str); 3] = [("0.01 %", "few"), ("1 %", "hundredth"), ("all", "all")];

struct World {
    test: TestGuard,
    intake: Intake,
    directory: Directory,
    texts: Vec<String>,
    /// The class of every point.
    classes: Vec<ClassId>,
    /// Which points have a term, with its weight.
    postings: BTreeMap<u32, Vec<(usize, f32)>>,
    _log: tempfile::TempDir,
}

struct Asked {
    user: String,
    scoped: Vec<ScopedQuery>,
}

fn main() {
    let chunks: u64 = std::env::var("ALNAGE_ACCESS_CHUNKS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(100_000);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let world = Arc::new(runtime.block_on(World::of(chunks / CHUNKS)));
    println!(
        "| {} chunks, k = {K}: may read, of how many groups | first question, ms | first after a change, ms | own CPU, \
         µs | at {CLIENTS} clients: guarded/s | bare/s | ratio | of the true top {K} |",
        world.classes.len()
    );
    println!("|---|---:|---:|---:|---:|---:|---:|---:|");
    for (share, group) in SHARES {
        for groups in GROUPS {
            let user = format!("{group}-{groups}");
            let first = Instant::now();
            runtime.block_on(guarded(&world, &user, 0, 1));
            let first = first.elapsed();
            let after = runtime.block_on(after_changes(&world, &user));
            let asked = Arc::new(runtime.block_on(world.asked(user)));
            let recall = runtime.block_on(world.recall(&asked));
            let (mut owns, mut with, mut without) = (Vec::new(), Vec::new(), Vec::new());
            for _ in 0..ROUNDS {
                let (one, two) = runtime.block_on(world.over_replay(&asked));
                owns.push((one - two) / f64::from(u32::try_from(QUERIES).unwrap()) * 1e6);
                with.push(runtime.block_on(many(&world, &asked, true)));
                without.push(runtime.block_on(many(&world, &asked, false)));
            }
            let ratio = middle(with.iter().zip(&without).map(|(with, without)| with / without));
            let (with, without) = (middle(with), middle(without));
            println!(
                "| {share}, {groups} | {:.1} | {:.1} | {:.0} | {with:.0} | {without:.0} | {:.2} | {recall:.3} |",
                first.as_secs_f64() * 1e3,
                after.as_secs_f64() * 1e3,
                middle(owns),
                ratio,
            );
        }
    }
    runtime.block_on(told_by_the_clock(&world));
}

/// How long the first question takes after somebody's access list has changed: the middle of some.
async fn after_changes(world: &World, user: &str) -> Duration {
    let guard = &world.test.guard;
    let mut times = Vec::new();
    for change in 0..CHANGES {
        let head = guard.document("1.txt").await.unwrap();
        let name = format!("team-{}", change % 2);
        let list = AccessList::allowing([Principal::Group(name)], Label::Internal);
        guard.set_access(&head, &list, "bench").await.unwrap();
        let start = Instant::now();
        guarded(world, user, change, 1).await;
        times.push(start.elapsed());
    }
    times.sort();
    *times.get(CHANGES / 2).unwrap()
}

/// What a caller can tell by the clock: times of a word that is nowhere, and of one that stands in documents that he
/// may not read, in turns.
async fn told_by_the_clock(world: &World) {
    println!("\n| {CLOCKED} questions each, µs | median | 90 % | 99 % |\n|---|---:|---:|---:|");
    let mut times: [Vec<u128>; 2] = [Vec::new(), Vec::new()];
    let caller = world.directory.view_as(&world.test.guard, &Tenant::default(), "few-1").await;
    let caller = caller.unwrap();
    for _ in 0..CLOCKED {
        for (word, times) in ["nowhere", HIDDEN_WORD].iter().zip(&mut times) {
            let start = Instant::now();
            let question = Question::text(&caller, &world.intake.collection, word, K);
            assert!(world.test.guard.retrieve(&question).await.unwrap().is_empty());
            times.push(start.elapsed().as_micros());
        }
    }
    for (what, times) in
        ["a word that is nowhere", "a word of hidden documents"].iter().zip(&mut times)
    {
        times.sort_unstable();
        let part = |percent| times.get(times.len() * percent / 100).unwrap();
        println!("| {what} | {} | {} | {} |", part(50), part(90), part(99));
    }
    let [nowhere, hidden] = &times;
    // The chance that the one took longer: a half where the clock tells nothing.
    let longer: usize =
        hidden.iter().map(|time| nowhere.partition_point(|other| other < time)).sum();
    let pairs = u32::try_from(CLOCKED * CLOCKED).unwrap();
    println!("A hidden word took longer in {:.3} of all pairs.", longer as f64 / f64::from(pairs));
}

fn middle(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    *values.get(values.len() / 2).unwrap()
}

/// Processor time of the whole process while this runs.
async fn cpu(work: impl Future<Output = ()>) -> f64 {
    let before = processor_seconds();
    work.await;
    processor_seconds() - before
}

/// A store that gives again what the real one gave, for the questions of one user.
struct Replay {
    real: Arc<dyn VectorStore>,
    given: Mutex<BTreeMap<Vec<u32>, Vec<Hit>>>,
}

impl Replay {
    fn terms(query: &ScopedQuery) -> Vec<u32> {
        match &query.query().vector {
            Vector::Sparse { indices, .. } => indices.clone(),
            Vector::Dense(_) => Vec::new(),
        }
    }
}

#[async_trait]
impl VectorStore for Replay {
    async fn search(
        &self,
        query: &ScopedQuery,
        limit: usize,
        except: &[PointId],
    ) -> Result<Vec<Hit>, StoreError> {
        let terms = Self::terms(query);
        if let Some(hits) = self.given.lock().unwrap().get(&terms) {
            return Ok(hits.clone());
        }
        let hits = self.real.search(query, limit, except).await?;
        self.given.lock().unwrap().insert(terms, hits.clone());
        Ok(hits)
    }
    async fn create(&self, collection: &Collection) -> Result<(), StoreError> {
        self.real.create(collection).await
    }
    async fn destroy(&self, collection: CollectionId) -> Result<(), StoreError> {
        self.real.destroy(collection).await
    }
    async fn upsert(&self, id: CollectionId, chunks: &[StampedChunk]) -> Result<(), StoreError> {
        self.real.upsert(id, chunks).await
    }
    async fn delete(&self, id: CollectionId, points: &[PointId]) -> Result<(), StoreError> {
        self.real.delete(id, points).await
    }
    async fn flush(&self, collection: CollectionId) -> Result<(), StoreError> {
        self.real.flush(collection).await
    }
    async fn scroll(
        &self,
        collection: CollectionId,
        after: Option<PointId>,
        limit: usize,
    ) -> Result<Vec<Hit>, StoreError> {
        self.real.scroll(collection, after, limit).await
    }
}

async fn guarded(world: &World, user: &str, first: usize, count: usize) {
    guarded_by(world, &world.test.guard, user, first..first + count).await;
}

async fn guarded_by(world: &World, guard: &Guard, user: &str, questions: Range<usize>) {
    let World { intake, directory, texts, .. } = world;
    let (first, count) = (questions.start, questions.len());
    for text in texts.iter().cycle().skip(first).take(count) {
        let caller = directory.view_as(guard, &Tenant::default(), user).await.unwrap();
        let question = Question::text(&caller, &intake.collection, text, K);
        guard.retrieve(&question).await.unwrap();
    }
}

async fn bare(store: &dyn VectorStore, asked: &Asked, first: usize, count: usize) {
    for scoped in asked.scoped.iter().cycle().skip(first).take(count) {
        store.search(scoped, K, &[]).await.unwrap();
    }
}

/// Questions a second of all clients at once, each a task.
async fn many(world: &Arc<World>, asked: &Arc<Asked>, is_guarded: bool) -> f64 {
    let start = Instant::now();
    let mut clients = tokio::task::JoinSet::new();
    for number in 0..CLIENTS {
        let (world, asked) = (Arc::clone(world), Arc::clone(asked));
        clients.spawn(async move {
            let mut count = 0_u32;
            while start.elapsed() < ROUND {
                match is_guarded {
                    true => guarded(&world, &asked.user, number, BATCH).await,
                    false => bare(world.test.guard.store.as_ref(), &asked, number, BATCH).await,
                }
                count += u32::try_from(BATCH).unwrap();
            }
            count
        });
    }
    let count: u32 = clients.join_all().await.into_iter().sum();
    f64::from(count) / start.elapsed().as_secs_f64()
}

impl World {
    async fn of(documents: u64) -> Self {
        let mut test = TestGuard::start("default", Kind::Edge).await;
        let folder = tempfile::tempdir().unwrap();
        let signer = Signer::of(&Secret::new([5; 32]));
        let log = AuditLog::open(&folder.path().join("audit"), &signer, Durability::Default);
        test.guard.events = Arc::new(log.unwrap());
        test.guard.detection = Detection::OffForMeasurement;
        let intake = test.intake.clone();
        let mut noise = Noise(7);
        for batch in 0..documents.div_ceil(50) {
            let items = (0..50).map(|number| item(batch * 50 + number, &mut noise)).collect();
            let report = test.guard.ingest(&intake, items).await.unwrap();
            assert!(report.waiting.is_none() && report.answers.iter().all(Result::is_ok));
        }
        let texts = (0..CASES).map(|_| noise.words(4)).collect();
        let (mut classes, mut postings) = (Vec::new(), BTreeMap::<u32, Vec<_>>::new());
        let mut after = None;
        loop {
            let page = test.guard.store.scroll(intake.collection.id, after, 1_000).await.unwrap();
            let Some(last) = page.last() else { break };
            after = Some(last.point);
            let ids: Vec<PointId> = page.iter().map(|hit| hit.point).collect();
            let states = test.guard.ledger.states(intake.collection.id, &ids).await.unwrap();
            for hit in page {
                for (term, weight) in terms(hit.vectors.values().next().unwrap()) {
                    postings.entry(term).or_default().push((classes.len(), weight));
                }
                classes.push(states.get(&hit.point).unwrap().class.id);
            }
        }
        let directory = Directory::of(users());
        Self { test, intake, directory, texts, classes, postings, _log: folder }
    }

    /// The questions as the bare store gets them, with this user's boundary.
    async fn asked(&self, user: String) -> Asked {
        let guard = &self.test.guard;
        let caller = self.directory.view_as(guard, &Tenant::default(), &user).await.unwrap();
        let (classes, _) = guard.ledger.classes(caller.tenant()).await.unwrap();
        let boundary = rights(&caller).boundary(&classes);
        let embedder = guard.embedders.get(&lexical_name()).unwrap();
        let mut scoped = Vec::new();
        for text in &self.texts {
            let vector = embedder.embed_question(text, "lexical").await.unwrap();
            let collection = self.intake.collection.id;
            let using = "lexical".to_owned();
            let query = Query { collection, using, vector, filter: None };
            scoped.push(scope(query, &boundary).unwrap().unwrap());
        }
        Asked { user, scoped }
    }

    /// Processor time of the questions over a store that replays, and of asking it alone.
    async fn over_replay(&self, asked: &Asked) -> (f64, f64) {
        let real = Arc::clone(&self.test.guard.store);
        let replay = Arc::new(Replay { real, given: Mutex::default() });
        let store = Arc::clone(&replay) as Arc<dyn VectorStore>;
        let guard = Guard { store, ..self.test.guard.clone() };
        // Each once, so that everything is known.
        guarded_by(self, &guard, &asked.user, 0..CASES).await;
        let with = cpu(guarded_by(self, &guard, &asked.user, 0..QUERIES)).await;
        (with, cpu(bare(replay.as_ref(), asked, 0, QUERIES)).await)
    }

    /// How much of the true top of what the caller may read is in the answers, by score.
    async fn recall(&self, asked: &Asked) -> f64 {
        let guard = &self.test.guard;
        let caller = self.directory.view_as(guard, &Tenant::default(), &asked.user).await.unwrap();
        let (mut found, mut wanted) = (0_u32, 0_u32);
        for (text, scoped) in self.texts.iter().zip(&asked.scoped) {
            let allowed: BTreeSet<&ClassId> = scoped.classes().iter().collect();
            let mut scores = vec![0.0_f32; self.classes.len()];
            for (term, weight) in terms(&scoped.query().vector) {
                for (point, of_point) in self.postings.get(&term).into_iter().flatten() {
                    *scores.get_mut(*point).unwrap() += weight * of_point;
                }
            }
            let scored = scores.into_iter().zip(&self.classes);
            let may_read = scored.filter(|(score, class)| *score > 0.0 && allowed.contains(class));
            let mut scores: Vec<f32> = may_read.map(|(score, _)| score).collect();
            scores.sort_by(|one, two| two.total_cmp(one));
            scores.truncate(K);
            let question = Question::text(&caller, &self.intake.collection, text, K);
            let got = guard.retrieve(&question).await.unwrap();
            let least = scores.last().copied().unwrap_or(f32::MAX) * 0.9999;
            wanted += u32::try_from(scores.len()).unwrap();
            let right = got.iter().filter(|passage| passage.score >= least).count();
            found += u32::try_from(right.min(scores.len())).unwrap();
        }
        f64::from(found) / f64::from(wanted.max(1))
    }
}

/// The terms of a sparse vector with their weights.
fn terms(vector: &Vector) -> BTreeMap<u32, f32> {
    match vector {
        Vector::Sparse { indices, values } => {
            indices.iter().copied().zip(values.iter().copied()).collect()
        }
        Vector::Dense(_) => BTreeMap::new(),
    }
}

/// One for each number of groups and share; all groups but that of the share are on no list.
fn users() -> BTreeMap<String, User> {
    let mut users = BTreeMap::new();
    for (_, share) in SHARES {
        for count in GROUPS {
            let more = (1..count).map(|number| Principal::Group(format!("elsewhere-{number}")));
            let groups = more.chain([Principal::Group(share.to_owned())]).collect();
            users.insert(format!("{share}-{count}"), User { groups, clearance: Label::Internal });
        }
    }
    users
}

fn item(number: u64, noise: &mut Noise) -> Item {
    let hidden = if number % 100 == 50 { HIDDEN_WORD } else { "" };
    let chunk = |_| GivenChunk {
        text: format!("{hidden} {}", noise.words(WORDS)),
        metadata: serde_json::Map::new(),
        vectors: BTreeMap::new(),
    };
    let chunks: Vec<GivenChunk> = (0..CHUNKS).map(chunk).collect();
    let mut allow = vec!["all".to_owned(), format!("team-{}", number % TEAMS)];
    if number.is_multiple_of(100) {
        allow.push("hundredth".to_owned());
    }
    if number.is_multiple_of(10_000) {
        allow.push("few".to_owned());
    }
    let list = AccessList::allowing(allow.into_iter().map(Principal::Group), Label::Internal);
    let raw =
        RawDocument { uri: format!("{number}.txt"), declared: None, bytes: bytes_of(&chunks) };
    Item { given: Some(chunks), ..Item::file(raw, Some(list)) }
}
