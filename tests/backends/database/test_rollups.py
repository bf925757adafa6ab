"""Sums of what is over in a database: what is folded late is added to them, and a long past is summed up a little at a time."""

from __future__ import annotations

from typing import Any

from horizon.backends import rollup
from horizon.backends.database.kernel.ledger import DELTA_COLUMNS, INSERT_DELTA
from horizon.backends.rollup import LEVELS, TEN, pairs_of, steps_of
from horizon.core.clock import DAY, HOUR, MINUTE, SECOND
from tests.conformance.driver import Driver


def count(drive: Driver, at: int, completed: int) -> None:
    """Somebody whose transaction took long commits what happened then."""
    happened = dict.fromkeys(DELTA_COLUMNS, 0) | {"at": at, "queue": "mails", "name": "m:Late", "completed": completed}
    row = tuple({**happened, "runtime": None, "wait": None}.values())
    store: Any = drive.backend
    store._access.write(lambda db: db.run(INSERT_DELTA, row))


def completed(drive: Driver) -> list[tuple[int, int, int]]:
    """Of every roll: its length, the sum of all, and that of the class that came late."""
    return [
        (span, sum(one.completed for one in steps_of(roll)), sum(one.completed for one in pairs_of(roll) if one.name == "m:Late"))
        for span in LEVELS
        for roll in drive.backend.numbers.rolled(span, 0, drive.clock())
        if any(one.completed for one in steps_of(roll))
    ]


def test_what_is_committed_late_is_added_to_every_sum_that_is_there(drive: Driver) -> None:
    drive.clock.at -= drive.clock.at % DAY
    at = drive.clock() + 5 * SECOND
    drive.run(drive.push())
    drive.jump(7 * 3600)
    while drive.backend.tick().more:
        pass
    assert completed(drive) == [(HOUR, 1, 0), (6 * HOUR, 1, 0)]
    before = completed(drive)
    count(drive, at, 3)
    count(drive, at + 2 * MINUTE, 2)
    drive.backend.tick()
    assert completed(drive) == [(span, all_of_it + 5, 5) for span, all_of_it, _ in before]
    (first,) = drive.backend.numbers.rolled(HOUR, 0, at)
    assert sum(one.completed for one in drive.backend.numbers.samples(first.at, first.at + HOUR)) == 6


def test_a_long_past_is_summed_up_a_little_at_a_time(drive: Driver, monkeypatch: Any) -> None:
    monkeypatch.setattr(rollup, "MOST", 3 * rollup.EACH)
    drive.clock.at -= drive.clock.at % DAY
    drive.run(drive.push())
    drive.clock.at += 90 * MINUTE
    drive.open("later")
    drive.backend.tick()
    assert 0 < len(drive.backend.numbers.rolled(TEN, 0, drive.clock())) <= 3
    assert drive.backend.tick().more
    while drive.backend.tick().more:
        pass
    assert len(drive.backend.numbers.rolled(TEN, 0, drive.clock())) == 8
    assert len(drive.backend.numbers.rolled(HOUR, 0, drive.clock())) == 1
