"""From the members and callbacks of a group to envelopes, all of them for one store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from horizon.core.envelope import Edge, On
from horizon.core.errors import InvalidInput
from horizon.jobs import envelopes
from horizon.jobs.ambient import RuntimeLike
from horizon.jobs.groups.callbacks import ANNOUNCED, Callback
from horizon.jobs.groups.chunk import Chunk
from horizon.jobs.groups.laying import Begin, Member
from horizon.jobs.said import Said
from horizon.jobs.shape import Shape


class Maker:
    """Puts what it makes into chunks. `connection`: where the group lives; None: where its first job belongs."""

    def __init__(self, runtime: RuntimeLike, what: str, connection: str | None) -> None:
        self.connection = connection
        self._runtime = runtime
        self._what = what
        self._count = 0

    def begin(self, chunk: Chunk, step: Begin) -> None:
        """A group; whatever the outermost one says of its connection holds."""
        if self.connection is None and step.said is not None and step.said.connection is not None:
            self.connection = step.said.connection
        chunk.groups.append(step.group)
        chunk.callbacks += [(callback, step.group.id, step.said) for callback in self.callbacks(step)]

    def callbacks(self, step: Begin) -> Sequence[Callback]:
        """Those that were written, and where somebody listens to the end of such groups, the one that tells them."""
        heard = self._runtime.events.heard(ANNOUNCED.get(step.group.kind, ""))
        return [*step.callbacks, Callback(on=On.ANY, announce=True)] if heard else step.callbacks

    def join(self, chunk: Chunk, step: Member) -> None:
        """A member. Raises InvalidInput that says which it is."""
        self._count += 1
        own = step.job._horizon.said
        said = own if step.said is None else own.over(step.said) if own else step.said
        try:
            connection, envelope = envelopes.make(step.job, self._runtime, said, id=step.id, group=step.group, edges=step.edges)
        except InvalidInput as error:
            raise type(error)(f"job {self._count} of the {self._what}: {error}") from error.__cause__
        self._check(connection, step.job)
        if step.linked and envelope.unique_key is not None:
            raise InvalidInput(
                f"job {self._count} of the {self._what}: {type(step.job).__name__} is unique, and where its key was held it would not be "
                "stored, so that what follows it would wait for nothing; put it in a batch, or dispatch the whole from a unique job"
            )
        chunk.put(step.job, envelope)
        if step.first:
            chunk.first.append(envelope)

    def follow(self, chunk: Chunk) -> Chunk:
        """The same chunk with its callbacks made: last, when it is known where the group lives."""
        for callback, group, said in chunk.callbacks:
            job = callback.job_for(group, self._runtime.keyring)
            own, base = job._horizon.said, _of_callbacks(said, callback, self.connection or self._runtime.default)
            edge = Edge(job_id=group, on=callback.on, of_group=True)
            connection, envelope = envelopes.make(job, self._runtime, own.over(base) if own else base, edges=(edge,))
            self._check(connection, job)
            if envelope.unique_key is not None:
                raise InvalidInput(
                    f"{type(job).__name__}, a callback of the {self._what}, is unique, and where its key was held it would never be called; "
                    "a callback is called once anyway, so take ShouldBeUnique or unique_by() away from it"
                )
            chunk.put(job, envelope)
        chunk.callbacks.clear()
        return chunk

    def _check(self, connection: str, job: Shape) -> None:
        if self.connection is None:
            self.connection = connection
        if connection != self.connection:
            raise InvalidInput(
                f"{type(job).__name__} belongs to the connection {connection!r}, and this {self._what} lives in {self.connection!r}: all of a "
                f"group lives in one store; say .on_connection({connection!r}) or .on_connection({self.connection!r}) of the whole "
                f"{self._what}, or take the job out of it"
            )


def _of_callbacks(said: Said | None, callback: Callback, connection: str) -> Said:
    """What holds of a callback that says nothing else: a function runs on the queue of its group, a job on its own."""
    base = Said(connection=connection)
    if said is not None:
        base = replace(base, user=said.user, tenant=said.tenant, queue=said.queue if callback.job is None else None)
    return base
