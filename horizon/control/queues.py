"""Pausing, resuming and re-tuning queues."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from horizon.backends.values import QueueSettings
from horizon.control.acting import Stores, backend_of, entry
from horizon.control.verbs import check_reason, moment
from horizon.core.clock import Micros, iso
from horizon.core.errors import InvalidOption
from horizon.jobs import options
from horizon.security.permissions import Ability, Actor, require

SETTABLE: Mapping[str, Callable[[object], object]] = {
    "max_jobs": lambda value: options.whole(value, "max_jobs", 1, 1_000_000_000),
    "priority_weight": lambda value: options.whole(value, "priority_weight", 1, 1_000_000),
    "patience": lambda value: options.whole(value, "patience", 0, options.LONGEST),
}
"""What a person may change at run time; None goes back to what the code says. Patience is in microseconds."""


class QueueControl:
    """The verbs on queues of one app."""

    def __init__(self, stores: Stores) -> None:
        self.stores = stores

    def pause(
        self, actor: Actor, name: str, *, until: Micros | None = None, reason: str | None = None, connection: str | None = None
    ) -> int:
        """Let nobody start a job of this queue, until a time or until resumed; returns how many of its jobs still run.

        Raises PermissionDenied, InvalidOption.
        """
        require(actor, Ability.OPERATE)
        options.queue(name)
        backend = backend_of(self.stores, connection)
        if until is not None:
            moment(until, backend.now())
        if reason is not None:
            check_reason(reason)
        detail = ", ".join(part for part in (reason, until and f"until {iso(until)}") if part)
        return backend.queues.pause(name, until=until, reason=reason, audit=entry(actor, "pause", f"queue:{name}", detail=detail or None))

    def resume(self, actor: Actor, name: str, *, connection: str | None = None) -> None:
        """Undo a pause. Raises PermissionDenied, InvalidOption."""
        require(actor, Ability.OPERATE)
        options.queue(name)
        backend_of(self.stores, connection).queues.resume(name, audit=entry(actor, "resume", f"queue:{name}"))

    def override(self, actor: Actor, name: str, changes: Mapping[str, object], *, connection: str | None = None) -> QueueSettings:
        """Set at run time what `define_queue` set in code. Raises PermissionDenied, InvalidOption."""
        require(actor, Ability.ADMIN)
        options.queue(name)
        if not changes:
            raise InvalidOption(f"nothing to change was named; there are: {', '.join(SETTABLE)}")
        options.check_all(changes, SETTABLE, f"queue {name}")
        detail = ", ".join(f"{key}={value}" for key, value in changes.items())
        audit = entry(actor, "override", f"queue:{name}", detail=detail)
        return backend_of(self.stores, connection).queues.override(name, changes, audit=audit)
