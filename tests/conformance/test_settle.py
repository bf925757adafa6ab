from __future__ import annotations

import pytest

from horizon.backends.values import Verb, Want
from horizon.core.clock import SECOND
from horizon.core.ids import uuid7
from horizon.core.outcome import Answer, Failure, Kind, LogLine, Outcome
from tests.conformance.driver import Driver, envelope, error, outcome


def test_a_completed_job_keeps_its_result_and_what_was_measured(drive: Driver) -> None:
    id = drive.push()
    drive.clock.advance(2)
    got = drive.take()
    drive.clock.advance(5)
    assert drive.complete(got, result=b'{"sent":1}', started_after=SECOND, runtime=4 * SECOND, memory_kb=2048) is Answer.OK
    record = drive.get(id)
    assert (record.state, record.result, record.error, record.attempts) == ("completed", b'{"sent":1}', None, 1)
    assert (record.started_at, record.finished_at) == (got.reserved_at + SECOND, drive.clock())
    assert (record.wait, record.runtime, record.runtime_seconds, record.memory_kb) == (3 * SECOND, 4 * SECOND, 4.0, 2048)
    assert [(a.number, a.outcome, a.memory_kb) for a in record.history] == [(1, "completed", 2048)]


def test_a_failed_job_keeps_its_error(drive: Driver) -> None:
    id = drive.push()
    drive.fail(drive.take(), error=error("boom", "ValueError", "c1"))
    record = drive.get(id)
    assert (record.state, record.error) == ("failed", error("boom", "ValueError", "c1"))
    assert record.history[0].error == error("boom", "ValueError", "c1")


def test_a_job_that_fails_and_comes_again_waits_for_its_delay(drive: Driver) -> None:
    id = drive.push(max_tries=3)
    drive.retry(drive.take(), delay=30)
    record = drive.get(id)
    assert (record.state, record.available_at, record.attempts) == ("retrying", drive.clock() + 30 * SECOND, 1)
    assert record.error is not None
    assert (record.error.type, record.error.message, record.error.cause) == ("MailError", "no such mailbox", "mail")
    drive.clock.advance(30)
    again = drive.take(id)
    assert (again.attempt, again.run) == (2, 2)
    assert drive.get(id).history[0].delay == 30 * SECOND


def test_a_retry_without_delay_can_be_reserved_at_once(drive: Driver) -> None:
    id = drive.push()
    drive.retry(drive.take())
    assert drive.take(id).attempt == 2


def test_releasing_costs_a_try_and_returning_does_not(drive: Driver) -> None:
    released, returned = drive.push(), drive.push(queue="other")
    drive.settle(drive.take(queues=("mails",)), Kind.RELEASED, delay=10)
    drive.settle(drive.take(queues=("other",)), Kind.RETURNED, delay=10, reason="waits for a limit")
    assert drive.states(released, returned) == ["scheduled", "scheduled"]
    assert (drive.get(released).attempts, drive.get(returned).attempts) == (1, 0)
    assert drive.get(returned).reason == "waits for a limit"
    drive.clock.advance(10)
    assert {r.id: r.attempt for r in drive.reserve(2)} == {released: 2, returned: 1}


def test_an_attempt_that_never_began_leaves_no_trace(drive: Driver) -> None:
    id = drive.push()
    drive.give_back(drive.take())
    record = drive.get(id)
    assert (record.state, record.attempts, record.history) == ("pending", 0, ())
    again = drive.take(id)
    assert (again.attempt, again.run) == (1, 1)


def test_a_job_that_ends_itself_is_cancelled_with_its_reason(drive: Driver) -> None:
    id = drive.push()
    drive.settle(drive.take(), Kind.CANCELLED, reason="deleted by the job")
    assert (drive.state(id), drive.get(id).reason) == ("cancelled", "deleted by the job")


def test_settling_and_reserving_happen_in_one_turn(drive: Driver) -> None:
    first, second = drive.push_many(2)
    got = drive.take(first)
    turned = drive.backend.turn([outcome(got, Kind.COMPLETED)], Want(session="w", executor=0, count=5))
    assert turned.answers == [Answer.OK]
    assert [r.id for r in turned.reservations] == [second]
    assert drive.states(first, second) == ["completed", "processing"]


