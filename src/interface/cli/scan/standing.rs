//! Which findings are new, which are known from a baseline, and which somebody chose to ignore.
//!
//! The ignore file is that of the present folder or the one that the command line names, never one inside
//! a scanned folder: whoever writes the documents would excuse them. Whoever scans a stranger's checkout
//! from within names a file of his own, or none.

use std::collections::BTreeMap;
use std::path::Path;

use crate::adapters::system::SystemClock;
use crate::config::ignores::{self, Day, Ignore};
use crate::domain::digest::Digest;
use crate::interface::cli::args::ScanArguments;
use crate::interface::cli::error::CliError;
use crate::interface::cli::workspace::{read_text, shown};
use crate::pipeline::ports::Clock as _;
use crate::pipeline::rules::{self, Detectors};
use crate::pipeline::scan::Scanned;

use super::baseline::Baseline;
use super::targets::Target;

/// Where a finding stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Standing {
    /// Nobody has said anything of it.
    New,
    /// The baseline has it.
    Baselined,
    /// It is ignored, for this reason.
    Ignored(String),
}

/// What is known beforehand.
#[derive(Debug)]
pub(super) struct KnownBefore {
    ignores: Vec<Ignore>,
    /// Ignores that no longer count, in words.
    pub(super) expired: Vec<String>,
    /// `None` when the command line names none.
    pub(super) baseline: Option<Baseline>,
}

impl KnownBefore {
    /// Reads what the command line names. Any mistake stops the scan: a misread ignore hides too much.
    pub(super) fn read(arguments: &ScanArguments, detectors: &Detectors) -> Result<Self, CliError> {
        let baseline = arguments.baseline.as_deref().map(Baseline::read).transpose()?;
        let today = Day::of(SystemClock.now());
        let default = Path::new(ignores::FILE);
        let file = match &arguments.ignore {
            Some(file) => Some(file.as_path()),
            None => (!arguments.no_ignore && default.symlink_metadata().is_ok()).then_some(default),
        };
        let Some(file) = file else {
            return Ok(Self { ignores: Vec::new(), expired: Vec::new(), baseline });
        };
        let ids = rules::ids(detectors);
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let all = ignores::parse(&shown(file), &read_text(file)?, &ids, today)?;
        let (ignores, old): (Vec<Ignore>, _) =
            all.into_iter().partition(|one| one.is_in_force(today));
        let told = |one: Ignore| {
            let (file, line, day) = (shown(file), one.line, one.expires);
            format!("{file}:{line}: the ignore ended on {day} and no longer counts")
        };
        Ok(Self { ignores, expired: old.into_iter().map(told).collect(), baseline })
    }

    /// The standing of each finding, in order.
    pub(super) fn standings(&self, target: &Target, scanned: &Scanned) -> Vec<Standing> {
        let mut seen: BTreeMap<Digest, u32> = BTreeMap::new();
        let standing = |found: &crate::pipeline::scan::Found| {
            let rule = found.finding.rule.as_ref();
            if let Some(ignore) = self.ignores.iter().find(|one| one.covers(rule, &target.path)) {
                return Standing::Ignored(ignore.reason.clone());
            }
            let fingerprint = found.fingerprint(&target.reference);
            let count = seen.entry(fingerprint).or_default();
            *count += 1;
            let known = self.baseline.as_ref().map_or(0, |known| known.count(&fingerprint));
            // Where the list was cut, a new finding may have fallen off its end.
            if *count <= known && !found.is_cut { Standing::Baselined } else { Standing::New }
        };
        scanned.findings.iter().map(standing).collect()
    }
}
