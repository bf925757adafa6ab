"""Who did what to what, when: written in the same act as the change itself."""

from __future__ import annotations

from dataclasses import dataclass

from horizon.core.clock import Micros


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditEntry:
    """One change by a person or by a program on their behalf."""

    actor: str
    verb: str
    target: str
    """An id, `queue:NAME`, `session:ID`, or the search text of a bulk act."""
    count: int = 1
    detail: str | None = None
    origin: str | None = None
    """`web`, `api` or `cli`, with the peer's address where there is one."""
    at: Micros | None = None
    """Filled in by the store."""
    seq: int | None = None
