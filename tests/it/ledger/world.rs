//! A ledger with two tenants, a source of each and a collection; and makers of revisions whose chunks
//! are decided and sealed as in production.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use alnage::domain::access::{AccessClass, AccessList, Label};
use alnage::domain::digest::Digest;
use alnage::domain::document::{Block, BlockKind, Document, Format, Joint, Location, Visibility};
use alnage::domain::finding::{Confidence, Evidence, Finding, Severity, Taxonomy};
use alnage::domain::id::{
    ChunkId, ClassId, CollectionId, DocumentId, PointId, RevisionId, RulingId, SourceId,
};
use alnage::domain::keys::{KeyRing, KeyStatus, Secret, StampKey};
use alnage::domain::policy::{Policy, Verdict};
use alnage::domain::retrieval::ChunkState;
use alnage::domain::root::SignedRoot;
use alnage::domain::signing::Signature;
use alnage::domain::source::{Collection, EmbedderIdentity, Source, Tenant, TrustTier};
use alnage::domain::stamp::{ChunkRecord, Embedded, Sealing, seal};
use alnage::domain::time::Timestamp;
use alnage::domain::vector::{SketchKey, Vector, VectorShape};
use alnage::domain::verdict::{Basis, Decision, Reason, Stage, Warrant, decide};
use alnage::pipeline::ledger::{
    Contents, DocumentHead, Keep, Ledger, LedgerError, NewRevision, Ruling,
};
use uuid::Uuid;

/// Opens the ledger that lies in a directory, or makes one.
pub(super) type Open =
    fn(PathBuf) -> Pin<Box<dyn Future<Output = Result<Box<dyn Ledger>, LedgerError>> + Send>>;

pub(super) const NOW: Timestamp = Timestamp(1_750_000_000_000);

pub(super) struct World {
    pub(super) ledger: Box<dyn Ledger>,
    pub(super) place: tempfile::TempDir,
    open: Open,
    pub(super) source: Source,
    pub(super) other_source: Source,
    pub(super) collection: Collection,
    /// Read by everyone of the first tenant.
    pub(super) everyone: AccessClass,
    /// Read by `group:people` of the first tenant.
    pub(super) people: AccessClass,
    keys: KeyRing,
}

/// One item of a source.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) document: DocumentId,
    pub(super) source: SourceId,
    pub(super) tenant: Tenant,
    pub(super) uri: String,
}

impl World {
    pub(super) async fn new(open: Open) -> Self {
        let place = tempfile::tempdir().unwrap();
        let ledger = open(place.path().to_owned()).await.expect("a new ledger opens");
        let (source, other_source) = (source("handbook", "main"), source("archive", "other"));
        let collection = collection("default");
        ledger.create_source(&source, NOW).await.unwrap();
        ledger.create_source(&other_source, NOW).await.unwrap();
        ledger.create_collection(&collection, NOW).await.unwrap();
        let everyone = class(&*ledger, &source.tenant, &["everyone"]).await;
        let people = class(&*ledger, &source.tenant, &["group:people"]).await;
        let keys = ring();
        Self { ledger, place, open, source, other_source, collection, everyone, people, keys }
    }

    /// As after a crash: nothing was closed.
    pub(super) async fn reopen(&mut self) {
        self.ledger = (self.open)(self.place.path().to_owned()).await.unwrap();
    }

    pub(super) fn item(&self, uri: &str) -> Item {
        item(&self.source, uri)
    }

    pub(super) async fn class(&self, allow: &[&str]) -> AccessClass {
        class(&*self.ledger, &self.source.tenant, allow).await
    }

    /// The classes that guard something of a tenant.
    pub(super) async fn classes(&self, tenant: &Tenant) -> Vec<AccessClass> {
        self.ledger.classes(tenant).await.unwrap().0
    }

    pub(super) async fn head(&self, item: &Item) -> DocumentHead {
        self.ledger.head(item.source, &item.uri).await.unwrap().unwrap()
    }

    pub(super) async fn next_generation(&self, item: &Item) -> u64 {
        let head = self.ledger.head(item.source, &item.uri).await.unwrap();
        head.map_or(1, |head| head.next_generation)
    }

    pub(super) fn rejected(&self, item: &Item, class: &AccessClass, text: &str) -> NewRevision {
        NewRevision {
            document: item.document,
            source: item.source,
            uri: item.uri.clone(),
            container: None,
            revision: RevisionId::new(Uuid::new_v4()),
            collection: self.collection.id,
            fingerprint: Digest::of_parts([text.as_bytes(), b"fingerprint"]),
            allows: None,
            file_digest: Digest::of(text.as_bytes()),
            verdict: Verdict::Reject,
            reasons: vec![Reason { rule: "override".to_owned(), verdict: Verdict::Reject }],
            severity: Some(Severity::Critical),
            policy: Digest::of(b"policy"),
            rules: Digest::of(b"rules"),
            reader: "reader 1".to_owned(),
            class: class.clone(),
            narrowed: None,
            signature: Some((vec![1, 2, 3], vec![7, u64::MAX])),
            at: NOW,
            generation: 1,
            keep: Keep::Rejected,
        }
    }

