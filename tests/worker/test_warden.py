from __future__ import annotations

from dataclasses import replace

import pytest

from horizon.backends.values import VerdictKind
from horizon.core import clock
from horizon.core.scaling import Scale
from horizon.worker import judge, warden
from horizon.worker.judge import Step
from horizon.worker.options import parse
from horizon.worker.page import ASKED, COMMAND, DOOMED, ENDING, FENCE_AT, JOBS, PHASE, RECALL, START_UNTIL, Command, Ending, Page, Phase
from horizon.worker.plan import plan
from horizon.worker.told import Told
from horizon.worker.warden import LEAVE, Warden
from tests.worker.test_options import VALUES


class FakeChild:
    """An executor without a process: tests write its page, and say when it is gone."""

    made: list[FakeChild] = []

    def __init__(self, orders):
        self.orders, self.number = orders, orders.number
        self.page = Page.create(orders.concurrency)
        self.born = clock.boottime_ns()
        self.pid, self.code, self.left_at = 1000 + orders.number, None, 0
        self.step, self.doom = Step.WAIT, None
        self.cancelled, self.recalled, self.lying, self.before = {}, set(), ("", 0), 0
        self.problems = ()
        FakeChild.made.append(self)

    def start(self, app, tally):
        self.app = app

    def lease(self, start_until, fence_at):
        self.page.words[START_UNTIL], self.page.words[FENCE_AT] = start_until, fence_at

    def command(self, command):
        self.page.words[COMMAND] = command

    def end(self, step, reason):
        if step > self.step:
            self.step, self.doom = step, self.doom or reason
            self.page.words[DOOMED] = 1

    def gone(self):
        return self.code

    def close(self):
        pass

    @property
    def phase(self):
        return Phase(self.page.words[PHASE])

    @property
    def ending(self):
        return Ending(self.page.words[ENDING])

    # what tests do with it

    def ready(self):
        self.page.words[PHASE] = Phase.READY
        return self

    def run(self, token="t", *, seconds=1.0, timeout=None, slot=0):
        began = clock.boottime_ns() - judge.ns(seconds)
        self.page.begin(slot, token, f"job-{token}", began, began + judge.ns(timeout) if timeout else 0, 7)
        return self

    def die(self, code=-9):
        self.code = code

    def leave(self, ending):
        self.page.words[ENDING], self.page.words[PHASE], self.code = ending, Phase.ENDED, 0


class FakeLedger:
    def __init__(self):
        self.session, self.renewed = "s1", clock.boottime_ns()
        self.buried, self.taken = [], []
        self.handed_out = set()

    def held(self, executor):
        return self.handed_out

    def bury(self, executor, verdicts):
        self.buried.append((executor, verdicts))

    def settle(self):
        return True

    def take_back(self, executor, tokens):
        self.taken.append((executor, tokens))
        return True


@pytest.fixture
def keep(monkeypatch):
    """A warden of two executors with two slots each."""
    monkeypatch.setattr(warden, "Child", FakeChild)
    FakeChild.made = []
    return make()


def make(*flags):
    told = Told(values={**VALUES, "concurrency": 2}, location="here", warnings=(), problems=())
    made = Warden(plan(parse(flags), told), FakeLedger())
    made.fill()
    return made


def test_as_many_executors_are_started_as_were_planned_each_under_a_number_of_its_own(keep):
    keep.fill()
    assert [child.number for child in keep.children] == [1, 2]
    assert all(child.page.words[START_UNTIL] > clock.boottime_ns() for child in keep.children)


def test_one_that_died_is_buried_by_its_page_and_replaced(keep):
    first = keep.children[0].ready().run()
    first.die()
    keep.reap()
    keep.fill()
    ((number, verdicts),) = keep.ledger.buried
    assert number == 1
    assert (verdicts["t"].kind, verdicts["t"].only) == (VerdictKind.CRASH, True)
    assert [child.number for child in keep.children] == [2, 3]


def test_one_that_fenced_itself_off_accuses_nobody(keep):
    first = keep.children[0].ready().run()
    first.page.words[ENDING] = Ending.FENCED
    first.die()
    keep.reap()
    assert keep.ledger.buried[0][1]["t"].kind is VerdictKind.INTERRUPTED


def test_one_of_an_earlier_session_is_not_buried_in_the_present_one(keep):
    keep.children[0].ready().run().die()
    keep.ledger.session = "s2"
    keep.reap()
    assert keep.ledger.buried == []


