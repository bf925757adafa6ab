from __future__ import annotations

import asyncio
import threading

import pytest

from horizon.core.errors import JobTimeout
from horizon.core.outcome import Kind
from horizon.worker import crew as module
from horizon.worker.awaiting import EventLoop
from horizon.worker.crew import Crew
from horizon.worker.page import COMMAND, RECALL, Command, Ending
from horizon.worker.run import Runner
from horizon.worker.watch import Watch
from tests.waiting import until
from tests.worker.fakes import Desk, reservation


def crew_of(desk):
    desk.post.runner = Runner(desk.attempts, desk.page, EventLoop(desk.page).call)
    return Crew(desk.post, Watch(desk.post, cancel_grace=10))


def in_background(crew):
    endings = []
    thread = threading.Thread(target=lambda: endings.append(crew.run()), daemon=True)
    thread.start()
    return thread, endings


def test_everything_is_run_once_and_settled():
    desk = Desk(concurrency=3, stop_when_empty=True)
    desk.store.ready = [reservation(n) for n in range(100)]
    assert crew_of(desk).run() is Ending.DONE
    assert len(desk.store.outcomes) == 100
    assert len({prepared.reservation.id for prepared in desk.attempts.seen}) == len(desk.attempts.seen) == 100


def test_as_many_jobs_run_at_the_same_time_as_there_are_slots():
    desk = Desk(concurrency=3, stop_when_empty=True)
    together = threading.Barrier(3, timeout=30)
    desk.attempts.do = lambda prepared: together.wait() and None
    desk.store.ready = [reservation(n) for n in range(3)]
    crew_of(desk).run()
    assert [outcome.kind for outcome in desk.store.outcomes.values()] == [Kind.COMPLETED] * 3


def test_async_jobs_share_one_loop_and_run_at_the_same_time():
    desk = Desk(concurrency=3, stop_when_empty=True)
    loops, here, everybody = set(), [], []

    async def do(prepared):
        loops.add(asyncio.get_running_loop())
        here.append(prepared)
        while len(here) < 3:
            await asyncio.sleep(0.005)
        everybody.append(len(here))

    desk.attempts.do = do
    desk.attempts.options["job"] = {"is_async": True}
    desk.store.ready = [reservation(n) for n in range(3)]
    crew_of(desk).run()
    assert everybody == [3, 3, 3]
    assert len(loops) == 1


def test_a_suspect_runs_by_itself():
    desk = Desk(concurrency=3, stop_when_empty=True)
    beside = []

    def do(prepared):
        if prepared.reservation.alone:
            beside.append(len(desk.page.running()))

    desk.attempts.do = do
    desk.store.ready = [reservation(0), reservation(1), reservation(2, alone=True), reservation(3), reservation(4, alone=True)]
    crew_of(desk).run()
    assert beside == [1, 1]
    assert len(desk.store.outcomes) == 5


def test_no_more_is_reserved_than_there_are_slots_for_jobs_that_are_long():
    desk = Desk(concurrency=2, stop_when_empty=True)
    desk.attempts.do = lambda prepared: prepared.outcome(Kind.COMPLETED, runtime=500_000)
    desk.post.pace.mean = 500_000.0
    desk.store.ready = [reservation(n) for n in range(6)]
    crew_of(desk).run()
    assert max(count for _, count in desk.store.turns) <= 2


def test_told_to_end_it_waits_for_what_runs_and_hands_back_the_rest():
    desk = Desk(concurrency=2)
    go = threading.Event()
    desk.post.pace.note("job", 100)
    desk.attempts.do = lambda prepared: go.wait(30) and None
    desk.store.ready = [reservation(n) for n in range(6)]
    thread, endings = in_background(crew_of(desk))
    until(lambda: len(desk.page.running()) == 2)
    desk.page.words[COMMAND] = Command.DRAIN
    desk.post.bell.ring()
    until(lambda: len(desk.store.ready) == 4)
    assert endings == []
    go.set()
    thread.join(30)
    assert endings == [Ending.DRAINED]
    assert len(desk.store.outcomes) == 2
    assert desk.store.held == {}


def test_a_job_that_ends_just_after_the_last_look_at_the_outbox_is_settled_all_the_same(monkeypatch):
    desk = Desk(concurrency=2)
    go, hands = threading.Event(), desk.post.shelf.hands
    settle = desk.post.exchange.settle

    def settle_and_let_it_end():
        settled = settle()
        if hands:
            go.set()
            until(lambda: not hands)
        return settled

    monkeypatch.setattr(desk.post.exchange, "settle", settle_and_let_it_end)
    desk.attempts.do = lambda prepared: go.wait(30) and None
    desk.store.ready = [reservation(1)]
    crew = crew_of(desk)
    monkeypatch.setattr(crew.watch, "beat", lambda: 0.01)  # only who ends looks at the outbox
    thread, endings = in_background(crew)
    until(lambda: desk.page.running())
    desk.page.words[COMMAND] = Command.DRAIN
    desk.post.bell.ring()
    thread.join(30)
    assert endings == [Ending.DRAINED]
    assert (list(desk.store.outcomes), desk.store.held) == (["t1"], {})


class Looked(dict[int, str]):
    """What is in hands; behind everybody who looks, and keeps nobody from it meanwhile, an idle slot takes the next job."""

    def __init__(self, desk):
        super().__init__()
        self._desk, self._slot = desk, desk.slot()
        self.desk_takes = True

    def __len__(self):
        seen = super().__len__()
        shelf = self._desk.post.shelf
        if self.desk_takes and not shelf.lock.locked():
            self.desk_takes = False
            shelf.take(self._slot)
        return seen


