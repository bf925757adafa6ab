from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from horizon.backends.connect import connect
from horizon.backends.database.backend import DatabaseBackend
from horizon.backends.values import Want
from horizon.core.clock import SECOND, monotonic
from horizon.core.errors import BackendUnavailable, InvalidInput, StoreFull
from horizon.core.outcome import Answer, Kind
from horizon.core.query import JobQuery
from tests.backends.database.conftest import Opener
from tests.conformance.driver import Driver, envelope, outcome
from tests.waiting import until


@pytest.fixture
def stranger(file: Path):
    """Another program with the same file open."""
    connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    yield connection
    connection.close()


# locked ---------------------------------------------------------------------------------------------


def test_a_store_locked_for_too_long_says_so_and_nothing_is_lost_or_half_done(drive: Driver, stranger: sqlite3.Connection) -> None:
    drive.push()
    stranger.execute("BEGIN IMMEDIATE")
    began = monotonic()
    with pytest.raises(BackendUnavailable, match=r"busy for 0\.3 s"):
        drive.push()
    assert monotonic() - began >= 0.3
    assert drive.counts() == {"pending": 1}
    stranger.execute("ROLLBACK")
    drive.push()
    assert drive.counts() == {"pending": 2}


def test_reading_goes_on_while_somebody_else_writes(drive: Driver, stranger: sqlite3.Connection) -> None:
    id = drive.push()
    stranger.execute("BEGIN IMMEDIATE")
    stranger.execute("DELETE FROM horizon_live")
    assert drive.state(id) == "pending"
    stranger.execute("ROLLBACK")


def test_a_write_gets_through_as_soon_as_the_other_one_ends(drive: Driver, opened: Opener, stranger: sqlite3.Connection) -> None:
    patient = opened(extra={"busy_timeout": 30})
    stranger.execute("BEGIN IMMEDIATE")
    answers: list[object] = []
    pushing = threading.Thread(target=lambda: answers.extend(patient.push([envelope()])))
    pushing.start()
    assert answers == []
    stranger.execute("COMMIT")
    pushing.join(20)
    assert [answer.status for answer in answers] == ["created"]  # type: ignore[attr-defined]


# full -----------------------------------------------------------------------------------------------


def limit_pages(store: DatabaseBackend, more: int) -> None:
    """Let the file grow by so many pages only, as on a disk that is nearly full."""

    def limit(db) -> None:
        ((pages,),) = db.all("PRAGMA page_count")
        db.all(f"PRAGMA max_page_count = {pages + more}")

    store._access.write(limit)


def test_a_full_store_refuses_with_what_to_do_and_keeps_what_it_had(drive: Driver) -> None:
    store = drive.backend
    kept = drive.push_many(20)
    limit_pages(store, 30)

    def push_on() -> None:
        for _ in range(100):
            kept.extend(drive.push_many(20, payload=b"x" * 2000))

    with pytest.raises(StoreFull, match="room"):
        push_on()
    assert drive.counts() == {"pending": len(kept)}
    assert store.numbers.recount() == {}
    assert {drive.state(id) for id in kept} == {"pending"}


def test_an_outcome_that_met_a_full_store_is_kept_when_sent_again(drive: Driver) -> None:
    drive.push_many(3)
    got = drive.reserve(3)
    limit_pages(drive.backend, 1)
    said = [outcome(one, Kind.COMPLETED, result=b"r" * 60_000) for one in got]
    with pytest.raises(StoreFull):
        drive.backend.turn(said)
    assert drive.counts() == {"processing": 3}
    limit_pages(drive.backend, 1_000_000)
    assert drive.backend.turn(said).answers == [Answer.OK] * 3
    assert drive.counts() == {"completed": 3}


# lost replies ---------------------------------------------------------------------------------------


def test_an_outcome_whose_reply_was_lost_is_told_that_it_was_kept(drive: Driver) -> None:
    drive.push_many(2)
    first, second = drive.reserve(2)
    said = [outcome(first, Kind.COMPLETED), outcome(second, Kind.RETRY, delay=60)]
    assert drive.backend.turn(said).answers == [Answer.OK, Answer.OK]
    assert drive.backend.turn(said).answers == [Answer.DUP, Answer.DUP]
    assert drive.backend.turn([outcome(first, Kind.FAILED)]).answers == [Answer.LOST]
    assert drive.counts() == {"completed": 1, "retrying": 1}


def test_the_same_outcome_twice_in_one_turn_counts_once(drive: Driver) -> None:
    drive.push()
    got = drive.take()
    answers = drive.backend.turn([outcome(got, Kind.COMPLETED), outcome(got, Kind.COMPLETED), outcome(got, Kind.FAILED)]).answers
    assert answers == [Answer.OK, Answer.DUP, Answer.LOST]
    assert drive.counts() == {"completed": 1}


# what no store can keep -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bad",
    [
        {"runtime": 2**70},
        {"result": object()},
        {"reason": object(), "kind": Kind.FAILED},
        {"memory_kb": "lots\udc80"},
        {"started_after": 2**64},
    ],
)
def test_an_outcome_that_cannot_be_stored_ends_its_job_and_no_other(drive: Driver, bad: dict[str, object]) -> None:
    ids = drive.push_many(7)
    got = drive.reserve(7)
    said = [outcome(one, Kind.COMPLETED) for one in got]
    kind = bad.pop("kind", Kind.COMPLETED)
    said[4] = outcome(got[4], kind, **bad)  # type: ignore[arg-type]
    turned = drive.backend.turn(said)
    assert turned.answers == [Answer.OK] * 7
    assert list(turned.refused) == [4]
    assert drive.states(*ids) == ["completed"] * 4 + ["failed"] + ["completed"] * 2
    assert str(drive.get(ids[4]).reason).startswith("unsettleable: ")
    assert drive.counts() == {"completed": 6, "failed": 1}
    assert drive.backend.turn([outcome(got[4], kind)]).answers == [Answer.DUP]  # type: ignore[arg-type]


