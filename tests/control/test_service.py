from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from horizon import Job, JobService, JobState
from horizon.core import current
from horizon.core.errors import InvalidFilter, InvalidInput, UnknownJobName
from horizon.runtime import Runtime
from horizon.testing import work_all
from tests.jobs.hands import runtime


class Yearly(Job, name="service-yearly"):
    def __init__(self, year: int) -> None:
        self.year = year

    def handle(self) -> int:
        return self.year


@pytest.fixture(autouse=True)
def here() -> Iterator[Runtime]:
    made = runtime()
    with current.use(made):
        yield made


def test_a_job_is_created_by_its_name_found_and_run() -> None:
    id = JobService.create("service-yearly", {"year": 2026}, queue="reports", priority=5, tags=["tax"])
    found = JobService.find(id)
    assert found is not None
    assert (found.name, found.queue, found.priority, found.tags) == ("service-yearly", "reports", 5, ("tax",))
    assert work_all().assert_completed(1)[0].result == 2026
    assert JobService.find("01a20387-423e-76d1-80f2-3054956b1cec") is None


def test_what_is_not_registered_or_does_not_fit_is_refused() -> None:
    with pytest.raises(UnknownJobName, match="did you mean service-yearly"):
        JobService.create("service-yearl", {"year": 1})
    with pytest.raises(InvalidInput, match="does not take these arguments"):
        JobService.create("service-yearly", {"month": 1})


def test_jobs_are_listed_by_what_they_are() -> None:
    late = JobService.create("service-yearly", {"year": 1}, delay=timedelta(hours=1), tags=["tax"])
    soon = JobService.create("service-yearly", {"year": 2}, queue="reports")
    assert [one.id for one in JobService.list()] == [soon, late]
    assert [one.id for one in JobService.list(state="scheduled")] == [late]
    assert [one.id for one in JobService.list(state=JobState.PENDING, queue="reports")] == [soon]
    assert [one.id for one in JobService.list(tag="tax", name="service-yearly")] == [late]
    with pytest.raises(InvalidFilter, match="did you mean pending"):
        JobService.list(state="pendin")


def test_a_job_is_cancelled_retried_and_deleted_with_an_audit_entry(here: Runtime) -> None:
    id = JobService.create("service-yearly", {"year": 1})
    assert JobService.cancel(id, "not this year")
    assert not JobService.cancel(id)
    assert JobService.find(id).reason == "not this year"  # type: ignore[union-attr]
    assert JobService.retry(id)
    assert JobService.delete(id)
    assert JobService.list() == []
    assert [(one.actor, one.verb) for one in here.backend().audit.list()] == [
        ("code", "forget"), ("code", "retry"), ("code", "cancel"), ("code", "dispatch"),
    ]  # fmt: skip
