"""Records as they are read back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from horizon.backends.database.db import Db, Question, Row, fetch
from horizon.backends.database.kernel import logs
from horizon.backends.database.kernel.gates import fetch_done, fetch_done_short, fetch_live
from horizon.backends.database.kernel.gauges import barring, read_limits
from horizon.backends.database.kernel.rows import BLOCKED, PROCESSING, SELECT_LIVE, SHORT_DONE, Done, Live, failure, state_of
from horizon.backends.database.store import Store
from horizon.backends.parking import waits_for as why
from horizon.core.clock import Micros
from horizon.core.limit import Limit
from horizon.core.record import RELATED, Attempt, Record

WAITS_FOR = (
    "SELECT e.child, j.id FROM horizon_edge e JOIN horizon_job j ON j.n = e.parent WHERE e.state <> 1 AND e.child IN ({in}) "
    "ORDER BY e.child, e.parent"
)
PAYLOAD = "SELECT payload, signature, limits FROM horizon_job WHERE n = ?"
ATTEMPTS = (
    "SELECT run, round, started_at, finished_at, worker, outcome, memory_kb, delay, reason, cause, error_type, error_message, traceback "
    "FROM horizon_attempt WHERE n = ? ORDER BY run"
)
DEPENDS_ON = (
    "SELECT DISTINCT e.parent, j.id FROM horizon_edge e JOIN horizon_job j ON j.n = e.parent WHERE e.child = ? ORDER BY e.parent LIMIT ?"
)
DEPENDANTS = (
    "SELECT DISTINCT e.child, j.id FROM horizon_edge e JOIN horizon_job j ON j.n = e.child WHERE e.parent = ? ORDER BY e.child LIMIT ?"
)
HAS_KEY = "SELECT j.id FROM horizon_live l JOIN horizon_job j ON j.n = l.n WHERE l.unique_key = ? AND l.n <> ?"


class Fact(NamedTuple):
    """The unchanging part of a job, without its payload."""

    n: int
    id: str
    name: str
    queue: str
    created_at: Micros
    deadline: Micros | None
    tags: str | None
    owner: str | None
    tenant: str | None
    group_id: str | None
    unique_key: str | None
    backoff: str | None
    code_version: str | None
    fair: str | None
    expires: int | None


FACTS = f"SELECT {', '.join(Fact._fields)} FROM horizon_job WHERE n IN ({{in}})"


def records(store: Store, db: Db, ns: Sequence[int]) -> list[Record]:
    """Those of these jobs that exist, in the order asked, without payload, result and history."""
    db.foresee([Question(SELECT_LIVE, values=ns), Question(SHORT_DONE, values=ns)])
    facts = {row[0]: Fact._make(row) for row in fetch(db, FACTS, ns)}
    lives = {job.n: job for job in fetch_live(db, ns)}
    ends = {end.n: end for end in fetch_done_short(db, ns)}
    waits: dict[int, list[str]] = {}
    for child, id in fetch(db, WAITS_FOR, [n for n, job in lives.items() if job.state == BLOCKED]):
        waits.setdefault(child, []).append(id)
    barred = barring(db, lives.values())
    made = []
    for n in ns:
        if n in lives:
            made.append(_live(store, facts[n], lives[n], tuple(waits.get(n, ())), barred.get(n)))
        elif n in ends:
            made.append(_ended(store, facts[n], ends[n]))
    return made


def whole(store: Store, db: Db, n: int) -> Record | None:
    """One job with payload, result and history."""
    short = records(store, db, [n])
    if not short:
        return None
    ((payload, signature, limits),) = db.all(PAYLOAD, (n,))
    ends = fetch_done(db, [n])
    history = _history(store, db, n, ends[0] if ends else None)
    error = short[0].error
    if ends:
        error = ends[0].error
    elif error is not None and history and history[-1].error is not None:
        error = history[-1].error
    result = ends[0].result if ends else None
    return replace(
        short[0], payload=payload, signature=signature, result=result, error=error, history=tuple(history),
        limits=tuple(limit.key for limit in read_limits(limits)),
        **_related(db, n, short[0].unique_key),
    )  # fmt: skip


def _related(db: Db, n: int, key: str | None) -> dict[str, Any]:
    """The jobs on either side of its edges, and who has its key instead of it."""
    holder = None if key is None else db.one(HAS_KEY, (key, n))
    return {
        "depends_on": tuple(id for _, id in db.all(DEPENDS_ON, (n, RELATED))),
        "dependants": tuple(id for _, id in db.all(DEPENDANTS, (n, RELATED))),
        "key_holder": None if holder is None else holder[0],
    }


def _live(store: Store, fact: Fact, job: Live, waits_for: tuple[str, ...], barred: Limit | None) -> Record:
    return Record(
        **_common(store, fact, job),
        state=state_of(job.state),
        available_at=job.available_at,
        session=job.session,
        started_at=job.reserved_at if job.state == PROCESSING else job.started_at,
        finished_at=None,
        reason=job.cancel_reason or (job.reason if barred is None else why(barred)),
        cancel_requested=job.cancel_reason is not None,
        waits_for=waits_for,
        waits_for_limit=None if barred is None else barred.key,
    )


def _ended(store: Store, fact: Fact, end: Done) -> Record:
    hidden = end.hidden_at is not None
    return Record(
        **_common(store, fact, end),
        state=state_of(end.state),
        available_at=end.available_at,
        started_at=end.started_at,
        finished_at=end.finished_at,
        reason=(end.hide_reason or end.reason) if hidden else end.reason,
        forgotten=hidden,
    )


def _common(store: Store, fact: Fact, job: Live | Done) -> dict[str, Any]:
    """What a record takes from its unchanging part, and from either of the two others alike."""
    return {
        "id": fact.id, "n": fact.n, "name": fact.name, "queue": job.queue, "connection": store.options.name, "priority": -job.rank,
        "created_at": fact.created_at, "attempts": job.tries, "max_tries": job.max_tries, "timeout": job.timeout, "round": job.round,
        "crashes": job.crashes, "tags": tuple(json.loads(fact.tags)) if fact.tags else (), "user": fact.owner, "tenant": fact.tenant,
        "group": fact.group_id, "deadline": fact.deadline, "expires": bool(fact.expires), "fair": fact.fair, "unique_key": fact.unique_key, "backoff": fact.backoff,
        "worker": job.worker, "progress": job.progress, "progress_note": job.note, "error": job.error,
        "memory_kb": job.memory_kb, "wait": job.wait, "runtime": job.runtime, "code_version": fact.code_version,
    }  # fmt: skip


def _history(store: Store, db: Db, n: int, end: Done | None) -> list[Attempt]:
    """Every attempt that began, the one under way and the last one of an ended job included."""
    attempts = [_attempt(store, db, n, row) for row in db.all(ATTEMPTS, (n,))]
    if end is not None and end.ran:
        row: Row = (
            end.runs, end.round, end.started_at, end.finished_at, end.worker, end.outcome, end.memory_kb, None, end.reason,
            end.cause, end.error_type, end.error_message, end.traceback,
        )  # fmt: skip
        attempts.append(_attempt(store, db, n, row))
    for job in fetch_live(db, [n]):
        if job.state == PROCESSING:
            row = (job.runs, job.round, job.reserved_at, None, job.worker, "running", None, None, None, None, None, None, None)
            attempts.append(_attempt(store, db, n, row))
    return attempts


def _attempt(store: Store, db: Db, n: int, row: Row) -> Attempt:
    (run, round, started_at, finished_at, worker, outcome, memory_kb, delay, reason, cause, type, message, traceback) = row
    lines, dropped = logs.read(db, n, run, store.log_lines)
    return Attempt(
        number=run,
        round=round,
        started_at=started_at,
        finished_at=finished_at,
        worker=worker,
        outcome=outcome,
        reason=reason,
        error=failure(type, message, traceback, cause),
        memory_kb=memory_kb,
        delay=delay,
        logs=tuple(lines),
        logs_dropped=dropped,
    )
