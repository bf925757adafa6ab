"""Limits: how many start in a stretch of time, how many run at a time, and what is told of it."""

from __future__ import annotations

import random

import pytest

from horizon.backends.metering import Gauge, next_at, room, take
from horizon.core.clock import DAY, MINUTE, SECOND, Micros
from horizon.core.errors import InvalidOption
from horizon.core.limit import Limit
from horizon.core.query import JobQuery
from horizon.core.states import JobState
from tests.conformance.driver import LEASE, Driver, envelope
from tests.conformance.limiting import TIMED, at_a_full_minute, at_a_time, at_rest, known, limit, limited, parked


@pytest.fixture
def drive(drive: Driver) -> Driver:
    """At the beginning of a minute, so that figures are round."""
    return at_a_full_minute(drive)


def starts(drive: Driver, count: int = 10) -> list[str]:
    """Reserve what there is, and let it end well."""
    got = drive.reserve(count)
    drive.settle_all(got)
    return [one.id for one in got]


# how much is allowed --------------------------------------------------------------------------------


def test_what_has_no_room_is_parked_and_costs_neither_attempt_nor_slot(drive: Driver) -> None:
    first, second, third = limited(drive, 3, limit(2))
    assert drive.states(first, second, third) == ["pending", "pending", "scheduled"]
    assert starts(drive) == [first, second]
    record = drive.get(third)
    assert (record.state, record.attempts, record.limits, record.waits_for_limit) == ("scheduled", 0, ("smtp",), "smtp")
    assert record.reason == "waits for its limit: smtp, 2 in 60 s"
    listed = drive.backend.find(JobQuery(states=(JobState.SCHEDULED,))).items
    assert [(one.id, one.waits_for_limit) for one in (*listed, *drive.backend.many([third]))] == [(third, "smtp")] * 2
    assert drive.counts() == {"completed": 2, "scheduled": 1}


@pytest.mark.parametrize(("strategy", "opens"), [("sliding", 66), ("fixed", 60), ("bucket", 30)])
def test_it_starts_as_soon_as_there_is_room_and_not_earlier(drive: Driver, strategy: str, opens: int) -> None:
    ids = limited(drive, 3, limit(2, strategy=strategy))
    assert starts(drive) == ids[:2]
    drive.clock.advance(opens)
    drive.clock.at -= 1
    assert starts(drive) == []
    assert drive.states(ids[2]) == ["scheduled"]
    drive.clock.at += 1
    assert starts(drive) == ids[2:]
    assert drive.get(ids[2]).attempts == 1
    at_rest(drive)


def test_so_many_run_at_a_time(drive: Driver) -> None:
    ids = limited(drive, 4, at_a_time(2))
    one, two = drive.reserve(4)
    assert (known(drive, "door").running, known(drive, "door").used, known(drive, "door").waiting) == (2, 2, 2)
    drive.clock.advance(10)
    assert drive.reserve(4) == []
    drive.complete(one)
    (three,) = drive.reserve(4)
    assert [one.id, two.id, three.id] == ids[:3]
    assert drive.get(ids[3]).reason == "waits for its limit: door, 2 at a time"


def walk(drive: Driver, given: Limit, seed: int) -> list[Micros]:
    """Push, work and let time pass, as it comes; when each job started."""
    chance, began, running = random.Random(seed), [], []
    for _ in range(70):
        if chance.random() < 0.6:
            limited(drive, chance.randint(1, 6), given, priority=chance.choice((0, 0, 5)))
        running += (got := drive.reserve(chance.randint(1, 8)))
        began += [drive.clock.at] * len(got)
        assert given.strategy != "concurrent" or len(running) <= given.most
        while running and chance.random() < 0.7:
            drive.complete(running.pop(chance.randrange(len(running))))
        drive.clock.advance(chance.choice((0, 1, 4, 11)))
        drive.backend.sessions.renew("w", LEASE)
        if chance.random() < 0.3:
            drive.backend.tick()
    at_rest(drive)
    return began


def most_in(times: list[Micros], length: Micros) -> int:
    return max(sum(begin <= at < begin + length for at in times) for begin in times)


def test_within_any_stretch_no_more_than_a_sliding_limit_start(drive: Driver) -> None:
    times = walk(drive, limit(7), seed=1)
    assert most_in(times, MINUTE) == 7