@pytest.mark.parametrize("bad", [{"deadline": 2**70}, {"user": "ana\udc80"}, {"payload": object()}])
def test_a_push_with_a_value_that_cannot_be_stored_is_refused_whole(drive: Driver, bad: dict[str, object]) -> None:
    with pytest.raises((InvalidInput, TypeError)):
        drive.backend.push([envelope(), envelope(**bad), envelope()])
    assert drive.counts() == {}
    drive.push()
    assert drive.counts() == {"pending": 1}


@pytest.mark.parametrize("ref", [None, "1", 2**80, -1, object()])
def test_a_handle_the_store_never_gave_out_changes_nothing(drive: Driver, ref: object) -> None:
    drive.push()
    got = drive.take()
    got.ref = ref
    assert drive.complete(got) is Answer.LOST
    assert drive.counts() == {"processing": 1}


# processes ------------------------------------------------------------------------------------------

LOOP = """
import sys
from horizon.backends.connect import connect
from horizon.backends.values import SessionInfo, Want
from horizon.core.clock import SECOND
from horizon.core.outcome import Kind, Outcome
store = connect(sys.argv[1])
store.sessions.open(SessionInfo(id=sys.argv[2], kind="worker", host="h", pid=1), 3600 * SECOND)
said = []
while True:
    got = store.turn(said, Want(session=sys.argv[2], executor=0, count=7)).reservations
    print(len(got), flush=True)
    said = [Outcome(id=one.id, ref=one.ref, token=one.token, kind=Kind.COMPLETED) for one in got]
"""


def test_a_worker_killed_in_the_middle_of_its_turns_leaves_every_job_in_exactly_one_place(file: Path) -> None:
    store = connect(f"sqlite:///{file}")
    store.ready()
    store.push([envelope() for _ in range(900)])
    for round in range(3):
        worker = subprocess.Popen([sys.executable, "-c", LOOP, f"sqlite:///{file}", f"w{round}"], stdout=subprocess.PIPE, text=True)
        assert worker.stdout is not None
        for _ in range(10 + 7 * round):
            worker.stdout.readline()
        os.kill(worker.pid, signal.SIGKILL)
        worker.communicate(timeout=20)
        ((counts),) = store.numbers.counts()
        assert sum(counts.counts.values()) == 900
        assert store.numbers.recount() == {}
        held = store.sessions.held(f"w{round}")
        assert len(held) <= 7
        assert store.sessions.bury(f"w{round}", None, {}) == len(held)
    ((counts),) = store.numbers.counts()
    assert counts.counts.get("completed", 0) + counts.counts["pending"] == 900
    store.close()


def test_two_workers_share_a_queue_and_no_job_runs_twice(file: Path) -> None:
    store = connect(f"sqlite:///{file}")
    store.ready()
    store.push([envelope() for _ in range(600)])
    workers = [
        subprocess.Popen([sys.executable, "-c", LOOP, f"sqlite:///{file}", f"w{number}"], stdout=subprocess.DEVNULL) for number in range(2)
    ]
    until(lambda: store.remaining() == 0, timeout=60)
    for worker in workers:
        worker.kill()
        worker.wait(20)
    ((counts),) = store.numbers.counts()
    assert dict(counts.counts) == {"completed": 600}
    page = store.find(JobQuery(limit=200))
    assert {record.attempts for record in page.items} == {1}
    store.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="fork")
def test_a_forked_child_opens_connections_of_its_own(drive: Driver) -> None:
    drive.push()
    child = os.fork()
    if child == 0:
        try:
            drive.push()
            os._exit(0 if drive.counts() == {"pending": 2} else 1)
        except BaseException:
            os._exit(2)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert drive.counts() == {"pending": 2}
    drive.push()
    assert drive.counts() == {"pending": 3}


def test_threads_of_one_process_act_at_once_and_nothing_gets_lost(drive: Driver) -> None:
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            session = f"t{number}"
            drive.open(session)
            for _ in range(10):
                drive.push()
                got = drive.backend.turn([], Want(session=session, executor=0, count=1)).reservations
                drive.backend.turn([outcome(one, Kind.COMPLETED) for one in got])
                drive.counts()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert sum(drive.counts().values()) == 60
    assert drive.backend.numbers.recount() == {}


def test_a_waiter_wakes_for_the_push_of_another_process(drive: Driver, opened: Opener) -> None:
    woken: list[bool] = []
    waiting = threading.Thread(target=lambda: woken.append(drive.backend.wait(["mails"], 30)))
    waiting.start()
    opened().push([envelope()])
    waiting.join(20)
    assert woken == [True]


def test_a_commit_that_brings_no_job_wakes_nobody(drive: Driver, opened: Opener) -> None:
    woken: list[bool] = []
    waiting = threading.Thread(target=lambda: woken.append(drive.backend.wait(["mails"], 0.5)))
    waiting.start()
    opened().locks.acquire("leader", "me", SECOND)
    opened().push([envelope(queue="others")])
    waiting.join(20)
    assert woken == [False]
