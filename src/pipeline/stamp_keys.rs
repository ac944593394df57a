//! Stamp keys: rotated, ended, revoked; and what somebody should be told of them in time.
//!
//! A key cannot end while what is served carries it. So the end date of a retired key is a deadline for
//! people and no switch: past it the key still verifies as long as something carries it, with a warning
//! that grows louder, for to withhold a collection because nobody came in time would be an outage that
//! guards nothing. Who wants what it signed withheld says `revoke`.

use std::sync::Arc;

use serde::Serialize;

use crate::domain::keys::KeyStatus;
use crate::domain::limits::{STAMP_KEY_DAYS_MAX, STAMP_KEY_WARNING_DAYS};
use crate::domain::source::Name;
use crate::domain::time::Timestamp;

use super::error::GuardError;
use super::events::{Event, StampKeyChange};
use super::guard::Guard;
use super::ledger::LedgerError;
use super::ports::{KeeperError, RingChange};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// A stamp key, and how much carries it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StampKeyView {
    /// Its id.
    pub id: Name,
    /// What it may still do.
    pub status: &'static str,
    /// Whether it is the one that signs.
    pub signs: bool,
    /// Until when it is to be replaced, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends: Option<String>,
    /// Chunks that carry it.
    pub carried: u64,
}

/// Something that a person should do something about; nothing is broken yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// Stable name.
    pub code: &'static str,
    /// What it is about, and what to do.
    pub text: String,
}

impl Guard {
    /// Every stamp key.
    pub async fn stamp_keys(&self) -> Result<Vec<StampKeyView>, GuardError> {
        let ring = self.keys();
        let mut views = Vec::new();
        for (id, key) in ring.entries() {
            views.push(StampKeyView {
                id: id.clone(),
                status: key.status.name(),
                signs: id == ring.signing_id(),
                ends: key.ends.map(|ends| ends.to_string()),
                carried: self.ledger.carried(id).await?,
            });
        }
        Ok(views)
    }

    /// Makes a new key that signs from now on, and retires the old one. `reseal` then replaces it
    /// everywhere; until that is done the old one verifies.
    pub async fn rotate_stamp_key(&self, days: u32, actor: &str) -> Result<Name, GuardError> {
        if days == 0 || days > STAMP_KEY_DAYS_MAX {
            let text = format!("a retired key ends in 1 to {STAMP_KEY_DAYS_MAX} days");
            return Err(GuardError::Request(text));
        }
        let ring = self.keys();
        let (new, old) = (ring.fresh_id(), ring.signing_id().clone());
        self.note_key(&old, StampKeyChange::Retired, actor).await?;
        self.note_key(&new, StampKeyChange::Signs, actor).await?;
        let ends = Timestamp(self.now().0.saturating_add(i64::from(days) * DAY_MS));
        self.change_ring(&RingChange::Rotate { id: new.clone(), ends }).await?;
        Ok(new)
    }

    /// Ends a key that nothing carries any more.
    pub async fn end_stamp_key(&self, id: &Name, actor: &str) -> Result<(), GuardError> {
        match self.status_of(id)? {
            KeyStatus::Ended => return Ok(()),
            KeyStatus::Revoked => {
                return Err(GuardError::Request(format!("`{id}` is revoked, which is more")));
            }
            KeyStatus::Active | KeyStatus::Retired => {}
        }
        if id == self.keys().signing_id() {
            let text = format!("`{id}` signs; `stamp-key rotate` makes another one sign");
            return Err(GuardError::Request(text));
        }
        let carried = self.ledger.carried(id).await?;
        if carried > 0 {
            let text = format!("{carried} chunks carry `{id}`; `alnage reseal --key {id}` first");
            return Err(GuardError::Request(text));
        }
        self.note_key(id, StampKeyChange::Ended, actor).await?;
        self.change_ring(&RingChange::End { id: id.clone() }).await
    }

    /// Withholds at once what a key signed. Revoking the key that signs makes a successor in the same
    /// step, whose id is given back. `reseal` then restores what is withheld.
    pub async fn revoke_stamp_key(
        &self,
        id: &Name,
        actor: &str,
    ) -> Result<Option<Name>, GuardError> {
        self.status_of(id)?;
        let ring = self.keys();
        let successor = (id == ring.signing_id()).then(|| ring.fresh_id());
        self.note_key(id, StampKeyChange::Revoked, actor).await?;
        if let Some(successor) = &successor {
            self.note_key(successor, StampKeyChange::Signs, actor).await?;
        }
        let change = RingChange::Revoke { id: id.clone(), successor: successor.clone() };
        self.change_ring(&change).await?;
        Ok(successor)
    }

    /// What somebody should be told about the stamp keys, 30 days ahead where a day is known.
    pub async fn warnings(&self) -> Result<Vec<Warning>, GuardError> {
        let ring = self.keys();
        let now = self.now();
        let mut warnings = Vec::new();
        for (id, key) in ring.entries().filter(|(id, _)| *id != ring.signing_id()) {
            let carried = self.ledger.carried(id).await?;
            if carried == 0 {
                continue;
            }
            let help = format!("{carried} chunks carry it; `alnage reseal` replaces it");
            let days = |ends: Timestamp| (ends.0.saturating_sub(now.0)).div_euclid(DAY_MS);
            let (code, what) = match (key.status, key.ends.map(days)) {
                (KeyStatus::Revoked | KeyStatus::Ended, _) => {
                    let text = format!("what stamp key `{id}` signed is withheld");
                    ("stamp-key-withheld", text)
                }
                (KeyStatus::Active | KeyStatus::Retired, Some(days)) if days < 0 => {
                    ("stamp-key-overdue", format!("stamp key `{id}` should have ended"))
                }
                (KeyStatus::Active | KeyStatus::Retired, Some(days))
                    if days < STAMP_KEY_WARNING_DAYS =>
                {
                    ("stamp-key-ends", format!("stamp key `{id}` ends in {days} days"))
                }
                (KeyStatus::Active | KeyStatus::Retired, _) => {
                    ("stamp-key-replaced", format!("stamp key `{id}` signs no more"))
                }
            };
            warnings.push(Warning { code, text: format!("{what}; {help}") });
        }
        Ok(warnings)
    }

    fn status_of(&self, id: &Name) -> Result<KeyStatus, GuardError> {
        let ring = self.keys();
        let key = ring.get(id);
        let what = || LedgerError::NotFound { what: format!("stamp key `{id}`") };
        Ok(key.ok_or_else(what)?.status)
    }

    async fn note_key(
        &self,
        key: &Name,
        change: StampKeyChange,
        actor: &str,
    ) -> Result<(), GuardError> {
        let (key, actor) = (key.clone(), actor.to_owned());
        Ok(self.record(&Event::StampKeyChanged { key, change, actor }).await?)
    }

    /// The file first: what is in force here is in force after a crash too.
    async fn change_ring(&self, change: &RingChange) -> Result<(), GuardError> {
        let (ring, keeper, change) =
            (Arc::clone(&self.ring), Arc::clone(&self.keeper), change.clone());
        // To its end, also when whoever asked for it goes away half-way: a key that is revoked in the file
        // and not in force would go on being believed.
        let done = tokio::spawn(async move {
            ring.set(keeper.change(&change).await?);
            Ok::<(), KeeperError>(())
        });
        Ok(done.await.map_err(|error| GuardError::Task(error.to_string()))??)
    }
}
