//! Time of a full scan of one chunk, in microseconds and megabytes a second, beside SHA-256 over the
//! same bytes in the same run.
//!
//! Target (design, §13): a chunk of 512 tokens in at most 300 µs, at least 5 MB/s, on one core.

use std::hint::black_box;
use std::time::{Duration, Instant};

use alnage::detect::Detectors;
use alnage::domain::digest::Digest;

const CHUNK_BYTES: usize = 2_000;
const ROUNDS: usize = 400;

const ENGLISH: &str = "The canal was dug in the last decade of the century, when the mills along the \
    river needed coal and the roads were too soft for carts in winter. Two thousand men worked on it \
    with spades and barrows, and a village of huts stood where the first lock is today. The engineer, \
    who had built a lighthouse before, kept a diary that is now in the county archive; he writes of \
    frost, of a wage dispute that was settled with beer, and of the day the water came. Boats carried \
    grain and slate until the railway opened. After that the keepers grew vegetables on the banks, and \
    the basin was used for skating. When the town bought the canal for a token sum, volunteers cleared \
    the reeds, and users of the towpath are asked to give way to horses. ";

const MARKDOWN: &str = "## Installing\n\nRun `orchard install --prefix /opt/orchard` and add the folder \
    to your `PATH`. The system needs 2 GB of memory; see [requirements](https://docs.example.org/req?v=2).\n\n\
    | option | default | meaning |\n|---|---|---|\n| `--jobs` | 4 | how many tasks run at once |\n\
    | `--key` | none | the API key, read from `ORCHARD_KEY` |\n\n```sh\norchard run \
    --config ./orchard.toml --jobs 8\n```\n\nIf the user has no account, the program prints a message \
    and stops. Assistants such as editors may call it without a prompt.\n\n";

const CHINESE: &str = "运河修建于上世纪最后十年，当时沿河的磨坊需要煤炭，而冬天的道路泥泞，马车无法通行。两千名工人用铁锹和手推车\
    挖掘，第一座船闸所在的地方曾是一排简易的棚屋。工程师此前建过灯塔，他的日记现存于县档案馆，里面记录了霜冻、\
    一次以啤酒平息的工资争议，以及通水的那一天。铁路开通之前，船只运送粮食和石板。此后看守人在岸边种菜，冬天人们在\
    水池上滑冰。";

fn main() {
    let detectors = Detectors::shipped();
    for (name, seed) in
        [("english prose", ENGLISH), ("markdown", MARKDOWN), ("chinese prose", CHINESE)]
    {
        let text = chunk(seed);
        let scan = median(|| {
            black_box(detectors.scan_text(black_box(&text)));
        });
        let hash = median(|| {
            black_box(Digest::of(black_box(text.as_bytes())));
        });
        report(name, text.len(), scan, hash);
    }
}

/// About one chunk of text like the seed.
fn chunk(seed: &str) -> String {
    let mut text = seed.repeat(CHUNK_BYTES / seed.len() + 1);
    text.truncate(text.floor_char_boundary(CHUNK_BYTES));
    text
}

fn median(mut work: impl FnMut()) -> Duration {
    // The first call compiles the rules.
    work();
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    times.get(ROUNDS / 2).copied().unwrap_or_default()
}

#[expect(clippy::print_stdout, reason = "a benchmark reports on standard output")]
fn report(name: &str, bytes: usize, scan: Duration, hash: Duration) {
    let micros = |time: Duration| time.as_secs_f64() * 1e6;
    let rate = f64::from(u32::try_from(bytes).unwrap_or(u32::MAX)) / micros(scan);
    println!(
        "{name:14} {bytes} bytes: scan {:7.1} µs, {rate:5.1} MB/s, {:5.1} × SHA-256 ({:.1} µs)",
        micros(scan),
        micros(scan) / micros(hash),
        micros(hash)
    );
}
