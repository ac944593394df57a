//! How fast each reader is on one core with visibility on, beside SHA-256 over the same bytes in the same
//! run, and how much memory one document takes at its peak.
//!
//! Targets (design, §13): PDF 100 pages a second, HTML 20 MB/s; the issue adds 10 MB of XML a second for
//! DOCX, XLSX and PPTX. Pages are those of the shipped documents; office files are made large by repeating
//! the paragraphs, rows and shapes of shipped ones.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::string_slice,
    reason = "a benchmark that cannot go on stops, and reports on standard output"
)]

mod measure;

use std::fs;
use std::hint::black_box;
use std::io::{Cursor, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use alnage::domain::document::{Format, Location, Opened, RawDocument};
use alnage::parse::parse;
use sha2::{Digest as _, Sha256};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

/// Names the file that a child of this program reads, to tell its memory.
const PROBE: &str = "ALNAGE_BENCH_FILE";
/// XML of one large office file; a slide of more than some 4 MB is past its bounds.
const XML_BYTES: usize = 2 << 20;
/// HTML of one large page.
const HTML_BYTES: usize = 8 << 20;

fn main() {
    if let Ok(file) = std::env::var(PROBE) {
        return probe(Path::new(&file));
    }
    println!("| reader | input | rate | × SHA-256 | peak memory |");
    println!("|---|---|---:|---:|---:|");
    pdf();
    html();
    for (name, part, from, to) in [
        ("docx", "word/document.xml", "<w:body>", "<w:sectPr"),
        ("pptx", "ppt/slides/slide1.xml", "</p:grpSpPr>", "</p:spTree>"),
        ("xlsx", "xl/worksheets/sheet1.xml", "<sheetData>", "</sheetData>"),
    ] {
        office(name, part, from, to);
    }
    plain();
}

/// The largest shipped document of a format that is no attack.
fn largest(ending: &str) -> RawDocument {
    let files = shipped(ending).into_iter();
    let file = files.max_by_key(|path| fs::metadata(path).map(|file| file.len()).unwrap_or(0));
    raw(&file.expect("a shipped document"))
}

fn shipped(ending: &str) -> Vec<PathBuf> {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpora");
    let files = walkdir::WalkDir::new(corpora).sort_by_file_name().into_iter();
    files
        .map(|entry| entry.expect("a readable folder").into_path())
        .filter(|path| path.extension().is_some_and(|found| found == ending))
        .filter(|path| path.to_string_lossy().contains(".twin.") || is_of_company(path))
        // One of the company's documents is a PDF that is called a page.
        .filter(|path| ending == "pdf" || !raw(path).bytes.starts_with(b"%PDF-"))
        .collect()
}

fn is_of_company(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "company")
}

fn raw(path: &Path) -> RawDocument {
    let uri = path.to_string_lossy().into_owned();
    let declared = Format::of_name(&uri);
    RawDocument { uri, declared, bytes: fs::read(path).expect("a readable file") }
}

fn read(raw: &RawDocument) -> Opened {
    parse(raw).expect("a readable document")
}

/// Every page of every shipped PDF.
fn pdf() {
    let files: Vec<RawDocument> = shipped("pdf").iter().map(|path| raw(path)).collect();
    let pages: usize = files.iter().map(pages).sum();
    let bytes: Vec<u8> = files.iter().flat_map(|file| file.bytes.clone()).collect();
    let time = measure::median(5, 1, || {
        files.iter().for_each(|file| drop(black_box(read(file))));
    });
    let input = format!("{pages} pages of {} files", files.len());
    let rate = format!("{:.0} pages/s", as_float(pages) / time.as_secs_f64());
    row("pdf", &input, &rate, time, &bytes, &largest("pdf"));
}

fn pages(file: &RawDocument) -> usize {
    let page = |location: &Location| match location {
        Location::Page { page, .. } => *page,
        _ => 0,
    };
    let blocks = read(file).document.blocks;
    blocks.iter().map(|block| page(&block.location)).max().map_or(0, |page| page as usize)
}

