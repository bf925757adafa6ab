"""A plain push in one go leaves exactly what the long way leaves."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import Any

import pytest

from horizon.backends.database.alike import are_alike
from horizon.backends.database.mysql import block, quick, uniform
from horizon.backends.database.mysql.wire import Wire
from horizon.backends.database.tables import metadata
from horizon.backends.values import QueueSettings, Verb
from horizon.core.alike import Alike
from horizon.core.errors import BackendUnavailable, InvalidInput, QueueFull
from horizon.core.ids import uuid7s
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
@pytest.mark.parametrize("fresh", [True, False])
def test_both_ways_leave_the_same(drive: Driver, monkeypatch: pytest.MonkeyPatch, kind: str, count: int, fresh: bool) -> None:
    *plainly, slowly = ([envelope(**KINDS[kind], fresh=fresh) for _ in range(count)] for _ in range(4))
    for some in plainly:  # as text, then prepared on the way, then prepared
        assert quick.are_plain(some)
        assert [answer.status for answer in drive.backend.push(some)] == ["created"] * count
    counted = drive.counts()
    assert drive.backend.numbers.recount() == {}
    monkeypatch.setattr(quick, "are_plain", lambda envelopes: False)
    drive.backend.push(slowly)
    assert [stored(drive, [one.id for one in some]) for some in plainly] == [stored(drive, [one.id for one in slowly])] * 3
    assert drive.counts() == {state: n // 3 * 4 for state, n in counted.items()}


def test_jobs_of_several_kinds_go_in_one_go_too_and_leave_the_same(drive: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    plainly, slowly = ([envelope(**KINDS[kind]) for kind in KINDS] for _ in range(2))
    assert not are_alike(plainly)
    drive.backend.push(plainly)
    monkeypatch.setattr(quick, "are_plain", lambda envelopes: False)
    drive.backend.push(slowly)
    assert stored(drive, [one.id for one in plainly]) == stored(drive, [one.id for one in slowly])


MANY = 2 * uniform.PIECE + 50


def test_a_large_push_goes_in_pieces_and_leaves_the_same(drive: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    pieces: list[bytes] = []
    real = Wire.ask

    def ask(wire: Wire, statement: bytes) -> None:
        pieces.append(statement)
        real(wire, statement)

    monkeypatch.setattr(Wire, "ask", ask)
    plainly, slowly = ([envelope(**KINDS["with tags"], payload=b"%d" % number) for number in range(MANY)] for _ in range(2))
    drive.backend.push(plainly)
    assert [piece.count(b"INSERT INTO horizon_job ") for piece in pieces] == [1, 1, 1, 0]
    assert [piece.endswith(b"COMMIT") for piece in pieces] == [False, False, False, True]
    monkeypatch.setattr(quick, "are_plain", lambda envelopes: False)
    drive.backend.push(slowly)
    assert stored(drive, [one.id for one in plainly]) == stored(drive, [one.id for one in slowly])
    assert drive.backend.numbers.recount() == {}


@pytest.mark.parametrize("at", [0, uniform.PIECE, MANY - 1])
def test_a_job_that_is_known_in_any_piece_of_a_push_is_answered_so_and_the_others_are_stored_once(drive: Driver, at: int) -> None:
    some = [envelope() for _ in range(MANY)]
    drive.backend.push([some[at]])
    assert [answer.status for answer in drive.backend.push(some)] == ["exists" if number == at else "created" for number in range(MANY)]
    assert drive.counts() == {"pending": MANY}


@pytest.mark.parametrize("at", [0, uniform.PIECE, MANY - 1])
def test_a_payload_that_is_too_large_for_its_piece_goes_the_long_way_with_all_the_others(drive: Driver, at: int) -> None:
    some = [envelope(payload=b"x" * (3 << 20 if number == at else 1)) for number in range(MANY)]
    assert {answer.status for answer in drive.backend.push(some)} == {"created"}
    drive.push()
    assert drive.counts() == {"pending": MANY + 1}


def test_what_no_column_holds_in_a_later_piece_is_refused_and_nothing_of_the_push_is_kept(drive: Driver) -> None:
    some = [envelope(id=f"{number:036}") for number in range(MANY - 1)]
    with pytest.raises(InvalidInput):
        drive.backend.push([*some, envelope(id="\ud800")])
    assert drive.counts() == {}
    assert {answer.status for answer in drive.backend.push(some)} == {"created"}


def test_a_connection_that_breaks_between_two_pieces_leaves_nothing_and_the_push_is_made_again(
    drive: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = [envelope() for _ in range(MANY)]
    real, sent = Wire.ask, []

    def ask(wire: Wire, statement: bytes) -> None:
        sent.append(statement)
        if len(sent) == 2:
            wire._connection._sock.close()
            raise OSError("the line is cut")
        real(wire, statement)

    monkeypatch.setattr(Wire, "ask", ask)
    with contextlib.suppress(BackendUnavailable):
        drive.backend.push(some)
    assert drive.counts() in ({}, {"pending": MANY})
    drive.backend.push(some)
    assert drive.counts() == {"pending": MANY}


def sent_by(drive: Driver, monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What pushes send from now on, each in one go."""
    sent: list[bytes] = []
    real = Wire.made_by

    def made_by(wire: Wire, pieces: Iterable[bytes]) -> int:
        statements = list(pieces)
        sent.append(b";".join(statements))
        return real(wire, statements)

    monkeypatch.setattr(Wire, "made_by", made_by)
    return sent


