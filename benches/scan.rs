//! What a full scan costs: one chunk, texts from a kilobyte to a hundred megabytes, and inputs made to
//! cost much; beside SHA-256 over the same bytes in the same run. The rows go to `benches/results.md`.
//!
//! Targets: a chunk of 512 tokens in at most 300 µs, at least 5 MB/s on one core, as much for each byte
//! of a long text as of a short one, and no input above ten times the cost of ordinary text.

#![expect(clippy::indexing_slicing, reason = "a benchmark that cannot go on fails")]

mod measure;
#[path = "scan/texts.rs"]
mod texts;

use std::hint::black_box;
use std::time::Duration;

use alnage::detect::Detectors;

use measure::{median, micros, sha256};
use texts::{CHINESE, ENGLISH, MARKDOWN, fresh, hostile, ordinary};

/// About 512 tokens.
const CHUNK_BYTES: usize = 2_000;
const HOSTILE_BYTES: usize = 1 << 20;

#[expect(clippy::print_stdout, reason = "a benchmark reports on standard output")]
fn main() {
    let detectors = Detectors::shipped();
    let scan = |text: &str| {
        black_box(detectors.scan_text(black_box(text)));
    };
    println!("| one chunk of {CHUNK_BYTES} bytes | µs | MB/s | × SHA-256 |\n|---|---:|---:|---:|");
    for (name, seed) in
        [("English prose", ENGLISH), ("Markdown", MARKDOWN), ("Chinese prose", CHINESE)]
    {
        let text = ordinary(seed, CHUNK_BYTES);
        row(name, &text, median(101, 4, || scan(&text)));
    }
    each_once(&scan);
    println!("\n| English prose of | µs for each kB | MB/s | × SHA-256 |\n|---|---:|---:|---:|");
    for kilobytes in [1, 10, 100, 1_000, 10_000, 100_000] {
        let text = ordinary(ENGLISH, kilobytes * 1_000);
        let time = median(if kilobytes > 1_000 { 1 } else { 9 }, 1, || scan(&text));
        let each = time / u32::try_from(kilobytes).unwrap_or(1);
        println!(
            "| {kilobytes} kB | {} | {:.1} | {:.0} |",
            micros(each),
            rate(&text, time),
            ratio(&text, time)
        );
    }
    let text = ordinary(ENGLISH, HOSTILE_BYTES);
    let normal = median(3, 1, || scan(&text)).as_secs_f64() / as_float(text.len());
    println!(
        "\n| input made to cost much | × the cost of ordinary text for each byte |\n|---|---:|"
    );
    for (name, text) in hostile(HOSTILE_BYTES) {
        let time = median(3, 1, || scan(&text)).as_secs_f64() / as_float(text.len());
        println!("| {name} | {:.1} |", time / normal);
    }
}

/// Honest texts that were not scanned before, one after another, as an ingest meets them: rules are compiled
/// and no more is warm.
#[expect(clippy::print_stdout, reason = "a benchmark reports on standard output")]
fn each_once(scan: &impl Fn(&str)) {
    let texts = fresh(CHUNK_BYTES);
    let (warm, fresh): (Vec<_>, Vec<_>) =
        texts.chunks_exact(2).map(|two| (&two[0], &two[1])).unzip();
    warm.iter().for_each(|text| scan(text));
    let bytes: usize = fresh.iter().map(|text| text.len()).sum();
    let start = std::time::Instant::now();
    fresh.iter().for_each(|text| scan(text));
    let time = start.elapsed();
    let hash = sha256(&texts.concat().as_bytes()[..bytes]);
    println!(
        "| {} chunks of honest texts, each once | {:.1} | {:.1} | {:.0} |",
        fresh.len(),
        time.as_secs_f64() * 1e6 / as_float(bytes) * as_float(CHUNK_BYTES),
        as_float(bytes) / time.as_secs_f64() / 1e6,
        time.as_secs_f64() / hash.as_secs_f64(),
    );
}

#[expect(clippy::print_stdout, reason = "a benchmark reports on standard output")]
fn row(name: &str, text: &str, time: Duration) {
    println!("| {name} | {} | {:.1} | {:.0} |", micros(time), rate(text, time), ratio(text, time));
}

fn rate(text: &str, time: Duration) -> f64 {
    as_float(text.len()) / time.as_secs_f64() / 1e6
}

/// SHA-256 takes as long for each byte of a long text as of this much.
fn ratio(text: &str, time: Duration) -> f64 {
    let part = text.as_bytes().get(..text.len().min(100_000)).unwrap_or_default();
    let hash = sha256(part).as_secs_f64() * as_float(text.len()) / as_float(part.len());
    time.as_secs_f64() / hash
}

#[expect(clippy::cast_precision_loss, reason = "some millions")]
const fn as_float(count: usize) -> f64 {
    count as f64
}
