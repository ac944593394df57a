//! What a policy does to the owner's own documents, and a milder one under which fewer of them are held.
//!
//! Whoever writes the documents chooses what is proposed: on documents of strangers this makes the hole
//! that they want. So nothing is ever proposed for what is critical, for what a person does not see, for
//! secrets, or for a detector that failed; and what is proposed is a text that somebody reads.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::finding::{Finding, Severity};
use crate::domain::limits::CALIBRATION_EXAMPLES_MAX;
use crate::domain::policy::{Policy, Verdict};
use crate::domain::source::TrustTier;

use super::scan::{Found, Scanned};

/// The model's rule.
pub const MODEL: &str = "injected-instruction";

/// From which severity and confidence on a finding of the model counts, worst first, in words.
pub const MARKS: [(&str, Severity, u8); 7] = [
    ("certain, far above the mark", Severity::High, 93),
    ("certain", Severity::High, 85),
    ("above the threshold, upper third", Severity::High, 73),
    ("above the threshold, upper two thirds", Severity::High, 62),
    ("the shipped threshold", Severity::High, 0),
    ("grey zone, upper half", Severity::Low, 50),
    ("grey zone", Severity::Low, 0),
];

/// What was found in one document, as far as it decides.
#[derive(Debug, Clone)]
struct Looked {
    verdict: Verdict,
    hits: Vec<Hit>,
}

#[derive(Debug, Clone)]
struct Hit {
    rule: String,
    severity: Severity,
    confidence: u8,
    verdict: Verdict,
    /// A milder verdict may be proposed for its like.
    is_open: bool,
    /// It can be cut out.
    has_place: bool,
}

impl Hit {
    fn of(finding: &Finding, policy: &Policy, tier: TrustTier) -> Self {
        Self {
            rule: finding.rule.to_string(),
            severity: finding.severity,
            confidence: finding.confidence.value(),
            verdict: policy.verdict(finding, tier),
            is_open: Policy::may_be_calibrated(finding),
            has_place: !finding.spans.is_empty() || finding.sensitive.is_some(),
        }
    }

    /// Whether it holds its document when these rules are as mild as this.
    fn holds(&self, milder: &BTreeMap<String, Verdict>) -> bool {
        let own = milder.get(&self.rule).filter(|_| self.is_open);
        let verdict = own.map_or(self.verdict, |own| self.verdict.min(*own));
        verdict >= Verdict::Quarantine || (verdict == Verdict::Redact && !self.has_place)
    }
}

impl Looked {
    fn is_held(&self, milder: &BTreeMap<String, Verdict>) -> bool {
        let holds = |hit: &Hit| hit.holds(milder);
        // Held for what stands in no finding: nothing that is proposed changes that.
        let is_unexplained = || {
            self.verdict >= Verdict::Quarantine
                && !self.hits.iter().any(|hit| hit.holds(&BTreeMap::new()))
        };
        self.hits.iter().any(holds) || is_unexplained()
    }
}

/// One of the worst findings.
#[derive(Debug, Clone)]
pub struct WorstFinding {
    /// Path of its document. Hostile; draw it safely.
    pub path: String,
    /// The finding and where it stands.
    pub found: Found,
}

/// What rules do to documents.
#[derive(Debug, Clone, Default)]
pub struct RuleCount {
    /// Documents by the worst severity that the rule has in them.
    pub documents: BTreeMap<Severity, usize>,
    /// Documents that it would hold.
    pub holds: usize,
}

/// A rule whose verdict is to be milder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Which.
    pub rule: String,
    /// What it calls for from now on.
    pub verdict: Verdict,
    /// Documents that it held.
    pub documents: usize,
}

/// What is proposed.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// In the order of the rules' ids; nothing where few enough are held.
    pub steps: Vec<Step>,
    /// Documents that would still be held.
    pub held: usize,
}

/// Counts over documents.
#[derive(Debug)]
pub struct Calibration<'p> {
    policy: &'p Policy,
    tier: TrustTier,
    looked: Vec<Looked>,
    /// Files that could not be read, which are held or rejected whatever is proposed.
    pub unread: usize,
    /// The worst findings that count, one of a document, worst first.
    pub examples: Vec<WorstFinding>,
}

impl<'p> Calibration<'p> {
    /// Nothing was looked at yet.
    pub const fn new(policy: &'p Policy, tier: TrustTier) -> Self {
        Self { policy, tier, looked: Vec::new(), unread: 0, examples: Vec::new() }
    }

