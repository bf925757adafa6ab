"""Slows jobs down: so many runs in a stretch of time, or a pause after so many failures."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from horizon.core.clock import SECOND
from horizon.core.limit import RateLimit, check_number, check_stretch
from horizon.middleware.base import Middleware, Next
from horizon.middleware.kinds import kinds
from horizon.middleware.rate_limited import RateLimitedMiddleware
from horizon.middleware.sending_back import come_back, left, name_of, store_of

Kinds = type[Exception] | tuple[type[Exception], ...]


class ThrottleMiddleware(RateLimitedMiddleware):
    """At most `max_attempts` runs in `per_seconds`, over all workers; the next one comes back when there is room.

    `ThrottleMiddleware.on_exceptions(...)` counts failures instead of runs.
    """

    def __init__(self, max_attempts: int = 10, per_seconds: float = 60, *, key: str | None = None, name: str | None = None) -> None:
        super().__init__(RateLimit(max_attempts, per_seconds, key), name=name)

    @staticmethod
    def on_exceptions(
        max_failures: int = 10,
        per_seconds: float = 60,
        *,
        pause: float | None = None,
        exceptions: Kinds = Exception,
        name: str | None = None,
    ) -> ThrottleExceptions:
        """After so many failures within `per_seconds`, none of these jobs starts for `pause` seconds (left out: as long)."""
        return ThrottleExceptions(max_failures, per_seconds, pause=pause, exceptions=exceptions, name=name)


class ThrottleExceptions(Middleware):
    """See `ThrottleMiddleware.on_exceptions`. Jobs that wait for the end of the pause lose no try; a failed run is one, as ever."""

    def __init__(
        self, max_failures: int, per_seconds: float, *, pause: float | None = None, exceptions: Kinds = Exception, name: str | None = None
    ) -> None:
        check_number(max_failures, "max_failures of on_exceptions")
        check_stretch(
            per_seconds if pause is None else pause, "per_seconds of on_exceptions" if pause is None else "pause of on_exceptions"
        )
        kinds(exceptions, "exceptions of on_exceptions")
        self.limit = RateLimit(max_failures, per_seconds)
        self.pause = RateLimit(1, per_seconds if pause is None else pause).per
        self.exceptions = exceptions
        self.name = name

    def handle(self, job: Any, next: Next) -> Any:
        if self._paused(job):
            return None
        try:
            return next(job)
        except self.exceptions:
            self._count(job)
            raise

    async def ahandle(self, job: Any, next: Callable[[Any], Awaitable[Any]]) -> Any:
        if self._paused(job):
            return None
        try:
            return await next(job)
        except self.exceptions:
            self._count(job)
            raise

    def _paused(self, job: Any) -> bool:
        store = store_of(job)
        pause = store.locks.read(self._key(job))
        if pause is None:
            return False
        come_back(job, left(store, pause.expires_at), f"waits for the end of a pause after {self.limit.max_attempts} failures")
        return True

    def _count(self, job: Any) -> None:
        """The last failure that is too many finds no room in the meter, and begins the pause."""
        store, key = store_of(job), self._key(job)
        if not store.meters.take(f"{key} {self.limit.per}", self.limit.max_attempts - 1, self.limit.per).granted:
            store.locks.acquire(key, "pause", self.pause)

    def _key(self, job: Any) -> str:
        return f"throttle {self.name or name_of(job)} {self.limit.max_attempts}/{self.limit.per // SECOND}"
