//! The decision on a revision, and the only door to `Admitted`.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::document::{Document, Visibility};
use super::finding::Finding;
use super::id::RulingId;
use super::policy::{Policy, Verdict};
use super::redact::Removal;
use super::source::TrustTier;

/// On what ground a revision was admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Basis {
    /// The policy said so.
    Policy,
    /// The policy was only observed; the computed verdict may be another.
    Observed,
    /// A person released it.
    Released {
        /// Which decision.
        ruling: RulingId,
    },
    /// It was in the store before the guard was, and was taken over.
    Adopted,
}

impl Basis {
    /// The name used in outputs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::Observed => "observed",
            Self::Released { .. } => "released",
            Self::Adopted => "adopted",
        }
    }
}

/// On whose authority a decision is asked for. `Policy` is the rule, the others need a reason that
/// is recorded as the basis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Warrant {
    /// The policy decides.
    Policy,
    /// The policy is only observed.
    Observe,
    /// A person decided.
    Release(RulingId),
}

/// Which text is judged: the document as it was read, or what redaction left of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// As read.
    AsRead,
    /// After redaction; only freedom from findings that call for more than `admit` passes here.
    Redacted,
}

/// A finding and what it calls for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// The finding's rule.
    pub rule: String,
    /// What it calls for.
    pub verdict: Verdict,
}

/// A revision that may be indexed, and on what basis. Made by `decide` alone.
#[derive(Debug, Clone)]
pub struct Admitted {
    document: Document,
    tier: TrustTier,
    stage: Stage,
    verdict: Verdict,
    basis: Basis,
    policy: Arc<Policy>,
}

impl Admitted {
    /// What is indexed of it lies in these blocks: the text that was scanned last.
    pub const fn document(&self) -> &Document {
        &self.document
    }
    /// The computed verdict, which under another basis than `policy` may be any.
    pub const fn verdict(&self) -> Verdict {
        self.verdict
    }
    /// On what ground.
    pub const fn basis(&self) -> Basis {
        self.basis
    }
    /// Under which policy.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }
    /// Whether its text is what redaction left: then what goes out beside it is masked too.
    pub fn is_redacted(&self) -> bool {
        self.stage == Stage::Redacted
    }
    /// How far its source is trusted.
    pub const fn tier(&self) -> TrustTier {
        self.tier
    }
    /// Whether runs of this visibility are indexed.
    pub fn indexes(&self, visibility: Visibility) -> bool {
        self.policy.indexes(visibility, self.tier)
    }
}

/// What is to be done with a revision.
#[derive(Debug, Clone)]
pub enum Decision {
    /// Index it.
    Admitted(Admitted),
    /// Take these out, and secrets and personal data out of what goes out beside the text; scan what is
    /// left, and decide again.
    Redact(Vec<Removal>),
    /// Hold all of it.
    Held(Vec<Reason>),
    /// Keep nothing but the receipt.
    Rejected(Vec<Reason>),
}

/// The computed verdict of a set of findings: that of the worst.
pub fn judge(findings: &[Finding], policy: &Policy, tier: TrustTier) -> Verdict {
    findings.iter().map(|finding| policy.verdict(finding, tier)).max().unwrap_or(Verdict::Admit)
}

/// Decides on a document with everything that was found in it. Total: every set of findings, policy,
/// tier and warrant has one answer.
pub fn decide(
    document: Document,
    findings: &[Finding],
    policy: &Arc<Policy>,
    tier: TrustTier,
    stage: Stage,
    warrant: Warrant,
) -> Decision {
    let computed = judge(findings, policy, tier);
    let admit = |document, verdict, basis| {
        let policy = Arc::clone(policy);
        Decision::Admitted(Admitted { document, tier, stage, verdict, basis, policy })
    };
    match warrant {
        Warrant::Observe => return admit(document, computed, Basis::Observed),
        Warrant::Release(ruling) => return admit(document, computed, Basis::Released { ruling }),
        Warrant::Policy => {}
    }
    match (stage, computed) {
        (Stage::AsRead, Verdict::Admit) => admit(document, Verdict::Admit, Basis::Policy),
        (Stage::Redacted, Verdict::Admit) => admit(document, Verdict::Redact, Basis::Policy),
        (Stage::AsRead, Verdict::Redact) => redaction(findings, policy, tier),
        (Stage::Redacted, Verdict::Redact) | (_, Verdict::Quarantine) => {
            Decision::Held(reasons(findings, policy, tier))
        }
        (_, Verdict::Reject) => Decision::Rejected(reasons(findings, policy, tier)),
    }
}

/// Redaction needs a place: a finding about the whole document cannot be cut out, so it holds. A value
/// without a span stands beside the text (title, metadata) and is known again there; where it cannot be
/// taken out, the second look holds.
fn redaction(findings: &[Finding], policy: &Policy, tier: TrustTier) -> Decision {
    let offending =
        || findings.iter().filter(|finding| policy.verdict(finding, tier) == Verdict::Redact);
    match removals(offending()) {
        Some(removals) => Decision::Redact(removals),
        None => Decision::Held(reasons(findings, policy, tier)),
    }
}

/// What taking these findings out means; `None` where one has no place.
pub fn removals<'a>(findings: impl Iterator<Item = &'a Finding>) -> Option<Vec<Removal>> {
    let mut removals = Vec::new();
    for finding in findings {
        if finding.spans.is_empty() && finding.sensitive.is_none() {
            return None;
        }
        removals.extend(finding.spans.iter().map(|span| Removal::of(*span, finding.sensitive)));
    }
    Some(removals)
}

/// Every finding that calls for more than admission, worst first.
pub fn reasons(findings: &[Finding], policy: &Policy, tier: TrustTier) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = findings
        .iter()
        .map(|finding| Reason {
            rule: finding.rule.to_string(),
            verdict: policy.verdict(finding, tier),
        })
        .filter(|reason| reason.verdict > Verdict::Admit)
        .collect();
    reasons.sort_by(|one, two| two.verdict.cmp(&one.verdict).then_with(|| one.rule.cmp(&two.rule)));
    reasons.dedup();
    reasons
}
