"""Cancelled jobs that are put back as they were: with their time, their tries and what they waited for."""

from __future__ import annotations

from horizon.backends.values import Verb
from horizon.core.clock import SECOND
from horizon.core.outcome import Kind
from horizon.core.states import JobState
from tests.conformance.driver import Driver, after, error
from tests.conformance.states import in_state


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
