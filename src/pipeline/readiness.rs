//! Whether the guard can do its work now.

use super::guard::Guard;

impl Guard {
    /// Codes of the neighbours that do not answer; none when all is well.
    pub async fn faults(&self) -> Vec<&'static str> {
        let mut faults = Vec::new();
        if self.ledger.epoch().await.is_err() {
            faults.push("ledger-failed");
        }
        let Ok(collections) = self.ledger.collections().await else { return faults };
        for collection in collections {
            if self.turns.complete(collection.id).is_none() {
                faults.push("store-rebuilding");
            } else if self.store.scroll(collection.id, None, 1).await.is_err() {
                faults.push("store-failed");
            }
        }
        faults.dedup();
        faults
    }
}
