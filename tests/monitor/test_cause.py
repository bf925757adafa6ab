"""One cause of failure, looked at in a store."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from horizon.backends.memory.backend import MemoryBackend
from horizon.backends.spread import Spread
from horizon.backends.values import StoreOptions
from horizon.core.clock import DAY, SECOND, ManualClock
from horizon.core.outcome import Kind
from horizon.monitor import cause as looking
from tests.conformance.driver import LEASE, Driver, error


class Only:
    """One store and no other."""

    def __init__(self, store: MemoryBackend) -> None:
        self.store = store

    def backend(self, connection: str | None = None) -> MemoryBackend:
        return self.store


@pytest.fixture
def drive() -> Driver:
    clock = ManualClock()
    return Driver(MemoryBackend("default", StoreOptions(clock=clock, lease=LEASE)), clock)


def fail(drive: Driver, times: int) -> None:
    """So many jobs of one cause, a second apart."""
    for _ in range(times):
        drive.push(max_tries=1, code_version="v1")
        drive.run(kind=Kind.FAILED, error=error(cause="c"))
        drive.clock.advance(1)


def look(drive: Driver, spread: Mapping[str, Spread]) -> tuple[list[str], looking.OneCause]:
    """(what was asked for, the cause)"""
    asked: list[str] = []

    def told() -> Mapping[str, Spread]:
        asked.append("spread")
        return spread

    store = drive.backend
    assert isinstance(store, MemoryBackend)
    return asked, looking.look(Only(store), store, "c", store.now(), spread=told)


def test_how_a_few_failures_spread_is_read_from_themselves(drive: Driver) -> None:
    fail(drive, 3)
    asked, found = look(drive, {})
    assert (asked, found.group.total, sum(found.group.trend), found.group.by_version) == ([], 3, 3, (("v1", 3),))


def test_how_many_failures_spread_is_asked_of_the_store(drive: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "ALIKE", 2)
    fail(drive, 3)
    asked, found = look(drive, {"c": Spread(trend=(1, 2), by_version=(("v1", 3),))})
    assert (asked, found.group.trend) == (["spread"], (1, 2))


def test_a_trend_of_thirty_days_leaves_out_what_is_older(drive: Driver) -> None:
    fail(drive, 2)
    drive.clock.advance(31 * DAY / SECOND)
    drive.open("again")
    drive.push(max_tries=1)
    (one,) = drive.reserve(session="again")
    drive.settle(one, Kind.FAILED, error=error(cause="c"))
    _, found = look(drive, {})
    assert (found.group.total, found.group.trend[0], found.group.trend[-1]) == (3, 0, 1)
