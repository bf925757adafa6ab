from __future__ import annotations

import pytest

from horizon.backends.values import QueueCount, QueueSettings
from horizon.core.clock import MINUTE, SECOND
from horizon.core.states import JobState
from horizon.monitor.figures import QueueFigures
from horizon.monitor.health import Deduction
from horizon.monitor.queues import Flow, queue_rows, time_to_clear
from horizon.monitor.summary import summarise
from tests.monitor.test_summary import reading, window, worker
from tests.monitor.test_window import NOW, sample

S = JobState


def row(name="mail", **more) -> QueueFigures:
    return next(row for row in queue_rows(reading(**more)) if row.name == name)


def flow(entered=0, ended=0) -> Flow:
    """The same in every minute; the one that begins now is still empty."""
    return Flow(entered=[entered] * 59 + [0], ended=[ended] * 59 + [0], in_per_minute=entered, out_per_minute=ended)


def test_a_queue_is_known_from_its_jobs_its_settings_and_the_workers_that_list_it():
    rows = queue_rows(
        reading(
            counts=[QueueCount(queue="held", counts={S.FAILED: 1})],
            settings=[QueueSettings(name="defined", defined=True)],
            workers=[worker(queues=("listed", "held"))],
        )
    )
    assert [(row.name, row.unknown) for row in rows] == [("defined", False), ("held", False), ("listed", False)]


def test_a_queue_that_was_only_paused_is_unknown_and_costs_no_health():
    figures = summarise([reading(settings=[QueueSettings(name="mial", paused=True)], workers=[worker()])])
    assert [(row.name, row.paused, row.unknown) for row in figures.queues] == [("mial", True, True)]
    assert (figures.health.score, figures.health.deductions, figures.status) == (100, (), "running")


def test_a_paused_queue_that_is_used_costs_health():
    settings = [QueueSettings(name="mail", paused=True, defined=True), QueueSettings(name="other", defined=True)]
    figures = summarise([reading(settings=settings, workers=[worker()])])
    assert figures.health.deductions == (Deduction(points=5, reason="queue mail is paused", look="queue", name="mail"),)


def test_slots_are_those_of_the_workers_that_take_from_it():
    workers = [worker("a", processes=2, concurrency=4), worker("b", queues=("mail",), concurrency=3), worker("c", queues=("other",))]
    found = row(workers=workers)
    assert (found.workers, found.slots, found.unserved) == (2, 11, False)


def test_what_comes_in_and_what_ends_has_its_own_series():
    found = row(window=window(sample(1, 6, 2), sample(0, 3)), counts=[QueueCount(queue="mail", counts={S.PENDING: 1})])
    assert (found.ended[-2:], found.per_minute) == ([8, 3], 11)
    assert (sum(found.entered), found.in_per_minute) == (0, 0)


@pytest.mark.parametrize(
    ("pending", "entered", "ended", "seconds"),
    [
        (0, 50, 0, 0.0),  # nothing waits, so nothing is to be cleared
        (30, 100, 60, 30.0),  # less than a minute's work: it keeps up
        (120, 0, 60, 120.0),
        (120, 30, 60, 240.0),  # what comes in counts against what ends
        (120, 60, 60, None),
        (120, 90, 60, None),
        (5, 0, 0, None),
    ],
)
def test_the_time_to_clear(pending, entered, ended, seconds):
    assert time_to_clear(pending, 0, flow(entered, ended), NOW, paused=False) == seconds


def test_a_paused_queue_does_not_clear():
    assert time_to_clear(5, 0, flow(0, 60), NOW, paused=True) is None
    stopped = row(counts=[QueueCount(queue="mail", counts={S.PENDING: 5})], settings=[QueueSettings(name="mail", paused=True)])
    assert (stopped.to_clear, stopped.stuck) == (None, True)


def test_jobs_that_came_to_wait_for_their_time_do_not_count_against_what_ends():
    assert time_to_clear(120, 500, flow(100, 60), NOW, paused=False) == 120.0
    assert time_to_clear(120, 5, flow(100, 60), NOW, paused=False) is None


def test_a_worker_that_just_began_is_taken_at_its_pace_of_the_past_minute():
    ended = [0] * 58 + [60, 0]
    just = Flow(entered=[0] * 60, ended=ended, in_per_minute=0, out_per_minute=60)
    assert time_to_clear(120, 0, just, NOW, paused=False) == 120.0


def test_the_pace_counts_the_minute_that_is_not_over_with_a_share_of_the_one_before():
    half = NOW + 30 * SECOND
    assert time_to_clear(60, 0, Flow(entered=[0] * 60, ended=[30] * 59 + [15], in_per_minute=0, out_per_minute=30), half, False) == 120.0
    assert NOW % MINUTE == 0
