from __future__ import annotations

import pytest

from horizon.backends.values import Verb
from horizon.core.clock import SECOND
from horizon.core.errors import HorizonError, InvalidOption
from horizon.core.ids import uuid7
from horizon.core.outcome import Kind
from horizon.core.query import JobQuery, Selection
from horizon.core.states import JobState
from tests.conformance.driver import Driver, after, audit, envelope, error


def in_state(drive: Driver, state: str, **options) -> str:
    """A job brought into this state, on a queue of its own."""
    options = {"queue": f"q-{state}", **options}
    if state == "blocked":
        return drive.push(edges=after(drive.push(queue="parents", delay=900 * SECOND)), **options)
    if state == "scheduled":
        return drive.push(delay=60 * SECOND, **options)
    id = drive.push(**options)
    if state == "pending":
        return id
    got = drive.take(id, queues=(options["queue"],))
    if state == "retrying":
        drive.retry(got, delay=60)
    if state in ("completed", "failed", "cancelled"):
        drive.settle(got, {"completed": Kind.COMPLETED, "failed": Kind.FAILED, "cancelled": Kind.CANCELLED}[state])
    assert drive.state(id) == state
    return id


LIVE = ("scheduled", "blocked", "pending", "processing", "retrying")
ENDED = ("completed", "failed", "cancelled")

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


# forget and restore ---------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ENDED)
def test_a_forgotten_record_leaves_lists_and_counts_and_can_be_restored(drive: Driver, state: str) -> None:
    id = in_state(drive, state)
    before = drive.get(id)
    drive.did(Verb.FORGET, id, reason="test data")
    assert (drive.get(id).forgotten, drive.get(id).state) == (True, state)
    assert drive.found() == []
    assert drive.found(include_forgotten=True) == [id]
    assert drive.counts(f"q-{state}") == {}
    drive.did(Verb.RESTORE, id)
    assert drive.get(id) == before
    assert drive.found() == [id]
    assert drive.counts(f"q-{state}") == {state: 1}


@pytest.mark.parametrize("state", [state for state in LIVE if state != "processing"])
def test_forgetting_a_live_job_cancels_it_first(drive: Driver, state: str) -> None:
    id = in_state(drive, state)
    drive.did(Verb.FORGET, id, reason="wrong")
    assert (drive.state(id), drive.get(id).forgotten, drive.get(id).reason) == ("cancelled", True, "wrong")
    drive.did(Verb.RESTORE, id)
    assert (drive.state(id), drive.get(id).forgotten) == ("cancelled", False)


def test_forgetting_a_running_job_asks_it_to_stop_and_hides_it_when_it_ended(drive: Driver) -> None:
    id = drive.push()
    got = drive.take()
    drive.did(Verb.FORGET, id)
    assert (drive.state(id), drive.get(id).cancel_requested) == ("processing", True)
    drive.retry(got, delay=5)
    assert (drive.state(id), drive.get(id).forgotten) == ("cancelled", True)
    assert drive.counts() == {}


def test_a_forgotten_job_must_be_restored_before_anything_else(drive: Driver) -> None:
    id = in_state(drive, "failed")
    drive.did(Verb.FORGET, id)
    for verb in (Verb.RETRY, Verb.CANCEL, Verb.FORGET):
        assert drive.refusal(verb, id)
    drive.did(Verb.RESTORE, id)
    drive.did(Verb.RETRY, id)


def test_what_was_not_forgotten_is_not_restored(drive: Driver) -> None:
    assert drive.refusal(Verb.RESTORE, in_state(drive, "failed"))
    assert drive.refusal(Verb.RESTORE, in_state(drive, "pending"))


# selections, audit ----------------------------------------------------------------------------------


def test_what_may_not_be_touched_is_skipped_with_the_reason_and_the_rest_is_done(drive: Driver) -> None:
    good, running = drive.push(), in_state(drive, "processing")
    nowhere = uuid7()
    acted = drive.act(Verb.PRIORITIZE, good, running, nowhere, priority=3)
    assert acted.done == (good,)
    assert {id for id, _ in acted.skipped} == {running, nowhere}
    assert all(reason for _, reason in acted.skipped)


def test_the_same_id_twice_is_one_job(drive: Driver) -> None:
    id = in_state(drive, "failed")
    acted = drive.act(Verb.RETRY, id, id)
    assert (acted.done, acted.skipped) == ((id,), ())


