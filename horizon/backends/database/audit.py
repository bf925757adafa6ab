"""Who did what: append-only, written in the same transaction as the change itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from horizon.backends.audit import SEALED_AT_ONCE, Audit
from horizon.backends.database import audit_chain
from horizon.backends.database.audit_chain import READ, read_entry
from horizon.backends.database.db import Db, insert
from horizon.backends.database.kernel.ledger import touch
from horizon.backends.database.kernel.scope import Scope
from horizon.backends.database.store import Store
from horizon.core.audit import AuditEntry, AuditPage, AuditQuery, told
from horizon.core.chain import Chain
from horizon.core.query import SCAN_LIMIT

SIFTED = 250
"""Entries read together where each has to be looked at."""
INSERT = insert("horizon_audit", "at actor verb target count detail origin changes")
ONE = f"{READ} WHERE seq = ?"
SEQ = 8
COUNT = "SELECT count(*) FROM (SELECT 1 FROM horizon_audit WHERE {column} = ? LIMIT ?) AS found"
FIRST_AFTER = "SELECT seq FROM horizon_audit WHERE at >= ? ORDER BY at, seq LIMIT 1"
LAST_BEFORE = "SELECT seq FROM horizon_audit WHERE at < ? ORDER BY at DESC, seq DESC LIMIT 1"
NEXT_WORD = "SELECT min({column}) FROM horizon_audit WHERE {column} > ?"
NONE = -1
"""A number that no entry has."""


def keep(scope: Scope, entry: AuditEntry | None, count: int | None = None) -> None:
    """Append an entry with the store's time and the number of things touched; none of them: no entry."""
    if entry is None or count == 0:
        return
    times = entry.count if count is None else count
    scope.db.run(INSERT, (scope.now, entry.actor, entry.verb, entry.target, times, entry.detail, entry.origin, told(entry.changes)))
    touch(scope.db, scope.now)


class DatabaseAudit(Audit):
    """See `Audit`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def append(self, entry: AuditEntry) -> None:
        """See `Audit.append`."""
        self._store.act(lambda scope: keep(scope, entry))

    def find(self, query: AuditQuery) -> AuditPage:
        """See `Audit.find`."""
        return self._store.read(lambda db: _find(db, query))

    def words(self, limit: int = 100) -> tuple[Sequence[str], Sequence[str]]:
        """See `Audit.words`."""
        return self._store.read(lambda db: (list(islice(_words(db, "actor"), limit)), list(islice(_words(db, "verb"), limit))))

    def get(self, seq: int) -> AuditEntry | None:
        """See `Audit.get`."""
        row = self._store.read_plainly(lambda db: db.one(ONE, (seq,)))
        return None if row is None else read_entry(row)

    def seal(self, limit: int = SEALED_AT_ONCE) -> int:
        """See `Audit.seal`."""
        return self._store.act(lambda scope: audit_chain.seal(scope, limit))

    def chain(self) -> Chain:
        """See `Audit.chain`."""
        return self._store.read(audit_chain.chain)

    def links(self, after: int, limit: int = SEALED_AT_ONCE) -> Sequence[AuditEntry]:
        """See `Audit.links`."""
        return self._store.read(lambda db: [read_entry(row) for row in db.all(audit_chain.LINKS, (after, limit))])


# searching ------------------------------------------------------------------------------------------


def _find(db: Db, query: AuditQuery) -> AuditPage:
    driver = _driver(db, query)
    found: list[AuditEntry] = []
    looked, last = 0, None
    for entry in _walk(db, query, driver):
        if looked == SCAN_LIMIT and last is not None:
            return AuditPage(items=found, next=last.seq, searched_back_to=last.at)
        looked, last = looked + 1, entry
        if query.fits(entry):
            found.append(entry)
        if len(found) > query.limit:
            return AuditPage(items=found[:-1], next=found[-2].seq)
    return AuditPage(items=found)


def _driver(db: Db, query: AuditQuery) -> tuple[str, str] | None:
    """The column to walk along, with its value: of actor and verb the one with fewer entries; None: all of them."""
    given = [(column, value) for column, value in (("actor", query.actor), ("verb", query.verb)) if value is not None]
    if len(given) < 2:
        return given[0] if given else None
    return min(given, key=lambda one: int(db.all(COUNT.format(column=one[0]), (one[1], SCAN_LIMIT))[0][0]))


def _walk(db: Db, query: AuditQuery, driver: tuple[str, str] | None) -> Iterator[AuditEntry]:
    """Entries of the driving index and the range, newest first, read in pieces."""
    low, high = _range(db, query)
    column = f"{driver[0]} = ? AND " if driver else ""
    sql = f"{READ} WHERE {column}seq >= ? AND seq < ? ORDER BY seq DESC LIMIT ?"
    size = SIFTED if query.text is not None or (query.actor and query.verb) else min(query.limit + 1, SIFTED)
    while True:
        rows = db.all(sql, (*((driver[1],) if driver else ()), low, high, size))
        for row in rows:
            yield read_entry(row)
        if len(rows) < size:
            return
        high = int(rows[-1][SEQ])


def _range(db: Db, query: AuditQuery) -> tuple[int, int]:
    """The numbers between which the entries lie, the first included: numbers grow with time."""
    low, high = 0, 2**62 if query.cursor is None else query.cursor
    if query.after is not None:
        first = db.one(FIRST_AFTER, (query.after,))
        low = 2**62 if first is None else int(first[0])
    if query.before is not None:
        last = db.one(LAST_BEFORE, (query.before,))
        high = min(high, NONE if last is None else int(last[0]) + 1)
    return low, high


def _words(db: Db, column: str) -> Iterator[str]:
    """Every value of an indexed column, one step of the index each."""
    word = ""
    while (row := db.one(NEXT_WORD.format(column=column), (word,))) is not None and row[0] is not None:
        word = str(row[0])
        yield word
