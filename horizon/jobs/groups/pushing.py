"""Groups on their way to the store: the steps of laying them become envelopes, a thousand at a time.

1. A chain or workflow is kept together: all of it comes in one act, or none of it.
2. One that is too long for that starts at a gate, an empty group, which opens when its last jobs have come. Otherwise a step
   could fail before those that need it are there to be told.
3. Jobs of a batch wait for nobody in it, so they are pushed, and run, as they come.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from horizon.backends.values import PUSH_LIMIT
from horizon.core.envelope import Edge
from horizon.core.group import GroupKind, NewGroup
from horizon.core.ids import uuid7
from horizon.jobs.ambient import RuntimeLike
from horizon.jobs.groups.chunk import Chunk
from horizon.jobs.groups.laying import Begin, End, Member, Step
from horizon.jobs.groups.making import Maker

GATE = "gate"
"""The option by which a gate is known."""


class Packer:
    """Makes chunks of steps. `connection`: where the group lives; None: where its first job belongs."""

    def __init__(self, runtime: RuntimeLike, what: str, connection: str | None = None) -> None:
        self._maker = Maker(runtime, what, connection)
        self._together: NewGroup | None = None
        """The chain or workflow that is being told, with all that is nested in it."""
        self._gate: str | None = None

    @property
    def connection(self) -> str | None:
        """Where the group lives, as far as that has been seen."""
        return self._maker.connection

    def chunks(self, steps: Iterable[Step]) -> Iterator[Chunk]:
        """At most a thousand jobs in each; there is always one. Raises InvalidInput that says which job is at fault."""
        ready, part = Chunk(), Chunk()
        for step in steps:
            self._begin(step)
            if self._together is None and self._full(ready, step):
                yield self._maker.follow(ready)
                ready = Chunk()
            if self._together is not None and self._full(part, step):
                if not ready.empty:
                    yield self._maker.follow(ready)
                self._shut(part, self._together)
                yield self._maker.follow(part)
                ready, part = Chunk(), Chunk()
            self._put(ready if self._together is None else part, step)
            if self._ends(step):
                if ready.size + part.size > PUSH_LIMIT:
                    yield self._maker.follow(ready)
                    ready = Chunk()
                ready.take(self._opened(part))
                part = Chunk()
        yield self._maker.follow(ready)

    def _begin(self, step: Step) -> None:
        if self._together is None and isinstance(step, Begin) and step.group.kind is not GroupKind.BATCH:
            self._together = step.group

    def _ends(self, step: Step) -> bool:
        return self._together is not None and isinstance(step, End) and step.group == self._together.id

    def _full(self, chunk: Chunk, step: Step) -> bool:
        return chunk.size + self._rows(step) > PUSH_LIMIT

    def _rows(self, step: Step) -> int:
        return len(self._maker.callbacks(step)) if isinstance(step, Begin) else int(isinstance(step, Member))

    def _put(self, chunk: Chunk, step: Step) -> None:
        if isinstance(step, Begin):
            self._maker.begin(chunk, step)
        elif isinstance(step, Member):
            self._maker.join(chunk, step)
            if self._gate is not None:
                chunk.wait_for(_at(self._gate))
            elif self._together is None:
                chunk.first.clear()
        else:
            chunk.seal.append(step.group)

    def _shut(self, part: Chunk, group: NewGroup) -> None:
        """What is told together is too long for one act: let it start at a gate."""
        if self._gate is None:
            self._gate = uuid7()
            part.groups.insert(0, NewGroup(id=self._gate, kind=GroupKind.BATCH, name=_name(group), options={GATE: group.id}))
            part.wait_for(_at(self._gate))

    def _opened(self, part: Chunk) -> Chunk:
        """All that was told together is there."""
        if self._gate is not None:
            part.seal.append(self._gate)
        self._together = self._gate = None
        return part


def _at(gate: str) -> Edge:
    return Edge(job_id=gate, of_group=True)


def _name(group: NewGroup) -> str:
    return f"start of {group.name or group.kind}"[:200]
