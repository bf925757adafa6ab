"""Every queue as the dashboard shows it: depth, pace, who serves it, when it will be empty. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from horizon.backends.values import QueueSettings, SessionRecord
from horizon.core import dead
from horizon.core.clock import SECOND, Micros
from horizon.core.lanes import is_lane
from horizon.core.states import LIVE, JobState
from horizon.monitor.figures import QueueFigures
from horizon.monitor.reading import Reading
from horizon.monitor.targets import of_queue
from horizon.monitor.window import MINUTES, Window, rate
from horizon.monitor.workers import size_of

NONE = (0,) * MINUTES
"""Minutes in which nothing happened."""
NOBODY: Mapping[JobState, int] = dict.fromkeys(JobState, 0)
PACE_MINUTES = 5
"""The pace of a queue is that of so many minutes, or of the past one where that was faster: a worker may just have begun."""


def queue_rows(reading: Reading) -> list[QueueFigures]:
    """One row for every queue that the store or a living worker has named, by name."""
    counts = {queue.queue: queue.counts for queue in reading.counts}
    settings = {queue.name: queue for queue in reading.settings}
    listed = {name for worker in reading.workers for name in worker.info.queues}
    set_aside = {dead.own(name) for name in counts if dead.is_dead(name) and any(counts[name].values())}
    known = {name for name in {*counts, *settings, *reading.oldest, *listed} if not dead.is_dead(name)}
    names = sorted(name for name in {*known, *set_aside} if not _is_empty_lane(name, counts))
    flows = flows_of(reading.window, names, reading.now)
    return [_row(reading, name, counts, settings.get(name) or QueueSettings(name=name), flows[name]) for name in names]


def _is_empty_lane(name: str, counts: Mapping[str, Mapping[JobState, int]]) -> bool:
    """A lane in which nothing is on its way any more is no queue that anybody should see."""
    return is_lane(name) and not any(counts.get(name, {}).get(state) for state in LIVE)


def _row(
    reading: Reading, name: str, all_counts: Mapping[str, Mapping[JobState, int]], settings: QueueSettings, flow: Flow
) -> QueueFigures:
    counts, letters = all_counts.get(name, {}), all_counts.get(dead.letters(name), {}).get(JobState.FAILED, 0)
    since, paused = reading.oldest.get(name), is_paused(settings, reading.now) or is_lane(name)
    serving = [worker for worker in reading.workers if serves(worker, name)]
    later = sum(counts.get(state, 0) for state in (JobState.SCHEDULED, JobState.BLOCKED))
    to_clear = time_to_clear(counts.get(JobState.PENDING, 0), later, flow, reading.now, paused)
    return QueueFigures(
        name=name,
        connection=reading.connection,
        counts={**NOBODY, **counts},
        dead=letters,
        oldest=None if since is None else max(0, reading.now - since) / SECOND,
        per_minute=flow.out_per_minute,
        ended=flow.ended,
        in_per_minute=flow.in_per_minute,
        entered=flow.entered,
        paused=paused,
        paused_until=settings.paused_until if paused else None,
        paused_reason=settings.paused_reason if paused else None,
        unserved=since is not None and not paused and not serving,
        workers=len(serving),
        slots=sum(size_of(worker) * worker.info.concurrency for worker in serving),
        to_clear=to_clear,
        stuck=to_clear is None and counts.get(JobState.PENDING, 0) > 0,
        settings=settings,
        target=of_queue(settings, reading.waits, oldest=None if since is None or paused else max(0, reading.now - since) / SECOND),
        unknown=not settings.defined
        and not letters
        and not any(counts.values())
        and not any(name in worker.info.queues for worker in serving),
    )


def is_paused(settings: QueueSettings, at: Micros) -> bool:
    """Whether the pause still holds."""
    return settings.paused and (settings.paused_until is None or settings.paused_until > at)


def serves(worker: SessionRecord, queue: str) -> bool:
    """Whether a worker takes from this queue: it lists it, or takes from all."""
    return not worker.info.queues or queue in worker.info.queues


@dataclass(frozen=True, kw_only=True, slots=True)
class Flow:
    """What came to a queue and what ended, in each of the past 60 minutes and in the past one."""

    entered: Sequence[int]
    """Pushed."""
    ended: Sequence[int]
    """Completed or failed for good."""
    in_per_minute: float
    out_per_minute: float


def flows_of(window: Window, queues: Sequence[str], at: Micros) -> Mapping[str, Flow]:
    """The flow of each queue, oldest minute first; the last one is still going on."""
    pushed, ended = window.flows(at)
    return {queue: _flow(pushed.get(queue, NONE), ended.get(queue, NONE), at) for queue in queues}


def _flow(entered: Sequence[int], ended: Sequence[int], at: Micros) -> Flow:
    return Flow(
        entered=entered,
        ended=ended,
        in_per_minute=round(rate(entered[-2], entered[-1], at), 1),
        out_per_minute=round(rate(ended[-2], ended[-1], at), 1),
    )


def pace(per_minute: Sequence[int], at: Micros, minutes: int) -> float:
    """Jobs per minute over so many past minutes."""
    whole = sum(per_minute[-minutes:-1])
    return (whole + rate(per_minute[-minutes - 1], per_minute[-1], at)) / minutes


def time_to_clear(pending: int, later: int, flow: Flow, at: Micros, paused: bool) -> float | None:
    """Seconds until what waits has ended at the pace of the past minutes; None where it does not get less.

    A queue that holds less than one minute's work keeps up, whatever comes in; beyond that, what comes in counts against
    what ends. Those that may have come only to wait (`later`: scheduled or blocked now) do not count as coming in.
    """
    if not pending:
        return 0.0
    span = max((PACE_MINUTES, 1), key=lambda minutes: pace(flow.ended, at, minutes))
    out = pace(flow.ended, at, span)
    net = out - max(0.0, pace(flow.entered, at, span) - later / span)
    if paused or not out:
        return None
    if pending <= out:
        return pending / out * 60
    return pending / net * 60 if net > 0 else None
