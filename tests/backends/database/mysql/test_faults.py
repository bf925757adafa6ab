"""What goes wrong on a MariaDB, and what becomes of it."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from horizon.backends.database.backend import DatabaseBackend
from horizon.backends.database.bare import connect
from horizon.backends.database.db import Busy, Refused, Taken
from horizon.backends.database.mysql.faults import translate
from horizon.backends.values import SessionInfo, StoreOptions, Want
from horizon.core.clock import SECOND
from horizon.core.errors import BackendUnavailable, ConfigurationError, InvalidInput, SchemaMismatch, StoreFull
from horizon.core.outcome import Answer, Kind
from tests.backends.database.mysql.conftest import Opener
from tests.conformance.driver import Driver, envelope, outcome
from tests.servers.fixtures import OwnServer
from tests.servers.mariadb import MariaDB


def kill_others(server: MariaDB) -> int:
    """End every connection but the one that asks, as an administrator would."""
    killed = 0
    for id, name in server.ask("SELECT id, db FROM information_schema.processlist WHERE id <> connection_id()"):
        if name is not None:
            server.ask(f"KILL {id}")
            killed += 1
    return killed


@pytest.mark.parametrize(
    ("code", "means"),
    [
        (1213, Busy), (1205, Busy), (1062, Taken), (1264, Refused), (1406, Refused), (1114, StoreFull), (1146, SchemaMismatch),
        (2013, BackendUnavailable), (2006, BackendUnavailable), (1040, BackendUnavailable), (1290, BackendUnavailable), (9999, BackendUnavailable),
    ],
)  # fmt: skip
def test_a_number_of_theirs_means_one_of_our_errors(code: int, means: type[Exception]) -> None:
    assert type(translate(Exception(code, "so it says"), "mysql://h/shop")) is means


def test_a_connection_that_was_ended_while_nobody_used_it_is_replaced(
    server: MariaDB, drive: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    drive.push()
    monkeypatch.setattr("horizon.backends.database.mysql.driver.FRESH", 0.0)
    assert kill_others(server) > 0
    drive.push(unique_key="k")
    assert kill_others(server) > 0
    drive.push()
    assert drive.counts() == {"pending": 3}


def test_a_connection_that_was_ended_a_moment_ago_costs_one_act_and_no_more(
    server: MariaDB, drive: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("horizon.backends.database.mysql.driver.FRESH", 3600.0)
    drive.push()
    assert kill_others(server) > 0
    made = envelope(unique_key="k")
    with pytest.raises(BackendUnavailable, match="next attempt"):
        drive.backend.push([made])
    assert [answer.status for answer in drive.backend.push([made])] == ["created"]


def test_two_that_wait_for_each_other_are_both_served(opened: Opener) -> None:
    first, second = opened(), opened()
    ids = [first.push([envelope()])[0].id for _ in range(2)]
    barrier, tries, failures = threading.Barrier(2), [], []

    def update(store: DatabaseBackend, order: list[int]) -> None:
        def act(db: Any) -> None:
            tries.append(order)
            db.run("UPDATE horizon_live SET note = 'x' WHERE n = ?", (order[0],))
            if tries.count(order) == 1:
                barrier.wait(30)
            db.run("UPDATE horizon_live SET note = 'x' WHERE n = ?", (order[1],))

        try:
            store._access.write(act)
        except BaseException as error:
            failures.append(error)

    a, b = (record.n for record in first.many(ids))
    threads = [threading.Thread(target=update, args=(first, [a, b])), threading.Thread(target=update, args=(second, [b, a]))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert len(tries) == 3, "nobody had to begin anew: there was no deadlock"


def test_whoever_waits_too_long_for_a_row_is_told_that_the_store_is_busy(opened: Opener) -> None:
    first, second = opened(), opened(extra={"busy_timeout": 1.0})
    (pushed,) = first.push([envelope()])

    def held(db: Any) -> None:
        db.run("UPDATE horizon_live SET note = 'x'")
        with pytest.raises(BackendUnavailable, match="busy"):
            second._access.write(lambda other: other.run("UPDATE horizon_live SET note = 'y'"))

    first._access.write(held)
    assert first.get(pushed.id) is not None


def test_a_statement_longer_than_the_server_takes_is_refused_and_nothing_is_half_written(drive: Driver, opened: Opener) -> None:
    most = int(opened()._access.read(lambda db: db.all("SELECT @@max_allowed_packet"))[0][0])
    with pytest.raises(InvalidInput, match="max_allowed_packet"):
        drive.backend.push([envelope(), envelope(payload=b"x" * most)])
    assert drive.counts() == {}


def test_many_large_payloads_go_in_several_statements(drive: Driver) -> None:
    ids = drive.push_many(40, payload=b"'\\\x00\xff" * 150_000)
    assert drive.counts() == {"pending": 40}
    assert drive.get(ids[-1]).payload == b"'\\\x00\xff" * 150_000


def test_names_that_differ_in_case_accents_or_trailing_spaces_are_different_names(drive: Driver) -> None:
    keys = ["ana", "Ana", "aná", "ana ", "ana\t", "😀", "😁"]
    assert [answer.status for answer in drive.backend.push([envelope(unique_key=key) for key in keys])] == ["created"] * len(keys)
    (again,) = drive.backend.push([envelope(unique_key="ana ")])
    assert again.status == "duplicate"
    id = drive.push(tags=("x",))
    assert drive.found(tag="x ") == []
    assert drive.backend.get(id + " ") is None
    assert drive.backend.get("é") is None


def test_a_change_to_what_is_there_already_counts_as_in_every_other_store(opened: Opener) -> None:
    store = opened()
    store.push([envelope()])
    assert store._access.write(lambda db: [db.run("UPDATE horizon_live SET note = 'x'") for _ in range(2)]) == [1, 1]


def test_the_guardian_does_its_part_over_the_bare_driver(drive: Driver, url: str) -> None:
    drive.backend.sessions.open(SessionInfo(id="g", kind="worker", host="h", pid=1), 3600 * SECOND)
    ids = drive.push_many(2)
    got = drive.reserve(2, session="g")
    guardian = connect({"url": url, "lease": 15.0})
    assert guardian.sessions.renew("g", 15 * SECOND).alive
    assert guardian.turn([outcome(got[0], Kind.COMPLETED)]).answers == [Answer.OK]
    assert guardian.sessions.bury("g", 0, {}) == 1
    guardian.close()
    assert sorted(drive.states(*ids)) == ["completed", "pending"]


def test_a_server_that_was_killed_and_came_back_has_everything_and_serves_the_next_act(own_server: OwnServer) -> None:
    from horizon.backends.database import migrate

    server = own_server(MariaDB, durable=True)
    url = server.fresh()
    migrate.upgrade(url)
    store = DatabaseBackend(url, StoreOptions())
    store.sessions.open(SessionInfo(id="w", kind="worker", host="h", pid=1), 3600 * SECOND)
    store.push([envelope() for _ in range(5)])
    got = store.turn([], Want(session="w", executor=0, count=2)).reservations
    server.kill()
    with pytest.raises(BackendUnavailable):
        store.push([envelope()])
    server.start()
    assert store.turn([outcome(one, Kind.COMPLETED) for one in got]).answers == [Answer.OK, Answer.OK]
    assert store.numbers.recount() == {}
    assert store.remaining() == 3
    store.close()


def test_a_server_that_may_forget_what_it_acknowledged_is_warned_of(drive: Driver, server: MariaDB) -> None:
    """The server of the tests is as careless as can be, for the sake of speed."""
    drive.push()
    (warning,) = drive.backend.warnings()
    assert "innodb_flush_log_at_trx_commit=0" in warning
    assert "set it to 1" in warning
    assert "horizon:horizon" not in warning


def test_a_wrong_password_and_a_missing_database_are_told_apart(server: MariaDB) -> None:
    for url, says in (
        (f"mysql://horizon:wrong@127.0.0.1:{server.port}/x", "password"),
        (f"mysql://horizon:horizon@127.0.0.1:{server.port}/nowhere", "no such database"),
        ("mysql://horizon@127.0.0.1:1/x", "can be reached"),
    ):
        store = DatabaseBackend(url, StoreOptions())
        with pytest.raises(BackendUnavailable, match=says):
            store.now()
        store.close()


def test_a_driver_that_is_not_there_is_named_with_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pymysql", None)
    store = DatabaseBackend("mysql://h/x", StoreOptions())
    with pytest.raises(ConfigurationError, match=r"flask-horizon\[mysql\]"):
        store.now()
