"""read: one job, many, failures by cause, the oldest that wait; searches are in find.py."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from horizon.backends.redis import header
from horizon.backends.redis.inbox_text import read_envelope
from horizon.backends.redis.numbers import counts_of
from horizon.backends.redis.show import record_of, whole_record
from horizon.backends.redis.store import Store
from horizon.backends.spread import Seen, Spread, spread
from horizon.backends.unadmitted import unadmitted
from horizon.backends.values import Cause
from horizon.core.clock import Micros
from horizon.core.errors import InvalidFilter
from horizon.core.record import RELATED, Record
from horizon.core.states import JobState

MANY = 1_000
CAUSE_WINDOW = 5_000


def get(store: Store, id: str) -> Record | None:
    """See `Backend.get`."""
    found = store.run("get", {"related": RELATED}, header.pack_id(id), safe=True)
    if not found:
        return None
    if found[0] != 0:
        return whole_record(store, found)
    _, text, payload, at = found
    return unadmitted(read_envelope(text, payload), int(at), store.options.name)


def many(store: Store, ids: Sequence[str]) -> list[Record]:
    """See `Backend.many`. Raises InvalidFilter for more than 1,000 ids."""
    if len(ids) > MANY:
        raise InvalidFilter(f"at most {MANY} ids at once, got {len(ids)}")
    if not ids:
        return []
    rows = store.run("many", {"payload": False}, *(header.pack_id(id) for id in ids), safe=True)
    return [record_of(store, raw) for raw in rows]


def version(store: Store) -> int:
    """See `Backend.version`."""
    found = int(store.link.call("GET", store.link.key("v")) or 0)
    if found < store.seen_version:
        store.forget()
    store.seen_version = found
    return found


# summaries ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Failed:
    """One failed job, as summaries see it."""

    n: int
    cause: str
    finished_at: Micros
    worker: str | None
    version: str | None


def latest_failed(store: Store, since: Micros) -> Iterator[Failed]:
    """The latest that failed, newest first, at most 5,000 of them."""
    looked, where = 0, -1
    while looked < CAUSE_WINDOW:
        rows, where = store.run("failed", {"since": since, "from": where}, safe=True)
        for n, cause, finished_at, worker, line in rows[: CAUSE_WINDOW - looked]:
            version = header.read(line).code_version
            yield Failed(int(n), cause.decode(), int(finished_at), None if worker is None else worker.decode(), version)
        looked += len(rows)
        if where is None:
            return


def causes(store: Store, since: Micros, limit: int) -> list[Cause]:
    """See `Backend.causes`."""
    groups: dict[str, list[Failed]] = {}
    for job in latest_failed(store, since):
        groups.setdefault(job.cause, []).append(job)
    found = [
        Cause(
            cause=cause,
            type="",
            message="",
            name=str(jobs[0].n),
            count=len(jobs),
            first_at=jobs[-1].finished_at,
            last_at=jobs[0].finished_at,
        )
        for cause, jobs in groups.items()
    ]
    found = sorted(found, key=lambda cause: (-cause.count, -cause.last_at, cause.cause))[:limit]
    words = store.run("failed_words", [int(cause.name) for cause in found], safe=True) if found else []
    return [_worded(cause, *said) for cause, said in zip(found, words, strict=True)]


def _worded(cause: Cause, line: bytes | None, error: bytes | None) -> Cause:
    """The newest failure of a cause lends its words."""
    type, message = json.loads(error) if error else ("", "")
    return replace(cause, type=type, message=message, name=header.read(line).name if line else "")


def spread_of(store: Store, since: Micros, until: Micros, spans: int) -> Mapping[str, Spread]:
    """See `Backend.spread`."""
    each = max(1, (until - since) // spans)
    return spread(
        (Seen(job.cause, (job.finished_at - since) // each, job.worker, job.version, 1) for job in latest_failed(store, since)), spans
    )


def oldest(store: Store, queues: Sequence[str] | None) -> dict[str, Micros]:
    """See `Backend.oldest`."""
    flat = store.run("oldest", list(queues) if queues is not None else False, safe=True)
    return {name.decode(): int(at) for name, at in zip(flat[::2], flat[1::2], strict=True)}


def remaining(store: Store, queues: Sequence[str]) -> int:
    """See `Backend.remaining`."""
    live = sum(
        times
        for (code, state), times in counts_of(store).items()
        if state in (JobState.PENDING, JobState.PROCESSING) and (not queues or store.queues.of(code) in queues)
    )
    flat = store.link.call("HGETALL", store.link.key("ibq"))
    return live + sum(int(n) for name, n in zip(flat[::2], flat[1::2], strict=True) if not queues or name.decode() in queues)