def test_a_fixed_limit_is_kept_by_the_clock(drive: Driver) -> None:
    times = walk(drive, limit(7, strategy="fixed"), seed=2)
    assert max(times.count(at) for at in times) <= 7
    assert max(sum(at // MINUTE == minute for at in times) for minute in {at // MINUTE for at in times}) == 7
    assert most_in(times, MINUTE) <= 14


def test_a_bucket_lets_go_all_it_holds_and_then_drop_by_drop(drive: Driver) -> None:
    times = walk(drive, limit(6, strategy="bucket"), seed=3)
    assert most_in(times, 1) <= 6
    assert 10 <= most_in(times, MINUTE) <= 6 + 6


def test_never_more_than_so_many_run_at_a_time(drive: Driver) -> None:
    assert len(walk(drive, at_a_time(3), seed=4)) > 50


@pytest.mark.parametrize("strategy", TIMED)
def test_what_a_store_promises_is_what_the_gauge_says(drive: Driver, strategy: str) -> None:
    given = limit(3, strategy=strategy)
    gauge = Gauge(limit=given)
    limited(drive, 40, given)
    for seconds in (0, 1, 7, 30, 18, 2, 55, 0, 90):
        drive.clock.advance(seconds)
        free = room(gauge, drive.clock.at)
        assert len(starts(drive, 2)) == min(2, free)
        gauge = take(gauge, drive.clock.at, min(2, free)) if free else gauge
        opens = next_at(gauge, drive.clock.at)
        assert known(drive, "smtp").opens_at == (None if opens == drive.clock.at else opens)


def test_another_time_than_the_one_a_store_was_at_locks_nobody_out(drive: Driver) -> None:
    drive.clock.advance(DAY // SECOND)
    limited(drive, 2, limit(2))
    assert len(starts(drive)) == 2
    drive.clock.advance(-DAY // SECOND)
    assert len(limited(drive, 1, limit(2))) == len(starts(drive))


# several limits -------------------------------------------------------------------------------------


def test_of_several_limits_all_must_have_room_or_none_is_used(drive: Driver) -> None:
    both = limited(drive, 2, limit(3, "all"), limit(1, "ana"))
    (bob,) = limited(drive, 1, limit(3, "all"))
    assert starts(drive) == [both[0], bob]
    assert (known(drive, "all").used, known(drive, "ana").used) == (2, 1)
    assert parked(drive, both[1]) == [True]
    assert drive.get(both[1]).waits_for_limit == "ana"
    assert set(drive.get(both[1]).limits) == {"all", "ana"}


def test_a_job_waits_until_the_last_of_its_limits_has_room(drive: Driver) -> None:
    soon, late = limit(1, "soon", per=10 * SECOND), limit(1, "late", per=100 * SECOND)
    first, second = limited(drive, 2, soon, late)
    assert starts(drive) == [first]
    drive.clock.advance(20)
    assert starts(drive) == []
    (other,) = limited(drive, 1, soon)
    assert starts(drive) == [other]
    drive.clock.advance(90)
    assert starts(drive) == [second]


def test_room_in_one_is_of_no_use_while_the_other_has_none(drive: Driver) -> None:
    first, second = limited(drive, 2, at_a_time(1), limit(1))
    got = drive.take(first)
    drive.complete(got)
    assert (drive.reserve(5), parked(drive, second)) == ([], [True])
    (other,) = limited(drive, 1, at_a_time(1))
    held = drive.take(other)
    drive.clock.advance(70)
    assert (drive.reserve(5), drive.get(second).waits_for_limit) == ([], "door")
    drive.complete(held)
    drive.take(second)
    assert (known(drive, "door").running, known(drive, "smtp").used) == (1, 1)


def test_a_limit_holds_over_all_queues_that_share_it(drive: Driver) -> None:
    here, there = limited(drive, 2, limit(3), queue="a"), limited(drive, 2, limit(3), queue="b")
    assert sorted(starts(drive)) != sorted([*here, *there])
    assert known(drive, "smtp").used == 3
    drive.clock.advance(66)
    assert len(starts(drive)) == 1


def test_a_queue_that_stands_still_keeps_nothing_from_another(drive: Driver) -> None:
    (stands,) = limited(drive, 1, at_a_time(1), queue="still")
    drive.backend.queues.pause("still")
    goes = limited(drive, 2, at_a_time(1), queue="mails")
    for id in goes:
        drive.run(id)
    assert (drive.reserve(1), drive.state(stands) in ("pending", "scheduled")) == ([], True)
    drive.backend.queues.resume("still")
    at_rest(drive)
    drive.take(stands)


# what is told ---------------------------------------------------------------------------------------


def test_a_limit_can_be_looked_at(drive: Driver) -> None:
    assert drive.backend.limits.get("smtp") is None
    limited(drive, 5, limit(3))
    drive.reserve(2)
    found = known(drive, "smtp")
    assert (found.most, found.per, found.strategy, found.used, found.running, found.waiting) == (3, MINUTE, "sliding", 2, 2, 2)
    assert found.opens_at is None
    drive.reserve(1)
    assert known(drive, "smtp").opens_at == drive.clock.at + 66 * SECOND


def test_those_for_which_most_wait_come_first(drive: Driver) -> None:
    for key, count in (("b", 1), ("a", 1), ("c", 3), ("d", 2)):
        limited(drive, count, limit(1, key))
    assert [(one.key, one.waiting) for one in drive.backend.limits.list()] == [("c", 2), ("d", 1), ("a", 0), ("b", 0)]
    assert [one.key for one in drive.backend.limits.list(2)] == ["c", "d"]


def test_when_the_next_one_can_start_is_told_to_whoever_waits(drive: Driver) -> None:
    limited(drive, 3, limit(2))
    starts(drive)
    opens = drive.clock.at + 66 * SECOND
    assert drive.backend.turn([]).next_due == opens
    assert drive.backend.tick().next_due == opens
    drive.push(delay=30 * SECOND)
    assert drive.backend.turn([]).next_due == drive.clock.at + 30 * SECOND


def test_nobody_is_woken_for_what_waits_for_another_job_to_end(drive: Driver) -> None:
    limited(drive, 2, at_a_time(1))
    drive.take()
    assert (drive.backend.turn([]).next_due, drive.backend.tick().next_due) == (None, None)


def test_somebody_waiting_hears_of_a_slot_that_was_freed(drive: Driver) -> None:
    limited(drive, 2, at_a_time(1))
    got = drive.take()
    assert not drive.backend.wait((), 0.01)
    drive.complete(got)
    assert drive.backend.wait((), 5)


def test_a_limit_that_nobody_uses_is_forgotten(drive: Driver) -> None:
    (id,) = limited(drive, 1, limit(1), at_a_time(1))
    got = drive.take(id)
    drive.jump(70)
    assert known(drive, "door").running == 1
    drive.complete(got)
    drive.jump(70)
    drive.jump(70)
    assert [drive.backend.limits.get(key) for key in ("smtp", "door")] == [None, None]
    assert drive.backend.limits.list() == []


def test_one_that_counts_or_is_waited_for_is_not(drive: Driver) -> None:
    ids = limited(drive, 2, limit(1))
    assert starts(drive) == ids[:1]
    drive.jump(60)
    assert known(drive, "smtp").waiting == 1
    drive.jump(6)
    assert starts(drive) == ids[1:]
    drive.jump(60)
    assert known(drive, "smtp").used == 1


def test_a_job_that_wakes_after_its_limit_was_forgotten_has_it_all_the_same(drive: Driver) -> None:
    first, second = limited(drive, 2, limit(1), delay=DAY)
    drive.jump(3600)
    drive.jump(3600)
    drive.jump(86_400)
    assert starts(drive) == [first]
    assert parked(drive, second) == [True]


# what a limit says ----------------------------------------------------------------------------------


@pytest.mark.parametrize("by_push", [False, True])
def test_more_is_allowed_at_once(drive: Driver, by_push: bool) -> None:
    ids = limited(drive, 4, limit(1))
    assert starts(drive) == ids[:1]
    if by_push:
        ids += limited(drive, 1, limit(3))
    else:
        drive.backend.limits.define([limit(3)])
    assert starts(drive) == ids[1:3]
    assert (known(drive, "smtp").most, known(drive, "smtp").used) == (3, 3)


def test_less_is_allowed_at_once(drive: Driver) -> None:
    ids = limited(drive, 5, limit(5))
    drive.backend.limits.define([limit(2)])
    assert starts(drive) == ids[:2]
    assert drive.counts() == {"completed": 2, "scheduled": 3}
    at_rest(drive)


def test_another_strategy_may_be_said(drive: Driver) -> None:
    limited(drive, 3, limit(1))
    drive.take()
    drive.backend.limits.define([Limit(key="smtp", most=2, strategy="concurrent")])
    assert len(drive.reserve(5)) == 1
    assert (known(drive, "smtp").strategy, known(drive, "smtp").running) == ("concurrent", 2)


def test_a_limit_may_be_defined_before_any_job_has_it(drive: Driver) -> None:
    drive.backend.limits.define([limit(1), at_a_time(1)])
    assert [one.key for one in drive.backend.limits.list()] == ["door", "smtp"]


@pytest.mark.parametrize(
    "limits",
    [
        (Limit(key="smtp", most=0, per=MINUTE),),
        (Limit(key="smtp", most=1),),
        (Limit(key="smtp", most=1, per=-1, strategy="bucket"),),
        (Limit(key="smtp", most=1, per=MINUTE, strategy="leaky"),),
        (Limit(key="", most=1, per=MINUTE),),
        (Limit(key="k" * 201, most=1, per=MINUTE),),
        (limit(1), limit(2)),
        tuple(limit(1, f"{number}") for number in range(21)),
    ],
    ids=["none", "no stretch", "negative", "strategy", "no key", "long key", "twice", "too many"],
)
def test_what_could_never_hold_is_refused_and_nothing_is_stored(drive: Driver, limits: tuple[Limit, ...]) -> None:
    with pytest.raises(InvalidOption, match="limit"):
        drive.backend.push([envelope(), envelope(limits=limits)])
    assert (drive.counts(), drive.backend.limits.list()) == ({}, [])


def test_a_definition_is_refused_whole(drive: Driver) -> None:
    with pytest.raises(InvalidOption):
        drive.backend.limits.define([limit(1), Limit(key="smtp", most=1, per=MINUTE, strategy="leaky")])
    assert drive.backend.limits.list() == []
