"""Where, when and on which level jobs are dispatched, and by whom who knows no job classes."""

from __future__ import annotations

from typing import Any

import pytest

from horizon import Job, JobDispatcher, Priority, QueueManager, QueueService, chunked, enqueue, processor
from horizon.core.errors import InvalidInput, InvalidOption, UnknownJobName
from horizon.core.limit import RateLimit
from horizon.core.states import JobState
from horizon.jobs.dispatcher import Load, behind, least
from horizon.runtime import Runtime
from horizon.testing import QueueFake, freeze, work_all

DONE: list[Any] = []


class Report(Job):
    queue = "reports"

    def handle(self) -> None:
        DONE.append("report")


@processor("test-resize", queue="images")
def resize(payload: dict[str, Any]) -> int:
    DONE.append(payload)
    return int(payload["width"])


class Modern(Job, name="test-modern"):
    def __init__(self, width: int = 1) -> None:
        self.width = width

    def handle(self) -> None:
        DONE.append(self.width)


@pytest.fixture(autouse=True)
def _fresh() -> None:
    DONE.clear()


# where and when -----------------------------------------------------------------------------------------


def test_of_two_queues_a_job_lands_on_the_empty_one(here: Runtime) -> None:
    for _ in range(5):
        Report().on_queue("busy").dispatch()
    assert JobDispatcher.determine_optimal_queue(Report(), ["busy", "idle"]) == "idle"
    id = JobDispatcher.dispatch_job(Report(), ["busy", "idle"])
    assert id is not None
    assert id.record().queue == "idle"  # type: ignore[union-attr]
    assert JobDispatcher.determine_optimal_queue(Report()) == "reports"
    assert JobDispatcher.dispatch_job(Report()).record().queue == "reports"  # type: ignore[union-attr]


def test_weight_and_a_pause_count_too() -> None:
    assert least([Load("a", 10), Load("b", 11)]) == "a"
    assert least([Load("a", 10), Load("b", 11, weight=2)]) == "b"
    assert least([Load("a", 0, paused=True), Load("b", 99)]) == "b"
    assert least([Load("a", 1, 3), Load("b", 2, 1)]) == "b"
    assert least([Load("a", 0), Load("b", 0)]) == "a"


def test_a_job_of_a_queue_whose_limit_is_used_up_is_put_off(here: Runtime) -> None:
    QueueManager.rate_limit("reports", max_jobs=2, per_seconds=60)
    with freeze():
        assert JobDispatcher.calculate_delay(Report()) == 0
        assert JobDispatcher.calculate_delay(Report().delay_until(30)) == 30
        Report.dispatch()
        Report.dispatch()
        assert JobDispatcher.calculate_delay(Report()) == 60
        work_all().assert_completed(2)
        assert 50 < JobDispatcher.calculate_delay(Report()) < 70
        id = JobDispatcher.dispatch_job(Report())
        assert id.record().state is JobState.SCHEDULED  # type: ignore[union-attr]
    assert behind(5, RateLimit(2, 60)) == 120


def test_what_is_no_job_and_no_list_of_queues_is_told(here: Runtime) -> None:
    with pytest.raises(InvalidInput, match="expected a job"):
        JobDispatcher.determine_optimal_queue(Report)  # type: ignore[arg-type]
    with pytest.raises(InvalidOption, match="a list of names"):
        JobDispatcher.determine_optimal_queue(Report(), "reports")


# queues -------------------------------------------------------------------------------------------------


def test_a_queue_with_a_rate_limit_runs_so_many_jobs_and_keeps_the_rest(here: Runtime) -> None:
    QueueManager.rate_limit("reports", 2, 60)
    for _ in range(3):
        Report.dispatch()
    assert [ran.outcome for ran in work_all()] == ["completed", "completed"]
    stats = QueueManager.get_stats("reports")
    assert (stats.pending, stats.processing, stats.failed, stats.completed, stats.scheduled) == (0, 0, 0, 2, 1)


@pytest.mark.parametrize("wrong", [(0, 60), (1, 0), (1, -1)])
def test_a_limit_that_makes_no_sense_is_refused(wrong: tuple[int, int]) -> None:
    with pytest.raises(InvalidOption):
        QueueManager.rate_limit("reports", *wrong)


def test_levels_have_queues_of_their_own(here: Runtime) -> None:
    with QueueFake() as fake:
        QueueService.dispatch_high_priority(Report(), QueueService.QUEUE_EMAIL)
        QueueService.dispatch_low_priority(Report())
        QueueService.dispatch_high_priority(Report(), "emails_low")
        QueueService.dispatch(Report())
        QueueService.dispatch(Report(), QueueService.QUEUE_DATA)
    assert [(one.queue, one.priority) for one in fake.pushed()] == [
        ("emails_high", Priority.HIGH), ("reports_low", Priority.LOW), ("emails_high", Priority.HIGH), ("reports", 0), ("data", 0),
    ]  # fmt: skip


def test_many_items_become_a_batch_of_chunks(here: Runtime) -> None:
    with QueueFake() as fake:
        jobs = (enqueue_later(rows) for rows in chunked(range(1_050), 100))
        QueueService.dispatch_batch(jobs, QueueService.QUEUE_DATA, name="rows")
    fake.assert_batched(lambda b: b.name == "rows" and len(b.jobs) == 11)
    assert {one.queue for one in fake.pushed()} == {"data"}


def enqueue_later(rows: list[int]) -> Job:
    return resize.job({"rows": rows, "width": 1})


# by kind and payload ------------------------------------------------------------------------------------


def test_a_processor_runs_what_is_enqueued_under_its_kind_beside_other_jobs(here: Runtime) -> None:
    first = enqueue("test-resize", {"width": 40}, priority=5)
    enqueue("test-modern", {"width": 7}, queue="images", depends_on=first)
    enqueue("test-modern", depends_on=[first], delay=0)
    Report.dispatch()
    assert first.record().queue == "images"  # type: ignore[union-attr]
    work_all().assert_completed(4)
    assert sorted(map(str, DONE)) == ["1", "7", "report", "{'width': 40}"]
    assert first.record().result == b'{"result":40}'  # type: ignore[union-attr]
    assert resize({"width": 3}) == 3


def test_a_kind_that_nobody_does_and_a_payload_that_does_not_fit_are_refused(here: Runtime) -> None:
    with pytest.raises(UnknownJobName, match="test-resize"):
        enqueue("test-resise", {})
    with pytest.raises(InvalidInput, match="a dict of them"):
        enqueue("test-modern", [1])


# chunks -------------------------------------------------------------------------------------------------


def test_items_come_in_chunks_and_one_at_a_time() -> None:
    assert [len(chunk) for chunk in chunked(range(1_050), 100)] == [100] * 10 + [50]
    assert list(chunked([], 3)) == []
    taken: list[int] = []
    pieces = chunked((taken.append(number) or number for number in range(1_000_000)), 10)
    next(pieces)
    assert len(taken) == 10


@pytest.mark.parametrize("size", [0, -1, 1.5, True])
def test_a_chunk_has_a_size(size: Any) -> None:
    with pytest.raises(InvalidOption, match="size of a chunk"):
        chunked([1], size)
