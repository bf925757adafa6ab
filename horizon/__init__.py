"""Background jobs for Flask, with the dashboard built in.

The public names are loaded when they are first used: `import horizon` itself costs a few milliseconds and imports no
third-party package, so that a module of jobs stays light.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_WHERE: dict[str, str] = {
    "Horizon": "horizon.web.extension",
    "Job": "horizon.jobs.job",
    "job": "horizon.jobs.function",
    "current_job": "horizon.jobs.job",
    "JobId": "horizon.jobs.jobid",
    "dispatch": "horizon.jobs.dispatching",
    "on": "horizon.jobs.dispatching",
    "define_queue": "horizon.jobs.routing",
    "route": "horizon.jobs.routing",
    "ShouldBeUnique": "horizon.jobs.unique",
    "ShouldBeUniqueUntilProcessing": "horizon.jobs.unique",
    "JobState": "horizon.core.states",
    "Priority": "horizon.core.states",
    "Exponential": "horizon.core.backoff",
    "HorizonError": "horizon.core.errors",
}
_LATER: dict[str, str] = {
    **dict.fromkeys(("batch", "BatchableJob", "JobBatch"), "batches"),
    **dict.fromkeys(("chain", "ChainableJob", "ChainMonitor"), "chains"),
    "workflow": "workflows",
    **dict.fromkeys(("SecureJob", "ShouldBeEncrypted"), "encryption"),
    **dict.fromkeys(("RateLimited", "RateLimit", "QueueManager"), "limits"),
    "JobScheduler": "schedules",
    **dict.fromkeys(("JobMetrics", "JobMonitor"), "metrics"),
    "QueueFake": "the testing tools",
}
__all__ = [*_WHERE, "__version__"]


def __getattr__(name: str) -> Any:
    where = _WHERE.get(name)
    if where is None:
        from horizon.core.later import missing

        raise missing(__name__, name, _WHERE, _LATER)
    value = getattr(importlib.import_module(where), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
