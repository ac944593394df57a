//! Administration and ingest.

use alnage::domain::access::{AccessClass, AccessList};
use alnage::domain::id::{ClassId, CollectionId, DocumentId, RevisionId, SourceId};
use alnage::domain::policy::Verdict;
use alnage::domain::retrieval::Liveness;
use alnage::domain::stamp::restamp;
use alnage::domain::verdict::Basis;
use alnage::pipeline::ledger::{Contents, Keep, LedgerError, RevisionState};
use uuid::Uuid;

use super::world::{NOW, World, chunks, collection, contents, item, points, source};

pub(super) async fn names_are_taken_once_and_listed_in_order(world: World) {
    let ledger = &world.ledger;
    let again = ledger.create_source(&source("handbook", "other"), NOW).await;
    assert!(matches!(again, Err(LedgerError::Taken { name }) if name.as_str() == "handbook"));
    let again = ledger.create_collection(&collection("default"), NOW).await;
    assert!(matches!(again, Err(LedgerError::Taken { name }) if name.as_str() == "default"));
    assert_eq!(ledger.sources().await.unwrap(), [world.other_source, world.source]);
    assert_eq!(ledger.collections().await.unwrap(), [world.collection]);
}

pub(super) async fn a_revision_serves_after_its_commit_whatever_crash_lies_between(
    mut world: World,
) {
    let item = world.item("a.txt");
    assert!(world.ledger.head(item.source, &item.uri).await.unwrap().is_none());

    let new = world.admitted(&item, &world.everyone, "one\ntwo", 1);
    world.ledger.stage(&new).await.unwrap();
    world.reopen().await;
    let head = world.head(&item).await;
    assert_eq!(
        (head.document, head.source, head.uri),
        (item.document, item.source, item.uri.clone())
    );
    assert_eq!((head.serving, head.class, head.next_generation), (None, world.everyone.clone(), 2));
    let latest = head.latest.unwrap();
    assert_eq!((latest.revision, latest.state), (new.revision, RevisionState::Pending));
    assert_eq!((latest.fingerprint, latest.at), (new.fingerprint, NOW));
    assert_eq!((latest.verdict, latest.basis), (Verdict::Admit, Some(Basis::Policy)));
    assert_eq!(world.ledger.pending().await.unwrap(), [new.revision]);
    assert_eq!(world.state(&new).await.liveness, Liveness::InTransit);
    assert!(world.classes(&item.tenant).await.is_empty());

    let placing = world.ledger.placing(new.revision).await.unwrap();
    assert_eq!((placing.place.class, placing.place.generation), (world.everyone.id, 1));
    assert_eq!(
        (placing.place.collection, placing.place.tenant),
        (new.collection, item.tenant.clone())
    );

    world.commit(&new).await;
    world.reopen().await;
    assert_eq!(world.head(&item).await.serving, Some(new.revision));
    assert!(world.ledger.pending().await.unwrap().is_empty());
    let state = world.state(&new).await;
    assert_eq!(state.liveness, Liveness::Serving);
    assert_eq!((state.document, state.revision), (item.document, new.revision));
    assert_eq!((state.class.as_ref(), state.generation), (&world.everyone, 1));
    assert_eq!((state.moving_from, state.basis), (None, Basis::Policy));
    assert_eq!(world.classes(&item.tenant).await, [world.everyone.clone()]);

    let newer = world.serve(&item, &world.everyone, "three").await;
    world.reopen().await;
    assert_eq!(world.ledger.points_to_drop().await.unwrap().len(), 2);
    world.drop_points().await;
    world.reopen().await;
    assert!(world.ledger.points_to_drop().await.unwrap().is_empty());
    assert_eq!(world.state(&newer).await.liveness, Liveness::Serving);
    assert_eq!(world.state(&new).await.liveness, Liveness::Ended);
}

pub(super) async fn everything_that_was_kept_comes_back_to_the_bit(mut world: World) {
    let item = world.item("a.txt");
    let new = world.serve(&item, &world.everyone, "one\ntwo ä\u{202e}").await;
    let bare = Contents { document: None, redacted: None, findings: Vec::new(), file: Vec::new() };
    let mut unread = world.held(&world.item("b.txt"), &world.people, "");
    unread.keep = Keep::Held { contents: bare.clone() };
    world.ledger.stage(&unread).await.unwrap();
    world.reopen().await;

    assert_eq!(world.ledger.contents(new.revision).await.unwrap(), contents("one\ntwo ä\u{202e}"));
    assert_eq!(world.ledger.contents(unread.revision).await.unwrap(), bare);
    let placing = world.ledger.placing(new.revision).await.unwrap();
    assert_eq!(placing.records, chunks(&new));
    for record in placing.records {
        restamp(record, &placing.place, world.keys()).unwrap();
    }
}

