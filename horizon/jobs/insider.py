"""What a running job can do in the groups it belongs to, as a protocol: `groups/inside.py` does it, and the worker brings it."""

from __future__ import annotations

from typing import Any, Protocol

from horizon.core.errors import HorizonError
from horizon.jobs.shape import Shape


class Insider(Protocol):
    """One attempt, in its groups."""

    def batch(self) -> Any | None:
        """The `JobBatch` it belongs to; None where it is in none."""

    def stopped(self) -> bool:
        """Whether its batch has been cancelled; what was seen less than a second ago counts."""

    def append(self, job: Any) -> Any:
        """Make this the last step of its chain."""

    def prepend(self, job: Shape) -> Any:
        """Make this the next step of its chain."""

    def previous(self) -> Any:
        """What the step before it returned."""

    def all_previous(self) -> list[Any]:
        """What each of those it waited for returned."""

    def followed(self, group: str) -> Any:
        """The group that this job was pushed to follow. Raises InvalidPayload where it was not."""


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
