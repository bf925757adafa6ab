"""Notes by kind and name: a hash for each kind, of version, time of writing, end or nothing, and text."""

from __future__ import annotations

from collections.abc import Sequence

from horizon.backends.notes import MOST, Note, NoteChange, Notes, check
from horizon.backends.redis.store import Store, audit_of


class RedisNotes(Notes):
    """See `Notes`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def write(self, changes: Sequence[NoteChange]) -> Sequence[bool]:
        """See `Notes.write`."""
        check(changes)
        told = [
            {
                "kind": one.kind,
                "name": one.name,
                "body": False if one.body is None else one.body,
                "version": False if one.version is None else one.version,
                "until": "" if one.until is None else str(one.until),
                "audit": audit_of(one.audit),
            }
            for one in changes
        ]
        return [bool(done) for done in self._store.run("note_write", {"most": MOST, "changes": told})] if changes else []

    def get(self, kind: str, name: str) -> Note | None:
        """See `Notes.get`."""
        text = self._store.link.call("HGET", self._key(kind), name)
        note = None if text is None else _note(kind, name, text)
        return note if note is not None and note.stands(self._store.now()) else None

    def all(self, kind: str) -> Sequence[Note]:
        """See `Notes.all`."""
        flat = self._store.link.call("HGETALL", self._key(kind))
        found = [(bytes(name), _note(kind, name.decode(), text)) for name, text in zip(flat[::2], flat[1::2], strict=True)]
        notes = [note for _, note in sorted(found, key=lambda pair: pair[0])]
        if all(note.until is None for note in notes):  # then it does not matter what time it is
            return notes
        now = self._store.now()
        return [note for note in notes if note.stands(now)]

    def _key(self, kind: str) -> str:
        return self._store.link.key(f"nt:{kind}")


def _note(kind: str, name: str, text: bytes) -> Note:
    version, at, until, body = text.decode().split("|", 3)
    return Note(kind=kind, name=name, body=body, version=int(version), at=int(at), until=int(until) if until else None)
