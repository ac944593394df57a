//! What people, policies and reports know of a detector, whether it is code or a pack.

use std::borrow::Cow;

use crate::detect::Meta;
use crate::detect::engine::{Finder, Rule, Sample};
use crate::domain::finding::{Severity, Taxonomy};

/// What is known of a detector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// Stable for ever; also the rule id of its findings.
    pub id: Cow<'static, str>,
    /// The severity of a typical hit in text that a person sees.
    pub severity: Severity,
    /// What it finds, in one clause.
    pub summary: Cow<'static, str>,
    /// What it would do to somebody if it were let through, in one sentence; empty if nobody said.
    pub why: Cow<'static, str>,
    /// What it lets through on purpose, in one clause; empty if nobody said.
    pub lets_through: Cow<'static, str>,
    /// Ids in public taxonomies.
    pub taxonomy: Taxonomy,
}

impl From<&Meta> for About {
    fn from(meta: &Meta) -> Self {
        Self {
            id: meta.id.into(),
            severity: meta.severity,
            summary: meta.summary.into(),
            why: meta.why.into(),
            lets_through: meta.lets_through.into(),
            taxonomy: meta.taxonomy(),
        }
    }
}

impl Finder for About {
    fn rule(&self) -> Cow<'static, str> {
        self.id.clone()
    }

    fn taxonomy(&self) -> Taxonomy {
        self.taxonomy.clone()
    }
}

/// What a rule does, shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// The rule's name within its detector.
    pub rule: String,
    /// One clause for people.
    pub note: String,
    /// Texts that it finds.
    pub finds: Vec<String>,
    /// Harmless texts near them that it lets pass.
    pub passes: Vec<String>,
}

impl Example {
    pub(super) fn of(rule: &Rule) -> Self {
        let texts = |samples: &[Sample]| samples.iter().map(|sample| sample.text.clone()).collect();
        Self {
            rule: rule.name.clone(),
            note: rule.note.clone(),
            finds: texts(&rule.finds),
            passes: texts(&rule.passes),
        }
    }
}
