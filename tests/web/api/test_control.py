from __future__ import annotations

import pytest

from horizon.core.outcome import Kind
from tests.web.api.conftest import NOBODY, Api, problem
from tests.web.shop_jobs import SendMail

LATER = "2031-01-01T00:00:00Z"


def test_the_actions_are_listed_with_what_each_takes(api: Api):
    actions = {row["action"]: row for row in api.get("/jobs/control").json["actions"]}
    expected = {
        "start",
        "stop",
        "retry",
        "cancel",
        "run_now",
        "prioritize",
        "reschedule",
        "move",
        "forget",
        "restore",
        "pause",
        "resume",
        "drain",
        "clear",
        "unclear",
        "uncancel",
        "cleanup",
    }
    assert set(actions) == expected
    assert actions["prioritize"] == {"action": "prioritize", "takes": ["priority"], "needs": "priority", "allowed": True}


@pytest.mark.parametrize("action", ["explode", "", None, 7, ["cancel"], {"a": 1}, True])
def test_an_unknown_action_is_a_400_that_lists_the_allowed_ones(api: Api, action):
    error = problem(api.act(action=action, job_id=NOBODY), 400, "unknown_action")
    assert {"retry", "cancel", "pause", "cleanup"} <= set(error["allowed"])


def test_no_action_at_all_is_one_too(api: Api):
    problem(api.post("/jobs/control", {}), 400, "unknown_action")


# on one ------------------------------------------------------------------------------------------------------


def test_each_verb_does_what_it_says(api: Api):
    id = api.dispatch(delay=1000)
    answer = api.act(action="prioritize", job_id=id, priority=10)
    assert (answer.status_code, answer.json) == (200, {"action": "prioritize", "done": 1, "skipped": []})
    assert api.store.get(id).priority == 10
    api.act(action="reschedule", job_id=id, at=LATER)
    assert api.get(f"/jobs/{id}").json["available_at"] == "2031-01-01T00:00:00.000Z"
    api.act(action="move", job_id=id, queue="slow")
    assert api.store.get(id).queue == "slow"
    api.act(action="run_now", job_id=id)
    assert api.state(id) == "pending"
    api.act(action="cancel", job_id=id, reason="sold out")
    assert api.state(id) == "cancelled"
    api.act(action="retry", job_id=id)
    assert api.state(id) == "pending"
    api.act(action="stop", job_id=id)
    api.act(action="forget", job_id=id)
    assert api.get("/jobs").json["items"] == []
    api.act(action="restore", job_id=id)
    assert len(api.get("/jobs").json["items"]) == 1


def test_what_was_cancelled_goes_back_to_where_it_waited_with_its_time(api: Api):
    id = api.dispatch(delay=1000)
    due = api.get(f"/jobs/{id}").json["available_at"]
    api.act(action="cancel", job_id=id)
    assert api.act(action="uncancel", job_id=id).json == {"action": "uncancel", "done": 1, "skipped": []}
    assert (api.state(id), api.get(f"/jobs/{id}").json["available_at"]) == ("scheduled", due)
    assert "it is scheduled" in problem(api.act(action="uncancel", job_id=id), 409, "invalid_transition")["message"]
    problem(api.act(action="uncancel", job_id=id, priority=3), 422, "invalid_option")


def test_the_answer_speaks_of_the_action_by_the_word_it_was_asked_with(api: Api):
    assert api.act(action="start", job_id=api.dispatch(delay=1000)).json["action"] == "start"


def test_one_job_to_which_nothing_could_be_done_is_a_409_with_the_reason(api: Api):
    id = api.dispatch()
    api.run()
    assert "completed" in problem(api.act(action="cancel", job_id=id), 409, "invalid_transition")["message"]


def test_of_two_who_retry_the_same_job_at_once_the_second_gets_the_409(api: Api):
    id = api.dispatch()
    api.run(Kind.FAILED)
    assert api.act(action="retry", job_id=id).json["done"] == 1
    problem(api.act(action="retry", job_id=id), 409, "invalid_transition")
    assert [entry.verb for entry in api.store.audit.list()] == ["retry"]


@pytest.mark.parametrize("id", [NOBODY, "x", "", "☃" * 100])
def test_one_job_that_does_not_exist_is_a_404(api: Api, id):
    problem(api.act(action="cancel", job_id=id), 404, "not_found")