def test_what_is_pushed_often_is_prepared_once(drive: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = sent_by(drive, monkeypatch)
    for number in range(4):
        drive.push(payload=b"%d" % number)
    assert [one.split()[0] for one in sent] == [b"INSERT", b"PREPARE", b"EXECUTE", b"EXECUTE"]
    assert [bytes(job.payload) for job in drive.reserve(4)] == [b"0", b"1", b"2", b"3"]


def test_a_job_that_is_new_is_not_looked_for_among_those_that_were_removed(drive: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = sent_by(drive, monkeypatch)
    for count in (1, 3):
        some = [envelope(fresh=True) for _ in range(count)]
        drive.backend.push(some)
        assert b"tombstone" not in sent[-1]
        assert not any(one.fresh for one in some)
        drive.backend.push([envelope() for _ in range(count)])
        assert b"tombstone" in sent[-1]


@pytest.mark.parametrize("count", [1, 3])
def test_what_is_pushed_again_because_no_answer_came_is_not_new_any_more(
    drive: Driver, clock: Any, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    some = [envelope(fresh=True) for _ in range(count)]
    real = Wire.made_by

    def cut(wire: Wire, pieces: Iterable[bytes]) -> int:
        real(wire, pieces)
        monkeypatch.setattr(Wire, "made_by", real)
        raise EOFError("the connection was lost in the middle of an answer")

    drive.push()
    monkeypatch.setattr(Wire, "made_by", cut)
    with contextlib.suppress(BackendUnavailable):
        drive.backend.push(some)
    for one in some:  # they ran meanwhile, and were removed
        drive.act(Verb.CANCEL, one.id)
        drive.backend._access.write(lambda db, one=one: db.run("DELETE FROM horizon_job WHERE id = ?", (one.id,)))  # type: ignore[attr-defined]
        drive.backend._access.write(lambda db, one=one: db.run("INSERT INTO horizon_tombstone VALUES (?, ?)", (one.id, clock())))  # type: ignore[attr-defined]
    assert [answer.status for answer in drive.backend.push(some)] == ["gone"] * count


def test_what_is_prepared_tells_what_is_known_or_was_just_removed(drive: Driver, clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        drive.push()
    here, gone = envelope(), envelope()
    drive.backend._access.write(lambda db: db.run("INSERT INTO horizon_tombstone VALUES (?, ?)", (gone.id, clock())))  # type: ignore[attr-defined]
    sent = sent_by(drive, monkeypatch)
    assert [drive.backend.push([one])[0].status for one in (here, here, gone)] == ["created", "exists", "gone"]
    assert [one.split()[0] for one in sent] == [b"EXECUTE"] * 3
    assert drive.counts() == {"pending": 4}
    assert drive.backend.numbers.recount() == {}


def test_a_server_that_forgot_what_was_prepared_is_told_again_in_words(drive: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        drive.push()
    drive.backend._access.lend(lambda db: db.run("DEALLOCATE PREPARE horizon_1"))  # type: ignore[attr-defined]
    sent = sent_by(drive, monkeypatch)
    drive.push()
    drive.push()
    assert [one.split()[0] for one in sent] == [b"EXECUTE", b"INSERT"]
    assert drive.counts() == {"pending": 5}


def test_a_server_that_prepares_no_blocks_is_told_in_words(drive: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(block, "BEGIN", b"BEGIN WHATEVER ")
    sent = sent_by(drive, monkeypatch)
    for _ in range(4):
        drive.push()
    assert [one.split()[0] for one in sent] == [b"INSERT", b"PREPARE", b"INSERT", b"INSERT"]
    assert drive.counts() == {"pending": 4}


@pytest.mark.parametrize("asks", [{"unique_key": "k"}, {"edges": after("x")}, {"group": "g"}])
def test_what_has_to_be_looked_at_goes_the_long_way(asks: dict[str, Any]) -> None:
    assert not quick.are_plain([envelope(**asks)])
    assert not quick.are_plain([envelope(), envelope(**asks)])


def test_many_start_in_the_order_in_which_they_were_given(drive: Driver) -> None:
    ids = drive.push_many(700)
    assert [one.id for _ in range(14) for one in drive.reserve(50)] == ids


def test_numbers_that_nobody_counts_on_any_more_are_forgotten(drive: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("horizon.backends.database.mysql.numbering.KEPT", 10)
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


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "with odd bytes"])
@pytest.mark.parametrize("count", [2, MANY])
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
