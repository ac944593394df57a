//! Everything that the stories share: the ports, the keys, the policy in force.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::detect::Detectors;
use crate::domain::access::Label;
use crate::domain::authorize::AccessPolicies;
use crate::domain::budget::BudgetLimits;
use crate::domain::digest::Digest;
use crate::domain::id::{ChunkId, ClassId, DocumentId, PointId, RevisionId, RulingId};
use crate::domain::keys::Secret;
use crate::domain::policy::{Mode, Policy};
use crate::domain::signing::Signer;
use crate::domain::source::{Collection, EmbedderIdentity, Name, TrustTier};
use crate::domain::time::Timestamp;
use crate::domain::vector::VectorShape;

use super::budget::Budgets;
use super::events::Event;
use super::judges::Judges;
use super::known::Known;
use super::people::People;
use super::ports::{
    Clock, Embedder, Entropy, EventError, EventSink, KeyKeeper, Ledger, Reader, VectorStore,
};
use super::retention::Keeping;
use super::scan::Scanner;
use super::shared_ring::SharedRing;
use super::turns::Turns;

/// The guard: one per workspace. Cheap to share, safe to use from many tasks.
#[derive(Clone)]
pub struct Guard {
    /// Parses files.
    pub reader: Arc<dyn Reader>,
    /// The truth.
    pub ledger: Arc<dyn Ledger>,
    /// Users and groups that identity providers keep here.
    pub people: Arc<dyn People>,
    /// How long documents are kept.
    pub keeping: Arc<dyn Keeping>,
    /// The cache that is searched.
    pub store: Arc<dyn VectorStore>,
    /// What makes vectors, by the names that collections are made with.
    pub embedders: Arc<Embedders>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes ids.
    pub entropy: Arc<dyn Entropy>,
    /// Takes what must be on record.
    pub events: Arc<dyn EventSink>,
    /// Keys of the stamps; `keys()` gives those in force.
    pub ring: Arc<SharedRing>,
    /// Where the ring is kept, and changed.
    pub keeper: Arc<dyn KeyKeeper>,
    /// Signs for people who have only the public key.
    pub signer: Signer,
    /// Key of fingerprints, so that nobody can tell from the ledger which known file it has seen.
    pub fingerprints: Secret,
    /// The policy in force.
    pub policy: Arc<Policy>,
    /// Whether it is enforced.
    pub mode: Mode,
    /// Who may read what.
    pub access_policies: Arc<AccessPolicies>,
    /// How many different chunks anybody may get in a while.
    pub budget_limits: BudgetLimits,
    /// From which clearance on secrets and personal data in passages are told; `None`: from any.
    pub unmasked_from: Option<Label>,
    /// How many everybody got.
    pub budgets: Arc<Budgets>,
    /// What detectors run: the shipped ones and the workspace's packs, or none to measure what they cost.
    pub detection: Detection,
    /// Whom the rules ask about what is in doubt; nobody, unless that is configured.
    pub judges: Arc<Judges>,
    /// What the ledger has said as of its present epoch.
    pub known: Arc<Known>,
    /// What keeps stories that run at once out of each other's way.
    pub turns: Arc<Turns>,
}

/// Embedders by name.
pub type Embedders = BTreeMap<Name, Arc<dyn Embedder>>;

/// Whether detectors run. Without them nothing is guarded: for measurements alone, and no
/// configuration reaches it.
#[derive(Debug, Clone)]
pub enum Detection {
    /// Every detector.
    On(Detectors),
    /// None, to have something to compare with.
    OffForMeasurement,
}

impl Detection {
    /// What runs, if anything does.
    pub(super) const fn detectors(&self) -> Option<&Detectors> {
        match self {
            Self::On(detectors) => Some(detectors),
            Self::OffForMeasurement => None,
        }
    }

    /// Changes whenever anything else could be found.
    pub(super) fn rules_digest(&self) -> Digest {
        self.detectors().map_or_else(|| Digest::of(b"no detectors"), Detectors::rules_digest)
    }
}

impl std::fmt::Debug for Guard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Guard").field("policy", &self.policy.id).field("mode", &self.mode).finish()
    }
}

/// The collection's vectors are of an embedder that this guard does not have.
#[derive(Debug, Clone, thiserror::Error)]
#[error(
    "collection `{collection}` was made with embedder {made_with}, this workspace has {present}"
)]
pub struct OtherEmbedder {
    collection: String,
    made_with: String,
    present: String,
}

impl Guard {
    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// What judges documents under the policy in force and keeps nothing.
    pub fn scanner(&self, tier: TrustTier) -> Scanner {
        let (reader, policy) = (Arc::clone(&self.reader), Arc::clone(&self.policy));
        let (detection, judges) = (self.detection.clone(), Arc::clone(&self.judges));
        Scanner { reader, policy, detection, tier, judges }
    }

    /// Digest of everything that findings hang on: rules, and whoever is asked after them.
    pub(super) fn rules_digest(&self) -> Digest {
        self.judges.rules_digest(self.detection.rules_digest())
    }

    pub(super) async fn record(&self, event: &Event) -> Result<(), EventError> {
        self.events.record(self.now(), event).await
    }

    /// The embedder of a collection. Vectors of two embedders are never mixed: their distances would
    /// mean nothing.
    pub(super) fn embedder_of(
        &self,
        collection: &Collection,
    ) -> Result<&dyn Embedder, OtherEmbedder> {
        let mut embedders = self.embedders.values();
        if let Some(embedder) = embedders.find(|one| one.identity() == collection.embedder) {
            return Ok(embedder.as_ref());
        }
        let named = |identity: &EmbedderIdentity| {
            format!("`{} {}`", identity.name, identity.digest.short())
        };
        let present: Vec<String> =
            self.embedders.values().map(|embedder| named(&embedder.identity())).collect();
        Err(OtherEmbedder {
            collection: collection.name.to_string(),
            made_with: named(&collection.embedder),
            present: present.join(", "),
        })
    }

    /// The vectors of a collection that pipelines bring themselves with every chunk: those that its embedder
    /// does not make.
    pub fn given_vectors(
        &self,
        collection: &Collection,
    ) -> Result<BTreeMap<String, VectorShape>, OtherEmbedder> {
        let made = self.embedder_of(collection)?.shapes();
        let mut given = collection.vectors.clone();
        given.retain(|name, _| !made.contains_key(name));
        Ok(given)
    }

    pub(super) fn document_id(&self) -> DocumentId {
        DocumentId::new(self.entropy.uuid())
    }
    pub(super) fn revision_id(&self) -> RevisionId {
        RevisionId::new(self.entropy.uuid())
    }
    pub(super) fn chunk_id(&self) -> ChunkId {
        ChunkId::new(self.entropy.uuid())
    }
    pub(super) fn point_id(&self) -> PointId {
        PointId::new(self.entropy.uuid())
    }
    pub(super) fn class_id(&self) -> ClassId {
        ClassId::new(self.entropy.uuid())
    }
    pub(super) fn ruling_id(&self) -> RulingId {
        RulingId::new(self.entropy.uuid())
    }
}
