//! The shipped documents: every way to hide text, made by a real producer, beside the honest document that
//! looks like it. Each is judged as an ingest from outside would judge it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use alnage::adapters::reader_process::ReaderPool;
use alnage::config::policy::{SHIPPED, parse};
use alnage::domain::document::{Document, Format, RawDocument, Reading, ReadingKind};
use alnage::domain::finding::Severity;
use alnage::domain::policy::Verdict;
use alnage::domain::source::TrustTier;
use alnage::pipeline::guard::Detection;
use alnage::pipeline::reading::Options;
use alnage::pipeline::rules;
use alnage::pipeline::scan::{Scanned, Scanner};
use serde::Deserialize;

use super::support::PROGRAM;

/// From here on a finding is an alarm.
const ALARM: Severity = Severity::Medium;

/// `corpora/documents/techniques.toml`.
#[derive(Debug, Deserialize)]
struct Manifest {
    technique: Vec<Technique>,
}

/// A way to hide text, and its twin.
#[derive(Debug, Deserialize)]
struct Technique {
    format: String,
    name: String,
    file: String,
    twin: Option<String>,
    #[serde(default)]
    phrase: String,
    #[serde(default)]
    shown: String,
    #[serde(default)]
    finds: Finds,
}

/// How the hidden text shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Finds {
    /// In a block that is not shown.
    #[default]
    Text,
    /// In what the reader noticed.
    Notice,
    /// In a file inside the file.
    Member,
    /// In what invisible characters say.
    Characters,
    /// A person may see it, perhaps far away; it is kept, and judged for what it says.
    Shown,
}

/// A row of the table.
struct Row {
    format: String,
    name: String,
    /// The hidden text is told apart from what is shown, or else noticed.
    found: Result<(), String>,
    /// An ingest from outside would not admit the document whole.
    stopped: bool,
    /// The twin is admitted without an alarm.
    twin: Result<(), String>,
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_to_hide_is_found_and_its_twin_raises_no_alarm() {
    let scanner = scanner();
    let text = fs::read_to_string(folder().join("techniques.toml")).unwrap();
    let manifest: Manifest = toml::from_str(&text).unwrap();
    let mut rows = Vec::new();
    for technique in &manifest.technique {
        let parts = scan(&scanner, &technique.file).await;
        let found = found(&parts, technique);
        let stopped = is_stopped(&parts);
        let twin = match &technique.twin {
            Some(twin) => clean(&scanner, twin).await,
            None => Ok(()),
        };
        rows.push(Row {
            format: technique.format.clone(),
            name: technique.name.clone(),
            found,
            stopped,
            twin,
        });
    }
    let mistakes: Vec<String> = rows
        .iter()
        .flat_map(|row| [&row.found, &row.twin].map(|one| (row, one.as_ref().err())))
        .filter_map(|(row, why)| Some(format!("{} / {}: {}", row.format, row.name, why?)))
        .collect();
    let all = mistakes.join("\n");
    generated(&folder().join("README.md"), &table(&rows), &all);
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    generated(&readme, &summary(&rows), &all);
    // What the tables say is not found is known; it may only become less.
    println!("{} mistakes in {} rows\n{all}", mistakes.len(), rows.len());
}

/// Documents that belong to no technique raise no alarm either.
#[tokio::test(flavor = "multi_thread")]
async fn honest_documents_raise_no_alarm() {
    let scanner = scanner();
    let mut mistakes = Vec::new();
    for path in honest() {
        if let Err(why) = clean(&scanner, path.to_str().unwrap()).await {
            mistakes.push(format!("{}: {why}", path.display()));
        }
    }
    assert!(mistakes.is_empty(), "{}", mistakes.join("\n"));
}

pub(super) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpora/documents")
}

/// Every twin.
pub(super) fn honest() -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = walkdir::WalkDir::new(folder())
        .into_iter()
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| path.file_name().is_some_and(|name| is_twin(&name.to_string_lossy())))
        .collect();
    paths.sort();
    paths
}

fn is_twin(name: &str) -> bool {
    name.contains(".twin.")
}

fn scanner() -> Scanner {
    let ids = rules::ids(&rules::Detectors::shipped());
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let (name, text) = SHIPPED.iter().find(|(name, _)| *name == "default").unwrap();
    let processes = NonZeroUsize::new(2).unwrap();
    Scanner {
        reader: Arc::new(
            ReaderPool::of_program(PROGRAM.into(), processes, Options::default()).unwrap(),
        ),
        policy: Arc::new(parse(name, text, &ids).unwrap()),
        detection: Detection::On(rules::Detectors::shipped()),
        tier: TrustTier::External,
        judges: Arc::default(),
    }
}

async fn scan(scanner: &Scanner, file: &str) -> Vec<Scanned> {
    let path = folder().join(file);
    let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let raw = RawDocument { uri: file.to_owned(), declared: Format::of_name(file), bytes };
    scanner.inspect(raw).await.unwrap().apart()
}

fn is_stopped(parts: &[Scanned]) -> bool {
    parts.iter().any(|part| part.verdict != Verdict::Admit)
}

