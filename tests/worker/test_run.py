from __future__ import annotations

import os

import pytest

from horizon.core.errors import JobCancelled, JobInterrupted, JobTimeout
from horizon.core.outcome import Kind
from horizon.worker import run
from horizon.worker.page import DOOMED, RECALL, START_UNTIL
from tests.worker.fakes import Desk, FakeAttempts, FakePrepared, reservation


def raising(error):
    def do(prepared):
        raise error

    return do


def one_job(desk):
    slot = desk.slot()
    desk.store.ready = [reservation(1)]
    desk.post.exchange.turn(1)
    return slot, desk.post.shelf.take(slot)


def test_while_a_job_runs_the_page_names_it_and_afterwards_it_does_not():
    seen = []
    desk = Desk(FakeAttempts(lambda prepared: seen.extend(desk.page.running())))
    desk.attempts.options["job"] = {"timeout": 2.0}
    slot, taken = one_job(desk)
    outcome = desk.post.runner.run(slot, taken)
    (job,) = seen
    assert (job.token, job.job, job.delay, job.deadline - job.started) == ("t1", "id1", 5_000_000, 2_000_000_000)
    assert outcome.kind is Kind.COMPLETED
    assert desk.page.running() == []


def test_a_job_without_timeout_has_no_deadline_on_the_page():
    seen = []
    desk = Desk(FakeAttempts(lambda prepared: seen.extend(desk.page.running())))
    desk.post.runner.run(*one_job(desk))
    assert seen[0].deadline is None


def test_a_decided_job_is_not_run_and_never_on_the_page():
    desk = Desk(FakeAttempts(raising(AssertionError("it ran"))))
    slot, taken = one_job(desk)
    prepared = FakePrepared(taken, lambda _: None)
    prepared.ready = prepared.outcome(Kind.FAILED)
    desk.attempts.prepare = lambda one, received: prepared
    assert desk.post.runner.run(slot, taken) is prepared.ready


def test_a_job_that_the_guardian_takes_back_is_not_started():
    desk = Desk(FakeAttempts(raising(AssertionError("it ran"))))
    slot, taken = one_job(desk)
    desk.page.words[RECALL] = 1
    assert desk.post.runner.run(slot, taken) is None
    assert desk.page.running() == []


def test_nothing_starts_on_a_lease_that_has_run_low():
    desk = Desk(FakeAttempts(raising(AssertionError("it ran"))))
    slot, taken = one_job(desk)
    desk.page.words[START_UNTIL] = 1
    assert desk.post.runner.run(slot, taken) is None


def test_a_job_that_was_not_started_goes_back_unharmed():
    desk = Desk()
    slot, taken = one_job(desk)
    desk.page.words[RECALL] = 1
    desk.post.work_on(slot, taken)
    (outcome,) = desk.post.shelf.outbox
    assert (outcome.kind, outcome.started) == (Kind.RETURNED, False)
    assert desk.post.shelf.done == 0


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (JobTimeout("late"), Kind.RETRY),
        (JobInterrupted("go"), Kind.RETURNED),
        (JobCancelled("no"), Kind.CANCELLED),
        (SystemExit(3), Kind.RETRY),
    ],
)
def test_whatever_escapes_an_attempt_becomes_an_outcome(error, kind):
    desk = Desk(FakeAttempts(raising(error)))
    outcome = desk.post.runner.run(*one_job(desk))
    assert outcome.kind is kind
    assert outcome.delay == (5_000_000 if kind is Kind.RETRY else 0)
    assert desk.page.running() == []


def test_the_last_try_fails_where_an_earlier_one_would_be_retried():
    desk = Desk()
    slot, taken = one_job(desk)
    prepared = FakePrepared(taken, raising(JobTimeout("late")))
    prepared.retry_delay_us = None
    desk.attempts.prepare = lambda one, received: prepared
    assert desk.post.runner.run(slot, taken).kind is Kind.FAILED


def test_an_executor_whose_end_was_decided_leaves_its_mark_on_the_page_for_the_guardian(monkeypatch):
    class Exited(BaseException):
        pass

    def exit_now(code):
        raise Exited(code)

    monkeypatch.setattr(run.os, "_exit", exit_now)
    desk = Desk(FakeAttempts(lambda prepared: desk.page.words.__setitem__(DOOMED, 1)))
    with pytest.raises(Exited):
        desk.post.runner.run(*one_job(desk))
    assert desk.page.running()[0].token == "t1"


def test_a_stop_that_strikes_at_the_very_end_does_not_take_a_finished_job_back():
    class Late:
        struck = False

        def settle(self, slot):
            if not self.struck:
                self.struck = True
                raise JobTimeout("a moment too late")

    desk = Desk()
    slot = desk.slot(Late())
    desk.store.ready = [reservation(1)]
    desk.post.exchange.turn(1)
    assert desk.post.runner.run(slot, desk.post.shelf.take(slot)).kind is Kind.COMPLETED


def test_the_child_of_a_job_that_forked_and_came_back_does_not_go_on():
    """Else it would settle what its parent runs, and reserve in its name."""
    children = []

    def fork(prepared):
        pid = os.fork()
        if pid == 0:
            raise ValueError("the child comes back")
        children.append(pid)

    desk = Desk(FakeAttempts(fork))
    slot, taken = one_job(desk)
    parent = os.getpid()
    outcome = desk.post.runner.run(slot, taken)
    if os.getpid() != parent:
        os._exit(99)
    assert outcome.kind is Kind.COMPLETED
    assert os.waitpid(children[0], 0)[1] == 0


def test_an_exception_that_cannot_be_put_in_words_is_an_outcome_all_the_same():
    class Mute(Exception):
        def __str__(self):
            raise SystemExit("no words")

    desk = Desk(FakeAttempts(raising(Mute())))
    outcome = desk.post.runner.run(*one_job(desk))
    assert (outcome.kind, outcome.error.message) == (Kind.RETRY, "<its own text raised SystemExit>")
