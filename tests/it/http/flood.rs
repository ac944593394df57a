//! 200 clients at once over real sockets, and a kill in the middle of them.
//!
//! `ALNAGE_FLOOD_SECONDS` sets how long; the figures are printed.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::task::JoinSet;

use super::Server;
use super::client::form;

const CLIENTS: usize = 200;
/// What may be added to memory once the service is warm.
const GROWTH_BYTES_MAX: u64 = 96 << 20;

fn seconds() -> f64 {
    let said = std::env::var("ALNAGE_FLOOD_SECONDS").ok();
    said.map_or(8.0, |seconds| seconds.parse().unwrap())
}

/// What became of the requests of one kind.
#[derive(Debug, Default)]
struct Counted {
    done: Vec<Duration>,
    statuses: BTreeMap<u16, usize>,
    broken: usize,
}

impl Counted {
    fn add(&mut self, other: Self) {
        self.done.extend(other.done);
        self.broken += other.broken;
        for (status, count) in other.statuses {
            *self.statuses.entry(status).or_default() += count;
        }
    }

    fn told(&mut self, name: &str, over: Duration) {
        self.done.sort_unstable();
        let at = |part: usize| {
            let index = self.done.len().saturating_sub(1) * part / 100;
            self.done.get(index).copied().unwrap_or_default().as_secs_f64() * 1e3
        };
        let rate = self.done.len() as f64 / over.as_secs_f64();
        println!(
            "{name}: {rate:.0}/s, median {:.0} ms, p99 {:.0} ms; answers by status {:?}",
            at(50),
            at(99),
            self.statuses
        );
    }
}

/// One client's work: of four requests one takes a document in, three ask.
#[derive(Debug, Default)]
struct Work {
    ingests: Counted,
    questions: Counted,
    /// Words of documents that were acknowledged.
    acknowledged: Vec<String>,
}

struct Flood {
    url: String,
    key: String,
    client: reqwest::Client,
    round: usize,
    ends: AtomicBool,
}

impl Flood {
    fn ended(&self) -> bool {
        self.ends.load(Ordering::Relaxed)
    }

    async fn client(&self, number: usize) -> Work {
        let mut work = Work::default();
        let mut turn = number;
        while !self.ended() {
            turn += 1;
            if turn.is_multiple_of(4) {
                let word = format!("r{}c{number}t{turn}", self.round);
                self.take_in(&word, turn, &mut work).await;
            } else {
                let asked = json!({ "text": format!("report number{}", turn % 50), "k": 10 });
                let request = self.client.post(format!("{}/v1/retrieve", self.url)).json(&asked);
                self.send(request, &mut work.questions, 200).await;
            }
        }
        work
    }

    /// A document of words that no other has in this order, so that none is a copy of another.
    async fn take_in(&self, word: &str, turn: usize, work: &mut Work) {
        let mut text = format!("Report {word}");
        let mut state =
            word.bytes().fold(7_u64, |state, byte| state.wrapping_mul(31) + u64::from(byte));
        for _ in 0..150 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            text.push_str(&format!(" number{}", (state >> 33) % 400));
        }
        let (kind, body) = form(&format!("{word}.txt"), text.as_bytes(), &[]);
        let (path, wanted) = match turn % 8 {
            0 => ("/v1/documents", 201),
            _ => ("/v1/documents?wait=false", 202),
        };
        let request = self.client.post(format!("{}{path}", self.url)).body(body);
        let request = request.header("content-type", kind);
        if self.send(request, &mut work.ingests, wanted).await {
            work.acknowledged.push(word.to_owned());
        }
    }

    /// Whether the answer was the one that is wanted. What is told to come again waits a little, less
    /// than it is told to.
    async fn send(
        &self,
        request: reqwest::RequestBuilder,
        into: &mut Counted,
        wanted: u16,
    ) -> bool {
        let start = Instant::now();
        let answer = request.bearer_auth(&self.key).send().await;
        let read =
            async { Some((answer.as_ref().ok()?.status().as_u16(), answer.ok()?.bytes().await)) };
        let Some((status, Ok(_))) = read.await else {
            into.broken += usize::from(!self.ended());
            tokio::time::sleep(Duration::from_millis(50)).await;
            return false;
        };
        if self.ended() && status != wanted {
            return false;
        }
        *into.statuses.entry(status).or_default() += 1;
        if status == wanted {
            into.done.push(start.elapsed());
        } else {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        status == wanted
    }
}

