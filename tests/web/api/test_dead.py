from __future__ import annotations

import pytest

from horizon.backends.values import QueueSettings
from horizon.core.outcome import Kind
from tests.web.api.conftest import Api, problem


@pytest.fixture
def letters(api: Api) -> list[str]:
    """Two dead letters of the queue `mail`."""
    api.store.queues.define([QueueSettings(name="mail", dead_after=1)])
    for _ in range(2):
        api.dispatch()
    return api.run(Kind.FAILED, count=2)


def test_queues_that_have_some_are_listed_with_the_search_that_finds_them(api: Api, letters: list[str]):
    (row,) = api.get("/dead").json["items"]
    assert (row["queue"], row["count"]) == ("mail", 2)
    assert {job["id"] for job in api.get(f"/jobs?q={row['jobs']}").json["items"]} == set(letters)
    assert api.get("/queues/mail").json["dead"] == 2


def test_requeue_does_it_at_once_where_they_are_few(api: Api, letters: list[str]):
    answer = api.post("/dead/control", {"action": "requeue", "queue": "mail"})
    assert (answer.status_code, answer.json["done"]) == (200, 2)
    assert {api.state(id) for id in letters} == {"pending"}


def test_requeue_at_a_pace_is_an_operation_that_tells_it(api: Api, letters: list[str]):
    answer = api.post("/dead/control", {"action": "requeue", "queue": "mail", "pace": "30/m"})
    assert answer.status_code == 202
    shown = api.get(f"/operations/{answer.json['operation']}").json
    assert (shown["per_second"], shown["expected"], shown["state"]) == (0.5, 2, "running")


def test_purge_removes_them(api: Api, letters: list[str]):
    assert api.post("/dead/control", {"action": "purge", "queue": "mail"}).json["done"] == 2
    assert api.get("/dead").json["items"] == []


def test_a_retry_of_any_jobs_takes_a_pace(api: Api, letters: list[str]):
    assert api.act(action="retry", filter="state:failed", pace=10).status_code == 202
    assert api.act(action="retry", job_ids=letters, pace="1/s").status_code == 202


@pytest.mark.parametrize(
    "body",
    [
        {"action": "requeue"},
        {"action": "requeue", "queue": "mail", "pace": "soon"},
        {"action": "purge", "queue": "mail", "pace": "1/s"},
        {"action": "requeue", "queue": "no queue"},
    ],
)
def test_what_makes_no_sense_is_refused(api: Api, letters: list[str], body: dict[str, object]):
    assert api.post("/dead/control", body).status_code == 422
    assert {api.state(id) for id in letters} == {"failed"}


def test_other_words_and_other_verbs_are_refused(api: Api, letters: list[str]):
    problem(api.post("/dead/control", {"action": "bury", "queue": "mail"}), 400, "unknown_action")
    assert api.act(action="cancel", filter="state:failed", pace="1/s").status_code == 422


def test_nobody_dispatches_to_dead_letters(api: Api, letters: list[str]):
    answer = api.post("/jobs", {"name": "web-tests:send-mail", "args": {"to": "a@b.c"}, "queue": "dead:mail"})
    assert answer.status_code == 422
    assert "holds the dead letters of the queue mail" in answer.json["error"]["message"]
