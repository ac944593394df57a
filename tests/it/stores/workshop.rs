//! Makes collections, sealed chunks and scoped queries by the same doors as the product.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use alnage::adapters::credentials::Directory;
use alnage::config::directory;
use alnage::domain::access::{AccessClass, AccessList, Label};
use alnage::domain::digest::Digest;
use alnage::domain::document::{Document, Format};
use alnage::domain::filter::Filter;
use alnage::domain::id::{
    ChunkId, ClassId, CollectionId, DocumentId, PointId, RevisionId, SourceId,
};
use alnage::domain::keys::{KeyRing, KeyStatus, Secret, StampKey};
use alnage::domain::policy::{Policy, Verdict};
use alnage::domain::retrieval::{Hit, Query, ScopedQuery, scope};
use alnage::domain::source::{Collection, EmbedderIdentity, Tenant, TrustTier};
use alnage::domain::stamp::{self, Embedded, Fault, Sealing, StampedChunk, seal};
use alnage::domain::time::Timestamp;
use alnage::domain::vector::{SketchKey, Vector, VectorShape, Vectors};
use alnage::domain::verdict::{Decision, Stage, Warrant, decide};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::support::rights;

/// Dimensions of the workshop's dense vectors.
pub(super) const DIMENSIONS: u32 = 16;

const USERS: &str = "[users.alice]\ngroups = ['staff', 'board']\n[users.bob]\ngroups = ['staff']\n";

/// Two classes: `staff`, which Alice and Bob may read, and `board`, which only Alice may.
pub(super) struct Workshop {
    pub(super) collection: Collection,
    pub(super) staff: AccessClass,
    pub(super) board: AccessClass,
    keys: KeyRing,
}

/// Random ids of ours have a version and a variant; these have them too.
pub(super) fn id(number: u64) -> Uuid {
    Uuid::from_u64_pair(0x0190_0000_0000_4000, 0x8000_0000_0000_0000 | number)
}

pub(super) fn point(number: u64) -> PointId {
    PointId::new(id(number))
}

/// Vectors of a chunk: the lexical terms, and a dense vector pointing along one axis.
pub(super) fn vectors(terms: &[(u32, f32)], axis: usize) -> Vectors {
    let mut dense = vec![0.0; DIMENSIONS as usize];
    dense[axis] = 1.0;
    Vectors::from([
        ("lexical".to_owned(), Vector::sparse(terms.iter().copied())),
        ("dense".to_owned(), Vector::Dense(dense)),
    ])
}

impl Workshop {
    pub(super) fn new(collection: u64) -> Self {
        let class = |number, group: &str| AccessClass {
            id: ClassId::new(id(number)),
            tenant: Tenant::default(),
            list: AccessList::allowing([group.parse().unwrap()], Label::Internal),
        };
        let key = StampKey::derive(&Secret::new([3; 32]), KeyStatus::Active);
        let name: alnage::domain::source::Name = "k1".parse().unwrap();
        let keys = BTreeMap::from([(name.clone(), key)]);
        Self {
            collection: Collection {
                id: CollectionId::new(id(collection)),
                name: "docs".parse().unwrap(),
                embedder: embedder(),
                vectors: BTreeMap::from([
                    ("dense".to_owned(), VectorShape::Dense { dimensions: DIMENSIONS }),
                    ("lexical".to_owned(), VectorShape::Sparse),
                ]),
            },
            staff: class(0xA1, "group:staff"),
            board: class(0xB2, "group:board"),
            keys: KeyRing::new(keys, name, SketchKey::new([4; 32]))
                .expect("its signing key is in it"),
        }
    }

    /// One sealed chunk at `point(number)`.
    pub(super) fn chunk(
        &self,
        number: u64,
        class: &AccessClass,
        metadata: &Value,
        vectors: Vectors,
    ) -> StampedChunk {
        let metadata = metadata.as_object().cloned().unwrap_or_default();
        self.seal(class, vec![(number, metadata, vectors)]).remove(0)
    }

