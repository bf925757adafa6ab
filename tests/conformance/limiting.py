"""What the tests of limits share."""

from __future__ import annotations

from typing import Any

from horizon.core.clock import MINUTE, SECOND, Micros
from horizon.core.limit import Limit, LimitRecord
from tests.conformance.driver import Driver

TIMED = ("sliding", "fixed", "bucket")


def limit(most: int = 2, key: str = "smtp", *, per: Micros = MINUTE, strategy: str = "sliding") -> Limit:
    """At most so many a minute."""
    return Limit(key=key, most=most, per=per, strategy=strategy)


def at_a_time(most: int = 1, key: str = "door") -> Limit:
    """At most so many at a time."""
    return Limit(key=key, most=most, strategy="concurrent")


def at_a_full_minute(drive: Driver) -> Driver:
    """So that slices and windows begin now."""
    drive.clock.advance(60 - drive.clock.at // SECOND % 60)
    return drive


def limited(drive: Driver, count: int, *limits: Limit, **options: Any) -> list[str]:
    """Push so many jobs with these limits; their ids in order."""
    return drive.push_many(count, limits=limits, **options)


def known(drive: Driver, key: str) -> LimitRecord:
    """A limit that the store must know."""
    found = drive.backend.limits.get(key)
    assert found is not None, f"the store knows no limit {key!r}"
    return found


def parked(drive: Driver, *ids: str) -> list[bool]:
    """Whether each of these waits for a limit; a parked one must say so in all the ways there are."""
    answers = []
    for id in ids:
        record = drive.get(id)
        waits = record.waits_for_limit is not None
        assert not waits or (str(record.state), record.waits_for_limit in (record.reason or "")) == ("scheduled", True), record
        answers.append(waits)
    return answers


def at_rest(drive: Driver) -> None:
    """Housekeeping until nothing is left to do; then every figure must be true."""
    for _ in range(50):
        if not drive.backend.tick().more:
            break
    assert drive.backend.numbers.recount() == {}
