"""Operations that try a few jobs first, and stop by themselves where too many fail again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from horizon.backends.connect import connect
from horizon.backends.values import Operation, StoreOptions
from horizon.core.errors import HorizonError
from horizon.core.outcome import Kind
from horizon.core.query import JobQuery
from horizon.core.states import JobState
from tests.conformance.driver import Driver, url_of

FAILED = JobQuery(states=(JobState.FAILED,))


def failed(drive: Driver, count: int) -> list[str]:
    """Jobs that failed for good."""
    ids = drive.push_many(count)
    drive.settle_all(drive.reserve(count), Kind.FAILED)
    return ids


def start(drive: Driver, query: JobQuery = FAILED, verb: str = "retry", **params: object) -> Operation:
    return drive.backend.operations.start(verb, query, params, actor="ana")


def look(drive: Driver, one: Operation) -> Operation:
    """It, once it was driven as far as it goes now."""
    for _ in range(6):
        drive.backend.operations.step()
    found = drive.backend.operations.get(one.id)
    assert found is not None
    return found


def end(drive: Driver, count: int, kind: Kind = Kind.COMPLETED, **more: object) -> None:
    """So many jobs that were put to work end."""
    drive.settle_all(drive.reserve(count), kind, **more)


def test_a_canary_is_put_to_work_alone_and_waits_for_a_worker(drive: Driver) -> None:
    failed(drive, 30)
    one = look(drive, start(drive, canary=10))
    assert (one.state, one.done, len(one.trace.watch)) == ("running", 10, 10)
    assert drive.counts() == {"failed": 20, "pending": 10}
    assert drive.backend.tick().more is False  # nothing moves before a worker does: no tick is kept busy
    assert look(drive, one).done == 10


def test_after_a_canary_that_went_well_it_goes_on_by_itself(drive: Driver) -> None:
    failed(drive, 30)
    one = look(drive, start(drive, canary=10))
    end(drive, 8)
    end(drive, 1, Kind.FAILED)
    assert look(drive, one).done == 10
    end(drive, 1, Kind.FAILED)
    one = look(drive, one)
    assert (one.state, one.trace.passed, one.trace.fine, one.trace.again) == ("done", True, 8, 2)
    assert one.done == 30  # without the two that failed again: nothing is retried twice


def test_a_canary_that_fails_stops_it_and_says_so(drive: Driver) -> None:
    failed(drive, 30)
    one = look(drive, start(drive, canary=10))
    end(drive, 3, Kind.FAILED)
    one = look(drive, one)
    assert (one.state, one.done, one.finished_at) == ("stopped", 10, drive.clock())
    assert one.trace.stopped == "3 of the first 10 failed again, more than 20 %"
    assert len(one.trace.failed) == 3
    (said,) = drive.backend.audit.list()
    assert (said.actor, said.verb, said.target, said.detail) == ("horizon", "stop", f"operation:{one.id}", one.trace.stopped)
    end(drive, 7)
    assert look(drive, one).done == 10


def test_a_try_that_failed_counts_though_the_job_comes_again(drive: Driver) -> None:
    failed(drive, 12)
    one = look(drive, start(drive, canary=4, stop_at=50))
    end(drive, 3, Kind.RETRY, delay=600)
    assert look(drive, one).trace.stopped == "3 of the first 4 failed again, more than 50 %"


def test_what_somebody_cancels_is_no_failure(drive: Driver) -> None:
    failed(drive, 6)
    one = look(drive, start(drive, canary=2))
    for id in one.trace.watch:
        drive.act("cancel", id)
    one = look(drive, one)
    assert (one.state, one.done, one.trace.fine) == ("done", 6, 2)


def test_it_stops_by_itself_when_too_many_of_the_latest_fail(drive: Driver) -> None:
    failed(drive, 300)
    one = look(drive, start(drive, stop_at=20))
    assert (one.done, len(one.trace.watch)) == (200, 200)  # no more ahead of what is known
    end(drive, 19, Kind.FAILED)
    assert look(drive, one).state == "running"  # too few to tell
    end(drive, 1, Kind.FAILED)
    assert look(drive, one).trace.stopped == "20 of the latest 20 failed again, more than 20 %"


def test_it_goes_on_while_few_enough_fail(drive: Driver) -> None:
    failed(drive, 260)
    one = look(drive, start(drive, stop_at=20))
    end(drive, 45)
    end(drive, 5, Kind.FAILED)
    one = look(drive, one)
    assert (one.state, one.done, one.trace.fine, one.trace.again) == ("running", 250, 45, 5)
    end(drive, 20, Kind.FAILED)
    one = look(drive, one)
    assert (one.state, one.trace.stopped) == ("stopped", "25 of the latest 70 failed again, more than 20 %")


def test_another_process_carries_it_on_from_where_the_first_died(drive: Driver, kind: str, tmp_path: Path) -> None:
    failed(drive, 12)
    one = start(drive, canary=5)
    drive.backend.operations.step()
    end(drive, 5)
    other = drive.backend if kind == "memory" else connect(url_of(kind, tmp_path), StoreOptions(clock=drive.clock))
    for _ in range(4):
        other.operations.step()
    found = other.operations.get(one.id)
    assert found is not None
    assert (found.state, found.done, found.trace.fine, found.trace.passed) == ("done", 12, 5, True)
    if other is not drive.backend:
        other.close()


def test_two_that_drive_it_at_once_count_nothing_twice(drive: Driver) -> None:
    failed(drive, 40)
    one = start(drive, canary=10)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: drive.backend.operations.step(), range(8)))
    end(drive, 10)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: drive.backend.operations.step(), range(8)))
    one = look(drive, one)
    assert (one.done, one.trace.fine, one.trace.again, drive.counts()) == (40, 10, 0, {"completed": 10, "pending": 30})


def test_a_canary_that_never_ends_can_be_stopped_by_hand(drive: Driver) -> None:
    failed(drive, 8)
    one = look(drive, start(drive, canary=3))
    assert drive.backend.operations.stop(one.id).state == "stopped"
    end(drive, 3)
    assert look(drive, one).done == 3


def test_an_operation_that_waits_for_its_canary_keeps_no_other_waiting(drive: Driver) -> None:
    failed(drive, 8)
    slow = look(drive, start(drive, canary=3))
    quick = look(drive, start(drive, FAILED, "forget"))
    assert (quick.state, look(drive, slow).state) == ("done", "running")


def test_its_first_jobs_and_those_left_alone_can_be_looked_at(drive: Driver) -> None:
    waiting = drive.push_many(5)
    done = drive.push(delay=60_000_000)
    one = look(drive, start(drive, JobQuery(queue="mails"), "run_now"))
    assert one.trace.acted == (done,)
    ((reason, ids),) = one.trace.left.items()
    assert (one.reasons[reason], set(ids) <= set(waiting), len(ids)) == (5, True, 3)
    assert drive.backend.operations.list()[0].trace.acted == ()  # a list is light


@pytest.mark.parametrize(
    ("verb", "params"), [("retry", {"canary": 0}), ("retry", {"canary": 1_000}), ("retry", {"stop_at": 100}), ("cancel", {"canary": 10})]
)
def test_a_guard_that_makes_no_sense_is_refused(drive: Driver, verb: str, params: dict[str, object]) -> None:
    with pytest.raises(HorizonError):
        start(drive, verb=verb, **params)
