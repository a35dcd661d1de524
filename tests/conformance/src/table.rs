//! The table of all cases, and what is made of it: a list for programs, and tests for whoever writes `suite!`.

use crate::case::Case;

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
                nothing_is_taken_off_either_end
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
                pages_of_round_sizes_visit_everything_once
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
                pages_as_long_as_buffers_are_visit_everything_once
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
                a_large_batch_stands_and_falls_with_its_precondition
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
            revision {
                it_moves_with_every_change
                it_moves_with_what_others_commit
                a_closed_store_has_none
                what_is_read_while_it_stands_is_of_one_state
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
                a_batch_of_any_size_has_its_preconditions
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
                a_thread_that_read_before_sees_what_was_written_since
                two_stores_share_nothing
                a_snapshot_does_not_change
                a_snapshot_answers_many_keys_like_the_store
                a_snapshot_answers_many_requests_like_the_store
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
            lasting {
                thousands_of_batches_are_all_there
                thousands_of_reads_are_all_answered
                a_key_that_is_written_over_and_over_has_its_last_value
            }
            reopening {
                what_was_written_is_there_again
                a_store_dropped_without_close_keeps_what_was_synced
                buffered_batches_are_there_after_close
                buffered_batches_are_there_after_flush
                what_was_deleted_stays_deleted
                every_kind_of_change_is_there_again
                keys_of_every_kind_are_there_again
                values_of_every_size_are_there_again
                very_many_keys_are_there_again
                what_was_compacted_is_there_again
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
                reading_a_store_changes_none_of_its_files
                a_store_without_the_right_to_write_is_read
                a_path_below_a_file_is_an_error
                what_lies_where_the_store_would_be_is_left_alone
                missing_folders_are_made
                a_folder_of_other_files_is_refused
                files_are_for_their_owner_only
                an_unknown_option_is_refused
                capabilities_are_as_declared
            }
            closing {
                every_later_call_says_closed
                closed_comes_before_what_is_wrong_with_the_call
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
                increments_whose_calls_are_dropped_are_not_lost
                a_dropped_close_can_be_repeated
                an_opening_that_is_dropped_leaves_the_place_free
                a_call_may_be_finished_by_another_task
                a_panic_of_a_caller_does_no_harm
                a_store_outlives_the_runtime_that_opened_it
                a_runtime_that_ends_amid_calls_leaves_whole_batches
                a_store_may_be_dropped_anywhere
            }
            durability {
                synced_batches_survive_a_kill
                one_synced_batch_survives_a_kill
                a_thousand_synced_batches_survive_a_kill
                flushed_batches_survive_a_kill
                a_flush_covers_what_came_since_the_last
                closed_batches_survive_a_kill
                dropping_a_store_keeps_what_was_synced_through_a_kill
                buffered_batches_lose_a_suffix_only
                a_synced_batch_carries_the_buffered_ones_before_it
                a_buffered_batch_after_a_synced_one_harms_nothing
                deletes_survive_a_kill
                deleted_ranges_survive_a_kill
                overwritten_values_survive_a_kill
                a_batch_put_again_after_its_deletion_survives_a_kill
                a_large_synced_batch_survives_a_kill
                a_large_batch_is_whole_or_absent_whenever_it_is_killed
                a_process_that_exits_without_closing_loses_nothing_synced
                recovery_changes_nothing_the_second_time
                a_recovered_store_takes_writes_and_keeps_both
                a_reader_finds_what_a_killed_writer_synced
                acknowledged_batches_survive_a_kill_at_any_moment
                buffered_batches_survive_a_kill_up_to_some_batch
                a_kill_during_a_flush_loses_nothing_flushed
                a_kill_during_a_compaction_loses_nothing
                a_store_killed_while_it_is_made_opens
                stores_killed_while_they_are_made_leave_no_rubbish
                batches_that_replace_and_delete_are_whole_after_a_kill
                a_killed_recovery_can_be_repeated
            }
            torn {
                what_is_written_after_a_torn_end_stays
            }
            processes {
                a_second_process_is_locked_out
                a_killed_process_leaves_no_lock
                a_closed_store_is_free_while_its_process_lives
                a_store_closed_here_is_free_for_another_process
                a_process_started_meanwhile_does_not_inherit_the_lock
                processes_that_make_a_store_at_once_agree
                a_reader_in_another_process_sees_whole_batches_as_they_come
                a_reader_that_is_killed_does_not_disturb_the_writer
                writers_in_several_processes_lose_no_increment
                a_process_that_cannot_have_the_store_changes_nothing
            }
            damage {
                a_flipped_bit_is_noticed_or_harmless
                a_cut_file_is_noticed_or_an_earlier_state
                a_zeroed_block_is_noticed_or_harmless
                other_bytes_in_a_block_are_noticed_or_harmless
                a_missing_file_is_noticed_or_harmless
                an_emptied_file_is_noticed_or_harmless
                bytes_after_the_end_are_noticed_or_harmless
                files_in_each_others_place_are_noticed
                foreign_files_are_refused_and_left_alone
                a_newer_format_is_refused
                damage_of_a_store_that_was_not_closed_is_noticed_or_an_earlier_state
                damage_that_comes_while_the_store_is_open_is_verified_or_harmless
                a_sound_store_verifies
            }
            resources {
                a_full_medium_is_full_and_loses_nothing
                being_out_of_files_is_an_error_and_loses_nothing
            }
            faults {
                a_synced_batch_is_synced_before_it_is_acknowledged
                a_flush_syncs_what_was_buffered
                a_failed_sync_is_reported_and_loses_nothing
                a_failed_write_is_reported_and_loses_nothing
                a_write_without_room_is_reported_and_loses_nothing
                a_failed_flush_is_reported_and_loses_nothing
                a_failed_sync_is_never_taken_back
                a_close_that_could_not_sync_says_so
                a_lost_reply_is_commit_unknown
                a_medium_that_fails_while_a_store_opens_harms_nothing
            }
            errors {
                an_error_of_opening_names_the_store
                retryable_errors_promise_that_nothing_was_applied
                errors_have_words_of_their_own
                an_option_of_another_type_is_refused
                a_missing_option_is_refused
                extreme_options_work_or_are_refused
                secrets_are_not_shown
            }
            upkeep {
                figures_that_are_given_are_right
                compacting_changes_nothing_or_is_unsupported
                compacting_beside_readers_and_writers_loses_nothing
                a_read_only_store_is_not_compacted
                figures_follow_what_is_stored
                compacting_and_checking_may_be_done_at_any_time
                flushing_is_always_possible
                flushes_and_batches_go_together
                everything_may_be_asked_at_once
            }
            model {
                random_operations_agree_with_a_map
                random_operations_agree_with_a_map_across_reopens
                concurrent_histories_are_in_some_order
            }
            histories {
                calls_at_the_same_time_have_an_order
                batches_that_are_given_up_have_a_place_in_the_order_or_none
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
        fn conformance_factory() -> $crate::Factory {
            $crate::Factory::from($factory).tested_in(::core::module_path!())
        }

        // What a case needs another process for: the test program runs again, with this test alone.
        #[test]
        fn another_process() {
            $crate::child::act(&conformance_factory());
        }

        #[test]
        fn says_what_is_checked() {
            $crate::case::announce(&conformance_factory());
        }

        $(mod $section {
            $(
                #[test]
                fn $name() -> $crate::Outcome {
                    let case = $crate::Case {
                        section: stringify!($section),
                        name: stringify!($name),
                        run: |lab| ::std::boxed::Box::pin($crate::cases::$section::$name(lab)),
                    };
                    $crate::run(&super::conformance_factory(), &case)
                }
            )*
        })*
    };
}

/// Expands to one test for each case, run against the stores of a [`Factory`](crate::Factory), or of a
/// [`BackendDescriptor`](codestrata_core::BackendDescriptor) whose only required option, if any, is a path.
///
/// One in a module: a second suite of one file goes into a module of its own.
#[macro_export]
macro_rules! suite {
    ($factory:expr) => {
        $crate::__with_cases! { __tests!($factory) }
    };
}

__with_cases! { __table!() }
