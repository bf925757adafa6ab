"""Jobs on their way to another store: nobody takes them, and they can be read as they were pushed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from horizon.backends.values import Verb
from horizon.core import lanes
from horizon.core.clock import SECOND
from horizon.core.outcome import Answer
from horizon.core.query import JobQuery
from tests.conformance.driver import Driver, audit, envelope

LANE = lanes.lane(lanes.TO, "redis", "mails")


def test_no_worker_takes_a_job_from_a_lane_new_or_resumed(drive: Driver) -> None:
    drive.push(queue=LANE)
    assert drive.reserve(5) == []
    assert drive.reserve(5, queues=(LANE,)) == []
    drive.backend.queues.resume(LANE, audit=audit("resume"))
    drive.clock.advance(2)
    assert drive.reserve(5, queues=(LANE, "mails")) == []


def test_a_job_can_be_moved_into_a_lane_and_back(drive: Driver) -> None:
    id, later = drive.push(), drive.push(delay=60 * SECOND)
    drive.act(Verb.MOVE, query=JobQuery(queue="mails"), queue=LANE)
    drive.jump(120)
    assert drive.reserve(5) == []
    drive.act(Verb.MOVE, id, later, queue="mails")
    assert {one.id for one in drive.reserve(5)} == {id, later}


def test_a_waiting_job_is_read_as_it_could_be_pushed_elsewhere(drive: Driver) -> None:
    pushed = envelope(
        priority=5, max_tries=4, timeout=30 * SECOND, backoff="[5]", retry_until=drive.clock() + 900 * SECOND, max_crashes=2,
        deadline=drive.clock() + 100 * SECOND, tags=("a", "b"), user="u", tenant="t", unique_key="k", unique_for=50 * SECOND,
        unique_until_processing=True, hook=True, code_version="r7", created_at=drive.clock() - 5,
    )  # fmt: skip
    drive.backend.push([pushed])
    drive.clock.advance(20)
    (found,) = drive.backend.envelopes([pushed.id])
    assert replace(found, weight=1) == replace(pushed, unique_for=30 * SECOND)


def test_only_what_waits_is_read_on_the_queue_and_at_the_time_that_hold_now(drive: Driver) -> None:
    late, moved, running, ended, blocked = drive.push(delay=60 * SECOND), drive.push(), drive.push(priority=9), drive.push(), drive.push()
    drive.take(running)
    drive.did(Verb.CANCEL, ended)
    drive.did(Verb.CANCEL, blocked)
    drive.did(Verb.MOVE, moved, queue="other")
    found = drive.backend.envelopes([late, moved, running, ended, blocked, "gone"])
    assert [(one.id, one.queue, one.available_at) for one in found] == [
        (late, "mails", drive.clock() + 60 * SECOND),
        (moved, "other", None),
    ]
    assert drive.backend.envelopes([]) == []


@pytest.mark.parametrize("more", [{}, {"unique_key": "k"}, {"delay": 30 * SECOND}, {"round": 2, "crashes": 1}], ids=str)
def test_a_job_that_comes_from_another_store_goes_on_with_the_tries_it_has_left(drive: Driver, more: dict[str, Any]) -> None:
    drive.push_many(2)
    id = drive.push(tries=2, max_tries=3, priority=5, **more)
    assert drive.get(id).attempts == 2
    assert [one.tries for one in drive.backend.envelopes([id])] == [2]
    drive.jump(30)
    got = drive.take(id)
    assert (got.attempt, got.run) == (3, 1)
    assert drive.complete(got) is Answer.OK
    assert (drive.get(id).attempts, len(drive.get(id).history)) == (3, 1)
    assert dict(drive.backend.numbers.recount()) == {}


def test_what_comes_back_to_where_it_was_goes_on_with_its_tries_too(drive: Driver) -> None:
    id = drive.push(max_tries=5)
    drive.did(Verb.CANCEL, id)
    drive.did(Verb.RETRY, id, tries=3)
    assert drive.take(id).attempt == 4


def test_what_is_forgotten_in_a_lane_went_on_elsewhere_and_counts_as_no_cancellation(drive: Driver) -> None:
    gone, forgotten, cancelled = drive.push(queue=LANE), drive.push(), drive.push(queue=LANE)
    drive.did(Verb.FORGET, gone, reason="moved to redis")
    drive.did(Verb.FORGET, forgotten)
    drive.did(Verb.CANCEL, cancelled)
    assert drive.states(gone, forgotten, cancelled) == ["cancelled"] * 3
    assert drive.get(gone).forgotten
    assert sum(sample.cancelled for sample in drive.backend.numbers.samples(0)) == 2
    assert dict(drive.backend.numbers.recount()) == {}