def test_one_that_did_its_share_is_replaced_and_one_that_is_done_is_not(keep):
    recycled, done = keep.children
    recycled.leave(Ending.RECYCLED)
    done.leave(Ending.DONE)
    keep.reap()
    keep.fill()
    assert [child.number for child in keep.children] == [3]
    assert not keep.over()
    keep.children[0].leave(Ending.DONE)
    keep.reap()
    assert keep.over()


def test_an_exit_code_of_zero_in_the_middle_of_a_job_is_a_crash_all_the_same(keep):
    keep.children[0].ready().run().die(0)
    keep.reap()
    keep.fill()
    assert keep.ledger.buried[0][1]["t"].kind is VerdictKind.CRASH
    assert len(keep.children) == 2


def test_an_app_that_does_not_load_is_tried_again_later_and_named_as_a_problem(keep, capsys):
    for child in keep.children:
        child.die(1)
    keep.reap()
    keep.fill()
    assert keep.children == []
    assert keep.spawn_at > clock.monotonic()
    assert "loaded the app (exit code 1)" in keep.boot_problem
    assert "trying again" in capsys.readouterr().err
    assert not keep.given_up()


def test_a_worker_that_should_end_by_itself_gives_an_app_up_that_does_not_load(monkeypatch):
    monkeypatch.setattr(warden, "Child", FakeChild)
    keep = make("--stop-when-empty", "--processes", "1")
    for _ in range(warden.GIVE_UP):
        keep.children[0].die(1)
        keep.reap()
        keep.spawn_at = 0.0
        keep.fill()
    assert keep.given_up()


def test_a_problem_is_over_once_an_executor_is_ready(keep):
    keep.children[0].die(1)
    keep.reap()
    keep.children[0].ready()
    keep.watch()
    assert keep.boot_problem == ""


def test_problems_are_those_of_the_executors_that_live_and_before_that_those_of_the_app(keep):
    keep.plan = replace(keep.plan, problems=("seen at the start",))
    assert keep.problems() == ("seen at the start",)
    for child in keep.children:
        child.ready().problems = ("seen here",)
    assert keep.problems() == ("seen here",)
    for child in keep.children:
        child.problems = ()
    assert keep.problems() == ()


def test_one_that_is_done_but_had_to_be_killed_to_leave_is_not_replaced(keep):
    for child in keep.children:
        child.leave(Ending.DONE)
        child.die(-9)
    keep.reap()
    assert keep.over()


def test_one_that_does_not_become_ready_in_time_is_killed(keep):
    keep.children[0].born -= judge.ns(61)
    keep.watch()
    assert [child.step for child in keep.children] == [Step.KILL, Step.WAIT]


def test_one_that_has_ended_and_does_not_leave_is_killed(keep):
    first = keep.children[0]
    first.page.words[PHASE] = Phase.ENDED
    keep.watch()
    assert first.step is Step.WAIT
    first.left_at -= judge.ns(LEAVE + 1)
    keep.watch()
    assert first.step is Step.KILL


def test_what_runs_past_its_timeout_is_termed_and_then_killed(keep):
    first, second = keep.children
    first.ready().run(seconds=62.5, timeout=60)
    second.ready().run(seconds=59, timeout=60)
    keep.watch()
    assert (first.step, second.step) == (Step.TERM, Step.WAIT)
    first.run(seconds=64.5, timeout=60)
    keep.watch()
    assert first.step is Step.KILL


def test_a_lease_that_runs_out_ends_everybody_and_starts_nobody(keep):
    keep.ledger.renewed -= judge.ns(11)
    keep.watch()
    assert [child.step for child in keep.children] == [Step.TERM, Step.TERM]
    keep.children[0].die()
    keep.reap()
    keep.fill()
    assert len(keep.children) == 1


def test_those_who_do_not_yield_to_an_interruption_are_killed_after_a_grace(keep):
    first = keep.children[0].ready().run()
    keep.order(Command.INTERRUPT)
    keep.watch()
    assert first.step is Step.WAIT
    keep.hurry()
    keep.watch()
    assert first.step is Step.KILL
    first.die()
    keep.reap()
    assert keep.ledger.buried[0][1]["t"].kind is VerdictKind.INTERRUPTED


