"""Groups that are opened again, stand in each other, tell of their progress, and are forgotten in the end."""

from __future__ import annotations

from horizon.backends.values import Retention, Verb
from horizon.core.clock import SECOND
from horizon.core.envelope import Edge, On
from horizon.core.group import CANCELLED_BY_HAND, GROUP_FAILED, GroupKind
from horizon.core.outcome import Kind
from horizon.core.query import JobQuery
from horizon.core.states import JobState
from tests.conformance.driver import Driver, after, envelope
from tests.conformance.grouping import Batch, chained, members, new, on, push_batch, run, take

# opened again ---------------------------------------------------------------------------------------


def test_retrying_a_failed_member_opens_its_group_again(grouped: Driver) -> None:
    batch = push_batch(grouped, 2, allow=1)
    batch.end(batch.jobs[0], Kind.FAILED)
    batch.end(batch.jobs[1], Kind.FAILED)
    run(grouped, batch.catch)
    run(grouped, batch.last)
    grouped.did(Verb.RETRY, batch.jobs[0])
    now = batch.now
    assert (now.state, now.generation, now.finished_at, batch.figures()) == ("running", 1, None, (1, 0, 0, 1, 0))
    assert batch.callbacks() == ("blocked", "completed", "blocked")
    assert grouped.get(batch.last).round == 1
    batch.end(batch.jobs[0])
    assert (batch.now.state, batch.callbacks()) == ("completed", ("pending", "completed", "pending"))
    assert dict(grouped.backend.numbers.recount()) == {}


def test_then_and_catch_open_once_in_the_life_of_a_group(grouped: Driver) -> None:
    batch = push_batch(grouped, 1, allow=1)
    batch.end(batch.jobs[0], Kind.FAILED)
    run(grouped, batch.then)
    run(grouped, batch.last)
    grouped.did(Verb.RETRY, batch.jobs[0])
    batch.end(batch.jobs[0])
    assert (batch.now.generation, batch.callbacks()) == (1, ("completed", "cancelled", "pending"))
    run(grouped, batch.last)
    assert len(grouped.get(batch.last).history) == 2


def test_a_group_that_fails_again_does_not_catch_again(grouped: Driver) -> None:
    batch = push_batch(grouped, 1)
    for _ in range(2):
        batch.end(batch.jobs[0], Kind.FAILED)
        assert (batch.now.state, grouped.state(batch.last)) == ("failed", "pending")
        run(grouped, batch.last)
        if grouped.state(batch.catch) == "pending":
            run(grouped, batch.catch)
        grouped.did(Verb.RETRY, batch.jobs[0])
    assert len(grouped.get(batch.catch).history) == 1
    batch.end(batch.jobs[0])
    assert (batch.now.state, batch.now.failed_at, batch.now.first_failure) == ("completed", None, None)


def test_one_retried_member_of_several_failed_ones_is_not_cancelled_for_the_others(grouped: Driver) -> None:
    batch = push_batch(grouped, 2)
    first, second = grouped.reserve(2)
    grouped.fail(first)
    grouped.fail(second)
    grouped.did(Verb.RETRY, first.id)
    assert (batch.now.state, grouped.state(first.id)) == ("running", "pending")
    (late,) = members(batch.id)
    grouped.backend.push([late])
    assert grouped.states(first.id, late.id) == ["pending", "pending"]
    for id in (first.id, late.id):
        batch.end(id)
    assert (batch.now.state, batch.now.generation) == ("failed", 1)


def test_a_cancelled_group_is_opened_again_by_a_member(grouped: Driver) -> None:
    batch = push_batch(grouped, 2)
    grouped.backend.groups.cancel(batch.id)
    assert batch.now.state == "cancelled"
    assert grouped.found(reason=CANCELLED_BY_HAND, group=batch.id) == list(reversed(batch.jobs))
    for id in batch.jobs:
        grouped.did(Verb.RETRY, id)
    assert (batch.now.state, batch.now.reason, batch.figures()) == ("running", None, (2, 0, 0, 0, 0))
    for id in batch.jobs:
        batch.end(id)
    assert (batch.now.state, batch.callbacks()) == ("completed", ("pending", "cancelled", "pending"))


