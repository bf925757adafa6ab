"""The audit log of a store, and the chain that its entries are put into.

An entry is written in the same act as the change it tells of, and costs that act nothing more. The next tick puts what was
committed since into the chain (`core.chain`): each gets the next number of the chain and a hash over itself and the hash before
it. So an act never waits for another one's entry, an entry that is committed late is simply chained later, and gaps in the
numbers of the store mean nothing: the chain has numbers of its own, without gaps.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from horizon.core.audit import AuditEntry, AuditPage, AuditQuery
from horizon.core.chain import Chain

SEALED_AT_ONCE = 500
"""Entries that one act puts into the chain."""


class Audit(ABC):
    """Append-only. There is no delete; only `tick` trims what is older than `HORIZON_KEEP_AUDIT`."""

    @abstractmethod
    def append(self, entry: AuditEntry) -> None:
        """Keep one entry. Acts that change something take their entry as an argument instead and write both at once."""

    @abstractmethod
    def find(self, query: AuditQuery) -> AuditPage:
        """One page, newest first. Looks at 5,000 entries behind the driving index at the most, and says how far it came."""

    @abstractmethod
    def words(self, limit: int = 100) -> tuple[Sequence[str], Sequence[str]]:
        """(actors, verbs) that occur, by name, at most `limit` of each: what a list of choices needs."""

    @abstractmethod
    def get(self, seq: int) -> AuditEntry | None:
        """One of them."""

    @abstractmethod
    def seal(self, limit: int = SEALED_AT_ONCE) -> int:
        """Put at most so many entries into the chain that are not in it yet, in the order of their numbers; returns how many.
        Safe from any number of processes at once. `tick` does it.
        """

    @abstractmethod
    def chain(self) -> Chain:
        """Where the chain begins and ends, and what waits to be put into it."""

    @abstractmethod
    def links(self, after: int, limit: int = SEALED_AT_ONCE) -> Sequence[AuditEntry]:
        """Entries of the chain behind this link, in its order."""

    def list(
        self, *, cursor: int | None = None, limit: int = 50, actor: str | None = None, verb: str | None = None
    ) -> Sequence[AuditEntry]:
        """Newest first; `cursor` is the `seq` of the last entry seen."""
        return self.find(AuditQuery(cursor=cursor, limit=limit, actor=actor, verb=verb)).items
