"""A plain push in one go leaves exactly what the long way leaves."""

from __future__ import annotations

from typing import Any

import pytest

from horizon.backends.database.mysql import quick
from horizon.backends.database.tables import metadata
from horizon.backends.values import QueueSettings, Verb
from horizon.core.errors import InvalidInput, QueueFull
from tests.backends.database.mysql.conftest import Opener
from tests.backends.database.postgres.test_quick import KINDS
from tests.conformance.driver import Driver, after, envelope


def stored(drive: Driver, ids: list[str]) -> list[Any]:
    """Everything three tables know of these jobs, but what tells one from another."""
    places = ", ".join("?" * len(ids))
    found: list[Any] = []
    for table in ("job", "live"):
        names = ", ".join(f"x.{column.name}" for column in metadata.tables[f"horizon_{table}"].columns if column.name not in ("n", "id"))
        sql = f"SELECT {names} FROM horizon_{table} x JOIN horizon_job j ON j.n = x.n WHERE j.id IN ({places}) ORDER BY x.n"
        found += drive.backend._access.read(lambda db, sql=sql: db.all(sql, ids))  # type: ignore[attr-defined]
    sql = f"SELECT t.tag FROM horizon_tag t JOIN horizon_job j ON j.n = t.n WHERE j.id IN ({places}) ORDER BY t.n, t.tag"
    return [*found, drive.backend._access.read(lambda db: db.all(sql, ids))]  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("count", [1, 5])
def test_both_ways_leave_the_same(drive: Driver, monkeypatch: pytest.MonkeyPatch, kind: str, count: int) -> None:
    first, second = ([envelope(**KINDS[kind]) for _ in range(count)] for _ in range(2))
    assert quick.are_plain(first)
    assert [answer.status for answer in drive.backend.push(first)] == ["created"] * count
    counted = drive.counts()
    assert drive.backend.numbers.recount() == {}
    monkeypatch.setattr(quick, "are_plain", lambda envelopes: False)
    drive.backend.push(second)
    assert stored(drive, [one.id for one in first]) == stored(drive, [one.id for one in second])
    assert drive.counts() == {state: 2 * n for state, n in counted.items()}


@pytest.mark.parametrize("asks", [{"unique_key": "k"}, {"edges": after("x")}, {"group": "g"}])
def test_what_has_to_be_looked_at_goes_the_long_way(asks: dict[str, Any]) -> None:
    assert not quick.are_plain([envelope(**asks)])
    assert not quick.are_plain([envelope(), envelope(**asks)])


def test_many_start_in_the_order_in_which_they_were_given(drive: Driver) -> None:
    ids = drive.push_many(700)
    assert [one.id for _ in range(14) for one in drive.reserve(50)] == ids


def test_numbers_that_nobody_counts_on_any_more_are_forgotten(drive: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("horizon.backends.database.mysql.driver.NUMBERS_KEPT", 10)
    for _ in range(40):
        drive.push()
    ((kept,),) = drive.backend._access.read(lambda db: db.all("SELECT count(*) FROM horizon_number"))  # type: ignore[attr-defined]
    assert kept <= 25


def test_a_row_of_numbers_does_for_many_jobs(drive: Driver) -> None:
    rows = "SELECT count(*) FROM horizon_number"
    drive.push()
    ((before,),) = drive.backend._access.read(lambda db: db.all(rows))  # type: ignore[attr-defined]
    drive.push_many(700)
    assert drive.backend._access.read(lambda db: db.all(rows)) == [(before + 1,)]  # type: ignore[attr-defined]
    made = drive.backend._access.write(lambda db: db.numbers(2_500))  # type: ignore[attr-defined]
    assert len(set(made)) == 2_500
    assert list(made) == sorted(made)


def test_what_is_here_already_and_what_was_just_removed_is_told_apart(drive: Driver, clock: Any) -> None:
    here, gone, new = envelope(), envelope(), envelope()
    drive.backend.push([here, gone])
    drive.act(Verb.CANCEL, gone.id)
    drive.backend._access.write(  # type: ignore[attr-defined]
        lambda db: (
            db.run("DELETE FROM horizon_job WHERE id = ?", (gone.id,)),
            db.run("INSERT INTO horizon_tombstone VALUES (?, ?)", (gone.id, clock())),
        )
    )
    assert [answer.status for answer in drive.backend.push([here, new, gone])] == ["exists", "created", "gone"]
    assert [answer.status for answer in drive.backend.push([gone])] == ["gone"]
    clock.advance(61)
    assert [answer.status for answer in drive.backend.push([gone])] == ["created"]


def test_a_full_queue_refuses_as_ever(drive: Driver) -> None:
    drive.backend.queues.define([QueueSettings(name="mails", max_jobs=1)])
    drive.push()
    with pytest.raises(QueueFull, match="takes at most 1"):
        drive.push()


@pytest.mark.parametrize("bad", [{"deadline": 2**70}, {"user": "ana\udc80"}, {"payload": object()}])
def test_a_value_that_cannot_be_stored_is_refused(drive: Driver, opened: Opener, bad: dict[str, Any]) -> None:
    with pytest.raises((InvalidInput, TypeError)):
        drive.backend.push([envelope(**bad)])
    assert drive.counts() == {}
