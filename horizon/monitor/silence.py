"""Workers that live and do not do what they are there for: nothing is heard of them, or they take nothing. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from horizon.backends.values import SessionRecord
from horizon.core.clock import MINUTE, SECOND, Micros
from horizon.core.states import JobState
from horizon.monitor.figures import IDLE, LATE, QueueFigures, Quiet
from horizon.monitor.workers import Worker, worker

LATE_AFTER = 2 / 3
"""A heartbeat comes every third of the lease. After this part of it two are missing, and its executors start nothing any more."""
IDLE_AFTER: Micros = MINUTE
"""So long may a worker take nothing, and a job of its queues wait."""


def quiet_ones(sessions: Sequence[SessionRecord], connection: str, queues: Sequence[QueueFigures], now: Micros) -> Iterator[Quiet]:
    """Of the living workers of one connection those that are silent; `queues` are those of that connection."""
    waiting = [row for row in queues if _waits(row)]
    for session in sessions:
        found = quiet(worker(session, connection), waiting, now)
        if found is not None:
            yield found


def quiet(one: Worker, queues: Sequence[QueueFigures], now: Micros) -> Quiet | None:
    """What is odd about a living worker, None where nothing is."""
    session = one.session
    if not session.alive:
        return None
    if now - session.renewed_at > (session.expires_at - session.renewed_at) * LATE_AFTER:
        return Quiet(session=session, kind=LATE, since=session.renewed_at)
    return _idle(one, queues)


def _idle(one: Worker, queues: Sequence[QueueFigures]) -> Quiet | None:
    """As of its last report: jobs wait that it could run, it has room, and it takes none."""
    session, since = one.session, _taken(one)
    if one.state != "running" or since is None or session.renewed_at - since < IDLE_AFTER or not _has_room(one):
        return None
    missed = [row for row in queues if _waits(row) and (not session.info.queues or row.name in session.info.queues)]
    if not missed:
        return None
    oldest = max(missed, key=lambda row: row.oldest or 0.0)
    return Quiet(session=session, kind=IDLE, since=since, queue=oldest.name, waiting=sum(row.count(JobState.PENDING) for row in missed))


def _waits(row: QueueFigures) -> bool:
    return not row.paused and not row.lane and (row.oldest or 0.0) * SECOND > IDLE_AFTER and row.count(JobState.PENDING) > 0


def _taken(one: Worker) -> Micros | None:
    """When it took a job last, or could have begun to; None where its executors do not say (they are of an older version)."""
    said = [
        at for executor in one.executors for at in (executor.started_at, executor.last.since if executor.last else None) if at is not None
    ]
    return max(said, default=None)


def _has_room(one: Worker) -> bool:
    """Whether a slot is free that any job may have: what is kept for urgent ones does not count."""
    return one.places - one.busy > len(one.reserve) and any(executor.phase == "ready" for executor in one.executors)
