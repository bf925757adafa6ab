"""Drives a backend the way a dispatcher, a worker and a person do, with as few words as possible."""

from __future__ import annotations

import importlib.util
import os
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from horizon.backends.base import Backend
from horizon.backends.connect import connect
from horizon.backends.drivers import register_driver
from horizon.backends.placing import Noted
from horizon.backends.values import Acted, ActParams, Reservation, SessionInfo, StoreOptions, Ticked, Verb, Verdict, VerdictKind, Want
from horizon.core.audit import AuditEntry
from horizon.core.clock import SECOND, ManualClock, Micros
from horizon.core.envelope import Edge, Envelope, On
from horizon.core.ids import uuid7
from horizon.core.outcome import Answer, Failure, Kind, Outcome
from horizon.core.query import JobQuery, Selection
from horizon.core.record import Record
from horizon.core.states import JobState
from tests.servers.redis import Redis, Valkey
from tests.servers.running import running

OTHERS = os.environ.get("HORIZON_TEST_DRIVER")
"""`scheme=module:Class`: run the suite on the driver of somebody else, and on nothing but that."""
BACKENDS = ("driver",) if OTHERS else ("memory", "sqlite", "postgres", "mariadb", "redis", "valkey")
"""Every backend that keeps the contract. A new one is one more word here and one more line in `url_of` and `is_there`."""
REDIS = {"redis": lambda: running(Redis), "valkey": lambda: running(Valkey)}
LEASE: Micros = 15 * SECOND
ENDS = (On.COMPLETED, On.FAILED, On.ANY)
"""What one can wait for of a job; a group has its progress as well."""


def url_of(kind: str, folder: Path) -> str:
    """Where the store of a test lives."""
    if kind == "driver" and OTHERS:
        scheme, _, path = OTHERS.partition("=")
        register_driver(scheme, path)
        return f"{scheme}://{folder}"
    if kind == "postgres":
        from tests.conformance.postgres import address  # only where its driver is

        return address().replace("postgresql:", "postgresql+psycopg:")
    if kind == "mariadb":
        from tests.conformance.mariadb import address  # only where its driver is

        return address()
    if kind in REDIS:
        return REDIS[kind]().address(0)
    return {"memory": "memory://", "sqlite": f"sqlite:///{sqlite_file(folder)}"}[kind]


def open_store(kind: str, folder: Path, clock: ManualClock, **options: Any) -> Backend:
    """A fresh, empty store of this kind with a clock that tests move; `options` go into `StoreOptions`."""
    if kind == "sqlite":
        sqlite_file(folder).write_bytes(empty_sqlite())
    if kind == "postgres":
        from tests.conformance.postgres import empty

        empty()
    if kind == "mariadb":
        from tests.conformance.mariadb import empty

        empty()
    if kind in REDIS:
        REDIS[kind]().drop(url_of(kind, folder))
    backend = connect(url_of(kind, folder), StoreOptions(clock=clock, lease=LEASE, **options))
    backend.ready()
    return backend


def check_left(kind: str) -> None:
    """What must hold of the store of this kind that was opened last, whatever was done to it."""
    if kind == "mariadb":
        from tests.conformance.mariadb import differing

        assert differing() == set(), "a second row does not say what the first one says"


def sqlite_file(folder: Path) -> Path:
    """The database of a test."""
    return folder / "horizon.sqlite3"


@cache
def empty_sqlite() -> bytes:
    """A database with all its tables and nothing in them: made once, because migrating takes longer than most tests."""
    with tempfile.TemporaryDirectory(prefix="horizon-empty-") as folder:
        backend = connect(url_of("sqlite", Path(folder)), StoreOptions())
        backend.ready()
        backend.close()
        return sqlite_file(Path(folder)).read_bytes()


def is_there(kind: str) -> bool:
    """Whether this backend is part of the tree."""
    if kind == "driver":
        return True
    module = {"memory": "horizon.backends.memory.backend"}.get(kind, "horizon.backends.database.backend")
    return importlib.util.find_spec(module) is not None


def envelope(name: str = "shop.jobs:Mail", queue: str = "mails", **more: Any) -> Envelope:
    """One job, ready to be pushed."""
    return Envelope(**{"id": uuid7(), "name": name, "queue": queue, "payload": b'{"args":{}}', **more})


def after(*ids: str, on: On = On.COMPLETED) -> tuple[Edge, ...]:
    """Edges to these jobs."""
    return tuple(Edge(job_id=id, on=on) for id in ids)


def outcome(of: Reservation, kind: Kind, **more: Any) -> Outcome:
    """How the attempt of this reservation ended; delays are seconds."""
    delay = round(more.pop("delay", 0) * SECOND)
    return Outcome(id=of.id, ref=of.ref, token=of.token, kind=kind, delay=delay, **more)


def error(message: str = "no such mailbox", type: str = "MailError", cause: str = "mail") -> Failure:
    """An exception as a worker would tell it."""
    return Failure(type=type, message=message, traceback=f"Traceback ...\n{type}: {message}", cause=cause)


def audit(verb: str = "retry", target: str = "some") -> AuditEntry:
    """Ana did something."""
    return AuditEntry(actor="ana", verb=verb, target=target, origin="web")


