from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from horizon.backends.schedules import KEPT_RUNS, Schedule, ScheduleChange, ScheduleRun
from horizon.core.clock import SECOND
from tests.conformance.driver import Driver, audit


def schedule(name: str = "nightly", **more: object) -> Schedule:
    return Schedule(**{"name": name, "target": "shop.jobs:Mail", "when": "@daily", **more})  # type: ignore[arg-type]


def write(drive: Driver, *changes: ScheduleChange) -> list[bool]:
    return list(drive.backend.schedules.write(changes))


def put(drive: Driver, made: Schedule, **more: object) -> bool:
    (done,) = write(drive, ScheduleChange(name=made.name, version=made.version, schedule=made, **more))  # type: ignore[arg-type]
    return done


def kept(drive: Driver, name: str = "nightly") -> Schedule:
    found = drive.backend.schedules.get(name)
    assert found is not None
    return found


def test_a_schedule_comes_back_as_it_was_written(drive: Driver) -> None:
    made = schedule(
        timezone="Europe/Rome", args='{"to":"Ärzte \\"x\\""}', options={"queue": "mails", "priority": 20}, misfire="all", most=3, overlap="queue",
        jitter=5 * SECOND, source="code", paused=True, paused_reason="fair", due_at=1_700_000_000_123_457, next_at=1_700_000_001_123_457,
        last_at=1_699_999_999_999_999, last_job="a-job", missed=7, created_at=1_600_000_000_000_001,
    )  # fmt: skip
    assert drive.backend.schedules.get("nightly") is None
    assert put(drive, made)
    assert kept(drive) == replace(made, version=1)
    assert drive.backend.schedules.all() == [replace(made, version=1)]


def test_only_whoever_read_the_latest_version_writes(drive: Driver) -> None:
    assert put(drive, schedule())
    assert not put(drive, schedule(when="@hourly"))  # it is there already
    read = kept(drive)
    assert put(drive, replace(read, when="@weekly"))
    assert not put(drive, replace(read, when="@monthly"), audit=audit(), runs=(ScheduleRun(at=1, due_at=1, kind="pushed"),))
    assert (kept(drive).when, kept(drive).version) == ("@weekly", 2)
    assert not drive.backend.schedules.runs("nightly")
    assert not drive.backend.audit.list()


def test_of_many_who_write_at_once_one_is_first(drive: Driver) -> None:
    put(drive, schedule())
    read = kept(drive)
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda n: put(drive, replace(read, missed=n)), range(24)))
    assert done.count(True) == 1
    assert kept(drive).missed == done.index(True)


def test_of_many_who_make_the_same_one_at_once_one_is_first(drive: Driver) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda n: put(drive, schedule(missed=n)), range(16))).count(True) == 1
    assert len(drive.backend.schedules.all()) == 1


def test_each_change_of_a_write_stands_for_itself(drive: Driver) -> None:
    put(drive, schedule("b"))
    made = [ScheduleChange(name=name, version=0, schedule=schedule(name)) for name in ("a", "b", "c")]
    assert write(drive, *made) == [True, False, True]
    assert write(drive) == []
    assert [one.name for one in drive.backend.schedules.all()] == ["a", "b", "c"]


def test_what_is_due_comes_in_the_order_of_its_time_and_what_rests_does_not(drive: Driver) -> None:
    now = drive.clock.at
    put(drive, schedule("late", next_at=now))
    put(drive, schedule("early", next_at=now - SECOND))
    put(drive, schedule("to-come", next_at=now + 1))
    put(drive, schedule("paused", next_at=now - 9, paused=True))
    put(drive, schedule("gone", next_at=now - 9, gone=True))
    due = drive.backend.schedules.due
    assert [one.name for one in due()] == ["early", "late"]
    assert [one.name for one in due(1)] == ["early"]
    assert drive.backend.schedules.next_at() == now - SECOND
    for name in ("early", "late"):
        put(drive, replace(kept(drive, name), paused=True))
    assert (drive.backend.schedules.due(), drive.backend.schedules.next_at()) == ([], now + 1)
    drive.clock.advance(1)
    assert [one.name for one in due()] == ["to-come"]


def test_history_is_kept_newest_first_and_bounded(drive: Driver) -> None:
    runs = tuple(ScheduleRun(at=n, due_at=1_700_000_000_123_457, kind="pushed", job=f"job-{n}", detail="ü") for n in range(KEPT_RUNS + 5))
    put(drive, schedule(), runs=runs[:2])
    put(drive, kept(drive), runs=runs[2:])
    assert drive.backend.schedules.runs("nightly", 2) == [runs[-1], runs[-2]]
    assert list(drive.backend.schedules.runs("nightly")) == list(runs[: -KEPT_RUNS - 1 : -1])


def test_one_that_is_removed_leaves_nothing_behind(drive: Driver) -> None:
    put(drive, schedule(next_at=1), runs=(ScheduleRun(at=1, due_at=1, kind="pushed"),))
    assert write(drive, ScheduleChange(name="nightly", version=1, schedule=None, audit=audit("remove"))) == [True]
    assert not write(drive, ScheduleChange(name="nightly", version=1, schedule=None))[0]
    schedules = drive.backend.schedules
    assert (schedules.get("nightly"), schedules.all(), schedules.due(), schedules.next_at(), schedules.runs("nightly")) == (
        None,
        [],
        [],
        None,
        [],
    )
    assert put(drive, schedule())
    assert [entry.verb for entry in drive.backend.audit.list()] == ["remove"]


def test_names_are_compared_byte_for_byte(drive: Driver) -> None:
    assert [put(drive, schedule(name)) for name in ("a", "A", "a.", "a:b")] == [True] * 4


def test_a_write_is_news_for_whoever_looks(drive: Driver) -> None:
    before = drive.backend.version()
    put(drive, schedule())
    assert drive.backend.version() != before


def test_a_schedule_that_comes_twice_in_one_write_is_changed_from_what_the_first_left(drive: Driver) -> None:
    schedules = drive.backend.schedules
    first = Schedule(name="nightly", target="a:B", when="@daily", next_at=1)
    again = [
        ScheduleChange(name="nightly", version=0, schedule=first),
        ScheduleChange(name="nightly", version=1, schedule=replace(first, next_at=2)),
        ScheduleChange(name="nightly", version=1, schedule=replace(first, next_at=3)),
    ]
    assert list(schedules.write(again)) == [True, True, False]
    kept = schedules.get("nightly")
    assert kept is not None
    assert (kept.version, kept.next_at) == (2, 2)
