//! Holding, releasing, purging.

use alnage::domain::document::Format;
use alnage::domain::finding::Severity;
use alnage::domain::id::RevisionId;
use alnage::domain::policy::Verdict;
use alnage::domain::retrieval::Liveness;
use alnage::domain::verdict::{Basis, Warrant};
use alnage::pipeline::ledger::{LedgerError, RevisionState};
use uuid::Uuid;

use super::world::{NOW, World, contents, no_root, ruling};

pub(super) async fn held_revisions_are_listed_newest_first_with_what_a_reviewer_needs(
    mut world: World,
) {
    let (a, b) = (world.item("a.txt"), world.item("b.txt"));
    let one = world.hold(&a, &world.people, "one").await;
    let two = world.hold(&b, &world.everyone, "two").await;
    let three = world.hold(&a, &world.everyone, "three").await;
    world.reopen().await;
    let held = world.ledger.held().await.unwrap();
    let order: Vec<_> = held.iter().map(|held| (held.head.revision, held.outdated)).collect();
    assert_eq!(order, [(three.revision, false), (two.revision, false), (one.revision, true)]);
    let last = &held[2];
    assert_eq!((last.document, last.source, &last.uri), (a.document, a.source, &a.uri));
    assert_eq!(last.source_name, world.source.name);
    assert_eq!((last.collection, last.file_digest), (one.collection, one.file_digest));
    assert_eq!((last.severity, last.format), (Some(Severity::High), Some(Format::Text)));
    assert_eq!(last.class, world.people);
    assert_eq!((last.head.verdict, last.head.basis), (Verdict::Quarantine, None));
    assert_eq!((&last.head.reasons, last.head.at), (&one.reasons, NOW));
    assert_eq!(world.ledger.contents(one.revision).await.unwrap(), contents("one"));
    assert!(matches!(world.ledger.placing(one.revision).await, Err(LedgerError::NotFound { .. })));
}

pub(super) async fn a_prefix_finds_one_held_revision_or_says_that_it_is_short(world: World) {
    let item = world.item("a.txt");
    let id = |text: &str| RevisionId::new(Uuid::parse_str(text).unwrap());
    let (one, two) =
        (id("abcdef00-0000-4000-8000-000000000000"), id("abcd0000-0000-4000-8000-00000000ffff"));
    for revision in [one, two] {
        let mut held = world.held(&item, &world.everyone, "one");
        held.revision = revision;
        world.put(held).await;
    }
    let find = async |prefix: &str| {
        let found = world.ledger.held_by_prefix(prefix).await;
        found.map(|found| found.map(|held| held.head.revision))
    };
    assert_eq!(find("abcde").await.unwrap(), Some(one));
    assert_eq!(find("ABCD0").await.unwrap(), Some(two));
    assert_eq!(find(&two.to_string()).await.unwrap(), Some(two));
    assert_eq!(find("abcdef00-0000").await.unwrap(), Some(one));
    assert!(matches!(find("abcd").await, Err(LedgerError::Ambiguous { .. })));
    assert_eq!(find("b").await.unwrap(), None);
    assert_eq!(find("").await.unwrap(), None);
    assert_eq!(find("abcdeg").await.unwrap(), None);
    assert_eq!(find("%").await.unwrap(), None);
    let served = world.serve(&world.item("b.txt"), &world.everyone, "two").await;
    assert_eq!(find(&served.revision.to_string()).await.unwrap(), None);
}

pub(super) async fn a_released_revision_serves_after_its_commit(mut world: World) {
    let item = world.item("a.txt");
    let good = world.serve(&item, &world.everyone, "good").await;
    let held = world.hold(&item, &world.people, "held\nlines").await;
    let ruling = ruling(&held);
    let chunks = world.seal(&item, &held, "held\nlines", 3, Warrant::Release(ruling.id));
    world.ledger.release(&ruling, &chunks, &no_root(), 3).await.unwrap();
    world.reopen().await;

    assert!(world.ledger.held().await.unwrap().is_empty());
    assert_eq!(world.ledger.pending().await.unwrap(), [held.revision]);
    assert_eq!(world.head(&item).await.serving, Some(good.revision));
    let placing = world.ledger.placing(held.revision).await.unwrap();
    assert_eq!(placing.records, chunks);
    assert_eq!((placing.place.class, placing.place.generation), (world.people.id, 3));

    world.commit(&held).await;
    let head = world.head(&item).await;
    assert_eq!((head.serving, &head.class), (Some(held.revision), &world.people));
    let latest = head.latest.unwrap();
    assert_eq!(latest.basis, Some(Basis::Released { ruling: ruling.id }));
    assert_eq!(latest.verdict, Verdict::Quarantine);
    let states = world.ledger.states(held.collection, &[chunks[1].point]).await.unwrap();
    let state = &states[&chunks[1].point];
    assert_eq!((state.liveness, state.generation), (Liveness::Serving, 3));
    assert_eq!(state.basis, Basis::Released { ruling: ruling.id });
    assert_eq!(state.verdict, Verdict::Quarantine);
    assert_eq!(world.state(&good).await.liveness, Liveness::InTransit);
    assert_eq!(world.ledger.contents(held.revision).await.unwrap(), contents("held\nlines"));
}

