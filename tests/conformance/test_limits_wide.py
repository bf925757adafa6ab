"""Very many jobs that wait for a limit: they cost nothing while they wait, and go on by and by when much is allowed at once."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

from horizon.core.clock import SECOND
from tests.conformance.driver import LEASE, Driver
from tests.conformance.limiting import at_a_full_minute, at_a_time, at_rest, known, limit, limited

FEW, MANY = 20, 2_000


@pytest.fixture
def drive(drive: Driver) -> Driver:
    """At the beginning of a minute, so that figures are round."""
    return at_a_full_minute(drive)


def commands(drive: Driver) -> int:
    """What a store has done on its own side, where it counts that."""
    link = getattr(drive.backend, "_link", None)
    if link is None:
        return 0
    lines = link.call("INFO", "commandstats").decode().splitlines()
    return sum(int(line.split("calls=")[1].split(",")[0]) for line in lines if line.startswith("cmdstat_"))


def effort(drive: Driver, work: Callable[[], object]) -> int:
    """Calls that some work takes, here and on the side of the store: each statement and each row is at least one."""
    calls = 0

    def count(frame: Any, event: str, argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    work()  # the first time has to look up more
    before = commands(drive)
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return calls + commands(drive) - before


def turns(drive: Driver) -> Callable[[], None]:
    """Plain jobs are taken and completed while others wait."""

    def work() -> None:
        drive.backend.sessions.renew("w", LEASE)
        drive.push_many(10)
        for _ in range(10):
            drive.clock.advance(0.01)
            drive.run()
        assert drive.reserve(1) == []

    return work


def openings(drive: Driver) -> Callable[[], None]:
    """Again and again there is room for one."""

    def work() -> None:
        for _ in range(3):
            drive.clock.advance(10)
            drive.backend.sessions.renew("w", LEASE)
            (got,) = drive.reserve(5)
            drive.complete(got)

    return work


@pytest.mark.parametrize("work", [turns, openings], ids=lambda work: work.__name__)
def test_however_many_wait_for_a_limit_nobody_looks_at_them(drive: Driver, work: Callable[[Driver], Callable[[], None]]) -> None:
    given = limit(1, per=9 * SECOND)
    limited(drive, FEW, given, priority=5)
    drive.run()
    few = effort(drive, work(drive))
    for _ in range(MANY // 500):
        limited(drive, 500, given, priority=5)
    drive.clock.advance(10)
    drive.backend.sessions.renew("w", LEASE)
    drive.run()
    assert effort(drive, work(drive)) < 1.3 * few
    assert known(drive, "smtp").waiting > MANY


def test_when_much_is_allowed_at_once_all_go_on_by_and_by(drive: Driver) -> None:
    limited(drive, 800, limit(1))
    limited(drive, 400, limit(1), queue="other")
    drive.backend.limits.define([limit(5_000)])
    at_rest(drive)
    assert (drive.counts(), drive.counts("other")) == ({"pending": 800}, {"pending": 400})


def test_turns_alone_let_them_go_on(drive: Driver) -> None:
    limited(drive, 800, at_a_time(1))
    drive.backend.limits.define([at_a_time(5_000)])
    for _ in range(10):
        drive.clock.advance(1)
        drive.backend.turn([])
    assert drive.counts() == {"pending": 800}


def test_very_many_limits_of_one_job_each_go_on_when_their_time_comes(drive: Driver) -> None:
    for number in range(60):
        limited(drive, 2, limit(1, f"user {number}"), limit(500, "all"))
    first = drive.reserve(100)
    drive.settle_all(first)
    assert (len(first), drive.reserve(100)) == (60, [])
    drive.clock.advance(66)
    at_rest(drive)
    assert len(drive.reserve(100)) == 60