def test_answers_come_in_the_order_of_the_outcomes(drive: Driver) -> None:
    drive.push_many(3)
    a, b, c = drive.reserve(3)
    stray = Outcome(id=uuid7(), ref=b.ref, token="nobody", kind=Kind.COMPLETED)
    outcomes = [outcome(c, Kind.COMPLETED), stray, outcome(a, Kind.FAILED), outcome(b, Kind.RETRY)]
    assert drive.backend.turn(outcomes).answers == [Answer.OK, Answer.LOST, Answer.OK, Answer.OK]
    assert drive.states(a.id, b.id, c.id) == ["failed", "pending", "completed"]


# tokens ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind_of_end", list(Kind))
def test_the_same_outcome_again_is_a_duplicate_and_changes_nothing(drive: Driver, kind_of_end: Kind) -> None:
    id = drive.push()
    got = drive.take()
    assert drive.settle(got, kind_of_end, delay=5) is Answer.OK
    before, counts = drive.get(id), drive.counts()
    assert drive.settle(got, kind_of_end, delay=5) is Answer.DUP
    assert (drive.get(id), drive.counts()) == (before, counts)


@pytest.mark.parametrize("said", list(Kind))
@pytest.mark.parametrize("then", list(Kind))
def test_another_outcome_of_the_same_token_is_lost(drive: Driver, said: Kind, then: Kind) -> None:
    if said == then:
        return
    id = drive.push()
    got = drive.take()
    drive.settle(got, said, delay=5)
    before = drive.get(id)
    assert drive.settle(got, then, delay=5) is Answer.LOST
    assert drive.get(id) == before


def test_twice_the_same_outcome_in_one_turn_counts_once(drive: Driver) -> None:
    id = drive.push()
    got = drive.take()
    said = outcome(got, Kind.RETRY)
    assert drive.backend.turn([said, said]).answers == [Answer.OK, Answer.DUP]
    assert drive.get(id).attempts == 1


@pytest.mark.parametrize("kind_of_end", list(Kind))
def test_a_stale_token_changes_nothing_of_the_attempt_that_runs_now(drive: Driver, kind_of_end: Kind) -> None:
    id = drive.push()
    stale = drive.take()
    drive.bury(executor=0)
    now_running = drive.take(id)
    before = drive.get(id)
    assert drive.settle(stale, kind_of_end) is Answer.LOST
    assert drive.get(id) == before
    assert drive.complete(now_running) is Answer.OK


def test_a_reply_that_was_lost_is_recognised_after_the_job_was_reserved_again(drive: Driver) -> None:
    id = drive.push()
    first = drive.take()
    drive.retry(first)
    drive.take(id)
    assert drive.retry(first) is Answer.DUP
    assert drive.state(id) == "processing"


def test_a_token_of_another_job_is_lost(drive: Driver) -> None:
    drive.push_many(2)
    a, b = drive.reserve(2)
    crossed = Outcome(id=a.id, ref=a.ref, token=b.token, kind=Kind.COMPLETED)
    assert drive.backend.turn([crossed]).answers == [Answer.LOST]
    assert drive.states(a.id, b.id) == ["processing", "processing"]


def test_an_outcome_of_a_job_that_is_not_there_is_lost(drive: Driver) -> None:
    drive.push()
    got = drive.take()
    unknown = Outcome(id=uuid7(), ref=999_999, token=got.token, kind=Kind.COMPLETED)
    assert drive.backend.turn([unknown]).answers == [Answer.LOST]


def test_every_attempt_has_a_token_of_its_own(drive: Driver) -> None:
    drive.push()
    tokens = set()
    for _ in range(5):
        got = drive.take()
        tokens.add(got.token)
        drive.give_back(got)
    assert len(tokens) == 5


# a cancellation asked for while it ran --------------------------------------------------------------


