"""A turn in two ways to the server does exactly what any other turn does, and may be left for later."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

import pytest

from horizon.backends.database import plainly
from horizon.backends.database.mysql import driver
from horizon.backends.database.mysql.driver import MySqlDb
from horizon.backends.database.mysql.wire import Wire
from horizon.backends.database.tables import metadata
from horizon.backends.values import Reservation, Want
from horizon.core.clock import SECOND
from horizon.core.envelope import Edge, On
from horizon.core.errors import BackendUnavailable
from horizon.core.outcome import Answer, Kind
from tests.backends.database.mysql.conftest import Opener
from tests.conformance.driver import Driver, after, envelope, outcome
from tests.servers.mariadb import DRIVER
from tests.waiting import until

Connection = pytest.importorskip("pymysql.connections").Connection
with_pymysql = pytest.mark.skipif(DRIVER != "pymysql", reason="with mysqlclient a question is sent when its answer is to be heard")


@pytest.fixture
def trips(drive: Driver, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bytes]]:
    """What went with each way to the server, once everybody has been there."""
    drive.reserve(1)
    went: list[bytes] = []
    send = Connection._execute_command

    def counted(connection: Any, command: int, sql: Any) -> None:
        went.append(bytes(sql))
        send(connection, command, sql)

    monkeypatch.setattr(Connection, "_execute_command", counted)
    return went  # type: ignore[return-value]


@pytest.fixture
def known(drive: Driver) -> Driver:
    """The same, of whose executor is known that it holds no job that must run alone."""
    drive.backend.turn([], want(1))
    return drive


def want(count: int = 50, **options: Any) -> Want:
    return Want(**{"session": "w", "executor": 0, "count": count, "queues": ("mails",), **options})


def completed(jobs: Sequence[Reservation]) -> list[Any]:
    return [outcome(one, Kind.COMPLETED, result=b"r", runtime=7, started_after=5, memory_kb=9) for one in jobs]


@with_pymysql
@pytest.mark.parametrize("queues", [("mails",), ()])
def test_a_turn_of_fifty_takes_two_trips(drive: Driver, trips: list[bytes], queues: tuple[str, ...]) -> None:
    drive.push_many(150)
    first = drive.backend.turn([], want(queues=queues)).reservations  # which queues have jobs is known from now on
    del trips[:]
    turned = drive.backend.turn(completed(first), want(queues=queues))
    assert len(turned.reservations) == 50
    assert len(trips) == 2


def stored(drive: Driver) -> list[Any]:
    """Everything that two tables and the figures know, but what tells one run from another."""
    found: list[Any] = []
    for table in ("live", "done"):
        names = [f"x.{column.name}" for column in metadata.tables[f"horizon_{table}"].columns if column.name not in ("n", "token")]
        sql = f"SELECT {', '.join(names)} FROM horizon_{table} x ORDER BY x.n"
        found.append(drive.backend._access.read(lambda db, sql=sql: db.all(sql)))  # type: ignore[attr-defined]
    samples = drive.backend.numbers.samples(0)
    return [found, drive.counts(), [(one.completed, one.pushed, one.runtime.buckets, one.wait.buckets) for one in samples]]


def lived(drive: Driver) -> tuple[list[Any], list[Any]]:
    """A few turns; (what was handed out, what is stored)."""
    drive.push_many(3)
    drive.push(priority=4, tags=("t",), max_tries=None, timeout=SECOND)
    drive.push(unique_key="k", unique_until_processing=True)
    first = drive.backend.turn([], want(2)).reservations
    drive.clock.advance(0.5)
    second = drive.backend.turn(completed(first), want(2)).reservations
    third = drive.backend.turn(completed(second[:1]), want(9, default_max_tries=3, default_timeout=60 * SECOND)).reservations
    handed = [{**asdict(one), "id": "", "ref": 0, "token": ""} for one in (*first, *second, *third)]
    return handed, stored(drive)


def test_both_ways_hand_out_and_leave_the_same(monkeypatch: pytest.MonkeyPatch, known: Driver) -> None:
    swift_way, tables = lived(known), ("job", "live", "done", "delta", "counter", "sample", "tag")
    known.backend._access.write(lambda db: [db.run(f"DELETE FROM horizon_{table}") for table in tables])  # type: ignore[attr-defined]
    known.clock.advance(-0.5)
    monkeypatch.setattr(plainly, "fits", lambda *asked, **said: False)
    assert lived(known) == swift_way


def test_a_driver_that_cannot_ask_ahead_takes_the_same_turn(monkeypatch: pytest.MonkeyPatch, known: Driver) -> None:
    """mysqlclient sends a question when it is to be heard."""
    known.push_many(4)
    monkeypatch.setattr(Wire, "hear", lambda wire: wire._executed())
    monkeypatch.setattr(Wire, "ask", lambda wire, statement: setattr(wire, "_asked", statement))
    jobs = known.backend.turn([], want(2)).reservations
    turned = known.backend.turn(completed(jobs), want(2))
    assert (turned.answers, len(turned.reservations)) == ([Answer.OK, Answer.OK], 2)
    assert known.counts() == {"completed": 2, "processing": 2}


def test_a_token_that_holds_nothing_is_told_so_and_the_others_settle(known: Driver) -> None:
    known.push_many(3)
    said = completed(known.backend.turn([], want(3)).reservations)
    assert known.backend.turn(said[:1], want(1)).answers == [Answer.OK]
    assert known.backend.turn(said, want(1)).answers == [Answer.DUP, Answer.OK, Answer.OK]
    assert known.counts() == {"completed": 3}


def test_who_waited_for_a_job_is_handed_out_with_its_end(known: Driver) -> None:
    known.push()
    parent = known.backend.turn([], want(1)).reservations
    child = envelope(edges=(Edge(job_id=parent[0].id, on=On.COMPLETED),))
    known.backend.push([child])
    assert [one.id for one in known.backend.turn(completed(parent), want()).reservations] == [child.id]


def test_of_all_queues_a_new_one_is_found_in_the_same_turn(known: Driver) -> None:
    known.push(queue="a")
    assert len(known.backend.turn([], want(5, queues=())).reservations) == 1
    ids = {known.push(queue="a"), known.push(queue="b")}
    assert {one.id for one in known.backend.turn([], want(5, queues=())).reservations} == ids


def test_nothing_is_handed_out_beside_a_job_that_must_run_alone(known: Driver) -> None:
    ids = known.push_many(2)
    first = known.backend.turn([], want(1)).reservations
    known.backend.turn([outcome(first[0], Kind.RETURNED, suspect=True)])
    (alone,) = known.backend.turn([], want(5)).reservations
    assert (alone.id, alone.alone) == (ids[0], True)
    assert known.backend.turn([], want(5)).reservations == []
    assert [one.id for one in known.backend.turn(completed([alone]), want(5)).reservations] == ids[1:]


def test_a_session_that_was_given_up_settles_and_gets_nothing(known: Driver) -> None:
    known.push_many(2)
    job = known.backend.turn([], want(1)).reservations
    known.backend._access.write(lambda db: db.run("UPDATE horizon_session SET ended_at = 1"))  # type: ignore[attr-defined]
    turned = known.backend.turn(completed(job), want(1))
    assert (turned.answers, turned.reservations) == ([Answer.OK], [])


# left for later -------------------------------------------------------------------------------------


@with_pymysql
def test_a_turn_can_be_asked_for_and_heard_later_by_another_thread(known: Driver) -> None:
    ids = known.push_many(4)
    asked = known.backend.ask(completed(known.backend.turn([], want(2)).reservations), want(2))
    assert asked is not None
    heard: list[Any] = []
    thread = threading.Thread(target=lambda: heard.append(asked.finish()))
    thread.start()
    thread.join(30)
    assert heard[0].answers == [Answer.OK, Answer.OK]
    assert [one.id for one in heard[0].reservations] == ids[2:]
    assert known.counts() == {"completed": 2, "processing": 2}


@with_pymysql
def test_what_is_asked_for_is_not_done_before_it_is_heard(known: Driver) -> None:
    known.push_many(2)
    asked = known.backend.ask([], want(1))
    assert asked is not None
    assert known.counts() == {"pending": 2}
    assert len(asked.finish().reservations) == 1
    assert asked.ready()
    assert known.counts() == {"pending": 1, "processing": 1}


@with_pymysql
def test_an_act_of_the_same_process_hears_first_what_was_asked(known: Driver) -> None:
    """A job that pushes what its forerunner's key stands against would otherwise wait for itself."""
    known.push(unique_key="k")
    asked = known.backend.ask(completed(known.backend.turn([], want(1)).reservations), want(1))
    assert asked is not None
    assert known.backend.push([envelope(unique_key="k")])[0].status == "created"
    assert asked.finish().answers == [Answer.OK]


