from __future__ import annotations

import pytest

from horizon.backends.people import Taken
from horizon.core.clock import MINUTE, SECOND
from tests.conformance.driver import Driver


def test_so_many_are_granted_and_no_more_until_the_window_ends(drive: Driver) -> None:
    take = drive.backend.meters.take
    assert [take("ana", 3, MINUTE).granted for _ in range(5)] == [1, 1, 1, 0, 0]
    drive.clock.advance(59)
    assert take("ana", 3, MINUTE) == Taken(granted=0, retry_after=SECOND)
    drive.clock.advance(1)
    assert take("ana", 3, MINUTE) == Taken(granted=1, retry_after=MINUTE)


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
    meters.give_back("ana")
    assert [meters.take("ana", 2, MINUTE).granted for _ in range(2)] == [1, 0]
    meters.give_back("ana", 50)
    meters.give_back("nobody")
    assert [meters.take("ana", 2, MINUTE).granted for _ in range(3)] == [1, 1, 0]


def test_whoever_is_over_the_limit_changes_nothing(drive: Driver) -> None:
    drive.backend.meters.take("ana", 1, MINUTE)
    before = drive.backend.version()
    for _ in range(5):
        assert drive.backend.meters.take("ana", 1, MINUTE).granted == 0
    assert drive.backend.version() == before


def test_a_window_that_a_clock_ahead_of_its_time_left_does_not_lock_anybody_out(drive: Driver) -> None:
    drive.clock.advance(86_400)
    drive.backend.meters.take("ana", 1, MINUTE)
    drive.clock.advance(-86_400)
    assert drive.backend.meters.take("ana", 1, MINUTE).granted == 1


def test_a_tick_forgets_windows_that_are_over(drive: Driver) -> None:
    drive.backend.meters.take("ana", 1, MINUTE)
    drive.backend.tick()
    assert drive.backend.meters.take("ana", 1, MINUTE).granted == 0
    drive.clock.advance(61)
    drive.backend.tick()
    assert drive.backend.meters.take("ana", 1, MINUTE) == Taken(granted=1, retry_after=MINUTE)


def test_keys_beyond_the_bound_share_meters_and_the_others_keep_theirs(drive: Driver, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    wing = "memory" if kind == "memory" else "database"
    monkeypatch.setattr(f"horizon.backends.{wing}.meters.MOST_METERS", 2)
    monkeypatch.setattr("horizon.backends.people.SHARED_METERS", 1)
    take = drive.backend.meters.take
    granted = [take(key, 2, MINUTE).granted for key in ("ana", "bob", "eve", "zoe", "mal", "ana", "bob")]
    assert granted == [1, 1, 1, 1, 0, 1, 1]
    drive.backend.meters.give_back("zoe")
    assert take("mal", 2, MINUTE).granted == 1
    drive.clock.advance(60)
    drive.backend.tick()
    assert [take(key, 2, MINUTE).granted for key in ("mal", "mal", "mal")] == [1, 1, 0]
