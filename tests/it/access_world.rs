//! Random worlds of people, groups, lists, labels, tenants and policies that change while many ask, against an
//! evaluator that can be read in five minutes (`Naive`). Nobody gets what it forbids, whatever comes between; and where
//! nothing changes meanwhile, everybody gets the whole of the true top k.
//!
//! `ALNAGE_WORLD_QUERIES` sets how many questions (a million by hand, in a release build).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use alnage::adapters::credentials::{App, CredentialError, Directory, OnBehalf};
use alnage::adapters::embedders::lexical_name;
use alnage::domain::access::{AccessList, Label, Principal};
use alnage::domain::api_key::{Behalf, Role};
use alnage::domain::authorize::{AccessPolicies, PolicyFile};
use alnage::domain::id::{GroupId, PersonId};
use alnage::domain::people::{PeopleGroup, Person};
use alnage::domain::policy::Mode;
use alnage::domain::source::{Name, TrustTier};
use alnage::domain::time::Timestamp;
use alnage::domain::vector::Vector;
use alnage::pipeline::applications::NewKey;
use alnage::pipeline::error::GuardError;
use alnage::pipeline::guard::Guard;
use alnage::pipeline::receipt::Intake;
use alnage::pipeline::retrieve::Question;
use uuid::Uuid;

use super::model::Dice;
use super::support::{Kind, TestGuard};

const TENANTS: [&str; 2] = ["main", "other"];
const USERS: [&str; 6] = ["ana", "ben", "eve", "kim", "lee", "noa"];
const GROUPS: [&str; 5] = ["red", "blue", "green", "inner", "outer"];
const WORDS: [&str; 8] =
    ["whale", "budget", "harbour", "winter", "salary", "engine", "garden", "contract"];

/// Everything that decides, in plain texts.
#[derive(Clone, Default)]
struct Naive {
    /// `tenant/user` → (active, clearance).
    people: BTreeMap<String, (bool, usize)>,
    /// `tenant/group` → its direct members, `user:…` or `group:…`.
    groups: BTreeMap<String, BTreeSet<String>>,
    docs: Vec<Doc>,
}

#[derive(Clone)]
struct Doc {
    uri: String,
    tenant: &'static str,
    allow: BTreeSet<String>,
    deny: BTreeSet<String>,
    label: usize,
    alive: bool,
    expired: bool,
    vector: Arc<BTreeMap<u32, f32>>,
}

/// One side of who asks.
struct Who {
    tenant: &'static str,
    names: BTreeSet<String>,
    clearance: usize,
    delegate: bool,
    is_user: bool,
}

impl Naive {
    fn groups_of(&self, tenant: &str, user: &str) -> BTreeSet<String> {
        let mut names = BTreeSet::from([format!("user:{user}")]);
        loop {
            let before = names.len();
            for (group, members) in &self.groups {
                let (of, name) = group.split_once('/').unwrap();
                if of == tenant && !members.is_disjoint(&names) {
                    names.insert(format!("group:{name}"));
                }
            }
            if names.len() == before {
                return names;
            }
        }
    }

    /// The user of a name that somebody says; `None`: nobody.
    fn user(&self, tenant: &'static str, user: &str) -> Option<Who> {
        let is_provisioned = self.people.keys().any(|key| key.starts_with(&format!("{tenant}/")));
        let (names, clearance) = match self.people.get(&format!("{tenant}/{user}")) {
            Some((true, clearance)) => (self.groups_of(tenant, user), *clearance),
            _ if is_provisioned => return None,
            _ => (BTreeSet::from([format!("user:{user}")]), 1),
        };
        Some(Who { tenant, names, clearance, delegate: false, is_user: true })
    }

    fn allows(who: &Who, doc: &Doc, purpose: Option<&str>, rules: Rules) -> bool {
        let is_in =
            |list: &BTreeSet<String>| list.contains("everyone") || !list.is_disjoint(&who.names);
        let own = match rules {
            Rules::Base => true,
            Rules::NeedToKnow => {
                doc.label < 3 || !who.is_user || !doc.allow.is_disjoint(&only_users(&who.names))
            }
            Rules::Purpose => doc.label < 2 || purpose == Some("support"),
            Rules::Auditors => true,
        };
        let audits =
            rules == Rules::Auditors && who.names.contains("group:green") && doc.label <= 1;
        doc.alive
            && !doc.expired
            && who.tenant == doc.tenant
            && doc.label <= who.clearance
            && (audits || who.delegate || is_in(&doc.allow))
            && !is_in(&doc.deny)
            && own
    }
}