def test_what_a_cancel_ended_is_put_back_by_its_reason(grouped: Driver) -> None:
    chain = push_batch(grouped, chained(group := new(GroupKind.CHAIN), 3), group=group)
    chain.end(chain.jobs[0])
    grouped.backend.groups.cancel(chain.id, reason="cancelled by ana at noon")
    query = JobQuery(group=chain.id, states=(JobState.CANCELLED,), reason="cancelled by ana at noon")
    assert set(grouped.act(Verb.RETRY, query=query, keep_time=True).done) == set(chain.jobs[1:])
    assert (grouped.states(*chain.jobs), chain.now.state, chain.now.reason) == (["completed", "pending", "blocked"], "running", None)
    for id in chain.jobs[1:]:
        chain.end(id)
    assert (chain.now.state, dict(grouped.backend.numbers.recount())) == ("completed", {})


def test_a_completed_member_that_runs_again_is_no_affair_of_its_group(grouped: Driver) -> None:
    batch = push_batch(grouped, 2)
    batch.end(batch.jobs[0])
    grouped.did(Verb.RETRY, batch.jobs[0])
    assert batch.figures() == (1, 0, 1, 0, 0)
    batch.end(batch.jobs[0], Kind.FAILED)
    grouped.did(Verb.RETRY, batch.jobs[0])
    assert (batch.figures(), batch.now.failed_at, grouped.found(group=batch.id)) == ((1, 0, 1, 0, 0), None, list(reversed(batch.jobs)))
    batch.end(batch.jobs[1])
    assert batch.now.state == "completed"
    assert dict(grouped.backend.numbers.recount()) == {}


def test_retrying_the_step_that_broke_a_chain_goes_on_from_there(grouped: Driver) -> None:
    chain = push_batch(grouped, chained(group := new(GroupKind.CHAIN), 3), group=group)
    chain.end(chain.jobs[0], Kind.FAILED)
    assert chain.figures() == (0, 0, 0, 1, 2)
    grouped.did(Verb.RETRY, chain.jobs[0])
    assert (chain.now.state, chain.now.failed_at, chain.figures()) == ("running", None, (3, 0, 0, 0, 0))
    for id in chain.jobs:
        chain.end(id)
    assert (chain.now.state, chain.callbacks()[0]) == ("completed", "pending")


def test_a_finally_that_still_runs_when_its_group_ends_again_runs_once_more(grouped: Driver) -> None:
    batch = push_batch(grouped, 1)
    batch.end(batch.jobs[0], Kind.FAILED)
    running = take(grouped, batch.last)
    grouped.did(Verb.RETRY, batch.jobs[0])
    batch.end(batch.jobs[0])
    assert (batch.now.state, grouped.state(batch.last)) == ("completed", "processing")
    grouped.complete(running)
    grouped.backend.tick()
    assert (grouped.state(batch.last), grouped.get(batch.last).round) == ("pending", 1)


# nested ---------------------------------------------------------------------------------------------


def nested(drive: Driver, count: int = 2) -> tuple[Batch, Batch, str]:
    """A workflow with a batch in it, and a job that waits for the batch."""
    outer, inner = new(GroupKind.WORKFLOW), None
    inner = new(parent=outer.id)
    drive.backend.push([], groups=[outer, inner])
    (behind,) = members(outer, 1, edges=on(inner, On.COMPLETED))
    within = push_batch(drive, count, group=inner)
    around = push_batch(drive, [behind], group=outer)
    return around, within, behind.id


