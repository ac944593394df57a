//! How well labelled texts are told apart: each is scored as a scan would, and the scores of each set
//! become recall at fixed false-positive rates, the rate at the shipped threshold, and the worst mistakes.

mod leave_one_out;
mod measures;

use std::sync::Arc;

pub use crate::detect::Without;
pub use crate::detect::model::Concepts;
pub use crate::detect::model::train::{Form, LexiconError, Row, RowError, lexicon, rows, train};
pub use leave_one_out::{Fold, Sets, leave_one_out};
pub use measures::{FIXED_RATES, Mistake, SetMeasures, measure};

use super::guard::Detection;
use super::lines::on_all_cores;
use super::scan::{Scanner, weight};
use crate::detect::Detectors;
use crate::detect::model::Weights;
pub use crate::detect::model::WeightsError;
use crate::domain::policy::{Policy, Verdict};
use crate::domain::source::TrustTier;

/// A labelled text and what was said of it.
#[derive(Debug, Clone)]
pub struct Scored {
    /// File stem of its set.
    pub set: String,
    /// Its id in the set.
    pub id: String,
    /// Whether it is an attack.
    pub injection: bool,
    /// From 0 to 1, as `scan` prints it.
    pub score: f64,
    /// Whether the score is that of something that is held, and the verdict not admission. A text that is
    /// only redacted counts as let through: its offending part alone is lost.
    pub stopped: bool,
    /// The rule of the worst finding.
    pub rule: Option<String>,
}

/// Scores rows on all cores.
pub fn score(scanner: &Scanner, rows: &[Row]) -> Vec<Scored> {
    on_all_cores(rows, |row| {
        let scanned = scanner.scan_text(&row.id, &row.text);
        let steers = scanned.findings.iter().map(|found| &found.finding);
        let steers = steers.filter(|finding| finding.sensitive.is_none());
        let worst = steers.max_by(|one, two| weight(one).total_cmp(&weight(two)));
        let score = scanned.score();
        Scored {
            set: row.set.clone(),
            id: row.id.clone(),
            injection: row.injection,
            score,
            stopped: score >= HELD_SCORE && scanned.verdict != Verdict::Admit,
            rule: worst.map(|finding| finding.rule.to_string()),
        }
    })
}

/// A scanner for labelled texts: the shipped detectors, or those without a part.
pub fn scanner(policy: Arc<Policy>, tier: TrustTier, without: Option<Without>) -> Scanner {
    let shipped = Detectors::shipped();
    let detectors = without.map_or_else(|| shipped.clone(), |part| shipped.without(part));
    Scanner::of_texts(policy, detectors, tier)
}

/// The concepts of the shipped model; `None` where that cannot be read.
pub fn shipped_concepts() -> Option<Concepts> {
    Weights::from_bytes(Weights::SHIPPED).ok().map(|weights| weights.concepts().clone())
}

/// The same scanner with another model.
pub fn with_model(scanner: &Scanner, bytes: &[u8]) -> Result<Scanner, WeightsError> {
    let model = Weights::from_bytes(bytes)?;
    let detection = match &scanner.detection {
        Detection::On(detectors) => Detection::On(detectors.with_model(model)),
        Detection::OffForMeasurement => Detection::OffForMeasurement,
    };
    Ok(Scanner { detection, ..scanner.clone() })
}

/// Scores from here on say `high` or worse: what the default profile holds.
pub const HELD_SCORE: f64 = 0.6;
