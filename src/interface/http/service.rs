//! What every handler shares.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::FromRef;
use tokio::sync::{Mutex, watch};

use super::consistency::Tokens;
use super::cursor::Cursors;
use super::gates::Gates;
use super::health::Readiness;
use super::metrics::Metrics;
use crate::adapters::credentials::Directory;
use crate::adapters::identity::Issuers;
use crate::config::http::HttpSettings;
use crate::domain::keys::Secret;
use crate::pipeline::guard::Guard;
use crate::pipeline::settler::Settler;

/// What is in force now; a reload puts another in its place, and each request goes by the one that it
/// began with.
#[derive(Debug, Clone)]
pub struct Present {
    /// The guard.
    pub guard: Guard,
    /// Users and groups.
    pub directory: Directory,
    /// Whose tokens say who a user is.
    pub issuers: Arc<Issuers>,
}

/// What a service is started with.
#[derive(Debug)]
pub struct Start {
    /// What is in force.
    pub present: watch::Receiver<Arc<Present>>,
    /// Where acknowledged revisions are handed in.
    pub settler: Settler,
    /// Counters.
    pub metrics: Arc<Metrics>,
    /// Bounds.
    pub settings: HttpSettings,
    /// A secret of the workspace; keys of cursors and of idempotent requests are derived from it.
    pub secret: Secret,
}

/// The service. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Service {
    present: watch::Receiver<Arc<Present>>,
    pub(super) settler: Settler,
    pub(super) metrics: Arc<Metrics>,
    pub(super) gates: Arc<Gates>,
    pub(super) cursors: Arc<Cursors>,
    pub(super) consistency: Arc<Tokens>,
    pub(super) idempotency: Arc<Secret>,
    /// When it was last looked whether all is well, and what came of it.
    pub(super) looked: Arc<Mutex<Option<(Instant, Readiness)>>>,
}

impl Service {
    /// A service of these parts.
    pub fn new(start: Start) -> Self {
        Self {
            present: start.present,
            settler: start.settler,
            metrics: start.metrics,
            gates: Arc::new(Gates::new(&start.settings)),
            consistency: Arc::new(Tokens::new(start.secret.subkey("alnage consistency v1"))),
            cursors: Arc::new(Cursors::new(start.secret.subkey("alnage cursor v1"))),
            idempotency: Arc::new(start.secret.subkey("alnage idempotency v1")),
            looked: Arc::default(),
        }
    }

    /// What is in force now.
    pub(super) fn present(&self) -> Arc<Present> {
        Arc::clone(&self.present.borrow())
    }

    /// Ends what is due: answers that nobody asks for again, keys that did not ask for a while.
    pub async fn tidy(&self) {
        self.gates.tidy();
        let guard = &self.present().guard;
        guard.budgets.tidy(&guard.budget_limits, guard.clock.now());
        if let Err(error) = guard.ledger.tidy(guard.clock.now()).await {
            tracing::warn!(%error, "the ledger could not be tidied");
        }
    }
}

impl FromRef<Service> for Arc<Metrics> {
    fn from_ref(service: &Service) -> Self {
        Self::clone(&service.metrics)
    }
}
