"""Bulk acts: stored, then driven a few hundred rows at a time by whoever ticks."""

from __future__ import annotations

import builtins
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from horizon.backends import guarding
from horizon.backends.database.act import IDS, apply
from horizon.backends.database.audit import keep
from horizon.backends.database.db import Db, Row, fetch, insert
from horizon.backends.database.find import sweep
from horizon.backends.database.kernel.ledger import touch
from horizon.backends.database.kernel.rows import state_of
from horizon.backends.database.kernel.scope import Scope
from horizon.backends.database.plan import NEWEST, check_query
from horizon.backends.database.store import Store
from horizon.backends.driven import Portion, check, parsed, portion
from horizon.backends.guarding import guard_of
from horizon.backends.nouns import Operations
from horizon.backends.values import ACT_LIMIT, Operation
from horizon.core.audit import AuditEntry
from horizon.core.clock import Micros
from horizon.core.errors import NotFound
from horizon.core.ids import uuid7
from horizon.core.query import JobQuery
from horizon.core.states import JobState

COLUMNS = "id, verb, query, params, actor, state, created_at, finished_at, expected, done, skipped, reasons, position"
READ = f"SELECT {COLUMNS}, trace FROM horizon_operation"
LIST = f"SELECT {COLUMNS}, NULL FROM horizon_operation ORDER BY seq DESC LIMIT ?"
AT_A_TIME = 100
"""Running operations that are looked at, the oldest."""
INSERT = insert("horizon_operation", COLUMNS)
RUNNING = f"{READ} WHERE state = 'running' ORDER BY seq LIMIT {AT_A_TIME}"
NEXT = f"{READ} WHERE id = ? AND state = 'running' /*skip*/"
WENT = "UPDATE horizon_operation SET state = ?, finished_at = ?, done = ?, skipped = ?, reasons = ?, position = ?, trace = ? WHERE id = ?"
SEEN = "UPDATE horizon_operation SET state = ?, finished_at = ?, trace = ? WHERE id = ?"
STATES = tuple(
    f"SELECT j.id, t.state FROM horizon_job AS j JOIN {table} AS t ON t.n = j.n WHERE j.id IN ({{in}})"
    for table in ("horizon_live", "horizon_done")
)
STOP = "UPDATE horizon_operation SET state = 'stopped', finished_at = ? WHERE id = ? AND state = 'running'"


def write_query(query: JobQuery) -> str:
    """As stored."""
    return json.dumps(asdict(query), ensure_ascii=False)


def read_query(text: str) -> JobQuery:
    """What `write_query` wrote."""
    given: dict[str, Any] = {key: tuple(value) if isinstance(value, builtins.list) else value for key, value in json.loads(text).items()}
    return JobQuery(**{**given, "states": tuple(JobState(state) for state in given["states"])})


def _read(row: Row) -> Operation:
    id, verb, query, params, actor, state, created_at, finished_at, expected, done, skipped, reasons, _, trace = row
    return Operation(
        id=id,
        verb=verb,
        query=read_query(query),
        params=json.loads(params),
        actor=actor,
        state=state,
        created_at=created_at,
        finished_at=finished_at,
        expected=expected,
        done=done,
        skipped=skipped,
        reasons=json.loads(reasons),
        trace=guarding.read(trace),
    )


def has_due(db: Db, now: Micros) -> bool:
    """Whether one could go on at once."""
    return any(_portion(row, now, 1).rows for row in db.all(RUNNING))


def _portion(row: Row, now: Micros, limit: int) -> Portion:
    """How far this one may go now. Beside the number it came down to stands until when its pace is used up."""
    _, _, paid = row[12].partition(" ")
    params = json.loads(row[3])
    most = guarding.room(guard_of(params), guarding.read(row[13]), min(limit, ACT_LIMIT))
    return portion(params, int(paid) if paid else row[6], now, most)


