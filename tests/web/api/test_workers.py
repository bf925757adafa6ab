from __future__ import annotations

import pytest

from horizon.backends.values import SessionReport
from horizon.core.audit import AuditEntry
from horizon.core.clock import SECOND
from tests.web.api.conftest import Api


def commands(api, id: str = "w1") -> tuple[str, ...]:
    return api.store.sessions.renew(id, 3600 * SECOND).commands


def test_workers_are_listed_with_what_they_run(api):
    api.worker(code_version="v1", queues=("mails",))
    slots = ({"pid": 8, "phase": "ready", "jobs": 3, "memory_kb": 2048, "slots": [{"job": "j1", "since": 1_700_000_000 * SECOND}]},)
    api.store.sessions.renew("w1", 3600 * SECOND, SessionReport(memory_kb=4096, executors=slots, problems=("a problem",)))
    answer = api.get("/workers").json
    (worker,) = answer["items"]
    assert (answer["next"], answer["total"]) == (None, 1)
    assert (worker["id"], worker["host"], worker["state"], worker["queues"], worker["busy"]) == ("w1", "here", "running", ["mails"], 1)
    assert (worker["memory_mb"], worker["jobs_done"], worker["problems"], worker["old_code"]) == (4.0, 3, ["a problem"], False)
    assert worker["executors"][0]["running"] == [{"job": "j1", "since": "2023-11-14T22:13:20.000Z"}]
    assert worker["ended_at"] is None
    assert api.get("/workers/w1").json == api.get("/workers").json["items"][0]


def test_what_a_worker_took_last_what_limits_it_and_its_silence_are_told(api):
    api.worker(queues=("mails",))
    last = {"job": "j1", "at": 1_700_000_000 * SECOND}
    slots = ({"pid": 8, "phase": "ready", "cpu": 12, "started_at": 1_700_000_000 * SECOND, "last": last, "slots": []},)
    api.store.sessions.renew("w1", 3600 * SECOND, SessionReport(executors=slots, limits={"reserve": [20], "max_jobs": 500}))
    (worker,) = api.get("/workers").json["items"]
    began = {"job": "j1", "since": "2023-11-14T22:13:20.000Z"}
    assert (worker["cpu_percent"], worker["last"], worker["limits"]) == (12, began, {"reserve": [20], "max_jobs": 500})
    assert (worker["executors"][0]["last"], worker["executors"][0]["started_at"]) == (began, began["since"])
    assert worker["silent"] is None
    api.store.sessions.renew("w1", 1)
    assert api.get("/workers?gone=1").json["items"][0]["silent"] is None


def test_those_that_ended_are_listed_where_they_are_asked_for(api):
    api.worker()
    api.store.sessions.close("w1")
    assert api.get("/workers").json["items"] == []
    (gone,) = api.get("/workers?gone=1").json["items"]
    assert gone["state"] == "ended"
    assert gone["ended_at"] is not None
    assert api.get("/workers/w1").json["state"] == "ended"


def test_pages_follow_each_other_by_cursor(api):
    for index in range(3):
        api.worker(f"w{index}")
    first = api.get("/workers?limit=2").json
    second = api.get(f"/workers?limit=2&cursor={first['next']}").json
    assert [worker["id"] for worker in (*first["items"], *second["items"])] == ["w0", "w1", "w2"]
    assert second["next"] is None
    assert api.get("/workers?cursor=nobody").status_code == 400


def test_an_unknown_worker_and_an_unknown_connection_are_not_found(api):
    assert api.get("/workers/nobody").status_code == 404
    assert api.get("/workers?connection=nowhere").status_code == 404


@pytest.mark.parametrize("action", ["pause", "resume", "restart", "stop"])
def test_one_worker_is_asked(api, action):
    api.worker("w1")
    api.worker("w2")
    answer = api.post("/workers/control", {"action": action, "worker": "w1"})
    assert (answer.status_code, answer.json) == (200, {"action": action, "done": 1, "skipped": []})
    assert commands(api, "w1") == (action,)
    assert commands(api, "w2") == ()


def test_all_workers_are_asked(api):
    api.worker("w1")
    api.worker("w2")
    assert api.post("/workers/control", {"action": "restart", "worker": "all"}).json["done"] == 2
    assert commands(api, "w2") == ("restart",)


def test_what_is_wrong_with_a_command_is_said(api):
    api.worker()
    unknown = api.post("/workers/control", {"action": "explode", "worker": "w1"})
    assert (unknown.status_code, unknown.json["error"]["allowed"]) == (400, ["pause", "resume", "restart", "stop", "scale"])
    assert api.post("/workers/control", {"action": "stop"}).status_code == 422
    assert api.post("/workers/control", {"action": "stop", "worker": "nobody"}).status_code == 404
    assert commands(api) == ()


