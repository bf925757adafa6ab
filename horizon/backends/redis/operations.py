"""Bulk acts: stored, then driven a few hundred rows at a time by whoever ticks."""

from __future__ import annotations

import builtins
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from horizon.backends import guarding
from horizon.backends.driven import Portion, check, parsed, portion
from horizon.backends.guarding import guard_of
from horizon.backends.nouns import Operations
from horizon.backends.redis import header
from horizon.backends.redis.act import matching, send
from horizon.backends.redis.plan import check_query
from horizon.backends.redis.store import Store, audit_of, encode
from horizon.backends.values import ACT_LIMIT, Operation
from horizon.core.audit import AuditEntry
from horizon.core.errors import NotFound
from horizon.core.ids import uuid7
from horizon.core.query import JobQuery
from horizon.core.states import BY_CODE, JobState

AT_A_TIME = 100
"""Running operations that are looked at, the oldest."""


def read_query(text: str) -> JobQuery:
    """A query as it was stored."""
    given: dict[str, Any] = {key: tuple(value) if isinstance(value, builtins.list) else value for key, value in json.loads(text).items()}
    return JobQuery(**{**given, "states": tuple(JobState(state) for state in given["states"])})


def step(store: Store, limit: int = ACT_LIMIT) -> int:
    """Carry the oldest running operation on that may go on now; rows are walked once each, newest first, whatever becomes of them."""
    _look_after(store)
    found = next(_due(store, limit), None)
    if found is None:
        return 0
    kept, (most, paid) = found
    operation, position = _read(kept), int(kept["position"])
    verb, params = parsed(operation.verb, operation.params)
    rows, goes_on, _ = matching(store, operation.query, most, position)
    all_seen = goes_on is None
    watched = guarding.watches(guard_of(operation.params), operation.trace)
    step = [operation.id, position, 0 if goes_on is None else goes_on, all_seen and not rows, paid, watched]
    moved = send(store, verb, params, rows=rows, operation=step)
    return len(rows) if moved else 0


def has_running(store: Store) -> bool:
    """Whether one is under way."""
    return bool(store.link.call("ZCARD", store.link.key("opr")))


def has_due(store: Store) -> bool:
    """Whether one could go on at once."""
    return any(_due(store, 1))


def _look_after(store: Store) -> None:
    """Note what became of the jobs that are watched; one too many of which fail again stops here."""
    for kept in _running(store):
        before = _read(kept).trace
        if not before.watch:
            continue
        found = store.run("states", {}, *(header.pack_id(id) for id in before.watch), safe=True)
        states = {id: BY_CODE[int(code)] for id, code in zip(before.watch, found, strict=True) if code}
        trace = guarding.judged(guard_of(json.loads(kept["params"])), before, states)
        if trace != before:
            ask = {"id": kept["id"], "before": kept["trace"], "after": guarding.write(trace), "stopped": bool(trace.stopped)}
            said = guarding.stop_entry(kept["id"], trace) if trace.stopped else None
            store.run("operation_seen", {**ask, "audit": audit_of(said)}, safe=True)


def _running(store: Store) -> Iterator[dict[str, str]]:
    """Those that run, the oldest first, as they are kept."""
    for id in store.link.call("ZRANGE", store.link.key("opr"), 0, AT_A_TIME - 1):
        if kept := _kept(store, id.decode()):
            yield kept


def _due(store: Store, limit: int) -> Iterator[tuple[dict[str, str], Portion]]:
    """Running operations that may go on now, the oldest first, as they are kept, and how far they may go."""
    for kept in _running(store):
        paid, params = int(kept.get("paid", kept["created"])), json.loads(kept["params"])
        most = guarding.room(guard_of(params), guarding.read(kept.get("trace")), min(limit, ACT_LIMIT))
        part = portion(params, paid, store.now(), most)
        if part.rows:
            yield kept, part


class RedisOperations(Operations):
    """See `Operations`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def start(
        self,
        verb: str,
        query: JobQuery,
        params: Mapping[str, object],
        *,
        actor: str,
        expected: int | None = None,
        audit: AuditEntry | None = None,
        id: str | None = None,
    ) -> Operation:
        """See `Operations.start`. Raises UnknownAction, InvalidOption, InvalidFilter."""
        check(*parsed(verb, params))
        check_query(self._store, query)
        id = id or uuid7()
        kept = {"id": id, "verb": verb, "query": encode(asdict(query)), "params": encode(dict(params)), "actor": actor}
        self._store.run(
            "operation_start", {"kept": kept, "expected": False if expected is None else expected, "audit": audit_of(audit)}, safe=True
        )
        return self._one(id)

    def _one(self, id: str) -> Operation:
        found = self.get(id)
        if found is None:
            raise NotFound(f"there is no operation {id}")
        return found

    def get(self, id: str) -> Operation | None:
        """See `Operations.get`."""
        kept = _kept(self._store, id)
        return _read(kept) if kept else None

    def list(self, limit: int = 50) -> Sequence[Operation]:
        """See `Operations.list`."""
        link = self._store.link
        ids = link.call("ZREVRANGE", link.key("opl"), 0, limit - 1) if limit > 0 else []
        return [_read({**kept, "trace": ""}) for id in ids if (kept := _kept(self._store, id.decode()))]

    def stop(self, id: str, *, audit: AuditEntry | None = None) -> Operation:
        """See `Operations.stop`."""
        self._store.run("operation_stop", {"id": id, "audit": audit_of(audit)}, safe=True)
        return self._one(id)

    def step(self) -> int:
        """See `Operations.step`."""
        return step(self._store)


def _kept(store: Store, id: str) -> dict[str, str]:
    flat = store.link.call("HGETALL", store.link.key(f"op:{id}"))
    return {key.decode(): value.decode() for key, value in zip(flat[::2], flat[1::2], strict=True)}


def _read(kept: Mapping[str, str]) -> Operation:
    return Operation(
        id=kept["id"],
        verb=kept["verb"],
        query=read_query(kept["query"]),
        params=json.loads(kept["params"]),
        actor=kept["actor"],
        state=kept["state"],
        created_at=int(kept["created"]),
        finished_at=int(kept["finished"]) if "finished" in kept else None,
        expected=int(kept["expected"]) if "expected" in kept else None,
        done=int(kept["done"]),
        skipped=int(kept["skipped"]),
        reasons=json.loads(kept["reasons"]),
        trace=guarding.read(kept.get("trace")),
    )
