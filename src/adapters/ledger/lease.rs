//! The epoch without asking for it each time: what was read a moment ago holds while nothing is written here,
//! and for a bounded time, since another process might write.
//!
//! A write is counted when it begins and when it is over, after its commit. So whoever asks after a change
//! was acknowledged finds another count, and reads anew; and while a write is open everybody reads.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Mutex as AsyncMutex, MutexGuard as AsyncGuard};

use crate::domain::limits::EPOCH_LEASE_MS;

/// Shared by all clones of a ledger.
#[derive(Debug, Default)]
pub(super) struct Lease {
    /// Writes that began and writes that are over; odd while one is open, for only one is at a time.
    writes: AtomicU64,
    confirmed: Mutex<Option<Confirmed>>,
    reading: AsyncMutex<()>,
}

/// What was read, when, and after which writes.
#[derive(Debug, Clone, Copy)]
struct Confirmed {
    epoch: u64,
    at: Instant,
    writes: u64,
}

/// A write that is open until this is dropped.
#[derive(Debug)]
pub(super) struct Open(Arc<Lease>);

/// When a reading of the epoch began.
#[derive(Debug, Clone, Copy)]
pub(super) struct Begun {
    at: Instant,
    writes: u64,
}

impl Lease {
    /// Notes that a write is open.
    pub(super) fn open(self: &Arc<Self>) -> Open {
        self.writes.fetch_add(1, Ordering::SeqCst);
        Open(Arc::clone(self))
    }

    /// The epoch, if what was read still holds.
    pub(super) fn held(&self) -> Option<u64> {
        let writes = self.writes.load(Ordering::SeqCst);
        let confirmed = (*self.confirmed.lock().unwrap_or_else(PoisonError::into_inner))?;
        let is_young = confirmed.at.elapsed() < Duration::from_millis(EPOCH_LEASE_MS);
        (is_young && confirmed.writes == writes).then_some(confirmed.epoch)
    }

    /// Waits for a reading that is on its way, whose answer may do; not while a write is open, when none
    /// does. Those who waited in vain do not wait for each other: a ledger that is locked would keep the last
    /// of them for as long as all of them together.
    pub(super) async fn turn(&self) -> Option<AsyncGuard<'_, ()>> {
        if self.writes.load(Ordering::SeqCst) % 2 == 1 {
            return None;
        }
        match self.reading.try_lock() {
            Ok(turn) => Some(turn),
            Err(_) => {
                drop(self.reading.lock().await);
                None
            }
        }
    }

    /// Before the epoch is read.
    pub(super) fn begin(&self) -> Begun {
        Begun { at: Instant::now(), writes: self.writes.load(Ordering::SeqCst) }
    }

    /// Keeps what was read, if no write was open when the reading began.
    pub(super) fn confirm(&self, begun: Begun, epoch: u64) {
        if begun.writes.is_multiple_of(2) {
            let Begun { at, writes } = begun;
            let mut confirmed = self.confirmed.lock().unwrap_or_else(PoisonError::into_inner);
            *confirmed = Some(Confirmed { epoch, at, writes });
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.writes.fetch_add(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::Lease;
    use std::sync::Arc;
    use std::time::Duration;

    #[test]
    fn a_write_ends_what_was_read_before_it_and_nothing_is_kept_while_one_is_open() {
        let lease = Arc::new(Lease::default());
        assert_eq!(lease.held(), None);
        lease.confirm(lease.begin(), 5);
        assert_eq!(lease.held(), Some(5));
        let begun = lease.begin();
        let open = lease.open();
        assert_eq!(lease.held(), None);
        lease.confirm(begun, 5);
        assert_eq!(lease.held(), None);
        lease.confirm(lease.begin(), 5);
        drop(open);
        assert_eq!(lease.held(), None, "read while the write was open, or before it");
        lease.confirm(begun, 5);
        assert_eq!(lease.held(), None);
        lease.confirm(lease.begin(), 6);
        assert_eq!(lease.held(), Some(6));
    }

    #[tokio::test]
    async fn who_waited_for_a_reading_in_vain_reads_beside_the_others() {
        let lease = Lease::default();
        let first = lease.turn().await;
        assert!(first.is_some());
        let waited = async { (lease.turn().await.is_some(), lease.turn().await.is_some()) };
        let (waited, ()) = tokio::join!(waited, async { drop(first) });
        assert_eq!(waited, (false, true), "one waits, and the next reading is nobody's");
    }

    #[test]
    fn what_was_read_holds_for_a_bounded_time() {
        let lease = Lease::default();
        lease.confirm(lease.begin(), 5);
        std::thread::sleep(Duration::from_millis(super::EPOCH_LEASE_MS + 1));
        assert_eq!(lease.held(), None);
    }
}
