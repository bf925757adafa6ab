from __future__ import annotations

import threading

import pytest

from horizon.core.clock import boottime_ns
from horizon.core.errors import BackendUnavailable, JobCancelled, JobInterrupted, JobTimeout
from horizon.core.outcome import Kind
from horizon.worker import watch as module
from horizon.worker.page import COMMAND, ENDING, FENCE_AT, Command, Ending
from horizon.worker.watch import BEAT, Watch
from tests.worker.fakes import Desk, FakePrepared, Idle, reservation

S = 10**9


def running(desk, n=1, *, for_seconds=0.0, timeout=None):
    """A slot in which job `n` has been running for a while."""
    slot = desk.slot(Idle())
    prepared = FakePrepared(reservation(n), lambda _: None)
    began = boottime_ns() - int(for_seconds * S)
    slot.start(prepared, began, began + int(timeout * S) if timeout else 0)
    desk.page.begin(slot.index, f"t{n}", f"id{n}", began, 0, None)
    return slot


def watching(desk):
    return Watch(desk.post, cancel_grace=10)


def test_a_job_past_its_timeout_is_told_so_once():
    desk = Desk()
    slot = running(desk, for_seconds=3, timeout=2)
    watch = watching(desk)
    watch.beat()
    watch.beat()
    assert slot.striker.struck == [JobTimeout]


def test_the_next_look_is_due_when_the_next_timeout_is():
    desk = Desk()
    running(desk, timeout=0.05)
    assert 0.02 <= watching(desk).beat() <= 0.05
    assert watching(Desk()).beat() == BEAT


def test_nothing_waits_behind_a_job_that_runs_for_long():
    desk = Desk()
    desk.store.ready = [reservation(1), reservation(2)]
    desk.post.exchange.turn(2)
    running(desk, for_seconds=0.2)
    desk.post.shelf.take(desk.post.slots[0])
    watching(desk).beat()
    assert [(o.token, o.kind) for outcomes, _ in desk.store.turns for o in outcomes] == [("t2", Kind.RETURNED)]


def test_what_ended_before_a_long_job_is_settled_while_it_runs():
    desk = Desk()
    slot = running(desk, 2, for_seconds=0.2)
    desk.store.held["t1"] = reservation(1)
    desk.post.shelf.keep(FakePrepared(reservation(1), lambda _: None).outcome(Kind.COMPLETED), slot)
    watching(desk).beat()
    assert desk.store.outcomes["t1"].kind is Kind.COMPLETED


def test_behind_a_short_job_everything_stays_where_it_is():
    desk = Desk()
    desk.store.ready = [reservation(1), reservation(2)]
    desk.post.exchange.turn(2)
    running(desk)
    watching(desk).beat()
    assert len(desk.post.shelf.waiting) == 2


def test_as_long_as_one_slot_is_free_nothing_is_handed_back():
    desk = Desk(concurrency=2)
    desk.store.ready = [reservation(1)]
    desk.post.exchange.turn(1)
    running(desk, for_seconds=1)
    watching(desk).beat()
    assert desk.post.shelf.head().id == "id1"


@pytest.mark.parametrize("command", [Command.PAUSE, Command.DRAIN])
def test_a_pause_or_drain_hands_back_what_has_not_started_at_once(command):
    desk = Desk()
    desk.store.ready = [reservation(1)]
    desk.post.exchange.turn(1)
    desk.page.words[COMMAND] = command
    slot = running(desk, 2)
    watching(desk).beat()
    assert [one.id for one in desk.store.ready] == ["id1"]
    assert slot.striker.struck == []


def test_an_interruption_strikes_whatever_runs():
    desk = Desk(concurrency=2)
    slots = [running(desk, 1), running(desk, 2)]
    desk.page.words[COMMAND] = Command.INTERRUPT
    watching(desk).beat()
    assert [slot.striker.struck for slot in slots] == [[JobInterrupted], [JobInterrupted]]


def test_a_cancellation_is_shown_to_the_job_first_and_raised_a_grace_later():
    desk = Desk()
    slot = running(desk)
    desk.page.stop(0, "t1", "Ana said so")
    watch = watching(desk)
    watch.beat()
    assert slot.prepared.cancelled == "Ana said so"
    assert slot.striker.struck == []
    slot.cancel(slot.prepared, boottime_ns() - 1)
    watch.beat()
    assert slot.striker.struck == [JobCancelled]


