from __future__ import annotations

import json

import pytest

from horizon.backends.values import Verb, Verdict, VerdictKind
from horizon.core.clock import SECOND
from horizon.core.envelope import FOLLOW_UP
from horizon.core.ids import derived
from horizon.core.outcome import Answer, Kind
from tests.conformance.driver import Driver, after


def test_a_crash_of_the_only_running_job_is_charged_to_it(drive: Driver) -> None:
    id = drive.push()
    got = drive.take()
    assert drive.crash(got) == 1
    record = drive.get(id)
    assert (record.state, record.crashes, record.attempts) == ("pending", 1, 0)
    assert [a.outcome for a in record.history] == ["crashed"]
    assert drive.complete(got) is Answer.LOST


def test_a_crash_is_not_charged_to_one_of_several_which_run_alone_next(drive: Driver) -> None:
    ids = drive.push_many(2)
    a, b = drive.reserve(2)
    died = Verdict(kind=VerdictKind.CRASH, only=False)
    assert drive.bury((a, died), (b, died)) == 2
    assert [(drive.get(id).crashes, drive.get(id).attempts) for id in ids] == [(0, 0), (0, 0)]
    alone = drive.reserve(5)
    assert [(r.id, r.alone) for r in alone] == [(ids[0], True)]
    assert drive.reserve(5) == []
    drive.complete(alone[0])
    assert [(r.id, r.alone) for r in drive.reserve(5)] == [(ids[1], True)]


def test_a_suspect_is_not_given_to_an_executor_that_holds_another_job(drive: Driver) -> None:
    first, _ = drive.push_many(2)
    a, b = drive.reserve(2)
    drive.bury((a, Verdict(kind=VerdictKind.CRASH, only=False)), (b, Verdict(kind=VerdictKind.INTERRUPTED)))
    busy = drive.push(priority=9)
    drive.take(busy, executor=1)
    assert first not in [r.id for r in drive.reserve(5, executor=1)]
    assert [r.id for r in drive.reserve(5, executor=2)] == [first]


def test_an_executor_that_runs_a_suspect_gets_no_other_job(drive: Driver) -> None:
    suspect = drive.push()
    got = drive.take()
    drive.bury((got, Verdict(kind=VerdictKind.CRASH, only=False)))
    drive.take(suspect)
    other = drive.push(priority=9)
    assert drive.reserve(5) == []
    assert [r.id for r in drive.reserve(5, executor=1)] == [other]


def test_a_suspect_that_ends_well_is_a_suspect_no_more(drive: Driver) -> None:
    suspect = drive.push()
    got = drive.take()
    drive.bury((got, Verdict(kind=VerdictKind.CRASH, only=False)))
    drive.retry(drive.take(suspect))
    drive.push()
    assert [r.alone for r in drive.reserve(5)] == [False, False]


def test_a_suspect_that_was_only_interrupted_is_still_a_suspect(drive: Driver) -> None:
    suspect = drive.push()
    got = drive.take()
    drive.bury((got, Verdict(kind=VerdictKind.CRASH, only=False)))
    drive.settle(drive.take(suspect), Kind.RETURNED, reason="interrupted")
    assert drive.take(suspect).alone is True


def test_at_the_last_allowed_crash_a_job_fails_and_says_why(open_driver) -> None:
    drive = open_driver(max_crashes=3)
    id = drive.push(max_tries=1)
    for _ in range(3):
        assert drive.state(id) == "pending"
        drive.crash(drive.take(id))
    record = drive.get(id)
    assert (record.state, record.crashes) == ("failed", 3)
    assert "died 3 times" in (record.reason or "")
    assert record.error is not None
    assert record.error.type == "JobCrashed"


def test_a_job_may_say_itself_how_often_it_may_crash(drive: Driver) -> None:
    id = drive.push(max_crashes=1)
    drive.crash(drive.take(id))
    assert drive.state(id) == "failed"


def test_what_had_not_begun_goes_back_uncharged_and_in_place(drive: Driver) -> None:
    begun = drive.push()
    drive.clock.advance(1)
    waiting = drive.push()
    drive.clock.advance(1)
    later = drive.push()
    a, _ = drive.reserve(2)
    drive.bury((a, Verdict(kind=VerdictKind.TIMEOUT, delay=60 * SECOND)))
    assert drive.states(begun, waiting) == ["retrying", "pending"]
    assert (drive.get(waiting).attempts, drive.get(waiting).history) == (0, ())
    assert [(r.id, r.alone) for r in drive.reserve(5)] == [(waiting, False), (later, False)]


def test_a_timeout_with_a_delay_is_another_try_that_costs_one(drive: Driver) -> None:
    id = drive.push()
    drive.bury((drive.take(), Verdict(kind=VerdictKind.TIMEOUT, delay=30 * SECOND, runtime=9 * SECOND, reason="ran 9 s of 5 s")))
    record = drive.get(id)
    assert (record.state, record.attempts, record.available_at) == ("retrying", 1, drive.clock() + 30 * SECOND)
    assert record.error is not None
    assert (record.error.type, record.error.message) == ("JobTimeout", "ran 9 s of 5 s")
    assert (record.runtime, record.history[0].outcome) == (9 * SECOND, "retry")