/// Whether the technique shows.
fn found(parts: &[Scanned], technique: &Technique) -> Result<(), String> {
    let (outer, inner) = parts.split_first().ok_or("nothing was read")?;
    let document = outer.document.as_ref().ok_or("it was not read")?;
    let phrase = words(&technique.phrase);
    let shown = words(&Reading::of(document, ReadingKind::Shown).text);
    if !parts.iter().any(|part| says(part, &words(&technique.shown))) {
        return Err(format!("shown text was lost: {}", technique.shown));
    }
    match technique.finds {
        Finds::Text if shown.contains(&phrase) => {
            return Err(format!("it counts as shown: {phrase}"));
        }
        Finds::Text if !unseen(document).iter().any(|text| text.contains(&phrase)) => {
            return Err(format!("it is in no block: {phrase}"));
        }
        Finds::Notice if document.notices.is_empty() && !is_stopped(inner) => {
            return Err("no notice".to_owned());
        }
        Finds::Member if !inner.iter().any(|member| says(member, &phrase)) => {
            return Err(format!("no file inside it says: {phrase}"));
        }
        Finds::Shown if !parts.iter().any(|part| says(part, &phrase)) => {
            return Err(format!("it is in no block: {phrase}"));
        }
        Finds::Text | Finds::Notice | Finds::Member | Finds::Characters | Finds::Shown => {}
    }
    let has_finding = parts.iter().any(|part| !part.findings.is_empty());
    match technique.finds {
        Finds::Characters if !has_finding => Err("no finding".to_owned()),
        _ => Ok(()),
    }
}

/// Readings of what is not shown.
fn unseen(document: &Document) -> Vec<String> {
    [ReadingKind::Unseen, ReadingKind::Metadata]
        .into_iter()
        .map(|kind| words(&Reading::of(document, kind).text))
        .collect()
}

fn says(scanned: &Scanned, phrase: &str) -> bool {
    let blocks = scanned.document.iter().flat_map(|document| &document.blocks);
    blocks.map(|block| words(&block.text)).any(|text| text.contains(phrase))
}

/// White space does not count.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Admitted whole, without an alarm.
async fn clean(scanner: &Scanner, file: &str) -> Result<(), String> {
    for part in scan(scanner, file).await {
        let worst = part.findings.iter().max_by_key(|found| found.finding.severity);
        if let Some(found) = worst.filter(|found| found.finding.severity >= ALARM) {
            let finding = &found.finding;
            return Err(format!(
                "twin {}: {} {} at {}: {} “{}”",
                part.uri,
                finding.severity.name(),
                finding.rule,
                found.words(),
                finding.note,
                finding.evidence.drawn()
            ));
        }
        // A picture beside a text is no document, and nothing to be alarmed about.
        let is_picture = part.format.is_none();
        if part.verdict != Verdict::Admit && !is_picture {
            return Err(format!("twin {}: {}", part.uri, part.verdict.name()));
        }
    }
    Ok(())
}

fn mark(good: bool) -> &'static str {
    if good { "yes" } else { "**no**" }
}

fn table(rows: &[Row]) -> String {
    let mut text = String::from(
        "| format | technique | found | stopped | twin clean |\n|---|---|---|---|---|\n",
    );
    for Row { format, name, found, stopped, twin } in rows {
        let (found, twin) = (mark(found.is_ok()), mark(twin.is_ok()));
        let stopped = if *stopped { "yes" } else { "no" };
        writeln!(text, "| {format} | {name} | {found} | {stopped} | {twin} |").unwrap();
    }
    text
}

fn summary(rows: &[Row]) -> String {
    let mut formats: BTreeMap<&str, [usize; 4]> = BTreeMap::new();
    for row in rows {
        let [all, found, stopped, clean] = formats.entry(row.format.as_str()).or_default();
        *all += 1;
        *stopped += usize::from(row.stopped);
        *found += usize::from(row.found.is_ok());
        *clean += usize::from(row.twin.is_ok());
    }
    let mut text = String::from(
        "| format | ways to hide | found | stopped | twins clean |\n|---|---:|---:|---:|---:|\n",
    );
    for (format, [all, found, stopped, clean]) in formats {
        writeln!(text, "| {format} | {all} | {found} | {stopped} | {clean} |").unwrap();
    }
    text
}

/// The part of a file between two marks must be what was measured; `UPDATE_TABLE` writes it.
fn generated(path: &Path, table: &str, mistakes: &str) {
    const BEGIN: &str = "<!-- documents: generated -->\n";
    const END: &str = "<!-- end -->";
    let text = fs::read_to_string(path).unwrap();
    let (before, rest) = text.split_once(BEGIN).expect("the mark is there");
    let (present, after) = rest.split_once(END).expect("the end mark is there");
    if std::env::var_os("UPDATE_TABLE").is_some() {
        fs::write(path, format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
        return;
    }
    let path = path.display();
    assert_eq!(present, table, "{path}: run with UPDATE_TABLE=1 and look at it\n{mistakes}");
}
