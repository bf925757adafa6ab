"""How one queue, or every queue, does right now: asked of the stores anew each time, from counters and the past minutes."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from horizon.backends.base import Backend
from horizon.backends.together.members import Members
from horizon.core.clock import MINUTE
from horizon.core.errors import NotFound
from horizon.core.states import JobState
from horizon.monitor.asking import Stores, backend_of
from horizon.monitor.figures import QueueFigures
from horizon.monitor.queues import PACE_MINUTES, queue_rows
from horizon.monitor.reading import Reading
from horizon.monitor.window import Window, minute_of


@dataclass(frozen=True, kw_only=True, slots=True)
class QueueStats:
    """One queue, over every connection that has it (or one, where one was named)."""

    name: str
    connections: tuple[str, ...]
    """Where it is; empty: nowhere yet."""
    scheduled: int = 0
    """Jobs that wait for their time."""
    blocked: int = 0
    """Jobs that wait for other jobs."""
    pending: int = 0
    """Jobs that could start now."""
    processing: int = 0
    """Jobs that run."""
    retrying: int = 0
    """Jobs that failed and wait for their next attempt."""
    completed: int = 0
    """Jobs that ended well, as far as they are still stored."""
    failed: int = 0
    """Jobs that failed for good, as far as they are still stored; dead letters are not among them."""
    dead: int = 0
    """Dead letters: jobs that failed for good so often that they were set aside."""
    cancelled: int = 0
    """Jobs that were cancelled, as far as they are still stored."""
    oldest_age: float | None = None
    """Seconds that the oldest pending job has waited; None where none waits."""
    in_per_minute: float = 0.0
    """Jobs that were pushed in the past minute."""
    jobs_per_minute: float = 0.0
    """Jobs that completed or failed for good in the past minute."""
    seconds_to_clear: float | None = 0.0
    """Until nothing is pending, at the pace of the past minutes; None where it does not get less."""
    paused: bool = False
    """No worker starts its jobs, on any connection."""
    workers: int = 0
    """Living ones that take from it."""
    slots: int = 0
    """Jobs that these can run at a time, whatever queue they are from."""

    @property
    def waiting(self) -> int:
        """Jobs that have yet to run, or to run again: pending, scheduled, blocked and retrying."""
        return self.pending + self.scheduled + self.blocked + self.retrying


def queue_stats(asked: Stores, name: str, connection: str | None = None) -> QueueStats:
    """One queue. Raises NotFound, with the nearest names, for one that no job, no worker and no code has named."""
    rows = read(asked, connection, name)
    if rows:
        return merged(name, rows)
    if name in queues_of_code(asked):
        return QueueStats(name=name, connections=())
    raise _unknown(name, {*(row.name for row in read(asked, connection)), *queues_of_code(asked)}, connection)


def all_queues(asked: Stores, connection: str | None = None) -> Mapping[str, QueueStats]:
    """Every queue that a job, a worker or a setting has named, by name."""
    found: dict[str, list[QueueFigures]] = {}
    for row in read(asked, connection):
        found.setdefault(row.name, []).append(row)
    return {name: merged(name, found[name]) for name in sorted(found)}


def read(asked: Stores, connection: str | None, queue: str | None = None) -> list[QueueFigures]:
    """A row for each queue on each connection; stores that are down are left out, unless all of them are."""
    if connection is not None:
        backend_of(asked, connection)
    names = asked.connections() if connection is None else (connection,)
    readings = Members(asked).all(lambda store: _reading(store, queue), names)
    return [row for reading in readings.values() for row in queue_rows(reading) if queue in (None, row.name)]


def _reading(store: Backend, queue: str | None) -> Reading:
    """What the figures of queues are made of; of the past only as much as tells the pace."""
    now = store.now()
    window = Window()
    window.take(store.numbers.samples(minute_of(now) - (PACE_MINUTES + 1) * MINUTE, queue=queue), now)
    return Reading(
        connection=store.name,
        now=now,
        counts=store.numbers.counts(),
        settings=store.queues.all(),
        oldest=store.oldest(None if queue is None else (queue,)),
        workers=[record for record in store.sessions.list(kind="worker") if record.alive],
        window=window,
    )


def merged(name: str, rows: Sequence[QueueFigures]) -> QueueStats:
    """A queue of the same name on several connections is one queue. Pure."""
    ages = [row.oldest for row in rows if row.oldest is not None]
    clear = [row.to_clear for row in rows]
    return QueueStats(
        name=name,
        connections=tuple(row.connection for row in rows),
        **{state.value: sum(row.count(state) for row in rows) for state in JobState},
        dead=sum(row.dead for row in rows),
        oldest_age=max(ages, default=None),
        in_per_minute=round(sum(row.in_per_minute for row in rows), 1),
        jobs_per_minute=round(sum(row.per_minute for row in rows), 1),
        seconds_to_clear=None if None in clear else max(seconds or 0.0 for seconds in clear),
        paused=all(row.paused for row in rows),
        workers=sum(row.workers for row in rows),
        slots=sum(row.slots for row in rows),
    )


def queues_of_code(asked: Stores) -> set[str]:
    """Queues that loaded classes and `define_queue` name."""
    said = (getattr(asked.registry.find(name), "queue", None) for name in asked.registry.names())
    return {*asked.routing.queues(), *(queue for queue in said if isinstance(queue, str))}


def _unknown(name: str, known: set[str], connection: str | None) -> NotFound:
    near = difflib.get_close_matches(name, sorted(known), 3)
    if near:
        hint = f"did you mean {' or '.join(near)}?"
    else:
        hint = f"there are: {', '.join(sorted(known)[:8])}" if known else "none was ever used; define_queue(name) makes one known"
    where = f" on the connection {connection}" if connection else ""
    return NotFound(f"no job, no worker and no code has named a queue {name[:80]!r}{where}; {hint}")