def test_a_timeout_without_a_delay_was_the_last_try(drive: Driver) -> None:
    id = drive.push()
    drive.bury((drive.take(), Verdict(kind=VerdictKind.TIMEOUT, reason="too long")))
    assert (drive.state(id), drive.get(id).reason) == ("failed", "too long")


def test_a_cancelled_run_that_had_to_be_killed_is_cancelled(drive: Driver) -> None:
    id = drive.push()
    got = drive.take()
    drive.did(Verb.CANCEL, id, reason="no longer wanted")
    drive.bury((got, Verdict(kind=VerdictKind.CANCEL)))
    assert (drive.state(id), drive.get(id).reason) == ("cancelled", "no longer wanted")


def test_of_a_cancelled_run_that_was_killed_stays_who_wanted_it_and_how_it_ended(drive: Driver) -> None:
    id = drive.push()
    got = drive.take()
    drive.did(Verb.CANCEL, id, reason="cancelled by ana")
    drive.bury((got, Verdict(kind=VerdictKind.CANCEL, reason="its process was ended by KILL")))
    record = drive.get(id)
    assert (record.state, record.reason) == ("cancelled", "cancelled by ana")
    assert record.history[-1].error is not None
    assert (record.history[-1].error.type, record.history[-1].error.message) == ("JobKilled", "its process was ended by KILL")


def test_neighbours_of_a_killed_job_are_marked_interrupted_and_charged_nothing(drive: Driver) -> None:
    victim, neighbour = drive.push_many(2)
    a, b = drive.reserve(2)
    drive.bury((a, Verdict(kind=VerdictKind.TIMEOUT)), (b, Verdict(kind=VerdictKind.INTERRUPTED)))
    record = drive.get(neighbour)
    assert drive.state(victim) == "failed"
    assert (record.state, record.attempts, record.crashes, [a.outcome for a in record.history]) == ("pending", 0, 0, ["interrupted"])
    assert drive.take(neighbour).alone is False


@pytest.mark.parametrize("kind_of_end", list(VerdictKind))
def test_a_job_asked_to_cancel_does_not_go_back_when_its_worker_is_gone(drive: Driver, kind_of_end: VerdictKind) -> None:
    id = drive.push()
    got = drive.take()
    drive.did(Verb.CANCEL, id)
    drive.bury((got, Verdict(kind=kind_of_end, delay=SECOND)))
    assert drive.state(id) == "cancelled"


def test_burying_one_executor_leaves_the_others_alone(drive: Driver) -> None:
    drive.push_many(2)
    a, b = drive.take(executor=0), drive.take(executor=1)
    assert drive.bury(executor=0) == 1
    assert drive.states(a.id, b.id) == ["pending", "processing"]
    assert drive.bury(executor=None) == 1
    assert drive.states(a.id, b.id) == ["pending", "pending"]


def test_burying_twice_moves_nothing_the_second_time(drive: Driver) -> None:
    drive.push()
    got = drive.take()
    assert drive.crash(got) == 1
    assert drive.crash(got) == 0
    assert drive.get(got.id).crashes == 1


# the follow-up --------------------------------------------------------------------------------------


def test_a_kill_that_fails_a_job_with_a_hook_pushes_one_follow_up(drive: Driver) -> None:
    id = drive.push(hook=True, queue="reports")
    drive.bury((drive.take(), Verdict(kind=VerdictKind.TIMEOUT)))
    follow_up = drive.get(derived(id, "failed:0"))
    assert (follow_up.name, follow_up.queue, follow_up.state) == (FOLLOW_UP, "reports", "pending")
    assert json.loads(follow_up.payload or b"") == {"args": {"job_id": id, "round": 0}}


def test_each_round_has_a_follow_up_of_its_own(drive: Driver) -> None:
    id = drive.push(hook=True, max_crashes=1)
    drive.crash(drive.take(id))
    drive.did(Verb.RETRY, id)
    drive.act(Verb.CANCEL, derived(id, "failed:0"))
    drive.crash(drive.take(id))
    assert drive.backend.get(derived(id, "failed:1")) is not None


@pytest.mark.parametrize(("hook", "delay"), [(False, None), (True, SECOND)])
def test_no_follow_up_without_a_hook_or_where_another_try_comes(drive: Driver, hook: bool, delay: int | None) -> None:
    id = drive.push(hook=hook)
    drive.bury((drive.take(), Verdict(kind=VerdictKind.TIMEOUT, delay=delay)))
    assert drive.backend.get(derived(id, "failed:0")) is None


def test_an_ordinary_failure_calls_failed_in_its_worker_and_needs_no_follow_up(drive: Driver) -> None:
    id = drive.push(hook=True)
    drive.fail(drive.take())
    assert drive.backend.get(derived(id, "failed:0")) is None


def test_what_a_killed_job_kept_waiting_is_cancelled_with_it(drive: Driver) -> None:
    parent = drive.push(max_crashes=1)
    child = drive.push(edges=after(parent))
    drive.crash(drive.take(parent))
    assert drive.states(parent, child) == ["failed", "cancelled"]
