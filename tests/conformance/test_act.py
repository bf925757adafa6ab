"""What people do to one job: cancel, retry, run now, put off, hurry, move."""

from __future__ import annotations

import pytest

from horizon.backends.values import Verb
from horizon.core.clock import SECOND
from horizon.core.errors import InvalidOption
from tests.conformance.driver import Driver, envelope
from tests.conformance.states import ENDED, LIVE, in_state

# cancel ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [state for state in LIVE if state != "processing"])
def test_cancelling_a_job_that_waits_ends_it_with_the_reason(drive: Driver, state: str) -> None:
    id = in_state(drive, state)
    drive.did(Verb.CANCEL, id, reason="not wanted")
    record = drive.get(id)
    assert (record.state, record.reason, record.finished_at) == ("cancelled", "not wanted", drive.clock())
    assert drive.counts(f"q-{state}") == {"cancelled": 1}


def test_cancelling_a_running_job_asks_it_to_stop(drive: Driver) -> None:
    id = in_state(drive, "processing")
    drive.did(Verb.CANCEL, id, reason="wrong file")
    assert (drive.state(id), drive.get(id).cancel_requested, drive.get(id).reason) == ("processing", True, "wrong file")
    assert drive.refusal(Verb.CANCEL, id)


@pytest.mark.parametrize("state", ENDED)
def test_a_job_that_ended_is_not_cancelled(drive: Driver, state: str) -> None:
    id = in_state(drive, state)
    before = drive.get(id)
    assert state in drive.refusal(Verb.CANCEL, id)
    assert drive.get(id) == before


# retry ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ENDED)
def test_retrying_opens_a_new_round_under_the_same_id(drive: Driver, state: str) -> None:
    id = in_state(drive, state, max_tries=1)
    drive.did(Verb.RETRY, id)
    record = drive.get(id)
    assert (record.state, record.round, record.attempts, record.finished_at, record.result) == ("pending", 1, 0, None, None)
    assert [a.round for a in record.history] == [0]
    again = drive.take(id)
    assert (again.attempt, again.run, again.round) == (1, 2, 1)
    drive.complete(again)
    assert [(a.number, a.round) for a in drive.get(id).history] == [(1, 0), (2, 1)]


def test_a_retried_job_starts_with_no_crash_on_its_account(drive: Driver) -> None:
    id = drive.push(max_crashes=1)
    drive.crash(drive.take())
    drive.did(Verb.RETRY, id)
    assert drive.get(id).crashes == 0


def test_retrying_with_a_moment_schedules_it(drive: Driver) -> None:
    id = in_state(drive, "failed")
    drive.did(Verb.RETRY, id, at=drive.clock() + 60 * SECOND)
    assert (drive.state(id), drive.get(id).available_at) == ("scheduled", drive.clock() + 60 * SECOND)


@pytest.mark.parametrize("state", LIVE)
def test_a_live_job_is_not_retried(drive: Driver, state: str) -> None:
    id = in_state(drive, state)
    before = drive.get(id)
    assert state in drive.refusal(Verb.RETRY, id)
    assert drive.get(id) == before


def test_two_people_retrying_the_same_job_retry_it_once(drive: Driver) -> None:
    id = in_state(drive, "failed")
    drive.did(Verb.RETRY, id)
    assert drive.refusal(Verb.RETRY, id)
    assert drive.get(id).round == 1


def test_a_retry_is_skipped_while_another_job_holds_the_key(drive: Driver) -> None:
    old = drive.push(unique_key="k")
    drive.fail(drive.take())
    new = drive.push(unique_key="k")
    assert drive.refusal(Verb.RETRY, old) == f"key held by {new}"
    drive.run(new)
    drive.did(Verb.RETRY, old)
    (answer,) = drive.backend.push([envelope(unique_key="k")])
    assert (answer.status, answer.holder) == ("duplicate", old)


def test_of_two_ended_jobs_with_one_key_only_one_can_be_retried(drive: Driver) -> None:
    first = drive.push(unique_key="k")
    drive.fail(drive.take())
    second = drive.push(unique_key="k")
    drive.fail(drive.take())
    acted = drive.act(Verb.RETRY, first, second)
    assert acted.done == (first,)
    assert acted.skipped == ((second, f"key held by {first}"),)


def test_a_late_outcome_of_an_earlier_round_is_not_believed(drive: Driver) -> None:
    id = drive.push()
    got = drive.take()
    drive.fail(got)
    drive.did(Verb.RETRY, id)
    drive.complete(got)
    assert drive.state(id) == "pending"


