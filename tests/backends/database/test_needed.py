"""Which chores a tick does follows from the oldest of everything: to the microsecond, and nothing is done for what is younger."""

from __future__ import annotations

import re
from typing import Any

import pytest

from horizon.backends.database.needed import ASTRAY, LOOK, NOTHING, Chore, Oldest, look, needed
from horizon.backends.rollup import TEN
from horizon.backends.values import Retention, StoreOptions
from horizon.core.clock import DAY, HOUR, MINUTE, SECOND
from horizon.core.outcome import Kind
from tests.conformance.driver import Driver

NOW = 20_000 * DAY + 5 * HOUR + 7 * MINUTE
OPTIONS = StoreOptions(lease=15 * SECOND, seal_timeout=600 * SECOND)
KEPT = Retention(
    completed=2 * HOUR, completed_jobs=5, failed=4 * HOUR, cancelled=3 * HOUR, audit=6 * HOUR, undo=HOUR, sessions=DAY,
    effects=3 * DAY, minutes=2 * HOUR, hours=7 * DAY, days=366 * DAY,
)  # fmt: skip
QUIET = Oldest._make([None] * len(Oldest._fields))._replace(
    seen_at=NOW, first_delta=9, last_delta=9, says=0, kept=5, rollup=20_000 * DAY + 4 * HOUR + 50 * MINUTE
)
MOVES = Chore.FOLD | Chore.TRIM
"""What follows whatever moved anything."""
LATEST: dict[str, tuple[int, Chore]] = {
    "due": (NOW, Chore.CATCH_UP | MOVES),
    "lease": (NOW, Chore.CATCH_UP | MOVES),
    "open_group": (NOW - 600 * SECOND + ASTRAY, Chore.GROUPS | MOVES),
    "minute": (20_000 * DAY + 3 * HOUR - 1, Chore.FOLD),
    "hour": (19_993 * DAY - 1, Chore.FOLD),
    "day": (NOW - 366 * DAY - 1, Chore.FOLD),
    "hidden": (NOW - HOUR, Chore.TRIM),
    "completed": (NOW - 2 * HOUR, Chore.TRIM),
    "failed": (NOW - 4 * HOUR, Chore.TRIM),
    "cancelled": (NOW - 3 * HOUR, Chore.TRIM),
    "unneeded": (NOW - 3 * HOUR, Chore.TRIM),
    "completed_group": (NOW - 2 * HOUR + ASTRAY, Chore.TRIM),
    "failed_group": (NOW - 4 * HOUR + ASTRAY, Chore.TRIM),
    "cancelled_group": (NOW - 3 * HOUR + ASTRAY, Chore.TRIM),
    "lot": (NOW, Chore.TRIM),
    "limit": (NOW, Chore.TRIM),
    "tombstone": (NOW - 60 * SECOND, Chore.TRIM),
    "audit": (NOW - 6 * HOUR, Chore.TRIM),
    "operation": (NOW - DAY + ASTRAY, Chore.TRIM),
    "signed_out": (NOW, Chore.TRIM),
    "meter": (NOW, Chore.TRIM),
    "lock": (NOW - DAY, Chore.TRIM),
    "effect": (NOW - 3 * DAY, Chore.TRIM),
    "note": (NOW, Chore.TRIM),
    "session": (NOW - DAY, Chore.TRIM),
}
"""The latest time of each for which there is something to do, and what."""
THERE: dict[str, Chore] = {
    "inbox": Chore.CATCH_UP | MOVES,
    "gate": Chore.CATCH_UP | MOVES,
    "moved_group": Chore.GROUPS | MOVES,
    "running": Chore.OPERATE | MOVES,
    "unsealed": Chore.SEAL,
}
"""What there is something to do for as soon as it is there."""
OTHERS = {"seen_at", "no_reaping_before", "first_delta", "last_delta", "says", "kept", "rollup"}


def chores(**found: Any) -> Chore:
    return needed(QUIET._replace(**found), NOW, OPTIONS, KEPT)


def test_where_nothing_is_old_nothing_is_done() -> None:
    assert chores() == NOTHING
    assert LATEST.keys() | THERE.keys() | OTHERS == set(Oldest._fields), "each has a test of its own"


@pytest.mark.parametrize("field", LATEST)
def test_what_is_due_is_done_at_its_moment_and_not_before(field: str) -> None:
    at, chore = LATEST[field]
    assert chores(**{field: at}) == chore
    assert chores(**{field: at + 1}) == NOTHING


@pytest.mark.parametrize("field", THERE)
def test_what_waits_is_done_whenever_it_is_there(field: str) -> None:
    assert chores(**{field: 1}) == THERE[field]


def test_numbers_are_folded_unless_the_one_that_is_left_says_nothing() -> None:
    assert chores(first_delta=8) == MOVES
    assert chores(says=1) == MOVES
    assert chores(first_delta=None, last_delta=None, says=None) == NOTHING


def test_sums_are_written_when_ten_minutes_are_over_and_settled_and_anew_where_the_clock_was_set_back() -> None:
    tens = NOW - 7 * MINUTE - 2 * TEN
    assert chores(rollup=tens, minute=NOW) == Chore.FOLD
    assert chores(rollup=tens + TEN, minute=NOW) == NOTHING
    assert chores(rollup=tens + 2 * TEN, minute=NOW) == Chore.FOLD
    assert chores(rollup=None, minute=NOW - 7 * MINUTE - 1) == Chore.FOLD
    assert chores(rollup=None, minute=NOW - 7 * MINUTE) == NOTHING
    assert chores(rollup=None) == NOTHING


def test_one_record_more_than_is_kept_is_trimmed() -> None:
    assert chores(kept=6) == Chore.TRIM


def test_nobody_is_reaped_before_everybody_had_time_to_renew() -> None:
    assert chores(lease=NOW - 5, no_reaping_before=NOW + 1) == NOTHING
    assert Chore.CATCH_UP in chores(lease=NOW - 5, no_reaping_before=NOW)


def test_once_a_second_it_is_noted_that_somebody_was_here_and_a_jump_of_the_clock_is_for_the_whole_act() -> None:
    assert chores(seen_at=NOW - SECOND + 1) == NOTHING
    assert chores(seen_at=NOW - SECOND) == chores(seen_at=NOW + 1) == chores(seen_at=NOW - 15 * SECOND) == Chore.CLOCK
    for jumped in (None, NOW - 15 * SECOND - 1, NOW + 15 * SECOND + 1):
        assert Chore.CATCH_UP in chores(seen_at=jumped)


def test_the_question_reads_no_table_from_end_to_end_but_the_counters(drive: Driver) -> None:
    drive.run(drive.push(), Kind.FAILED)
    store: Any = drive.backend
    told = [row[3] for row in store._access.read(lambda db: db.all(f"EXPLAIN QUERY PLAN {LOOK}"))]
    assert sum("SEARCH" in line for line in told) >= len(Oldest._fields) - 1
    assert [line for line in told if re.match("SCAN (?!CONSTANT ROW)", line) and "horizon_counter" not in line] == []
    assert [line for line in told if "TEMP B-TREE" in line] == []


def test_what_the_store_answers_is_what_was_put_there(drive: Driver) -> None:
    drive.backend.tick()
    drive.push(delay=5 * SECOND)
    drive.run(drive.push(), Kind.FAILED)
    store: Any = drive.backend
    found = look(store._store)
    assert (found.due, found.failed, found.completed, found.inbox) == (drive.clock() + 5 * SECOND, drive.clock(), None, None)
    assert (found.seen_at, found.running, found.moved_group) == (drive.clock(), None, None)
