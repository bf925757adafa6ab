"""Groups, where what a member's end means for them is dealt with in an act of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from horizon.backends.connect import connect
from horizon.backends.database import grouped
from horizon.backends.database.db import fetch
from horizon.backends.database.kernel import groups
from horizon.backends.database.kernel.rows import COMPLETED
from horizon.backends.database.store import Store
from horizon.backends.values import PushStatus, StoreOptions, Verb, Want
from horizon.core.clock import ManualClock
from horizon.core.errors import BackendUnavailable
from horizon.core.group import CANCELLED_BY_HAND
from horizon.core.outcome import Kind
from tests.conformance.driver import LEASE, Driver, open_store, outcome, url_of
from tests.conformance.grouping import callbacks_of, members, new, push_batch, run
from tests.servers.mariadb import MariaDB
from tests.servers.postgres import Postgres
from tests.servers.running import running
from tests.servers.server import Missing

SERVERS = {"postgres": Postgres, "mariadb": MariaDB}


@pytest.fixture(params=["sqlite", "postgres", "mariadb"])
def drive(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """A store of each kind; another process of it can be had from `another`."""
    if request.param in SERVERS:
        try:
            running(SERVERS[request.param])
        except Missing as missing:
            pytest.skip(str(missing))
    clock = ManualClock()
    backend = open_store(request.param, tmp_path, clock)
    other = connect(url_of(request.param, tmp_path), StoreOptions(clock=clock, lease=LEASE))
    drive = Driver(backend, clock)
    drive.another = other  # type: ignore[attr-defined]
    yield drive
    backend.close()
    other.close()


def test_what_a_process_that_died_left_undone_is_done_by_the_next_tick(drive: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    done, failed = push_batch(drive, 1), push_batch(drive, 2)
    attempts = {one.id: one for one in drive.reserve(3)}
    with monkeypatch.context() as dead:
        dead.setattr(Store, "see_to", lambda *_, **__: None)
        drive.complete(attempts[done.jobs[0]])
        drive.fail(attempts[failed.jobs[0]])
    assert (done.now.state, done.figures(), done.callbacks()) == ("running", (0, 0, 1, 0, 0), ("blocked", "blocked", "blocked"))
    drive.another.tick()
    assert (done.now.state, done.callbacks()) == ("completed", ("pending", "cancelled", "pending"))
    assert (failed.now.failed_at, failed.callbacks()) == (drive.clock(), ("blocked", "pending", "blocked"))


@pytest.mark.parametrize(("again", "state"), [(Kind.COMPLETED, "completed"), (Kind.FAILED, "failed")])
def test_a_member_that_is_retried_and_ends_before_anybody_looks_still_opens_its_group_again(
    drive: Any, monkeypatch: pytest.MonkeyPatch, again: Kind, state: str
) -> None:
    outer = new()
    inner = new(parent=outer.id)
    drive.backend.push(callbacks_of(outer), groups=[outer])
    batch = push_batch(drive, 1, group=inner)
    drive.backend.push([], seal=[outer.id])
    batch.end(batch.jobs[0], Kind.FAILED)
    run(drive, batch.last)
    with monkeypatch.context() as dead:
        dead.setattr(Store, "see_to", lambda *_, **__: None)
        drive.did(Verb.RETRY, batch.jobs[0])
        batch.end(batch.jobs[0], again)
    drive.another.tick()
    assert (batch.now.state, batch.now.generation, drive.state(batch.last)) == (state, 1, "pending")
    assert drive.backend.groups.get(outer.id).state == state
    assert batch.callbacks()[0] == ("pending" if again is Kind.COMPLETED else "cancelled")


def test_the_jobs_of_a_group_are_found_though_the_counters_know_of_none(drive: Any) -> None:
    batch = push_batch(drive, 2)

    def forget(db: Any) -> None:
        for table in ("horizon_counter", "horizon_delta"):
            db.run(f"DELETE FROM {table}")

    drive.backend._store.access.write(forget)
    assert drive.found(group=batch.id) == list(reversed(batch.jobs))
    assert drive.found(ids=tuple(batch.jobs)) == list(reversed(batch.jobs))


@pytest.mark.parametrize("drive", list(SERVERS), indirect=True)  # with SQLite one writes at a time
def test_who_pushes_to_an_open_group_waits_for_nobody_else_who_does(drive: Any) -> None:
    batch = push_batch(drive, 1, seal=False)

    def meanwhile(db: Any) -> list[PushStatus]:
        assert fetch(db, grouped.LOOK, [batch.id])  # somebody else is in the middle of a push
        return [one.status for one in drive.backend.push(members(batch.id, 2))]

    assert drive.another._store.access.write(meanwhile) == [PushStatus.CREATED] * 2
    assert batch.now.total == 3


def test_a_cancelled_member_that_is_retried_and_cancelled_again_before_anybody_looks_opens_its_group_again(
    drive: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = push_batch(drive, 2)
    drive.did(Verb.CANCEL, batch.jobs[0])
    batch.end(batch.jobs[1])
    run(drive, batch.last)
    before = batch.figures()
    with monkeypatch.context() as dead:
        dead.setattr(Store, "see_to", lambda *_, **__: None)
        drive.did(Verb.RETRY, batch.jobs[0])
        drive.did(Verb.CANCEL, batch.jobs[0])
    drive.another.tick()
    assert (batch.now.state, batch.now.generation, drive.state(batch.last)) == ("completed", 1, "pending")
    assert batch.figures() == before


def test_what_a_process_that_died_left_undone_is_done_by_any_busy_worker(drive: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = push_batch(drive, 1)
    attempt = drive.take(batch.jobs[0])
    with monkeypatch.context() as dead:
        dead.setattr(Store, "see_to", lambda *_, **__: None)
        drive.complete(attempt)
    drive.clock.advance(1)
    Driver(drive.another, drive.clock).reserve(1)
    assert batch.now.state == "completed"


def test_a_store_that_goes_away_behind_a_turn_does_not_lose_its_answer(drive: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> None:
        raise BackendUnavailable("cut off")

    batch = push_batch(drive, 1)
    attempt = drive.take(batch.jobs[0])
    with monkeypatch.context() as away:
        away.setattr(Store, "_ripen", gone)
        assert drive.settle(attempt, Kind.COMPLETED) == 1
    assert batch.now.state == "running"
    drive.reserve(0)
    assert batch.now.state == "completed"


def test_a_busy_worker_that_looks_seldom_still_sees_what_it_moved(drive: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("horizon.backends.database.store.GROUPS_EVERY", 1e9)
    first, second = push_batch(drive, 1), push_batch(drive, 1)
    drive.push_many(3)
    attempts = drive.reserve(2)
    drive.backend.turn([outcome(one, Kind.COMPLETED) for one in attempts], Want(session="w", executor=0, count=1))
    assert (first.now.state, second.now.state) == ("running", "running")
    drive.reserve(50)
    assert (first.now.state, second.now.state) == ("completed", "completed")


def test_a_recount_tells_which_figures_of_a_group_are_wrong(drive: Any) -> None:
    batch = push_batch(drive, 3)
    batch.end(batch.jobs[0])
    drive.did(Verb.RETRY, batch.jobs[0])
    assert dict(drive.backend.numbers.recount()) == {}
    n = batch.now.n
    drive.backend._store.act(lambda scope: scope.ledger.ended(n, COMPLETED, 1))
    assert dict(drive.backend.numbers.recount()) == {f"group:{batch.id}/completed": (2, 1)}


def test_a_group_whose_figures_are_wrong_does_not_end_before_its_members_do(drive: Any) -> None:
    batch = push_batch(drive, 2)
    n = batch.now.n
    drive.backend._store.act(lambda scope: scope.ledger.ended(n, COMPLETED, 1))
    batch.end(batch.jobs[0])
    drive.backend.tick()
    assert (batch.now.state, batch.callbacks()) == ("running", ("blocked", "blocked", "blocked"))


@pytest.mark.parametrize("others", [0, 30])
def test_a_large_group_ends_with_its_last_member_whoever_else_waits(drive: Any, monkeypatch: pytest.MonkeyPatch, others: int) -> None:
    monkeypatch.setattr(groups, "MANY", 10)
    batch = push_batch(drive, 10)
    n = batch.now.n
    drive.push_many(others, queue="other")
    drive.backend._store.act(lambda scope: scope.ledger.ended(n, COMPLETED, 1))
    for id in batch.jobs[:9]:
        batch.end(id)
    assert batch.now.state == "running"
    drive.backend._store.act(lambda scope: scope.ledger.ended(n, COMPLETED, -1))
    batch.end(batch.jobs[9])
    assert batch.now.state == "completed"


def test_a_busy_worker_leaves_a_group_alone_that_cannot_be_ripe_yet(drive: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("horizon.backends.database.store.GROUPS_EVERY", 0)
    monkeypatch.setattr("horizon.backends.database.store.GROUPS_AT_LEAST", 1e9)
    monkeypatch.setattr("horizon.backends.database.store.FASTEST", 1e-6)
    looked: list[Any] = []
    monkeypatch.setattr(groups, "ripe", lambda db, ns, look=groups.ripe: looked.append(list(ns)) or look(db, ns))
    large, small = push_batch(drive, 9), push_batch(drive, 1)

    def busy(*attempts: Any) -> Any:
        done = [outcome(one, Kind.COMPLETED) for one in attempts]
        return drive.backend.turn(done, Want(session="w", executor=0, count=1)).reservations[0]

    running = busy()
    del looked[:]
    running = busy(running)
    assert looked == [[large.now.n]]
    for _ in range(8):
        running = busy(running)
    assert (len(looked), large.now.state) == (1, "running")
    drive.complete(running)
    assert (large.now.state, small.now.state) == ("completed", "completed")


def test_a_large_batch_is_cancelled_bit_by_bit(drive: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "SPAN", 5)
    monkeypatch.setattr("horizon.backends.database.store.ROUNDS", 2)
    batch, other = push_batch(drive, 32), push_batch(drive, 32)
    assert drive.backend.groups.cancel(batch.id).cancelled == 10
    with monkeypatch.context() as dead:
        dead.setattr(Store, "see_to", lambda *_, **__: None)
        drive.backend.groups.cancel(other.id)
    assert (batch.now.state, other.now.cancelled) == ("running", 0)
    while drive.another.tick().more:
        assert drive.backend.numbers.recount() == {}
    assert (batch.now.state, batch.figures(), other.now.state) == ("cancelled", (0, 0, 0, 0, 32), "cancelled")
    assert {drive.get(id).reason for id in (*batch.jobs, *other.jobs)} == {CANCELLED_BY_HAND}
