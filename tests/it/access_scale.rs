//! A caller of more access lists than one query of a store can name.

use std::collections::{BTreeMap, BTreeSet};

use alnage::domain::access::{AccessList, Label, Principal};
use alnage::domain::document::RawDocument;
use alnage::domain::limits::CLASSES_PER_QUERY_MAX;
use alnage::pipeline::given::{GivenChunk, bytes_of};
use alnage::pipeline::guard::Detection;
use alnage::pipeline::receipt::Item;
use alnage::pipeline::retrieve::Question;

use super::support::{Kind, TestGuard, caller};

/// Each has a list of its own, and every 700th has the word that is asked for; of these every third is not Alice's.
fn item(number: usize) -> Item {
    let wanted = number.is_multiple_of(700);
    let words = "lantern ".repeat(if wanted { 1 + number / 700 } else { 0 });
    let text = format!("{words}common words of document number{number}");
    let chunks =
        vec![GivenChunk { text, metadata: serde_json::Map::new(), vectors: BTreeMap::new() }];
    let mut list = AccessList::allowing(
        ["group:staff".to_owned(), format!("user:reader-{number}")]
            .map(|name| name.parse::<Principal>().unwrap()),
        Label::Internal,
    );
    if wanted && (number / 700).is_multiple_of(3) {
        list.deny.insert("user:alice".parse().unwrap());
    }
    let raw = RawDocument { uri: format!("{number}"), declared: None, bytes: bytes_of(&chunks) };
    Item { given: Some(chunks), ..Item::file(raw, Some(list)) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_of_more_lists_than_one_query_names_gets_all_that_is_his_in_order() {
    let mut test = TestGuard::start("default", Kind::Edge).await;
    test.guard.detection = Detection::OffForMeasurement;
    let many = CLASSES_PER_QUERY_MAX + 500;
    for first in (0..many).step_by(500) {
        let items = (first..first + 500).map(item).collect();
        let report = test.guard.ingest(&test.intake, items).await.unwrap();
        assert!(report.waiting.is_none() && report.answers.iter().all(Result::is_ok));
    }
    let alice = caller("main", "alice");
    let question = Question::text(&alice, &test.intake.collection, "lantern", 20);
    let passages = test.guard.retrieve(&question).await.unwrap();
    let found: BTreeSet<usize> =
        passages.iter().map(|passage| passage.citation.uri.parse().unwrap()).collect();
    let expected = (0..many).step_by(700).filter(|number| !(number / 700).is_multiple_of(3));
    assert_eq!(found, expected.collect());
    assert!(passages.is_sorted_by(|one, two| one.score >= two.score));
    // The best ten of both parts are the first ten.
    let ten = Question { k: 10, ..question };
    let best = test.guard.retrieve(&ten).await.unwrap();
    let uris = |passages: &[alnage::pipeline::passage::Passage]| {
        passages.iter().map(|passage| passage.citation.uri.clone()).collect::<Vec<_>>()
    };
    assert_eq!(uris(&best), uris(&passages)[..10]);
    // Who may read one of them is asked about in one part.
    let one = caller("main", "reader-700");
    let question = Question::text(&one, &test.intake.collection, "lantern", 20);
    assert_eq!(test.guard.retrieve(&question).await.unwrap().len(), 1);
    assert!(test.alarms().is_empty());
}
