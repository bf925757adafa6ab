"""Fails a job for good at exceptions that another try would not mend."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from horizon.middleware.base import Middleware, Next


class FailOnException(Middleware):
    """Where `handle()` raises one of `exceptions`, or one for which a callable given instead is true, no try follows."""

    def __init__(
        self, exceptions: type[Exception] | tuple[type[Exception], ...] | list[type[Exception]] | Callable[[Exception], object]
    ) -> None:
        self.exceptions = exceptions

    def handle(self, job: Any, next: Next) -> Any:
        try:
            return next(job)
        except Exception as error:
            self._look(job, error)
            raise

    async def ahandle(self, job: Any, next: Callable[[Any], Awaitable[Any]]) -> Any:
        try:
            return await next(job)
        except Exception as error:
            self._look(job, error)
            raise

    def _look(self, job: Any, error: Exception) -> None:
        wanted = self.exceptions
        if isinstance(wanted, (list, tuple)):
            hit: object = isinstance(error, tuple(wanted))
        elif isinstance(wanted, type):
            hit = isinstance(error, wanted)
        else:
            hit = wanted(error)
        if hit:
            job.fail(error)
