"""Says in the log when a job starts and how it ended."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from horizon.core.clock import monotonic
from horizon.middleware.base import Middleware, Next


class LoggingMiddleware(Middleware):
    """Logs start, end and failure of each run to `logger` (default: `horizon.jobs.run`) at `level` (default: INFO)."""

    def __init__(self, logger: logging.Logger | str = "horizon.jobs.run", level: int = logging.INFO) -> None:
        self.logger = logging.getLogger(logger) if isinstance(logger, str) else logger
        self.level = level

    def handle(self, job: Any, next: Next) -> Any:
        start = self._started(job)
        try:
            result = next(job)
        except BaseException as error:
            self._failed(job, start, error)
            raise
        self._ended(job, start)
        return result

    async def ahandle(self, job: Any, next: Callable[[Any], Awaitable[Any]]) -> Any:
        start = self._started(job)
        try:
            result = await next(job)
        except BaseException as error:
            self._failed(job, start, error)
            raise
        self._ended(job, start)
        return result

    def _started(self, job: Any) -> float:
        self.logger.log(self.level, "%s started (try %d)", type(job).__name__, job.attempts)
        return monotonic()

    def _ended(self, job: Any, start: float) -> None:
        self.logger.log(self.level, "%s ended after %.3f s", type(job).__name__, monotonic() - start)

    def _failed(self, job: Any, start: float, error: BaseException) -> None:
        self.logger.log(
            max(self.level, logging.WARNING), "%s raised %s after %.3f s", type(job).__name__, type(error).__name__, monotonic() - start
        )