def test_a_cancellation_of_the_job_before_does_not_touch_the_one_that_runs_now():
    desk = Desk()
    slot = running(desk, 2)
    desk.page.stop(0, "t1", "too late")
    watching(desk).beat()
    assert slot.prepared.cancelled is None


def test_a_cancellation_of_a_job_that_ends_as_it_hears_of_it_does_not_touch_the_next_one():
    desk = Desk()
    slot = running(desk)
    after = FakePrepared(reservation(2), lambda _: None)

    def ends(reason):
        slot.finish()
        slot.start(after, boottime_ns(), 0)

    slot.prepared.cancel = ends
    desk.page.stop(0, "t1", "Ana said so")
    watch = Watch(desk.post, cancel_grace=0)
    watch.beat()
    watch.beat()
    assert (slot.prepared, slot.striker.struck) == (after, [])


def test_an_executor_nobody_fenced_in_time_ends_itself_and_says_why(monkeypatch):
    class Died(BaseException):
        pass

    def die():
        raise Died

    monkeypatch.setattr(module.lifeline, "die", die)
    desk = Desk()
    desk.page.words[FENCE_AT] = boottime_ns() - 1
    with pytest.raises(Died):
        watching(desk).beat()
    assert desk.page.words[ENDING] == Ending.FENCED


def test_progress_is_told_at_most_once_a_second():
    desk = Desk()
    slot = running(desk)
    slot.prepared.to_tell = "half way"
    watch = watching(desk)
    watch.beat()
    watch.beat()
    assert desk.store.news == ["half way"]


def test_progress_the_store_did_not_take_is_told_again():
    desk = Desk()
    slot = running(desk)
    slot.prepared.to_tell = "half way"
    watch = watching(desk)
    taken = desk.store.report

    def refuse(reports):
        raise BackendUnavailable("away")

    desk.store.report = refuse
    watch.beat()
    desk.store.report = taken
    slot.prepared.to_tell = None
    watch._news_at = 0.0
    watch.beat()
    assert desk.store.news == ["half way"]


def test_an_executor_whose_descriptors_were_closed_from_inside_ends(monkeypatch):
    desk, ended = Desk(), threading.Event()

    def die():
        ended.set()
        threading.Event().wait()  # like the real one, it does not return

    monkeypatch.setattr(module.lifeline, "die", die)
    thread = module.WatchThread(Watch(desk.post, cancel_grace=1.0), lambda: None)
    desk.post.bell._pipe.close()
    thread.start()
    assert ended.wait(30)


def test_a_watch_stays_awake_for_a_moment_after_the_last_job_and_is_rung_for_only_when_it_sleeps(monkeypatch):
    desk, at, rings = Desk(), [100.0], []
    monkeypatch.setattr(module.clock, "monotonic", lambda: at[0])
    monkeypatch.setattr(desk.post.bell, "ring", lambda: rings.append(at[0]))
    thread = module.WatchThread(Watch(desk.post, cancel_grace=1.0), lambda: None)
    thread.attend()
    assert rings == [100.0]
    assert thread._beat() is not None
    thread.rest()
    assert thread._beat() == module.BEAT
    thread.attend()
    thread.rest()
    assert rings == [100.0]
    at[0] += module.LINGER
    assert thread._beat() is None
    thread.attend()
    assert rings == [100.0, at[0]]
    assert thread._beat() is not None


def test_a_job_that_comes_while_the_watch_goes_to_sleep_is_looked_after(monkeypatch):
    desk = Desk()
    thread = module.WatchThread(Watch(desk.post, cancel_grace=1.0), lambda: None)
    thread.attend()
    thread.rest()
    times = iter([0.0, module.LINGER])

    def clock() -> float:
        at = next(times)
        if at:
            thread.attend()  # finds nobody asleep yet
        return at

    thread._idle_since = None
    monkeypatch.setattr(module.clock, "monotonic", clock)
    assert thread._beat() == module.BEAT
    assert thread._beat() == 0.0
