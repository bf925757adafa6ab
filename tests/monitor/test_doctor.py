from __future__ import annotations

from dataclasses import replace

import pytest

from horizon.monitor.doctor.examine import examine, is_wrong
from horizon.monitor.doctor.facts import ERROR, NOTE, WARNING, Facts, FileFacts, StoreFacts, WorkerFacts

WORKER = WorkerFacts(name="web-1:7", version="0.1.0")
STORE = StoreFacts(connection="default", kind="sqlite", location="sqlite:////srv/jobs.db", workers=(WORKER,), file=FileFacts(free=10**12))
WELL = Facts(version="0.1.0", stores=(STORE,))


def codes(facts: Facts) -> list[tuple[str, str]]:
    return [(one.severity, one.code) for one in examine(facts)]


def store(**changes: object) -> Facts:
    return replace(WELL, stores=(replace(STORE, **changes),))


def worker(**changes: object) -> Facts:
    return store(workers=(replace(WORKER, **changes),))


def file(**changes: object) -> Facts:
    return store(file=replace(FileFacts(free=10**12), **changes))


def test_where_all_is_well_nothing_is_found() -> None:
    assert examine(WELL) == []
    assert not is_wrong([])


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        (store(workers=()), (ERROR, "no_worker")),
        (store(error="connection refused"), (ERROR, "store")),
        (store(kind="memory", file=None), (ERROR, "memory")),
        (store(schema="they are newer"), (ERROR, "schema")),
        (store(unserved=(("slow", 3),)), (ERROR, "unserved")),
        (store(skew=-7.0), (WARNING, "clock")),
        (store(led=False), (NOTE, "housekeeping")),
        (worker(ahead=9.0), (WARNING, "clock")),
        (replace(worker(old=True, versions=("v1",)), code_version="v2"), (WARNING, "old_code")),
        (worker(versions=("v1",)), (NOTE, "code_version")),
        (replace(WELL, code_version="v2"), (NOTE, "code_version")),
        (worker(version="0.0.9"), (WARNING, "old_horizon")),
        (worker(problems=("no module named shop",)), (WARNING, "worker")),
        (store(warnings=("it keeps nothing: set it to",)), (WARNING, "server")),
        (file(filesystem="nfs4"), (ERROR, "network")),
        (file(journal="delete"), (WARNING, "journal")),
        (file(synchronous="NORMAL"), (NOTE, "synchronous")),
        (file(free=1_000_000), (WARNING, "disk")),
        (file(log=300_000_000), (WARNING, "log")),
        (replace(WELL, imports=(("shop.jobs", "ImportError: no"),)), (ERROR, "import")),
        (replace(WELL, unusable_schedules=(("nightly", "no job is registered as 'x'"),)), (ERROR, "schedule")),
        (replace(WELL, overdue_schedules=("nightly",)), (WARNING, "overdue")),
        (replace(WELL, misspelt=("HORIZON_TIMOUT is not a setting of Horizon",)), (WARNING, "unknown_setting")),
        (replace(WELL, door="nobody"), (WARNING, "closed")),
        (replace(WELL, door="nobody", debug=True), (NOTE, "closed")),
        (replace(WELL, secret_key=False), (WARNING, "secret_key")),
        (replace(WELL, secret_key=False, door="users"), (ERROR, "secret_key")),
        (replace(WELL, settings={"LEASE": 5, "SQLITE_BUSY_TIMEOUT": 10.0}), (WARNING, "settings")),
        (replace(WELL, settings={"KEEP_FAILED": 60, "UNDO": 3600.0}), (WARNING, "settings")),
        (replace(WELL, settings={"MEMORY": 10}), (WARNING, "settings")),
        (replace(WELL, settings={"ADDRESSES": ["sqlite:////a.db", "sqlite:////a.db"]}), (WARNING, "settings")),
    ],
)
def test_each_trouble_is_found_with_a_sentence_and_a_fix(facts: Facts, found: tuple[str, str]) -> None:
    (one,) = examine(facts)
    assert (one.severity, one.code) == found
    assert one.sentence
    assert one.fix
    assert is_wrong([one]) == (found[0] != NOTE)


def test_a_silent_store_does_not_also_have_no_worker() -> None:
    silent = replace(STORE, workers=(), error="gone")
    assert codes(replace(WELL, stores=(silent,))) == [(ERROR, "store")]


def test_where_no_worker_runs_no_queue_is_told_besides_and_the_waiting_are_counted() -> None:
    (one,) = examine(store(workers=(), unserved=(("slow", 3),), waiting=3))
    assert one.sentence == "No worker is running, and 3 jobs wait."


def test_a_worker_of_one_store_does_not_hide_the_queue_that_nobody_serves_in_another() -> None:
    other = StoreFacts(connection="archive", kind="sqlite", location="x", unserved=(("old", 1),))
    (one,) = examine(replace(WELL, stores=(STORE, other)))
    assert "the queue old of archive, where 1 job waits" in one.sentence


def test_the_worst_comes_first() -> None:
    facts = replace(store(led=False, workers=()), door="nobody")
    assert [severity for severity, _ in codes(facts)] == [ERROR, WARNING, NOTE]


def test_the_clock_that_is_behind_and_the_one_before_are_told_apart() -> None:
    assert "7 s behind" in examine(store(skew=-7.0))[0].sentence
    assert "7 s before" in examine(store(skew=7.0))[0].sentence


def test_a_store_that_is_down_comes_with_where_its_jobs_go_meanwhile() -> None:
    silent = replace(STORE, error="refused", instead="database")
    (one,) = examine(replace(WELL, stores=(silent,)))
    assert one.sentence == "The store default does not answer: refused. Jobs dispatched to it go to database meanwhile."


def test_jobs_on_their_way_to_another_store_are_found_with_the_command_that_carries_them() -> None:
    (one,) = examine(store(parked=(("redis", 2),)))
    assert (one.severity, one.code) == (WARNING, "parked")
    assert one.sentence == "2 jobs of default are on the way to redis; no worker takes them meanwhile."
    assert one.fix.endswith("horizon move --from default --to redis")
