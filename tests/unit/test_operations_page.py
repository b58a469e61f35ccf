"""Each fault of the table in docs/operations.md, and the tests that show what the table says of it."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TESTS = {
    "the machine was off for a week": [
        "integration/test_flows.py::test_what_a_killed_serve_left_is_ended_and_the_last_late_run_does_the_work"
    ],
    "a run is killed": ["integration/test_kills.py::test_what_was_killed_is_made_good_by_the_next_run"],
    "a target of notices refuses": [
        "unit/pipelines/test_notify.py::test_a_target_that_fails_is_tried_again_and_the_others_are_not_told_twice"
    ],
    "CelesTrak answers anything but 200, or its connection fails": [
        "unit/catalog/test_celestrak.py::test_after_any_answer_but_200_nothing_is_asked",
        "unit/catalog/test_celestrak.py::test_nobody_listens",
        "unit/pipelines/test_ingest_web.py::test_a_refusal_stops_all_groups_is_said_once_and_is_shown_by_the_doctor",
    ],
    "Space-Track refuses (403, 429)": ["unit/catalog/test_spacetrack.py::test_a_refusal_stops_every_run_for_a_while"],
    "the clock is wrong": [
        "unit/catalog/test_celestrak.py::test_nothing_is_stored_as_of_a_wrong_time",
        "integration/test_main_job.py::test_a_clock_a_year_ahead_writes_nothing",
        "unit/review/web/api/test_verdicts.py::test_no_verdict_is_dated_by_a_clock_that_cannot_be_right",
    ],
    "a ledger is damaged": ["unit/catalog/test_ledger.py::test_a_damaged_entry_is_a_hold_once"],
    "a file has bad records": [
        "unit/pipelines/test_ingest_files.py::test_refusals_are_told_with_reasons_share_and_folder",
        "unit/pipelines/test_ingest_files.py::test_a_file_that_is_mostly_lost_fails_the_run_and_keeps_what_is_good",
        "unit/pipelines/test_ingest_files.py::test_sets_without_checksums_are_counted",
    ],
    "a file holds operators' fits (SupGP)": [
        "unit/pipelines/test_supplemental_files.py::test_sets_of_operators_are_stored_as_such"
    ],
    "a stored row is none that a reader takes": [
        "unit/review/web/api/test_poisoned.py::test_objects_however_they_came_fail_no_page",
        "unit/review/web/api/test_poisoned.py::test_labels_however_they_came_fail_no_page",
    ],
    "a set has an epoch more than five days ahead of the clock (a wrong year, a wrong clock)": [
        "unit/catalog/test_future.py::test_an_epoch_days_ahead_is_refused_by_file_line_and_field",
        "unit/catalog/test_future.py::test_what_is_stored_from_the_future_is_not_seen",
    ],
    "a file corrects a set of before: same object, epoch and number, another orbit": [
        "unit/catalog/test_store.py::test_what_corrects_a_set_counts_from_when_it_was_read"
    ],
    "an old history is ingested": ["integration/test_main_job.py::test_old_sets_that_come_late_are_scored_too"],
    "a new model becomes champion": [
        "integration/test_champions.py::test_each_champion_leaves_what_it_would_have_left_alone",
        "integration/test_champions.py::test_what_people_and_findings_said_outlives_a_champion",
    ],
    "`train` is killed": ["integration/test_registry.py::test_a_training_killed_at_any_write_is_finished_by_the_next"],
    "`promote` or `promote --rollback` is killed": [
        "integration/test_registry.py::test_a_change_of_champion_killed_at_any_write_is_finished_by_repeating_it"
    ],
    "the champion's files are damaged": [
        "integration/test_registry.py::test_what_is_damaged_is_named_trained_again_and_not_rolled_back_to",
        "integration/test_promote.py::test_a_champion_that_cannot_be_read_gives_way_unmeasured",
    ],
    "a run is killed, or its disk is full, before it can say so": [
        "unit/pipelines/test_runs.py::test_the_next_run_of_any_kind_closes_what_was_killed_and_nothing_else",
        "unit/pipelines/test_runs.py::test_a_run_whose_end_could_not_be_put_down_is_closed_by_the_next",
    ],
    "`review.sqlite` is lost or restored": [
        "integration/test_standing.py::test_what_does_not_fit_is_scored_anew_and_said",
        "unit/pipelines/test_backup.py::test_what_is_restored_has_the_verdicts_and_no_run_that_never_ends",
    ],
    "the database of another home is named": [
        "integration/test_standing.py::test_the_database_of_another_home_is_refused"
    ],
    "`state/` is lost, damaged or restored": [
        "integration/test_standing.py::test_what_does_not_fit_is_scored_anew_and_said",
        "integration/test_standing.py::test_verdicts_outlive_the_loss_of_everything_else",
        "unit/pipelines/test_runs.py::test_a_run_whose_lock_was_lost_is_closed_by_the_next",
    ],
    "`elements/manifest.json` is lost": [
        "unit/catalog/test_store.py::test_a_lost_manifest_is_made_anew_by_the_next_write"
    ],
    "another file of the home is damaged": [
        "unit/pipelines/test_damage.py::test_a_damaged_table_is_named_with_its_remedy",
        "unit/pipelines/test_damage.py::test_deep_reads_every_byte",
        "unit/pipelines/test_upkeep.py::test_all_that_is_damaged_is_named_and_nothing_is_merged",
    ],
    "two runs at once": [
        "unit/catalog/test_store.py::test_a_second_writer_waits_then_says_so",
        "integration/test_command_line.py::test_two_trainings_at_once_make_one_model",
    ],
    "the home is moved or copied": [
        "integration/test_registry.py::test_a_home_that_was_moved_keeps_its_models_and_takes_new_ones",
        "integration/test_registry.py::test_a_copy_of_a_home_leaves_the_original_alone",
    ],
    "the disk is full": [
        "unit/pipelines/test_words_of_errors.py::test_what_the_disk_refuses_names_the_file_and_the_way_out"
    ],
    "the folder for temporary files is full": [
        "unit/pipelines/test_words_of_errors.py::test_where_no_temporary_file_has_room_the_folders_are_named_and_the_way_out",
        "integration/test_command_line.py::test_without_room_for_temporary_files_what_needs_it_says_so_and_is_repeated",
    ],
    "`serve` is killed with SIGKILL": [
        "integration/test_serve.py::test_killed_it_leaves_nothing_and_started_again_it_goes_on"
    ],
    "a second `serve` in the same home": ["integration/test_serve.py::test_a_home_and_a_port_are_served_once"],
}


def test_every_fault_of_the_table_has_its_tests() -> None:
    section = (
        (ROOT / "docs" / "operations.md")
        .read_text()
        .split("## What happens when something breaks")[1]
        .split("\n## ")[0]
    )
    events = [row.split(" | ")[0].removeprefix("| ") for row in section.splitlines() if row.startswith("| ")][2:]
    assert events == list(TESTS)


def test_the_tests_are_there() -> None:
    for path, name in {tuple(test.split("::")) for tests in TESTS.values() for test in tests}:
        assert re.search(rf"^ *(async )?def {name}\(", (ROOT / "tests" / path).read_text(), re.MULTILINE), name
