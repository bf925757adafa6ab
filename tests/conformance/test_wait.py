from __future__ import annotations

import threading
from collections.abc import Callable

from horizon.core.clock import SECOND, monotonic
from tests.conformance.driver import Driver, after

LONG = 20.0
"""Seconds that no test here really waits: each ends as soon as it is woken."""


def in_thread(wait: Callable[[], bool]) -> tuple[threading.Thread, list[bool]]:
    """Start waiting elsewhere; the answer appears in the list."""
    said: list[bool] = []
    thread = threading.Thread(target=lambda: said.append(wait()), daemon=True)
    thread.start()
    return thread, said


def answer(thread: threading.Thread, said: list[bool]) -> bool:
    """What the waiting thread was told, at the latest when its time is over."""
    thread.join(LONG + 10)
    assert said, "still waiting"
    return said[0]


def test_waiting_ends_at_once_where_a_job_is_pending(drive: Driver) -> None:
    drive.push()
    start = monotonic()
    assert drive.backend.wait(["mails"], LONG) is True
    assert drive.backend.wait([], LONG) is True
    assert monotonic() - start < LONG


def test_a_push_wakes_who_waits_for_its_queue(drive: Driver) -> None:
    waiting = in_thread(lambda: drive.backend.wait(["mails"], LONG))
    drive.push()
    assert answer(*waiting) is True


def test_a_push_wakes_who_waits_for_any_queue(drive: Driver) -> None:
    waiting = in_thread(lambda: drive.backend.wait([], LONG))
    drive.push()
    assert answer(*waiting) is True


def test_waiting_for_nothing_ends_with_the_timeout(drive: Driver) -> None:
    assert drive.backend.wait(["quiet"], 0.02) is False


def test_what_is_paused_is_not_waited_for(drive: Driver) -> None:
    drive.push()
    drive.backend.queues.pause("mails")
    assert drive.backend.wait(["mails"], 0.02) is False
    drive.backend.queues.resume("mails")
    assert drive.backend.wait(["mails"], LONG) is True


def test_resuming_a_queue_wakes_who_waits_for_it(drive: Driver) -> None:
    drive.push()
    drive.backend.queues.pause("mails")
    waiting = in_thread(lambda: drive.backend.wait(["mails"], LONG))
    drive.backend.queues.resume("mails")
    assert answer(*waiting) is True


def test_waiting_ends_when_the_next_job_is_due(drive: Driver) -> None:
    drive.push(delay=60 * SECOND)
    drive.clock.advance(60)
    assert drive.backend.wait(["mails"], LONG) is True


def test_a_settled_job_that_opens_a_gate_wakes_who_waits(drive: Driver) -> None:
    parent = drive.push(queue="other")
    drive.push(edges=after(parent))
    got = drive.take(parent)
    waiting = in_thread(lambda: drive.backend.wait(["mails"], LONG))
    drive.complete(got)
    assert answer(*waiting) is True


def test_wake_is_a_hint_to_whoever_waits_now(drive: Driver) -> None:
    waiting = in_thread(lambda: drive.backend.wait(["quiet"], LONG))
    thread, said = waiting
    start = monotonic()
    while thread.is_alive() and monotonic() - start < LONG:
        drive.backend.wake()
        thread.join(0.01)
    assert said == [True]
