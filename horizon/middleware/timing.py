"""Warns of jobs that take longer than they should, and can hand every duration to a callback."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from horizon.core.clock import monotonic
from horizon.middleware.base import Middleware, Next

Report = Callable[[Any, float], object]


class TimingMiddleware(Middleware):
    """Measures `handle()`, the middleware inside this one included.

    `slow`: log a warning from this many seconds on (None: never). `report`: called with the job and the seconds.
    """

    def __init__(self, slow: float | None = None, report: Report | None = None) -> None:
        self.slow = slow
        self.report = report

    def handle(self, job: Any, next: Next) -> Any:
        start = monotonic()
        try:
            return next(job)
        finally:
            self._took(job, monotonic() - start)

    async def ahandle(self, job: Any, next: Callable[[Any], Awaitable[Any]]) -> Any:
        start = monotonic()
        try:
            return await next(job)
        finally:
            self._took(job, monotonic() - start)

    def _took(self, job: Any, seconds: float) -> None:
        logger = logging.getLogger("horizon.jobs.timing")
        if self.slow is not None and seconds >= self.slow:
            logger.warning("%s took %.3f s, which is more than %g s", type(job).__name__, seconds, self.slow)
        if self.report is not None:
            try:
                self.report(job, seconds)
            except Exception:
                logger.exception("the report callback of TimingMiddleware raised; the job is not touched by it")
