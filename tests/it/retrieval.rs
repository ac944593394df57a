//! Asking by words, by vectors and by both, with filters: end to end on both stores.

use std::collections::BTreeMap;
use std::sync::Arc;

use alnage::adapters::embedders::{LexicalEmbedder, lexical_name};
use alnage::domain::digest::Digest;
use alnage::domain::document::RawDocument;
use alnage::domain::filter::Filter;
use alnage::domain::source::{Collection, EmbedderIdentity, Name};
use alnage::domain::vector::{Vector, VectorShape, Vectors};
use alnage::pipeline::ask::{Ask, SearchMode};
use alnage::pipeline::error::GuardError;
use alnage::pipeline::given::{GivenChunk, bytes_of};
use alnage::pipeline::passage::Passage;
use alnage::pipeline::ports::{EmbedError, Embedder, VectorStore as _};
use alnage::pipeline::receipt::{Intake, Item};
use alnage::pipeline::retrieve::Question;
use alnage::pipeline::spotlight::Spotlight;
use async_trait::async_trait;
use serde_json::{Map, Value, json};

use super::support::{Kind, TestGuard, caller, readers};
use alnage::domain::access::{AccessList, Label};

const KINDS: [Kind; 2] = [Kind::Memory, Kind::Edge];

fn map(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap()
}

async fn ingest_with(
    test: &TestGuard,
    intake: &Intake,
    uri: &str,
    text: &str,
    metadata: &Value,
    access: Option<AccessList>,
) {
    let raw = RawDocument { uri: uri.to_owned(), declared: None, bytes: text.as_bytes().to_vec() };
    let item = Item { metadata: map(metadata), ..Item::file(raw, access) };
    let report = test.guard.ingest(intake, vec![item]).await.unwrap();
    assert!(report.waiting.is_none() && report.answers[0].is_ok(), "{report:?}");
}

async fn asked(
    test: &TestGuard,
    user: &str,
    collection: &Collection,
    ask: Ask<'_>,
    filter: Option<&Value>,
) -> Result<Vec<Passage>, GuardError> {
    let caller = caller("main", user);
    let filter = filter.map(|filter| Filter::parse(filter, "filter").unwrap());
    let question = Question { ask, filter, ..Question::text(&caller, collection, "", 5) };
    test.guard.retrieve(&question).await
}

const fn words(text: &str) -> Ask<'_> {
    Ask::Text { text, mode: None }
}

fn uris(passages: &[Passage]) -> Vec<&str> {
    passages.iter().map(|passage| passage.citation.uri.as_str()).collect()
}

