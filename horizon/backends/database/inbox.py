"""Jobs dispatched inside the host's own transaction: one row each, inserted with the host's connection."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace

from horizon.backends.database.db import Refused, insert, undone_on_failure
from horizon.backends.database.kernel.birth import available_at, store_refused
from horizon.backends.database.kernel.gauges import read_limits, write_limits
from horizon.backends.database.kernel.rows import CANCELLED, FAILED
from horizon.backends.database.kernel.scope import Scope
from horizon.backends.database.push import push_chunk
from horizon.backends.database.store import Store
from horizon.backends.nouns import Inbox
from horizon.backends.values import PushStatus
from horizon.core.clock import Micros
from horizon.core.envelope import Edge, Envelope, On
from horizon.core.errors import BackendUnavailable, HorizonError, QueueFull

COLUMNS = "id queue at envelope payload"
APART = ("payload", "edges", "limits", "fresh")
"""What does not stand in the text of an envelope, or in another way."""
INSERT = insert("horizon_inbox", COLUMNS)
STEP = 100
"""Rows read together."""
READ = "SELECT seq, envelope, payload FROM horizon_inbox{where} ORDER BY seq LIMIT ? /*skip*/"
READ_ONE = "SELECT at, envelope, payload FROM horizon_inbox WHERE id = ? ORDER BY seq LIMIT 1"
COUNT = "SELECT count(*) FROM horizon_inbox"
REMOVE = "DELETE FROM horizon_inbox WHERE seq = ?"


def write_envelope(envelope: Envelope) -> str:
    """An envelope as text, without its payload."""
    given = {field.name: getattr(envelope, field.name) for field in fields(envelope) if field.name not in APART}
    edges = [[edge.job_id, int(edge.on), *([1] if edge.of_group else [])] for edge in envelope.edges]
    return json.dumps({**given, "edges": edges, "limits": write_limits(envelope.limits)}, ensure_ascii=False, separators=(",", ":"))


def read_envelope(text: str, payload: bytes) -> Envelope:
    """What `write_envelope` wrote, with its payload."""
    given = json.loads(text)
    edges = tuple(Edge(job_id=id, on=On(on), of_group=bool(of)) for id, on, *of in given.pop("edges"))
    given["before"] = tuple(given.get("before", ()))
    given["limits"] = read_limits(given.get("limits"))
    return Envelope(**{**given, "tags": tuple(given["tags"])}, edges=edges, payload=payload)


def admit(store: Store, scope: Scope, limit: int) -> int:
    """Push what waits, in order; what a full queue refuses goes on waiting, any other refusal ends as a record."""
    admitted, full = 0, set[str]()
    while admitted < limit:
        where = f" WHERE queue NOT IN ({','.join('?' * len(full))})" if full else ""
        rows = scope.db.all(READ.format(where=where), (*sorted(full), min(STEP, limit - admitted)))
        if not rows:
            break
        envelopes = {seq: read_envelope(text, payload) for seq, text, payload in rows}
        left = list(envelopes) if _admit_together(store, scope, list(envelopes.values())) else _admit_singly(store, scope, envelopes, full)
        scope.db.many(REMOVE, [(seq,) for seq in left])
        admitted += len(left)
    return admitted


def _admit_together(store: Store, scope: Scope, envelopes: Sequence[Envelope]) -> bool:
    """All of them by one push; False, and nothing done, where any is refused."""
    part = scope.part()
    try:
        with undone_on_failure(scope.db):
            for envelope, answer in zip(envelopes, push_chunk(store, part, envelopes), strict=True):
                if answer.status is PushStatus.DUPLICATE:
                    store_refused(part, envelope, CANCELLED, f"duplicate of {answer.holder}")
    except (HorizonError, Refused):
        return False
    scope.ledger.absorb(part.ledger)
    return True


def _admit_singly(store: Store, scope: Scope, envelopes: Mapping[int, Envelope], full: set[str]) -> list[int]:
    """One after the other; returns which left the inbox, and notes the queues that are full."""
    left = []
    for seq, envelope in envelopes.items():
        if envelope.queue in full:
            continue
        try:
            if not _admit_together(store, scope, [envelope]):
                with undone_on_failure(scope.db):
                    push_chunk(store, scope, [envelope])
        except QueueFull:
            full.add(envelope.queue)
            continue
        except BackendUnavailable:
            raise
        except (HorizonError, Refused) as error:
            store_refused(scope, _plain(envelope) if isinstance(error, Refused) else envelope, FAILED, f"refused: {error}")
        left.append(seq)
    return left


def _plain(envelope: Envelope) -> Envelope:
    """What is left of an envelope with an option that the store cannot keep."""
    return Envelope(id=envelope.id, name=envelope.name, queue=envelope.queue, payload=envelope.payload, created_at=envelope.created_at)


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
        return int(self._store.read_plainly(lambda db: db.all(COUNT))[0][0])

    def admit(self, limit: int = 500) -> int:
        """See `Inbox.admit`."""
        return self._store.act(lambda scope: admit(self._store, scope, limit))


def _row(envelope: Envelope, now: Micros) -> tuple[object, ...]:
    created_at = now if envelope.created_at is None else envelope.created_at
    dated = replace(envelope, available_at=available_at(envelope, now), delay=0, created_at=created_at)
    return (envelope.id, envelope.queue, now, write_envelope(dated), envelope.payload)
