"""The chain of the audit log. Entries are numbered without gaps here, so their numbers are their places in it too.

Lua knows no SHA-256: the hashes are made here, and written where the head of the chain still is the one that they follow.
"""

from __future__ import annotations

import json
from dataclasses import replace

from horizon.backends.redis.store import Store
from horizon.core.audit import AuditEntry
from horizon.core.chain import Chain, Mark, hash_of

HEAD = ("head", "hash", "at", "anchor", "anchor_hash")


def seal(store: Store, limit: int) -> int:
    """See `Audit.seal`."""
    head, hash, flat = store.run("audit_waiting", {"limit": limit}, safe=True)
    previous, sealed = hash.decode(), []
    for at in range(0, len(flat), 2):
        previous = hash_of(previous, replace(read_entry(flat[at], flat[at + 1], None), link=flat[at]))
        sealed += [flat[at], previous]
    return int(store.run("audit_seal", {"head": head, "hash": hash.decode(), "sealed": sealed})) if sealed else 0


def chain(store: Store) -> Chain:
    """See `Audit.chain`."""
    link = store.link
    head, hash, at, anchor, anchor_hash = link.call("HMGET", link.key("Ac"), *HEAD)
    last = int(link.call("GET", link.key("An")) or 0)
    if head is None:
        return Chain(anchor=Mark(), head=Mark(), waiting=last)
    return Chain(
        anchor=Mark(link=int(anchor), hash=anchor_hash.decode()),
        head=Mark(link=int(head), hash=hash.decode()),
        sealed_at=int(at),
        waiting=max(0, last - int(head)),
    )


def links(store: Store, after: int, limit: int) -> list[AuditEntry]:
    """See `Audit.links`."""
    flat = store.run("audit_links", {"after": after, "limit": limit}, safe=True)
    return [replace(read_entry(flat[at], flat[at + 1], flat[at + 2]), link=flat[at]) for at in range(0, len(flat), 3)]


def read_entry(seq: int, text: bytes, hash: bytes | None) -> AuditEntry:
    """An entry as it is kept."""
    at, count, rest = text.split(b"|", 2)
    actor, verb, target, detail, origin, *changes = json.loads(rest)
    return AuditEntry(
        actor=actor, verb=verb, target=target, count=int(count), detail=detail, origin=origin, at=int(at), seq=seq,
        link=seq if hash else None, hash=hash.decode() if hash else None, changes=tuple((name, before, after) for name, before, after in changes),
    )  # fmt: skip