def test_a_query_selects_what_matches_when_the_act_runs(drive: Driver) -> None:
    failed = [in_state(drive, "failed", tags=("bad",)) for _ in range(3)]
    spared = in_state(drive, "failed", tags=("good",))
    acted = drive.act(Verb.RETRY, query=JobQuery(states=(JobState.FAILED,), tag="bad"))
    assert set(acted.done) == set(failed)
    assert (acted.more, drive.state(spared)) == (False, "failed")


def test_one_act_takes_five_hundred_rows_of_a_query_and_says_that_there_are_more(drive: Driver) -> None:
    drive.push_many(503)
    acted = drive.act(Verb.CANCEL, query=JobQuery(states=(JobState.PENDING,), limit=1))
    assert (len(acted.done), acted.more) == (500, True)
    acted = drive.act(Verb.CANCEL, query=JobQuery(states=(JobState.PENDING,)))
    assert (len(acted.done), acted.more) == (3, False)
    assert drive.counts() == {"cancelled": 503}


def test_more_than_five_hundred_ids_are_refused(drive: Driver) -> None:
    ids = drive.push_many(501)
    with pytest.raises(HorizonError):
        drive.act(Verb.CANCEL, *ids)
    assert drive.counts() == {"pending": 501}


def test_the_audit_entry_counts_what_moved(drive: Driver) -> None:
    ids = [in_state(drive, "failed") for _ in range(2)]
    drive.act(Verb.RETRY, *ids, drive.push(), audit=audit("retry", "2 jobs"))
    (entry,) = drive.backend.audit.list()
    assert (entry.actor, entry.verb, entry.target, entry.count, entry.at, entry.origin) == (
        "ana",
        "retry",
        "2 jobs",
        2,
        drive.clock(),
        "web",
    )


def test_an_act_that_moved_nothing_leaves_no_audit_entry(drive: Driver) -> None:
    drive.act(Verb.RETRY, drive.push(), uuid7(), audit=audit())
    assert list(drive.backend.audit.list()) == []


def test_a_job_cancelled_before_its_time_waits_for_that_time_again_where_asked_to(drive: Driver) -> None:
    due, ready = drive.push(delay=90 * SECOND), drive.push()
    at = drive.get(due).available_at
    drive.act(Verb.CANCEL, due, ready)
    drive.clock.advance(10)
    assert set(drive.act(Verb.RETRY, due, ready, keep_time=True).done) == {due, ready}
    assert (drive.state(due), drive.get(due).available_at) == (JobState.SCHEDULED, at)
    assert drive.state(ready) is JobState.PENDING


def test_a_job_whose_time_came_meanwhile_starts_at_once(drive: Driver) -> None:
    id = drive.push(delay=90 * SECOND)
    drive.did(Verb.CANCEL, id)
    drive.clock.advance(91)
    drive.did(Verb.RETRY, id, keep_time=True)
    assert drive.state(id) is JobState.PENDING


def test_only_a_cancelled_job_keeps_its_time(drive: Driver) -> None:
    id = in_state(drive, "failed")
    drive.did(Verb.RETRY, id, keep_time=True)
    assert drive.state(id) is JobState.PENDING


def test_what_one_act_cancelled_is_found_by_its_reason(drive: Driver) -> None:
    first, second, other = drive.push_many(3)
    drive.act(Verb.CANCEL, first, second, reason="cleared by ana")
    drive.act(Verb.CANCEL, other, reason="cleared by ana, again")
    query = JobQuery(queue="mails", states=(JobState.CANCELLED,), reason="cleared by ana")
    assert {record.id for record in drive.backend.find(query).items} == {first, second}
    assert set(drive.act(Verb.RETRY, query=query).done) == {first, second}
    assert drive.state(other) is JobState.CANCELLED


def test_what_one_act_cancelled_is_found_however_many_others_were_cancelled_since(drive: Driver) -> None:
    mine = drive.push()
    drive.did(Verb.CANCEL, mine, reason="by ana")
    drive.act(Verb.CANCEL, *drive.push_many(200), reason="by eva")
    page = drive.backend.find(JobQuery(states=(JobState.CANCELLED,), reason="by ana", limit=1))
    assert ([record.id for record in page.items], page.searched_back_to) == ([mine], None)


