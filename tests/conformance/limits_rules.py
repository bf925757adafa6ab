"""What the machine of the stateful test does with limits, and what must be true of parked jobs at any time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from horizon.backends.base import Backend
from horizon.core.clock import ManualClock
from horizon.core.record import Record
from tests.conformance.driver import envelope
from tests.conformance.limits_model import WORDS, Row, lot
from tests.conformance.model import Model

LIMITED = st.sampled_from([(), (), (), (), (), ("slides",), ("door",), ("door", "slides"), ("drips", "door"), ("ticks", "slides")])
"""Keys of the limits of a job to be."""


class LimitRules:
    """Part of the machine."""

    limited: ClassVar[bool] = True
    """Whether jobs have limits at all: a search for other faults is quicker where they have none."""
    store: Backend
    clock: ManualClock
    model: Model

    @precondition(lambda self: self.limited)
    @rule(queue=st.sampled_from("ab"), key=st.sampled_from(WORDS), priorities=st.lists(st.sampled_from([0, 5]), min_size=2, max_size=4))
    def push_a_lot(self, queue, key, priorities) -> None:
        """Several that want the same, one after the other."""
        for priority in priorities:
            made = envelope(queue=queue, priority=priority, limits=self.model.gauges.words((key.key,)))
            self.store.push([made])
            assert self.model.push(made, self.clock()) == ("created", None)

    @precondition(lambda self: self.limited)
    @rule(which=st.sampled_from(WORDS), most=st.integers(1, 3))
    def say(self, which, most) -> None:
        """A limit allows more, or less."""
        self.store.limits.define([replace(which, most=most)])
        self.model.gauges.say(replace(which, most=most), self.clock())

    def say_again_what_was_forgotten(self) -> None:
        """As a worker does that starts; otherwise older jobs would bring older words."""
        if not self.limited:
            return
        known = {found.key for found in self.store.limits.list()}
        forgotten = [gauge.limit for key, gauge in self.model.gauges.by_key.items() if key not in known]
        if forgotten:
            self.store.limits.define(forgotten)

    def nobody_is_parked_for_nothing(self, held: Callable[[str], bool]) -> None:
        """After housekeeping: where a lot has room, somebody of it stands in, or somebody who shares one of its limits."""
        shown = {record.id: record for record in self.store.many(list(self.model.jobs))}
        standing = [job for job in self.model.jobs.values() if shown[job["id"]].state == "pending" and job["envelope"].limits]
        for job in self.model.jobs.values():
            if is_parked(job, shown[job["id"]]) and not held(job["queue"]) and self.model.gauges.room(job, self.clock()):
                queue, keys = lot(job)
                assert any(queue == lot(one)[0] and keys & lot(one)[1] for one in standing), f"{job['id']} is parked for nothing"

    @invariant()
    def every_limit_is_as_the_model_says(self) -> None:
        for key in self.model.gauges.by_key if self.limited else ():
            self.model.gauges.check(key, self.store.limits.get(key), self.clock())


def is_parked(job: Row, record: Record) -> bool:
    """Whether it waits for a limit: it is pending, as the model has it, but for that."""
    waits = bool(job["envelope"].limits) and job["state"] == "pending" and record.state == "scheduled"
    assert not waits or (record.reason or "").startswith("waits for its limit: "), record
    return waits
