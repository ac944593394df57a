//! Access, and what happens when it changes while points are on their way.

use std::slice::from_ref;

use alnage::domain::id::ClassId;
use alnage::domain::retrieval::Liveness;
use alnage::domain::verdict::Warrant;
use alnage::pipeline::ledger::LedgerError;
use uuid::Uuid;

use super::world::{NOW, World, class, item, list, no_root, ruling};

pub(super) async fn a_change_counts_at_once_and_its_move_is_noted_until_done(mut world: World) {
    let item = world.item("a.txt");
    let new = world.serve(&item, &world.everyone, "one").await;
    world.ledger.set_access(item.document, &world.people, NOW).await.unwrap();
    world.reopen().await;

    let state = world.state(&new).await;
    assert_eq!((state.class.as_ref(), state.generation), (&world.people, 2));
    assert_eq!(state.moving_from, Some((world.everyone.id, 1)));
    assert_eq!(state.liveness, Liveness::Serving);
    assert_eq!(world.ledger.moves().await.unwrap(), [item.document]);
    assert_eq!(world.head(&item).await.class, world.people);
    let mut both = [world.everyone.clone(), world.people.clone()];
    both.sort_by_key(|class| class.id);
    assert_eq!(world.classes(&item.tenant).await, both);
    let place = world.ledger.placing(new.revision).await.unwrap().place;
    assert_eq!((place.class, place.generation), (world.people.id, 2));

    world.ledger.moved(item.document, 2).await.unwrap();
    assert_eq!(world.state(&new).await.moving_from, None);
    assert!(world.ledger.moves().await.unwrap().is_empty());
    assert_eq!(world.classes(&item.tenant).await, from_ref(&world.people));
}

pub(super) async fn classes_that_came_to_guard_something_are_told_apart_from_those_that_did(
    world: World,
) {
    let item = world.item("a.txt");
    let since = async |epoch| world.ledger.classes_since(&item.tenant, epoch).await.unwrap();
    let (none, start) = since(0).await;
    assert!(none.is_empty());
    world.serve(&item, &world.everyone, "one").await;
    let (first, one) = since(start).await;
    assert_eq!((first.as_slice(), one > start), (from_ref(&world.everyone), true));
    assert!(since(one).await.0.is_empty());
    world.ledger.set_access(item.document, &world.people, NOW).await.unwrap();
    let (second, two) = since(one).await;
    assert_eq!(second, from_ref(&world.people));
    assert_eq!(two, world.ledger.epoch().await.unwrap());
    // One that guarded something before.
    world.ledger.set_access(item.document, &world.everyone, NOW).await.unwrap();
    assert_eq!(since(two).await.0, from_ref(&world.everyone));
    assert_eq!(since(start).await.0.len(), 2);
    let other = "other".parse().unwrap();
    assert!(world.ledger.classes_since(&other, 0).await.unwrap().0.is_empty());
}

pub(super) async fn points_lie_in_the_oldest_placement_until_they_were_moved(world: World) {
    let item = world.item("a.txt");
    let nobody = world.class(&[]).await;
    let new = world.serve(&item, &world.everyone, "one").await;
    world.ledger.set_access(item.document, &world.people, NOW).await.unwrap();
    world.ledger.set_access(item.document, &nobody, NOW).await.unwrap();
    let state = world.state(&new).await;
    assert_eq!((state.class.as_ref(), state.generation), (&nobody, 3));
    assert_eq!(state.moving_from, Some((world.everyone.id, 1)));
    assert_eq!(world.classes(&item.tenant).await.len(), 3);

    // The first move was carried out; the second is still to come.
    world.ledger.moved(item.document, 2).await.unwrap();
    assert_eq!(world.state(&new).await.moving_from, Some((world.people.id, 2)));
    assert_eq!(world.ledger.moves().await.unwrap(), [item.document]);
    world.ledger.moved(item.document, 3).await.unwrap();
    assert_eq!(world.state(&new).await.moving_from, None);
}

