from __future__ import annotations

import threading
import time

import pytest

from horizon.backends.values import QueueCount
from horizon.core.lanes import lane
from horizon.core.outcome import Kind
from horizon.core.states import JobState
from horizon.worker.loop import Loop
from horizon.worker.page import ASKED, COMMAND, RECALL, START_UNTIL, Command, Ending
from horizon.worker.watch import Watch
from tests.waiting import until
from tests.worker.fakes import Desk, FakeAttempts, Idle, reservation


def loop_of(desk):
    return Loop(desk.post, desk.slot(Idle()), Watch(desk.post, cancel_grace=10))


def ran(desk):
    return [prepared.reservation.id for prepared in desk.attempts.seen]


def test_once_runs_one_job_settles_it_and_ends():
    desk = Desk(once=True)
    desk.store.ready = [reservation(1), reservation(2)]
    assert loop_of(desk).run() is Ending.RECYCLED
    assert ran(desk) == ["id1"]
    assert list(desk.store.outcomes) == ["t1"]
    assert desk.store.held == {}


def test_once_ends_where_there_is_nothing_to_do():
    assert loop_of(Desk(once=True)).run() is Ending.DONE


def test_stop_when_empty_ends_after_the_last_job():
    desk = Desk(stop_when_empty=True)
    desk.store.ready = [reservation(n) for n in range(120)]
    assert loop_of(desk).run() is Ending.DONE
    assert len(desk.store.outcomes) == 120


def test_short_jobs_are_settled_and_reserved_in_groups():
    desk = Desk(stop_when_empty=True)
    desk.store.ready = [reservation(n) for n in range(200)]
    loop_of(desk).run()
    assert len(desk.store.turns) < 20
    assert max(count for _, count in desk.store.turns) == 50


def test_long_jobs_are_reserved_one_at_a_time():
    def do(prepared):
        return prepared.outcome(Kind.COMPLETED, runtime=30_000)

    desk = Desk(FakeAttempts(do), stop_when_empty=True)
    desk.store.ready = [reservation(n) for n in range(5)]
    loop_of(desk).run()
    assert {count for _, count in desk.store.turns} <= {0, 1}


def test_what_ended_is_settled_before_a_job_nobody_knows_to_be_short():
    settled = []
    desk = Desk(stop_when_empty=True)
    desk.attempts.by_name["new"] = lambda prepared: settled.extend(desk.store.outcomes)
    desk.post.pace.note("job", 100)
    desk.store.ready = [reservation(1), reservation(2, "new")]
    loop_of(desk).run()
    assert settled == ["t1"]


def test_nothing_is_held_behind_a_job_known_to_be_long():
    held = []
    desk = Desk(stop_when_empty=True)
    desk.attempts.by_name["long"] = lambda prepared: held.extend(desk.store.held)
    desk.post.pace.note("long", 500_000)
    desk.post.pace.mean = 100.0
    desk.store.ready = [reservation(1), reservation(2, "long"), reservation(3)]
    desk.post.pace.note("job", 100)
    desk.post.pace.mean = 100.0
    loop_of(desk).run()
    assert held[:1] == ["t2"]
    assert len(desk.store.outcomes) == 3


def test_a_share_of_jobs_is_never_exceeded_and_nothing_is_left_held():
    desk = Desk(max_jobs=3)
    desk.post.pace.note("job", 10)
    desk.store.ready = [reservation(n) for n in range(10)]
    assert loop_of(desk).run() is Ending.RECYCLED
    assert len(desk.store.outcomes) == 3
    assert desk.store.held == {}


def test_an_executor_that_grew_too_large_is_replaced_after_its_job(monkeypatch):
    monkeypatch.setattr("horizon.worker.post.rss_kb", lambda: 9_000_000)
    monkeypatch.setattr("horizon.worker.post.limit_kb", lambda wanted, baseline: 1024)
    desk = Desk(FakeAttempts(lambda prepared: prepared.outcome(Kind.COMPLETED, memory_kb=9_000_000)), memory=1)
    desk.store.ready = [reservation(1), reservation(2)]
    assert loop_of(desk).run() is Ending.RECYCLED
    assert list(desk.store.outcomes) == ["t1"]


