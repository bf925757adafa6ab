"""From what the stores said to what the dashboard shows. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from horizon.backends.values import SessionRecord
from horizon.core.clock import MINUTE, SECOND, Micros, now
from horizon.core.histogram import Histogram
from horizon.core.states import LIVE, JobState
from horizon.monitor.figures import INACTIVE, PAUSED, RUNNING, Minute, Overview, Processes, QueueFigures, Quiet, Silent
from horizon.monitor.health import Facts, Health, assess
from horizon.monitor.queues import queue_rows
from horizon.monitor.reading import Reading
from horizon.monitor.silence import quiet_ones
from horizon.monitor.targets import State
from horizon.monitor.window import EMPTY, MINUTES, Tally, minute_of
from horizon.monitor.workers import size_of

CAUSES = 8


def summarise(readings: Sequence[Reading], silent: Iterable[Silent] = ()) -> Overview:
    """The overview of every store that answered; `silent` are those that did not."""
    rows = [queue_rows(reading) for reading in readings]
    quiet = [
        one
        for reading, own in zip(readings, rows, strict=True)
        for one in quiet_ones(reading.workers, reading.connection, own, reading.now)
    ]
    queues = sorted((row for own in rows for row in own), key=lambda row: (-(row.oldest or 0.0), row.name))
    workers = [worker for reading in readings for worker in reading.workers]
    counts = dict.fromkeys(JobState, 0)
    for row in queues:
        for state, many in row.counts.items():
            counts[state] += many
    minutes = hour(readings, sum(counts[state] for state in LIVE))
    completed, failed = sum(minute.completed for minute in minutes), sum(minute.failed for minute in minutes)
    counts[JobState.FAILED] += sum(row.dead for row in queues)
    longest = next((row for row in queues if row.oldest), None)
    problems = [problem for worker in workers for problem in worker.report.problems]
    silent = list(silent)
    return Overview(
        at=max((reading.now for reading in readings), default=now()),
        status=status(queues, workers),
        health=_health(queues, workers, completed, failed, problems, silent, quiet),
        throughput_per_minute=round(sum(row.per_minute for row in queues), 1),
        jobs_past_hour=completed + failed,
        failed_past_hour=failed,
        failure_rate=failed / (completed + failed) if completed + failed else 0.0,
        longest_wait=(longest.oldest if longest else None) or 0.0,
        longest_queue=longest.name if longest else None,
        runtime_p95=_runtime(readings).percentile(95),
        processes=processes(workers, counts[JobState.PROCESSING]),
        counts=counts,
        queues=queues,
        minutes=minutes,
        causes=sorted((cause for reading in readings for cause in reading.causes), key=lambda cause: -cause.count)[:CAUSES],
        workers=workers,
        problems=list(dict.fromkeys(problems)),
        silent=silent,
        quiet=quiet,
        settled=sum(reading.settled for reading in readings),
        warnings=[*(one.plainly for one in silent), *(warning for reading in readings for warning in reading.warnings)],
    )


def hour(readings: Sequence[Reading], left: int = 0) -> list[Minute]:
    """The 60 minutes over all stores; clocks of stores may differ a little, so each counts from its own end. `left`: jobs that wait
    or run now."""
    last, minutes = minute_of(max((reading.now for reading in readings), default=now())), []
    for back in range(MINUTES):
        tallies = [reading.window.tallies.get(minute_of(reading.now) - back * MINUTE, EMPTY) for reading in readings]
        minutes.append(_minute(last - back * MINUTE, tallies, max(0, left)))
        left -= minutes[-1].entered - minutes[-1].completed - minutes[-1].failed
    return minutes[::-1]


def _minute(at: Micros, tallies: Sequence[Tally], waiting: int) -> Minute:
    one = tallies[0] if len(tallies) == 1 else Tally.together(tallies)
    completed, failed, entered = one.sums
    return Minute(
        at=at,
        completed=completed,
        failed=failed,
        entered=entered,
        waiting=waiting,
        runtime_p95=one.runtime_p95,
        busy=one.runtime.total / MINUTE,
    )


def status(queues: Sequence[QueueFigures], workers: Sequence[SessionRecord]) -> str:
    """One word for the whole."""
    if not workers:
        return INACTIVE
    used = [row for row in queues if not row.unknown]
    if all(worker.report.state == "paused" for worker in workers) or (used and all(row.paused for row in used)):
        return PAUSED
    return RUNNING


def processes(workers: Sequence[SessionRecord], processing: int) -> Processes:
    """Executors and slots that living workers announced. A slot is busy with at most one of the jobs being processed."""
    slots = sum(size_of(worker) * worker.info.concurrency for worker in workers)
    return Processes(running=sum(size_of(worker) for worker in workers), slots=slots, busy=min(processing, slots))


def _runtime(readings: Sequence[Reading]) -> Histogram:
    merged = Histogram()
    for reading in readings:
        merged.merge(reading.window.runtime())
    return merged


def _health(
    queues: Sequence[QueueFigures],
    workers: Sequence[SessionRecord],
    completed: int,
    failed: int,
    problems: Sequence[str],
    silent: Sequence[Silent],
    quiet: Sequence[Quiet],
) -> Health:
    open_ = [row for row in queues if not row.paused]
    longest = next((row for row in open_ if row.oldest), None)
    return assess(
        Facts(
            workers=len(workers),
            waiting=sum(row.count(JobState.PENDING) for row in open_),
            longest_wait=(longest.oldest if longest else None) or 0.0,
            longest_queue=longest.name if longest else None,
            ended=completed + failed,
            failed=failed,
            paused=[row.name for row in queues if row.paused and not row.unknown],
            unserved=[row.name for row in queues if row.unserved],
            problems=list(dict.fromkeys(problems)),
            silent=[one.connection for one in silent],
            quiet=[one.worker for one in quiet],
            burning=[
                (row.name, row.target.hour.share, row.target.target.share, row.target.target.within / SECOND)
                for row in open_
                if row.target is not None and row.target.state is State.BURNING
            ],
        )
    )
