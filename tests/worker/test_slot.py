from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import threading
import time

import pytest

from horizon.core.errors import JobCancelled, JobInterrupted, JobTimeout
from horizon.worker.awaiting import TaskStriker
from horizon.worker.slot import KEPT, MainStriker, Slot, ThreadStriker
from tests.waiting import until
from tests.worker.fakes import FakePrepared, Idle, reservation

S = 10**9


def started(slot, do=lambda prepared: None, *, now=0, deadline=0):
    prepared = FakePrepared(reservation(1), do)
    slot.start(prepared, now, deadline)
    return prepared


def test_nothing_is_raised_before_its_time():
    slot = Slot(0, Idle())
    started(slot, deadline=10 * S)
    assert slot.wanted(10 * S - 1, False) is None
    assert slot.wanted(10 * S, False) is JobTimeout
    assert slot.due() == 10 * S


def test_a_timeout_is_raised_once():
    slot = Slot(0, Idle())
    started(slot, deadline=S)
    slot.struck = JobTimeout
    assert slot.wanted(2 * S, False) is None
    assert slot.due() is None


def test_a_cancelled_job_is_stopped_a_grace_after_it_was_told():
    slot = Slot(0, Idle())
    started(slot, deadline=100 * S)
    slot.cancel(slot.prepared, 5 * S)
    assert slot.due() == 5 * S
    assert slot.wanted(5 * S, False) is JobCancelled


def test_an_interruption_comes_even_after_a_timeout_that_was_swallowed():
    slot = Slot(0, Idle())
    started(slot, deadline=S)
    slot.struck = JobTimeout
    assert slot.wanted(0, True) is JobInterrupted
    slot.struck = JobInterrupted
    assert slot.wanted(0, True) is None


def test_a_new_job_begins_with_a_clean_slate():
    slot = Slot(0, Idle())
    started(slot, deadline=S)
    slot.struck = JobTimeout
    slot.cancel(slot.prepared, 3)
    started(slot)
    assert (slot.struck, slot.cancel_at, slot.due()) == (None, 0, None)


def test_a_cancellation_that_is_noted_when_its_job_has_ended_does_not_stop_the_next_one():
    slot = Slot(0, Idle())
    first = started(slot)
    slot.finish()
    started(slot)
    slot.cancel(first, 5 * S)
    assert (slot.cancel_at, slot.due(), slot.wanted(9 * S, False)) == (0, None, None)


def test_a_strike_at_an_awaited_job_that_just_ends_leaves_the_next_one_unmarked():
    class Ending(Slot):
        """Whoever looks at its job finds it there, and lets it end right behind the look where nothing prevents that."""

        @property
        def prepared(self):
            seen = self.__dict__.get("prepared")
            if seen is first and not striker._lock.locked():
                striker.settle(self)
                started(self)
            return seen

        @prepared.setter
        def prepared(self, prepared):
            self.__dict__["prepared"] = prepared

    async def nothing(prepared):
        pass

    loop, first = asyncio.new_event_loop(), FakePrepared(reservation(1), nothing, is_async=True)
    striker = TaskStriker(loop)
    slot = Ending(0, striker)
    loop.run_until_complete(striker.watched(first))
    first.in_user_code = True
    slot.start(first, 0, 0)
    striker.strike(slot, JobTimeout, first)
    assert slot.struck is JobTimeout, "it ended behind the strike, not within"
    striker.settle(slot)
    after = started(slot)
    after.in_user_code = True
    striker.strike(slot, JobTimeout, after)
    assert slot.struck is None
    loop.close()


@pytest.fixture
def alarm():
    before = signal.getsignal(signal.SIGALRM)
    striker = MainStriker()
    striker.install()
    yield striker
    signal.signal(signal.SIGALRM, before)


def struck_from_beside(striker, slot, stop):
    def strike():
        until(lambda: slot.prepared is not None and slot.prepared.in_user_code)
        while slot.struck is None and slot.prepared is not None:
            if (prepared := slot.prepared) is not None:
                striker.strike(slot, stop, prepared)
            time.sleep(0.01)

    thread = threading.Thread(target=strike)
    thread.start()
    return thread


def test_a_job_in_the_main_thread_is_stopped_in_the_middle_of_a_blocking_call(alarm):
    slot = Slot(0, alarm)
    prepared = started(slot, lambda _: time.sleep(30), deadline=2 * S)
    thread = struck_from_beside(alarm, slot, JobTimeout)
    with pytest.raises(JobTimeout, match="its timeout of 2 s"):
        prepared.run()
    slot.finish()
    thread.join()


def test_nothing_is_raised_in_the_main_thread_outside_of_the_jobs_own_code(alarm):
    slot = Slot(0, alarm)
    prepared = started(slot)
    alarm.strike(slot, JobTimeout, prepared)
    prepared.in_user_code = False
    assert slot.struck is None
    slot.finish()
    alarm.strike(slot, JobTimeout, prepared)
    assert slot.struck is None


