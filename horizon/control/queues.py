"""Everything people do to queues at run time: pause, drain, resume, re-tune, clear, move."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from horizon.backends.base import Backend
from horizon.backends.values import ACT_LIMIT, Acted, ActParams, Operation, QueueSettings, Verb
from horizon.control import differing
from horizon.control.acting import Stores, backend_of, entry
from horizon.control.standing import stands
from horizon.control.verbs import check_reason, moment
from horizon.core import dead
from horizon.core.audit import AuditEntry, AuditQuery, Changed
from horizon.core.clock import DAY, Micros, iso
from horizon.core.errors import InvalidOption, NotFound
from horizon.core.lanes import is_lane
from horizon.core.query import JobQuery, Selection
from horizon.core.states import JobState
from horizon.jobs import options
from horizon.security.permissions import Ability, Actor, require

UNLIMITED = "unlimited"
"""What is given for a limit that shall not hold, whatever the code says."""
LIMITS = ("max_jobs", "dead_after", "start_within")
"""Settings that may be `UNLIMITED`."""
NO_LIMIT = 10**15
"""As it is kept, so that it differs from `as in the code`: more than any store can hold."""
NEVER = NO_LIMIT
"""Rounds that no job ever comes to: a queue whose code says otherwise has no dead letters."""
SETTABLE: Mapping[str, Callable[[object], object]] = {
    "max_jobs": lambda value: NO_LIMIT if value == UNLIMITED else options.whole(value, "max_jobs", 1, 1_000_000_000),
    "priority_weight": lambda value: options.whole(value, "priority_weight", 1, 1_000_000),
    "patience": lambda value: options.whole(value, "patience", 0, options.LONGEST),
    "dead_after": lambda value: NEVER if value == UNLIMITED else options.dead_after(value),
    "start_within": lambda value: NO_LIMIT if value == UNLIMITED else options.whole(value, "start_within", 1_000, 30 * DAY),
    "start_share": options.start_share,
}
"""What a person may change at run time; None goes back to what the code says. Patience and `start_within` are in microseconds."""
DURATIONS = ("patience", "start_within")
WAITING = (JobState.PENDING, JobState.SCHEDULED, JobState.RETRYING)
"""What `clear` cancels. A blocked job stays: what it waits for may stand elsewhere, and cancels it along where it does not."""
MOVABLE = (*WAITING, JobState.BLOCKED)
DRAINING = "draining: "
"""How the reason of a pause begins that is a drain."""
ENDS = "what runs ends, nothing new starts"
"""The rest of it, where nobody gave one."""
LOOKED_BACK = 200
"""Clears of any queue, and as many of them undone, that are looked at for the latest one of a queue."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cleared:
    """A clear that can still be undone."""

    mark: str
    """The reason that every job it cancelled carries."""
    actor: str
    at: Micros
    count: int
    """How many it was about."""


