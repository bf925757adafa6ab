"""Running a job here and now: `dispatch_now`, plain calls of `@job` functions, jobs after the response."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from horizon.core import current
from horizon.core.errors import HorizonError, NotNow
from horizon.core.ids import uuid7
from horizon.core.outcome import Kind
from horizon.jobs.ambient import RuntimeLike
from horizon.jobs.context import JOB, RUNNING
from horizon.jobs.handling import Handling
from horizon.jobs.plan import plan_of
from horizon.jobs.running import Running
from horizon.jobs.shape import Shape
from horizon.jobs.stack import around, begin
from horizon.middleware.base import arun_through, run_through


def run_here(job: Shape) -> Any:
    """Run a job once, through its middleware; what handle() returns. Its exception passes, after `failed()` was called."""
    if job._horizon.guard is not None:
        _permitted(job)
    with inside(job) as running:
        try:
            value = _call(job)
            if running.decided is not None and running.decided.kind is Kind.FAILED:
                raise running.decided.error or HorizonError("the job failed itself")
        except Exception as error:
            _tell(job, error)
            raise
        if running.decided is not None and running.decided.kind is Kind.RETURNED:
            raise NotNow(f"{job!r} cannot run here and now: it {running.decided.reason}; dispatch it, and it waits for that by itself")
        return value


def _permitted(job: Shape) -> None:
    """Raise PermissionDenied, which the audit log keeps, unless its user may have it run."""
    from horizon.jobs import permits  # for the few jobs that ask for permissions
    from horizon.jobs.ambient import runtime

    here, said = runtime(), job._horizon.said
    user = (said.user if said is not None else None) or permits.user_here(here.settings)
    permits.at_dispatch(job, user, plan_of(type(job)).name, here, here.default)


@contextmanager
def inside(job: Shape) -> Iterator[Running]:
    """Within the block the job is the current one, on its first and only try."""
    running = job._horizon.running = Running(uuid7(), 1)
    tokens = JOB.set(job), RUNNING.set(running)
    try:
        yield running
    finally:
        RUNNING.reset(tokens[1])
        JOB.reset(tokens[0])
        running.closed = True
        job._horizon.running = None


def _call(job: Shape) -> Any:
    # whose app's middleware it would be may be unclear (no app, or several and no context): then it is nobody's
    stack = around(job, cast(RuntimeLike | None, current.clear()))
    if plan_of(type(job)).is_async:
        return _wait_for(arun_through(stack, job, begin))
    return run_through(stack, job, begin) if stack else job.handle()


def _wait_for(work: Any) -> Any:
    import asyncio  # half of what a module of jobs would cost to import, and only async jobs need it

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    work.close()
    raise HorizonError("an async job cannot be run with dispatch_now() inside a running event loop; await its handle() instead")


def _tell(job: Shape, error: Exception) -> None:
    answer = Handling.tell(job, error)
    if inspect.isawaitable(answer):
        _wait_for(answer)
