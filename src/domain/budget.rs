//! Retrieval budgets: how many different chunks one user, and one application, may get in a sliding window.
//! Whoever copies a whole collection question by question gets no further than that (MITRE ATLAS, AML.T0085).

use std::collections::BTreeMap;

use super::caller::Caller;
use super::id::PointId;
use super::limits::BUDGET_NEAR_PERCENT;
use super::source::Tenant;
use super::time::Timestamp;

/// The bounds; 0 is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BudgetLimits {
    /// Different chunks of one user in the window, whichever application asks.
    pub chunks_per_user: usize,
    /// Different chunks of one application in the window, for whomever it asks: a stolen key that names one user
    /// after another gets no further.
    pub chunks_per_app: usize,
    /// Length of the window, in milliseconds.
    pub window_ms: i64,
}

/// Whose budget it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spender {
    /// Whose the user or application is.
    pub tenant: Tenant,
    /// `user:NAME`, or `app:NAME`.
    pub name: String,
}

impl Spender {
    /// On whose budgets a caller's answers are: the user's and the application's, as far as there are any.
    pub fn of(caller: &Caller) -> Vec<Self> {
        let tenant = caller.tenant();
        let user = caller.user().map(|user| format!("user:{user}"));
        let app = caller.app().map(|app| format!("app:{app}"));
        let spender = |name| Self { tenant: tenant.clone(), name };
        user.into_iter().chain(app).map(spender).collect()
    }

    /// Whether it is a user. Whoever looks as a user spends nothing of theirs.
    pub fn is_user(&self) -> bool {
        self.name.starts_with("user:")
    }

    /// Its bound; `None`: it has none.
    pub fn limit(&self, limits: &BudgetLimits) -> Option<usize> {
        let limit = match self.is_user() {
            true => limits.chunks_per_user,
            false => limits.chunks_per_app,
        };
        (limit > 0).then_some(limit)
    }
}

/// What one spender got in the window.
#[derive(Debug, Default)]
pub struct Spent {
    /// When each chunk was first got; it is free until that is out of the window.
    chunks: BTreeMap<PointId, Timestamp>,
    was_near: bool,
}

impl Spent {
    /// Whether the chunks of an answer are within the bound; else, when the first one leaves the window.
    pub fn fits(
        &mut self,
        points: &[PointId],
        limit: usize,
        window_ms: i64,
        now: Timestamp,
    ) -> Result<(), Timestamp> {
        if self.used_with(points) > near(limit) {
            self.tidy(window_ms, now);
        }
        if self.used_with(points) <= limit {
            return Ok(());
        }
        let first = self.chunks.values().min().copied().unwrap_or(now);
        Err(Timestamp(first.0.saturating_add(window_ms)))
    }

    /// Counts the chunks of an answer; how many there are now, when that is most of the bound since just now.
    pub fn count(&mut self, points: &[PointId], limit: usize, now: Timestamp) -> Option<usize> {
        for point in points {
            self.chunks.entry(*point).or_insert(now);
        }
        let is_near = self.chunks.len() > near(limit);
        let was_near = std::mem::replace(&mut self.was_near, is_near);
        (is_near && !was_near).then_some(self.chunks.len())
    }

    fn used_with(&self, points: &[PointId]) -> usize {
        let fresh = points.iter().filter(|point| !self.chunks.contains_key(point));
        self.chunks.len() + fresh.count()
    }

    /// Counts what was got before, as a log says; in the order of the log.
    pub fn remember(&mut self, points: impl IntoIterator<Item = PointId>, at: Timestamp) {
        for point in points {
            self.chunks.entry(point).or_insert(at);
        }
    }

    /// Forgets what is out of the window; whether anything is left.
    pub fn tidy(&mut self, window_ms: i64, now: Timestamp) -> bool {
        let ended = now.0.saturating_sub(window_ms);
        self.chunks.retain(|_, at| at.0 > ended);
        !self.chunks.is_empty()
    }
}

/// Past this much of a bound somebody is told.
const fn near(limit: usize) -> usize {
    limit.saturating_mul(BUDGET_NEAR_PERCENT) / 100
}

#[cfg(test)]
mod tests {
    use super::{PointId, Spent, Timestamp};

    fn points(numbers: std::ops::Range<u128>) -> Vec<PointId> {
        numbers.map(|number| PointId::new(uuid::Uuid::from_u128(number))).collect()
    }

    #[test]
    fn different_chunks_count_once_until_they_leave_the_window() {
        let mut spent = Spent::default();
        let mut spend = |numbers, at| {
            let (points, now) = (points(numbers), Timestamp(at));
            spent.fits(&points, 10, 1_000, now).map(|()| spent.count(&points, 10, now))
        };
        assert_eq!(spend(0..8, 0), Ok(None));
        assert_eq!(spend(0..8, 10), Ok(None));
        assert_eq!(spend(8..10, 20), Ok(Some(10)));
        assert_eq!(spend(0..10, 30), Ok(None), "nothing new, and told once");
        assert_eq!(spend(10..11, 40), Err(Timestamp(1_000)));
        assert_eq!(spend(0..10, 50), Ok(None), "what was got stays free");
        assert_eq!(spend(10..11, 1_000), Ok(None), "the first eight are out");
        assert_eq!(spend(11..18, 1_001), Ok(Some(10)));
        assert_eq!(spend(18..19, 1_002), Err(Timestamp(1_020)));
    }

    #[test]
    fn what_a_log_says_is_counted_and_forgotten_alike() {
        let mut spent = Spent::default();
        spent.remember(points(0..10), Timestamp(0));
        assert_eq!(spent.fits(&points(10..11), 10, 1_000, Timestamp(5)), Err(Timestamp(1_000)));
        assert!(spent.tidy(1_000, Timestamp(999)));
        assert!(!spent.tidy(1_000, Timestamp(1_000)));
    }
}
