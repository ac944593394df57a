//! Recall of every family of attacks in twelve languages under every obfuscation, and what is held of
//! their honest twins, compared with the committed table.
//!
//! `corpora/matrix/README.md` says what the sets are for. Nothing here prints a line of a sealed one.

mod carriers;
mod measured;
mod obfuscation;
mod table;

use std::fs;

use alnage::config::policy;
use alnage::detect::Detectors;
use alnage::domain::digest::Digest;
use alnage::domain::document::{Block, BlockKind, Document, Format, Joint, Location, Visibility};
use alnage::domain::policy::{Policy, Verdict};
use alnage::domain::source::TrustTier;
use alnage::domain::verdict::judge;

use crate::corpus::{corpora, detectors};
use measured::{Cell, Half, Wording, measured, read};
use obfuscation::ALL;
use table::SETS;

/// The sets as they were written, before the rules and the model that they measure.
const HALVES: [(&str, &str); SETS] = [
    ("open.jsonl", "6da825ab5f256f4bf279217c77ff90d9ffb218b01f341516e2c6aedf6dadb4a6"),
    ("sealed.jsonl", "8614d4223ec63713f941875330650736e8cd895312fe8e29819934729eb6506a"),
    ("sealed-2.jsonl", "fdf8726c40f558b983a1060b52ad1a53881a4cba7b6ac9d00c8d7827c4e377e1"),
];

#[test]
fn no_family_language_or_obfuscation_is_held_worse_than_before() {
    let policy = default_profile();
    let halves = HALVES.map(|(name, _)| half(name, &policy));
    let path = corpora().join("matrix/matrix.md");
    let now = table::written(&halves);
    if std::env::var_os("UPDATE_TABLE").is_some() {
        fs::write(&path, &now).unwrap();
    }
    let committed = fs::read_to_string(&path).expect("the table is committed");
    let before = table::read(&committed);
    let mut worse = Vec::new();
    for (at, (side, before)) in table::sides(&halves).into_iter().zip(&before).enumerate() {
        let attacks = at < SETS;
        for (cell, count) in side {
            let known = before.get(cell).copied().unwrap_or_default();
            let lost = count.held < known.held;
            if (attacks && lost) || (!attacks && count.held > known.held) {
                worse.push(format!("{cell:?}: {count:?}, was {known:?}"));
            }
        }
    }
    assert!(worse.is_empty(), "worse than the committed table:\n{}", worse.join("\n"));
    assert_eq!(now, committed, "changed: run with UPDATE_TABLE=1 and commit the table");
}

#[test]
fn at_most_one_honest_twin_in_a_hundred_of_the_open_half_is_held_as_written() {
    at_most_one_in_a_hundred(&[SETS], |cell| ALL[cell.2].name == "as written");
}

#[test]
#[ignore = "the target is missed: 1.1 % of the open twins are held over all ways of writing"]
fn at_most_one_honest_twin_in_a_hundred_of_the_open_half_is_held() {
    at_most_one_in_a_hundred(&[SETS], |_| true);
}

#[test]
#[ignore = "the target is missed: 1.2 and 2.3 % of the sealed twins are held, and no rule may be mended after them"]
fn at_most_one_honest_twin_in_a_hundred_of_the_sealed_halves_is_held() {
    at_most_one_in_a_hundred(&[SETS + 1, SETS + 2], |_| true);
}

fn at_most_one_in_a_hundred(sides: &[usize], of: impl Fn(&Cell) -> bool + Copy) {
    let committed = fs::read_to_string(corpora().join("matrix/matrix.md")).unwrap();
    let read = table::read(&committed);
    for side in sides {
        let count = table::sum(&read[*side], of);
        assert!(count.all > 0 && count.held * 100 <= count.all, "{count:?}");
    }
}

#[test]
fn all_sets_are_as_they_were_written() {
    for (name, digest) in HALVES {
        let bytes = fs::read(corpora().join("matrix").join(name)).unwrap();
        assert_eq!(Digest::of(&bytes).to_string(), digest, "{name} is not to be edited");
    }
}

fn half(name: &str, policy: &Policy) -> Half {
    let wordings = read(&fs::read_to_string(corpora().join("matrix").join(name)).unwrap());
    let detectors = Detectors::shipped();
    // What was missed or held wrongly may be looked at in the open set alone.
    let looked_at = name == "open.jsonl" && std::env::var_os("MATRIX_MISTAKES").is_some();
    measured(&wordings, |scanned| {
        let findings = detectors.scan(&document(&scanned.text), &[]);
        let held = judge(&findings, policy, TrustTier::External) != Verdict::Admit;
        if looked_at && held != scanned.attack {
            let Wording { family, lang, .. } = scanned.wording;
            println!("{lang} {family}, {}: {}", ALL[scanned.way].name, scanned.text);
        }
        held
    })
}

fn default_profile() -> Policy {
    let (_, text) = policy::SHIPPED[0];
    let mut rules = detectors();
    rules.extend(["detector-failed".to_owned(), "document-unsupported".to_owned()]);
    let rules: Vec<&str> = rules.iter().map(String::as_str).collect();
    policy::parse("default.toml", text, &rules).unwrap()
}

fn document(text: &str) -> Document {
    let location = Location::Text { line: 1, start_byte: 0, end_byte: 0 };
    Document {
        format: Format::Text,
        title: None,
        blocks: vec![Block {
            text: text.to_owned(),
            kind: BlockKind::Paragraph,
            joint: Joint::Paragraph,
            visibility: Visibility::Shown,
            location,
        }],
        notices: Vec::new(),
        given: Default::default(),
    }
}
