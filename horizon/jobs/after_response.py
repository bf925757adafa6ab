"""Running a job in the web process once the response is out. The web floor says how that is known; without it, at once."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextvars import copy_context

from horizon.jobs.inline import run_here
from horizon.jobs.shape import Shape

Task = Callable[[], None]
Scheduler = Callable[[Task], bool]
"""Takes a task to run after the response of the current request and answers True; False where there is no request."""

_schedulers: list[Scheduler] = []


def schedule_with(scheduler: Scheduler) -> None:
    """Ask this scheduler; the one that was registered last is asked first."""
    if scheduler not in _schedulers:
        _schedulers.insert(0, scheduler)


def run_after_response(job: Shape) -> None:
    """Hand the job to a scheduler that has a request under way, or run it now."""
    context = copy_context()

    def task() -> None:
        context.run(_fenced, job)

    for scheduler in _schedulers:
        if scheduler(task):
            return
    _fenced(job)


def _fenced(job: Shape) -> None:
    try:
        run_here(job)
    except Exception:
        logging.getLogger("horizon.jobs").exception("%r, which ran after the response, failed", job)