pub(super) async fn a_newer_revision_takes_the_place_of_the_served_one(world: World) {
    let item = world.item("a.txt");
    let old = world.serve(&item, &world.everyone, "one\ntwo").await;
    let new = world.stage(&item, &world.people, "three").await;
    assert_eq!(world.head(&item).await.class, world.everyone);
    assert_eq!(world.state(&old).await.liveness, Liveness::Serving);
    assert_eq!(world.state(&new).await.liveness, Liveness::InTransit);
    assert_eq!(*world.state(&new).await.class, world.people);

    world.commit(&new).await;
    assert_eq!(world.head(&item).await.class, world.people);
    assert_eq!(world.state(&new).await.liveness, Liveness::Serving);
    assert_eq!(world.state(&old).await.liveness, Liveness::InTransit);
    let mut queued: Vec<_> =
        points(&old).into_iter().map(|point| (old.collection, point)).collect();
    queued.sort();
    assert_eq!(world.ledger.points_to_drop().await.unwrap(), queued);
    assert!(matches!(world.ledger.placing(old.revision).await, Err(LedgerError::NotFound { .. })));
    // What it contained is still on record.
    assert_eq!(world.ledger.contents(old.revision).await.unwrap(), contents("one\ntwo"));

    world.ledger.points_dropped(&points(&old)[..1]).await.unwrap();
    assert_eq!(world.state(&old).await.liveness, Liveness::Ended);
    assert_eq!(world.ledger.points_to_drop().await.unwrap().len(), 1);
}

pub(super) async fn a_newer_pending_revision_supersedes_the_older_one(world: World) {
    let item = world.item("a.txt");
    let old = world.stage(&item, &world.everyone, "one").await;
    let new = world.stage(&item, &world.people, "two").await;
    assert_eq!(world.ledger.pending().await.unwrap(), [new.revision]);
    assert_eq!(world.state(&old).await.liveness, Liveness::InTransit);
    assert_eq!(world.ledger.points_to_drop().await.unwrap(), [(old.collection, points(&old)[0])]);

    world.ledger.commit(&[old.revision], NOW).await.unwrap();
    assert_eq!(world.head(&item).await.serving, None);
    world.ledger.commit(&[new.revision, old.revision], NOW).await.unwrap();
    assert_eq!(world.head(&item).await.serving, Some(new.revision));
    world.drop_points().await;
    assert_eq!(world.state(&old).await.liveness, Liveness::Ended);
}

pub(super) async fn a_generation_is_given_out_once(world: World) {
    let item = world.item("a.txt");
    let one = world.admitted(&item, &world.everyone, "one", 1);
    let two = world.admitted(&item, &world.everyone, "two", 1);
    let early = world.admitted(&item, &world.everyone, "three", 2);
    assert!(matches!(world.ledger.stage(&early).await, Err(LedgerError::Conflict { .. })));
    world.ledger.stage(&one).await.unwrap();
    assert!(matches!(world.ledger.stage(&two).await, Err(LedgerError::Conflict { .. })));
    world.ledger.stage(&early).await.unwrap();
}

pub(super) async fn a_place_of_a_source_has_one_document(world: World) {
    let item = world.item("a.txt");
    world.serve(&item, &world.everyone, "one").await;
    let twin = world.admitted(&world.item("a.txt"), &world.everyone, "two", 1);
    assert!(matches!(world.ledger.stage(&twin).await, Err(LedgerError::Conflict { .. })));
    let elsewhere = super::world::Item { uri: "b.txt".to_owned(), ..item };
    let moved = world.admitted(&elsewhere, &world.everyone, "three", 2);
    assert!(matches!(world.ledger.stage(&moved).await, Err(LedgerError::Conflict { .. })));
}

pub(super) async fn what_is_not_in_the_ledger_cannot_be_referred_to(world: World) {
    let ledger = &world.ledger;
    let good = world.held(&world.item("a.txt"), &world.everyone, "one");

    let mut new = good.clone();
    new.source = SourceId::new(Uuid::new_v4());
    assert!(matches!(ledger.stage(&new).await, Err(LedgerError::NotFound { .. })));
    let mut new = good.clone();
    new.collection = CollectionId::new(Uuid::new_v4());
    assert!(matches!(ledger.stage(&new).await, Err(LedgerError::NotFound { .. })));
    let mut new = good.clone();
    new.class.list = AccessList::default();
    assert!(matches!(ledger.stage(&new).await, Err(LedgerError::NotFound { .. })));
    let mut new = good.clone();
    new.class.id = world.people.id;
    assert!(matches!(ledger.stage(&new).await, Err(LedgerError::Conflict { .. })));
    let foreign = item(&world.other_source, "a.txt");
    let new = world.held(&foreign, &world.everyone, "one");
    assert!(matches!(ledger.stage(&new).await, Err(LedgerError::Conflict { .. })));

    let nothing = RevisionId::new(Uuid::new_v4());
    assert!(matches!(ledger.commit(&[nothing], NOW).await, Err(LedgerError::NotFound { .. })));
    assert!(matches!(ledger.placing(nothing).await, Err(LedgerError::NotFound { .. })));
    assert!(matches!(ledger.contents(nothing).await, Err(LedgerError::NotFound { .. })));
    let nothing = DocumentId::new(Uuid::new_v4());
    let set = ledger.set_access(nothing, &world.everyone, NOW).await;
    assert!(matches!(set, Err(LedgerError::NotFound { .. })));
    assert!(matches!(ledger.remove(&[nothing], NOW).await, Err(LedgerError::NotFound { .. })));

    assert!(ledger.head(good.source, &good.uri).await.unwrap().is_none());
    let stray = AccessClass { id: ClassId::new(Uuid::new_v4()), ..world.everyone.clone() };
    ledger.stage(&good).await.unwrap();
    let set = ledger.set_access(good.document, &stray, NOW).await;
    assert!(matches!(set, Err(LedgerError::Conflict { .. })));
}

