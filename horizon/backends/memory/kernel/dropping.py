"""A member that is taken out of its group while it waits."""

from __future__ import annotations

from horizon.backends.memory.kernel import gates, record
from horizon.backends.memory.kernel.store import Job, Store, Wait
from horizon.core.clock import Micros
from horizon.core.states import JobState


def drop(store: Store, job: Job, reason: str, now: Micros) -> None:
    """End a blocked job that nobody needs; those that wait for it wait for what it waited for."""
    record.move(store, job, JobState.CANCELLED, now, needless=True)
    job.reason = reason
    for n in dict.fromkeys(store.dependants.get(job.id, ())):
        child = store.by_n[n]
        for wait in child.waits:
            wait.met = wait.met or wait.parent == job.id
        known = {(wait.parent, wait.on) for wait in child.waits}
        for wait in job.waits:
            if (wait.parent, wait.on) not in known:
                child.waits.append(Wait(parent=wait.parent, on=wait.on, met=wait.met, of_group=wait.of_group))
                store.dependants.setdefault(wait.parent, []).append(child.n)
        if child.state is JobState.BLOCKED:
            gates.open_if_met(store, child, now)