    pub(super) fn seal(
        &self,
        class: &AccessClass,
        chunks: Vec<(u64, Map<String, Value>, Vectors)>,
    ) -> Vec<StampedChunk> {
        let document = Document {
            format: Format::Text,
            title: None,
            blocks: Vec::new(),
            notices: Vec::new(),
            given: Default::default(),
        };
        let decision =
            decide(document, &[], &policy(), TrustTier::Internal, Stage::AsRead, Warrant::Policy);
        let Decision::Admitted(admitted) = decision else { panic!("nothing was found in it") };
        let sealing = Sealing {
            tenant: Tenant::default(),
            source: SourceId::new(id(10)),
            document: DocumentId::new(id(11)),
            revision: RevisionId::new(id(12)),
            uri: "a.txt".to_owned(),
            file: Digest::of(b"file"),
            collection: self.collection.id,
            class: class.id,
            generation: 1,
            embedder: embedder(),
            rules: Digest::of(b"rules"),
            reader: "1".to_owned(),
            at: Timestamp(0),
        };
        let embedded = chunks.into_iter().map(|(number, metadata, vectors)| Embedded {
            chunk: ChunkId::new(id(number)),
            point: point(number),
            ordinal: 0,
            text: format!("chunk {number}"),
            metadata,
            vectors,
        });
        seal(admitted, &sealing, embedded.collect(), &self.keys).unwrap()
    }

    /// What this user's question becomes at the store's door.
    pub(super) fn query(&self, user: &str, using: &str, vector: Vector) -> ScopedQuery {
        self.filtered(user, using, vector, None)
    }

    /// The same with a filter of the user's own.
    pub(super) fn filtered(
        &self,
        user: &str,
        using: &str,
        vector: Vector,
        filter: Option<&Value>,
    ) -> ScopedQuery {
        let directory = Directory::of(directory::parse("users", USERS).unwrap());
        let caller = directory.view_as_in_file(&Tenant::default(), user).unwrap();
        let filter = filter.map(|filter| Arc::new(Filter::parse(filter, "filter").unwrap()));
        let (collection, using) = (self.collection.id, using.to_owned());
        let query = Query { collection, using, vector, filter };
        let boundary = rights(&caller).boundary(&[self.staff.clone(), self.board.clone()]);
        scope(query, &boundary).unwrap().unwrap()
    }

    /// A question by words.
    pub(super) fn words(&self, user: &str, terms: &[(u32, f32)]) -> ScopedQuery {
        self.query(user, "lexical", Vector::sparse(terms.iter().copied()))
    }

    /// Whether what the store gave back is what was sealed, to the last bit that counts.
    pub(super) fn holds(&self, hit: &Hit) -> Result<(), Fault> {
        stamp::open(hit.collection, hit.point, &hit.payload, &hit.vectors, &self.keys).map(|_| ())
    }
}

pub(super) fn points(hits: &[Hit]) -> Vec<PointId> {
    hits.iter().map(|hit| hit.point).collect()
}

fn embedder() -> EmbedderIdentity {
    EmbedderIdentity { name: "workshop".to_owned(), digest: Digest::of(b"workshop") }
}

fn policy() -> Arc<Policy> {
    Arc::new(Policy {
        id: "open".to_owned(),
        digest: Digest::of(b"open"),
        tiers: [[Verdict::Admit; 5]; 3],
        rules: BTreeMap::new(),
        calibrated: BTreeMap::new(),
        kinds: BTreeMap::new(),
        confidence_min: 0,
        alternates: BTreeSet::new(),
        undetermined: BTreeSet::new(),
    })
}

/// A fixed pseudo-random sequence (splitmix64), the same on every machine.
pub(super) struct Noise(pub(super) u64);

impl Noise {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Below `end`.
    pub(super) fn below(&mut self, end: u16) -> u16 {
        u16::try_from(self.next() % u64::from(end)).unwrap()
    }

    /// A dense vector.
    pub(super) fn direction(&mut self) -> Vec<f32> {
        (0..DIMENSIONS).map(|_| f32::from(self.below(2_001)) / 1_000.0 - 1.0).collect()
    }
}

/// Metadata as pipelines bring it: every kind of value, nested, empty and null.
pub(super) fn odd_metadata() -> Value {
    json!({
        "title": "Ünïcode \u{1F389} \"quotes\" \\ \u{0} \u{202e}",
        "empty": "", "null": null, "yes": true,
        "numbers": [0, -1, 9_007_199_254_740_993_i64, u64::MAX, i64::MIN, 0.5, -0.0, 1e300, 1.0],
        "nested": {"list": [[], [null, {"a": null}], {}], "a.b": {"c[0]": 1}, "": "no name"},
        "dates": ["2026-11-22T00:00:00Z"],
    })
}