pub(super) async fn a_change_between_stage_and_commit_is_not_lost(mut world: World) {
    let item = world.item("a.txt");
    let old = world.serve(&item, &world.everyone, "old").await;
    let new = world.stage(&item, &world.everyone, "new").await;
    assert_eq!(new.generation, 2);
    world.ledger.set_access(item.document, &world.people, NOW).await.unwrap();

    // The points of the pending revision lie as it was staged.
    let place = world.ledger.placing(new.revision).await.unwrap().place;
    assert_eq!((place.class, place.generation), (world.everyone.id, 2));
    assert_eq!(*world.state(&new).await.class, world.everyone);
    assert_eq!(*world.state(&old).await.class, world.people);

    world.commit(&new).await;
    world.reopen().await;
    let state = world.state(&new).await;
    assert_eq!((state.class.as_ref(), state.generation), (&world.people, 4));
    assert_eq!(state.moving_from, Some((world.everyone.id, 2)));
    assert_eq!(world.ledger.moves().await.unwrap(), [item.document]);
    let head = world.head(&item).await;
    assert_eq!((&head.class, head.next_generation), (&world.people, 5));
    let place = world.ledger.placing(new.revision).await.unwrap().place;
    assert_eq!((place.class, place.generation), (world.people.id, 4));
    world.ledger.moved(item.document, 4).await.unwrap();
    assert!(world.ledger.moves().await.unwrap().is_empty());

    // The same before anything was ever served.
    let first = world.item("b.txt");
    let new = world.stage(&first, &world.everyone, "new").await;
    world.ledger.set_access(first.document, &world.people, NOW).await.unwrap();
    assert_eq!(world.head(&first).await.class, world.people);
    assert!(world.ledger.moves().await.unwrap().is_empty());
    world.commit(&new).await;
    let state = world.state(&new).await;
    assert_eq!((state.class.as_ref(), state.generation), (&world.people, 3));
    assert_eq!(state.moving_from, Some((world.everyone.id, 1)));
}

pub(super) async fn a_move_told_too_late_does_not_end_a_later_one(world: World) {
    let item = world.item("a.txt");
    world.serve(&item, &world.everyone, "old").await;
    let new = world.stage(&item, &world.everyone, "new").await;
    // Somebody begins to move the old revision's points to generation 3.
    world.ledger.set_access(item.document, &world.people, NOW).await.unwrap();
    world.commit(&new).await;
    world.ledger.moved(item.document, 3).await.unwrap();
    assert_eq!(world.state(&new).await.moving_from, Some((world.everyone.id, 2)));
    assert_eq!(world.ledger.moves().await.unwrap(), [item.document]);
}

pub(super) async fn a_commit_ends_the_moves_of_the_revision_that_it_replaces(world: World) {
    let item = world.item("a.txt");
    let old = world.serve(&item, &world.everyone, "old").await;
    world.ledger.set_access(item.document, &world.people, NOW).await.unwrap();
    let new = world.stage(&item, &world.people, "new").await;
    assert_eq!(world.state(&old).await.moving_from, Some((world.everyone.id, 1)));
    world.commit(&new).await;
    let state = world.state(&new).await;
    assert_eq!((state.class.as_ref(), state.generation), (&world.people, 3));
    assert_eq!(state.moving_from, None);
    assert!(world.ledger.moves().await.unwrap().is_empty());
    assert_eq!(world.classes(&item.tenant).await, from_ref(&world.people));
}

pub(super) async fn a_held_newcomer_narrows_what_is_served(world: World) {
    let item = world.item("a.txt");
    let good = world.serve(&item, &world.everyone, "good").await;
    let before = world.ledger.epoch().await.unwrap();
    let mut bad = world.held(&item, &world.people, "bad");
    bad.narrowed = Some(world.people.clone());
    world.put(bad).await;

    let state = world.state(&good).await;
    assert_eq!(
        (state.liveness, state.class.as_ref(), state.generation),
        (Liveness::Serving, &world.people, 2)
    );
    assert_eq!(state.moving_from, Some((world.everyone.id, 1)));
    assert_eq!(world.ledger.moves().await.unwrap(), [item.document]);
    assert_eq!(world.ledger.epoch().await.unwrap(), before + 1);
    assert_eq!(world.head(&item).await.next_generation, 3);
    assert_eq!(world.ledger.held().await.unwrap()[0].class, world.people);
}

