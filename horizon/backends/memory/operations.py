"""Bulk acts: stored, then driven a few hundred rows at a time by whoever ticks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from horizon.backends import guarding
from horizon.backends.driven import Portion, check, parsed, portion
from horizon.backends.guarding import guard_of
from horizon.backends.memory.act import apply_all
from horizon.backends.memory.kernel.store import Driven, Store
from horizon.backends.memory.read import check_query, matching
from horizon.backends.nouns import Operations
from horizon.backends.values import ACT_LIMIT, Operation
from horizon.core.audit import AuditEntry
from horizon.core.clock import Micros
from horizon.core.errors import NotFound
from horizon.core.ids import uuid7
from horizon.core.query import JobQuery


def step(store: Store, now: Micros, limit: int = ACT_LIMIT) -> int:
    """Carry the oldest running operation on that may go on now; rows are walked once each, newest first, whatever becomes of them."""
    _look_after(store, now)
    found = next(_due(store, now, min(limit, ACT_LIMIT)), None)
    if found is None:
        return 0
    driven, (most, paid) = found
    verb, params = parsed(driven.operation.verb, driven.operation.params)
    rows = list(islice((job for job in matching(store, driven.operation.query) if job.n < driven.cursor), most))
    reasons = Counter(driven.operation.reasons)
    left = apply_all(store, rows, verb, params, now)
    reasons.update(left.values())
    acted = [job.id for job in rows if job.id not in left]
    operation = driven.operation
    trace = guarding.grown(operation.trace, acted, left, watched=guarding.watches(guard_of(operation.params), operation.trace))
    done, skipped = operation.done + len(acted), operation.skipped + len(left)
    operation = replace(operation, done=done, skipped=skipped, reasons=dict(reasons), trace=trace)
    driven.operation = operation if rows else replace(operation, state="done", finished_at=now)
    driven.cursor, driven.paid = rows[-1].n if rows else 0, paid
    store.changed()
    return len(rows)


def has_due(store: Store, now: Micros) -> bool:
    """Whether one could go on at once."""
    return any(_due(store, now, 1))


def _look_after(store: Store, now: Micros) -> None:
    """Note what became of the jobs that are watched; one too many of which fail again stops here."""
    for driven in list(store.operations.values()):
        operation = driven.operation
        if operation.state != "running" or not operation.trace.watch:
            continue
        states = {id: store.jobs[id].state for id in operation.trace.watch if id in store.jobs}
        trace = guarding.judged(guard_of(operation.params), operation.trace, {id: state for id, state in states.items() if state})
        if trace == operation.trace:
            continue
        driven.operation = replace(operation, trace=trace)
        if trace.stopped:
            driven.operation = replace(driven.operation, state="stopped", finished_at=now)
            store.keep(guarding.stop_entry(operation.id, trace), now)
        store.changed()


def _due(store: Store, now: Micros, limit: int) -> Iterator[tuple[Driven, Portion]]:
    """Running operations that may go on now, the oldest first, and how far."""
    for driven in store.operations.values():
        one = driven.operation
        if one.state == "running" and (most := guarding.room(guard_of(one.params), one.trace, limit)):
            part = portion(one.params, driven.paid, now, most)
            if part.rows:
                yield driven, part


class MemoryOperations(Operations):
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
        with self._store.act() as now:
            operation = Operation(
                id=id or uuid7(),
                verb=verb,
                query=query,
                params=dict(params),
                actor=actor,
                state="running",
                created_at=now,
                expected=expected,
            )
            self._store.operations[operation.id] = Driven(operation=operation, cursor=self._store.last_n + 1, paid=now)
            self._store.keep(audit, now)
            self._store.changed()
            return operation

    def get(self, id: str) -> Operation | None:
        """See `Operations.get`."""
        with self._store.act():
            driven = self._store.operations.get(id)
            return None if driven is None else driven.operation

    def list(self, limit: int = 50) -> Sequence[Operation]:
        """See `Operations.list`."""
        with self._store.act():
            latest = list(islice(reversed(self._store.operations.values()), limit))
            return [replace(driven.operation, trace=guarding.NOTHING) for driven in latest]

    def stop(self, id: str, *, audit: AuditEntry | None = None) -> Operation:
        """See `Operations.stop`."""
        with self._store.act() as now:
            driven = self._store.operations.get(id)
            if driven is None:
                raise NotFound(f"there is no operation {id}")
            if driven.operation.state == "running":
                driven.operation = replace(driven.operation, state="stopped", finished_at=now)
                self._store.keep(audit, now)
                self._store.changed()
            return driven.operation

    def step(self) -> int:
        """See `Operations.step`."""
        with self._store.act() as now:
            return step(self._store, now)
