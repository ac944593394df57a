//! What everybody got of late. It is in memory, and is read from the audit log again at every start: what is not on
//! record did not go out, so nothing is forgotten.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::domain::budget::{BudgetLimits, Spender, Spent};
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

    /// Counts an answer for all of them, or for none: then, whose bound it goes beyond, and until when.
    fn spend(
        &self,
        spenders: &[Spender],
        points: &[PointId],
        limits: &BudgetLimits,
        now: Timestamp,
    ) -> Result<Vec<Near>, (Spender, Timestamp)> {
        let bounded = || spenders.iter().filter_map(|one| Some((one, one.limit(limits)?)));
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (spender, limit) in bounded() {
            let spent = all.entry(spender.clone()).or_default();
            spent
                .fits(points, limit, limits.window_ms, now)
                .map_err(|until| (spender.clone(), until))?;
        }
        let mut near = Vec::new();
        for (spender, limit) in bounded() {
            let spent = all.entry(spender.clone()).or_default();
            let used = spent.count(points, limit, now);
            near.extend(used.map(|used| Near { spender: spender.clone(), used, limit }));
        }
        Ok(near)
    }
}

/// Most of a budget is spent, since now.
struct Near {
    spender: Spender,
    used: usize,
    limit: usize,
}

impl Guard {
    /// Counts what is about to go out, and refuses what goes beyond a budget.
    pub(super) async fn spend(
        &self,
        spenders: &[Spender],
        points: &[PointId],
    ) -> Result<(), GuardError> {
        let now = self.now();
        match self.budgets.spend(spenders, points, &self.budget_limits, now) {
            Ok(near) => {
                for Near { spender: Spender { tenant, name }, used, limit } in near {
                    let tenant = tenant.to_string();
                    self.record(&Event::BudgetNear { tenant, spender: name, used, limit }).await?;
                }
                Ok(())
            }
            Err((spender, until)) => {
                let limit = spender.limit(&self.budget_limits).unwrap_or_default();
                let (tenant, spender) = (spender.tenant.to_string(), spender.name);
                self.record(&Event::BudgetExhausted { tenant, spender, limit }).await?;
                let seconds = until.0.saturating_sub(now.0).div_euclid(1000).saturating_add(1);
                let retry_after_seconds = u64::try_from(seconds).unwrap_or(1).max(1);
                Err(BudgetSpent { retry_after_seconds }.into())
            }
        }
    }
}
