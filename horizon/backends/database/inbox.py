"""Jobs dispatched inside the host's own transaction: one row each, inserted with the host's connection."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields, replace

from horizon.backends.database.db import insert
from horizon.backends.database.kernel.birth import available_at, store_refused
from horizon.backends.database.kernel.rows import CANCELLED, FAILED
from horizon.backends.database.kernel.scope import Scope
from horizon.backends.database.push import push_chunk
from horizon.backends.database.store import Store
from horizon.backends.nouns import Inbox
from horizon.backends.values import Pushed, PushStatus
from horizon.core.clock import Micros
from horizon.core.envelope import Edge, Envelope, On
from horizon.core.errors import BackendUnavailable, HorizonError, QueueFull

COLUMNS = "id queue at envelope payload"
INSERT = insert("horizon_inbox", COLUMNS)
READ = "SELECT seq, envelope, payload FROM horizon_inbox ORDER BY seq LIMIT ?"
READ_ONE = "SELECT at, envelope, payload FROM horizon_inbox WHERE id = ? ORDER BY seq LIMIT 1"
COUNT = "SELECT count(*) FROM horizon_inbox"
REMOVE = "DELETE FROM horizon_inbox WHERE seq = ?"


def write_envelope(envelope: Envelope) -> str:
    """An envelope as text, without its payload."""
    given = {field.name: getattr(envelope, field.name) for field in fields(envelope) if field.name not in ("payload", "edges")}
    edges = [[edge.job_id, int(edge.on)] for edge in envelope.edges]
    return json.dumps({**given, "edges": edges}, ensure_ascii=False, separators=(",", ":"))


def read_envelope(text: str, payload: bytes) -> Envelope:
    """What `write_envelope` wrote, with its payload."""
    given = json.loads(text)
    edges = tuple(Edge(job_id=id, on=On(on)) for id, on in given.pop("edges"))
    return Envelope(**{**given, "tags": tuple(given["tags"])}, edges=edges, payload=payload)


def admit(store: Store, scope: Scope, limit: int) -> int:
    """Push what waits, in order; what a full queue refuses goes on waiting, any other refusal ends as a record."""
    admitted = 0
    for seq, text, payload in scope.db.all(READ, (limit,)):
        if _admit_one(store, scope, read_envelope(text, payload)):
            scope.db.run(REMOVE, (seq,))
            admitted += 1
    return admitted


def _admit_one(store: Store, scope: Scope, envelope: Envelope) -> bool:
    try:
        (answer,) = push_chunk(store, scope, [envelope])
    except (QueueFull, BackendUnavailable):
        return False
    except HorizonError as error:
        store_refused(scope, envelope, FAILED, f"refused: {error}")
        return True
    _note_duplicate(scope, envelope, answer)
    return True


def _note_duplicate(scope: Scope, envelope: Envelope, answer: Pushed) -> None:
    if answer.status is PushStatus.DUPLICATE:
        store_refused(scope, envelope, CANCELLED, f"duplicate of {answer.holder}")


class DatabaseInbox(Inbox):
    """See `Inbox`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def put(self, envelopes: Sequence[Envelope], *, connection: object) -> None:
        """See `Inbox.put`. A delay counts from here."""
        from horizon.backends.database.inbox_put import insert_rows

        now = self._store.now()
        insert_rows(connection, INSERT, [_row(envelope, now) for envelope in envelopes])

    def waiting(self) -> int:
        """See `Inbox.waiting`."""
        return int(self._store.read(lambda db: db.all(COUNT))[0][0])

    def admit(self, limit: int = 500) -> int:
        """See `Inbox.admit`."""
        return self._store.act(lambda scope: admit(self._store, scope, limit))


def _row(envelope: Envelope, now: Micros) -> tuple[object, ...]:
    created_at = now if envelope.created_at is None else envelope.created_at
    dated = replace(envelope, available_at=available_at(envelope, now), delay=0, created_at=created_at)
    return (envelope.id, envelope.queue, now, write_envelope(dated), envelope.payload)
