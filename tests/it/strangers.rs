//! Other people's files: each ends in a document or in a plain refusal, in time and in memory, and the
//! reader process that had it lives on.
//!
//! `ALNAGE_STRANGERS` names a folder of files that nobody here wrote, for a run before a release; without
//! it the shipped corpora and fuzz inputs are read.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use alnage::adapters::reader_process::ReaderPool;
use alnage::domain::document::{Format, RawDocument};
use alnage::domain::limits::DOCUMENT_BYTES_MAX;
use alnage::pipeline::ports::Reader as _;
use alnage::pipeline::reading::Options;

use super::support::PROGRAM;

/// Refusals that say that the reader itself gave way.
const GAVE_WAY: [&str; 5] = [
    "reader-panicked",
    "reader-died",
    "reader-timed-out",
    "reader-answer-invalid",
    "reader-answer-too-large",
];
/// Slowest files that are named.
const NAMED: usize = 10;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_of_strangers_never_take_a_reader_down() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = match std::env::var_os("ALNAGE_STRANGERS") {
        Some(folder) => vec![PathBuf::from(folder)],
        None => vec![root.join("corpora"), root.join("tests/fuzz/corpus")],
    };
    let pool =
        ReaderPool::of_program(PROGRAM.into(), NonZeroUsize::new(2).unwrap(), Options::default())
            .unwrap();
    let (mut read, mut refused) = (0_usize, 0_usize);
    let mut gave_way = Vec::new();
    let mut slow: Vec<(Duration, String)> = Vec::new();
    for path in folders.iter().flat_map(|folder| files(folder)) {
        let mut left = vec![raw(&path)];
        while let Some(raw) = left.pop() {
            let (uri, start) = (raw.uri.clone(), Instant::now());
            match pool.read(raw).await {
                Ok(opened) => {
                    read += 1;
                    let is_deep = uri.matches("!/").count() >= 4;
                    left.extend(opened.members.into_iter().filter(|_| !is_deep));
                }
                Err(error) if GAVE_WAY.contains(&error.code()) => {
                    gave_way.push(format!("{uri}: {error}"));
                }
                Err(_) => refused += 1,
            }
            slow.push((start.elapsed(), uri));
        }
    }
    slow.sort_by(|one, two| two.cmp(one));
    println!("{read} files read, {refused} refused, {} took a reader down", gave_way.len());
    for (time, uri) in slow.iter().take(NAMED) {
        println!("{:>8} ms  {uri}", time.as_millis());
    }
    assert!(read > 50, "hardly anything was read");
    assert!(gave_way.is_empty(), "{}", gave_way.join("\n"));
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().flatten();
    let is_fit = |entry: &walkdir::DirEntry| {
        entry.metadata().is_ok_and(|file| file.is_file() && file.len() <= DOCUMENT_BYTES_MAX)
    };
    entries.filter(is_fit).map(walkdir::DirEntry::into_path).collect()
}

fn raw(path: &Path) -> RawDocument {
    let uri = path.to_string_lossy().into_owned();
    RawDocument { declared: Format::of_name(&uri), bytes: std::fs::read(path).unwrap(), uri }
}
