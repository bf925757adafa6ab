from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from horizon.backends.values import Retention, Verb
from horizon.core.clock import DAY, HOUR, MINUTE, SECOND
from horizon.core.outcome import Kind
from tests.conformance.driver import Driver, after, envelope


def names(drive: Driver) -> dict[str, dict[str, int]]:
    """States per class that hold any job."""
    return {name: {str(state): times for state, times in counts.items() if times} for name, counts in drive.backend.numbers.names().items()}


def test_counters_follow_every_move_and_a_recount_finds_no_drift(drive: Driver) -> None:
    waiting, running, retrying, completed, failed, cancelled = drive.push_many(6)
    drive.did(Verb.RESCHEDULE, waiting, at=drive.clock() + SECOND)
    drive.push(edges=after(running))
    for id, kind in ((retrying, Kind.RETRY), (completed, Kind.COMPLETED), (failed, Kind.FAILED), (cancelled, Kind.CANCELLED)):
        drive.did(Verb.PRIORITIZE, id, priority=9)
        drive.run(id, kind, delay=60)
    drive.take(running)
    expected = {"scheduled": 1, "processing": 1, "retrying": 1, "completed": 1, "failed": 1, "cancelled": 1, "blocked": 1}
    assert drive.counts() == expected
    assert names(drive) == {"shop.jobs:Mail": expected}
    assert dict(drive.backend.numbers.recount()) == {}
    drive.backend.tick()
    assert drive.counts() == expected


def test_counts_are_kept_per_queue_and_per_class(drive: Driver) -> None:
    drive.push(queue="a", name="m:A")
    drive.push(queue="a", name="m:B")
    drive.push(queue="b", name="m:A")
    assert (drive.counts("a"), drive.counts("b")) == ({"pending": 2}, {"pending": 1})
    assert names(drive) == {"m:A": {"pending": 2}, "m:B": {"pending": 1}}


def test_counts_and_states_add_up_to_what_was_pushed(drive: Driver) -> None:
    drive.backend.push([envelope() for _ in range(40)])
    for index, one in enumerate(drive.reserve(25)):
        drive.settle(one, list(Kind)[index % 6], delay=index % 3)
    assert sum(drive.counts().values()) == 40
    assert dict(drive.backend.numbers.recount()) == {}


def test_a_sample_tells_what_happened_in_its_minute(drive: Driver) -> None:
    drive.clock.at -= drive.clock.at % MINUTE
    drive.push_many(4)
    drive.clock.advance(2)
    a, b, c, d = drive.reserve(4)
    drive.complete(a, runtime=3 * SECOND, started_after=SECOND, memory_kb=900)
    drive.fail(b, runtime=SECOND, memory_kb=4000)
    drive.retry(c, runtime=SECOND, delay=5)
    drive.settle(d, Kind.CANCELLED, runtime=SECOND)
    (sample,) = drive.backend.numbers.samples(0)
    assert (sample.minute, sample.queue, sample.name) == (drive.clock.at - 2 * SECOND, "mails", "shop.jobs:Mail")
    assert (sample.pushed, sample.completed, sample.failed, sample.cancelled, sample.retried) == (4, 1, 1, 1, 1)
    assert (sample.runtime.count, sample.runtime.total, sample.runtime.peak) == (4, 6 * SECOND, 3 * SECOND)
    assert (sample.wait.count, sample.wait.peak, sample.memory_kb) == (4, 3 * SECOND, 4000)


def test_a_job_handed_back_unstarted_is_in_no_histogram(drive: Driver) -> None:
    drive.push()
    drive.give_back(drive.take())
    (sample,) = drive.backend.numbers.samples(0)
    assert (sample.runtime.count, sample.wait.count, sample.retried) == (0, 0, 0)


def test_a_failure_that_comes_again_is_no_failed_job(drive: Driver) -> None:
    drive.push()
    drive.retry(drive.take())
    drive.fail(drive.take())
    (sample,) = drive.backend.numbers.samples(0)
    assert (sample.retried, sample.failed) == (1, 1)


def test_jobs_cancelled_by_a_person_or_by_their_cause_are_counted_as_cancelled(drive: Driver) -> None:
    parent = drive.push()
    drive.push(edges=after(parent))
    drive.did(Verb.CANCEL, parent)
    (sample,) = drive.backend.numbers.samples(0)
    assert sample.cancelled == 2


