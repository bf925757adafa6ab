"""Groups of jobs: not yet on this store, so there are none."""

from __future__ import annotations

from collections.abc import Sequence

from horizon.backends.nouns import Groups
from horizon.core.audit import AuditEntry
from horizon.core.errors import NotFound
from horizon.core.group import MOST_RESULTS, GroupPage, GroupQuery, GroupRecord
from horizon.core.record import Record


class RedisGroups(Groups):
    """See `Groups`. `push` refuses them."""

    def get(self, id: str) -> GroupRecord | None:
        """See `Groups.get`."""
        return None

    def many(self, ids: Sequence[str]) -> Sequence[GroupRecord]:
        """See `Groups.many`."""
        return []

    def find(self, query: GroupQuery) -> GroupPage:
        """See `Groups.find`."""
        return GroupPage(items=())

    def cancel(self, id: str, *, reason: str | None = None, audit: AuditEntry | None = None) -> GroupRecord:
        """See `Groups.cancel`."""
        raise NotFound(f"there is no group {id}")

    def callbacks(self, id: str) -> Sequence[Record]:
        """See `Groups.callbacks`."""
        return []

    def parents(self, job: str, limit: int = MOST_RESULTS) -> Sequence[str]:
        """See `Groups.parents`."""
        return []

    def results(self, id: str, limit: int = MOST_RESULTS) -> Sequence[tuple[str, bytes]]:
        """See `Groups.results`."""
        return []
