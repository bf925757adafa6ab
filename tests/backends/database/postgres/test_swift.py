"""A turn in two ways to the server does exactly what any other turn does, and may be left for later."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

import pytest

from horizon.backends.database import plainly
from horizon.backends.database.postgres import swift
from horizon.backends.database.postgres.line import Line
from horizon.backends.values import Reservation, Want
from horizon.core.clock import SECOND
from horizon.core.envelope import Edge, On
from horizon.core.errors import BackendUnavailable
from horizon.core.limit import Limit
from horizon.core.outcome import Answer, Kind
from horizon.worker.exchange import Exchange
from horizon.worker.page import ASKED
from tests.backends.database.postgres.conftest import Opener
from tests.conformance.driver import Driver, after, envelope, outcome
from tests.conformance.limiting import at_a_time, limit
from tests.waiting import until
from tests.worker.fakes import Desk

WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


@pytest.fixture
def trips(drive: Driver, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """How many statements went with each way to the server, once everybody has been there."""
    drive.reserve(1)
    went: list[int] = []
    send = Line.send

    def counted(line: Line, statements: Sequence[Any]) -> None:
        went.append(len(statements))
        send(line, statements)

    monkeypatch.setattr(Line, "send", counted)
    return went  # type: ignore[return-value]


def want(count: int = 50, **options: Any) -> Want:
    return Want(**{"session": "w", "executor": 0, "count": count, "queues": ("mails",), **options})


def completed(jobs: Sequence[Reservation]) -> list[Any]:
    return [outcome(one, Kind.COMPLETED, result=b"r", runtime=7, started_after=5, memory_kb=9) for one in jobs]


@pytest.mark.parametrize("queues", [("mails",), ()])
def test_a_turn_of_fifty_takes_two_trips(drive: Driver, trips: list[int], queues: tuple[str, ...]) -> None:
    drive.push_many(150)
    first = drive.backend.turn([], want(queues=queues)).reservations  # which queues have jobs is known from now on
    del trips[:]
    turned = drive.backend.turn(completed(first), want(queues=queues))
    assert len(turned.reservations) == 50
    assert len(trips) == 2


def test_an_ordinary_turn_sends_its_figures_with_the_commit_and_its_beginning_with_the_first_question(
    drive: Driver, trips: list[int]
) -> None:
    drive.push()
    del trips[:]
    drive.backend.turn(completed(drive.backend.turn([], want(1)).reservations))
    assert len(trips) <= 2 + 4


def test_a_push_takes_one_trip(drive: Driver, trips: list[int]) -> None:
    drive.push()
    assert trips[-1:] == [1]


def stored(drive: Driver) -> list[Any]:
    """Everything that two tables and the figures know, but what tells one run from another."""
    found = []
    for table, without in (("live", "'n', 'token', 'lot'"), ("done", "'n', 'token'")):
        found += drive.backend._access.read(  # type: ignore[attr-defined]
            lambda db, table=table, without=without: db.all(f"SELECT to_jsonb(x) - ARRAY[{without}] FROM horizon_{table} x ORDER BY n")
        )
    samples = drive.backend.numbers.samples(0)
    return [found, drive.counts(), [(one.completed, one.pushed, one.runtime.buckets, one.wait.buckets) for one in samples]]


def lived(drive: Driver, limits: tuple[Limit, ...] = ()) -> tuple[list[Any], list[Any]]:
    """A few turns; (what was handed out, what is stored)."""
    drive.push_many(3, limits=limits)
    drive.push(priority=4, tags=("t",), max_tries=None, timeout=SECOND, limits=limits)
    drive.push(unique_key="k", unique_until_processing=True, limits=limits)
    first = drive.backend.turn([], want(2)).reservations
    drive.clock.advance(0.5)
    second = drive.backend.turn(completed(first), want(2)).reservations
    third = drive.backend.turn(completed(second[:1]), want(9, default_max_tries=3, default_timeout=60 * SECOND)).reservations
    handed = [{**asdict(one), "id": "", "ref": 0, "token": ""} for one in (*first, *second, *third)]
    return handed, stored(drive)


@pytest.mark.parametrize("limits", [(), (at_a_time(2, "a"), limit(9, "b"))])
def test_both_ways_hand_out_and_leave_the_same(monkeypatch: pytest.MonkeyPatch, drive: Driver, limits: tuple[Limit, ...]) -> None:
    swift_way, tables = lived(drive, limits), ("job", "live", "done", "delta", "counter", "sample", "tag", "lot", "limit")
    limited = drive.backend.limits.list()
    drive.backend._access.write(lambda db: [db.run(f"DELETE FROM horizon_{table}") for table in tables])  # type: ignore[attr-defined]
    drive.clock.advance(-0.5)
    monkeypatch.setattr(plainly, "fits", lambda *asked, **said: False)
    assert lived(drive, limits) == swift_way
    assert drive.backend.limits.list() == limited


def test_a_job_with_limits_frees_its_key_when_it_starts(drive: Driver) -> None:
    limits = (at_a_time(5, "a"),)
    drive.push_many(2, limits=limits)
    first = drive.backend.turn([], want(1)).reservations
    drive.push(unique_key="k", unique_until_processing=True, limits=limits)
    second = drive.backend.turn(completed(first), want(2)).reservations
    assert len(second) == 2
    drive.push(unique_key="k")
    drive.backend.turn(completed(second), want(2))
    assert drive.backend.limits.list()[0].running == 0


def test_a_token_that_holds_nothing_is_told_so_and_the_others_settle(drive: Driver) -> None:
    drive.push_many(3)
    jobs = drive.backend.turn([], want(3)).reservations
    said = completed(jobs)
    assert drive.backend.turn(said[:1], want(1)).answers == [Answer.OK]
    assert drive.backend.turn(said, want(1)).answers == [Answer.DUP, Answer.OK, Answer.OK]
    assert drive.counts() == {"completed": 3}


def test_who_waited_for_a_job_is_handed_out_with_its_end(drive: Driver) -> None:
    drive.push()
    parent = drive.backend.turn([], want(1)).reservations
    child = envelope(edges=(Edge(job_id=parent[0].id, on=On.COMPLETED),))
    drive.backend.push([child])
    assert [one.id for one in drive.backend.turn(completed(parent), want()).reservations] == [child.id]


def test_what_is_due_is_handed_out_at_once(drive: Driver) -> None:
    later = drive.push(delay=SECOND // 2)
    now = drive.push()
    assert [one.id for one in drive.backend.turn([], want()).reservations] == [now]
    drive.clock.advance(0.6)
    assert [one.id for one in drive.backend.turn([], want()).reservations] == [later]


def test_of_all_queues_a_new_one_is_found_in_the_same_turn(drive: Driver) -> None:
    drive.push(queue="a")
    assert len(drive.backend.turn([], want(5, queues=())).reservations) == 1
    ids = {drive.push(queue="a"), drive.push(queue="b")}
    assert {one.id for one in drive.backend.turn([], want(5, queues=())).reservations} == ids


def test_a_session_that_was_given_up_settles_and_gets_nothing(drive: Driver) -> None:
    drive.push_many(2)
    job = drive.backend.turn([], want(1)).reservations
    drive.backend._access.write(lambda db: db.run("UPDATE horizon_session SET ended_at = 1"))  # type: ignore[attr-defined]
    turned = drive.backend.turn(completed(job), want(1))
    assert (turned.answers, turned.reservations) == ([Answer.OK], [])


# left for later -------------------------------------------------------------------------------------


def test_a_turn_can_be_asked_for_and_heard_later_by_another_thread(drive: Driver) -> None:
    ids = drive.push_many(4)
    jobs = drive.backend.turn([], want(2)).reservations
    asked = drive.backend.ask(completed(jobs), want(2))
    assert asked is not None
    heard: list[Any] = []
    thread = threading.Thread(target=lambda: heard.append(asked.finish()))
    thread.start()
    thread.join(30)
    assert heard[0].answers == [Answer.OK, Answer.OK]
    assert [one.id for one in heard[0].reservations] == ids[2:]
    assert drive.counts() == {"completed": 2, "processing": 2}


def test_what_is_asked_for_is_not_done_before_it_is_heard(drive: Driver) -> None:
    drive.push_many(2)
    drive.backend.turn([])  # whose first turn it is keeps house, and is not left for later
    asked = drive.backend.ask([], want(1))
    assert asked is not None
    assert drive.counts() == {"pending": 2}
    assert len(asked.finish().reservations) == 1
    assert asked.ready()
    assert drive.counts() == {"pending": 1, "processing": 1}


def test_an_act_of_the_same_process_hears_first_what_was_asked(drive: Driver) -> None:
    """A job that pushes what its forerunner's key stands against would otherwise wait for itself."""
    drive.push(unique_key="k")
    job = drive.backend.turn([], want(1)).reservations
    asked = drive.backend.ask(completed(job), want(1))
    assert asked is not None
    assert drive.backend.push([envelope(unique_key="k")])[0].status == "created"
    assert asked.finish().answers == [Answer.OK]


