from __future__ import annotations

import pytest

from horizon.backends.values import DUE_IN_PASSING, Verb
from horizon.core.clock import HOUR, SECOND
from horizon.core.outcome import Kind
from tests.conformance.driver import Driver, after, audit, envelope

PART = 500
"""Jobs that one tick promotes at the most."""

# what is due ----------------------------------------------------------------------------------------


def test_a_tick_promotes_what_is_due_and_nothing_else(drive: Driver) -> None:
    due, later = drive.push(delay=5 * SECOND), drive.push(delay=6 * SECOND)
    drive.clock.advance(5)
    ticked = drive.backend.tick()
    assert (ticked.promoted, ticked.next_due, ticked.more) == (1, drive.clock() + SECOND, False)
    assert drive.states(due, later) == ["pending", "scheduled"]


def test_retrying_jobs_become_pending_when_their_wait_is_over(drive: Driver) -> None:
    id = drive.push()
    drive.retry(drive.take(), delay=10)
    drive.clock.advance(10)
    assert drive.backend.tick().promoted == 1
    assert drive.state(id) == "pending"


def test_a_tick_is_bounded_and_says_that_there_is_more(drive: Driver) -> None:
    drive.push_many(7, delay=SECOND)
    drive.clock.advance(1)
    ticked = drive.backend.tick(limit=5)
    assert (ticked.promoted, ticked.more) == (5, True)
    assert drive.backend.tick(limit=5).promoted == 2
    assert drive.counts() == {"pending": 7}


@pytest.mark.parametrize("thousands", [2, pytest.param(20, marks=pytest.mark.slow)])
def test_of_thousands_that_are_due_at_once_each_act_takes_a_part_and_whoever_comes_beside_them_waits_for_none(
    drive: Driver, thousands: int
) -> None:
    ids = [id for _ in range(thousands) for id in drive.push_many(1000, delay=5 * SECOND)]
    waiting = drive.push()
    drive.clock.advance(5)
    assert [one.id for one in drive.reserve(1, executor=1)] == [waiting], "a turn beside them is served"
    first = drive.counts()["pending"]
    assert 0 < first <= DUE_IN_PASSING, "and has brought a part of them on its way"
    beside = drive.push(priority=5)
    assert [one.id for one in drive.reserve(1, executor=2)] == [beside], "what is more urgent does not wait for the rest"
    assert drive.counts()["pending"] <= 2 * DUE_IN_PASSING
    steps = 0
    while (ticked := drive.backend.tick()).more:
        assert ticked.promoted <= PART
        steps += 1
    assert steps >= len(ids) // PART - 2
    assert drive.counts() == {"pending": len(ids), "processing": 2}
    assert [one.id for one in drive.reserve(7, executor=3)] == ids[:7]


def test_jobs_are_promoted_in_the_order_of_their_times(drive: Driver) -> None:
    late, early = drive.push(delay=9 * SECOND), drive.push(delay=3 * SECOND)
    drive.clock.advance(4)
    drive.backend.tick()
    drive.clock.advance(6)
    drive.backend.tick()
    assert [r.id for r in drive.reserve(2)] == [early, late]


def test_a_tick_with_nothing_to_do_does_nothing(drive: Driver) -> None:
    drive.backend.tick()
    ticked = drive.backend.tick()
    assert (ticked.promoted, ticked.reaped, ticked.admitted, ticked.trimmed, ticked.operated) == (0, 0, 0, 0, 0)
    assert (ticked.next_due, ticked.more) == (None, False)


def test_a_tick_tells_how_many_jobs_dead_sessions_held(drive: Driver) -> None:
    drive.push_many(3)
    drive.reserve(3)
    reaped = 0
    for _ in range(17):
        drive.clock.advance(1)
        reaped += drive.backend.tick().reaped
    assert reaped == 3