pub(super) async fn narrowing_does_not_undo_a_revocation_that_came_between(world: World) {
    let item = world.item("a.txt");
    let (wide, narrow) = (world.class(&["user:a", "user:b"]).await, world.class(&["user:b"]).await);
    let good = world.serve(&item, &world.everyone, "good").await;
    // The ingest looked when everyone could read it; then all but b lost it.
    let mut bad = world.held(&item, &wide, "bad");
    bad.narrowed = Some(wide);
    bad.generation = world.next_generation(&item).await;
    world.ledger.set_access(item.document, &narrow, NOW).await.unwrap();
    assert!(matches!(world.ledger.stage(&bad).await, Err(LedgerError::Conflict { .. })));
    assert_eq!(*world.state(&good).await.class, narrow);
    // Looking again, it still cannot give back what was taken.
    world.put(bad).await;
    assert_eq!(*world.state(&good).await.class, narrow);
}

pub(super) async fn a_held_newcomer_narrows_what_is_about_to_be_served(world: World) {
    let item = world.item("a.txt");
    let (ab, bc) =
        (world.class(&["user:a", "user:b"]).await, world.class(&["user:b", "user:c"]).await);
    let good = world.stage(&item, &ab, "good").await;
    world.hold(&item, &bc, "bad").await;
    assert_eq!(world.head(&item).await.class.list, list(&["user:b"]));
    assert_eq!(*world.state(&good).await.class, ab);
    world.commit(&good).await;
    let state = world.state(&good).await;
    assert_eq!(state.class.list, list(&["user:b"]));
    assert_eq!((state.generation, state.moving_from), (3, Some((ab.id, 1))));

    // One that asks for more changes nothing.
    let item = world.item("b.txt");
    let good = world.stage(&item, &ab, "good").await;
    world.hold(&item, &world.everyone, "bad").await;
    world.commit(&good).await;
    let state = world.state(&good).await;
    assert_eq!((state.class.as_ref(), state.generation, state.moving_from), (&ab, 1, None));
}

pub(super) async fn a_change_of_access_reaches_what_is_held(world: World) {
    let item = world.item("a.txt");
    let held = world.hold(&item, &world.everyone, "held").await;
    world.ledger.set_access(item.document, &world.people, NOW).await.unwrap();
    assert_eq!(world.ledger.held().await.unwrap()[0].class, world.people);
    let ruling = ruling(&held);
    let chunks = world.seal(&item, &held, "held", 3, Warrant::Release(ruling.id));
    let early = world.ledger.release(&ruling, &chunks, &no_root(), 2).await;
    assert!(matches!(early, Err(LedgerError::Conflict { .. })));
    world.ledger.release(&ruling, &chunks, &no_root(), 3).await.unwrap();
    let place = world.ledger.placing(held.revision).await.unwrap().place;
    assert_eq!((place.class, place.generation), (world.people.id, 3));
    world.commit(&held).await;
    let head = world.head(&item).await;
    assert_eq!((head.class, head.serving), (world.people.clone(), Some(held.revision)));
}

