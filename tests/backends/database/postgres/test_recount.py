"""A table that has grown far beyond what the server counted is counted again, before its plans cost anybody anything."""

from __future__ import annotations

from typing import Any

import pytest

from horizon.backends.database.backend import DatabaseBackend
from horizon.backends.database.kernel import record
from horizon.backends.database.postgres.driver import PostgresDb
from horizon.backends.database.postgres.recount import recount
from horizon.backends.database.postgres.text import translated
from horizon.core.clock import ManualClock
from tests.backends.database.postgres.conftest import Opener
from tests.conformance.driver import envelope
from tests.waiting import until

GROWN = """
INSERT INTO horizon_live (n, state, queue, name, rank, place, available_at, size, tries, runs, round, crashes, suspect, alone, key_spent)
  SELECT n, 1, 'mails', 'app:A', 0, n, n, 0, 0, 0, 0, 0, 0, 0, 0 FROM generate_series({first}, {last}) n
"""
DRAINED = (
    "ALTER TABLE horizon_live SET (autovacuum_enabled = off)",
    GROWN.format(first=1, last=10_000),
    "DELETE FROM horizon_live WHERE n < 9996",
    "VACUUM ANALYZE horizon_live",
)
AGAIN = GROWN.format(first=10_001, last=20_000)


def run(store: DatabaseBackend, *statements: str) -> None:
    def act(db: PostgresDb) -> None:
        for statement in statements:
            db.driver.execute(statement)

    store._access.lend(act)  # type: ignore[attr-defined]


def believed(store: DatabaseBackend) -> float:
    """Rows the server counted."""
    (rows,) = store._access.lend(lambda db: db.one("SELECT reltuples FROM pg_class WHERE relname = 'horizon_live'"))  # type: ignore[attr-defined]
    return float(rows)


def living(store: DatabaseBackend) -> int:
    """Rows the server saw come and not go."""
    (rows,) = store._access.lend(lambda db: db.one("SELECT pg_stat_get_live_tuples('horizon_live'::regclass)"))  # type: ignore[attr-defined]
    return int(rows)


def index_by_number(store: DatabaseBackend) -> str:
    """The index by which jobs are deleted whose numbers are told."""

    def ask(db: PostgresDb) -> Any:
        text = "EXPLAIN (FORMAT JSON) " + translated(record.DELETE_LIVE)
        return db.driver.execute(text, ([*range(15_000, 15_100)],)).fetchone()[0]  # type: ignore[index]

    (plan,) = store._access.lend(ask)[0]["Plan"]["Plans"]  # type: ignore[attr-defined]
    return str(plan["Index Name"])


def misjudged(store: DatabaseBackend) -> list[str]:
    return store._access.lend(recount)  # type: ignore[attr-defined, no-any-return]


def test_a_table_that_filled_after_it_was_counted_nearly_empty_is_counted_again(opened: Opener) -> None:
    store = opened()
    run(store, *DRAINED, AGAIN)
    assert believed(store) < 10
    assert index_by_number(store) != "horizon_live_pkey"  # what this is about
    until(lambda: misjudged(store) == ["horizon_live"])  # the server tells of growth within a second or so
    assert believed(store) == pytest.approx(10_005, rel=0.05)
    assert index_by_number(store) == "horizon_live_pkey"
    assert misjudged(store) == []


def test_the_housekeeping_sees_to_it(opened: Opener, clock: ManualClock) -> None:
    store = opened(clock=clock)
    run(store, *DRAINED, AGAIN)

    def counted() -> bool:
        store.push([envelope()])
        clock.advance(120)
        store.tick()
        return believed(store) > 10_000

    assert until(counted)


def test_what_was_counted_well_is_left_alone(opened: Opener) -> None:
    store = opened()
    run(store, DRAINED[0], AGAIN, "VACUUM ANALYZE horizon_live", "UPDATE pg_class SET reltuples = 3000 WHERE relname = 'horizon_live'")
    until(lambda: living(store) == 10_000)
    assert misjudged(store) == []
    assert believed(store) == 3000


def test_a_table_that_somebody_is_changing_is_left_alone_and_holds_nobody_up(opened: Opener) -> None:
    store, other = opened(), opened()
    run(store, *DRAINED, AGAIN)
    until(lambda: living(store) > 10_000)

    def locked(db: PostgresDb) -> None:
        with db.driver.transaction():
            db.driver.execute("LOCK TABLE horizon_live IN SHARE UPDATE EXCLUSIVE MODE")
            assert misjudged(store) == ["horizon_live"]
            assert believed(store) < 10

    other._access.lend(locked)  # type: ignore[attr-defined]
    assert misjudged(store) == ["horizon_live"]
    assert believed(store) > 10_000
