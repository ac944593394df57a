//! What a calibration found, for people and for programs.

use serde_json::{Value, json};

use crate::domain::finding::{Severity, draw_safely};
use crate::domain::policy::Verdict;
use crate::interface::cli::args::Format;
use crate::interface::cli::error::CliError;
use crate::interface::cli::receipts::print_finding;
use crate::interface::cli::screen::Screen;
use crate::interface::scanned::FindingJson;
use crate::pipeline::calibrate::{Calibration, MARKS, MODEL, Proposal, Step};

/// Said first, to people and to programs.
const WARNING: &str = "Whoever writes these documents chooses what is proposed: calibrate on documents \
                       that you trust, and read the profile before you use it.";

/// Everything that is told.
#[derive(Debug)]
pub(super) struct Report<'r> {
    pub(super) calibration: &'r Calibration<'r>,
    pub(super) proposal: &'r Proposal,
    /// Documents that the proposed profile holds, scanned again.
    pub(super) still: usize,
    /// How many it may hold.
    pub(super) held_max: usize,
    /// The profile.
    pub(super) text: &'r str,
}

impl Report<'_> {
    pub(super) fn print(&self, format: Format, screen: &mut Screen) -> Result<(), CliError> {
        match format {
            Format::Json => Ok(screen.json(&self.json())?),
            Format::Text => self.text(screen),
        }
    }

    fn json(&self) -> Value {
        let calibration = self.calibration;
        let verdicts =
            Verdict::ALL.map(|one| (one.name().to_owned(), calibration.with_verdict(one).into()));
        let rules = calibration.by_rule().into_iter().map(|(rule, count)| {
            let severities = count.documents.iter();
            let severities: serde_json::Map<String, Value> = severities
                .map(|(severity, documents)| (severity.name().to_owned(), (*documents).into()))
                .collect();
            json!({ "rule": rule, "documents": severities, "holds": count.holds })
        });
        let marks = MARKS.iter().zip(calibration.at_marks());
        let marks =
            marks.map(|((mark, ..), documents)| json!({ "mark": mark, "documents": documents }));
        let examples = calibration.examples.iter().map(|example| {
            json!({
                "path": draw_safely(&example.path),
                "finding": FindingJson::of(&example.found),
            })
        });
        let steps = self.proposal.steps.iter().map(|step| {
            json!({ "rule": step.rule, "verdict": step.verdict, "documents": step.documents })
        });
        json!({
            "warning": WARNING,
            "documents": calibration.documents(),
            "unread": calibration.unread,
            "verdicts": serde_json::Map::from_iter(verdicts),
            "rules": rules.collect::<Vec<_>>(),
            "model": marks.collect::<Vec<_>>(),
            "examples": examples.collect::<Vec<_>>(),
            "proposal": {
                "steps": steps.collect::<Vec<_>>(),
                "held": self.still,
                "held_max": self.held_max,
                "is_reached": self.still <= self.held_max,
                "profile": self.text,
            },
        })
    }

    fn text(&self, screen: &mut Screen) -> Result<(), CliError> {
        screen.wrapped("", WARNING)?;
        let (calibration, documents) = (self.calibration, self.calibration.documents());
        screen
            .line(format!("\n{documents} documents were read, {} were not", calibration.unread))?;
        let verdict =
            |verdict: &Verdict| row(verdict.name(), calibration.with_verdict(*verdict), documents);
        screen.table(
            &["the present profile", "documents", ""],
            Verdict::ALL.iter().map(verdict).collect(),
        )?;
        screen.line("")?;
        self.rules(screen)?;
        screen.line("")?;
        let marks = MARKS.iter().zip(calibration.at_marks());
        let marks = marks.map(|((mark, ..), count)| row(mark, count, documents)).collect();
        screen.table(&[&format!("{MODEL} from here on would hold"), "documents", ""], marks)?;
        if !calibration.examples.is_empty() {
            screen.line("\nThe worst that counts, one of a document:")?;
        }
        for example in &calibration.examples {
            screen.line(format!("\n{}", draw_safely(&example.path)))?;
            print_finding(screen, &example.found.finding, &example.found.words())?;
        }
        self.proposal(screen)
    }

    fn rules(&self, screen: &mut Screen) -> Result<(), CliError> {
        let rules = self.calibration.by_rule().into_iter().map(|(rule, count)| {
            let of = |severity: Severity| {
                count.documents.get(&severity).map_or_else(String::new, ToString::to_string)
            };
            let counts = Severity::ALL.iter().rev().map(|severity| of(*severity));
            std::iter::once(rule.to_owned())
                .chain(counts)
                .chain([count.holds.to_string()])
                .collect()
        });
        let names = Severity::ALL.iter().rev().map(|severity| severity.name());
        let head: Vec<&str> =
            std::iter::once("documents by rule").chain(names).chain(["holds"]).collect();
        Ok(screen.table(&head, rules.collect())?)
    }

    fn proposal(&self, screen: &mut Screen) -> Result<(), CliError> {
        let (held, still, held_max) = (self.calibration.held(), self.still, self.held_max);
        if self.proposal.steps.is_empty() {
            let why = match held <= held_max {
                true => "few enough are held; the profile stays as it is",
                false => {
                    "no rule may be milder for what holds them; look at the examples, and allow what is harmless"
                }
            };
            return Ok(
                screen.line(format!("\n{held} documents are held, {held_max} may be: {why}"))?
            );
        }
        screen.line(format!("\n{held} documents are held, {held_max} may be. Proposed:"))?;
        let step = |step: &Step| {
            let comment = format!("documents that it held: {}", step.documents);
            vec![step.rule.clone(), step.verdict.name().to_owned(), comment]
        };
        screen.table(&["rule", "calls for", ""], self.proposal.steps.iter().map(step).collect())?;
        let reached =
            if still <= held_max { "" } else { ": more than may be, for reasons that stay" };
        screen.line(format!("Scanned again, {still} are held by it{reached}."))?;
        screen.line("\nThe profile (--write FILE saves it):\n")?;
        Ok(self.text.lines().try_for_each(|line| screen.line(line))?)
    }
}

fn row(name: &str, count: usize, all: usize) -> Vec<String> {
    vec![name.to_owned(), count.to_string(), format!("{:.2} %", percent(count, all))]
}

#[expect(clippy::cast_precision_loss, reason = "documents are counted, not measured")]
fn percent(count: usize, all: usize) -> f64 {
    count as f64 * 100.0 / all.max(1) as f64
}
