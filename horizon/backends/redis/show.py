"""A record as it is read back: from the letters under which a job is kept (docs/redis.md) to a `Record`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from horizon.backends.parking import waits_for
from horizon.backends.redis import header
from horizon.backends.redis.packed import Fields, fields_of
from horizon.backends.redis.store import Store
from horizon.core.limit import Limit
from horizon.core.outcome import Failure, LogLine
from horizon.core.record import Attempt, Record
from horizon.core.states import BY_CODE, JobState


def record_of(store: Store, raw: Sequence[Any], **whole: Any) -> Record:
    """One job from what a script read of it; `whole` adds payload, result and history."""
    n, _, line, error, worker, waits, _, limit = raw
    f, head = fields_of(raw[1]), header.read(line)
    state = BY_CODE[f["s"]]
    running = state is JobState.PROCESSING
    return Record(
        id=header.unpack_id(f["i"]),
        n=int(n),
        name=head.name,
        queue=store.queues.of(f["q"]),
        connection=store.options.name,
        state=state,
        priority=f["r"],
        created_at=f.get("C") or f["P"],
        available_at=f["a"],
        started_at=_int(f, "b") if running else _int(f, "B"),
        finished_at=_int(f, "F"),
        attempts=_int(f, "t") or 0,
        max_tries=_int(f, "m"),
        timeout=_int(f, "o"),
        round=_int(f, "R") or 0,
        crashes=_int(f, "x") or 0,
        tags=head.tags,
        user=head.user,
        tenant=head.tenant,
        group=f.get("gr"),
        deadline=head.deadline,
        expires="ex" in f,
        fair=f.get("fk"),
        unique_key=head.unique_key,
        backoff=head.backoff,
        worker=_text(worker) if running else f.get("W"),
        session=f.get("w"),
        progress=_int(f, "G"),
        progress_note=f.get("N"),
        error=_error(f, error, whole.get("history", ())),
        reason=waits_for(_limit(limit)) if limit and "Y" not in f else reason_of(f, state),
        cancel_requested="Y" in f,
        memory_kb=_int(f, "M"),
        wait=_int(f, "D"),
        runtime=_int(f, "T"),
        code_version=head.code_version,
        forgotten="hd" in f,
        waits_for=tuple(header.unpack_id(id) for id in waits or ()),
        waits_for_limit=limit[0].decode() if limit else None,
        **whole,
    )


def whole_record(store: Store, found: Sequence[Any]) -> Record:
    """One job from what get.lua read."""
    raw, result, attempts, lines, depends_on, dependants, holder = found
    f = fields_of(raw[1])
    return record_of(
        store,
        raw,
        signature=header.read(raw[2]).signature,
        limits=tuple(limit.key for limit in header.read(raw[2]).limits),
        payload=raw[6],
        result=result,
        history=_history(raw, f, attempts, lines),
        depends_on=tuple(header.unpack_id(id) for id in depends_on),
        dependants=tuple(header.unpack_id(id) for id in dependants),
        key_holder=header.unpack_id(holder) if holder else None,
    )


def _limit(row: Sequence[bytes]) -> Limit:
    key, most, per, strategy = row
    return Limit(key=key.decode(), most=int(most), per=int(per), strategy=strategy.decode())


def _int(f: Fields, letter: str) -> int | None:
    value = f.get(letter)
    return None if value is None else int(value)


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode()


def _error(f: Fields, kept: bytes | None, history: Sequence[Attempt]) -> Failure | None:
    """Type, message and cause are kept with the job; the traceback stands in its history only, read by `get`."""
    if "E" not in f or not kept:
        return None
    type, message = json.loads(kept)
    traceback = next((a.error.traceback for a in reversed(history) if a.error and (a.error.type, a.error.message) == (type, message)), "")
    return Failure(type=type, message=message, traceback=traceback, cause=f["E"])


def reason_of(f: Fields, state: JobState) -> str | None:
    """Why it is where it is; of one that was asked to stop, why that was asked."""
    if "hd" in f and "Z" in f:
        return str(f["Z"])
    return f["Y"] if not state.terminal and "Y" in f else f.get("y")


def _history(raw: Sequence[Any], f: Fields, attempts: Sequence[bytes], lines: Sequence[bytes]) -> tuple[Attempt, ...]:
    """Every attempt that began: those written down, the last one where it simply worked, the one under way."""
    made = [_attempt(json.loads(text)) for text in attempts]
    if "L" in f:
        made.append(
            Attempt(
                number=int(f["n"]),
                round=_int(f, "R") or 0,
                started_at=_int(f, "B"),
                finished_at=_int(f, "F"),
                worker=f.get("W"),
                outcome="completed",
                memory_kb=_int(f, "M"),
            )
        )
    if f["s"] == JobState.PROCESSING.code:
        made.append(
            Attempt(
                number=int(f["n"]),
                round=_int(f, "R") or 0,
                started_at=_int(f, "b"),
                finished_at=None,
                worker=_text(raw[4]),
                outcome="running",
                logs=tuple(LogLine(*json.loads(line)) for line in lines),
                logs_dropped=_int(f, "ld") or 0,
            )
        )
    return tuple(made)


def _attempt(row: Sequence[Any]) -> Attempt:
    number, round, started_at, finished_at, worker, outcome, reason, failure, memory_kb, delay, lines, dropped = row
    return Attempt(
        number=number,
        round=round,
        started_at=started_at,
        finished_at=finished_at,
        worker=worker,
        outcome=outcome,
        reason=reason,
        error=None if failure is None else Failure(type=failure[0], message=failure[1], traceback=failure[2], cause=failure[3]),
        memory_kb=memory_kb,
        delay=delay,
        logs=tuple(LogLine(*line) for line in lines),
        logs_dropped=dropped,
    )
