from __future__ import annotations

import json

import pytest

from horizon.timetable.declared import declare
from horizon.timetable.wanted import Wanted
from tests.cli.conftest import Site
from tests.schedule.office import Report, alone  # noqa: F401

JOB = "tests.schedule.office:Report"


@pytest.fixture
def added(horizon) -> str:
    done = horizon(
        "schedule",
        "add",
        JOB,
        "0 2 * * 1",
        "--name",
        "weekly",
        "--timezone",
        "Europe/Rome",
        "--arg",
        "year=1999",
        "--option",
        "priority=high",
    )
    assert done.exit_code == 0, done.output
    return done.output


def lines(horizon) -> list[dict[str, str]]:
    head, *rows = horizon("schedule", "list").stdout.splitlines()
    return [dict(zip(head.split("\t"), row.split("\t"), strict=True)) for row in rows]


def test_one_that_is_added_is_told_in_words_and_listed_with_its_next_time(site: Site, horizon, added: str) -> None:
    assert added.startswith("Added weekly: At 02:00 on Monday (Europe/Rome); it comes next at ")
    (row,) = lines(horizon)
    assert (row["name"], row["state"], row["when"], row["from"], row["job"]) == ("weekly", "active", "0 2 * * 1", "stored", "Report")
    assert row["next"]
    kept = site.backend().schedules.get("weekly")
    assert kept is not None
    assert (kept.args, kept.options) == ('{"year":1999}', {"priority": 10})


def test_one_of_the_code_is_listed_before_any_web_process_ran(site: Site, horizon) -> None:
    declare(site.app.extensions["horizon"].runtime.schedules, Wanted(target=Report, when="@daily", name="nightly"))
    (row,) = lines(horizon)
    assert (row["name"], row["from"], row["state"]) == ("nightly", "code", "active")
    assert "horizon serve" in horizon("schedule").stderr


def test_acts_one_after_the_other(site: Site, horizon, added: str) -> None:
    assert "Dispatched job" in horizon("schedule", "run", "weekly").output
    assert horizon("schedule", "pause", "weekly", "--reason", "moving").output == "Paused weekly.\n"
    assert lines(horizon)[0]["state"] == "paused"
    assert "it comes next at" in horizon("schedule", "resume", "weekly").output
    assert "Every 2 hours" in horizon("schedule", "edit", "weekly", "--when", "every 2h").output
    assert "by hand" in horizon("schedule", "history", "weekly").stdout
    refused = horizon("schedule", "remove", "weekly")
    assert (refused.exit_code, "--yes" in refused.output) == (2, True)
    assert horizon("schedule", "remove", "weekly", "--yes").output == "Removed weekly.\n"
    assert lines_of_nothing(horizon)
    assert len(site.backend().numbers.counts()) == 1


def lines_of_nothing(horizon) -> bool:
    done = horizon("schedule", "list")
    return done.stdout == "" and "horizon schedule add" in done.stderr


def test_json_has_the_shapes_of_the_api(horizon, added: str) -> None:
    page = json.loads(horizon("schedule", "list", "--json").stdout)
    assert (page["total"], page["items"][0]["args"], page["led"]) == (1, {"year": 1999}, False)
    ran = json.loads(horizon("schedule", "run", "weekly", "--json").stdout)
    (entry,) = json.loads(horizon("schedule", "history", "weekly", "--json").stdout)
    assert (ran["action"], entry["job_id"]) == ("run", ran["job_id"])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("add", JOB, "0 0 31 2 *"), "never comes"),
        (("add", "shop:Nothing", "@daily"), "no job is registered"),
        (("add", JOB, "@daily", "--timezone", "Rome"), "Europe/Rome"),
        (("add", JOB, "@daily", "--arg", "year"), "expected NAME=VALUE"),
        (("edit", "weekly"), "say what shall be different"),
        (("add", JOB, "@daily", "--overlap", "never"), "allow"),
    ],
)  # fmt: skip
def test_wrong_use_is_told_and_exits_with_2(horizon, added: str, words: tuple[str, ...], told: str) -> None:
    done = horizon("schedule", *words)
    assert (done.exit_code, told in done.output) == (2, True), done.output


def test_one_that_is_not_there_exits_with_1(horizon) -> None:
    done = horizon("schedule", "pause", "nothing")
    assert (done.exit_code, "there is no schedule 'nothing'" in done.output) == (1, True)
