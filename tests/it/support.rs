//! Real parts in a throw-away folder: the SQLite ledger, a real store, reader processes of the real
//! program; and in front of the store somebody who alters what it answers.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock};

use alnage::adapters::credentials::Directory;
use alnage::adapters::embedders;
use alnage::adapters::key_files::Keys;
use alnage::adapters::ledger::SqliteLedger;
use alnage::adapters::reader_process::ReaderPool;
use alnage::adapters::ring_file::RingKeeper;
use alnage::adapters::stores::{EdgeStore, MemoryStore};
use alnage::adapters::system::{RandomIds, SystemClock};
use alnage::config::directory;
use alnage::config::policy::{SHIPPED, parse};
use alnage::domain::access::{AccessList, Label, Principal};
use alnage::domain::authorize::{AccessPolicies, Circumstances, Rights};
use alnage::domain::budget::BudgetLimits;
use alnage::domain::caller::Caller;
use alnage::domain::document::{Format, RawDocument};
use alnage::domain::id::{CollectionId, PointId};
use alnage::domain::keys::{KeyRing, KeyStatus, Secret, StampKey};
use alnage::domain::policy::Mode;
use alnage::domain::retrieval::{Hit, ScopedQuery};
use alnage::domain::source::{Collection, Name, Tenant, TrustTier};
use alnage::domain::stamp::StampedChunk;
use alnage::domain::time::Timestamp;
use alnage::domain::vector::SketchKey;
use alnage::pipeline::administer::NewSource;
use alnage::pipeline::events::Event;
use alnage::pipeline::guard::{Detection, Guard};
use alnage::pipeline::ledger::Ledger;
use alnage::pipeline::passage::Passage;
use alnage::pipeline::people::People;
use alnage::pipeline::ports::{EventError, EventSink, StoreError, VectorStore};
use alnage::pipeline::reading::Options;
use alnage::pipeline::receipt::{Intake, Item, Receipt};
use alnage::pipeline::retrieve::Question;
use alnage::pipeline::rules::{self, Detectors};
use alnage::pipeline::shared_ring::SharedRing;
use async_trait::async_trait;

pub(super) const PROGRAM: &str = env!("CARGO_BIN_EXE_alnage");

/// The documents of a small company.
pub(super) fn company() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("corpora").join("company")
}

/// A multipart form: its content type and body.
pub(super) fn form(name: &str, content: &[u8], fields: &[(&str, &str)]) -> (String, Vec<u8>) {
    let boundary = "----alnage-form-boundary";
    let mut body = Vec::new();
    for (field, value) in fields {
        let part = format!(
            "--{boundary}\r\ncontent-disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n"
        );
        body.extend(part.as_bytes());
    }
    let head = format!(
        "--{boundary}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n"
    );
    body.extend(head.as_bytes());
    body.extend(content);
    body.extend(format!("\r\n--{boundary}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={boundary}"), body)
}

/// A ring with an active key `k1`, and `k0` of this status.
pub(super) fn ring(signing: &str, old: KeyStatus) -> KeyRing {
    let name = |text: &str| text.parse::<Name>().unwrap();
    let key = |seed, status| StampKey::derive(&Secret::new([seed; 32]), status);
    let other = if signing == "k0" { KeyStatus::Active } else { old };
    let keys =
        BTreeMap::from([(name("k0"), key(10, other)), (name("k1"), key(11, KeyStatus::Active))]);
    KeyRing::new(keys, name(signing), SketchKey::new([3; 32])).unwrap()
}

/// Which store lies behind the guard.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Memory,
    Edge,
}

/// Changes a hit on its way out of the store.
type Alteration = Box<dyn Fn(&mut Hit) + Send + Sync>;

/// A real store with an attacker in front of it, who can also forget and replay points.
pub(super) struct Tampered {
    inner: Arc<dyn VectorStore>,
    pub(super) alteration: Mutex<Option<Alteration>>,
    pub(super) added: Mutex<Vec<Hit>>,
}

