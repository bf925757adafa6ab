"""A new job, by its registered name: what the API and the command line may start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from horizon.backends.values import PushStatus
from horizon.control.acting import Stores, entry
from horizon.core import current
from horizon.core.audit import AuditEntry
from horizon.core.envelope import Envelope
from horizon.core.errors import HorizonError, InvalidInput, InvalidOption, InvalidTransition, NotFound, UnknownJobName
from horizon.core.record import Record
from horizon.jobs import codec, envelopes, failover, options, stored
from horizon.jobs.ambient import RuntimeLike, loader
from horizon.jobs.said import Said
from horizon.jobs.shape import Shape
from horizon.jobs.transaction import announce
from horizon.security.permissions import Ability, Actor, require


@dataclass(frozen=True, kw_only=True, slots=True)
class NewJob:
    """What somebody asks for. None: as the class says."""

    name: str | None
    args: Mapping[str, Any] = field(default_factory=dict)
    """Keyword arguments of the constructor, as JSON; a value of a type that JSON lacks is tagged, as in payloads:
    `{"~": "date", "v": "2026-11-22"}`."""
    queue: str | None = None
    delay: float | None = None
    """Seconds."""
    priority: int | None = None
    tags: Sequence[str] | None = None
    """Beside those of the class."""
    connection: str | None = None


class Dispatcher(Stores, RuntimeLike, Protocol):
    """What dispatching needs of a runtime."""


class DispatchControl:
    """Dispatching on behalf of somebody."""

    def __init__(self, runtime: Dispatcher) -> None:
        self.runtime = runtime

    def push(self, actor: Actor, wanted: NewJob) -> Record:
        """Store it, with an audit entry in the same act; returns the job.

        Only classes that are loaded here can be named: nothing is ever imported on behalf of a name.
        Raises PermissionDenied, UnknownJobName, InvalidInput, QueueFull, InvalidTransition for a held unique key.
        """
        require(actor, Ability.OPERATE)
        with current.use(self.runtime):
            job = made(wanted, self.runtime)
            connection, envelope = envelopes.make(job, self.runtime, _said(wanted, self.runtime).over(job._horizon.said))
        if self.runtime.runs_here(connection):
            raise InvalidOption(
                f"jobs of the connection {connection!r} run where they are dispatched, and this is no place to run them; name another connection"
            )
        audit = entry(actor, "dispatch", envelope.id, detail=f"{envelope.name} on {envelope.queue}")
        return store(self.runtime, connection, envelope, audit)


def made(wanted: NewJob, runtime: Dispatcher) -> Shape:
    """The job, made but not stored. Raises UnknownJobName, InvalidOption, InvalidInput."""
    if not wanted.name:
        raise InvalidOption("name is missing: the registered name of the job to dispatch")
    if len(wanted.name) > options.MAX_NAME:
        raise UnknownJobName(f"no job is registered under a name of {len(wanted.name):,} characters; {options.MAX_NAME} are the most")
    return _made(runtime.registry.require(wanted.name), typed(wanted.args, runtime))


def store(runtime: Dispatcher, connection: str, envelope: Envelope, audit: AuditEntry) -> Record:
    """Push one job with its audit entry, and return it as it is stored. Raises QueueFull, InvalidTransition for a held key."""
    connection, (pushed,) = failover.push(runtime, runtime.way(connection), [envelope], audit)
    backend = runtime.backend(connection)
    if pushed.status is PushStatus.DUPLICATE:
        raise InvalidTransition(f"job {pushed.holder} holds the unique key of this one; nothing was stored")
    announce(runtime, connection, envelope)
    record = backend.get(envelope.id)
    if record is None:
        raise NotFound(f"job {envelope.id} was stored and has been removed since")
    return record


def typed(args: Mapping[str, Any], runtime: Dispatcher) -> Mapping[str, Any]:
    """The arguments with tagged values made into what they stand for. Raises InvalidPayload for a tag that is none."""
    if not stored.has_tags(args) or stored.too_deep(args):
        return args
    values = codec.decode(stored.payload(dict(args)))
    found: Mapping[str, Any] = codec.with_models(values, loader(runtime))
    return found


def _made(cls: type[Shape], args: Mapping[str, Any]) -> Shape:
    """The job, made by its own constructor. Raises InvalidInput for arguments that it does not take."""
    try:
        return cls(**args)
    except HorizonError:
        raise
    except Exception as error:
        raise InvalidInput(f"{cls.__name__} does not take these arguments: {error}") from error


def _said(wanted: NewJob, stores: Stores) -> Said:
    """What was asked for, in the words a dispatch understands."""
    if wanted.connection is not None and wanted.connection not in stores.connections():
        raise NotFound(f"there is no connection {wanted.connection!r}; there are: {', '.join(stores.connections())}")
    return Said(
        queue=None if wanted.queue is None else options.queue(wanted.queue),
        delay=None if wanted.delay is None else options.delay(wanted.delay),
        priority=None if wanted.priority is None else options.priority(wanted.priority),
        tags=options.tags(wanted.tags or ()),
        connection=wanted.connection,
    )