    /// Counts a document.
    pub fn add(&mut self, path: &str, scanned: &Scanned) {
        if scanned.format.is_none() {
            self.unread += 1;
            return;
        }
        let findings = scanned.findings.iter().map(|found| &found.finding);
        let hits = findings.map(|finding| Hit::of(finding, self.policy, self.tier)).collect();
        self.looked.push(Looked { verdict: scanned.verdict, hits });
        let counts =
            |found: &&Found| self.policy.verdict(&found.finding, self.tier) > Verdict::Admit;
        let score = |found: &Found| found.finding.score();
        let worst = scanned.findings.iter().filter(counts);
        let Some(worst) = worst.max_by(|one, two| score(one).total_cmp(&score(two))) else {
            return;
        };
        let at = self.examples.partition_point(|known| score(&known.found) >= score(worst));
        if at < CALIBRATION_EXAMPLES_MAX {
            let example = WorstFinding { path: path.to_owned(), found: worst.clone() };
            self.examples.insert(at, example);
            self.examples.truncate(CALIBRATION_EXAMPLES_MAX);
        }
    }

    /// Documents that were read.
    pub fn documents(&self) -> usize {
        self.looked.len()
    }

    /// Documents with this verdict.
    pub fn with_verdict(&self, verdict: Verdict) -> usize {
        self.looked.iter().filter(|one| one.verdict == verdict).count()
    }

    /// Documents that are held or rejected.
    pub fn held(&self) -> usize {
        self.looked.iter().filter(|one| one.verdict >= Verdict::Quarantine).count()
    }

    /// What each rule that found something does.
    pub fn by_rule(&self) -> BTreeMap<&str, RuleCount> {
        let mut rules: BTreeMap<&str, RuleCount> = BTreeMap::new();
        for looked in &self.looked {
            let mut of_document: BTreeMap<&str, (Severity, bool)> = BTreeMap::new();
            for hit in &looked.hits {
                let (worst, holds) = of_document.entry(&hit.rule).or_insert((hit.severity, false));
                *worst = hit.severity.max(*worst);
                *holds |= hit.holds(&BTreeMap::new());
            }
            for (rule, (worst, holds)) in of_document {
                let count = rules.entry(rule).or_default();
                *count.documents.entry(worst).or_default() += 1;
                count.holds += usize::from(holds);
            }
        }
        rules
    }

    /// Documents that the model would hold at each of `MARKS`.
    pub fn at_marks(&self) -> [usize; MARKS.len()] {
        MARKS.map(|(_, severity, confidence)| {
            let reaches = |hit: &Hit| {
                let is_held = hit.severity >= Severity::High;
                let wants_held = severity >= Severity::High;
                let is_above = is_held && !wants_held;
                hit.rule == MODEL
                    && (is_above || (is_held == wants_held && hit.confidence >= confidence))
            };
            self.looked.iter().filter(|one| one.hits.iter().any(reaches)).count()
        })
    }

    /// The mildest steps found under which at most so many documents are held: each time the rule that
    /// holds most of them becomes one verdict milder.
    pub fn propose(&self, held_max: usize) -> Proposal {
        let mut milder: BTreeMap<String, Verdict> = BTreeMap::new();
        let first = self.holding(&milder);
        loop {
            let held = self.looked.iter().filter(|one| one.is_held(&milder)).count();
            let holding = self.holding(&milder);
            let next = holding
                .iter()
                .max_by_key(|(rule, documents)| (**documents, std::cmp::Reverse((*rule).clone())));
            match next {
                Some((rule, _)) if held > held_max => {
                    let softer = match milder.get(rule) {
                        None if self.worst_of(rule) >= Verdict::Reject => Verdict::Quarantine,
                        None | Some(Verdict::Reject | Verdict::Quarantine) => Verdict::Redact,
                        Some(Verdict::Redact | Verdict::Admit) => Verdict::Admit,
                    };
                    milder.insert(rule.clone(), softer);
                }
                Some(_) | None => {
                    let step = |(rule, verdict): (String, Verdict)| Step {
                        documents: first.get(&rule).copied().unwrap_or(0),
                        rule,
                        verdict,
                    };
                    // A reached bound keeps every step; where it is out of reach, they help all the same.
                    return Proposal { steps: milder.into_iter().map(step).collect(), held };
                }
            }
        }
    }

    /// Rules for which a milder verdict may be proposed, and how many documents they hold that nothing
    /// holds for which none may be.
    fn holding(&self, milder: &BTreeMap<String, Verdict>) -> BTreeMap<String, usize> {
        let mut holding: BTreeMap<String, usize> = BTreeMap::new();
        for looked in &self.looked {
            let held: Vec<&Hit> = looked.hits.iter().filter(|hit| hit.holds(milder)).collect();
            let is_open = |hit: &&Hit| {
                hit.is_open && milder.get(&hit.rule).is_none_or(|own| *own > Verdict::Admit)
            };
            if held.iter().all(is_open) {
                let rules: BTreeSet<&str> = held.iter().map(|hit| hit.rule.as_str()).collect();
                for rule in rules {
                    *holding.entry(rule.to_owned()).or_default() += 1;
                }
            }
        }
        holding
    }

    fn worst_of(&self, rule: &str) -> Verdict {
        let hits = self.looked.iter().flat_map(|one| &one.hits);
        let own = hits.filter(|hit| hit.rule == rule && hit.is_open);
        own.map(|hit| hit.verdict).max().unwrap_or(Verdict::Admit)
    }
}