def test_a_nested_group_counts_as_one_member(grouped: Driver) -> None:
    around, within, behind = nested(grouped)
    assert (around.now.total, around.figures(), within.now.parent) == (2, (2, 0, 0, 0, 0), around.id)
    within.end(within.jobs[0])
    assert (around.figures(), grouped.state(behind)) == ((2, 0, 0, 0, 0), "blocked")
    within.end(within.jobs[1])
    assert (around.figures(), grouped.state(behind)) == ((1, 0, 1, 0, 0), "pending")
    around.end(behind)
    assert (around.now.state, around.callbacks()[0]) == ("completed", "pending")


def test_a_nested_group_that_fails_is_a_failure_of_the_one_around_it(grouped: Driver) -> None:
    around, within, behind = nested(grouped)
    within.end(within.jobs[0], Kind.FAILED)
    now = around.now
    assert (now.state, around.figures(), grouped.state(behind)) == ("failed", (0, 0, 0, 1, 1), "cancelled")
    assert now.first_failure is not None
    assert now.first_failure.job_id == within.jobs[0]
    assert within.id in str(grouped.get(behind).reason)
    grouped.did(Verb.RETRY, within.jobs[0])
    assert (around.now.state, around.now.generation, around.figures(), grouped.state(behind)) == ("running", 1, (2, 0, 0, 0, 0), "blocked")
    grouped.did(Verb.RETRY, within.jobs[1])
    for id in (*within.jobs, behind):
        run(grouped, id)
    assert (within.now.state, around.now.state) == ("completed", "completed")
    assert dict(grouped.backend.numbers.recount()) == {}


def test_cancelling_a_group_cancels_what_is_nested_in_it(grouped: Driver) -> None:
    around, within, behind = nested(grouped)
    grouped.backend.groups.cancel(around.id, reason="no more")
    assert (around.now.state, within.now.state, within.now.reason) == ("cancelled", "cancelled", "no more")
    assert {grouped.get(id).reason for id in within.jobs} == {"no more"}
    assert grouped.state(behind) == "cancelled"


def test_a_failing_batch_cancels_what_is_nested_in_it(grouped: Driver) -> None:
    outer = new()
    inner = new(GroupKind.CHAIN, parent=outer.id)
    within = None
    grouped.backend.push([], groups=[outer, inner])
    within = push_batch(grouped, chained(inner, 2), group=inner)
    around = push_batch(grouped, 1, group=outer)
    around.end(around.jobs[0], Kind.FAILED)
    assert (around.now.state, within.now.state, within.now.reason) == ("failed", "cancelled", GROUP_FAILED)
    assert around.figures() == (0, 0, 0, 1, 1)


def test_a_group_whose_members_wait_in_vain_does_not_count_as_completed(grouped: Driver) -> None:
    chain = new(GroupKind.CHAIN)
    inner = new(parent=chain.id)
    (first,) = members(chain)
    within = members(inner, 2, edges=after(first.id))
    (behind,) = members(chain, 1, edges=on(inner, On.COMPLETED))
    grouped.backend.push([first, *within, behind], groups=[chain, inner], seal=[chain.id, inner.id])
    run(grouped, first.id, Kind.FAILED)
    got = grouped.backend.groups.many([chain.id, inner.id])
    assert [one.state for one in got] == ["failed", "cancelled"]
    assert grouped.states(*(one.id for one in within), behind.id) == ["cancelled"] * 3


# progress -------------------------------------------------------------------------------------------