pub(super) async fn only_the_newest_held_revision_is_released(world: World) {
    let item = world.item("a.txt");
    let old = world.hold(&item, &world.everyone, "old").await;
    let new = world.hold(&item, &world.everyone, "new").await;
    let conflict = |result| matches!(result, Err(LedgerError::Conflict { .. }));
    assert!(conflict(world.ledger.release(&ruling(&old), &[], &no_root(), 3).await));
    assert!(conflict(world.ledger.release(&ruling(&new), &[], &no_root(), 2).await));
    assert!(conflict(world.ledger.release(&ruling(&new), &[], &no_root(), 4).await));
    world.ledger.release(&ruling(&new), &[], &no_root(), 3).await.unwrap();
    assert!(conflict(world.ledger.release(&ruling(&new), &[], &no_root(), 4).await));
    let served = world.serve(&world.item("b.txt"), &world.everyone, "served").await;
    assert!(conflict(world.ledger.release(&ruling(&served), &[], &no_root(), 2).await));
    let unknown = world.held(&item, &world.everyone, "unknown");
    let released = world.ledger.release(&ruling(&unknown), &[], &no_root(), 4).await;
    assert!(matches!(released, Err(LedgerError::NotFound { .. })));
    assert!(matches!(
        world.ledger.purge(&ruling(&unknown)).await,
        Err(LedgerError::NotFound { .. })
    ));
}

pub(super) async fn a_release_supersedes_an_older_pending_revision(world: World) {
    let item = world.item("a.txt");
    let old = world.stage(&item, &world.everyone, "old").await;
    let held = world.hold(&item, &world.everyone, "held").await;
    world.ledger.release(&ruling(&held), &[], &no_root(), 3).await.unwrap();
    assert_eq!(world.ledger.pending().await.unwrap(), [held.revision]);
    world.ledger.commit(&[held.revision, old.revision], NOW).await.unwrap();
    assert_eq!(world.head(&item).await.serving, Some(held.revision));
    assert_eq!(world.state(&old).await.liveness, Liveness::InTransit);
}

pub(super) async fn a_purged_revision_leaves_a_tombstone_without_contents(mut world: World) {
    let item = world.item("a.txt");
    let held = world.hold(&item, &world.everyone, "poison").await;
    world.ledger.purge(&ruling(&held)).await.unwrap();
    world.reopen().await;

    assert!(world.ledger.held().await.unwrap().is_empty());
    assert!(matches!(
        world.ledger.contents(held.revision).await,
        Err(LedgerError::NotFound { .. })
    ));
    let latest = world.head(&item).await.latest.unwrap();
    assert_eq!((latest.revision, latest.state), (held.revision, RevisionState::Purged));
    assert_eq!(latest.reasons, held.reasons);
    assert_ne!(latest.fingerprint, held.fingerprint);
    assert!(world.ledger.similar(&item.tenant, &[7], None, 9).await.unwrap().is_empty());
    let conflict = |result| matches!(result, Err(LedgerError::Conflict { .. }));
    assert!(conflict(world.ledger.purge(&ruling(&held)).await));
    assert!(conflict(world.ledger.release(&ruling(&held), &[], &no_root(), 2).await));
    let found = world.ledger.held_by_prefix(&held.revision.to_string()).await.unwrap();
    assert!(found.is_none());
}

pub(super) async fn a_purge_leaves_the_served_revision_alone(world: World) {
    let item = world.item("a.txt");
    let good = world.serve(&item, &world.everyone, "good").await;
    let bad = world.hold(&item, &world.everyone, "bad").await;
    assert!(matches!(world.ledger.purge(&ruling(&good)).await, Err(LedgerError::Conflict { .. })));
    world.ledger.purge(&ruling(&bad)).await.unwrap();
    assert_eq!(world.head(&item).await.serving, Some(good.revision));
    assert_eq!(world.state(&good).await.liveness, Liveness::Serving);
    assert_eq!(world.ledger.contents(good.revision).await.unwrap(), contents("good"));
    assert_eq!(world.ledger.placing(good.revision).await.unwrap().records.len(), 1);
}