@pytest.mark.parametrize("command", [Command.DRAIN, Command.INTERRUPT])
def test_told_to_end_it_finishes_the_running_job_and_hands_back_the_rest(command):
    desk = Desk()
    desk.post.pace.note("job", 100)
    desk.attempts.do = lambda prepared: desk.page.words.__setitem__(COMMAND, command)
    desk.store.ready = [reservation(1), reservation(2), reservation(3)]
    assert loop_of(desk).run() is Ending.DRAINED
    assert list(desk.store.outcomes) == ["t1"]
    assert {one.id for one in desk.store.ready} == {"id2", "id3"}
    assert desk.store.held == {}


def test_paused_it_holds_nothing_and_goes_on_when_told():
    desk = Desk(stop_when_empty=True)
    desk.post.pace.note("job", 100)

    def pause(prepared):
        if prepared.reservation.id == "id1":
            desk.page.words[COMMAND] = Command.PAUSE

    desk.attempts.do = pause
    desk.store.ready = [reservation(1), reservation(2)]
    loop = loop_of(desk)
    thread = threading.Thread(target=loop.run, daemon=True)
    thread.start()
    until(lambda: desk.store.outcomes and not desk.store.held)
    assert ran(desk) == ["id1"]
    desk.page.words[COMMAND] = Command.RUN
    loop.stir()
    thread.join(30)
    assert ran(desk) == ["id1", "id2"]


def test_a_pause_taken_back_before_anybody_noticed_leaves_nothing_lying_around():
    desk = Desk(stop_when_empty=True)
    desk.post.pace.note("job", 100)
    loop = loop_of(desk)
    desk.store.ready = [reservation(1), reservation(2)]
    assert loop._reserve()
    desk.page.words[COMMAND] = Command.PAUSE
    loop._work()
    desk.page.words[COMMAND] = Command.RUN
    loop.run()
    assert ran(desk) == ["id1", "id2"]


def test_outcomes_wait_for_a_store_that_is_away_and_are_then_settled_once():
    desk = Desk(max_jobs=1)

    def go_away(prepared):
        desk.store.down = True

    desk.attempts.do = go_away
    desk.store.ready = [reservation(1)]
    thread = threading.Thread(target=loop_of(desk).run, daemon=True)
    thread.start()
    until(lambda: desk.post.exchange.failures >= 2)
    assert desk.store.outcomes == {}
    desk.store.down = False
    thread.join(30)
    assert list(desk.store.outcomes) == ["t1"]


def test_a_recall_hands_back_what_is_unstarted_and_work_goes_on():
    desk = Desk(stop_when_empty=True)
    desk.post.pace.note("job", 100)

    def recall(prepared):
        if prepared.reservation.id == "id1":
            desk.page.words[RECALL] += 1

    desk.attempts.do = recall
    desk.store.ready = [reservation(1), reservation(2), reservation(3)]
    loop_of(desk).run()
    assert len(desk.store.outcomes) == 3
    returned = [o.token for outcomes, _ in desk.store.turns for o in outcomes if o.kind is Kind.RETURNED]
    assert returned == ["t2", "t3"]


def test_the_watch_settles_and_hands_back_while_the_main_thread_is_busy():
    desk = Desk(stop_when_empty=True)
    desk.post.pace.note("job", 100)
    seen = []

    def linger(prepared):
        if prepared.reservation.id == "id2":
            until(lambda: "t1" in desk.store.outcomes and [one.id for one in desk.store.ready] == ["id3"])
            seen.append(True)

    desk.attempts.do = linger
    desk.store.ready = [reservation(1), reservation(2), reservation(3)]
    loop_of(desk).run()
    assert seen == [True]
    assert len(desk.store.outcomes) == 3


