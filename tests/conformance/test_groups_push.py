"""Groups come with a push: all of it or nothing, sent again without harm, sealed by its last chunk."""

from __future__ import annotations

import pytest

from horizon.backends.values import Verb
from horizon.core.envelope import Edge, On
from horizon.core.errors import DependencyCycle, GroupEnded, InvalidCursor, InvalidInput, InvalidOption, UnknownDependency, UnknownGroup
from horizon.core.group import NEVER_SEALED, GroupKind, GroupQuery
from horizon.core.ids import uuid7
from horizon.core.outcome import Kind
from horizon.core.states import JobState
from tests.conformance.driver import Driver, envelope
from tests.conformance.grouping import callbacks_of, chained, members, new, on, push_batch, run


def test_a_group_is_read_back_as_it_was_pushed(grouped: Driver) -> None:
    group = new(GroupKind.WORKFLOW, allow=0.25, options={"queue": "mails"}, user="ana", tenant="acme")
    grouped.backend.push(members(group, 2), groups=[group])
    got = grouped.backend.groups.get(group.id)
    assert got is not None
    assert (got.kind, got.name, got.allow, got.allow_all, got.options) == ("workflow", "reports", 0.25, False, {"queue": "mails"})
    assert (got.user, got.tenant, got.parent, got.connection) == ("ana", "acme", None, grouped.backend.name)
    assert (got.state, got.sealed, got.total, got.pending, got.created_at) == ("open", False, 2, 2, grouped.clock())
    assert (got.generation, got.finished_at, got.failed_at, got.first_failure, got.reason) == (0, None, None, None, None)


@pytest.mark.parametrize(("allow", "allow_all"), [(None, False), (3, False), (1.0, False), (0, True)])
def test_what_a_group_allows_is_kept_with_its_type(grouped: Driver, allow: float | None, allow_all: bool) -> None:
    group = new(allow=allow, allow_all=allow_all)
    grouped.backend.push([], groups=[group])
    got = grouped.backend.groups.get(group.id)
    assert got is not None
    assert (got.allow, type(got.allow), got.allow_all) == (allow, type(allow), allow_all)


@pytest.mark.parametrize("allow", [-1, 1.5, float("nan"), True])
def test_a_group_that_allows_nonsense_is_refused_where_it_is_made(allow: float) -> None:
    with pytest.raises(InvalidOption, match="allows"):
        new(allow=allow)


def test_members_are_found_by_their_group(grouped: Driver) -> None:
    batch, other = push_batch(grouped, 3), push_batch(grouped, 2)
    grouped.push()
    assert grouped.found(group=batch.id) == list(reversed(batch.jobs))
    assert grouped.found(group=batch.id, limit=2, backwards=True) == [batch.jobs[1], batch.jobs[0]]
    assert [grouped.get(id).group for id in (*other.jobs, other.then)] == [other.id, other.id, None]
    batch.end(batch.jobs[1])
    assert grouped.found(group=batch.id, states=(JobState.COMPLETED,)) == [batch.jobs[1]]


def test_a_push_that_is_sent_again_changes_nothing(grouped: Driver) -> None:
    group = new()
    made = [*members(group, 2), *callbacks_of(group)]
    grouped.backend.push(made, groups=[group], seal=[group.id])
    answers = grouped.backend.push(made, groups=[new(id=group.id, name="other")], seal=[group.id])
    got = grouped.backend.groups.get(group.id)
    assert got is not None
    assert ({answer.status for answer in answers}, got.name, got.total, got.pending) == ({"exists"}, "reports", 2, 2)


def test_a_group_takes_chunks_until_it_is_sealed(grouped: Driver) -> None:
    group = new()
    grouped.backend.push(members(group, 1001), groups=[group])
    batch = grouped.backend.groups.get(group.id)
    assert batch is not None
    assert (batch.state, batch.total) == ("open", 1001)
    grouped.backend.push(members(group, 2), seal=[group.id])
    batch = grouped.backend.groups.get(group.id)
    assert batch is not None
    assert (batch.state, batch.sealed, batch.total) == ("running", True, 1003)


def test_an_open_group_does_not_end_before_its_last_chunk(grouped: Driver) -> None:
    batch = push_batch(grouped, 1, seal=False)
    batch.end(batch.jobs[0])
    assert (batch.now.state, batch.callbacks()) == ("open", ("blocked", "blocked", "blocked"))
    grouped.backend.push([], seal=[batch.id])
    assert (batch.now.state, batch.callbacks()) == ("completed", ("pending", "cancelled", "pending"))


def test_a_group_without_jobs_completes_as_soon_as_it_is_sealed(grouped: Driver) -> None:
    batch = push_batch(grouped, 0)
    assert (batch.now.state, batch.now.finished_at, batch.now.total) == ("completed", grouped.clock(), 0)
    assert batch.callbacks() == ("pending", "cancelled", "pending")


