"""What became of the jobs of workers that were lost: those that their last report named, asked for once for all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from horizon.core.record import Record
from horizon.monitor.workers import LOST, Worker
from horizon.web.pages import frame
from horizon.web.pages.workers import names

MOST = 50
"""Jobs of one worker that are asked for."""
SHOWN = 20
"""Of these, jobs that its own page lists."""


def jobs_held(worker: Worker) -> list[str]:
    """Ids of the jobs that ran there when it was last heard of."""
    return [run.job for executor in worker.executors for run in executor.running][:MOST]


def jobs(lost: Iterable[Worker]) -> dict[str, Record]:
    """Their jobs as they are now, by id, as far as they are still kept."""
    wanted: dict[str, list[str]] = {}
    for worker in lost:
        if worker.state == LOST:
            wanted.setdefault(worker.connection, []).extend(jobs_held(worker))
    stores, found = frame.stores(), {}
    for connection, ids in wanted.items():
        found.update(names(stores.backend(connection), ids))
    return found


def lately(worker: Worker) -> dict[str, Record]:
    """The jobs that it began lately as they are now, by id, as far as they are still kept."""
    ids = [run.job for run in worker.lately]
    return names(frame.stores().backend(worker.connection), ids)


def fates(lost: Sequence[Worker], known: Mapping[str, Record]) -> dict[str, list[tuple[str, int]]]:
    """By worker how many of its jobs are in which state now, the most frequent first. Pure."""
    told = {}
    for worker in lost:
        if worker.state == LOST and jobs_held(worker):
            states = Counter(str(known[id].state) if id in known else "no longer kept" for id in jobs_held(worker))
            told[worker.id] = states.most_common()
    return told
