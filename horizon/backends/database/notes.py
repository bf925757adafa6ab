"""Notes by kind and name."""

from __future__ import annotations

from collections.abc import Sequence

from horizon.backends.database.audit import keep
from horizon.backends.database.db import Row, insert
from horizon.backends.database.kernel.ledger import touch
from horizon.backends.database.kernel.scope import Scope
from horizon.backends.database.store import Store
from horizon.backends.notes import MOST, Note, NoteChange, Notes, check

DUTY = "notes"
STANDS = "(until IS NULL OR until > ?)"
READ = f"SELECT kind, name, body, version, at, until FROM horizon_note WHERE kind = ? AND {STANDS}"
ONE = f"{READ} AND name = ?"
ALL = f"{READ} ORDER BY name"
COUNT = f"SELECT count(*) FROM horizon_note WHERE kind = ? AND {STANDS}"
INSERT = insert("horizon_note", "kind name body version at until")
DELETE = "DELETE FROM horizon_note WHERE kind = ? AND name = ?"


class DatabaseNotes(Notes):
    """See `Notes`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def write(self, changes: Sequence[NoteChange]) -> Sequence[bool]:
        """See `Notes.write`."""
        check(changes)

        def act(scope: Scope) -> list[bool]:
            scope.db.queue_up(DUTY)
            done = [_write(scope, one) for one in changes]
            if any(done):
                touch(scope.db, scope.now)
            return done

        return self._store.act(act) if changes else []

    def get(self, kind: str, name: str) -> Note | None:
        """See `Notes.get`."""
        now = self._store.now()
        row = self._store.read_plainly(lambda db: db.one(ONE, (kind, now, name)))
        return None if row is None else _note(row)

    def all(self, kind: str) -> Sequence[Note]:
        """See `Notes.all`."""
        now = self._store.now()
        return [_note(row) for row in self._store.read_plainly(lambda db: db.all(ALL, (kind, now)))]


def _write(scope: Scope, change: NoteChange) -> bool:
    db, now = scope.db, scope.now
    row = db.one(ONE, (change.kind, now, change.name))
    version = 0 if row is None else _note(row).version
    if change.version not in (None, version) or (row is None and (change.body is None or _is_full(scope, change.kind))):
        return False
    db.run(DELETE, (change.kind, change.name))  # one that is over may stand there still
    if change.body is not None:
        db.run(INSERT, (change.kind, change.name, change.body, version + 1, now, change.until))
    keep(scope, change.audit)
    return True


def _is_full(scope: Scope, kind: str) -> bool:
    ((count,),) = scope.db.all(COUNT, (kind, scope.now))
    return int(count) >= MOST


def _note(row: Row) -> Note:
    kind, name, body, version, at, until = row
    return Note(kind=kind, name=name, body=body, version=version, at=at, until=until)
