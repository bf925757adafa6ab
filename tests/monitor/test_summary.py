from __future__ import annotations

import pytest

from horizon.backends.values import Cause, QueueCount, QueueSettings, Sample, SessionInfo, SessionRecord, SessionReport
from horizon.core.clock import HOUR, MINUTE, SECOND
from horizon.core.histogram import Histogram
from horizon.core.states import JobState
from horizon.monitor.figures import Silent
from horizon.monitor.reading import Reading
from horizon.monitor.summary import summarise
from horizon.monitor.window import Window, minute_of
from tests.monitor.test_window import NOW, sample

S = JobState


def worker(id="w1", *, state="running", queues=(), problems=(), processes=1, concurrency=1) -> SessionRecord:
    info = SessionInfo(id=id, kind="worker", host="h", pid=1, queues=queues, processes=processes, concurrency=concurrency)
    return SessionRecord(
        info=info,
        report=SessionReport(state=state, problems=problems),
        started_at=0,
        renewed_at=NOW - SECOND,
        expires_at=NOW + 30 * SECOND,
        alive=True,
    )


def reading(connection="default", **more) -> Reading:
    return Reading(connection=connection, now=NOW, **more)


def window(*samples) -> Window:
    made = Window()
    made.take(samples, NOW)
    return made


def test_nothing_at_all_is_inactive_with_every_figure_zero():
    figures = summarise([reading()])
    assert (figures.status, figures.jobs_past_hour, figures.failure_rate, figures.longest_wait) == ("inactive", 0, 0.0, 0.0)
    assert figures.runtime_p95 is None
    assert set(figures.counts) == set(JobState)
    assert len(figures.minutes) == 60


def test_counts_add_up_over_queues_and_connections():
    figures = summarise(
        [
            reading(counts=[QueueCount(queue="a", counts={S.PENDING: 2}), QueueCount(queue="b", counts={S.PENDING: 3, S.FAILED: 1})]),
            reading("archive", counts=[QueueCount(queue="a", counts={S.PENDING: 5})]),
        ]
    )
    assert (figures.counts[S.PENDING], figures.counts[S.FAILED], figures.counts[S.COMPLETED]) == (10, 1, 0)
    assert [(row.name, row.connection) for row in figures.queues] == [("a", "default"), ("a", "archive"), ("b", "default")]


def test_a_queue_that_was_only_defined_has_a_row_too():
    assert [row.name for row in summarise([reading(settings=[QueueSettings(name="later")])]).queues] == ["later"]


def test_queues_come_with_the_longest_wait_first():
    counts = [QueueCount(queue=name, counts={S.PENDING: 1}) for name in ("a", "b", "c")]
    figures = summarise([reading(counts=counts, oldest={"a": NOW - 5 * SECOND, "b": NOW - 90 * SECOND})])
    assert [row.name for row in figures.queues] == ["b", "a", "c"]
    assert (figures.longest_queue, figures.longest_wait) == ("b", 90.0)


def test_a_job_that_is_due_in_an_instant_has_not_waited_less_than_nothing():
    assert summarise([reading(oldest={"a": NOW + SECOND})]).queues[0].oldest == 0.0


def test_the_hour_the_failure_rate_and_the_runtime_come_from_the_samples():
    figures = summarise([reading(window=window(sample(59, 6, 2), sample(0, 2), sample(1, 0, 0)))])
    assert (figures.jobs_past_hour, figures.failed_past_hour, figures.failure_rate) == (10, 2, 0.2)
    assert (figures.minutes[0].completed, figures.minutes[0].failed) == (6, 2)
    assert (figures.minutes[-1].completed, figures.minutes[-1].at) == (2, minute_of(NOW))
    assert figures.runtime_p95 == pytest.approx(0.001, rel=0.06)


def test_each_queue_has_its_own_series_and_rate():
    figures = summarise(
        [
            reading(
                window=window(sample(1, 30), sample(0, 2), sample(0, 9, queue="b")),
                counts=[QueueCount(queue="mail", counts={}), QueueCount(queue="b", counts={})],
            )
        ]
    )
    rows = {row.name: row for row in figures.queues}
    assert list(rows["mail"].ended[-2:]) == [30, 2]
    assert rows["mail"].per_minute == 32
    assert rows["b"].per_minute == 9
    assert figures.throughput_per_minute == 41


def test_stores_whose_clocks_differ_are_lined_up_at_their_own_present():
    ahead = Window()
    ahead.take([], NOW + 2 * MINUTE)
    ahead.tallies = {}
    figures = summarise([reading(window=window(sample(0, 3))), Reading(connection="b", now=NOW + 2 * MINUTE, window=ahead)])
    assert figures.minutes[-1].completed == 3


