"""The way to PostgreSQL and MariaDB, cut in the middle of any reply, mute or slow: nothing is lost, nothing counts twice."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import suppress
from urllib.parse import urlsplit, urlunsplit

import pytest

from horizon.backends.database.backend import DatabaseBackend
from horizon.backends.values import Pushed, StoreOptions, Want
from horizon.core.clock import ManualClock
from horizon.core.errors import BackendUnavailable
from horizon.core.outcome import Answer, Kind, Outcome
from tests.conformance.driver import LEASE, Driver, envelope, open_store, outcome, url_of
from tests.servers.mariadb import MariaDB
from tests.servers.postgres import Postgres
from tests.servers.proxy import Proxy
from tests.servers.running import running
from tests.servers.server import Missing

SERVERS = {"postgres": Postgres, "mariadb": MariaDB}
REPLIES = 60
"""More than any act has."""


class Way:
    """A store with a worker session `w`, and the same store through a proxy."""

    def __init__(self, kind: str, folder) -> None:
        clock = ManualClock()
        self.drive = Driver(open_store(kind, folder, clock), clock)
        at = urlsplit(url_of(kind, folder))
        self.proxy = Proxy(at.port or 0)
        netloc = f"{at.netloc.rpartition('@')[0]}@127.0.0.1:{self.proxy.port}"
        there = urlunsplit(at._replace(netloc=netloc, query="connect_timeout=2"))
        self.through = DatabaseBackend(there, StoreOptions(clock=clock, lease=LEASE, extra={"busy_timeout": 0.5}))
        self.through.version()

    def cut_everywhere(self, act: Callable[[], object]) -> Iterator[bool]:
        """Do it again and again, with the way cut in each of its replies in turn; yields whether it raised, at last not cut."""
        for at in itertools.count():
            assert at < REPLIES
            self.through.version()
            self.proxy.cut_at = at
            try:
                act()
                failed = False
            except BackendUnavailable:
                failed = True
            cut, self.proxy.cut_at = self.proxy.cut_at is None, None
            yield failed
            if not cut:
                return

    def close(self) -> None:
        self.through.close()
        self.proxy.close()
        self.drive.backend.close()


@pytest.fixture(params=SERVERS)
def way(request, tmp_path) -> Iterator[Way]:
    try:
        running(SERVERS[request.param])
    except Missing as missing:
        pytest.skip(str(missing))
    made = Way(request.param, tmp_path)
    yield made
    made.close()


@pytest.mark.parametrize("more", [{}, {"unique_key": "k"}], ids=["plain", "the long way"])
def test_a_push_whose_answer_was_lost_is_stored_once(way: Way, more: dict[str, str]) -> None:
    made = [envelope(**more)]
    said: list[list[Pushed]] = []
    for failed in way.cut_everywhere(lambda: said.append(way.through.push(made[-1:]))):
        (again,) = way.drive.backend.push(made[-1:])
        assert again.status == "exists" if not failed else again.status in ("created", "exists")
        assert way.drive.counts()["pending"] == 1
        way.drive.did("cancel", made[-1].id)
        made.append(envelope(**more))
    times = len(made) - 1
    assert times > 1, "it was cut at least once"
    assert {answer.status for answers in said for answer in answers} <= {"created", "exists"}
    assert sum(sample.pushed for sample in way.drive.backend.numbers.samples(0)) == times
    assert dict(way.drive.backend.numbers.recount()) == {}


def test_an_outcome_whose_answer_was_lost_counts_once(way: Way) -> None:
    way.drive.push()
    got, answers = [way.drive.take()], []
    for failed in way.cut_everywhere(lambda: answers.extend(way.through.turn([outcome(got[-1], Kind.COMPLETED)]).answers)):
        (again,) = way.drive.backend.turn([outcome(got[-1], Kind.COMPLETED)]).answers
        assert again in (Answer.OK, Answer.DUP) if failed else again is Answer.DUP
        way.drive.push()
        got.append(way.drive.take())
    times = len(got) - 1
    assert times > 1, "it was cut at least once"
    assert set(answers) <= {Answer.OK, Answer.DUP}
    assert sum(sample.completed for sample in way.drive.backend.numbers.samples(0)) == times
    assert way.drive.counts() == {"completed": times, "processing": 1}
    assert dict(way.drive.backend.numbers.recount()) == {}


def test_what_a_lost_answer_handed_out_is_found_among_what_its_executor_holds(way: Way) -> None:
    ids = way.drive.push_many(2)
    want = Want(session="w", executor=0, count=2)
    for failed in way.cut_everywhere(lambda: way.through.turn([], want)):
        held = way.drive.backend.sessions.held("w", 0)
        assert [id for id, _, _ in held] in ([], ids) if failed else [id for id, _, _ in held] == ids
        back = [Outcome(id=id, ref=ref, token=token, kind=Kind.RETURNED, started=False) for id, ref, token in held]
        assert way.through.turn(back).answers == [Answer.OK] * len(held)
        assert way.drive.counts() == {"pending": 2}


def test_a_way_that_says_nothing_any_more_counts_as_dead_and_its_successor_serves(way: Way) -> None:
    way.drive.push()
    got = way.drive.take()
    way.proxy.mute = True
    with pytest.raises(BackendUnavailable):
        way.through.turn([outcome(got, Kind.COMPLETED)])
    way.proxy.mute = False
    (answer,) = way.through.turn([outcome(got, Kind.COMPLETED)]).answers
    assert answer in (Answer.OK, Answer.DUP)
    assert way.drive.counts() == {"completed": 1}


def test_a_way_that_is_slow_is_no_fault(way: Way) -> None:
    way.proxy.delay = 0.02
    made = envelope()
    assert [answer.status for answer in way.through.push([made])] == ["created"]
    assert [one.id for one in way.through.turn([], Want(session="w", executor=0, count=1)).reservations] == [made.id]


def test_a_way_that_was_cut_is_opened_again_for_whoever_waits(way: Way) -> None:
    assert way.through.wait(["quiet"], 0.01) is False
    way.proxy.cut()
    way.drive.push()
    with suppress(BackendUnavailable):
        way.through.wait(["mails"], 5)
    assert way.through.wait(["mails"], 5) is True