    pub(super) fn held(&self, item: &Item, class: &AccessClass, text: &str) -> NewRevision {
        NewRevision {
            verdict: Verdict::Quarantine,
            severity: Some(Severity::High),
            keep: Keep::Held { contents: contents(text) },
            ..self.rejected(item, class, text)
        }
    }

    pub(super) fn admitted(
        &self,
        item: &Item,
        class: &AccessClass,
        text: &str,
        generation: u64,
    ) -> NewRevision {
        let mut new = NewRevision {
            verdict: Verdict::Admit,
            severity: None,
            reasons: Vec::new(),
            ..self.rejected(item, class, text)
        };
        let chunks = self.seal(item, &new, text, generation, Warrant::Policy);
        let contents = contents(text);
        let root = no_root();
        new.keep = Keep::Admitted { contents, basis: Basis::Policy, chunks, root };
        new.generation = generation;
        new
    }

    /// One chunk for each line.
    pub(super) fn seal(
        &self,
        item: &Item,
        new: &NewRevision,
        text: &str,
        generation: u64,
        warrant: Warrant,
    ) -> Vec<ChunkRecord> {
        let policy = policy();
        let tier = TrustTier::Internal;
        let decision = decide(document(text), &[], &policy, tier, Stage::AsRead, warrant);
        let Decision::Admitted(admitted) = decision else { panic!("{decision:?}") };
        let sealing = Sealing {
            tenant: item.tenant.clone(),
            source: item.source,
            document: item.document,
            revision: new.revision,
            uri: item.uri.clone(),
            file: new.file_digest,
            collection: new.collection,
            class: new.class.id,
            generation,
            embedder: self.collection.embedder.clone(),
            rules: new.rules,
            reader: new.reader.clone(),
            at: NOW,
        };
        let chunks = (0..).zip(text.lines()).map(|(ordinal, line)| embedded(ordinal, line));
        let stamped = seal(admitted, &sealing, chunks.collect(), &self.keys).unwrap();
        stamped.iter().map(|chunk| chunk.record().clone()).collect()
    }

    pub(super) const fn keys(&self) -> &KeyRing {
        &self.keys
    }

    /// Stages a revision as the next of its document.
    pub(super) async fn put(&self, mut new: NewRevision) -> NewRevision {
        let head = self.ledger.head(new.source, &new.uri).await.unwrap();
        new.generation = head.map_or(1, |head| head.next_generation);
        self.ledger.stage(&new).await.unwrap();
        new
    }

    /// Stages an admitted revision.
    pub(super) async fn stage(&self, item: &Item, class: &AccessClass, text: &str) -> NewRevision {
        let generation = self.next_generation(item).await;
        let new = self.admitted(item, class, text, generation);
        self.ledger.stage(&new).await.unwrap();
        new
    }

    /// Stages an admitted revision and commits it.
    pub(super) async fn serve(&self, item: &Item, class: &AccessClass, text: &str) -> NewRevision {
        let new = self.stage(item, class, text).await;
        self.commit(&new).await;
        new
    }

    pub(super) async fn hold(&self, item: &Item, class: &AccessClass, text: &str) -> NewRevision {
        self.put(self.held(item, class, text)).await
    }

    pub(super) async fn commit(&self, new: &NewRevision) {
        self.ledger.commit(&[new.revision], NOW).await.unwrap();
    }

    /// What is true of a revision's first chunk.
    pub(super) async fn state(&self, new: &NewRevision) -> ChunkState {
        let points = points(new);
        let states = self.ledger.states(self.collection.id, &points).await.unwrap();
        assert_eq!(states.len(), points.len());
        states[&points[0]].clone()
    }

    /// Drops whatever waits to be dropped, as the pipeline does.
    pub(super) async fn drop_points(&self) {
        let queued = self.ledger.points_to_drop().await.unwrap();
        let points: Vec<PointId> = queued.into_iter().map(|(_, point)| point).collect();
        self.ledger.points_dropped(&points).await.unwrap();
    }
}

pub(super) fn source(name: &str, tenant: &str) -> Source {
    Source {
        id: SourceId::new(Uuid::new_v4()),
        name: name.parse().unwrap(),
        tenant: tenant.parse().unwrap(),
        tier: TrustTier::Internal,
        readers: list(&["everyone"]),
    }
}

