from __future__ import annotations

import logging

import pytest

from horizon import Job, define_queue
from horizon.core.errors import InvalidOption, QueueFull
from horizon.runtime import Runtime


class Ping(Job):
    queue = "pings"

    def __init__(self, number: int = 0) -> None:
        self.number = number

    def handle(self) -> None: ...


def test_a_full_queue_refuses_or_drops_as_it_was_defined(here: Runtime, caplog: pytest.LogCaptureFixture) -> None:
    define_queue("pings", max_jobs=1)
    assert Ping.dispatch() is not None
    with pytest.raises(QueueFull):
        Ping.dispatch()
    define_queue("pings", max_jobs=1, when_full="drop")
    with caplog.at_level(logging.WARNING, "horizon.jobs"):
        assert Ping.dispatch() is None
    assert "Ping: 1 dropped, as the queue wants it when it is full (queue 'pings' takes at most 1 waiting jobs" in caplog.text


def test_a_queue_that_delays_says_how_many_it_takes() -> None:
    with pytest.raises(InvalidOption, match=r"when_full='delay' of the queue pings .* say max_jobs, too"):
        define_queue("pings", when_full="delay")


def test_of_many_as_many_are_kept_as_there_is_room_for(here: Runtime) -> None:
    define_queue("pings", max_jobs=13, when_full="drop")
    ids = Ping.dispatch_many([(number,) for number in range(50)])
    assert [id is not None for id in ids] == [True] * 13 + [False] * 37
    assert here.backend().remaining(("pings",)) == 13


def test_each_queue_keeps_what_it_has_room_for_and_a_duplicate_is_no_sign_of_a_full_one(here: Runtime) -> None:
    define_queue("pings", max_jobs=3, when_full="drop")
    define_queue("wide", max_jobs=50, when_full="drop")
    jobs = [Ping(number).on_queue("wide" if number % 2 else "pings") for number in range(20)]
    for job in jobs[:4:2]:
        job.unique_by("same")
    ids = Ping.dispatch_many(jobs)
    assert [number for number in range(0, 20, 2) if ids[number] is not None] == [0, 4, 6]
    assert all(ids[number] is not None for number in range(1, 20, 2))


def test_a_queue_that_does_not_drop_refuses_for_those_beside_it(here: Runtime) -> None:
    define_queue("pings", max_jobs=1, when_full="drop")
    define_queue("strict", max_jobs=1, when_full="refuse")
    Ping.dispatch()
    Ping().on_queue("strict").dispatch()
    with pytest.raises(QueueFull):
        Ping.dispatch_many([Ping(), Ping().on_queue("strict")])
    with pytest.raises(InvalidOption, match=r"'refuse' .* or 'delay'"):
        define_queue("pings", when_full="explode")
