"""`QueueManager`: a queue's figures, and how many of its jobs may run in a stretch of time."""

from __future__ import annotations

from datetime import timedelta

from horizon.core.limit import RateLimit, check_number
from horizon.jobs.routing import PROCESS
from horizon.monitor.asking import stores
from horizon.monitor.queue_stats import QueueStats, queue_stats


class QueueManager:
    """Nothing needs to be created: `QueueManager.get_stats("emails").pending`."""

    @staticmethod
    def get_stats(queue: str, *, connection: str | None = None) -> QueueStats:
        """How a queue does now; the same as `JobMetrics.get_queue_stats`. Raises NotFound, NoApp, BackendUnavailable."""
        return queue_stats(stores(), queue, connection)

    @staticmethod
    def rate_limit(queue: str, max_jobs: int, per_seconds: float | timedelta, *, strategy: str = "sliding") -> None:
        """Let no more than `max_jobs` of a queue's jobs run in `per_seconds`, over all workers of a store; the others wait, and lose no
        try. Belongs beside `define_queue`, where every worker comes by: it holds in each process that has said it.

        Raises InvalidOption.
        """
        check_number(max_jobs, "max_jobs of a rate limit")
        PROCESS.limit_queue(queue, RateLimit(max_jobs, per_seconds, strategy=strategy))