# on many -----------------------------------------------------------------------------------------------------


def test_several_are_done_or_skipped_with_the_reason(api: Api):
    ended = api.dispatch()
    api.run()
    waiting = api.dispatch()
    answer = api.act(action="cancel", job_ids=[ended, waiting, NOBODY])
    assert answer.status_code == 200
    assert answer.json["done"] == 1
    assert {row["id"] for row in answer.json["skipped"]} == {ended, NOBODY}
    assert all(row["reason"] for row in answer.json["skipped"])


@pytest.mark.parametrize(
    "filter", ["state:failed", {"state": "failed"}, {"q": "queue:mail", "state": "failed"}, {"queue": "mail", "q": "state:failed"}]
)
def test_a_filter_is_a_search_text_or_the_parameters_of_the_list(api: Api, filter):
    ids = [api.dispatch() for _ in range(3)]
    api.run(Kind.FAILED, count=2)
    assert api.act(action="retry", filter=filter).json == {"action": "retry", "done": 2, "skipped": []}
    assert {api.state(id) for id in ids} == {"pending"}


def test_more_matches_than_one_act_takes_run_on_in_the_background(api: Api):
    with api.app.app_context():
        SendMail.dispatch_many([(f"{n}@b.c",) for n in range(620)])
    answer = api.act(action="cancel", filter="queue:mail state:pending")
    assert answer.status_code == 202
    id = answer.json["operation"]
    assert set(answer.json) == {"operation"}
    path = answer.headers["Location"].partition("/horizon/api")[2]
    for _ in range(10):
        api.store.tick()
    operation = api.get(path).json
    assert (operation["id"], operation["state"], operation["done"], operation["action"]) == (id, "done", 620, "cancel")
    assert api.get("/operations").json["items"][0]["id"] == id
    assert api.store.remaining() == 0


def test_an_operation_that_does_not_exist_is_a_404(api: Api):
    problem(api.get("/operations/none"), 404, "not_found")


# refused, nothing changed ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"action": "cancel"}, 422, "invalid_option"),
        ({"action": "cancel", "job_id": NOBODY, "job_ids": [NOBODY]}, 422, "invalid_option"),
        ({"action": "cancel", "job_id": NOBODY, "filter": "state:failed"}, 422, "invalid_option"),
        ({"action": "cancel", "job_id": 5}, 422, "invalid_option"),
        ({"action": "cancel", "job_ids": []}, 422, "invalid_option"),
        ({"action": "cancel", "job_ids": "x"}, 422, "invalid_option"),
        ({"action": "cancel", "job_ids": [1]}, 422, "invalid_option"),
        ({"action": "cancel", "job_ids": [str(n) for n in range(501)]}, 400, "invalid_filter"),
        ({"action": "cancel", "filter": ""}, 400, "invalid_filter"),
        ({"action": "cancel", "filter": {}}, 400, "invalid_filter"),
        ({"action": "cancel", "filter": {"q": ""}}, 400, "invalid_filter"),
        ({"action": "cancel", "filter": 5}, 422, "invalid_option"),
        ({"action": "cancel", "filter": ["state:failed"]}, 422, "invalid_option"),
        ({"action": "cancel", "filter": {"limit": "5"}}, 422, "invalid_option"),
        ({"action": "cancel", "filter": {"state": ["failed"]}}, 422, "invalid_option"),
        ({"action": "cancel", "filter": "colour:red"}, 400, "invalid_filter"),
        ({"action": "cancel", "filter": "state:exploded"}, 400, "invalid_filter"),
        ({"action": "prioritize", "job_id": NOBODY}, 422, "invalid_option"),
        ({"action": "prioritize", "job_id": NOBODY, "priority": 1000}, 422, "invalid_option"),
        ({"action": "prioritize", "job_id": NOBODY, "priority": "high"}, 422, "invalid_option"),
        ({"action": "reschedule", "job_id": NOBODY}, 422, "invalid_option"),
        ({"action": "reschedule", "job_id": NOBODY, "at": "2001-01-01T00:00:00Z"}, 422, "invalid_option"),
        ({"action": "reschedule", "job_id": NOBODY, "at": "2031-01-01T00:00:00"}, 422, "invalid_option"),
        ({"action": "reschedule", "job_id": NOBODY, "at": "tomorrow"}, 422, "invalid_option"),
        ({"action": "reschedule", "job_id": NOBODY, "at": 5}, 422, "invalid_option"),
        ({"action": "reschedule", "job_id": NOBODY, "at": "9999-12-31T23:59:59Z"}, 422, "invalid_option"),
        ({"action": "reschedule", "job_id": NOBODY, "at": "0001-01-01T00:00:00+23:59"}, 422, "invalid_option"),
        ({"action": "move", "job_id": NOBODY, "queue": "no spaces"}, 422, "invalid_option"),
        ({"action": "retry", "job_id": NOBODY, "queue": "mail"}, 422, "invalid_option"),
        ({"action": "cancel", "job_id": NOBODY, "connection": "nowhere"}, 404, "not_found"),
        ({"action": "pause"}, 422, "invalid_option"),
        ({"action": "pause", "queue": "no spaces"}, 422, "invalid_option"),
        ({"action": "pause", "queue": "mail", "job_id": NOBODY}, 422, "invalid_option"),
        ({"action": "resume", "queue": 5}, 422, "invalid_option"),
        ({"action": "cancel", "job_id": NOBODY, "colour": "red"}, 422, "invalid_option"),
    ],
)
def test_an_improper_request_is_refused_and_nothing_changes(api: Api, body, status, code):
    id = api.dispatch()
    problem(api.act(**body), status, code)
    assert api.state(id) == "pending"
    assert api.store.audit.list() == []


