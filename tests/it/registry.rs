//! The list of detectors, their files and their samples agree.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use alnage::detect::{REGISTRY, describe};

use crate::corpus::files;

/// Fewer would show nothing.
const SAMPLES_MIN: usize = 6;

/// Stem and text of every file that holds a detector: helpers live in folders.
fn detector_files() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/detect");
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let sources = paths.filter(|path| path.extension().is_some_and(|ending| ending == "rs"));
    sources
        .map(|path| {
            let stem = path.file_stem().unwrap().to_str().expect("names are UTF-8").to_owned();
            (stem, fs::read_to_string(&path).unwrap())
        })
        .filter(|(stem, _)| stem != "mod")
        .collect()
}

#[test]
fn every_detector_file_is_in_the_registry_under_its_own_name() {
    let files: BTreeSet<String> =
        detector_files().into_iter().map(|(stem, _)| stem.replace('_', "-")).collect();
    let listed: BTreeSet<String> = REGISTRY.iter().map(|entry| entry.meta.id.to_owned()).collect();
    assert_eq!(files, listed);
    assert_eq!(listed.len(), REGISTRY.len(), "two detectors share an id");
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
    for meta in describe() {
        let said = [meta.summary, meta.why, meta.lets_through];
        assert!(said.iter().all(|text| text.len() > 10), "{} says too little", meta.id);
        assert!(!meta.owasp.is_empty() && !meta.aisvs.is_empty(), "{} has no taxonomy", meta.id);
    }
}

#[test]
fn every_detector_has_attacks_and_benign_twins() {
    for entry in REGISTRY {
        for side in ["attack", "benign"] {
            let count = files(entry.meta.id, side).len();
            assert!(count >= SAMPLES_MIN, "{} has {count} samples in {side}", entry.meta.id);
        }
    }
}
