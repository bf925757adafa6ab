"""Members that are taken out of their group while they wait: a part of `Groups`."""

from __future__ import annotations

from abc import ABC, abstractmethod

from horizon.core.audit import AuditEntry


class Dropping(ABC):
    """See `nouns.Groups`."""

    @abstractmethod
    def drop(self, job: str, *, reason: str, audit: AuditEntry | None = None) -> bool:
        """Let a blocked member be needed no more: it ends `cancelled`, outside of all figures, and what waits for it waits for what
        it waited for. False where it is not blocked (any more)."""
