//! A naive model, written again from the design's words, against `decide`, `scope` and `recheck` with
//! random inputs. `ALNAGE_MODEL_CASES` sets how many (a million in CI).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use alnage::adapters::credentials::Directory;
use alnage::config::directory;
use alnage::config::policy::{SHIPPED, parse};
use alnage::domain::access::{AccessClass, AccessList, Label, Principal};
use alnage::domain::authorize::Rights;
use alnage::domain::caller::Caller;
use alnage::domain::digest::Digest;
use alnage::domain::document::{
    Block, BlockId, BlockKind, Document, Format, Joint, Location, Span, Visibility,
};
use alnage::domain::filter::Filter;
use alnage::domain::finding::{Confidence, Evidence, Finding, Severity, Taxonomy};
use alnage::domain::id::{
    ChunkId, ClassId, CollectionId, DocumentId, PointId, RevisionId, RulingId, SourceId,
};
use alnage::domain::keys::{KeyRing, KeyStatus};
use alnage::domain::policy::{Mode, Policy, Verdict};
use alnage::domain::retrieval::{ChunkState, Hit, Liveness, Query, recheck, scope};
use alnage::domain::sensitive::{Sensitive, SensitiveLabel};
use alnage::domain::source::{EmbedderIdentity, Tenant, TrustTier};
use alnage::domain::stamp::{Embedded, RESERVED_KEY, Sealing, StampedChunk, seal};
use alnage::domain::time::Timestamp;
use alnage::domain::vector::Vector;
use alnage::domain::verdict::{Basis, Decision, Stage, Warrant, decide};
use alnage::pipeline::rules;
use serde_json::{Value, json};
use uuid::Uuid;

use super::filters;
use super::support::{rights, ring};

/// Without the variable: enough to fail on any mistake, in seconds.
const CASES: u64 = 40_000;

fn cases() -> u64 {
    std::env::var("ALNAGE_MODEL_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(CASES)
}

/// xorshift64* (Vigna 2016): reproducible, and no dependency.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }
    pub(super) fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % sides
    }
    pub(super) fn one_in(&mut self, sides: u64) -> bool {
        self.roll(sides) == 0
    }
    pub(super) fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.roll(of.len() as u64)).unwrap()].clone()
    }
}

const USERS: [&str; 4] = ["ana", "ben", "eve", "unknown"];
const TENANTS: [&str; 2] = ["main", "other"];
const PRINCIPALS: [&str; 7] =
    ["everyone", "user:ana", "user:ben", "user:eve", "group:red", "group:blue", "role:app"];
const DIRECTORY: &str = "\
[users.ana]\ngroups = [\"red\"]\nclearance = \"restricted\"\n\
[users.ben]\ngroups = [\"red\", \"blue\"]\nclearance = \"confidential\"\n\
[users.eve]\ngroups = []\nclearance = \"public\"\n";

/// What the model knows of a user: written out again, not read from the directory.
fn groups_and_clearance(user: &str) -> (&'static [&'static str], u8) {
    match user {
        "ana" => (&["red"], 3),
        "ben" => (&["red", "blue"], 2),
        "eve" => (&[], 0),
        _ => (&[], 1),
    }
}

/// The design, §1 and §8: allow and deny principals and a label; absent means nobody; deny beats allow;
/// a tenant is never left; the clearance must reach the label.
fn model_may_read(user: &str, tenant: &str, class: &AccessClass) -> bool {
    let (groups, clearance) = groups_and_clearance(user);
    let is_named = |principal: &Principal| match principal {
        Principal::Everyone => true,
        Principal::User(name) => name == user,
        Principal::Group(name) => groups.contains(&name.as_str()),
        Principal::Role(_) => false,
    };
    let label = match class.list.label {
        Label::Public => 0,
        Label::Internal => 1,
        Label::Confidential => 2,
        Label::Restricted => 3,
    };
    if class.tenant.as_str() != tenant || class.list.deny.iter().any(is_named) {
        return false;
    }
    class.list.allow.iter().any(is_named) && label <= clearance
}

