from __future__ import annotations

import json

import pytest

from horizon.backends.values import Verb, Want
from horizon.core.ids import uuid7
from horizon.core.outcome import Failure, Kind, LogLine, Outcome
from horizon.core.query import Selection
from tests.cli.conftest import Site


def test_the_list_as_json_is_what_the_api_answers(site: Site, horizon) -> None:
    site.push(3)
    answer = site.app.test_client().get("/horizon/api/jobs?limit=2").json
    assert json.loads(horizon("jobs", "--limit", "2", "--json").output) == answer
    assert set(answer) >= {"items", "next", "total"}


def test_the_list_goes_on_where_it_ended(site: Site, horizon) -> None:
    ids = site.push(3)
    first = json.loads(horizon("jobs", "--limit", "2", "--json").output)
    rest = json.loads(horizon("jobs", "--limit", "2", "--cursor", first["next"], "--json").output)
    assert {job["id"] for job in first["items"] + rest["items"]} == set(ids)
    assert rest["next"] is None


def test_elsewhere_than_at_a_terminal_a_job_is_a_line_of_tabs(site: Site, horizon) -> None:
    (id,) = site.push(1, queue="emails")
    head, line = horizon("jobs").output.splitlines()
    assert head.split("\t")[:4] == ["id", "state", "class", "queue"]
    assert line.split("\t")[:4] == [id, "pending", "Send", "emails"]


def test_a_callback_of_a_group_is_told_once_in_the_list(site: Site, horizon) -> None:
    site.push(1, tags=("callback", "callback:shop.jobs:tell", "urgent"))
    _head, line = horizon("jobs").output.splitlines()
    assert line.split("\t")[-1] == "callback:shop.jobs:tell urgent"


def test_the_words_of_the_search_box_narrow_the_list(site: Site, horizon) -> None:
    site.push(1, queue="mail")
    (wanted,) = site.push(1, queue="reports")
    for words in (["queue:reports"], ["--queue", "reports"], ["--", "state:pending", "-queue:mail"]):
        found = json.loads(horizon("jobs", "--json", *words).output)["items"]
        assert [job["id"] for job in found] == [wanted], words


def test_a_search_that_is_not_understood_is_refused_with_a_hint(site: Site, horizon) -> None:
    done = horizon("jobs", "queu:mail")
    assert done.exit_code == 2
    assert "did you mean queue:?" in done.output
    assert "Traceback" not in done.output


def test_a_cursor_of_somebody_else_is_refused(site: Site, horizon) -> None:
    site.push(1)
    done = horizon("jobs", "--cursor", "nonsense")
    assert done.exit_code == 2
    assert done.output.startswith("Error: ")


def test_failed_lists_only_what_failed_for_good(site: Site, horizon) -> None:
    site.push(3)
    site.run(1, Kind.FAILED)
    items = json.loads(horizon("failed", "--json").output)["items"]
    assert [job["state"] for job in items] == ["failed"]
    assert "SMTPError: refused" in horizon("failed").output


def test_an_empty_list_says_so_beside_the_output(site: Site, horizon) -> None:
    done = horizon("failed")
    assert done.exit_code == 0
    assert done.stdout == ""
    assert done.stderr == "No job matches.\n"


def test_the_list_is_of_all_connections_or_of_the_one_that_is_named(site: Site, horizon) -> None:
    (id,) = site.push(1, connection="archive")
    assert id in horizon("jobs").output
    assert id in horizon("jobs", "--connection", "archive").output
    assert id not in horizon("jobs", "--connection", "default").output
    assert horizon("jobs", "--connection", "nowhere").exit_code == 1


# one job ------------------------------------------------------------------------------------------------------------------


def fail(site: Site, message: str, traceback: str = "", line: str = "") -> str:
    """A job that failed with these texts; returns its id."""
    (id,) = site.push(1)
    job = site.backend().turn([], Want(session=site.worker(), executor=0, count=1)).reservations[0]
    error = Failure(type="ValueError", message=message, traceback=traceback, cause="x")
    logs = (LogLine(at=site.backend().now(), level="INFO", message=line),)
    site.backend().turn([Outcome(id=job.id, ref=job.ref, token=job.token, kind=Kind.FAILED, error=error, logs=logs)])
    return id


def test_show_tells_what_was_given_what_happened_and_why_it_failed(site: Site, horizon) -> None:
    id = fail(site, "no such file", "Traceback (most recent call last):\n  File shop.py, line 3", "opening the file")
    shown = horizon("show", id).output
    for expected in (id, "shop:Send", "failed", "Attempt 1", "opening the file", "ValueError: no such file", "  File shop.py, line 3"):
        assert expected in shown


def test_show_marks_a_missed_deadline(site: Site, horizon) -> None:
    late, soon = site.push(1, deadline=1)[0], site.push(1, deadline=9 * 10**15)[0]
    assert "(missed)" in horizon("show", late).output
    assert "(missed)" not in horizon("show", soon).output


def test_show_as_json_is_what_the_api_answers(site: Site, horizon) -> None:
    id = fail(site, "no such file")
    assert json.loads(horizon("show", id, "--json").output) == site.app.test_client().get(f"/horizon/api/jobs/{id}").json


def test_a_job_is_found_on_any_connection_and_in_capitals(site: Site, horizon) -> None:
    (id,) = site.push(1, connection="archive")
    assert horizon("show", id.upper()).exit_code == 0


def test_control_characters_of_a_job_never_reach_the_terminal(site: Site, horizon) -> None:
    id = fail(site, "\x1b[31mred\x07", "\x1b]0;title\x07\nnext\r\x9b2J", "\x1b[2Jgone\u202e")
    for verb in (("show", id), ("jobs",), ("failed",), ("show", id, "--json"), ("jobs", "--json")):
        shown = horizon(*verb).output
        assert not [char for char in shown if not char.isprintable() and char not in "\n\t"], verb
    assert "\\x1b[31mred\\x07" in horizon("show", id).output


def test_an_unknown_job_is_an_error_in_one_line(site: Site, horizon) -> None:
    for id in (uuid7(), "nonsense"):
        done = horizon("show", id)
        assert done.exit_code == 1
        assert done.output.startswith("Error: there is no job ")
        assert done.output.count("\n") == 1


def test_a_forgotten_job_is_no_longer_listed(site: Site, horizon) -> None:
    site.push(1)
    site.run(1)
    (id,) = [job["id"] for job in json.loads(horizon("jobs", "--json").output)["items"]]
    site.backend().act(Selection(ids=(id,)), Verb.FORGET)
    assert json.loads(horizon("jobs", "--json").output)["items"] == []


@pytest.mark.parametrize("verb", ["jobs", "failed"])
@pytest.mark.parametrize("term", ["-queue:mail", "-tag:noise"])
def test_a_term_that_begins_with_a_minus_is_told_where_it_belongs(horizon, verb: str, term: str) -> None:
    done = horizon(verb, "state:failed", term)
    assert done.exit_code == 2
    assert f"horizon {verb} -- {term}" in done.output


def test_a_misspelt_option_is_told_as_one(horizon) -> None:
    done = horizon("jobs", "--limti", "3")
    assert done.exit_code == 2
    assert "--limit" in done.output
    assert " -- " not in done.output