fn field(answer: Result<Vec<Passage>, GuardError>) -> (String, String) {
    match answer {
        Err(GuardError::Field { field, what }) => (field, what),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_narrows_and_never_widens_what_two_people_get() {
    for kind in KINDS {
        let test = TestGuard::start("default", kind).await;
        let staff = readers(&["group:staff"], &[], Label::Internal);
        let sales = json!({ "team": ["sales", "support"], "year": 2025 });
        let board = json!({ "team": "board", "year": 2026 });
        let intake = &test.intake;
        ingest_with(&test, intake, "a.txt", "The budget of sales.", &sales, None).await;
        ingest_with(&test, intake, "b.txt", "The budget of the board.", &board, Some(staff)).await;
        ingest_with(&test, intake, "c.txt", "The budget of nobody.", &json!({}), None).await;
        let team = |team: &str| json!({ "must": [{ "key": "team", "match": { "value": team } }] });
        let not_sales = json!({ "must_not": [{ "key": "team", "match": { "value": "sales" } }] });
        let any = json!({ "should": [
            { "key": "year", "range": { "gte": 2025 } },
            { "is_empty": { "key": "year" } },
        ] });
        let cases = [
            (team("sales"), vec!["a.txt"], vec!["a.txt"]),
            (team("board"), vec!["b.txt"], vec![]),
            (not_sales, vec!["b.txt", "c.txt"], vec!["c.txt"]),
            (any, vec!["a.txt", "b.txt", "c.txt"], vec!["a.txt", "c.txt"]),
            (team("nobody"), vec![], vec![]),
        ];
        for (filter, alice, bob) in cases {
            for (user, expected) in [("alice", alice), ("bob", bob)] {
                let collection = &intake.collection;
                let answer = asked(&test, user, collection, words("budget"), Some(&filter)).await;
                let mut found = uris(answer.as_ref().unwrap());
                found.sort_unstable();
                assert_eq!(found, expected, "{user}: {filter}");
            }
        }
        let filter = team("sales");
        let answer = asked(&test, "bob", &intake.collection, words("budget"), Some(&filter));
        let answer = answer.await.unwrap();
        assert_eq!(
            answer[0].metadata,
            map(&sales),
            "what was given comes back, and nothing of ours"
        );
        assert_eq!(test.alarms(), Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_ignores_the_filter_does_not_leak_past_it() {
    for kind in KINDS {
        let test = TestGuard::start("default", kind).await;
        let (one, two) = (json!({ "team": "sales" }), json!({ "team": "staff" }));
        ingest_with(&test, &test.intake, "a.txt", "A budget.", &one, None).await;
        ingest_with(&test, &test.intake, "b.txt", "The budget.", &two, None).await;
        let points = test.store.scroll(test.intake.collection.id, None, 9).await.unwrap();
        let other = points.into_iter().find(|hit| hit.payload["team"] == "staff").unwrap();
        test.store.added.lock().unwrap().push(other);
        let filter = json!({ "must": [{ "key": "team", "match": { "value": "sales" } }] });
        let collection = &test.intake.collection;
        let answer = asked(&test, "bob", collection, words("budget"), Some(&filter)).await.unwrap();
        assert_eq!(uris(&answer), ["a.txt"]);
        assert_eq!(test.alarms(), ["past-filter"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_names_a_point_twice_gets_it_into_the_answer_once() {
    let test = TestGuard::start("default", Kind::Memory).await;
    test.ingest("a.txt", "A budget.", None).await;
    let points = test.store.scroll(test.intake.collection.id, None, 9).await.unwrap();
    *test.store.added.lock().unwrap() = vec![points[0].clone(), points[0].clone()];
    assert_eq!(test.ask("bob", "budget").await.len(), 1);
}

/// Words, and for meaning the letters of a text: three at a time, hashed into 64 dimensions.
struct LettersAndWords;

const LETTERS: usize = 64;

fn letters(text: &str) -> Vector {
    let mut values = vec![0.01; LETTERS];
    let text: Vec<u8> = text.to_lowercase().bytes().collect();
    for three in text.windows(3) {
        values[usize::from(Digest::of(three).0[0]) % LETTERS] += 1.0;
    }
    Vector::Dense(values)
}

#[async_trait]
impl Embedder for LettersAndWords {
    fn identity(&self) -> EmbedderIdentity {
        EmbedderIdentity { name: "letters".to_owned(), digest: Digest::of(b"letters 1") }
    }
    fn shapes(&self) -> BTreeMap<String, VectorShape> {
        let dense = VectorShape::Dense { dimensions: u32::try_from(LETTERS).unwrap() };
        let mut shapes = LexicalEmbedder.shapes();
        shapes.insert("letters".to_owned(), dense);
        shapes
    }
    async fn embed(&self, texts: &[&str]) -> Result<Vec<Vectors>, EmbedError> {
        let mut vectors = LexicalEmbedder.embed(texts).await?;
        for (vectors, text) in vectors.iter_mut().zip(texts) {
            vectors.insert("letters".to_owned(), letters(text));
        }
        Ok(vectors)
    }
    async fn embed_question(&self, question: &str, using: &str) -> Result<Vector, EmbedError> {
        match using {
            "letters" => Ok(letters(question)),
            other => LexicalEmbedder.embed_question(question, other).await,
        }
    }
}

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

/// A guard whose collection has words and letters.
async fn hybrid(kind: Kind) -> (TestGuard, Intake) {
    let mut test = TestGuard::start("default", kind).await;
    let mut embedders = (*test.guard.embedders).clone();
    embedders.insert(name("letters"), Arc::new(LettersAndWords) as _);
    test.guard.embedders = Arc::new(embedders);
    let made = test
        .guard
        .create_collection(name("both"), &name("letters"), &BTreeMap::new(), "tester")
        .await;
    let intake = Intake { collection: made.unwrap(), ..test.intake.clone() };
    (test, intake)
}

#[tokio::test(flavor = "multi_thread")]
async fn hybrid_finds_what_either_finds() {
    for kind in KINDS {
        let (test, intake) = hybrid(kind).await;
        let nothing = json!({});
        let texts = ["The warranty lasts.", "Warrantless searching ends.", "Nobody knows why."];
        for (uri, text) in ["a.txt", "b.txt", "c.txt"].into_iter().zip(texts) {
            ingest_with(&test, &intake, uri, text, &nothing, None).await;
        }
        let answer = |mode| {
            let (test, collection) = (&test, &intake.collection);
            async move {
                let ask = Ask::Text { text: "warranty", mode };
                asked(test, "bob", collection, ask, None).await.unwrap()
            }
        };
        assert_eq!(uris(&answer(Some(SearchMode::Lexical)).await), ["a.txt"]);
        let dense = answer(Some(SearchMode::Dense)).await;
        assert_eq!(uris(&dense), ["a.txt", "b.txt", "c.txt"]);
        let both = answer(Some(SearchMode::Hybrid)).await;
        assert_eq!(uris(&both), ["a.txt", "b.txt", "c.txt"]);
        let scores: Vec<f32> = both.iter().map(|passage| passage.score).collect();
        assert_eq!(scores, [2.0 / 61.0, 1.0 / 62.0, 1.0 / 63.0], "sums of reciprocal ranks");
        let silent = answer(None).await;
        assert_eq!(uris(&silent), uris(&both), "hybrid is what is meant where both are there");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn withheld_hits_leave_no_trace_in_scores() {
    for kind in KINDS {
        let mut seen = Vec::new();
        for is_attacked in [false, true] {
            let (test, intake) = hybrid(kind).await;
            for (uri, text) in [("a.txt", "A refund."), ("b.txt", "The refund takes ten days now.")]
            {
                ingest_with(&test, &intake, uri, text, &json!({}), None).await;
            }
            if is_attacked {
                // Better matches that do not go out: their text is not as sealed.
                for number in 0..12 {
                    let text = format!("Refund refund {number}.");
                    let bad = json!({ "bad": true });
                    ingest_with(&test, &intake, &format!("x{number}.txt"), &text, &bad, None).await;
                }
                *test.store.alteration.lock().unwrap() = Some(Box::new(|hit| {
                    if hit.payload.contains_key("bad") {
                        hit.payload.insert("text".to_owned(), json!("altered"));
                    }
                }));
            }
            for mode in [SearchMode::Lexical, SearchMode::Dense, SearchMode::Hybrid] {
                let ask = Ask::Text { text: "refund", mode: Some(mode) };
                let answer = asked(&test, "bob", &intake.collection, ask, None).await.unwrap();
                seen.push(
                    answer
                        .iter()
                        .map(|one| (one.citation.uri.clone(), one.score.to_bits()))
                        .collect::<Vec<_>>(),
                );
            }
            assert_eq!(is_attacked, !test.alarms().is_empty());
        }
        let (quiet, attacked) = seen.split_at(3);
        assert_eq!(quiet, attacked);
        assert!(quiet.iter().all(|answer| answer.len() == 2));
    }
}

fn given(text: &str, title: &[f32], team: &str) -> GivenChunk {
    let vectors = Vectors::from([("title".to_owned(), Vector::Dense(title.to_vec()))]);
    GivenChunk { text: text.to_owned(), metadata: map(&json!({ "team": team })), vectors }
}

fn item_of(uri: &str, chunks: Vec<GivenChunk>) -> Item {
    let raw = RawDocument { uri: uri.to_owned(), declared: None, bytes: bytes_of(&chunks) };
    Item { given: Some(chunks), ..Item::file(raw, None) }
}

/// A guard whose collection takes a vector of three dimensions, and what was given to it.
async fn with_given(kind: Kind) -> (TestGuard, Intake) {
    let test = TestGuard::start("default", kind).await;
    let shapes = BTreeMap::from([(name("title"), VectorShape::Dense { dimensions: 3 })]);
    let made =
        test.guard.create_collection(name("given"), &lexical_name(), &shapes, "tester").await;
    let intake = Intake { collection: made.unwrap(), ..test.intake.clone() };
    let chunks = vec![
        given("Cats sleep all day.", &[1.0, 0.2, 0.0], "pets"),
        given("Dogs bark at night.", &[0.0, 3.0, 0.4], "pets"),
        given("Ships sail the sea.", &[0.0, 0.5, 9.0], "trade"),
    ];
    let report = test.guard.ingest(&intake, vec![item_of("list", chunks)]).await.unwrap();
    assert!(report.waiting.is_none() && report.answers[0].is_ok(), "{report:?}");
    (test, intake)
}

#[tokio::test(flavor = "multi_thread")]
async fn given_dense_vectors_are_found_on_both_stores() {
    for kind in KINDS {
        let (test, intake) = with_given(kind).await;
        let collection = &intake.collection;
        let vector = Vector::Dense(vec![0.0, 1.0, 0.2]);
        let texts = |passages: &[Passage]| {
            passages.iter().map(|one| one.text.chars().take(4).collect()).collect::<Vec<String>>()
        };
        let ask = Ask::Vector { using: "title", vector: &vector };
        let answer = asked(&test, "bob", collection, ask, None).await.unwrap();
        assert_eq!(texts(&answer), ["Dogs", "Ship", "Cats"]);
        let pets = json!({ "must": [{ "key": "team", "match": { "value": "pets" } }] });
        let answer = asked(&test, "bob", collection, ask, Some(&pets)).await.unwrap();
        assert_eq!(texts(&answer), ["Dogs", "Cats"]);
        // Words and a given vector at once.
        let ask = Ask::Both { text: "cats", using: "title", vector: &vector };
        let answer = asked(&test, "bob", collection, ask, None).await.unwrap();
        assert_eq!(texts(&answer), ["Cats", "Dogs", "Ship"]);
        let answer = asked(&test, "bob", collection, words("ships"), None).await.unwrap();
        assert_eq!(texts(&answer), ["Ship"]);
        test.guard.rebuild(collection).await.unwrap();
        let verified = test.guard.verify(collection).await.unwrap();
        assert_eq!((verified.intact, verified.is_sound()), (3, true));
        assert_eq!(test.alarms(), Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lacks_a_given_vector_is_refused_and_the_rest_of_its_batch_is_taken() {
    let (test, intake) = with_given(Kind::Memory).await;
    let mut lacking = given("No vector.", &[1.0, 0.0, 0.0], "pets");
    lacking.vectors.clear();
    let wide = given("Too wide.", &[1.0, 0.0, 0.0, 0.0], "pets");
    let raw = RawDocument { uri: "a.txt".to_owned(), declared: None, bytes: b"A file.".to_vec() };
    let good = || given("Birds fly south.", &[1.0, 1.0, 1.0], "pets");
    let items = vec![
        item_of("one", vec![good(), lacking]),
        item_of("two", vec![good()]),
        Item::file(raw, None),
        item_of("three", vec![wide]),
    ];
    let report = test.guard.ingest(&intake, items).await.unwrap();
    let said: Vec<String> = report
        .answers
        .iter()
        .map(|answer| answer.as_ref().map_or_else(ToString::to_string, |one| one.uri.clone()))
        .collect();
    assert!(said[0].starts_with("`chunks[1].vectors.title`"), "{said:?}");
    assert_eq!(said[1], "two");
    assert!(said[2].starts_with("`collection`") && said[2].contains("`title`"), "{said:?}");
    assert!(said[3].starts_with("`chunks[0].vectors.title`"), "{said:?}");
    // Where nothing is given, a vector from outside is not believed.
    let report =
        test.guard.ingest(&test.intake, vec![item_of("four", vec![good()])]).await.unwrap();
    assert!(report.answers[0].is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vector_or_mode_that_the_collection_does_not_have_is_refused_by_name() {
    let (test, intake) = with_given(Kind::Memory).await;
    let collection = &intake.collection;
    let cases = [
        ("title", Vector::Dense(vec![1.0]), "vector"),
        ("title", Vector::Dense(vec![0.0; 3]), "vector"),
        ("title", Vector::Dense(vec![f32::NAN, 0.0, 1.0]), "vector"),
        ("title", Vector::sparse([(1, 1.0)]), "vector"),
        ("lexical", Vector::Sparse { indices: vec![1, 2], values: vec![1.0] }, "vector"),
        ("titles", Vector::Dense(vec![1.0; 3]), "using"),
    ];
    for (using, vector, expected) in cases {
        let ask = Ask::Vector { using, vector: &vector };
        let (at, what) = field(asked(&test, "bob", collection, ask, None).await);
        assert_eq!(at, expected, "{what}");
    }
    for mode in [SearchMode::Dense, SearchMode::Hybrid] {
        let ask = Ask::Text { text: "cats", mode: Some(mode) };
        let (at, what) = field(asked(&test, "bob", collection, ask, None).await);
        assert_eq!(at, "mode");
        assert!(what.contains("`title` (3 dimensions)") && what.contains("`lexical`"), "{what}");
    }
    let unsorted = Vector::Sparse { indices: vec![9, 1], values: vec![1.0, 2.0] };
    let ask = Ask::Vector { using: "lexical", vector: &unsorted };
    assert!(asked(&test, "bob", collection, ask, None).await.is_ok());
    let shapes = BTreeMap::from([(lexical_name(), VectorShape::Dense { dimensions: 3 })]);
    let taken = test.guard.create_collection(name("x"), &lexical_name(), &shapes, "tester").await;
    assert!(matches!(taken, Err(GuardError::Field { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stamp_comes_on_request_alone_and_passages_are_wrapped_for_a_prompt() {
    let test = TestGuard::start("default", Kind::Memory).await;
    test.ingest("a.txt", "The budget of the year.", None).await;
    let caller = caller("main", "bob");
    let question = Question::text(&caller, &test.intake.collection, "budget", 5);
    assert_eq!(test.guard.retrieve(&question).await.unwrap()[0].stamp, None);
    let question = Question { with_stamp: true, ..question };
    let answer = test.guard.retrieve(&question).await.unwrap();
    assert_eq!(answer[0].stamp.as_ref().unwrap()["v"], 1);
    let one = test.guard.spotlit(&answer, Spotlight::Delimited).unwrap();
    let two = test.guard.spotlit(&answer, Spotlight::Delimited).unwrap();
    assert!(one.text.contains("The budget of the year.") && one.text.contains("a.txt"));
    assert_ne!(one.marker, two.marker, "each request has a marker of its own");
    let marked = test.guard.spotlit(&answer, Spotlight::Datamarked).unwrap();
    assert!(!marked.text.contains("The budget") && marked.text.contains(&marked.marker));
}