# run now, reschedule --------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["scheduled", "retrying"])
def test_a_job_that_waits_for_its_time_can_be_run_now(drive: Driver, state: str) -> None:
    id = in_state(drive, state)
    drive.did(Verb.RUN_NOW, id)
    assert drive.state(id) == "pending"
    drive.take(id)


@pytest.mark.parametrize("state", ["blocked", "pending", "processing", *ENDED])
def test_run_now_is_for_jobs_that_wait_for_their_time(drive: Driver, state: str) -> None:
    assert state in drive.refusal(Verb.RUN_NOW, in_state(drive, state))


@pytest.mark.parametrize(("state", "then"), [("pending", "scheduled"), ("scheduled", "scheduled"), ("retrying", "retrying")])
def test_a_job_can_be_told_to_wait_until_another_time(drive: Driver, state: str, then: str) -> None:
    id = in_state(drive, state)
    drive.did(Verb.RESCHEDULE, id, at=drive.clock() + 500 * SECOND)
    assert (drive.state(id), drive.get(id).available_at) == (then, drive.clock() + 500 * SECOND)
    drive.clock.advance(499)
    assert id not in [r.id for r in drive.reserve(5, queues=(f"q-{state}",))]
    drive.clock.advance(1)
    assert [r.id for r in drive.reserve(5, queues=(f"q-{state}",))] == [id]


@pytest.mark.parametrize("state", ["blocked", "processing", *ENDED])
def test_other_jobs_are_not_rescheduled(drive: Driver, state: str) -> None:
    assert state in drive.refusal(Verb.RESCHEDULE, in_state(drive, state), at=drive.clock() + SECOND)


# priority and queue ---------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["pending", "scheduled", "blocked", "retrying"])
def test_a_job_that_has_not_started_can_change_its_priority(drive: Driver, state: str) -> None:
    id = in_state(drive, state)
    drive.did(Verb.PRIORITIZE, id, priority=20)
    assert (drive.get(id).priority, drive.state(id)) == (20, state)


def test_a_prioritized_job_overtakes(drive: Driver) -> None:
    _, second = drive.push_many(2)
    drive.did(Verb.PRIORITIZE, second, priority=1)
    assert drive.take(second).priority == 1


@pytest.mark.parametrize("state", ["processing", *ENDED])
def test_a_job_that_has_started_keeps_its_priority(drive: Driver, state: str) -> None:
    assert state in drive.refusal(Verb.PRIORITIZE, in_state(drive, state), priority=5)


@pytest.mark.parametrize("state", ["pending", "scheduled", "blocked", "retrying", *ENDED])
def test_a_job_that_does_not_run_can_be_moved_and_its_counters_move_with_it(drive: Driver, state: str) -> None:
    id = in_state(drive, state)
    drive.did(Verb.MOVE, id, queue="elsewhere")
    assert (drive.get(id).queue, drive.state(id)) == ("elsewhere", state)
    assert drive.counts(f"q-{state}") == {}
    assert drive.counts("elsewhere") == {state: 1}


def test_a_moved_job_is_reserved_from_its_new_queue(drive: Driver) -> None:
    id = drive.push()
    drive.did(Verb.MOVE, id, queue="elsewhere")
    assert drive.reserve(queues=("mails",)) == []
    assert drive.take(queues=("elsewhere",)).id == id


def test_a_running_job_is_not_moved(drive: Driver) -> None:
    assert drive.refusal(Verb.MOVE, in_state(drive, "processing"), queue="elsewhere")


def test_moving_a_job_to_where_it_is_changes_nothing(drive: Driver) -> None:
    assert drive.refusal(Verb.MOVE, drive.push(), queue="mails")


@pytest.mark.parametrize(
    ("verb", "params"),
    [
        (Verb.RESCHEDULE, {}),
        (Verb.PRIORITIZE, {}),
        (Verb.MOVE, {}),
        (Verb.PRIORITIZE, {"priority": 1000}),
        (Verb.PRIORITIZE, {"priority": -101}),
    ],
)
def test_a_verb_without_what_it_needs_is_refused_before_anything_is_touched(drive: Driver, verb: Verb, params) -> None:
    id = drive.push()
    before = drive.get(id)
    with pytest.raises(InvalidOption):
        drive.act(verb, id, **params)
    assert drive.get(id) == before
