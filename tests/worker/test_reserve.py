"""Slots that are kept for urgent jobs."""

from __future__ import annotations

import threading

import pytest

from horizon.core.errors import InvalidOption
from horizon.worker import reserve
from horizon.worker.page import COMMAND, Command
from horizon.worker.reserve import Room
from tests.waiting import until
from tests.worker.fakes import Desk, reservation
from tests.worker.test_crew import crew_of, in_background
from tests.worker.test_options import planned


def test_levels_are_named_or_numbers_and_stand_from_the_highest_to_the_lowest():
    assert reserve.parse("high=1,critical=2") == (20, 20, 10)
    assert reserve.parse("Critical=1, -5=1") == (20, -5)


@pytest.mark.parametrize("text", ["critical", "critical=", "critical=0", "critical=x", "urgent=1", "101=1", "", "critical=1,", "high=1001"])
def test_anything_else_is_refused_with_an_example(text):
    with pytest.raises(InvalidOption, match="critical=2"):
        reserve.parse(text)


def test_more_than_there_is_cannot_be_kept():
    with pytest.raises(InvalidOption, match="keeps 9 slots and the worker has 8"):
        planned("--reserve", "critical=9")
    assert planned("--reserve", "critical=8").reserve == (20,) * 8


def test_executors_keep_about_as_many_each():
    made = planned("--reserve", "critical=2,high=1", "--processes", "2", "--concurrency", "4")
    assert [made.orders("s", n, place).reserve for n, place in ((1, 0), (2, 1), (3, 0))] == [(20, 10), (20,), (20, 10)]


def test_a_worker_for_one_job_keeps_nothing():
    assert planned("--once", "--reserve", "critical=2").reserve == ()


@pytest.mark.parametrize(
    ("floors", "size", "running", "expected"),
    [
        ((20,), 3, [], Room(2)),
        ((20,), 3, [0, 0], Room(1, 20)),
        ((20,), 3, [20], Room(2)),
        ((20,), 3, [20, 20], Room(1)),
        ((20,), 3, [20, 20, 0], Room(0)),
        ((20, 10), 4, [0, 0], Room(1, 10)),
        ((20, 10), 4, [0, 0, 10], Room(1, 20)),
        ((20, 20), 4, [0, 0], Room(2, 20)),
        ((20, 10), 4, [20, 20, 0, 0], Room(0)),
        ((20, 10), 4, [10, 20, 0], Room(1)),
        ((20,), 1, [], Room(1, 20)),
        ((), 2, [0], Room(1)),
        ((20,), 2, [0, 0], Room(0)),  # one too many: it ran before the slot was kept
    ],
)
def test_running_jobs_are_taken_to_be_in_the_highest_slots_they_may_be_in(floors, size, running, expected):
    assert reserve.room(floors, size, running) == expected


def test_however_many_others_wait_a_kept_slot_is_free_for_an_urgent_job():
    desk = Desk(concurrency=3, reserve=(20,))
    go, running = threading.Event(), []
    desk.attempts.do = lambda prepared: running.append(prepared.reservation.id) or (go.wait(30) and None)
    desk.store.ready = [reservation(n) for n in range(5)]
    thread, _ = in_background(crew_of(desk))
    until(lambda: len(running) == 2)

    desk.store.ready.append(reservation(9, priority=20))
    until(lambda: "id9" in running)

    assert len(running) == 3
    assert len(desk.store.ready) == 3
    go.set()
    until(lambda: len(desk.store.outcomes) == 6)
    desk.page.words[COMMAND] = Command.DRAIN
    desk.post.bell.ring()
    thread.join(30)


def test_an_executor_whose_only_slot_is_kept_asks_for_urgent_jobs_only():
    desk = Desk(reserve=(10,))
    assert desk.post.want(1, 0.5).floor == 10
    assert Desk().post.want(1, 0.5).floor is None