def test_a_turn_whose_connection_is_cut_is_not_kept(drive: Driver) -> None:
    drive.push_many(2)
    job = drive.backend.turn([], want(1)).reservations
    asked = drive.backend.ask(completed(job), want(1))
    assert asked is not None
    drive.backend._access.read(  # type: ignore[attr-defined]
        lambda db: db.all(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )
    )
    with pytest.raises(BackendUnavailable):
        asked.finish()
    assert drive.counts() == {"pending": 1, "processing": 1}
    assert drive.backend.turn(completed(job), want(1)).answers == [Answer.OK]


def test_a_turn_that_nobody_hears_lets_go_of_its_jobs_and_whoever_asked_goes_on_with_nothing_lost_or_doubled(
    monkeypatch: pytest.MonkeyPatch, drive: Driver, opened: Opener
) -> None:
    monkeypatch.setattr(swift, "UNHEARD", 200)
    other = Driver(opened(clock=drive.clock), drive.clock)
    other.open("other")
    drive.push_many(3)
    desk = Desk()
    exchange = Exchange(drive.backend, desk.post.shelf, lambda count, draw: want(count))
    (job,) = exchange.turn(1).reservations  # type: ignore[union-attr]
    desk.post.shelf.take(desk.slot())
    desk.post.shelf.keep(completed([job])[0], desk.post.slots[0])
    exchange.ask(2)
    under_way = exchange._under_way
    assert under_way is not None
    assert desk.page.words[ASKED]  # and now a job holds the interpreter
    until(under_way.turn.ready)  # the server has taken the jobs for it
    until(lambda: len(other.reserve(2, session="other")) == 2)
    assert exchange.hear() is None
    assert [one.token for one in desk.post.shelf.outbox] == [job.token]
    turned = exchange.turn(5)
    assert turned is not None
    assert (turned.answers, turned.reservations) == ([Answer.OK], [])
    assert drive.counts() == {"completed": 1, "processing": 2}


