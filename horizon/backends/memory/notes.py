"""Notes by kind and name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from horizon.backends.memory.kernel.store import Store
from horizon.backends.notes import MOST, Note, NoteChange, Notes, check
from horizon.core.clock import Micros


class MemoryNotes(Notes):
    """See `Notes`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def write(self, changes: Sequence[NoteChange]) -> Sequence[bool]:
        """See `Notes.write`."""
        check(changes)
        with self._store.act() as now:
            return [self._write(one, now) for one in changes]

    def _write(self, change: NoteChange, now: Micros) -> bool:
        kept = self._store.notes.setdefault(change.kind, {})
        before = self._standing(change.kind, change.name, now)
        version = 0 if before is None else before.version
        if change.version not in (None, version) or (before is None and (change.body is None or _is_full(kept.values(), now))):
            return False
        if change.body is None:
            kept.pop(change.name)
        else:
            kept[change.name] = Note(kind=change.kind, name=change.name, body=change.body, version=version + 1, at=now, until=change.until)
        self._store.keep(change.audit, now)
        self._store.changed()
        return True

    def get(self, kind: str, name: str) -> Note | None:
        """See `Notes.get`."""
        with self._store.act() as now:
            return self._standing(kind, name, now)

    def all(self, kind: str) -> Sequence[Note]:
        """See `Notes.all`."""
        with self._store.act() as now:
            kept = self._store.notes.get(kind, {})
            return [kept[name] for name in sorted(kept, key=str.encode) if kept[name].stands(now)]

    def _standing(self, kind: str, name: str, now: Micros) -> Note | None:
        found = self._store.notes.get(kind, {}).get(name)
        return found if found is not None and found.stands(now) else None


def _is_full(kept: Iterable[Note], now: Micros) -> bool:
    return sum(note.stands(now) for note in kept) >= MOST
