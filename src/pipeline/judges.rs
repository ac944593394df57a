//! Passages in doubt → what judges say of them, in the order of the cascade: the local model, then the server.
//!
//! A judge is asked only what those before it left open, and only while its word can change the verdict. A judge
//! on a server is asked only about documents that the verdict so far lets through, and only up to its label.
//! A judge that fails leaves a `detector-failed` finding, whatever it would have said.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use crate::domain::access::Label;
use crate::domain::digest::Digest;
use crate::domain::grey::{Bounds, GreyPassage, GreyZone, Opinion, Probability};
use crate::domain::limits::JUDGE_MS_MAX;
use crate::domain::redact::Removal;

use super::ports::Judge;

/// A judge, and what its answers have to reach.
#[derive(Clone)]
pub struct Stage {
    /// Who is asked.
    pub judge: Arc<dyn Judge>,
    /// When its answers count.
    pub bounds: Bounds,
}

/// The judges after the rules, and what they are asked about. None by default.
#[derive(Debug, Clone, Default)]
pub struct Judges {
    chain: Option<(GreyZone, Vec<Stage>)>,
}

impl std::fmt::Debug for Stage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stage")
            .field("judge", &self.judge.name())
            .field("bounds", &self.bounds)
            .finish()
    }
}

impl Judges {
    /// These, in this order.
    pub fn new(zone: GreyZone, stages: Vec<Stage>) -> Self {
        Self { chain: (!stages.is_empty()).then_some((zone, stages)) }
    }

    /// What they are asked about; `None` without judges.
    pub(super) fn zone(&self) -> Option<&GreyZone> {
        self.chain.as_ref().map(|(zone, _)| zone)
    }

    pub(super) fn stages(&self) -> &[Stage] {
        self.chain.as_ref().map_or(&[], |(_, stages)| stages)
    }

    /// The digest of rules and judges together: what a verdict depends on besides policy and document.
    pub fn rules_digest(&self, rules: Digest) -> Digest {
        let Some((zone, stages)) = &self.chain else { return rules };
        let mut parts: Vec<Vec<u8>> = vec![b"alnage-judges-1".to_vec(), rules.0.to_vec()];
        let number = |value: Probability| value.value().to_le_bytes().to_vec();
        parts.extend([number(zone.from), number(zone.to)]);
        for Stage { judge, bounds } in stages {
            parts.extend([judge.name().as_bytes().to_vec(), judge.digest().0.to_vec()]);
            parts.extend([number(bounds.clear), number(bounds.threshold)]);
        }
        Digest::of_parts(parts.iter().map(Vec::as_slice))
    }
}

/// What was said of a document's passages.
#[derive(Debug, Clone, Default)]
pub(super) struct Rulings {
    /// Each passage, and what the last judge who was asked made of it.
    pub(super) said: Vec<Said>,
    /// What no passage held, since the verdict cuts it out of the document anyway.
    pub(super) cut: Vec<Removal>,
    /// What failed.
    pub(super) failure: Option<String>,
}

/// What was said of one passage.
#[derive(Debug, Clone)]
pub(super) struct Said {
    pub(super) passage: GreyPassage,
    pub(super) opinion: Opinion,
    /// By whom.
    pub(super) judge: String,
    /// The judge is not on this machine.
    pub(super) is_remote: bool,
}

impl Rulings {
    /// Nothing was said yet.
    pub(super) fn open(passages: Vec<GreyPassage>, cut: Vec<Removal>) -> Self {
        let unsaid = |passage| Said {
            passage,
            opinion: Opinion::Unsure,
            judge: String::new(),
            is_remote: false,
        };
        Self { said: passages.into_iter().map(unsaid).collect(), cut, failure: None }
    }

    /// Whether a further judge has anything to say.
    pub(super) fn is_open(&self) -> bool {
        self.failure.is_none() && self.said.iter().any(|said| said.opinion == Opinion::Unsure)
    }
}

impl Stage {
    /// The judge may be handed passages of a document with this label.
    pub(super) fn takes(&self, label: Label) -> bool {
        self.judge.label_max().is_none_or(|limit| label <= limit)
    }

    /// Text leaves this machine.
    pub(super) fn is_remote(&self) -> bool {
        self.judge.label_max().is_some()
    }

    /// Asks about what is still open.
    pub(super) async fn ask(&self, rulings: &mut Rulings) {
        let open = || rulings.said.iter().filter(|said| said.opinion == Opinion::Unsure);
        let texts: Vec<&str> = open().map(|said| said.passage.text.as_str()).collect();
        let asked = timeout(Duration::from_millis(JUDGE_MS_MAX), self.judge.judge(&texts)).await;
        let answers = match asked {
            Ok(Ok(answers)) if answers.len() == texts.len() => answers,
            Ok(Ok(answers)) => {
                let (given, due) = (answers.len(), texts.len());
                rulings.failure = Some(self.failed(&format!("{given} answers to {due} passages")));
                return;
            }
            Ok(Err(error)) => {
                rulings.failure = Some(self.failed(&error.to_string()));
                return;
            }
            Err(_) => {
                rulings.failure = Some(self.failed(&format!("no answer within {JUDGE_MS_MAX} ms")));
                return;
            }
        };
        let open = rulings.said.iter_mut().filter(|said| said.opinion == Opinion::Unsure);
        for (said, answer) in open.zip(answers) {
            said.opinion = self.bounds.opinion(answer);
            self.judge.name().clone_into(&mut said.judge);
            said.is_remote = self.is_remote();
        }
    }

    fn failed(&self, why: &str) -> String {
        let name = self.judge.name();
        tracing::warn!(judge = name, why, "a judge failed");
        format!("judge `{name}`: {why}")
    }
}
