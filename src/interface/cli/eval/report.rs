//! What was measured, for people and for programs.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{as_float, percent};
use crate::domain::finding::draw_safely;
use crate::interface::cli::error::CliError;
use crate::interface::cli::screen::Screen;
use crate::pipeline::evaluation::{FIXED_RATES, HELD_SCORE, Mistake, Scored, SetMeasures, measure};

/// Bytes of a chunk of 512 tokens, about.
const CHUNK_BYTES: f64 = 2_048.0;
/// Mistakes of each set that are printed; the JSON has more.
const MISTAKES_PRINTED: usize = 3;

/// What was measured.
#[derive(Debug)]
pub(super) struct Report {
    sets: Vec<SetMeasures>,
    texts: usize,
    bytes: usize,
    /// On all cores together.
    seconds: f64,
}

impl Report {
    pub(super) fn of(scored: &[Scored], seconds: f64, bytes: usize) -> Self {
        let names: BTreeSet<&str> = scored.iter().map(|one| one.set.as_str()).collect();
        let honest = scored.iter().filter(|one| !one.injection);
        let mut negatives: Vec<f64> = honest.map(|one| one.score).collect();
        negatives.sort_by(|one, two| two.total_cmp(one));
        let sets = names.into_iter().map(|set| measure(set, scored, &negatives)).collect();
        Self { sets, texts: scored.len(), bytes, seconds }
    }

    pub(super) fn print(&self, screen: &mut Screen) -> Result<(), CliError> {
        let rows = self.sets.iter().map(|set| {
            let [low, one, five] = set.recall.map(percent);
            let rate =
                |part: usize, of: usize| percent((of > 0).then(|| as_float(part) / as_float(of)));
            vec![
                draw_safely(&set.set),
                set.attacks.to_string(),
                set.honest.to_string(),
                low,
                one,
                five,
                format!("{} ({})", set.found, rate(set.found, set.attacks)),
                format!("{} ({})", set.stopped, rate(set.stopped, set.honest)),
            ]
        });
        let head = [
            "set",
            "attacks",
            "honest",
            "at 0.1 % FP",
            "at 1 % FP",
            "at 5 % FP",
            "found",
            "false alarms",
        ];
        screen.table(&head, rows.collect())?;
        let per_byte = self.seconds / as_float(self.bytes.max(1));
        screen.line(format!(
            "{} texts, {:.1} MB: {:.0} µs for 512 tokens (2 KB), {:.1} MB/s a core",
            self.texts,
            as_float(self.bytes) / 1e6,
            per_byte * CHUNK_BYTES * 1e6,
            1e-6 / per_byte,
        ))?;
        for set in &self.sets {
            for (what, mistakes) in [("missed", &set.missed), ("false alarm", &set.alarms)] {
                for mistake in mistakes.iter().take(MISTAKES_PRINTED) {
                    let rule = mistake.rule.as_deref().unwrap_or("nothing found");
                    let (set, id) = (draw_safely(&set.set), draw_safely(&mistake.id));
                    screen.line(format!("{what}: {set} {id}: {:.3}, {rule}", mistake.score))?;
                }
            }
        }
        Ok(())
    }

    pub(super) fn json(&self) -> Value {
        let sets = self.sets.iter().map(|set| {
            json!({
                "set": set.set,
                "attacks": set.attacks,
                "honest": set.honest,
                "recall": FIXED_RATES.iter().zip(set.recall)
                    .map(|(rate, recall)| json!({"false_positive_rate": rate, "recall": recall}))
                    .collect::<Vec<Value>>(),
                "confusion": {
                    "true_positives": set.found,
                    "false_negatives": set.attacks - set.found,
                    "false_positives": set.stopped,
                    "true_negatives": set.honest - set.stopped,
                },
                "missed": mistakes(&set.missed),
                "false_alarms": mistakes(&set.alarms),
            })
        });
        json!({
            "threshold": HELD_SCORE,
            "sets": sets.collect::<Vec<Value>>(),
            "texts": self.texts,
            "bytes": self.bytes,
            "core_seconds": self.seconds,
        })
    }
}

fn mistakes(mistakes: &[Mistake]) -> Value {
    let of =
        |mistake: &Mistake| json!({"id": mistake.id, "score": mistake.score, "rule": mistake.rule});
    Value::Array(mistakes.iter().map(of).collect())
}
