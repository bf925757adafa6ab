"""Limits in SQLite: what is kept of them, how wrong figures are mended, and that nothing of them stays behind."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from horizon.core.clock import SECOND
from tests.conformance.driver import Driver
from tests.conformance.limiting import at_a_time, at_rest, known, limit, limited, parked


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        ("UPDATE horizon_limit SET running = 2 WHERE name = 'door'", {"limit:door/running": (2, 0)}),
        ("UPDATE horizon_limit SET crowd = -7 WHERE name = 'door'", {"limit:door/waiting": (7, 1)}),
        ("UPDATE horizon_lot SET stands = 5", {"lot:mails/1/stands": (5, 2)}),
        ("UPDATE horizon_lot SET parked = 9", {"lot:mails/1/parked": (9, 1)}),
        ("UPDATE horizon_limit SET lots = 4 WHERE name = 'door'", {"limit:door/lots": (4, 1)}),
    ],
)
def test_a_figure_that_is_wrong_is_told_and_mended(drive: Driver, file: Path, harm: str, told: dict[str, tuple[int, int]]) -> None:
    ids = limited(drive, 3, at_a_time(2))
    with sqlite3.connect(file) as connection:
        connection.execute(harm)
    connection.close()
    assert dict(drive.backend.numbers.recount()) == told
    at_rest(drive)
    assert [drive.run().id for _ in ids] == ids
    at_rest(drive)


def rows(file: Path) -> list[int]:
    """How many limits and lots are kept."""
    connection = sqlite3.connect(file)
    found = [connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("horizon_limit", "horizon_lot")]
    connection.close()
    return found


def test_limits_that_nobody_needs_any_more_go_with_a_tick_and_those_of_which_something_counts_stay(drive: Driver, file: Path) -> None:
    limited(drive, 1, limit(1), at_a_time(1))
    (later,) = limited(drive, 1, limit(1, "later"), delay=500 * SECOND)
    drive.run()
    at_rest(drive)
    assert (known(drive, "smtp").used, known(drive, "later").used) == (1, 0)
    drive.clock.advance(200)
    at_rest(drive)
    assert (rows(file), drive.backend.limits.get("smtp"), drive.backend.limits.get("door")) == ([1, 1], None, None)
    assert drive.jump(300).promoted == 1
    drive.run(later)
    drive.clock.advance(200)
    at_rest(drive)
    assert rows(file) == [0, 0]


def test_one_job_in_each_queue_keeps_watch_for_all_that_wait_for_a_limit(drive: Driver, file: Path) -> None:
    for number in range(4):
        limited(drive, 3, limit(9, f"user {number}"), limit(1, "all"), queue="ab"[number % 2])
    drive.run()
    connection = sqlite3.connect(file)
    waits, due = connection.execute("SELECT count(*), count(due) FROM horizon_live WHERE lot < 0").fetchone()
    connection.close()
    assert (waits > 7, due) == (True, 2)
    assert parked(drive, *limited(drive, 1, limit(9, "user 0"), limit(1, "all"), queue="a")) == [True]


def test_many_keys_that_share_a_limit_keep_no_job_without_one_waiting(drive: Driver) -> None:
    limited_jobs = [limited(drive, 1, limit(1, f"user {number}"), at_a_time(1), priority=5)[0] for number in range(600)]
    plain = drive.push_many(2)
    assert [one.id for one in drive.reserve(2)] == limited_jobs[:1]
    assert [one.id for one in drive.reserve(2)] == plain
    drive.reserve(1)
    assert drive.reserve(1) == []
    at_rest(drive)
