from __future__ import annotations

from horizon.web.api.doc.schedules import EXAMPLE
from tests.schedule.office import alone  # noqa: F401
from tests.web.api.conftest import Api, problem

JOB = "web-tests:send-mail"


def new(api: Api, **more: object) -> dict[str, object]:
    answer = api.post("/schedules", {"name": "news", "job": JOB, "when": "@daily", "args": {"to": "a@b.c"}, **more})
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"].endswith(f"/horizon/api/schedules/{answer.json['name']}")
    return answer.json


def test_one_that_is_added_is_in_the_list_and_stands_by_itself(api: Api):
    made = new(api, options={"queue": "night", "priority": "high"}, timezone="Europe/Rome", overlap="skip", jitter=5)
    assert (made["words"], made["state"], made["source"], made["history"]) == ("At 00:00 every day", "active", "stored", [])
    assert (made["options"], made["jitter"], len(made["next"])) == ({"priority": 10, "queue": "night"}, 5.0, 5)
    page = api.get("/schedules").json
    assert (page["total"], page["next"], page["problems"], page["led"]) == (1, None, {}, False)
    assert set(page["items"][0]) == set(EXAMPLE)
    assert api.get("/schedules/news").json == made


def test_acts_do_what_they_say(api: Api):
    new(api)
    run = api.post("/schedules/news/control", {"action": "run"}).json
    assert api.state(run["job_id"]) == "pending"
    assert api.post("/schedules/news/control", {"action": "pause", "reason": "holidays"}).status_code == 200
    paused = api.get("/schedules/news").json
    assert (paused["state"], paused["paused_reason"], paused["next"]) == ("paused", "holidays", [])
    assert (paused["last_job"], paused["last_state"]) == (run["job_id"], "pending")
    assert [(one["kind"], one["job_id"]) for one in paused["history"]] == [("by hand", run["job_id"])]
    api.post("/schedules/news/control", {"action": "resume"})
    assert api.get("/schedules/news").json["state"] == "active"
    assert api.post("/schedules/news/control", {"action": "remove"}).status_code == 200
    problem(api.get("/schedules/news"), 404, "not_found")


def test_editing_leaves_alone_what_is_not_named(api: Api):
    new(api, overlap="queue")
    edited = api.post("/schedules/news/settings", {"when": "every 90s", "timezone": None, "args": {"to": "x@y.z"}}).json
    assert (edited["words"], edited["timezone"], edited["args"], edited["overlap"]) == ("Every 90 seconds", "UTC", {"to": "x@y.z"}, "queue")


def test_what_cannot_work_is_refused_with_what_to_do(api: Api):
    assert "never comes" in problem(api.post("/schedules", {"job": JOB, "when": "0 0 31 2 *"}), 422, "invalid_option")["message"]
    problem(api.post("/schedules", {"job": "nowhere:Job", "when": "@daily"}), 422, "unknown_job_name")
    problem(api.post("/schedules", {"job": JOB, "when": "@daily", "args": {"colour": 1}}), 422, "invalid")
    problem(api.post("/schedules", {"when": "@daily"}), 422, "invalid_option")
    problem(api.post("/schedules", {"job": JOB, "when": "@daily", "whne": 1}), 422, "invalid_option")
    new(api)
    problem(api.post("/schedules", {"name": "news", "job": JOB, "when": "@daily", "args": {"to": "a"}}), 409, "invalid_transition")
    problem(api.post("/schedules/news/settings", {}), 422, "invalid_option")
    problem(api.post("/schedules/news/control", {"action": "burn"}), 400, "unknown_action")
    problem(api.post("/schedules/none/control", {"action": "run"}), 404, "not_found")


def test_pages_follow_each_other(api: Api):
    for name in ("a", "b", "c"):
        new(api, name=name)
    first = api.get("/schedules?limit=2").json
    second = api.get("/schedules", query_string={"limit": 2, "cursor": first["next"]}).json
    assert [row["name"] for row in first["items"] + second["items"]] == ["a", "b", "c"]
    assert second["next"] is None