def test_an_alarm_that_a_job_took_for_itself_is_not_rung_and_is_ours_again_afterwards(alarm):
    slot = Slot(0, alarm)
    rung = []

    def do(prepared):
        signal.signal(signal.SIGALRM, lambda number, frame: rung.append(number))
        alarm.strike(slot, JobTimeout, prepared)

    started(slot, do).run()
    slot.finish()
    assert rung == []
    assert signal.getsignal(signal.SIGALRM) == alarm._handler


def test_a_job_in_another_thread_is_stopped_between_two_of_its_steps():
    caught, slots = [], []

    def loop(prepared):
        while True:
            time.sleep(0.005)

    def work():
        slot = Slot(0, ThreadStriker(threading.get_ident()))
        prepared = started(slot, loop, deadline=3 * S)
        slots.append(slot)
        try:
            prepared.run()
        except JobTimeout as error:
            caught.append(error)
        slot.finish()

    thread = threading.Thread(target=work)
    thread.start()
    slot = until(lambda: slots and slots[0].prepared and slots[0].prepared.in_user_code and slots[0])
    slot.striker.strike(slot, JobTimeout, slot.prepared)
    thread.join(30)
    (error,) = caught
    assert str(error) == "it ran longer than its timeout of 3 s"
    assert type(error).__name__ == "JobTimeout"


def test_a_stop_that_came_too_late_for_a_thread_is_taken_back(monkeypatch):
    asked = []
    monkeypatch.setattr("horizon.worker.slot._raise_in", lambda ident, stop: asked.append((ident, stop)))
    slot = Slot(0, ThreadStriker(77))
    started(slot).in_user_code = True
    slot.striker.strike(slot, JobTimeout, slot.prepared)
    slot.finish()
    assert [ident for ident, _ in asked] == [77, 77]
    assert issubclass(asked[0][1], JobTimeout)
    assert asked[1][1] is None


LATE = """
import sys, threading
from types import SimpleNamespace
from horizon.core.errors import JobTimeout
from horizon.worker.slot import Slot, ThreadStriker

slot = Slot(0, ThreadStriker(threading.get_ident()))
slot.prepared = SimpleNamespace(in_user_code=True)
slot.struck = JobTimeout  # as if it had been struck at the last moment
slot.finish()
sys.settrace(lambda *event: None)
(lambda: None)()
sys.settrace(None)
print("traced")
"""


def test_a_process_in_which_a_stop_was_taken_back_can_still_be_traced():
    """Python up to 3.12 stands still at the first call otherwise."""
    done = subprocess.run([sys.executable, "-c", LATE], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.stderr) == ("traced\n", "")


def test_nothing_is_raised_in_a_thread_outside_of_the_jobs_own_code(monkeypatch):
    asked = []
    monkeypatch.setattr("horizon.worker.slot._raise_in", lambda ident, stop: asked.append(stop))
    slot = Slot(0, ThreadStriker(77))
    started(slot)
    slot.striker.strike(slot, JobTimeout, slot.prepared)
    slot.finish()
    assert asked == []
    assert slot.struck is None


def test_signals_that_a_job_took_for_itself_are_ours_again_after_it(alarm):
    before = {number: signal.getsignal(number) for number in KEPT}
    slot = Slot(0, alarm)

    def do(prepared):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.signal(signal.SIGALRM, lambda number, frame: None)

    started(slot, do).run()
    slot.finish()
    assert {number: signal.getsignal(number) for number in KEPT} == before


def test_a_stop_meant_for_one_job_does_not_strike_the_next_one_in_the_main_thread(alarm):
    slot = Slot(0, alarm)
    late = started(slot)
    slot.finish()
    started(slot, lambda prepared: alarm.strike(slot, JobTimeout, late)).run()
    slot.finish()
    assert slot.struck is None


def test_a_stop_meant_for_one_job_does_not_strike_the_next_one_in_a_thread(monkeypatch):
    asked = []
    monkeypatch.setattr("horizon.worker.slot._raise_in", lambda ident, stop: asked.append(stop))
    slot = Slot(0, ThreadStriker(77))
    late = started(slot)
    started(slot).in_user_code = True
    slot.striker.strike(slot, JobTimeout, late)
    assert (asked, slot.struck) == ([], None)


def test_a_stop_that_is_being_raised_while_the_job_ends_is_waited_for_and_taken_back(monkeypatch):
    asked = []
    slot = Slot(0, ThreadStriker(77))
    prepared = started(slot)
    prepared.in_user_code = True

    def raise_slowly(ident, stop):
        asked.append(stop)
        if stop is not None:
            ending.start()
            until(lambda: slot.prepared is None)

    ending = threading.Thread(target=slot.finish)
    monkeypatch.setattr("horizon.worker.slot._raise_in", raise_slowly)
    slot.striker.strike(slot, JobTimeout, prepared)
    ending.join(30)
    assert asked[1:] == [None]
