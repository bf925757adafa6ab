"""Whatever is killed, cancelled or retried, whenever: every group ends, its figures are those of its members, and what follows it is
there exactly once and ran in the right case.

A run prints its seed. `CHAOS_SEED` repeats one (the faults come in the same order, though not at the same instants);
`CHAOS_SECONDS` says how long the slow form rages.
"""

from __future__ import annotations

import os
import random
from collections import Counter, defaultdict

import pytest

from horizon.backends.grouping import met_by_end
from horizon.core.envelope import On
from horizon.core.group import GroupKind, GroupState, bears
from horizon.core.states import LIVE
from tests.e2e.group_storm import GroupStorm
from tests.e2e.worker_site import site
from tests.stores.lending import fresh_of, kinds

pytestmark = pytest.mark.e2e
SHORT = (("--processes", "2"),)
LONG = (("--processes", "2"), ("--concurrency", "3"), ("--processes", "2", "--concurrency", "2", "--max-jobs", "60"))


def weathered(folder, kind, fleet, *, jobs, seconds):
    """A storm that is over."""
    seed = int(os.environ.get("CHAOS_SEED", random.randrange(10**6)))
    print(f"CHAOS_SEED={seed}")
    with site(folder, URL=fresh_of(kind), LEASE=2, GRACE=0.3, CANCEL_GRACE=0.3) as made:
        storm = GroupStorm(made, random.Random(seed), fleet)
        storm.rage(jobs, seconds)
        storm.calm()
        print(f"{kind}: {dict(storm.done)}, {storm.jobs} jobs, {storm.groups} groups")
        judge(storm)


@pytest.mark.parametrize("on", kinds("sqlite", "redis"))
def test_groups_keep_their_word_in_a_short_storm(tmp_path, on):
    weathered(tmp_path, on, SHORT, jobs=60, seconds=5)


@pytest.mark.slow
@pytest.mark.parametrize("on", kinds("sqlite", "postgres", "redis"))
def test_groups_keep_their_word_in_a_long_storm(tmp_path, on):
    seconds = float(os.environ.get("CHAOS_SECONDS", "60"))
    weathered(tmp_path, on, LONG, jobs=int(seconds * 10), seconds=seconds)


def judge(storm):
    """All that must hold once everything has ended."""
    store = storm.site.backend
    records = {record.id: record for record in storm.all_jobs()}
    groups = {group.id: group for group in storm.all_groups()}
    assert set(storm.sent) <= set(groups)
    assert not any(record.state in LIVE for record in records.values())
    assert store.numbers.recount() == {}
    figures_are_those_of_the_members(groups, records, storm.detached)
    for group in groups.values():
        it_ended_as_it_had_to(group)
        what_follows_it_is_there_once(group, store.groups.callbacks(group.id))
    what_ran_was_let_go(store, groups, records, storm.done["retried"])


def figures_are_those_of_the_members(groups, records, detached):
    counted = defaultdict(Counter)
    for record in records.values():
        counted[record.group]["completed" if record.id in detached else record.state] += 1
    for group in groups.values():
        counted[group.parent][group.state] += 1
    for group in groups.values():
        told = {"completed": group.completed, "failed": group.failed, "cancelled": group.cancelled}
        assert {state: count for state, count in told.items() if count} == counted[group.id], group
        assert sum(told.values()) == group.total


def it_ended_as_it_had_to(group):
    fine = bears(group.allow, group.allow_all, failed=group.failed, total=group.total, sealed=group.sealed)
    assert group.ended
    assert group.finished_at is not None
    assert (group.state is GroupState.FAILED) <= (not fine), group
    assert (group.state is GroupState.COMPLETED) <= fine, group
    if group.state is GroupState.COMPLETED and group.kind is not GroupKind.BATCH:
        assert group.reason is None, group


def what_follows_it_is_there_once(group, callbacks):
    """A retry opens a group again: what ran before it ended then, has run for all that."""
    there = {record.name.rpartition(".")[2]: record for record in callbacks}
    called = [record for record in callbacks if record.name.endswith("Called")]
    assert len(called) == len(group.options["calls"]), (group, there)
    for record in called:
        assert record.group is None


def what_ran_was_let_go(store, groups, records, retried):
    """Every job that has run was let go by all that it waited for, or by a retry; what was not needed has not run."""
    for job, record in records.items():
        for link in store.groups.links([job]):
            if record.state == "completed" and not record.round:
                assert link.met, (record, link)
            group = groups.get(link.parent)
            if group is not None and group.generation == 0 and record.group is None:
                ran = record.state == "completed"
                # a batch calls `catch` before it ends; what had failed may have been retried then
                early = link.on is On.FAILED and group.kind is GroupKind.BATCH and group.first_failure is not None
                forgiven = ran and early and retried > 0
                assert forgiven or ran == (met_by_end(link.on, group.state) or link.on is On.PROGRESS), (record, link, group)
