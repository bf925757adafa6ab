from __future__ import annotations

import pytest

from horizon.core.outcome import Kind
from tests.stores.lending import fresh
from tests.web.api.conftest import Api, problem
from tests.web.shop_jobs import SendMail

NAME = "web-tests:send-mail"
FIGURES = {"pushed", "completed", "failed", "cancelled", "retried", "success_rate", "throughput_per_minute", "runtime", "wait", "memory_mb"}


@pytest.fixture
def busy(api: Api) -> Api:
    """Three jobs that completed, one that failed, on `mail`; one that waits on `reports`."""
    for _ in range(4):
        api.dispatch()
    api.dispatch(queue="reports", delay=1000)
    api.run(count=3)
    api.run(Kind.FAILED)
    return api


def test_where_nothing_ever_happened_the_shape_is_the_same(api: Api):
    found = api.get("/jobs/metrics").json
    assert set(found) == {"since", "until", "step", "total", "classes", "classes_total", "queues", "queues_total", "steps", "forecast"}
    assert (found["step"], found["classes"], found["queues"], len(found["steps"])) == ("hour", [], [], 25)
    assert set(found["total"]) == FIGURES
    assert found["total"]["runtime"] == {"count": 0, "mean": None, "p50": None, "p95": None, "p99": None, "max": None}
    assert found["total"]["success_rate"] is None


def test_it_tells_what_happened_in_all_and_in_parts(busy: Api):
    found = busy.get("/jobs/metrics?since=1h").json
    total = found["total"]
    assert (total["pushed"], total["completed"], total["failed"], total["success_rate"], total["memory_mb"]) == (5, 3, 1, 0.75, 2.0)
    assert (total["runtime"]["count"], total["runtime"]["mean"], total["runtime"]["max"]) == (4, 0.25, 0.25)
    assert total["runtime"]["p95"] == pytest.approx(0.25, rel=0.05)
    assert [(one["name"], one["completed"]) for one in found["classes"]] == [(NAME, 3)]
    assert [(one["name"], one["pushed"]) for one in found["queues"]] == [("mail", 4), ("reports", 1)]
    assert found["step"] == "minute"
    assert len(found["steps"]) in (60, 61)
    assert sum(step["completed"] for step in found["steps"]) == 3
    assert [step["at"] for step in found["steps"]] == sorted(step["at"] for step in found["steps"])
    assert found["steps"][0]["at"] == found["since"]


def test_steps_follow_what_is_asked_for(busy: Api):
    assert len(busy.get("/jobs/metrics?since=2d&step=day").json["steps"]) == 3
    assert busy.get("/jobs/metrics?since=30d").json["step"] == "day"
    assert busy.get("/jobs/metrics?since=3d&until=2d").json["total"]["pushed"] == 0


def test_it_can_be_about_one_class_or_one_queue(busy: Api):
    assert busy.get("/jobs/metrics?class=SendMail&queue=reports").json["total"]["pushed"] == 1
    assert busy.get(f"/jobs/metrics?class={NAME}").json["total"]["pushed"] == 5
    mail = busy.get("/jobs/metrics?queue=mail&limit=1").json
    assert (mail["queues_total"], mail["queues"][0]["pushed"]) == (1, 4)


def test_a_limit_leaves_classes_and_queues_out_and_says_how_many_there_are(busy: Api):
    found = busy.get("/jobs/metrics?limit=1").json
    assert ([one["name"] for one in found["queues"]], found["queues_total"]) == (["mail"], 2)


def test_what_is_not_known_is_not_found(busy: Api):
    assert "did you mean" in problem(busy.get("/jobs/metrics?class=SendMial"), 404, "not_found")["message"]
    assert "did you mean mail" in problem(busy.get("/jobs/metrics?queue=mial"), 404, "not_found")["message"]
    problem(busy.get("/jobs/metrics?connection=nowhere"), 404, "not_found")


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ("step=fortnight", "step is one of minute, hour, day"),
        ("since=soon", "since=soon is not a time"),
        ("since=10d&step=hour", "kept for 7 days"),
        ("since=1h&until=2h", "before its end"),
        ("until=9999999w", "before its end"),
        ("limit=0", "limit is a whole number"),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_would(api: Api, asked: str, why: str):
    assert why in problem(api.get(f"/jobs/metrics?{asked}"), 400, "invalid_filter")["message"]


def test_nothing_new_while_nothing_happened(busy: Api):
    answers = []
    for _ in range(2):  # a minute may go by between two questions, but not between both pairs
        tag = busy.get("/jobs/metrics").headers["ETag"]
        answers.append(busy.get("/jobs/metrics", headers={"If-None-Match": tag}))
    assert 304 in [answer.status_code for answer in answers]
    assert answers[-1].data == b"" or answers[0].data == b""
    busy.dispatch()
    assert busy.get("/jobs/metrics", headers={"If-None-Match": tag}).status_code == 200


def test_whoever_may_look_may_see_it_and_strangers_may_not(make_app):
    viewer = Api(make_app(HORIZON_AUTH=lambda request: {"name": "vera", "role": "viewer"}))
    assert viewer.get("/jobs/metrics").status_code == 200
    assert Api(make_app(HORIZON_AUTH=lambda request: None)).get("/jobs/metrics").status_code == 403


def test_several_connections_are_told_as_one(make_app):
    api = Api(make_app(HORIZON_CONNECTIONS={"other": fresh()}))
    api.dispatch()
    with api.app.app_context():
        SendMail("x").on_connection("other").dispatch()
    assert api.get("/jobs/metrics").json["total"]["pushed"] == 2
    assert api.get("/jobs/metrics?connection=other").json["total"]["pushed"] == 1


def test_steps_go_as_far_back_as_the_settings_keep_them(make_app):
    asked = "/jobs/metrics?since=5h&step=minute"
    problem(Api(make_app()).get(asked), 400, "invalid_filter")
    assert len(Api(make_app(HORIZON_KEEP_MINUTES=6 * 3600)).get(asked).json["steps"]) in (300, 301)


def test_with_before_the_stretch_before_is_told_too_and_only_then(busy: Api):
    assert "before" not in busy.get("/jobs/metrics?since=1h").json
    found = busy.get("/jobs/metrics?since=1h&before=true").json
    earlier = found["before"]
    assert (earlier["until"], earlier["total"]["pushed"], earlier["classes"]) == (found["since"], 0, [])
    assert set(earlier["total"]) == FIGURES
    assert "before is true" in problem(busy.get("/jobs/metrics?before=perhaps"), 400, "invalid_filter")["message"]