fn only_users(names: &BTreeSet<String>) -> BTreeSet<String> {
    names.iter().filter(|name| name.starts_with("user:")).cloned().collect()
}

/// Policies of a workspace's own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Rules {
    Base,
    NeedToKnow,
    Purpose,
    Auditors,
}

impl Rules {
    fn cedar(self) -> &'static str {
        match self {
            Self::Base => "",
            Self::NeedToKnow => include_str!("../../policies/access/examples/need-to-know.cedar"),
            Self::Purpose => {
                "@id(\"p\") forbid (principal, action, resource) when { resource.level >= 2 } \
                 unless { context has purpose && context.purpose == \"support\" };"
            }
            Self::Auditors => {
                "@id(\"a\") permit (principal in Group::\"green\", action, resource) \
                 when { resource.level <= 1 };"
            }
        }
    }
}

/// A key with what the evaluator knows of it.
struct Key {
    token: String,
    tenant: &'static str,
    behalf: Behalf,
    names: BTreeSet<String>,
    clearance: usize,
}

struct World {
    test: TestGuard,
    guards: Vec<(Rules, Guard)>,
    intakes: BTreeMap<&'static str, Intake>,
    directory: Directory,
    keys: Vec<Key>,
    /// The world after each change, begun ones too.
    history: Mutex<Vec<Arc<Naive>>>,
    /// How many changes were acknowledged.
    done: AtomicUsize,
    people: Mutex<BTreeMap<String, Person>>,
    groups: Mutex<BTreeMap<String, PeopleGroup>>,
    compared: AtomicU64,
    whole: AtomicU64,
    empty: AtomicU64,
}

fn sparse(vector: &Vector) -> BTreeMap<u32, f32> {
    let Vector::Sparse { indices, values } = vector else { panic!("dense") };
    indices.iter().copied().zip(values.iter().copied()).collect()
}

fn principals(names: &BTreeSet<String>) -> BTreeSet<Principal> {
    names.iter().map(|name| name.parse().unwrap()).collect()
}

impl World {
    async fn start() -> Self {
        let test = TestGuard::start("default", Kind::Memory).await;
        let guard = &test.guard;
        let rules = [Rules::Base, Rules::NeedToKnow, Rules::Purpose, Rules::Auditors];
        let guards = rules.map(|rules| {
            let file = PolicyFile { name: "own.cedar", text: rules.cedar() };
            let access_policies = Arc::new(AccessPolicies::read(&[file]).unwrap());
            (rules, Guard { access_policies, mode: Mode::Enforce, ..guard.clone() })
        });
        let inside = test.source("of-main", "main", TrustTier::Internal).await;
        let outside = test.source("of-other", "other", TrustTier::Internal).await;
        let mut keys = Vec::new();
        for (tenant, behalf, names, clearance) in [
            ("main", Behalf::Own, ["role:app"].as_slice(), 1),
            ("main", Behalf::Users, &["role:app", "group:red", "group:blue", "user:ana"], 2),
            ("main", Behalf::Delegate, &["role:bot"], 3),
            ("other", Behalf::Delegate, &["role:bot"], 2),
        ] {
            let names: BTreeSet<String> = names.iter().map(|name| (*name).to_owned()).collect();
            let new = NewKey {
                app: "app".parse().unwrap(),
                tenant: tenant.parse().unwrap(),
                roles: [Role::Retrieve].into(),
                sources: None,
                collections: None,
                principals: principals(&names),
                clearance: Label::ALL[clearance],
                behalf,
                expires_at: None,
                scores: true,
            };
            let (_, token) = guard.create_key(new, "tester").await.unwrap();
            keys.push(Key { token: token.reveal(), tenant, behalf, names, clearance });
        }
        Self {
            guards: guards.to_vec(),
            intakes: [("main", inside), ("other", outside)].into(),
            directory: Directory::default(),
            keys,
            history: Mutex::new(vec![Arc::default()]),
            done: AtomicUsize::new(0),
            people: Mutex::default(),
            groups: Mutex::default(),
            compared: AtomicU64::new(0),
            whole: AtomicU64::new(0),
            empty: AtomicU64::new(0),
            test,
        }
    }

