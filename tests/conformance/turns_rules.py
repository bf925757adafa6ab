"""What the machine of the stateful test does in a queue whose keys take turns."""

from __future__ import annotations

from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from horizon.backends.base import Backend
from horizon.core.clock import ManualClock
from tests.conformance.driver import envelope
from tests.conformance.model import Model, seconds
from tests.conformance.turns_model import FAIR


class TurnRules:
    """Part of the machine."""

    store: Backend
    clock: ManualClock
    model: Model
    turning: ClassVar[bool] = True
    """Whether such jobs come at all: a search for other faults is quicker without them."""

    @precondition(lambda self: self.turning)
    @rule(
        key=st.sampled_from("xyz"),
        share=st.sampled_from([1, 3]),
        priority=st.sampled_from([0, 0, 5]),
        delay=st.sampled_from([0, 0, 0, 3]),
        count=st.integers(1, 4),
    )
    def push_fairly(self, key, share, priority, delay, count) -> None:
        """Several of one key, one after the other."""
        for _ in range(count):
            made = envelope(queue=FAIR, fair=key, share=share, priority=priority, delay=seconds(delay))
            self.store.push([made])
            assert self.model.push(made, self.clock()) == ("created", None)
