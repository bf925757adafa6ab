"""From a job to its groups, where a worker runs it."""

from __future__ import annotations

from horizon.core.errors import HorizonError
from horizon.jobs.insider import Insider
from horizon.jobs.shape import Shape


def inside_of(job: Shape, what: str) -> Insider:
    """Raises HorizonError where the job is not being run by a worker."""
    found = maybe_inside(job)
    if found is None:
        raise HorizonError(f"{what} is for a job that a worker runs; {type(job).__name__} is not running, or was called here and now")
    return found


def maybe_inside(job: Shape) -> Insider | None:
    """None where the job is not being run by a worker."""
    running = job._horizon.running
    return None if running is None or running.inside is None else running.inside(running)
