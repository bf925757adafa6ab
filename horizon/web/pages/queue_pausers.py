"""Who paused a queue, and when: from the audit log, as far as its latest entries go."""

from __future__ import annotations

from collections.abc import Iterable

from horizon.backends.base import Backend
from horizon.control.queues import LOOKED_BACK
from horizon.core.audit import AuditEntry
from horizon.monitor.figures import QueueFigures
from horizon.web.pages import frame

VERBS = ("pause", "drain")


def pausers(rows: Iterable[QueueFigures]) -> dict[tuple[str, str], AuditEntry]:
    """By connection and name, for those of these queues that are paused; one look at each connection that has any."""
    paused: dict[str, set[str]] = {}
    for row in rows:
        if row.paused and not row.lane:
            paused.setdefault(row.connection, set()).add(row.name)
    stores = frame.stores()
    return {
        (connection, name): said
        for connection, names in paused.items()
        for name, said in _latest(stores.backend(connection), names).items()
    }


def _latest(store: Backend, names: set[str]) -> dict[str, AuditEntry]:
    """The latest word on each; the page of a queue reads as many entries for its latest clear, so a glance answers both at once."""
    found: dict[str, AuditEntry] = {}
    for entry in store.audit.list(limit=LOOKED_BACK):
        name = (entry.target or "").removeprefix("queue:")
        if entry.verb in VERBS and name in names:
            found.setdefault(name, entry)
    return found