def step(scope: Scope, limit: int = ACT_LIMIT) -> int:
    """Carry the oldest running operation on that may go on now; rows are walked once each, newest first, whatever becomes of them."""
    due = next((row[0] for row in _looked_after(scope) if _portion(row, scope.now, limit).rows), None)
    row = None if due is None else scope.db.one(NEXT, (due,))
    most, paid = (0, 0) if row is None else _portion(row, scope.now, limit)
    if row is None or not most:
        return 0
    operation, before = _read(row), int(row[12].partition(" ")[0])
    verb, params = parsed(operation.verb, operation.params)
    ns, reached = sweep(scope.db, operation.query, most, before=before)
    done, skipped = apply(scope, ns, verb, params)
    reasons = Counter(dict(operation.reasons))
    reasons.update(skipped.values())
    state, finished_at = ("done", scope.now) if reached is None else ("running", None)
    trace = _grown(scope, operation, ns, done, skipped)
    figures = (operation.done + len(done), operation.skipped + len(skipped), json.dumps(reasons), f"{reached or 0} {paid}")
    scope.db.run(WENT, (state, finished_at, *figures, guarding.write(trace), operation.id))
    touch(scope.db, scope.now)
    return len(ns)


def _grown(scope: Scope, operation: Operation, ns: Sequence[int], done: Sequence[int], skipped: Mapping[int, str]) -> guarding.Trace:
    """Its trace with what this step has done and left alone."""
    watched = guarding.watches(guard_of(operation.params), operation.trace)
    ids = dict(fetch(scope.db, IDS, ns if watched else guarding.wanted(operation.trace, skipped, ns)))
    left = {ids[n]: reason for n, reason in skipped.items() if n in ids}
    return guarding.grown(operation.trace, [ids[n] for n in done if n in ids], left, watched=watched)


def _looked_after(scope: Scope) -> builtins.list[Row]:
    """Those that run, the oldest first, once it is noted what became of the jobs that are watched: one too many of which fail again
    stops here."""
    rows = scope.db.all(RUNNING)
    watching = [row[0] for row in rows if guarding.read(row[13]).watch]
    looked = [row for id in watching if (row := scope.db.one(NEXT, (id,))) is not None and _look_after(scope, _read(row))]
    return scope.db.all(RUNNING) if looked else rows


def _look_after(scope: Scope, operation: Operation) -> bool:
    """Note what became of the jobs that it watches; whether there was anything to note."""
    states = {id: state_of(code) for sql in STATES for id, code in fetch(scope.db, sql, operation.trace.watch)}
    trace = guarding.judged(guard_of(operation.params), operation.trace, states)
    if trace == operation.trace:
        return False
    state, finished_at = ("stopped", scope.now) if trace.stopped else ("running", None)
    scope.db.run(SEEN, (state, finished_at, guarding.write(trace), operation.id))
    if trace.stopped:
        keep(scope, guarding.stop_entry(operation.id, trace))
    touch(scope.db, scope.now)
    return True


class DatabaseOperations(Operations):
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

        def act(scope: Scope) -> Operation:
            check_query(scope.db, query)
            ((newest,),) = scope.db.all(NEWEST)
            made = id or uuid7()
            scope.db.run(
                INSERT,
                (
                    made,
                    verb,
                    write_query(query),
                    json.dumps(dict(params)),
                    actor,
                    "running",
                    scope.now,
                    None,
                    expected,
                    0,
                    0,
                    "{}",
                    str(newest + 1),
                ),
            )
            keep(scope, audit)
            touch(scope.db, scope.now)
            return _one(scope.db, made)

        return self._store.act(act)

    def get(self, id: str) -> Operation | None:
        """See `Operations.get`."""
        row = self._store.read_plainly(lambda db: db.one(f"{READ} WHERE id = ?", (id,)))
        return None if row is None else _read(row)

    def list(self, limit: int = 50) -> Sequence[Operation]:
        """See `Operations.list`."""
        return [_read(row) for row in self._store.read_plainly(lambda db: db.all(LIST, (limit,)))]

    def stop(self, id: str, *, audit: AuditEntry | None = None) -> Operation:
        """See `Operations.stop`."""

        def act(scope: Scope) -> Operation:
            _one(scope.db, id)
            if scope.db.run(STOP, (scope.now, id)):
                keep(scope, audit)
                touch(scope.db, scope.now)
            return _one(scope.db, id)

        return self._store.act(act)

    def step(self) -> int:
        """See `Operations.step`."""
        return self._store.act(lambda scope: step(scope))


def _one(db: Db, id: str) -> Operation:
    row = db.one(f"{READ} WHERE id = ?", (id,))
    if row is None:
        raise NotFound(f"there is no operation {id}")
    return _read(row)