    fn present(&self) -> Naive {
        Naive::clone(self.history.lock().unwrap().last().unwrap())
    }

    /// Notes what a change will have made of the world; from here on anybody may see it.
    fn begin(&self, next: Naive) {
        self.history.lock().unwrap().push(Arc::new(next));
    }

    fn end(&self) {
        self.done.store(self.history.lock().unwrap().len() - 1, Ordering::SeqCst);
    }

    /// One change of the world, by the doors that people have.
    async fn change(&self, dice: &mut Dice) {
        let mut next = self.present();
        match dice.roll(12) {
            0..=2 => self.add_document(dice, next).await,
            3..=6 if !next.docs.is_empty() => {
                let index = usize::try_from(dice.roll(next.docs.len() as u64)).unwrap();
                let doc = &mut next.docs[index];
                if !doc.alive {
                    return;
                }
                let fate = dice.roll(8);
                match fate {
                    0 => doc.alive = false,
                    1 => doc.expired = !doc.expired,
                    _ => {
                        let (allow, deny, label) = list(dice);
                        (doc.allow, doc.deny, doc.label) = (allow, deny, label);
                    }
                }
                let (uri, list) = (doc.uri.clone(), as_list(doc));
                let expires_at = doc.expired.then_some(Timestamp(0));
                self.begin(next);
                let guard = &self.test.guard;
                let head = guard.document(&uri).await.unwrap();
                match fate {
                    0 => guard.delete(&head, "tester").await.unwrap(),
                    // What is destroyed does not come back: here it is only withheld.
                    1 => guard.keeping.set_expiry(head.document, expires_at).await.unwrap(),
                    _ => drop(guard.set_access(&head, &list, "tester").await.unwrap()),
                }
                self.end();
            }
            7..=8 => self.change_person(dice, next).await,
            _ => self.change_group(dice, next).await,
        }
    }

    async fn add_document(&self, dice: &mut Dice, mut next: Naive) {
        let count = 1 + dice.roll(6);
        let words: Vec<&str> = (0..count).map(|_| dice.pick(&WORDS)).collect();
        let number = next.docs.len();
        let (uri, text) = (format!("{number}.txt"), format!("{} {number}", words.join(" ")));
        let embedder = self.test.guard.embedders.get(&lexical_name()).unwrap();
        let vectors = embedder.embed(&[text.as_str()]).await.unwrap().remove(0);
        let tenant = dice.pick(&TENANTS);
        let (allow, deny, label) = list(dice);
        let vector = Arc::new(sparse(vectors.values().next().unwrap()));
        let doc = Doc { uri, tenant, allow, deny, label, alive: true, expired: false, vector };
        next.docs.push(doc.clone());
        self.begin(next);
        let intake = &self.intakes[tenant];
        let receipt = self.test.ingest_into(intake, &doc.uri, &text, Some(as_list(&doc))).await;
        assert_eq!(receipt.state.name(), "serving", "{text}: {receipt:?}");
        self.end();
    }

    async fn change_person(&self, dice: &mut Dice, mut next: Naive) {
        let (tenant, name) = ("main", dice.pick(&USERS));
        let key = format!("{tenant}/{name}");
        let (active, clearance) = (!dice.one_in(4), usize::try_from(dice.roll(4)).unwrap());
        let known = self.people.lock().unwrap().get(&key).cloned();
        let guard = &self.test.guard;
        if let Some(person) = known.as_ref().filter(|_| dice.one_in(6)) {
            next.people.remove(&key);
            for members in next.groups.values_mut() {
                members.remove(&format!("user:{name}"));
            }
            // A tenant that was once provisioned stays so.
            next.people.entry(format!("{tenant}/.")).or_insert((false, 0));
            self.begin(next);
            guard.remove_person(person, "tester").await.unwrap();
            self.people.lock().unwrap().remove(&key);
            for group in self.groups.lock().unwrap().values_mut() {
                group.members.remove(&person.id.uuid());
            }
            return self.end();
        }
        let person = Person {
            id: known.as_ref().map_or_else(|| PersonId::new(guard.people_id()), |one| one.id),
            tenant: tenant.parse().unwrap(),
            name: name.to_owned(),
            external_id: None,
            is_active: active,
            clearance: Some(Label::ALL[clearance]),
            rest: serde_json::Map::new(),
            version: known.map_or(1, |one| one.version + 1),
            created_at: Timestamp(0),
            changed_at: Timestamp(0),
        };
        next.people.insert(key.clone(), (active, clearance));
        self.begin(next);
        guard.keep_person(&person, "tester").await.unwrap();
        self.people.lock().unwrap().insert(key, person);
        self.end();
    }