def test_what_one_act_forgot_is_found_by_its_reason_and_comes_back_by_it(drive: Driver) -> None:
    mine, other = drive.push(), drive.push()
    drive.act(Verb.CANCEL, mine, other, reason="no use")
    drive.did(Verb.FORGET, mine, reason="forgotten by ana")
    drive.did(Verb.FORGET, other, reason="forgotten by eva")
    query = JobQuery(states=(JobState.CANCELLED,), reason="forgotten by ana", include_forgotten=True)
    assert [record.id for record in drive.backend.find(query).items] == [mine]
    assert drive.backend.act(Selection(query=query), Verb.RESTORE).done == (mine,)
    assert (drive.get(mine).forgotten, drive.get(mine).reason, drive.get(other).forgotten) == (False, "no use", True)


def test_an_act_on_a_time_range_means_the_jobs_that_the_list_shows(drive: Driver) -> None:
    early, late = drive.push(), drive.push()
    drive.clock.advance(60)
    before = drive.clock()
    drive.did(Verb.CANCEL, late)
    drive.clock.advance(60)
    query = JobQuery(states=(JobState.CANCELLED,), after=before)
    assert [record.id for record in drive.backend.find(query).items] == [late]
    assert drive.backend.act(Selection(query=query), Verb.RETRY).done == (late,)
    assert drive.state(early) == "pending"


def test_what_is_put_back_keeps_its_tries_unless_they_are_all_used_up(drive: Driver) -> None:
    tried, spent = drive.push(max_tries=3), drive.push(max_tries=1)
    drive.retry(drive.take(tried), delay=600)
    running = drive.take(spent)
    drive.act(Verb.CANCEL, tried, spent)
    drive.settle(running, Kind.CANCELLED)
    assert set(drive.act(Verb.RETRY, tried, spent, keep_time=True).done) == {tried, spent}
    first, second = drive.get(tried), drive.get(spent)
    assert (first.state, first.attempts, first.round) == (JobState.SCHEDULED, 1, 0)
    assert (second.state, second.attempts, second.round) == (JobState.PENDING, 0, 1)
    drive.clock.advance(600)
    drive.backend.tick()
    assert {got.id: got.attempt for got in drive.reserve(2)} == {tried: 2, spent: 1}


def test_a_blocked_job_is_put_back_to_wait_for_what_it_waited_for(drive: Driver) -> None:
    parent = drive.push()
    child = drive.push(edges=after(parent))
    drive.did(Verb.CANCEL, child)
    drive.did(Verb.RETRY, child, keep_time=True)
    assert drive.state(child) is JobState.BLOCKED
    drive.run(parent)
    assert drive.state(child) is JobState.PENDING


def test_a_whole_chain_is_put_back_in_whatever_order_it_is_named(drive: Driver) -> None:
    first = drive.push()
    second = drive.push(edges=after(first))
    third = drive.push(edges=after(second))
    for order in ((third, second, first), (first, second, third)):
        assert set(drive.act(Verb.CANCEL, *order).done) | {second, third} == {first, second, third}
        assert drive.states(first, second, third) == ["cancelled"] * 3
        drive.act(Verb.RETRY, *order, keep_time=True)
        assert drive.states(first, second, third) == ["pending", "blocked", "blocked"]
    drive.run(first)
    drive.run(second)
    assert drive.states(second, third) == ["completed", "pending"]


def test_a_job_that_would_wait_for_ever_is_not_put_back(drive: Driver) -> None:
    parent = drive.push()
    child = drive.push(edges=after(parent))
    drive.did(Verb.CANCEL, child)
    drive.run(parent, Kind.FAILED, error=error())
    assert drive.refusal(Verb.RETRY, child, keep_time=True) == f"the job it waited for ended otherwise; retry that one first: {parent}"
    drive.did(Verb.RETRY, parent)
    drive.did(Verb.RETRY, child, keep_time=True)
    assert drive.state(child) is JobState.BLOCKED


def test_what_waited_for_something_that_completed_meanwhile_goes_to_its_queue(drive: Driver) -> None:
    parent = drive.push()
    child = drive.push(edges=after(parent))
    drive.did(Verb.CANCEL, child)
    drive.run(parent)
    drive.did(Verb.RETRY, child, keep_time=True)
    assert drive.state(child) is JobState.PENDING
