"""What the machine of the stateful test does with jobs that expire and with dead letters, and what must be true of them."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import rule

from horizon.backends.base import Backend
from horizon.backends.expiry import REASON
from horizon.backends.values import QueueSettings
from horizon.core.clock import ManualClock
from horizon.core.envelope import Edge
from tests.conformance.driver import ENDS, envelope
from tests.conformance.model import DEAD_AFTER, Model, Row, seconds


class EndRules:
    """Part of the machine."""

    store: Backend
    clock: ManualClock
    model: Model

    def define_dead_letters(self) -> None:
        """Queues that set jobs aside."""
        self.store.queues.define([QueueSettings(name=name, dead_after=rounds) for name, rounds in DEAD_AFTER.items()])

    @rule(
        queue=st.sampled_from("ab"),
        after=st.sampled_from([1, 3, 6]),
        delay=st.sampled_from([0, 0, 0, 2, 9]),
        followed=st.sampled_from([None, None, *ENDS]),
    )
    def push_what_expires(self, queue, after, delay, followed) -> None:
        """A job that is not started after its deadline, and perhaps one that waits for it."""
        made = envelope(queue=queue, delay=seconds(delay), deadline=self.clock() + seconds(after), expires=True)
        both = [made] if followed is None else [made, envelope(queue=queue, edges=(Edge(job_id=made.id, on=followed),))]
        self.store.push(both)
        for one in both:
            assert self.model.push(one, self.clock()) == ("created", None)

    def learn_what_expired(self) -> None:
        """A store may take a moment to end what expired (but hands none of it out): see which it has ended by now."""
        waiting = [job for job in self.model.jobs.values() if self.has_expired(job)]
        shown = {record.id: record for record in self.store.many([job["id"] for job in waiting])}
        for job in waiting:
            if shown[job["id"]].state == "failed" and job["state"] == "pending":
                assert shown[job["id"]].reason == REASON
                self.model.fail(job, self.clock())

    def has_expired(self, job: Row) -> bool:
        """Whether it waits, and may not start any more."""
        envelope = job["envelope"]
        return job["state"] == "pending" and envelope.expires and envelope.deadline <= self.clock()

    def nothing_expired_still_waits(self) -> None:
        """After housekeeping, twice: what was due then has become pending the first time."""
        waiting = [job["id"] for job in self.model.jobs.values() if self.has_expired(job)]
        assert not waiting, f"{waiting} wait past their deadline"
