from __future__ import annotations

import json

import pytest

from horizon.core.outcome import Kind
from tests.cli.conftest import Site


@pytest.fixture
def cause(site: Site, horizon) -> str:
    """The cause with which two jobs stand failed."""
    site.push(2, queue="mail")
    site.run(2, Kind.FAILED, queue="mail")
    return str(json.loads(horizon("failures", "list", "--json").output)["items"][0]["cause"])


def test_list_names_what_is_to_be_looked_at(site: Site, horizon, cause) -> None:
    (one,) = json.loads(horizon("failures", "list", "--json").output)["items"]
    assert (one["state"], one["count"]) == ("new", 2)
    assert cause in horizon("failures", "list").output
    horizon("failures", "mute", cause)
    assert "Nothing needs you" in horizon("failures", "list").output
    assert json.loads(horizon("failures", "list", "--state", "muted", "--json").output)["items"][0]["cause"] == cause


def test_show_tells_all_of_one_by_a_part_of_its_name(site: Site, horizon, cause) -> None:
    horizon("failures", "resolve", cause, "--note", "mended")
    shown = horizon("failures", "show", cause[:3]).output
    assert cause in shown
    assert "resolved" in shown
    assert "resolve by" in shown
    assert "mended" in shown


def test_a_snooze_ends_and_reopen_takes_it_back(site: Site, horizon, cause) -> None:
    assert horizon("failures", "snooze", cause).exit_code == 2
    assert horizon("failures", "snooze", cause, "--until", "2h").output == f"Snoozed {cause}.\n"
    assert json.loads(horizon("failures", "show", cause, "--json").output)["state"] == "snoozed"
    assert horizon("failures", "snooze", cause, "--more", "5").exit_code == 0
    assert horizon("failures", "reopen", cause).output == f"Reopened {cause}.\n"
    assert json.loads(horizon("failures", "show", cause, "--json").output)["state"] == "ongoing"


def test_a_cause_that_nobody_knows_is_told(site: Site, horizon) -> None:
    for verb in ("show", "resolve", "mute", "reopen"):
        said = horizon("failures", verb, "nosuch")
        assert said.exit_code == 1
        assert "nosuch" in said.output


def test_why_says_what_a_job_waits_for(site: Site, horizon) -> None:
    (id,) = site.push(1, queue="mail")
    said = horizon("why", id).output
    assert f"{id} is pending." in said
    assert "wrong  No worker runs on this connection.  horizon work" in said
    points = json.loads(horizon("why", id, "--json").output)["points"]
    assert {"due", "paused", "worker", "turn"} <= {point["key"] for point in points}
    assert horizon("why", "nosuch").exit_code == 1