pub(super) async fn a_used_point_is_refused_and_nothing_of_its_revision_stays(world: World) {
    let old = world.serve(&world.item("a.txt"), &world.everyone, "one").await;
    let item = world.item("b.txt");
    let mut new = world.admitted(&item, &world.everyone, "two\nthree", 1);
    if let Keep::Admitted { chunks, .. } = &mut new.keep {
        chunks[1].point = points(&old)[0];
    }
    assert!(matches!(world.ledger.stage(&new).await, Err(LedgerError::Conflict { .. })));
    assert!(world.ledger.head(item.source, "b.txt").await.unwrap().is_none());
    assert!(world.ledger.pending().await.unwrap().is_empty());
    assert_eq!(world.state(&old).await.liveness, Liveness::Serving);
}

pub(super) async fn a_rejected_revision_leaves_a_receipt_and_no_contents(world: World) {
    let item = world.item("a.txt");
    let served = world.serve(&item, &world.everyone, "good").await;
    let bad = world.put(world.rejected(&item, &world.everyone, "bad")).await;
    let head = world.head(&item).await;
    assert_eq!(head.serving, Some(served.revision));
    let latest = head.latest.unwrap();
    assert_eq!((latest.revision, latest.state), (bad.revision, RevisionState::Rejected));
    assert_eq!((latest.basis, latest.reasons), (None, bad.reasons));
    assert!(matches!(world.ledger.contents(bad.revision).await, Err(LedgerError::NotFound { .. })));
    assert_eq!(world.state(&served).await.liveness, Liveness::Serving);
}

pub(super) async fn similar_documents_share_a_key_and_a_tenant(world: World) {
    let ledger = &world.ledger;
    let tenant = &world.source.tenant;
    let (one, two) = (world.item("1"), world.item("2"));
    world.serve(&one, &world.everyone, "one").await;
    world.hold(&two, &world.everyone, "two").await;
    let foreign = item(&world.other_source, "3");
    let class = super::world::class(&*world.ledger, &foreign.tenant, &["everyone"]).await;
    world.serve(&foreign, &class, "three").await;

    let documents = |found: Vec<alnage::pipeline::ledger::Similar>| {
        found.into_iter().map(|similar| similar.document).collect::<Vec<_>>()
    };
    let found = ledger.similar(tenant, &[5, u64::MAX, 7], None, 10).await.unwrap();
    assert!(found.iter().all(|similar| similar.signature == [1, 2, 3]));
    let mut both = [one.document, two.document];
    both.sort();
    assert_eq!(documents(found), both);
    assert_eq!(ledger.similar(tenant, &[7], None, 1).await.unwrap().len(), 1);
    let found = ledger.similar(tenant, &[7], Some(one.document), 10).await.unwrap();
    assert_eq!(documents(found), [two.document]);
    assert!(ledger.similar(tenant, &[8], None, 10).await.unwrap().is_empty());
    assert!(ledger.similar(tenant, &[], None, 10).await.unwrap().is_empty());
    let found = ledger.similar(&foreign.tenant, &[7], None, 10).await.unwrap();
    assert_eq!(documents(found), [foreign.document]);

    // Only the newest revision counts, and a rejected one is like nothing.
    let mut newer = world.admitted(&one, &world.everyone, "other", 2);
    newer.signature = Some((vec![4], vec![9]));
    ledger.stage(&newer).await.unwrap();
    world.put(world.rejected(&two, &world.everyone, "bad")).await;
    assert!(ledger.similar(tenant, &[7], None, 10).await.unwrap().is_empty());
    assert_eq!(documents(ledger.similar(tenant, &[9], None, 10).await.unwrap()), [one.document]);
    ledger.commit(&[newer.revision], NOW).await.unwrap();
    ledger.remove(&[one.document], NOW).await.unwrap();
    assert!(ledger.similar(tenant, &[9], None, 10).await.unwrap().is_empty());
}
