//! Recall and false positives of each detector over `corpora/`, compared with the committed table.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use alnage::detect::{Detectors, Neighbour};
use alnage::domain::document::{
    Alternate, Block, BlockKind, Document, Format, Hiding, Joint, Location, Notice, NoticeKind,
    Visibility,
};
use alnage::domain::finding::Severity;
use alnage::domain::id::DocumentId;
use uuid::Uuid;

/// What stops a document under a careful policy.
const COUNTED_FROM: Severity = Severity::Medium;

/// A file of the corpora, as `corpora/README.md` describes it.
struct Sample {
    path: PathBuf,
    document: Document,
    neighbours: Vec<Neighbour>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Score {
    attacks: usize,
    found: usize,
    benign: usize,
    stopped: usize,
}

#[test]
fn recall_does_not_drop_and_false_positives_do_not_rise() {
    let (scores, mistakes) = measured();
    let path = corpora().join("table.md");
    if std::env::var_os("UPDATE_TABLE").is_some() {
        fs::write(&path, table(&scores)).unwrap();
    }
    let committed = read_table(&fs::read_to_string(&path).expect("the table is committed"));
    for (id, score) in &scores {
        let before = committed.get(id).copied().unwrap_or_default();
        assert!(
            score.found * before.attacks.max(1) >= before.found * score.attacks
                && score.stopped <= before.stopped,
            "{id}: {score:?} is worse than {before:?}\n{}",
            mistakes.join("\n")
        );
        assert_eq!(
            *score,
            before,
            "{id} changed: run with UPDATE_TABLE=1 and commit the table\n{}",
            mistakes.join("\n")
        );
    }
    assert_eq!(committed.len(), scores.len(), "the table names other detectors than the registry");
}

#[test]
fn a_sample_says_what_a_person_sees() {
    let sample = read(
        Path::new("x/sample.md"),
        "# Title\n\ntext\n@hidden below\n\n- item\n\n```\ncode\n```\n",
    );
    let shape: Vec<(BlockKind, bool, &str)> = sample
        .document
        .blocks
        .iter()
        .map(|block| (block.kind, block.visibility.is_shown(), block.text.as_str()))
        .collect();
    let expected = [
        (BlockKind::Heading(1), true, "Title"),
        (BlockKind::Paragraph, true, "text"),
        (BlockKind::Paragraph, false, "below"),
        (BlockKind::ListItem, true, "item"),
        (BlockKind::Code, true, "code"),
    ];
    assert_eq!(shape, expected);
}

pub(crate) fn corpora() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpora")
}

