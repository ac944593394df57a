//! The reader process of the real program.

use std::io::Write as _;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use alnage::adapters::reader_process::{READER_ARGUMENT, ReaderPool};
use alnage::domain::document::{Format, RawDocument};
use alnage::pipeline::ports::Reader as _;
use alnage::pipeline::reading::Options;

const PROGRAM: &str = env!("CARGO_BIN_EXE_alnage");

fn raw(bytes: &[u8]) -> RawDocument {
    RawDocument { uri: "a.txt".to_owned(), declared: Some(Format::Text), bytes: bytes.to_vec() }
}

fn pool(processes: usize) -> ReaderPool {
    let processes = NonZeroUsize::new(processes).unwrap();
    ReaderPool::of_program(PathBuf::from(PROGRAM), processes, Options::default()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn documents_are_read_side_by_side_and_each_caller_gets_its_own() {
    let pool = std::sync::Arc::new(pool(2));
    let mut tasks = Vec::new();
    for number in 0..40 {
        let pool = std::sync::Arc::clone(&pool);
        tasks.push(tokio::spawn(async move {
            let text = format!("document {number}");
            let document = pool.read(raw(text.as_bytes())).await.unwrap().document;
            assert_eq!(document.blocks[0].text, text);
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
}

#[tokio::test]
async fn a_refused_document_leaves_the_reader_alive() {
    let pool = pool(1);
    let error = pool.read(raw(b"GIF89a\x01\0")).await.unwrap_err();
    assert_eq!(error.code(), "document-unsupported");
    assert_eq!(pool.read(raw(b"five days")).await.unwrap().document.blocks[0].text, "five days");
}

#[tokio::test]
async fn the_largest_text_of_an_honest_kind_fits_into_the_memory_bound() {
    let pool = pool(1);
    let text = "Die Rückgabe dauert fünf Tage.\n";
    let latin: Vec<u8> = text.chars().map(|ch| u8::try_from(u32::from(ch)).unwrap()).collect();
    let document = pool.read(raw(&latin.repeat((40 << 20) / latin.len()))).await.unwrap().document;
    assert!(document.blocks[0].text.starts_with("Die Rückgabe"));
}

#[test]
fn a_reader_process_cannot_open_files_or_outgrow_its_memory_and_ends_with_its_input() {
    let mut child = Command::new(PROGRAM)
        .arg(READER_ARGUMENT)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let limits = format!("/proc/{}/limits", child.id());
    let confined = |limits: &str| limits.lines().any(|line| is_bound(line, "Max processes", 0));
    let waited = Instant::now();
    let limits = loop {
        let text = std::fs::read_to_string(&limits).unwrap();
        if confined(&text) {
            break text;
        }
        assert!(waited.elapsed() < Duration::from_secs(10), "not confined: {text}");
        std::thread::sleep(Duration::from_millis(10));
    };
    for (name, bound) in [("Max open files", 3), ("Max file size", 0), ("Max core file size", 0)] {
        assert!(limits.lines().any(|line| is_bound(line, name, bound)), "{name}: {limits}");
    }
    assert!(
        !limits
            .lines()
            .any(|line| line.starts_with("Max address space") && line.contains("unlimited"))
    );
    child.stdin.take().unwrap().flush().unwrap();
    assert!(child.wait().unwrap().success());
}

fn is_bound(line: &str, name: &str, bound: u64) -> bool {
    line.strip_prefix(name)
        .and_then(|rest| rest.split_whitespace().next())
        .is_some_and(|value| value == bound.to_string())
}
