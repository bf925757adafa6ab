"""What stands around a job when it runs, the outermost first:

1. the middleware of the app (`HORIZON_MIDDLEWARE`),
2. the limit of its queue,
3. its own limits (`RateLimited`),
4. its own middleware.
"""

from __future__ import annotations

from typing import Any

from horizon.jobs import options
from horizon.jobs.ambient import RuntimeLike
from horizon.jobs.limited import RateLimited
from horizon.jobs.naming import stored_name
from horizon.jobs.shape import Shape


def around(job: Shape, runtime: RuntimeLike | None, queue: str | None) -> tuple[Any, ...]:
    """All of it; asked at each run, since a stack may have grown since it was set. `queue`: None where it runs outside of any."""
    own = job.middleware
    always = () if runtime is None else runtime.middleware
    limit = None if runtime is None or queue is None else runtime.routing.limit(queue)
    if own is None and not always and limit is None and not isinstance(job, RateLimited):
        return ()
    return (*always, *_limits(job, queue, limit), *(() if own is None else options.middleware(own)))


def _limits(job: Shape, queue: str | None, limit: Any) -> tuple[Any, ...]:
    """One middleware for each limit that holds, a queue's before the job's own."""
    from horizon.middleware.rate_limited import RateLimitedMiddleware  # most jobs have none

    made = () if limit is None else (RateLimitedMiddleware(limit, name=f"queue {queue}"),)
    if not isinstance(job, RateLimited):
        return made
    own = job.get_rate_limits()
    return (*made, RateLimitedMiddleware(*own, name=stored_name(type(job)))) if own else made


def begin(job: Shape) -> Any:
    """The innermost of all: the job itself. From here on it has run, and is not sent back as if it had not."""
    running = job._horizon.running
    if running is not None:
        running.begun = True
    return job.handle()
