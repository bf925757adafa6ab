"""A real server that goes away and comes back, with another store beside it."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from horizon import on
from horizon.backends.database import migrate
from horizon.core import current, lanes
from horizon.core.query import JobQuery
from horizon.core.states import JobState
from horizon.runtime import Runtime
from horizon.schedule.relay import Relay
from tests.jobs.hands import Hands, runtime
from tests.jobs.sample import SendEmail
from tests.servers.fixtures import OwnServer
from tests.servers.mariadb import MariaDB
from tests.servers.postgres import Postgres
from tests.servers.redis import Redis
from tests.servers.server import Server
from tests.stores.lending import fresh
from tests.waiting import until

WAITING = (JobState.PENDING,)


@pytest.fixture(params=[Redis, *(pytest.param(kind, marks=pytest.mark.slow) for kind in (Postgres, MariaDB))])
def server(request: pytest.FixtureRequest, own_server: OwnServer) -> Server:
    return own_server(request.param, durable=True)  # type: ignore[no-any-return]


@pytest.fixture
def here(server: Server) -> Iterator[Runtime]:
    address = server.fresh()
    if not isinstance(server, Redis):
        migrate.upgrade(address)
    made = runtime(
        fresh("sqlite"),
        CONNECTIONS={"first": address, "spare": fresh("sqlite"), "safe": ["first", "spare"]},
    )
    yield made
    made.close()


def dispatch(here: Runtime) -> str:
    with current.use(here):
        return str(on("mails").on_connection("safe").dispatch(SendEmail("a")))


def queues(here: Runtime, name: str) -> dict[str, str]:
    return {record.id: record.queue for record in here.backend(name).find(JobQuery(states=WAITING, limit=200)).items}


def test_killed_and_back_every_job_is_there_once(here: Runtime, server: Server) -> None:
    first = dispatch(here)
    server.stop(signal.SIGKILL)
    doubtful, diverted = dispatch(here), dispatch(here)
    on_spare = queues(here, "spare")
    assert set(on_spare) == {doubtful, diverted}
    assert on_spare[diverted] == "mails"
    assert on_spare[doubtful] in ("mails", lanes.lane(lanes.ASK, "first", "mails"))
    assert len(Hands(here, "spare").run()) == list(on_spare.values()).count("mails")
    late = dispatch(here)
    server.start()
    relay = Relay(here)
    until(lambda: here.outages.down() == {} or relay.run("spare"))
    until(lambda: queues(here, "spare") == {} or relay.run("spare"))
    there = queues(here, "first")
    assert first in there
    assert late in there
    assert set(there.values()) == {"mails"}
    ran = len(Hands(here, "first").run())
    assert ran == len(there)
    assert {here.everywhere().get(id).state for id in (first, doubtful, diverted, late)} == {JobState.COMPLETED}


def test_lists_and_jobs_go_on_while_it_is_away(here: Runtime, server: Server) -> None:
    with current.use(here):
        mine = SendEmail("a").dispatch()
    gone = dispatch(here)
    server.stop(signal.SIGKILL)
    everywhere = here.everywhere()
    assert [record.id for record in everywhere.find(JobQuery()).items] == [mine]
    assert everywhere.get(mine) is not None
    assert "first" in here.outages.down()
    server.start()
    until(lambda: len(everywhere.find(JobQuery()).items) == 2)
    assert everywhere.get(gone) is not None
