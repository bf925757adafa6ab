"""A real Redis that goes away and comes back, with a database beside it."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from horizon import on
from horizon.backends.outages import RETRY
from horizon.core import current, lanes
from horizon.core.query import JobQuery
from horizon.core.states import JobState
from horizon.runtime import Runtime
from horizon.schedule.relay import Relay
from tests.jobs.hands import Hands, runtime
from tests.jobs.sample import SendEmail
from tests.servers.fixtures import OwnServer
from tests.servers.redis import Redis
from tests.stores.lending import fresh
from tests.waiting import until

WAITING = (JobState.PENDING,)


@pytest.fixture
def server(own_server: OwnServer) -> Redis:
    return own_server(Redis, durable=True)  # type: ignore[no-any-return]


@pytest.fixture
def here(server: Redis) -> Iterator[Runtime]:
    made = runtime(
        fresh("sqlite"),
        CONNECTIONS={"redis": server.address(0), "database": fresh("sqlite"), "safe": ["redis", "database"]},
    )
    yield made
    made.close()


def dispatch(here: Runtime) -> str:
    with current.use(here):
        return str(on("mails").on_connection("safe").dispatch(SendEmail("a")))


def queues(here: Runtime, name: str) -> dict[str, str]:
    return {record.id: record.queue for record in here.backend(name).find(JobQuery(states=WAITING, limit=200)).items}


def test_redis_killed_and_back_every_job_is_there_once(here: Runtime, server: Redis) -> None:
    first = dispatch(here)
    server.stop(signal.SIGKILL)
    doubtful, diverted = dispatch(here), dispatch(here)
    on_spare = queues(here, "database")
    assert set(on_spare) == {doubtful, diverted}
    assert on_spare[diverted] == "mails"
    assert on_spare[doubtful] in ("mails", lanes.lane(lanes.ASK, "redis", "mails"))
    assert len(Hands(here, "database").run()) == list(on_spare.values()).count("mails")
    late = dispatch(here)
    server.start()
    relay = Relay(here)
    until(lambda: here.outages.down() == {} or relay.run("database"), timeout=RETRY * 10)
    until(lambda: queues(here, "database") == {} or relay.run("database"), timeout=RETRY * 10)
    there = queues(here, "redis")
    assert first in there
    assert late in there
    assert set(there.values()) == {"mails"}
    ran = len(Hands(here, "redis").run())
    assert ran == len(there)
    assert {here.everywhere().get(id).state for id in (first, doubtful, diverted, late)} == {JobState.COMPLETED}


def test_lists_and_jobs_go_on_while_redis_is_away(here: Runtime, server: Redis) -> None:
    with current.use(here):
        mine = SendEmail("a").dispatch()
    gone = dispatch(here)
    server.stop(signal.SIGKILL)
    everywhere = here.everywhere()
    assert [record.id for record in everywhere.find(JobQuery()).items] == [mine]
    assert everywhere.get(mine) is not None
    assert "redis" in here.outages.down()
    server.start()
    until(lambda: len(everywhere.find(JobQuery()).items) == 2, timeout=RETRY * 10)
    assert everywhere.get(gone) is not None