def test_a_turn_that_was_not_what_it_seemed_is_done_the_other_way_when_it_is_heard(drive: Driver) -> None:
    drive.push_many(2)
    job = drive.backend.turn([], want(1)).reservations
    drive.backend.turn(completed(job))
    asked = drive.backend.ask(completed(job), want(1))
    assert asked is not None
    turned = asked.finish()
    assert turned.answers == [Answer.DUP]
    assert len(turned.reservations) == 1


def test_a_turn_with_more_to_say_is_not_asked_for(drive: Driver) -> None:
    drive.push(edges=after(drive.push()))
    job = drive.backend.turn([], want(1)).reservations
    assert drive.backend.ask([outcome(job[0], Kind.FAILED)], want(1)) is None


def test_jobs_that_somebody_changes_while_they_settle_settle_all_the_same(drive: Driver, opened: Opener) -> None:
    """Their rows stand elsewhere once the other one has committed."""
    drive.push_many(3)
    jobs = drive.backend.turn([], want(2)).reservations
    other: Any = opened(clock=drive.clock)
    answers: list[Answer] = []
    settling = threading.Thread(target=lambda: answers.extend(drive.backend.turn(completed(jobs), want(1)).answers))

    def change(db: Any) -> None:
        with db.driver.transaction():
            db.driver.execute("UPDATE horizon_live SET note = 'half' WHERE state = 2")
            settling.start()
            until(lambda: db.driver.execute(WAITING).fetchone() == (1,))

    other._access.lend(change)
    settling.join(30)
    assert answers == [Answer.OK, Answer.OK]
    assert drive.counts() == {"completed": 2, "processing": 1}
    assert [drive.get(one.id).progress_note for one in jobs] == ["half", "half"]
