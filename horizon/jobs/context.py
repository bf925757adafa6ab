"""Which job is running here: a context variable, so that threads, tasks and nested calls each see their own."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from horizon.jobs.running import Running
    from horizon.jobs.shape import Shape

JOB: ContextVar[Shape | None] = ContextVar("horizon_job", default=None)
RUNNING: ContextVar[Running | None] = ContextVar("horizon_running", default=None)
"""Set before the job's object exists, so that what its constructor logs is captured too."""