def test_one_worker_is_scaled_within_its_bounds_and_set_back(api):
    api.worker()
    api.store.sessions.renew("w1", 60 * SECOND, SessionReport(limits={"max_processes": 3, "scaled": {"to": 2, "by": "ana", "until": None}}))
    shown = api.get("/workers/w1").json
    assert (shown["processes"], shown["started_with"], shown["scaled"]) == (2, 1, {"to": 2, "by": "ana", "until": None})
    answer = api.post("/workers/control", {"action": "scale", "worker": "w1", "processes": 3})
    assert (answer.status_code, answer.json) == (200, {"action": "scale", "done": 1, "skipped": []})
    assert api.post("/workers/control", {"action": "scale", "worker": "w1", "processes": None}).status_code == 200
    (more, back) = commands(api)
    assert more.startswith("scale:3::")
    assert back == "scale:auto"
    assert api.post("/workers/control", {"action": "scale", "worker": "w1", "processes": 4}).status_code == 422
    assert api.post("/workers/control", {"action": "scale", "worker": "all", "processes": 2}).status_code == 422
    assert api.post("/workers/control", {"action": "stop", "worker": "w1", "processes": 2}).status_code == 422


def test_only_an_admin_steers(make_app):
    api = Api(make_app(HORIZON_AUTH=lambda request: {"name": "otto", "role": "operator"}))
    api.worker()
    assert api.post("/workers/control", {"action": "stop", "worker": "w1"}).status_code == 403
    assert api.get("/workers").status_code == 200


def test_the_audit_log_is_read_with_the_filters_of_the_page(api):
    for index in range(5):
        api.store.audit.append(AuditEntry(actor="ana" if index % 2 else "bob", verb="retry", target=f"t{index}", origin="cli"))
    answer = api.get("/audit").json
    assert [entry["target"] for entry in answer["items"]] == ["t4", "t3", "t2", "t1", "t0"]
    assert set(answer["items"][0]) == {"id", "at", "actor", "verb", "target", "count", "detail", "origin", "changes", "link", "hash"}
    assert (answer["next"], answer["total"]) == (None, 5)
    assert [entry["target"] for entry in api.get("/audit?actor=ana&q=T3").json["items"]] == ["t3"]
    first = api.get("/audit?limit=2").json
    assert first["total"] is None
    assert [entry["target"] for entry in api.get(f"/audit?limit=2&cursor={first['next']}").json["items"]] == ["t2", "t1"]


def test_a_filter_that_is_not_understood_is_an_error(api):
    assert api.get("/audit?after=soonish").status_code == 400
    assert api.get("/audit?cursor=x").status_code == 400


def test_those_that_match_a_search_are_asked_and_the_others_left_alone_with_the_reason(api):
    for id in ("w1", "w2"):
        api.worker(id)
    api.store.sessions.renew("w2", 3600 * SECOND, SessionReport(state="paused"))
    answer = api.post("/workers/control", {"action": "pause", "filter": "host:here"})
    assert answer.json == {"action": "pause", "done": 1, "skipped": [{"id": "w2", "reason": "it is paused already"}]}
    assert (commands(api, "w1"), commands(api, "w2")) == (("pause",), ())
    assert api.post("/workers/control", {"action": "stop", "filter": "host:elsewhere"}).status_code == 404
    assert api.post("/workers/control", {"action": "stop", "filter": "queu:mails"}).json["error"]["code"] == "invalid_filter"


def test_several_are_named_by_their_ids_and_scaled_each_within_its_bounds(api):
    for id in ("w1", "w2"):
        api.worker(id)
    api.store.sessions.renew("w1", 3600 * SECOND, SessionReport(limits={"max_processes": 4}))
    answer = api.post("/workers/control", {"action": "scale", "names": ["w1", "w2", "w3"], "processes": 3})
    assert answer.json["done"] == 1
    assert {one["id"] for one in answer.json["skipped"]} == {"w2", "w3"}
    assert len(commands(api, "w1")) == 1


@pytest.mark.parametrize("more", [{}, {"worker": "w1", "names": ["w1"]}, {"names": ["w1"], "filter": "x"}])
def test_workers_are_named_in_exactly_one_way(api, more):
    assert "exactly one of worker" in api.post("/workers/control", {"action": "pause", **more}).json["error"]["message"]
