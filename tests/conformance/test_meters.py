from __future__ import annotations

import random

import pytest

from horizon.backends.people import Taken
from horizon.core.clock import MINUTE, SECOND
from tests.conformance.driver import Driver

SLICE = 6
"""Seconds: a tenth of a minute."""


@pytest.fixture
def drive(drive: Driver) -> Driver:
    """At the beginning of a slice, so that figures are round."""
    drive.clock.advance(SLICE - drive.clock.at // SECOND % SLICE)
    return drive


def test_so_many_are_granted_and_no_more_until_the_first_are_long_enough_ago(drive: Driver) -> None:
    take = drive.backend.meters.take
    assert [take("ana", 3, MINUTE).granted for _ in range(5)] == [1, 1, 1, 0, 0]
    drive.clock.advance(65)
    assert take("ana", 3, MINUTE) == Taken(granted=0, retry_after=SECOND, good_for=SECOND)
    drive.clock.advance(1)
    assert take("ana", 3, MINUTE) == Taken(granted=1, retry_after=0, good_for=SLICE * SECOND)


def test_the_end_of_a_minute_is_no_door_for_twice_as_many(drive: Driver) -> None:
    take = drive.backend.meters.take
    drive.clock.advance(59)
    assert take("ana", 10, MINUTE, 10).granted == 10
    drive.clock.advance(2)
    assert take("ana", 10, MINUTE, 10).granted == 0


def test_within_any_stretch_no_more_than_the_limit_is_granted(drive: Driver) -> None:
    chance, granted = random.Random(7), []
    for _ in range(300):
        drive.clock.advance(chance.choice((0, 0.5, 1, 3, 11)))
        count = chance.randint(1, 5)
        granted += [drive.clock.at] * drive.backend.meters.take("ana", 12, MINUTE, count).granted
    most = max(sum(1 for at in granted if begin <= at < begin + MINUTE) for begin in granted)
    assert most == 12
    minutes = (granted[-1] - granted[0]) / MINUTE
    assert len(granted) > 12 * minutes * 0.8


def test_what_was_taken_earlier_is_there_again_earlier(drive: Driver) -> None:
    take = drive.backend.meters.take
    take("ana", 4, MINUTE, 3)
    drive.clock.advance(30)
    take("ana", 4, MINUTE, 1)
    assert take("ana", 4, MINUTE).retry_after == 36 * SECOND
    drive.clock.advance(36)
    assert take("ana", 4, MINUTE, 9).granted == 3


def test_keys_know_nothing_of_each_other(drive: Driver) -> None:
    assert drive.backend.meters.take("ana", 1, MINUTE).granted == 1
    assert drive.backend.meters.take("bob", 1, MINUTE).granted == 1


def test_several_are_taken_at_once_as_far_as_they_go(drive: Driver) -> None:
    take = drive.backend.meters.take
    assert [take("token", 25, MINUTE, 10).granted for _ in range(4)] == [10, 10, 5, 0]


def test_what_was_given_back_can_be_taken_again(drive: Driver) -> None:
    meters = drive.backend.meters
    meters.take("ana", 2, MINUTE)
    meters.take("ana", 2, MINUTE)
    drive.clock.advance(SLICE)
    meters.give_back("ana")
    assert [meters.take("ana", 2, MINUTE).granted for _ in range(2)] == [1, 0]
    meters.give_back("ana", 50)
    meters.give_back("nobody")
    assert [meters.take("ana", 2, MINUTE).granted for _ in range(2)] == [1, 0]


def test_whoever_is_over_the_limit_changes_nothing(drive: Driver) -> None:
    drive.backend.meters.take("ana", 1, MINUTE)
    before = drive.backend.version()
    for _ in range(5):
        assert drive.backend.meters.take("ana", 1, MINUTE).granted == 0
    assert drive.backend.version() == before


def test_what_a_clock_ahead_of_its_time_left_does_not_lock_anybody_out(drive: Driver) -> None:
    drive.clock.advance(86_400)
    drive.backend.meters.take("ana", 1, MINUTE)
    drive.clock.advance(-86_400)
    assert [drive.backend.meters.take("ana", 1, MINUTE).granted for _ in range(2)] == [1, 0]


def test_a_tick_forgets_what_is_long_enough_ago(drive: Driver) -> None:
    drive.backend.meters.take("ana", 1, MINUTE)
    drive.backend.tick()
    assert drive.backend.meters.take("ana", 1, MINUTE).granted == 0
    drive.clock.advance(66)
    drive.backend.tick()
    assert drive.backend.meters.take("ana", 1, MINUTE).granted == 1


def test_keys_beyond_the_bound_share_meters_and_the_others_keep_theirs(drive: Driver, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    wing = {"memory": "memory", "redis": "redis", "valkey": "redis"}.get(kind, "database")
    monkeypatch.setattr(f"horizon.backends.{wing}.meters.MOST_METERS", 2)
    monkeypatch.setattr("horizon.backends.people.SHARED_METERS", 1)
    take = drive.backend.meters.take
    granted = [take(key, 2, MINUTE).granted for key in ("ana", "bob", "eve", "zoe", "mal", "ana", "bob")]
    assert granted == [1, 1, 1, 1, 0, 1, 1]
    drive.backend.meters.give_back("zoe")
    assert take("mal", 2, MINUTE).granted == 1
    drive.clock.advance(66)
    drive.backend.tick()
    assert [take(key, 2, MINUTE).granted for key in ("mal", "mal", "mal")] == [1, 1, 0]