def test_progress_is_told_at_most_once_a_second_and_once_more_at_the_end(grouped: Driver) -> None:
    batch = push_batch(grouped, 4)
    told = grouped.push(edges=on(batch.id, On.PROGRESS), queue="callbacks")
    grouped.clock.advance(2)
    batch.end(batch.jobs[0])
    grouped.backend.tick()
    run(grouped, told)
    batch.end(batch.jobs[1])
    assert grouped.state(told) == "completed"
    grouped.clock.advance(1)
    grouped.backend.tick()
    assert (grouped.state(told), grouped.get(told).round) == ("pending", 1)
    run(grouped, told)
    grouped.clock.advance(5)
    grouped.backend.tick()
    assert grouped.state(told) == "completed"
    batch.end(batch.jobs[2])
    batch.end(batch.jobs[3])
    assert (batch.now.state, grouped.state(told), grouped.get(told).round) == ("completed", "pending", 2)
    run(grouped, told)
    grouped.clock.advance(5)
    grouped.backend.tick()
    assert grouped.state(told) == "completed"
    assert len(grouped.get(told).history) == 3


def test_progress_that_is_under_way_at_the_end_is_told_once_more(grouped: Driver) -> None:
    batch = push_batch(grouped, 2)
    told = grouped.push(edges=on(batch.id, On.PROGRESS), queue="callbacks")
    grouped.clock.advance(2)
    batch.end(batch.jobs[0])
    grouped.backend.tick()
    running = take(grouped, told)
    batch.end(batch.jobs[1])
    grouped.complete(running)
    grouped.backend.tick()
    assert (batch.now.state, grouped.state(told)) == ("completed", "pending")
    run(grouped, told)
    grouped.backend.tick()
    assert grouped.state(told) == "completed"


# forgetting -----------------------------------------------------------------------------------------


def test_members_and_callbacks_of_a_group_that_lives_are_not_trimmed(open_driver, grouped: Driver, retention: Retention) -> None:
    drive = open_driver(retention=retention)
    batch = push_batch(drive, 2)
    ran = drive.push(edges=on(batch.id, On.PROGRESS))
    drive.clock.advance(2)
    batch.end(batch.jobs[0])
    drive.backend.tick()
    run(drive, ran)
    assert drive.get(ran).round == 0
    drive.jump(retention.failed / SECOND)
    drive.jump(retention.failed / SECOND)
    assert drive.states(batch.jobs[0], ran) == ["completed", "completed"]
    assert batch.figures() == (1, 0, 1, 0, 0)
    batch.end(batch.jobs[1])
    for id in (ran, batch.then, batch.last):
        run(drive, id)
    drive.backend.push([], groups=[new()])
    drive.jump(retention.completed / SECOND - 1)
    assert (batch.now.state, drive.state(batch.jobs[1])) == ("completed", "completed")
    drive.jump(2)
    assert [drive.backend.get(id) for id in (*batch.jobs, ran, batch.then)] == [None] * 4
    assert drive.backend.groups.get(batch.id) is None


def test_a_failed_group_is_kept_as_long_as_a_failed_job(open_driver, grouped: Driver, retention: Retention) -> None:
    drive = open_driver(retention=retention)
    batch = push_batch(drive, 1)
    batch.end(batch.jobs[0], Kind.FAILED)
    drive.backend.push([], groups=[new()])
    drive.jump(retention.failed / SECOND - 1)
    assert batch.now.state == "failed"
    drive.jump(2)
    assert drive.backend.groups.get(batch.id) is None


def test_a_record_that_outlives_its_group_can_be_retried(open_driver, grouped: Driver, retention: Retention) -> None:
    drive = open_driver(retention=retention)
    group = new(allow_all=True)
    batch = push_batch(drive, 1, group=group)
    waiting = drive.push(edges=(*on(batch.id, On.FAILED), Edge(job_id=batch.jobs[0], on=On.FAILED)), queue="far")
    batch.end(batch.jobs[0], Kind.FAILED)
    drive.backend.push([], groups=[new()])
    drive.jump(retention.completed / SECOND + 1)
    assert (drive.backend.groups.get(batch.id), drive.state(waiting)) == (None, "cancelled")
    drive.did(Verb.RETRY, batch.jobs[0])
    run(drive, batch.jobs[0])
    assert drive.state(batch.jobs[0]) == "completed"
    assert envelope().group is None
