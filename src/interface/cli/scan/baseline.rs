//! A baseline: fingerprints of what is known, so that a scan fails on what is new.
//!
//! Only fingerprint and count speak; path, rule and severity are there for people who review a change of
//! the file. It holds no document text. A finding that is there more often than the baseline says is new.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::domain::digest::Digest;
use crate::domain::limits::BASELINE_BYTES_MAX;
use crate::interface::cli::error::CliError;

const VERSION: u32 = 1;

/// Known findings, and how often each is there.
#[derive(Debug, Default)]
pub(super) struct Baseline(BTreeMap<Digest, u32>);

/// The file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    version: u32,
    findings: Vec<Known>,
}

/// One known finding. The order of the fields is the order of the file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Known {
    /// The file, as a URI reference.
    pub(super) path: String,
    /// The rule.
    pub(super) rule: String,
    /// How bad.
    pub(super) severity: String,
    /// See `Found::fingerprint`.
    pub(super) fingerprint: Digest,
    /// How often it is there.
    pub(super) count: u32,
}

impl Baseline {
    /// Reads a baseline file.
    pub(super) fn read(path: &Path) -> Result<Self, CliError> {
        let what = || format!("baseline `{}` could not be read", path.display());
        let mut text = String::new();
        let file = File::open(path).map_err(CliError::io(what()))?;
        file.take(BASELINE_BYTES_MAX).read_to_string(&mut text).map_err(CliError::io(what()))?;
        let content: Content = serde_json::from_str(&text)
            .map_err(|error| CliError::Usage(format!("{}: {error}", what())))?;
        if content.version != VERSION {
            let found = content.version;
            let text = format!("{}: it has version {found}, this program knows {VERSION}", what());
            return Err(CliError::Usage(text));
        }
        let mut counts = BTreeMap::new();
        for known in content.findings {
            let count: &mut u32 = counts.entry(known.fingerprint).or_default();
            *count = count.saturating_add(known.count);
        }
        Ok(Self(counts))
    }

    /// How often this finding is known.
    pub(super) fn count(&self, fingerprint: &Digest) -> u32 {
        self.0.get(fingerprint).copied().unwrap_or(0)
    }
}

/// Writes a baseline file, whole or not at all.
pub(super) fn write(path: &Path, found: Vec<Known>) -> Result<(), CliError> {
    let content = Content { version: VERSION, findings: counted(found) };
    let what = format!("baseline `{}` could not be written", path.display());
    let text = serde_json::to_string_pretty(&content)
        .map_err(|error| CliError::Usage(format!("{what}: {error}")))?;
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let written = fs::write(&beside, text + "\n").and_then(|()| fs::rename(&beside, path));
    written.map_err(CliError::io(what))
}

/// Equal ones once, with their number, in one order.
fn counted(mut found: Vec<Known>) -> Vec<Known> {
    found.sort();
    let mut counted: Vec<Known> = Vec::new();
    for known in found {
        match counted.last_mut() {
            Some(last) if last.fingerprint == known.fingerprint => last.count += known.count,
            _ => counted.push(known),
        }
    }
    counted
}
