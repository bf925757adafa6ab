"""Who did what: append-only."""

from __future__ import annotations

from collections.abc import Sequence

from horizon.backends.audit import SEALED_AT_ONCE, Audit
from horizon.backends.redis import audit_chain
from horizon.backends.redis.audit_chain import read_entry
from horizon.backends.redis.store import Store, audit_of
from horizon.core.audit import AuditEntry, AuditPage, AuditQuery
from horizon.core.chain import Chain
from horizon.core.query import SCAN_LIMIT

STEP = 200
"""Entries read together."""


class RedisAudit(Audit):
    """See `Audit`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def append(self, entry: AuditEntry) -> None:
        """See `Audit.append`."""
        self._store.run("audit_append", audit_of(entry))

    def find(self, query: AuditQuery) -> AuditPage:
        """See `Audit.find`."""
        found: list[AuditEntry] = []
        looked, start = 0, None if query.cursor is None else query.cursor - 1
        while len(found) <= query.limit:
            entries = self._some(query, start, min(STEP, SCAN_LIMIT - looked))
            looked += len(entries)
            found += [entry for entry in entries if query.fits(entry)]
            if not entries or looked >= SCAN_LIMIT:
                break
            start = (entries[-1].seq or 0) - 1
        items = found[: query.limit]
        more = len(found) > query.limit
        cut_off = looked >= SCAN_LIMIT and not more and bool(entries)
        return AuditPage(items=items, next=items[-1].seq if more else None, searched_back_to=entries[-1].at if cut_off else None)

    def _some(self, query: AuditQuery, start: int | None, limit: int) -> list[AuditEntry]:
        given = {"actor": query.actor, "verb": query.verb, "from": start, "after": query.after, "before": query.before}
        what = {**{key: False if value is None else value for key, value in given.items()}, "limit": limit}
        flat = self._store.run("audit_find", what, safe=True) if start is None or start > 0 else []
        return [read_entry(flat[at], flat[at + 1], flat[at + 2]) for at in range(0, len(flat), 3)]

    def words(self, limit: int = 100) -> tuple[Sequence[str], Sequence[str]]:
        """See `Audit.words`."""
        link = self._store.link
        actors, verbs = (link.call("ZRANGE", link.key(key), 0, limit - 1) for key in ("Awa", "Awv"))
        return [name.decode() for name in actors], [name.decode() for name in verbs]

    def get(self, seq: int) -> AuditEntry | None:
        """See `Audit.get`."""
        link = self._store.link
        text = link.call("HGET", link.key("A"), seq)
        return None if text is None else read_entry(seq, text, link.call("HGET", link.key("Ah"), seq))

    def seal(self, limit: int = SEALED_AT_ONCE) -> int:
        """See `Audit.seal`."""
        return audit_chain.seal(self._store, limit)

    def chain(self) -> Chain:
        """See `Audit.chain`."""
        return audit_chain.chain(self._store)

    def links(self, after: int, limit: int = SEALED_AT_ONCE) -> Sequence[AuditEntry]:
        """See `Audit.links`."""
        return audit_chain.links(self._store, after, limit)
