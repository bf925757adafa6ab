from __future__ import annotations

import pytest

from horizon.core.outcome import Kind
from tests.web.api.conftest import Api, problem


@pytest.fixture
def broken(api: Api) -> Api:
    """Two jobs that stand failed with the cause `smtp`."""
    for _ in range(2):
        api.dispatch()
    api.run(Kind.FAILED, count=2)
    return api


def test_causes_come_with_how_they_stand(broken: Api):
    (one,) = broken.get("/causes").json["items"]
    assert (one["cause"], one["state"], one["count"], one["total"], one["said"]) == ("smtp", "new", 2, 2, [])
    assert one["classes"] == {"web-tests:send-mail": 2}
    assert broken.get("/causes?state=muted").json["items"] == []
    problem(broken.get("/causes?state=odd"), 400, "invalid_filter")
    problem(broken.get("/causes?after=ever"), 400, "invalid_filter")


def test_one_cause_comes_in_full(broken: Api):
    one = broken.get("/causes/smtp").json
    assert len(one["jobs"]) == 2
    assert {"what": "class", "value": "web-tests:send-mail"} in one["alike"]
    problem(broken.get("/causes/nosuch"), 404, "not_found")


def test_what_is_said_of_a_cause_holds(broken: Api):
    said = broken.post("/causes/control", {"action": "snooze", "cause": "smtp", "more": 5, "note": "wait"}).json["said"]
    assert (said[0]["action"], said[0]["more"], said[0]["note"]) == ("snooze", 5, "wait")
    assert broken.get("/causes/smtp").json["state"] == "snoozed"
    broken.post("/causes/control", {"action": "reopen", "cause": "smtp"})
    assert broken.get("/causes/smtp").json["state"] == "ongoing"
    problem(broken.post("/causes/control", {"action": "praise", "cause": "smtp"}), 400, "unknown_action")
    problem(broken.post("/causes/control", {"action": "mute", "cause": "nosuch"}), 404, "not_found")
    problem(broken.post("/causes/control", {"action": "snooze", "cause": "smtp"}), 422, "invalid_option")


def test_why_a_job_does_not_run(api: Api):
    id = api.dispatch()
    found = api.get(f"/jobs/{id}/why").json
    marks = {point["key"]: point["mark"] for point in found["points"]}
    assert (found["state"], marks["due"], marks["worker"]) == ("pending", "ok", "wrong")
    assert next(point["command"] for point in found["points"] if point["key"] == "worker") == "horizon work"
    problem(api.get("/jobs/0190f3a0-0000-7000-8000-000000000000/why"), 404, "not_found")