#[async_trait]
impl VectorStore for Tampered {
    async fn create(&self, collection: &Collection) -> Result<(), StoreError> {
        self.inner.create(collection).await
    }
    async fn destroy(&self, collection: CollectionId) -> Result<(), StoreError> {
        self.inner.destroy(collection).await
    }
    async fn upsert(&self, id: CollectionId, chunks: &[StampedChunk]) -> Result<(), StoreError> {
        self.inner.upsert(id, chunks).await
    }
    async fn delete(&self, id: CollectionId, points: &[PointId]) -> Result<(), StoreError> {
        self.inner.delete(id, points).await
    }
    async fn flush(&self, collection: CollectionId) -> Result<(), StoreError> {
        self.inner.flush(collection).await
    }
    async fn search(
        &self,
        query: &ScopedQuery,
        limit: usize,
        except: &[PointId],
    ) -> Result<Vec<Hit>, StoreError> {
        let mut hits = self.inner.search(query, limit, except).await?;
        hits.extend(self.added.lock().unwrap().drain(..));
        if let Some(alter) = &*self.alteration.lock().unwrap() {
            hits.iter_mut().for_each(alter);
        }
        Ok(hits)
    }
    async fn scroll(
        &self,
        collection: CollectionId,
        after: Option<PointId>,
        limit: usize,
    ) -> Result<Vec<Hit>, StoreError> {
        let mut hits = self.inner.scroll(collection, after, limit).await?;
        if let Some(alter) = &*self.alteration.lock().unwrap() {
            hits.iter_mut().for_each(alter);
        }
        Ok(hits)
    }
}

/// Keeps events to look at.
#[derive(Debug, Default)]
pub(super) struct Recorded(pub Mutex<Vec<Event>>);

#[async_trait]
impl EventSink for Recorded {
    async fn record(&self, _: Timestamp, event: &Event) -> Result<(), EventError> {
        self.0.lock().unwrap().push(event.clone());
        Ok(())
    }
}

/// A guard with everything real behind it.
pub(super) struct TestGuard {
    pub(super) guard: Guard,
    pub(super) store: Arc<Tampered>,
    pub(super) events: Arc<Recorded>,
    pub(super) intake: Intake,
    _folder: tempfile::TempDir,
}

