//! A chunk that an older pack of rules has looked at is looked at again before it goes out for the first time under the
//! new one: rules are written after attacks that are in the store already.
//!
//! Lets through on purpose what a reviewer released, and everything while the policy is only observed.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout_at};

use crate::detect::Detectors;
use crate::domain::digest::Digest;
use crate::domain::id::{ChunkId, CollectionId, SourceId};
use crate::domain::limits::RESCAN_MS;
use crate::domain::policy::{Mode, Verdict};
use crate::domain::retrieval::{Cleared, Withheld};
use crate::domain::source::Source;
use crate::domain::verdict::{Basis, judge};

use super::beside::Beside;
use super::error::GuardError;
use super::events::Event;
use super::guard::{Detection, Guard};
use super::judge::Court;
use super::passage::{Citation, Passage};

impl Guard {
    /// Those of these hits that the rules in force would still admit; the others are on record.
    pub(super) async fn rescanned(
        &self,
        caller: &str,
        collection: CollectionId,
        cleared: Vec<Cleared>,
    ) -> Result<Vec<Cleared>, GuardError> {
        let Detection::On(detectors) = &self.detection else { return Ok(cleared) };
        let rules = self.rules_digest();
        let is_old = |hit: &Cleared| {
            let origin = hit.origin();
            origin.rules != rules && !matches!(origin.basis, Basis::Released { .. })
        };
        let mut of_source: BTreeMap<SourceId, Vec<&Cleared>> = BTreeMap::new();
        for hit in cleared.iter().filter(|hit| is_old(hit)) {
            of_source.entry(hit.origin().source).or_default().push(hit);
        }
        if self.mode == Mode::Observe || of_source.is_empty() {
            return Ok(cleared);
        }
        let sources = self.ledger.sources().await?;
        let mut said: BTreeMap<ChunkId, Result<(), Withheld>> = BTreeMap::new();
        // One for all of them: a pack that is slow on every chunk must not hold a question for long.
        let until = Instant::now() + Duration::from_millis(RESCAN_MS);
        for (id, hits) in of_source {
            let Some(source) = sources.iter().find(|source| source.id == id) else { continue };
            said.extend(self.rescan(detectors, source, &hits, until).await?);
        }
        let mut passed = Vec::with_capacity(cleared.len());
        for hit in cleared {
            let answer = match is_old(&hit) {
                false => Ok(()),
                // What nobody has looked at does not go out.
                true => {
                    said.get(&hit.origin().chunk).copied().unwrap_or(Err(Withheld::RescanPending))
                }
            };
            let Err(reason) = answer else {
                passed.push(hit);
                continue;
            };
            self.record(&Event::Withheld {
                caller: caller.to_owned(),
                collection,
                point: hit.point(),
                reason: reason.code(),
                alarm: reason.is_alarm(),
            })
            .await?;
        }
        Ok(passed)
    }

    /// What the rules in force say of each of these, from the ledger where they were asked before.
    async fn rescan(
        &self,
        detectors: &Detectors,
        source: &Source,
        hits: &[&Cleared],
        until: Instant,
    ) -> Result<BTreeMap<ChunkId, Result<(), Withheld>>, GuardError> {
        let rules = self.rules_digest();
        let allows = self.allows_in(source).await?;
        let judged_by = Digest::of_parts([
            rules.0.as_slice(),
            self.policy.digest.0.as_slice(),
            allows.state().0.as_slice(),
            source.tier.name().as_bytes(),
        ]);
        let chunks: Vec<ChunkId> = hits.iter().map(|hit| hit.origin().chunk).collect();
        let known = self.ledger.rescans(&judged_by, &chunks).await?;
        let court = Arc::new(self.court(source.tier, allows));
        let (mut said, mut fresh) = (BTreeMap::new(), BTreeMap::new());
        for hit in hits {
            let chunk = hit.origin().chunk;
            if let Some(admits) = known.get(&chunk) {
                said.insert(chunk, answer(*admits));
                continue;
            }
            let passage = Passage::of(Cleared::clone(hit), false);
            let (detectors, judging) = (detectors.clone(), Arc::clone(&court));
            let scan = spawn_blocking(move || admits(passage, &detectors, &judging));
            // A scan that was given up, or broke, says nothing: the chunk stays here, and is tried again.
            let Ok(Ok(admits)) = timeout_at(until, scan).await else {
                said.insert(chunk, Err(Withheld::RescanPending));
                continue;
            };
            if !admits {
                let document = hit.origin().document;
                self.record(&Event::OutlawedByRules { document, chunk, rules }).await?;
            }
            fresh.insert(chunk, admits);
            said.insert(chunk, answer(admits));
        }
        if !fresh.is_empty() {
            self.ledger.keep_rescans(&judged_by, &fresh).await?;
        }
        Ok(said)
    }
}

const fn answer(admits: bool) -> Result<(), Withheld> {
    if admits { Ok(()) } else { Err(Withheld::Outlawed) }
}

/// Whether everything that would go out would be admitted by itself: the texts, and what stands beside them.
fn admits(passage: Passage, detectors: &Detectors, court: &Court) -> bool {
    let Passage { text, metadata, citation, .. } = passage;
    let Citation { uri, title, headings, .. } = citation;
    let is_admitted = |findings: &[_]| judge(findings, &court.policy, court.tier) == Verdict::Admit;
    let texts = std::iter::once(text).chain(title).chain(headings);
    let beside = Beside { metadata: vec![metadata], uri };
    is_admitted(&court.scan_beside(&beside))
        && texts.into_iter().all(|text| {
            let (document, mut findings) = detectors.scan_as_document(&text);
            court.allows.mark(Some(&document), &mut findings);
            is_admitted(&findings)
        })
}
