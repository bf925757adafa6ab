from __future__ import annotations

from dataclasses import replace
from typing import Any

from horizon.backends.values import SessionInfo, SessionRecord, SessionReport
from horizon.core.states import JobState
from horizon.monitor import workers
from horizon.monitor.figures import Overview, QueueFigures, Quiet, Silent
from horizon.monitor.notices import Notice, notices
from horizon.monitor.summary import summarise


def overview(**more: Any) -> Overview:
    return replace(summarise([]), **{"status": "running", **more})


def lonely(name: str, pending: int = 1) -> QueueFigures:
    return QueueFigures(name=name, connection="default", counts={JobState.PENDING: pending}, unserved=True)


def session(state: str = "running", code: str = "v1", **more: Any) -> SessionRecord:
    info = SessionInfo(id=more.pop("id", "w1"), kind="worker", host="web-2", pid=7, code_version=code)
    return SessionRecord(info=info, report=SessionReport(state=state), started_at=0, renewed_at=1, expires_at=2, alive=True)


def told(figures: Overview, *old: SessionRecord) -> dict[str, Notice]:
    return {notice.id: notice for notice in notices(figures, [workers.worker(one, "", "v2") for one in old])}


def test_where_all_is_well_nothing_is_said():
    assert told(overview()) == {}


def test_without_a_worker_the_command_that_starts_one_is_told_with_what_waits():
    (notice,) = told(overview(status="inactive", counts={JobState.PENDING: 2, JobState.RETRYING: 1, JobState.FAILED: 9})).values()
    assert (notice.id, notice.grave, notice.command) == ("no-worker", True, "horizon work")
    assert "3 jobs wait" in notice.text
    assert "Jobs will wait" in told(overview(status="inactive"))["no-worker"].text


def test_paused_workers_can_be_resumed_and_paused_queues_are_shown():
    notice = told(overview(status="paused", workers=[session("paused")]))["paused"]
    assert (notice.title, notice.ask) == ("Every worker is paused.", "resume:all")
    notice = told(overview(status="paused", workers=[session("running")]))["paused"]
    assert (notice.title, notice.look, notice.ask) == ("Every queue is paused.", "queues", "")


def test_a_queue_nobody_serves_comes_with_the_worker_it_needs():
    notice = told(overview(queues=[lonely("reports", 12)]))["unserved-1"]
    assert notice.command == "horizon work --queue reports"
    assert "12 jobs there wait" in notice.text


def test_many_such_queues_are_counted_rather_than_piled_up():
    found = told(overview(queues=[lonely(f"q{index}") for index in range(9)]))
    assert list(found) == ["unserved-1", "unserved-2", "unserved-3", "unserved"]
    assert "6 more queues" in found["unserved"].text


def test_where_nobody_works_at_all_that_is_said_once():
    assert list(told(overview(status="inactive", queues=[lonely("reports")]))) == ["no-worker"]


def test_workers_with_old_code_can_be_restarted():
    one = told(overview(workers=[session()]), session())["old-code"]
    assert one.title == "web-2:7 runs old code (v1)."
    assert (one.ask, one.look) == ("restart:old", "workers")
    two = told(overview(workers=[session(), session(id="w2"), session(id="w3", code="v2")]), session(), session(id="w2"))["old-code"]
    assert two.title == "2 of 3 workers run old code (v1)."


def test_problems_and_stores_that_do_not_answer_are_grave_and_problems_are_bounded():
    found = told(overview(problems=[f"problem {index}" for index in range(5)], silent=[Silent(connection="archive")]))
    assert list(found) == ["silent-1", "problem-1", "problem-2", "problem-3", "problems"]
    assert all(notice.grave for notice in found.values())
    assert "2 more problems" in found["problems"].title


def test_since_when_a_store_has_been_silent_is_left_to_whoever_knows_the_viewers_clock():
    (one,) = told(overview(silent=[Silent(connection="archive", error="gone", since=7, earlier=True)])).values()
    assert (one.text, one.at) == ("The connection archive does not answer since {then} or earlier; what is on it is missing here. gone", 7)
    (one,) = told(overview(silent=[Silent(connection="archive", error="gone")])).values()
    assert (one.text, one.at) == ("The connection archive does not answer; what is on it is missing here. gone", None)


def lane(kind: str, pending: int, oldest: float = 1.0) -> QueueFigures:
    return QueueFigures(name=f"horizon:{kind}:redis:mails", connection="spare", counts={JobState.PENDING: pending}, oldest=oldest)


def test_jobs_between_two_connections_are_told_once_a_way():
    (notice,) = told(overview(queues=[lane("to", 3), replace(lane("to", 2), name="horizon:to:redis:a:b"), lane("to", 0)])).values()
    assert notice.title == "Jobs are on their way from spare to redis."
    assert notice.text.startswith("5 jobs wait parked until redis has them")
    assert not notice.grave


def test_a_push_in_doubt_waits_for_an_answer_and_then_for_a_person():
    assert "says whether it has them" in told(overview(queues=[lane("ask", 1)]))["travelling-1"].text
    held = told(overview(queues=[lane("ask", 1, 600.0)]))["travelling-1"]
    assert held.grave
    assert "run them, or cancel them" in held.text


def test_silent_workers_are_named_and_beyond_three_counted():
    quiet = [Quiet(session=session(), kind="late", since=0) for _ in range(5)]
    found = told(overview(quiet=quiet, at=3_000_000))
    assert found["quiet-1"].title == "web-2:7 is silent."
    assert found["quiet-1"].look == "workers"
    assert found["quiet"].title == "2 more workers are silent."
