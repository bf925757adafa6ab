"""What was promised of jobs, row by row, and the tests that show it: (file below tests/, test). `tests/docs/test_promises.py`
sees to it that each of them is there. What is done in another way, or comes later, is told in docs/decisions.md.
"""

from __future__ import annotations

Shown = tuple[tuple[str, str], ...]
A, D, G = "jobs/test_attempt.py", "jobs/test_dispatching.py", "jobs/groups"
B, C, P = f"{G}/test_batches.py", f"{G}/test_callbacks.py", "conformance/test_push.py"

JOBS: dict[str, Shown] = {
    "JOB-01": (("examples/test_examples.py", "test_a_job_a_function_and_an_async_job"),),
    "JOB-02": ((A, "test_the_last_try_fails_the_job_and_calls_failed_once_with_the_exception"),),
    "JOB-03": (("core/test_states.py", "test_exactly_the_moves_of_the_contract_are_allowed"),),
    "JOB-04": (("jobs/test_precedence.py", "test_the_highest_level_that_says_something_wins"),),
    "JOB-05": (
        ("jobs/test_codec.py", "test_every_type_comes_back_as_it_was"),
        ("jobs/test_codec.py", "test_anything_else_is_refused_with_the_arguments_name_and_type"),
    ),
    "JOB-06": (
        ("jobs/test_models.py", "test_the_job_sees_the_row_as_it_is_when_it_runs"),
        ("jobs/test_models.py", "test_a_row_that_is_gone_is_a_failure_that_names_it"),
    ),
    "JOB-07": (
        (A, "test_release_comes_again_and_costs_a_try"),
        (A, "test_fail_ends_it_whatever_tries_are_left"),
        (A, "test_delete_ends_it_as_cancelled"),
    ),
    "JOB-08": ((D, "test_dispatch_on_the_class_stores_the_constructors_arguments"),),
    "JOB-09": ((D, "test_fluent_words_and_dispatch_on_an_instance"),),
    "JOB-10": (("jobs/test_precedence.py", "test_the_queue_follows_the_same_order"),),
    "JOB-11": (
        (D, "test_a_delay_may_be_seconds_a_timedelta_or_an_aware_moment"),
        ("conformance/test_turn.py", "test_nothing_starts_before_its_time"),
    ),
    "JOB-12": (("conformance/test_turn.py", "test_higher_priority_starts_first_and_push_order_decides_within_one"),),
    "JOB-13": ((D, "test_if_and_unless"),),
    "JOB-14": ((D, "test_if_and_unless"),),
    "JOB-15": (
        ("jobs/test_inline.py", "test_dispatch_now_runs_through_the_middleware_and_returns_what_handle_returns"),
        ("jobs/test_inline.py", "test_an_exception_passes_after_failed_was_called"),
    ),
    "JOB-16": ((D, "test_the_function_and_the_fluent_start"),),
    "JOB-17": (
        ("jobs/test_dispatcher.py", "test_of_two_queues_a_job_lands_on_the_empty_one"),
        ("jobs/test_dispatcher.py", "test_a_job_of_a_queue_whose_limit_is_used_up_is_put_off"),
    ),
    "JOB-18": (
        ("control/test_service.py", "test_a_job_is_created_by_its_name_found_and_run"),
        ("web/api/test_jobs.py", "test_a_name_that_is_not_registered_is_refused_and_imports_nothing"),
    ),
    "JOB-19": (("web/pages/test_job.py", "test_a_running_job_shows_how_far_it_is"),),
    "JOB-20": (("web/pages/test_job.py", "test_every_attempt_can_be_looked_at"),),
    "JOB-21": (
        ("web/pages/test_job.py", "test_a_result_is_shown_as_a_tree"),
        ("conformance/test_tick.py", "test_ended_jobs_are_kept_as_long_as_their_setting_says"),
    ),
    "JOB-22": (("web/draw/test_timeline.py", "test_waits_attempts_and_backoffs_follow_one_another_without_a_gap"),),
    "JOB-23": (("jobs/test_dispatcher.py", "test_a_processor_runs_what_is_enqueued_under_its_kind_beside_other_jobs"),),
    "JOB-24": (
        ("jobs/test_attempt_context.py", "test_signals_tell_how_attempts_went"),
        (C, "test_the_end_of_a_batch_a_chain_and_a_workflow_is_signalled_where_somebody_listens"),
    ),
}
SECRETS: dict[str, Shown] = {
    "SEC-01": (
        ("jobs/test_unique.py", "test_a_second_one_of_the_same_id_is_not_dispatched_until_the_first_has_ended"),
        ("conformance/test_turn.py", "test_threads_that_push_the_same_key_store_one_job"),
    ),
    "SEC-02": ((P, "test_an_expired_holders_key_is_taken_over_by_the_push_that_meets_it"),),
    "SEC-03": (
        ("jobs/test_encrypted_at_rest.py", "test_nothing_of_an_encrypted_job_is_kept_in_the_clear"),
        ("jobs/test_encrypted.py", "test_a_key_that_the_worker_does_not_have_fails_the_job_for_good"),
    ),
    "SEC-04": (("jobs/test_encrypted.py", "test_a_queue_may_encrypt_whatever_is_dispatched_to_it"),),
    "SEC-05": (("e2e/test_secrets.py", "test_payments_are_made_and_nothing_of_the_card_stands_in_store_screen_or_dashboard"),),
    "SEC-06": (("jobs/test_permissions.py", "test_sensitive_fields_are_masked_in_what_the_job_says_before_it_is_encrypted"),),
    "SEC-07": (
        ("jobs/test_permissions.py", "test_without_the_permission_it_is_refused_at_dispatch_and_the_audit_log_keeps_it"),
        ("e2e/test_secrets.py", "test_a_permission_that_the_user_has_lost_is_refused_by_the_worker_and_audited"),
    ),
    "SEC-08": (("e2e/test_secrets.py", "test_a_byte_changed_in_the_store_is_found_out_before_anything_is_run"),),
    "SEC-09": (
        ("web/test_auth.py", "test_every_route_but_the_probes_and_static_files_is_closed"),
        ("web/test_every_route.py", "test_a_viewer_may_look_everywhere_and_change_nothing"),
    ),
    "SEC-11": (("conformance/test_order.py", "test_a_key_with_many_jobs_delays_the_one_job_of_another_by_one_turn"),),
    "SEC-12": (("cli/test_config.py", "test_of_keys_and_passwords_nothing_is_shown"),),
}
GROUPS: dict[str, Shown] = {
    "BAT-01": ((B, "test_a_batch_is_followed_from_dispatch_to_its_end"),),
    "BAT-02": ((B, "test_a_batch_is_followed_from_dispatch_to_its_end"),),
    "BAT-03": ((B, "test_one_failure_ends_it_unless_it_allows_some"), (B, "test_how_many_may_fail_is_a_number_a_share_or_any")),
    "BAT-04": (("conformance/test_groups_at_once.py", "test_the_last_members_that_end_at_the_same_moment_end_their_group"),),
    "BAT-05": ((C, "test_catch_is_called_once_with_what_failed_first"),),
    "BAT-06": ((C, "test_then_and_finally_run_after_success_and_catch_and_finally_after_failure"),),
    "BAT-07": ((C, "test_the_end_of_a_batch_a_chain_and_a_workflow_is_signalled_where_somebody_listens"),),
    "BAT-08": (
        (B, "test_jobs_are_added_to_a_live_one_and_then_waits_for_them"),
        (B, "test_a_member_adds_to_its_own_batch_and_an_attempt_that_runs_again_adds_nothing_twice"),
    ),
    "BAT-09": ((f"{G}/test_small.py", "test_a_batchable_job_looks_at_its_batch_once_a_second"),),
    "BAT-10": ((B, "test_progress_counts_what_has_ended_and_figures_add_up_on_the_way"),),
    "BAT-11": ((B, "test_progress_counts_what_has_ended_and_figures_add_up_on_the_way"),),
    "BAT-12": ((f"{G}/test_small.py", "test_the_batch_of_models_is_the_batch_of_the_front_door"),),
    "BAT-13": ((B, "test_cancelling_cancels_what_has_not_started"),),
    "BAT-14": (
        (P, "test_one_refused_envelope_keeps_all_of_them_out"),
        ("conformance/test_groups_at_once.py", "test_workers_that_drain_several_groups_at_once_count_each_member_once"),
    ),
    "BAT-15": (
        ("jobs/test_in_chunks.py", "test_or_11_jobs_of_a_batch"),
        ("jobs/test_in_chunks.py", "test_of_a_million_items_no_more_are_held_than_go_into_one_push"),
    ),
    "CHN-01": ((f"{G}/test_chains.py", "test_steps_run_in_order_each_with_what_the_one_before_it_returned"),),
    "CHN-02": ((C, "test_catch_is_called_once_with_what_failed_first"),),
    "CHN-03": ((f"{G}/test_chains.py", "test_steps_run_in_order_each_with_what_the_one_before_it_returned"),),
    "CHN-04": ((f"{G}/test_chains.py", "test_a_step_that_fails_breaks_the_chain_and_its_retry_goes_on_from_there"),),
    "CHN-05": ((f"{G}/test_chains.py", "test_its_monitor_says_which_step_it_is_at"),),
    "CHN-06": (
        (f"{G}/test_chains.py", "test_a_step_appends_a_last_one"),
        (f"{G}/test_chains.py", "test_a_step_puts_another_one_before_the_next"),
    ),
    "CHN-07": (("demo/test_season.py", "test_the_page_of_the_pipeline_shows_four_steps_that_have_completed"),),
    "CHN-08": (
        (D, "test_a_job_waits_for_those_it_depends_on"),
        ("conformance/test_gates.py", "test_fan_in_opens_once_the_last_one_completed"),
    ),
    "CHN-09": (
        (f"{G}/test_workflows.py", "test_jobs_fan_out_and_in_and_have_the_results_of_all_before_them"),
        (f"{G}/test_workflows.py", "test_a_circle_is_refused_where_it_is_closed_with_its_path"),
    ),
    "CHN-10": (("conformance/test_gates.py", "test_an_opened_job_queues_up_where_it_stands_now"),),
    "CHN-11": (
        ("web/pages/test_job.py", "test_waiting_jobs_say_for_what"),
        ("conformance/test_gates.py", "test_a_failed_or_cancelled_cause_cancels_what_needed_it_and_says_why"),
    ),
}
REST: dict[str, Shown] = {
    "SCH-01": (
        ("cli/test_schedules.py", "test_one_that_is_added_is_told_in_words_and_listed_with_its_next_time"),
        ("timetable/test_cron.py", "test_what_is_not_understood_or_never_comes_is_refused_with_what_to_write"),
    ),
    "SCH-02": (("timetable/test_cron.py", "test_steps_ranges_and_lists_of_minutes_and_hours"),),
    "SCH-03": (("timetable/test_cron.py", "test_nought_and_seven_are_both_sunday"),),
    "SCH-04": (("schedule/test_dispatcher.py", "test_a_job_has_the_arguments_options_and_tag_of_its_schedule"),),
    "SCH-05": (
        ("web/pages/test_schedules.py", "test_the_form_keeps_what_was_written"),
        ("web/pages/test_schedules.py", "test_acts_are_done_and_told"),
    ),
    "SCH-06": (("schedule/test_schedules_takeover.py", "test_through_two_kills_each_second_gets_its_job_once"),),
    "TST-01": (
        ("testing/test_fake.py", "test_dispatches_are_caught_and_go_nowhere"),
        ("testing/test_plugin.py", "test_the_plugin_gives_a_fixture_and_ends_what_a_test_left_behind"),
    ),
    "TST-02": (("testing/test_fake.py", "test_a_failure_says_what_was_pushed_instead"),),
    "TST-03": (("testing/test_fake.py", "test_what_was_said_of_a_dispatch_can_be_asserted"),),
    "TST-04": (("testing/test_fake.py", "test_a_failure_says_what_was_pushed_instead"),),
    "TST-05": (("testing/test_tester.py", "test_a_job_that_decides_its_own_end"),),
    "TST-06": (("testing/test_fake_groups.py", "test_a_batch_is_caught_with_its_name_its_jobs_and_its_callbacks"),),
    "TST-07": (("testing/test_fake_groups.py", "test_a_chain_is_caught_in_its_order"),),
}
ROWS: dict[str, Shown] = {**JOBS, **SECRETS, **GROUPS, **REST}