@pytest.mark.parametrize("kind_of_end", [Kind.RETRY, Kind.RELEASED, Kind.RETURNED])
@pytest.mark.parametrize("delay", [0, 60])
def test_a_job_asked_to_cancel_never_goes_back(drive: Driver, kind_of_end: Kind, delay: int) -> None:
    id = drive.push()
    got = drive.take()
    drive.did(Verb.CANCEL, id, reason="wrong address")
    assert drive.settle(got, kind_of_end, delay=delay) is Answer.OK
    assert (drive.state(id), drive.get(id).reason) == ("cancelled", "wrong address")
    assert drive.settle(got, kind_of_end, delay=delay) is Answer.DUP


def test_a_job_asked_to_cancel_that_never_began_is_cancelled_without_a_run_to_its_name(drive: Driver) -> None:
    id = drive.push()
    got = drive.take()
    drive.did(Verb.CANCEL, id)
    drive.give_back(got)
    record = drive.get(id)
    assert (record.state, record.history, record.started_at, record.runtime) == ("cancelled", (), None, None)


@pytest.mark.parametrize(("kind_of_end", "state"), [(Kind.COMPLETED, "completed"), (Kind.FAILED, "failed"), (Kind.CANCELLED, "cancelled")])
def test_a_job_that_ended_before_it_heard_of_its_cancellation_ends_as_it_said(drive: Driver, kind_of_end: Kind, state: str) -> None:
    id = drive.push()
    got = drive.take()
    drive.did(Verb.CANCEL, id)
    drive.settle(got, kind_of_end)
    assert drive.state(id) == state


# history --------------------------------------------------------------------------------------------


def test_the_history_tells_every_attempt_with_its_logs(drive: Driver) -> None:
    id = drive.push()
    line = LogLine(drive.clock(), "INFO", "connecting")
    drive.retry(drive.take(), delay=1, logs=(line,), runtime=SECOND)
    drive.clock.advance(1)
    drive.settle(drive.take(), Kind.RELEASED, reason="later")
    drive.complete(drive.take(), logs=(line, line))
    first, second, third = drive.get(id).history
    assert (first.number, first.outcome, first.error, first.logs, first.delay) == (1, "retry", error(), (line,), SECOND)
    assert (second.number, second.outcome, second.reason, second.logs) == (2, "released", "later", ())
    assert (third.number, third.outcome, third.logs, third.logs_dropped) == (3, "completed", (line, line), 0)
    assert all(a.started_at is not None and a.finished_at is not None and a.round == 0 for a in (first, second, third))


def test_an_interrupted_run_is_marked_and_costs_nothing(drive: Driver) -> None:
    id = drive.push()
    drive.settle(drive.take(), Kind.RETURNED, reason="interrupted")
    record = drive.get(id)
    assert (record.state, record.attempts, [a.outcome for a in record.history]) == ("pending", 0, ["interrupted"])


def test_an_outcome_the_store_cannot_keep_ends_its_job_and_no_other(drive: Driver) -> None:
    good, bad = drive.push_many(2)
    a, b = drive.reserve(2)
    unkeepable = Failure(type="E", message="\ud800", cause="c")
    turned = drive.backend.turn([outcome(b, Kind.RETRY, error=unkeepable), outcome(a, Kind.COMPLETED)])
    assert list(turned.refused) == [0]
    assert turned.answers == [Answer.OK, Answer.OK]
    assert drive.states(good, bad) == ["completed", "failed"]
    assert (drive.get(bad).reason or "").startswith("unsettleable")


def test_a_thousand_jobs_go_through_in_groups_and_nothing_is_left(drive: Driver) -> None:
    drive.backend.push([envelope() for _ in range(1000)])
    outcomes: list[Outcome] = []
    for _ in range(21):
        turned = drive.backend.turn(outcomes, Want(session="w", executor=0, count=50))
        assert set(turned.answers) <= {Answer.OK}
        outcomes = [outcome(r, Kind.COMPLETED) for r in turned.reservations]
    assert outcomes == []
    assert drive.counts() == {"completed": 1000}