def test_a_duplicate_is_no_member(grouped: Driver) -> None:
    holder = grouped.push(unique_key="one")
    group = new()
    batch = push_batch(grouped, [*members(group, 1), *members(group, 1, unique_key="one")], group=group)
    assert (batch.now.total, grouped.found(group=batch.id)) == (1, [batch.jobs[0]])
    alone = new()
    only = push_batch(grouped, members(alone, 1, unique_key="one"), group=alone)
    assert (only.now.state, only.now.total, grouped.state(holder)) == ("completed", 0, "pending")


def test_jobs_join_a_group_that_lives(grouped: Driver) -> None:
    batch = push_batch(grouped, 1)
    (late,) = members(batch.id)
    grouped.backend.push([late])
    batch.end(batch.jobs[0])
    assert (batch.now.state, batch.now.total) == ("running", 2)
    batch.end(late.id)
    assert batch.now.state == "completed"


def test_nothing_joins_a_group_that_ended_or_is_not_there(grouped: Driver) -> None:
    batch = push_batch(grouped, 0)
    (late,), (lost,) = members(batch.id), members(uuid7())
    with pytest.raises(GroupEnded, match="ended already"):
        grouped.backend.push([envelope(), late])
    with pytest.raises(GroupEnded, match="ended already"):
        grouped.backend.push([], groups=[new(parent=batch.id)])
    with pytest.raises(UnknownGroup, match="not on this connection"):
        grouped.backend.push([lost])
    with pytest.raises(UnknownGroup, match="not on this connection"):
        grouped.backend.push([], groups=[new(parent=uuid7())])
    with pytest.raises(UnknownGroup, match="sealed"):
        grouped.backend.push([], seal=[uuid7()])
    with pytest.raises(UnknownGroup, match="waits for group"):
        grouped.backend.push([envelope(edges=on(uuid7(), On.ANY))])
    assert (grouped.found(), batch.now.total) == ([batch.last, batch.then], 0)


def test_a_refused_push_leaves_no_group_behind(grouped: Driver) -> None:
    group = new()
    with pytest.raises(UnknownDependency):
        grouped.backend.push([*members(group), envelope(edges=(Edge(job_id=uuid7()),))], groups=[group])
    assert (grouped.backend.groups.get(group.id), grouped.found()) == (None, [])


def test_a_member_that_waits_for_the_end_of_its_own_group_is_refused(grouped: Driver) -> None:
    group = new()
    then = callbacks_of(group)[0]
    stuck = envelope(group=group.id, edges=(Edge(job_id=then.id),))
    with pytest.raises(DependencyCycle, match=group.id):
        grouped.backend.push([then, stuck], groups=[group])
    inner = new(parent=group.id)
    with pytest.raises(DependencyCycle):
        grouped.backend.push([envelope(group=inner.id, edges=on(group, On.ANY))], groups=[group, inner])


def test_a_job_has_no_progress_to_wait_for(grouped: Driver) -> None:
    first = grouped.push()
    with pytest.raises(InvalidInput, match="progress"):
        grouped.backend.push([envelope(edges=(Edge(job_id=first, on=On.PROGRESS),))])


def test_what_waits_for_a_group_that_ended_already_goes_or_is_refused(grouped: Driver) -> None:
    batch = push_batch(grouped, 0)
    assert grouped.state(grouped.push(edges=on(batch.id, On.COMPLETED))) == "pending"
    assert grouped.state(grouped.push(edges=on(batch.id, On.ANY))) == "pending"
    with pytest.raises(UnknownDependency, match="already ended completed"):
        grouped.backend.push([envelope(edges=on(batch.id, On.FAILED))])


def test_a_group_that_is_never_sealed_is_cancelled(grouped: Driver) -> None:
    batch = push_batch(grouped, 2, seal=False)
    batch.end(batch.jobs[0])
    grouped.clock.advance(599)
    late = members(batch.id)
    grouped.backend.push(late)
    grouped.clock.advance(599)
    grouped.backend.tick()
    assert batch.now.state == "open"
    grouped.clock.advance(1)
    grouped.backend.tick()
    assert (batch.now.state, batch.now.reason, batch.figures()) == ("cancelled", NEVER_SEALED, (0, 0, 1, 0, 2))
    assert (grouped.get(late[0].id).reason, batch.callbacks()) == (NEVER_SEALED, ("cancelled", "cancelled", "pending"))


