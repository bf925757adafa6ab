from __future__ import annotations

from typing import Any

import pytest

from horizon import ParallelConfig, ResourceLimits
from horizon.core.errors import ConfigurationError, InvalidOption
from horizon.core.settings import Settings


def test_limits_are_settings_by_other_names() -> None:
    made = Settings(ResourceLimits().settings(), environ={})
    assert (made.MEMORY, made.MAX_PAYLOAD, made.CONCURRENCY, made.TIMEOUT) == (512, 50_000_000, 15, 180.0)
    assert (made.KEEP_FAILED, made.KEEP_CANCELLED, made.KEEP_COMPLETED_JOBS) == (30 * 86_400, 30 * 86_400, 1_000)


def test_what_no_setting_takes_is_refused_where_the_app_is_made() -> None:
    with pytest.raises(ConfigurationError, match="HORIZON_MAX_PAYLOAD"):
        Settings(ResourceLimits(max_job_payload_size_mb=500).settings(), environ={})


@pytest.mark.parametrize(("most", "pool", "processes", "slots"), [(15, 10, 10, 1), (20, 10, 10, 2), (3, 10, 3, 1), (16, 1, 1, 16)])
def test_never_more_jobs_run_at_a_time_than_may(most: int, pool: int, processes: int, slots: int) -> None:
    made = Settings(ParallelConfig(max_concurrent_jobs=most, worker_pool_size=pool).settings(), environ={})
    assert (processes, slots) == (made.PROCESSES, made.CONCURRENCY)
    assert most >= made.PROCESSES * made.CONCURRENCY


@pytest.mark.parametrize("given", [{"max_concurrent_jobs": 0}, {"worker_pool_size": True}, {"worker_pool_size": 1.5}])
def test_a_pool_of_nobody_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(InvalidOption, match="a whole number from 1"):
        ParallelConfig(**given)


@pytest.mark.parametrize(
    "given", [{"max_memory_mb": -1}, {"job_timeout": 0}, {"max_job_history_days": "30"}, {"max_concurrent_jobs": True}]
)
def test_a_limit_that_makes_no_sense_is_refused_where_it_is_written(given: dict[str, Any]) -> None:
    (name,) = given
    with pytest.raises(InvalidOption, match=f"{name} is a number"):
        ResourceLimits(**given)
