"""Sums of what is over: at every length they are the sums of what happened, whoever folded it and however late."""

from __future__ import annotations

import random
from collections.abc import Iterable

import pytest

from horizon.backends.rollup import LEVELS, TEN, Roll, pairs_of, steps_of
from horizon.backends.values import Sample
from horizon.core.clock import DAY, HOUR, MINUTE, SECOND, Micros
from horizon.core.histogram import Histogram
from horizon.core.outcome import Kind
from tests.conformance.driver import Driver


def told(samples: Iterable[Sample], step: Micros, *, apart: bool = True) -> dict[tuple[object, ...], object]:
    """(beginning of the step, queue, class) → everything that is known of it."""
    found: dict[tuple[object, ...], list[Sample]] = {}
    for one in samples:
        found.setdefault((one.minute - one.minute % step, *((one.queue, one.name) if apart else ())), []).append(one)
    return {key: _told(few) for key, few in found.items()}


def _told(few: list[Sample]) -> object:
    counts = [sum(getattr(one, what) for one in few) for what in ("pushed", "completed", "failed", "cancelled", "retried")]
    runtime, wait = Histogram(), Histogram()
    for one in few:
        runtime.merge(one.runtime)
        wait.merge(one.wait)
    return counts, max(one.memory_kb for one in few), *((h.count, h.total, h.peak, dict(h.buckets)) for h in (runtime, wait))


def busy(drive: Driver, chance: random.Random) -> None:
    """A few jobs of a few classes on a few queues come and end."""
    for _ in range(chance.randrange(4)):
        drive.push(queue=chance.choice("ab"), name=chance.choice(("m:X", "m:Y")))
    drive.clock.advance(chance.randrange(1, 5))
    for got in drive.reserve(chance.randrange(1, 4)):
        kind = chance.choice((Kind.COMPLETED, Kind.FAILED, Kind.RETRY, Kind.CANCELLED))
        drive.settle(got, kind, runtime=chance.randrange(1, 9) * SECOND, memory_kb=chance.randrange(900), delay=1)


def settle(drive: Driver) -> None:
    """Tick until there is nothing left to do."""
    while drive.backend.tick().more:
        pass


def rolls(drive: Driver, span: Micros) -> list[Roll]:
    return list(drive.backend.numbers.rolled(span, 0, drive.clock() + 1))


def agree(drive: Driver) -> int:
    """Every roll there is says what the samples say; how many there are."""
    seen = 0
    for span in LEVELS:
        for one in rolls(drive, span):
            samples = list(drive.backend.numbers.samples(one.at, one.at + span))
            assert told(pairs_of(one), span) == told(samples, span), (span, one.at)
            step = MINUTE if span == TEN else span
            assert told(steps_of(one), step, apart=False) == told(samples, step, apart=False)
            seen += 1
    return seen


@pytest.mark.parametrize("seed", range(2))
def test_sums_of_what_is_over_are_those_of_what_happened(drive: Driver, seed: int) -> None:
    chance = random.Random(seed)
    drive.clock.at -= drive.clock.at % DAY - 22 * HOUR
    for _ in range(14):
        busy(drive, chance)
        drive.jump(chance.choice((20, 60, 300, 600, 1800, 3600)))
        settle(drive)
        agree(drive)
    drive.jump(3 * 3600)
    settle(drive)
    assert agree(drive) > 20
    assert [len(rolls(drive, span)) > 0 for span in LEVELS[:3]] == [True] * 3


def test_sums_stay_those_of_what_happened_while_minutes_become_hours_and_days(drive: Driver) -> None:
    chance = random.Random(7)
    drive.clock.at -= drive.clock.at % (10 * DAY)
    for hours in (1, 2, 5, 20, 30, 24 * 8, 24 * 3, 24 * 12):
        for _ in range(3):
            busy(drive, chance)
        drive.jump(hours * 3600)
        settle(drive)
        agree(drive)
    assert rolls(drive, 10 * DAY)
    assert all(one.at >= drive.clock() - 3 * HOUR for one in rolls(drive, TEN))
    assert all(one.at >= drive.clock() - 8 * DAY for one in rolls(drive, HOUR))


def test_what_is_over_is_written_once_and_not_before(drive: Driver) -> None:
    drive.clock.at -= drive.clock.at % HOUR
    busy(drive, random.Random(1))
    drive.push()
    drive.jump(600)
    settle(drive)
    assert rolls(drive, TEN) == []
    drive.jump(180)
    settle(drive)
    (one,) = rolls(drive, TEN)
    assert [step.pushed for step in steps_of(one)] == [sum(sample.pushed for sample in drive.backend.numbers.samples(one.at, one.at + TEN))]
    assert drive.backend.numbers.rolled(TEN, 0, drive.clock(), pairs=False)[0].pairs == b""
    settle(drive)
    assert rolls(drive, TEN) == [one]


def test_a_store_in_which_nothing_happened_writes_nothing(drive: Driver) -> None:
    drive.jump(7200)
    settle(drive)
    assert [rolls(drive, span) for span in LEVELS] == [[]] * len(LEVELS)


def test_where_the_clock_was_set_back_the_sums_are_written_anew(drive: Driver) -> None:
    drive.clock.at -= drive.clock.at % HOUR - 2 * HOUR
    drive.push()
    drive.jump(3 * 3600)
    settle(drive)
    assert agree(drive)
    drive.clock.at -= 2 * HOUR + 50 * MINUTE
    drive.open("again")
    settle(drive)
    drive.push(name="m:Late")
    settle(drive)
    drive.jump(3600)
    settle(drive)
    assert agree(drive)
    assert any(sample.name == "m:Late" for one in rolls(drive, TEN) for sample in pairs_of(one))