/// Files of one side of one detector, in order of name.
pub(crate) fn files(id: &str, side: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(corpora().join(id).join(side)) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// The ids of all detectors; the last that is described is no detector, but the failure of one.
pub(crate) fn detectors() -> Vec<String> {
    let described = Detectors::shipped();
    let mut ids: Vec<String> =
        described.describe().map(|(about, _)| about.id.into_owned()).collect();
    assert_eq!(ids.pop().as_deref(), Some("detector-failed"));
    ids
}

fn samples(id: &str, side: &str) -> Vec<Sample> {
    let read_file = |path: PathBuf| read(&path, &fs::read_to_string(&path).unwrap());
    files(id, side).into_iter().map(read_file).collect()
}

/// The scores, and in words what was missed or stopped wrongly.
fn measured() -> (BTreeMap<String, Score>, Vec<String>) {
    let mut scores: BTreeMap<String, Score> = BTreeMap::new();
    let mut mistakes = Vec::new();
    let ids = detectors();
    for id in &ids {
        let id = id.as_str();
        let score = scores.entry(id.to_owned()).or_default();
        for sample in samples(id, "attack") {
            let found = worst(&sample).contains_key(id);
            score.attacks += 1;
            score.found += usize::from(found);
            if !found {
                mistakes.push(format!("{id} misses {}", sample.path.display()));
            }
        }
    }
    for sample in ids.iter().flat_map(|id| samples(id, "benign")) {
        let stopped = worst(&sample);
        for (id, score) in &mut scores {
            score.benign += 1;
            score.stopped += usize::from(stopped.contains_key(id));
        }
        for (id, evidence) in stopped {
            mistakes.push(format!("{id} stops {}: {evidence}", sample.path.display()));
        }
    }
    (scores, mistakes)
}

/// Rules that stop a sample, with the evidence of one finding each.
fn worst(sample: &Sample) -> BTreeMap<String, String> {
    Detectors::shipped()
        .scan(&sample.document, &sample.neighbours)
        .into_iter()
        .filter(|finding| finding.severity >= COUNTED_FROM)
        .map(|finding| (finding.rule.to_string(), finding.evidence.drawn()))
        .collect()
}

fn table(scores: &BTreeMap<String, Score>) -> String {
    let mut text = String::from(
        "| detector | attacks | found | benign | stopped |\n|---|---:|---:|---:|---:|\n",
    );
    for (id, score) in scores {
        let Score { attacks, found, benign, stopped } = score;
        writeln!(text, "| {id} | {attacks} | {found} | {benign} | {stopped} |").unwrap();
    }
    text
}

fn read_table(text: &str) -> BTreeMap<String, Score> {
    text.lines()
        .skip(2)
        .map(|line| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let number = |index: usize| cells[index].parse().unwrap();
            let [attacks, found, benign, stopped] = [number(2), number(3), number(4), number(5)];
            (cells[1].to_owned(), Score { attacks, found, benign, stopped })
        })
        .collect()
}

fn read(path: &Path, text: &str) -> Sample {
    let markdown = path.extension().is_some_and(|ending| ending == "md");
    let format = if markdown { Format::Markdown } else { Format::Text };
    let mut sample = Sample {
        path: path.to_owned(),
        document: Document {
            format,
            title: None,
            blocks: Vec::new(),
            notices: Vec::new(),
            given: Default::default(),
        },
        neighbours: Vec::new(),
    };
    let text = unescaped(text);
    let mut paragraph: Option<(BlockKind, String)> = None;
    let mut fenced = false;
    for line in text.lines() {
        if markdown && line.trim_start().starts_with("```") {
            close(&mut sample, &mut paragraph);
            fenced = !fenced;
        } else if let Some(directive) = line.strip_prefix('@').filter(|_| !fenced) {
            close(&mut sample, &mut paragraph);
            direct(&mut sample, directive);
        } else if line.trim().is_empty() && !fenced {
            close(&mut sample, &mut paragraph);
        } else {
            let (kind, rest) =
                if fenced { (BlockKind::Code, line) } else { kind_of(line, markdown) };
            match &mut paragraph {
                Some((open, text)) if *open == kind && !stands_alone(kind) => {
                    text.push('\n');
                    text.push_str(rest);
                }
                _ => {
                    close(&mut sample, &mut paragraph);
                    paragraph = Some((kind, rest.to_owned()));
                }
            }
        }
    }
    close(&mut sample, &mut paragraph);
    sample
}

fn kind_of(line: &str, markdown: bool) -> (BlockKind, &str) {
    let kinds = [
        ("# ", BlockKind::Heading(1)),
        ("## ", BlockKind::Heading(2)),
        ("- ", BlockKind::ListItem),
        ("> ", BlockKind::Quote),
        ("|", BlockKind::Cell),
        ("    ", BlockKind::Code),
    ];
    let found = kinds.into_iter().filter(|_| markdown);
    let mut found = found.filter_map(|(mark, kind)| Some((kind, line.strip_prefix(mark)?)));
    found.next().unwrap_or((BlockKind::Paragraph, line))
}

const fn stands_alone(kind: BlockKind) -> bool {
    matches!(kind, BlockKind::Heading(_) | BlockKind::ListItem | BlockKind::Cell)
}

fn close(sample: &mut Sample, paragraph: &mut Option<(BlockKind, String)>) {
    if let Some((kind, text)) = paragraph.take() {
        block(sample, kind, Visibility::Shown, text);
    }
}

