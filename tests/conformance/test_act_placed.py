"""What the audit log tells of an act on one job: where it stood right before, whoever else put it elsewhere at that time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from horizon.backends.placing import Placed
from horizon.backends.values import Verb
from horizon.core.audit import AuditEntry
from horizon.core.clock import SECOND
from horizon.core.ids import uuid7
from tests.conformance.driver import Driver, audit
from tests.conformance.states import in_state


def from_there(to: str = "elsewhere") -> object:
    """What makes an entry of where a job stood."""

    def noted(before: Placed) -> AuditEntry:
        return replace(audit("move"), changes=(("queue", before.queue, to),))

    return noted


@pytest.mark.parametrize("state", ["pending", "scheduled", "retrying", "failed"])
def test_the_entry_is_made_of_where_the_job_stood(drive: Driver, state: str) -> None:
    id = in_state(drive, state)
    record, seen = drive.get(id), []
    drive.act(Verb.MOVE, id, queue="elsewhere", audit=lambda before: seen.append(before) or audit("move", id))
    assert seen[-1] == Placed(queue=record.queue, priority=record.priority, at=record.available_at)
    assert [(entry.verb, entry.count) for entry in drive.backend.audit.list()] == [("move", 1)]


def test_priority_and_time_are_told_as_they_were_given(drive: Driver) -> None:
    at, seen = drive.clock() + 90 * SECOND, []
    id = drive.push(priority=7, delay=90 * SECOND)
    drive.act(Verb.PRIORITIZE, id, priority=-3, audit=lambda before: seen.append(before) or audit())
    drive.act(Verb.RESCHEDULE, id, at=at + SECOND, audit=lambda before: seen.append(before) or audit())
    assert (seen[0].priority, seen[0].at) == (7, at)
    assert (seen[-1].priority, seen[-1].at) == (-3, at)


def test_of_a_job_that_is_not_there_or_not_touched_nothing_is_noted(drive: Driver) -> None:
    running = drive.push()
    drive.take(running)
    for id, why in ((uuid7(), "there is no such job"), (running, "it is running")):
        acted = drive.act(Verb.MOVE, id, queue="elsewhere", audit=from_there())
        assert (acted.done, acted.skipped) == ((), ((id, why),))
    assert list(drive.backend.audit.list()) == []


def test_of_many_who_move_one_job_at_once_each_tells_what_its_act_replaced(drive: Driver) -> None:
    id = drive.push()
    with ThreadPoolExecutor(4) as pool:
        acted = list(pool.map(lambda to: drive.act(Verb.MOVE, id, queue=to, audit=from_there(to)), [f"q{n}" for n in range(24)]))
    assert all(one.done == (id,) for one in acted)
    steps = [entry.changes[0] for entry in reversed(drive.backend.audit.list(limit=50))]
    assert len(steps) == 24
    assert [before for _, before, _ in steps] == ["mails", *(after for _, _, after in steps[:-1])]
    assert drive.get(id).queue == steps[-1][2]
