"""What stands around a job when it runs, the outermost first:

0. of jobs that were debounced: whether it is the last one; of those with an idempotency key: whether that took effect already,
1. the middleware of the app (`HORIZON_MIDDLEWARE`),
2. its own middleware.

Limits are not among it: the store hands out no job for which there is no room.
"""

from __future__ import annotations

from typing import Any

from horizon.jobs import idempotent, options
from horizon.jobs.ambient import RuntimeLike
from horizon.jobs.debounce import OnlyTheLast, key_of
from horizon.jobs.shape import Shape


def around(job: Shape, runtime: RuntimeLike | None, tags: tuple[str, ...] = ()) -> tuple[Any, ...]:
    """All of it; asked at each run, since a stack may have grown since it was set."""
    if tags and (last := key_of(tags)) is not None:
        return (OnlyTheLast(last), *around(job, runtime, tuple(tag for tag in tags if tag != last)))
    if tags and (key := idempotent.key_of(tags)) is not None:
        return (idempotent.OncePerKey(key), *around(job, runtime))
    own = job.middleware
    always = () if runtime is None else runtime.middleware
    if own is None and not always:
        return ()
    return (*always, *(() if own is None else options.middleware(own)))


def begin(job: Shape) -> Any:
    """The innermost of all: the job itself. From here on it has run, and is not sent back as if it had not."""
    running = job._horizon.running
    if running is not None:
        running.begun = True
    return job.handle()
