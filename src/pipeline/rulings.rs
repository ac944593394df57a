//! What judges said → findings.
//!
//! An injection is a finding of its own. Harmless makes the findings of that passage one step milder, never
//! clears them, and does so only where the judge saw all that the rule saw: words in sight of a person, in plain
//! letters. A judge on a server never makes a finding of severity `high` or worse milder: whoever answers for the
//! server must not be able to let through what rules are that sure of.

use crate::detect;
use crate::domain::document::{Document, Visibility};
use crate::domain::finding::{Confidence, Evidence, Finding, Severity, Taxonomy};
use crate::domain::grey::{GreyZone, Opinion, Probability};
use crate::domain::redact::Removal;

use super::grey;
use super::judges::{Rulings, Said};
use super::rules::Rule;

/// The rule of what a judge takes for an injection.
pub(super) const INJECTION: &str = "judge-injection";

/// In per cent. What the administrator's own threshold convicts is at least as likely as not, however low models
/// put their numbers: with less, profiles would take the verdict a step back.
const CONFIDENCE_MIN: u8 = 50;

/// Which text is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Text {
    /// The one that the judges read from.
    AsRead,
    /// What redaction left of it: only passages that are still the same are known.
    Redacted,
}

impl Rulings {
    /// The findings with everything that was said.
    pub(super) fn applied(
        &self,
        document: &Document,
        findings: Vec<Finding>,
        zone: Option<&GreyZone>,
        text: Text,
    ) -> Vec<Finding> {
        let Some(zone) = zone else { return findings };
        let cut: &[Removal] = if text == Text::AsRead { &self.cut } else { &[] };
        let milder = |finding| self.made_milder(document, finding, zone, cut);
        let mut applied: Vec<Finding> = findings.into_iter().map(milder).collect();
        if text == Text::AsRead {
            let injections = self.said.iter().filter_map(|said| match said.opinion {
                Opinion::Injection(probability) => Some(injection(document, said, probability)),
                Opinion::Harmless | Opinion::Unsure => None,
            });
            applied.extend(injections);
            applied.extend(self.failure.iter().map(|why| detect::failure(why)));
        }
        applied
    }

    fn made_milder(
        &self,
        document: &Document,
        mut finding: Finding,
        zone: &GreyZone,
        cut: &[Removal],
    ) -> Finding {
        if !grey::is_open(&finding, zone) {
            return finding;
        }
        let Some(passage) = grey::passage(document, &finding, cut) else { return finding };
        let same = |said: &&Said| said.passage.text == passage.text;
        let Some(said) = self.said.iter().find(same) else { return finding };
        let may = said.opinion == Opinion::Harmless
            && said.passage.is_plain
            && passage.is_plain
            && !(said.is_remote && finding.severity >= Severity::High);
        if may {
            finding.severity = finding.severity.lowered();
            finding.note.push_str(&format!(", which `{}` takes for harmless", said.judge));
        }
        finding
    }
}

/// What a finding of a judge means, for policies and for people.
pub(super) fn rule() -> Rule {
    Rule {
        id: INJECTION.to_owned(),
        severity: Severity::High,
        summary: "a judge that was asked about a doubtful passage takes it for an injection"
            .to_owned(),
        why: "a text that gives orders without the words that rules know would otherwise pass them"
            .to_owned(),
        lets_through: "what the judge itself does not recognise, and passages that nothing doubted"
            .to_owned(),
        taxonomy: taxonomy(),
        examples: Vec::new(),
    }
}

fn taxonomy() -> Taxonomy {
    Taxonomy {
        owasp: vec!["LLM01".into()],
        atlas: vec!["AML.T0051.001".into()],
        aisvs: vec!["2.1.1".into()],
    }
}

/// Whether a finding is what a judge said.
pub(super) fn is_ruling(finding: &Finding) -> bool {
    finding.rule == INJECTION
}

fn injection(document: &Document, said: &Said, probability: Probability) -> Finding {
    let blocks = said.passage.spans.iter().filter_map(|span| document.block(span.block));
    let unseen = blocks.map(|block| block.visibility).find(|visibility| !visibility.is_shown());
    let visibility = unseen.unwrap_or(Visibility::Shown);
    let severity = if visibility.is_shown() { Severity::High } else { Severity::High.raised() };
    Finding {
        rule: INJECTION.into(),
        severity,
        confidence: Confidence::percent(probability.percent().max(CONFIDENCE_MIN)),
        spans: said.passage.spans.clone(),
        visibility,
        note: format!("`{}` takes it for an injection", said.judge),
        evidence: Evidence::new(&said.passage.text),
        taxonomy: taxonomy(),
        sensitive: None,
        allowed: None,
    }
}

#[cfg(test)]
#[path = "rulings_tests.rs"]
mod tests;