/// Every shipped page, and one large page made of the body of the largest.
fn html() {
    let files: Vec<RawDocument> = shipped("html").iter().map(|path| raw(path)).collect();
    let bytes: Vec<u8> = files.iter().flat_map(|file| file.bytes.clone()).collect();
    let time = measure::median(9, 1, || {
        files.iter().for_each(|file| drop(black_box(read(file))));
    });
    let input = format!("{} pages, {}", files.len(), size(bytes.len()));
    row("html", &input, &per_second(bytes.len(), time), time, &bytes, &largest("html"));
    let page = String::from_utf8(largest("html").bytes).expect("UTF-8");
    let large = repeated(&page, "<body>", "</body>", HTML_BYTES);
    let file = RawDocument { bytes: large.into_bytes(), ..largest("html") };
    let time = measure::median(3, 1, || drop(black_box(read(&file))));
    let input = format!("one page of {}", size(file.bytes.len()));
    row("html", &input, &per_second(file.bytes.len(), time), time, &file.bytes, &file);
}

/// One large file, in bytes of the XML of its main part.
fn office(format: &str, part: &str, from: &str, to: &str) {
    let small = largest(format);
    let (bytes, xml) = enlarged(&small.bytes, part, from, to);
    let file = RawDocument { bytes, ..small };
    let time = measure::median(3, 1, || drop(black_box(read(&file))));
    let input = format!("{} of XML", size(xml.len()));
    row(format, &input, &per_second(xml.len(), time), time, &xml, &file);
}

/// Formats without a target.
fn plain() {
    for format in ["txt", "md"] {
        let files = shipped(format);
        let text: Vec<u8> = files.iter().flat_map(|path| raw(path).bytes).collect();
        let bytes = text.repeat(HTML_BYTES / text.len() + 1);
        let file = RawDocument { bytes, ..raw(&files[0]) };
        let time = measure::median(3, 1, || drop(black_box(read(&file))));
        let input = size(file.bytes.len());
        row(format, &input, &per_second(file.bytes.len(), time), time, &file.bytes, &file);
    }
}

/// A package whose part repeats what stands between two marks.
fn enlarged(bytes: &[u8], part: &str, from: &str, to: &str) -> (Vec<u8>, Vec<u8>) {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).expect("a package");
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let mut xml = Vec::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).expect("a part");
        let name = file.name().expect("a name").into_owned();
        let mut content = Vec::new();
        file.read_to_end(&mut content).expect("a sound part");
        if name == part {
            let text = String::from_utf8(content).expect("UTF-8");
            content = repeated(&text, from, to, XML_BYTES).into_bytes();
            xml.clone_from(&content);
        }
        writer.start_file(name, SimpleFileOptions::default()).expect("a new part");
        writer.write_all(&content).expect("memory");
    }
    assert!(!xml.is_empty(), "no part {part}");
    (writer.finish().expect("a package").into_inner(), xml)
}

/// The text with what stands between two marks again and again, to about this size.
fn repeated(text: &str, from: &str, to: &str, bytes: usize) -> String {
    let start = text.find(from).map_or(0, |at| at + from.len());
    let end = text.rfind(to).filter(|end| start < *end).unwrap_or(text.len());
    let piece = &text[start..end];
    let times = bytes / piece.len().max(1) + 1;
    format!("{}{}{}", &text[..start], piece.repeat(times), &text[end..])
}

fn row(reader: &str, input: &str, rate: &str, time: Duration, bytes: &[u8], largest: &RawDocument) {
    let hash = measure::median(5, 1, || {
        black_box(Sha256::digest(black_box(bytes)));
    });
    let ratio = time.as_secs_f64() / hash.as_secs_f64();
    println!("| {reader} | {input} | {rate} | {ratio:.0} | {} |", memory(largest));
}

/// What reading the file adds to the memory of a process, at its peak: measured in one of its own.
fn memory(file: &RawDocument) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let name = Path::new(&file.uri).file_name().expect("a name");
    let path = folder.path().join(name);
    fs::write(&path, &file.bytes).expect("a disk");
    let program = std::env::current_exe().expect("this program");
    let output = Command::new(program).env(PROBE, &path).output().expect("a process");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn probe(path: &Path) {
    let file = raw(path);
    let before = peak();
    drop(black_box(read(&file)));
    println!("{} MiB for {}", (peak() - before) >> 10, size(file.bytes.len()));
}

/// Peak of resident memory so far, in kibibytes.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

fn per_second(bytes: usize, time: Duration) -> String {
    format!("{:.1} MB/s", as_float(bytes) / 1e6 / time.as_secs_f64())
}

fn size(bytes: usize) -> String {
    if bytes < 1_000_000 {
        format!("{} kB", bytes / 1_000)
    } else {
        format!("{:.1} MB", as_float(bytes) / 1e6)
    }
}

fn as_float(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}
