"""What a QueueFake keeps of one dispatch, and how it is told to people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from horizon.core.clock import SECOND, Micros
from horizon.core.envelope import Envelope
from horizon.core.limit import Limit
from horizon.jobs.shape import Shape
from horizon.testing.grouped import Grouped

MOST_TOLD = 20
"""Dispatches that a message lists."""
MOST_WORDS = 160


@dataclass(frozen=True, kw_only=True, slots=True)
class Dispatched:
    """One job that was to be dispatched."""

    job: Shape
    """The job itself, as the code under test made it."""
    connection: str
    envelope: Envelope
    """What would have been stored: every option worked out."""
    at: Micros
    group: Grouped | None = None
    """The outermost batch, chain or workflow that it is part of."""

    @property
    def id(self) -> str:
        """The id that `dispatch` answered."""
        return self.envelope.id

    @property
    def queue(self) -> str:
        """The queue it would wait in."""
        return self.envelope.queue

    @property
    def priority(self) -> int:
        """From -100 to 100."""
        return self.envelope.priority

    @property
    def tags(self) -> tuple[str, ...]:
        """Every tag it would have."""
        return self.envelope.tags

    @property
    def limits(self) -> tuple[Limit, ...]:
        """What must have room before it could start."""
        return self.envelope.limits

    @property
    def delay(self) -> float:
        """Seconds before it could have started, counted from its dispatch."""
        wanted = self.envelope.delay if self.envelope.available_at is None else self.envelope.available_at - self.at
        return max(0, wanted) / SECOND

    def __str__(self) -> str:
        said = [f"on {self.queue}"]
        said += [f"of the connection {self.connection}"] if self.connection != "default" else []
        said += [f"after {self.delay:g} s"] if self.delay else []
        said += [f"priority {self.priority}"] if self.priority else []
        said += [f"in a {self.group.kind}{f' {self.group.name!r}' if self.group.name else ''}"] if self.group is not None else []
        shown = repr(self.job)
        return f"{shown if len(shown) <= MOST_WORDS else shown[:MOST_WORDS] + '…'} {', '.join(said)}"


def told(dispatched: Sequence[object], what: str = "pushed") -> str:
    """`pushed were: ...`, a line each; or that nothing was."""
    if not dispatched:
        return f"nothing was {what} at all"
    lines = [f"  {number}. {one}" for number, one in enumerate(dispatched[:MOST_TOLD], 1)]
    more = [f"  and {len(dispatched) - MOST_TOLD} more"] if len(dispatched) > MOST_TOLD else []
    return "\n".join([f"what was {what}:", *lines, *more])