    /// Groups are of people and of groups, circles among them.
    async fn change_group(&self, dice: &mut Dice, mut next: Naive) {
        let (tenant, name) = ("main", dice.pick(&GROUPS));
        let key = format!("{tenant}/{name}");
        let guard = &self.test.guard;
        let (mut members, mut ids) = (BTreeSet::new(), BTreeSet::<Uuid>::new());
        for (key, person) in self.people.lock().unwrap().iter() {
            if dice.one_in(3) {
                members.insert(format!("user:{}", key.split_once('/').unwrap().1));
                ids.insert(person.id.uuid());
            }
        }
        for (key, group) in self.groups.lock().unwrap().iter() {
            if dice.one_in(5) {
                members.insert(format!("group:{}", key.split_once('/').unwrap().1));
                ids.insert(group.id.uuid());
            }
        }
        let known = self.groups.lock().unwrap().get(&key).cloned();
        let group = PeopleGroup {
            id: known.as_ref().map_or_else(|| GroupId::new(guard.people_id()), |one| one.id),
            tenant: tenant.parse().unwrap(),
            name: name.to_owned(),
            external_id: None,
            members: ids,
            groups_inside: BTreeSet::new(),
            rest: serde_json::Map::new(),
            version: known.map_or(1, |one| one.version + 1),
            created_at: Timestamp(0),
            changed_at: Timestamp(0),
        };
        next.groups.insert(key.clone(), members);
        self.begin(next);
        guard.keep_group(&group, "tester").await.unwrap();
        self.groups.lock().unwrap().insert(key, group);
        self.end();
    }

