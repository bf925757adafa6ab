"""What a group's members add up to, when it fails and ends, and which callbacks that opens."""

from __future__ import annotations

import pytest

from horizon.backends.values import Verb
from horizon.core.clock import SECOND
from horizon.core.envelope import Edge, On
from horizon.core.group import CANCELLED_BY_HAND, GROUP_FAILED, GroupKind
from horizon.core.ids import uuid7
from horizon.core.outcome import Kind
from horizon.core.states import JobState
from tests.conformance.driver import Driver, after, audit, envelope
from tests.conformance.grouping import chained, members, new, on, push_batch, run, take

# figures --------------------------------------------------------------------------------------------


def test_figures_follow_every_move_of_every_member_and_add_up(grouped: Driver) -> None:
    batch = push_batch(grouped, 6, allow_all=True)
    scheduled, returned, completed, failed, cancelled, waiting = batch.jobs
    assert batch.figures() == (6, 0, 0, 0, 0)
    grouped.did(Verb.RESCHEDULE, scheduled, at=grouped.clock() + SECOND)
    attempt = take(grouped, returned)
    assert batch.figures() == (5, 1, 0, 0, 0)
    grouped.retry(attempt, delay=60)
    assert batch.figures() == (6, 0, 0, 0, 0)
    batch.end(completed)
    batch.end(failed, Kind.FAILED)
    grouped.did(Verb.CANCEL, cancelled)
    assert batch.figures() == (3, 0, 1, 1, 1)
    grouped.did(Verb.FORGET, completed)
    grouped.did(Verb.MOVE, waiting, queue="other")
    assert (batch.figures(), batch.now.progress, dict(grouped.backend.numbers.recount())) == ((3, 0, 1, 1, 1), 50, {})
    assert batch.callbacks() == ("blocked", "blocked", "blocked")


def test_many_members_that_end_in_one_turn_count_once_each(grouped: Driver) -> None:
    batch, other = push_batch(grouped, 20), push_batch(grouped, 20)
    attempts = grouped.reserve(40)
    grouped.settle_all(attempts[:30])
    assert (batch.figures(), other.figures()) == ((0, 0, 20, 0, 0), (0, 10, 10, 0, 0))
    assert (batch.now.state, other.now.state) == ("completed", "running")
    grouped.settle_all(attempts)
    assert other.figures() == (0, 0, 20, 0, 0)


def test_a_stale_token_counts_nothing(grouped: Driver) -> None:
    batch = push_batch(grouped, 2)
    attempt = take(grouped, batch.jobs[0])
    grouped.crash(attempt)
    grouped.complete(attempt)
    assert batch.figures() == (2, 0, 0, 0, 0)
    assert dict(grouped.backend.numbers.recount()) == {}


# ends -----------------------------------------------------------------------------------------------


def test_a_batch_completes_with_its_last_member(grouped: Driver) -> None:
    batch = push_batch(grouped, 2)
    batch.end(batch.jobs[1])
    assert (batch.now.state, batch.callbacks()) == ("running", ("blocked", "blocked", "blocked"))
    grouped.clock.advance(5)
    batch.end(batch.jobs[0])
    assert (batch.now.state, batch.now.finished_at, batch.callbacks()) == (
        "completed",
        grouped.clock(),
        ("pending", "cancelled", "pending"),
    )
    assert grouped.found(states=(JobState.CANCELLED,)) == []  # the catch that nobody needs is out of sight


def test_a_failure_beyond_what_is_allowed_fails_the_batch_and_cancels_its_rest(grouped: Driver) -> None:
    batch = push_batch(grouped, 4, allow=1)
    running = take(grouped, batch.jobs[0])
    batch.end(batch.jobs[1], Kind.FAILED)
    assert (batch.now.failed_at, batch.figures()) == (None, (2, 1, 0, 1, 0))
    batch.end(batch.jobs[2], Kind.FAILED)
    now = batch.now
    assert (now.state, now.failed_at, batch.figures()) == ("running", grouped.clock(), (0, 1, 0, 2, 1))
    assert batch.callbacks() == ("blocked", "pending", "blocked")
    assert (grouped.get(batch.jobs[3]).reason, grouped.get(running.id).cancel_requested) == (GROUP_FAILED, True)
    assert now.first_failure is not None
    assert (now.first_failure.job_id, now.first_failure.type) == (batch.jobs[1], "MailError")
    grouped.settle(running, Kind.CANCELLED, reason="asked to")
    assert (batch.now.state, batch.figures(), batch.callbacks()) == ("failed", (0, 0, 0, 2, 2), ("cancelled", "pending", "pending"))