impl TestGuard {
    pub(super) async fn start(profile: &str, kind: Kind) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let inner: Arc<dyn VectorStore> = match kind {
            Kind::Memory => Arc::new(MemoryStore::default()),
            Kind::Edge => Arc::new(EdgeStore::open(&folder.path().join("store")).unwrap()),
        };
        let store = Arc::new(Tampered {
            inner,
            alteration: Mutex::new(None),
            added: Mutex::new(Vec::new()),
        });
        let events = Arc::new(Recorded::default());
        let path = folder.path().join("ledger.sqlite");
        let ledger = Arc::new(SqliteLedger::open(&path, Secret::new([1; 32])).await.unwrap());
        let key_folder = folder.path().join("keys");
        Keys::create(&key_folder).unwrap();
        let keys = Keys::load(&key_folder).unwrap();
        let text = SHIPPED.iter().find(|(name, _)| *name == profile).unwrap().1;
        let ids = rules::ids(&Detectors::shipped());
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let processes = NonZeroUsize::new(2).unwrap();
        let guard = Guard {
            reader: Arc::new(
                ReaderPool::of_program(PROGRAM.into(), processes, Options::default()).unwrap(),
            ),
            ledger: Arc::clone(&ledger) as Arc<dyn Ledger>,
            people: Arc::clone(&ledger) as Arc<dyn People>,
            keeping: ledger,
            store: Arc::clone(&store) as Arc<dyn VectorStore>,
            embedders: embedders::shipped(),
            clock: Arc::new(SystemClock),
            entropy: Arc::new(RandomIds),
            events: Arc::clone(&events) as Arc<dyn EventSink>,
            ring: Arc::new(SharedRing::new(ring("k1", KeyStatus::Retired))),
            keeper: Arc::new(RingKeeper::new(key_folder, keys.ring.sketch().clone())),
            signer: keys.signer.clone(),
            fingerprints: Secret::new([2; 32]),
            policy: Arc::new(parse(profile, text, &ids).unwrap()),
            mode: Mode::Enforce,
            access_policies: base_policies(),
            budget_limits: BudgetLimits::default(),
            unmasked_from: None,
            budgets: Arc::default(),
            detection: Detection::On(Detectors::shipped()),
            judges: Arc::default(),
            known: Arc::default(),
            turns: Arc::default(),
        };
        let source =
            guard.create_source(new_source("inside", "main", TrustTier::Internal), "tester");
        let source = source.await.unwrap();
        let collection = guard
            .create_collection(
                "main".parse().unwrap(),
                &embedders::lexical_name(),
                &BTreeMap::new(),
                "tester",
            )
            .await
            .unwrap();
        let intake = Intake { source, collection, actor: "tester".to_owned() };
        Self { guard, store, events, intake, _folder: folder }
    }

    /// Another source over the same collection.
    pub(super) async fn source(&self, name: &str, tenant: &str, tier: TrustTier) -> Intake {
        let source =
            self.guard.create_source(new_source(name, tenant, tier), "tester").await.unwrap();
        Intake { source, ..self.intake.clone() }
    }

    pub(super) async fn ingest(
        &self,
        uri: &str,
        text: &str,
        access: Option<AccessList>,
    ) -> Receipt {
        self.ingest_into(&self.intake, uri, text, access).await
    }

    pub(super) async fn ingest_into(
        &self,
        intake: &Intake,
        uri: &str,
        text: &str,
        access: Option<AccessList>,
    ) -> Receipt {
        let declared = Format::of_name(uri);
        let raw = RawDocument { uri: uri.to_owned(), declared, bytes: text.as_bytes().to_vec() };
        let report = self.guard.ingest(intake, vec![Item::file(raw, access)]).await.unwrap();
        assert!(report.waiting.is_none(), "{:?}", report.waiting);
        report.answers.into_iter().next().unwrap().unwrap()
    }

    /// What this user is answered.
    pub(super) async fn ask(&self, user: &str, question: &str) -> Vec<Passage> {
        self.ask_of("main", user, question).await
    }

    pub(super) async fn ask_of(&self, tenant: &str, user: &str, question: &str) -> Vec<Passage> {
        let caller = caller(tenant, user);
        let question = Question::text(&caller, &self.intake.collection, question, 5);
        self.guard.retrieve(&question).await.unwrap()
    }

    /// Reasons of alarms since the last call.
    pub(super) fn alarms(&self) -> Vec<String> {
        let events = std::mem::take(&mut *self.events.0.lock().unwrap());
        let alarm = |event| match event {
            Event::Withheld { reason, alarm: true, .. } => Some(reason.to_owned()),
            _ => None,
        };
        events.into_iter().filter_map(alarm).collect()
    }
}

fn new_source(name: &str, tenant: &str, tier: TrustTier) -> NewSource {
    NewSource {
        name: name.parse().unwrap(),
        tenant: tenant.parse().unwrap(),
        tier,
        readers: AccessList::allowing([Principal::Everyone], Label::Public),
    }
}

/// Alice is of `staff` and cleared for everything, Bob of `sales`, anybody else of no group.
pub(super) fn caller(tenant: &str, user: &str) -> Caller {
    let users = directory::parse(
        "users",
        "[users.alice]\ngroups = [\"staff\"]\nclearance = \"restricted\"\n\
         [users.bob]\ngroups = [\"sales\"]\nclearance = \"internal\"\n",
    );
    Directory::of(users.unwrap()).view_as_in_file(&tenant.parse::<Tenant>().unwrap(), user).unwrap()
}

/// What holds in every workspace.
pub(super) fn base_policies() -> Arc<AccessPolicies> {
    static BASE: OnceLock<Arc<AccessPolicies>> = OnceLock::new();
    Arc::clone(BASE.get_or_init(|| Arc::new(AccessPolicies::read(&[]).unwrap())))
}

/// What this caller may read under these.
pub(super) fn rights(caller: &Caller) -> Rights {
    let circumstances = Circumstances::of(caller, Timestamp(0), None);
    Rights::new(caller.clone(), circumstances, base_policies(), BTreeMap::new())
}

/// Readers by name.
pub(super) fn readers(allow: &[&str], deny: &[&str], label: Label) -> AccessList {
    let set = |names: &[&str]| names.iter().map(|name| name.parse().unwrap()).collect();
    AccessList { allow: set(allow), deny: set(deny), label }
}