# retention ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("end", "hours"), [(Kind.COMPLETED, 2), (Kind.FAILED, 4), (Kind.CANCELLED, 3)])
def test_ended_jobs_are_kept_as_long_as_their_setting_says(open_driver, retention, end: Kind, hours: int) -> None:
    drive = open_driver(retention=retention)
    id = drive.push()
    drive.run(id, end)
    drive.jump(hours * 3600 - 1)
    assert drive.backend.get(id) is not None
    ticked = drive.jump(1)
    assert ticked.trimmed == 1
    assert drive.backend.get(id) is None
    assert drive.found() == []
    assert drive.counts() == {}
    assert dict(drive.backend.numbers.recount()) == {}


def test_of_too_many_completed_jobs_the_oldest_go(open_driver, retention) -> None:
    drive = open_driver(retention=retention)
    ids = drive.push_many(8)
    for id in ids:
        drive.clock.advance(1)
        drive.run(id)
    drive.clock.advance(61)
    drive.backend.tick()
    assert [id for id in ids if drive.backend.get(id)] == ids[3:]


def test_no_job_younger_than_a_minute_is_trimmed(open_driver, retention) -> None:
    drive = open_driver(retention=retention)
    for id in drive.push_many(8):
        drive.run(id)
    drive.clock.advance(59)
    drive.backend.tick()
    assert drive.counts() == {"completed": 8}
    drive.clock.advance(2)
    drive.backend.tick()
    assert drive.counts() == {"completed": 5}


def test_live_jobs_are_never_trimmed(open_driver, retention) -> None:
    drive = open_driver(retention=retention)
    pending = drive.push()
    later = drive.push(delay=999 * HOUR)
    drive.jump(100 * 3600)
    assert drive.states(pending, later) == ["pending", "scheduled"]


def test_a_record_that_a_live_job_waits_for_stays(open_driver, retention) -> None:
    drive = open_driver(retention=retention)
    first, second = drive.push(), drive.push(delay=50 * HOUR)
    child = drive.push(edges=after(first, second))
    drive.run(first)
    drive.jump(10 * 3600)
    assert drive.states(first, child) == ["completed", "blocked"]
    drive.jump(41 * 3600)
    drive.run(second)
    drive.run(child)
    drive.jump(3 * 3600)
    assert [drive.backend.get(id) for id in (first, second, child)] == [None, None, None]


def test_a_forgotten_record_is_removed_when_the_time_to_restore_it_is_over(open_driver, retention) -> None:
    drive = open_driver(retention=retention)
    id = drive.push()
    drive.run(id, Kind.FAILED)
    drive.clock.advance(120)
    drive.did(Verb.FORGET, id)
    drive.jump(3599)
    assert drive.get(id).forgotten
    assert drive.jump(1).trimmed == 1
    assert drive.backend.get(id) is None


def test_trimming_is_bounded(open_driver, retention) -> None:
    drive = open_driver(retention=retention)
    for id in drive.push_many(9):
        drive.run(id, Kind.FAILED)
    drive.clock.advance(5 * 3600)
    assert drive.backend.tick(limit=4).trimmed == 4
    assert drive.counts() == {"failed": 5}


def test_old_audit_entries_are_trimmed(open_driver, retention) -> None:
    drive = open_driver(retention=retention)
    drive.backend.audit.append(audit("old"))
    drive.clock.advance(5 * 3600)
    drive.backend.audit.append(audit("new"))
    drive.jump(3600 + 1)
    assert [entry.verb for entry in drive.backend.audit.list()] == ["new"]


def test_ended_sessions_are_forgotten_in_the_end(open_driver, retention) -> None:
    drive = open_driver(retention=retention)
    start = drive.clock()
    drive.backend.sessions.close("w")
    drive.jump(23 * 3600)
    assert len(drive.backend.sessions.list(dead_since=start)) == 1
    drive.jump(2 * 3600)
    drive.jump(60)
    assert list(drive.backend.sessions.list(dead_since=start)) == []


# what a store never does ----------------------------------------------------------------------------


def test_a_pushed_job_survives_any_number_of_ticks(drive: Driver) -> None:
    made = envelope()
    drive.backend.push([made])
    drive.pass_time(40)
    drive.open("other")
    assert drive.take(made.id, session="other").attempt == 1
