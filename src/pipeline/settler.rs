//! Acknowledged work → served, for many requests at once: whoever waits shares one flush of the store
//! and one commit with everybody else who waits.
//!
//! What fails here is not lost: it is in the ledger as pending, and is tried again until the store takes
//! it.

use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};

use crate::domain::id::RevisionId;
use crate::domain::limits::{
    COMMIT_BATCH_DOCUMENTS, LEFT_OVER_MS, RETRY_MS_MAX, RETRY_MS_MIN, SETTLE_QUEUE_MAX,
};

use super::guard::Guard;

/// Where acknowledged revisions are handed in.
#[derive(Debug, Clone)]
pub struct Settler {
    queue: mpsc::Sender<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    revisions: Vec<RevisionId>,
    done: oneshot::Sender<bool>,
}

impl Settler {
    /// A settler and its work, which ends when every handle is gone and everything handed in is done or
    /// was tried. The guard is taken anew for each batch.
    pub fn new(
        guard: impl Fn() -> Guard + Send + Sync + 'static,
    ) -> (Self, impl Future<Output = ()> + Send) {
        let (queue, waiting) = mpsc::channel(SETTLE_QUEUE_MAX);
        (Self { queue }, work(guard, waiting))
    }

    /// Has these revisions served soon. Where the queue is full they are left over, and found later.
    pub fn hand_in(&self, revisions: Vec<RevisionId>) {
        let _ = self.queue.try_send(Waiting { revisions, done: oneshot::channel().0 });
    }

    /// Returns when these revisions are served (`true`), or when that did not work and will be tried
    /// again (`false`).
    pub async fn settle(&self, revisions: Vec<RevisionId>) -> bool {
        if revisions.is_empty() {
            return true;
        }
        let (done, answer) = oneshot::channel();
        if self.queue.send(Waiting { revisions, done }).await.is_err() {
            return false;
        }
        answer.await.unwrap_or(false)
    }
}

async fn work(guard: impl Fn() -> Guard + Send + Sync, mut waiting: mpsc::Receiver<Waiting>) {
    let mut pause = RETRY_MS_MIN;
    let mut look = soon(LEFT_OVER_MS);
    loop {
        // However much is handed in, what was left over gets its turn.
        if look <= Instant::now() {
            let done = carry_on(&guard()).await;
            pause = if done { RETRY_MS_MIN } else { (pause * 2).min(RETRY_MS_MAX) };
            look = soon(if done { LEFT_OVER_MS } else { pause });
        }
        let first = match timeout_at(look, waiting.recv()).await {
            Ok(Some(first)) => first,
            Ok(None) => return,
            Err(_) => continue,
        };
        let mut batch = vec![first];
        while batch.len() < COMMIT_BATCH_DOCUMENTS {
            let Ok(next) = waiting.try_recv() else { break };
            batch.push(next);
        }
        if !settle(&guard(), batch).await {
            look = look.min(soon(pause));
        }
    }
}

fn soon(after_ms: u64) -> Instant {
    Instant::now() + Duration::from_millis(after_ms)
}

/// Whether all of a batch is served now.
async fn settle(present: &Guard, batch: Vec<Waiting>) -> bool {
    let all: Vec<RevisionId> = batch.iter().flat_map(|one| one.revisions.clone()).collect();
    let together = present.settle(&all).await;
    let mut every = true;
    for one in batch {
        // One that cannot be placed must not hold up the others.
        let served = match &together {
            Ok(()) => Ok(()),
            Err(_) => present.settle(&one.revisions).await,
        };
        if let Err(error) = &served {
            tracing::warn!(code = error.code(), "acknowledged documents wait for the store");
        }
        every &= served.is_ok();
        // Whoever waited may have gone; the work is done all the same.
        let _ = one.done.send(served.is_ok());
    }
    every
}

/// Tries everything that waits: what failed before, and what was acknowledged elsewhere and did not come
/// to be served. Whether nothing waits any more that another try could help.
async fn carry_on(present: &Guard) -> bool {
    match present.reconcile().await {
        Ok(done) => {
            if done.served > 0 && !done.withheld {
                tracing::info!(documents = done.served, "what was acknowledged is served");
            }
            true
        }
        Err(error) => {
            tracing::warn!(code = error.code(), "acknowledged documents still wait");
            false
        }
    }
}
