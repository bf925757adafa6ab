"""What middleware that waits for something needs: the store behind the job, and a word for "not now"."""

from __future__ import annotations

from typing import Any, Protocol, cast

from horizon.backends.base import Backend
from horizon.core import current
from horizon.core.clock import SECOND, Micros
from horizon.core.errors import HorizonError

LEAST = 0.1
"""Seconds a job stays away at the least, so that one that waits does not keep a worker busy with asking."""


class _Stores(Protocol):
    def backend(self, connection: str | None = None) -> Backend: ...


def come_back(job: Any, seconds: float, reason: str) -> None:
    """Send the job back unrun, to come again after so many seconds; it loses no try by it. Call `next` no more then.

    `reason` completes "it ...", such as "waits for the printer": it stands on the job's page until the job runs.
    """
    running_of(job).decide("RETURNED", delay=round(max(LEAST, seconds) * SECOND), reason=reason)


def was_sent_back(job: Any) -> bool:
    """Whether middleware inside this one did so, so that the job itself has not run."""
    running = running_of(job)
    return not running.begun and running.decided is not None


def running_of(job: Any) -> Any:
    """What is known of the run under way. Raises HorizonError where there is none."""
    running = job._horizon.running
    if running is None:
        raise HorizonError(f"{type(job).__name__} is not running; its middleware is called by whoever runs it")
    return running


def store_of(job: Any) -> Backend:
    """The store from which the job came: what is counted or locked there holds for every worker of that store."""
    return cast(_Stores, current.get()).backend(running_of(job).connection)


def name_of(job: Any) -> str:
    """What tells the jobs of one class from those of others."""
    cls = type(job)
    return str(cls.__dict__.get("name") or f"{cls.__module__}:{cls.__qualname__}")


def left(store: Backend, until: Micros) -> float:
    """Seconds until then by the store's clock."""
    return max(0, until - store.now()) / SECOND