def test_samples_are_cut_by_time_queue_and_class(drive: Driver) -> None:
    drive.clock.at -= drive.clock.at % MINUTE
    start = drive.clock()
    drive.push(queue="a", name="m:A")
    drive.clock.advance(60)
    drive.push(queue="a", name="m:B")
    drive.push(queue="b", name="m:A")
    numbers = drive.backend.numbers

    def seen(*span: int, **only: str) -> list[tuple[int, str, str]]:
        return [((s.minute - start) // MINUTE, s.queue, s.name) for s in numbers.samples(*span, **only)]

    assert seen(start)[0] == (0, "a", "m:A")
    assert set(seen(start)) == {(0, "a", "m:A"), (1, "a", "m:B"), (1, "b", "m:A")}
    assert set(seen(start + MINUTE)) == {(1, "a", "m:B"), (1, "b", "m:A")}
    assert seen(start, start + MINUTE) == [(0, "a", "m:A")]
    assert seen(start, queue="b") == [(1, "b", "m:A")]
    assert seen(start, name="m:B") == [(1, "a", "m:B")]


def test_samples_survive_the_tick_that_folds_them(drive: Driver) -> None:
    drive.push_many(3)
    for one in drive.reserve(3):
        drive.complete(one, runtime=SECOND)
    before = [(s.pushed, s.completed, s.runtime.count, s.runtime.total) for s in drive.backend.numbers.samples(0)]
    drive.backend.tick()
    drive.backend.tick()
    assert (
        [(s.pushed, s.completed, s.runtime.count, s.runtime.total) for s in drive.backend.numbers.samples(0)]
        == before
        == [(3, 3, 3, 3 * SECOND)]
    )


def test_old_minutes_become_hours_and_days_and_nothing_gets_lost(drive: Driver) -> None:
    drive.clock.at -= drive.clock.at % DAY
    start = drive.clock()
    for _ in range(3):
        drive.push()
        drive.clock.advance(60)
    drive.backend.tick()
    assert len(drive.backend.numbers.samples(0)) == 3
    drive.jump(4 * 3600)
    drive.jump(1)
    hours = drive.backend.numbers.samples(0)
    assert [(s.minute, s.pushed) for s in hours] == [(start, 3)]
    drive.jump(30 * 86400)
    drive.jump(1)
    days = drive.backend.numbers.samples(0)
    assert sum(s.pushed for s in days) == 3
    assert all(s.minute % HOUR == 0 for s in days)


def test_a_sample_handed_out_is_no_part_of_the_store(drive: Driver) -> None:
    drive.push()
    drive.run(runtime=SECOND)
    (sample,) = drive.backend.numbers.samples(0)
    sample.runtime.add(999)
    (again,) = drive.backend.numbers.samples(0)
    assert again.runtime.count == 1


def test_only_whole_hours_and_whole_days_become_coarser(drive: Driver) -> None:
    drive.clock.at -= drive.clock.at % DAY
    start = drive.clock()
    for _ in range(9):
        drive.push()
        drive.clock.advance(1200)

    def seen() -> list[int]:
        return [(sample.minute - start) // MINUTE for sample in drive.backend.numbers.samples(0)]

    drive.clock.at = start + 3 * HOUR + 30 * MINUTE
    drive.backend.tick()
    drive.backend.tick()
    assert seen() == [0, 60, 80, 100, 120, 140, 160], "the hour that is two hours old in part is still there minute by minute"
    drive.clock.at = start + 7 * DAY + 5 * HOUR
    drive.backend.tick()
    drive.backend.tick()
    assert seen() == [0, 60, 120]
    drive.clock.at = start + 8 * DAY
    drive.backend.tick()
    drive.backend.tick()
    assert seen() == [0]
    assert sum(sample.pushed for sample in drive.backend.numbers.samples(0)) == 9


def test_how_long_minutes_hours_and_days_are_kept_is_a_setting(open_driver: Callable[..., Driver], retention: Retention) -> None:
    drive = open_driver(retention=replace(retention, minutes=4 * HOUR, hours=10 * DAY, days=20 * DAY))
    drive.clock.at -= drive.clock.at % DAY
    start = drive.clock() + HOUR
    drive.clock.at = start + MINUTE
    drive.push()
    steps = []
    for later in (4 * HOUR, 6 * HOUR, 10 * DAY, 12 * DAY, 22 * DAY):
        drive.clock.at = start + later
        drive.backend.tick()
        drive.backend.tick()
        steps.append([(sample.minute - start) // MINUTE for sample in drive.backend.numbers.samples(0)])
    assert steps == [[1], [0], [0], [-60], []]


def test_the_latest_samples_are_those_of_that_time_however_often_one_asks(drive: Driver) -> None:
    seen = []
    for number in range(4):
        drive.push(queue="ab"[number % 2])
        (got,) = drive.reserve(1)
        drive.settle(got, Kind.COMPLETED, runtime=number + 1)
        since = drive.clock() - 2 * MINUTE
        for _ in range(2):
            seen.append([(one.minute, one.queue, one.completed, dict(one.runtime.buckets)) for one in drive.backend.numbers.latest(since)])
            told = drive.backend.numbers.samples(since)
            assert seen[-1] == [(one.minute, one.queue, one.completed, dict(one.runtime.buckets)) for one in told]
        drive.clock.advance(40)
    assert seen[0] == seen[1] != seen[2]
