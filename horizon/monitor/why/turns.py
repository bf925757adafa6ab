"""When a job's turn is about, and when workers took their last one. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from horizon.backends.base import AHEAD
from horizon.core.clock import MINUTE, SECOND, Micros
from horizon.monitor.figures import QueueFigures
from horizon.monitor.queues import PACE_MINUTES
from horizon.monitor.why.facts import Mark, Point
from horizon.monitor.workers import Worker


def turn(ahead: int, queue: QueueFigures | None) -> Point:
    """How many start before it, and at the pace of the queue in what time."""
    if not ahead:
        return Point(key="turn", mark=Mark.OK, text="It is the next of its queue.")
    before = f"At least {AHEAD:,} jobs start" if ahead >= AHEAD else "1 job starts" if ahead == 1 else f"{ahead:,} jobs start"
    lasts = takes(ahead, queue)
    if lasts is None:
        return Point(key="turn", mark=Mark.WAITS, text=f"{before} before it; none has ended lately, so nobody can say when its turn is.")
    return Point(
        key="turn", mark=Mark.WAITS, text=f"{before} before it; at the pace of the past minutes its turn is in about {spoken(lasts)}."
    )


def takes(ahead: int, queue: QueueFigures | None) -> Micros | None:
    """How long so many jobs take at the pace of the past minutes; None where none has ended."""
    if queue is None:
        return None
    lately = list(queue.ended[-PACE_MINUTES:])
    pace = max(queue.per_minute, sum(lately) / len(lately) if lately else 0.0)
    return round(ahead / pace * MINUTE) if pace > 0 else None


def last_taken(workers: Sequence[Worker]) -> Micros | None:
    """When one of them took a job last, as far as they say."""
    said = [running.since for one in workers for executor in one.executors for running in executor.running if running.since is not None]
    said += [executor.last.since for one in workers for executor in one.executors if executor.last and executor.last.since is not None]
    return max(said, default=None)


def spoken(micros: Micros) -> str:
    """A duration, roughly: 40 s, 12 min, 3 h, 2 d."""
    seconds = max(1, round(micros / SECOND))
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{round(seconds / size):,} {unit}"
    return f"{seconds} s"
