"""Background jobs for Flask, with the dashboard built in.

The public names are loaded when they are first used: `import horizon` itself costs a few milliseconds and imports no
third-party package, so that a module of jobs stays light.
"""

from __future__ import annotations

import importlib

TYPE_CHECKING = False  # a name that type checkers know; importing `typing` for it would cost more than all the rest here
if TYPE_CHECKING:  # what type checkers and editors of users see; at run time `__getattr__` does it
    from typing import Any

    from horizon.backends.drivers import register_driver as register_driver
    from horizon.control.dead_letters import DeadLetters as DeadLetters
    from horizon.control.failures import FailureHandler as FailureHandler
    from horizon.control.service import JobService as JobService
    from horizon.core.backoff import Exponential as Exponential
    from horizon.core.backoff import Fibonacci as Fibonacci
    from horizon.core.backoff import Linear as Linear
    from horizon.core.by_exception import ByException as ByException
    from horizon.core.chunked import chunked as chunked
    from horizon.core.errors import HorizonError as HorizonError
    from horizon.core.limit import ConcurrencyLimit as ConcurrencyLimit
    from horizon.core.limit import RateLimit as RateLimit
    from horizon.core.states import JobState as JobState
    from horizon.core.states import Priority as Priority
    from horizon.core.tuning import ParallelConfig as ParallelConfig
    from horizon.core.tuning import ResourceLimits as ResourceLimits
    from horizon.jobs.dispatcher import JobDispatcher as JobDispatcher
    from horizon.jobs.dispatching import dispatch as dispatch
    from horizon.jobs.dispatching import on as on
    from horizon.jobs.encrypted import ShouldBeEncrypted as ShouldBeEncrypted
    from horizon.jobs.function import job as job
    from horizon.jobs.groups.batch import batch as batch
    from horizon.jobs.groups.batchable import BatchableJob as BatchableJob
    from horizon.jobs.groups.batchable import ChainableJob as ChainableJob
    from horizon.jobs.groups.chain import chain as chain
    from horizon.jobs.groups.job_batch import JobBatch as JobBatch
    from horizon.jobs.groups.monitors import ChainMonitor as ChainMonitor
    from horizon.jobs.groups.monitors import WorkflowMonitor as WorkflowMonitor
    from horizon.jobs.groups.workflow import workflow as workflow
    from horizon.jobs.in_chunks import BatchJobProcessor as BatchJobProcessor
    from horizon.jobs.job import Job as Job
    from horizon.jobs.job import current_job as current_job
    from horizon.jobs.jobid import JobId as JobId
    from horizon.jobs.levels import QueueService as QueueService
    from horizon.jobs.limited import RateLimited as RateLimited
    from horizon.jobs.processor import enqueue as enqueue
    from horizon.jobs.processor import processor as processor
    from horizon.jobs.routing import define_queue as define_queue
    from horizon.jobs.routing import route as route
    from horizon.jobs.secure import SecureJob as SecureJob
    from horizon.jobs.unique import ShouldBeUnique as ShouldBeUnique
    from horizon.jobs.unique import ShouldBeUniqueUntilProcessing as ShouldBeUniqueUntilProcessing
    from horizon.monitor.manager import QueueManager as QueueManager
    from horizon.monitor.metrics import JobMetrics as JobMetrics
    from horizon.monitor.monitor import JobMonitor as JobMonitor
    from horizon.testing.fake import QueueFake as QueueFake
    from horizon.timetable.declared import JobScheduler as JobScheduler
    from horizon.web.extension import Horizon as Horizon

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
    "ParallelConfig": "horizon.core.tuning",
    "ResourceLimits": "horizon.core.tuning",
    "register_driver": "horizon.backends.drivers",
    "route": "horizon.jobs.routing",
    "ShouldBeEncrypted": "horizon.jobs.encrypted",
    "SecureJob": "horizon.jobs.secure",
    "ShouldBeUnique": "horizon.jobs.unique",
    "ShouldBeUniqueUntilProcessing": "horizon.jobs.unique",
    "JobMetrics": "horizon.monitor.metrics",
    "JobMonitor": "horizon.monitor.monitor",
    "JobScheduler": "horizon.timetable.declared",
    "JobState": "horizon.core.states",
    "Priority": "horizon.core.states",
    "Exponential": "horizon.core.backoff",
    "HorizonError": "horizon.core.errors",
    "batch": "horizon.jobs.groups.batch",
    "chain": "horizon.jobs.groups.chain",
    "workflow": "horizon.jobs.groups.workflow",
    "BatchableJob": "horizon.jobs.groups.batchable",
    "ChainableJob": "horizon.jobs.groups.batchable",
    "JobBatch": "horizon.jobs.groups.job_batch",
    "ChainMonitor": "horizon.jobs.groups.monitors",
    "WorkflowMonitor": "horizon.jobs.groups.monitors",
    "QueueFake": "horizon.testing.fake",
    "Linear": "horizon.core.backoff",
    "Fibonacci": "horizon.core.backoff",
    "ByException": "horizon.core.by_exception",
    "QueueManager": "horizon.monitor.manager",
    "QueueService": "horizon.jobs.levels",
    "JobDispatcher": "horizon.jobs.dispatcher",
    "JobService": "horizon.control.service",
    "FailureHandler": "horizon.control.failures",
    "DeadLetters": "horizon.control.dead_letters",
    "processor": "horizon.jobs.processor",
    "enqueue": "horizon.jobs.processor",
    "chunked": "horizon.core.chunked",
    "BatchJobProcessor": "horizon.jobs.in_chunks",
    "RateLimited": "horizon.jobs.limited",
    "RateLimit": "horizon.core.limit",
    "ConcurrencyLimit": "horizon.core.limit",
}
_LATER: dict[str, str] = {}
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