def looked_at(**orders):
    """A crew with one job on its shelf, taken between two looks where there are two."""
    desk = Desk(**orders)
    desk.store.ready = [reservation(1)]
    desk.post.exchange.turn(1)
    desk.post.shelf.hands = Looked(desk)
    return crew_of(desk)


def test_a_job_that_is_just_taken_is_something_left():
    assert looked_at(concurrency=2, once=True)._nothing_left(False) is None


def test_a_job_that_is_just_taken_fills_a_slot():
    assert looked_at(concurrency=2)._ahead() == 1
    assert looked_at(concurrency=2).post.free() == 1


def test_a_job_that_is_just_taken_has_a_thread(monkeypatch):
    started = []
    monkeypatch.setattr(module.threading.Thread, "start", lambda self: started.append(self.name))
    crew = looked_at(concurrency=2)
    crew.post.shelf.waiting.append(reservation(2))
    crew.post.shelf._received.append(0)
    crew._threads = 1
    crew._hire()
    assert started == ["horizon-slot-1"]


def test_nothing_is_reserved_behind_a_suspect_that_is_just_taken():
    desk = Desk(concurrency=2)
    crew, slot = crew_of(desk), desk.slot()
    desk.store.ready = [reservation(1, alone=True)]
    desk.post.exchange.turn(1)
    head = desk.post.shelf.head

    def taken_before_it():
        if not desk.post.shelf.lock.locked() and head() is not None:
            desk.post.shelf.take(slot)  # and not noted yet as the one that runs by itself
        return head()

    desk.post.shelf.head = taken_before_it
    assert crew._room().many == 0


def test_what_is_told_of_a_job_is_told_before_the_executor_can_be_through_with_it():
    desk = Desk(concurrency=2, max_jobs=1)
    told = []
    desk.post.on_outcome = lambda reservation, outcome: told.append((reservation.id, list(desk.post.shelf.hands.values())))
    desk.store.ready = [reservation(1)]
    crew_of(desk).run()
    assert told == [("id1", ["t1"])]


def test_a_share_of_jobs_is_never_exceeded_by_all_slots_together():
    desk = Desk(concurrency=3, max_jobs=4)
    desk.post.pace.note("job", 100)
    desk.store.ready = [reservation(n) for n in range(10)]
    assert crew_of(desk).run() is Ending.RECYCLED
    assert len(desk.store.outcomes) == 4
    assert desk.store.held == {}


def test_a_recall_while_other_slots_work_loses_and_doubles_nothing():
    desk = Desk(concurrency=2, stop_when_empty=True)
    desk.post.pace.note("job", 100)

    def recall(prepared):
        if prepared.reservation.id in ("id3", "id30"):
            desk.page.words[RECALL] += 1

    desk.attempts.do = recall
    desk.store.ready = [reservation(n) for n in range(60)]
    crew_of(desk).run()
    assert len(desk.store.outcomes) == 60


def test_a_new_job_is_taken_up_while_others_run():
    desk = Desk(concurrency=2, max_jobs=2, sleep=30.0)
    go, second = threading.Event(), threading.Event()
    desk.attempts.by_name["long"] = lambda prepared: go.wait(30) and None
    desk.attempts.by_name["late"] = lambda prepared: second.set()
    desk.store.ready = [reservation(1, "long")]
    thread, _ = in_background(crew_of(desk))
    until(lambda: desk.page.running())
    desk.store.ready = [reservation(2, "late")]
    desk.store.hint.set()
    assert second.wait(30)
    go.set()
    thread.join(30)


@pytest.mark.parametrize("is_async", [False, True])
def test_a_job_past_its_timeout_is_stopped_in_its_slot(is_async):
    desk = Desk(concurrency=2, max_jobs=1)
    stopped = []

    def spin(prepared):
        try:
            until(lambda: False)
        except JobTimeout as error:
            stopped.append(error)
            raise

    async def linger(prepared):
        try:
            await asyncio.wait_for(asyncio.sleep(30), 0.1)
        except TimeoutError as error:
            stopped.append(error)

    desk.attempts.do = linger if is_async else spin
    desk.attempts.options["job"] = {"is_async": is_async, "timeout": 0.1}
    desk.store.ready = [reservation(1)]
    thread, _ = in_background(crew_of(desk))
    thread.join(30)
    assert len(stopped) == 1
    assert desk.store.outcomes["t1"].kind is (Kind.COMPLETED if is_async else Kind.RETRY)


def test_an_interruption_cancels_what_is_awaited():
    desk = Desk(concurrency=2)
    stopped = threading.Event()

    async def linger(prepared):
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            stopped.set()

    desk.attempts.do = linger
    desk.attempts.options["job"] = {"is_async": True}
    desk.store.ready = [reservation(1)]
    thread, endings = in_background(crew_of(desk))
    until(lambda: desk.attempts.seen and desk.attempts.seen[0].in_user_code)
    desk.page.words[COMMAND] = Command.INTERRUPT
    desk.post.bell.ring()
    assert stopped.wait(30)
    thread.join(30)
    assert endings == [Ending.DRAINED]


def test_a_fault_of_ours_ends_the_executor_instead_of_leaving_a_job_in_nobodys_hands(monkeypatch):
    codes = []

    def leave(code):
        codes.append(code)
        threading.Event().wait()  # like the real one, it does not return

    monkeypatch.setattr(module.os, "_exit", leave)
    desk = Desk(concurrency=2)
    desk.post.on_outcome = lambda reservation, outcome: 1 / 0
    desk.store.ready = [reservation(1)]
    in_background(crew_of(desk))
    until(lambda: codes)
    assert codes == [module.EXIT_BROKEN]
    desk.page.words[COMMAND] = Command.DRAIN
    desk.post.bell.ring()
