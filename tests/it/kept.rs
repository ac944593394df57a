//! Text kept: what we say a person sees of ordinary documents is what others see of them: poppler's
//! `pdftotext -layout`, LibreOffice's export, Chromium's `innerText`. Order aside, since columns and
//! tables read in more than one.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use alnage::domain::document::{Alternate, Block, Format, RawDocument, Visibility};
use alnage::parse::parse;
use unicode_normalization::UnicodeNormalization as _;

use super::documents::honest;
use super::support::company;

/// Share of the other's words that must be in ours, in per cent.
const KEPT_PERCENT_MIN: usize = 99;

/// Words of one kind of document, and which of them are missing in ours.
#[derive(Default)]
struct Kept {
    words: usize,
    missing: Vec<String>,
    /// Their words may be cut in two.
    are_cut: bool,
    /// Missing words of each file.
    files: BTreeMap<String, usize>,
}

impl Kept {
    fn compare(&mut self, path: &Path, theirs: &str) {
        let ours = counted(&kept(path));
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        for (word, count) in counted(theirs) {
            self.words += count;
            // Pages in print repeat what heads them, and cut words of wide cells at their edges.
            let is_cut = |whole: &String| whole.starts_with(&word) || whole.ends_with(&word);
            let is_kept = ours.contains_key(&word) || self.are_cut && ours.keys().any(is_cut);
            let lost = if is_kept { 0 } else { count };
            *self.files.entry(name.clone()).or_default() += lost;
            self.missing.extend(std::iter::repeat_n(format!("{name}: {word}"), lost));
        }
    }

    fn check(&self, what: &str) {
        let lost = self.missing.len();
        println!("{what}: {} words, {lost} missing", self.words);
        for (file, lost) in self.files.iter().filter(|(_, lost)| **lost > 0) {
            println!("  {lost:>5}  {file}");
        }
        assert!(self.words > 300, "{what}: hardly anything was compared");
        assert!(
            lost * 100 <= self.words * (100 - KEPT_PERCENT_MIN),
            "{what}: {lost} of {} words are missing, among them\n{}",
            self.words,
            self.missing.iter().take(60).cloned().collect::<Vec<_>>().join("\n")
        );
    }
}

/// What we show, and what others take for shown: labels that a page keeps for screen readers
/// (`innerText` has them), and the text layers of scans (poppler has nothing else of them).
fn kept(path: &Path) -> String {
    let uri = path.to_string_lossy().into_owned();
    let declared = Format::of_name(&uri);
    let raw = RawDocument { uri, declared, bytes: fs::read(path).unwrap() };
    let opened = parse(&raw).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let is_kept = |block: &&Block| {
        let others = [Alternate::ScreenReader, Alternate::OcrLayer].map(Visibility::Alternate);
        block.visibility.is_shown() || others.contains(&block.visibility)
    };
    let blocks = opened.document.blocks.iter().filter(is_kept);
    let mut text = String::new();
    for block in blocks {
        text.push_str(block.joint.separator());
        text.push_str(&block.text);
    }
    text
}

/// Words as runs of letters and digits: marks and bullets are drawn by some and written by others.
fn counted(text: &str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    let text: String = text.nfkc().filter(|ch| *ch != '\u{AD}').collect();
    let text = text.replace("-\n", "-").to_lowercase();
    for word in text.split(|ch: char| !ch.is_alphanumeric()).filter(|word| !word.is_empty()) {
        *counts.entry(word.to_owned()).or_default() += 1;
    }
    counts
}

/// Whether a program is there; in CI it must be.
fn has(program: &str) -> bool {
    let found = Command::new(program)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok();
    assert!(found || std::env::var_os("CI").is_none(), "{program} is not installed");
    if !found {
        println!("skipped: {program} is not installed");
    }
    found
}

/// Twins that hide something, to no harm, which others print or export all the same: deleted and hidden
/// text, pictures over text.
const HIDES: [&str; 8] = [
    "deleted-revision",
    "moved-revision",
    "hidden-text",
    "vanish",
    "hidden.twin",
    "under-picture",
    "opacity",
    "text-indent",
];