class QueueControl:
    """The verbs on queues of one app."""

    def __init__(self, stores: Stores) -> None:
        self.stores = stores

    def pause(
        self, actor: Actor, name: str, *, until: Micros | None = None, reason: str | None = None, connection: str | None = None
    ) -> int:
        """Let nobody start a job of this queue, until a time or until resumed; returns how many of its jobs still run.

        A queue that nobody has used yet may be paused too; `known` tells. Raises PermissionDenied, InvalidOption.
        """
        return self._stop(actor, "pause", name, until, reason, connection)

    def drain(
        self, actor: Actor, name: str, *, until: Micros | None = None, reason: str | None = None, connection: str | None = None
    ) -> int:
        """Pause to let what runs come to its end; returns how many still run. At 0 the queue stands still, and what it
        waits for (a deployment, a migration) can begin; `resume` ends it. Raises PermissionDenied, InvalidOption.
        """
        if reason is not None:
            check_reason(DRAINING + reason)
        return self._stop(actor, "drain", name, until, DRAINING + (reason or ENDS), connection)

    def _stop(self, actor: Actor, verb: str, name: str, until: Micros | None, reason: str | None, connection: str | None) -> int:
        require(actor, Ability.OPERATE)
        _named(name)
        backend = backend_of(self.stores, connection)
        if until is not None:
            moment(until, backend.now())
        if reason is not None:
            check_reason(reason)
        detail = ", ".join(part for part in (reason, until and f"until {iso(until)}") if part)

        def noted(before: QueueSettings) -> AuditEntry:
            wanted = replace(before, paused=True, paused_until=until, paused_reason=reason)
            changed = differing.changes(differing.pause(before), differing.pause(wanted))
            return entry(actor, verb, f"queue:{name}", detail=detail or None, changes=changed)

        return backend.queues.pause(name, until=until, reason=reason, audit=noted)

    def resume(self, actor: Actor, name: str, *, connection: str | None = None) -> None:
        """Undo a pause or a drain. Raises PermissionDenied, InvalidOption."""
        require(actor, Ability.OPERATE)
        _named(name)
        if is_lane(name):
            raise InvalidOption(
                f"{name} holds jobs on their way to another connection; they leave it by themselves, or with `horizon move --back`"
            )

        def noted(before: QueueSettings) -> AuditEntry:
            return entry(actor, "resume", f"queue:{name}", changes=differing.changes(differing.pause(before), {"paused": False}))

        backend_of(self.stores, connection).queues.resume(name, audit=noted)

    def override(self, actor: Actor, name: str, changes: Mapping[str, object], *, connection: str | None = None) -> QueueSettings:
        """Set at run time what `define_queue` set in code; `max_jobs` takes UNLIMITED, too, and None goes back to the code.

        Raises PermissionDenied, InvalidOption.
        """
        require(actor, Ability.ADMIN)
        _named(name)
        if not changes:
            raise InvalidOption(f"nothing to change was named; there are: {', '.join(SETTABLE)}")
        options.check_all(changes, SETTABLE, f"queue {name}")
        if changes.get("dead_after") is not None:
            dead.check_name(name)
        detail = ", ".join(f"{key}={value}" for key, value in changes.items())
        kept = {key: None if value is None else SETTABLE[key](value) for key, value in changes.items()}

        def noted(before: QueueSettings) -> AuditEntry:
            return entry(actor, "override", f"queue:{name}", detail=detail, changes=_changed(before, kept))

        return backend_of(self.stores, connection).queues.override(name, kept, audit=noted)

    def clear(self, actor: Actor, name: str, *, reason: str | None = None, connection: str | None = None) -> Acted | Operation:
        """Cancel everything that waits here to run: pending, scheduled and retrying. What runs, runs on.

        Up to 500 jobs are cancelled at once; more become a stored operation, which is returned. `cleared` finds it again,
        and `unclear` undoes it. Raises PermissionDenied, InvalidOption, NotFound (of a connection).
        """
        require(actor, Ability.ADMIN)
        _named(name)
        if reason is not None:
            check_reason(reason)
        backend = backend_of(self.stores, connection)
        mark = f"queue {name} cleared by {actor.name[:100]} at {iso(backend.now())}" + (f": {reason[:200]}" if reason else "")
        audit = entry(actor, "clear", f"queue:{name}", detail=mark)
        return carry_out(backend, actor, Verb.CANCEL, JobQuery(queue=name, states=WAITING), ActParams(reason=mark), audit)

    def cleared(self, name: str, *, connection: str | None = None) -> Cleared | None:
        """The latest clear of this queue, while any job that it cancelled could still be put back."""
        backend = backend_of(self.stores, connection)
        cleared, put_back = (_said(backend, name, verb) for verb in ("clear", "unclear"))
        undone = {one.detail for one in put_back}
        latest = next((one for one in cleared if one.detail not in undone), None)
        if latest is None or latest.detail is None or latest.at is None:
            return None
        if not stands(backend, _cleared(name, latest.detail), latest.at, latest.count):
            return None
        return Cleared(mark=latest.detail, actor=latest.actor, at=latest.at, count=latest.count)

    def unclear(self, actor: Actor, name: str, mark: str, *, connection: str | None = None) -> Acted | Operation:
        """Put back what a clear cancelled: pending jobs to the queue, scheduled and retrying ones to wait for their time.

        `mark` is that of `cleared`. Raises PermissionDenied, InvalidOption, NotFound where nothing is to be put back.
        """
        require(actor, Ability.ADMIN)
        _named(name)
        check_reason(mark)
        backend = backend_of(self.stores, connection)
        query = _cleared(name, mark)
        found = backend.find(replace(query, limit=1))
        if not found.items and found.searched_back_to is None:
            raise NotFound(f"nothing that was cleared from {name} is left to be put back")
        for one in backend.operations.list():
            if one.state == "running" and one.params.get("reason") == mark:
                backend.operations.stop(one.id)
        count = next((one.count for one in _said(backend, name, "clear") if one.detail == mark), 1)
        audit = entry(actor, "unclear", f"queue:{name}", detail=mark, count=count)
        return carry_out(backend, actor, Verb.RETRY, query, ActParams(keep_time=True), audit)

    def unclear_latest(self, actor: Actor, name: str, connection: str | None = None) -> Acted | Operation:
        """Undo the latest clear of this queue. Raises PermissionDenied, InvalidOption, NotFound where none is left to be undone."""
        require(actor, Ability.ADMIN)
        _named(name)
        latest = self.cleared(name, connection=connection)
        if latest is None:
            raise NotFound(f"nothing that was cleared from {name} is left to be put back")
        return self.unclear(actor, name, latest.mark, connection=connection)

    def move(self, actor: Actor, name: str, to: str, *, connection: str | None = None) -> Acted | Operation:
        """Move everything that waits here to another queue of the same connection; what runs stays.

        Like `clear`, at once up to 500 jobs, as a stored operation beyond. Raises PermissionDenied, InvalidOption, NotFound.
        """
        require(actor, Ability.OPERATE)
        _named(name)
        if _named(to) == name:
            raise InvalidOption(f"the jobs are on queue {name} already; name another queue to move them to")
        backend = backend_of(self.stores, connection)
        audit = entry(actor, "move", f"queue:{name}", detail=f"to queue {to}")
        return carry_out(backend, actor, Verb.MOVE, JobQuery(queue=name, states=MOVABLE), ActParams(queue=to), audit)

    def known(self, name: str, *, connection: str | None = None) -> bool:
        """Whether any job, worker or line of code has named this queue."""
        options.queue(name)
        backend = backend_of(self.stores, connection)
        return (
            backend.queues.get(name).defined
            or any(row.queue == name and any(row.counts.values()) for row in backend.numbers.counts())
            or any(name in record.info.queues for record in backend.sessions.list(kind="worker") if record.alive)
        )


