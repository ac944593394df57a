//! A scan for people: what stands in the way of a document, and the counts.

use std::io;

use crate::domain::finding::{Severity, draw_safely};
use crate::domain::policy::Verdict;
use crate::interface::cli::receipts::print_finding;
use crate::interface::cli::screen::Screen;
use crate::pipeline::scan::Found;

use super::Looked;
use super::standing::Standing;

/// Findings shown of one document; the rest is counted.
const FINDINGS_SHOWN: usize = 3;

/// Counts of what was found.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Summary {
    /// Documents by verdict: admit, redact, quarantine, reject.
    verdicts: [usize; Verdict::ALL.len()],
    /// New findings at or above the threshold.
    pub(super) offending: usize,
    baselined: usize,
    ignored: usize,
    /// Paths that could not be listed or read.
    pub(super) left_out: usize,
}

impl Summary {
    /// Counts a document.
    pub(super) fn add(&mut self, looked: &Looked, fail_on: Severity) {
        for (verdict, count) in Verdict::ALL.iter().zip(&mut self.verdicts) {
            *count += usize::from(*verdict == looked.scanned.verdict);
        }
        self.offending += looked.offending(fail_on);
        for standing in &looked.standings {
            match standing {
                Standing::New => {}
                Standing::Baselined => self.baselined += 1,
                Standing::Ignored(_) => self.ignored += 1,
            }
        }
    }

    /// The summary table.
    pub(super) fn print(&self, fail_on: Severity, screen: &mut Screen) -> io::Result<()> {
        let row = |name: &str, count: usize, what: &str| {
            vec![name.to_owned(), count.to_string(), what.to_owned()]
        };
        let said = [
            "would be indexed",
            "would be indexed without the offending text",
            "would be held",
            "would not be kept",
        ];
        let named = Verdict::ALL.iter().zip(self.verdicts).zip(said);
        let mut rows: Vec<Vec<String>> =
            named.map(|((verdict, count), said)| row(verdict.name(), count, said)).collect();
        let least = format!("{} or worse, new", fail_on.name());
        rows.push(row("findings", self.offending, &least));
        let rest = [
            ("baselined", self.baselined, "findings that the baseline has"),
            ("ignored", self.ignored, "findings that are ignored"),
            ("left out", self.left_out, "could not be listed or read"),
        ];
        rows.extend(
            rest.into_iter().filter(|(_, count, _)| *count > 0).map(|(n, c, w)| row(n, c, w)),
        );
        screen.line("")?;
        screen.table(&["", "", ""], rows)
    }
}

/// A document that would not be indexed whole, or that fails the scan, with its worst new findings.
pub(super) fn print(looked: &Looked, fail_on: Severity, screen: &mut Screen) -> io::Result<()> {
    let scanned = &looked.scanned;
    let mut new: Vec<&Found> = looked
        .findings()
        .filter(|(_, standing)| **standing == Standing::New)
        .map(|(found, _)| found)
        .filter(|found| found.finding.severity >= Severity::Low.min(fail_on))
        .collect();
    let is_quiet = scanned.verdict == Verdict::Admit && looked.offending(fail_on) == 0;
    if is_quiet || new.is_empty() {
        return Ok(());
    }
    let path = draw_safely(&looked.target.path);
    let (verdict, score) = (scanned.verdict.name(), scanned.score());
    screen.line(format!("\n{verdict}  {path}  [score {score:.2}]"))?;
    new.sort_by(|one, two| two.finding.score().total_cmp(&one.finding.score()));
    for found in new.iter().take(FINDINGS_SHOWN) {
        print_finding(screen, &found.finding, &found.words())?;
    }
    let more = new.len().saturating_sub(FINDINGS_SHOWN);
    if more > 0 {
        screen.line(format!("    and {more} more"))?;
    }
    Ok(())
}