Cut = Callable[[Driver, MySqlDb], None]


def _killed(other: Driver, db: MySqlDb) -> None:
    other.backend._access.write(lambda one: one.run(f"KILL {db.driver.thread_id()}"))  # type: ignore[attr-defined]


def _unheard(other: Driver, db: MySqlDb) -> None:
    until(db.ready)  # the server has taken the jobs for it, and now a job holds the interpreter
    until(lambda: len(other.reserve(2, session="other")) == 2)


@with_pymysql
@pytest.mark.parametrize("cut", [_killed, _unheard])
def test_a_turn_whose_connection_is_cut_is_not_kept(monkeypatch: pytest.MonkeyPatch, known: Driver, opened: Opener, cut: Cut) -> None:
    monkeypatch.setattr(driver, "WATCH", b"SET SESSION idle_transaction_timeout = 1")
    other = Driver(opened(clock=known.clock), known.clock)
    other.open("other")
    known.push_many(3)
    job = known.backend.turn([], want(1)).reservations
    known.backend.close()
    asked = known.backend.ask(completed(job), want(2))
    assert asked is not None
    cut(other, asked._begun._db)  # type: ignore[attr-defined]
    with pytest.raises(BackendUnavailable):
        asked.finish()
    assert known.backend.turn(completed(job), want(1)).answers == [Answer.OK]
    assert known.counts().get("completed") == 1


@with_pymysql
def test_a_turn_that_was_not_what_it_seemed_is_done_the_other_way_when_it_is_heard(known: Driver) -> None:
    known.push_many(2)
    job = known.backend.turn([], want(1)).reservations
    known.backend.turn(completed(job))
    asked = known.backend.ask(completed(job), want(1))
    assert asked is not None
    turned = asked.finish()
    assert (turned.answers, len(turned.reservations)) == ([Answer.DUP], 1)


def test_a_turn_with_more_to_say_is_not_asked_for(known: Driver) -> None:
    known.push(edges=after(known.push()))
    job = known.backend.turn([], want(1)).reservations
    assert known.backend.ask([outcome(job[0], Kind.FAILED)], want(1)) is None
