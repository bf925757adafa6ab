from __future__ import annotations

import pytest

from horizon.core.clock import SECOND
from horizon.core.errors import HorizonError, NotFound
from horizon.core.ids import uuid7
from horizon.core.outcome import Kind
from horizon.core.query import JobQuery
from horizon.core.states import JobState
from tests.conformance.driver import Driver, audit, envelope

FAILED = JobQuery(states=(JobState.FAILED,))
PENDING = JobQuery(states=(JobState.PENDING,))


def start(drive: Driver, verb: str, query: JobQuery, **params):
    return drive.backend.operations.start(verb, query, params, actor="ana")


def finish(drive: Driver, id: str):
    """Tick until this operation ended."""
    for _ in range(20):
        drive.backend.tick()
        operation = drive.backend.operations.get(id)
        assert operation is not None
        if operation.state != "running":
            return operation
    raise AssertionError(f"still running: {operation}")


def test_a_stored_operation_waits_for_the_next_tick(drive: Driver) -> None:
    id = drive.push()
    operation = drive.backend.operations.start(
        "cancel", PENDING, {"reason": "sale is over"}, actor="ana", expected=1, audit=audit("cancel", "is:pending")
    )
    assert (operation.verb, operation.query, dict(operation.params)) == ("cancel", PENDING, {"reason": "sale is over"})
    assert (operation.actor, operation.state, operation.expected, operation.created_at) == ("ana", "running", 1, drive.clock())
    assert (operation.finished_at, operation.done, operation.skipped) == (None, 0, 0)
    assert drive.state(id) == "pending"
    assert drive.backend.operations.get(operation.id) == operation
    assert [entry.verb for entry in drive.backend.audit.list()] == ["cancel"]
    done = finish(drive, operation.id)
    assert (done.state, done.done, done.skipped, done.finished_at) == ("done", 1, 0, drive.clock())
    assert (drive.state(id), drive.get(id).reason) == ("cancelled", "sale is over")


def test_an_operation_carries_on_over_more_rows_than_one_act_takes(drive: Driver) -> None:
    drive.backend.push([envelope() for _ in range(1100)])
    operation = start(drive, "cancel", PENDING)
    drive.backend.tick()
    assert drive.counts() == {"cancelled": 500, "pending": 600}
    assert finish(drive, operation.id).done == 1100
    assert drive.counts() == {"cancelled": 1100}


def test_an_operation_can_be_driven_step_by_step(drive: Driver) -> None:
    drive.push_many(3)
    operation = start(drive, "cancel", PENDING)
    steps = [drive.backend.operations.step() for _ in range(3)]
    assert (sum(steps), steps[-1]) == (3, 0)
    got = drive.backend.operations.get(operation.id)
    assert got is not None
    assert got.state == "done"
    assert drive.backend.operations.step() == 0


def test_an_operation_acts_only_on_what_existed_when_it_was_stored(drive: Driver) -> None:
    old = drive.push_many(3)
    operation = start(drive, "cancel", PENDING)
    new = drive.push_many(2)
    assert finish(drive, operation.id).done == 3
    assert drive.states(*old, *new) == ["cancelled"] * 3 + ["pending"] * 2


def test_a_job_that_fails_again_meanwhile_is_retried_once(drive: Driver) -> None:
    ids = drive.push_many(3)
    for id in ids:
        drive.run(id, Kind.FAILED)
    operation = start(drive, "retry", FAILED)
    drive.backend.operations.step()
    for id in ids:
        drive.run(id, Kind.FAILED)
    assert finish(drive, operation.id).done == 3
    assert [drive.get(id).round for id in ids] == [1, 1, 1]
    assert drive.counts() == {"failed": 3}


def test_what_could_not_be_touched_is_counted_by_reason(drive: Driver) -> None:
    drive.push_many(2)
    drive.push(delay=60 * SECOND)
    operation = start(drive, "run_now", JobQuery(queue="mails"))
    done = finish(drive, operation.id)
    assert (done.done, done.skipped) == (1, 2)
    assert list(done.reasons.values()) == [2]


def test_a_stopped_operation_goes_no_further(drive: Driver) -> None:
    drive.backend.push([envelope() for _ in range(700)])
    operation = start(drive, "cancel", PENDING)
    drive.backend.tick()
    stopped = drive.backend.operations.stop(operation.id, audit=audit("stop", operation.id))
    assert (stopped.state, stopped.done, stopped.finished_at) == ("stopped", 500, drive.clock())
    drive.backend.tick()
    assert drive.counts() == {"cancelled": 500, "pending": 200}
    assert [entry.verb for entry in drive.backend.audit.list()] == ["stop"]


def test_stopping_what_is_done_leaves_it_done(drive: Driver) -> None:
    operation = start(drive, "cancel", PENDING)
    finish(drive, operation.id)
    assert drive.backend.operations.stop(operation.id).state == "done"


