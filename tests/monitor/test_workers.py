from __future__ import annotations

from typing import Any

from horizon.backends.values import SessionInfo, SessionRecord, SessionReport
from horizon.monitor import workers
from horizon.monitor.workers import Code


def session(id: str = "w1", *, host: str = "web-1", code: str | None = None, started: int = 0, **more: Any) -> SessionRecord:
    report = more.pop("report", SessionReport(executors=tuple(more.pop("executors", ()))))
    given = {"renewed_at": 1000, "expires_at": 2000, "alive": True, **more}
    return SessionRecord(
        info=SessionInfo(id=id, kind="worker", host=host, pid=7, processes=2, concurrency=4, code_version=code),
        report=report, started_at=started, **given,
    )  # fmt: skip


def one(record: SessionRecord) -> workers.Worker:
    return workers.worker(record, "default")


def test_executors_slots_and_sums_are_read_from_the_report():
    found = one(
        session(
            executors=(
                {"pid": 8, "phase": "ready", "jobs": 3, "memory_kb": 900, "slots": [{"job": "a", "since": 5}, {"job": "b", "since": 6}]},
                {"pid": 9, "phase": "booting", "jobs": 4, "slots": []},
            )
        )
    )
    assert (found.busy, found.places, found.done) == (2, 8, 7)
    assert [(executor.pid, executor.phase, executor.memory_kb) for executor in found.executors] == [(8, "ready", 900), (9, "booting", None)]
    assert [(run.job, run.since) for run in found.executors[0].running] == [("a", 5), ("b", 6)]


def test_a_report_of_another_version_is_forgiven():
    odd = ({"pid": "x", "jobs": None, "slots": [{"id": 3}, "?", {"job": "a", "since": "now"}], "code_version": 7}, {"slots": 4}, {})
    found = one(session(executors=odd))
    assert [executor.pid for executor in found.executors] == [None, None, None]
    assert [(run.job, run.since) for executor in found.executors for run in executor.running] == [("a", None)]


def test_a_worker_is_what_it_reports_while_it_lives_and_ended_or_lost_afterwards():
    assert one(session(report=SessionReport(state="draining"))).state == "draining"
    said_goodbye = one(session(alive=False, ended_at=1500))
    assert (said_goodbye.state, said_goodbye.ended_at) == ("ended", 1500)
    vanished = one(session(alive=False))
    assert (vanished.state, vanished.ended_at) == ("lost", 1000)
    given_up = one(session(alive=False, ended_at=2100))
    assert (given_up.state, given_up.ended_at) == ("lost", 1000)


def test_workers_stand_by_host_the_oldest_first():
    listed = [("default", session("c", host="b")), ("default", session("b", host="a", started=9)), ("other", session("a", host="a"))]
    found = workers.hosts(workers.workers(listed, Code()))
    assert [(host.name, [worker.id for worker in host.workers]) for host in found] == [("a", ["a", "b"]), ("b", ["c"])]
    assert (found[0].places, found[0].busy) == (16, 0)


def old(*records: SessionRecord, here: Code | None = None) -> list[str]:
    return [worker.id for worker in workers.workers([("default", record) for record in records], here or Code()) if worker.old]


def test_after_a_deploy_the_workers_with_the_version_of_before_are_old():
    assert old(session("a", code="v1", started=1), session("b", code="v2", started=5)) == ["a"]


def test_a_worker_of_old_code_that_was_started_again_is_still_old():
    assert old(session("a", code="v1", started=1), session("b", code="v2", started=5), session("c", code="v1", started=9)) == ["a", "c"]


def test_the_dashboard_may_run_the_newest_code_or_the_oldest():
    assert old(session("a", code="v1", started=1), here=Code(version="v2", since=5)) == ["a"]
    assert old(session("a", code="v2", started=5), here=Code(version="v1", since=1)) == []


def test_executors_that_were_replaced_run_the_code_they_loaded():
    replaced = session("a", code="v1", started=1, executors=({"code_version": "v2"}, {"code_version": "v2"}))
    half = session("b", code="v1", started=1, executors=({"code_version": "v2"}, {"code_version": None}))
    assert old(replaced, half, here=Code(version="v2", since=5)) == ["b"]
    assert one(replaced).versions == ("v2",)


def test_workers_that_name_no_version_are_never_called_old():
    assert old(session("a"), session("b", code="v2", started=5)) == []
    assert old(session("a"), session("b")) == []


def test_who_no_longer_lives_says_nothing_about_the_newest_code():
    assert old(session("a", code="v1", started=1), session("b", code="v2", started=5, alive=False)) == []
