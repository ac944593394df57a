//! The audit log: JSON lines in a hash chain, with signed checkpoints.
//!
//! `record` writes in the caller's own task, behind a lock that is held for one short write: a hand-over
//! to a thread would cost more than the write. A thread of its own takes what was written to disk.
//! Reading takes no lock at all.

mod chain;
mod checkpoints;
mod flusher;
mod folder;
mod open;
mod spent;
mod verify;
mod walk;

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use async_trait::async_trait;

use crate::adapters::system::SystemClock;
use crate::domain::audit::Durability;
use crate::domain::limits::AUDIT_SEGMENT_BYTES;
use crate::domain::signing::Signer;
use crate::domain::time::Timestamp;
use crate::pipeline::events::Event;
use crate::pipeline::ports::{Clock as _, EventError, EventSink};
use crate::pipeline::trace;

use chain::Entry;
use flusher::Shared;

pub use checkpoints::newest;
pub use spent::remember;
pub use verify::{Verification, verify};
pub use walk::{Fault, Line, Walk, Why};

/// An open audit log.
#[derive(Debug)]
pub struct AuditLog {
    shared: Arc<Shared>,
    durability: Durability,
    flusher: Mutex<Option<JoinHandle<()>>>,
}

impl AuditLog {
    /// Opens the log of a folder, or begins it. The chain goes on from the last whole record; what a
    /// crash has torn is on record.
    pub fn open(folder: &Path, signer: &Signer, durability: Durability) -> io::Result<Self> {
        Self::with_segments(folder, signer, durability, AUDIT_SEGMENT_BYTES)
    }

    /// The same with segments of another size.
    pub fn with_segments(
        folder: &Path,
        signer: &Signer,
        durability: Durability,
        segment_bytes: u64,
    ) -> io::Result<Self> {
        let now = SystemClock.now();
        let (chain, checkpoints) = open::open(folder, signer, (durability, segment_bytes), now)?;
        let shared = Arc::new(Shared::new(chain));
        let flusher = flusher::start(Arc::clone(&shared), checkpoints, durability)?;
        Ok(Self { shared, durability, flusher: Mutex::new(Some(flusher)) })
    }

    /// Takes everything to disk and signs for it. Nothing is recorded afterwards.
    pub fn close(&self) {
        self.shared.lock().closing = true;
        self.shared.wake();
        let flusher = self.flusher.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(flusher) = flusher {
            // It panicked: what was written is still chained, and the next start signs for it.
            let _ = flusher.join();
        }
    }
}

impl Drop for AuditLog {
    fn drop(&mut self) {
        self.close();
    }
}

#[async_trait]
impl EventSink for AuditLog {
    async fn record(&self, at: Timestamp, event: &Event) -> Result<(), EventError> {
        let at = at.precise();
        let text = serde_json::to_string(event).map_err(io::Error::from)?;
        let entry = Entry { at: &at, trace: trace::current(), event: &text };
        let (first, flushed) = {
            let mut chain = self.shared.lock();
            let first = chain.append(entry)?;
            (first, (self.durability == Durability::Strict).then(|| chain.when_flushed()))
        };
        if first {
            self.shared.wake();
        }
        if let Some(flushed) = flushed
            && !flushed.await.unwrap_or(false)
        {
            return Err(io::Error::other("the record could not be taken to disk").into());
        }
        if let Event::Withheld { point, reason, alarm: true, .. }
        | Event::FaultFound { point, reason, .. } = event
        {
            tracing::error!(%point, reason, "a stored point is not as sealed");
        }
        Ok(())
    }
}
