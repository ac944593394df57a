//! Retrieval budgets: how many different chunks one user, or one application by itself, may get in a sliding window.
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
    /// Different chunks of one application in the window, where it asks for itself.
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
    /// The user, or the application without one.
    pub fn of(caller: &Caller) -> Self {
        let name = match (caller.user(), caller.app()) {
            (Some(user), _) => format!("user:{user}"),
            (None, app) => format!("app:{}", app.unwrap_or_default()),
        };
        Self { tenant: caller.tenant().clone(), name }
    }

    /// Its bound; `None`: it has none.
    pub fn limit(&self, limits: &BudgetLimits) -> Option<usize> {
        let limit = match self.name.starts_with("user:") {
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

/// How a spender stands after an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Well within.
    Within,
    /// Most of it is spent, since now.
    Near {
        /// Different chunks in the window.
        used: usize,
    },
    /// The answer would go beyond; nothing of it was counted.
    Exhausted {
        /// When the first chunk leaves the window.
        until: Timestamp,
    },
}

impl Spent {
    /// Counts the chunks of an answer, if they are within the bound.
    pub fn spend(
        &mut self,
        points: &[PointId],
        limit: usize,
        window_ms: i64,
        now: Timestamp,
    ) -> Standing {
        let ended = now.0.saturating_sub(window_ms);
        let fresh = |chunks: &BTreeMap<PointId, Timestamp>| {
            points.iter().filter(|point| !chunks.contains_key(point)).count()
        };
        let near = limit.saturating_mul(BUDGET_NEAR_PERCENT) / 100;
        if self.chunks.len() + fresh(&self.chunks) > near {
            self.chunks.retain(|_, at| at.0 > ended);
        }
        let used = self.chunks.len() + fresh(&self.chunks);
        if used > limit {
            let first = self.chunks.values().min().copied().unwrap_or(now);
            return Standing::Exhausted { until: Timestamp(first.0.saturating_add(window_ms)) };
        }
        for point in points {
            self.chunks.entry(*point).or_insert(now);
        }
        let is_near = used > near;
        let was_near = std::mem::replace(&mut self.was_near, is_near);
        if is_near && !was_near { Standing::Near { used } } else { Standing::Within }
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

#[cfg(test)]
mod tests {
    use super::{PointId, Spent, Standing, Timestamp};

    fn points(numbers: std::ops::Range<u128>) -> Vec<PointId> {
        numbers.map(|number| PointId::new(uuid::Uuid::from_u128(number))).collect()
    }

    #[test]
    fn different_chunks_count_once_until_they_leave_the_window() {
        let mut spent = Spent::default();
        let mut spend = |numbers, at| spent.spend(&points(numbers), 10, 1_000, Timestamp(at));
        assert_eq!(spend(0..8, 0), Standing::Within);
        assert_eq!(spend(0..8, 10), Standing::Within);
        assert_eq!(spend(8..10, 20), Standing::Near { used: 10 });
        assert_eq!(spend(0..10, 30), Standing::Within, "nothing new, and told once");
        assert_eq!(spend(10..11, 40), Standing::Exhausted { until: Timestamp(1_000) });
        assert_eq!(spend(0..10, 50), Standing::Within, "what was got stays free");
        assert_eq!(spend(10..11, 1_000), Standing::Within, "the first eight are out");
        assert_eq!(spend(11..18, 1_001), Standing::Near { used: 10 });
        assert_eq!(spend(18..19, 1_002), Standing::Exhausted { until: Timestamp(1_020) });
    }

    #[test]
    fn what_a_log_says_is_counted_and_forgotten_alike() {
        let mut spent = Spent::default();
        spent.remember(points(0..10), Timestamp(0));
        let exhausted = Standing::Exhausted { until: Timestamp(1_000) };
        assert_eq!(spent.spend(&points(10..11), 10, 1_000, Timestamp(5)), exhausted);
        assert!(spent.tidy(1_000, Timestamp(999)));
        assert!(!spent.tidy(1_000, Timestamp(1_000)));
    }
}
