"""An APScheduler of our kind: one daemon thread, in which everything runs, and a memory that ends with the process."""

from __future__ import annotations

import logging

from apscheduler.executors.debug import DebugExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler

QUIET = "horizon"
"""The alias of our executor: APScheduler logs every single run under it, which we keep out of the host's log."""
log = logging.getLogger("horizon.schedule")


def clockwork() -> BackgroundScheduler:
    """A new one, not started yet."""
    logging.getLogger(f"apscheduler.executors.{QUIET}").setLevel(logging.WARNING)
    log.getChild("clockwork").setLevel(logging.WARNING)
    return BackgroundScheduler(
        logger=log.getChild("clockwork"),
        timezone="UTC",
        jobstores={"default": MemoryJobStore()},
        executors={QUIET: DebugExecutor()},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        daemon=True,
    )
