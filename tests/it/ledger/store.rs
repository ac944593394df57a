//! Removal, the epoch, and the store as a cache.

use alnage::domain::id::{CollectionId, PointId};
use alnage::domain::retrieval::Liveness;
use alnage::pipeline::ledger::{LedgerError, NewRevision, RevisionState, Served};
use uuid::Uuid;

use super::world::{Item, NOW, World, contents, item, no_root, points, ruling};

fn served(item: &Item) -> Served {
    Served { document: item.document, uri: item.uri.clone(), container: None }
}

pub(super) async fn members_are_listed_by_the_file_that_holds_them(world: World) {
    let (inside, apart) = (world.item("a.zip!/x"), world.item("b.zip!/x"));
    for (item, container) in [(&inside, Some("a.zip")), (&apart, Some("b.zip"))] {
        let container = container.map(str::to_owned);
        let new = NewRevision { container, ..world.held(item, &world.everyone, "text") };
        world.ledger.stage(&new).await.unwrap();
    }
    let members = world.ledger.members(inside.source, "a.zip").await.unwrap();
    let told: Vec<_> = members.iter().map(|one| (one.document, one.container.as_deref())).collect();
    assert_eq!(told, [(inside.document, Some("a.zip"))]);
    // It is sent as a file of its own.
    let generation = world.next_generation(&inside).await;
    let alone = NewRevision { generation, ..world.held(&inside, &world.everyone, "text") };
    world.ledger.stage(&alone).await.unwrap();
    assert!(world.ledger.members(inside.source, "a.zip").await.unwrap().is_empty());
    assert_eq!(world.head(&inside).await.container, None);
}

pub(super) async fn a_removed_document_serves_nothing_and_keeps_nothing_but_what_is_held(
    mut world: World,
) {
    let (a, b) = (world.item("a.txt"), world.item("b.txt"));
    let oldest = world.serve(&a, &world.everyone, "oldest").await;
    let serving = world.serve(&a, &world.everyone, "served").await;
    let held = world.hold(&a, &world.everyone, "held").await;
    let pending = world.stage(&a, &world.everyone, "pending").await;
    let other = world.serve(&b, &world.everyone, "other").await;
    world.ledger.set_access(a.document, &world.people, NOW).await.unwrap();
    let listed = world.ledger.served(a.source).await.unwrap();
    assert_eq!(listed, [served(&a), served(&b)]);
    world.drop_points().await;

    world.ledger.remove(&[a.document], NOW).await.unwrap();
    world.reopen().await;
    let head = world.head(&a).await;
    assert_eq!(head.serving, None);
    assert_eq!(head.latest.unwrap().state, RevisionState::Removed);
    assert_eq!(world.ledger.served(a.source).await.unwrap(), [served(&b)]);
    assert!(world.ledger.moves().await.unwrap().is_empty());
    assert!(world.ledger.pending().await.unwrap().is_empty());
    for gone in [&oldest, &serving, &pending] {
        let kept = world.ledger.contents(gone.revision).await;
        assert!(matches!(kept, Err(LedgerError::NotFound { .. })));
    }
    assert_eq!(world.state(&serving).await.liveness, Liveness::InTransit);
    assert_eq!(world.state(&pending).await.liveness, Liveness::InTransit);
    assert_eq!(world.state(&oldest).await.liveness, Liveness::Ended);
    assert_eq!(world.ledger.points_to_drop().await.unwrap().len(), 2);
    world.drop_points().await;
    assert_eq!(world.state(&serving).await.liveness, Liveness::Ended);

    // Held ones are still a reviewer's; others are untouched; too late a commit does nothing.
    assert_eq!(world.ledger.contents(held.revision).await.unwrap(), contents("held"));
    assert_eq!(world.ledger.held().await.unwrap().len(), 1);
    assert_eq!(world.state(&other).await.liveness, Liveness::Serving);
    world.commit(&pending).await;
    assert_eq!(world.head(&a).await.serving, None);
    assert_eq!(world.classes(&a.tenant).await, [world.everyone.clone()]);
}

pub(super) async fn a_removed_document_can_come_back(world: World) {
    let item = world.item("a.txt");
    let old = world.serve(&item, &world.everyone, "same").await;
    world.ledger.remove(&[item.document], NOW).await.unwrap();
    world.ledger.remove(&[item.document], NOW).await.unwrap();
    let new = world.serve(&item, &world.people, "same").await;
    assert_eq!(*world.state(&new).await.class, world.people);
    assert_eq!(world.state(&new).await.liveness, Liveness::Serving);
    assert_eq!(world.state(&old).await.liveness, Liveness::InTransit);
}

