from __future__ import annotations

from horizon.core.outcome import Kind
from tests.web.api.conftest import Api

KEYS = {
    "status", "health", "throughput_per_minute", "jobs_past_hour", "failed_past_hour", "failure_rate", "longest_wait", "runtime_p95",
    "processes", "counts", "queues",
}  # fmt: skip
QUEUE = {"name", "connection", "pending", "processing", "scheduled", "retrying", "failed", "oldest_seconds", "jobs_per_minute", "paused"}


def test_the_dashboard_has_the_promised_shape_when_nothing_ever_happened(api: Api):
    figures = api.get("/jobs/dashboard").json
    assert set(figures) == KEYS
    assert figures["status"] == "inactive"
    assert set(figures["health"]) == {"score", "deductions"}
    assert {"points": 30, "reason": "no worker is running"} in figures["health"]["deductions"]
    assert figures["health"]["score"] <= 70
    assert figures["longest_wait"] == {"queue": None, "seconds": 0.0}
    assert figures["processes"] == {"running": 0, "slots": 0, "busy": 0}
    assert set(figures["counts"]) == {"scheduled", "blocked", "pending", "processing", "retrying", "completed", "failed", "cancelled"}
    assert set(figures["counts"].values()) == {0}
    assert figures["queues"] == []
    assert figures["runtime_p95"] is None


def test_it_counts_what_happens(api: Api):
    for _ in range(5):
        api.dispatch()
    api.dispatch(queue="reports", delay=1000)
    api.worker(processes=2, concurrency=3)
    api.run(count=3)
    api.run(Kind.FAILED)
    figures = api.get("/jobs/dashboard").json
    assert figures["status"] == "running"
    assert (figures["counts"]["completed"], figures["counts"]["failed"], figures["counts"]["pending"], figures["counts"]["scheduled"]) == (
        3,
        1,
        1,
        1,
    )
    assert (figures["jobs_past_hour"], figures["failed_past_hour"], figures["failure_rate"]) == (4, 1, 0.25)
    assert figures["throughput_per_minute"] > 0
    assert 0.2 < figures["runtime_p95"] < 0.3
    queues = {queue["name"]: queue for queue in figures["queues"]}
    assert set(queues) == {"mail", "reports"}
    assert all(set(queue) == QUEUE for queue in figures["queues"])
    assert (queues["mail"]["pending"], queues["mail"]["failed"], queues["reports"]["scheduled"]) == (1, 1, 1)
    assert queues["mail"]["oldest_seconds"] >= 0
    assert queues["reports"]["oldest_seconds"] is None
    assert figures["longest_wait"]["queue"] == "mail"


def test_a_paused_queue_says_so(api: Api):
    api.dispatch()
    api.act(action="pause", queue="mail")
    (queue,) = api.get("/jobs/dashboard").json["queues"]
    assert queue["paused"] is True


def test_a_change_shows_at_once(api: Api):
    for count in range(1, 4):
        api.dispatch()
        assert api.get("/jobs/dashboard").json["counts"]["pending"] == count