fn random_list(dice: &mut Dice) -> AccessList {
    let mut some = |most: u64| -> BTreeSet<Principal> {
        (0..dice.roll(most)).map(|_| dice.pick(&PRINCIPALS).parse().unwrap()).collect()
    };
    let (mut allow, deny) = (some(4), some(2));
    if dice.one_in(2) {
        allow.insert(Principal::Everyone);
    }
    // Low labels more often, or hardly anything could be read by anybody.
    let label = dice.pick(&Label::ALL).min(dice.pick(&Label::ALL));
    AccessList { allow, deny, label }
}

fn random_class(dice: &mut Dice) -> AccessClass {
    AccessClass {
        id: ClassId::new(Uuid::from_u128(dice.roll(1 << 40).into())),
        tenant: dice.pick(&TENANTS).parse().unwrap(),
        list: random_list(dice),
    }
}

fn callers() -> BTreeMap<(&'static str, &'static str), Caller> {
    let directory = Directory::of(directory::parse("users", DIRECTORY).unwrap());
    let pairs = USERS.iter().flat_map(|user| TENANTS.map(|tenant| (*user, tenant)));
    pairs
        .map(|(user, tenant)| {
            let caller =
                directory.view_as_in_file(&tenant.parse::<Tenant>().unwrap(), user).unwrap();
            ((user, tenant), caller)
        })
        .collect()
}

fn collection() -> CollectionId {
    CollectionId::new(Uuid::from_u128(1))
}

#[test]
fn scope_names_exactly_the_classes_that_the_model_allows() {
    let callers = callers();
    let mut dice = Dice(0x5EED_0001);
    // Each asks the policies about every class anew.
    for _ in 0..cases() / 20 {
        let (user, tenant) = (dice.pick(&USERS), dice.pick(&TENANTS));
        let classes: Vec<AccessClass> =
            (0..dice.roll(6)).map(|_| random_class(&mut dice)).collect();
        // A filter of the caller's own changes nothing of the boundary.
        let filter = dice.one_in(2).then(|| filters::filter(&mut |end| dice.roll(end), 1));
        let filter = filter.map(|filter| Arc::new(Filter::parse(&filter, "filter").unwrap()));
        let query = Query {
            collection: collection(),
            using: "lexical".to_owned(),
            vector: Vector::sparse([(1, 1.0)]),
            filter,
        };
        let boundary = rights(&callers[&(user, tenant)]).boundary(&classes);
        let scoped = scope(query, &boundary).unwrap();
        let named: Vec<ClassId> = scoped.map(|query| query.classes().to_vec()).unwrap_or_default();
        let allowed = classes.iter().filter(|class| model_may_read(user, tenant, class));
        let allowed: BTreeSet<ClassId> = allowed.map(|class| class.id).collect();
        assert_eq!(named, Vec::from_iter(allowed), "{user} of {tenant}");
    }
}

/// A sealed point, and what the ledger says of it when nothing is wrong.
struct Sealed {
    chunk: StampedChunk,
    state: ChunkState,
}

/// When everything is asked.
const NOW: Timestamp = Timestamp(1_000);

fn sealed(dice: &mut Dice, keys: &KeyRing) -> Sealed {
    let class = random_class(dice);
    let basis = dice.roll(3);
    let warrant = match basis {
        0 => Warrant::Policy,
        1 => Warrant::Observe,
        _ => Warrant::Release(RulingId::new(Uuid::from_u128(5))),
    };
    let severity = dice.pick(&Severity::ALL);
    let findings = if basis == 0 { Vec::new() } else { vec![finding("r", severity, 100, true)] };
    let decision =
        decide(document(), &findings, &policy(), TrustTier::External, Stage::AsRead, warrant);
    let Decision::Admitted(admitted) = decision else { panic!("not admitted") };
    let (basis, verdict) = (admitted.basis(), admitted.verdict());
    let id = |dice: &mut Dice| Uuid::from_u128(dice.roll(1 << 31).into());
    let sealing = Sealing {
        tenant: class.tenant.clone(),
        source: SourceId::new(id(dice)),
        document: DocumentId::new(id(dice)),
        revision: RevisionId::new(id(dice)),
        uri: "a.txt".to_owned(),
        file: Digest::of(b"file"),
        collection: collection(),
        class: class.id,
        generation: 1 + dice.roll(5),
        embedder: EmbedderIdentity { name: "lexical".to_owned(), digest: Digest::of(b"e") },
        rules: Digest::of(b"rules"),
        reader: "1".to_owned(),
        at: Timestamp(0),
    };
    let embedded = Embedded {
        chunk: ChunkId::new(id(dice)),
        point: PointId::new(id(dice)),
        ordinal: 0,
        text: "text".to_owned(),
        metadata: filters::payload(&mut |end| dice.roll(end)),
        vectors: [("lexical".to_owned(), Vector::sparse([(1, 1.0)]))].into(),
    };
    let chunk_id = embedded.chunk;
    let chunk = seal(admitted, &sealing, vec![embedded], keys).unwrap().remove(0);
    let state = ChunkState {
        chunk: chunk_id,
        document: sealing.document,
        revision: sealing.revision,
        origin: Digest::of(&chunk.record().origin),
        liveness: Liveness::Serving,
        class: Arc::new(class),
        generation: sealing.generation,
        moving_from: None,
        expires_at: None,
        basis,
        verdict,
    };
    Sealed { chunk, state }
}