def test_stopping_an_operation_that_is_not_there_is_an_error(drive: Driver) -> None:
    with pytest.raises(NotFound):
        drive.backend.operations.stop(uuid7())
    assert drive.backend.operations.get(uuid7()) is None


def test_operations_are_listed_newest_first(drive: Driver) -> None:
    made = [start(drive, "cancel", PENDING).id for _ in range(3)]
    assert [operation.id for operation in drive.backend.operations.list()] == made[::-1]
    assert [operation.id for operation in drive.backend.operations.list(limit=1)] == made[:0:-2]


def test_several_operations_come_to_an_end_one_after_the_other(drive: Driver) -> None:
    drive.push_many(2, queue="a")
    drive.push_many(2, queue="b")
    first = start(drive, "cancel", JobQuery(queue="a"))
    second = start(drive, "move", JobQuery(queue="b"), queue="c")
    assert finish(drive, first.id).done == 2
    assert finish(drive, second.id).done == 2
    assert (drive.counts("a"), drive.counts("c")) == ({"cancelled": 2}, {"pending": 2})


def test_an_operation_with_a_narrow_search_reaches_every_match(drive: Driver) -> None:
    drive.push_many(6, payload=b'{"args":{"to":"somebody"}}')
    hit = drive.push(payload=b'{"args":{"to":"zoe"}}')
    operation = start(drive, "cancel", JobQuery(queue="mails", arg="zoe"))
    assert finish(drive, operation.id).done == 1
    assert drive.state(hit) == "cancelled"
    assert drive.counts() == {"cancelled": 1, "pending": 6}


@pytest.mark.parametrize(
    ("verb", "params"), [("explode", {}), ("prioritize", {"priority": 1000}), ("move", {}), ("cancel", {"colour": "red"})]
)
def test_an_operation_that_makes_no_sense_is_refused(drive: Driver, verb: str, params) -> None:
    with pytest.raises(HorizonError):
        start(drive, verb, PENDING, **params)
    assert list(drive.backend.operations.list()) == []


# at a pace ------------------------------------------------------------------------------------------


def steps(drive: Driver, seconds: float) -> int:
    drive.clock.advance(seconds)
    return drive.backend.operations.step()


def test_an_operation_with_a_pace_goes_on_evenly(drive: Driver) -> None:
    drive.push_many(100)
    operation = start(drive, "cancel", PENDING, per_second=20)
    assert drive.backend.operations.step() == 0
    assert [steps(drive, 1), drive.backend.operations.step(), steps(drive, 0.5), steps(drive, 1.25)] == [20, 0, 10, 25]
    assert drive.counts() == {"cancelled": 55, "pending": 45}
    got = drive.backend.operations.get(operation.id)
    assert got is not None
    assert (got.state, got.done, dict(got.params)) == ("running", 55, {"per_second": 20})


def test_an_operation_with_a_pace_comes_to_its_end(drive: Driver) -> None:
    drive.push_many(5)
    operation = start(drive, "cancel", PENDING, per_second=2)
    for _ in range(6):
        steps(drive, 1)
    got = drive.backend.operations.get(operation.id)
    assert got is not None
    assert (got.state, got.done) == ("done", 5)


def test_what_nobody_drove_for_long_does_not_come_as_a_flood(drive: Driver) -> None:
    drive.push_many(60)
    start(drive, "cancel", PENDING, per_second=10)
    assert steps(drive, 600) == 20
    assert steps(drive, 0) == 0


def test_an_operation_that_waits_for_its_pace_keeps_no_other_waiting_and_no_tick_busy(drive: Driver) -> None:
    drive.push_many(3)
    slow = start(drive, "cancel", PENDING, per_second=1)
    quick = start(drive, "prioritize", PENDING, priority=5)
    assert drive.backend.tick().operated == 3
    finished = finish(drive, quick.id)
    assert (finished.state, finished.done) == ("done", 3)
    assert drive.backend.tick().more is False
    waiting = drive.backend.operations.get(slow.id)
    assert waiting is not None
    assert (waiting.state, waiting.done) == ("running", 0)


def test_an_operation_with_a_pace_is_stopped_like_any_other(drive: Driver) -> None:
    drive.push_many(3)
    operation = start(drive, "cancel", PENDING, per_second=1)
    steps(drive, 1)
    assert drive.backend.operations.stop(operation.id).state == "stopped"
    assert steps(drive, 5) == 0
    assert drive.counts() == {"cancelled": 1, "pending": 2}


def test_what_is_no_pace_is_refused(drive: Driver) -> None:
    with pytest.raises(HorizonError, match="per_second is how many jobs a second"):
        start(drive, "cancel", PENDING, per_second=0)
    assert list(drive.backend.operations.list()) == []
