from __future__ import annotations

import json

import pytest

from horizon.core.clock import MINUTE, iso
from tests.cli.conftest import Site


def paused(site: Site) -> list[str]:
    return [queue.name for queue in site.backend().queues.all() if queue.paused]


def test_pause_and_resume(site: Site, horizon) -> None:
    site.push(1, queue="mail")
    assert horizon("pause", "mail", "--reason", "the server moves").output == "Paused mail.\n"
    assert paused(site) == ["mail"]
    assert site.backend().queues.get("mail").paused_reason == "the server moves"
    assert horizon("resume", "mail").output == "Resumed mail.\n"
    assert paused(site) == []


def test_pause_tells_how_many_still_run(site: Site, horizon) -> None:
    site.push(1, queue="mail")
    site.start("mail")
    assert "1 job of it still running" in horizon("pause", "mail").output


def test_all_means_every_queue_there_is(site: Site, horizon) -> None:
    site.push(1, queue="mail")
    site.push(1, queue="reports")
    horizon("pause", "all")
    assert paused(site) == ["mail", "reports"]
    horizon("resume", "all")
    assert paused(site) == []


def test_a_pause_with_an_end(site: Site, horizon) -> None:
    horizon("pause", "mail", "--for", "60")
    until = site.backend().queues.get("mail").paused_until
    assert until is not None
    assert until > site.backend().now()


def test_a_name_that_no_queue_can_have_is_wrong_usage(site: Site, horizon) -> None:
    assert horizon("pause", "with spaces").exit_code == 2
    assert horizon("pause", "mail", "--for", "-1").exit_code == 2


def test_a_queue_that_nobody_knows_cannot_be_resumed_and_the_nearest_is_named(site: Site, horizon) -> None:
    site.push(1, queue="mail")
    done = horizon("resume", "mial")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "no queue mial is known; did you mean mail?" in done.stderr
    assert site.backend().audit.list() == []


@pytest.mark.parametrize(
    "words", [("pause", "mial"), ("queues", "set", "mial", "max_jobs=5"), ("clear", "mial", "--yes"), ("move", "mial", "slow")]
)
def test_what_is_done_to_a_queue_that_nobody_knows_is_done_with_a_word_in_case_it_was_a_slip(site: Site, horizon, words) -> None:
    site.push(1, queue="mail")
    done = horizon(*words)
    assert (done.exit_code, done.stderr) == (0, "Note: no queue mial is known; did you mean mail?\n")
    site.push(1, queue="mial")
    assert horizon(*words).stderr == ""


# looking ------------------------------------------------------------------------------------------------------------------


def test_the_queues_are_listed_as_lines_of_tabs_with_what_waits(site: Site, horizon) -> None:
    site.push(2, queue="mail")
    horizon("pause", "mail")
    head, line = horizon("queues").output.splitlines()
    cells = dict(zip(head.split("\t"), line.split("\t"), strict=True))
    assert (cells["queue"], cells["pending"], cells[""]) == ("mail", "2", "paused")


def test_the_queues_as_json_are_a_list_like_those_of_the_api(site: Site, horizon) -> None:
    site.push(1, queue="mail")
    site.push(1, queue="old", connection="archive")
    found = json.loads(horizon("queues", "--json").output)
    assert {(row["name"], row["connection"], row["pending"]) for row in found["items"]} == {("mail", "default", 1), ("old", "archive", 1)}
    (only,) = json.loads(horizon("queues", "--json", "--connection", "archive").output)["items"]
    assert only["name"] == "old"
    assert horizon("queues", "--connection", "gone").exit_code == 1


def test_the_queues_that_match_a_search_or_are_in_a_state_are_listed(site: Site, horizon) -> None:
    for queue in ("mails", "reports"):
        site.push(queue=queue)
    site.backend().queues.pause("reports")

    def listed(*args: str) -> list[str]:
        return [one["name"] for one in json.loads(horizon("queues", *args, "--json").output)["items"]]

    assert listed("--search", "name:mail") == ["mails"]
    assert listed("--search", "-mail") == listed("--state", "paused") == ["reports"]
    assert "No queue is like that." in horizon("queues", "--search", "nothing").stderr


