//! Detectors, their files, their packs of rules and their samples agree.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use alnage::detect::{Detectors, REGISTRY};

use crate::corpus::{detectors, files};

/// Fewer would show nothing.
const SAMPLES_MIN: usize = 6;

/// Name up to the first stop, and text, of every file of this ending in a folder.
fn texts_in(folder: &str, ending: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let texts = paths.filter(|path| path.extension().is_some_and(|found| found == ending));
    texts
        .map(|path| {
            let name = path.file_name().unwrap().to_str().expect("names are UTF-8");
            (name.split('.').next().unwrap().to_owned(), fs::read_to_string(&path).unwrap())
        })
        .collect()
}

/// Stem and text of every file that holds a detector's code: helpers lie in folders.
fn detector_files() -> Vec<(String, String)> {
    let mut files = texts_in("src/detect", "rs");
    files.retain(|(stem, _)| stem != "mod");
    files
}

/// Id and text of every file of rules.
fn packs() -> Vec<(String, String)> {
    let mut files = texts_in("policies/rules", "toml");
    files.retain(|(stem, _)| stem != "vocabulary");
    files
}

#[test]
fn every_detector_runs_under_the_name_of_its_file() {
    let code: BTreeSet<String> =
        detector_files().into_iter().map(|(stem, _)| stem.replace('_', "-")).collect();
    let packs: BTreeSet<String> = packs().into_iter().map(|(id, _)| id).collect();
    let run: Vec<String> = detectors();
    let all: BTreeSet<String> = run.iter().cloned().collect();
    assert_eq!(all, code.union(&packs).cloned().collect());
    assert_eq!(all.len(), run.len(), "two detectors share an id");
    let listed: BTreeSet<String> = REGISTRY.iter().map(|entry| entry.meta.id.to_owned()).collect();
    assert_eq!(listed, code.difference(&packs).cloned().collect(), "code alone is in the registry");
}

#[test]
fn every_detector_says_what_it_finds_and_what_it_lets_through() {
    for (stem, source) in detector_files() {
        let id = stem.replace('_', "-");
        assert!(source.starts_with(&format!("//! `{id}`: ")), "{stem} opens with something else");
        for heading in ["//! # Finds\n", "//! # Lets through\n"] {
            assert!(source.contains(heading), "{stem} has no heading {heading:?}");
        }
    }
    for (id, text) in packs() {
        assert!(text.starts_with(&format!("# {id}: ")), "{id} opens with something else");
        let is_part = text.lines().any(|line| line.starts_with("part = "));
        for heading in ["\n# Finds:\n", "\n# Lets through:\n"] {
            assert!(is_part || text.contains(heading), "{id} has no heading {heading:?}");
        }
    }
    for (about, _) in Detectors::shipped().describe() {
        let said = [&about.summary, &about.why, &about.lets_through];
        assert!(said.iter().all(|text| text.len() > 10), "{} says too little", about.id);
        let taxonomy = &about.taxonomy;
        assert!(!taxonomy.owasp.is_empty() && !taxonomy.aisvs.is_empty(), "{}", about.id);
    }
}

#[test]
fn every_detector_has_attacks_and_benign_twins() {
    for id in detectors() {
        for side in ["attack", "benign"] {
            let count = files(&id, side).len();
            assert!(count >= SAMPLES_MIN, "{id} has {count} samples in {side}");
        }
    }
}