def _named(name: object) -> str:
    """A queue that people act on: that of dead letters is nothing by itself. Raises InvalidOption."""
    dead.refuse(options.queue(name))
    return str(name)


def _changed(before: QueueSettings, kept: Mapping[str, object]) -> tuple[Changed, ...]:
    """What an override changes; a setting that goes back to the code is then what the code says."""
    now = {name: getattr(before, name) for name in kept}
    coded = {name: before.coded.get(name, value) for name, value in now.items()}
    then = {name: coded[name] if value is None else value for name, value in kept.items()}
    return differing.changes(*({name: _as_told(name, value) for name, value in said.items()} for said in (now, then)))


def _as_told(name: str, value: object) -> object:
    return UNLIMITED if name in LIMITS and limit(value) is None else differing.setting(name, value)


def limit(value: Any) -> Any:
    """A setting as it is told: None for a limit that does not hold."""
    return None if value in (NO_LIMIT, NEVER) else value


def is_drain(reason: str | None) -> bool:
    """Whether the pause with this reason is a drain."""
    return reason is not None and reason.startswith(DRAINING)


def carry_out(backend: Backend, actor: Actor, verb: Verb, query: JobQuery, params: ActParams, audit: AuditEntry) -> Acted | Operation:
    """Do it to every job that matches: now where one act is enough, else as a stored operation."""
    expected = backend.find(query).total
    noted: AuditEntry | None = None
    if expected is not None and expected > ACT_LIMIT:
        noted = replace(audit, count=expected)
    else:
        acted = backend.act(Selection(query=query), verb, params, audit=audit)
        if not acted.more:
            return acted
        # a search that stopped before the first of them has moved nothing, and so noted nothing
        expected, noted = None, None if acted.done else audit
    given = {"reason": params.reason, "queue": params.queue, "keep_time": params.keep_time}
    values = {name: value for name, value in given.items() if value is not None}
    return backend.operations.start(verb.value, query, values, actor=actor.name, expected=expected, audit=noted)


def _said(store: Backend, name: str, verb: str) -> list[AuditEntry]:
    """What the audit log says of this verb and queue, newest first."""
    found = store.audit.find(AuditQuery(verb=verb, limit=LOOKED_BACK))
    return [one for one in found.items if one.target == f"queue:{name}" and one.detail]


def _cleared(name: str, mark: str) -> JobQuery:
    return JobQuery(queue=name, states=(JobState.CANCELLED,), reason=mark)