def test_where_no_queue_is_a_program_reads_nothing(horizon) -> None:
    done = horizon("queues")
    assert (done.exit_code, done.stdout) == (0, "")


# until when ---------------------------------------------------------------------------------------------------------------


def test_a_pause_ends_after_a_length_or_at_a_time(site: Site, horizon) -> None:
    horizon("pause", "mail", "--for", "15m")
    left = site.backend().queues.get("mail").paused_until - site.backend().now()
    assert 14 * MINUTE < left <= 15 * MINUTE
    horizon("pause", "mail", "--until", "2031-01-01T08:00Z")
    assert iso(site.backend().queues.get("mail").paused_until) == "2031-01-01T08:00:00.000Z"


@pytest.mark.parametrize("words", [("--for", "15m", "--until", "14:30"), ("--for", "soon"), ("--until", "2001-01-01T00:00Z")])
def test_an_end_that_makes_no_sense_is_wrong_usage(horizon, words: tuple[str, ...]) -> None:
    assert horizon("pause", "mail", *words).exit_code == 2


def test_all_and_a_name_together_are_wrong_usage(horizon) -> None:
    assert horizon("pause", "all", "mail").exit_code == 2


# emptying and moving ------------------------------------------------------------------------------------------------------


def test_clear_cancels_what_waits(site: Site, horizon) -> None:
    ids, other = site.push(2, queue="mail"), site.push(1, queue="reports")
    assert horizon("clear", "mail", "--yes").output == "Cancelled 2 jobs.\n"
    assert {site.state(id) for id in ids} == {"cancelled"}
    assert site.state(other[0]) == "pending"


def test_a_clear_is_undone(site: Site, horizon) -> None:
    (id,) = site.push(1, queue="mail")
    horizon("clear", "mail", "--yes")
    assert horizon("clear", "mail", "--undo").output == "Put back 1 job.\n"
    assert site.state(id) == "pending"
    assert horizon("clear", "mail", "--undo").exit_code == 1


def test_clear_asks_with_the_number_and_does_nothing_where_nobody_can_answer(site: Site, horizon) -> None:
    ids = site.push(3, queue="mail")
    done = horizon("clear", "mail")
    assert done.exit_code == 2
    assert "Cancel 3 waiting jobs of queue mail?" in done.output
    assert "--yes" in done.output
    assert site.state(ids[0]) == "pending"


def test_clear_of_a_large_queue_goes_on_in_the_background(site: Site, horizon) -> None:
    site.push(501, queue="mail")
    done = horizon("clear", "mail", "--force")
    (one,) = site.backend().operations.list()
    assert f"horizon operations show {one.id}" in done.output
    assert json.loads(horizon("clear", "mail", "--yes", "--json").output).keys() <= {"operation", "action", "done", "skipped"}


def test_move_takes_what_waits_to_another_queue(site: Site, horizon) -> None:
    ids = site.push(2, queue="mail")
    assert horizon("move", "mail", "slow").output == "Moved 2 jobs.\n"
    assert {record.queue for record in site.backend().many(ids)} == {"slow"}
    assert horizon("move", "mail", "mail").exit_code == 2
    assert horizon("move", "mail").exit_code == 2


def test_settings_are_set_lifted_and_go_back_to_the_code(site: Site, horizon):
    done = horizon("queues", "set", "mail", "max_jobs=5", "patience=15m")
    assert done.stdout == "mail: max_jobs is 5, set here.\nmail: patience is 900.0, set here.\n"
    assert horizon("queues", "set", "mail", "max_jobs=unlimited").output == "mail: max_jobs is unlimited, set here.\n"
    assert horizon("queues", "set", "mail", "max_jobs=code").output == "mail: max_jobs is unlimited, as in the code.\n"
    assert json.loads(horizon("queues", "set", "mail", "priority_weight=3", "--json").output)["settings"]["priority_weight"]["value"] == 3
    assert site.backend().audit.list()[0].verb == "override"


@pytest.mark.parametrize("word", ["max_jobs", "max_jobs=", "colour=1", "max_jobs=many", "priority_weight=unlimited", "patience=0"])
def test_a_setting_that_is_none_is_told(horizon, word: str):
    done = horizon("queues", "set", "mail", word)
    assert done.exit_code == 2
    assert "expected" in done.output or "takes" in done.output