# queues and the store ----------------------------------------------------------------------------------------


def test_a_queue_is_paused_until_a_time_and_resumed(api: Api):
    answer = api.act(action="pause", queue="mail", at=LATER, reason="SMTP is down")
    assert answer.json == {"action": "pause", "done": 1, "skipped": []}
    settings = api.store.queues.get("mail")
    assert (settings.paused, settings.paused_reason) == (True, "SMTP is down")
    assert api.act(action="resume", queue="mail").json == {"action": "resume", "done": 1, "skipped": []}
    assert [entry.verb for entry in api.store.audit.list()] == ["resume", "pause"]


def test_cleaning_up_says_how_much_went(api: Api):
    assert api.act(action="cleanup").json == {"action": "cleanup", "done": 0, "skipped": []}
    assert api.store.audit.list()[0].verb == "cleanup"


def test_a_store_that_does_not_answer_is_a_503(api: Api, monkeypatch):
    from horizon.core.errors import BackendUnavailable

    def dead(*_, **__):
        raise BackendUnavailable("SQLite at /data/horizon.db is locked")

    id = api.dispatch()
    monkeypatch.setattr(api.store, "act", dead)
    problem(api.act(action="cancel", job_id=id), 503, "backend_unavailable")


# on queues: emptying --------------------------------------------------------------------------------------------


def test_clear_cancels_what_waits_and_says_how_many(api: Api):
    ids = [api.dispatch() for _ in range(3)]
    other = api.dispatch(queue="reports")
    answer = api.act(action="clear", queue="mail", reason="wrong campaign")
    assert answer.json == {"action": "clear", "done": 3, "skipped": []}
    assert {api.state(id) for id in ids} == {"cancelled"}
    assert api.state(other) == "pending"


def test_clear_of_a_large_queue_goes_on_in_the_background(api: Api):
    with api.app.app_context():
        SendMail.dispatch_many([(f"{n}@b.c",) for n in range(501)])
    answer = api.act(action="clear", queue="mail")
    assert answer.status_code == 202
    assert answer.headers["Location"].endswith(f"/operations/{answer.json['operation']}")


def test_drain_pauses_and_names_a_reason(api: Api):
    api.dispatch()
    assert api.act(action="drain", queue="mail").json["done"] == 1
    assert api.store.queues.get("mail").paused


def test_unclear_puts_back_what_the_latest_clear_cancelled(api: Api):
    id = api.dispatch()
    api.act(action="clear", queue="mail")
    assert api.act(action="unclear", queue="mail").json["done"] == 1
    assert api.state(id) == "pending"
    problem(api.act(action="unclear", queue="mail"), 404, "not_found")


@pytest.mark.parametrize("action", ["resume", "clear", "unclear"])
def test_what_happens_at_once_takes_no_time(api: Api, action):
    error = problem(api.act(action=action, queue="mail", at=LATER), 422, "invalid_option")
    assert action in error["message"]
