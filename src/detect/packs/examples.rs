//! Every rule finds what it says it finds, and its pack passes what it says it passes.

use super::assemble::mistake;
use super::set::{Detector, Set};
use crate::detect::engine::{Rule, Sample, Scope, Subject, shown_text};
use crate::domain::document::{Document, Hiding, Visibility};
use crate::domain::finding::draw_safely;
use crate::domain::toml_file::Mistake;

/// Characters of a text that are told.
const SHOWN_CHARS: usize = 60;

/// Tries the examples of a detector's rules.
pub(super) fn mistakes(set: &Set, detector: &Detector) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    for rule in &detector.rules {
        for sample in &rule.finds {
            if !hits(set, rule, sample) {
                let message = format!("rule `{}` does not find {}", rule.name, shown(sample));
                let help = "change `pattern`, `except` or `where`, or give `when` and `with` a word \
                            that stands in it";
                mistakes.push(mistake(&rule.file, sample.line, message, help));
            }
        }
        for sample in &rule.passes {
            let document = placed(&sample.text, rule.scope);
            let subject = Subject::new(&document, &[], set.engine(), None);
            let found = set.run(detector, &subject);
            if let Some(finding) = found.first() {
                let message = format!(
                    "rule `{}` passes {}, but the pack finds in it: {}",
                    rule.name,
                    shown(sample),
                    finding.note
                );
                let help = "narrow the pattern that finds it, or give it an `except`";
                mistakes.push(mistake(&rule.file, sample.line, message, help));
            }
        }
    }
    mistakes
}

fn hits(set: &Set, rule: &Rule, sample: &Sample) -> bool {
    let document = placed(&sample.text, rule.scope);
    let subject = Subject::new(&document, &[], set.engine(), None);
    let is_own = |hit: &Rule| hit.detector == rule.detector && hit.name == rule.name;
    subject.folded().any(|(view, _)| view.hits.iter().any(|hit| is_own(&hit.rule)))
}

/// A text where the rule looks.
fn placed(text: &str, scope: Scope) -> Document {
    let mut document = shown_text(text);
    if scope != Scope::Everywhere
        && let Some(block) = document.blocks.first_mut()
    {
        block.visibility = Visibility::Hidden(Hiding::LowContrast);
    }
    document
}

fn shown(sample: &Sample) -> String {
    let drawn = draw_safely(&sample.text);
    match drawn.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => format!("`{}…`", drawn.get(..end).unwrap_or_default()),
        None => format!("`{drawn}`"),
    }
}
