from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from horizon.backends.database.bulk import WORTH, Bulk
from horizon.backends.database.db import ROWS
from horizon.backends.database.driver import DriverDb
from horizon.backends.database.kernel import settle
from horizon.core.clock import SECOND
from horizon.core.outcome import Kind, LogLine
from tests.backends.database.conftest import Opener
from tests.conformance.driver import Driver, after, envelope, error, outcome

THINGS = Bulk("things", "n queue note payload", own="n payload")


@pytest.fixture(scope="module")
def table() -> Iterator[DriverDb]:
    db = DriverDb(sqlite3.connect(":memory:", isolation_level=None), "memory")
    db.run("CREATE TABLE things (n INTEGER PRIMARY KEY, queue TEXT NOT NULL, note TEXT, payload BLOB NOT NULL)")
    yield db
    db.close()


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([None, "", "x"]), st.binary(max_size=3)), max_size=3 * WORTH))
def test_what_is_inserted_is_what_was_given(table: DriverDb, rows: list[tuple[object, ...]]) -> None:
    table.run("DELETE FROM things")
    numbered = [(n, *row) for n, row in enumerate(rows, 1)]
    THINGS.into(table, numbered)
    assert table.all("SELECT * FROM things ORDER BY n") == numbered


@pytest.mark.parametrize("count", [WORTH - 1, WORTH, ROWS, ROWS + 1, 3 * ROWS])
def test_rows_that_agree_are_whole_whatever_their_number(table: DriverDb, count: int) -> None:
    table.run("DELETE FROM things")
    rows = [(n, "q", None, b"%d" % n) for n in range(1, count + 1)]
    THINGS.into(table, rows)
    assert table.all("SELECT * FROM things ORDER BY n") == rows


# jobs ---------------------------------------------------------------------------------------------


def facts(drive: Driver, ids: list[str]) -> list[dict[str, object]]:
    """Everything a store knows of these jobs, but their numbers, ids and times of arrival."""
    own = {"id", "ref", "n", "token"}
    records = [drive.backend.get(id) for id in ids]
    return [{key: getattr(record, key) for key in record.__slots__ if key not in own} for record in records if record is not None]


def test_jobs_pushed_together_are_stored_as_if_pushed_one_by_one(drive: Driver) -> None:
    def mixed() -> list[Any]:
        several = [envelope() for _ in range(WORTH + 1)]
        apart = [
            envelope(queue="other", priority=5), envelope(tags=("a", "b")), envelope(delay=60 * SECOND), envelope(max_tries=9, timeout=5),
            envelope(deadline=drive.clock() + SECOND), envelope(payload=b'{"args":{"x":1}}', user="ana", weight=3), envelope(crashes=1, round=2),
        ]  # fmt: skip
        return [*several[:2], *apart, *several[2:]]

    together, apart = mixed(), mixed()
    drive.backend.push(together)
    for one in apart:
        drive.backend.push([one])
    assert facts(drive, [e.id for e in together]) == facts(drive, [e.id for e in apart])
    order = [got.id for got in drive.reserve(50)]
    places = [[ids.index(id) for id in order if id in ids] for ids in ([e.id for e in together], [e.id for e in apart])]
    assert places[0] == places[1]
    assert len(places[0]) == len(together) - 1, "one waits for its time"


# ends ---------------------------------------------------------------------------------------------


@pytest.fixture
def long_way(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From when it is called, every end is treated like the rare ones."""
    return lambda: monkeypatch.setattr(settle, "is_plain", lambda job, outcome: False)


def test_a_plain_end_leaves_exactly_what_the_long_way_leaves(drive: Driver, long_way: Callable[[], None], opened: Opener) -> None:
    def one_run() -> tuple[object, ...]:
        ids = drive.push_many(3, tags=("t",), unique_key=None, max_tries=4)
        first = [drive.take(id) for id in ids]
        drive.settle(first[1], Kind.RETRY, error=error(), delay=0)
        drive.clock.advance(2)
        again = drive.take(ids[1])
        logs = (LogLine(drive.clock(), "INFO", "done"),)
        done = [
            outcome(first[0], Kind.COMPLETED, runtime=7, started_after=3, memory_kb=900, result=b'{"result":1}', logs=logs),
            outcome(again, Kind.COMPLETED, runtime=8),
            outcome(first[2], Kind.COMPLETED, runtime=9, started_after=5, logs_dropped=2),
        ]
        assert set(drive.backend.turn(done).answers) == {1}
        assert set(drive.backend.turn(done).answers) == {2}
        drive.clock.advance(-2)
        stored = opened()._access.read(lambda db: db.all("SELECT * FROM horizon_done ORDER BY n DESC LIMIT 3"))
        token = 10
        return facts(drive, ids), [[*row[1:token], *row[token + 1 :]] for row in stored]

    plain = one_run()
    long_way()
    assert one_run() == plain


def test_a_plain_end_and_a_failure_in_one_turn_decide_about_a_job_that_waits_for_both(drive: Driver) -> None:
    good, bad = drive.push_many(2)
    both, only = drive.push(edges=after(good, bad)), drive.push(edges=after(good))
    first, second = drive.reserve(2)
    drive.backend.turn([outcome(second, Kind.FAILED, error=error()), outcome(first, Kind.COMPLETED)])
    states = {id: drive.backend.get(id).state.value for id in (good, bad, both, only)}  # type: ignore[union-attr]
    assert states == {good: "completed", bad: "failed", both: "cancelled", only: "pending"}