def test_an_executor_does_not_leave_while_its_watch_tells_the_store_of_what_ended():
    desk = Desk()
    desk.post.pace.note("job", 100)
    turn, cleared, telling, looked = desk.store.turn, desk.post.shelf.cleared, threading.Event(), threading.Event()

    def slowly(outcomes, want=None):
        if threading.current_thread().name == "horizon-watch" and outcomes:
            telling.set()
            looked.wait(30)
        return turn(outcomes, want)

    def look():
        seen = cleared()
        looked.set()
        return seen

    def do(prepared):
        if prepared.reservation.id == "id2":
            desk.page.words[COMMAND] = Command.DRAIN
            desk.post.bell.ring()
            telling.wait(30)

    desk.store.turn, desk.post.shelf.cleared, desk.attempts.do = slowly, look, do
    desk.store.ready = [reservation(1), reservation(2)]
    assert loop_of(desk).run() is Ending.DRAINED
    told = set(desk.store.outcomes)
    looked.set()
    assert told == {"t1", "t2"}


def test_a_word_of_the_guardian_that_comes_while_the_store_is_asked_ends_the_rest_before_it_begins():
    desk = Desk(sleep=30.0)
    loop, waits = loop_of(desk), []
    turn = desk.store.turn

    def and_then_a_word(outcomes, want=None):
        turned = turn(outcomes, want)
        desk.page.words[COMMAND] = Command.DRAIN
        loop.stir()
        desk.store.hint.clear()  # nobody waited
        return turned

    desk.store.turn = and_then_a_word
    desk.store.wait = lambda queues, timeout: waits.append(timeout)
    assert loop.run() is Ending.DRAINED
    assert waits == []


def test_a_word_of_the_guardian_asks_nothing_of_the_store_while_a_job_runs():
    desk, wakes = Desk(max_jobs=1), []
    desk.store.wake = lambda: wakes.append(True)
    loop = loop_of(desk)
    desk.attempts.do = lambda prepared: loop.stir()
    desk.store.ready = [reservation(1)]
    loop.run()
    assert wakes == []


def test_a_word_of_the_guardian_ends_a_wait_at_the_store():
    desk = Desk(sleep=30.0)
    desk.store.wait = lambda queues, timeout: (loop.stir(), desk.store.hint.wait(timeout))[1]
    loop = loop_of(desk)
    desk.store.wake = lambda: (desk.page.words.__setitem__(COMMAND, Command.DRAIN), desk.store.hint.set())
    assert loop.run() is Ending.DRAINED


def test_jobs_in_lanes_are_no_reason_to_go_on_but_those_here_are_however_many_come_into_lanes_meanwhile():
    desk = Desk(stop_when_empty=True)
    parked = QueueCount(queue=lane("move", "other", "mails"), counts={JobState.PENDING: 1})
    here = QueueCount(queue="mails", counts={JobState.PENDING: 1})
    desk.store.remaining = lambda queues=(): 1
    desk.store.counts = lambda: [parked]
    assert desk.post.finished()
    desk.store.counts = lambda: [parked, here]  # the lane's has come since it was asked how many are left
    assert not desk.post.finished()


def test_a_hint_wakes_a_resting_executor():
    desk = Desk(sleep=30.0, max_jobs=1)
    desk.store.wait = lambda queues, timeout: (desk.store.hint.wait(timeout), desk.store.hint.clear())[0]
    thread = threading.Thread(target=loop_of(desk).run, daemon=True)
    thread.start()
    time.sleep(0)
    desk.store.ready = [reservation(1)]
    desk.store.hint.set()
    thread.join(30)
    assert list(desk.store.outcomes) == ["t1"]


def test_what_has_ended_is_settled_also_when_the_lease_has_run_too_low_for_another_start():
    desk = Desk()
    desk.attempts.do = lambda prepared: desk.page.words.__setitem__(START_UNTIL, 1)
    desk.store.ready = [reservation(1), reservation(2)]
    thread = threading.Thread(target=loop_of(desk).run, daemon=True)
    thread.start()
    until(lambda: desk.store.outcomes)
    assert list(desk.store.outcomes) == ["t1"]
    desk.page.words[COMMAND] = Command.DRAIN
    thread.join(30)
    assert desk.store.held == {}


