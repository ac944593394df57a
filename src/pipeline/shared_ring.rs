//! The ring of stamp keys in force, which a running guard may swap: whoever begins something takes the
//! ring as it is then, and goes on with it.

use std::sync::{Arc, PoisonError, RwLock};

use crate::domain::keys::KeyRing;

use super::guard::Guard;

/// A ring that all clones of a guard share.
#[derive(Debug)]
pub struct SharedRing(RwLock<Arc<KeyRing>>);

impl SharedRing {
    /// Shares a ring.
    pub fn new(ring: KeyRing) -> Self {
        Self(RwLock::new(Arc::new(ring)))
    }

    /// The ring in force.
    pub fn get(&self) -> Arc<KeyRing> {
        // Nothing can panic while it is held, and a ring is swapped whole.
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts another ring in force.
    pub fn set(&self, ring: KeyRing) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring);
    }
}

impl Guard {
    /// The stamp keys in force.
    pub fn keys(&self) -> Arc<KeyRing> {
        self.ring.get()
    }
}
