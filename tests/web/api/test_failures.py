from __future__ import annotations

from horizon.core.outcome import Kind
from tests.web.api.conftest import Api, problem
from tests.web.conftest import SAME


def test_failed_jobs_come_with_their_causes(api: Api):
    for _ in range(3):
        api.dispatch()
    api.run(Kind.FAILED, count=2)
    found = api.get("/failures").json
    assert set(found) == {"items", "next", "total", "total_at_least", "causes"}
    assert (len(found["items"]), found["total"]) == (2, 2)
    assert {job["state"] for job in found["items"]} == {"failed"}
    (cause,) = found["causes"]
    assert (cause["cause"], cause["type"], cause["name"], cause["count"]) == ("smtp", "SMTPError", "web-tests:send-mail", 2)
    assert cause["first_at"] <= cause["last_at"]
    assert cause["last_at"].endswith("Z")


def test_it_shows_failed_jobs_whatever_else_is_asked_for(api: Api):
    api.dispatch()
    assert api.get("/failures?state=pending").json["items"] == []
    assert api.get("/failures?q=state:pending").json["items"] == []


def test_pages_follow_each_other_and_only_the_first_tells_causes(api: Api):
    for _ in range(3):
        api.dispatch()
    failed = api.run(Kind.FAILED, count=3)
    first = api.get("/failures?limit=2").json
    second = api.get(f"/failures?limit=2&cursor={first['next']}").json
    assert sorted(job["id"] for job in first["items"] + second["items"]) == sorted(failed)
    assert (len(first["causes"]), second["causes"], second["next"]) == (1, [], None)


def test_while_nothing_changes_there_is_nothing_new(api: Api):
    answer = api.get("/failures")
    again = api.client.get("/horizon/api/failures", headers={**SAME, "If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_connection_that_does_not_exist_is_told(api: Api):
    problem(api.get("/failures?connection=gone"), 404, "not_found")
