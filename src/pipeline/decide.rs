//! A reviewer's decision, by one person or, where it frees something critical, by two.

use crate::domain::finding::Severity;
use crate::domain::limits::REASON_BYTES_MAX;

use super::allow::AllowWanted;
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
    ///
    /// A release may allow what was found from now on; the second word must be on the same.
    pub async fn decide(
        &self,
        held: &HeldRevision,
        intake: &Intake,
        (decision, allow): (Decision, Option<AllowWanted>),
        decider: &Decider,
    ) -> Result<Decided, GuardError> {
        check_reason(&decider.reason)?;
        let frees = decision != Decision::Purge;
        if allow.is_some() && decision != Decision::Release {
            let what = "only a release as read allows what was found".to_owned();
            return Err(GuardError::Field { field: "allow".to_owned(), what });
        }
        let decider = match (frees && held.severity >= Some(Severity::Critical), &decider.second) {
            (true, None) => match self.second_word(held, (decision, allow), decider).await? {
                Some(both) => both,
                None => return Ok(Decided::AwaitsSecond),
            },
            (true, Some(_)) | (false, _) => decider.clone(),
        };
        Ok(match decision {
            Decision::Release => {
                let released = self.release_allowing(held, intake, allow, &decider).await?;
                Decided::Released(released)
            }
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
        (decision, allow): (Decision, Option<AllowWanted>),
        decider: &Decider,
    ) -> Result<Option<Decider>, GuardError> {
        let (revision, action) = (held.head.revision, decision.name());
        let actor = decider.actor.clone();
        self.record(&Event::Approved { revision, action, actor: actor.clone() }).await?;
        let action = match allow {
            None => action.to_owned(),
            Some(AllowWanted { kind, expires_at: None }) => format!("{action}+{}", kind.name()),
            Some(AllowWanted { kind, expires_at: Some(end) }) => {
                format!("{action}+{} until {}", kind.name(), end.0)
            }
        };
        let own = Approval {
            revision,
            action,
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

pub(super) fn check_reason(reason: &str) -> Result<(), GuardError> {
    if reason.trim().is_empty() || reason.len() > REASON_BYTES_MAX {
        let what = format!("a ruling needs a reason, of 1 to {REASON_BYTES_MAX} bytes");
        return Err(GuardError::Field { field: "reason".to_owned(), what });
    }
    Ok(())
}
