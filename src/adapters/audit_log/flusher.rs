//! The thread that takes records to disk, many with one flush, and signs checkpoints. It holds the lock
//! only to look and to note, never while the disk works.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use crate::adapters::system::SystemClock;
use crate::domain::audit::Durability;
use crate::domain::limits::{AUDIT_FLUSH_MS, AUDIT_RETRY_MS};
use crate::pipeline::ports::Clock as _;

use super::chain::Chain;
use super::checkpoints::Checkpoints;

/// What recorders and the flusher share.
#[derive(Debug)]
pub(super) struct Shared {
    chain: Mutex<Chain>,
    /// Something waits, or the end is near.
    wake: Condvar,
}

impl Shared {
    pub(super) const fn new(chain: Chain) -> Self {
        Self { chain: Mutex::new(chain), wake: Condvar::new() }
    }

    /// A poisoned lock means that somebody panicked between two steps: the end of the file is checked
    /// before the next record.
    pub(super) fn lock(&self) -> MutexGuard<'_, Chain> {
        self.chain.lock().unwrap_or_else(|poisoned| {
            self.chain.clear_poison();
            let mut chain = poisoned.into_inner();
            chain.broken = true;
            chain
        })
    }

    pub(super) fn wake(&self) {
        self.wake.notify_all();
    }

    fn wait<'a>(
        &self,
        chain: MutexGuard<'a, Chain>,
        time: Option<Duration>,
    ) -> MutexGuard<'a, Chain> {
        match time {
            None => self.wake.wait(chain).unwrap_or_else(PoisonError::into_inner),
            Some(time) => {
                self.wake.wait_timeout(chain, time).unwrap_or_else(PoisonError::into_inner).0
            }
        }
    }
}

/// Starts the thread.
pub(super) fn start(
    shared: Arc<Shared>,
    checkpoints: Checkpoints,
    durability: Durability,
) -> std::io::Result<JoinHandle<()>> {
    let pause = match durability {
        Durability::Default => Duration::from_millis(AUDIT_FLUSH_MS),
        Durability::Strict => Duration::ZERO,
    };
    Builder::new().name("audit".to_owned()).spawn(move || work(&shared, checkpoints, pause))
}

fn work(shared: &Shared, mut checkpoints: Checkpoints, pause: Duration) {
    let mut chain = shared.lock();
    loop {
        if chain.broken && !chain.closing {
            chain = shared.wait(chain, Some(Duration::from_millis(AUDIT_RETRY_MS)));
        }
        if chain.broken
            && let Err(error) = chain.recover()
        {
            tracing::error!(%error, "the audit log is not writable yet");
        }
        if let Some(since) = chain.waits_since {
            let rest = pause.saturating_sub(since.elapsed());
            if rest > Duration::ZERO && !chain.closing {
                chain = shared.wait(chain, Some(rest));
                continue;
            }
            if let Some(flush) = chain.begin_flush() {
                drop(chain);
                let result = flush.run();
                chain = shared.lock();
                chain.end_flush(&flush, result);
                continue;
            }
            chain.waits_since = None;
        }
        let (flushed, closing) = (chain.flushed, chain.closing);
        match checkpoints.due_in(flushed.seq, closing) {
            Some(Duration::ZERO) => {
                drop(chain);
                if let Err(error) = checkpoints.add(flushed, SystemClock.now()) {
                    tracing::error!(%error, "no checkpoint of the audit log could be signed");
                }
                chain = shared.lock();
            }
            _ if closing => {}
            rest if !chain.broken => chain = shared.wait(chain, rest),
            _ => {}
        }
        if closing && chain.waits_since.is_none() {
            return;
        }
    }
}
