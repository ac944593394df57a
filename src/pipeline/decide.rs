//! A reviewer's decision, by one person or, where it frees something critical, by two.

use crate::domain::finding::Severity;
use crate::domain::limits::REASON_BYTES_MAX;

use super::error::GuardError;
use super::events::Event;
use super::guard::Guard;
use super::ledger::{Approval, HeldRevision};
use super::receipt::Intake;
use super::review::{Decider, Released};

/// What is to become of a held revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Serve what a person sees of it.
    Release,
    /// Serve it without what was found.
    ReleaseRedacted,
    /// Destroy it.
    Purge,
}

impl Decision {
    /// The name used in the ledger and in events.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::ReleaseRedacted => "release-redacted",
            Self::Purge => "purge",
        }
    }

    /// The state afterwards, in words.
    pub const fn done(self) -> &'static str {
        match self {
            Self::Release => "released",
            Self::ReleaseRedacted => "released-redacted",
            Self::Purge => "purged",
        }
    }
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decided {
    /// It is served.
    Released(Released),
    /// It is destroyed.
    Purged,
    /// Somebody else must agree.
    AwaitsSecond,
}

impl Guard {
    /// Carries out a decision. A critical finding is released when a second actor, not the first one
    /// again, says the same.
    pub async fn decide(
        &self,
        held: &HeldRevision,
        intake: &Intake,
        decision: Decision,
        decider: &Decider,
    ) -> Result<Decided, GuardError> {
        check_reason(&decider.reason)?;
        let frees = decision != Decision::Purge;
        let decider = match (frees && held.severity >= Some(Severity::Critical), &decider.second) {
            (true, None) => match self.second_word(held, decision, decider).await? {
                Some(both) => both,
                None => return Ok(Decided::AwaitsSecond),
            },
            (true, Some(_)) | (false, _) => decider.clone(),
        };
        Ok(match decision {
            Decision::Release => Decided::Released(self.release(held, intake, &decider).await?),
            Decision::ReleaseRedacted => {
                Decided::Released(self.release_redacted(held, intake, &decider).await?)
            }
            Decision::Purge => {
                self.purge(held, &decider).await?;
                Decided::Purged
            }
        })
    }

    /// Notes this word; gives both when somebody else said the same before.
    async fn second_word(
        &self,
        held: &HeldRevision,
        decision: Decision,
        decider: &Decider,
    ) -> Result<Option<Decider>, GuardError> {
        let (revision, action) = (held.head.revision, decision.name());
        let actor = decider.actor.clone();
        self.record(&Event::Approved { revision, action, actor: actor.clone() }).await?;
        let own = Approval {
            revision,
            action: action.to_owned(),
            actor: actor.clone(),
            reason: decider.reason.clone(),
            at: self.now(),
        };
        let first = self.ledger.approve(&own).await?;
        Ok((first.actor != actor).then(|| Decider {
            actor: first.actor,
            second: Some(actor),
            reason: format!("{} / {}", first.reason, decider.reason),
        }))
    }
}

fn check_reason(reason: &str) -> Result<(), GuardError> {
    if reason.trim().is_empty() || reason.len() > REASON_BYTES_MAX {
        let what = format!("a ruling needs a reason, of 1 to {REASON_BYTES_MAX} bytes");
        return Err(GuardError::Field { field: "reason".to_owned(), what });
    }
    Ok(())
}