def test_nobody_is_started_while_the_worker_drains(keep):
    keep.order(Command.DRAIN)
    keep.children[0].leave(Ending.DRAINED)
    keep.reap()
    keep.fill()
    assert len(keep.children) == 1
    keep.children[0].leave(Ending.DRAINED)
    keep.reap()
    assert keep.over()


def test_those_who_come_later_hear_what_was_ordered_before(keep):
    keep.order(Command.PAUSE)
    keep.children[0].die()
    keep.reap()
    keep.spawn_at = 0.0
    keep.fill()
    assert keep.children[-1].page.words[COMMAND] == Command.PAUSE


def test_unstarted_jobs_are_taken_back_once_from_behind_a_stuck_one(keep):
    first = keep.children[0].ready().run("stuck", seconds=2)
    first.page.lay_out(["stuck", "behind"])
    keep.watch()
    keep.watch()
    assert keep.ledger.taken == [(1, {"behind"})]
    assert first.page.words[RECALL] == 1


def test_nothing_is_taken_back_from_behind_a_job_that_has_just_begun(keep):
    first = keep.children[0].ready().run("new", seconds=0.1)
    first.page.lay_out(["behind"])
    keep.watch()
    assert keep.ledger.taken == []


def test_what_is_reserved_once_the_recall_was_answered_is_not_taken_back(keep, monkeypatch):
    first = keep.children[0].ready().run("stuck", seconds=2)
    first.page.lay_out(["behind"])
    monkeypatch.setattr(warden.clock, "sleep", lambda seconds: first.page.lay_out(["behind", "fresh"]))
    keep.watch()
    assert keep.ledger.taken == [(1, {"behind"})]


def test_jobs_in_an_answer_that_nobody_reads_are_taken_back_from_behind_a_stuck_one(keep):
    first = keep.children[0].ready()
    first.page.lay_out(["stuck"], ["ended"])
    first.page.take()
    first.run("stuck", seconds=2)
    first.page.words[ASKED] = 4
    keep.ledger.handed_out = {"ended", "stuck", "unread"}
    keep.watch()
    keep.watch()
    assert keep.ledger.taken == [(1, {"unread"})]


def test_jobs_in_an_answer_that_is_read_meanwhile_are_not(keep, monkeypatch):
    first = keep.children[0].ready().run("stuck", seconds=2)
    first.page.words[ASKED] = 4
    keep.ledger.handed_out = {"stuck", "read"}
    monkeypatch.setattr(warden.clock, "sleep", lambda seconds: first.page.words.__setitem__(ASKED, 0))
    keep.watch()
    assert keep.ledger.taken == [(1, set())]


def test_unstarted_jobs_are_taken_back_from_an_executor_that_does_nothing_about_them(keep, monkeypatch):
    first, now = keep.children[0].ready(), clock.boottime_ns()
    first.page.lay_out(["a", "b"])
    keep.watch()
    assert keep.ledger.taken == []
    monkeypatch.setattr(warden.clock, "boottime_ns", lambda: now + judge.LYING_AFTER + judge.NS)
    keep.watch()
    keep.watch()
    assert keep.ledger.taken == [(1, {"a", "b"})]


def test_an_executor_that_starts_one_after_the_other_keeps_its_unstarted_jobs(keep, monkeypatch):
    first, now = keep.children[0].ready(), clock.boottime_ns()
    first.page.lay_out(["a", "b"])
    keep.watch()
    first.page.take()
    monkeypatch.setattr(warden.clock, "boottime_ns", lambda: now + judge.LYING_AFTER + judge.NS)
    keep.watch()
    assert keep.ledger.taken == []


def test_what_had_ended_unheard_in_one_that_died_alone_is_suspect_and_not_charged(keep):
    first = keep.children[0].ready()
    first.page.lay_out(["next"], ["ended"])
    first.die(-11)
    keep.reap()
    ((_, verdicts),) = keep.ledger.buried
    assert set(verdicts) == {"ended"}
    assert (verdicts["ended"].kind, verdicts["ended"].only) == (VerdictKind.CRASH, False)
    assert "before the end of this run was kept (SIGSEGV)" in verdicts["ended"].reason


def test_what_had_ended_unheard_beside_the_one_that_died_is_no_suspect(keep):
    first = keep.children[0].ready()
    first.page.lay_out([], ["ended", "t"])
    first.run("t").die()
    keep.reap()
    ((_, verdicts),) = keep.ledger.buried
    assert {token: verdict.kind for token, verdict in verdicts.items()} == {"t": VerdictKind.CRASH, "ended": VerdictKind.INTERRUPTED}


