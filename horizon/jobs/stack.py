"""What stands around a job when it runs, the outermost first:

0. of jobs that were debounced: whether it is the last one; of those with an idempotency key: whether that took effect already,
1. the middleware of the app (`HORIZON_MIDDLEWARE`),
2. in stores that do not park jobs: how many run at a time, how often,
3. its own middleware.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from horizon.core.limit import ConcurrencyLimit
from horizon.jobs import idempotent, options
from horizon.jobs.ambient import RuntimeLike
from horizon.jobs.debounce import OnlyTheLast, key_of
from horizon.jobs.limited import RateLimited
from horizon.jobs.naming import stored_name
from horizon.jobs.parking import parks
from horizon.jobs.shape import Shape


def around(job: Shape, runtime: RuntimeLike | None, queue: str | None, tags: tuple[str, ...] = ()) -> tuple[Any, ...]:
    """All of it; asked at each run, since a stack may have grown since it was set. `queue`: None where it runs outside of any."""
    if tags and (last := key_of(tags)) is not None:
        return (OnlyTheLast(last), *around(job, runtime, queue, tuple(tag for tag in tags if tag != last)))
    if tags and (key := idempotent.key_of(tags)) is not None:
        return (idempotent.OncePerKey(key), *around(job, runtime, queue))
    own = job.middleware
    always = () if runtime is None else runtime.middleware
    limits = () if runtime is None or queue is None else tuple(_limits(job, runtime, queue))
    if own is None and not always:
        return limits
    return (*always, *limits, *(() if own is None else options.middleware(own)))


def _limits(job: Shape, runtime: RuntimeLike, queue: str) -> Iterator[Any]:
    """What a store that parks jobs has seen to before they came here."""
    rate, said = runtime.routing.limit(queue), runtime.routing.queue(queue)
    most = None if said is None else said.max_concurrent
    if rate is None and most is None and job.max_concurrent is None and not isinstance(job, RateLimited):
        return
    running = job._horizon.running
    if running is None or parks(runtime.backend(running.connection)):
        return
    from horizon.middleware.rate_limited import RateLimitedMiddleware
    from horizon.middleware.without_overlapping import MaxConcurrent

    if most is not None:
        yield MaxConcurrent(most, name=f"queue {queue}")
    if job.max_concurrent is not None:
        yield MaxConcurrent(job.max_concurrent, name=stored_name(type(job)))
    if rate is not None:
        yield RateLimitedMiddleware(rate, name=f"queue {queue}")
    own = job.get_rate_limits() if isinstance(job, RateLimited) else ()
    for limit in own:
        if isinstance(limit, ConcurrencyLimit):
            yield MaxConcurrent(limit.max, limit.key, name=stored_name(type(job)))
    if rates := [limit for limit in own if not isinstance(limit, ConcurrencyLimit)]:
        yield RateLimitedMiddleware(*rates, name=stored_name(type(job)))


def begin(job: Shape) -> Any:
    """The innermost of all: the job itself. From here on it has run, and is not sent back as if it had not."""
    running = job._horizon.running
    if running is not None:
        running.begun = True
    return job.handle()