def overlapping(jobs, do=lambda prepared: None, **orders):
    """A desk that knows its jobs to be very short, with a store that can be asked ahead."""
    desk = Desk(FakeAttempts(do), stop_when_empty=True, **orders)
    desk.post.pace.note("job", 100)
    desk.store.overlaps = True
    desk.store.ready = [reservation(n) for n in range(jobs)]
    return desk


def test_the_next_very_short_jobs_are_asked_for_while_these_run():
    desk = overlapping(120)
    met = []
    desk.attempts.do = lambda prepared: met.append(desk.page.words[ASKED])
    assert loop_of(desk).run() is Ending.DONE
    assert len(desk.store.outcomes) == 120
    assert ran(desk) == [f"id{n}" for n in range(120)]
    assert met == [1] * 50 + [2] * 50 + [0] * 20, "nothing is asked ahead where the last answer was not full"
    assert [count for _, count in desk.store.turns[:3]] == [50, 50, 50]


def test_nothing_is_asked_ahead_where_jobs_are_not_that_short():
    desk = overlapping(120, lambda prepared: prepared.outcome(Kind.COMPLETED, runtime=10_000))
    desk.post.pace.note("job", 100_000)
    loop_of(desk).run()
    assert desk.store.asked == []
    assert len(desk.store.outcomes) == 120


def test_a_share_of_jobs_is_not_exceeded_by_what_is_asked_ahead():
    desk = overlapping(200, max_jobs=110)
    assert loop_of(desk).run() is Ending.RECYCLED
    assert len(desk.store.outcomes) == 110
    assert desk.store.held == {}


@pytest.mark.parametrize("command", [Command.DRAIN, Command.PAUSE])
def test_what_was_asked_ahead_is_handed_back_when_work_stops(command):
    desk = overlapping(120)

    def stop(prepared):
        if prepared.reservation.id == "id3":
            desk.page.words[COMMAND] = command

    desk.attempts.do = stop
    thread = threading.Thread(target=loop_of(desk).run, daemon=True)
    thread.start()
    until(lambda: len(desk.store.outcomes) == 4 and not desk.store.held)
    assert len(desk.store.ready) == 116
    desk.page.words[COMMAND] = Command.DRAIN
    desk.store.hint.set()
    thread.join(30)
    assert not thread.is_alive()


def test_what_was_asked_ahead_goes_back_too_from_behind_a_job_that_takes_its_time():
    desk = overlapping(120)
    seen = []

    def linger(prepared):
        if prepared.reservation.id == "id3":
            until(lambda: len(desk.store.ready) == 116 and len(desk.store.outcomes) == 3)
            seen.append(True)

    desk.attempts.do = linger
    loop_of(desk).run()
    assert seen == [True]
    assert len(desk.store.outcomes) == 120


def test_a_recall_takes_back_what_was_asked_ahead_as_well():
    desk = overlapping(120)

    def recall(prepared):
        if prepared.reservation.id == "id3" and prepared.reservation.token not in desk.store.outcomes:
            desk.page.words[RECALL] += 1

    desk.attempts.do = recall
    loop_of(desk).run()
    assert len(desk.store.outcomes) == 120
    returned = {o.token for outcomes, _ in desk.store.turns for o in outcomes if o.kind is Kind.RETURNED}
    assert returned >= {f"t{n}" for n in range(4, 100)}


def test_a_store_that_goes_away_in_between_is_heard_again_and_every_job_runs():
    desk = overlapping(120)

    def lose(prepared):
        if prepared.reservation.id == "id3" and not desk.store.turns[2:]:
            desk.store.lose_reply = True

    desk.attempts.do = lose
    loop_of(desk).run()
    assert len(desk.store.outcomes) == 120
    assert desk.store.held == {}
