"""What stands around a job when it runs, the outermost first:

0. of jobs that were debounced: whether it is the last one,
1. the middleware of the app (`HORIZON_MIDDLEWARE`),
2. how many run at a time: of its queue, of its class,
3. how often: of its queue, its own (`RateLimited`),
4. its own middleware.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from horizon.jobs import options
from horizon.jobs.ambient import RuntimeLike
from horizon.jobs.debounce import OnlyTheLast, key_of
from horizon.jobs.limited import RateLimited
from horizon.jobs.naming import stored_name
from horizon.jobs.routing import Limits
from horizon.jobs.shape import Shape


def around(job: Shape, runtime: RuntimeLike | None, queue: str | None, tags: tuple[str, ...] = ()) -> tuple[Any, ...]:
    """All of it; asked at each run, since a stack may have grown since it was set. `queue`: None where it runs outside of any."""
    if tags and (last := key_of(tags)) is not None:
        return (OnlyTheLast(last), *around(job, runtime, queue))
    own = job.middleware
    always = () if runtime is None else runtime.middleware
    of_queue = None if runtime is None or queue is None else runtime.routing.limits(queue)
    if of_queue is None and job.max_concurrent is None and not isinstance(job, RateLimited):
        limits: tuple[Any, ...] = ()
        if own is None and not always:
            return ()
    else:
        limits = (*_at_a_time(job, queue, of_queue), *_so_often(job, queue, of_queue))
    return (*always, *limits, *(() if own is None else options.middleware(own)))


def _at_a_time(job: Shape, queue: str | None, of_queue: Limits | None) -> Iterator[Any]:
    from horizon.middleware.without_overlapping import MaxConcurrent  # most jobs have no limit at all

    if of_queue is not None and of_queue.max_concurrent is not None:
        yield MaxConcurrent(of_queue.max_concurrent, name=f"queue {queue}")
    if job.max_concurrent is not None:
        yield MaxConcurrent(job.max_concurrent, name=stored_name(type(job)))


def _so_often(job: Shape, queue: str | None, of_queue: Limits | None) -> Iterator[Any]:
    from horizon.middleware.rate_limited import RateLimitedMiddleware

    if of_queue is not None and of_queue.rate is not None:
        yield RateLimitedMiddleware(of_queue.rate, name=f"queue {queue}")
    own = job.get_rate_limits() if isinstance(job, RateLimited) else ()
    if own:
        yield RateLimitedMiddleware(*own, name=stored_name(type(job)))


def begin(job: Shape) -> Any:
    """The innermost of all: the job itself. From here on it has run, and is not sent back as if it had not."""
    running = job._horizon.running
    if running is not None:
        running.begun = True
    return job.handle()