@pytest.mark.parametrize(
    ("allow", "failures", "end"), [(0.5, 2, "completed"), (0.5, 3, "failed"), (0.29, 1, "completed"), (None, 1, "failed")]
)
def test_a_share_of_failures_is_one_of_all_members(grouped: Driver, allow: float | None, failures: int, end: str) -> None:
    batch = push_batch(grouped, 4, allow=allow)
    for id in batch.jobs[:failures]:
        batch.end(id, Kind.FAILED)
    for id in batch.jobs[failures:]:
        if grouped.state(id) == "pending":
            batch.end(id)
    assert batch.now.state == end


def test_a_share_is_asked_when_the_whole_is_known(grouped: Driver) -> None:
    batch = push_batch(grouped, 1, seal=False, allow=0.5)
    batch.end(batch.jobs[0], Kind.FAILED)
    assert batch.now.failed_at is None
    grouped.backend.push(members(batch.id, 2), seal=[batch.id])
    assert (batch.now.failed_at, batch.now.state) == (None, "running")


def test_jobs_that_join_a_failing_batch_are_cancelled(grouped: Driver) -> None:
    batch = push_batch(grouped, 1, seal=False)
    batch.end(batch.jobs[0], Kind.FAILED)
    late = members(batch.id, 2)
    grouped.backend.push(late, seal=[batch.id])
    assert grouped.states(*(one.id for one in late)) == ["cancelled", "cancelled"]
    assert (batch.now.state, batch.figures()) == ("failed", (0, 0, 0, 1, 2))


def test_an_allowed_failure_does_not_stop_a_batch_from_completing(grouped: Driver) -> None:
    batch = push_batch(grouped, 3, allow_all=True)
    batch.end(batch.jobs[0], Kind.FAILED)
    grouped.did(Verb.CANCEL, batch.jobs[1])
    batch.end(batch.jobs[2])
    assert (batch.now.state, batch.figures(), batch.callbacks()) == ("completed", (0, 0, 1, 1, 1), ("pending", "cancelled", "pending"))


def test_a_crash_that_ends_a_member_fails_its_batch(grouped: Driver) -> None:
    batch = push_batch(grouped, members(group := new(), 1, max_crashes=1), group=group)
    grouped.crash(take(grouped, batch.jobs[0]))
    assert (batch.now.state, batch.callbacks()) == ("failed", ("cancelled", "pending", "pending"))


# chains and workflows -------------------------------------------------------------------------------


def test_a_chain_fails_with_the_step_that_broke_it(grouped: Driver) -> None:
    chain = push_batch(grouped, chained(group := new(GroupKind.CHAIN), 3), group=group)
    chain.end(chain.jobs[0])
    chain.end(chain.jobs[1], Kind.FAILED)
    assert (chain.now.state, chain.figures(), chain.callbacks()) == ("failed", (0, 0, 1, 1, 1), ("cancelled", "pending", "pending"))
    assert chain.jobs[1] in str(grouped.get(chain.jobs[2]).reason)


def test_other_branches_of_a_failing_workflow_go_on(grouped: Driver) -> None:
    flow = push_batch(grouped, 3, kind=GroupKind.WORKFLOW)
    flow.end(flow.jobs[0], Kind.FAILED)
    assert (flow.now.state, flow.callbacks()) == ("running", ("blocked", "pending", "blocked"))
    flow.end(flow.jobs[1])
    flow.end(flow.jobs[2])
    assert (flow.now.state, flow.figures()) == ("failed", (0, 0, 2, 1, 0))


def test_a_branch_that_nobody_needed_does_not_keep_a_workflow_from_completing(grouped: Driver) -> None:
    group = new(GroupKind.WORKFLOW)
    (first,) = members(group)
    (helper,) = members(group, 1, edges=after(first.id, on=On.FAILED))
    flow = push_batch(grouped, [first, helper], group=group)
    flow.end(first.id)
    assert (flow.now.state, flow.figures(), grouped.found(group=flow.id)) == ("completed", (0, 0, 1, 0, 1), [first.id])


def test_a_chain_of_which_a_person_cancelled_a_step_is_cancelled(grouped: Driver) -> None:
    chain = push_batch(grouped, chained(group := new(GroupKind.CHAIN), 3), group=group)
    chain.end(chain.jobs[0])
    grouped.did(Verb.CANCEL, chain.jobs[1])
    assert (chain.now.state, chain.figures(), chain.callbacks()) == ("cancelled", (0, 0, 1, 0, 2), ("cancelled", "cancelled", "pending"))


