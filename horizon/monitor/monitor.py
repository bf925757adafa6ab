"""`JobMonitor`: the state of the whole in a few numbers."""

from __future__ import annotations

from collections.abc import Mapping

from horizon.core.states import JobState
from horizon.monitor.asking import backend_of, stores
from horizon.monitor.chosen import Choice
from horizon.monitor.metrics import span_of, total_of
from horizon.monitor.queue_stats import QueueStats, all_queues, queue_stats
from horizon.monitor.span import Since


class JobMonitor:
    """Numbers of the app that is meant: of the current app context, else of the only app there is.

    Nothing needs to be created: `JobMonitor.get_failed_jobs_count()`. Each call asks the stores anew.
    """

    @staticmethod
    def get_queue_stats(*, connection: str | None = None) -> Mapping[str, QueueStats]:
        """Every queue by name: jobs by state, the age of the oldest, its pace, and who serves it.

        Raises NoApp, BackendUnavailable, NotFound for a connection that does not exist.
        """
        return all_queues(stores(), connection)

    @staticmethod
    def get_failed_jobs_count(queue: str | None = None, *, connection: str | None = None) -> int:
        """How many jobs stand failed, of one queue or of all, as far as they are still stored (`HORIZON_KEEP_FAILED`).

        Raises NotFound for a queue that nobody knows, NoApp, BackendUnavailable.
        """
        return _count(JobState.FAILED, queue, connection)

    @staticmethod
    def get_pending_jobs_count(queue: str | None = None, *, connection: str | None = None) -> int:
        """How many jobs could start now, of one queue or of all; those that wait for their time or for others are not among them.

        Raises NotFound for a queue that nobody knows, NoApp, BackendUnavailable.
        """
        return _count(JobState.PENDING, queue, connection)

    @staticmethod
    def get_average_processing_time(*, since: Since = None, queue: str | None = None, connection: str | None = None) -> float | None:
        """Mean runtime of an attempt in seconds, of one queue or of all; None where none ran.

        `since`: an aware datetime, or how long ago (seconds or a timedelta); left out, the past 24 hours.
        Raises NotFound for a queue that nobody knows, NoApp, BackendUnavailable.
        """
        asked = stores()
        store = backend_of(asked, connection)
        if queue is not None:
            queue_stats(asked, queue, connection)
        now = store.now()
        return total_of(asked, span_of(asked, now, since), now, Choice(queue=queue), connection).runtime.mean


def _count(state: JobState, queue: str | None, connection: str | None) -> int:
    asked = stores()
    if queue is not None:
        return int(getattr(queue_stats(asked, queue, connection), state.value))
    return sum(row.counts.get(state, 0) for row in backend_of(asked, connection).numbers.counts())
