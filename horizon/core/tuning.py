"""A few figures that belong together, as values: `app.config.update(ResourceLimits(max_memory_mb=256).settings())`.

Each field is a setting by another name, so whatever is written here is obeyed; `horizon config` shows what came of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from horizon.core.errors import InvalidOption

DAY = 86_400
MB = 1_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class ResourceLimits:
    """How much jobs may take, and how much is kept of them."""

    max_memory_mb: int = 512
    """An executor that grew beyond this is replaced after its job."""
    max_job_payload_size_mb: float = 50
    """Larger arguments are refused at dispatch; 64 at the most."""
    max_concurrent_jobs: int = 15
    """Slots of one executor."""
    job_timeout: float = 180.0
    """Seconds that one attempt may run, of jobs that say nothing else."""
    max_job_history_days: float = 30
    """How long failed and cancelled jobs are kept."""
    max_completed_jobs_to_keep: int = 1_000

    def __post_init__(self) -> None:
        """Raises InvalidOption where a number makes no sense; how large it may be is checked where the app is made."""
        for name in self.__slots__:
            value, least = getattr(self, name), 0 if name.startswith("max_completed") or name.endswith("days") else 0.001
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not value >= least:
                raise InvalidOption(f"{name} is a number {'from 0' if least == 0 else 'above 0'}; got {value!r}")

    def settings(self) -> dict[str, Any]:
        """The same as settings; what they may be is checked where the app is made."""
        kept = self.max_job_history_days * DAY
        return {
            "HORIZON_MEMORY": self.max_memory_mb,
            "HORIZON_MAX_PAYLOAD": round(self.max_job_payload_size_mb * MB),
            "HORIZON_CONCURRENCY": self.max_concurrent_jobs,
            "HORIZON_TIMEOUT": self.job_timeout,
            "HORIZON_KEEP_FAILED": kept,
            "HORIZON_KEEP_CANCELLED": kept,
            "HORIZON_KEEP_COMPLETED_JOBS": self.max_completed_jobs_to_keep,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class ParallelConfig:
    """How many jobs one `horizon work` runs at a time."""

    max_concurrent_jobs: int = 15
    """Never more than this, over all its processes."""
    worker_pool_size: int = 10
    """Its processes; fewer where fewer jobs may run."""

    def __post_init__(self) -> None:
        for name in ("max_concurrent_jobs", "worker_pool_size"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise InvalidOption(f"{name} is a whole number from 1; got {value!r}")

    def settings(self) -> dict[str, Any]:
        """The same as settings: as many slots in each process as go into the number."""
        processes = min(self.worker_pool_size, self.max_concurrent_jobs)
        return {"HORIZON_PROCESSES": processes, "HORIZON_CONCURRENCY": self.max_concurrent_jobs // processes}
