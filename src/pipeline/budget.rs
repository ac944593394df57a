//! What everybody got of late. It is in memory, and is read from the audit log again at every start: what is not on
//! record did not go out, so nothing is forgotten.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::domain::budget::{BudgetLimits, Spender, Spent, Standing};
use crate::domain::id::PointId;
use crate::domain::time::Timestamp;

use super::error::GuardError;
use super::events::Event;
use super::guard::Guard;

/// Shared by all clones of a guard.
#[derive(Debug, Default)]
pub struct Budgets(Mutex<BTreeMap<Spender, Spent>>);

/// The window is spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("as many different chunks went to this caller as may in a while; come again later")]
pub struct BudgetSpent {
    /// Seconds until some may go again.
    pub retry_after_seconds: u64,
}

impl Budgets {
    /// Counts what the audit log says that somebody got.
    pub fn remember(
        &self,
        spender: Spender,
        points: impl IntoIterator<Item = PointId>,
        at: Timestamp,
    ) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(spender).or_default().remember(points, at);
    }

    /// Forgets what is out of the window.
    pub fn tidy(&self, limits: &BudgetLimits, now: Timestamp) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, spent| spent.tidy(limits.window_ms, now));
    }

    fn spend(
        &self,
        spender: &Spender,
        points: &[PointId],
        limits: &BudgetLimits,
        now: Timestamp,
    ) -> Standing {
        let Some(limit) = spender.limit(limits) else { return Standing::Within };
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let spent = all.entry(spender.clone()).or_default();
        spent.spend(points, limit, limits.window_ms, now)
    }
}

impl Guard {
    /// Counts what is about to go out, and refuses what goes beyond the spender's budget.
    pub(super) async fn spend(
        &self,
        spender: &Spender,
        points: &[PointId],
    ) -> Result<(), GuardError> {
        let now = self.now();
        let standing = self.budgets.spend(spender, points, &self.budget_limits, now);
        let limit = spender.limit(&self.budget_limits).unwrap_or_default();
        let (tenant, name) = (spender.tenant.to_string(), spender.name.clone());
        match standing {
            Standing::Within => Ok(()),
            Standing::Near { used } => {
                let event = Event::BudgetNear { tenant, spender: name, used, limit };
                Ok(self.record(&event).await?)
            }
            Standing::Exhausted { until } => {
                self.record(&Event::BudgetExhausted { tenant, spender: name, limit }).await?;
                let seconds = until.0.saturating_sub(now.0).div_euclid(1000).saturating_add(1);
                let retry_after_seconds = u64::try_from(seconds).unwrap_or(1).max(1);
                Err(BudgetSpent { retry_after_seconds }.into())
            }
        }
    }
}
