"""Several batches, schedules and queues at once over HTTP, and the filters of their lists."""

from __future__ import annotations

import pytest

from horizon.backends.schedules import Schedule, ScheduleChange
from horizon.control import many_groups
from horizon.control.many_groups import GroupActs
from tests.schedule.office import alone  # noqa: F401
from tests.web.pages import flows
from tests.web.pages.conftest import AT
from tests.web.pages.stage import Stage

JOB = "tests.schedule.office:Report"


@pytest.fixture
def stage():
    made = Stage(AT)
    at = made.store.now() + 10**9
    for name, queue in (("nightly", "reports"), ("weekly", "reports"), ("letters", "emails")):
        one = Schedule(name=name, target=JOB, when="0 2 * * *", options={"queue": queue}, due_at=at, next_at=at)
        made.store.schedules.write([ScheduleChange(name=name, version=0, schedule=one)])
    return made


def post(stage, path, **body):
    return stage.client.post(f"/horizon/api/{path}", json=body, headers={"Sec-Fetch-Site": "same-origin"})


def test_schedules_are_paused_by_a_filter_or_by_name_and_told_one_by_one(stage):
    said = post(stage, "schedules/control", action="pause", filter="queue:reports", reason="stocktaking")
    assert said.json == {"action": "pause", "done": ["nightly", "weekly"], "left_alone": {}}
    assert [one["name"] for one in stage.client.get("/horizon/api/schedules?state=paused").json["items"]] == ["nightly", "weekly"]
    said = post(stage, "schedules/control", action="resume", names=["nightly", "letters"])
    assert said.json == {"action": "resume", "done": ["nightly"], "left_alone": {"letters": "it is not paused"}}


def test_queues_are_paused_together(stage):
    for queue in ("emails", "letters", "reports"):
        stage.push(queue=queue)
    said = post(stage, "queues/control", action="pause", names=["emails", "reports/default"])
    assert said.json["done"] == ["emails/default", "reports/default"]
    assert [one["name"] for one in stage.client.get("/horizon/api/queues?q=-letters&state=paused").json["items"]] == ["emails", "reports"]
    assert post(stage, "queues/control", action="resume", filter="e").json["done"] == ["emails/default", "reports/default"]


def test_batches_are_cancelled_by_a_filter_and_more_of_them_in_the_background(stage, monkeypatch):
    known = [flows.batch(stage, 1, name=name)[0] for name in ("Import", "Letters", "Import")]
    said = post(stage, "batches/control", action="cancel", filter="import", reason="wrong file")
    assert (said.status_code, said.json["state"], said.json["done"], said.json["reason"]) == (200, "done", 2, "wrong file")
    assert [one.state for one in stage.store.groups.many(known)] == ["cancelled", "running", "cancelled"]
    monkeypatch.setattr(many_groups, "STEP", 1)
    more = [flows.batch(stage, 1)[0] for _ in range(2)]
    said = post(stage, "batches/control", action="cancel", ids=more)
    assert said.status_code == 202
    assert stage.client.get(said.headers["Location"]).json["done"] == 1


def test_what_failed_of_batches_is_retried_with_care_in_the_background(stage):
    stage.worker()
    for _ in range(2):
        _, (one, _) = flows.batch(stage, 2, allow=2)
        flows.failed(stage, one)
    stage.clock.advance(60)
    said = post(stage, "batches/control", action="retry", filter="newsletter", pace="1/s", canary=1, stop_when_failing="20%")
    assert said.status_code == 202
    told = stage.client.get(said.headers["Location"]).json
    assert (told["state"], told["done"], told["per_second"], told["canary"], told["stop_when_failing"]) == ("running", 0, 1, 1, 20)
    stage.clock.advance(1)
    GroupActs(stage.runtime).run()
    told = stage.client.get(said.headers["Location"]).json
    assert (told["done"], told["watched"]["waiting"]) == (1, 1)
    assert post(stage, "batches/control", action="cancel", filter="newsletter", pace="1/s").json["error"]["code"] == "invalid_option"


def test_what_names_nothing_or_both_is_refused(stage):
    for path in ("schedules/control", "queues/control", "batches/control"):
        named = "ids" if path.startswith("b") else "names"
        verb = "cancel" if path.startswith("b") else "pause"
        assert post(stage, path, action=verb).status_code == 422
        assert post(stage, path, action=verb, filter="x", **{named: ["x"]}).status_code == 422
        assert post(stage, path, action="shred", filter="x").status_code in (400, 422)
    for kind in ("batches", "chains", "workflows"):
        for what in ({"filter": "x"}, {"ids": ["x"]}):
            said = post(stage, f"{kind}/control", action="cancel", connection="nowhere", **what)
            assert (said.status_code, said.json["error"]["code"]) == (404, "not_found")
    stage.role = "viewer"
    assert post(stage, "schedules/control", action="pause", filter="x").status_code == 403


def test_workers_are_listed_by_host(stage):
    for id, host in (("w1", "web-1"), ("w2", "db-7")):
        stage.worker(id, host=host)
    assert [one["id"] for one in stage.client.get("/horizon/api/workers?q=host:db").json["items"]] == ["w2"]
    assert stage.client.get("/horizon/api/workers?state=tired").status_code == 400