@pytest.mark.parametrize(
    ("workers", "settings", "expected"),
    [
        ([], [], "inactive"),
        ([worker()], [], "running"),
        ([worker(state="paused")], [], "paused"),
        ([worker(state="paused"), worker("w2")], [], "running"),
        ([worker()], [QueueSettings(name="a", paused=True, defined=True)], "paused"),
        ([worker(queues=("a",))], [QueueSettings(name="a", paused=True)], "paused"),
        ([worker()], [QueueSettings(name="nobody-uses", paused=True)], "running"),
        ([worker()], [QueueSettings(name="a", paused=True), QueueSettings(name="b")], "running"),
        ([worker()], [QueueSettings(name="a", paused=True, paused_until=NOW - 1)], "running"),
        ([], [QueueSettings(name="a", paused=True)], "inactive"),
    ],
)
def test_the_status_in_one_word(workers, settings, expected):
    assert summarise([reading(workers=workers, settings=settings)]).status == expected


def test_a_pause_is_shown_with_its_reason_while_it_holds():
    def row(until):
        return summarise([reading(settings=[QueueSettings(name="a", paused=True, paused_until=until, paused_reason="why")])]).queues[0]

    assert (row(NOW + 1).paused, row(NOW + 1).paused_reason, row(NOW + 1).paused_until) == (True, "why", NOW + 1)
    assert (row(NOW - 1).paused, row(NOW - 1).paused_reason) == (False, None)


def test_slots_are_what_workers_announced_and_busy_ones_are_never_more():
    figures = summarise(
        [reading(workers=[worker(processes=2, concurrency=4), worker("w2")], counts=[QueueCount(queue="a", counts={S.PROCESSING: 50})])]
    )
    assert (figures.processes.running, figures.processes.slots, figures.processes.busy) == (3, 9, 9)
    figures = summarise([reading(workers=[worker(concurrency=4)], counts=[QueueCount(queue="a", counts={S.PROCESSING: 1})])])
    assert figures.processes.busy == 1


def test_a_queue_that_nobody_takes_from_is_marked_and_costs_points():
    figures = summarise(
        [
            reading(
                workers=[worker(queues=("mail",))],
                counts=[QueueCount(queue=name, counts={S.PENDING: 1}) for name in ("mail", "reports")],
                oldest={"mail": NOW, "reports": NOW},
            )
        ]
    )
    assert {row.name: row.unserved for row in figures.queues} == {"mail": False, "reports": True}
    assert any("reports" in deduction.reason for deduction in figures.health.deductions)


def test_waits_in_paused_queues_do_not_cost_points_twice():
    figures = summarise(
        [
            reading(
                workers=[worker()],
                settings=[QueueSettings(name="a", paused=True), QueueSettings(name="b")],
                counts=[QueueCount(queue="a", counts={S.PENDING: 9})],
                oldest={"a": NOW - 9000 * SECOND},
            )
        ]
    )
    assert [deduction.reason for deduction in figures.health.deductions] == ["queue a is paused"]
    assert figures.longest_wait == 9000


def test_what_workers_and_stores_complain_about_is_collected_once_each():
    figures = summarise(
        [reading(workers=[worker(problems=("p",)), worker("w2", problems=("p", "q"))], warnings=["w"])],
        [Silent(connection="b", since=12 * HOUR)],
    )
    assert figures.problems == ["p", "q"]
    assert figures.warnings == ["The connection b does not answer since 12:00 UTC; what is on it is missing here.", "w"]


def test_how_a_store_was_set_up_is_warned_about_and_costs_no_points():
    figures = summarise([reading(workers=[worker()], warnings=["the memory store ends with its process"])])
    assert figures.warnings == ["the memory store ends with its process"]
    assert (figures.health.score, figures.health.deductions) == (100, ())


def test_a_store_that_does_not_answer_costs_points():
    figures = summarise([reading(workers=[worker()])], [Silent(connection="b", error="gone")])
    assert [deduction.reason for deduction in figures.health.deductions] == ["the connection b does not answer"]


def test_causes_of_all_stores_come_most_frequent_first():
    def cause(name, count):
        return Cause(cause=name, type="E", message="m", name="x", count=count, first_at=0, last_at=0)

    figures = summarise([reading(causes=[cause("a", 2)]), reading("b", causes=[cause("b", 5)])])
    assert [one.cause for one in figures.causes] == ["b", "a"]


def test_each_minute_tells_what_came_how_deep_it_left_the_queues_and_how_busy_it_was():
    now = Sample(minute=minute_of(NOW), queue="a", name="x", pushed=5, completed=2, runtime=Histogram.of([30 * SECOND] * 2))
    made = window(now, Sample(minute=now.minute - MINUTE, queue="a", name="x", pushed=3, failed=1))
    figures = summarise([reading(window=made, counts=[QueueCount(queue="a", counts={S.PENDING: 4, S.PROCESSING: 1, S.COMPLETED: 9})])])
    before, last = figures.minutes[-2:]
    assert (last.entered, last.waiting, last.busy) == (5, 5, 1.0)
    assert last.runtime_p95 > 25
    assert (before.entered, before.waiting, before.runtime_p95, before.busy) == (3, 2, 0.0, 0.0)
    assert figures.minutes[0].waiting == 0
