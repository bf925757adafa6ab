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
    "current_job": "horizon.jobs.context",
    "JobId": "horizon.jobs.dispatching",
    "dispatch": "horizon.jobs.dispatching",
    "on": "horizon.jobs.dispatching",
    "define_queue": "horizon.jobs.routing",
    "JobState": "horizon.core.states",
    "Priority": "horizon.core.states",
    "Exponential": "horizon.core.backoff",
    "HorizonError": "horizon.core.errors",
}
__all__ = [*_WHERE, "__version__"]


def __getattr__(name: str) -> Any:
    where = _WHERE.get(name)
    if where is None:
        raise AttributeError(f"horizon has no public name {name!r}; there are: {', '.join(sorted(_WHERE))}")
    value = getattr(importlib.import_module(where), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
