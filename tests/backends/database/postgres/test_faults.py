"""A server that restarts, throws everybody out, or is held up: nothing is lost, nothing counts twice, everybody comes back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import psycopg
import pytest

from horizon.backends.connect import connect
from horizon.backends.database import migrate
from horizon.backends.database.backend import DatabaseBackend
from horizon.backends.database.db import Busy
from horizon.backends.database.postgres.faults import translate
from horizon.backends.values import StoreOptions, Want
from horizon.core.clock import SECOND, ManualClock, monotonic
from horizon.core.errors import BackendUnavailable
from horizon.core.outcome import Answer, Kind
from horizon.core.query import JobQuery
from tests.backends.database.postgres.conftest import Opener
from tests.backends.database.test_faults import LOOP
from tests.conformance.driver import LEASE, Driver, envelope, error, outcome
from tests.servers.fixtures import OwnServer
from tests.servers.postgres import Postgres
from tests.waiting import until


@pytest.fixture
def stranger(url: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """Another program in the same database."""
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def hang_up_on_everybody(stranger: psycopg.Connection[tuple[object, ...]]) -> None:
    stranger.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'horizon'"
    )


# the server -----------------------------------------------------------------------------------------


def test_a_server_that_restarts_finds_everything_as_it_was_and_everybody_back(own_server: OwnServer, clock: ManualClock) -> None:
    server: Postgres = own_server(Postgres, durable=True)
    url = server.fresh()
    migrate.upgrade(url)
    store = DatabaseBackend(url, StoreOptions(clock=clock, lease=LEASE))
    drive = Driver(store, clock)
    drive.push_many(3)
    got = drive.reserve(2)
    server.stop(server.quick)
    for act in (drive.push, lambda: store.turn([outcome(got[0], Kind.COMPLETED)]), lambda: store.wait(["x"], 1), drive.counts):
        with pytest.raises(BackendUnavailable):
            act()
    server.start()
    assert store.turn([outcome(one, Kind.COMPLETED) for one in got]).answers == [Answer.OK] * 2
    assert drive.counts() == {"pending": 1, "completed": 2}
    assert store.numbers.recount() == {}
    assert store.wait(["mails"], 5) is True
    store.close()


def test_connections_that_were_ended_while_nobody_used_them_are_no_reason_to_fail(drive: Driver, stranger) -> None:
    drive.push()
    drive.counts()
    hang_up_on_everybody(stranger)
    drive.push()
    hang_up_on_everybody(stranger)
    assert drive.counts() == {"pending": 2}
    hang_up_on_everybody(stranger)
    assert len(drive.reserve(2)) == 2


def test_a_waiter_whose_connection_is_ended_says_so_and_waits_again(drive: Driver, stranger) -> None:
    said: list[object] = []

    def wait() -> None:
        try:
            drive.backend.wait(["quiet"], 30)
        except BackendUnavailable as problem:
            said.append(problem)

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    until(lambda: stranger.execute("SELECT 1 FROM pg_stat_activity WHERE query LIKE 'INSERT INTO horizon_meta%'").fetchone())
    hang_up_on_everybody(stranger)
    thread.join(20)
    assert len(said) == 1
    drive.push()
    assert drive.backend.wait(["mails"], 20) is True


@pytest.mark.parametrize("said", [psycopg.errors.DuplicatePreparedStatement, psycopg.errors.InvalidSqlStatementName])
def test_a_pooler_that_hands_statements_to_other_sessions_is_named(said: type[psycopg.Error]) -> None:
    error = translate(said('prepared statement "horizon_1" already exists'), "postgresql://h/shop")
    assert isinstance(error, BackendUnavailable)
    assert "session mode" in str(error)


# others in the way ----------------------------------------------------------------------------------


def test_a_row_that_somebody_else_holds_for_too_long_says_so_and_nothing_is_half_done(opened: Opener, clock: ManualClock, stranger) -> None:
    store = opened(clock=clock, extra={"busy_timeout": 0.4})
    drive = Driver(store, clock)
    drive.push_many(3)
    got = drive.reserve(3)
    began = monotonic()
    with stranger.transaction():
        stranger.execute("SELECT 1 FROM horizon_live WHERE n = %s FOR UPDATE", (got[1].ref,))
        with pytest.raises(BackendUnavailable, match=r"busy for 0\.4 s"):
            store.turn([outcome(one, Kind.COMPLETED) for one in got])
        assert drive.counts() == {"processing": 3}
    assert monotonic() - began >= 0.4
    assert store.turn([outcome(one, Kind.COMPLETED) for one in got]).answers == [Answer.OK] * 3


def test_pending_jobs_that_somebody_else_holds_are_passed_over(drive: Driver, stranger) -> None:
    first, second = drive.push_many(2)
    with stranger.transaction():
        stranger.execute("SELECT 1 FROM horizon_live l JOIN horizon_job j USING (n) WHERE j.id = %s FOR UPDATE OF l", (first,))
        drive.take(second)
    drive.take(first)


def test_an_act_that_met_a_deadlock_is_done_again_as_a_whole(drive: Driver) -> None:
    tries: list[int] = []

    def act(db) -> None:
        db.run("INSERT INTO horizon_lock (name, holder, term, expires_at) VALUES ('x', 'me', 1, 1)")
        tries.append(1)
        if len(tries) < 3:
            raise Busy("deadlock detected")

    drive.backend._access.write(act)  # type: ignore[attr-defined]
    assert len(tries) == 3
    lease = drive.backend.locks.acquire("x", "you", SECOND)
    assert lease is not None
    assert lease.term == 2


def test_two_who_take_rows_in_opposite_orders_both_get_through(opened: Opener) -> None:
    stores = [opened(), opened()]
    stores[0]._access.write(lambda db: [db.run("INSERT INTO horizon_meta VALUES (?, 0)", (name,)) for name in ("a", "b")])
    gate = threading.Barrier(2)

    def add(store: DatabaseBackend, names: tuple[str, str]) -> None:
        first = [True]

        def act(db) -> None:
            db.run("UPDATE horizon_meta SET value = value + 1 WHERE name = ?", (names[0],))
            if first.pop() if first else False:
                gate.wait(20)
            db.run("UPDATE horizon_meta SET value = value + 1 WHERE name = ?", (names[1],))

        store._access.write(act)

    threads = [threading.Thread(target=add, args=args) for args in ((stores[0], ("a", "b")), (stores[1], ("b", "a")))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert stores[0]._access.read(lambda db: db.all("SELECT value FROM horizon_meta WHERE name IN ('a', 'b')")) == [(2,), (2,)]


# lost replies, odd values ---------------------------------------------------------------------------


def test_an_outcome_whose_reply_was_lost_counts_once(drive: Driver) -> None:
    drive.push_many(2)
    first, second = drive.reserve(2)
    said = [outcome(first, Kind.COMPLETED), outcome(second, Kind.RETRY, delay=60)]
    assert drive.backend.turn(said).answers == [Answer.OK, Answer.OK]
    assert drive.backend.turn(said).answers == [Answer.DUP, Answer.DUP]
    assert drive.counts() == {"completed": 1, "retrying": 1}


@pytest.mark.parametrize(
    "bad", [{"runtime": 2**70}, {"result": object()}, {"reason": object(), "kind": Kind.FAILED}, {"memory_kb": "lots\udc80"}]
)
def test_an_outcome_that_cannot_be_stored_ends_its_job_and_no_other(drive: Driver, bad: dict[str, object]) -> None:
    ids = drive.push_many(5)
    got = drive.reserve(5)
    said = [outcome(one, Kind.COMPLETED) for one in got]
    kind = bad.pop("kind", Kind.COMPLETED)
    said[3] = outcome(got[3], kind, **bad)  # type: ignore[arg-type]
    turned = drive.backend.turn(said)
    assert (turned.answers, list(turned.refused)) == ([Answer.OK] * 5, [3])
    assert drive.states(*ids) == ["completed"] * 3 + ["failed", "completed"]
    assert drive.backend.numbers.recount() == {}


def test_the_character_that_no_text_can_hold_is_shown_by_its_sign(drive: Driver) -> None:
    id = drive.push(tags=("a\x00b",))
    drive.fail(drive.take(id), error=error("bad\x00byte"))
    record = drive.get(id)
    assert record.error is not None
    assert record.error.message == "bad\u2400byte"
    assert drive.found(tag="a\x00b") == [id]


# processes ------------------------------------------------------------------------------------------


def test_a_worker_killed_in_the_middle_of_its_turns_leaves_every_job_in_exactly_one_place(url: str) -> None:
    store = connect(url)
    store.push([envelope() for _ in range(600)])
    for round in range(3):
        worker = subprocess.Popen([sys.executable, "-c", LOOP, url, f"w{round}"], stdout=subprocess.PIPE, text=True)
        assert worker.stdout is not None
        for _ in range(6 + 5 * round):
            worker.stdout.readline()
        os.kill(worker.pid, signal.SIGKILL)
        worker.communicate(timeout=20)
        store.sessions.bury(f"w{round}", None, {})
        assert store.sessions.held(f"w{round}") == []
        assert store.numbers.recount() == {}
    ((counts),) = store.numbers.counts()
    assert counts.counts.get("completed", 0) + counts.counts["pending"] == 600
    store.close()


def test_workers_of_several_processes_share_a_queue_and_no_job_runs_twice(url: str) -> None:
    store = connect(url)
    store.push([envelope() for _ in range(600)])
    workers = [subprocess.Popen([sys.executable, "-c", LOOP, url, f"w{number}"], stdout=subprocess.DEVNULL) for number in range(3)]
    until(lambda: store.remaining() == 0, timeout=60)
    for worker in workers:
        worker.kill()
        worker.wait(20)
    ((counts),) = store.numbers.counts()
    assert dict(counts.counts) == {"completed": 600}
    assert {record.attempts for record in store.find(JobQuery(limit=200)).items} == {1}
    store.close()


def test_a_forked_child_opens_connections_of_its_own(drive: Driver) -> None:
    drive.push()
    child = os.fork()
    if child == 0:
        try:
            drive.push()
            os._exit(0 if drive.counts() == {"pending": 2} else 1)
        except BaseException:
            os._exit(2)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    drive.push()
    assert drive.counts() == {"pending": 3}


# waiting --------------------------------------------------------------------------------------------


def test_word_is_sent_only_while_somebody_waits(drive: Driver, opened: Opener, clock: ManualClock, url: str) -> None:
    with psycopg.connect(url, autocommit=True) as listener:
        listener.execute("LISTEN horizon")
        said: list[object] = []
        listener.add_notify_handler(said.append)

        def heard() -> int:
            said.clear()
            listener.execute("SELECT 1")
            return len(said)

        drive.push()
        drive.push(fresh=True)
        assert heard() == 0
        assert opened(clock=clock).wait(["quiet"], 1.0) is False
        drive.push()
        drive.push(delay=60 * SECOND)
        drive.push(unique_key="k")
        drive.push(fresh=True)
        drive.backend.push([envelope(fresh=True), envelope(fresh=True)])
        told: list[int] = []
        until(lambda: told.append(heard()) or sum(told) >= 5)  # word goes by a signal, which takes its time
        assert sum(told) == 5
        drive.backend.turn([], Want(session="w", executor=0, count=1))
        assert heard() == 0, "a turn that only takes brings nobody work"
        clock.advance(60)
        drive.push()
        assert heard() == 0


def test_a_push_of_another_process_wakes_who_waits_long_before_the_next_look(
    drive: Driver, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    from horizon.backends.database.postgres import wait

    monkeypatch.setattr(wait, "POLL", 60.0)
    other = opened()
    woken: list[bool] = []
    thread = threading.Thread(target=lambda: woken.append(drive.backend.wait(["mails"], 50)), daemon=True)
    thread.start()
    until(lambda: drive.backend._access.read(lambda db: db.one("SELECT 1 FROM horizon_meta WHERE name = 'awaited'")))  # type: ignore[attr-defined]
    other._store.now = drive.backend._store.now  # type: ignore[attr-defined]
    other.push([envelope()])
    thread.join(30)
    assert woken == [True]


def test_numbers_that_are_taken_already_are_told_at_once_and_not_called_busy(drive: Driver) -> None:
    """A copy of a database without its sequences begins to count anew."""
    drive.push_many(30)
    drive.backend._access.lend(lambda db: db.all("SELECT setval('horizon_job_n', 1)"))  # type: ignore[attr-defined]
    with pytest.raises(BackendUnavailable, match=r"horizon_job_pkey.*sequences"):
        drive.backend.push([envelope(unique_key="k")])
    assert drive.counts() == {"pending": 30}
