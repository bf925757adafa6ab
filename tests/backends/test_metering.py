from __future__ import annotations

import random
from dataclasses import replace

import pytest

from horizon.backends.metering import (
    MOST_MARKS,
    Gauge,
    as_new,
    barred_by,
    decode,
    encode,
    end,
    give_back,
    next_at,
    redefined,
    room,
    take,
    used,
)
from horizon.core.clock import DAY, MINUTE, SECOND, Micros
from horizon.core.limit import Limit

NOW: Micros = 1_700_000_040 * SECOND
"""The beginning of a minute."""
SLICE = 6 * SECOND
TIMED = ("sliding", "fixed", "bucket")


def gauge(most: int = 3, per: Micros = MINUTE, strategy: str = "sliding", key: str = "smtp") -> Gauge:
    return Gauge(limit=Limit(key=key, most=most, per=per, strategy=strategy))


def started(times: list[Micros], begin: Micros, length: Micros) -> int:
    return sum(begin <= at < begin + length for at in times)


def greedy(one: Gauge, seed: int, *, stretches: int = 12) -> list[Micros]:
    """When whoever takes all there is, at random moments and at those promised, starts something."""
    chance, times, now = random.Random(seed), [], NOW
    while now < NOW + stretches * one.limit.per:
        free = room(one, now)
        times += [now] * free
        one = take(one, now, free) if free else one
        promised = next_at(one, now)
        assert promised is not None
        assert (promised > now, room(one, promised - 1), room(one, promised) > 0) == (True, 0, True)
        now = promised if chance.random() < 0.5 else now + chance.randint(1, one.limit.per // 4)
    return times


@pytest.mark.parametrize("strategy", TIMED)
def test_so_many_start_at_once_and_the_next_when_it_was_promised(strategy: str) -> None:
    one = gauge(3, strategy=strategy)
    assert (room(one, NOW), used(one, NOW), next_at(one, NOW)) == (3, 0, NOW)
    one = take(one, NOW, 3)
    assert (room(one, NOW), used(one, NOW)) == (0, 3)
    assert next_at(one, NOW) == NOW + {"sliding": 66, "fixed": 60, "bucket": 20}[strategy] * SECOND


@pytest.mark.parametrize("seed", range(8))
def test_a_sliding_limit_is_never_passed_within_any_stretch(seed: int) -> None:
    times = greedy(gauge(5), seed)
    assert max(started(times, begin, MINUTE) for begin in times) == 5


@pytest.mark.parametrize("seed", range(8))
def test_a_fixed_limit_is_kept_by_the_clock_and_passed_twice_at_the_most(seed: int) -> None:
    times = greedy(gauge(5, strategy="fixed"), seed)
    assert max(started(times, at - at % MINUTE, MINUTE) for at in times) == 5
    assert max(started(times, begin, MINUTE) for begin in times) <= 10


@pytest.mark.parametrize("seed", range(8))
def test_a_bucket_fills_evenly_and_never_faster(seed: int) -> None:
    one = gauge(7, strategy="bucket")
    times, drop = greedy(one, seed), -(-MINUTE // 7)
    for begin in times:
        for length in (1, SECOND, 30 * SECOND, MINUTE):
            assert started(times, begin, length) <= 7 + length // drop
    assert len(times) >= 7 * 11  # hardly a drop is lost to a promise or to rounding


def test_a_bucket_of_more_than_there_are_microseconds_is_none_the_faster() -> None:
    assert next_at(take(gauge(5, per=2, strategy="bucket"), NOW, 5), NOW) == NOW + 1


def test_a_number_at_a_time_has_room_when_one_ends() -> None:
    one = take(gauge(2, per=0, strategy="concurrent"), NOW, 2)
    assert (room(one, NOW + DAY), next_at(one, NOW), used(one, NOW)) == (0, None, 2)
    assert room(end(one), NOW) == 1
    assert end(one, 3) == gauge(2, per=0, strategy="concurrent")


@pytest.mark.parametrize("strategy", TIMED)
def test_what_is_given_back_at_once_was_never_taken(strategy: str) -> None:
    one = take(gauge(3, strategy=strategy), NOW, 1)
    two = take(one, NOW + SECOND, 2)
    assert end(give_back(two, NOW + SECOND, NOW + SECOND, 2), 2) == one


def test_what_is_given_back_late_frees_its_own_slice() -> None:
    one = take(take(gauge(3), NOW, 1), NOW + 2 * SLICE, 2)
    assert room(give_back(one, NOW, NOW + 3 * SLICE), NOW + 3 * SLICE) == 1
    assert next_at(give_back(one, NOW, NOW + 3 * SLICE), NOW + 11 * SLICE) == NOW + 11 * SLICE
    assert give_back(one, NOW - MINUTE, NOW + 3 * SLICE).marks == one.marks


def test_what_counts_no_longer_cannot_be_given_back() -> None:
    old = take(gauge(3, strategy="fixed"), NOW + 59 * SECOND, 3)
    new = take(old, NOW + MINUTE, 3)
    assert room(give_back(new, NOW + 59 * SECOND, NOW + MINUTE), NOW + MINUTE) == 0
    slid = take(take(gauge(3), NOW, 3), NOW + 70 * SECOND, 3)
    assert room(give_back(slid, NOW, NOW + 70 * SECOND), NOW + 70 * SECOND) == 0


def test_drops_that_came_back_by_themselves_are_not_given_back_as_well() -> None:
    almost = NOW + MINUTE - SECOND
    one = take(take(gauge(10, strategy="bucket"), NOW, 10), almost, 9)
    for _ in range(10):
        one = give_back(one, NOW, almost)
    assert room(one, almost) == 0


@pytest.mark.parametrize("strategy", TIMED)
def test_what_a_clock_ahead_of_its_time_left_locks_nobody_out(strategy: str) -> None:
    assert room(take(gauge(3, strategy=strategy), NOW + DAY, 3), NOW) == 3


@pytest.mark.parametrize("strategy", TIMED)
def test_with_more_allowed_there_is_room_at_once_and_with_less_there_is_none(strategy: str) -> None:
    full = take(gauge(3, strategy=strategy), NOW, 3)
    assert room(redefined(full, replace(full.limit, most=5), NOW), NOW) == 2
    less = redefined(full, replace(full.limit, most=1), NOW)
    assert room(less, NOW) == 0
    assert next_at(less, NOW) == NOW + {"sliding": 66, "fixed": 60, "bucket": 60}[strategy] * SECOND
    assert redefined(full, full.limit, NOW + DAY) is full


@pytest.mark.parametrize("before", TIMED)
@pytest.mark.parametrize("after", TIMED)
def test_another_strategy_knows_what_has_started(before: str, after: str) -> None:
    one = redefined(take(gauge(3, strategy=before), NOW, 2), replace(gauge().limit, strategy=after), NOW)
    assert (room(one, NOW), one.running) == (1, 2)


def test_those_that_run_are_known_whatever_the_strategy_was() -> None:
    at_a_time = Limit(key="smtp", most=3, strategy="concurrent")
    assert room(redefined(take(gauge(3), NOW, 2), at_a_time, NOW), NOW) == 1


@pytest.mark.parametrize("strategy", TIMED)
def test_two_that_say_different_things_in_turn_renew_nothing(strategy: str) -> None:
    one, now = take(gauge(3, strategy=strategy), NOW, 3), NOW
    words = [replace(one.limit, most=4, per=90 * SECOND), one.limit, replace(one.limit, most=2, per=45 * SECOND), one.limit]
    while now < NOW + 100 * SECOND:
        for limit in words:
            one = redefined(one, limit, now)
            assert len(one.marks) <= MOST_MARKS
        now += SECOND // 3
    assert room(one, now) == 3


@pytest.mark.parametrize("pers", [(10, 60), (60, 10), (60, 10, 60), (10, 60, 10)])
def test_with_another_stretch_what_has_started_counts_as_long_as_it_says_now(pers: tuple[int, ...]) -> None:
    one = take(gauge(1, per=pers[0] * SECOND), NOW + 5 * SECOND)
    for second, per in enumerate(pers[1:], 6):
        one = redefined(one, replace(one.limit, per=per * SECOND), NOW + second * SECOND)
    promised = next_at(one, NOW + 9 * SECOND)
    assert promised is not None
    assert NOW + (5 + pers[-1]) * SECOND <= promised <= NOW + (5 + pers[-1]) * SECOND + SLICE


def test_however_often_its_stretch_changes_a_gauge_stays_small_and_forgets_no_start() -> None:
    one, now = gauge(1000), NOW
    for _ in range(60):
        one = take(redefined(one, replace(one.limit, per=MINUTE - 7), now), now)
        one, now = take(redefined(one, replace(one.limit, per=MINUTE), now), now + SECOND // 4), now + SECOND // 2
    assert len(one.marks) <= MOST_MARKS
    assert used(one, now) == 120


def test_of_several_the_one_with_room_last_bars_the_way() -> None:
    free, soon = gauge(key="free"), take(gauge(1, per=SECOND, key="soon"), NOW)
    late, busy = take(gauge(1, key="late"), NOW), take(gauge(1, 0, "concurrent", "busy"), NOW)
    assert barred_by([], NOW) is None
    assert barred_by([free], NOW) is None
    assert barred_by([free, soon, late, busy], NOW) is late
    assert barred_by([busy, free], NOW) is busy


def test_a_gauge_is_as_new_when_nothing_counts_and_nobody_holds_it() -> None:
    one = take(gauge(), NOW)
    assert not as_new(end(one), NOW)
    assert as_new(end(one), NOW + 66 * SECOND)
    assert not as_new(one, NOW + DAY)


def test_marks_are_kept_as_short_text() -> None:
    marks = take(take(gauge(9), NOW, 2), NOW + 7 * SECOND).marks
    assert encode(marks) == f"{NOW}:2 {NOW + SLICE}:1"
    assert decode(encode(marks)) == marks
    assert (encode(()), decode("")) == ("", ())
