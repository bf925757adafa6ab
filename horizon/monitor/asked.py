"""What people asked of workers that these have not heard of yet: a command waits for the next heartbeat."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from horizon.backends.audit import Audit
from horizon.core.audit import AuditEntry, AuditQuery
from horizon.core.clock import Micros
from horizon.monitor.workers import Worker

VERBS = frozenset({"pause", "resume", "restart", "stop", "scale"})
EVERYBODY = "workers"
LATEST = 50
"""Entries that are read together."""


def target(session: str | None) -> str:
    """What a command to this worker, or to every one, is about in the audit log."""
    return f"session:{session}" if session else EVERYBODY


def since(living: Sequence[Worker]) -> Micros | None:
    """From when on a command may wait still: the oldest heartbeat; None where nobody lives."""
    return min((worker.session.renewed_at for worker in living), default=None)


def entries(audit: Audit, after: Micros) -> Sequence[AuditEntry]:
    """Those from that moment on among which commands are, the newest first: all that was done, in one question, or where that was much,
    what goes by the name of a command."""
    page = audit.find(AuditQuery(after=after, limit=LATEST))
    if page.next is None:
        return page.items
    found = [one for verb in VERBS for one in audit.find(AuditQuery(verb=verb, after=after, limit=LATEST)).items]
    return sorted(found, key=lambda one: one.number, reverse=True)


def unheard(living: Iterable[Worker], entries: Mapping[str, Sequence[AuditEntry]]) -> dict[str, AuditEntry]:
    """By worker the last that was asked of it after its last heartbeat. `entries`: of each connection, newest first. Pure."""
    found = {}
    for worker in living:
        waits = next((entry for entry in entries.get(worker.connection, ()) if _waits(entry, worker)), None)
        if waits is not None:
            found[worker.id] = waits
    return found


def _waits(entry: AuditEntry, worker: Worker) -> bool:
    meant = entry.target in (EVERYBODY, target(worker.id))
    return meant and entry.verb in VERBS and (entry.at or 0) > worker.session.renewed_at
