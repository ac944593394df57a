//! What a judge may cost: calls and bytes within any hour. What is spent is not borrowed: the next call waits for
//! nothing and fails.
//!
//! Lets through on purpose: the count begins anew with the program. It bounds what a flood of documents costs,
//! not what an operator spends who starts the program again.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

const HOUR: Duration = Duration::from_secs(60 * 60);

/// The calls of the last hour.
#[derive(Debug)]
pub(super) struct Budget {
    calls_max: u64,
    bytes_max: u64,
    calls: Mutex<Calls>,
}

#[derive(Debug, Default)]
struct Calls {
    /// When, and how many bytes; oldest first.
    made: VecDeque<(Instant, u64)>,
    bytes: u64,
}

/// There is nothing left of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Spent {
    #[error("its calls of this hour are spent")]
    Calls,
    #[error("its bytes of this hour are spent")]
    Bytes,
}

impl Budget {
    pub(super) fn new(calls_max: u64, bytes_max: u64) -> Self {
        Self { calls_max, bytes_max, calls: Mutex::default() }
    }

    /// Takes one call of so many bytes out of it, or nothing.
    pub(super) fn take(&self, now: Instant, bytes: usize) -> Result<(), Spent> {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some((_, old)) =
            calls.made.pop_front_if(|(at, _)| now.duration_since(*at) >= HOUR)
        {
            calls.bytes = calls.bytes.saturating_sub(old);
        }
        if calls.made.len() as u64 >= self.calls_max {
            return Err(Spent::Calls);
        }
        let sum = calls.bytes.saturating_add(bytes);
        if sum > self.bytes_max {
            return Err(Spent::Bytes);
        }
        calls.bytes = sum;
        calls.made.push_back((now, bytes));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{Budget, Spent};

    #[test]
    fn a_spent_hour_gives_nothing_until_its_first_call_is_an_hour_old() {
        let budget = Budget::new(2, 1_000);
        let start = Instant::now();
        let at = |minutes: u64| start + Duration::from_secs(minutes * 60);
        assert_eq!(budget.take(at(0), 10), Ok(()));
        assert_eq!(budget.take(at(30), 10), Ok(()));
        assert_eq!(budget.take(at(59), 10), Err(Spent::Calls));
        assert_eq!(budget.take(at(60), 10), Ok(()));
        assert_eq!(budget.take(at(61), 10), Err(Spent::Calls), "no hour has more than two");
    }

    #[test]
    fn bytes_are_counted_as_well_and_what_does_not_fit_takes_nothing() {
        let budget = Budget::new(100, 1_000);
        let now = Instant::now();
        assert_eq!(budget.take(now, 900), Ok(()));
        assert_eq!(budget.take(now, 101), Err(Spent::Bytes));
        assert_eq!(budget.take(now, 100), Ok(()));
        assert_eq!(budget.take(now, usize::MAX), Err(Spent::Bytes));
    }
}