pub(super) async fn every_decision_takes_a_generation(world: World) {
    let item = world.item("a.txt");
    let mut last = 1;
    let mut next = async |world: &World| {
        let next = world.next_generation(&item).await;
        assert!(next > last, "{next} after {last}");
        last = next;
    };
    world.serve(&item, &world.everyone, "one").await;
    next(&world).await;
    world.ledger.set_access(item.document, &world.people, NOW).await.unwrap();
    next(&world).await;
    world.put(world.rejected(&item, &world.everyone, "two")).await;
    next(&world).await;
    let mut held = world.held(&item, &world.everyone, "three");
    held.narrowed = Some(world.people.clone());
    let held = world.put(held).await;
    next(&world).await;
    let generation = world.next_generation(&item).await;
    world.ledger.release(&ruling(&held), &[], &no_root(), generation).await.unwrap();
    next(&world).await;
    world.ledger.set_access(item.document, &world.everyone, NOW).await.unwrap();
    next(&world).await;
    world.commit(&held).await;
    world.ledger.remove(&[item.document], NOW).await.unwrap();
    world.stage(&item, &world.everyone, "four").await;
    next(&world).await;
}

pub(super) async fn a_list_has_one_class_in_each_tenant(mut world: World) {
    let fresh = || ClassId::new(Uuid::new_v4());
    let (tenant, other) = (world.source.tenant.clone(), world.other_source.tenant.clone());
    let id = fresh();
    let one = world.ledger.class(&tenant, &list(&["user:x"]), id).await.unwrap();
    assert_eq!((one.id, &one.tenant, &one.list), (id, &tenant, &list(&["user:x"])));
    world.reopen().await;
    let again = world.ledger.class(&tenant, &list(&["user:x"]), fresh()).await.unwrap();
    assert_eq!(again, one);
    let foreign = world.ledger.class(&other, &list(&["user:x"]), fresh()).await.unwrap();
    assert_ne!(foreign.id, one.id);
    assert_eq!(foreign.tenant, other);
    let taken = world.ledger.class(&tenant, &list(&["user:y"]), id).await;
    assert!(matches!(taken, Err(LedgerError::Conflict { .. })));
}

pub(super) async fn tenants_do_not_see_each_other(world: World) {
    let (one, two) = (world.item("a.txt"), item(&world.other_source, "a.txt"));
    let foreign = class(&*world.ledger, &two.tenant, &["everyone"]).await;
    let (first, second) =
        (world.serve(&one, &world.everyone, "one").await, world.serve(&two, &foreign, "two").await);
    assert_eq!(world.classes(&one.tenant).await, from_ref(&world.everyone));
    assert_eq!(world.classes(&two.tenant).await, from_ref(&foreign));
    assert_eq!(world.state(&first).await.class.tenant, one.tenant);
    assert_eq!(world.state(&second).await.class.tenant, two.tenant);
    assert_eq!(world.ledger.placing(second.revision).await.unwrap().place.tenant, two.tenant);
    let across = world.ledger.set_access(two.document, &world.everyone, NOW).await;
    assert!(matches!(across, Err(LedgerError::Conflict { .. })));
    assert_eq!(*world.state(&second).await.class, foreign);
}

pub(super) async fn a_document_is_found_by_id_and_by_a_uri_that_is_unique(world: World) {
    let (one, two) = (world.item("a.txt"), item(&world.other_source, "a.txt"));
    let foreign = class(&*world.ledger, &two.tenant, &["everyone"]).await;
    world.serve(&one, &world.everyone, "one").await;
    let found = world.ledger.document("a.txt").await.unwrap().unwrap();
    assert_eq!(found.document, one.document);
    assert!(world.ledger.document("b.txt").await.unwrap().is_none());

    world.serve(&two, &foreign, "two").await;
    let found = world.ledger.document("a.txt").await;
    assert!(matches!(found, Err(LedgerError::Ambiguous { given }) if given == "a.txt"));
    let found = world.ledger.document(&two.document.to_string()).await.unwrap().unwrap();
    assert_eq!(found.document, two.document);
    // A file that is named like another document's id stands in nobody's way.
    let decoy = world.item(&two.document.to_string());
    world.serve(&decoy, &world.everyone, "decoy").await;
    let found = world.ledger.document(&two.document.to_string()).await.unwrap().unwrap();
    assert_eq!(found.document, two.document);
}
