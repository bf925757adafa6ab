"""What people asked of workers that these have not heard of yet: a command waits for the next heartbeat. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from horizon.core.audit import AuditEntry
from horizon.core.clock import Micros
from horizon.monitor.workers import Worker

VERBS = frozenset({"pause", "resume", "restart", "stop", "scale"})
EVERYBODY = "workers"


def target(session: str | None) -> str:
    """What a command to this worker, or to every one, is about in the audit log."""
    return f"session:{session}" if session else EVERYBODY


def since(living: Sequence[Worker]) -> Micros | None:
    """From when on a command may wait still: the oldest heartbeat; None where nobody lives."""
    return min((worker.session.renewed_at for worker in living), default=None)


def unheard(living: Iterable[Worker], entries: Mapping[str, Sequence[AuditEntry]]) -> dict[str, AuditEntry]:
    """By worker the last that was asked of it after its last heartbeat. `entries`: of each connection, newest first."""
    found = {}
    for worker in living:
        waits = next((entry for entry in entries.get(worker.connection, ()) if _waits(entry, worker)), None)
        if waits is not None:
            found[worker.id] = waits
    return found


def _waits(entry: AuditEntry, worker: Worker) -> bool:
    meant = entry.target in (EVERYBODY, target(worker.id))
    return meant and entry.verb in VERBS and (entry.at or 0) > worker.session.renewed_at
