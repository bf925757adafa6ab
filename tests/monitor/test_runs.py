from __future__ import annotations

from types import SimpleNamespace

import pytest

from horizon.backends.schedules import Schedule, ScheduleRun
from horizon.core.clock import MINUTE, SECOND
from horizon.core.states import JobState
from horizon.monitor.runs import NOT_KEPT, judged

AT = 1_700_000_000 * SECOND
DAILY = Schedule(name="s", target="t", when="0 2 * * *")


def run(at: int, kind: str = "pushed", job: str | None = None, late: int = 0) -> ScheduleRun:
    return ScheduleRun(at=at + late, due_at=at, kind=kind, job=job)


def job(state: JobState, ended: int | None = None) -> SimpleNamespace:
    return SimpleNamespace(state=state, finished_at=ended)


def test_each_run_is_told_by_the_state_of_its_job():
    runs = [run(AT, job="a"), run(AT - 9, job="b"), run(AT - 10, "missed"), run(AT - 11, "refused")]
    assert [one.outcome for one in judged(DAILY, runs, {"a": job(JobState.COMPLETED, AT)})] == ["completed", NOT_KEPT, "missed", "refused"]


def test_what_was_dispatched_long_after_its_time_came_late():
    told = judged(DAILY, [run(AT, job="a", late=3 * MINUTE), run(AT - MINUTE, job="b", late=5 * SECOND)], {})
    assert [one.late for one in told] == [3 * MINUTE, 0]


def test_jitter_and_what_somebody_ran_by_hand_are_not_late():
    jittery = Schedule(name="s", target="t", when="0 2 * * *", jitter=10 * MINUTE)
    assert judged(jittery, [run(AT, late=0)], {})[0].late == 0
    assert judged(DAILY, [run(AT, "by hand", late=MINUTE)], {})[0].late == 0


@pytest.mark.parametrize(
    ("before", "over"),
    [
        (job(JobState.COMPLETED, AT - 1), None), (job(JobState.COMPLETED, AT + 1), "b"), (job(JobState.PROCESSING), "b"),
        (job(JobState.PENDING), "b"), (job(JobState.FAILED, AT), None), (None, None),
    ],
)  # fmt: skip
def test_a_run_that_came_while_the_one_before_stood_overlaps_it(before, over):
    runs = [run(AT, job="a"), run(AT - MINUTE, "missed"), run(AT - 2 * MINUTE, job="b")]
    assert judged(DAILY, runs, {"b": before} if before else {})[0].over == over


def test_one_that_waits_behind_the_one_before_does_not_overlap_it():
    queued = Schedule(name="s", target="t", when="* * * * *", overlap="queue")
    assert judged(queued, [run(AT, job="a"), run(AT - MINUTE, job="b")], {"b": job(JobState.PROCESSING)})[0].over is None
