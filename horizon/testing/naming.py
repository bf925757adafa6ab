"""What a test names when it names a job: its class, the function that `@job` decorates, a job like it, or its stored name."""

from __future__ import annotations

from typing import Any

from horizon.jobs.function import JobFunction
from horizon.jobs.naming import stored_name
from horizon.jobs.registry import Registry
from horizon.jobs.shape import Shape


def class_of(named: Any, registry: Registry) -> type[Shape]:
    """The class that is meant. Raises TypeError for anything that names no job, UnknownJobName for a name nobody has."""
    if isinstance(named, JobFunction):
        return named.job_class
    if isinstance(named, type) and issubclass(named, Shape):
        return named
    if isinstance(named, Shape):
        return type(named)
    if isinstance(named, str):
        return registry.require(named)
    raise TypeError(f"expected a job class, a @job function or a job's stored name; got {named!r}")


def label(cls: type[Shape]) -> str:
    """How messages call it: the name without its module."""
    return stored_name(cls).rpartition(":")[2]
