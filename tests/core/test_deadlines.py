from __future__ import annotations

from typing import Any

import pytest

from horizon.core.deadlines import missed
from horizon.core.record import Attempt, Record
from horizon.core.states import JobState


def record(deadline: int | None, started: int | None = None, finished: int | None = None, *runs: int) -> Record:
    history = tuple(Attempt(number=n, round=0, started_at=at, finished_at=at, worker="w", outcome="retry") for n, at in enumerate(runs, 1))
    said: dict[str, Any] = {"created_at": 0, "available_at": 0, "attempts": 0, "max_tries": None, "timeout": None, "priority": 0}
    return Record(
        id="a", n=1, name="x", queue="q", connection="default", state=JobState.PENDING, started_at=started, finished_at=finished,
        deadline=deadline, history=history, **said,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("job", "expected"),
    [
        (record(None), False),
        (record(101), False),
        (record(100), True),  # it waits still
        (record(99), True),
        (record(50, 50), False),
        (record(50, 51), True),
        (record(50, 90, 95, 40, 90), False),  # its first try was in time
        (record(50, 90, 95, 60, 90), True),
        (record(50, None, 49), False),  # cancelled before
        (record(50, None, 50), True),  # expired
    ],
)
def test_a_deadline_is_missed_where_the_job_had_not_started_by_then(job: Record, expected: bool) -> None:
    assert missed(job, 100) is expected