# cancelling -----------------------------------------------------------------------------------------


def test_a_cancelled_group_ends_with_its_last_running_member(grouped: Driver) -> None:
    batch = push_batch(grouped, 3)
    batch.end(batch.jobs[0])
    running = take(grouped, batch.jobs[1])
    got = grouped.backend.groups.cancel(batch.id, reason="wrong month", audit=audit("cancel"))
    assert (got.state, got.reason, got.processing, got.cancelled) == ("running", "wrong month", 1, 1)
    assert (grouped.get(running.id).cancel_requested, grouped.get(batch.jobs[2]).reason) == (True, "wrong month")
    grouped.fail(running)
    assert (batch.now.state, batch.figures(), batch.now.failed_at) == ("cancelled", (0, 0, 1, 1, 1), None)
    assert batch.callbacks() == ("cancelled", "cancelled", "pending")
    assert [entry.verb for entry in grouped.backend.audit.list()] == ["cancel"]


def test_cancelling_what_ended_or_is_cancelled_already_changes_nothing(grouped: Driver) -> None:
    ended, cancelled = push_batch(grouped, 0), push_batch(grouped, 1)
    attempt = take(grouped, cancelled.jobs[0])
    groups = grouped.backend.groups
    assert groups.cancel(ended.id, audit=audit()).state == "completed"
    assert groups.cancel(cancelled.id).reason == CANCELLED_BY_HAND
    assert groups.cancel(cancelled.id, reason="again", audit=audit()).reason == CANCELLED_BY_HAND
    assert grouped.backend.audit.list() == []
    grouped.settle(attempt, Kind.CANCELLED)
    assert cancelled.now.state == "cancelled"


def test_a_group_that_is_cancelled_before_it_is_sealed_takes_no_more(grouped: Driver) -> None:
    batch = push_batch(grouped, 2, seal=False)
    assert grouped.backend.groups.cancel(batch.id).state == "cancelled"


# jobs before others ---------------------------------------------------------------------------------


def test_a_new_job_may_be_put_before_blocked_ones(grouped: Driver) -> None:
    chain = push_batch(grouped, chained(group := new(GroupKind.CHAIN), 2), group=group)
    attempt = take(grouped, chain.jobs[0])
    (between,) = members(group, 1, edges=after(attempt.id), before=(chain.jobs[1],))
    grouped.backend.push([between])
    grouped.complete(attempt)
    assert grouped.states(between.id, chain.jobs[1]) == ["pending", "blocked"]
    run(grouped, between.id)
    assert grouped.state(chain.jobs[1]) == "pending"


def test_a_job_is_not_put_before_what_waits_no_more_or_could_wait_for_it(grouped: Driver) -> None:
    from horizon.core.errors import UnknownDependency

    first = grouped.push()
    second = grouped.push(edges=after(first))
    third = grouped.push(edges=after(second))
    for wrong in (
        envelope(before=(first,)),
        envelope(before=(uuid7(),)),
        envelope(before=(second,), edges=(Edge(job_id=third),)),
        envelope(before=(second,), edges=on(push_batch(grouped, 1).id, On.ANY)),
    ):
        with pytest.raises(UnknownDependency):
            grouped.backend.push([wrong])
    assert grouped.get(second).waits_for == (first,)


def test_a_job_may_be_put_behind_one_that_waits_and_before_those_that_wait_for_that(grouped: Driver) -> None:
    chain = push_batch(grouped, chained(group := new(GroupKind.CHAIN), 3), group=group)
    (between,) = members(group, 1, edges=after(chain.jobs[1]), before=(chain.jobs[2],))
    grouped.backend.push([between])
    for id in (chain.jobs[0], chain.jobs[1], between.id):
        assert grouped.states(chain.jobs[2]) == ["blocked"]
        run(grouped, id)
    run(grouped, chain.jobs[2])
    assert chain.now.state == "completed"


def test_and_between_a_group_and_what_waits_for_it(grouped: Driver) -> None:
    inner = push_batch(grouped, 1)
    last = grouped.push(edges=on(inner.id, On.COMPLETED))
    made = envelope(edges=on(inner.id, On.COMPLETED), before=(last,))
    grouped.backend.push([made])
    run(grouped, inner.jobs[0])
    assert grouped.states(made.id, last) == ["pending", "blocked"]
    run(grouped, made.id)
    assert grouped.state(last) == "pending"
