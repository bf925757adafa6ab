"""A plain push by one statement leaves exactly what the long way leaves."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from horizon.backends.database.db import Refused
from horizon.backends.database.postgres import quick
from horizon.backends.database.postgres.line import Line
from horizon.backends.values import QueueSettings, Verb
from horizon.core.alike import Alike
from horizon.core.clock import SECOND
from horizon.core.envelope import Envelope
from horizon.core.errors import InvalidInput
from horizon.core.ids import uuid7s
from tests.backends.database.postgres.conftest import Opener
from tests.conformance.driver import Driver, after, envelope

KINDS: dict[str, dict[str, Any]] = {
    "plain": {},
    "with options": {
        "priority": 5,
        "max_tries": 3,
        "timeout": SECOND,
        "backoff": "[1]",
        "max_crashes": 2,
        "retry_until": 5,
        "deadline": 7 * SECOND,
    },
    "for later": {"delay": 60 * SECOND},
    "for a moment": {"available_at": 1_800_000_000 * SECOND},
    "with tags": {"tags": ("a", "ü b", 'quo"te\\', "{x,y}")},
    "of somebody": {
        "user": "ana",
        "tenant": "t",
        "hook": True,
        "code_version": "1.2",
        "signature": "s",
        "weight": 4,
        "round": 1,
        "crashes": 2,
    },
    "with odd bytes": {"payload": bytes(range(256))},
}


def stored(drive: Driver, ids: list[str]) -> list[dict[str, Any]]:
    """Everything three tables know of these jobs, but what tells one from another."""
    found = []
    for table in ("job", "live"):
        rows = drive.backend._access.read(  # type: ignore[attr-defined]
            lambda db, table=table: db.all(
                f"SELECT to_jsonb(x) - 'n' - 'id' FROM horizon_{table} x JOIN horizon_job j USING (n) WHERE j.id = ANY(?) ORDER BY n",
                (ids,),
            )
        )
        found += [row for (row,) in rows]
    tags = drive.backend._access.read(
        lambda db: db.all("SELECT t.tag FROM horizon_tag t JOIN horizon_job j USING (n) WHERE j.id = ANY(?) ORDER BY 1", (ids,))
    )  # type: ignore[attr-defined]
    return [*found, {"tags": tags}]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("count", [1, 5])
@pytest.mark.parametrize("fresh", [True, False])
def test_both_ways_leave_the_same(drive: Driver, monkeypatch: pytest.MonkeyPatch, kind: str, count: int, fresh: bool) -> None:
    def some() -> list[Envelope]:
        return [envelope(**KINDS[kind], fresh=fresh) for _ in range(count)]

    first, second = some(), some()
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


def test_jobs_of_two_kinds_go_the_long_way_and_keep_their_order(drive: Driver) -> None:
    made = [envelope(queue="a"), envelope(queue="b"), envelope(queue="a")]
    assert not quick.are_plain(made)
    drive.backend.push(made)
    assert [one.id for one in drive.reserve(3, queues=("a", "b"))] == [made[0].id, made[2].id, made[1].id]


def test_many_start_in_the_order_in_which_they_were_given(drive: Driver) -> None:
    ids = drive.push_many(700)
    assert [one.id for _ in range(14) for one in drive.reserve(50)] == ids


def test_what_is_here_already_and_what_was_just_removed_is_told_apart(drive: Driver, opened: Opener, clock: Any) -> None:
    here, gone = envelope(), envelope()
    drive.backend.push([here, gone])
    drive.act(Verb.CANCEL, gone.id)
    drive.backend._access.write(  # type: ignore[attr-defined]
        lambda db: (
            db.run("DELETE FROM horizon_job WHERE id = ?", (gone.id,)),
            db.run("INSERT INTO horizon_tombstone VALUES (?, ?)", (gone.id, clock())),
        )
    )
    new = envelope()
    assert [answer.status for answer in drive.backend.push([here, new, gone])] == ["exists", "created", "gone"]
    assert [answer.status for answer in drive.backend.push([gone])] == ["gone"]
    clock.advance(61)
    assert [answer.status for answer in drive.backend.push([gone])] == ["created"]


def test_the_same_id_twice_in_one_push_is_stored_once(drive: Driver) -> None:
    one = envelope()
    assert [answer.status for answer in drive.backend.push([one, one])] == ["created", "exists"]


def test_a_full_queue_refuses_as_ever(drive: Driver) -> None:
    drive.backend.queues.define([QueueSettings(name="mails", max_jobs=1)])
    drive.push()
    with pytest.raises(Exception, match="takes at most 1"):
        drive.push()


@pytest.mark.parametrize("bad", [{"deadline": 2**70}, {"user": "ana\udc80"}, {"payload": object()}])
def test_a_value_that_cannot_be_stored_is_refused(drive: Driver, bad: dict[str, Any]) -> None:
    with pytest.raises((InvalidInput, TypeError)):
        drive.backend.push([envelope(**bad)])
    assert drive.counts() == {}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "with odd bytes"])
@pytest.mark.parametrize("count", [1, 5])
def test_of_jobs_that_are_known_to_be_alike_none_but_the_first_is_made_and_they_leave_the_same(
    drive: Driver, monkeypatch: pytest.MonkeyPatch, kind: str, count: int
) -> None:
    one_by_one = [envelope(**KINDS[kind], payload=b"%d" % number) for number in range(count)]
    drive.backend.push(one_by_one)
    monkeypatch.setattr(Alike, "_all", lambda self: pytest.fail("the others were made"))
    ids = uuid7s(count)
    agreed = {"name": one_by_one[0].name, "queue": one_by_one[0].queue, **KINDS[kind]}
    drive.backend.push(Alike(ids, [one.payload for one in one_by_one], agreed, fresh=True))
    assert stored(drive, ids) == stored(drive, [one.id for one in one_by_one])
    assert drive.backend.numbers.recount() == {}


def test_jobs_that_were_just_made_and_are_known_all_the_same_are_stored_once(drive: Driver) -> None:
    known = envelope()
    drive.backend.push([known])
    assert [one.status for one in drive.backend.push([envelope(id=known.id, fresh=True)])] == ["exists"]
    some = [envelope(fresh=True), envelope(id=known.id, fresh=True)]
    assert [one.status for one in drive.backend.push(some)] == ["created", "exists"]
    assert drive.counts() == {"pending": 2}
    assert drive.backend.numbers.recount() == {}


@pytest.mark.parametrize("count", [1, 3])
def test_what_is_pushed_again_because_no_answer_came_is_not_new_any_more(
    drive: Driver, clock: Any, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    drive.backend.push([envelope(fresh=True) for _ in range(count)])  # the statement is prepared
    some = [envelope(fresh=True) for _ in range(count)]
    real = Line.hear

    def cut(line: Line) -> list[Any]:
        real(line)
        monkeypatch.setattr(Line, "hear", real)
        raise psycopg.OperationalError("the connection was cut")

    monkeypatch.setattr(Line, "hear", cut)
    assert [answer.status for answer in drive.backend.push(some)] == ["exists"] * count
    assert drive.counts() == {"pending": 2 * count}
    for one in some:  # they ran meanwhile, and were removed
        drive.act(Verb.CANCEL, one.id)
        drive.backend._access.write(lambda db, one=one: db.run("DELETE FROM horizon_job WHERE id = ?", (one.id,)))  # type: ignore[attr-defined]
        drive.backend._access.write(lambda db, one=one: db.run("INSERT INTO horizon_tombstone VALUES (?, ?)", (one.id, clock())))  # type: ignore[attr-defined]
    assert [answer.status for answer in drive.backend.push(some)] == ["gone"] * count


def test_one_known_statement_goes_without_a_pipeline_and_tells_its_errors_all_the_same(drive: Driver) -> None:
    def ask(db: Any) -> list[Any]:
        said: list[Any] = []
        for number in (1, 0, 2):
            try:
                said.append(db.all("SELECT 6 / CAST(? AS bigint)", (number,)))
            except Refused:
                said.append("refused")
            said.append(db._line._alone)
        return said

    assert drive.backend._access.lend(ask) == [[(6,)], False, "refused", True, [(3,)], True]  # type: ignore[attr-defined]
