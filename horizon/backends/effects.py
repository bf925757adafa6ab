"""The ledger of effects: which took place, in which job, and what came of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

from horizon.core.audit import AuditEntry
from horizon.core.effect import Effect


class Effects(ABC):
    """Written by `turn` alone: the effects of an outcome are kept in the act that answers it `Answer.OK`, whatever its kind, and
    not at all where it answers anything else. Of several with one name the first stands. Kept for `Retention.effects`, not less.
    """

    @abstractmethod
    def get(self, names: Sequence[str]) -> Mapping[str, Effect]:
        """Those of up to 1,000 names that took place."""

    @abstractmethod
    def forget(self, name: str, *, audit: AuditEntry | None = None) -> bool:
        """Let it take place again; the audit entry is kept in the same act. False where it was not known."""
