from __future__ import annotations

from typing import Any

import pytest

from horizon.backends.database import chores, fold, tick
from horizon.backends.values import Want
from horizon.core.outcome import Kind
from tests.backends.database.conftest import Opener
from tests.conformance.driver import Driver, outcome


def deltas(drive: Driver) -> int:
    store: Any = drive.backend
    return int(store._access.read(lambda db: db.all("SELECT count(*) FROM horizon_delta"))[0][0])


def test_folding_changes_no_figure(drive: Driver) -> None:
    for number in range(20):
        drive.push(queue="ab"[number % 2], name=f"m:J{number % 3}")
    for number, got in enumerate(drive.reserve(15)):
        drive.settle(got, Kind.COMPLETED if number % 4 else Kind.FAILED, runtime=number * 1000)
    numbers = drive.backend.numbers

    def figures() -> object:
        samples = [
            (s.minute, s.queue, s.name, s.pushed, s.completed, s.failed, s.runtime.encode(), s.wait.encode()) for s in numbers.samples(0)
        ]
        return (numbers.counts(), numbers.names(), samples)

    before = figures()
    assert deltas(drive) > 20
    assert drive.backend.tick().folded > 20
    assert figures() == before
    drive.push()
    assert figures() != before
    assert numbers.recount() == {}


def test_after_a_tick_one_delta_is_left_so_that_the_version_never_goes_back(drive: Driver) -> None:
    drive.push_many(3)
    before = drive.backend.version()
    drive.backend.tick()
    assert deltas(drive) == 1
    after = drive.backend.version()
    assert after >= before
    assert drive.backend.tick().folded == 0
    assert drive.backend.version() == after
    drive.push()
    assert drive.backend.version() > after


def test_the_version_is_the_same_in_every_process(drive: Driver, opened: Opener) -> None:
    other = opened()
    drive.push()
    assert other.version() == drive.backend.version()


def test_a_busy_worker_folds_by_itself_where_nobody_ticks(drive: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chores, "FOLD_MANY", 10)
    for _ in range(30):
        drive.push()
    drive.clock.advance(2)
    drive.backend.turn([])
    assert deltas(drive) <= 2
    assert drive.counts() == {"pending": 30}


def test_a_group_settled_adds_one_row_per_queue_and_class(drive: Driver) -> None:
    drive.push_many(30)
    got = drive.reserve(30)
    before = deltas(drive)
    drive.backend.turn([outcome(one, Kind.COMPLETED) for one in got], Want(session="w", executor=0, count=5))
    assert deltas(drive) == before + 1


def test_a_drifted_counter_is_reported(drive: Driver) -> None:
    drive.push_many(3)
    drive.backend.tick()
    store: Any = drive.backend
    store._access.write(lambda db: db.run("UPDATE horizon_counter SET n = n + 2"))
    assert store.numbers.recount() == {"mails/pending": (5, 3)}


def test_a_worker_of_many_classes_folds_on_its_way_however_little_time_passes(drive: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reads a count adds up all that wait, so they must not pile up between two ticks."""
    monkeypatch.setattr(chores, "FOLD_MANY", 40)
    monkeypatch.setattr(chores, "LOOK_AFTER", 10)
    most = 0
    for number in range(60):
        for kind in range(4):
            drive.push(name=f"m:J{number % 5}-{kind}", queue=f"q{kind}")
        for got in drive.reserve(4):
            drive.settle(got, Kind.COMPLETED)
        most = max(most, deltas(drive))
    assert most <= 40 + 30
    assert drive.backend.numbers.recount() == {}


def test_a_tick_that_left_changed_numbers_behind_says_that_there_is_more(drive: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fold, "PER_STEP", 10)
    monkeypatch.setattr(tick, "PER_STEP", 10)
    for _ in range(25):
        drive.push()
    assert drive.backend.tick(limit=5).more
    while drive.backend.tick(limit=5).more:
        pass
    assert deltas(drive) <= 1
    assert drive.backend.numbers.recount() == {}
