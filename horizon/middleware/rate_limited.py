"""Runs jobs only so often, counted over all workers of a store."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from horizon.backends.base import Backend
from horizon.core.clock import SECOND, Micros, now
from horizon.core.errors import InvalidOption
from horizon.core.limit import RateLimit
from horizon.middleware.base import Middleware, Next
from horizon.middleware.pieces import pieces_of
from horizon.middleware.refusals import refusals_of
from horizon.middleware.sending_back import come_back, name_of, store_of, was_sent_back

COUNTED = ("sliding", "fixed")
"""Strategies that a meter of the store can do."""


class RateLimitedMiddleware(Middleware):
    """The job runs if every limit has room, and takes its place in each; otherwise in none, and it comes back when there is
    room again, without the loss of a try.

    `name`: limits of this name are shared by all jobs that carry it; left out, each class has its own.
    """

    def __init__(self, *limits: RateLimit, name: str | None = None) -> None:
        if not limits or not all(isinstance(limit, RateLimit) for limit in limits):
            raise TypeError(f"RateLimitedMiddleware takes limits, such as RateLimit(max_attempts=10, per_seconds=60); got {limits!r}")
        if any(limit.strategy not in COUNTED for limit in limits):
            raise InvalidOption(
                f"RateLimitedMiddleware counts {' and '.join(COUNTED)} limits; others go with RateLimited and get_rate_limits()"
            )
        self.limits = limits
        self.name = name

    def handle(self, job: Any, next: Next) -> Any:
        taken = self._take(job)
        if taken is None:
            return None
        result = next(job)
        self._unused(job, taken)
        return result

    async def ahandle(self, job: Any, next: Callable[[Any], Awaitable[Any]]) -> Any:
        taken = self._take(job)
        if taken is None:
            return None
        result = await next(job)
        self._unused(job, taken)
        return result

    def _take(self, job: Any) -> list[str] | None:
        """A place in each limit; None where one has none, and the job was sent back."""
        store, taken = store_of(job), list[str]()
        for limit in self.limits:
            key = self._key(job, limit)
            wait = _no_room(store, key, limit)
            if wait is not None:
                _give_back(store, taken)
                come_back(job, wait / SECOND, f"waits for its limit: {limit}")
                return None
            taken.append(key)
        return taken

    def _unused(self, job: Any, taken: list[str]) -> None:
        """Give up the places of a job that something further inside has sent back."""
        if was_sent_back(job):
            _give_back(store_of(job), taken)

    def _key(self, job: Any, limit: RateLimit) -> str:
        window = f" window {now() // limit.per}" if limit.strategy == "fixed" else ""
        return limit.meter(self.name or name_of(job)) + window


def _no_room(store: Backend, key: str, limit: RateLimit) -> Micros | None:
    """How long a job has to wait for a place; None where it has taken one."""
    refusals = refusals_of(store)
    wait = refusals.wait(key, limit)
    if wait is not None:
        return wait
    wait = pieces_of(store).take(store, key, limit)
    if wait is not None:
        wait = limit.per - now() % limit.per if limit.strategy == "fixed" else wait
        refusals.note(key, wait)
    return wait


def _give_back(store: Backend, keys: list[str]) -> None:
    for key in keys:
        pieces_of(store).give_back(store, key)
        refusals_of(store).forget(key)