def test_a_system_without_room_for_another_process_is_asked_again_later(keep, monkeypatch, capsys):
    def refuse(child, app, tally):
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(FakeChild, "start", refuse)
    keep.children[0].ready().die()
    keep.reap()
    keep.fill()
    assert len(keep.children) == 1
    assert keep.spawn_at > clock.monotonic()
    assert "no process could be started" in capsys.readouterr().err
    monkeypatch.undo()
    monkeypatch.setattr(warden, "Child", FakeChild)
    keep.spawn_at = 0.0
    keep.fill()
    assert len(keep.children) == 2


@pytest.fixture
def few(monkeypatch):
    """Two executors that may start three jobs together."""
    monkeypatch.setattr(warden, "Child", FakeChild)
    return make("--max-jobs", "3")


def start_jobs(keep, child, count):
    for _ in range(count):
        assert keep.tally.claim(child.orders.place)
    child.page.words[JOBS] = count


def test_each_executor_has_a_place_that_its_successor_takes_over(few):
    assert [child.orders.place for child in few.children] == [0, 1]
    few.children[0].ready().die()
    few.reap()
    few.fill()
    assert [child.orders.place for child in few.children] == [1, 0]


def test_when_all_its_jobs_have_run_nobody_is_started_any_more_and_it_is_enough(few):
    first, second = few.children
    start_jobs(few, first.ready(), 2)
    few.tally.claim(second.ready().orders.place)
    assert not few.enough()  # it is about to start, and does not stand on the page yet
    second.run()
    assert not few.enough()
    second.page.end(0)
    second.page.words[JOBS] = 1
    assert few.enough()
    for child in (first, second):
        child.leave(Ending.RECYCLED)
    few.reap()
    few.fill()
    assert few.over()


def test_what_a_dead_executor_had_taken_and_not_started_may_be_started_by_another(few):
    first, second = few.children
    start_jobs(few, first.ready(), 1)
    few.tally.claim(0)
    few.tally.claim(0)
    first.die()
    second.leave(Ending.RECYCLED)
    few.reap()
    assert few.tally.left() == 2
    assert not few.over()
    few.fill()
    assert len(few.children) == 2
    assert few.children[0].before + few.children[1].before == 1


# how many somebody wants for now ------------------------------------------------------------------------------------


def orders(keep):
    return {child.number: child.page.words[COMMAND] for child in keep.children}


def test_more_are_started_when_somebody_wants_more_and_never_more_than_allowed(keep, monkeypatch):
    big = make("--processes", "2", "--max-processes", "4")
    big.scale = Scale(to=3, by="ana")
    big.trim()
    big.fill()
    assert [child.orders.place for child in big.children] == [0, 1, 2]
    big.scale = Scale(to=40, by="ana")
    big.fill()
    assert len(big.children) == big.size == big.plan.most_processes


def test_those_who_are_too_many_finish_what_they_run_and_are_not_replaced(keep):
    keep.scale = Scale(to=1, by="ana")
    keep.trim()
    keep.trim()
    assert orders(keep) == {1: Command.RUN, 2: Command.DRAIN}
    keep.children[1].leave(Ending.DRAINED)
    keep.reap()
    keep.fill()
    assert [child.number for child in keep.children] == [1]
    keep.scale = None
    keep.trim()
    keep.fill()
    assert [child.orders.place for child in keep.children] == [0, 1]


def test_a_number_that_was_set_for_a_time_ends_with_it(keep, capsys):
    keep.scale = Scale(to=1, by="ana", until=clock.now() - 1)
    keep.trim()
    assert (keep.scale, keep.size) == (None, 2)
    assert orders(keep) == {1: Command.RUN, 2: Command.RUN}
    assert "back to 2 processes" in capsys.readouterr().err


def test_a_worker_that_drains_sends_nobody_home_twice(keep):
    keep.order(Command.INTERRUPT)
    keep.scale = Scale(to=1, by="ana")
    keep.trim()
    assert set(orders(keep).values()) == {Command.INTERRUPT}


def test_one_that_ends_when_its_jobs_are_done_never_gets_more_than_it_began_with(few):
    assert few.plan.most_processes == few.plan.processes
