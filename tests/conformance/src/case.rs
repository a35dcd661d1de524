//! The table of cases, and how one is run.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use crate::lab::{Factory, Lab};
use crate::violation::{Outcome, Violation};

/// What a case is, once boxed.
pub type Run = for<'a> fn(&'a Lab) -> Pin<Box<dyn Future<Output = Outcome> + Send + 'a>>;

/// One thing that every backend must do.
#[derive(Clone, Copy)]
pub struct Case {
    /// The section it belongs to.
    pub section: &'static str,
    /// What must be so.
    pub name: &'static str,
    /// The case itself.
    pub run: Run,
}

// A case that takes longer than this hangs. The slowest takes some seconds, on the slowest engine.
const LONGEST: Duration = Duration::from_secs(120);

/// Runs a case on a runtime of its own.
///
/// # Errors
/// The violation that it found.
pub fn run(factory: Factory, case: &Case) -> Outcome {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Violation::new("the suite has a runtime", error.to_string()))?;
    let lab = Lab::new(factory)?;
    runtime.block_on(async {
        match tokio::time::timeout(LONGEST, (case.run)(&lab)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Violation::new("every call ends", format!("nothing for {LONGEST:?}"))),
        }
    })
}

/// What the run covers, for people: how many cases, and which capabilities are checked to be absent.
#[must_use]
pub fn summary(factory: Factory) -> String {
    let claims = factory.descriptor().declared_capabilities();
    let capabilities = [
        ("snapshots", claims.snapshots()),
        ("consistent pages", claims.consistent_pages()),
        ("persistent", claims.persistent()),
        ("synced", claims.synced()),
        ("readers beside a writer", claims.readers_beside_writer()),
        ("several writers", claims.several_writers()),
    ];
    let list = |claimed: bool| {
        let names: Vec<&str> =
            capabilities.iter().filter(|(_, has)| *has == claimed).map(|(name, _)| *name).collect();
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    };
    format!(
        "{}: {} cases; claimed and exercised: {}; not claimed and checked to be refused: {}",
        factory.descriptor().name(),
        CASES.len(),
        list(true),
        list(false)
    )
}