fn of(ending: &str) -> Vec<PathBuf> {
    let table = fs::read_to_string(company().join("README.md")).unwrap();
    let hostile: Vec<&str> = table
        .lines()
        .filter(|line| line.contains("**hostile**"))
        .filter_map(|line| line.split('`').nth(1))
        .collect();
    assert!(hostile.len() > 10, "the table of the company's documents has another form");
    let is_hostile = |path: &Path| hostile.iter().any(|name| path.ends_with(name));
    let hides = |path: &Path| {
        let name = path.file_name().unwrap().to_string_lossy();
        HIDES.iter().any(|hides| name.contains(hides))
    };
    let company = walkdir::WalkDir::new(company()).sort_by_file_name().into_iter();
    let company = company.map(|entry| entry.unwrap().into_path());
    company
        .filter(|path| !is_hostile(path))
        .chain(honest().into_iter().filter(|path| !hides(path)))
        .filter(|path| path.extension().is_some_and(|found| found == ending))
        .collect()
}

fn output(command: &mut Command) -> String {
    let output = command.stderr(Stdio::null()).output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn pdftotext(path: &Path) -> String {
    output(Command::new("pdftotext").args(["-layout", "-nopgbrk"]).arg(path).arg("-"))
}

#[test]
fn pages_of_pdf_keep_the_words_that_poppler_finds() {
    if !has("pdftotext") {
        return;
    }
    let mut kept = Kept::default();
    for path in of("pdf") {
        kept.compare(&path, &pdftotext(&path));
    }
    kept.check("PDF against pdftotext -layout");
}

/// Replaces the page by its own text when it is loaded.
const PROBE: &str = "<script>addEventListener('load', () => { \
    const text = document.body.innerText; const pre = document.createElement('pre'); \
    pre.textContent = text; document.documentElement.replaceChildren(pre); })</script>";

#[test]
fn pages_of_html_keep_the_words_that_chromium_shows() {
    if !has("chromium") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut kept = Kept::default();
    for path in of("html") {
        let copy = folder.path().join("page.html");
        let mut page = fs::read(&path).unwrap();
        page.extend(PROBE.as_bytes());
        fs::write(&copy, page).unwrap();
        let profile = format!("--user-data-dir={}", folder.path().join("profile").display());
        let arguments =
            ["--headless", "--no-sandbox", "--disable-gpu", "--window-size=1280,800", &profile];
        let address = format!("file://{}", copy.display());
        let dom = output(Command::new("chromium").args(arguments).args(["--dump-dom", &address]));
        let text = dom.split_once("<pre>").map_or("", |(_, rest)| rest);
        let text = text.rsplit_once("</pre>").map_or(text, |(text, _)| text);
        let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&nbsp;", " ");
        kept.compare(&path, &text.replace("&amp;", "&"));
    }
    kept.check("HTML against Chromium's innerText");
}

/// What LibreOffice makes of these files, by their names without endings.
fn converted(paths: &[PathBuf], filter: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let profile = format!("-env:UserInstallation=file://{}/profile", folder.path().display());
    let status = Command::new("soffice")
        .args([&profile, "--headless", "--convert-to", filter, "--outdir"])
        .arg(folder.path())
        .args(paths)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    assert!(status.unwrap().success());
    folder
}

/// Office documents against LibreOffice: text documents as text, the others as printed.
fn office(what: &str, endings: &[&str], filter: &str, mut kept: Kept) {
    if !has("soffice") || !has("pdftotext") {
        return;
    }
    let paths: Vec<PathBuf> = endings.iter().flat_map(|ending| of(ending)).collect();
    for ending in endings {
        // Files of one name and two endings would take each other's place.
        let paths: Vec<PathBuf> = paths
            .iter()
            .filter(|path| path.extension().is_some_and(|found| found == *ending))
            .cloned()
            .collect();
        if paths.is_empty() {
            continue;
        }
        let folder = converted(&paths, filter);
        for path in &paths {
            let made = filter.split(':').next().unwrap();
            let made = folder.path().join(path.file_stem().unwrap()).with_added_extension(made);
            let theirs = if filter == "pdf" {
                pdftotext(&made)
            } else {
                fs::read_to_string(&made).unwrap_or_default()
            };
            assert!(!theirs.is_empty(), "LibreOffice made nothing of {}", path.display());
            kept.compare(path, &theirs);
        }
    }
    kept.check(what);
}

#[test]
fn text_documents_keep_the_words_that_libreoffice_exports() {
    let (what, filter) = ("text documents against LibreOffice", "txt:Text (encoded):UTF8");
    office(what, &["docx", "odt", "rtf"], filter, Kept::default());
}

#[test]
fn slides_keep_the_words_that_libreoffice_prints() {
    office("slides against LibreOffice", &["pptx", "odp"], "pdf", Kept::default());
}

#[test]
fn sheets_keep_the_words_that_libreoffice_prints() {
    let kept = Kept { are_cut: true, ..Kept::default() };
    office("sheets against LibreOffice", &["xlsx", "ods"], "pdf", kept);
}
