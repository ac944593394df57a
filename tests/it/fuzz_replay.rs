//! The committed fuzz inputs and deterministic mutations of them, without a fuzzer or a nightly
//! compiler.

#[expect(unreachable_pub, reason = "the fuzz targets take it from a crate of its own")]
#[path = "../fuzz/src/lib.rs"]
mod invariants;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use alnage::domain::document::Format;
use alnage::domain::limits::READER_STACK_BYTES;

/// Mutations of each input.
const ROUNDS: u32 = 32;

/// Runs a reader's inputs.
fn replay(target: &str, declared: Option<Format>) {
    replay_with(target, move |input| invariants::read(input, declared));
}

/// Runs a target's inputs on a thread like that of a reader process.
fn replay_with(target: &str, read: impl Fn(&[u8]) + Send + 'static) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus").join(target);
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "{} holds no inputs", folder.display());
    let run = move || files.iter().for_each(|file| replay_file(file, &read));
    let thread = std::thread::Builder::new().stack_size(READER_STACK_BYTES).spawn(run).unwrap();
    assert!(thread.join().is_ok(), "see above");
}

fn replay_file(file: &Path, read: &dyn Fn(&[u8])) {
    let bytes = std::fs::read(file).unwrap();
    let mut random = Random(0x5EED);
    for round in 0..=ROUNDS {
        let input = if round == 0 { bytes.clone() } else { mutated(&bytes, &mut random) };
        let outcome = catch_unwind(AssertUnwindSafe(|| read(&input)));
        if outcome.is_err() {
            panic!("{}, round {round}: {} bytes break an invariant", file.display(), input.len());
        }
    }
}

/// One of: cut off, flip some bytes, repeat a piece, put a piece elsewhere.
fn mutated(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let mut input = bytes.to_vec();
    if input.is_empty() {
        return vec![random.byte(); random.below(64) + 1];
    }
    let (from, to) = (random.below(input.len()), random.below(input.len()));
    let piece = input[from.min(to)..=from.max(to)].to_vec();
    match random.below(4) {
        0 => input.truncate(from),
        1 => (0..=random.below(8)).for_each(|_| {
            let at = random.below(input.len());
            input[at] = random.byte();
        }),
        2 => drop(input.splice(from..from, piece)),
        _ => drop(input.splice(from.min(to)..=from.max(to), [random.byte()])),
    }
    input
}

/// A linear congruential generator (Numerical Recipes' constants): the same inputs on every run.
struct Random(u32);

impl Random {
    fn byte(&mut self) -> u8 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        self.0.to_be_bytes()[0]
    }

    fn below(&mut self, bound: usize) -> usize {
        let high = usize::from(self.byte()) << 16 | usize::from(self.byte()) << 8;
        (high | usize::from(self.byte())) % bound.max(1)
    }
}

#[test]
fn no_bytes_break_the_text_reader() {
    replay("text", Some(Format::Text));
}

#[test]
fn no_bytes_break_the_markdown_reader() {
    replay("markdown", Some(Format::Markdown));
}

#[test]
fn no_bytes_break_the_html_reader() {
    replay("html", Some(Format::Html));
}

#[test]
fn no_bytes_break_the_pdf_reader() {
    replay("pdf", Some(Format::Pdf));
}

#[test]
fn no_bytes_break_the_text_document_reader() {
    replay("docx", Some(Format::Docx));
}

#[test]
fn no_bytes_break_the_slide_reader() {
    replay("pptx", Some(Format::Pptx));
}

#[test]
fn no_bytes_break_the_sheet_reader() {
    replay("xlsx", Some(Format::Xlsx));
}

#[test]
fn no_bytes_break_the_opendocument_reader() {
    replay("odf", Some(Format::Odt));
}

#[test]
fn no_bytes_break_the_rtf_reader() {
    replay("rtf", Some(Format::Rtf));
}

#[test]
fn no_bytes_break_the_book_reader() {
    replay("epub", Some(Format::Epub));
}

#[test]
fn no_bytes_break_the_mail_reader() {
    replay("eml", Some(Format::Eml));
}

#[test]
fn no_bytes_break_the_table_reader() {
    replay("csv", Some(Format::Csv));
}

#[test]
fn no_bytes_break_the_json_reader() {
    replay("json", Some(Format::Json));
}

#[test]
fn no_bytes_break_the_notebook_reader() {
    replay("ipynb", Some(Format::Ipynb));
}

#[test]
fn no_bytes_break_the_archive_reader() {
    replay("archive", Some(Format::Zip));
}

#[test]
fn no_parts_break_the_readers_of_packages() {
    replay_with("parts", invariants::read_part);
}

#[test]
fn no_bytes_break_the_choice_of_a_reader() {
    for declared in [None, Some(Format::Text), Some(Format::Markdown), Some(Format::Html)] {
        replay("sniff", declared);
    }
}
