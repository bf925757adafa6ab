from __future__ import annotations

import json

import pytest

from horizon.cli.output import bar
from horizon.core.query import JobQuery
from horizon.core.states import JobState
from tests.cli.conftest import Site


@pytest.fixture
def running(site: Site, horizon) -> str:
    """The id of an operation that nobody has carried on yet."""
    site.push(501, queue="mail")
    horizon("cancel", "all", "--queue", "mail", "--yes")
    return site.backend().operations.list()[0].id


def test_none_is_told_on_the_other_channel(horizon) -> None:
    done = horizon("operations")
    assert (done.exit_code, done.stdout) == (0, "")


def test_they_are_listed_with_how_far_they_are(site: Site, horizon, running: str) -> None:
    head, line = horizon("operations").output.splitlines()
    cells = dict(zip(head.split("\t"), line.split("\t"), strict=True))
    assert (cells["id"], cells["state"], cells["action"], cells["done"], cells["of"]) == (running, "running", "cancel", "0", "501")
    assert "queue:mail" in cells["what"]
    site.backend().operations.step()
    (one,) = json.loads(horizon("operations", "--json").output)["items"]
    assert (one["id"], one["done"], one["state"]) == (running, 500, "running")


def test_one_is_shown_in_lines_where_nobody_looks(site: Site, horizon, running: str) -> None:
    site.backend().operations.step()
    shown = horizon("operations", "show", running).output
    assert "500 of 501 done" in shown
    assert json.loads(horizon("operations", "show", running, "--json").output)["done"] == 500


def test_one_is_stopped_and_what_was_done_stays_done(site: Site, horizon, running: str) -> None:
    site.backend().operations.step()
    assert horizon("operations", "stop", running).output == "Stopped: 500 of 501 done.\n"
    assert horizon("operations", "stop", running).exit_code == 0
    assert site.backend().operations.get(running).state == "stopped"


def test_one_is_undone(site: Site, horizon, running: str) -> None:
    site.backend().operations.step()
    assert horizon("operations", "undo", running).output == "Brought back 500 jobs.\n"
    assert site.backend().find(JobQuery(states=(JobState.PENDING,), queue="mail")).total == 501


@pytest.mark.parametrize("verb", ["show", "stop", "undo"])
def test_one_that_does_not_exist_is_told(horizon, verb: str) -> None:
    done = horizon("operations", verb, "nothing")
    assert done.exit_code == 1
    assert "there is no operation 'nothing'" in done.output


def test_a_bar_says_how_much_is_done() -> None:
    assert bar(0, 10, 4) == "[····]   0 %"
    assert bar(5, 10, 4) == "[##··]  50 %"
    assert bar(10, 10, 4) == "[####] 100 %"
    assert bar(12, 10, 4) == "[####] 100 %"
    assert bar(3, None, 4) == "[····]"