// Hands the list of all cases to another macro, so that it is written once.
#[doc(hidden)]
#[macro_export]
macro_rules! __with_cases {
    ($go:ident ! ($($argument:tt)*)) => {
        $crate::$go! { ($($argument)*)
            meta {
                the_registry_takes_the_backend
                it_says_what_it_is_and_where_it_comes_from
                options_are_declared_once_and_explained
                a_default_may_be_given_as_well
                claims_do_not_contradict_each_other
                capabilities_stay_the_same_for_life
                stores_in_use_at_once_share_nothing
                many_stores_may_be_open_at_once
                figures_follow_what_is_stored
            }
            keys {
                an_empty_value_is_a_value
                a_missing_key_reads_as_none
                overwriting_replaces_the_value
                deleting_a_missing_key_succeeds
                keys_compare_as_unsigned_bytes
                a_key_sorts_before_those_it_begins
                any_bytes_make_a_key_and_a_value
                keys_keep_their_case
                the_longest_key_works
                values_of_every_size_come_back_whole
                long_keys_that_differ_in_one_byte_differ
                keys_of_every_length_differ
                no_key_is_reserved
            }
            values {
                values_may_look_like_anything
                values_of_unlike_sizes_live_side_by_side
                replacing_a_value_leaves_nothing_of_the_old_one
                a_value_stays_until_it_is_replaced
            }
            get_many {
                values_come_in_the_order_of_the_keys
                a_key_may_be_named_twice
                no_keys_give_no_values
                missing_keys_among_present_ones_are_none
                as_many_keys_as_allowed_are_answered
                one_key_too_many_is_too_large
                too_many_bytes_are_too_large
                thousands_of_keys_each_have_their_answer
                get_agrees_with_get_many
            }
            scan {
                an_empty_store_has_an_empty_last_page
                everything_comes_in_order
                reverse_is_the_exact_reverse
                the_start_is_included_and_the_end_excluded
                an_inverted_range_is_empty
                bounds_may_lie_between_keys
                a_prefix_ends_before_its_successor
                a_prefix_of_highest_bytes_has_no_end
                every_pair_of_bounds_agrees_with_a_model
                keys_only_leaves_the_values_out
                scan_many_answers_each_request_in_order
                scan_many_of_nothing_is_nothing
                one_request_too_many_is_too_large
                every_shape_of_request_is_answered_right
                each_of_many_requests_has_its_own_page
                deleted_keys_between_live_ones_hide_none
            }
            paging {
                pages_of_one_item_visit_everything
                pages_of_every_size_visit_everything_once
                a_byte_limit_cuts_pages
                an_item_over_the_byte_limit_still_comes
                reverse_pages_visit_everything_once
                a_page_may_end_on_a_prefix_of_the_next_key
                keys_that_stay_are_seen_once_whatever_changes
                keys_only_pages_visit_everything_once
                a_large_store_is_paged_at_the_seams_own_limits
                a_scan_goes_on_after_the_longest_keys
                the_next_page_shows_what_was_written_meanwhile
                what_is_left_may_be_read_in_another_way
                values_count_for_nothing_where_they_are_left_out
                pages_of_large_values_keep_to_the_seams_own_bytes
            }
            limits {
                the_bytes_of_preconditions_count
                the_value_of_a_precondition_has_the_limit_of_values
                a_refused_read_does_not_stand_in_the_way
                a_snapshot_has_the_limits_of_the_store
                a_refused_batch_does_not_stand_in_the_way
            }
            batch {
                an_empty_batch_succeeds
                operations_take_effect_in_order
                a_range_deleted_first_spares_what_is_put_after
                a_range_deleted_last_takes_what_was_put_before
                the_last_put_of_a_key_wins
                a_deleted_range_spares_its_neighbours
                an_inverted_range_deletes_nothing
                a_range_without_end_deletes_the_rest
                a_prefix_range_deletes_the_prefix_only
                a_value_over_the_limit_leaves_nothing
                a_batch_over_the_limit_leaves_nothing
                a_large_sorted_batch_arrives_whole
                sorted_puts_among_existing_keys_arrive_whole
                a_large_unsorted_batch_arrives_whole
                a_large_range_goes_whole
                no_read_sees_half_a_batch
            }
            deleting {
                every_pair_of_bounds_deletes_like_a_model
                bounds_longer_than_a_key_delete_too
                what_is_deleted_is_gone_for_every_read
                an_emptied_store_can_be_filled_again
                a_batch_may_replace_everything
                many_changes_of_few_keys_keep_their_order
                ranges_that_overlap_delete_what_they_cover
            }
            visibility {
                every_kind_of_read_sees_every_kind_of_change
                every_durability_has_the_same_effect
                a_batch_of_very_many_operations_is_one
                a_part_of_a_large_batch_is_never_seen
            }
            preconditions {
                absent_holds_for_a_missing_key
                absent_fails_for_a_present_key
                absent_fails_for_an_empty_value
                equals_holds_for_the_exact_value
                equals_fails_for_another_value
                equals_fails_for_a_missing_key
                equals_empty_fails_for_a_missing_key
                any_one_failing_stops_the_batch
                alone_they_ask_and_change_nothing
                they_may_name_keys_that_the_batch_does_not_write
                contradictory_ones_fail
                they_see_the_state_before_the_batch
                concurrent_increments_lose_none
                absent_has_one_winner
                write_skew_is_prevented
                they_are_about_the_exact_key
                equals_compares_every_byte
                one_of_thousands_failing_stops_the_batch
                they_see_what_earlier_batches_did
                they_may_name_what_the_batch_changes
            }
            serialisable {
                two_that_each_require_what_the_other_puts_to_be_absent
                a_deleted_range_and_who_requires_what_is_in_it
                one_value_is_replaced_or_deleted_once
                three_in_a_ring_do_not_all_succeed
                transfers_keep_the_sum
                every_acknowledged_batch_is_there_once
            }
            isolation {
                a_write_is_visible_to_another_thread
                two_stores_share_nothing
                a_snapshot_does_not_change
                snapshots_each_have_their_own_state
                a_snapshot_after_close_answers_or_says_closed
                an_unclaimed_snapshot_is_unsupported
            }
            snapshots {
                every_read_of_a_snapshot_is_of_its_state
                a_snapshot_answers_every_shape_of_request
                a_snapshot_of_nothing_stays_empty
                snapshots_outlive_many_batches_and_a_compaction
                snapshots_come_and_go_without_end
                a_snapshot_beside_writers_shows_whole_batches
                a_snapshot_works_wherever_it_is_read
                a_kept_snapshot_does_not_hold_up_closing
                an_expired_snapshot_is_unavailable
            }
            maintenance {
                compacting_and_checking_change_nothing
                flushing_is_always_possible
                flushes_and_batches_go_together
                everything_may_be_asked_at_once
            }
            reopening {
                what_was_written_is_there_again
                a_store_dropped_without_close_keeps_what_was_synced
                buffered_batches_are_there_after_close
                buffered_batches_are_there_after_flush
                what_was_deleted_stays_deleted
                many_reopens_change_nothing
                synced_is_honoured_or_refused
            }
            opening {
                a_missing_store_is_not_found
                create_opens_what_is_there
                a_second_writer_is_locked_out
                the_lock_goes_with_the_store
                a_reader_sees_what_is_committed_beside_it
                read_only_refuses_every_write
                an_unknown_option_is_refused
                capabilities_are_as_declared
            }
            closing {
                every_later_call_says_closed
                closing_twice_succeeds
                calls_under_way_end_well
                closing_from_several_tasks_succeeds
                a_closed_store_neither_compacts_nor_checks
                what_is_acknowledged_before_close_returns_is_closed_after
            }
            concurrency {
                one_thread_is_enough
                no_runtime_is_needed
                a_dropped_write_is_whole_or_nothing
                aborted_tasks_leave_whole_batches
                parallel_writers_and_readers_agree
                the_executor_is_not_blocked_by_long_work
                many_readers_each_get_their_own_answers
                several_runtimes_may_use_a_store_at_once
                many_calls_share_one_thread
                a_walk_beside_writers_sees_lasting_keys_once
            }
            cancellation {
                calls_dropped_at_any_point_leave_a_store_that_works
                a_dropped_close_can_be_repeated
                an_opening_that_is_dropped_leaves_the_place_free
                a_call_may_be_finished_by_another_task
                a_panic_of_a_caller_does_no_harm
                a_store_outlives_the_runtime_that_opened_it
                a_runtime_that_ends_amid_calls_leaves_whole_batches
                a_store_may_be_dropped_anywhere
            }
            model {
                random_operations_agree_with_a_map
                random_operations_agree_with_a_map_across_reopens
                concurrent_histories_are_in_some_order
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __table {
    (() $($section:ident { $($name:ident)* })*) => {
        /// Every case, section by section.
        pub const CASES: &[Case] = &[$($(
            Case {
                section: stringify!($section),
                name: stringify!($name),
                run: |lab| Box::pin($crate::cases::$section::$name(lab)),
            },
        )*)*];
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __tests {
    (($factory:expr) $($section:ident { $($name:ident)* })*) => {
        $(mod $section {
            #[allow(unused_imports, reason = "a factory of literals and paths uses nothing of the file around it")]
            use super::*;
            $(
                #[test]
                fn $name() -> $crate::Outcome {
                    let case = $crate::Case {
                        section: stringify!($section),
                        name: stringify!($name),
                        run: |lab| Box::pin($crate::cases::$section::$name(lab)),
                    };
                    $crate::run($factory, &case)
                }
            )*
        })*

        mod summary {
            #[allow(unused_imports, reason = "a factory of literals and paths uses nothing of the file around it")]
            use super::*;

            #[test]
            fn says_what_was_checked() {
                println!("{}", $crate::case::summary($factory));
            }
        }
    };
}

/// Expands to one test for each case, run against the stores of a [`Factory`].
#[macro_export]
macro_rules! suite {
    ($factory:expr) => {
        $crate::__with_cases! { __tests!($factory) }
    };
}

__with_cases! { __table!() }