    /// One question, held against every world that may have been in force.
    async fn ask(&self, dice: &mut Dice) {
        let key = &self.keys[usize::try_from(dice.roll(self.keys.len() as u64)).unwrap()];
        let (rules, guard) = &self.guards[usize::try_from(dice.roll(4)).unwrap()];
        let user = (!dice.one_in(4)).then(|| dice.pick(&USERS));
        let purpose: Option<Name> = match dice.roll(3) {
            0 => None,
            1 => Some("support".parse().unwrap()),
            _ => Some("marketing".parse().unwrap()),
        };
        let words = 1 + dice.roll(3);
        let text = (0..words).map(|_| dice.pick(&WORDS)).collect::<Vec<_>>().join(" ");
        let k = usize::try_from(dice.pick(&[1, 5, 10])).unwrap();
        let before = self.done.load(Ordering::SeqCst);
        let answered = self.answered(guard, key, user, purpose.as_ref(), &text, k).await;
        let worlds: Vec<Arc<Naive>> = self.history.lock().unwrap()[before..].to_vec();
        self.compared.fetch_add(1, Ordering::Relaxed);
        let purpose = purpose.as_ref().map(Name::as_str);
        // Who asks in each of these worlds; none where he may not.
        let sides = |world: &Naive| -> Option<Vec<Who>> {
            let has_user = user.is_some();
            let app = Who {
                tenant: key.tenant,
                names: key.names.clone(),
                clearance: key.clearance,
                delegate: key.behalf == Behalf::Delegate && has_user,
                is_user: false,
            };
            let Some(user) = user else { return Some(vec![app]) };
            if key.behalf == Behalf::Own {
                return None;
            }
            Some(vec![app, world.user(key.tenant, user)?])
        };
        let may = |world: &Naive, sides: &[Who], doc: usize| {
            let doc = &world.docs[doc];
            sides.iter().all(|who| Naive::allows(who, doc, purpose, *rules))
        };
        let what = format!("{rules:?}, {:?} for {user:?}, {purpose:?}, `{text}`", key.behalf);
        let Some(answered) = answered else {
            assert!(worlds.iter().any(|world| sides(world).is_none()), "refused: {what}");
            return;
        };
        // Nothing that no world allows. Different chunks may be of different worlds.
        for (uri, _) in &answered {
            let number: usize = uri.strip_suffix(".txt").unwrap().parse().unwrap();
            let is_allowed = worlds.iter().any(|world| {
                number < world.docs.len()
                    && sides(world).is_some_and(|sides| may(world, &sides, number))
            });
            assert!(is_allowed, "{uri} went out: {what}");
        }
        let [world] = worlds.as_slice() else { return };
        let sides = sides(world).unwrap_or_else(|| panic!("answered: {what}"));
        let embedder = guard.embedders.get(&lexical_name()).unwrap();
        let asked = sparse(&embedder.embed_question(&text, "lexical").await.unwrap());
        let mut scores: Vec<f32> = (0..world.docs.len())
            .filter(|doc| may(world, &sides, *doc))
            .map(|doc| {
                let vector = &world.docs[doc].vector;
                asked.iter().filter_map(|(term, weight)| Some(weight * vector.get(term)?)).sum()
            })
            .filter(|score: &f32| *score > 0.0)
            .collect();
        scores.sort_by(|one, two| two.total_cmp(one));
        scores.truncate(k);
        let got: Vec<f32> = answered.iter().map(|(_, score)| *score).collect();
        assert_eq!(got.len(), scores.len(), "{what}: {got:?} and not {scores:?}");
        for (got, wanted) in got.iter().zip(&scores) {
            assert!((got - wanted).abs() <= 1e-4 * wanted, "{what}: {got} and not {wanted}");
        }
        self.whole.fetch_add(1, Ordering::Relaxed);
        if scores.is_empty() {
            self.empty.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// URIs with their scores; `None`: this caller may not ask so.
    async fn answered(
        &self,
        guard: &Guard,
        key: &Key,
        user: Option<&str>,
        purpose: Option<&Name>,
        text: &str,
        k: usize,
    ) -> Option<Vec<(String, f32)>> {
        let now = guard.clock.now();
        let app = App::verified(guard.ledger.as_ref(), &key.token, now).await.unwrap();
        let user = user.map_or(OnBehalf::Itself, |user| OnBehalf::Named(user.to_owned()));
        let collection = &self.test.intake.collection;
        let passages = loop {
            let caller = match app.caller(&self.directory, guard, &user).await {
                Ok(caller) => caller,
                Err(CredentialError::NotForUsers | CredentialError::NotProvisioned) => return None,
                Err(error) => panic!("{error}"),
            };
            let question = Question { purpose, ..Question::text(&caller, collection, text, k) };
            match guard.retrieve(&question).await {
                Err(GuardError::CallerChanged) => {}
                answered => break answered.unwrap(),
            }
        };
        Some(passages.into_iter().map(|one| (one.citation.uri, one.score)).collect())
    }
}

fn list(dice: &mut Dice) -> (BTreeSet<String>, BTreeSet<String>, usize) {
    let mut some = |most: u64| -> BTreeSet<String> {
        let entry = |dice: &mut Dice| match dice.roll(8) {
            0 => "everyone".to_owned(),
            1 => "role:app".to_owned(),
            2 => "role:bot".to_owned(),
            3..=4 => format!("user:{}", dice.pick(&USERS)),
            _ => format!("group:{}", dice.pick(&GROUPS)),
        };
        (0..dice.roll(most)).map(|_| entry(dice)).collect()
    };
    let (mut allow, deny) = (some(6), some(2));
    if dice.one_in(4) {
        allow.insert("everyone".to_owned());
    }
    let label = dice.roll(4).min(dice.roll(4));
    (allow, deny, usize::try_from(label).unwrap())
}

fn as_list(doc: &Doc) -> AccessList {
    AccessList {
        allow: principals(&doc.allow),
        deny: principals(&doc.deny),
        label: Label::ALL[doc.label],
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_gets_what_the_evaluator_forbids_and_everybody_the_whole_of_his_top_k() {
    let queries: u64 = std::env::var("ALNAGE_WORLD_QUERIES")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(4_000);
    let worlds = queries.div_ceil(20_000).max(2);
    let (mut compared, mut whole, mut empty) = (0, 0, 0);
    for seed in 1..=worlds {
        let world = Arc::new(World::start().await);
        let mut dice = Dice::new(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        for _ in 0..40 {
            world.add_document(&mut dice, world.present()).await;
        }
        let share = queries.div_ceil(worlds * 3);
        let askers: Vec<_> = (1..=3)
            .map(|asker| {
                let world = Arc::clone(&world);
                let mut dice = Dice::new(seed.wrapping_mul(1_000_003).wrapping_add(asker));
                tokio::spawn(async move {
                    for _ in 0..share {
                        world.ask(&mut dice).await;
                    }
                })
            })
            .collect();
        // Changes come in bursts, with time between for three times the questions, which none of them meets:
        // how many a burst meets hangs on the machine's disk.
        while !askers.iter().all(tokio::task::JoinHandle::is_finished) {
            let before = world.compared.load(Ordering::Relaxed);
            for _ in 0..dice.roll(8) {
                if world.present().docs.len() < 150 || !dice.one_in(3) {
                    world.change(&mut dice).await;
                }
            }
            let after = world.compared.load(Ordering::Relaxed);
            let quiet = after + (3 * (after - before)).max(40);
            while world.compared.load(Ordering::Relaxed) < quiet
                && !askers.iter().all(tokio::task::JoinHandle::is_finished)
            {
                tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            }
        }
        for asker in askers {
            asker.await.unwrap();
        }
        compared += world.compared.load(Ordering::Relaxed);
        whole += world.whole.load(Ordering::Relaxed);
        empty += world.empty.load(Ordering::Relaxed);
        let changes = world.history.lock().unwrap().len();
        println!("world {seed}: {changes} changes");
    }
    println!(
        "{compared} questions, {whole} of them with nothing changing meanwhile, {empty} empty"
    );
    // Both must be common, or the comparison says little.
    assert!(whole * 4 > compared && (whole - empty) * 3 > whole, "{whole} of {compared}, {empty}");
}

/// A person of the tenant `main`, and a group of it with these members.
fn lee_and_red(guard: &Guard) -> (Person, PeopleGroup) {
    let person = Person {
        id: PersonId::new(guard.people_id()),
        tenant: "main".parse().unwrap(),
        name: "lee".to_owned(),
        external_id: None,
        is_active: true,
        clearance: None,
        rest: serde_json::Map::new(),
        version: 1,
        created_at: Timestamp(0),
        changed_at: Timestamp(0),
    };
    let group = PeopleGroup {
        id: GroupId::new(guard.people_id()),
        tenant: "main".parse().unwrap(),
        name: "red".to_owned(),
        external_id: None,
        members: [person.id.uuid()].into(),
        groups_inside: BTreeSet::new(),
        rest: serde_json::Map::new(),
        version: 1,
        created_at: Timestamp(0),
        changed_at: Timestamp(0),
    };
    (person, group)
}

#[tokio::test]
async fn a_group_that_is_lost_and_a_document_that_is_then_given_to_it_do_not_meet_in_one_answer() {
    let test = TestGuard::start("default", Kind::Memory).await;
    let (guard, directory, tenant) = (&test.guard, Directory::default(), "main".parse().unwrap());
    let (person, mut red) = lee_and_red(guard);
    guard.keep_person(&person, "tester").await.unwrap();
    guard.keep_group(&red, "tester").await.unwrap();
    let list =
        |name: &str| AccessList::allowing([name.parse::<Principal>().unwrap()], Label::Public);
    test.ingest("a.txt", "The salary of the harbour.", Some(list("user:ana"))).await;
    test.ingest("b.txt", "The garden of the harbour.", Some(list("group:red"))).await;
    // Who asks was looked up; then everything changes.
    let before = directory.view_as(guard, &tenant, "lee").await.unwrap();
    red.members.clear();
    red.version = 2;
    guard.keep_group(&red, "tester").await.unwrap();
    let head = guard.document("a.txt").await.unwrap();
    guard.set_access(&head, &list("group:red"), "tester").await.unwrap();
    let ask = async |caller| {
        let question = Question::text(&caller, &test.intake.collection, "salary harbour", 5);
        guard.retrieve(&question).await.map(|passages| passages.len())
    };
    let answer = ask(before).await;
    assert!(matches!(answer, Err(GuardError::CallerChanged)), "{answer:?}");
    assert_eq!(ask(directory.view_as(guard, &tenant, "lee").await.unwrap()).await.unwrap(), 0);
    // A change of documents alone needs no other caller.
    let before = directory.view_as(guard, &tenant, "lee").await.unwrap();
    guard.set_access(&head, &list("user:lee"), "tester").await.unwrap();
    assert_eq!(ask(before).await.unwrap(), 1);
}
