"""Retry what failed of many groups with care."""

from __future__ import annotations

import pytest

from horizon.control import many_groups, pacing
from horizon.control.group_act import GroupAct
from horizon.control.many_groups import GroupActs
from horizon.core.audit import AuditQuery
from horizon.core.errors import InvalidOption
from horizon.core.group import GroupKind, NewGroup
from horizon.core.ids import uuid7
from horizon.core.outcome import Kind
from horizon.security.permissions import Actor
from tests.web.pages import flows
from tests.web.pages.conftest import AT
from tests.web.pages.stage import Stage, failure

ANA = Actor(name="ana", role="operator")


@pytest.fixture
def stage():
    made = Stage(AT)
    made.worker()
    yield made
    made.runtime.close()


@pytest.fixture
def acts(stage) -> GroupActs:
    return GroupActs(stage.runtime)


def broken(stage: Stage, jobs: int, **more) -> tuple[str, list[str]]:
    """A batch all of whose jobs have failed."""
    id, own = flows.batch(stage, jobs, allow=jobs, **more)
    for one in own:
        flows.failed(stage, one)
    return id, own


def asked(acts: GroupActs, ids: list[str], **care: object) -> GroupAct:
    """What ana asked for."""
    return acts.act(ANA, "retry", acts.named(ids, GroupKind.BATCH).groups, care=pacing.care(**care), reason="the relay is back")


def count(stage: Stage, jobs: list[str], state: str) -> int:
    return sum(one.state == state for one in stage.store.many(jobs))


def turn(stage: Stage, acts: GroupActs, seconds: float = 1) -> GroupAct:
    """The leader comes by, some time later."""
    stage.clock.advance(seconds)
    known, (act,) = None, acts.list()
    while act != known:  # however slow the store is: one turn takes no longer than a part of a second
        acts.run()
        known, (act,) = act, acts.list()
    return act


def test_so_many_jobs_a_second_are_put_to_work_however_they_lie_in_the_groups(stage, acts):
    groups = [broken(stage, 3) for _ in range(4)]
    jobs = [job for _, own in groups for job in own]
    stage.clock.advance(60)
    act = asked(acts, [id for id, _ in groups], rate="2/s")
    assert (act.state, act.jobs, count(stage, jobs, "pending")) == ("running", 0, 0)
    seen = []
    while act.state == "running":
        act = turn(stage, acts)
        seen.append(count(stage, jobs, "pending"))
    assert seen == [2, 4, 6, 8, 10, 12]
    assert (act.state, act.done, act.skipped, act.jobs) == ("done", 4, 0, 12)


def test_a_few_go_first_and_the_rest_follows_once_they_went_well(stage, acts):
    groups = [broken(stage, 3) for _ in range(3)]
    jobs = [job for _, own in groups for job in own]
    stage.clock.advance(60)
    asked(acts, [id for id, _ in groups], canary=4)
    for _ in range(3):
        act = turn(stage, acts)
        assert (act.done, count(stage, jobs, "pending")) == (1, 4)
    flows.done(stage, *[one.id for one in stage.store.many(jobs) if one.state == "pending"])
    act = turn(stage, acts)
    assert (act.state, act.done, act.jobs, count(stage, jobs, "pending")) == ("done", 3, 9, 5)
    assert act.trace.passed


def test_it_stops_by_itself_when_too_many_fail_again_and_the_audit_log_says_why(stage, acts):
    groups = [broken(stage, 3) for _ in range(3)]
    jobs = [job for _, own in groups for job in own]
    stage.clock.advance(60)
    asked(acts, [id for id, _ in groups], canary=4, stop_when_failing=20)
    turn(stage, acts)
    for one in [one.id for one in stage.store.many(jobs) if one.state == "pending"]:
        stage.run(one, Kind.FAILED, error=failure())
    act = turn(stage, acts)
    assert act.state == "stopped"
    assert "of the first 4 failed again, more than 20 %" in act.trace.stopped
    assert (count(stage, jobs, "pending"), count(stage, jobs, "failed")) == (0, 9)
    assert act.trace.stopped in [entry.detail for entry in stage.store.audit.find(AuditQuery(verb="stop")).items]
    assert turn(stage, acts).state == "stopped"


def test_what_fails_again_meanwhile_is_not_put_to_work_a_second_time(stage, acts):
    id, own = broken(stage, 3)
    stage.clock.advance(60)
    asked(acts, [id], rate="1/s")
    seen = []
    while (act := turn(stage, acts)).state == "running":
        (again,) = [one.id for one in stage.store.many(own) if one.state == "pending"]
        stage.run(again, Kind.FAILED, error=failure())
        seen.append(again)
    assert (len(set(seen)), act.jobs) == (2, 3)


def test_jobs_of_nested_groups_are_retried_too_and_groups_without_any_are_left_alone(stage, acts):
    outer, _ = flows.batch(stage, 1)
    inner, own = broken(stage, 2, parent=outer)
    whole, _ = flows.batch(stage, 1)
    stage.clock.advance(60)
    asked(acts, [whole, outer], rate="1/s")
    while (act := turn(stage, acts)).state == "running":
        pass
    assert count(stage, own, "pending") == 2
    assert (act.done, act.skipped, act.reasons) == (1, 1, {"nothing of it has failed": 1})
    assert inner not in act.trace.acted


def test_jobs_that_cannot_be_retried_hold_nothing_up_and_the_reason_is_told(stage, acts):
    group = NewGroup(id=uuid7(), kind=GroupKind.BATCH, allow=9)
    taken = [flows.job(unique_key=key, group=group.id) for key in ("one", "two")]
    stage.store.push(taken, groups=[group], seal=[group.id])
    for one in taken:
        flows.failed(stage, one.id)
    stage.store.push([flows.job(unique_key=key) for key in ("one", "two")])
    stage.clock.advance(60)
    asked(acts, [group.id], rate="1/s")
    while (act := turn(stage, acts)).state == "running":
        pass
    assert (act.done, act.skipped) == (0, 1)
    assert "key held by" in next(iter(act.reasons))


def test_care_is_for_what_puts_jobs_to_work(stage, acts):
    id, _ = flows.batch(stage, 1)
    with pytest.raises(InvalidOption, match="cancel is done as fast as it goes"):
        acts.act(ANA, "cancel", acts.named([id]).groups, care=pacing.care("1/s"))


def test_one_that_was_stopped_by_a_person_goes_no_further(stage, acts):
    id, own = broken(stage, 3)
    stage.clock.advance(60)
    act = asked(acts, [id], rate="1/s")
    act = turn(stage, acts)
    acts.stop(ANA, act)
    turn(stage, acts)
    assert count(stage, own, "pending") == 1


def test_its_note_stays_small_however_much_it_watches(stage, acts, monkeypatch):
    id, own = broken(stage, 60)
    stage.clock.advance(60)
    asked(acts, [id], stop_when_failing=50)
    act = turn(stage, acts)
    assert (act.state, len(act.trace.watch)) == ("done", len(own))
    assert len(stage.store.notes.get(many_groups.KIND, act.id).body) < 20_000
