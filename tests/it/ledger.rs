//! What every ledger must do, whatever database is behind it, and what SQLite's must besides.

mod access;
mod ingest;
mod quarantine;
mod sqlite;
mod store;
mod world;

/// Runs every case, each as a test of its own on a ledger of its own. `$open` opens the ledger of a
/// directory, or makes one; a case may open it again.
macro_rules! conforms {
    ($open:path; $($story:ident: $($case:ident)+;)+) => {
        $($(
            #[tokio::test]
            async fn $case() {
                let world = $crate::ledger::world::World::new(|place| Box::pin($open(place))).await;
                $crate::ledger::$story::$case(world).await;
            }
        )+)+
    };
    ($open:path) => {
        $crate::ledger::conforms! { $open;
            ingest:
                names_are_taken_once_and_listed_in_order
                a_revision_serves_after_its_commit_whatever_crash_lies_between
                everything_that_was_kept_comes_back_to_the_bit
                a_newer_revision_takes_the_place_of_the_served_one
                a_newer_pending_revision_supersedes_the_older_one
                a_generation_is_given_out_once
                a_place_of_a_source_has_one_document
                what_is_not_in_the_ledger_cannot_be_referred_to
                a_used_point_is_refused_and_nothing_of_its_revision_stays
                a_rejected_revision_leaves_a_receipt_and_no_contents
                similar_documents_share_a_key_and_a_tenant;
            access:
                a_change_counts_at_once_and_its_move_is_noted_until_done
                classes_that_came_to_guard_something_are_told_apart_from_those_that_did
                points_lie_in_the_oldest_placement_until_they_were_moved
                a_change_between_stage_and_commit_is_not_lost
                a_move_told_too_late_does_not_end_a_later_one
                a_commit_ends_the_moves_of_the_revision_that_it_replaces
                a_held_newcomer_narrows_what_is_served
                narrowing_does_not_undo_a_revocation_that_came_between
                a_held_newcomer_narrows_what_is_about_to_be_served
                a_change_of_access_reaches_what_is_held
                every_decision_takes_a_generation
                a_list_has_one_class_in_each_tenant
                tenants_do_not_see_each_other
                a_document_is_found_by_id_and_by_a_uri_that_is_unique;
            quarantine:
                held_revisions_are_listed_newest_first_with_what_a_reviewer_needs
                a_prefix_finds_one_held_revision_or_says_that_it_is_short
                a_released_revision_serves_after_its_commit
                only_the_newest_held_revision_is_released
                a_release_supersedes_an_older_pending_revision
                a_purged_revision_leaves_a_tombstone_without_contents
                a_purge_leaves_the_served_revision_alone;
            store:
                members_are_listed_by_the_file_that_holds_them
                a_removed_document_serves_nothing_and_keeps_nothing_but_what_is_held
                a_removed_document_can_come_back
                the_epoch_rises_with_access_and_service_and_with_nothing_else
                a_rebuild_is_remembered_until_it_is_done
                served_revisions_and_points_come_in_pages
                the_states_of_thousands_of_points_come_at_once;
        }
    };
}

use conforms;
