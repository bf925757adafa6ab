from __future__ import annotations

import json

import pytest

from horizon.backends.values import QueueSettings
from horizon.core.outcome import Kind
from tests.cli.conftest import Site


@pytest.fixture
def letters(site: Site) -> list[str]:
    """Two dead letters of the queue `mail`."""
    site.backend().queues.define([QueueSettings(name="mail", dead_after=1)])
    ids = site.push(2, queue="mail")
    site.run(2, Kind.FAILED, queue="mail")
    return ids


def test_where_there_are_none_the_list_says_how_there_would_be(site: Site, horizon) -> None:
    assert json.loads(horizon("dead", "list", "--json").output)["items"] == []
    assert horizon("dead", "requeue", "--yes").output == "Requeued 0 jobs.\n"


def test_list_names_the_queues_and_of_one_queue_the_jobs(site: Site, horizon, letters) -> None:
    items = json.loads(horizon("dead", "list", "--json").output)["items"]
    assert items == [{"queue": "mail", "connection": "default", "count": 2, "jobs": "queue:dead:mail"}]
    jobs = json.loads(horizon("dead", "list", "mail", "--json").output)["items"]
    assert {job["id"] for job in jobs} == set(letters)
    assert {job["queue"] for job in jobs} == {"dead:mail"}


def test_requeue_puts_them_back(site: Site, horizon, letters) -> None:
    asked = horizon("dead", "requeue", "mail")
    assert asked.exit_code == 2
    assert "Requeue 2 dead letters of mail?" in asked.output
    assert horizon("dead", "requeue", "mail", "--yes").output == "Requeued 2 jobs.\n"
    assert [site.state(id) for id in letters] == ["pending", "pending"]


def test_requeue_without_a_queue_means_every_queue(site: Site, horizon, letters) -> None:
    assert horizon("dead", "requeue", "--yes").output == "Requeued 2 jobs.\n"


def test_requeue_at_a_pace_goes_on_in_the_background(site: Site, horizon, letters) -> None:
    said = horizon("dead", "requeue", "mail", "--pace", "30/m", "--yes").output
    (operation,) = site.backend().operations.list()
    assert said.startswith(f"2 jobs: at 30 a minute, in the background, as operation {operation.id}.")
    shown = horizon("operations", "show", operation.id).output
    assert "30 a minute" in shown
    assert "4 s to go" in shown


def test_purge_removes_them(site: Site, horizon, letters) -> None:
    assert horizon("dead", "purge", "mail").exit_code == 2
    assert horizon("dead", "purge", "mail", "--yes").output == "Removed 2 jobs.\n"
    assert json.loads(horizon("dead", "list", "--json").output)["items"] == []


def test_retry_all_at_a_pace_is_an_operation(site: Site, horizon, letters) -> None:
    started = json.loads(horizon("retry", "all", "--pace", "50/s", "--json").output)
    assert site.backend().operations.get(started["operation"]).params == {"per_second": 50.0}
    assert horizon("retry", "all", "--pace", "soon").exit_code == 2
    assert horizon("retry", letters[0], "--pace", "1/s").exit_code == 0


def test_dead_after_is_set_at_run_time_and_lifted_again(site: Site, horizon, letters) -> None:
    assert "dead_after is 2, set here" in horizon("queues", "set", "mail", "dead_after=2").output
    assert "dead_after is unlimited, set here" in horizon("queues", "set", "mail", "dead_after=unlimited").output
    assert site.backend().queues.get("mail").dead_after > 1_000
    assert "dead_after is 1, as in the code" in horizon("queues", "set", "mail", "dead_after=code").output


@pytest.mark.parametrize("words", [("pause", "dead:mail"), ("clear", "dead:mail", "--yes"), ("move", "mail", "dead:mail")])
def test_what_only_a_queue_with_work_has_is_refused_with_what_to_do(site: Site, horizon, letters, words) -> None:
    done = horizon(*words)
    assert done.exit_code == 2
    assert "holds the dead letters of the queue mail" in done.output
