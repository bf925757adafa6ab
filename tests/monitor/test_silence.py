from __future__ import annotations

from typing import Any

import pytest

from horizon.backends.values import SessionInfo, SessionRecord, SessionReport
from horizon.core.clock import MINUTE, SECOND
from horizon.core.states import JobState
from horizon.monitor.figures import IDLE, LATE, QueueFigures, Quiet
from horizon.monitor.notices import said
from horizon.monitor.silence import quiet_ones
from horizon.monitor.summary import summarise
from tests.monitor.test_summary import NOW, reading

HEARD = NOW - 5 * SECOND


def session(taken: int | None = NOW - 10 * MINUTE, *, heard: int = HEARD, running: int = 0, **more: Any) -> SessionRecord:
    slots = [{"job": f"j{index}", "since": taken} for index in range(running)]
    executor = {"pid": 8, "phase": "ready", "started_at": taken, "last": None, "slots": slots, **more.pop("executor", {})}
    report = SessionReport(state=more.pop("state", "running"), executors=(executor,), limits=more.pop("limits", {}))
    info = SessionInfo(id="w1", kind="worker", host="web-2", pid=7, concurrency=2, queues=more.pop("queues", ()))
    return SessionRecord(info=info, report=report, started_at=0, renewed_at=heard, expires_at=heard + 30 * SECOND, alive=True)


def waiting(oldest: float = 300.0, name: str = "emails", pending: int = 12, **more: Any) -> QueueFigures:
    return QueueFigures(name=name, connection="default", counts={JobState.PENDING: pending}, oldest=oldest, **more)


def found(one: SessionRecord, *queues: QueueFigures) -> list[Quiet]:
    return list(quiet_ones([one], "default", queues, NOW))


def test_a_worker_that_takes_what_there_is_is_not_silent():
    assert found(session(), waiting(oldest=3.0)) == []
    assert found(session(taken=NOW - 20 * SECOND), waiting()) == []
    assert found(session()) == []


def test_one_that_missed_two_heartbeats_is_silent_and_told_when_its_jobs_go_back():
    (one,) = found(session(heard=NOW - 21 * SECOND))
    assert (one.kind, one.worker) == (LATE, "web-2:7")
    assert "Nothing was heard of it for 21 s" in said(one, NOW)
    assert "within 9 s" in said(one, NOW)


def test_one_with_room_that_takes_nothing_while_its_jobs_wait_is_silent():
    (one,) = found(session(), waiting(), waiting(oldest=400.0, name="reports", pending=1))
    assert (one.kind, one.queue, one.waiting) == (IDLE, "reports", 13)
    assert "has taken no job for 10 min, though 13 jobs that it could run wait, the oldest in reports" in said(one, NOW)


@pytest.mark.parametrize(
    "why",
    [
        {"state": "paused"}, {"running": 2}, {"limits": {"reserve": [75, 75]}}, {"queues": ("reports",)}, {"executor": {"phase": "booting"}},
        {"executor": {"last": {"job": "j", "at": NOW - 30 * SECOND}}}, {"taken": None},
    ],
)  # fmt: skip
def test_there_are_good_reasons_to_take_nothing(why):
    assert found(session(**why), waiting()) == []


def test_what_waits_in_a_paused_queue_is_no_reason():
    assert found(session(), waiting(paused=True)) == []


def test_the_overview_counts_silent_workers_and_takes_points_for_them():
    figures = summarise([reading(workers=[session(heard=NOW - 25 * SECOND)])])
    assert [one.kind for one in figures.quiet] == [LATE]
    assert ("the worker web-2:7 is silent", "workers") in [(one.reason, one.look) for one in figures.health.deductions]