/// Memory that is not backed by files, of the server and the processes that it started.
fn memory(server: &Server) -> u64 {
    let root = server.child.id();
    let of = |id: u32| -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"))?;
        line.split_whitespace().next()?.parse::<u64>().ok()
    };
    let children = super::faults::children(root);
    children.into_iter().chain([root]).filter_map(of).sum::<u64>() << 10
}

/// Floods a server until the time is over or `stop` is called; what the clients saw, and memory by time.
async fn flood(
    server: Server,
    round: usize,
    time: Duration,
    kill: bool,
) -> (Server, Work, Vec<u64>) {
    let key = server.key("ingest,retrieve", &[]);
    let client = reqwest::Client::builder()
        .no_proxy()
        .pool_max_idle_per_host(CLIENTS)
        .timeout(Duration::from_secs(60))
        .build()
        .unwrap();
    let url = format!("http://{}", server.address);
    let flood = Arc::new(Flood { url, key, client, round, ends: AtomicBool::new(false) });
    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        let flood = Arc::clone(&flood);
        clients.spawn(async move { flood.client(number).await });
    }
    let start = Instant::now();
    let mut memories = Vec::new();
    while start.elapsed() < time {
        tokio::time::sleep(Duration::from_millis(200)).await;
        memories.push(memory(&server));
    }
    flood.ends.store(true, Ordering::Relaxed);
    let server = if kill { Server::on(server.kill()) } else { server };
    let mut all = Work::default();
    for work in clients.join_all().await {
        all.ingests.add(work.ingests);
        all.questions.add(work.questions);
        all.acknowledged.extend(work.acknowledged);
    }
    all.ingests.told("documents", start.elapsed());
    all.questions.told("questions", start.elapsed());
    (server, all, memories)
}

/// Nothing but answers, 429 and 503; memory that does not grow once the service is warm.
fn behaved(work: &Work, memories: &[u64]) {
    for counted in [&work.ingests, &work.questions] {
        assert_eq!(counted.broken, 0, "connections broke: {:?}", counted.statuses);
        let is_meant = |status: &u16| matches!(status, 200 | 201 | 202 | 429 | 503);
        assert!(counted.statuses.keys().all(is_meant), "{:?}", counted.statuses);
        assert!(!counted.done.is_empty());
    }
    let (early, late) = memories.split_at(memories.len() / 2);
    let peak = |memories: &[u64]| memories.iter().copied().max().unwrap_or_default();
    println!("memory: at most {} MiB, then {} MiB", peak(early) >> 20, peak(late) >> 20);
    assert!(peak(late) < peak(early) + GROWTH_BYTES_MAX, "memory grows: {memories:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_clients_get_answers_or_are_told_to_come_again_and_a_kill_loses_nothing() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let time = Duration::from_secs_f64(seconds() / 2.0);
    let (server, first, memories) = flood(Server::start(), 1, time, true).await;
    behaved(&first, &memories);
    let (server, second, memories) = flood(server, 2, time, false).await;
    behaved(&second, &memories);
    let key = server.key("ingest,retrieve", &[]);
    let words: Vec<&String> = first.acknowledged.iter().chain(&second.acknowledged).collect();
    println!("{} documents acknowledged", words.len());
    let states = states(&server, &key);
    for word in &words {
        let state = states.get(*word).map(String::as_str);
        assert!(matches!(state, Some("serving")), "{word} was acknowledged and is {state:?}");
    }
    for word in words.iter().step_by(words.len() / 20 + 1) {
        let found = server.ask(&key, None, word);
        assert!(found.iter().any(|text| text.contains(word.as_str())), "{word}: {found:?}");
    }
    let bench = server.end();
    bench.said(0, &["verify"]);
    bench.said(0, &["audit", "verify"]);
}

/// What the newest revision of each document is, by the word in its name, once nothing is pending.
fn states(server: &Server, key: &str) -> BTreeMap<String, String> {
    for _ in 0..300 {
        let mut states = BTreeMap::new();
        let mut cursor = String::new();
        loop {
            let page = server.get(key, &format!("/v1/receipts?limit=200{cursor}")).expect(200);
            for receipt in page["receipts"].as_array().unwrap() {
                let text = |field: &str| receipt[field].as_str().unwrap().to_owned();
                states
                    .entry(text("uri").trim_end_matches(".txt").to_owned())
                    .or_insert(text("state"));
            }
            let Some(next) = page["next"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        if states.values().all(|state| state != "pending") {
            return states;
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    panic!("something stays pending");
}
