"""What goes to the store in one act."""

from __future__ import annotations

from dataclasses import dataclass, field

from horizon.core.envelope import Edge, Envelope
from horizon.core.group import NewGroup
from horizon.jobs.groups.callbacks import Callback
from horizon.jobs.said import Said
from horizon.jobs.shape import Shape


@dataclass(kw_only=True, slots=True)
class Chunk:
    """At most a thousand jobs, the groups that begin with them and those that have all of theirs."""

    envelopes: list[Envelope] = field(default_factory=list)
    jobs: list[Shape] = field(default_factory=list)
    """Whose envelopes they are, in the same order."""
    groups: list[NewGroup] = field(default_factory=list)
    seal: list[str] = field(default_factory=list)
    first: list[Envelope] = field(default_factory=list)
    """Those of the envelopes that wait for nobody in the outermost chain or workflow they are in."""
    callbacks: list[tuple[Callback, str, Said | None]] = field(default_factory=list)
    """Still to be made, with their group and what is said of it."""

    @property
    def size(self) -> int:
        """Jobs in it, callbacks that are still to be made included."""
        return len(self.envelopes) + len(self.callbacks)

    @property
    def empty(self) -> bool:
        """Nothing to push."""
        return not (self.size or self.groups or self.seal)

    def put(self, job: Shape, envelope: Envelope) -> None:
        """One more job."""
        self.jobs.append(job)
        self.envelopes.append(envelope)

    def take(self, other: Chunk) -> None:
        """All of another one after this."""
        for name in Chunk.__slots__:
            getattr(self, name).extend(getattr(other, name))

    def wait_for(self, edge: Edge) -> None:
        """Let nothing of it start before this."""
        for envelope in self.first:
            envelope.edges = (*envelope.edges, edge)
        self.first.clear()
