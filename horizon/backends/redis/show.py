"""A record as it is read back: from the letters under which a job is kept (docs/redis.md) to a `Record`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from horizon.backends.redis import header
from horizon.backends.redis.store import Store
from horizon.core.outcome import Failure, LogLine
from horizon.core.record import Attempt, Record
from horizon.core.states import BY_CODE, JobState

Fields = dict[bytes, bytes]


def fields_of(raw: Sequence[Any]) -> Fields:
    """What is kept of a job, by letter."""
    flat = raw[1]
    return dict(zip(flat[::2], flat[1::2], strict=True))


def record_of(store: Store, raw: Sequence[Any], **whole: Any) -> Record:
    """One job from what a script read of it; `whole` adds payload, result and history."""
    n, _, line, error, worker, waits, _ = raw
    f, head = fields_of(raw), header.read(line)
    state = BY_CODE[int(f[b"s"])]
    running = state is JobState.PROCESSING
    return Record(
        id=header.unpack_id(f[b"i"]),
        n=int(n),
        name=head.name,
        queue=store.queues.of(int(f[b"q"])),
        connection=store.options.name,
        state=state,
        priority=int(f[b"r"]),
        created_at=int(f.get(b"C") or f[b"P"]),
        available_at=int(f[b"a"]),
        started_at=_int(f, b"b") if running else _int(f, b"B"),
        finished_at=_int(f, b"F"),
        attempts=_int(f, b"t") or 0,
        max_tries=_int(f, b"m"),
        timeout=_int(f, b"o"),
        round=_int(f, b"R") or 0,
        crashes=_int(f, b"x") or 0,
        tags=head.tags,
        user=head.user,
        tenant=head.tenant,
        deadline=head.deadline,
        unique_key=head.unique_key,
        backoff=head.backoff,
        worker=_text(worker) if running else _text(f.get(b"W")),
        session=_text(f.get(b"w")),
        progress=_int(f, b"G"),
        progress_note=_text(f.get(b"N")),
        error=_error(f, error, whole.get("history", ())),
        reason=reason_of(f, state),
        cancel_requested=b"Y" in f,
        memory_kb=_int(f, b"M"),
        wait=_int(f, b"D"),
        runtime=_int(f, b"T"),
        code_version=head.code_version,
        forgotten=b"hd" in f,
        waits_for=tuple(header.unpack_id(id) for id in waits or ()),
        **whole,
    )


def whole_record(store: Store, found: Sequence[Any]) -> Record:
    """One job from what get.lua read."""
    raw, result, attempts, lines, depends_on, dependants, holder = found
    f = fields_of(raw)
    return record_of(
        store,
        raw,
        payload=raw[6],
        result=result,
        history=_history(raw, f, attempts, lines),
        depends_on=tuple(header.unpack_id(id) for id in depends_on),
        dependants=tuple(header.unpack_id(id) for id in dependants),
        key_holder=header.unpack_id(holder) if holder else None,
    )


def _int(f: Fields, letter: bytes) -> int | None:
    value = f.get(letter)
    return None if value is None else int(value)


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode()


def _error(f: Fields, kept: bytes | None, history: Sequence[Attempt]) -> Failure | None:
    """Type, message and cause are kept with the job; the traceback stands in its history only, read by `get`."""
    if b"E" not in f or not kept:
        return None
    type, message = json.loads(kept)
    traceback = next((a.error.traceback for a in reversed(history) if a.error and (a.error.type, a.error.message) == (type, message)), "")
    return Failure(type=type, message=message, traceback=traceback, cause=f[b"E"].decode())


def reason_of(f: Fields, state: JobState) -> str | None:
    """Why it is where it is; of one that was asked to stop, why that was asked."""
    if b"hd" in f and b"Z" in f:
        return _text(f[b"Z"])
    return _text(f[b"Y"]) if not state.terminal and b"Y" in f else _text(f.get(b"y"))


def _history(raw: Sequence[Any], f: Fields, attempts: Sequence[bytes], lines: Sequence[bytes]) -> tuple[Attempt, ...]:
    """Every attempt that began: those written down, the last one where it simply worked, the one under way."""
    made = [_attempt(json.loads(text)) for text in attempts]
    if b"L" in f:
        made.append(
            Attempt(
                number=int(f[b"n"]),
                round=_int(f, b"R") or 0,
                started_at=_int(f, b"B"),
                finished_at=_int(f, b"F"),
                worker=_text(f.get(b"W")),
                outcome="completed",
                memory_kb=_int(f, b"M"),
            )
        )
    if f[b"s"] == b"2":
        made.append(
            Attempt(
                number=int(f[b"n"]),
                round=_int(f, b"R") or 0,
                started_at=_int(f, b"b"),
                finished_at=None,
                worker=_text(raw[4]),
                outcome="running",
                logs=tuple(LogLine(*json.loads(line)) for line in lines),
                logs_dropped=_int(f, b"ld") or 0,
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
