"""What stands around `handle()`: each middleware may act before and after, change the result, or not call on at all."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

Next = Callable[[Any], Any]
"""The rest of the way to `handle()`; given the job, returns what handle returned (of an async job: an awaitable of it)."""


class Middleware:
    """Override `handle`; for work after an async job's end also `ahandle`.

    `return next(job)` goes on; returning without it skips the job, which then completes with what was returned.
    """

    def handle(self, job: Any, next: Next) -> Any:
        """Around a job's run."""
        return next(job)

    async def ahandle(self, job: Any, next: Callable[[Any], Awaitable[Any]]) -> Any:
        """Around an async job's run; unless overridden, `handle` is used, with an awaitable for the result."""
        result = self.handle(job, next)
        return await result if inspect.isawaitable(result) else result


class MiddlewareStack:
    """A list of middleware, outermost first: `self.middleware = MiddlewareStack(); self.middleware.add(LoggingMiddleware())`."""

    def __init__(self, middleware: Iterable[Any] = ()) -> None:
        self._items: list[Any] = []
        for one in middleware:
            self.add(one)

    def add(self, middleware: Any) -> MiddlewareStack:
        """Put one more inside those there are: a `Middleware`, anything with handle(job, next), or a callable of the two."""
        if isinstance(middleware, type) or not (callable(middleware) or callable(getattr(middleware, "handle", None))):
            raise TypeError(f"a middleware is an object with handle(job, next), or a callable of the two; got {middleware!r}")
        self._items.append(middleware)
        return self

    def __iter__(self) -> Iterator[Any]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __repr__(self) -> str:
        return f"MiddlewareStack({self._items!r})"


def run_through(stack: Sequence[Any], job: Any, last: Next) -> Any:
    """Call `last(job)` through the middleware."""
    call = last
    for one in reversed(stack):
        call = partial(_enter, one, call)
    return call(job)


def _enter(middleware: Any, call: Next, job: Any) -> Any:
    handle = getattr(middleware, "handle", None)
    return handle(job, call) if handle is not None else middleware(job, call)


async def arun_through(stack: Sequence[Any], job: Any, last: Callable[[Any], Awaitable[Any]]) -> Any:
    """The same for an async job."""
    call = last
    for one in reversed(stack):
        call = partial(_aenter, one, call)
    return await call(job)


async def _aenter(middleware: Any, call: Callable[[Any], Awaitable[Any]], job: Any) -> Any:
    ahandle = getattr(middleware, "ahandle", None)
    if ahandle is not None:
        return await ahandle(job, call)
    result = _enter(middleware, call, job)
    return await result if inspect.isawaitable(result) else result
