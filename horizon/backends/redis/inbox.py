"""Jobs dispatched inside a host's transaction. A Redis takes part in none: they are committed at once, and admitted next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from horizon.backends.nouns import Inbox
from horizon.backends.redis import header
from horizon.backends.redis.inbox_text import read_envelope, write_envelope
from horizon.backends.redis.push import check, send
from horizon.backends.redis.refusal import refusal
from horizon.backends.redis.store import Store
from horizon.core.clock import Micros
from horizon.core.envelope import Envelope
from horizon.core.errors import BackendUnavailable, HorizonError, QueueFull
from horizon.core.states import JobState

STEP = 100
"""Envelopes read together."""
DUPLICATE = 3


def admit(store: Store, limit: int = 500) -> int:
    """Push what waits, in order; what a full queue refuses goes on waiting, any other refusal ends as a record."""
    admitted, passed, full = 0, 0, set[str]()
    while admitted < limit:
        rows = store.run("inbox_read", {"first": passed, "last": passed + min(STEP, limit - admitted) - 1}, safe=True)
        if not rows:
            break
        for text, payload in rows:
            if _admit_one(store, read_envelope(text, payload), full):
                admitted += 1
            else:
                passed += 1
    return admitted


def _admit_one(store: Store, envelope: Envelope, full: set[str]) -> bool:
    if envelope.queue in full:
        return False
    leaves: dict[str, Any] = {"leave": True}
    try:
        check([envelope])
        reply = send(store, [envelope], **leaves)
        if isinstance(reply[0], bytes):
            raise refusal(reply, [envelope])
    except QueueFull:
        full.add(envelope.queue)
        return False
    except BackendUnavailable:
        raise
    except HorizonError as error:
        send(
            store, [replace(envelope, group=None, edges=(), before=())], refused=[str(JobState.FAILED.code), f"refused: {error}"], **leaves
        )
        return True
    statuses, holders = reply
    if statuses[0] == DUPLICATE:
        reason = f"duplicate of {header.unpack_id(holders[0])}"
        send(store, [replace(envelope, group=None, edges=(), before=())], refused=[str(JobState.CANCELLED.code), reason], **leaves)
    return True


class RedisInbox(Inbox):
    """See `Inbox`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def put(self, envelopes: Sequence[Envelope], *, connection: object) -> None:
        """See `Inbox.put`. A delay counts from here."""
        now = self._store.now()
        for envelope in envelopes:
            dated = replace(envelope, available_at=available_at(envelope, now), delay=0, created_at=envelope.created_at or now)
            id, text = header.pack_id(envelope.id), write_envelope(dated)
            self._store.run("inbox_put", {"queue": envelope.queue}, id, text, envelope.payload, safe=True)

    def waiting(self) -> int:
        """See `Inbox.waiting`."""
        return int(self._store.link.call("ZCARD", self._store.link.key("ib")))

    def admit(self, limit: int = 500) -> int:
        """See `Inbox.admit`."""
        return admit(self._store, limit)


def available_at(envelope: Envelope, now: Micros) -> Micros:
    """The moment before which an envelope received now may not run."""
    return envelope.available_at if envelope.available_at is not None else now + envelope.delay
