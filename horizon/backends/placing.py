"""Where a job stands, as a value: what an act that puts it elsewhere replaces."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from horizon.core.audit import AuditEntry
from horizon.core.clock import Micros


@dataclass(frozen=True, kw_only=True, slots=True)
class Placed:
    """Its queue, its priority, and from when on it may run."""

    queue: str
    priority: int
    at: Micros | None


Noted = AuditEntry | Callable[[Placed], AuditEntry] | None
"""What is noted of an act on jobs: an entry, or, for an act on one id, what makes one of where that job stood right before. Two who
move a job at once then both tell the truth. It may be asked several times, and only makes a value."""


def noted(audit: Noted, before: Placed | None) -> AuditEntry | None:
    """The entry; none of a job that is not there."""
    if not callable(audit):
        return audit
    return None if before is None else audit(before)
