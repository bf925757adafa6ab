"""Groups on their way to the store: the steps of laying them become envelopes, a thousand at a time.

All of a group lives in one store. What is pushed first begins to run at once; the group cannot end before its last jobs have
come. Should they not come, because a job of them cannot be stored or the store does not answer, the group is cancelled.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from horizon.backends.base import Backend
from horizon.backends.values import PUSH_LIMIT, Pushed, PushStatus
from horizon.core.envelope import Edge, Envelope, On
from horizon.core.errors import HorizonError, InvalidInput
from horizon.core.group import NewGroup
from horizon.jobs import envelopes, transaction
from horizon.jobs.ambient import RuntimeLike
from horizon.jobs.groups.callbacks import ANNOUNCED, Callback
from horizon.jobs.groups.laying import Begin, End, Member, Step
from horizon.jobs.jobid import JobId
from horizon.jobs.said import Said
from horizon.jobs.shape import Shape

log = logging.getLogger("horizon.jobs")


@dataclass(kw_only=True, slots=True)
class Chunk:
    """What goes to the store in one act."""

    envelopes: list[Envelope] = field(default_factory=list)
    jobs: list[Shape] = field(default_factory=list)
    """Whose envelopes they are, in the same order."""
    groups: list[NewGroup] = field(default_factory=list)
    seal: list[str] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Rows it makes."""
        return max(len(self.envelopes), len(self.groups))


class Packer:
    """Makes chunks of steps. `connection`: where the group lives; None: where its first job belongs."""

    def __init__(self, runtime: RuntimeLike, what: str, connection: str | None = None) -> None:
        self.connection = connection
        self._runtime = runtime
        self._what = what
        self._count = 0

    def chunks(self, steps: Iterable[Step]) -> Iterator[Chunk]:
        """At most a thousand jobs in each; there is always one. Raises InvalidInput that says which job is at fault."""
        chunk = Chunk()
        waiting: list[tuple[Callback, str, Said | None]] = []
        for step in steps:
            callbacks = self._callbacks(step) if isinstance(step, Begin) else ()
            room = len(callbacks) + (not isinstance(step, End))
            if chunk.size + len(waiting) + room > PUSH_LIMIT:
                self._follow(chunk, waiting)
                yield chunk
                chunk = Chunk()
            if isinstance(step, Begin):
                self._settle(step.said)
                chunk.groups.append(step.group)
                waiting += [(callback, step.group.id, step.said) for callback in callbacks]
            elif isinstance(step, Member):
                self._join(chunk, step)
            else:
                chunk.seal.append(step.group)
        self._follow(chunk, waiting)
        yield chunk

    def _callbacks(self, step: Begin) -> Sequence[Callback]:
        """Those that were written, and where somebody listens to the end of such groups, the one that tells them."""
        heard = self._runtime.events.heard(ANNOUNCED.get(step.group.kind, ""))
        return [*step.callbacks, Callback(on=On.ANY, announce=True)] if heard else step.callbacks

    def _settle(self, said: Said | None) -> None:
        """Whatever the outermost group says of its connection holds."""
        if self.connection is None and said is not None and said.connection is not None:
            self.connection = said.connection

    def _join(self, chunk: Chunk, step: Member) -> None:
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
        chunk.envelopes.append(envelope)
        chunk.jobs.append(step.job)

    def _follow(self, chunk: Chunk, waiting: list[tuple[Callback, str, Said | None]]) -> None:
        """The callbacks of groups that begin in this chunk; made last, when it is known where the group lives."""
        for callback, group, said in waiting:
            job = callback.job_for(group)
            own, base = job._horizon.said, _of_callbacks(said, callback, self.connection or self._runtime.default)
            connection, envelope = envelopes.make(
                job, self._runtime, own.over(base) if own else base, edges=(Edge(job_id=group, on=callback.on, of_group=True),)
            )
            self._check(connection, job)
            if envelope.unique_key is not None:
                raise InvalidInput(
                    f"{type(job).__name__}, a callback of the {self._what}, is unique, and where its key was held it would never be called; "
                    "a callback is called once anyway, so take ShouldBeUnique or unique_by() away from it"
                )
            chunk.envelopes.append(envelope)
            chunk.jobs.append(job)
        waiting.clear()

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


def push(runtime: RuntimeLike, connection: str, chunks: Iterable[Chunk], begun: str | None = None) -> None:
    """Push chunk by chunk. `begun`: the group that is cancelled where a later chunk does not arrive."""
    store = runtime.backend(connection)
    sent = False
    try:
        for chunk in chunks:
            answers = store.push(chunk.envelopes, groups=chunk.groups, seal=chunk.seal)
            sent = True
            _told(runtime, connection, chunk, answers)
    except BaseException as error:
        if sent and begun is not None:
            _give_up(store, begun, error)
        raise


def _told(runtime: RuntimeLike, connection: str, chunk: Chunk, answers: Sequence[Pushed]) -> None:
    """Jobs know their ids; listeners hear of what is new."""
    heard = runtime.events.heard("job_queued")
    for envelope, job, answer in zip(chunk.envelopes, chunk.jobs, answers, strict=True):
        held = answer.status is PushStatus.DUPLICATE
        job._horizon.id = None if held else JobId(envelope.id, runtime, connection)
        if heard and answer.status is PushStatus.CREATED:
            transaction.announce(runtime, connection, envelope)


def _give_up(store: Backend, group: str, error: BaseException) -> None:
    """Cancel what was pushed of a group whose rest does not come; where even that fails, the store does it after a while."""
    log.error("group %s is cancelled, since the rest of its jobs could not be pushed: %s", group, error)
    with contextlib.suppress(HorizonError):
        store.groups.cancel(group, reason=f"its dispatch broke off: {type(error).__name__}: {error}"[:200])