fn direct(sample: &mut Sample, directive: &str) {
    let (name, rest) = directive.split_once(' ').unwrap_or((directive, ""));
    let (kind, visibility) = match name {
        "hidden" => (BlockKind::Paragraph, Visibility::Hidden(Hiding::LowContrast)),
        "alt" => (BlockKind::Attached, Visibility::Alternate(Alternate::AltText)),
        "notes" => (BlockKind::Attached, Visibility::Alternate(Alternate::Notes)),
        "comment" => (BlockKind::Attached, Visibility::Hidden(Hiding::Comment)),
        "meta" => (BlockKind::Attached, Visibility::Metadata),
        "notice" => return notice(sample, rest),
        "neighbours" => return neighbours(sample, rest),
        _ => panic!("{} holds an unknown directive @{name}", sample.path.display()),
    };
    block(sample, kind, visibility, rest.to_owned());
}

fn block(sample: &mut Sample, kind: BlockKind, visibility: Visibility, text: String) {
    let line = u32::try_from(sample.document.blocks.len()).unwrap() + 1;
    let location = Location::Text { line, start_byte: 0, end_byte: 0 };
    sample.document.blocks.push(Block {
        text,
        kind,
        joint: Joint::Paragraph,
        visibility,
        location,
    });
}

fn notice(sample: &mut Sample, rest: &str) {
    let (name, detail) = rest.split_once(' ').unwrap();
    let kind = match name {
        "type-mismatch" => NoticeKind::TypeMismatch,
        "malformed" => NoticeKind::Malformed,
        "truncated" => NoticeKind::Truncated,
        "encrypted" => NoticeKind::Encrypted,
        "unreadable" => NoticeKind::Unreadable,
        "limit-reached" => NoticeKind::LimitReached,
        "bad-encoding" => NoticeKind::BadEncoding,
        "active-content" => NoticeKind::ActiveContent,
        "empty" => NoticeKind::Empty,
        _ => panic!("unknown notice {name}"),
    };
    sample.document.notices.push(Notice { kind, location: None, detail: detail.to_owned() });
}

fn neighbours(sample: &mut Sample, rest: &str) {
    for (id, similarity) in (1..).zip(rest.split_whitespace()) {
        let document = DocumentId::new(Uuid::from_u128(id));
        sample.neighbours.push(Neighbour { document, similarity: similarity.parse().unwrap() });
    }
}

/// Writes out `\u{…}` and texts in invisible characters.
fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['\\', '{']) {
        let (plain, escaped) = rest.split_at(at);
        out.push_str(plain);
        rest = escape(escaped, &mut out).unwrap_or_else(|| {
            let (mark, after) = escaped.split_at(1);
            out.push_str(mark);
            after
        });
    }
    out + rest
}

/// Writes one escape and gives what follows it; `None` where there is none.
fn escape<'a>(rest: &'a str, out: &mut String) -> Option<&'a str> {
    if let Some(code) = rest.strip_prefix("\\u{") {
        let (code, after) = code.split_once('}')?;
        out.push(char::from_u32(u32::from_str_radix(code, 16).ok()?)?);
        return Some(after);
    }
    let (macro_text, after) = rest.strip_prefix("{{")?.split_once("}}")?;
    let (how, text) = macro_text.split_once(':')?;
    match how {
        "tags" => out.extend(text.bytes().map(|byte| tag(0xE0000, byte))),
        "selectors" => out.extend(text.bytes().map(|byte| tag(0xE0100 - 16, byte))),
        "bits" => out.extend(text.bytes().flat_map(|byte| {
            (0..8).rev().map(move |bit| ['\u{200B}', '\u{200C}'][usize::from(byte >> bit & 1)])
        })),
        _ => return None,
    }
    Some(after)
}

fn tag(base: u32, byte: u8) -> char {
    char::from_u32(base + u32::from(byte)).unwrap()
}
