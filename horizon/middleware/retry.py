"""Says when a failed job comes again, and after what it does not, whatever the job's own backoff says."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from random import random
from typing import Any

from horizon.core import backoff as backoffs
from horizon.core.backoff import BackoffSpec
from horizon.core.clock import SECOND
from horizon.core.errors import InvalidOption
from horizon.middleware.base import Middleware, Next
from horizon.middleware.kinds import kinds
from horizon.middleware.sending_back import running_of


class RetryMiddleware(Middleware):
    """`backoff`: seconds, a list, a strategy such as `Exponential(...)`, or a callable of (attempt, exception) that answers
    seconds; None from a callable means: no further try. `by_exception`: exception class to backoff, the first that fits wins
    over `backoff`. `max_tries`: no more than so many, where the job itself allows more. `on`: other exceptions are left to the job.
    """

    def __init__(
        self,
        backoff: BackoffSpec | None = None,
        *,
        by_exception: Mapping[type[BaseException], BackoffSpec] | None = None,
        max_tries: int | None = None,
        on: type[Exception] | tuple[type[Exception], ...] = Exception,
    ) -> None:
        if max_tries is not None and (isinstance(max_tries, bool) or not isinstance(max_tries, int) or max_tries < 1):
            raise InvalidOption(f"max_tries of RetryMiddleware is a whole number from 1; got {max_tries!r}")
        kinds(on, "on of RetryMiddleware")
        for kind in by_exception or {}:
            kinds(kind, "a key of by_exception of RetryMiddleware")
        self.by_exception = {kind: _checked(given) for kind, given in (by_exception or {}).items()}
        self.backoff = None if backoff is None else _checked(backoff)
        self.max_tries = max_tries
        self.on = on

    def handle(self, job: Any, next: Next) -> Any:
        try:
            return next(job)
        except self.on as error:
            self._decide(job, error)
            raise

    async def ahandle(self, job: Any, next: Callable[[Any], Awaitable[Any]]) -> Any:
        try:
            return await next(job)
        except self.on as error:
            self._decide(job, error)
            raise

    def _decide(self, job: Any, error: Exception) -> None:
        running = running_of(job)
        if self.max_tries is not None and running.attempt >= self.max_tries:
            job.fail(error)
            return
        wanted = next((given for kind, given in self.by_exception.items() if isinstance(error, kind)), self.backoff)
        if wanted is None:
            return
        answer = wanted(running.attempt, error) if callable(wanted) else wanted
        if answer is None:
            job.fail(error)
        else:
            running.again_after = round(backoffs.delay(backoffs.check(answer), running.attempt, random()) * SECOND)


def _checked(given: BackoffSpec) -> BackoffSpec:
    return given if callable(given) else backoffs.check(given)
