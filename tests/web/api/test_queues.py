from __future__ import annotations

import pytest

from horizon.backends.values import QueueSettings
from horizon.core.outcome import Kind
from horizon.web.api.doc.queues import EXAMPLE
from tests.web.api.conftest import Api, problem


def test_every_queue_comes_with_its_figures_by_name(api: Api):
    api.dispatch(queue="reports")
    api.dispatch(queue="emails")
    api.run()
    api.worker("w2", queues=("listed",), processes=2, concurrency=3)
    found = api.get("/queues").json
    assert {name: found[name] for name in ("next", "total", "total_at_least")} == {"next": None, "total": 3, "total_at_least": 3}
    assert [row["name"] for row in found["items"]] == ["emails", "listed", "reports"]
    assert all(set(row) == set(EXAMPLE) for row in found["items"])
    listed = found["items"][1]
    assert (listed["workers"], listed["slots"], listed["pending"], listed["unused"]) == (2, 7, 0, False)


def test_one_queue_tells_what_waits_and_what_is_set(api: Api):
    api.dispatch(queue="emails")
    one = api.get("/queues/emails").json
    assert (one["pending"], one["unserved"], one["clearing"], one["seconds_to_clear"]) == (1, True, False, None)
    assert one["settings"]["max_jobs"] == {"value": None, "code": None, "overridden": False}


def test_pages_follow_each_other(api: Api):
    for name in ("a", "b", "c"):
        api.dispatch(queue=name)
    first = api.get("/queues?limit=2").json
    second = api.get("/queues", query_string={"limit": 2, "cursor": first["next"]}).json
    assert [row["name"] for row in first["items"] + second["items"]] == ["a", "b", "c"]
    assert (second["next"], second["total"]) == (None, 3)
    problem(api.get("/queues?cursor=nonsense"), 400, "invalid_cursor")
    problem(api.get("/queues?limit=0"), 400, "invalid_filter")


def test_what_is_not_there_is_said(api: Api):
    problem(api.get("/queues/nobody-uses"), 404, "not_found")
    problem(api.get("/queues?connection=nowhere"), 404, "not_found")


def test_nothing_new_is_said_where_the_figures_are_the_same(api: Api):
    answer = api.get("/queues")
    assert api.get("/queues", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_settings_are_set_at_run_time_and_given_back(api: Api):
    api.dispatch(queue="emails")
    now = api.post("/queues/emails/settings", {"max_jobs": 5, "patience": 1.5}).json["settings"]
    assert now["max_jobs"] == {"value": 5, "code": None, "overridden": True}
    assert now["patience"] == {"value": 1.5, "code": 3600.0, "overridden": True}
    assert api.get("/queues/emails").json["settings"] == now
    back = api.post("/queues/emails/settings", {"max_jobs": None}).json["settings"]
    assert back["max_jobs"]["overridden"] is False
    assert api.store.audit.list()[0].verb == "override"


@pytest.mark.parametrize("body", [{}, {"max_jobs": 0}, {"max_jobs": "5"}, {"patience": -1}, {"colour": 1}, {"priority_weight": 1.5}])
def test_improper_settings_are_refused(api: Api, body):
    assert api.post("/queues/emails/settings", body).status_code == 422
    assert api.store.audit.list() == []


def test_a_queue_is_drained_and_cleared(api: Api):
    api.dispatch(queue="emails")
    failed = api.dispatch(queue="other")
    assert api.act(action="drain", queue="emails").json["done"] == 1
    assert api.get("/queues/emails").json["paused"] is True
    assert api.act(action="clear", queue="emails").json["done"] == 1
    assert api.get("/queues/emails").json["cancelled"] == 1
    api.run(Kind.FAILED)
    assert api.state(failed) == "failed"


def test_a_limit_is_lifted_or_goes_back_to_what_the_code_says(api: Api):
    define_queue_of(api, 7)
    for sent, shown in (("unlimited", (None, True)), (5, (5, True)), (None, (7, False))):
        told = api.post("/queues/emails/settings", {"max_jobs": sent}).json["settings"]["max_jobs"]
        assert (told["value"], told["overridden"], told["code"]) == (*shown, 7)
    problem(api.post("/queues/emails/settings", {"max_jobs": "endless"}), 422, "invalid_option")


def define_queue_of(api: Api, most: int) -> None:
    api.store.queues.define([QueueSettings(name="emails", max_jobs=most)])
