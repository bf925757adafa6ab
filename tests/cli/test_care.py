"""A few first, stop by itself, look before: what makes an act on many safe, on the command line."""

from __future__ import annotations

import json

import pytest

from horizon.core.outcome import Kind
from tests.cli.conftest import Site


@pytest.fixture
def failed(site: Site) -> list[str]:
    ids = site.push(3, queue="mail")
    site.run(3, Kind.FAILED, queue="mail")
    return ids


def test_a_dry_run_tells_what_it_would_touch_and_changes_nothing(site: Site, horizon, failed) -> None:
    said = horizon("retry", "all", "--queue", "mail", "--canary", "2", "--dry-run").output
    assert "retry would be about 3 jobs, 2 first, stops when more than 20 % fail again. Nothing was changed." in said
    assert "  state  failed 3" in said
    assert "  age    within an hour 3" in said
    assert {site.state(id) for id in failed} == {"failed"}
    told = json.loads(horizon("retry", "all", "--dry-run", "--json").output)
    assert (told["action"], told["count"], told["exact"], told["states"]) == ("retry", 3, True, {"failed": 3})


def test_a_dry_run_of_ids_says_what_would_be_left_alone(site: Site, horizon, failed) -> None:
    (waiting,) = site.push(1, queue="mail")
    assert "Left alone because of their state: 1 pending." in horizon("retry", failed[0], waiting, "--dry-run").output
    for verb in ("cancel", "forget", "run-now"):
        assert "Nothing was changed." in horizon(verb, waiting, "--dry-run").output
    assert "forget would be about 3 jobs." in horizon("flush", "--dry-run").output
    assert site.state(waiting) == "pending"


def test_a_canary_is_told_with_what_it_waits_for(site: Site, horizon, failed) -> None:
    said = horizon("retry", "all", "--canary", "2", "--stop-when-failing", "50%").output
    assert said.startswith("3 jobs: 2 first, stops when more than 50 % fail again, in the background, as operation")
    (one,) = site.backend().operations.list()
    site.backend().operations.step()
    shown = horizon("operations", "show", one.id).output
    assert "for 2 jobs of its canary to end; without a worker they do not" in shown
    site.run(2, Kind.FAILED, queue="mail")
    site.backend().operations.step()
    shown = horizon("operations", "show", one.id).output
    assert "2 of the first 2 failed again, more than 50 %" in shown
    assert shown.count("failed again: ") == 2
    told = json.loads(horizon("operations", "show", one.id, "--json").output)
    assert (told["canary"], told["stop_when_failing"], told["watched"]["failed_again"], len(told["failed_again"])) == (2, 50.0, 2, 2)


@pytest.mark.parametrize(
    "wrong", [("--canary", "many"), ("--canary", "0"), ("--stop-when-failing", "half"), ("--stop-when-failing", "120%")]
)
def test_what_is_no_care_is_told(horizon, failed, wrong) -> None:
    done = horizon("retry", "all", *wrong)
    assert (done.exit_code, "got '" in done.output) == (2, True)


@pytest.mark.parametrize("verb", ["requeue", "purge", "list"])
def test_dead_letters_of_a_queue_that_nobody_knows_are_a_slip(site: Site, horizon, failed, verb: str) -> None:
    done = horizon("dead", verb, "mial")
    assert (done.exit_code, "there is no queue 'mial'; did you mean mail?" in done.output) == (1, True)
    assert horizon("dead", verb, "mail").exit_code == 0
