"""The chain of the audit log: entries that were committed get their places and hashes, old ones go from its beginning.

Entries are numbered by the store when they are written, and committed in any order: so the places in the chain are numbers of
their own, given by whoever holds the duty, to what is there and has none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from horizon.backends.database.db import Db, Row, insert
from horizon.backends.database.kernel.scope import Scope
from horizon.core.audit import AuditEntry, changes_of
from horizon.core.chain import Chain, Mark, chained
from horizon.core.clock import Micros

DUTY = "audit chain"
AT_ONCE, ROUNDS = 500, 20
"""Entries that are looked at together when old ones go, and how often in one act."""
COLUMNS = "actor, verb, target, count, detail, origin, changes, at, seq, link, hash"
READ = f"SELECT {COLUMNS} FROM horizon_audit"
WAITING = f"{READ} WHERE link IS NULL ORDER BY link, seq LIMIT ?"
HOW_MANY = "SELECT count(*) FROM horizon_audit WHERE link IS NULL"
LINKS = f"{READ} WHERE link > ? ORDER BY link, seq LIMIT ?"
PLACES = "SELECT link, at, hash FROM horizon_audit WHERE link > ? ORDER BY link, seq LIMIT ?"
PUT = "UPDATE horizon_audit SET link = ?, hash = ? WHERE seq = ?"
DROP = "DELETE FROM horizon_audit WHERE link <= ?"
MARKS = "SELECT name, link, hash, at FROM horizon_seal"
SET_MARK = "UPDATE horizon_seal SET link = ?, hash = ?, at = ? WHERE name = ?"
NEW_MARK = insert("horizon_seal", "link hash at name")
HEAD, ANCHOR = "head", "anchor"


def seal(scope: Scope, limit: int) -> int:
    """See `Audit.seal`."""
    db = scope.db
    db.queue_up(DUTY)
    rows = db.all(WAITING, (limit,))
    if not rows:
        return 0
    made = chained(_marks(db)[HEAD], [read_entry(row) for row in rows])
    db.many(PUT, [(entry.link, entry.hash, entry.seq) for entry in made])
    _set(scope, HEAD, Mark(link=made[-1].link or 0, hash=made[-1].hash or ""))
    return len(made)


def chain(db: Db) -> Chain:
    """See `Audit.chain`."""
    marks, ((waiting,),) = _marks(db), db.all(HOW_MANY)
    times = {name: at for name, _, _, at in db.all(MARKS)}
    return Chain(anchor=marks[ANCHOR], head=marks[HEAD], sealed_at=times.get(HEAD), waiting=int(waiting))


def trim(scope: Scope, until: Micros) -> None:
    """Remove entries of this age and older from the beginning of the chain, up to the first that is younger: what is in the
    chain goes in its order, and what is not in it yet stays."""
    last: Mark | None = None
    for link, at, hash in _places(scope.db):
        if at > until:
            break
        last = Mark(link=link, hash=hash or "")
    if last is not None:
        scope.db.run(DROP, (last.link,))
        _set(scope, ANCHOR, last)


def read_entry(row: Row) -> AuditEntry:
    """An entry out of `COLUMNS`."""
    who, what, target, count, detail, origin, changes, at, seq, link, hash = row
    return AuditEntry(
        actor=who, verb=what, target=target, count=count, detail=detail, origin=origin, changes=changes_of(changes), at=at, seq=seq,
        link=link, hash=hash,
    )  # fmt: skip


def _places(db: Db) -> Iterator[tuple[int, Micros, str | None]]:
    """Of the chain from its beginning, so many of them as go in one act."""
    after = _marks(db)[ANCHOR].link
    for _ in range(ROUNDS):
        rows: Sequence[Row] = db.all(PLACES, (after, AT_ONCE))
        yield from ((int(link), int(at), hash) for link, at, hash in rows)
        if len(rows) < AT_ONCE:
            return
        after = int(rows[-1][0])


def _marks(db: Db) -> dict[str, Mark]:
    return {HEAD: Mark(), ANCHOR: Mark(), **{name: Mark(link=int(link), hash=hash) for name, link, hash, _ in db.all(MARKS)}}


def _set(scope: Scope, name: str, mark: Mark) -> None:
    if not scope.db.run(SET_MARK, (mark.link, mark.hash, scope.now, name)):
        scope.db.run(NEW_MARK, (mark.link, mark.hash, scope.now, name))
