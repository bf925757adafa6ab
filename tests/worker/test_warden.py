"""Executors are started, buried, replaced, and killed where they do not end."""

from __future__ import annotations

from dataclasses import replace

from horizon.backends.values import VerdictKind
from horizon.core import clock
from horizon.worker import judge, warden
from horizon.worker.judge import Step
from horizon.worker.page import COMMAND, ENDING, PHASE, START_UNTIL, Command, Ending, Phase
from horizon.worker.warden import LEAVE
from tests.worker.fake_executors import FakeChild, make


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
