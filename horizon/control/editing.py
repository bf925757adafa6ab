"""A new job made from an old one: the same again, or with other arguments. The old one stays as it is.

The new one carries the tag `from:ID of the old one`, so each is found from the other by an index, and the audit log
names both. Options go along (queue, priority, tags, tries, timeout, backoff, user, tenant); what belonged to the moment
of the first dispatch (delay, deadline, dependencies, batch) does not.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from horizon.control.acting import entry
from horizon.control.differing import LONGEST, MOST
from horizon.control.dispatching import Dispatcher, store
from horizon.core import current, dead
from horizon.core.audit import Changed
from horizon.core.envelope import Envelope
from horizon.core.errors import HorizonError, InvalidInput, InvalidPayload, PayloadTooLarge
from horizon.core.ids import is_id, uuid7
from horizon.core.lanes import is_lane
from horizon.core.record import Record
from horizon.jobs import codec, envelopes, idempotent, options, sealing, stored, unsealing
from horizon.jobs.ambient import loader
from horizon.jobs.form import constructor
from horizon.jobs.plan import plan_of
from horizon.jobs.said import Said
from horizon.jobs.shape import Shape
from horizon.jobs.stored import Json
from horizon.jobs.unique import ShouldBeUnique
from horizon.security.permissions import Ability, Actor, require
from horizon.security.redaction import MASK
from horizon.security.sealed import is_sealed

FROM = "from:"
"""The tag of a job that was made from another one begins so; its id follows."""


def made_from(record: Record) -> str | None:
    """The id of the job that this one was made from."""
    return next((tag[len(FROM) :] for tag in record.tags if tag.startswith(FROM) and is_id(tag[len(FROM) :])), None)


def changed(before: Mapping[str, Json], after: Mapping[str, Json]) -> list[str]:
    """Names of the arguments that differ, in the order of the old ones, then the new."""
    names = list(dict.fromkeys([*before, *after]))
    return [name for name in names if not (name in before and name in after and stored.same(before[name], after[name]))]


class EditControl:
    """Making new jobs from stored ones."""

    def __init__(self, runtime: Dispatcher) -> None:
        self.runtime = runtime

    def check(self, actor: Actor, old: Record, arguments: Mapping[str, Json]) -> Envelope:
        """The job as it would be pushed: encoded, decoded and given to its constructor where its class is loaded here.

        Raises PermissionDenied, InvalidInput for arguments that the class does not take or that cannot be kept.
        """
        require(actor, Ability.OPERATE)
        require(actor, Ability.PAYLOADS)
        if is_sealed(old.payload):
            require(actor, Ability.REVEAL)
        payload = _payload(arguments, self.runtime.settings.MAX_PAYLOAD)
        cls = self.runtime.registry.find(old.name)
        made = _unknown(old, payload) if cls is None else self._made(cls, old, payload)
        made = replace(
            made, queue=dead.own(old.queue), priority=old.priority, tags=tags_from(old), max_tries=old.max_tries, timeout=old.timeout,
            backoff=old.backoff, user=old.user, tenant=old.tenant, delay=0,
        )  # fmt: skip
        if not is_sealed(old.payload):
            return sealing.protect(made, self.runtime.keyring, sealed=False)  # signed anew: it has another user now
        names = unsealing.revealed(old, self.runtime.keyring).names
        return sealing.protect(made, self.runtime.keyring, sealed=True, sensitive=names)

    def push(self, actor: Actor, old: Record, arguments: Mapping[str, Json], *, verb: str = "edit") -> Record:
        """Store it, with an audit entry in the same act that names both jobs and what differs, but no value.

        `verb`: what the audit log calls it, `edit` or `duplicate`. Raises beside what `check` does QueueFull, and
        InvalidTransition where another job holds its unique key.
        """
        envelope = self.check(actor, old, arguments)
        before = unsealing.revealed(old, self.runtime.keyring).record if is_sealed(old.payload) else old
        names = changed(stored.arguments(before.payload) or {}, arguments)
        told = f"as {envelope.id}" + (f"; changed {', '.join(names)}" if names else "; nothing changed")
        return store(self.runtime, old.connection, envelope, entry(actor, verb, old.id, detail=told, changes=_covered(names)))

    def _made(self, cls: type[Shape], old: Record, payload: bytes) -> Envelope:
        values: dict[str, Any] = codec.decode(payload)
        with current.use(self.runtime):
            if codec.MAYBE_MODEL in payload:
                values = codec.with_models(values, loader(self.runtime))
            job = _constructed(cls, values)
            key = old.unique_key if not isinstance(job, ShouldBeUnique) else None
            # its permissions are asked for whoever dispatches it now, where the app can tell; and in the worker for its user
            user = old.user if self.runtime.settings.ACTOR is None else None
            # what its queue says of turns is asked of the job as it will be
            queue = None if is_lane(old.queue) else dead.own(old.queue)
            said = Said(unique_key=key, user=user, queue=queue, tenant=old.tenant, tags=old.tags)
            return envelopes.make(job, self.runtime, said)[1]


def _covered(names: list[str]) -> tuple[Changed, ...]:
    """Which arguments differ, without what they say: whoever reads the audit log need not be allowed to see them."""
    return tuple((f"argument {name}"[:LONGEST], MASK, MASK) for name in names[:MOST])


def _payload(arguments: Mapping[str, Json], limit: int) -> bytes:
    try:
        payload = stored.payload(dict(arguments))
    except (ValueError, RecursionError) as error:
        raise InvalidPayload(f"these arguments cannot be written as JSON: {error}") from None
    if len(payload) > limit:
        raise PayloadTooLarge(f"the arguments take {len(payload):,} bytes and HORIZON_MAX_PAYLOAD allows {limit:,}")
    return payload


def _constructed(cls: type[Shape], values: Mapping[str, Any]) -> Shape:
    """The job, made by its own constructor. Raises InvalidInput for arguments that it does not take."""
    signature = plan_of(cls).signature
    try:
        if hasattr(cls, "_horizon_function"):
            signature.call(_fitting(constructor(cls)[0]), values)
        job: Shape = signature.call(cls, values)
    except HorizonError:
        raise
    except Exception as error:
        raise InvalidInput(f"{cls.__name__} does not take these arguments: {error}") from error
    return job


def _fitting(function: Callable[..., Any]) -> Callable[..., Any]:
    """Takes what `function` takes, and does nothing."""
    return inspect.signature(function).bind


def _unknown(old: Record, payload: bytes) -> Envelope:
    """The job of a class that is not loaded here: only the workers can tell whether it takes these arguments."""
    return Envelope(id=uuid7(), name=old.name, queue=dead.own(old.queue), payload=payload, unique_key=old.unique_key)


def tags_from(old: Record) -> tuple[str, ...]:
    """The tags of a job that is made from another one: its own, and whose copy it is."""
    kept = [tag for tag in old.tags if not tag.startswith((FROM, idempotent.KEY))]  # who asks for it again wants it to run
    return (*kept[: options.MAX_TAGS - 1], FROM + old.id)
