"""read: one job, many, failures by cause, the oldest that wait; searches are in find.py."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from horizon.backends.base import AHEAD
from horizon.backends.redis import header
from horizon.backends.redis.inbox_text import read_envelope
from horizon.backends.redis.numbers import counts_of
from horizon.backends.redis.show import record_of, whole_record
from horizon.backends.redis.store import Store
from horizon.backends.spread import Seen, Spread, Tally, spread
from horizon.backends.unadmitted import unadmitted
from horizon.backends.values import Cause
from horizon.core.clock import Micros
from horizon.core.errors import InvalidFilter
from horizon.core.record import RELATED, Record
from horizon.core.states import JobState

MANY = 1_000
CAUSE_WINDOW = 5_000
TALLIED = 2_000
"""Pieces of the list of failed jobs that are looked at to count those of causes: a million failures."""
PIECES = 250
"""Of them, in one call."""
LOOKS = 1_000
"""Sets of one cause and one piece, in one call: others want to be served in between."""


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
    link = store.link
    found = sum(int(number or 0) for number in link.call("MGET", link.key("v"), link.key("n")))  # a push gives a number, and that is enough
    if found < store.seen_version:
        store.forget()
    store.seen_version = found
    return found


# summaries ------------------------------------------------------------------------------------------


class Failed(NamedTuple):
    """Failed jobs that have the same to tell."""

    cause: bytes
    times: int
    newest: bytes
    last_at: bytes
    first_at: bytes
    span: int
    worker: bytes | None
    version: bytes | None
    name: bytes | None
    queue: int


def latest_failed(store: Store, since: Micros, each: Micros | None, most: int = CAUSE_WINDOW) -> Iterator[Failed]:
    """The latest that failed, newest first, at most so many of them; told apart by span, worker, version, class and queue where
    `each` says how long a span is."""
    left = most
    where: int | None = -1
    while left > 0 and where is not None:
        ask = {"since": since, "from": where, "limit": left, "each": each or False}
        rows, looked, where = store.run("failed", ask, safe=True)
        yield from (Failed(*row) for row in rows)
        left -= looked


def causes(store: Store, since: Micros, limit: int) -> list[Cause]:
    """See `Backend.causes`."""
    groups: dict[bytes, Failed] = {}
    for one in latest_failed(store, since, None):
        newer = groups.get(one.cause)
        groups[one.cause] = one if newer is None else newer._replace(times=newer.times + one.times, first_at=one.first_at)
    found = sorted(groups.values(), key=lambda one: (-one.times, -int(one.last_at), one.cause.decode()))[:limit]
    words = store.run("failed_words", [int(one.newest) for one in found], safe=True) if found else []
    return [_worded(one, *said) for one, said in zip(found, words, strict=True)]


def _worded(one: Failed, line: bytes | None, error: bytes | None) -> Cause:
    """The newest failure of a cause lends its words."""
    type, message = json.loads(error) if error else ("", "")
    return Cause(
        cause=one.cause.decode(),
        type=type,
        message=message,
        name=header.read(line).name if line else "",
        count=one.times,
        first_at=int(one.first_at),
        last_at=int(one.last_at),
    )


def spread_of(store: Store, since: Micros, until: Micros, spans: int) -> Mapping[str, Spread]:
    """See `Backend.spread`."""
    return spread((_seen(store, one) for one in latest_failed(store, since, max(1, (until - since) // spans))), spans)


def _seen(store: Store, one: Failed) -> Seen:
    worker, version, name = (text.decode() if text else None for text in (one.worker, one.version, one.name))
    return Seen(one.cause.decode(), one.span, worker, version, name, store.queues.of(one.queue), one.times)


def ahead(store: Store, record: Record) -> int | None:
    """See `Backend.ahead`."""
    found = store.run("ahead", {"n": record.n}, safe=True)
    return None if found is None else min(AHEAD, int(found))


def tally(store: Store, causes: Sequence[str]) -> Mapping[str, Tally]:
    """See `Backend.tally`. Counted piece by piece, the latest first, as far as TALLIED pieces."""
    counts = [0] * len(causes)
    latest: list[int | None] = [None] * len(causes)
    oldest: list[int | None] = [None] * len(causes)
    where: int | None = -1 if causes else None
    left = TALLIED
    while where is not None and left > 0:
        ask = {"causes": causes, "from": where, "pieces": min(left, PIECES), "looks": LOOKS}
        rows, looked, where = store.run("tally", ask, safe=True)
        for at, (count, high, low) in enumerate(rows):
            counts[at] += count
            latest[at], oldest[at] = high if latest[at] is None else latest[at], oldest[at] if low is None else low
        left -= looked
    there = [at for at, count in enumerate(counts) if count]
    ends = store.run("tally_ends", [[causes[at], latest[at], oldest[at]] for at in there], safe=True) if there else []
    return {
        causes[at]: Tally(count=counts[at], first_at=int(first), last_at=int(last), more=where is not None)
        for at, (first, last) in zip(there, ends, strict=True)
        if first is not None and last is not None
    }


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