pub(super) async fn the_epoch_rises_with_access_and_service_and_with_nothing_else(world: World) {
    let mut last = world.ledger.epoch().await.unwrap();
    let mut risen = async |world: &World| {
        let now = world.ledger.epoch().await.unwrap();
        assert!(now >= last);
        now > std::mem::replace(&mut last, now)
    };
    let item = world.item("a.txt");
    let new = world.stage(&item, &world.everyone, "one").await;
    world.class(&["user:new"]).await;
    assert!(!risen(&world).await, "staging");
    world.commit(&new).await;
    assert!(risen(&world).await, "commit");
    world.commit(&new).await;
    world.ledger.commit(&[], NOW).await.unwrap();
    assert!(!risen(&world).await, "commit of nothing");
    world.ledger.set_access(item.document, &world.people, NOW).await.unwrap();
    assert!(risen(&world).await, "access");
    world.ledger.moved(item.document, 2).await.unwrap();
    let held = world.hold(&item, &world.everyone, "two").await;
    world.ledger.purge(&ruling(&held)).await.unwrap();
    let held = world.hold(&item, &world.everyone, "three").await;
    let generation = world.next_generation(&item).await;
    world.ledger.release(&ruling(&held), &[], &no_root(), generation).await.unwrap();
    world.ledger.set_rebuilding(world.collection.id, true).await.unwrap();
    world.drop_points().await;
    assert!(!risen(&world).await, "moving, holding, purging, releasing, dropping, rebuilding");
    world.ledger.remove(&[item.document], NOW).await.unwrap();
    assert!(risen(&world).await, "removal");
    world.ledger.remove(&[item.document], NOW).await.unwrap();
    assert!(!risen(&world).await, "removal of nothing");
}

pub(super) async fn a_rebuild_is_remembered_until_it_is_done(mut world: World) {
    let collection = world.collection.id;
    assert!(world.ledger.rebuilding().await.unwrap().is_empty());
    world.ledger.set_rebuilding(collection, true).await.unwrap();
    world.ledger.set_rebuilding(collection, true).await.unwrap();
    world.reopen().await;
    assert_eq!(world.ledger.rebuilding().await.unwrap(), [collection]);
    world.ledger.set_rebuilding(collection, false).await.unwrap();
    assert!(world.ledger.rebuilding().await.unwrap().is_empty());
    let unknown = world.ledger.set_rebuilding(CollectionId::new(Uuid::new_v4()), true).await;
    assert!(matches!(unknown, Err(LedgerError::NotFound { .. })));
}

pub(super) async fn served_revisions_and_points_come_in_pages(world: World) {
    let mut served: Vec<NewRevision> = Vec::new();
    for name in 0..5 {
        let item = world.item(&name.to_string());
        world.serve(&item, &world.everyone, "old").await;
        served.push(world.serve(&item, &world.everyone, "one\ntwo").await);
    }
    world.stage(&world.item("pending"), &world.everyone, "three").await;
    world.hold(&world.item("held"), &world.everyone, "four").await;
    let mut revisions: Vec<_> = served.iter().map(|new| new.revision).collect();
    let mut expected: Vec<PointId> = served.iter().flat_map(points).collect();
    revisions.sort();
    expected.sort();

    let (mut pages, mut after) = (Vec::new(), None);
    loop {
        let page = world.ledger.serving(world.collection.id, after, 2).await.unwrap();
        let Some(last) = page.last() else { break };
        assert!(page.len() <= 2);
        after = Some(*last);
        pages.extend(page);
    }
    assert_eq!(pages, revisions);

    let (mut pages, mut after) = (Vec::new(), None);
    loop {
        let page = world.ledger.served_points(world.collection.id, after, 3).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(*last);
        pages.extend(page);
    }
    assert_eq!(pages, expected);
    let elsewhere = CollectionId::new(Uuid::new_v4());
    assert!(world.ledger.serving(elsewhere, None, 9).await.unwrap().is_empty());
    assert!(world.ledger.served_points(elsewhere, None, 9).await.unwrap().is_empty());
}

pub(super) async fn the_states_of_thousands_of_points_come_at_once(world: World) {
    let lines = |count: usize| vec!["line"; count].join("\n");
    let one = world.serve(&world.item("a.txt"), &world.everyone, &lines(1_500)).await;
    let two: Item = item(&world.source, "b.txt");
    let two = world.serve(&two, &world.people, &lines(499)).await;
    let unknown = PointId::new(Uuid::new_v4());
    let mut asked = [points(&one), points(&two), vec![unknown]].concat();
    asked.push(asked[0]);
    let states = world.ledger.states(world.collection.id, &asked).await.unwrap();
    assert_eq!(states.len(), 1_999);
    assert!(!states.contains_key(&unknown));
    for point in points(&two) {
        assert_eq!(*states[&point].class, world.people);
        assert_eq!(states[&point].revision, two.revision);
    }
    let elsewhere = CollectionId::new(Uuid::new_v4());
    assert!(world.ledger.states(elsewhere, &asked).await.unwrap().is_empty());
    assert!(world.ledger.states(world.collection.id, &[]).await.unwrap().is_empty());
}