def test_a_group_is_not_left_while_jobs_come_for_groups_in_it(grouped: Driver) -> None:
    outer = push_batch(grouped, 1, seal=False)
    for _ in range(2):
        grouped.clock.advance(400)
        inner = new(parent=outer.id)
        grouped.backend.push(members(inner), groups=[inner])
        for last in (False, True):
            grouped.clock.advance(400)
            grouped.backend.tick()
            grouped.backend.push(members(inner), seal=[inner.id] if last else [])
    grouped.clock.advance(599)
    grouped.backend.tick()
    assert outer.now.state == "open"
    grouped.clock.advance(1)
    grouped.backend.tick()
    assert (outer.now.state, outer.now.reason) == ("cancelled", NEVER_SEALED)


def test_groups_are_listed_newest_first_page_by_page(grouped: Driver) -> None:
    made = [new(name=f"n{number}", tenant="a" if number % 2 else "b") for number in range(5)]
    inner = new(GroupKind.CHAIN, parent=made[4].id, user="ana")
    grouped.backend.push([], groups=[*made, inner], seal=[made[0].id])
    groups = grouped.backend.groups
    first = groups.find(GroupQuery(limit=4))
    assert [one.id for one in first.items] == [inner.id, *(made[n].id for n in (4, 3, 2))]
    second = groups.find(GroupQuery(limit=4, cursor=first.next))
    assert ([one.name for one in second.items], second.next) == (["n1", "n0"], None)

    def found(**asked: object) -> list[str]:
        return [one.id for one in groups.find(GroupQuery(**asked)).items]  # type: ignore[arg-type]

    assert found(kind=GroupKind.CHAIN) == found(user="ana") == found(parent=made[4].id) == [inner.id]
    assert found(name="n3") == [made[3].id]
    assert found(tenant="a", top=True) == [made[3].id, made[1].id]
    assert len(found(top=True)) == 5
    assert found(state="completed") == [made[0].id]
    assert [one.id for one in groups.many([made[2].id, uuid7(), inner.id])] == [made[2].id, inner.id]
    with pytest.raises(InvalidCursor):
        groups.find(GroupQuery(cursor="x"))


def test_callbacks_and_results_are_read_in_push_order(grouped: Driver) -> None:
    batch = push_batch(grouped, 4)
    batch.end(batch.jobs[2], result=b"2")
    batch.end(batch.jobs[0], result=b"0")
    batch.end(batch.jobs[1])
    groups = grouped.backend.groups
    assert [one.id for one in groups.callbacks(batch.id)] == [batch.then, batch.catch, batch.last]
    assert list(groups.results(batch.id)) == [(batch.jobs[0], b"0"), (batch.jobs[2], b"2")]
    assert list(groups.results(batch.id, 1)) == [(batch.jobs[0], b"0")]


def test_a_member_that_cancels_itself_counts_as_cancelled(grouped: Driver) -> None:
    batch = push_batch(grouped, 2)
    batch.end(batch.jobs[0], Kind.CANCELLED, reason="by itself")
    assert batch.figures() == (1, 0, 0, 0, 1)


def test_a_member_that_comes_after_what_it_waits_for_failed_is_cancelled_as_if_it_had_been_there(grouped: Driver) -> None:
    group, inner = new(GroupKind.CHAIN), new(GroupKind.BATCH)
    steps = chained(group, 4)
    steps[3].edges += on(inner, On.COMPLETED)
    grouped.backend.push([*steps[:2], *members(inner)], groups=[group, inner], seal=[inner.id])
    run(grouped, steps[0].id, Kind.FAILED)
    grouped.backend.push(steps[2:], seal=[group.id])
    got = grouped.backend.groups.get(group.id)
    assert got is not None
    assert ((got.state, got.failed, got.cancelled), grouped.states(*(one.id for one in steps[1:]))) == (("failed", 1, 3), ["cancelled"] * 3)
    assert steps[1].id in str(grouped.get(steps[2].id).reason)
    grouped.did(Verb.RETRY, steps[0].id)
    assert grouped.states(*(one.id for one in steps)) == ["pending", "blocked", "blocked", "blocked"]
    for one in steps[:3]:
        run(grouped, one.id)
    assert (grouped.state(steps[3].id), dict(grouped.backend.numbers.recount())) == ("blocked", {})


def test_a_member_that_comes_after_the_group_it_waits_for_failed_is_cancelled(grouped: Driver) -> None:
    flow, inner = new(GroupKind.WORKFLOW), new()
    within = push_batch(grouped, 1, group=inner)
    within.end(within.jobs[0], Kind.FAILED)
    (behind,), (helper,) = members(flow, 1, edges=on(inner, On.COMPLETED)), members(flow, 1, edges=on(inner, On.FAILED))
    grouped.backend.push([behind, helper], groups=[flow], seal=[flow.id])
    assert (grouped.states(behind.id, helper.id), inner.id in str(grouped.get(behind.id).reason)) == (["cancelled", "pending"], True)