#[test]
fn recheck_clears_exactly_what_the_model_clears() {
    let threads = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    let counts: Vec<(u64, u64)> = std::thread::scope(|spawner| {
        let run = |seed| spawner.spawn(move || recheck_against_model(seed, cases() / threads));
        let running: Vec<_> = (1..=threads).map(run).collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let (cleared, withheld) = counts.iter().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    // Both answers must be common, or the comparison says little.
    assert!(cleared * 20 > cleared + withheld, "{cleared} cleared, {withheld} withheld");
    assert!(withheld * 20 > cleared + withheld, "{cleared} cleared, {withheld} withheld");
}

fn recheck_against_model(seed: u64, cases: u64) -> (u64, u64) {
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let keys = ring("k1", KeyStatus::Retired);
    let pool: Vec<Sealed> = (0..500).map(|_| sealed(&mut dice, &keys)).collect();
    let wishes: Vec<(Value, Filter)> = (0..300)
        .map(|_| {
            let filter = filters::filter(&mut |end| dice.roll(end), 2);
            let parsed = Filter::parse(&filter, "filter").unwrap();
            (filter, parsed)
        })
        .collect();
    let rights: BTreeMap<_, Rights> =
        callers().into_iter().map(|(who, caller)| (who, rights(&caller))).collect();
    let (mut cleared, mut withheld) = (0, 0);
    for case in 0..cases {
        let point = &pool[usize::try_from(dice.roll(500)).unwrap()];
        let other = &pool[usize::try_from(dice.roll(500)).unwrap()];
        let (user, tenant) = (dice.pick(&USERS), dice.pick(&TENANTS));
        let mode = if dice.one_in(3) { Mode::Observe } else { Mode::Enforce };
        let mut hit = Hit {
            collection: collection(),
            point: point.chunk.point(),
            score: 1.0,
            payload: point.chunk.payload(),
            vectors: point.chunk.vectors().clone(),
        };
        let intact = !tampered(&mut hit, &other.chunk, &mut dice);
        let mut state = point.state.clone();
        let mut expected = point.state.clone();
        let in_place = !moved_on(&mut state, &mut expected, &mut dice);
        let known = !dice.one_in(20);

        let wish = dice.one_in(2).then(|| dice.pick(&wishes));
        let wanted = wish
            .as_ref()
            .is_none_or(|(filter, _)| filters::passes(filter, &point.chunk.record().payload));

        let observed_only = state.basis == Basis::Observed
            && state.verdict != Verdict::Admit
            && mode == Mode::Enforce;
        let model = intact
            && known
            && in_place
            && state.liveness == Liveness::Serving
            && model_may_read(user, tenant, &state.class)
            && wanted
            && state.expires_at.is_none_or(|at| NOW.0 < at.0)
            && !observed_only;
        let filter = wish.as_ref().map(|(_, filter)| filter);
        let answer = recheck(
            hit,
            &rights[&(user, tenant)],
            filter,
            known.then_some(&state),
            &keys,
            mode,
            NOW,
        );
        assert_eq!(answer.is_ok(), model, "seed {seed}, case {case}: {answer:?}");
        match answer {
            Ok(_) => cleared += 1,
            Err(_) => withheld += 1,
        }
    }
    (cleared, withheld)
}

/// Perhaps alters the hit; says whether it did.
fn tampered(hit: &mut Hit, other: &StampedChunk, dice: &mut Dice) -> bool {
    let before = hit.clone();
    match dice.roll(40) {
        0 => drop(hit.payload.insert("text".to_owned(), json!("other"))),
        1 => drop(hit.payload.insert("extra".to_owned(), json!(1))),
        2 => hit.point = other.point(),
        3 => hit.collection = CollectionId::new(Uuid::from_u128(2)),
        4 => {
            drop(hit.payload.insert(RESERVED_KEY.to_owned(), other.payload()[RESERVED_KEY].clone()))
        }
        5 => drop(hit.payload.remove(RESERVED_KEY)),
        6 => hit.vectors = [("lexical".to_owned(), Vector::sparse([(2, 1.0)]))].into(),
        7 => {
            let stamp = hit.payload[RESERVED_KEY].as_object_mut().unwrap();
            let foreign = other.payload()[RESERVED_KEY]["acl"].clone();
            stamp.insert("acl".to_owned(), foreign);
        }
        8 => {
            let stamp = hit.payload[RESERVED_KEY].as_object_mut().unwrap();
            for field in ["placement", "placement_mac"] {
                stamp.insert(field.to_owned(), other.payload()[RESERVED_KEY][field].clone());
            }
        }
        _ => {}
    }
    (hit.point, hit.collection) != (before.point, before.collection)
        || hit.payload != before.payload
        || hit.vectors != before.vectors
}

/// Perhaps the ledger has moved on; says whether the point is out of place now.
fn moved_on(state: &mut ChunkState, expected: &mut ChunkState, dice: &mut Dice) -> bool {
    match dice.roll(24) {
        0 => state.liveness = Liveness::InTransit,
        1 => state.liveness = Liveness::Ended,
        2 => state.generation += 1,
        3 => {
            // A noted move: the point still lies where it lay before.
            state.moving_from = Some((state.class.id, state.generation));
            let tenant = state.class.tenant.clone();
            state.class = Arc::new(AccessClass { tenant, ..random_class(dice) });
            state.generation += 1;
            return false;
        }
        4 => Arc::make_mut(&mut state.class).id = ClassId::new(Uuid::from_u128(3)),
        5 => state.origin = Digest::of(b"another"),
        6 => state.revision = RevisionId::new(Uuid::from_u128(4)),
        // A millisecond before, at, and a millisecond after the moment.
        7..=9 => {
            state.expires_at = Some(Timestamp(NOW.0 - 1 + i64::try_from(dice.roll(3)).unwrap()))
        }
        _ => {}
    }
    let placed = (state.class.id, state.generation) == (expected.class.id, expected.generation);
    let same = (state.origin, state.revision) == (expected.origin, expected.revision);
    !(placed && same)
}

fn policy() -> Arc<Policy> {
    thread_local! {
        static POLICY: Arc<Policy> = profile("default");
    }
    POLICY.with(Arc::clone)
}

fn profile(name: &str) -> Arc<Policy> {
    let text = SHIPPED.iter().find(|(shipped, _)| *shipped == name).unwrap().1;
    let ids = rules::ids(&rules::Detectors::shipped());
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    Arc::new(parse(name, text, &ids).unwrap())
}

fn document() -> Document {
    Document {
        format: Format::Text,
        title: None,
        blocks: vec![Block {
            text: "text".to_owned(),
            kind: BlockKind::Paragraph,
            joint: Joint::Paragraph,
            visibility: Visibility::Shown,
            location: Location::Text { line: 1, start_byte: 0, end_byte: 4 },
        }],
        notices: Vec::new(),
        given: Default::default(),
    }
}

fn finding(rule: &str, severity: Severity, confidence: u8, placed: bool) -> Finding {
    Finding {
        rule: rule.to_owned().into(),
        severity,
        confidence: Confidence::percent(confidence),
        spans: if placed { vec![Span { block: BlockId(0), start: 0, end: 2 }] } else { Vec::new() },
        visibility: Visibility::Shown,
        note: String::new(),
        evidence: Evidence::new(""),
        taxonomy: Taxonomy::default(),
        sensitive: None,
        allowed: None,
    }
}

/// The shipped profiles again, as the design and their comments say them: 0 admit … 3 reject.
fn model_verdict(profile: &str, tier: TrustTier, finding: &Finding) -> u8 {
    match (profile, finding.sensitive) {
        (
            "strict",
            Some(
                Sensitive::PrivateKey
                | Sensitive::Iban
                | Sensitive::Card
                | Sensitive::NationalNumber,
            ),
        ) => return 2,
        ("strict", Some(_)) => return 1,
        (_, Some(kind)) => return u8::from(kind.label() == SensitiveLabel::Secret),
        (_, None) => {}
    }
    match finding.rule.as_ref() {
        "detector-failed" => return 2,
        "document-unsupported" => return 3,
        "near-duplicate-flood" if profile == "default" && tier != TrustTier::External => return 0,
        _ => {}
    }
    let medium = match (profile, tier) {
        ("default", TrustTier::Trusted) => 0,
        ("default", _) | ("strict", TrustTier::Trusted) => 1,
        _ => 2,
    };
    let verdict = match finding.severity {
        Severity::Info | Severity::Low => 0,
        Severity::Medium => medium,
        Severity::High | Severity::Critical => 2,
    };
    let unsure = profile == "default" && finding.confidence.value() < 50;
    if unsure { u8::saturating_sub(verdict, 1) } else { verdict }
}

#[test]
fn decide_agrees_with_the_model() {
    let mut dice = Dice(0x5EED_0003);
    let profiles = ["default", "strict"].map(|name| (name, profile(name)));
    let rules =
        ["instruction-override", "detector-failed", "document-unsupported", "near-duplicate-flood"];
    for case in 0..cases() {
        let (name, policy) = dice.pick(&profiles);
        let tier = dice.pick(&TrustTier::ALL);
        let findings: Vec<Finding> = (0..dice.roll(4))
            .map(|_| {
                let confidence = u8::try_from(dice.roll(101)).unwrap();
                let placed = !dice.one_in(4);
                // Rules of their own verdict are rare, or little else would decide.
                let rule = if dice.one_in(8) { dice.pick(&rules) } else { "instruction-override" };
                let found = finding(rule, dice.pick(&Severity::ALL), confidence, placed);
                if !dice.one_in(6) {
                    return found;
                }
                let kind = dice.pick(&Sensitive::ALL);
                Finding { rule: kind.label().name().into(), sensitive: Some(kind), ..found }
            })
            .collect();
        let stage = if dice.one_in(3) { Stage::Redacted } else { Stage::AsRead };
        let warrant = match dice.roll(6) {
            0 => Warrant::Observe,
            1 => Warrant::Release(RulingId::new(Uuid::from_u128(1))),
            _ => Warrant::Policy,
        };
        let verdicts = findings.iter().map(|finding| model_verdict(name, tier, finding));
        let worst = verdicts.max().unwrap_or(0);
        let placeless = findings.iter().any(|one| {
            model_verdict(name, tier, one) == 1 && one.spans.is_empty() && one.sensitive.is_none()
        });
        // Without a place in the text it stands beside it, where it is known again.
        let beside = findings.iter().any(|one| one.sensitive.is_some() && one.spans.is_empty());
        let model = match (warrant, worst, stage) {
            (Warrant::Observe, ..) => "observed",
            (Warrant::Release(_), ..) => "released",
            (Warrant::Policy, 0, _) => "admitted",
            (Warrant::Policy, 1, Stage::AsRead) if !placeless => "redact",
            (Warrant::Policy, 3, _) => "rejected",
            (Warrant::Policy, ..) => "held",
        };
        let answer = match decide(document(), &findings, &policy, tier, stage, warrant) {
            Decision::Admitted(admitted) => match admitted.basis() {
                Basis::Policy => "admitted",
                Basis::Observed => "observed",
                Basis::Released { .. } => "released",
                Basis::Adopted => "adopted",
            },
            Decision::Redact(removals) => {
                assert!(beside || !removals.is_empty());
                "redact"
            }
            Decision::Held(_) => "held",
            Decision::Rejected(_) => "rejected",
        };
        assert_eq!(answer, model, "case {case}: {name} {tier:?} {stage:?} {findings:?}");
    }
}
