//! The resolved policy that decisions read: severity × trust tier → verdict, and what is indexed.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::digest::Digest;
use super::document::{Alternate, Visibility};
use super::finding::{Finding, Severity, is_undrawable};
use super::sensitive::Sensitive;
use super::source::TrustTier;

/// What happens to a revision, rising in strictness: the worst finding decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Indexed.
    Admit,
    /// Indexed without the offending spans.
    Redact,
    /// All of it is held for review.
    Quarantine,
    /// Not kept.
    Reject,
}

impl Verdict {
    /// Every verdict, rising.
    pub const ALL: [Self; 4] = [Self::Admit, Self::Redact, Self::Quarantine, Self::Reject];

    /// The name used in files and outputs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Admit => "admit",
            Self::Redact => "redact",
            Self::Quarantine => "quarantine",
            Self::Reject => "reject",
        }
    }
}

/// Whether verdicts are enforced. It changes what is enforced, never what is computed or logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// A verdict is carried out.
    Enforce,
    /// A verdict is recorded, and the revision admitted with basis `observed`.
    Observe,
}

/// Rules that documents of the owner's own make no milder: what they find is unseen, or was not looked at.
pub const NEVER_CALIBRATED: [&str; 8] = [
    "detector-failed",
    "encoded-payload",
    "hidden-by-format",
    "hidden-instruction",
    "invisible-characters",
    "personal-data",
    "secret",
    "structure",
];

/// Verdicts of one trust tier, by severity.
pub type Row = [Verdict; Severity::ALL.len()];

/// Own verdicts of a rule or kind for a source that is trusted, internal, external: in this order.
pub type Overrides = [Option<Verdict>; TrustTier::ALL.len()];

/// A profile of `policies/`, checked and resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The profile's name.
    pub id: String,
    /// Digest of the file that it came from.
    pub digest: Digest,
    /// Verdicts for a source that is trusted, internal, external: in this order.
    pub tiers: [Row; TrustTier::ALL.len()],
    /// Rules with verdicts of their own, which replace the row's, for each tier that names one.
    pub rules: BTreeMap<String, Overrides>,
    /// Kinds of secrets and personal data with verdicts of their own, which replace their rule's.
    pub kinds: BTreeMap<Sensitive, Overrides>,
    /// Rules that are milder for what a person sees, below `critical`: made on documents of the owner's own.
    pub calibrated: BTreeMap<String, Overrides>,
    /// A finding that is less sure than this, in per cent, counts one verdict step less.
    pub confidence_min: u8,
    /// Alternates that are indexed.
    pub alternates: BTreeSet<(TrustTier, Alternate)>,
    /// Tiers whose undetermined runs are indexed; never `External`, whatever stands here.
    pub undetermined: BTreeSet<TrustTier>,
}

impl Policy {
    /// The verdict that one finding calls for: none, where an allow entry covers it.
    pub fn verdict(&self, finding: &Finding, tier: TrustTier) -> Verdict {
        if finding.allowed.is_some() {
            return Verdict::Admit;
        }
        let verdict = self.uncalibrated(finding, tier);
        let milder = self.calibrated.get(finding.rule.as_ref());
        let milder = milder.filter(|_| Self::may_be_calibrated(finding));
        milder.and_then(|own| of_tier(*own, tier)).map_or(verdict, |own| verdict.min(own))
    }

    /// Whether documents of the owner's own may make its like milder: not what is critical, nor what a
    /// person does not see (invisible characters among the words too), nor secrets and personal data, nor a detector that failed.
    pub fn may_be_calibrated(finding: &Finding) -> bool {
        finding.severity < Severity::Critical
            && finding.visibility.is_shown()
            && finding.sensitive.is_none()
            && !NEVER_CALIBRATED.contains(&finding.rule.as_ref())
            && !finding.evidence.raw().chars().any(|ch| !ch.is_whitespace() && is_undrawable(ch))
    }

    fn uncalibrated(&self, finding: &Finding, tier: TrustTier) -> Verdict {
        let own = |own: Option<&Overrides>| own.and_then(|own| of_tier(*own, tier));
        let of_kind = finding.sensitive.and_then(|kind| own(self.kinds.get(&kind)));
        if let Some(verdict) = of_kind.or_else(|| own(self.rules.get(finding.rule.as_ref()))) {
            return verdict;
        }
        let [info, low, medium, high, critical] = of_tier(self.tiers, tier);
        let verdict = match finding.severity {
            Severity::Info => info,
            Severity::Low => low,
            Severity::Medium => medium,
            Severity::High => high,
            Severity::Critical => critical,
        };
        if finding.confidence.value() < self.confidence_min { milder(verdict) } else { verdict }
    }

    /// Whether runs of this visibility are indexed. Hidden text and metadata never are, and what
    /// could not be measured never is from outside.
    pub fn indexes(&self, visibility: Visibility, tier: TrustTier) -> bool {
        match visibility {
            Visibility::Shown => true,
            Visibility::Alternate(kind) => self.alternates.contains(&(tier, kind)),
            Visibility::Undetermined(_) => {
                tier != TrustTier::External && self.undetermined.contains(&tier)
            }
            Visibility::Hidden(_) | Visibility::Metadata => false,
        }
    }
}

fn of_tier<T>([trusted, internal, external]: [T; TrustTier::ALL.len()], tier: TrustTier) -> T {
    match tier {
        TrustTier::Trusted => trusted,
        TrustTier::Internal => internal,
        TrustTier::External => external,
    }
}

const fn milder(verdict: Verdict) -> Verdict {
    match verdict {
        Verdict::Admit | Verdict::Redact => Verdict::Admit,
        Verdict::Quarantine => Verdict::Redact,
        Verdict::Reject => Verdict::Quarantine,
    }
}
