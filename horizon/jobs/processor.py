"""Work by kind and payload, for code that knows no job classes yet: `@processor("resize")`, `enqueue("resize", {...})`.

A processor is a `@job` function of one argument, stored under its kind; workers run it beside all other jobs. When a class takes its
place (`name = "resize"`), whoever enqueues need not change: the payload's keys become its arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from horizon.core.errors import InvalidInput
from horizon.jobs.ambient import runtime
from horizon.jobs.function import FunctionJob, JobFunction, job
from horizon.jobs.job import Job
from horizon.jobs.jobid import JobId

R = TypeVar("R")


def processor(kind: str, **given: Any) -> Callable[[Callable[[Any], R]], JobFunction[[Any], R]]:
    """Let a function of the payload do what is enqueued under this kind; takes the options of `@job` besides."""

    def decorate(function: Callable[[Any], R]) -> JobFunction[[Any], R]:
        made: JobFunction[[Any], R] = job(name=kind, **given)(function)
        return made

    return decorate


def enqueue(
    kind: str,
    payload: Any = None,
    *,
    queue: str | None = None,
    priority: int | None = None,
    delay: float | timedelta | datetime | None = None,
    depends_on: object | Iterable[object] = (),
) -> JobId | None:
    """Dispatch the job stored under this kind with this payload; its id, or None where its unique key is held.

    Raises UnknownJobName for a kind that nobody does, with the nearest; InvalidInput for a payload that does not fit.
    """
    cls = runtime().registry.require(kind)
    made = _job(cls, payload)
    if queue is not None:
        made.on_queue(queue)
    if priority is not None:
        made.with_priority(priority)
    if delay is not None:
        made.delay_until(delay)
    waits_for = [depends_on] if isinstance(depends_on, (str, Job)) else list(depends_on)  # type: ignore[call-overload]
    if waits_for:
        made.depends_on(*waits_for)
    return made.dispatch()


def _job(cls: type[Any], payload: Any) -> Job:
    made: Job
    if issubclass(cls, FunctionJob):
        made = cls(payload)
        return made
    if payload is not None and not isinstance(payload, Mapping):
        raise InvalidInput(f"{cls.__name__} takes its arguments by name, so its payload is a dict of them; got {payload!r}")
    made = cls(**(payload or {}))
    return made  # noqa: RET504 (the class is known to no type checker)