class Driver:
    """One backend, one clock, one worker session named `w`."""

    def __init__(self, backend: Backend, clock: ManualClock) -> None:
        self.backend = backend
        self.clock = clock
        self.open("w")

    # a dispatcher ---------------------------------------------------------------------------------

    def push(self, **options: Any) -> str:
        """Push one job that must be accepted; its id."""
        made = envelope(**options)
        (answer,) = self.backend.push([made])
        assert answer.status == "created", answer
        return made.id

    def push_many(self, count: int, **options: Any) -> list[str]:
        """Push several alike; their ids in order."""
        made = [envelope(**options) for _ in range(count)]
        assert [answer.status for answer in self.backend.push(made)] == ["created"] * count
        return [one.id for one in made]

    # a worker -------------------------------------------------------------------------------------

    def open(self, session: str, *, kind: str = "worker", lease: Micros = LEASE) -> Micros:
        """Start a session."""
        return self.backend.sessions.open(SessionInfo(id=session, kind=kind, host="host", pid=77), lease)

    def reserve(self, count: int = 1, *, session: str = "w", executor: int = 0, **want: Any) -> list[Reservation]:
        """What a turn hands out."""
        wanted = Want(session=session, executor=executor, count=count, **want)
        return list(self.backend.turn([], wanted).reservations)

    def take(self, id: str | None = None, **want: Any) -> Reservation:
        """Reserve exactly one job, which must be `id` where one is named."""
        (got,) = self.reserve(1, **want)
        assert id in (None, got.id)
        return got

    def settle(self, of: Reservation, kind: Kind, **more: Any) -> Answer:
        """Say how an attempt ended."""
        (answer,) = self.backend.turn([outcome(of, kind, **more)]).answers
        return answer

    def settle_all(self, attempts: Sequence[Reservation], kind: Kind = Kind.COMPLETED, **more: Any) -> list[Answer]:
        """Say of several in one turn how they ended."""
        return list(self.backend.turn([outcome(one, kind, **more) for one in attempts]).answers)

    def complete(self, of: Reservation, **more: Any) -> Answer:
        """It went well."""
        return self.settle(of, Kind.COMPLETED, **more)

    def fail(self, of: Reservation, **more: Any) -> Answer:
        """It failed for good."""
        return self.settle(of, Kind.FAILED, **{"error": error(), **more})

    def retry(self, of: Reservation, delay: float = 0, **more: Any) -> Answer:
        """It failed and comes again."""
        return self.settle(of, Kind.RETRY, **{"delay": delay, "error": error(), **more})

    def give_back(self, of: Reservation, **more: Any) -> Answer:
        """Hand it back unstarted."""
        return self.settle(of, Kind.RETURNED, **{"started": False, **more})

    def bury(self, *fates: tuple[Reservation, Verdict], session: str = "w", executor: int | None = 0) -> int:
        """The guardian says that an executor is gone, and what became of the attempts it had begun."""
        return self.backend.sessions.bury(session, executor, {of.token: verdict for of, verdict in fates})

    def crash(self, of: Reservation, *, only: bool = True, session: str = "w", executor: int = 0) -> int:
        """The executor died while running this."""
        return self.bury((of, Verdict(kind=VerdictKind.CRASH, only=only)), session=session, executor=executor)

    def run(self, id: str | None = None, kind: Kind = Kind.COMPLETED, **more: Any) -> Reservation:
        """Reserve one job and settle it at once."""
        got = self.take(id)
        assert self.settle(got, kind, **more) is Answer.OK
        return got

    # time -----------------------------------------------------------------------------------------

    def jump(self, seconds: float) -> Ticked:
        """Move the clock at once, as if nobody had been there meanwhile, then tick."""
        self.clock.advance(seconds)
        return self.backend.tick()

    def pass_time(self, seconds: int, *renewing: str) -> None:
        """Let time pass second by second, with somebody ticking and these sessions renewing."""
        for _ in range(seconds):
            self.clock.advance(1)
            for session in renewing:
                self.backend.sessions.renew(session, LEASE)
            self.backend.tick()

    # a person -------------------------------------------------------------------------------------

    def act(self, verb: Verb, *ids: str, query: JobQuery | None = None, audit: Noted = None, **params: Any) -> Acted:
        """Do something to jobs."""
        selection = Selection(ids=ids) if query is None else Selection(query=query)
        return self.backend.act(selection, verb, ActParams(**params), audit=audit)

    def did(self, verb: Verb, id: str, **params: Any) -> None:
        """Do something to one job that must not be skipped."""
        assert self.act(verb, id, **params).done == (id,)

    def refusal(self, verb: Verb, id: str, **params: Any) -> str:
        """Why this job is left alone."""
        acted = self.act(verb, id, **params)
        assert acted.done == ()
        ((skipped, reason),) = acted.skipped
        assert skipped == id
        return reason

    # a reader -------------------------------------------------------------------------------------

    def get(self, id: str) -> Record:
        """A record that must be there."""
        found = self.backend.get(id)
        assert found is not None
        return found

    def state(self, id: str) -> JobState:
        """Where a job stands."""
        return self.get(id).state

    def states(self, *ids: str) -> list[str]:
        """Where these stand, as words."""
        return [str(self.state(id)) for id in ids]

    def found(self, **query: Any) -> list[str]:
        """Ids on the first page of a search."""
        return [record.id for record in self.backend.find(JobQuery(**query)).items]

    def counts(self, queue: str = "mails") -> dict[str, int]:
        """States of one queue that hold any job, by the counters."""
        for row in self.backend.numbers.counts():
            if row.queue == queue:
                return {str(state): times for state, times in row.counts.items() if times}
        return {}