pub(super) fn collection(name: &str) -> Collection {
    Collection {
        id: CollectionId::new(Uuid::new_v4()),
        name: name.parse().unwrap(),
        embedder: EmbedderIdentity { name: "lexical".to_owned(), digest: Digest::of(b"lexical") },
        vectors: BTreeMap::from([
            ("lexical".to_owned(), VectorShape::Sparse),
            ("dense".to_owned(), VectorShape::Dense { dimensions: 3 }),
        ]),
    }
}

pub(super) fn item(source: &Source, uri: &str) -> Item {
    Item {
        document: DocumentId::new(Uuid::new_v4()),
        source: source.id,
        tenant: source.tenant.clone(),
        uri: uri.to_owned(),
    }
}

pub(super) fn list(allow: &[&str]) -> AccessList {
    AccessList {
        allow: allow.iter().map(|name| name.parse().unwrap()).collect(),
        deny: BTreeSet::new(),
        label: Label::Internal,
    }
}

pub(super) async fn class(ledger: &dyn Ledger, tenant: &Tenant, allow: &[&str]) -> AccessClass {
    ledger.class(tenant, &list(allow), ClassId::new(Uuid::new_v4())).await.unwrap()
}

pub(super) fn document(text: &str) -> Document {
    let block = |line: &str| Block {
        text: line.to_owned(),
        kind: BlockKind::Paragraph,
        joint: Joint::Line,
        visibility: Visibility::Shown,
        location: Location::Text { line: 1, start_byte: 0, end_byte: 1 },
    };
    Document {
        format: Format::Text,
        title: Some("Title".to_owned()),
        blocks: text.lines().map(block).collect(),
        notices: Vec::new(),
        given: Default::default(),
    }
}

pub(super) fn contents(text: &str) -> Contents {
    let finding = Finding {
        rule: "override".into(),
        severity: Severity::High,
        confidence: Confidence::percent(90),
        spans: Vec::new(),
        visibility: Visibility::Shown,
        note: "asks a model to forget its instructions".to_owned(),
        evidence: Evidence::new(text),
        taxonomy: Taxonomy::default(),
        sensitive: None,
        allowed: None,
    };
    Contents {
        file: text.as_bytes().to_vec(),
        document: Some(document(text)),
        findings: vec![finding],
        redacted: Some(document("[removed]")),
    }
}

fn embedded(ordinal: u32, line: &str) -> Embedded {
    let metadata = serde_json::json!({ "score": 0.1 + 0.2, "nested": [{ "page": 3 }, null] });
    let weights = line.bytes().map(|byte| (u32::from(byte), 1.0 / f32::from(byte)));
    Embedded {
        chunk: ChunkId::new(Uuid::new_v4()),
        point: PointId::new(Uuid::new_v4()),
        ordinal,
        text: line.to_owned(),
        metadata: metadata.as_object().unwrap().clone(),
        vectors: BTreeMap::from([
            ("lexical".to_owned(), Vector::sparse(weights)),
            ("dense".to_owned(), Vector::Dense(vec![0.1, -1.0e-30, 3.402_823_5e38])),
        ]),
    }
}

/// A root that was signed for nothing: what it says is not the ledger's business.
pub(super) fn no_root() -> SignedRoot {
    SignedRoot {
        statement: b"statement".to_vec(),
        signature: Signature([7; 64]),
        signer: Digest::of(b"signer"),
    }
}

pub(super) fn ruling(new: &NewRevision) -> Ruling {
    Ruling {
        id: RulingId::new(Uuid::new_v4()),
        revision: new.revision,
        actor: "operator".to_owned(),
        second: Some("second".to_owned()),
        reason: "looked at it".to_owned(),
        at: NOW,
    }
}

pub(super) fn chunks(new: &NewRevision) -> &[ChunkRecord] {
    match &new.keep {
        Keep::Admitted { chunks, .. } => chunks,
        Keep::Held { .. } | Keep::Rejected => &[],
    }
}

pub(super) fn points(new: &NewRevision) -> Vec<PointId> {
    chunks(new).iter().map(|chunk| chunk.point).collect()
}

fn policy() -> Arc<Policy> {
    Arc::new(Policy {
        id: "test".to_owned(),
        digest: Digest::of(b"policy"),
        tiers: [[Verdict::Admit; 5]; 3],
        rules: BTreeMap::new(),
        calibrated: BTreeMap::new(),
        kinds: BTreeMap::new(),
        confidence_min: 0,
        alternates: BTreeSet::new(),
        undetermined: BTreeSet::new(),
    })
}

fn ring() -> KeyRing {
    let name: alnage::domain::source::Name = "k1".parse().unwrap();
    let key = StampKey::derive(&Secret::new([3; 32]), KeyStatus::Active);
    KeyRing::new(BTreeMap::from([(name.clone(), key)]), name, SketchKey::new([4; 32])).unwrap()
}
