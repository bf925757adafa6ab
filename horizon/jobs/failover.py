"""Dispatching to a connection with a failover: where the first store is down, the next one takes the jobs.

1. What certainly never left runs on the next store at once, with the tag `failover:FIRST`; the leader brings back what is
   still waiting when the first store answers again.
2. A push whose answer never came may have arrived. It waits on the next store in a lane that nobody takes from, until the
   first one can be asked whether it has the job; so it runs once.
3. Jobs that wait for others stay with them: they are refused, as without a failover.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Sequence
from dataclasses import replace

from horizon.backends.base import Backend
from horizon.backends.values import Pushed
from horizon.core import lanes
from horizon.core.audit import AuditEntry
from horizon.core.clock import now
from horizon.core.envelope import Envelope
from horizon.core.errors import BackendUnavailable, StoreFull
from horizon.jobs.ambient import RuntimeLike

ACTOR, DIVERTED = "horizon", "failover"
"""Who writes the audit entry of a failover, and as what; one a process and outage."""
log = logging.getLogger("horizon.jobs")


def mark(first: str) -> str:
    """The tag of a job that another store took for this one."""
    return f"failover:{first}"


def target_of(first: str) -> str:
    """What the audit log names."""
    return f"connection:{first}"


class Unsent(Exception):
    """The store does not answer, and nothing of this push has left."""

    def __init__(self, error: BackendUnavailable) -> None:
        super().__init__(str(error))
        self.error = error


def push(
    runtime: RuntimeLike, way: Sequence[str], envelopes: Sequence[Envelope], audit: AuditEntry | None = None
) -> tuple[str, list[Pushed]]:
    """Push to the first store of the way that takes them; its name and its answers. Raises BackendUnavailable.

    `audit`: who dispatches on behalf of whom, kept with the jobs.
    """
    first, doubt = way[0], False
    if len(way) == 1:
        return first, runtime.backend(first).push(envelopes, audit=audit)
    try:
        return first, _pushed(runtime, first, envelopes, audit)
    except Unsent as unsent:
        error = unsent.error
    except BackendUnavailable as unanswered:
        error, doubt = unanswered, True
    if any(envelope.edges or envelope.group for envelope in envelopes):
        raise error
    for other in way[1:]:
        diverted = [_diverted(envelope, first, doubt) for envelope in envelopes]
        try:
            answers = _pushed(runtime, other, diverted, audit)
        except Unsent:
            continue
        _tell(runtime, first, other, error)
        return other, answers
    raise error


def _pushed(runtime: RuntimeLike, name: str, envelopes: Sequence[Envelope], audit: AuditEntry | None = None) -> list[Pushed]:
    """Raises Unsent, and BackendUnavailable where the push may have arrived."""
    known_down = name in runtime.outages.down()
    try:
        store = runtime.outages.ask(name, lambda: _reached(runtime, name, known_down))
    except BackendUnavailable as error:
        raise Unsent(error) from None
    try:
        return store.push(envelopes, audit=audit)
    except StoreFull as error:
        raise Unsent(error) from None
    except BackendUnavailable as error:
        runtime.outages.failed(name, error)
        raise


def _reached(runtime: RuntimeLike, name: str, probe: bool) -> Backend:
    """The store; one that was down is asked something harmless first, so that a push which fails has certainly not left."""
    store = runtime.backend(name)
    if probe:
        store.version()
    return store


def _diverted(envelope: Envelope, first: str, doubt: bool) -> Envelope:
    # the age of a job in doubt counts from its push
    queue = lanes.lane(lanes.ASK, first, envelope.queue) if doubt else envelope.queue
    return replace(envelope, queue=queue, tags=(*envelope.tags, mark(first)), created_at=envelope.created_at or now())


def _tell(runtime: RuntimeLike, first: str, other: str, error: BackendUnavailable) -> None:
    """Say it loudly, once an outage."""
    outage = runtime.outages.down().get(first)
    since = 0 if outage is None else outage.since
    if runtime.outages.told.get((first, other)) == since:
        return
    log.error("the connection %s does not answer; jobs dispatched to it go to %s until it does: %s", first, other, error)
    said = AuditEntry(actor=ACTOR, verb=DIVERTED, target=target_of(first), detail=f"jobs for {first} go to {other}: {error}"[:500])
    with contextlib.suppress(BackendUnavailable):  # the jobs are stored; the next one that is diverted is told again
        runtime.backend(other).audit.append(said)
        runtime.outages.told[first, other] = since
